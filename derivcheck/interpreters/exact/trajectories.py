r"""Trajectories of declared linear flows, exactly: `\\dot w = A w` gives w(t) = e^{tA} w(0)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from derivcheck.interpreters.exact import timed
from derivcheck.interpreters.exact.definitions import definitions_of
from derivcheck.interpreters.exact.mentions import reached
from derivcheck.interpreters.exact.values import CannotEvaluate, Value
from derivcheck.terms.term import Symbol, Term

if TYPE_CHECKING:
    from derivcheck.interpreters.exact.world import Env, World
    from derivcheck.terms.signature import FlowDeclaration


def flows_in(terms: tuple[Term, ...], world: World) -> list[FlowDeclaration]:
    """The flows of the names that the terms mention."""
    names = frozenset[str]().union(*(reached(t, world) for t in terms))
    return [f for f in world.signature.flows if f.name in names]


def at_time(time: float, flows: list[FlowDeclaration], world: World, env: Env) -> Env:
    """The environment at a time: `t`, the moved symbols, and their values at 0.

    Raises:
        CannotEvaluate: a flow is not linear in its symbol, or moves with something else too.
    """
    values: dict[str, Value] = {"t": Value((), torch.full((1,), time, dtype=torch.float64))}
    for f in flows:
        start = world.value(Symbol(f.name), env)
        if start.axes or start.iso:
            raise CannotEvaluate(f"the flow of {f.name} starts from no plain value")
        _alone(f, world)
        a = _generator(f, start, world, env)
        flat = start.data.reshape(start.data.shape[0], -1, 1)
        moved = torch.matrix_exp(time * a) @ flat
        shape = (moved.shape[0], *start.data.shape[1:])
        values[f.name] = Value((), moved.reshape(shape), start.rank)
        values[f"{f.name}@at 0"] = start
    return env.with_values(values)


def _alone(f: FlowDeclaration, world: World) -> None:
    """Refuse a velocity that the time or another moving symbol changes: its matrix is not constant."""
    if timed.explicit_time(f.velocity, world):
        raise CannotEvaluate(f"the flow of {f.name} depends on the time, so its trajectory is not known exactly")
    for name in sorted(reached(f.velocity, world) - {f.name}):
        declared = world.signature.symbols.get(name)
        moving = declared is not None and declared.time_dependent and not definitions_of(world, name)
        if moving or any(g.name == name for g in world.signature.flows):
            raise CannotEvaluate(f"the flow of {f.name} depends on that of {name}")


def _generator(f: FlowDeclaration, start: Value, world: World, env: Env) -> Tensor:
    """The matrix A of a linear flow, column by column; checked at another point."""
    memo = world.generators
    if f.name in memo:
        return memo[f.name]
    n = start.data[0].numel()
    columns = [_velocity(f, torch.eye(n, dtype=torch.float64)[i], start, world, env) for i in range(n)]
    a = torch.stack(columns, -1)
    probe = torch.linspace(0.5, 1.5, n, dtype=torch.float64)
    if not torch.allclose(_velocity(f, probe, start, world, env), a @ probe, rtol=1e-8, atol=1e-9):
        raise CannotEvaluate(f"the flow of {f.name} is not linear, so its trajectory is not known exactly")
    memo[f.name] = a
    return a


def _velocity(f: FlowDeclaration, at: Tensor, start: Value, world: World, env: Env) -> Tensor:
    worlds = world.setting.worlds
    data = at.reshape(1, *start.data.shape[1:]).expand(worlds, *start.data.shape[1:])
    v = world.value(f.velocity, env.with_values({f.name: Value((), data, start.rank)}))
    if v.axes or v.shape != start.shape:
        raise CannotEvaluate(f"the flow of {f.name} does not have its shape")
    return v.data.detach().expand(worlds, *v.data.shape[1:]).reshape(worlds, -1)
