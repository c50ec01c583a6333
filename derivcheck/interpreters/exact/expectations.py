r"""Expectations, covariances and moments on a batch of worlds."""

from __future__ import annotations

from derivcheck.interpreters.exact import continuous
from derivcheck.interpreters.exact.bound import beneath, bound_by
from derivcheck.interpreters.exact.indices import integer
from derivcheck.interpreters.exact.quadrature import weighted_sum
from derivcheck.interpreters.exact.summands import summands
from derivcheck.interpreters.exact.values import (
    CannotEvaluate,
    Value,
    add,
    multiply,
    negative,
    transpose,
)
from derivcheck.interpreters.exact.variables import no_path_on_tables, one_noise
from derivcheck.interpreters.exact.world import Env, World
from derivcheck.terms.term import (
    Covariance,
    Expectation,
    FamilyDensity,
    Moment,
    Multiply,
    Symbol,
    Term,
    Transpose,
)


def expectation(t: Expectation, world: World, env: Env) -> Value:
    """E[body], by linearity where the variables are continuous (fewer axes at a time)."""
    steps = _uniform_index(t, world, env)
    if steps is not None:
        return steps
    if world.setting.kind != "tables" and not t.given:
        parts = summands(t.body, world, env)
        if len(parts) > 1:
            values = [
                _scaled(c, _averaged(Expectation(b, t.over, t.law), world, e, t.body))
                for c, b, e in parts
            ]
            out = values[0]
            for v in values[1:]:
                out = add(out, v)
            return out
    return _averaged(t, world, env, t.body)


def _uniform_index(t: Expectation, world: World, env: Env) -> Value | None:
    r"""E_{t, ..}: the mean over an index that is drawn uniformly from a range; None if none is bound."""
    for o in t.over:
        if not isinstance(o, Symbol) or o.index:
            continue
        for s in world.signature.samples:
            if (
                s.variable == o
                and isinstance(s.law, FamilyDensity)
                and s.law.family == "uniform"
                and len(s.law.parameters) == 2
            ):
                low, high = (integer(p, env.indices) for p in s.law.parameters)
                rest = tuple(x for x in t.over if x != o)
                inner = (
                    Expectation(t.body, rest, t.law, t.given)
                    if rest or t.law is not None
                    else t.body
                )
                values = [
                    world.value(inner, env.with_index(o.name, i)) for i in range(low, high + 1)
                ]
                out = values[0]
                for v in values[1:]:
                    out = add(out, v)
                return out.with_data(out.data / len(values))
    return None


def _scaled(sign: int, v: Value) -> Value:
    return v if sign == 1 else v.with_data(sign * v.data)


def _averaged(t: Expectation, world: World, env: Env, whole: Term) -> Value:
    bindings = bound_by(t, world, env, whole)
    if world.signature.paths:
        one_noise(t.body, world, bindings[-1].env)
    weights, axes = [w for b in bindings for w in b.weights], [a for b in bindings for a in b.axes]
    if world.setting.kind == "tables" and world.signature.paths:
        no_path_on_tables(t.body, frozenset(axes), world, env)
    with world.memory.scope():
        v = world.value(t.body, beneath(axes, t.body, world, bindings[-1].env))
        return weighted_sum(v, weights, axes)


def covariance(t: Covariance, world: World, env: Env) -> Value:
    """Cov(a, b | given) = E[a b^T] - E[a] E[b]^T."""

    def mean(x: Term) -> Value:
        return world.value(Expectation(x, t.over, t.law, t.given), env)

    left = world.value(
        Expectation(Multiply((t.left, Transpose(t.right))), t.over, t.law, t.given), env
    )
    right = multiply([mean(t.left), transpose(mean(t.right))])
    return add(left, negative(right))


def moment(t: Moment, world: World, env: Env) -> Value:
    """Mean, covariance or isotropic variance of a law."""
    if world.setting.kind == "tables":
        raise CannotEvaluate("the moments of an abstract density are not compared on tables")
    return continuous.moment(t, world, env)
