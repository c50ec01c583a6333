r"""`argmax_D J = argmax_D K` where only J has its optimum inside the domain: another D serves K better.

With values in (0, 1) every problem has its optimum somewhere, if only at an end. That K's is not J's is shown by
values alone, never by a slope (a kink has one too): at J's optimum K is worth less than at another point. Where
nothing bounds the unknown, K may have no optimum at all, and nothing is said.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from derivcheck.checks.evidence import Attempt, Counterexample, Outcome, Question
from derivcheck.interpreters.exact.bench import GROUPS
from derivcheck.interpreters.exact.gradients import gradients
from derivcheck.interpreters.exact.optima import domain_of, objective, sense, solve, unknown_of
from derivcheck.interpreters.exact.values import CannotEvaluate
from derivcheck.interpreters.exact.world import Env, World
from derivcheck.terms.term import Optimum

Cost = Callable[[Tensor], Tensor]  # a point of each world -> what is to be made small

STEPS = (0.5, 0.25, 0.1, 0.03, 0.01)  # parts of the way to the end of the domain
TRIES = 12
CLEAR = 1e-6


def ask(q: Question) -> Outcome | None:
    """A refutation of two problems' having one solution, or None."""
    a, b = q.left, q.right
    if not isinstance(a, Optimum) or not isinstance(b, Optimum) or not (a.kind.startswith("arg") and b.kind.startswith("arg")):
        return None
    try:
        unknown = unknown_of(a, q.bench.signature)
        if unknown != unknown_of(b, q.bench.signature) or domain_of(unknown, q.bench.signature) != "unit":
            return None
        found = [_rival(q, a, b, unknown, group) for group in GROUPS]
    except CannotEvaluate:
        return None
    if any(counterexample is None for counterexample, _ in found):
        return None
    tried = tuple(Attempt(c.setting.label, c.setting.worlds, n, "differ", c.difference) for c, n in found if c is not None)
    reason = f"at the {unknown} that is optimal for one side, the other side's objective is worth less than at another {unknown}"
    return Outcome("fails", reason, tried, found[0][0], worlds=sum(n for _, n in found))


def _rival(q: Question, a: Optimum, b: Optimum, unknown: str, group: int) -> tuple[Counterexample | None, int]:
    """The clearest world on which one problem's optimum is not the other's, and how many there are."""
    setting = q.bench.setting("tables", group)
    world, env = q.bench.prepare(setting, (a, b))
    best_a, best_b = (_solved(t, unknown, world, env) for t in (a, b))
    if best_a is not None and best_b is None:
        best, own, other = best_a, a, b
    elif best_b is not None and best_a is None:
        best, own, other = best_b, b, a
    else:
        return None, 0
    if not _is_global(best, _cost(own, unknown, world, env)):
        return None, 0
    here, there = _improved(best, _cost(other, unknown, world, env))
    gain = here - there
    bound = CLEAR * torch.maximum(here.abs(), there.abs()).clamp(min=1.0)
    clear = torch.isfinite(gain) & (gain > 100 * bound)
    if int(clear.sum()) < 2:
        return None, 0
    i = int(torch.where(clear, gain, -torch.inf).argmax())
    values = (sense(other) * here[i], sense(other) * there[i])
    return Counterexample(setting, i, *values, float(gain[i]), float(bound[i])), int(clear.sum())


def _solved(t: Optimum, unknown: str, world: World, env: Env) -> Tensor | None:
    try:
        return solve(t, unknown, world, env)[0].data.detach()
    except CannotEvaluate:
        return None


def _cost(t: Optimum, unknown: str, world: World, env: Env) -> Cost:
    start, value_at = objective(t, unknown, world, env)

    def cost(x: Tensor) -> Tensor:
        v = value_at(x.expand(start.data.shape))
        if v.axes or v.rank:
            raise CannotEvaluate("the objective is not one number")
        return v.data.expand(len(x)) * sense(t)

    return cost


def _is_global(best: Tensor, cost: Cost) -> bool:
    """Whether the optimum beats random points of the domain, and the cost is convex on the way to each."""
    draw = torch.Generator().manual_seed(0)
    lowest = cost(best).detach()
    for _ in range(TRIES):
        other = torch.rand(best.shape, generator=draw, dtype=best.dtype)
        middle, end = cost((best + other) / 2).detach(), cost(other).detach()
        if not bool(((end > lowest) & (middle < (lowest + end) / 2)).all()):
            return False
    return True


def _improved(best: Tensor, cost: Cost) -> tuple[Tensor, Tensor]:
    """The cost at a point, and the least that some steps downhill reach inside the domain."""
    leaf = best.clone().requires_grad_(True)
    with torch.enable_grad():
        here = cost(leaf)
        (slope,) = gradients(here.sum(), [leaf]) if here.requires_grad else (None,)
    here = here.detach()
    if slope is None:
        return here, here
    room = torch.where(slope < 0, 1 - best, -best) * (slope != 0)
    reached = [cost(best + step * room).detach() for step in STEPS]
    return here, torch.stack([here, *reached]).nan_to_num(torch.inf, torch.inf, torch.inf).amin(0)
