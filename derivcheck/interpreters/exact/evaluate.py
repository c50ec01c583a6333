r"""The exact interpreter: a term's value on a batch of worlds, one case per kind of term."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache
from typing import assert_never

import torch

from derivcheck.interpreters.exact import (
    calculus,
    densities,
    divergences,
    expectations,
    integrals,
    optima,
    pushforward,
)
from derivcheck.interpreters.exact.definitions import definitions_of, expansion
from derivcheck.interpreters.exact.functions import elementary, power, random_function
from derivcheck.interpreters.exact.indices import integer
from derivcheck.interpreters.exact.keys import base_name
from derivcheck.interpreters.exact.mentions import reached
from derivcheck.interpreters.exact.setting import Setting
from derivcheck.interpreters.exact.values import (
    CannotEvaluate,
    ShapesDiffer,
    Value,
    add,
    multiply,
    negative,
    scale,
    transpose,
    union,
)
from derivcheck.interpreters.exact.variables import variable
from derivcheck.interpreters.exact.world import Env, TooMuchWork, World
from derivcheck.terms.signature import Signature
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

MAX_FOLD = 64
OF_MATRICES = frozenset({"tr", "det", "vec", "kron", "diag", "lambda_min", "lambda_max"})
MAX_DEPTH = 150
GRID = 4096  # numbers that take no longer than a call does


def new_world(signature: Signature, setting: Setting, base: World | None = None) -> World:
    """A world that can evaluate terms; base: the world of which it redraws some names."""
    world = World(signature, setting, base)
    depth = 0

    def value(t: Term, env: Env) -> Value:
        nonlocal depth
        names = reached(t, world)
        if base is not None and world.home(names) is base:
            return base.value(t, env)
        at = (t, env.known(names), world.on_paths(names, env))
        memory = world.memory
        found = memory.values.get(at)
        if found is not None:
            if at in memory.unbound:
                world.unbound |= memory.unbound[at]
            return found
        depth += 1
        outer, world.unbound = world.unbound, set()
        try:
            if world.work > world.most:
                raise TooMuchWork
            if depth > MAX_DEPTH:
                raise CannotEvaluate("definitions refer to each other without end, or the term is nested too deep")
            found = _evaluate(t, world, env)
            world.work += 1 + found.data.numel() // GRID
            memory.put(at, found)
            if world.unbound:
                memory.unbound[at] = frozenset(world.unbound)
        finally:
            depth -= 1
            outer |= world.unbound
            world.unbound = outer
        return found

    world.value = value
    world.again = lambda: new_world(signature, setting)
    return world


@lru_cache(maxsize=1024)
def number(x: float) -> Value:
    """A plain number as a value."""
    return Value((), torch.full((1,), x, dtype=torch.float64))


def _evaluate(t: Term, world: World, env: Env) -> Value:
    go = world.value
    match t:
        case Number(value):
            return number(float(value))
        case Constant(symbol):
            return number({"pi": math.pi, "e": math.e, "inf": math.inf}[symbol])
        case Symbol():
            return _symbol(t, world, env)
        case SymbolRange(name):
            raise CannotEvaluate(f"a run of variables {name} has no value outside a density")
        case Identity(size):
            if size is None:
                return Value((), torch.ones(1, dtype=torch.float64), 0, iso=True)
            n = world.size(size)
            return Value((), torch.eye(n, dtype=torch.float64).unsqueeze(0), 2)
        case Unknown(name):
            found = env.values.get(f"?{name}#{t.occurrence}")
            if found is None:
                raise CannotEvaluate(f"the constant {name} is open here")
            return found[1]
        case Add(terms):
            out = go(terms[0], env)
            for x in terms[1:]:
                out = add(out, go(x, env))
            return out
        case Negate(body):
            return negative(go(body, env))
        case Multiply(factors):
            return multiply([go(x, env) for x in factors], dots=world.dots)
        case Divide(numerator, denominator):
            return _divide(go(numerator, env), go(denominator, env))
        case Power(base, exponent):
            return _power(base, exponent, world, env)
        case Transpose(body):
            return transpose(_typed(go(body, env), body, world))
        case Norm(body, order):
            return _norm(go(body, env), order)
        case Call():
            return _call(t, world, env)
        case MatrixLiteral(rows):
            return _matrix(rows, world, env)
        case Fold():
            return _fold(t, world, env)
        case Integral():
            return integrals.integral(t, world, env)
        case Expectation():
            return expectations.expectation(t, world, env)
        case Covariance():
            return expectations.covariance(t, world, env)
        case Derivative():
            return calculus.derivative(t, world, env)
        case StopGradient(body):
            v = go(body, env)
            return v.with_data(v.data.detach())
        case Optimum():
            return optima.optimum(t, world, env)
        case Density():
            return densities.density(t, world, env)
        case FamilyDensity():
            v = densities.log_of_family(t, world, env)
            return v.with_data(torch.exp(v.data))
        case Divergence():
            return divergences.divergence(t, world, env)
        case Moment():
            return expectations.moment(t, world, env)
        case Relation():
            raise CannotEvaluate("a statement has no value")
        case _:
            assert_never(t)


def _symbol(t: Symbol, world: World, env: Env) -> Value:
    try:
        key = world.key(t, env.indices)
    except CannotEvaluate:
        key = t.name
    bound = env.values.get(key)
    if bound is not None:
        return bound[1]
    if not t.index and t.name in env.indices:
        return number(float(env.indices[t.name]))
    found = expansion(t, world, env)
    if found is not None:
        return world.value(found[0], env.with_indices(found[1]))
    function = world.signature.functions.get(t.name)
    if function is not None and not world.is_variable(t):
        return world.value(Call(t.name, function.arguments, t.index), env)
    if any(o.name == t.name for o in world.signature.optima):
        return optima.named_optimum(t, world, env)
    if world.is_variable(t):
        return variable(t, key, world, env)
    if t.name in world.signature.densities:
        raise CannotEvaluate(f"the density {t.name} stands where a number is needed")
    declared = world.signature.symbols.get(t.name)
    if declared is None and definitions_of(world, t.name):
        raise CannotEvaluate(f"no definition of {t.name} fits its index here")
    if key != t.name and declared is not None and declared.role == "parameter" and not declared.indices:
        declared = None if declared.shape == () else declared
    return world.parameter(key, declared)


def _divide(numerator: Value, denominator: Value) -> Value:
    if denominator.rank == 1 and numerator.rank == 1 and denominator.shape == (1,):
        denominator = Value(denominator.axes, denominator.data.squeeze(-1))
    if denominator.rank != 0 or (denominator.iso and not numerator.iso):
        raise ShapesDiffer(f"division by a value of shape {denominator.shape}")
    if denominator.iso and numerator.iso:
        raise ShapesDiffer("division by a matrix")
    return scale(denominator.with_data(denominator.data.reciprocal()), numerator)


def _power(base: Term, exponent: Term, world: World, env: Env) -> Value:
    if isinstance(base, Constant) and base.symbol == "e":
        v = world.value(exponent, env)
        if v.rank:
            raise ShapesDiffer("e to the power of something that is not a scalar")
        return v.with_data(torch.exp(v.data))
    if isinstance(base, Norm) and base.order in ("2", "F") and exponent == Number(Fraction(2)):
        v = world.value(base.body, env)  # without the root, whose derivative at 0 is none
        if not (v.rank == 2 and base.order == "2"):
            return Value(v.axes, (v.data**2).sum(tuple(range(-v.rank, 0))) if v.rank else v.data**2)
    v = world.value(base, env)
    e = world.value(exponent, env)
    if e.rank:
        raise ShapesDiffer("an exponent that is not a scalar")
    if not e.axes and e.data.numel() == 1 and not e.data.requires_grad:
        x = float(e.data.reshape(-1)[0])
        if abs(x) > 1e4:
            raise CannotEvaluate("an exponent too large to evaluate")
        return power(v, x)
    if v.rank:
        raise ShapesDiffer("a matrix or column to a power that is not a number")
    axes = union(v, e)
    return Value(axes, v.spread(axes) ** e.spread(axes))


def _norm(v: Value, order: str) -> Value:
    if v.rank == 0:
        return v.with_data(v.data.abs())
    dims = tuple(range(-v.rank, 0))
    match order:
        case "1":
            return Value(v.axes, v.data.abs().sum(dims))
        case "inf":
            return Value(v.axes, v.data.abs().amax(dims))
        case _:
            if v.rank == 2 and order == "2":
                return Value(v.axes, torch.linalg.matrix_norm(v.data, 2))
            return Value(v.axes, torch.sqrt((v.data**2).sum(dims)))


def _call(t: Call, world: World, env: Env) -> Value:
    sent = pushforward.image_in(t.arguments, world) if world.signature.pushforwards else None
    if sent is not None and t.function not in ELEMENTARY:
        return pushforward.at_image(t, sent, world, env)
    if len(t.arguments) == 1 and isinstance(t.arguments[0], Number):  # w(0) beside w(t)
        then = env.values.get(f"{t.function}@at {t.arguments[0].value}")
        if then is not None:
            return then[1]
    bound = env.values.get(t.function) or env.values.get(_key(t, world, env))
    if bound is not None:
        return optima.at_arguments(t, bound[1], world, env)
    if t.function in ("entry", "basis") and len(t.arguments) > 1:
        return _entry(t, world, env) if t.function == "entry" else _basis(t, env)
    if t.function in ELEMENTARY and t.function not in world.signature.functions:
        values = [world.value(a, env) for a in t.arguments]
        if t.function in OF_MATRICES:
            values = [_typed(v, a, world) for v, a in zip(values, t.arguments, strict=True)]
        return elementary(t.function, values, _one_size(world))
    found = expansion(t, world, env)
    if found is not None:
        return world.value(found[0], env.with_indices(found[1]))
    if any(o.name == t.function for o in world.signature.optima):
        return optima.named_optimum(t, world, env)
    function = world.signature.functions.get(t.function)
    declared = world.signature.symbols.get(t.function)
    if function is None and declared is not None:
        if declared.time_dependent and len(t.arguments) == 1 and isinstance(t.arguments[0], Number):
            raise CannotEvaluate(f"{t.function} at the time {t.arguments[0].value} needs its trajectory")
        if declared.time_dependent or declared.role in ("sequence", "variable"):
            return world.value(Symbol(t.function, t.index), env)
        raise CannotEvaluate(f"{t.function} is not a function")
    if function is None and t.function in world.joint_names:
        return densities.density(Density(t.function, t.arguments), world, env)
    if function is None and definitions_of(world, t.function):
        raise CannotEvaluate(f"no definition of {t.function} fits its arguments here")
    shape = tuple(world.size(s) for s in function.shape) if function else ()
    domain = function.domain if function else "real"
    if function is None:
        world.unbound.add(t.function)
    key = _key(t, world, env)
    arguments: list[Value] = []
    for a in t.arguments:  # an integer argument picks the function, a value is its input
        if a.names <= env.indices.keys() and not a.names & env.values.keys() and not isinstance(a, Constant):
            try:
                key += f"@{integer(a, env.indices)}"
                continue
            except CannotEvaluate:
                pass
        arguments.append(world.value(a, env))
    if domain == "real" and world.setting.bumps:
        domain = "bump"
    affine = world.setting.kind == "linear" and domain == "real"
    return random_function(world.draws, key, arguments, shape, domain, affine=affine)


def _entry(t: Call, world: World, env: Env) -> Value:
    """One entry of a column or matrix."""
    v = world.value(t.arguments[0], env)
    places = [integer(i, env.indices) for i in t.arguments[1:]]
    if v.rank != len(places) or any(not 1 <= i <= n for i, n in zip(places, v.shape, strict=True)):
        raise CannotEvaluate(f"the entry {places} of a value of shape {v.shape}")
    data = v.data
    for i in reversed(places):
        data = data[..., i - 1]
    return Value(v.axes, data)


def _basis(t: Call, env: Env) -> Value:
    """A column of the identity."""
    place, size = (integer(i, env.indices) for i in t.arguments)
    return Value((), torch.eye(size, dtype=torch.float64)[place - 1].unsqueeze(0), 1)


def _typed(v: Value, t: Term, world: World) -> Value:
    """A value under a transpose or a trace; a name without a declared shape may be a matrix there."""
    loose = {base_name(k) for k in world.unbound} & t.names
    if v.rank == 0 and loose:
        raise CannotEvaluate(f"{', '.join(sorted(loose))} has no declared shape")
    return v


def _key(t: Call, world: World, env: Env) -> str:
    return world.key(Symbol(t.function, t.index), env.indices) if t.index else t.function


def _one_size(world: World) -> int | None:
    return world.default_size()


def _matrix(rows: tuple[tuple[Term, ...], ...], world: World, env: Env) -> Value:
    if sum(len(r) for r in rows) > 400:
        raise CannotEvaluate("a matrix with more than 400 entries is not evaluated")
    if len({len(r) for r in rows}) != 1:
        raise ShapesDiffer("a matrix whose rows have different lengths")
    values = [world.value(x, env) for r in rows for x in r]
    if any(v.rank for v in values):
        raise CannotEvaluate("a matrix of blocks has no value here")
    axes = union(*values)
    flat = torch.broadcast_tensors(*(v.spread(axes) for v in values))
    data = torch.stack(list(flat), -1).reshape(*flat[0].shape, len(rows), len(rows[0]))
    if len(rows[0]) == 1:
        return Value(axes, data.squeeze(-1), 1)
    return Value(axes, data, 2)


def _fold(t: Fold, world: World, env: Env) -> Value:
    low, high = integer(t.lower, env.indices), integer(t.upper, env.indices)
    if high - low + 1 > MAX_FOLD:
        raise CannotEvaluate(f"a {t.kind} of {high - low + 1} terms is not evaluated")
    out = number(0.0 if t.kind == "sum" else 1.0)
    for i in range(low, high + 1):
        v = world.value(t.body, env.with_index(t.index, i))
        out = add(out, v) if t.kind == "sum" else multiply([out, v])
    return out
