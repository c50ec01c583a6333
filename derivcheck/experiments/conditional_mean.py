r"""E‖x_0 − f‖² − E‖x_0 − E[x_0|x_t]‖² = E‖f − E[x_0|x_t]‖², for a denoiser f beside the conditional mean, by T3.

The data are a Gaussian mixture, whose conditional mean is exact. f is that mean and a wave in each coordinate, so that the
right side has a closed form; the two errors on the left are those of the same draws.
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
from derivcheck.samplers.mixture import expected_x_0
from derivcheck.statistics.claim import claim
from derivcheck.statistics.trial import Trial

TOLERANCE = 0.05  # of the excess
HEIGHT = 2.0  # of the waves
DIMENSIONS = (1, 1, 2, 2, 3)
NODES = 257
LEFT = r"\mathbb{E}\|x_0 - f(x_t)\|^2 - \mathbb{E}\|x_0 - m(x_t)\|^2"
CLAIM = rf"{LEFT} = \mathbb{{E}}\|f(x_t) - m(x_t)\|^2, \quad m(x_t) = \mathbb{{E}}[x_0|x_t]"
BECAUSE = (
    "|h_j| <= 2 for h = f - m, the conditional mean has at most the squared error of E x_0 and of x_t/sqrt(alpha bar),"
    " and its error is uncorrelated with every function of x_t"
)

Mean = Callable[[Denoising, Tensor], Tensor]


def exact(case: Denoising, x_t: Tensor) -> Tensor:
    """E[x_0|x_t], by conditioning in each component.   Shapes: (n, d)."""
    return expected_x_0(case.data, case.schedule, case.t, x_t)


def _rescaled(case: Denoising, x_t: Tensor) -> Tensor:
    return x_t / case.kept**0.5


def _linear(case: Denoising, x_t: Tensor) -> Tensor:
    """The best affine function of x_t: it has the right mean error, but errors that x_t still knows of."""
    law = Gaussian(mean=case.noisy.mean, cov=case.noisy.cov)
    return (x_t + case.lost * law.score(x_t)) / case.kept**0.5


def _constant(case: Denoising, x_t: Tensor) -> Tensor:
    return case.data.mean.to(x_t.device).expand_as(x_t)


OTHER_MEANS: dict[str, tuple[str, Mean]] = {
    "rescaled observation for the mean": (CLAIM.replace(r"\mathbb{E}[x_0|x_t]", r"\frac{x_t}{\sqrt{\bar\alpha_t}}"), _rescaled),
    "best affine function for the mean": (CLAIM.replace(r"\mathbb{E}[x_0|x_t]", r"A x_t + b"), _linear),
    "unconditional mean": (CLAIM.replace(r"\mathbb{E}[x_0|x_t]", r"\mathbb{E}[x_0]"), _constant),
}
OTHER_VALUES: dict[str, tuple[str, float]] = {
    "twice the square": (LEFT + r" = 2 \mathbb{E}\|f(x_t) - m(x_t)\|^2", 2.0),
    "half the square": (LEFT + r" = \frac{1}{2} \mathbb{E}\|f(x_t) - m(x_t)\|^2", 0.5),
    "no excess": (LEFT + " = 0", 0.0),
    "wrong sign": (LEFT + r" = -\mathbb{E}\|f(x_t) - m(x_t)\|^2", -1.0),
    "10 % too large": (LEFT + r" = 1.1 \mathbb{E}\|f(x_t) - m(x_t)\|^2", 1.1),
}


def _trial(latex: str, case: Denoising, waves: Waves, mean: Mean, share: float, device: torch.device) -> Trial:
    def statistic(n: int, random: torch.Generator) -> Tensor:
        x_0, x_t = case.pairs(n, random)
        m = mean(case, x_t)
        f = m + HEIGHT * waves(x_t)
        return ((x_0 - f).square() - (x_0 - m).square()).sum(1, keepdim=True)

    excess = _excess(case, waves)
    said = claim(latex, share * excess, relative=TOLERANCE, scale=excess)
    return varied_trial(said, statistic, _variance(case), BECAUSE, device)


def _variance(case: Denoising) -> float:
    r"""var(‖h‖² − 2⟨x_0 − m, h⟩) ≤ (d H²)²/4 + 4 d H² E‖x_0 − m‖², |h_j| ≤ H.

    The two terms are uncorrelated; the first lies in [0, d H²], the second is bounded by Cauchy-Schwarz.
    """
    most = len(case.error) * HEIGHT**2
    return most**2 / 4 + 4 * most * float(case.error.sum())


def _case(random: np.random.Generator, d: int) -> tuple[Denoising, Waves]:
    """In one dimension, where it can be seen beforehand, one on which the best affine function is told from the mean."""
    while True:
        case, waves = random_denoising(random, d), random_waves(random, d, d)
        if d > 1 or abs(_affine_error(case, waves)) > 1.5 * TOLERANCE * _excess(case, waves):
            return case, waves


def _excess(case: Denoising, waves: Waves) -> float:
    """E‖f − m‖²."""
    return HEIGHT**2 * float(waves.mean_square(case.noisy).sum())


def _affine_error(case: Denoising, waves: Waves) -> float:
    """2 E (m(x_t) − A x_t − b) h(x_t) in one dimension, by the trapezoid: by so much the excess over the affine one is off."""
    low, high = (float(end) for end in case.noisy.box)
    x = torch.linspace(low, high, NODES, dtype=torch.float64)[:, None]
    apart = (exact(case, x) - _linear(case, x)) * HEIGHT * waves(x)
    return 2 * float((apart[:, 0] * case.noisy.log_prob(x).exp()).sum()) * (high - low) / (NODES - 1)


def _instances(random: np.random.Generator, device: torch.device) -> list[Instance]:
    found: list[Instance] = []
    for d in DIMENSIONS:
        case, waves = _case(random, d)
        right = _trial(CLAIM, case, waves, exact, 1.0, device)
        wrong = {n: (_trial(latex, case, waves, mean, 1.0, device),) for n, (latex, mean) in OTHER_MEANS.items()}
        wrong |= {n: (_trial(latex, case, waves, exact, share, device),) for n, (latex, share) in OTHER_VALUES.items()}
        found.append(Instance(str(case), (right,), wrong))
    return found


EXPERIMENT = Experiment(
    title="The conditional mean minimises the squared error",
    claim=CLAIM,
    source="Bishop 2006, section 1.5.5; proofs/ddpm/conditional-mean.md",
    controls={name: latex for name, (latex, _) in (OTHER_MEANS | OTHER_VALUES).items()},
    instances=_instances,
)
