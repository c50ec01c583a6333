r"""D* = p_data/(p_data + p_G) and V(D*) = 2 JSD − log 4, on samples of both, with exact densities.

Three statistics. The value as it is defined, log D*(x) + log(1 − D*(x')) of a datum and a generated x', by T3: log D* has
no lower bound, but a variance that no pair of densities exceeds. The value as an entropy, −2 H(D*(x)) of x from the even
mixture, which is bounded, by T4. And D* itself: y − D*(x), for a fair coin y that says where x comes from, has mean zero
against all functions of x, by T4. The divergence on the right is a quadrature of the densities.
"""

from __future__ import annotations

import math
from collections.abc import Callable

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


def _kl(pair: GeneratorData) -> float:
    return pair.expectation(pair.log_ratio, pair.data)


WRONG_V: dict[str, tuple[str, Callable[[GeneratorData], float]]] = {
    "missing log 4": (VALUE + r" = 2 JSD(p_{data} \| p_G)", lambda pair: 2 * pair.jsd()),
    "log 2 for log 4": (VALUE + r" = 2 JSD(p_{data} \| p_G) - \log 2", lambda pair: 2 * pair.jsd() - math.log(2)),
    "missing 2": (VALUE + r" = JSD(p_{data} \| p_G) - \log 4", lambda pair: pair.jsd() - math.log(4)),
    "JSD without 1/2": (
        VALUE + r" = 2 (KL(p_{data} \| m) + KL(p_G \| m)) - \log 4",
        lambda pair: 4 * pair.jsd() - math.log(4),
    ),
    "wrong sign": (VALUE + r" = -2 JSD(p_{data} \| p_G) - \log 4", lambda pair: -2 * pair.jsd() - math.log(4)),
    "KL for JSD": (VALUE + r" = 2 KL(p_{data} \| p_G) - \log 4", lambda pair: 2 * _kl(pair) - math.log(4)),
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


def _labels(latex: str, pair: GeneratorData, waves: Waves, guess: Discriminator, device: torch.device) -> Trial:
    def statistic(n: int, random: torch.Generator) -> Tensor:
        x, y = sources(pair, n, random)
        h = torch.cat([torch.ones(n, 1, dtype=torch.float64, device=device), waves(x)], 1)
        return (y.to(torch.float64) - guess(pair, x))[:, None] * h

    said = claim(latex, np.zeros(WAVES + 1), relative=TOLERANCE, scale=np.ones(WAVES + 1))
    return bounded_trial(said, statistic, (-2.0, 2.0), device)  # D ≤ 1, but for the wrong one that is up to 2


def _pairs(random: np.random.Generator) -> list[tuple[str, GeneratorData]]:
    """Three pairs of mixtures, and two of a mixture and a generator that bends a normal z.

    JSD in [0.05, 0.5], so that no multiple of it is another one's neighbour or zero.
    """
    found: list[tuple[str, GeneratorData]] = []
    while len(found) < 5:
        bent = len(found) >= 3
        generated: Density = (
            SinhArcsinh(random.normal(), random.uniform(0.5, 1.5), random.normal(0, 0.5), random.uniform(0.8, 1.3))
            if bent
            else random_mixture(random, 1)
        )
        pair = GeneratorData(random_mixture(random, 1), generated)
        if 0.05 <= pair.jsd() <= 0.5:
            found.append((f"{'bent normal' if bent else 'mixture'}, JSD {pair.jsd():.3g}", pair))
    return found


def _instances(random: np.random.Generator, device: torch.device) -> list[Instance]:
    return [_instance(name, pair, random_waves(random, WAVES, 1), device) for name, pair in _pairs(random)]


def _instance(name: str, pair: GeneratorData, waves: Waves, device: torch.device) -> Instance:
    value = 2 * pair.jsd() - math.log(4)
    identity = VALUE + r" = 2 JSD(p_{data} \| p_G) - \log 4"
    right = (
        _value(identity, pair, value, device),
        _entropy(r"-2 \mathbb{E}_m[H(D^*(x))] = 2 JSD(p_{data} \| p_G) - \log 4", pair, value, device),
        _labels(r"\mathbb{E}[y - D^*(x) | x] = 0", pair, waves, GeneratorData.discriminator, device),
    )
    wrong = {n: (_value(latex, pair, said(pair), device),) for n, (latex, said) in WRONG_V.items()}
    wrong |= {n: (_labels(latex, pair, waves, guess, device),) for n, (latex, guess) in WRONG_D.items()}
    return Instance(name, right, wrong)


EXPERIMENT = Experiment(
    title="Best discriminator and its value",
    claim=CLAIM,
    source="Goodfellow et al. 2014, proposition 1 and eq. 4 to 6; proofs/gan/optimal-discriminator.md, proofs/gan/value-jsd.md",
    controls={n: latex for n, (latex, _) in WRONG_V.items()} | {n: latex for n, (latex, _) in WRONG_D.items()},
    instances=_instances,
)
