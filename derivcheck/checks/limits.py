r"""`\\to`, and other statements about trajectories of a declared flow at several times.

A limit holds if the gap at t = 2^k falls below 1e-9 of its start and keeps falling. An equation or bound
between w(t) and w(0) is compared at several times.
"""

from __future__ import annotations

import torch

from derivcheck.checks.compare import Comparison, aligned, compare
from derivcheck.checks.evidence import Counterexample, Outcome, Question, undecided
from derivcheck.interpreters.exact.bench import GROUPS
from derivcheck.interpreters.exact.trajectories import at_time, flows_in
from derivcheck.interpreters.exact.values import CannotEvaluate, Value, add, negative
from derivcheck.terms.substitute import subterms
from derivcheck.terms.term import Call, Number

TIMES = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)
DOUBLINGS = 18


def is_long_time(q: Question) -> bool:
    """Whether a trajectory is compared at several times: `w(t)` beside `w(0)`."""
    for side in (q.left, q.right):
        for _, x in subterms(side):
            if isinstance(x, Call) and len(x.arguments) == 1 and isinstance(x.arguments[0], Number):
                declared = q.bench.signature.symbols.get(x.function)
                if declared is not None and declared.time_dependent:
                    return True
    return False


def along(q: Question) -> Outcome:
    """An equation or a bound between a trajectory's values at t and at 0."""
    agreed = 0
    for group in GROUPS:
        setting = q.bench.setting("tables", group)
        world, env = q.bench.prepare(setting, (q.left, q.right))
        flows = flows_in((q.left, q.right), world)
        if not flows:
            return undecided("a statement about a trajectory whose flow is not declared")
        for time in TIMES:
            here = at_time(time, flows, world, env)
            a, b = world.value(q.left, here), world.value(q.right, here)
            bad, c = _violated(q, a, b, setting.worlds)
            if bool(bad.any()):
                i = int(bad.nonzero()[0, 0])
                found = c.counterexample(setting, i)
                return Outcome("fails", f"at t = {time:g} the trajectory contradicts it", counterexample=found, unbound=frozenset(world.unbound))
            agreed += int(c.usable.sum())
        if world.unbound:
            return undecided("a name without meaning in a statement about a trajectory", unbound=frozenset(world.unbound))
    return Outcome("holds", "it holds along the trajectory at every time tried", worlds=agreed)


def _violated(q: Question, a: Value, b: Value, worlds: int) -> tuple[torch.Tensor, Comparison]:
    c = compare(a, b, worlds)
    if q.sign in ("=", ":="):
        return c.different, c
    x, y, _ = aligned(a, b)
    gap = (y - x if q.sign in ("<=", "<") else x - y).expand(worlds, *x.shape[1:]).reshape(worlds, -1).amin(-1)
    return (gap < -(1e-6 * c.unit + 1e-9)) & c.usable, c


def ask(q: Question) -> Outcome:
    """Whether the left side tends to the right side as t grows."""
    for group in GROUPS:
        setting = q.bench.setting("tables", group)
        try:
            world, env = q.bench.prepare(setting, (q.left, q.right))
            flows = flows_in((q.left, q.right), world)
            if not flows:
                return undecided("a limit of something whose flow is not declared")
            gaps = [_gap(q, at_time(t, flows, world, env), world) for t in (0.0, *(2.0**k for k in range(DOUBLINGS)))]
        except CannotEvaluate as why:
            return undecided(str(why))
        if world.unbound:
            return undecided(f"{', '.join(sorted(world.unbound))} has no declared meaning")
        start, before, end = gaps[0], gaps[-2], gaps[-1]
        if not bool((end <= 1e-9 * start).all()) or bool((end > before + 1e-300).any()):
            if bool((end > 1e-3 * start).all()) and bool((end >= 0.999 * before).all()):
                i = 0
                found = Counterexample(setting, i, end[i], torch.zeros(()), float(end[i]), float(1e-9 * start[i]))
                return Outcome("fails", "it does not get smaller as t grows", counterexample=found)
            return undecided("the limit is not reached within the times tried")
    return Outcome("holds", "it falls below 1e-9 of its start and keeps falling", worlds=len(GROUPS))


def _gap(q: Question, env: object, world: object) -> torch.Tensor:
    a, b = (world.value(t, env) for t in (q.left, q.right))  # type: ignore[attr-defined]
    gap = a if _zero(q) else add(a, negative(b))
    flat = gap.data.detach().abs()
    return flat.reshape(flat.shape[0], -1).amax(-1)


def _zero(q: Question) -> bool:
    return isinstance(q.right, Number) and q.right.value == 0
