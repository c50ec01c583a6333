r"""A quick look at many edited right sides: on one batch of worlds, sub-terms evaluated once.

Main definitions: `Screen`. What passes here is asked again in full (`checks.ask`); what fails is not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import final

import torch
from torch import Tensor

from derivcheck.checks.compare import aligned
from derivcheck.checks.constants import VARIANTS, forbidden, unknowns
from derivcheck.checks.evidence import Question
from derivcheck.interpreters.exact.bench import OutOfTime
from derivcheck.interpreters.exact.setting import Setting
from derivcheck.interpreters.exact.values import CannotEvaluate
from derivcheck.terms.substitute import rebuild, subterms
from derivcheck.terms.term import Add, Call, Constant, Negate, Power, Term, Unknown
from derivcheck.verdicts.edits._edit import ZERO

CLOSE = 1e-7
CLOSE_QUADRATURE = 1e-5
WIDE = 24  # numbers kept of one gap, for pairs of edits


@final
@dataclass
class Screen:
    """One relation on one batch of worlds: how far a right side is from the left one.

    work: how many sub-terms were evaluated so far.
    """

    question: Question
    setting: Setting
    variants: tuple[Setting, ...] = ()
    axes: frozenset[str] = frozenset()
    scale: str = "plain"  # plain, log (a ratio is to be constant)
    work: int = 0
    base: Tensor | None = field(default=None)
    shape: tuple[int, ...] = ()

    def gap(self, right: Term) -> Tensor | None:
        """left - right in units of the larger, by world and node; None if it has no value."""
        try:
            gaps = [self._one(s, right) for s in (self.setting, *self.variants)]
        except OutOfTime:
            raise
        except CannotEvaluate:
            return None
        if not self.variants and not self.axes:
            return _flat(gaps[0])
        rows: list[Tensor] = []
        first = gaps[0]
        if any(g.shape != first.shape for g in gaps):
            return None
        rows += [_flat(g - first) for g in gaps[1:]]
        return torch.cat(rows, -1) if rows else None

    def _one(self, setting: Setting, right: Term) -> Tensor:
        bench = self.question.bench
        before = len(bench.world(setting).memo)
        try:
            a, b = bench.values(setting, (closed(self.question.left), closed(right)))
        finally:
            self.work += max(0, len(bench.world(setting).memo) - before) + 1
        if self.scale == "log":
            a, b = (v.with_data(torch.log(v.data.detach())) for v in (a, b))
        x, y, axes = aligned(a, b)
        unit = 1.0 if self.scale == "log" else torch.maximum(x.abs(), y.abs()).nan_to_num(0.0, 0.0, 0.0)
        gap = x - y
        if not isinstance(unit, float):
            flat = unit.reshape(unit.shape[0], -1).amax(-1).clamp(min=1e-9)
            gap = gap / flat.reshape(-1, *(1,) * (gap.dim() - 1)) if self._relative else gap
        for axis in self.axes & {*axes}:
            position = 1 + axes.index(axis)
            gap = gap - gap.select(position, 0).unsqueeze(position)
        return gap.expand(setting.worlds, *gap.shape[1:])

    @property
    def _relative(self) -> bool:
        return False

    def closes(self, gap: Tensor, unit: float) -> bool:
        """Whether a gap is none, to what a quick look can tell."""
        tolerance = (CLOSE_QUADRATURE if self.setting.kind == "smooth" else CLOSE) * unit
        good = torch.isfinite(gap)
        rows = good.any(-1)
        if int(rows.sum()) < min(2, gap.shape[0]):
            return False
        return bool((torch.where(good, gap.abs(), torch.zeros_like(gap)).amax() <= tolerance))


def closed(t: Term) -> Term:
    """t with its open constants at zero."""
    if isinstance(t, Unknown):
        return ZERO
    if not any(isinstance(x, Unknown) for _, x in subterms(t)):
        return t
    return rebuild(t, closed)


def _flat(g: Tensor) -> Tensor:
    return g.reshape(g.shape[0], -1)


def screen_of(q: Question) -> tuple[Screen, Tensor, float] | None:
    """A batch of worlds on which the relation clearly fails, the gap there, and its unit."""
    opened = unknowns(q.left, q.right)
    scale = _scale(q)
    if q.sign not in ("=", ":=", "propto") or scale is None:
        return None
    for kind in q.bench.kinds(q.left, q.right):
        for group in q.bench.groups(kind):
            setting = q.bench.setting(kind, group)
            try:
                variants: tuple[Setting, ...] = ()
                axes: frozenset[str] = frozenset()
                if opened or q.sign == "propto":
                    names, axes = forbidden(q, setting, opened)
                    if not names and not axes:
                        continue
                    variants = tuple(setting.redrawn(names, k) for k in VARIANTS) if names else ()
                made = Screen(q, setting, variants, axes, scale)
                gap = made.gap(q.right)
            except OutOfTime:
                raise
            except CannotEvaluate:
                break
            if gap is None:
                break
            size = float(torch.where(torch.isfinite(gap), gap.abs(), torch.zeros_like(gap)).amax())
            if size > 0:
                return made, gap, max(size, 1e-6)
    return None


def _scale(q: Question) -> str | None:
    """How an open constant is taken out: it is a summand, or a factor; None if it is neither."""
    if q.sign == "propto":
        return "log"
    opened = unknowns(q.left, q.right)
    if not opened:
        return "plain"
    if all(_is_summand(u, side) for side in (q.left, q.right) for u in unknowns(side)):
        return "plain"
    sides = [s for s in (q.left, q.right)]
    exponents = [_exponent(s) for s in sides]
    if all(e is not None for e in exponents):
        return "log"
    return None


def _is_summand(u: Unknown, t: Term) -> bool:
    match t:
        case Unknown():
            return t == u
        case Add(terms):
            return any(_is_summand(u, x) for x in terms)
        case Negate(body):
            return _is_summand(u, body)
        case _:
            return False


def _exponent(t: Term) -> Term | None:
    match t:
        case Call("exp", (inner,)):
            return inner
        case Power(Constant("e"), inner):
            return inner
        case _:
            return None
