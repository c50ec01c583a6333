r"""`≤`, `≥`, `<`, `>`: a search for a world on the wrong side.

Holds only after worlds at several scales, at boundaries (equal densities come from large and small
scales), and a descent on the gap have found none. A bound that is reached serves ≤, not <.
"""

from __future__ import annotations

from dataclasses import replace

import torch

from derivcheck.checks.compare import aligned
from derivcheck.checks.evidence import Attempt, Counterexample, Outcome, Question, undecided
from derivcheck.interpreters.exact.bench import GROUPS, OutOfTime
from derivcheck.interpreters.exact.evaluate import new_world
from derivcheck.interpreters.exact.gradients import gradients
from derivcheck.interpreters.exact.setting import Kind, Setting
from derivcheck.interpreters.exact.values import CannotEvaluate, ShapesDiffer
from derivcheck.interpreters.exact.world import World
from derivcheck.terms.term import Term

SCALES = (0.03, 0.3, 3.0, 10.0)
STEPS = 10
UNRESOLVED = "the quadrature does not resolve the difference"
STRICT_STEPS = 60
NEAR = 1e-2  # a strict bound whose least gap is below this share of a usual gap may be reached


def ask(q: Question) -> Outcome:
    """Whether the gap is never negative, as far as a search can tell."""
    if q.sign in ("<", "<="):
        small, large = q.left, q.right
    else:
        small, large = q.right, q.left
    strict = q.sign in ("<", ">")
    if small == large:
        return undecided("both sides are the same") if strict else Outcome("holds", "both sides are the same expression", trivial=True)
    tried: list[Attempt] = []
    reasons: list[str] = []
    for kind in q.bench.kinds(small, large):
        found = _search(q, kind, small, large, tried, reasons)
        if isinstance(found, Counterexample):
            if kind == "tables" and q.bench.has_families(small, large):
                reasons.append("it fails for abstract densities, the declared families could not be evaluated")
                continue
            return Outcome("fails", "", tuple(tried), found, unbound=_unbound(q, kind))
        if found is not None:
            if strict and found < NEAR:
                return undecided("the bound is reached or nearly so: it may not be strict", tried=tuple(tried))
            if kind == "linear" and q.bench.smooth_matters(small, large):
                continue
            return Outcome("holds", "no world on the wrong side was found by search", tuple(tried), unbound=_unbound(q, kind), worlds=len(tried))
    return undecided(reasons[0] if reasons else "no world could evaluate both sides", tried=tuple(tried))


def _unbound(q: Question, kind: Kind) -> frozenset[str]:
    return frozenset(q.bench.world(q.bench.setting(kind, 0)).unbound)


def _search(q: Question, kind: Kind, small: Term, large: Term, tried: list[Attempt], reasons: list[str]) -> Counterexample | float | None:
    least, usual = float("inf"), 0.0
    settings = [q.bench.setting(kind, g) for g in GROUPS]
    if kind == "tables":
        settings += [replace(settings[i % 3], spread=s) for i, s in enumerate(SCALES)]
    worlds = 0
    for setting in settings:
        try:
            a, b = q.bench.values(setting, (small, large))
            x, y, _ = aligned(a, b)
        except OutOfTime:
            reasons.insert(0, "timeout")
            return None
        except ShapesDiffer:  # what does not fit here may fit in one dimension, which says nothing
            raise
        except CannotEvaluate as why:
            reasons.append(str(why))
            if setting.spread != 1.0:
                continue
            return None
        hit = _violation(x, y, setting)
        if hit is not None and kind != "tables":
            hit = _settled(q, setting, small, large, hit)
            if hit is None:
                raise CannotEvaluate(UNRESOLVED)
        if hit is not None:
            return hit
        gap = (y - x)[torch.isfinite(y - x)]
        if gap.numel():
            least = min(least, float(gap.min()))
            if setting is settings[0]:
                usual = float(gap.median())
            worlds += setting.worlds
    if worlds < 5 and kind != "smooth":
        reasons.append("too few worlds inside the domain of both sides")
        return None
    tried.append(Attempt(f"{kind}, {len(settings)} batches at several scales, least gap {least:.3g}", worlds, worlds, "agree"))
    if kind != "tables" and not _resolved(q, settings[0], small, large, least):
        raise CannotEvaluate(UNRESOLVED)
    if kind == "tables":
        steps = STRICT_STEPS if q.sign in ("<", ">") else STEPS
        hit_or_gap = _descend(q, settings[0], small, large, steps)
        if isinstance(hit_or_gap, Counterexample):
            return hit_or_gap
        tried.append(Attempt(f"{kind}, descent on the gap to {hit_or_gap:.3g}", settings[0].worlds, settings[0].worlds, "agree"))
        least = min(least, hit_or_gap)
    return least / usual if usual else least


def _resolved(q: Question, setting: Setting, small: Term, large: Term, least: float) -> bool:
    """Whether more nodes leave the gap where it was, as far as the smallest gap is concerned."""
    gaps: list[torch.Tensor] = []
    for s in (setting, q.bench.refined(setting)):
        try:
            x, y, _ = aligned(*q.bench.values(s, (small, large)))
        except CannotEvaluate:
            return True  # no finer rule to hold it against
        gaps.append(y - x)
        unit = float(torch.maximum(x.abs(), y.abs()).nan_to_num(0.0, 0.0, 0.0).max())
    if gaps[0].shape != gaps[1].shape:
        return True
    return float((gaps[1] - gaps[0]).abs().nan_to_num(0.0, 0.0, 0.0).max()) <= 0.5 * least + 1e-6 * unit


def _settled(q: Question, setting: Setting, small: Term, large: Term, hit: Counterexample) -> Counterexample | None:
    """The violation once more with more nodes, which must not move it; None if the rule is too coarse to tell."""
    for _ in range(2):
        setting = q.bench.refined(setting)
        try:
            x, y, _ = aligned(*q.bench.values(setting, (small, large)))
        except CannotEvaluate:
            return None
        finer = _violation(x, y, setting)
        if finer is None:
            return None
        if finer.world == hit.world and abs(finer.difference - hit.difference) <= 0.05 * finer.difference:
            return finer
        hit = finer
    return None


def _violation(x: torch.Tensor, y: torch.Tensor, setting: Setting) -> Counterexample | None:
    gap = (y - x).expand(setting.worlds, *x.shape[1:]).reshape(setting.worlds, -1)
    unit = torch.maximum(x.abs(), y.abs()).expand(setting.worlds, *x.shape[1:]).reshape(setting.worlds, -1)
    bound = 1e-6 * unit + 1e-9
    bad = torch.isfinite(gap) & (gap < -bound)
    if not bool(bad.any()):
        return None
    i, j = (int(v) for v in bad.nonzero()[0])
    flat_x, flat_y = (v.expand(setting.worlds, *x.shape[1:]).reshape(setting.worlds, -1) for v in (x, y))
    return Counterexample(setting, i, flat_x[i, j], flat_y[i, j], float(-gap[i, j]), float(bound[i, j]))


def _descend(q: Question, setting: Setting, small: Term, large: Term, steps: int) -> Counterexample | float:
    """Descent on the draws themselves, towards a smaller gap; the end is only reported if it is a world of its own."""
    world, env = q.bench.prepare(setting, (small, large))
    with torch.no_grad():
        for side in (small, large):  # so that every draw they need is made
            world.value(side, env)
    leaves = {k: v.clone().requires_grad_(True) for k, v in world.draws.cache.items() if k[0] == "normal"}
    if not leaves:
        return float("inf")
    best = float("inf")
    for step in range(steps):
        moved = _moved(q, world, setting, leaves)
        a, b = (moved.value(t, env) for t in (small, large))
        x, y, _ = aligned(a, b)
        hit = _violation(x, y, setting)
        if hit is not None:
            return hit
        gap = _gap(a, b)
        if not gap.requires_grad or not torch.isfinite(gap).all():
            break
        best = min(best, float(gap.detach().min()))
        slopes = gradients(gap.mean(), list(leaves.values()))
        for (k, leaf), g in zip(list(leaves.items()), slopes, strict=True):
            if g is not None:  # steps of one size in every direction that matters, as Adam's first ones
                leaves[k] = (leaf.detach() - 0.25 * (1 - step / steps) * g / (g.abs().amax() + 1e-12)).requires_grad_(True)
    return best


def _gap(a: object, b: object) -> torch.Tensor:
    from derivcheck.interpreters.exact.values import Value, add, negative

    assert isinstance(a, Value)
    assert isinstance(b, Value)
    gap = add(b, negative(a)).data
    return gap.reshape(gap.shape[0], -1).min(-1).values


def _moved(q: Question, world: World, setting: Setting, leaves: dict[tuple[str, str, tuple[int, ...]], torch.Tensor]) -> World:
    moved = new_world(q.bench.signature, setting)
    moved.draws.cache.update(world.draws.cache)
    moved.draws.cache.update(leaves)
    moved.look_at(world.free_outside, world.mentioned, world.full_laws, dots=world.dots, bare_laws=world.bare_laws)
    return moved
