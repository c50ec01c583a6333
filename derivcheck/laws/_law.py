r"""What a law is: a statement with its condition and source, a rewriting, and examples.

Main definitions: `Law`, `Example`, `Context`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, final

from derivcheck.terms.signature import Signature
from derivcheck.terms.term import Node, Term


class Context(Protocol):
    """What a law may ask about the theory in force, besides the term itself.

    `granting`: every condition is granted, as the tests of the laws do; `met` is how a law asks.
    """

    @property
    def signature(self) -> Signature:
        """The theory in force."""
        ...

    def met(self, condition: bool) -> bool:
        """Whether a side condition counts as met."""
        ...

    def normal(self, t: Term) -> Term:
        """A term's normal form."""
        ...

    def shape(self, t: Term) -> tuple[str, ...] | None:
        """() for a scalar, (rows,) for a column, (rows, columns); None if it is not determined."""
        ...

    def depends(self, t: Term, on: Term) -> bool:
        """Whether a term may change with a symbol (paths and definitions included)."""
        ...

    def positive(self, t: Term) -> bool:
        """Whether a scalar is positive wherever the theory speaks."""
        ...


@final
@dataclass(frozen=True)
class Example:
    """One use of a law: a left side in LaTeX under a small theory (the keys of a theory file)."""

    left: str
    theory: Mapping[str, Sequence[str]]
    right: str | None = None  # what the law makes of it, if that is worth reading


@final
@dataclass(frozen=True)
class Law:
    r"""A textbook identity as a rewriting.

    statement: LaTeX, for people. condition: what must hold for it, "" if nothing. source: book or paper with
    its equation. on: the kinds of term that it rewrites. rewrite: the other side, or None where the law says
    nothing. holds: examples that it rewrites; refuses: examples that fail its condition and on which the
    conclusion is false.
    """

    statement: str
    source: str
    on: tuple[type[Node], ...]
    rewrite: Callable[[Term, Context], Term | None]
    holds: tuple[Example, ...]
    condition: str = ""
    refuses: tuple[Example, ...] = ()
