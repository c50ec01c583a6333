"""Means over large grids, one slice of the grid after the other: memory stays that of a slice."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from derivcheck.interpreters.exact.keys import base_name
from derivcheck.interpreters.exact.quadrature import Binding, weighted_sum
from derivcheck.interpreters.exact.values import Value, add
from derivcheck.interpreters.exact.world import Env, World

POINTS = 1 << 16  # of a slice


def mean_over(bindings: Sequence[Binding], of: Callable[[Env], Value], names: frozenset[str], world: World) -> Value:
    """Σ weight · of(..) over all that the bindings bind; names: all that `of` reaches."""
    env = bindings[-1].env
    axes = [a for b in bindings for a in b.axes]
    weights = [w for b in bindings for w in b.weights]
    sizes: dict[str, int] = {}
    for k, (_, v) in env.values.items():
        if base_name(k) in names:
            sizes.update(zip(v.axes, v.data.shape[1:], strict=False))
    points = world.setting.worlds * math.prod(sizes.values())
    cut = next((a for a in axes if sizes.get(a, 1) > 1), None)
    with world.memory.scope():
        if cut is None or points <= POINTS:
            return weighted_sum(of(env), weights, axes)
    size = sizes[cut]
    step = max(1, size * POINTS // points)
    out: Value | None = None
    for start in range(0, size, step):
        n = min(step, size - start)
        here = {k: _sliced(v, cut, start, n) for k, (_, v) in env.values.items() if cut in v.axes}
        inner = replace(env.with_values(here), slices=env.slices * math.ceil(size / n))
        with world.memory.scope():
            part = weighted_sum(of(inner), [_sliced(w, cut, start, n) for w in weights], axes)
        out = part if out is None else add(out, part)
    assert out is not None
    return out


def _sliced(v: Value, axis: str, start: int, n: int) -> Value:
    """Some of the nodes of an axis, if the value varies over it."""
    if axis not in v.axes:
        return v
    return v.with_data(v.data.narrow(1 + v.axes.index(axis), start, n))
