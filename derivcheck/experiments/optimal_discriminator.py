r"""D* = p_data/(p_data + p_G) and V(D*) = 2 JSD − log 4, on samples of both, with exact densities.

Three statistics. The value as it is defined, log D*(x) + log(1 − D*(x')) of a datum and a generated x', by T3: log D* has
no lower bound, but a variance that no pair of densities exceeds. The value as an entropy, −2 H(D*(x)) of x from the even
mixture, which is bounded, by T4. And D* itself: y − D*(x), for a fair coin y that says where x comes from, has mean zero
against all functions of x, by T4. The divergence on the right is a quadrature of the densities.
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
from torch.nn.functional import logsigmoid

from derivcheck.experiments._experiment import Experiment, Instance
from derivcheck.experiments._trials import bounded_trial, varied_trial
from derivcheck.experiments._waves import Waves, random_mixture, random_waves
from derivcheck.samplers.generator_data import Density, GeneratorData, SinhArcsinh
from derivcheck.statistics.claim import claim
from derivcheck.statistics.trial import Trial

TOLERANCE = 0.02  # nats, and of the probability D*
WAVES = 3
VALUE = r"\mathbb{E}_{p_{data}}[\log D^*(x)] + \mathbb{E}_{p_G}[\log(1 - D^*(x))]"
CLAIM = rf"D^*(x) = \frac{{p_{{data}}(x)}}{{p_{{data}}(x) + p_G(x)}}, \quad {VALUE} = 2 JSD(p_{{data}} \| p_G) - \log 4"
MOST = 0.648
"""sup log²(1 + r)/r over r > 0, at r = 3.92, rounded up."""
BECAUSE = (
    "E log^2 D = E log^2(1 + p_G/p_data) over the data is at most 0.648 E p_G/p_data = 0.648,"
    " the like for the generator, and the two draws are independent"
)


def sources(pair: GeneratorData, n: int, random: torch.Generator) -> tuple[Tensor, Tensor]:
    """(x, y): x from the data where y = 1 and from the generator where y = 0, by a fair coin. Shapes: (n, 1), (n,)."""
    y = torch.randint(0, 2, (n,), generator=random, device=random.device, dtype=torch.bool)
    data, generated = (law.sample(n, random, random.device) for law in (pair.data, pair.generated))
    return torch.where(y[:, None], data, generated), y


@final
@dataclass(frozen=True)
class Case:
    """A pair with what the quadratures say of it, in nats, and the waves that D* is tried against."""

    pair: GeneratorData
    jsd: float
    waves: Waves

    @cached_property
    def value(self) -> float:
        """2 JSD − log 4."""
        return 2 * self.jsd - math.log(4)

    @cached_property
    def kl(self) -> float:
        """KL(p_data‖p_G)."""
        return self.pair.expectation(self.pair.log_ratio, self.pair.data)


Discriminator = Callable[[GeneratorData, Tensor], Tensor]
WRONG_D: dict[str, tuple[str, Discriminator]] = {
    "exchanged": (r"D^* = \frac{p_G}{p_{data} + p_G}", lambda pair, x: torch.sigmoid(-pair.log_ratio(x))),
    "mixture without 1/2": (r"D^* = \frac{p_{data}}{\frac{1}{2}(p_{data} + p_G)}", lambda pair, x: 2 * pair.discriminator(x)),
    "roots of the densities": (
        r"D^* = \frac{\sqrt{p_{data}}}{\sqrt{p_{data}} + \sqrt{p_G}}",
        lambda pair, x: torch.sigmoid(pair.log_ratio(x) / 2),
    ),
    "squares of the densities": (
        r"D^* = \frac{p_{data}^2}{p_{data}^2 + p_G^2}",
        lambda pair, x: torch.sigmoid(2 * pair.log_ratio(x)),
    ),
    "one half": (r"D^* = \frac{1}{2}", lambda _, x: torch.full((len(x),), 0.5, dtype=torch.float64, device=x.device)),
}


WRONG_V: dict[str, tuple[str, Callable[[Case], float]]] = {
    "missing log 4": (VALUE + r" = 2 JSD(p_{data} \| p_G)", lambda case: 2 * case.jsd),
    "log 2 for log 4": (VALUE + r" = 2 JSD(p_{data} \| p_G) - \log 2", lambda case: 2 * case.jsd - math.log(2)),
    "missing 2": (VALUE + r" = JSD(p_{data} \| p_G) - \log 4", lambda case: case.jsd - math.log(4)),
    "JSD without 1/2": (
        VALUE + r" = 2 (KL(p_{data} \| m) + KL(p_G \| m)) - \log 4",
        lambda case: 4 * case.jsd - math.log(4),
    ),
    "wrong sign": (VALUE + r" = -2 JSD(p_{data} \| p_G) - \log 4", lambda case: -2 * case.jsd - math.log(4)),
    "KL for JSD": (VALUE + r" = 2 KL(p_{data} \| p_G) - \log 4", lambda case: 2 * case.kl - math.log(4)),
}


def _value(latex: str, pair: GeneratorData, said: float, device: torch.device) -> Trial:
    def statistic(n: int, random: torch.Generator) -> Tensor:
        x, generated = (law.sample(n, random, device) for law in (pair.data, pair.generated))
        return (logsigmoid(pair.log_ratio(x)) + logsigmoid(-pair.log_ratio(generated)))[:, None]

    return varied_trial(claim(latex, said, relative=TOLERANCE, scale=1.0), statistic, 2 * MOST, BECAUSE, device)


def _entropy(latex: str, pair: GeneratorData, said: float, device: torch.device) -> Trial:
    def statistic(n: int, random: torch.Generator) -> Tensor:
        ratio = pair.log_ratio(sources(pair, n, random)[0])
        D = torch.sigmoid(ratio)
        return (2 * (D * logsigmoid(ratio) + (1 - D) * logsigmoid(-ratio)))[:, None]

    wanted = claim(latex, said, relative=TOLERANCE, scale=1.0)
    return bounded_trial(wanted, statistic, (-math.log(4), 0.0), device)


def _labels(latex: str, case: Case, guess: Discriminator, device: torch.device) -> Trial:
    def statistic(n: int, random: torch.Generator) -> Tensor:
        x, y = sources(case.pair, n, random)
        h = torch.cat([torch.ones(n, 1, dtype=torch.float64, device=device), case.waves(x)], 1)
        return (y.to(torch.float64) - guess(case.pair, x))[:, None] * h

    said = claim(latex, np.zeros(WAVES + 1), relative=TOLERANCE, scale=np.ones(WAVES + 1))
    return bounded_trial(said, statistic, (-2.0, 2.0), device)  # D ≤ 1, but for the wrong one that is up to 2


def _case(random: np.random.Generator, *, bent: bool) -> Case:
    """JSD in [0.05, 0.5], so that no multiple of it is another one's neighbour or zero."""
    while True:
        generated: Density = (
            SinhArcsinh(random.normal(), random.uniform(0.5, 1.5), random.normal(0, 0.5), random.uniform(0.8, 1.3))
            if bent
            else random_mixture(random, 1)
        )
        pair = GeneratorData(random_mixture(random, 1), generated)
        jsd = pair.jsd()
        if 0.05 <= jsd <= 0.5:
            return Case(pair, jsd, random_waves(random, WAVES, 1))


def _instances(random: np.random.Generator, device: torch.device) -> list[Instance]:
    """Three pairs of mixtures, and two of a mixture and a generator that bends a normal z."""
    mixtures = [_instance("mixture", _case(random, bent=False), device) for _ in range(3)]
    return [*mixtures, *(_instance("bent normal", _case(random, bent=True), device) for _ in range(2))]


def _instance(generator: str, case: Case, device: torch.device) -> Instance:
    pair, identity = case.pair, VALUE + r" = 2 JSD(p_{data} \| p_G) - \log 4"
    right = (
        _value(identity, pair, case.value, device),
        _entropy(r"-2 \mathbb{E}_m[H(D^*(x))] = 2 JSD(p_{data} \| p_G) - \log 4", pair, case.value, device),
        _labels(r"\mathbb{E}[y - D^*(x) | x] = 0", case, GeneratorData.discriminator, device),
    )
    wrong = {n: (_value(latex, pair, said(case), device),) for n, (latex, said) in WRONG_V.items()}
    wrong |= {n: (_labels(latex, case, guess, device),) for n, (latex, guess) in WRONG_D.items()}
    return Instance(f"{generator}, JSD {case.jsd:.3g}", right, wrong)


EXPERIMENT = Experiment(
    title="Best discriminator and its value",
    claim=CLAIM,
    source="Goodfellow et al. 2014, proposition 1 and eq. 4 to 6; proofs/gan/optimal-discriminator.md, proofs/gan/value-jsd.md",
    controls={n: latex for n, (latex, _) in WRONG_V.items()} | {n: latex for n, (latex, _) in WRONG_D.items()},
    instances=_instances,
)
