r"""Whether a form is never negative: a sum of divergences, squares, and bounds by Jensen.

Main definitions: `nonnegative`. What is tried, in this order: every summand has a sign; the form is one
known non-negative quantity; integrals against densities are bounded by Jensen's inequality, logarithms by
their tangent; squares are completed; sums over one range are taken term by term.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, final

from derivcheck.interpreters.symbolic.certificate import Step
from derivcheck.interpreters.symbolic.form import ONE, Form, Monomial, Unfit, number
from derivcheck.interpreters.symbolic.squares import sum_of_squares, with_middle
from derivcheck.interpreters.symbolic.write import term_of
from derivcheck.laws import all_laws
from derivcheck.laws._structure import add, multiply, product_of
from derivcheck.laws.order.optimum_ge_feasible import renamed
from derivcheck.terms.instance import Captured, instance
from derivcheck.terms.substitute import substitute, subterms
from derivcheck.terms.term import (
    Add,
    Call,
    Density,
    Divergence,
    Divide,
    Expectation,
    Fold,
    Integral,
    Multiply,
    Negate,
    Norm,
    Number,
    Power,
    Symbol,
    SymbolRange,
    Term,
    Transpose,
)

if TYPE_CHECKING:
    from derivcheck.interpreters.symbolic.engine import Engine

ZERO = Number(Fraction(0))
TANGENTS = (Fraction(1), Fraction(2), Fraction(1, 2))  # log k as log k^p / p


def nonnegative(f: Form, engine: Engine, known: list[tuple[str, Term]], depth: int = 3) -> bool:
    """Whether a scalar form is at least 0; known: non-negative terms with the laws that say so."""
    f = engine.sums.canonical(f)
    if not f.scalar:
        return False
    if signed(f, engine):
        return True
    for law, t in known:
        if _less(f, t, engine):
            engine.steps.append(Step(law, t, ZERO, ">=", engine.scope.seen_by(t).ranges))
            return True
    if sum_of_squares(f, engine):
        engine.steps.append(Step("square_nonneg", term_of(f), ZERO, ">=", engine.scope.ranges))
        return True
    if depth == 0:
        return False
    for bound in (_rayleigh(f, engine), _jensen(f, engine), *(_tangent(f, engine, p) for p in TANGENTS)):
        if bound is not None:
            mark = len(engine.steps)
            engine.steps.append(bound[1])
            if nonnegative(bound[0], engine, known, 0):
                return True
            del engine.steps[mark:]
    return _term_by_term(f, engine, known, depth - 1)


def _less(f: Form, t: Term, engine: Engine) -> bool:
    """Whether a form is a positive multiple of something known to be non-negative, and more that has a sign."""
    try:
        known = engine.form(t)
    except (Unfit, Captured):
        return False
    key = next(iter(known.terms), None)
    if key is None or known.shape != f.shape:
        return False
    c = f.terms.get(key, Fraction(0)) / known.terms[key]
    return c > 0 and signed(f - known.scaled(c), engine)


def _rayleigh(f: Form, engine: Engine) -> tuple[Form, Step] | None:
    r"""Every -c \lambda_min(M) tr(u u^T) replaced by -c tr(u M u^T), M symmetric; so for v^T v."""
    bound = f
    for (m, w), c in f.terms.items():
        least = next((a for a, e in m if isinstance(a, Call) and a.function == "lambda_min" and e == 1), None)
        if least is None or c >= 0:
            continue
        rest = tuple(p for p in m if p[0] != least)
        found = [(p, with_middle(p[0], least.arguments[0], engine)) for p in rest if p[1] == 1]
        found = [(p, t) for p, t in found if t is not None]
        if len(found) != 1 or not all(engine.positive(a) for a, _ in rest if a != found[0][0][0]):
            continue
        outer = Form({(tuple(p for p in rest if p != found[0][0]), w): c})
        bound = Form({k: v for k, v in bound.terms.items() if k != (m, w)}, f.shape) + outer * engine.form(found[0][1])  # type: ignore[arg-type]
    if bound is f:
        return None
    return bound, Step("rayleigh", term_of(f), term_of(bound), ">=", engine.scope.ranges)


def signed(f: Form, engine: Engine, *, strictly: bool = False) -> bool:
    """Whether every summand is at least 0; strictly: and one is more."""
    if not all(c > 0 and all(_nonnegative_atom(a, e, engine) for a, e in m) for (m, _), c in f.terms.items()):
        return False
    return not strictly or any(all(engine.positive(a) and (e < 0 or not _may_vanish(a)) for a, e in m) for (m, _), c in f.terms.items() if c > 0)


def _may_vanish(a: Term) -> bool:
    """Whether a squared norm stands in a term: it counts as positive, and may be 0."""
    return any(isinstance(x, Multiply) and any(isinstance(f, Transpose) for f in x.factors) for _, x in subterms(a))


def _nonnegative_atom(a: Term, e: Fraction, engine: Engine) -> bool:
    return (e.denominator == 1 and e % 2 == 0) or engine.positive(a)


def _jensen(f: Form, engine: Engine) -> tuple[Form, Step] | None:
    r"""Every mean of Σ c_i log k_i replaced by its bound - log of the mean of Π k_i^{-c_i}."""
    groups: dict[tuple[Monomial, Mean], list[tuple[Fraction, Term]]] = defaultdict(list)
    rest: dict[tuple[Monomial, tuple[()]], Fraction] = {}
    for (m, w), c in f.terms.items():
        found = _mean_of_log(m, engine)
        if found is None or not all(engine.positive(a) for a, _ in found[0]):
            rest[(m, w)] = c  # type: ignore[index]
            continue
        outer, mean, inside = found
        groups[(outer, mean)].append((c, inside))
    if not groups:
        return None
    bound = Form(rest)  # type: ignore[arg-type]
    for (outer, mean), logs in groups.items():
        ratio = multiply([Power(k, Number(-c)) for c, k in logs])
        bound = bound - engine.form(Call("log", (mean.of(ratio),))) * Form({(outer, ()): ONE})
    return bound, Step("jensen", term_of(f), term_of(bound), ">=", engine.scope.ranges)


@final
@dataclass(frozen=True)
class Mean:
    """An average: against a density, under a law, or over the terms of a sum."""

    binder: Term  # with body 1
    weight: Term

    def of(self, body: Term) -> Term:
        """The average of something."""
        match self.binder:
            case Integral(over, _):
                return Integral(over, multiply([self.weight, body]))
            case Expectation(_, over, law, given):
                return Expectation(body, over, law, given)
            case Fold(kind, index, lower, upper, _):
                return multiply([self.weight, Fold(kind, index, lower, upper, body)])
            case _:
                raise TypeError(type(self.binder).__name__)


def _mean_of_log(m: Monomial, engine: Engine) -> tuple[Monomial, Mean, Term] | None:
    """Outer factors, mean and k of a monomial that is a mean of log k."""
    binder = next((a for a, e in m if isinstance(a, Integral | Expectation | Fold) and e == 1), None)
    if binder is None:
        return None
    outer = tuple(p for p in m if p[0] != binder)
    with engine.inside(binder):
        body = product_of(binder.body, engine)
    logs = [b for b, e in body.scalars if isinstance(b, Call) and b.function == "log" and e == 1]
    weights = [b for b, e in body.scalars if isinstance(b, Density) and e == 1]
    if len(logs) != 1 or len(weights) + 1 != len(body.scalars) or body.letters:
        return None
    one = Number(ONE)
    match binder:
        case Integral(over, _):
            weight = multiply(list(weights))
            if engine.normal(Integral(over, weight)) != one:
                return None
            return outer, Mean(Integral(over, one), weight), logs[0].arguments[0]
        case Expectation(_, over, law, given) if not weights:
            return outer, Mean(Expectation(one, over, law, given), one), logs[0].arguments[0]
        case Fold("sum", index, lower, upper, _) if not weights:
            count = engine.normal(Add((upper, Negate(lower), one)))
            if (count, -ONE) not in outer:
                return None
            rest = tuple(p for p in outer if p != (count, -ONE))
            return rest, Mean(Fold("sum", index, lower, upper, one), Divide(one, count)), logs[0].arguments[0]
        case _:
            return None


def _tangent(f: Form, engine: Engine, p: Fraction) -> tuple[Form, Step] | None:
    r"""Every m Σ c_i log k_i outside integrals replaced by its bound m (1 - Π k_i^{-p c_i}) / p, m positive."""
    groups: dict[Monomial, list[tuple[Fraction, Term]]] = defaultdict(list)
    rest: dict[tuple[Monomial, tuple[()]], Fraction] = {}
    for (m, w), c in f.terms.items():
        logs = [a for a, e in m if isinstance(a, Call) and a.function == "log" and e == 1]
        outer = tuple(p for p in m if p[0] not in logs)
        if len(logs) == 1 and all(engine.positive(a) for a, _ in outer):
            groups[outer].append((c, logs[0].arguments[0]))
        else:
            rest[(m, w)] = c  # type: ignore[index]
    if not groups:
        return None
    bound = Form(rest)  # type: ignore[arg-type]
    for outer, logs in groups.items():
        if any((p * c).denominator != 1 or abs(p * c) > 4 for c, _ in logs):
            return None
        ratio = engine.form(multiply([Power(k, Number(-p * c)) for c, k in logs]))
        bound = bound + (number(1) - ratio) * Form({(outer, ()): 1 / p})
    return bound, Step("log_le_sub_one", term_of(f), term_of(bound), ">=", engine.scope.ranges)


def _term_by_term(f: Form, engine: Engine, known: list[tuple[str, Term]], depth: int) -> bool:
    """Sums over one range, or integrals over the same variables, as one; non-negative inside, so outside."""
    groups: dict[tuple[Monomial, tuple[object, ...]], list[tuple[Fraction, Term]]] = defaultdict(list)
    for (m, _), c in f.terms.items():
        binder = next((a for a, e in m if isinstance(a, Fold | Integral) and e == 1), None)
        outer = tuple(p for p in m if p[0] != binder)
        if binder is None or not all(engine.positive(a) for a, _ in outer) or (isinstance(binder, Fold) and binder.kind != "sum"):
            return False
        head = (binder.index, binder.lower, binder.upper) if isinstance(binder, Fold) else binder.over
        groups[(outer, head)].append((c, binder))
    for parts in groups.values():
        first = parts[0][1]
        body = add([Multiply((Number(c), b.body)) for c, b in parts if isinstance(b, Fold | Integral)])
        with engine.inside(first):
            if not nonnegative(engine.form(body), engine, _for_index(known, first), depth):
                return False
    return bool(groups)


def _for_index(known: list[tuple[str, Term]], binder: Term) -> list[tuple[str, Term]]:
    """What is known for every index, for the one that a sum runs over."""
    if not isinstance(binder, Fold):
        return known
    letter = Symbol(binder.index)
    return known + [(law, instance(t, {Symbol(i): letter})) for law, t in known for i in ("i", "j", "k") if i in t.names and i != binder.index]


def candidates(left: Term, right: Term, engine: Engine) -> Iterator[tuple[str, Term]]:
    """Non-negative quantities that a relation suggests: divergences of its densities, gains of its optima."""
    densities = sorted({*left.densities, *right.densities}, key=str)
    densities += [d for d in _whole_chains(engine, left.names | right.names) if d not in densities]
    names = sorted({d.name for d in densities} | {n for n in engine.signature.densities if n in left.names | right.names})
    yield from _of_laws(left, right, engine)
    yield from (("square_nonneg", t) for t in _between_squares(left, right))
    for d in densities:
        for name in names:
            if name != d.name and d.event:
                kl = Divergence("KL", d, Density(name, d.event, d.given))
                yield "kl_nonneg", kl
                if d.given:
                    yield "kl_nonneg", Expectation(kl, d.given, Density(d.name, d.given))
    used = {d.name: d.index for d in densities}
    for o in engine.signature.optima:
        sign = 1 if o.optimum.kind in ("max", "argmax", "sup") else -1
        for other in o.feasible:
            if {o.name, other} <= {*used, *left.names, *right.names}:
                best, worse = (renamed(o.optimum.body, o.unknown, n, used.get(n, ())) for n in (o.name, other))
                yield "optimum_ge_feasible", Add((best, Negate(worse)) if sign > 0 else (worse, Negate(best)))


def _of_laws(left: Term, right: Term, engine: Engine) -> Iterator[tuple[str, Term]]:
    """What the inequalities among the laws say of the parts of a relation."""
    for _, part in dict.fromkeys((*subterms(left), *subterms(right))):
        for name, law in all_laws().items():
            if law.sign != "=" and type(part) in law.on:
                bound = None
                with suppress(Unfit, Captured):
                    bound = law.rewrite(part, engine)
                if bound is not None:
                    yield name, Add((part, Negate(bound))) if law.sign == ">=" else Add((bound, Negate(part)))


def _between_squares(left: Term, right: Term) -> Iterator[Term]:
    """Of two mean squared norms under one law, the mean squared norm of the difference (Pythagoras)."""
    means = [x for side in (left, right) for _, x in subterms(side) if isinstance(x, Expectation)]
    for i, a in enumerate(means):
        for b in means[i + 1 :]:
            match a.body, b.body:
                case Power(Norm(u, "2"), Number(n)), Power(Norm(v, "2"), Number(m)) if n == m == 2 and (a.over, a.law, a.given) == (b.over, b.law, b.given):
                    yield Expectation(Power(Norm(Add((u, Negate(v))), "2"), Number(n)), a.over, a.law, a.given)
                case _:
                    pass


def _whole_chains(engine: Engine, names: frozenset[str]) -> Iterator[Density]:
    """Markov chains from their given or first variable on."""
    for name, declared in engine.signature.densities.items():
        for f in declared.factors:
            if name in names and f.index is not None and f.lower is not None and f.upper is not None and isinstance(f.event[0], Symbol) and isinstance(f.given[0], Symbol):
                first, last = (engine.normal(substitute(f.event[0].index[0], {Symbol(f.index): b}, {})) for b in (f.lower, f.upper))
                start = engine.normal(substitute(f.given[0], {Symbol(f.index): f.lower}, {}))
                yield Density(name, (SymbolRange(f.event[0].name, first, last),), (start,))
