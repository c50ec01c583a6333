r"""Between which numbers every row of a term on tables lies: all nodes are gone through, none is drawn.

Main definitions: `bounds`. A value is held as middle ± reach, so that products with known matrices stay exact ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import final

from torch import Tensor

from derivcheck.interpreters.sampling.drawn import (
    Drawn,
    add,
    negative,
    times,
    transposed,
)
from derivcheck.interpreters.sampling.evaluate import Drawing, Env
from derivcheck.interpreters.sampling.keys import keys_of
from derivcheck.interpreters.sampling.paths import averages
from derivcheck.terms.term import (
    Add,
    Density,
    Divide,
    Expectation,
    Multiply,
    Negate,
    Number,
    Term,
    Transpose,
)


@final
@dataclass(frozen=True)
class Span:
    """middle ± reach, entry by entry, [n or 1, *shape]."""

    middle: Drawn
    reach: Drawn


def bounds(drawing: Drawing, t: Term) -> tuple[Tensor, Tensor]:
    """The least and the largest that a row of the term can be, each (*shape).

    Raises:
        CannotSample: the term joins averages in a way whose ends are not found.
    """
    found = _span(drawing, t, Env())
    low, high = found.middle.data - found.reach.data, found.middle.data + found.reach.data
    return low[0], high[0]


def _span(drawing: Drawing, t: Term, env: Env) -> Span:
    if not averages(t):
        v = drawing.value(t, env)
        return Span(v, v.of(v.data * 0))
    match t:
        case Add(terms):
            out = _span(drawing, terms[0], env)
            for x in terms[1:]:
                more = _span(drawing, x, env)
                out = Span(add(out.middle, more.middle), add(out.reach, more.reach))
            return out
        case Negate(body):
            v = _span(drawing, body, env)
            return Span(negative(v.middle), v.reach)
        case Transpose(body):
            v = _span(drawing, body, env)
            return Span(transposed(v.middle), transposed(v.reach))
        case Divide(numerator, denominator):
            return _product(_span(drawing, Divide(ONE, denominator), env), _span(drawing, numerator, env), drawing)
        case Multiply(factors):
            out = _span(drawing, factors[0], env)
            for x in factors[1:]:
                out = _product(out, _span(drawing, x, env), drawing)
            return out
        case Expectation(body, _, Density() as law, _):
            cells, inner = drawing.gone_through(tuple(k for e in law.event for k in keys_of(e)), env)
            v = _span(drawing, body, inner)
            n = inner.count
            ends = (v.middle.data - v.reach.data, v.middle.data + v.reach.data)
            low, high = (x.expand(n, *x.shape[1:]).reshape(-1, cells, *x.shape[1:]) for x in ends)
            least, most = low.amin(1), high.amax(1)
            return Span(Drawn((least + most) / 2), Drawn((most - least) / 2))
        case _:
            v = drawing.value(t, env).known("a function whose ends are not found")
            return Span(v, v.of(v.data * 0))


ONE = Number(Fraction(1))


def _product(a: Span, b: Span, drawing: Drawing) -> Span:
    """|xy − mn| ≤ |m| s + r |n| + r s for x = m ± r, y = n ± s."""

    def by(x: Drawn, y: Drawn) -> Drawn:
        return times(x, y, dots=drawing.dots)

    m, n = (v.of(v.data.abs()) for v in (a.middle, b.middle))
    reach = add(add(by(m, b.reach), by(a.reach, n)), by(a.reach, b.reach))
    return Span(by(a.middle, b.middle), reach)
