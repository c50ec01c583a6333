r"""What a relation claims of draws on one instance, as a trial: statistic, tier, tolerance.

Means: E[left − right] = 0 (≤, ≥), by T1 where the statistic is a quadratic form of the normals that are drawn, by T4 on
tables. Laws and moments are in `law_claims`. Why these alone: the assumption of either is shown on the statistic
itself, so that a refutation rests on nothing that was supposed.
Main definitions: `mean_trial`, `sized`, `LARGEST`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from derivcheck.interpreters.sampling.bounds import bounds
from derivcheck.interpreters.sampling.drawn import CannotSample, OutsideDomain, add, negative
from derivcheck.interpreters.sampling.noise import Fresh, Given, Noise
from derivcheck.interpreters.sampling.paths import averages
from derivcheck.interpreters.sampling.side import Sides
from derivcheck.samplers.probing import coefficients
from derivcheck.samplers.reduce import power_sums
from derivcheck.statistics.arithmetic import FLOAT64
from derivcheck.statistics.claim import Claim, Relation
from derivcheck.statistics.claim import claim as claimed
from derivcheck.statistics.quadratic_form import quadratic_form, together
from derivcheck.statistics.sequential import min_discrepancy
from derivcheck.statistics.sums import Array, Sums
from derivcheck.statistics.tier import Tier
from derivcheck.statistics.tiers.bounded import BoundedMean
from derivcheck.statistics.tiers.known_cumulants import KnownCumulants
from derivcheck.statistics.trial import Trial

LARGEST = 1 << 16  # draws for one claim; the tolerance is what they resolve
BLOCK = 1 << 14  # rows at once
PILOT = 2048  # draws of other seeds, which only plan
MOST_NORMALS = 160  # a row; the form has as many squared coefficients
MOST_COORDINATES = 64
FAINT = 1e-12  # a spread below this share of the numbers in play is rounding

Rows = Callable[[int, Noise], Tensor]
"""(n, noise) -> n rows of the statistic, (n, m)."""


def mean_trial(sides: Sides, relation: Relation, alpha: float) -> Trial:
    """E[left − right] = 0 (≤ 0, ≥ 0) on an instance.

    Raises:
        CannotSample: nothing is drawn, a side has no meaning in draws, or no tier's assumption can be shown.
    """
    if not averages(sides.left) and not averages(sides.right):
        raise CannotSample("neither side is an average over a law: there is nothing to draw")
    latex = f"E[left - right] {relation} 0"
    if sides.model.kind == "tables":
        return _on_tables(sides, latex, relation, alpha)
    return quadratic_trial(difference(sides), latex, relation, alpha)


def difference(sides: Sides) -> Rows:
    """Rows of left − right, entries side by side."""

    def rows(n: int, noise: Noise) -> Tensor:
        left = sides.drawing.rows(sides.left, n, noise)
        gap = add(left, negative(sides.drawing.rows(sides.right, n, noise)))
        return flat(gap.data, n)

    return rows


def flat(values: Tensor, n: int) -> Tensor:
    """Rows of entries, (n, m)."""
    return values.expand(n, *values.shape[1:]).reshape(n, -1).detach()


def quadratic_trial(rows: Rows, latex: str, relation: Relation, alpha: float) -> Trial:
    """The mean of a statistic that is a quadratic form of its normals: T1, with the form read off it.

    Raises:
        CannotSample: it is none, or too large a one.
    """
    counter = Fresh(torch.Generator().manual_seed(0))
    at_one = rows(1, counter)
    if counter.drawn == 0 or counter.drawn > MOST_NORMALS or at_one.shape[1] > MOST_COORDINATES:
        raise CannotSample(f"{counter.drawn} normals a row, {at_one.shape[1]} entries: no form of this size is read off")
    try:
        a, b, c = coefficients(lambda w: rows(len(w), Given(w)), counter.drawn)
    except ValueError:
        if not bool(torch.isfinite(at_one).all()):
            raise OutsideDomain("a side is not finite on the instances drawn") from None
        raise CannotSample("the statistic is no quadratic form of normals, so nothing bounds its tails") from None
    spread = np.sqrt((b**2).sum(-1) + 2 * (a**2).sum((-1, -2)))
    moving = spread > FAINT * (1 + np.abs(c))
    _still(moving, c)
    form = together([quadratic_form(a[j], b[j]) for j in np.flatnonzero(moving)])
    draw = _draw(rows, moving)
    return sized(latex, relation, KnownCumulants(form), draw, np.zeros(int(moving.sum())), spread[moving], alpha)


def _on_tables(sides: Sides, latex: str, relation: Relation, alpha: float) -> Trial:
    ends = [bounds(sides.drawing, t) for t in (sides.left, sides.right)]
    (low_l, high_l), (low_r, high_r) = ends
    gaps = torch.broadcast_tensors(low_l - high_r, high_l - low_r)
    low, high = (np.atleast_1d(x.detach().numpy()).reshape(-1) for x in gaps)
    if not (np.isfinite(low).all() and np.isfinite(high).all()):
        raise OutsideDomain("a side is not finite on the instances drawn")
    rows = difference(sides)
    pilot = rows(PILOT, Fresh(torch.Generator().manual_seed(sides.model.seed % 2**32))).numpy()
    if low.size != pilot.shape[1]:
        raise CannotSample("the ends of the statistic have another shape than the statistic")
    moving = high - low > FAINT * (1 + np.abs(low) + np.abs(high))
    _still(moving, low)
    low, high, spread = low[moving], high[moving], pilot.std(0)[moving]
    spread = np.maximum(spread, (high - low) / 100)
    tier = BoundedMean(low, high, variance=1.2 * spread**2)
    return sized(latex, relation, tier, _draw(rows, moving), np.zeros(len(low)), spread, alpha)


def _still(moving: NDArray[np.bool_], value: Array) -> None:
    if len(moving) > MOST_COORDINATES:
        raise CannotSample("the statistic has too many entries")
    if not np.isfinite(value).all():
        raise OutsideDomain("a side is not finite on the instances drawn")
    if not moving.any():
        raise CannotSample("every draw gives the same number: there is nothing that sampling could add")


def _draw(rows: Rows, moving: NDArray[np.bool_]) -> Callable[[int, int], Sums]:
    kept = torch.as_tensor(np.flatnonzero(moving))

    def draw(seed: int, n: int) -> Sums:
        return power_sums(rows(n, Fresh(torch.Generator().manual_seed(seed)))[:, kept])

    return draw


def sized(
    latex: str, relation: Relation, tier: Tier, draw: Callable[[int, int], Sums], value: Array, scale: Array, alpha: float
) -> Trial:
    """A trial with the tolerance that `LARGEST` draws resolve. Shapes: value, scale (m,)."""
    wide = Trial(claimed(latex, value, relative=1.0, scale=scale, relation=relation), tier, draw, BLOCK, FLOAT64)
    tolerance = min_discrepancy(wide, LARGEST, alpha=alpha) * (1 + 2e-3)  # what is planned for a tolerance is the smallest n within 0.1 %
    said: Claim = claimed(latex, value, relative=tolerance / scale, scale=scale, relation=relation)
    return replace(wide, claim=said)
