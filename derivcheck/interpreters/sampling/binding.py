r"""Every average with the law it is over: `E_q`, `E_{x_0,\epsilon}`, KL, integrals against a density.

Main definitions: `bound_terms`. After it a term has expectations over explicit laws only, each with all its variables;
integrals that no density of the integrand can draw stay, and are finite sums on tables.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from derivcheck.interpreters.sampling.drawn import CannotSample
from derivcheck.interpreters.sampling.free import Keys, copies, event_of, free, named
from derivcheck.interpreters.sampling.instance import Instance
from derivcheck.interpreters.sampling.integrals import averaged
from derivcheck.interpreters.sampling.keys import base, keys_of, symbol_at
from derivcheck.interpreters.sampling.own_laws import own_laws
from derivcheck.interpreters.sampling.rewriting import rewritten
from derivcheck.terms.substitute import rebuild
from derivcheck.terms.term import (
    Add,
    Call,
    Covariance,
    Density,
    Derivative,
    Divergence,
    Expectation,
    FamilyDensity,
    Integral,
    Law,
    Moment,
    Multiply,
    Negate,
    Number,
    Symbol,
    Term,
    Transpose,
)

FRESH = Symbol("*x")
HALF = Number(Fraction(1, 2))


def bound_terms(terms: tuple[Term, ...], model: Instance) -> tuple[Term, ...]:
    """The sides of one relation, rewritten before, with every law explicit.

    Raises:
        CannotSample: it is not said what is averaged, or over which law.
    """
    outside = frozenset[str]().union(*(free(t, model, outside=True) for t in terms))
    full: dict[str, set[Density]] = {}
    for t in terms:
        for d in t.densities:
            if d.event:
                full.setdefault(d.name, set()).add(d)
    laws = {name: next(iter(found)) for name, found in full.items() if len(found) == 1}
    made = _Binding(model, outside)
    return tuple(made.go(t, _Scope(laws=laws)) for t in terms)


@dataclass(frozen=True)
class _Scope:
    """What is bound at a place: variables, and what a bare name stands for."""

    keys: Keys = frozenset()
    laws: dict[str, Density] = field(default_factory=dict)


class _Binding:
    def __init__(self, model: Instance, outside: Keys) -> None:
        self.model = model
        self.outside = outside

    def go(self, t: Term, at: _Scope) -> Term:
        """The term with every law below it explicit."""
        match t:
            case Density(_, (), _, _):
                return rewritten(self._explicit(t, at), self.model)
            case Integral(over, body):
                return self._integral(over, body, at)
            case Expectation():
                return self._expectation(t, at)
            case Covariance(left, right, over, law, given):
                a, b, both = (Expectation(x, over, law, given) for x in (left, right, Multiply((left, Transpose(right)))))
                return Add((self.go(both, at), Negate(Multiply((self.go(a, at), Transpose(self.go(b, at)))))))
            case Divergence():
                return self._divergence(t, at)
            case Moment(kind, law):
                return Moment(kind, self._drawable_law(self._explicit(law, at) if isinstance(law, Density) else law))
            case Derivative(body, wrt, kind):
                return Derivative(self.go(body, at), wrt, kind)
            case _:
                return rebuild(t, lambda c: self.go(c, at))

    def _explicit(self, law: Density, at: _Scope) -> Density:
        """A bare name with the variables that it has here."""
        if law.event:
            return law
        found = at.laws.get(law.name)
        if found is not None:
            return found
        joint = self.model.joint(law.name)
        if len(joint.events) != 1:
            raise CannotSample(f"the variables of the bare density {law.name} are not said")
        return Density(law.name, (symbol_at(joint.events[0]),), tuple(symbol_at(r) for r in joint.roots))

    # -- expectations -------------------------------------------------------------------------------

    def _expectation(self, t: Expectation, at: _Scope) -> Term:
        if t.given:
            return self._conditional(t, at)
        if isinstance(t.law, Density) and not t.law.event and not t.over:
            return self._all_of(t.law, t.body, at)
        if t.law is not None:
            return self._over(t.body, (self._meant(t.law, t.over, at),), at)
        inside = free(t.body, self.model)
        if t.over:
            keys = tuple(k for v in t.over for key in keys_of(v) for k in copies(key, inside))
        else:
            if inside & at.keys:
                raise CannotSample("an expectation over what is averaged already, or not: its letters are not said")
            keys = tuple(sorted(inside - self.outside - self._held()))
            ends = {p.variable.name for p in self.model.signature.paths}
            if any(base(k) in ends for k in keys):
                raise CannotSample("an expectation over what a path starts from does not say what it averages")
        return self._over(t.body, own_laws(keys, (), self.model), at)

    def _held(self) -> Keys:
        return named(tuple(x for x in self.model.signature.fixed if isinstance(x, Symbol) and self.model.is_variable(x.name)))

    def _drawable_law(self, law: Law) -> Law:
        """What a law is by its definition.

        Raises:
            CannotSample: it has a formula, and so no sampler.
        """
        found = rewritten(law, self.model) if isinstance(law, Density) else law
        if not isinstance(found, Density | FamilyDensity):
            raise CannotSample(f"a law that a formula gives ({getattr(law, 'name', law)}) has no sampler")
        return found

    def _over(self, body: Term, laws: tuple[Law, ...], at: _Scope, *, own: bool = False) -> Term:
        """The average of a body over laws, one inside the other. own: the letters are the average's, whatever stands around it."""
        if not laws:
            return self.go(body, at)
        law = self._drawable_law(laws[0])
        events = event_of(law, self.model)
        if not events:
            raise CannotSample("an expectation over a law without a variable")
        if events & at.keys and not own:
            raise CannotSample(f"{min(events & at.keys).replace('@', '_')} is bound twice")
        conditions = free(law, self.model) - events
        hidden = {k for k in conditions - at.keys - self.outside if k not in self._held() and self._drawable(k)}
        if hidden:
            raise CannotSample(f"the law is given {min(hidden).replace('@', '_')}, and nothing says what that is")
        inner = dict(at.laws)
        for named_law in (laws[0], law):
            if isinstance(named_law, Density):
                inner[named_law.name] = named_law
        return Expectation(self._over(body, laws[1:], _Scope(at.keys | events, inner)), (), law)

    def _drawable(self, key: str) -> bool:
        try:
            return bool(own_laws((key,), (), self.model))
        except CannotSample:
            return False

    def _meant(self, law: Law, over: tuple[Term, ...], at: _Scope) -> Law:
        """The law of the variables that are written below the E."""
        if isinstance(law, FamilyDensity):
            if law.point is None and len(over) == 1 and isinstance(over[0], Symbol):
                return FamilyDensity(law.family, law.parameters, over[0])
            if law.point is None or (over and over != (law.point,)):
                raise CannotSample("the variable of a law is not said")
            return law
        if not law.event:
            known = at.laws.get(law.name)
            if known is not None and named(known.event) == named(over):
                return known
            return Density(law.name, over, tuple(symbol_at(r) for r in self.model.joint(law.name).roots))
        if not over or named(over) == named(law.event):
            return law
        mine = [k for e in law.event for k in keys_of(e)]
        wanted = [k for v in over for k in keys_of(v)]
        if set(wanted) <= set(mine) or (len(mine) == len(wanted) and [base(k) for k in mine] == [base(k) for k in wanted]):
            return Density(law.name, over, law.given)
        raise CannotSample("the expectation binds other variables than its law has")

    def _all_of(self, law: Density, body: Term, at: _Scope) -> Term:
        """E_q without variables: all of q's joint that the bracket mentions, but for what stands free elsewhere."""
        joint = self.model.joint(law.name)
        inside = free(body, self.model)
        over = [k for k in joint.events if k in inside and k not in self.outside and k not in at.keys]
        if not joint.variables & inside:
            raise CannotSample(f"the expectation over {law.name} mentions none of its variables")
        held = [k for k in (*joint.events, *joint.roots) if (k in inside or k in joint.roots) and k not in over]
        if not over:
            return self.go(body, at)
        made = Density(law.name, tuple(symbol_at(k) for k in over), tuple(symbol_at(k) for k in held))
        return self._over(body, (made,), at)

    def _conditional(self, t: Expectation, at: _Scope) -> Term:
        if not all(isinstance(g, Symbol) for g in t.given) or t.over:
            raise CannotSample("a conditional expectation that is not given plain variables")
        given = named(t.given)
        keys = tuple(sorted(free(t.body, self.model) - given - self._held()))
        if not keys:
            return self.go(t.body, at)
        conditions = tuple(symbol_at(k) for k in sorted(given))
        if isinstance(t.law, Density):
            return self._over(t.body, (Density(t.law.name, tuple(symbol_at(k) for k in keys), conditions),), at, own=True)
        return self._over(t.body, own_laws(keys, conditions, self.model), at, own=True)

    # -- divergences and integrals --------------------------------------------------------------------

    def _divergence(self, t: Divergence, at: _Scope) -> Term:
        p, q = self._with_point(t.p, t.q, at), None if t.q is None else self._with_point(t.q, t.p, at)
        value_p, value_q = (_log(x if isinstance(x, FamilyDensity) else rewritten(x, self.model)) for x in (p, q or p))
        match t.kind:
            case "KL" if q is not None:
                return self._over(Add((value_p, Negate(value_q))), (p,), at, own=True)
            case "JSD" if q is not None:
                middle = _log(Multiply((HALF, Add((value_p.arguments[0], value_q.arguments[0])))))
                pairs = ((p, value_p), (q, value_q))
                halves = (self._over(Add((value, Negate(middle))), (x,), at, own=True) for x, value in pairs)
                return Multiply((HALF, Add(tuple(halves))))
            case "entropy":
                return self._over(Negate(value_p), (p,), at, own=True)
            case "cross_entropy" if q is not None:
                return self._over(Negate(value_q), (p,), at, own=True)
            case _:
                raise CannotSample(f"a divergence of the kind {t.kind} is no average")

    def _with_point(self, law: Law, other: Law | None, at: _Scope) -> Law:
        """A law with its variable, which the other law may name."""
        if isinstance(law, Density):
            if not law.event and isinstance(other, Density) and other.event and law.name not in at.laws:
                return Density(law.name, other.event, tuple(symbol_at(r) for r in self.model.joint(law.name).roots))
            return self._explicit(law, at)
        if law.point is not None:
            return law
        point: Term = FRESH
        if isinstance(other, Density) and len(other.event) == 1:
            point = other.event[0]
        elif isinstance(other, FamilyDensity) and other.point is not None:
            point = other.point
        return FamilyDensity(law.family, law.parameters, point)

    def _integral(self, over: tuple[Term, ...], body: Term, at: _Scope) -> Term:
        """An integral as averages, summand by summand, where the integrand has a density of what is integrated."""
        if named(over) & at.keys:
            raise CannotSample("an integral over what is bound already")
        found: list[Term] = []
        for summand in averaged(over, body):
            if isinstance(summand, Expectation) and summand.law is not None:
                found.append(self._over(summand.body, (summand.law,), at))
            else:
                inner = _Scope(at.keys | named(over), at.laws)
                found.append(Integral(over, self.go(summand, inner)))
        return Add(tuple(found)) if len(found) > 1 else found[0]


def _log(t: Term) -> Call:
    return Call("log", (t,))
