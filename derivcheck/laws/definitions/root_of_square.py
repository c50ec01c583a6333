r"""A positive number whose square has a definition is the root of it."""

from __future__ import annotations

from fractions import Fraction

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._matching import unfolded_by
from derivcheck.terms.term import Call, Number, Power, Symbol, Term

TWO = Number(Fraction(2))


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Symbol)
    squares = [d for d in context.signature.definitions if isinstance(d.head, Power) and d.head.exponent == TWO and getattr(d.head.base, "name", None) == t.name]
    if not squares or context.bound(t) or context.shape(t) != () or not context.met(context.positive(t)):
        return None
    body = unfolded_by(Power(t, TWO), squares, context)
    return None if body is None or t.name in body.names else Call("sqrt", (body,))


LAW = Law(
    statement=r"\sigma = \sqrt{v} \text{ where } \sigma^2 := v",
    condition=r"\sigma > 0",
    source="Abramowitz & Stegun (1964), Handbook of Mathematical Functions, 3.7.26 (the principal square root)",
    on=(Symbol,),
    rewrite=_rewrite,
    holds=(
        Example(r"\sigma_t", {"sequences": [r"\sigma_t > 0", r"\beta_t \in (0,1)"], "definitions": [r"\sigma_t^2 = \beta_t"]}, r"\sqrt{\beta_t}"),
        Example(r"s^2 + s", {"parameters": ["s > 0", "v > 0"], "definitions": ["s^2 = v"]}, r"v + \sqrt{v}"),
    ),
    refuses=(Example(r"s", {"parameters": ["s < 0", "v > 0"], "definitions": ["s^2 = v"]}),),
)
