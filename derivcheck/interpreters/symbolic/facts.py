r"""What follows from the declarations: signs, order of indices, dependence.

Main definitions: `Facts`. Everything here may say False for want of knowledge; True is always right.
Positive means: wherever both sides are defined (a squared norm counts, since its logarithm exists only there).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, final

from derivcheck.interpreters.symbolic.form import Form, Monomial
from derivcheck.interpreters.symbolic.order import order
from derivcheck.interpreters.symbolic.scope import Scope
from derivcheck.laws._free import free
from derivcheck.terms.substitute import rebuild, substitute
from derivcheck.terms.term import (
    Add,
    Call,
    Constant,
    Covariance,
    Density,
    Expectation,
    FamilyDensity,
    Fold,
    Integral,
    Multiply,
    Number,
    Power,
    StopGradient,
    Symbol,
    SymbolRange,
    Term,
    Transpose,
)

if TYPE_CHECKING:
    from derivcheck.interpreters.symbolic.engine import Engine

SYMMETRIC = frozenset({"symmetric", "positive_definite", "diagonal"})
CORNERS = 6  # atoms in (0, 1) whose corners are tried
DEPTH = 4  # bounds of indices that are put in one after the other
LEAST = {"T": 2, "t": 2}  # what an index is at least where nobody says


@final
@dataclass
class Facts:
    """The questions of laws about signs and names."""

    engine: Engine
    _depends: dict[tuple[Term, Term, Scope], bool] = field(default_factory=dict)
    _order: dict[tuple[Term, Term, Scope], bool] = field(default_factory=dict)
    _coincide: dict[tuple[Term, Term, Scope], bool | None] = field(default_factory=dict)

    # --- signs -----------------------------------------------------------------------------------

    def positive(self, t: Term) -> bool:
        """Whether a scalar is positive wherever it is defined."""
        return self._positive_form(self.engine.form(t))

    def _positive_form(self, f: Form, *, factored: bool = False) -> bool:
        if f.zero or not f.scalar:
            return False
        if all(c > 0 and all(self._positive_atom(a) for a, _ in m) for (m, _), c in f.terms.items()):
            return True
        if self._between_corners(f):
            return True
        if factored or len(f.terms) < 2:
            return False
        parts = self.engine.sums.factors(f)
        if parts is None or len([1 for p, _ in parts if p.constant is None]) < 2:
            return False
        sign = 1
        for p, e in parts:
            c = p.constant
            if c is not None:
                sign = -sign if c < 0 and e % 2 else sign
            elif not (e.denominator == 1 and e % 2 == 0) and not self._positive_form(p, factored=True):
                if not self._positive_form(-p, factored=True):
                    return False
                sign = -sign
        return sign > 0

    def _between_corners(self, f: Form) -> bool:
        """A sum of degree one in each of some atoms that lie in (0, 1): it lies between its values at 0 and 1.

        Inside the cube every corner has a positive weight, so that all corners must be no less than 0, and one more.
        """
        atoms = {a for m, _ in f.terms for a, _ in m}
        unit = [a for a in sorted(atoms, key=order) if all(e == 1 for m, _ in f.terms for x, e in m if x is a) and self._unit_atom(a)]
        if not 1 <= len(unit) <= CORNERS or not all(self._positive_atom(a) for a in atoms if a not in unit):
            return False
        some = False
        for corner in product((0, 1), repeat=len(unit)):
            gone = {a for a, value in zip(unit, corner, strict=True) if not value}
            left: dict[Monomial, Fraction] = {}
            for (m, _), c in f.terms.items():
                if not any(a in gone for a, _ in m):
                    rest = tuple((a, e) for a, e in m if a not in unit)
                    left[rest] = left.get(rest, Fraction(0)) + c
            if any(c < 0 for c in left.values()):
                return False
            some = some or any(c > 0 for c in left.values())
        return some

    def _positive_atom(self, a: Term) -> bool:
        match a:
            case Number(value):
                return value > 0
            case Density() | FamilyDensity() | Constant():
                return True
            case Symbol(name):
                declared = self.engine.signature.symbols.get(name)
                if not a.index and self.counts(a):
                    return self.at_least(a, Number(Fraction(1)))
                return declared is not None and not declared.shape and declared.domain in ("positive", "unit", "natural")
            case Call("exp" | "sigmoid" | "softplus", _):
                return True
            case Call("det", (Symbol(name),)):
                declared = self.engine.signature.symbols.get(name)
                return declared is not None and declared.domain == "positive_definite"
            case Call(function):
                known = self.engine.signature.functions.get(function)
                return known is not None and known.domain in ("positive", "unit") and not known.shape
            case Add():
                return self._positive_form(self.engine.sums.known.get(a) or self.engine.form(a))
            case Fold(kind, _, lower, upper, body):
                if kind == "sum" and not self.at_least(upper, lower):
                    return False  # an empty sum is 0
                with self.engine.inside(a):
                    return self.positive(body)
            case Integral(body=body) | Expectation(body=body):
                with self.engine.inside(a):
                    return self.positive(body)
            case Multiply((Transpose(x), *middle, y)) if x == y:
                return all(self._definite(m) for m in middle) and len(middle) <= 1
            case _:
                return False

    def _definite(self, t: Term) -> bool:
        base = t.base if isinstance(t, Power) else t
        declared = self.engine.signature.symbols.get(base.name) if isinstance(base, Symbol) else None
        return declared is not None and declared.domain == "positive_definite"

    def _unit_atom(self, a: Term) -> bool:
        match a:
            case Symbol(name):
                declared = self.engine.signature.symbols.get(name)
                return declared is not None and declared.domain == "unit"
            case Call(function):
                known = self.engine.signature.functions.get(function)
                return function == "sigmoid" or (known is not None and known.domain == "unit")
            case Fold("prod", _, lower, upper, body):
                if not self.at_least(upper, lower):
                    return False  # a product of nothing is 1
                with self.engine.inside(a):
                    return self._unit_form(self.engine.form(body))
            case Add():
                return self._unit_form(self.engine.sums.known.get(a) or self.engine.form(a))
            case _:
                return False

    def _unit_form(self, f: Form) -> bool:
        return self._positive_form(f) and self._positive_form(Form({((), ()): Fraction(1)}) - f)

    def symmetric(self, base: Term) -> bool:
        """Whether a matrix equals its transpose; below a derivative by its entries these are free."""
        if base in self.engine.scope.varied:
            return False
        match base:
            case Call("diag", (body,)):
                return len(self.engine.shape(body) or ()) == 1
            case Call("kron", (a, b)):
                return all(f == f.transpose() for f in map(self.engine.form, (a, b)))
            case Symbol(name):
                declared = self.engine.signature.symbols.get(name)
                return declared is not None and declared.domain in SYMMETRIC
            case Power(inner, Number()):
                return self.symmetric(inner)
            case Covariance(left, right):
                return left == right
            case Integral(body=body) | Expectation(body=body) | Fold(body=body):
                with self.engine.inside(base):
                    f = self.engine.form(body)
                    return f == f.transpose()
            case _:
                return False

    # --- order of indices ------------------------------------------------------------------------

    def at_least(self, a: Term, b: Term) -> bool:
        """Whether index a is known to be no less than b."""
        key = (a, b, self.engine.scope)
        found = self._order.get(key)
        if found is None:
            found = self._order[key] = self._nonnegative(self.engine.form(a) - self.engine.form(b), DEPTH)
        return found

    def _nonnegative(self, f: Form, depth: int) -> bool:
        c = f.constant
        if c is not None:
            return c >= 0
        if depth == 0:
            return False
        for (m, w), k in f.terms.items():
            if len(m) != 1 or w or m[0][1] != 1 or not isinstance(m[0][0], Symbol):
                continue
            low, high = self.range_of(m[0][0])
            bound = low if k > 0 else high
            if bound is None:
                continue
            rest = Form({key: v for key, v in f.terms.items() if key != (m, w)}) + self.engine.form(bound).scaled(k)
            if self._nonnegative(rest, depth - 1):
                return True
        return False

    def counts(self, t: Symbol) -> bool:
        """Whether a letter is an index or a size."""
        if any(r[0] == t.name for r in self.engine.scope.ranges) or t.name in self.engine.signature.indices:
            return True
        declared = self.engine.signature.symbols.get(t.name)
        return declared.role in ("index", "dimension") if declared is not None else t.name in ("t", "T", "K")

    def range_of(self, index: Symbol) -> tuple[Term | None, Term | None]:
        """What an index runs over: by the fold above, the theory, or custom."""
        name = index.name
        for n, low, high in self.engine.scope.ranges:
            if n == name:
                return low, high
        declared = self.engine.signature.indices.get(name)
        if declared is not None:
            return declared.lower, declared.upper
        symbol = self.engine.signature.symbols.get(name)
        if index.index or (symbol is not None and symbol.role not in ("index", "dimension") and symbol.domain != "natural"):
            return None, None  # it does not count
        if name == "t":
            return Number(Fraction(2)), Add((Symbol("T"), Number(Fraction(-1))))
        return Number(Fraction(LEAST.get(name, 1))), None

    def coincide(self, a: tuple[Term, ...], b: tuple[Term, ...]) -> bool | None:
        """Whether two index tuples are the same: True, False, or None where it is not known."""
        if len(a) != len(b):
            return None
        answers = [self._same(x, y) for x, y in zip(a, b, strict=True)]
        if False in answers:
            return False
        return None if None in answers else True

    def _same(self, x: Term, y: Term) -> bool | None:
        key = (x, y, self.engine.scope)
        if key not in self._coincide:
            self._coincide[key] = self._compared(x, y)
        return self._coincide[key]

    def _compared(self, x: Term, y: Term) -> bool | None:
        f = self.engine.form(x) - self.engine.form(y)
        if f.zero:
            return True
        one = Form({((), ()): Fraction(1)})
        if self._nonnegative(f - one, DEPTH) or self._nonnegative(-f - one, DEPTH):
            return False
        return None

    # --- dependence ------------------------------------------------------------------------------

    def depends(self, t: Term, on: Term) -> bool:
        """Whether a term may change with a symbol, a function or a parameter below a name."""
        key = (t, on, self.engine.scope)
        found = self._depends.get(key)
        if found is None:
            t = self.engine.normal(t)
            shown = free(_moving(t) if on in self.engine.scope.varied else t)
            found = self._depends[key] = any(self.meets(x, on) for x in shown) or self.hidden(t, on)
        return found

    def hidden(self, t: Term, on: Term) -> bool:
        """Whether a term may change with a symbol that it does not show.

        A definition that was not unfolded, a path, a family's parameters, an optimum's problem, the map below a
        law, a name without its variables.
        """
        name = getattr(on, "name", None) or getattr(on, "function", None)
        if name is None:
            return False
        shown = free(t)
        if any(x in self._bare for x in shown if isinstance(x, str)) and any(not d.event for d in t.densities) and self._varies(name):
            return True
        below: set[str] = set()
        varies = self._varies(name)  # a density shows its variables, whatever its parameters are
        stack = [x if isinstance(x, str) else getattr(x, "name", "") for x in shown if isinstance(x, str | Symbol)]
        seen = set(stack)
        while stack:
            here = stack.pop()
            if varies and here in self._bare:
                continue
            below |= self._below.get(here, frozenset())
            stack += [x for x in self._below.get(here, frozenset()) if x not in seen]
            seen |= self._below.get(here, frozenset())
        if any(x == name or _parameter(x, name) for x in below):
            return True
        return any(isinstance(x, Symbol) and (self._computed(x, on) or self._source(x, on)) for x in shown)

    def _varies(self, name: str) -> bool:
        """Whether a name is that of a random variable."""
        declared = self.engine.signature.symbols.get(name)
        return declared is None or declared.role == "variable"

    @cached_property
    def _bare(self) -> frozenset[str]:
        """Densities, which may stand without their variables."""
        return frozenset(self.engine.signature.densities) | {f.density.name for f in self.engine.signature.families}

    @cached_property
    def _below(self) -> dict[str, frozenset[str]]:
        """The names that stand behind a name, its own variables apart."""
        s = self.engine.signature
        found: dict[str, frozenset[str]] = {}

        def note(name: str, names: frozenset[str], own: frozenset[str]) -> None:
            found[name] = found.get(name, frozenset()) | (names - own - {name})

        for d in s.definitions:
            head = d.head.base if isinstance(d.head, Power) else d.head
            name = head.function if isinstance(head, Call) else getattr(head, "name", "")
            note(name, d.body.names, frozenset[str]().union(*(c.names for c in head.children)))
        for f in s.families:
            note(f.density.name, f.family.names, frozenset[str]().union(*(c.names for c in f.density.children)))
        for p in s.pushforwards:
            note(p.law.name, p.image.names, frozenset[str]().union(*(c.names for c in p.image.children)))
        for o in s.optima:
            note(o.name, o.optimum.names, frozenset({o.unknown}))
        return found

    def _computed(self, x: Symbol, on: Term) -> bool:
        """Whether a variable is computed along a path from something; a bound one is drawn."""
        if self.engine.bound(x):
            return False
        for p in self.engine.signature.paths:
            if p.variable.name == x.name and len(p.variable.index) == len(x.index):
                letters = {a: b for a, b in zip(p.variable.index, x.index, strict=True) if a != b}
                if any(isinstance(a, Number) for a in letters):
                    continue
                body = substitute(p.body, letters, {}) if letters else p.body
                if any(self.meets(y, on) or (isinstance(y, Symbol) and y != x and y.name != x.name and self._computed(y, on)) for y in free(body)):
                    return True
        return False

    def _source(self, x: Symbol, on: Term) -> bool:
        """Whether a path computes what is asked about from noise."""
        noise = {s.variable.name for s in self.engine.signature.samples if isinstance(s.law, FamilyDensity)}
        noise -= {p.variable.name for p in self.engine.signature.paths}
        name = getattr(on, "name", None)
        return x.name in noise and any(p.variable.name == name and x.name in p.body.names for p in self.engine.signature.paths)

    def meets(self, x: Term | str, on: Term) -> bool:
        """Whether something free in a term may be, or be part of, what is asked about."""
        name = getattr(on, "name", None) or getattr(on, "function", None)
        if isinstance(x, str):
            return name is not None and (x == name or _parameter(x, name))
        if isinstance(x, SymbolRange):
            if x.name != name:
                return False
            if isinstance(on, Symbol) and len(on.index) == 1:
                below = self.at_least(x.lower, Add((on.index[0], Number(Fraction(1)))))
                above = self.at_least(on.index[0], Add((x.upper, Number(Fraction(1)))))
                return not (below or above)
            return True
        if isinstance(x, Symbol) and isinstance(on, Symbol):
            if x.name != name or self._drawn_apart(x, on):
                return False
            return not x.index or not on.index or self.coincide(x.index, on.index) is not False
        if isinstance(on, SymbolRange):
            return self.meets(on, x)
        return False


    def _drawn_apart(self, a: Symbol, b: Symbol) -> bool:
        """Whether one is a variable of a joint, x, and the other a draw with a number and a law of its own, x_1."""
        if bool(a.index) == bool(b.index):
            return False
        drawn, plain = (a, b) if a.index else (b, a)
        signature = self.engine.signature
        joint = any(plain in (*f.event, *f.given) for d in signature.densities.values() for f in d.factors)
        return joint and any(s.variable == drawn for s in signature.samples)


def _parameter(name: str, parameter: str) -> bool:
    r"""Whether a name has a parameter below or above it: \epsilon_{\theta} has \theta."""
    return any(f"{mark}{{{parameter}}}" in name for mark in "_^")


def _moving(t: Term) -> Term:
    """A term without what stands behind a stop-gradient."""
    return StopGradient(Number(Fraction(0))) if isinstance(t, StopGradient) else rebuild(t, _moving)
