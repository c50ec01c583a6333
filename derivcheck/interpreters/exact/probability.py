r"""Densities, integrals, expectations and divergences on a batch of worlds.

A law binds variables: on tables to their axes, with families to quadrature nodes. Either way an
expectation is a weighted sum over the axes that the binding made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

import torch

from derivcheck.interpreters.exact import gaussians, optima
from derivcheck.interpreters.exact.definitions import expansion
from derivcheck.interpreters.exact.indices import integer, matched
from derivcheck.interpreters.exact.measures import needs_the_line
from derivcheck.interpreters.exact.mentions import free_variables
from derivcheck.interpreters.exact.tables import axis_weights, log_density
from derivcheck.interpreters.exact.values import (
    CannotEvaluate,
    Value,
    add,
    multiply,
    rename,
    scale,
    sum_over,
    transpose,
)
from derivcheck.terms.term import (
    Add,
    Call,
    Covariance,
    Density,
    Divergence,
    Divide,
    Expectation,
    FamilyDensity,
    Fold,
    Integral,
    Moment,
    Multiply,
    Negate,
    Symbol,
    SymbolRange,
    Term,
)

if TYPE_CHECKING:
    from derivcheck.interpreters.exact.world import Env, World


MAX_SPLIT = 16


@final
@dataclass(frozen=True)
class Binding:
    """Variables bound by a law or a measure: where they stand, the axes to sum, the weights."""

    env: Env
    axes: tuple[str, ...]
    weight: Value  # not a logarithm


# --- densities as values ---------------------------------------------------------------------------


def density(t: Density, world: World, env: Env) -> Value:
    """The value of a density where it stands."""
    v = log_of(t, world, env)
    return v.with_data(torch.exp(v.data))


def log_of(t: Density, world: World, env: Env) -> Value:
    """log of a density's value."""
    t = explicit(t, world, env)
    found = expansion(t, world, env)
    if found is not None:
        v = world.value(found[0], env.with_indices(found[1]))
        return v.with_data(torch.log(v.data))
    if any(o.name == t.name for o in world.signature.optima):
        return optima.log_optimal_density(t, world, env)
    if world.setting.kind != "tables":
        return gaussians.log_density(t, world, env)
    return on_table(t, world, env)


def explicit(t: Density, world: World, env: Env) -> Density:
    """A bare name with the variables it has here: by the expectation it stands in, or its full mention."""
    if t.event:
        return t
    law = env.laws.get(t.name) or world.full_laws.get(t.name)
    if law is not None and law.event:
        return law
    if t.name not in world.signature.densities:
        world.unbound.add(t.name)
    joint = world.joint(t.name)
    if len(joint.events) == 1:
        return Density(t.name, (_symbol(joint.events[0]),), tuple(_symbol(r) for r in joint.roots))
    raise CannotEvaluate(f"the variables of the bare density {t.name} are not said")


def on_table(t: Density, world: World, env: Env) -> Value:
    """A density on finite axes."""
    joint = world.joint(t.name)
    event = slots(t.name, t.event, world, env)
    given = slots(t.name, t.given, world, env)
    if t.name in world.member_tables:
        if set(event) != set(joint.events) or set(given) != set(joint.roots):
            raise CannotEvaluate(f"only the whole density {t.name.split('#')[0]} has a value here")
        return rename(world.member_tables[t.name][0], {**event, **given})
    return log_density(world, joint, {s: a for s, a in event.items() if given.get(s) != a}, given)


def slots(name: str, terms: tuple[Term, ...], world: World, env: Env) -> dict[str, str]:
    """The joint's variables that the text names, each with the axis it lies on."""
    variables = world.joint(name).variables
    out: dict[str, str] = {}
    for t in terms:
        if not isinstance(t, Symbol | SymbolRange):
            raise CannotEvaluate(f"{name} at something other than a variable has no value on tables")
        for key in world.keys(t, env.indices):
            slot = world.drawn_as.get(key, key)
            if slot not in variables:
                slot = key.split("@")[0]
            if slot not in variables and len(variables) == 1 and len(terms) == 1:
                slot = variables[0]
            if slot not in variables:
                raise CannotEvaluate(f"the density {name} is not declared over {shown(key)}")
            if slot in out:
                raise CannotEvaluate(f"the density {name} is given {shown(slot)} twice")
            out[slot] = key
    return out


def shown(key: str) -> str:
    """A ground key as a reader writes it."""
    name, _, index = key.partition("@")
    return f"{name}_{{{index}}}" if index else name


def _symbol(key: str) -> Symbol:
    from fractions import Fraction

    from derivcheck.terms.term import Number

    name, _, index = key.partition("@")
    if not index:
        return Symbol(name)
    return Symbol(name, (Number(Fraction(int(index))),) if index.lstrip("-").isdigit() else (Symbol(index),))


def log_family(t: FamilyDensity, world: World, env: Env) -> Value:
    """log density of a named family at its point."""
    if t.point is None:
        raise CannotEvaluate("a law stands where a number is needed")
    if world.setting.kind == "tables":
        raise CannotEvaluate("a family has no value on finite tables")
    return gaussians.log_family(t, world.value(t.point, env), world, env)


# --- binding ---------------------------------------------------------------------------------------


def bind_law(law: Density | FamilyDensity, over: tuple[Term, ...], world: World, env: Env) -> Binding:
    """Bind the variables `over` (or the law's own) by a law."""
    if isinstance(law, FamilyDensity):
        if world.setting.kind == "tables":
            raise CannotEvaluate("a family has no value on finite tables")
        return gaussians.bind_family(law, over, world, env)
    if over and not law.event:
        joint_roots = _roots(law, world)
        law = Density(law.name, over, law.given or joint_roots)
    law = explicit(law, world, env)
    if over and over != law.event:
        copies = _copies(law, over, world, env)
        if copies:
            return _independent(law, copies, world, env)
        law = _moved(law, over, world, env)
    inner = env.with_law(law)
    if world.setting.kind != "tables":
        return gaussians.bind_density(law, world, inner)
    keys = tuple(k for e in law.event for k in world.keys(e, env.indices))
    taken = {k for g in law.given for k in world.symbols_of(g, env.indices)}
    keys = tuple(k for k in keys if k not in taken)
    _ensure_axes(keys, world, env)
    weight = log_of(law, world, inner)
    for k in keys:
        weight = add(weight, axis_weights(world, k))
    return Binding(inner, keys, weight.with_data(torch.exp(weight.data)))


def _ensure_axes(keys: tuple[str, ...], world: World, env: Env) -> None:
    for k in keys:
        if k in env.values:
            raise CannotEvaluate(f"{shown(k)} is bound twice")


def _roots(law: Density, world: World) -> tuple[Term, ...]:
    try:
        return tuple(_symbol(r) for r in world.joint(law.name).roots)
    except CannotEvaluate:
        return ()


def _copies(law: Density, over: tuple[Term, ...], world: World, env: Env) -> tuple[str, ...]:
    r"""Indexed copies z_1, z_2 of the one variable z of a law (i.i.d.), if that is what is bound."""
    if len(law.event) != 1 or not isinstance(law.event[0], Symbol):
        return ()
    name = law.event[0].name
    want = tuple(k for o in over for k in world.keys(o, env.indices))
    if name in world.slot_keys and all(k.split("@")[0] == name and "@" in k for k in want):
        return want
    return ()


def _independent(law: Density, copies: tuple[str, ...], world: World, env: Env) -> Binding:
    out = Binding(env, (), Value((), torch.ones(1, dtype=torch.float64)))
    for k in copies:
        b = bind_law(Density(law.name, (_symbol(k),), law.given), (), world, out.env)
        out = Binding(b.env, (*out.axes, *b.axes), scale(out.weight, b.weight))
    return out


def _moved(law: Density, over: tuple[Term, ...], world: World, env: Env) -> Density:
    r"""E_{z_k \sim q(z|x)}: the law of a copy of z."""
    mine = [k for e in law.event for k in world.keys(e, env.indices)]
    want = [k for o in over for k in world.keys(o, env.indices)]
    if set(want) <= set(mine):
        return Density(law.name, over, law.given) if set(want) != set(mine) else law
    if len(mine) == len(want) == 1 and all(world.drawn_as.get(w) == m for w, m in zip(want, mine, strict=True)):
        return Density(law.name, over, law.given)
    if len(mine) == len(want) and [k.split("@")[0] for k in mine] == [k.split("@")[0] for k in want]:
        return Density(law.name, over, law.given)
    raise CannotEvaluate("the expectation binds other variables than its law has")


def own_law(keys: tuple[str, ...], given: tuple[Term, ...], world: World, env: Env) -> list[tuple[tuple[str, ...], Density | FamilyDensity]]:
    """The laws that the theory gives to variables: by sampling statements, else the one joint that has them."""
    out: list[tuple[tuple[str, ...], Density | FamilyDensity]] = []
    rest: list[str] = []
    for key in keys:
        declared = _sampled_law(key, world)
        if declared is not None and not given:
            out.append(((key,), declared))
        else:
            rest.append(key)
    if rest:
        names = [n for n in world.signature.densities if _holds(n, rest, world)]
        if len(names) > 1:  # the one in which they come first: x_0 ~ q(x_0), not the end of p_θ's chain
            names = [n for n in names if _unconditioned(n, rest, world)] or names
        if len(names) != 1:
            raise CannotEvaluate(
                f"the law of {', '.join(shown(k) for k in rest)} is not said" if not names
                else f"{', '.join(shown(k) for k in rest)} has more than one law here: {', '.join(names)}"
            )
        out.append((tuple(rest), Density(names[0], tuple(_symbol(k) for k in rest), given)))
    return out


def _sampled_law(key: str, world: World) -> Density | FamilyDensity | None:
    """The law that a sampling statement gives to the variable at a ground key."""
    name, _, index = key.partition("@")
    for s in world.signature.samples:
        if s.variable.name != name:
            continue
        if not s.variable.index and not index:
            return s.law
        if index.lstrip("-").isdigit() and matched(s.variable.index, _symbol(key).index, {}, world.fixed) is not None:
            return s.law
    return None


def _unconditioned(name: str, keys: list[str], world: World) -> bool:
    """Whether the variables have a factor of their own, or are what the joint is conditioned on."""
    joint = world.joint(name)
    first = {e for f in joint.factors if not f.given for e in f.event} | set(joint.roots)
    return all(k in first or k.split("@")[0] in first for k in keys)


def _holds(name: str, keys: list[str], world: World) -> bool:
    try:
        variables = world.joint(name).variables
    except CannotEvaluate:
        return False
    return all(k in variables or k.split("@")[0] in variables for k in keys)


# --- expectations ----------------------------------------------------------------------------------


def expectation(t: Expectation, world: World, env: Env) -> Value:
    """E[body], by linearity where the variables are continuous (fewer axes at a time)."""
    steps = _uniform_index(t, world, env)
    if steps is not None:
        return steps
    if world.setting.kind != "tables" and not t.given:
        parts = _summands(t.body, world, env)
        if len(parts) > 1:
            values = [_scaled(c, _expectation(Expectation(b, t.over, t.law), world, e, t.body)) for c, b, e in parts]
            out = values[0]
            for v in values[1:]:
                out = add(out, v)
            return out
    return _expectation(t, world, env, t.body)


def _log_summands(sign: int, t: Term, world: World, env: Env) -> list[tuple[int, Term, Env]]:
    """log of a product of densities as the sum of their logs (all are positive)."""
    match t:
        case Divide(numerator, denominator) if _positive(t):
            return _log_summands(sign, numerator, world, env) + _log_summands(-sign, denominator, world, env)
        case Multiply(factors) if _positive(t):
            return [p for f in factors for p in _log_summands(sign, f, world, env)]
        case Fold("prod", index, lower, upper, inner) if _positive(t):
            low, high = integer(lower, env.indices), integer(upper, env.indices)
            if high - low <= MAX_SPLIT:
                return [p for i in range(low, high + 1) for p in _log_summands(sign, inner, world, env.with_index(index, i))]
        case Density():
            parts = gaussians.direct_factors(t, world, env)
            if len(parts) > 1:
                made = [Density(t.name, tuple(_symbol(k) for k in f.event), tuple(_symbol(k) for k in f.given)) for f in parts]
                return [(sign, Call("log", (d,)), env) for d in made]
        case _:
            pass
    return [(sign, Call("log", (t,)), env)]


def _positive(t: Term) -> bool:
    """Whether a term is a product or quotient of densities only."""
    match t:
        case Density() | FamilyDensity():
            return True
        case Divide() | Multiply():
            return all(_positive(c) for c in t.children)
        case Fold("prod"):
            return _positive(t.body)
        case _:
            return False


def _uniform_index(t: Expectation, world: World, env: Env) -> Value | None:
    r"""E_{t, ..}: the mean over an index that is drawn uniformly from a range; None if none is bound."""
    for o in t.over:
        if not isinstance(o, Symbol) or o.index:
            continue
        for s in world.signature.samples:
            if s.variable == o and isinstance(s.law, FamilyDensity) and s.law.family == "uniform" and len(s.law.parameters) == 2:
                low, high = (integer(p, env.indices) for p in s.law.parameters)
                rest = tuple(x for x in t.over if x != o)
                inner = Expectation(t.body, rest, t.law, t.given) if rest or t.law is not None else t.body
                values = [world.value(inner, env.with_index(o.name, i)) for i in range(low, high + 1)]
                out = values[0]
                for v in values[1:]:
                    out = add(out, v)
                return out.with_data(out.data / len(values))
    return None


def _scaled(sign: int, v: Value) -> Value:
    return v if sign == 1 else v.with_data(sign * v.data)


def _summands(body: Term, world: World, env: Env) -> list[tuple[int, Term, Env]]:
    match body:
        case Add(terms):
            return [p for x in terms for p in _summands(x, world, env)]
        case Negate(inner):
            return [(-s, b, e) for s, b, e in _summands(inner, world, env)]
        case Fold("sum", index, lower, upper, inner):
            low, high = integer(lower, env.indices), integer(upper, env.indices)
            if high - low > MAX_SPLIT:
                return [(1, body, env)]
            return [p for i in range(low, high + 1) for p in _summands(inner, world, env.with_index(index, i))]
        case Call("log", (inner,)):
            return _log_summands(1, inner, world, env)
        case _:
            return [(1, body, env)]


def _expectation(t: Expectation, world: World, env: Env, whole: Term) -> Value:
    binding = _bind(t, world, env, whole)
    out = env
    axes: list[str] = []
    weights: list[Value] = []
    for b in binding:
        axes += b.axes
        weights.append(b.weight)
        out = b.env
    v = world.value(t.body, out)
    for w in weights:
        v = scale(w, v)
    for axis in axes:
        v = sum_over(v, axis, None, 1)
    return v


def _bind(t: Expectation, world: World, env: Env, whole: Term) -> list[Binding]:
    if t.given:
        return _conditional(t, world, env)
    if t.law is not None:
        if isinstance(t.law, Density) and not t.law.event and not t.over:
            return [_bind_all(t.law, t.body, whole, world, env)]
        return [bind_law(t.law, t.over, world, env)]
    keys = _own_keys(t, world, env)
    out: list[Binding] = []
    here = env
    laws = own_law(keys, (), world, env)
    for k in _shared_conditions(laws, keys, world, env):
        b = bind_law(own_law((k,), (), world, env)[0][1], (_symbol(k),), world, here)
        here = b.env
        out.append(b)
    for some, law in laws:
        b = bind_law(law, tuple(_symbol(k) for k in some), world, here)
        here = b.env
        out.append(b)
    return out or [Binding(env, (), Value((), torch.ones(1, dtype=torch.float64)))]


def _shared_conditions(laws: list[tuple[tuple[str, ...], Density | FamilyDensity]], keys: tuple[str, ...], world: World, env: Env) -> list[str]:
    r"""What the laws of x_1, x_2 ~ p(x'|x) are conditioned on and nothing else binds: it is averaged over too."""
    out: dict[str, None] = {}
    for _, law in laws:
        if isinstance(law, Density):
            for g in law.given:
                for k in world.symbols_of(g, env.indices):
                    if k not in keys and k not in world.free_outside and k not in env.values and f"*bound {k}" not in env.laws:
                        out[k] = None
    return list(out)


def _own_keys(t: Expectation, world: World, env: Env) -> tuple[str, ...]:
    """The variables an expectation without a law binds: the named ones, else all that stand free in it."""
    mentioned = free_variables(t.body, world, env)
    if not t.over:
        return tuple(sorted(_sources(mentioned, world, env) - world.free_outside - env.values.keys() - held_fixed(world, env)))
    out: list[str] = []
    for o in t.over:
        if isinstance(o, Symbol) and not o.index and o.name in env.indices:
            continue
        for k in world.keys(o, env.indices):
            copies = [m for m in sorted(mentioned | _hidden(mentioned, world, env)) if m.split("@")[0] == k] if "@" not in k else []
            out += [c for c in copies if c != k] + ([k] if k in mentioned or not copies else [])
    return tuple(dict.fromkeys(out))


def held_fixed(world: World, env: Env) -> frozenset[str]:
    """Variables that the theory holds at one value."""
    return frozenset(k for t in world.signature.fixed for k in world.symbols_of(t, env.indices))


def _sources(keys: frozenset[str], world: World, env: Env) -> frozenset[str]:
    """Variables with paths stand for the variables they are computed from."""
    ends = {p.variable.name for p in world.signature.paths}
    if world.setting.kind == "tables" or not ends:
        return keys
    hidden = _hidden(keys, world, env)
    return frozenset(k for k in keys | hidden if k.split("@")[0] not in ends or not hidden)


def _hidden(keys: frozenset[str], world: World, env: Env) -> frozenset[str]:
    """The sources of the paths that end in keys."""
    out: set[str] = set()
    for p in world.signature.paths:
        for key in keys:
            if key.split("@")[0] != p.variable.name:
                continue
            index = key.partition("@")[2]
            names = [i for x in p.variable.index for i in x.names - set(world.fixed)]
            if index.lstrip("-").isdigit() and len(names) == 1:
                out |= free_variables(p.body, world, env.with_index(names[0], int(index)))
            elif not index:
                out |= free_variables(p.body, world, env)
    return frozenset(out - keys)


def _bind_all(law: Density, body: Term, whole: Term, world: World, env: Env) -> Binding:
    """E_q without variables: all of q's joint that the bracket mentions, except what stands free outside."""
    joint = world.joint(law.name)
    mentioned = free_variables(body, world, env)
    everything = free_variables(whole, world, env)
    free = world.free_outside | frozenset(env.values)
    events = [v for v in joint.variables if v not in free]
    over = [v for v in events if v in mentioned]
    if not (set(joint.variables) & everything):
        raise CannotEvaluate(f"the expectation over {law.name} mentions none of its variables")
    held = sorted({v for v in joint.variables if v in everything and v in free} | {r for r in joint.roots if r in free})
    if not over:
        return Binding(env, (), Value((), torch.ones(1, dtype=torch.float64)))
    made = Density(law.name, tuple(_symbol(v) for v in over), tuple(_symbol(g) for g in held))
    return bind_law(made, (), world, env)


def _conditional(t: Expectation, world: World, env: Env) -> list[Binding]:
    """E[a | b]: the conditional law of the variables of a, given those of b."""
    given = frozenset().union(*(free_variables(g, world, env) for g in t.given))
    if not all(isinstance(g, Symbol | SymbolRange) for g in t.given):
        raise CannotEvaluate("a conditional expectation given something that is not a variable")
    mentioned = free_variables(t.body, world, env) - given - held_fixed(world, env)
    keys = tuple(sorted(mentioned - env.values.keys()))
    if not keys:
        return [Binding(env, (), Value((), torch.ones(1, dtype=torch.float64)))]
    terms = tuple(_symbol(k) for k in sorted(given))
    law = t.law
    if isinstance(law, Density):
        return [bind_law(Density(law.name, tuple(_symbol(k) for k in keys), terms), (), world, env)]
    ((some, found),) = own_law(keys, terms, world, env)
    return [bind_law(found, tuple(_symbol(k) for k in some), world, env)]


def covariance(t: Covariance, world: World, env: Env) -> Value:
    """Cov(a, b | given) = E[a b^T] - E[a] E[b]^T."""

    def mean(x: Term) -> Value:
        return world.value(Expectation(x, t.over, t.law, t.given), env)

    from derivcheck.terms.term import Transpose

    left = world.value(Expectation(Multiply((t.left, Transpose(t.right))), t.over, t.law, t.given), env)
    right = multiply([mean(t.left), transpose(mean(t.right))])
    return add(left, right.with_data(-right.data))


def moment(t: Moment, world: World, env: Env) -> Value:
    """Mean, covariance or isotropic variance of a law."""
    if world.setting.kind == "tables":
        raise CannotEvaluate("the moments of an abstract density are not compared on tables")
    return gaussians.moment(t, world, env)


# --- integrals -------------------------------------------------------------------------------------


def integral(t: Integral, world: World, env: Env) -> Value:
    """∫ body over the base measure of the variables."""
    keys = tuple(k for o in t.over for k in world.keys(o, env.indices))
    if world.setting.kind != "tables":
        return gaussians.integral(t.body, keys, world, env)
    for o in t.over:
        if isinstance(o, Symbol) and o.name in env.indices and not o.index:
            raise CannotEvaluate(f"an integral over the index {o.name}")
    if needs_the_line(t):
        raise CannotEvaluate("a plain integral over the real line has no value on finite tables")
    env = _unbound(keys, env)
    v = world.value(t.body, env)
    for k in keys:
        w = axis_weights(world, k)
        v = sum_over(v, k, w.with_data(torch.exp(w.data)), 1)
    return v


def _unbound(keys: tuple[str, ...], env: Env) -> Env:
    from derivcheck.interpreters.exact.world import Env

    if not env.values.keys() & set(keys):
        return env
    return Env(env.indices, {k: v for k, v in env.values.items() if k not in keys}, env.laws)


# --- divergences -----------------------------------------------------------------------------------


def divergence(t: Divergence, world: World, env: Env) -> Value:
    """KL, JSD, entropy, cross-entropy or total variation, in nats."""
    p, q = _paired(t.p, t.q, world, env)
    quadratic = world.setting.kind != "tables" and all(gaussians.is_gaussian(x, world, env) for x in (p, q) if x is not None)
    if quadratic and t.kind != "JSD":  # log densities are quadratic in what is bound: few nodes are exact
        with world.few_nodes():
            binding = bind_law(p, (), world, env)
    else:
        binding = bind_law(p, (), world, env)
    log_p = _log_law(p, p, binding, world)
    match t.kind:
        case "KL":
            inner = add(log_p, _minus(_log_law(_need(q), p, binding, world)))
        case "entropy":
            inner = _minus(log_p)
        case "cross_entropy":
            inner = _minus(_log_law(_need(q), p, binding, world))
        case "JSD":
            return _jsd(p, _need(q), binding, log_p, world, env)
        case "TV":
            log_q = _log_law(_need(q), p, binding, world)
            ratio = add(log_q, _minus(log_p))
            inner = ratio.with_data(0.5 * (1 - torch.exp(ratio.data)).abs())
    return _summed(inner, binding)


def _summed(v: Value, binding: Binding) -> Value:
    v = scale(binding.weight, v)
    for axis in binding.axes:
        v = sum_over(v, axis, None, 1)
    return v


def _minus(v: Value) -> Value:
    return v.with_data(-v.data)


def _need(q: Density | FamilyDensity | None) -> Density | FamilyDensity:
    if q is None:
        raise CannotEvaluate("a divergence needs two laws")
    return q


def _jsd(p: Density | FamilyDensity, q: Density | FamilyDensity, binding: Binding, log_p: Value, world: World, env: Env) -> Value:
    def half(a: Density | FamilyDensity, b: Density | FamilyDensity, bound: Binding) -> Value:
        log_a, log_b = _log_law(a, a, bound, world), _log_law(b, a, bound, world)
        mix = add(log_a, Value((), torch.zeros(1, dtype=torch.float64)))
        axes_sum = add(mix, _minus(log_b))
        # log a - log (a+b)/2 = -log((1 + b/a)/2)
        return _summed(axes_sum.with_data(-torch.log((1 + torch.exp(-axes_sum.data)) / 2)), bound)

    other = bind_law(q, (), world, env)
    v = add(half(p, q, binding), half(q, p, other))
    return v.with_data(0.5 * v.data)


def _paired(p: Density | FamilyDensity, q: Density | FamilyDensity | None, world: World, env: Env) -> tuple[Density | FamilyDensity, Density | FamilyDensity | None]:
    """Give a bare name the variables of the law it stands beside."""
    p, q = _as_law(p), None if q is None else _as_law(q)
    if isinstance(p, Density) and not p.event and isinstance(q, Density) and q.event:
        p = _beside(p, q, world, env)
    if isinstance(q, Density) and not q.event and isinstance(p, Density) and p.event:
        q = _beside(q, p, world, env)
    if isinstance(p, Density):
        p = explicit(p, world, env)
        if isinstance(q, Density) and not q.event:
            q = _beside(q, p, world, env)
    return p, q


def _as_law(t: Term) -> Density | FamilyDensity:
    """A law; a name applied to variables is one even where it was not declared as a density."""
    if isinstance(t, Call):
        return Density(t.function, t.arguments)
    if isinstance(t, Symbol) and not t.index:
        return Density(t.name)
    if not isinstance(t, Density | FamilyDensity):
        raise CannotEvaluate("a divergence from something that is no law")
    return t


def _beside(bare: Density, full: Density, world: World, env: Env) -> Density:
    known = env.laws.get(bare.name) or world.full_laws.get(bare.name)
    if known is not None and known.event == full.event:
        return known
    try:
        joint = world.joint(bare.name)
    except CannotEvaluate:
        return Density(bare.name, full.event)
    event = {k for e in full.event for k in world.keys(e, env.indices)}
    given = tuple(_symbol(r) for r in joint.roots if r not in event)
    return Density(bare.name, full.event, given)


def _log_law(law: Density | FamilyDensity, base: Density | FamilyDensity, binding: Binding, world: World) -> Value:
    """log density of a law at the variables that `base` bound."""
    if isinstance(law, Density):
        if isinstance(base, Density) and law.event != base.event and law is not base:
            mine = {k for e in law.event for k in world.keys(e, binding.env.indices)}
            theirs = {k for e in base.event for k in world.keys(e, binding.env.indices)}
            if mine != theirs:
                raise CannotEvaluate("a divergence between laws of different variables")
        return log_of(law, world, binding.env)
    if not isinstance(law, FamilyDensity):
        raise CannotEvaluate("a divergence from something that is no law")
    point = law.point
    if point is None:
        events = base.event if isinstance(base, Density) else ()
        at = events[0] if len(events) == 1 else None
        value = world.value(at, binding.env) if at is not None else binding.env.values.get("*point", (0, None))[1]
        if value is None:
            raise CannotEvaluate("a divergence between laws without a variable")
        return gaussians.log_family(law, value, world, binding.env)
    return gaussians.log_family(law, world.value(point, binding.env), world, binding.env)
