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

from derivcheck.interpreters.exact import labelled
from derivcheck.interpreters.exact.definitions import definitions_of, expansion
from derivcheck.interpreters.exact.factors import parts_of, whole_joint
from derivcheck.interpreters.exact.gradients import gradients
from derivcheck.interpreters.exact.labels import labels_in
from derivcheck.interpreters.exact.mentions import free_variables, reached
from derivcheck.interpreters.exact.tables import axis_weights
from derivcheck.interpreters.exact.values import CannotEvaluate, ShapesDiffer, Value
from derivcheck.terms.term import Call, Derivative, Number, Symbol, Term

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
    if world.is_variable(wrt) and world.setting.kind != "tables":
        env = _others_fixed(t.body, wrt, key, world, env)
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


def _others_fixed(body: Term, wrt: Symbol, key: str, world: World, env: Env) -> Env:
    """A derivative by one variable holds all other variables fixed, also where a path ties them to it."""
    fixed = {key: world.value(wrt, env)}  # first of all: a source that is fixed would move it along its path
    for other in sorted(free_variables(body, world, env) - {key} - env.values.keys()):
        name, _, index = other.partition("@")
        symbol = Symbol(name, (Number(Fraction(int(index))),) if index.lstrip("-").isdigit() else ())
        v = world.value(symbol, env)
        fixed[other] = v.with_data(v.data.detach())
    return env.with_values(fixed) if fixed else env


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
    if out.rank == 0:
        return Value(leaf.axes, grads[0], leaf.rank)
    if leaf.rank == 0:
        return Value(leaf.axes, torch.stack(grads, -1), 1)
    return Value(leaf.axes, torch.stack(grads, -2), 2)


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
    r"""d/dt of body along the flows of its symbols: Σ ⟨∂ body/∂ W, velocity of W⟩."""
    names = reached(body, world)
    flows = [f for f in world.signature.flows if f.name in names]
    if not flows:
        raise CannotEvaluate("a time derivative of something whose flow is not declared")
    s = torch.zeros(world.setting.worlds, dtype=torch.float64, requires_grad=True)
    moved: dict[str, Value] = {}
    for f in flows:
        at = world.value(Symbol(f.name), env)
        speed = world.value(f.velocity, env)
        if at.axes or speed.axes or at.shape != speed.shape:
            raise CannotEvaluate(f"the flow of {f.name} does not have its shape")
        step = s.reshape(-1, *(1,) * at.rank)
        moved[f.name] = Value((), at.data + step * speed.data.detach(), at.rank)
    with torch.enable_grad():
        out = world.value(body, env.with_values(moved))
    if out.axes:
        raise CannotEvaluate("a time derivative of something that varies with a random variable")
    flat = out.data.reshape(out.data.shape[0], -1)
    columns = [_grad(flat[:, i], s) for i in range(flat.shape[1])]
    return Value((), torch.stack(columns, -1).reshape(out.data.shape), out.rank)
