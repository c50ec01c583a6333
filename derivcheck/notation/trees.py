r"""What a node of the syntax tree looks like to a reader: its head, its face taken off.

Main definitions: `head`, `plain`, `word_of`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from derivcheck.syntax.tree import Command, Fence, Group, Leaf, Matrix, Scripted, Tree

if TYPE_CHECKING:
    from collections.abc import Sequence

# `\mathbf{x}` is x: the face of a letter is no part of its name
FACES = frozenset(
    rf"\{face}"
    for face in (
        "mathbf boldsymbol bm pmb symbf symbfup symbfit symup symit mathrm mathit mathsf mathtt mathnormal bold "
        "mathop mathbin mathrel mathord mathopen mathclose boxed fbox ensuremath smash underbrace overbrace "
        "vec overrightarrow underline"
    ).split()
)
ACCENTS = {
    r"\bar": r"\bar", r"\overline": r"\bar", r"\widebar": r"\bar", r"\tilde": r"\tilde", r"\widetilde": r"\tilde",
    r"\hat": r"\hat", r"\widehat": r"\hat", r"\dot": r"\dot", r"\ddot": r"\ddot", r"\check": r"\check",
    r"\breve": r"\breve", r"\acute": r"\acute", r"\grave": r"\grave", r"\mathring": r"\mathring",
}  # fmt: skip
ALPHABETS = {
    r"\mathcal": r"\mathcal", r"\cal": r"\mathcal", r"\mathscr": r"\mathcal", r"\mathfrak": r"\mathfrak",
    r"\mathbb": r"\mathbb", r"\mathds": r"\mathbb",
}  # fmt: skip
_UPRIGHT = frozenset({r"\mathrm", r"\mathsf", r"\mathop", r"\mathtt", r"\mathit", r"\mathnormal"})


def plain(tree: Tree) -> Tree:
    """The node without faces and needless braces."""
    while True:
        if isinstance(tree, Group) and len(tree.items) == 1:
            tree = tree.items[0]
        elif isinstance(tree, Command) and tree.name in FACES:
            tree = tree.arguments[0]
        else:
            return tree


def _squeezed(text: str) -> str:
    r"""`arg\,max` is argmax."""
    return re.sub(r"\\[,;:! ]|\s+", "", text)


def text_of(tree: Tree) -> str | None:
    """The letters of a node that holds nothing else, run together."""
    tree = plain(tree)
    if isinstance(tree, Leaf):
        return (
            tree.text
            if tree.kind in {"letter", "number", "word", "text", "operator"} or tree.text in "-*."
            else None
        )
    if isinstance(tree, Group):
        parts = [text_of(item) for item in tree.items]
        return None if None in parts or not parts else "".join(p or "" for p in parts)
    return None


def word_of(tree: Tree) -> str | None:
    r"""The word of a name of several letters: `KL` of `\mathrm{KL}`, `Stop-Grad` of `\operatorname{Stop-Grad}`."""
    if isinstance(tree, Leaf):
        return _squeezed(tree.text) if tree.kind in {"word", "text", "operator"} else None
    if isinstance(tree, Command) and tree.name in _UPRIGHT:
        inside = tree.arguments[0]
        if isinstance(inside, Group) and len(inside.items) == 1:
            inside = plain(inside)
            return word_of(inside)
        text = text_of(inside) if isinstance(inside, Group) else None
        return text if text and len(text) > 1 and text[0].isalpha() else None
    return None


_SPLICED = frozenset(
    {r"\underbrace", r"\overbrace", r"\boxed", r"\fbox", r"\ensuremath", r"\smash", r"\underline"}
)
_WORDS = frozenset(
    {
        "KL",
        "JSD",
        "JS",
        "TV",
        "ELBO",
        "tr",
        "Tr",
        "Var",
        "Cov",
        "det",
        "diag",
        "vec",
        "log",
        "exp",
        "const",
    }
)


def spliced(items: Sequence[Tree]) -> Sequence[Tree]:
    """A row with its braces taken off: `{-a} b` prints no bracket, so it is none."""
    if not any(_opens(item) for item in items):
        return items
    out: list[Tree] = []
    for item in items:
        out.extend(spliced(_inside(item)) if _opens(item) else (item,))
    return out


def _opens(item: Tree) -> bool:
    if isinstance(item, Group):
        return not (len(item.items) > 1 and text_of(item) in _WORDS)
    return isinstance(item, Command) and item.name in _SPLICED


def _inside(item: Tree) -> Sequence[Tree]:
    if isinstance(item, Group):
        return item.items
    assert isinstance(item, Command)
    return _inside(item.arguments[0]) if isinstance(item.arguments[0], Group) else item.arguments


def head(tree: Tree) -> str:
    r"""What a node is looked up by: its sign (`\int`, `E`, `\mathbb{E}`, `KL`) or the kind of node."""
    if isinstance(tree, Leaf):
        if tree.kind == "number":
            return ":number"
        return _squeezed(tree.text) if tree.kind in {"text", "operator"} else tree.text
    if isinstance(tree, Scripted):
        return head(tree.base)
    if isinstance(tree, Fence):
        return (
            ":bars"
            if tree.opening in {"|", "||"}
            else ":angle"
            if tree.opening == r"\langle"
            else ":fence"
        )
    if isinstance(tree, Command):
        if (word := word_of(tree)) is not None:
            return word
        if tree.name in FACES:
            return head(tree.arguments[0])
        if tree.name in ALPHABETS:
            letter = text_of(tree.arguments[0])
            return f"{ALPHABETS[tree.name]}{{{letter}}}"
        return ":accent" if tree.name in ACCENTS else tree.name
    if isinstance(tree, Group):
        if len(tree.items) == 1:
            return head(tree.items[0])
        word = text_of(tree)
        return word if word in _WORDS else ":group"
    assert isinstance(tree, Matrix)
    return ":matrix"
