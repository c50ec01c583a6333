r"""Terms as unambiguous LaTeX: `read(write(t)) == t`.

Main definitions: `write`, `Written`, `put`.

Every product carries its sign (`\cdot` or `\,`), every scope its bracket. Levels say how tightly a
text holds together; a part that holds less tightly than its place asks for is bracketed.
"""

from __future__ import annotations

from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from derivcheck.notation.lexicon import Lexicon, lexicon_of
from derivcheck.notation.ways import all_ways
from derivcheck.terms.term import Add, Multiply, Negate, Relation, Symbol, Term

if TYPE_CHECKING:
    from derivcheck.notation.declaration import Notation
    from derivcheck.terms.signature import Signature

# a relation < takes all to its right < sum < signed < tensor < product with an open right end < product < atom < name
RELATION, GREEDY, SUM, SIGNED, TENSOR, OPEN, PRODUCT, ATOM, NAME = range(9)

_SIGNS = {
    "=": "=", "<=": r"\leq", ">=": r"\geq", "<": "<", ">": ">", "!=": r"\neq", "propto": r"\propto",
    "approx": r"\approx", "sim": r"\sim", "iff": r"\iff", "implies": r"\implies", "to": r"\to", ":=": ":=", "in": r"\in",
}  # fmt: skip

# the declared names that a text is written for; a context, since every way of writing asks for it
KNOWN: ContextVar[Lexicon | None] = ContextVar("KNOWN", default=None)


class Written(NamedTuple):
    """LaTeX and how tightly it holds together."""

    text: str
    level: int


@cache
def _writers(kind: type) -> tuple[Notation, ...]:
    found = [way for way in all_ways().values() if kind in way.kinds and way.write is not None]
    return tuple(sorted(found, key=lambda way: way.rank))


def written(term: Term) -> Written:
    """A term with the level of its text."""
    if isinstance(term, Add):
        return _sum(term)
    if isinstance(term, Negate):
        return Written(f"-{put(term.body, TENSOR)}", SIGNED)
    if isinstance(term, Multiply):
        return _product(term)
    if isinstance(term, Relation):
        return Written(
            f"{put(term.left, GREEDY)} {_SIGNS[term.sign]} {put(term.right, GREEDY)}", RELATION
        )
    for way in _writers(type(term)):
        assert way.write is not None
        found = way.write(term)
        if found is not None:
            return found
    raise TypeError(f"no notation writes {type(term).__name__}")


def put(term: Term, level: int) -> str:
    """A term's text, in brackets if it holds together less tightly than `level`."""
    text, own = written(term)
    return text if own >= level else rf"\left({text}\right)"


def write(term: Term, signature: Signature | None = None) -> str:
    """A term as LaTeX that reads back as the same term.

    Without a signature the text says by itself what every name is; with one, declared names are spelled
    plainly (`f_1(x)` for a declared density) and the text reads back under that signature.
    """
    token = KNOWN.set(lexicon_of(signature) if signature is not None else None)
    try:
        return written(term).text
    finally:
        KNOWN.reset(token)


def role_of(name: str) -> str | None:
    """What the signature that is written for says about a name."""
    known = KNOWN.get()
    return known.role(name) if known is not None else None


def commas(terms: tuple[Term, ...]) -> str:
    """Terms as a list."""
    return ", ".join(put(term, GREEDY) for term in terms)


def _sum(term: Add) -> Written:
    text = ""
    for place, part in enumerate(term.terms):
        if isinstance(part, Negate):
            text += f" - {put(part.body, TENSOR)}" if place else f"-{put(part.body, TENSOR)}"
        else:
            text += (" + " if place else "") + put(part, TENSOR)
    return Written(text, SUM)


def _product(term: Multiply) -> Written:
    pieces: list[str] = []
    level = PRODUCT
    for place, factor in enumerate(term.factors):
        text, own = written(factor)
        last = place == len(term.factors) - 1
        if own == OPEN and last and not isinstance(factor, Multiply):
            level = OPEN
        elif own < ATOM:
            text = rf"\left({text}\right)"
        if pieces:
            tight = text.startswith((r"\left", "(", "[", "-")) or (
                isinstance(term.factors[place - 1], Symbol)
                and (
                    term.factors[place - 1].name == "d"  # type: ignore[union-attr]
                )
            )
            pieces.append(r" \cdot " if tight else r" \, ")
        pieces.append(text)
    return Written("".join(pieces), level)
