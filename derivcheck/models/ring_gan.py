r"""A GAN on eight Gaussians in the plane: whether the generator reaches all modes, or collapses to a few.

Healthy: the non-saturating loss with R1, ½ γ E_p‖∇ log-odds‖². Collapsed: many steps of the generator for one of the
discriminator, and no penalty; its losses may settle all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor, nn
from torch.nn.functional import logsigmoid

from derivcheck.datasets._dataset import law_of
from derivcheck.models._average import Average
from derivcheck.models._model import Bound, Config, Control, Evaluation, Model
from derivcheck.models._modes import mode_metrics
from derivcheck.models._state import generator, load_state, seeded, set_cosine_rate, state_of
from derivcheck.models.gan import value

BATCH, STEPS, WIDTH, LATENT = 512, 200, 128, 4
SAMPLES, COVERED, NEAR = 10_000, 0.02, 4.0  # a mode is covered from this share on; near: within 4 sd


@final
@dataclass(frozen=True)
class RingConfig(Config):
    """ahead: steps of the generator for one of the discriminator; penalty: γ of R1."""

    epochs: int = 30
    data: str = "eight_gaussians"
    rate: float = 1e-3
    ahead: int = 1
    penalty: float = 0.1


def _layers(before: int, after: int) -> nn.Sequential:
    hidden = [nn.Linear(before, WIDTH), nn.LeakyReLU(0.2), nn.Linear(WIDTH, WIDTH), nn.LeakyReLU(0.2)]
    return nn.Sequential(*hidden, nn.Linear(WIDTH, after))


@final
class RingTraining:
    """Adam for both networks, by turns; samples come from the averaged generator."""

    def __init__(self, config: RingConfig, device: torch.device) -> None:
        self.config, self.device = config, device
        self.law = law_of(config.data)
        with seeded(config.seed):
            self.maker, self.critic = _layers(LATENT, 2).to(device), _layers(2, 1).to(device)
        self.average = Average(self.maker, 0.995)
        self.optimizers = {
            "of_critic": torch.optim.Adam(self.critic.parameters(), lr=config.rate, betas=(0.0, 0.99)),
            "of_maker": torch.optim.Adam(self.maker.parameters(), lr=config.rate, betas=(0.0, 0.99)),
        }

    def epoch(self, number: int) -> Mapping[str, float]:
        """STEPS steps of the discriminator, with `ahead` of the generator after each."""
        random = generator(self.device, self.config.seed, number, "epoch")
        of_critic = of_maker = 0.0
        for i in range(STEPS):
            done = (number + i / STEPS) / self.config.epochs
            for optimizer in self.optimizers.values():
                set_cosine_rate(optimizer, self.config.rate, done)
            of_critic += self._criticise(random) / STEPS
            for _ in range(self.config.ahead):
                of_maker += self._make(random) / (STEPS * self.config.ahead)
        return {"discriminator": of_critic, "generator": of_maker}

    def _criticise(self, random: torch.Generator) -> float:
        with torch.no_grad():
            fake = self.maker(self._latent(BATCH, random))
        x = self.law.sample(BATCH, random, self.device).requires_grad_()
        real = self.critic(x)[:, 0]
        loss = -value(real, self.critic(fake)[:, 0])
        penalised = loss
        if self.config.penalty > 0:
            (slope,) = torch.autograd.grad(real.sum(), x, create_graph=True)
            penalised = loss + 0.5 * self.config.penalty * slope.square().sum(1).mean()
        self._step("of_critic", penalised)
        return float(loss.detach())

    def _make(self, random: torch.Generator) -> float:
        loss = -logsigmoid(self.critic(self.maker(self._latent(BATCH, random)))).mean()
        self._step("of_maker", loss)
        if self.config.slip != "untrained":
            self.average.update(self.maker)
        return float(loss.detach())

    def _step(self, name: str, loss: Tensor) -> None:
        for optimizer in self.optimizers.values():
            optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if self.config.slip != "untrained":
            self.optimizers[name].step()

    def _latent(self, n: int, random: torch.Generator) -> Tensor:
        return torch.randn(n, LATENT, generator=random, device=self.device)

    def state(self) -> Mapping[str, Tensor]:
        """Both networks, the average and Adam's moments."""
        return state_of(self._modules(), self.optimizers)

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Go on from a state."""
        load_state(state, self._modules(), self.optimizers)

    def _modules(self) -> dict[str, nn.Module]:
        return {"maker": self.maker, "critic": self.critic, "average": self.average.net}

    @torch.no_grad()
    def sample(self, n: int, random: torch.Generator) -> Tensor:
        """G(z), z ~ N(0, I). Shape: (n, 2)."""
        return self.average.net(self._latent(n, random))

    @torch.no_grad()
    def evaluate(self) -> Evaluation:
        """How many modes are covered, and how much of the sample lies near one."""
        x = self.sample(SAMPLES, generator(self.device, self.config.seed, "sample"))
        data = self.law.sample(SAMPLES, generator(self.device, self.config.seed, "data"), self.device)
        distance, nearest = torch.cdist(x, self.law.means.to(x.device, x.dtype)).min(1)
        shares = torch.bincount(nearest, minlength=len(self.law.means)).double() / len(x)
        sd = float(self.law.covs[0, 0, 0]) ** 0.5
        metrics = {
            "covered_modes": float((shares > COVERED).sum()),
            "near_a_mode": float((distance < NEAR * sd).double().mean()),
            **mode_metrics(x, self.law),
        }
        arrays = {"samples": x, "data": data, "modes": self.law.means, "mode_shares": shares}
        return Evaluation(metrics, {k: v.cpu().numpy() for k, v in arrays.items()})


def _bounds(config: RingConfig) -> tuple[Bound, ...]:
    return (
        Bound("covered_modes", low=8, why="each of the eight has more than 2 % of the sample"),
        Bound("near_a_mode", low=0.9, why="within 4 standard deviations of one"),
    )


MODEL = Model(
    title="GAN on a ring of eight Gaussians",
    source="Goodfellow et al. 2014, algorithm 1; Mescheder et al. 2018, equation 9 (R1)",
    losses={
        "discriminator": r"-\mathbb{E}_{p_{data}(x)}[\log D(x)] - \mathbb{E}_{p_G(x)}[\log(1 - D(x))]",
        "generator": r"-\mathbb{E}_{p(z)}[\log D(G(z))]",
    },
    conventions="expectations are means over the batch; the loss shown is without the penalty ½ γ E‖∇ log(D/(1−D))‖²",
    units={},
    config=RingConfig,
    start=RingTraining,
    bounds=_bounds,
    controls={
        "collapsed": Control({"ahead": 10, "penalty": 0.0, "epochs": 8}, ("covered_modes",), "G runs ahead of D"),
        "untrained": Control({"slip": "untrained", "epochs": 1}, ("covered_modes",), "no step is taken"),
    },
    quick={"epochs": 15},
    data=("eight_gaussians",),
    proofs={"discriminator": "gan/optimal-discriminator.md"},
)
