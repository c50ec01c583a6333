r"""The world on which an incorrect relation fails, made small where a simple one separates the sides too."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

import torch

from derivcheck.checks import constants
from derivcheck.checks.ask import answer
from derivcheck.checks.compare import Comparison, compare
from derivcheck.checks.evidence import Counterexample, Question
from derivcheck.interpreters.exact.bench import Bench
from derivcheck.interpreters.exact.setting import Setting
from derivcheck.interpreters.exact.values import CannotEvaluate, Value
from derivcheck.interpreters.exact.world import World
from derivcheck.verdicts.result import PlainValue, Witness

SIMPLE_TRIES = 3
DIGITS = 12


def witness_of(q: Question, found: Counterexample) -> Witness:
    """The witness of a failed relation, on a simple world if one separates the sides."""
    small = _simple(q, found) if q.sign in ("=", ":=") and not found.setting.salt else None
    best = small or found
    world = _alone(q, best.setting)
    return Witness(
        world_kind=best.setting.label,
        seed=best.setting.seed,
        world=number_of(best.setting, best.world),
        parameters=_parameters(world, best.world),
        lhs_value=rounded(best.left),
        rhs_value=rounded(best.right),
        difference=_short(best.difference),
        bound=_short(best.bound),
    )


def _alone(q: Question, setting: Setting) -> World:
    """The same world with nothing on it but this relation, whatever was evaluated before; on few nodes, for its draws alone."""
    bench = Bench(q.bench.signature, q.bench.seed, q.bench.count, q.bench.deadline)
    setting = replace(setting, refine=0)
    world = bench.world(setting)
    with world.few_nodes(), suppress(CannotEvaluate):
        try:
            bench.values(setting, (q.left, q.right), constants.at_zero(constants.unknowns(q.left, q.right)))
        except CannotEvaluate:  # what is compared is not the sides themselves: what the check draws for it is there
            if q.sign in ("=", ":="):
                answer(replace(q, bench=bench))
    return world


def number_of(setting: Setting, world: int) -> int:
    """One number for a world of a setting: group, then place in the batch."""
    return setting.group * 1000 + world


def _simple(q: Question, found: Counterexample) -> Counterexample | None:
    """A world of halves and quarters that separates the sides by a difference one can see."""
    for attempt in range(SIMPLE_TRIES):
        setting = replace(found.setting, simple=True, worlds=6, spread=1.0, group=found.setting.group % 3 + 3 * attempt, refine=0)
        try:
            c = _compared(q, setting)
            clear = c.different & (c.difference > 1e-3 * c.unit)
            if found.setting.refine and bool(clear.any()):  # few nodes may not see what the verdict is about
                finer = _compared(q, replace(setting, refine=found.setting.refine))
                clear &= finer.different & ((finer.difference - c.difference).abs() <= 1e-6 * finer.difference)
        except CannotEvaluate:
            return None
        if bool(clear.any()):
            i = int(clear.nonzero()[0, 0])
            return c.counterexample(setting, i)
    return None


def _compared(q: Question, setting: Setting) -> Comparison:
    a, b = q.bench.values(setting, (q.left, q.right))
    return compare(a, b, setting.worlds, quadrature=setting.kind == "smooth")


def _parameters(world: World, i: int) -> dict[str, PlainValue]:
    """Every symbol of the world with its value: sizes, indices, draws, points, tables."""
    out: dict[str, PlainValue] = {"T": world.setting.horizon}
    for name, v in world.shown().items():
        out[shown_key(name)] = rounded(_of_world(v, i))
    return dict(sorted(out.items()))


def _of_world(v: Value, i: int) -> torch.Tensor:
    data = v.data.detach()
    return data[min(i, data.shape[0] - 1)]


def shown_key(key: str) -> str:
    """A ground key as a reader writes it."""
    name, _, index = key.partition("@")
    return f"{name}_{{{index}}}" if index and not name.endswith(")") else name


def rounded(v: torch.Tensor) -> PlainValue:
    """Numbers with 12 digits, so that the order of a sum does not show."""
    return _walked(v.detach().tolist())


def _walked(x: Any) -> PlainValue:
    return [_walked(y) for y in x] if isinstance(x, list) else _short(float(x))


def _short(x: float) -> float:
    return float(f"{x:.{DIGITS}g}")
