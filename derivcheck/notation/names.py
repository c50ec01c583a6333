r"""Names: one canonical spelling, and what of a subscript is an index.

Main definitions: `NameParts`, `parts_of`, `resolve`, `compose`, `split_name`.

A name is its letter, accent, primes, parameter labels below and marks above: `\bar{\alpha}`,
`\epsilon_{\theta}`, `q_{\phi}^{*}`, `X'`. Faces are no part of it. What stands below is decided in this order:
1. the name with everything below it as a label is declared: a name;
2. a part is an index if it is a number, one of i j k l m n s t T, bound by a sum around it, declared as
   an index, or an expression in such letters (`t-1`); everything else is a label;
3. a label may carry an index of its own: `\mu_{x_t}` is `\mu_{x}` at t.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from derivcheck.notation.trees import ACCENTS, ALPHABETS, FACES, plain, text_of, word_of
from derivcheck.syntax.tree import Command, Fence, Group, Leaf, Scripted, Tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

INDEX_LETTERS = frozenset("ijklmnstT")
_PAIR_LETTERS = frozenset("ijklmn")
GREEK = frozenset(
    rf"\{name}"
    for name in (
        "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi rho varrho "
        "sigma varsigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi "
        "Omega ell hbar imath jmath varkappa omicron pi Pr"
    ).split()
)
_STARS = {
    "*": "*",
    r"\star": "*",
    r"\ast": "*",
    r"\dagger": r"\dagger",
    r"\dag": r"\dagger",
    r"\circ": r"\circ",
}
TRANSPOSES = frozenset({"T", r"\top", r"\intercal", r"\trans", r"\transpose"})
_CLEAN = re.compile(r"\s+")


class Part(NamedTuple):
    r"""One entry of a subscript: its text as a label, and its items if it may be an index.

    nested: it stands below the entry before it: the 1 of `p_{\theta_1}`, not of `p_{\theta,1}`.
    """

    kind: Literal["index", "label", "range"]
    label: str
    items: tuple[Tree, ...]
    nested: bool = False


class NameParts(NamedTuple):
    r"""A name taken apart. above: what is left of a superscript (an exponent); brackets: `\tilde{W_p(t)}`."""

    base: str
    below: tuple[Part, ...]
    mark: str
    above_index: tuple[tuple[Tree, ...], ...]
    above: tuple[Tree, ...]
    brackets: Fence | None
    word: bool


def base_name(tree: Tree) -> str | None:
    """The letter of a name, None if the node is none."""
    tree = plain(tree)
    if isinstance(tree, Leaf):
        if tree.kind == "letter":
            return tree.text
        return tree.text if tree.kind == "command" and tree.text in GREEK else None
    if isinstance(tree, Command):
        if tree.name in ALPHABETS:
            letter = text_of(tree.arguments[0])
            return f"{ALPHABETS[tree.name]}{{{letter}}}" if letter else None
        if tree.name in ACCENTS:
            inner = base_name(tree.arguments[0]) or word_of(tree.arguments[0])
            return f"{ACCENTS[tree.name]}{{{inner}}}" if inner else None
    return None


def items_of(tree: Tree | None) -> tuple[Tree, ...]:
    """What stands in a script or argument, its braces taken off."""
    if tree is None:
        return ()
    while isinstance(tree, Group) or (isinstance(tree, Command) and tree.name in FACES):
        if isinstance(tree, Command):
            if word_of(tree) is not None:
                break
            tree = tree.arguments[0]
        elif len(tree.items) == 1:
            tree = tree.items[0]
        else:
            return tree.items
    return (tree,)


def parts_of(tree: Tree) -> NameParts | None:
    r"""A name taken apart: `\bar{\alpha_t}`, `q_{\phi}^{*}`, `\Sigma^{*-1}`; None if the node is no name."""
    tree = _outermost(tree)
    primes, below, above = 0, None, None
    core = tree
    if isinstance(tree, Scripted):
        core, below, above, primes = tree.base, tree.below, tree.above, tree.primes
    inner, brackets = _accented(core)
    word = word_of(core)
    if inner is None:
        base = word or base_name(core)
        if base is None:
            return None
        inside: NameParts | None = None
    else:
        base, inside = inner.base, inner
    own = below_parts(below)
    mark, above_index, rest, more_primes = split_above(above)
    if inside is not None:
        own = inside.below + own
        mark = mark or inside.mark
        above_index = inside.above_index + above_index
        if inside.above and rest:
            return None
        rest = rest or inside.above
    return NameParts(
        base + "'" * (primes + more_primes),
        own,
        mark,
        above_index,
        rest,
        brackets,
        word is not None,
    )


def _outermost(tree: Tree) -> Tree:
    while isinstance(tree, Group) and len(tree.items) == 1:
        tree = tree.items[0]
    if isinstance(tree, Command) and tree.name in FACES and word_of(tree) is None:
        inside = tree.arguments[0]
        if isinstance(inside, Group) and len(inside.items) == 1:
            return _outermost(inside.items[0])
        return _outermost(inside) if not isinstance(inside, Group) else tree
    return tree


def _accented(core: Tree) -> tuple[NameParts | None, Fence | None]:
    r"""The parts of what stands under an accent, if more than a letter: `\bar{\alpha_t}`, `\tilde{W_p(t)}`."""
    core = plain(core)
    if isinstance(core, Scripted):  # {x_t}^2
        return parts_of(core), None
    if not (isinstance(core, Command) and core.name in ACCENTS):
        return None, None
    inside = items_of(core.arguments[0])
    brackets = None
    if len(inside) == 2 and isinstance(inside[1], Fence) and inside[1].opening == "(":
        brackets = inside[1]
    elif len(inside) != 1:
        return None, None
    found = parts_of(inside[0])
    if found is None:
        return None, None
    return found._replace(
        base=f"{ACCENTS[core.name]}{{{found.base}}}", word=False
    ), brackets or found.brackets


# --- below ---------------------------------------------------------------------------------------


def split_at(items: Sequence[Tree], signs: Iterable[str]) -> list[tuple[Tree, ...]]:
    """The runs of items between signs."""
    runs: list[list[Tree]] = [[]]
    signs = frozenset(signs)
    for item in items:
        if isinstance(item, Leaf) and item.text in signs and item.kind in {"sign", "bar"}:
            runs.append([])
        else:
            runs[-1].append(item)
    return [tuple(run) for run in runs]


def below_parts(tree: Tree | None) -> tuple[Part, ...]:
    """The entries of a subscript."""
    if tree is None:
        return ()
    found: list[Part] = []
    for run in split_at(items_of(tree), ","):
        found.extend(_entry(run))
    return tuple(found)


def _entry(run: tuple[Tree, ...]) -> list[Part]:
    if any(isinstance(item, Leaf) and item.text == ":" for item in run):
        return [Part("range", label_text(run), run)]
    if len(run) == 1:
        item = plain(run[0])
        if isinstance(item, Fence) and item.opening == "[":  # the writer's mark of an index
            return [Part("index", label_text(item.items), item.items)]
        if isinstance(item, Scripted):
            return _scripted_entry(item)
        if word_of(run[0]) is not None or (
            isinstance(run[0], Command) and run[0].name == r"\mathrm"
        ):
            return [Part("label", label_text(run), ())]
    if run and all(isinstance(i, Leaf) and i.text in _PAIR_LETTERS for i in run):
        return [Part("index", i.text, (i,)) for i in run if isinstance(i, Leaf)]
    return [Part("index" if is_index(run) else "label", label_text(run), run)]


def _scripted_entry(item: Scripted) -> list[Part]:
    base = plain(item.base)
    if isinstance(base, Leaf) and base.text in INDEX_LETTERS:
        return [Part("index", label_text((item,)), (item,))]
    inner = below_parts(item.below)
    if item.above is not None or item.primes or not inner:
        return [Part("label", label_text((item,)), ())]
    return [Part("label", label_text((item.base,)), (item.base,)), *(part._replace(nested=True) for part in inner)]


def is_index(run: Sequence[Tree], bound: Iterable[str] = ()) -> bool:
    """Whether a run is an index by itself: a number, an index letter, an expression in them."""
    letters = 0
    for written in run:
        item = plain(written)
        if isinstance(item, Leaf) and item.kind == "letter":
            if item.text not in INDEX_LETTERS and item.text not in bound:
                return False
            letters += 1
        elif isinstance(item, Leaf) and (
            item.kind == "number" or item.text in {"+", "-", "*", "/"}
        ):
            continue
        elif not (isinstance(item, Fence) and is_index(item.items, bound)):
            return False
    operators = sum(isinstance(i, Leaf) and i.text in {"+", "-", "*", "/"} for i in run)
    if len(run) > 1 and not operators:  # `2t` is an index, `n2` and `tr` are labels
        return letters == 1 and len(run) == 2 and getattr(plain(run[0]), "kind", "") == "number"
    return bool(run)


def label_text(run: Sequence[Tree]) -> str:
    """The text of a label: letters run together, commands as they are, faces taken off."""
    out = ""
    for item in run:
        piece = _label_piece(item)
        if out and re.search(r"\\[a-zA-Z]+$", out) and piece[:1].isalpha():
            out += " "
        out += piece
    return out


def _label_piece(item: Tree) -> str:
    item = plain(item)
    if (word := word_of(item)) is not None:
        return word
    if isinstance(item, Leaf):
        return item.text
    if isinstance(item, Group):
        return label_text(item.items)
    if isinstance(item, Fence):
        return f"{item.opening}{label_text(item.items)}{item.closing}"
    if isinstance(item, Scripted):
        out = _label_piece(item.base) + "'" * item.primes
        if item.below is not None:
            out += f"_{{{_label_piece(item.below)}}}"
        return out + (f"^{{{_label_piece(item.above)}}}" if item.above is not None else "")
    if isinstance(item, Command):
        if item.name in ALPHABETS or item.name in ACCENTS:
            name = ALPHABETS.get(item.name) or ACCENTS[item.name]
            return f"{name}{{{label_text(item.arguments)}}}"
        return item.name + "".join(f"{{{label_text((a,))}}}" for a in item.arguments)
    return item.name


# --- above ---------------------------------------------------------------------------------------


def split_above(
    tree: Tree | None,
) -> tuple[str, tuple[tuple[Tree, ...], ...], tuple[Tree, ...], int]:
    r"""What of a superscript is a mark (`*`), an index (`(k)`), an exponent, a prime."""
    items = list(items_of(tree))
    mark, primes = "", 0
    while items:
        leaf = plain(items[0])
        if (
            isinstance(leaf, Leaf)
            and leaf.text in _STARS
            and (leaf.text != r"\circ" or len(items) == 1)
        ):
            mark += _STARS[leaf.text]
        elif isinstance(leaf, Leaf) and leaf.text == r"\prime":
            primes += 1
        else:
            break
        items.pop(0)
    if len(items) == 1:
        only = items[0]
        if isinstance(only, Fence) and only.opening == "(" and is_index(only.items, "abcdeghr"):
            return mark, (only.items,), (), primes
        word = word_of(only)
        if word is not None and word not in TRANSPOSES:
            return mark + word, (), (), primes
        if isinstance(only, Leaf) and only.text in {"+", "-"}:
            return mark + only.text, (), (), primes
    elif len(items) == 3 and all(isinstance(i, Leaf) and i.kind == "letter" for i in items):
        word = "".join(i.text for i in items if isinstance(i, Leaf))
        if word in {"old", "new", "opt", "ref"}:
            return mark + word, (), (), primes
    return mark, (), tuple(items), primes


# --- names as strings ----------------------------------------------------------------------------


def compose(base: str, labels: Sequence[str], mark: str) -> str:
    r"""The canonical spelling: `q_{\phi}^{*}`."""
    below = f"_{{{','.join(labels)}}}" if labels else ""
    return base + below + (f"^{{{mark}}}" if mark else "")


def labels_of(below: Iterable[Part]) -> list[str]:
    r"""The labels of a subscript's entries: `\theta_{1}` of `p_{\theta_1}`, `\theta` and `1` of `p_{\theta,1}`."""
    found: list[str] = []
    for part in below:
        if part.nested and found:
            found[-1] += f"_{{{part.label}}}"
        else:
            found.append(part.label)
    return found


def spellings(below: tuple[Part, ...]) -> tuple[list[str], ...]:
    r"""The labels as they are written, and as they may have been declared: all side by side, numbers below."""
    as_written = labels_of(below)
    beside = [part.label for part in below]
    beneath = labels_of(part._replace(nested=part.nested or part.label.isdigit()) for part in below)
    return as_written, beside, beneath


_NAME = re.compile(r"^(?P<base>.*?)(?:_\{(?P<below>.*?)\})?(?:\^\{(?P<mark>[^{}]*)\})?$", re.DOTALL)


def split_name(name: str) -> tuple[str, tuple[str, ...], str]:
    r"""A canonical name taken apart again: base, labels, mark."""
    mark = ""
    if name.endswith("}") and "^{" in name:
        name, mark = name[: name.rindex("^{")], name[name.rindex("^{") + 2 : -1]
    place = _below_at(name)
    if place is None:
        return name, (), mark
    labels: list[str] = [""]
    depth = 0
    for sign in name[place + 2 : -1]:
        depth += (sign in "{([") - (sign in "})]")
        if sign == "," and depth == 0:
            labels.append("")
        else:
            labels[-1] += sign
    return name[:place], tuple(labels), mark


def _below_at(name: str) -> int | None:
    depth = 0
    for place, sign in enumerate(name):
        if sign == "_" and depth == 0 and name[place + 1 : place + 2] == "{":
            return place
        depth += (sign == "{") - (sign == "}")
    return None
