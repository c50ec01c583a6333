r"""Derivatives by automatic differentiation: in parameters, matrices, points, functions, and along flows.

A leaf takes the place of what is differentiated by, one copy for every node of the axes that the body
has, so that the gradient of the sum is the derivative at every node. A body that sums over an axis of the
leaf gives a functional derivative: the node's derivative divided by its weight.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from derivcheck.interpreters.exact import labelled, timed
from derivcheck.interpreters.exact.definitions import definitions_of, expansion
from derivcheck.interpreters.exact.factors import parts_of, whole_joint
from derivcheck.interpreters.exact.gradients import gradients
from derivcheck.interpreters.exact.keys import base_name, shown, symbol_at
from derivcheck.interpreters.exact.labels import labels_in
from derivcheck.interpreters.exact.mentions import free_variables, reached
from derivcheck.interpreters.exact.tables import axis_weights
from derivcheck.interpreters.exact.values import CannotEvaluate, ShapesDiffer, Value
from derivcheck.interpreters.exact.variables import is_computed, noise_of, sources_of
from derivcheck.terms.substitute import rebuild
from derivcheck.terms.term import Call, Density, Derivative, Number, Symbol, Term

if TYPE_CHECKING:
    from derivcheck.interpreters.exact.world import Env, World


def derivative(t: Derivative, world: World, env: Env) -> Value:
    """The value of a derivative of any kind."""
    if t.kind == "time":
        return _along_flow(t.body, world, env)
    if t.kind == "differential":
        raise CannotEvaluate("a differential has no value of its own")
    slot = _argument_slot(t, world)
    if slot is not None:
        return _in_argument(t, slot, world, env)
    wrt = _base(t.wrt, world, env)
    if isinstance(wrt, Call) and wrt.function == "entry":
        if t.kind != "gradient" or world.value(t.body, env).rank:
            raise CannotEvaluate("this derivative by an entry has no value here")
        return world.value(Call("entry", (Derivative(t.body, wrt.arguments[0]), *wrt.arguments[1:])), env)
    if isinstance(wrt, Call):
        return _functional(t.body, wrt, world, env)
    if wrt == Symbol(timed.TIME) and timed.explicit_time(t.body, world) and timed.depends(t.body, world):
        raise CannotEvaluate("a partial derivative by the time of something that moves with it")
    key = world.key(wrt, env.indices)
    if world.setting.kind == "tables" and world.is_variable(wrt) and reached(t.body, world) & world.joint_names:
        raise CannotEvaluate(f"an abstract density has no derivative in {wrt.name}")
    if world.setting.kind == "smooth" and world.is_variable(wrt) and _of_atoms(t.body, key, world):
        raise CannotEvaluate(f"an abstract density has no derivative in {wrt.name}")
    if wrt.name in world.signature.functions and not wrt.index:
        declared = world.signature.functions[wrt.name]
        if not declared.network:
            return _functional(t.body, Call(wrt.name, declared.arguments), world, env)
    if wrt.name in ("\\theta", "\\phi", "\\psi") and wrt.name not in world.signature.symbols:
        raise CannotEvaluate(f"a derivative in all parameters {wrt.name} of a network has no value here")
    if wrt.name not in reached(t.body, world) and key not in env.values and _has_no_draw(wrt, world, env):
        raise CannotEvaluate(f"a derivative by {wrt.name}, which does not occur")
    if not world.is_variable(wrt) and key not in env.laws:
        along = labelled.derivative(t, wrt, key, world, env)
        if along is not None:
            return along
    tied: frozenset[str] = frozenset()
    if world.is_variable(wrt) and world.signature.paths:
        tied = _tied(t.body, key, world, env)
    elif world.signature.paths:
        tied = _tied_to_parameter(t.body, wrt, world, env)
    if tied and world.setting.kind == "tables":
        raise CannotEvaluate("a path has no value on finite tables")
    if world.is_variable(wrt) and world.setting.kind != "tables":
        env = _others_fixed(t.body, wrt, key, world, env, tied)
    elif tied:
        env = env.with_values(_sources_fixed(tied, {}, key, world, env))
    with world.along_paths(tied):
        leaf, out = _with_leaf(t.body, wrt, key, world, env)
    if not world.is_variable(wrt) and key not in env.values and not _depends(out, leaf):
        _must_be_free_of(t.body, wrt, world)
    match t.kind:
        case "gradient":
            return _gradient(out, leaf)
        case "jacobian":
            return _gradient(out, leaf)
        case "hessian":
            return _gradient(_gradient(out, leaf), leaf)
        case "laplacian":
            return _trace(_gradient(_gradient(out, leaf), leaf))
        case "divergence":
            return _trace(_gradient(out, leaf))


def _of_atoms(body: Term, key: str, world: World) -> bool:
    """Whether a density in the body gives the variable finitely many values, being of no family."""
    for name in sorted(reached(body, world) & world.joint_names):
        joint = whole_joint(name, [], world)
        if any(p.family is None and key in (*p.factor.event, *p.factor.given) for p in parts_of(joint, world)):
            return True
    return False


def _tied(body: Term, key: str, world: World, env: Env) -> frozenset[str]:
    r"""The ends of paths through which alone a body depends on a variable: \partial x_t/\partial x_0 is along the path.

    A body that contains the variable itself is differentiated by it as an argument, the others held.

    Raises:
        CannotEvaluate: it cannot be told which is meant.
    """
    free = free_variables(body, world, env)
    others = free - {key} - env.values.keys()
    ends = frozenset(k for k in others if key in sources_of(k, world, env, whole=True))
    noise = any(s.variable.name == base_name(key) for s in world.signature.samples) and base_name(key) not in world.slot_keys
    if key in free:
        if ends and noise and key not in world.slot_keys:
            raise CannotEvaluate(f"a derivative by {shown(key)}, of which {', '.join(sorted(map(shown, ends)))} is a function")
        return frozenset()
    beside = free_variables(_without_densities(body), world, env)  # in a density, a variable of the joint is an argument
    meant = frozenset(k for k in free if k in beside or not {k, base_name(k)} & world.slot_keys)
    if meant & sources_of(key, world, env, whole=True):
        raise CannotEvaluate(f"a derivative by {shown(key)} of what it is computed from")
    if ends and (reached(body, world) & world.joint_names) & _names_of_densities(body):
        raise CannotEvaluate(f"a derivative by {shown(key)} of a density that does not contain it")
    if any(key not in sources_of(k, world, env) for k in ends):
        raise CannotEvaluate(f"a derivative by {shown(key)} of what it is a distant source of")
    return ends


def _without_densities(t: Term) -> Term:
    return Number(Fraction(0)) if isinstance(t, Density) else rebuild(t, _without_densities)


def _names_of_densities(body: Term) -> frozenset[str]:
    return frozenset(d.name for d in body.densities)


def _tied_to_parameter(body: Term, wrt: Symbol, world: World, env: Env) -> frozenset[str]:
    r"""The ends of paths through which alone a body depends on a parameter: \partial z/\partial \mu is along z = \mu + \sigma \epsilon."""
    paths = [p for p in world.signature.paths if wrt.name in reached(p.body, world)]
    if not paths:
        return frozenset()
    through = {n for p in world.signature.paths for n in (p.variable.name, *p.body.names)} & world.variable_names
    if wrt.name in body.names or any(wrt.name in world.reach.get(n, ()) for n in body.names - through):
        return frozenset()
    ends = free_variables(body, world, env, outside=True) - env.values.keys()
    return frozenset(k for k in ends if any(base_name(k) == p.variable.name for p in paths) and not is_computed(k, world, env))


def _others_fixed(body: Term, wrt: Symbol, key: str, world: World, env: Env, tied: frozenset[str]) -> Env:
    """A derivative by one variable holds all other variables fixed, also where a path ties them to it (but `tied`)."""
    fixed = {key: world.value(wrt, env)}  # first of all: a source that is fixed would move it along its path
    for other in sorted(free_variables(body, world, env) - {key} - tied - env.values.keys()):
        fixed[other] = _held(other, world, env)
    fixed.update(_sources_fixed(tied, fixed, key, world, env))
    return env.with_values(fixed) if fixed else env


def _sources_fixed(tied: frozenset[str], fixed: dict[str, Value], key: str, world: World, env: Env) -> dict[str, Value]:
    """The values of all that the ends of paths are computed from, but for the variable itself."""
    out: dict[str, Value] = {}
    for end in sorted(tied):
        out.update(_unsaid(end, {**fixed, **out}, key, world, env))
    return out


def _held(key: str, world: World, env: Env) -> Value:
    v = world.value(symbol_at(key), env)
    return v.with_data(v.data.detach())


def _unsaid(end: str, fixed: dict[str, Value], key: str, world: World, env: Env) -> dict[str, Value]:
    """The other sources of a path's end as they are where it has its value: a noise of which nothing is said is solved for."""
    out: dict[str, Value] = {}
    others = sources_of(end, world, env) - {key}
    unsaid = [s for s in sorted(others) if s not in world.mentioned and s not in env.values]
    for s in sorted(others - set(unsaid) - fixed.keys() - env.values.keys()):
        out[s] = _held(s, world, env)
    if not unsaid:
        return out
    here = env.with_values({**fixed, **out, end: _held(end, world, env)})
    if len(unsaid) > 1:
        raise CannotEvaluate(f"a derivative of {shown(end)} by {shown(key)} where nothing is said of {', '.join(map(shown, unsaid))}")
    noise = noise_of(unsaid[0], end, world, here)
    if noise is None:
        raise CannotEvaluate(f"a derivative of {shown(end)} by {shown(key)} where nothing is said of {shown(unsaid[0])}")
    out[unsaid[0]] = noise.with_data(noise.data.detach())
    return out


def _argument_slot(t: Derivative, world: World) -> int | None:
    r"""The argument that `\partial/\partial y g(f(x), x)` means where g was declared as g(y, x)."""
    if not isinstance(t.body, Call) or not isinstance(t.wrt, Symbol):
        return None
    declared = world.signature.functions.get(t.body.function)
    if declared is None or t.wrt not in declared.arguments or len(declared.arguments) != len(t.body.arguments):
        return None
    if any(t.wrt.name in a.names for a in t.body.arguments):
        return None
    return declared.arguments.index(t.wrt)


def _in_argument(t: Derivative, slot: int, world: World, env: Env) -> Value:
    """The derivative of a function in one of its arguments, at the value that stands there."""
    assert isinstance(t.body, Call)
    inside = Symbol("*argument")
    arguments = (*t.body.arguments[:slot], inside, *t.body.arguments[slot + 1 :])
    here = env.with_values({"*argument": world.value(t.body.arguments[slot], env)})
    leaf, out = _with_leaf(Call(t.body.function, arguments, t.body.index), inside, "*argument", world, here)
    return _gradient(out, leaf)


def _has_no_draw(wrt: Symbol, world: World, env: Env) -> bool:
    """Whether a name is undeclared or stands for something else, so that its absence says nothing."""
    if expansion(wrt, world, env) is not None:
        return True
    return wrt.name not in world.signature.symbols and not world.is_variable(wrt)


def _base(wrt: Term, world: World, env: Env) -> Symbol | Call:
    r"""The name behind an alias (`\mu` for `\mu_{\phi}`), else the name itself."""
    while isinstance(wrt, Symbol):
        if world.key(wrt, env.indices) in env.values:
            return wrt
        found = expansion(wrt, world, env)
        if found is None or not isinstance(found[0], Symbol) or found[0] == wrt:
            return wrt
        wrt = found[0]
    if isinstance(wrt, Call):
        declared = world.signature.symbols.get(wrt.function)
        if declared is not None and declared.time_dependent:
            return Symbol(wrt.function, wrt.index)
        return wrt
    raise CannotEvaluate("a derivative by something that is not a name")


def _with_leaf(body: Term, wrt: Symbol, key: str, world: World, env: Env) -> tuple[Value, Value]:
    """A leaf laid out over the body's axes, and the body evaluated on it."""
    before = world.value(body, env)
    base = world.value(wrt, env)
    if base.iso:
        raise CannotEvaluate("a derivative by a multiple of I")
    axes = tuple(sorted({*before.axes, *base.axes}))
    lead = [max(before_size, base_size) for before_size, base_size in zip(_lead(before, axes), _lead(base, axes), strict=True)]
    data = base.spread(axes).detach() if not base.data.requires_grad else base.spread(axes)
    worlds = max(before.data.shape[0], base.data.shape[0], world.setting.worlds)
    data = data.expand(worlds, *lead, *base.shape).clone()
    if not data.requires_grad:
        data.requires_grad_(True)
    leaf = Value(axes, data, base.rank)
    with torch.enable_grad():
        out = world.value(body, env.with_values({key: leaf}))
    return leaf, out


def _depends(out: Value, leaf: Value) -> bool:
    """Whether the leaf was used at all."""
    if not out.data.requires_grad:
        return False
    return gradients(out.data.sum(), [leaf.data], retain_graph=True)[0] is not None


def _must_be_free_of(body: Term, wrt: Symbol, world: World) -> None:
    r"""A density without any label may have lost its parameter: `p(x;\theta)` is read as p(x)."""
    for name in sorted(reached(body, world) & world.joint_names):
        if world.setting.kind == "tables" and wrt.name in world.facts.reach.get(name, ()):  # by its family, which a table has not
            raise CannotEvaluate(f"an abstract density has no derivative in {wrt.name}")
        if not labels_in(name) and not definitions_of(world, name) and not _in_families(name, world):
            raise CannotEvaluate(f"whether {name} depends on {wrt.name} is not said")


def _in_families(name: str, world: World) -> bool:
    return any(f.density.name == name for f in world.signature.families)


def _lead(v: Value, axes: tuple[str, ...]) -> list[int]:
    sizes = dict(zip(v.axes, v.data.shape[1:], strict=False))
    return [sizes.get(a, 1) for a in axes]


def _gradient(out: Value, leaf: Value) -> Value:
    """d out / d leaf; a column's gradient has one row per entry."""
    if out.rank == 2:
        raise CannotEvaluate("the derivative of a matrix has no value here")
    if set(leaf.axes) - set(out.axes):
        raise CannotEvaluate("a derivative by a value that is integrated over")
    if out.rank == 1 and leaf.rank > 1:
        raise CannotEvaluate("the derivative of a column by a matrix has no value here")
    parts = [out.data] if out.rank == 0 else list(out.data.unbind(-1))
    grads = [_grad(p, leaf.data) for p in parts]
    if out.axes == leaf.axes:
        grads = [_inside(p, g) for p, g in zip(parts, grads, strict=True)]
    if out.rank == 0:
        return Value(leaf.axes, grads[0], leaf.rank)
    if leaf.rank == 0:
        return Value(leaf.axes, torch.stack(grads, -1), 1)
    return Value(leaf.axes, torch.stack(grads, -2), 2)


def _inside(out: Tensor, slope: Tensor) -> Tensor:
    r"""A slope where there is a value: `\nabla \log f` is none where f is negative, though f'/f is a number."""
    outside = torch.isnan(out.detach())
    if not bool(outside.any()):
        return slope
    return torch.where(outside.reshape(*outside.shape, *(1,) * (slope.dim() - outside.dim())), torch.nan, slope)


def _grad(out: Tensor, leaf: Tensor) -> Tensor:
    if not out.requires_grad:
        return torch.zeros_like(leaf)
    (g,) = gradients(out.sum(), [leaf], create_graph=True)
    return torch.zeros_like(leaf) if g is None else g


def _trace(v: Value) -> Value:
    if v.rank == 0:
        return v
    if v.rank != 2:
        raise ShapesDiffer("the trace of something that is not a matrix")
    return Value(v.axes, torch.diagonal(v.data, dim1=-2, dim2=-1).sum(-1))


def _functional(body: Term, function: Call, world: World, env: Env) -> Value:
    r"""δ body / δ D(x): the derivative by the function's value at each node of x."""
    at = world.value(function, env)
    if at.rank or len(at.axes) < 1:
        raise CannotEvaluate(f"a derivative by the function {function.function} needs a variable to stand on")
    worlds = max(world.setting.worlds, at.data.shape[0])
    leaf = at.with_data(at.data.detach().expand(worlds, *at.data.shape[1:]).clone().requires_grad_(True))
    with torch.enable_grad():
        out = world.value(body, env.with_values({function.function: leaf}))
    if out.rank:
        raise CannotEvaluate("the functional derivative of something that is not a scalar")
    g = Value(leaf.axes, _grad(out.data, leaf.data))
    for axis in set(leaf.axes) - set(out.axes):
        w = axis_weights(world, axis)
        g = g.with_data(g.data / torch.exp(w.spread(g.axes)))
    return g


def _along_flow(body: Term, world: World, env: Env) -> Value:
    r"""d/dt of body along the flows of its symbols and in the t it contains: Σ ⟨∂ body/∂ W, velocity of W⟩ + ∂ body/∂t."""
    names = timed.moving_names(body, world)
    flows = [f for f in world.signature.flows if f.name in names]
    explicit = timed.explicit_time(body, world)
    if not flows and not explicit:
        raise CannotEvaluate("a time derivative of something whose flow is not declared")
    timed.all_flow(body, world)
    moved: dict[str, Value] = {}
    steps: list[Tensor] = []

    def step(rank: int) -> Tensor:
        steps.append(torch.zeros(world.setting.worlds, dtype=torch.float64, requires_grad=True))
        return steps[-1].reshape(-1, *(1,) * rank)

    with torch.enable_grad():
        for f in flows:
            at = world.value(Symbol(f.name), env)
            speed = world.value(f.velocity, env)
            if at.axes or speed.axes or at.shape != speed.shape:
                raise CannotEvaluate(f"the flow of {f.name} does not have its shape")
            moved[f.name] = Value((), at.data + step(at.rank) * speed.data, at.rank)
        if explicit:
            at = world.value(Symbol(timed.TIME), env)
            if at.axes or at.rank:
                raise CannotEvaluate("the time is no number here")
            moved[timed.TIME] = Value((), at.data + step(0))
        out = world.value(body, env.with_values(moved))
    if out.axes:
        raise CannotEvaluate("a time derivative of something that varies with a random variable")
    flat = out.data.reshape(out.data.shape[0], -1)
    parts = torch.stack([torch.stack([_grad(flat[:, i], s) for i in range(flat.shape[1])], -1) for s in steps])
    return Value((), _sum_to_rounding(parts).reshape(-1, *out.shape), out.rank)


def _sum_to_rounding(parts: Tensor) -> Tensor:
    """The sum of [parts, worlds, entries], 0 where the parts of a world cancel to rounding (large ones leave some)."""
    total = parts.sum(0)
    size = parts.detach().abs().amax((0, 2))
    small = total.detach().abs() <= 1e-12 * size.unsqueeze(-1)
    return torch.where(small, total - total.detach(), total)
