"""The neutral tree of a piece of LaTeX mathematics: what stands where, without any meaning.

Main definitions: `Tree`, the union of `Leaf`, `Row`, `Group`, `Fence`, `Scripted`, `Command`, `Matrix`.
Every node carries its span: offsets into the text that was parsed. They are named tuples because a
document has tens of thousands of them.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

LeafKind = Literal[
    "letter", "number", "word", "text", "operator", "command", "sign", "bar", "apply"
]


class Leaf(NamedTuple):
    r"""One sign: a letter, a number, a bare word (`log`), a command without arguments (`\alpha`).

    kind `text`: `\text{..}`, `operator`: `\operatorname{..}`, text being the words inside; `bar`: `|` or `||`.
    """

    kind: LeafKind
    text: str
    start: int
    end: int


class Group(NamedTuple):
    """`{..}`: braces that print nothing."""

    items: tuple[Tree, ...]
    start: int
    end: int


class Fence(NamedTuple):
    r"""A pair of brackets that print: `opening` and `closing` without `\left` and `\right`."""

    opening: str
    items: tuple[Tree, ...]
    closing: str
    start: int
    end: int


class Scripted(NamedTuple):
    """A base with what stands below, above, and its primes."""

    base: Tree
    below: Tree | None
    above: Tree | None
    primes: int
    start: int
    end: int


class Command(NamedTuple):
    r"""A command with its arguments: `\frac{a}{b}`, `\bar{x}`, `\sqrt[3]{x}` (the option comes last)."""

    name: str
    arguments: tuple[Tree, ...]
    start: int
    end: int


class Matrix(NamedTuple):
    r"""An environment of cells: `\begin{pmatrix}..\end{pmatrix}`."""

    name: str
    rows: tuple[tuple[Group, ...], ...]
    start: int
    end: int


Tree = Leaf | Group | Fence | Scripted | Command | Matrix
