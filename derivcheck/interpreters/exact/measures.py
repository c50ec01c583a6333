r"""Which integrals need the real line: `\\int e^{-z^2/2} dz` means nothing on a finite axis of random weights.

On tables the base measure of an axis is arbitrary. That is right where every summand of the integrand
carries a density of the variable (or the variable only stands inside abstract functions), and wrong where
the variable's own value enters without one.
"""

from __future__ import annotations

from derivcheck.terms.term import (
    ELEMENTARY,
    Add,
    Call,
    Density,
    Derivative,
    Divergence,
    Divide,
    Expectation,
    FamilyDensity,
    Fold,
    Integral,
    Multiply,
    Negate,
    Norm,
    Number,
    Power,
    StopGradient,
    Symbol,
    SymbolRange,
    Term,
    Transpose,
)


def needs_the_line(t: Integral) -> bool:
    """Whether an integral's value depends on the measure being Lebesgue's."""
    names = {o.name for o in t.over if isinstance(o, Symbol | SymbolRange)}
    if not _value_enters(t.body, names):
        return False
    return not all(_weighted(s, names) for s in _summands(t.body))


def plain_integrals(t: Term) -> bool:
    """Whether such an integral stands anywhere in a term."""
    if isinstance(t, Integral) and needs_the_line(t):
        return True
    return any(plain_integrals(c) for c in t.children)


def _summands(t: Term) -> list[Term]:
    match t:
        case Add(terms):
            return [s for x in terms for s in _summands(x)]
        case Negate(body):
            return _summands(body)
        case _:
            return [t]


def _weighted(t: Term, names: set[str]) -> bool:
    """Whether a summand has a density of the variable as a factor."""
    match t:
        case Density(_, event):
            return any(isinstance(e, Symbol | SymbolRange) and e.name in names for e in event)
        case FamilyDensity():
            return True
        case Multiply(factors):
            return any(_weighted(f, names) for f in factors)
        case Negate(body):
            return _weighted(body, names)
        case Add(terms):
            return all(_weighted(x, names) for x in terms)
        case _:
            return False


def is_factor(law: Term, t: Term) -> bool:
    """Whether a density, or a slope of it, is a factor of every summand, so that its nodes are where an integrand is."""
    match t:
        case _ if t == law:
            return True
        case Multiply(factors):
            return any(is_factor(law, f) for f in factors)
        case Add(terms):
            return all(is_factor(law, x) for x in terms)
        case Power(base, Number(value)):
            return value > 0 and is_factor(law, base)
        case Divide(numerator, _):
            return is_factor(law, numerator)
        case Call("tr" | "vec" | "diag" | "abs", (body,)):
            return is_factor(law, body)
        case Fold(kind, body=body):
            return kind == "sum" and is_factor(law, body)
        case Negate(body) | Transpose(body) | Norm(body) | Derivative(body) | Integral(body=body) | Expectation(body) | StopGradient(body):
            return is_factor(law, body)
        case _:
            return False


def _value_enters(t: Term, names: set[str]) -> bool:
    """Whether the variable stands as a number, not inside a density or an abstract function."""
    match t:
        case Symbol(name):
            return name in names
        case Density() | Divergence():
            return False
        case Call(function) if function not in ELEMENTARY:
            return False
        case Expectation(over=over) if any(isinstance(o, Symbol) and o.name in names for o in over):
            return False
        case _:
            return any(_value_enters(c, names) for c in t.children)
