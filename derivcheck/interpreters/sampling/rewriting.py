r"""A term with definitions put in, indices as numbers and folds written out: what is left has one meaning.

Main definitions: `rewritten`. Laws and variables keep their names; who binds what is decided in `binding`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import assert_never

from derivcheck.interpreters.sampling.drawn import CannotSample
from derivcheck.interpreters.sampling.instance import Instance
from derivcheck.interpreters.sampling.keys import Indices, integer, key_of, placed_index
from derivcheck.interpreters.sampling.meanings import meaning
from derivcheck.terms.signature import FunctionDeclaration
from derivcheck.terms.substitute import rebuild
from derivcheck.terms.term import (
    ELEMENTARY,
    Add,
    Call,
    Constant,
    Covariance,
    Density,
    Derivative,
    Divergence,
    Divide,
    Expectation,
    FamilyDensity,
    Fold,
    Identity,
    Integral,
    Law,
    MatrixLiteral,
    Moment,
    Multiply,
    Negate,
    Norm,
    Number,
    Optimum,
    Power,
    Relation,
    StopGradient,
    Symbol,
    SymbolRange,
    Term,
    Transpose,
    Unknown,
)

MOST_TERMS = 32
DEEPEST = 60


def rewritten(t: Term, model: Instance) -> Term:
    """The term on this instance.

    Raises:
        CannotSample: a name has no meaning here, or none in draws.
    """
    return _Rewriting(model).go(t, model.indices, 0)


class _Rewriting:
    def __init__(self, model: Instance) -> None:
        self.model = model
        self.optima = {o.name for o in model.signature.optima}

    def go(self, t: Term, at: Indices, depth: int) -> Term:
        """The term where letters have these values."""
        if depth > DEEPEST:
            raise CannotSample("definitions refer to each other without end")

        def below(c: Term) -> Term:
            return self.go(c, at, depth + 1)

        match t:
            case Symbol():
                return self._symbol(t, at, depth)
            case SymbolRange():
                return self._placed(t, at)
            case Call():
                return self._call(t, at, depth)
            case Density():
                return self._density(t, at, depth)
            case FamilyDensity(family, parameters, point):
                at_point = None if point is None else self._placed(point, at)
                return FamilyDensity(family, tuple(below(p) for p in parameters), at_point)
            case Fold():
                return self._fold(t, at, depth)
            case Integral(over, body):
                return Integral(self._all(over, at), below(body))
            case Expectation(body, over, law, given):
                return Expectation(below(body), self._all(over, at), self._law(law, at, depth), self._all(given, at))
            case Covariance(left, right, over, law, given):
                return Covariance(below(left), below(right), self._all(over, at), self._law(law, at, depth), self._all(given, at))
            case Divergence(kind, p, q):
                first = self._law(p, at, depth)
                assert first is not None
                return Divergence(kind, first, self._law(q, at, depth))
            case Moment(kind, law):
                one = self._law(law, at, depth)
                assert one is not None
                return Moment(kind, one)
            case Derivative(body, wrt, kind):
                if kind != "gradient" or not isinstance(wrt, Symbol):
                    raise CannotSample(f"a derivative of the kind {kind} is not taken on draws")
                return Derivative(below(body), self._placed(wrt, at), kind)
            case Optimum():
                raise CannotSample("an optimum is not found by drawing")
            case Unknown(name):
                raise CannotSample(f"the constant {name} is open")
            case Relation():
                raise CannotSample("a statement has no value")
            case (
                Number() | Constant() | Identity() | Add() | Negate() | Multiply() | Divide() | Power() | Transpose()
                | Norm() | MatrixLiteral() | StopGradient()
            ):  # fmt: skip
                return rebuild(t, below)
            case _:
                assert_never(t)

    def _all(self, terms: tuple[Term, ...], at: Indices) -> tuple[Term, ...]:
        return tuple(self._placed(x, at) for x in terms)

    def _placed(self, t: Term, at: Indices) -> Term:
        """A variable where it is bound or named: its indices as numbers, nothing put in for it."""
        match t:
            case Symbol(name, index):
                if not index and name in at:
                    raise CannotSample(f"{name} counts something here: it is not drawn")
                placed = Symbol(name, tuple(placed_index(i, at) for i in index))
                if any(isinstance(d.head, Symbol) and d.head.name == name for d in self.model.signature.definitions):
                    raise CannotSample(f"{name} has a definition and stands where a variable is bound")
                return placed
            case SymbolRange(name, lower, upper):
                low, high = (Number(Fraction(integer(x, at))) for x in (lower, upper))
                return SymbolRange(name, low, high)
            case _:
                raise CannotSample("something that is no variable stands where a variable is needed")

    def _law(self, law: Law | None, at: Indices, depth: int) -> Law | None:
        if law is None:
            return None
        if isinstance(law, Density) and not law.event:
            return law
        found = self.go(law, at, depth + 1)
        if not isinstance(found, Density | FamilyDensity):
            raise CannotSample("a law that a formula gives has no sampler")
        return found

    def _symbol(self, t: Symbol, at: Indices, depth: int) -> Term:
        if not t.index and t.name in at:
            return Number(Fraction(at[t.name]))
        self._refuse(t.name)
        placed = Symbol(t.name, tuple(placed_index(i, at) for i in t.index))
        found = meaning(t, self.model, at)
        if found is not None:
            return self.go(found[0], {**at, **found[1]}, depth + 1)
        function = self.model.signature.functions.get(t.name)
        if function is not None and not self.model.is_variable(key_of(placed)):
            return self.go(Call(t.name, function.arguments, t.index), at, depth + 1)
        return placed

    def _refuse(self, name: str) -> None:
        if name in self.optima:
            raise CannotSample(f"{name} is an optimum, which no draw finds")

    def _call(self, t: Call, at: Indices, depth: int) -> Term:
        self._refuse(t.function)
        function = self.model.signature.functions.get(t.function)
        if t.function in ELEMENTARY and function is None:
            return Call(t.function, tuple(self.go(a, at, depth + 1) for a in t.arguments))
        found = meaning(t, self.model, at)
        if found is not None:
            return self.go(found[0], {**at, **found[1]}, depth + 1)
        if function is None and t.function in self.model.signature.densities:
            return self._density(Density(t.function, t.arguments, (), t.index), at, depth)
        if function is None:
            raise CannotSample(f"the function {t.function} is not declared")
        return self._network(t, function, at, depth)

    def _network(self, t: Call, function: FunctionDeclaration, at: Indices, depth: int) -> Term:
        if self.model.signature.pushforwards:
            raise CannotSample("a density declared as that of a function's values has no closed form in draws")
        index = tuple(placed_index(i, at) for i in t.index)
        return Call(t.function, tuple(self.go(a, at, depth + 1) for a in t.arguments), index)

    def _density(self, t: Density, at: Indices, depth: int) -> Term:
        self._refuse(t.name)
        if t.index:
            raise CannotSample(f"{t.name} with an index is one of several densities")
        if not t.event:
            return t
        placed = Density(t.name, self._all(t.event, at), self._all(t.given, at))
        found = meaning(placed, self.model, at)
        if found is not None:
            return self.go(found[0], {**at, **found[1]}, depth + 1)
        return placed

    def _fold(self, t: Fold, at: Indices, depth: int) -> Term:
        low, high = integer(t.lower, at), integer(t.upper, at)
        if high - low >= MOST_TERMS:
            raise CannotSample(f"a {t.kind} of {high - low + 1} terms")
        terms = tuple(self.go(t.body, {**at, t.index: i}, depth + 1) for i in range(low, high + 1))
        if not terms:
            return Number(Fraction(0 if t.kind == "sum" else 1))
        if len(terms) == 1:
            return terms[0]
        return Add(terms) if t.kind == "sum" else Multiply(terms)
