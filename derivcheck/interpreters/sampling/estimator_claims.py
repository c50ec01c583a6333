r"""`≈` with a sample average as claims about an estimator: unbiased for K = 1, 2, 4, and with a variance that falls as 1/K.

Main definitions: `Estimator`, `estimator_of`, `bias_trial`, `rate_trial`, `COUNTS`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import final

import numpy as np
import torch
from torch import Tensor

from derivcheck.interpreters.sampling.bounds import bounds
from derivcheck.interpreters.sampling.claims import PILOT, flat, mean_trial, power_sums, sized
from derivcheck.interpreters.sampling.drawn import CannotSample
from derivcheck.interpreters.sampling.noise import Fresh, Noise
from derivcheck.interpreters.sampling.side import Sides, sides_on
from derivcheck.statistics.sums import Sums
from derivcheck.statistics.tiers.bounded import BoundedMean
from derivcheck.statistics.trial import Trial
from derivcheck.terms.signature import Signature
from derivcheck.terms.substitute import subterms
from derivcheck.terms.term import (
    Add,
    Divide,
    Expectation,
    Fold,
    Multiply,
    Negate,
    Number,
    Symbol,
    Term,
)

COUNTS = (1, 2, 4)
ONE = Number(Fraction(1))
ZERO = Number(Fraction(0))


@final
@dataclass(frozen=True)
class Estimator:
    """An average over samples: the samples' name, the letter that counts them.

    plain: it is 1/K Σ_k f(z_k) as it stands, in a sum or with a factor at most. Then its expectation is the same for
    every K, and what is biased does not tend to the left side either.
    """

    body: Term
    samples: str
    count: str
    plain: bool

    def averaged(self, k: int) -> Term:
        """Its expectation over k samples, each drawn by its law."""
        over = tuple(Symbol(self.samples, (Number(Fraction(i)),)) for i in range(1, k + 1))
        return Expectation(self.body, over)


def estimator_of(t: Term, signature: Signature) -> Estimator | None:
    """The sample average in a side; None if there is none, or several."""
    drawn = {s.variable.name for s in signature.samples if s.variable.index}
    found: set[tuple[str, str]] = set()
    folds: list[Fold] = []
    for _, x in subterms(t):
        if not isinstance(x, Fold) or x.kind != "sum" or x.lower != ONE:
            continue
        names = {y.name for _, y in subterms(x.body) if isinstance(y, Symbol) and y.name in drawn and y.index == (Symbol(x.index),)}
        if names and isinstance(x.upper, Symbol) and not x.upper.index:
            folds.append(x)
            found.update((name, x.upper.name) for name in names)
    if len(found) != 1:
        return None
    ((samples, count),) = found
    return Estimator(t, samples, count, _plain(t, folds))


def _plain(t: Term, folds: list[Fold]) -> bool:
    """Whether every average stands with its 1/K, and under nothing but sums and products."""
    match t:
        case Multiply(factors):
            inside = [f for f in factors if any(x in folds for _, x in subterms(f))]
            if len(inside) != 1:
                return False
            (fold,) = inside
            counts = [f for f in factors if isinstance(f, Divide) and isinstance(fold, Fold) and f.denominator == fold.upper]
            rest = [f for f in factors if f is not fold and f not in counts]
            return fold in folds and len(counts) == 1 and counts[0].numerator == ONE and not any(_counted(f, folds) for f in rest)
        case Divide(numerator, denominator):
            return isinstance(numerator, Fold) and numerator in folds and denominator == numerator.upper
        case _ if any(x in folds for _, x in subterms(t)):
            return isinstance(t, Add | Negate) and all(_plain(c, folds) for c in t.children if any(x in folds for _, x in subterms(c)))
        case _:
            return False


def _counted(t: Term, folds: list[Fold]) -> bool:
    return any(isinstance(f.upper, Symbol) and f.upper.name in t.names for f in folds)


def bias_trial(left: Term, e: Estimator, signature: Signature, seed: int, number: int, k: int, alpha: float) -> Trial:
    """left = E[average of k samples] on an instance.

    Raises:
        CannotSample: as `mean_trial`.
    """
    sides = sides_on(left, e.averaged(k), signature, seed, number, {e.count: k})
    return _named(mean_trial(sides, "=", alpha), f"the mean of the estimate is the left side, {e.count} = {k}")


def rate_trial(left: Term, e: Estimator, signature: Signature, seed: int, number: int, k: int, alpha: float) -> Trial:
    """k Var(average of k samples) = Var(one sample) on an instance of tables, by pairs of independent estimates.

    Raises:
        CannotSample: the estimate has no known ends.
    """
    many, one = (sides_on(e.averaged(c), ZERO, signature, seed, number, {e.count: c}) for c in (k, 1))
    if many.model.kind != "tables":
        raise CannotSample("the variance of an estimate is tested on tables, where its ends are known")
    spans = [_width(s) for s in (many, one)]

    def rows(n: int, noise: Noise) -> Tensor:
        halves = [0.5 * (_estimates(s, n, noise) - _estimates(s, n, noise)).square() for s in (many, one)]
        return k * halves[0] - halves[1]

    def draw(seed: int, n: int) -> Sums:
        return power_sums(rows(n, Fresh(torch.Generator().manual_seed(seed))))

    low, high = -0.5 * spans[1] ** 2, 0.5 * k * spans[0] ** 2
    pilot = rows(PILOT, Fresh(torch.Generator().manual_seed(many.model.seed % 2**32))).numpy().std(0)
    spread = np.maximum(pilot, (high - low) / 100)
    if low.size != 1 or not high > low:
        raise CannotSample("the estimate is no number that varies")
    tier = BoundedMean(low, high, variance=1.2 * spread**2)
    return sized(f"{k} Var(estimate, {e.count} = {k}) = Var(estimate, {e.count} = 1)", "=", tier, draw, np.zeros(1), spread, alpha)


def _estimates(sides: Sides, n: int, noise: Noise) -> Tensor:
    return flat(sides.drawing.rows(sides.left, n, noise).data, n)


def _width(sides: Sides) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    low, high = bounds(sides.drawing, sides.left)
    return np.atleast_1d((high - low).detach().numpy())


def _named(trial: Trial, latex: str) -> Trial:
    return replace(trial, claim=replace(trial.claim, latex=latex))
