"""Words of matrices: transposed, closed to a number, turned in a circle.

Main definitions: `transposed`, `closed`, `least_turn`, `dimension`.
"""

from __future__ import annotations

from fractions import Fraction

from derivcheck.laws._law import Context
from derivcheck.laws._structure import multiply
from derivcheck.terms.term import Call, Identity, Multiply, Number, Power, Symbol, Term, Transpose

Word = tuple[Term, ...]


def letters_of(t: Term) -> Word:
    """The letters of a word that is written as a term; I is the empty word."""
    if isinstance(t, Identity):
        return ()
    return t.factors if isinstance(t, Multiply) else (t,)


def flipped(letter: Term, context: Context) -> Term:
    """The transpose of one letter."""
    return letter.body if isinstance(letter, Transpose) else context.normal(Transpose(letter))


def transposed(word: Word, context: Context) -> Word:
    """The transpose of a word."""
    return tuple(flipped(x, context) for x in reversed(word))


def is_column(letter: Term, context: Context) -> bool:
    """Whether a letter has one column and more than one row."""
    return len(context.shape(letter) or ()) == 1


def dimension(size: str | None, context: Context) -> Term | None:
    """A dimension's name as a term."""
    if size is None or size == "*":
        return None
    found: list[Term] = []
    for name in size.split("·"):
        declared = context.signature.symbols.get(name)
        if name.isdigit():
            found.append(Number(Fraction(int(name))))
        elif declared is not None and declared.role == "dimension":
            found.append(Symbol(name))
        else:
            return None
    return multiply(found)


def closed(word: Word, context: Context) -> Term | None:
    """The trace of a word as a term: a number where a column meets a row, else the trace of its least turn."""
    if not word:
        return None
    for i in range(len(word)):
        after = word[(i + 1) % len(word)]
        if is_column(word[i], context) and (len(word) > 1) and is_column(flipped(after, context), context):
            return multiply([*word[i + 1 :], *word[: i + 1]])
    shorter = _cancelled(word, context)
    if shorter is not None:
        return Call("tr", (shorter,))
    return Call("tr", (multiply(list(least_turn(word, context))),))


def least_turn(word: Word, context: Context) -> Word:
    """Of all turns of a word and of its transpose the first in a fixed order."""
    turns = [w[i:] + w[:i] for w in (word, transposed(word, context)) for i in range(len(w))]
    return min(turns, key=lambda w: [_order(x) for x in w])


def _order(x: Term) -> tuple[int, str]:
    return (len(str(x)), str(x))


def _cancelled(word: Word, context: Context) -> Term | None:
    """The word turned so that a letter stands beside its inverse, without them."""
    if len(word) < 2 or not any(isinstance(x, Power) or (isinstance(x, Transpose) and isinstance(x.body, Power)) for x in word):
        return None
    ends = context.normal(multiply([word[-1], word[0]]))
    if not isinstance(ends, Identity):
        return None
    return multiply(list(word[1:-1])) if len(word) > 2 else ends


def trace_of(word: Word, size: str | None, context: Context) -> Term | None:
    """The trace of a word with so many rows."""
    return closed(word, context) if word else dimension(size, context)


def square_size(t: Term, context: Context) -> str | None:
    """The number of rows of a square matrix, None for anything else or if it is not known."""
    shape = context.shape(t)
    return shape[0] if shape is not None and len(shape) == 2 and shape[0] == shape[1] else None


