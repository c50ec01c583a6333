r"""E[x_0|x_t] = (x_t + (1 − ᾱ_t) ∇ log q(x_t))/√ᾱ_t: x_0 − x̂_0(x_t) is orthogonal to every function of x_t, by T3.

The conditional mean is the one function of x_t whose error has mean zero against all h(x_t); h runs over the constant and
some waves. The score is the exact one of the diffused mixture; x_0 and x_t are drawn down the chain.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from derivcheck.experiments._denoising import Denoising, random_denoising
from derivcheck.experiments._experiment import Experiment, Instance
from derivcheck.experiments._trials import varied_trial
from derivcheck.experiments._waves import Waves, random_waves
from derivcheck.samplers.gaussian import Gaussian
from derivcheck.statistics.claim import claim
from derivcheck.statistics.trial import Trial

TOLERANCE = 0.03  # of the standard deviation that bounds the error
WAVES = 3
DIMENSIONS = (1, 1, 2, 2, 3)
SCORE, ESTIMATE = r"\nabla_{x_t} \log q(x_t)", r"\mathbb{E}[x_0|x_t]"
CLAIM = rf"{ESTIMATE} = \frac{{1}}{{\sqrt{{\bar\alpha_t}}}} \left(x_t + (1-\bar\alpha_t) {SCORE}\right)"
BECAUSE = "|h| <= 1, and the conditional mean has at most the squared error of E x_0 and of x_t/sqrt(alpha bar)"

Estimate = Callable[[Denoising, Tensor], Tensor]


def estimate(case: Denoising, x_t: Tensor) -> Tensor:
    """(x_t + (1 − ᾱ_t) score)/√ᾱ_t, as on the page.   Shapes: (n, d)."""
    return (x_t + case.lost * case.noisy.score(x_t)) / case.kept**0.5


def _weighted(weight: Callable[[Denoising], float], front: Callable[[Denoising], float]) -> Estimate:
    """(x_t + weight · score) · front."""
    return lambda case, x_t: (x_t + weight(case) * case.noisy.score(x_t)) * front(case)


def _moment_matched(case: Denoising, x_t: Tensor) -> Tensor:
    law = case.noisy
    return (x_t + case.lost * Gaussian(mean=law.mean, cov=law.cov).score(x_t)) / case.kept**0.5


def _undiffused(case: Denoising, x_t: Tensor) -> Tensor:
    return (x_t + case.lost * case.data.score(x_t)) / case.kept**0.5


def _page(weight: str, front: str = r"\frac{1}{\sqrt{\bar\alpha_t}}", score: str = SCORE) -> str:
    return rf"{ESTIMATE} = {front} \left(x_t {weight} {score}\right)"


WRONG: dict[str, tuple[str, Estimate]] = {
    "wrong sign of the score": (_page(r"- (1-\bar\alpha_t)"), _weighted(lambda c: -c.lost, lambda c: c.kept**-0.5)),
    "sd for variance": (_page(r"+ \sqrt{1-\bar\alpha_t}"), _weighted(lambda c: c.lost**0.5, lambda c: c.kept**-0.5)),
    "alpha bar exchanged": (_page(r"+ \bar\alpha_t"), _weighted(lambda c: c.kept, lambda c: c.kept**-0.5)),
    "1 - alpha for 1 - alpha bar": (
        _page(r"+ (1-\alpha_t)"),
        _weighted(lambda c: float(c.schedule.beta[c.t]), lambda c: c.kept**-0.5),
    ),
    "not rescaled": (_page(r"+ (1-\bar\alpha_t)", ""), _weighted(lambda c: c.lost, lambda _: 1.0)),
    "alpha bar for its root": (
        _page(r"+ (1-\bar\alpha_t)", r"\frac{1}{\bar\alpha_t}"),
        _weighted(lambda c: c.lost, lambda c: 1 / c.kept),
    ),
    "score left out": (_page("", score=""), _weighted(lambda _: 0.0, lambda c: c.kept**-0.5)),
    "score of the data": (_page(r"+ (1-\bar\alpha_t)", score=r"\nabla \log q_0(x_t)"), _undiffused),
    "score of one Gaussian with the same moments": (
        _page(r"+ (1-\bar\alpha_t)", score=r"\nabla \log \mathcal{N}(x_t; \mathbb{E} x_t, \mathrm{Cov}(x_t))"),
        _moment_matched,
    ),
}


def _trial(latex: str, case: Denoising, waves: Waves, guess: Estimate, device: torch.device) -> Trial:
    d = case.data.means.shape[1]

    def statistic(n: int, random: torch.Generator) -> Tensor:
        x_0, x_t = case.pairs(n, random)
        h = torch.cat([torch.ones(n, 1, dtype=torch.float64, device=x_t.device), waves(x_t)], 1)
        return ((x_0 - guess(case, x_t))[:, :, None] * h[:, None, :]).flatten(1)

    variance = np.repeat(case.error, WAVES + 1)
    said = claim(latex, np.zeros(d * (WAVES + 1)), relative=TOLERANCE, scale=np.sqrt(variance))
    return varied_trial(said, statistic, variance, BECAUSE, device)


def _instances(random: np.random.Generator, device: torch.device) -> list[Instance]:
    found: list[Instance] = []
    for d in DIMENSIONS:
        case, waves = random_denoising(random, d), random_waves(random, WAVES, d)
        right = _trial(CLAIM, case, waves, estimate, device)
        wrong = {name: (_trial(latex, case, waves, guess, device),) for name, (latex, guess) in WRONG.items()}
        found.append(Instance(str(case), (right,), wrong))
    return found


EXPERIMENT = Experiment(
    title="Tweedie's formula",
    claim=CLAIM,
    source="Efron 2011, Tweedie's Formula and Selection Bias; proofs/score/tweedie.md",
    controls={name: latex for name, (latex, _) in WRONG.items()},
    instances=_instances,
)
