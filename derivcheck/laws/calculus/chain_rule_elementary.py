r"""The chain rule for elementary functions of a number."""

from __future__ import annotations

from fractions import Fraction

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._structure import ONE
from derivcheck.laws.calculus._parts import of
from derivcheck.terms.term import (
    Add,
    Call,
    Derivative,
    Divide,
    Multiply,
    Negate,
    Number,
    Power,
    Term,
)

TWO = Number(Fraction(2))


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Derivative)
    if t.kind not in ("gradient", "time", "jacobian") or not isinstance(t.body, Call) or len(t.body.arguments) != 1:
        return None
    inner = t.body.arguments[0]
    if context.shape(inner) != ():
        return None
    slope = _slope(t.body.function, inner, t.body)
    return None if slope is None else Multiply((slope, of(inner, t)))


def _slope(function: str, x: Term, value: Term) -> Term | None:
    match function:
        case "log":
            return Divide(ONE, x)
        case "exp":
            return value
        case "sin":
            return Call("cos", (x,))
        case "cos":
            return Negate(Call("sin", (x,)))
        case "tanh":
            return Add((ONE, Negate(Power(value, TWO))))
        case "sigmoid":
            return Multiply((value, Add((ONE, Negate(value)))))
        case "softplus":
            return Call("sigmoid", (x,))
        case "arctan":
            return Divide(ONE, Add((ONE, Power(x, TWO))))
        case _:
            return None


_AB = {"parameters": ["a > 0", r"b \in (0,1)"]}

LAW = Law(
    statement=r"\frac{\partial}{\partial x} f(g(x)) = f'(g(x)) \frac{\partial g}{\partial x}",
    source="Rudin (1976), Principles of Mathematical Analysis, theorem 5.5; Abramowitz & Stegun (1964), Handbook of Mathematical Functions, chapter 4 (the derivatives)",
    on=(Derivative,),
    rewrite=_rewrite,
    holds=(
        Example(r"\frac{\partial}{\partial b} \log(1 - b)", _AB, r"-\frac{1}{1 - b}"),
        Example(r"\frac{\partial}{\partial a} \exp(a^2)", _AB, r"2 a \exp(a^2)"),
        Example(r"\frac{\partial}{\partial a} \tanh(a)", _AB, r"1 - \tanh(a)^2"),
    ),
)
