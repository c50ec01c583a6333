r"""Expectations: `\mathbb{E}_{z\sim q(z|x)}[..]`, `E_{q(x_0)} f`, `E_q[..]`, `E_{x_0,\epsilon}[..]`, `E[a|b]`.

The scope is the bracket right behind, else the product to the right. Below stand, between commas:
`z \sim q(z|x)`, a density (its event is bound), or variables with laws of their own. Several laws nest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from derivcheck.notation.declaration import Notation
from derivcheck.notation.faults import NotMathematics
from derivcheck.notation.law import named_density, read_law, write_law
from derivcheck.notation.names import items_of, parts_of, split_above
from derivcheck.notation.resolve import raised, scripted
from derivcheck.notation.signs import DOTS
from derivcheck.notation.trees import plain
from derivcheck.notation.ways.fraction import whole
from derivcheck.notation.ways.name import DENSITY_LETTERS, bar_at
from derivcheck.notation.writer import ATOM, Written, commas
from derivcheck.syntax.tree import Fence, Leaf, Scripted, Tree
from derivcheck.terms.term import Density, Expectation, Law, Term

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derivcheck.notation.reader import Reader

HEADS = ("E", r"\mathbb{E}", r"\mathcal{E}")
_PARAMETERS = frozenset({r"\theta", r"\phi", r"\psi", r"\omega", r"\vartheta", r"\varphi", "w"})
_LAW_LETTERS = DENSITY_LETTERS | {r"\pi", "r"}
_FENCES = frozenset({"[", "(", r"\{"})
_COMMA = Leaf("sign", ",", 0, 0)


class Binder(NamedTuple):
    """Variables and their common law (None: each its own; no variables: the law's, as the body needs)."""

    over: tuple[Term, ...]
    law: Law | None
    given: tuple[Term, ...] = ()


# --- below ---------------------------------------------------------------------------------------


def binders(below: Tree | None, r: Reader) -> list[Binder]:
    """What stands below an expectation, outermost first."""
    if below is None:
        return [Binder((), None)]
    items = items_of(below)
    if not items:
        return [Binder((), None)]
    bar = bar_at(items)
    if bar is not None and not any(isinstance(i, Leaf) and i.text in {r"\sim", "~"} for i in items):
        return [
            Binder(tuple(r.sub(items[:bar]).list()), None, tuple(r.sub(items[bar + 1 :]).list()))
        ]
    found: list[Binder] = []
    waiting: list[Term] = []
    for entry in _runs(_entries(items), r):
        at = next(
            (
                i
                for i, item in enumerate(entry)
                if isinstance(item, Leaf) and item.text in {r"\sim", "~"}
            ),
            None,
        )
        if at is not None:
            waiting.extend(_variables(entry[:at], r))
            found.extend(_drawn(waiting, _law(entry[at + 1 :], r)))
            waiting = []
        elif (laws := _laws(entry, r)) is not None:
            if waiting:
                found.append(Binder(tuple(waiting), None))
                waiting = []
            found.extend(Binder(law.event if isinstance(law, Density) else (), law) for law in laws)
        else:
            waiting.extend(_variables(entry, r))
    if waiting:
        found.append(Binder(tuple(waiting), None))
    return found


def _entries(items: Sequence[Tree]) -> list[tuple[Tree, ...]]:
    runs: list[list[Tree]] = [[]]
    for item in items:
        if isinstance(item, Leaf) and item.text in {",", ";"}:
            runs.append([])
        else:
            runs[-1].append(item)
    return [tuple(run) for run in runs if run]


def _runs(entries: list[tuple[Tree, ...]], r: Reader) -> list[tuple[Tree, ...]]:
    r"""Entries with `z_1, \dots, z_K` put together as one."""
    out: list[tuple[Tree, ...]] = []
    for entry in entries:
        if (out and r.sub(out[-1][-1:]).head in DOTS and len(out[-1]) > 1) or (
            out and r.sub(entry).head in DOTS and len(entry) == 1
        ):
            out[-1] = (*out[-1], _COMMA, *entry)
        else:
            out.append(entry)
    return out


def _variables(items: Sequence[Tree], r: Reader) -> list[Term]:
    if not items:
        return []
    only = plain(items[0])
    r.state.naming += 1
    try:
        if len(items) == 1 and isinstance(only, Fence) and only.opening == "(":
            return r.sub(only.items).list()
        return r.sub(items).list()
    finally:
        r.state.naming -= 1


def _law(items: Sequence[Tree], r: Reader) -> Law:
    if not items:
        raise NotMathematics("no law behind \\sim", (0, 0))
    return read_law(items, r)  # type: ignore[return-value]


def _drawn(variables: list[Term], law: Law) -> list[Binder]:
    r"""`x, y \sim p(x, y)`; variables outside the event have laws of their own; a family draws each."""
    if isinstance(law, Density):
        if not law.event and law.given:
            law = Density(law.name, tuple(variables), law.given, law.index)
        if not law.event:
            return [Binder(tuple(variables), law)]
        inside = [v for v in variables if v in law.event]
        others = [v for v in variables if v not in law.event]
        if not inside:
            return [Binder(tuple(variables), law)]
        return ([Binder(tuple(others), None)] if others else []) + [Binder(tuple(inside), law)]
    if not variables:
        return [Binder((), law)]
    # `x_0, \epsilon \sim \mathcal{N}(0, I)`: the law is that of the last letter only
    letter = getattr(variables[-1], "name", "")
    others = [v for v in variables if getattr(v, "name", "") != letter]
    own = [v for v in variables if getattr(v, "name", "") == letter]
    return ([Binder(tuple(others), None)] if others else []) + [Binder((v,), law) for v in own]


def _laws(entry: tuple[Tree, ...], r: Reader) -> list[Law] | None:
    """The densities whose product the entry is: `q`, `q(z|x)`, `p(x)p(y)`."""
    found: list[Law] = []
    at = 0
    entry = tuple(item for item in entry if not (isinstance(item, Leaf) and item.kind == "apply"))
    while at < len(entry):
        fenced = at + 1 < len(entry) and isinstance(entry[at + 1], Fence)
        law = named_density(entry[at : at + 1 + fenced], r)
        if law is None or not (fenced or _is_law_name(law, entry[at], r)):
            return None
        found.append(law)
        at += 1 + fenced
    return found


def _is_law_name(law: Density, item: Tree, r: Reader) -> bool:
    role = r.lexicon.role(law.name)
    if role is not None:
        return role == "density"
    parts = parts_of(item)
    return parts is not None and parts.base.rstrip("'") in _LAW_LETTERS


def bound(found: list[Binder], body: Term, given: tuple[Term, ...] = ()) -> Term:
    """The nested expectations of a body."""
    for place, (over, law, known) in enumerate(reversed(found)):
        body = Expectation(body, over, law, (*known, *given) if place == 0 else known)
    return body


# --- the scope -----------------------------------------------------------------------------------


def _read(r: Reader) -> Term | None:
    item = r.item
    if not _is_expectation(r):
        return None
    below, above = (item.below, item.above) if isinstance(item, Scripted) else (None, None)
    if isinstance(item, Scripted) and item.primes:
        return None
    mark, index, power, primes = split_above(above)
    if index or primes or mark or (power and whole(power[0]) is None):
        r.refuse("an expectation with this superscript", r"write \mathbb{E}_{q}[…]")
    found = binders(below, r)
    r.take()
    r.skip_apply()
    if r.done:
        raise NotMathematics("an expectation of nothing", (item.start, item.end))
    node = r.item
    fence = node.base if isinstance(node, Scripted) else node
    if isinstance(fence, Fence) and fence.opening in _FENCES:
        body, given = _inside(r, fence)
        r.take()
        return raised(scripted(bound(found, body, given), node, r), power, r)
    return raised(bound(found, r.product(frozenset())), power, r)


def _is_expectation(r: Reader) -> bool:
    item = r.item
    at = r.at + 1
    while at < len(r.items) and r.heads[at] == r"\!":
        at += 1
    following = r.items[at] if at < len(r.items) else None
    if isinstance(following, Scripted):
        following = following.base
    fenced = isinstance(following, Fence) and following.opening in _FENCES
    if r.head == r"\mathbb{E}":
        return True
    parts = parts_of(item)
    if parts is None:
        return False
    name = parts.base + (f"_{{{','.join(p.label for p in parts.below)}}}" if parts.below else "")
    if r.lexicon.knows(name) or r.lexicon.knows(parts.base):
        return False
    round_bracket = isinstance(following, Fence) and following.opening == "("
    if round_bracket and not parts.below and following is not None and _is_energy(following):
        return False
    if parts.below and parts.below[0].label in _PARAMETERS and round_bracket:
        return False  # the encoder E_\theta(x)
    if r.head == r"\mathcal{E}":
        return bool(parts.below) and fenced and not round_bracket
    return fenced or (
        isinstance(item, Scripted) and item.below is not None and following is not None
    )


def _is_energy(fence: Tree) -> bool:
    """`E(x)` of a small letter is an energy; `E(X)`, `E(ab)` are expectations."""
    assert isinstance(fence, Fence)
    parts = parts_of(fence.items[0]) if len(fence.items) == 1 else None
    return parts is not None and parts.base[0].islower()


def _inside(r: Reader, fence: Fence) -> tuple[Term, tuple[Term, ...]]:
    """A bracket's body and what it is conditioned on."""
    if not fence.items:
        raise NotMathematics("an expectation of nothing", (fence.start, fence.end))
    inner = r.sub(fence.items)
    body = inner.sum()
    given: list[Term] = []
    if inner.head == "|":
        inner.take()
        given.append(inner.sum())
    while given and inner.head == ",":
        inner.take()
        given.append(inner.sum())
    inner.finish()
    return body, tuple(given)


# --- writing -------------------------------------------------------------------------------------


def below_text(over: tuple[Term, ...], law: Law | None) -> str:
    """What is written below an expectation or covariance."""
    variables = commas(over)
    if law is None:
        return variables
    if not over and isinstance(law, Density) and not law.event:
        return write_law(law)
    return rf"{variables} \sim {write_law(law)}".strip()


def _write(term: Expectation) -> Written:
    below = below_text(term.over, term.law)
    given = rf" \mid {commas(term.given)}" if term.given else ""
    text = r"\mathbb{E}" + (f"_{{{below}}}" if below else "")
    return Written(rf"{text}\left[{commas((term.body,))}{given}\right]", ATOM)


NOTATION = Notation(
    what="expectations, with and without law, bracket and condition",
    heads=HEADS,
    read=_read,
    kinds=(Expectation,),
    write=_write,
    rank=30,
    holds=(
        (r"E_{z\sim q(z|x)}[f]", r"\mathbb{E}_{z \sim q(z \mid x)}\left[f\right]"),
        (r"E_{q(z|x)}[f]", r"\mathbb{E}_{z \sim q(z \mid x)}\left[f\right]"),
        (r"E_q \log p(x) + 1", r"\mathbb{E}_{q}\left[\log\left(p(x)\right)\right] + 1"),
        (r"\mathbb{E}_{x_0,\epsilon}[f]", r"\mathbb{E}_{x_{0}, \epsilon}\left[f\right]"),
        (r"\mathbb E[a|b]", r"\mathbb{E}\left[a \mid b\right]"),
        (
            r"\mathbb{E}_{p(x)p(y)}[f]",
            r"\mathbb{E}_{x \sim p(x)}\left[\mathbb{E}_{y \sim p(y)}\left[f\right]\right]",
        ),
        (
            r"\mathbb{E}_{t, x_0\sim q(x_0), \epsilon\sim\mathcal{N}(0,I)}[f]",
            r"\mathbb{E}_{t}\left[\mathbb{E}_{x_0 \sim q(x_0)}\left[\mathbb{E}_{\epsilon\sim\mathcal{N}(0,I)}[f]\right]\right]",
        ),
        (r"\mathbb{E}_{z|x}[f]", r"\mathbb{E}_{z}\left[f \mid x\right]"),
        (r"\mathbb{E}_{z_1,\dots,z_K\sim q(z|x)}[f]", r"\mathbb{E}_{z_{1:K}\sim q(z|x)}[f]"),
        (
            r"\mathbb{E}_{x_0,\epsilon\sim\mathcal{N}(0,I)}[f]",
            r"\mathbb{E}_{x_0}\left[\mathbb{E}_{\epsilon\sim\mathcal{N}(0,I)}[f]\right]",
        ),
        (r"e^{-E(x)} E(X)", r"\exp\left(-E\!\left(x\right)\right) \, \mathbb{E}\left[X\right]"),
        (r"E[x]^2", r"\left(\mathbb{E}\left[x\right]\right)^{2}"),
        (r"\mathop{\mathbb{E}}_{x\sim p}[f]", r"\mathbb{E}_{x \sim p}\left[f\right]"),
        (r"E_\theta(x)", r"E_{\theta}\!\left(x\right)"),
    ),
    refuses=(r"\mathbb{E}_q", r"\mathbb{E}_{q}^{p}[f]", r"E[]"),
)
