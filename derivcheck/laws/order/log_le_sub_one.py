r"""The logarithm lies below its tangent at 1."""

from __future__ import annotations

from fractions import Fraction

from derivcheck.laws._law import Context, Example, Law
from derivcheck.terms.term import Add, Call, Number, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Call)
    return Add((t.arguments[0], Number(Fraction(-1)))) if t.function == "log" and len(t.arguments) == 1 else None


LAW = Law(
    statement=r"\log u \leq u - 1",
    source="Abramowitz & Stegun (1964), Handbook of Mathematical Functions, 4.1.33",
    on=(Call,),
    rewrite=_rewrite,
    sign="<=",
    holds=(
        Example(r"\log a", {"parameters": ["a > 0"]}, "a - 1"),
        Example(r"\log \frac{a}{b}", {"parameters": ["a > 0", "b > 0"]}, r"\frac{a}{b} - 1"),
    ),
)
