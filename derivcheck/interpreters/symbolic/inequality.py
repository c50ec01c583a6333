r"""Whether a form is never negative: a sum of divergences, squares, and bounds by Jensen.

Main definitions: `nonnegative`. What is tried, in this order: every summand has a sign; the form is one
known non-negative quantity; integrals against densities are bounded by Jensen's inequality, logarithms by
their tangent; squares are completed; sums over one range are taken term by term.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from derivcheck.interpreters.symbolic.certificate import Step
from derivcheck.interpreters.symbolic.form import ONE, Form, Monomial, number
from derivcheck.interpreters.symbolic.squares import sum_of_squares
from derivcheck.interpreters.symbolic.write import term_of
from derivcheck.laws._structure import add, multiply, product_of
from derivcheck.terms.term import Add, Call, Density, Fold, Integral, Multiply, Number, Power, Term

if TYPE_CHECKING:
    from derivcheck.interpreters.symbolic.engine import Engine

ZERO = Number(Fraction(0))


def nonnegative(f: Form, engine: Engine, known: list[tuple[str, Term]], depth: int = 3) -> bool:
    """Whether a scalar form is at least 0; known: non-negative terms with the laws that say so."""
    f = engine.sums.canonical(f)
    if not f.scalar:
        return False
    if signed(f, engine):
        return True
    for law, t in known:
        if signed(f - engine.form(t), engine):
            engine.steps.append(Step(law, t, ZERO))
            return True
    if depth == 0:
        return False
    for bound in (_jensen(f, engine), _tangent(f, engine)):
        if bound is not None:
            mark = len(engine.steps)
            engine.steps.append(bound[1])
            if nonnegative(bound[0], engine, known, 0):
                return True
            del engine.steps[mark:]
    if sum_of_squares(f, engine):
        engine.steps.append(Step("square_nonneg", term_of(f), ZERO))
        return True
    return _term_by_term(f, engine, known, depth - 1)


def signed(f: Form, engine: Engine, *, strictly: bool = False) -> bool:
    """Whether every summand is at least 0; strictly: and one is more."""
    if not all(c > 0 and all(_nonnegative_atom(a, e, engine) for a, e in m) for (m, _), c in f.terms.items()):
        return False
    return not strictly or any(all(engine.positive(a) and not isinstance(a, Multiply) for a, _ in m) for (m, _), c in f.terms.items() if c > 0)


def _nonnegative_atom(a: Term, e: Fraction, engine: Engine) -> bool:
    return (e.denominator == 1 and e % 2 == 0) or engine.positive(a)


def _jensen(f: Form, engine: Engine) -> tuple[Form, Step] | None:
    r"""Every \int W Σ c_i log k_i replaced by its bound - log \int W Π k_i^{-c_i}, W a density."""
    groups: dict[tuple[Monomial, tuple[Term, ...], Term], list[tuple[Fraction, Term]]] = defaultdict(list)
    rest: dict[tuple[Monomial, tuple[()]], Fraction] = {}
    for (m, w), c in f.terms.items():
        integral = next((a for a, e in m if isinstance(a, Integral) and e == 1), None)
        outer = tuple(p for p in m if p[0] != integral)
        found = None if integral is None else _weighted_log(integral, engine)
        if integral is None or found is None or not all(engine.positive(a) for a, _ in outer):
            rest[(m, w)] = c  # type: ignore[index]
            continue
        weight, inside = found
        groups[(outer, integral.over, weight)].append((c, inside))
    if not groups:
        return None
    bound = Form(rest)  # type: ignore[arg-type]
    for (outer, over, weight), logs in groups.items():
        if engine.normal(Integral(over, weight)) != Number(ONE):
            return None
        ratio = multiply([Power(k, Number(-c)) for c, k in logs])
        mean = engine.form(Call("log", (Integral(over, multiply([weight, ratio])),)))
        bound = bound - mean * Form({(outer, ()): ONE})
    return bound, Step("jensen", term_of(f), term_of(bound))


def _weighted_log(integral: Integral, engine: Engine) -> tuple[Term, Term] | None:
    """W and k of the integral of W log k."""
    with engine.inside(integral):
        body = product_of(integral.body, engine)
    logs = [b for b, e in body.scalars if isinstance(b, Call) and b.function == "log" and e == 1]
    weights = [b for b, e in body.scalars if isinstance(b, Density) and e == 1]
    if len(logs) != 1 or len(weights) + 1 != len(body.scalars) or body.letters or not weights:
        return None
    return multiply(list(weights)), logs[0].arguments[0]


def _tangent(f: Form, engine: Engine) -> tuple[Form, Step] | None:
    r"""Every m Σ c_i log k_i outside integrals replaced by its bound m (1 - Π k_i^{-c_i}), m positive."""
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
        if any(c.denominator != 1 or abs(c) > 4 for c, _ in logs):
            return None
        ratio = engine.form(multiply([Power(k, Number(-c)) for c, k in logs]))
        bound = bound + (number(1) - ratio) * Form({(outer, ()): ONE})
    return bound, Step("log_le_sub_one", term_of(f), term_of(bound))


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
            if not nonnegative(engine.form(body), engine, known, depth):
                return False
    return bool(groups)


def candidates(left: Term, right: Term, engine: Engine) -> Iterator[tuple[str, Term]]:
    """Non-negative quantities that a relation suggests: divergences of its densities, gains of its optima."""
    from derivcheck.laws.order.optimum_ge_feasible import renamed
    from derivcheck.terms.term import Divergence, Expectation, Negate

    densities = sorted({*left.densities, *right.densities}, key=str)
    names = sorted({d.name for d in densities} | {n for n in engine.signature.densities if n in left.names | right.names})
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
                best, worse = (_objective(o.optimum.body, o.unknown, n, used.get(n, ()), renamed) for n in (o.name, other))
                yield "optimum_ge_feasible", Add((best, Negate(worse)) if sign > 0 else (worse, Negate(best)))


def _objective(body: Term, unknown: str, name: str, index: tuple[Term, ...], renamed: object) -> Term:
    return renamed(body, unknown, name, index)  # type: ignore[operator]
