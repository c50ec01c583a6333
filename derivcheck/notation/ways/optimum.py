r"""Optima: `\min_\theta`, `\max`, `argmax_D`, `\arg\min`, `\inf_{t\ge 0}`; their scope reaches over `+` to the end.

It ends before a summand that starts with another optimum: `\min A + \min B`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivcheck.notation.declaration import Notation
from derivcheck.notation.faults import NotMathematics
from derivcheck.notation.names import items_of, split_at
from derivcheck.notation.signs import SIGNS
from derivcheck.notation.trees import word_of
from derivcheck.notation.writer import GREEDY, Written, commas
from derivcheck.syntax.tree import Command, Fence, Leaf, Scripted, Tree
from derivcheck.terms.term import Call, Number, Optimum, Term

if TYPE_CHECKING:
    from derivcheck.notation.reader import Reader

_WORDS = {
    r"\min": "min", "min": "min", r"\max": "max", "max": "max", "argmin": "argmin", "argmax": "argmax",
    r"\argmin": "argmin", r"\argmax": "argmax", r"\inf": "inf", "inf": "inf", r"\sup": "sup", "sup": "sup",
    r"\argmin*": "argmin", r"\argmax*": "argmax", "minimize": "min", "maximize": "max",
}  # fmt: skip
_ARG = frozenset({r"\arg", "arg"})
_HEADS = frozenset(_WORDS) | _ARG | {r"\underset"}


def _read(r: Reader) -> Term | None:
    at = r.at
    item = r.take()
    kind = _kind(item, r)
    if kind is None:
        r.at = at
        return None
    below = item.below if isinstance(item, Scripted) else None
    node = item.base if isinstance(item, Scripted) else item
    if isinstance(node, Command) and node.name == r"\underset":
        below = node.arguments[0]
    if kind == "arg":  # \arg\min_x
        item = r.take()
        kind = _kind(item, r)
        if kind not in {"min", "max"}:
            r.refuse(r"\arg of something else than \min or \max", item=item)
        below = item.below if isinstance(item, Scripted) else below
        kind = f"arg{kind}"
    if r.head == ":":
        r.take()
    r.skip_apply()
    if r.done:
        raise NotMathematics(f"{kind} of nothing", (item.start, item.end))
    if kind == "max" and below is None and (found := _rectified(r)) is not None:
        return found
    over = _over(r, below)
    body = r.sum(stop_before=_HEADS)
    return Optimum(kind, over, body)  # type: ignore[arg-type]


def _rectified(r: Reader) -> Term | None:
    r"""`\max(0, x)` is the rectifier."""
    node = r.item
    if not isinstance(node, Fence) or node.opening not in {"(", r"\{", "["}:
        return None
    entries = split_at(node.items, ",")
    if len(entries) != 2:
        return None
    values = [r.sub(entry).row() for entry in entries]
    zero = next((i for i, v in enumerate(values) if isinstance(v, Number) and v.value == 0), None)
    if zero is None:
        r.refuse("the larger of two values", item=node)
    r.take()
    return Call("relu", (values[1 - zero],))


def _kind(item: Tree, r: Reader) -> str | None:
    node = item.base if isinstance(item, Scripted) else item
    if isinstance(node, Command) and node.name == r"\underset":
        inside = items_of(node.arguments[1])
        words = [word_of(i) or getattr(i, "text", "") for i in inside]
        joined = "".join(w.lstrip("\\") for w in words)
        return _WORDS.get(joined)
    if isinstance(node, Leaf):
        return (
            "arg"
            if node.text in _ARG
            else _WORDS.get(node.text.replace(r"\,", "").replace(" ", ""))
        )
    word = word_of(node)
    return _WORDS.get(word) if word else None


def _over(r: Reader, below: Tree | None) -> tuple[Term, ...]:
    if below is None:
        return ()
    items = items_of(below)
    at = next(
        (i for i, t in enumerate(items) if isinstance(t, Leaf) and t.text in SIGNS), len(items)
    )
    r.state.naming += 1
    found = tuple(r.sub(items[:at]).list())
    r.state.naming -= 1
    return found


def _write(term: Optimum) -> Written:
    word = rf"\operatorname{{{term.kind}}}" if term.kind.startswith("arg") else rf"\{term.kind}"
    below = f"_{{{commas(term.over)}}}" if term.over else ""
    return Written(rf"{word}{below}\left[{commas((term.body,))}\right]", GREEDY)


NOTATION = Notation(
    what="minima, maxima, infima, suprema and where they are attained",
    heads=tuple(_HEADS),
    read=_read,
    rank=30,
    kinds=(Optimum,),
    write=_write,
    holds=(
        (r"argmax_D a + b", r"\operatorname{argmax}_{D}\left[a + b\right]"),
        (r"\min a + \min b", r"\left(\min\left[a\right]\right) + \left(\min\left[b\right]\right)"),
        (r"\max_\theta\min_w - f", r"\max_{\theta}\left[\min_{w}\left[-f\right]\right]"),
        (r"\arg\min_x f", r"\operatorname{argmin}_{x}\left[f\right]"),
        (r"\operatorname*{arg\,max}_{q \in Q} f", r"\operatorname{argmax}_{q}\left[f\right]"),
        (r"\inf_{t\ge 0} f", r"\inf_{t}\left[f\right]"),
        (r"\max(0, x)", r"\operatorname{relu}\left(x\right)"),
        (r"\min_D : f", r"\min_{D}\left[f\right]"),
        (r"\underset{x}{\arg\min} f", r"\operatorname{argmin}_{x}\left[f\right]"),
    ),
    refuses=(r"\min_x", r"\min(a,b)"),
)
