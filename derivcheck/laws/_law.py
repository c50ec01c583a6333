r"""What a law is: a statement with its condition and source, a rewriting, and examples.

Main definitions: `Law`, `Example`, `Context`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal, Protocol, final

from derivcheck.terms.signature import Signature
from derivcheck.terms.term import Node, Symbol, Term

if TYPE_CHECKING:
    from derivcheck.laws._structure import Product


class Context(Protocol):
    """What a law may ask about the theory in force, besides the term itself.

    Terms that a law is shown have parts in normal form. All answers err on the side of False and None.
    """

    @property
    def signature(self) -> Signature:
        """The theory in force."""
        ...

    @property
    def products(self) -> dict[Term, Product]:
        """Summands that were taken apart before (`laws._structure.product_of`)."""
        ...

    def met(self, condition: bool) -> bool:
        """Whether a side condition counts as met (the tests of the laws grant every condition)."""
        ...

    def normal(self, t: Term) -> Term:
        """A term's normal form."""
        ...

    def inside(self, binder: Term) -> AbstractContextManager[None]:
        """Below a binder: its variables are bound, its index runs over its range."""
        ...

    def shape(self, t: Term) -> tuple[str, ...] | None:
        """() for a scalar, (rows,) for a column, (rows, columns); None if it is not determined."""
        ...

    def depends(self, t: Term, on: Term) -> bool:
        """Whether a term may change with a symbol (paths and definitions included)."""
        ...

    def hides(self, t: Term, on: Term) -> bool:
        """Whether a term may change with a symbol that it does not show (by a path, a definition, a bare name)."""
        ...

    def positive(self, t: Term) -> bool:
        """Whether a scalar is positive wherever it is defined."""
        ...

    def factors(self, t: Term) -> list[tuple[Term, Fraction]] | None:
        """A scalar as a product of powers of irreducible parts (a number first), None if it is too large."""
        ...

    def at_least(self, a: Term, b: Term) -> bool:
        """Whether index a is no less than index b."""
        ...

    def coincide(self, a: tuple[Term, ...], b: tuple[Term, ...]) -> bool | None:
        """Whether two index tuples are the same; None where it is not known."""
        ...

    def bound(self, t: Term) -> bool:
        """Whether an expectation or integral above binds a symbol."""
        ...

    def held(self, t: Term) -> bool:
        """Whether a symbol is an argument of a density, conditioned on, or differentiated by, above or here."""
        ...

    def caught(self, t: Term) -> bool:
        """Whether an integral or a conditional law above binds a symbol."""
        ...

    def standard(self, shape: tuple[str, ...], n: int) -> Symbol:
        """The n-th variable of a shape under which standard normal laws are written."""
        ...

    @property
    def variables(self) -> frozenset[Term]:
        """What the derivatives above are taken by: their entries are free, and a stop-gradient holds."""
        ...

    def free_outside(self, t: Term) -> bool:
        """Whether a variable stands free outside all expectations of the relation."""
        ...


@final
@dataclass(frozen=True)
class Example:
    """One use of a law: a left side in LaTeX under a small theory (the keys of a theory file)."""

    left: str
    theory: Mapping[str, Any]
    right: str | None = None  # what the law makes of it, if that is worth reading


@final
@dataclass(frozen=True)
class Law:
    r"""A textbook identity or inequality as a rewriting.

    sign: how what it rewrites stands to what it makes of it; only equations bring terms into normal form, a
    `>=` bounds a term from below. statement: LaTeX, for people. condition: what must hold for it, "" if nothing. source: book or paper with
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
    sign: Literal["=", ">=", "<="] = "="
