r"""p_data/p_G = D*/(1 − D*): means over the data from samples of the generator, by T4.

E_{p_G}[D*/(1 − D*) h] = E_{p_data}[h], in particular with h = 1; and KL(p_data‖p_G) = E_{p_G}[r log r]. The two laws are
mixtures of the same Gaussians with different weights: the ratio then lies between the least and the largest ratio of the
weights, so every statistic is bounded. Only the generator is drawn.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import final

import numpy as np
import torch
from torch import Tensor

from derivcheck.experiments._experiment import Experiment, Instance
from derivcheck.experiments._trials import bounded_trial
from derivcheck.experiments._waves import Waves, random_mixture, random_waves
from derivcheck.samplers.generator_data import GeneratorData
from derivcheck.samplers.mixture import GaussianMixture
from derivcheck.samplers.stream import real
from derivcheck.statistics.claim import claim
from derivcheck.statistics.trial import Trial

TOLERANCE = 0.02  # of one, the mean of the ratio; and nats
WAVES = 3
CLAIM = (
    r"\mathbb{E}_{p_G}\left[\frac{D^*(x)}{1 - D^*(x)} h(x)\right] = \mathbb{E}_{p_{data}}[h(x)],"
    r" \quad KL(p_{data} \| p_G) = \mathbb{E}_{p_G}[r(x) \log r(x)], \quad r = \frac{D^*}{1 - D^*}"
)


@final
@dataclass(frozen=True)
class Reweighted:
    """The data and the generator, mixtures of the same Gaussians. extent: no log ratio exceeds it in size."""

    pair: GeneratorData
    data: GaussianMixture
    extent: float
    waves: Waves

    @cached_property
    def divergence(self) -> float:
        """KL(p_data‖p_G), by quadrature.   Units: nats."""
        return self.pair.expectation(self.pair.log_ratio, self.data)

    @cached_property
    def reverse(self) -> float:
        """KL(p_G‖p_data), by quadrature.   Units: nats."""
        return -self.pair.expectation(self.pair.log_ratio, self.pair.generated)


Odds = Callable[[Tensor], Tensor]
"""D*(x), shape (n,), -> what is taken for the ratio."""


def odds(D: Tensor) -> Tensor:
    """D/(1 − D)."""
    return D / (1 - D)


WRONG_RATIO: dict[str, tuple[str, Odds]] = {
    "inverted": (r"r = \frac{1 - D^*}{D^*}", lambda D: (1 - D) / D),
    "D for the odds": (r"r = D^*", lambda D: D),
    "missing 2 of the mixture": (r"r = 2 D^*", lambda D: 2 * D),
    "plus for minus": (r"r = \frac{D^*}{1 + D^*}", lambda D: D / (1 + D)),
    "log odds": (r"r = \log \frac{D^*}{1 - D^*}", torch.logit),
    "no weight": ("r = 1", torch.ones_like),
}
WRONG_KL: dict[str, tuple[str, Callable[[Reweighted], float]]] = {
    "KL swapped": (r"KL(p_G \| p_{data}) = \mathbb{E}_{p_G}[r \log r]", lambda case: case.reverse),
    "KL without the ratio": (r"KL(p_{data} \| p_G) = \mathbb{E}_{p_G}[\log r]", lambda case: -case.reverse),
    "twice the KL": (r"2 KL(p_{data} \| p_G) = \mathbb{E}_{p_G}[r \log r]", lambda case: 2 * case.divergence),
}


def _means(latex: str, case: Reweighted, ratio: Odds, device: torch.device) -> Trial:
    def statistic(n: int, random: torch.Generator) -> Tensor:
        x = case.pair.generated.sample(n, random, device)
        weight = ratio(case.pair.discriminator(x))[:, None]
        return torch.cat([weight, weight * case.waves(x)], 1)

    value = np.concatenate([[1.0], case.waves.mean(case.data).numpy()])
    most = math.exp(case.extent)
    said = claim(latex, value, relative=TOLERANCE, scale=np.ones(WAVES + 1))
    return bounded_trial(said, statistic, (-most, most), device)


def _divergence(latex: str, case: Reweighted, said: float, device: torch.device) -> Trial:
    def statistic(n: int, random: torch.Generator) -> Tensor:
        x = case.pair.generated.sample(n, random, device)
        r = odds(case.pair.discriminator(x))
        return (r * r.log())[:, None]

    most = math.exp(case.extent) * case.extent
    wanted = claim(latex, said, relative=TOLERANCE, scale=1.0)
    return bounded_trial(wanted, statistic, (-math.exp(-1), most), device)


def _case(random: np.random.Generator) -> Reweighted:
    """Weights that differ by up to four times, and by enough that the KL and its reverse do."""
    while True:
        data = random_mixture(random, 1)
        other = np.exp(random.uniform(-math.log(4), math.log(4), 3)) * data.weights.numpy()
        generated = GaussianMixture(weights=real(other / other.sum()), means=data.means, covs=data.covs)
        extent = float((data.weights / generated.weights).log().abs().max())
        found = Reweighted(GeneratorData(data, generated), data, extent, random_waves(random, WAVES, 1))
        if extent <= math.log(4) and found.divergence > 0.1 and abs(found.divergence - found.reverse) > 0.03:
            return found


def _instances(random: np.random.Generator, device: torch.device) -> list[Instance]:
    return [_instance(_case(random), device) for _ in range(5)]


def _instance(case: Reweighted, device: torch.device) -> Instance:
    mean = r"\mathbb{E}_{p_G}[r(x) h(x)] = \mathbb{E}_{p_{data}}[h(x)]"
    right = (
        _means(mean, case, odds, device),
        _divergence(r"KL(p_{data} \| p_G) = \mathbb{E}_{p_G}[r \log r]", case, case.divergence, device),
    )
    wrong = {name: (_means(latex, case, ratio, device),) for name, (latex, ratio) in WRONG_RATIO.items()}
    wrong |= {name: (_divergence(latex, case, said(case), device),) for name, (latex, said) in WRONG_KL.items()}
    return Instance(f"ratio within {math.exp(case.extent):.3g}, KL {case.divergence:.3g} nats", right, wrong)


EXPERIMENT = Experiment(
    title="Density ratio from the best discriminator",
    claim=CLAIM,
    source="Sugiyama, Suzuki & Kanamori 2012, chapter 4; proofs/gan/density-ratio.md",
    controls={n: latex for n, (latex, _) in WRONG_RATIO.items()} | {n: latex for n, (latex, _) in WRONG_KL.items()},
    instances=_instances,
)
