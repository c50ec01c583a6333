r"""Optima: of functions by Newton's method at every node, of densities as the best of a finite random family.

The optimum comes from maximising, never from the document's formula. The family of a density's optimum
contains every declared feasible member.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.linalg import LinAlgError  # type: ignore[reportPrivateImportUsage]

from derivcheck.interpreters.exact import labelled
from derivcheck.interpreters.exact.gradients import gradients
from derivcheck.interpreters.exact.mentions import reached
from derivcheck.interpreters.exact.slots import slots
from derivcheck.interpreters.exact.tables import GroundFactor, factor_table
from derivcheck.interpreters.exact.values import (
    CannotEvaluate,
    Value,
    rename,
    scale,
    sum_over,
    union,
)
from derivcheck.terms.substitute import substitute
from derivcheck.terms.term import Call, Density, Optimum, Symbol, Term

if TYPE_CHECKING:
    from derivcheck.interpreters.exact.world import Env, World
    from derivcheck.terms.signature import OptimumDeclaration, Signature

MEMBERS = 7


def declared(name: str, world: World) -> OptimumDeclaration:
    """The declaration of an optimum's name."""
    return next(o for o in world.signature.optima if o.name == name)


def named_optimum(t: Symbol | Call, world: World, env: Env) -> Value:
    """The value of `D^*` or `D^*(x)`: the optimal function at its nodes, the optimal parameter."""
    name = t.function if isinstance(t, Call) else t.name
    o = declared(name, world)
    if o.unknown in world.signature.densities:
        raise CannotEvaluate(f"the density {name} stands where a number is needed")
    found, axes_of = solve(o.optimum, o.unknown, world, env)
    if isinstance(t, Call) and t.arguments:
        formals = _formals(o.unknown, world)
        if formals and tuple(t.arguments) != formals:
            old = [k for f in formals for k in world.symbols_of(f, env.indices)]
            new = [k for a in t.arguments for k in world.symbols_of(a, env.indices)]
            if len(old) == len(new):
                return rename(found, dict(zip(old, new, strict=True)))
            raise CannotEvaluate(f"{name} at something other than its variable has no value here")
    del axes_of
    return found


def at_arguments(use: Call, leaf: Value, world: World, env: Env) -> Value:
    """A function that is given by its values on its own variables' nodes, at the variables it is used at."""
    formals = _formals(use.function, world)
    if not use.arguments or tuple(use.arguments) == formals or not leaf.axes:
        return leaf
    old = [k for f in formals for k in world.symbols_of(f, env.indices) if k in leaf.axes]
    new = [k for a in use.arguments for k in world.symbols_of(a, env.indices) if not (isinstance(a, Symbol) and a.name in env.indices)]
    if old == new:
        return leaf
    if len(old) == len(new) and all(world.node_key(a) == world.node_key(b) for a, b in zip(old, new, strict=True)):
        return rename(leaf, dict(zip(old, new, strict=True)))
    raise CannotEvaluate(f"{use.function} at something other than its own variables has no value here")


def _formals(function: str, world: World) -> tuple[Term, ...]:
    f = world.signature.functions.get(function)
    return f.arguments if f else ()


def solve(optimum: Optimum, unknown: str, world: World, env: Env) -> tuple[Value, Value]:
    """The optimal value of the unknown (a function at its nodes, or a parameter) and the optimum."""
    memo = world.solved
    at = (optimum, unknown, tuple(sorted(env.indices.items())), tuple(sorted((k, v[0]) for k, v in env.values.items())))
    if at not in memo:
        memo[at] = _solve(optimum, unknown, world, env)
    return memo[at]


def _solve(optimum: Optimum, unknown: str, world: World, env: Env) -> tuple[Value, Value]:
    start, value_at = objective(optimum, unknown, world, env)
    if value_at(start.data).axes:
        raise CannotEvaluate("the objective depends on a variable that stands free in it")
    best = start.with_data(_newton(start.data, value_at, sense(optimum), domain_of(unknown, world.signature)))
    return best, value_at(best.data)


def objective(optimum: Optimum, unknown: str, world: World, env: Env) -> tuple[Value, Callable[[Tensor], Value]]:
    """A random point of the unknown's domain, and the objective's value at any point of it."""
    f = world.signature.functions.get(unknown)
    if f is None and labelled.carries(reached(optimum.body, world) - {unknown}, unknown):
        raise CannotEvaluate(f"how the objective depends on {unknown} is not said")
    use: Term = Call(unknown, f.arguments) if f is not None else Symbol(unknown)
    start = world.value(use, env)
    if world.setting.kind != "tables" and start.axes == () and f is not None:
        raise CannotEvaluate("the optimal function is only found on finite tables")
    start = start.with_data(start.data.detach().expand(world.setting.worlds, *start.data.shape[1:]).clone())

    def value_at(point: Tensor) -> Value:
        return world.value(optimum.body, env.with_values({unknown: start.with_data(point)}))

    return start, value_at


def sense(optimum: Optimum) -> float:
    """1 where the objective is made small, -1 where it is made large."""
    return 1.0 if optimum.kind in ("min", "argmin", "inf") else -1.0


def domain_of(unknown: str, signature: Signature) -> str:
    """The domain that the unknown is declared with."""
    declared = signature.functions.get(unknown) or signature.symbols.get(unknown)
    return declared.domain if declared is not None else "real"


NEWTON_STEPS = 60


def _newton(x: Tensor, value_at: Callable[[Tensor], Value], sign: float, domain: str) -> Tensor:
    """Damped Newton on all entries of one world at once, kept inside the domain; must end stationary."""
    g = eig = x  # until the first step
    for _ in range(NEWTON_STEPS):
        leaf = x.detach().clone().requires_grad_(True)
        with torch.enable_grad():
            out = value_at(leaf).data * sign
            flat = out.reshape(out.shape[0], -1).sum(-1)
            (g,) = torch.autograd.grad(flat.sum(), leaf, create_graph=True)
            h = _hessian(g, leaf)
        g = g.detach().reshape(g.shape[0], -1)
        n = g.shape[1]
        shift = torch.zeros(g.shape[0], 1, 1, dtype=torch.float64)
        eig = torch.linalg.eigvalsh(h)
        shift[:, 0, 0] = torch.clamp(1e-9 - eig[:, 0], min=0.0)
        try:
            step = torch.linalg.solve(h + shift * torch.eye(n, dtype=torch.float64), g.unsqueeze(-1)).squeeze(-1)
        except LinAlgError as why:  # flat to rounding where the steps have led
            raise CannotEvaluate("the optimum was not found: no stationary point") from why
        new = _kept(x.reshape(x.shape[0], -1), -step, domain).reshape(x.shape)
        change = (new - x).abs().max()
        x = new.detach()
        if not torch.isfinite(x).all():
            raise CannotEvaluate("the optimum was not found")
        if change < 1e-13 * (1 + float(x.abs().max())):
            break
    if float(g.abs().max()) > 1e-7:
        raise CannotEvaluate("the optimum was not found: no stationary point")
    if bool((eig[:, 0] < -1e-9).any()):
        raise CannotEvaluate("the stationary point found is not an optimum")
    return x


def _kept(x: Tensor, step: Tensor, domain: str) -> Tensor:
    """x + step, shortened so as not to leave the domain."""
    new = x + step
    if domain == "unit":
        new = torch.where(new <= 0, x / 4, new)
        new = torch.where(new >= 1, x + (1 - x) * 0.75, new)
    elif domain in ("positive", "nonnegative"):
        new = torch.where(new <= 0, x / 4, new)
    return new


def _hessian(g: Tensor, leaf: Tensor) -> Tensor:
    flat = g.reshape(g.shape[0], -1)
    rows: list[Tensor] = []
    for i in range(flat.shape[1]):
        if not flat.requires_grad:
            rows.append(torch.zeros_like(flat))
            continue
        (row,) = gradients(flat[:, i].sum(), [leaf], retain_graph=True)
        rows.append(torch.zeros_like(flat) if row is None else row.reshape(flat.shape))
    return torch.stack(rows, 1).detach()


def optimum(t: Optimum, world: World, env: Env) -> Value:
    """The value of `min_s E[..]`: the optimum of the objective, or the optimal unknown for argmin."""
    unknown = unknown_of(t, world.signature)
    if unknown in world.signature.densities:
        raise CannotEvaluate("an optimum over densities has a value only under a declared name")
    best, value = solve(t, unknown, world, env)
    return best if t.kind in ("argmin", "argmax") else value


def unknown_of(t: Optimum, signature: Signature) -> str:
    """The function or parameter over which a problem is solved."""
    for o in t.over:
        name = o.function if isinstance(o, Call) else getattr(o, "name", None)
        if name in signature.functions or name in signature.symbols:
            return str(name)
    candidates = [n for n, f in signature.functions.items() if n in t.body.names and (f.network or len(t.over) == 0)]
    if t.over:
        wanted = [o.name for o in t.over if isinstance(o, Symbol)]
        candidates = [n for n in candidates if any(w in n for w in wanted)]
    if len(candidates) == 1:
        return candidates[0]
    raise CannotEvaluate("what is optimised over is not declared")


# --- densities ---------------------------------------------------------------------------------------


def log_optimal_density(t: Density, world: World, env: Env) -> Value:
    """log of an optimal density: the best member of a finite random family of tables."""
    if world.setting.kind != "tables":
        raise CannotEvaluate("an optimal density has a value only on finite tables")
    o = declared(t.name, world)
    joint = world.joint(o.unknown)
    event, given = slots(o.unknown, t.event, world, env), slots(o.unknown, t.given, world, env)
    if set(event) != set(joint.events) or set(given) != set(joint.roots):
        raise CannotEvaluate(f"only the whole density {t.name} has a value, not a marginal of it")
    members = [_member(o, k, world) for k in range(MEMBERS)]
    names = {**event, **given}
    chosen = _choice(o, world, env)
    stacked = torch.stack([rename(m, names).data for m in members], 1)
    layout = rename(members[0], names)
    table = Value(("*member", *layout.axes), stacked)
    return sum_over(scale(chosen, Value(tuple(sorted(table.axes)), table.spread(tuple(sorted(table.axes))))), "*member", None, 1)


def _member(o: OptimumDeclaration, k: int, world: World) -> Value:
    joint = world.joint(o.unknown)
    name = f"{_family(o, world)}#{k}"
    key = (name, joint.events, joint.roots)
    found = world.table_cache.get(key)
    if found is None:
        found = world.table_cache[key] = factor_table(world, GroundFactor(name, joint.events, joint.roots))
    return found


def _family(o: OptimumDeclaration, world: World) -> str:
    """One family for all optima that are feasible for each other."""
    group = {o.name}
    for other in world.signature.optima:
        if other.name in o.feasible or o.name in other.feasible:
            group.add(other.name)
    return "&".join(sorted(group))


def _choice(o: OptimumDeclaration, world: World, env: Env) -> Value:
    """One-hot over the members, at every node of the objective's axes."""
    key = ("*choice", o.name, tuple(sorted((k, v) for k, v in env.indices.items() if k in o.optimum.names)))
    found = world.table_cache.get(key)  # type: ignore[call-overload]
    if found is not None:
        return found
    scores: list[Value] = []
    joint = world.joint(o.unknown)
    for k in range(MEMBERS):
        name = f"{o.unknown}#{k}"
        world.member_tables[name] = (_member(o, k, world), joint)
        body = substitute(o.optimum.body, {}, {o.unknown: name})
        scores.append(world.value(body, env))
    axes = union(*scores)
    data = torch.broadcast_tensors(*(s.spread(axes) for s in scores))
    stacked = torch.stack(list(data), -1)
    best = stacked.argmax(-1) if o.optimum.kind in ("argmax", "max", "sup") else stacked.argmin(-1)
    one_hot = torch.nn.functional.one_hot(best, MEMBERS).to(torch.float64)
    out = Value((*axes, "*member"), one_hot)
    order = tuple(sorted(out.axes))
    found = Value(order, out.spread(order))
    world.table_cache[key] = found  # type: ignore[index]
    return found
