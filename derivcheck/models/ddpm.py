r"""A denoising diffusion model that predicts ε: E‖ε − ε_θ(√ᾱ_t x_0 + √(1−ᾱ_t) ε, t)‖², t uniform on 1…T.

Its best value is known: on a Gaussian mixture E[ε|x_t] is exact, and MSE − Bayes MSE = E‖ε_θ − E[ε|x_t]‖².
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from derivcheck.datasets._source import source_of
from derivcheck.measures._measure import measured
from derivcheck.models._average import Average
from derivcheck.models._model import Bound, Config, Control, Evaluation, Model
from derivcheck.models._modes import mode_metrics
from derivcheck.models._state import generator, load_state, seeded, set_cosine_rate, state_of
from derivcheck.samplers.mixture import GaussianMixture, expected_eps
from derivcheck.samplers.schedule import sigmoid

WIDTH, BATCH, STEPS = 128, 512, 500  # hidden units, rows a step, steps an epoch
WIDER, FOR_IMAGES = 256, 128  # hidden units and rows a step for images
ENERGY = {"moons": 0.01, "rings": 0.01, "digits": 0.02}  # a Gaussian with the moments of the digits has 0.042
SAMPLES, OF_ROWS, TIMES = 10_000, 2000, 25  # of the trained model; where no law is known; how many t the error is measured at


@final
@dataclass(frozen=True)
class DDPMConfig(Config):
    """T steps of the forward chain, with the sigmoid schedule; decay: of the average of the weights."""

    epochs: int = 20
    T: int = 200
    data: str = "eight_gaussians"
    rate: float = 2e-3
    decay: float = 0.999


class NoisePredictor(nn.Module):
    """ε_θ(x, t) = g_t x + f(x, t): f has three hidden layers, with t as sines and cosines; g: a first guess, by t."""

    def __init__(self, dim: int, T: int, width: int, guess: Tensor) -> None:
        super().__init__()
        self.T = T
        self.register_buffer("guess", guess, persistent=False)
        layers: list[nn.Module] = []
        for before in (dim + 16, width, width):
            layers += [nn.Linear(before, width), nn.SiLU()]
        self.net = nn.Sequential(*layers, nn.Linear(width, dim))

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        """Shapes: x (n, d), t (n,) with values 1…T; result (n, d)."""
        angle = (t / self.T)[:, None] * math.pi * 2.0 ** torch.arange(8, device=x.device)
        return self.get_buffer("guess")[t][:, None] * x + self.net(torch.cat([x, angle.sin(), angle.cos()], 1))


def noised(x_0: Tensor, eps: Tensor, alpha_bar: Tensor, rest: Tensor) -> Tensor:
    """x_t = √ᾱ_t x_0 + √(1−ᾱ_t) ε.   Shapes: x_0, eps (n, d); alpha_bar, rest = 1 − ᾱ_t () or (n, 1); result (n, d)."""
    return alpha_bar.sqrt() * x_0 + rest.sqrt() * eps


def eps_mse(eps: Tensor, found: Tensor) -> Tensor:
    """‖ε − ε_θ‖², averaged over the batch.   Shapes: (n, d); result ()."""
    return (eps - found).square().sum(1).mean()


def reverse_mean(x_t: Tensor, eps: Tensor, beta: float, rest: float) -> Tensor:
    """μ_θ = (x_t − β_t/√(1−ᾱ_t) ε_θ)/√α_t, α_t = 1 − β_t.   Shapes: x_t, eps (n, d); result (n, d).

    Source: Ho et al. 2020, equation 11.
    """
    return (x_t - beta / math.sqrt(rest) * eps) / math.sqrt(1 - beta)


@final
class DDPMTraining:
    """Adam with a cosine rate, and an exponential average of the weights."""

    def __init__(self, config: DDPMConfig, device: torch.device) -> None:
        self.config, self.device = config, device
        self.source = source_of(config.data, None, device)
        self.schedule = sigmoid(config.T)
        self.alpha_bar = torch.as_tensor(self.schedule.alpha_bar, dtype=torch.float32, device=device)
        self.rest = torch.as_tensor(self.schedule.one_minus_alpha_bar, dtype=torch.float32, device=device)
        with seeded(config.seed):
            self.net = NoisePredictor(self.source.dim, config.T, WIDER if self.source.side else WIDTH, self._guess())
        self.net.to(device)
        self.average = Average(self.net, config.decay)
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=config.rate)

    def _guess(self) -> Tensor:
        """g_t = √(1−ᾱ_t), with which g_t x_t is E[ε|x_t] for standard normal rows; rows are scaled so. For a law 0.

        At times near T this is all there is to know, and what the network is wrong by there is multiplied by up to
        1/√α_T, which in the dimensions of an image makes sampling diverge.
        """
        wanted = self.source.law is None and self.config.slip != "no first guess"
        return self.rest.sqrt().cpu() * float(wanted)

    def epoch(self, number: int) -> Mapping[str, float]:
        """STEPS steps on fresh draws of the law."""
        random = generator(self.device, self.config.seed, number, "epoch")
        size = min(BATCH, FOR_IMAGES) if self.source.side else BATCH
        x_0 = self.source.draw(STEPS * size, random).split(size)
        total = torch.zeros((), device=self.device)
        for i, x in enumerate(x_0):
            done = (number + i / STEPS) / self.config.epochs
            set_cosine_rate(self.optimizer, self.config.rate, done)
            t = torch.randint(1, self.config.T + 1, (size,), generator=random, device=self.device)
            eps = torch.randn(x.shape, generator=random, device=self.device)
            target = x if self.config.slip == "x_0 as the target" else eps
            loss = eps_mse(target, self.net(self._noised(x, t, eps), t))
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            if self.config.slip != "untrained":
                self.optimizer.step()
                self.average.update(self.net)
            total += loss.detach()
        return {"eps_mse": float(total) / STEPS}

    def _noised(self, x_0: Tensor, t: Tensor, eps: Tensor) -> Tensor:
        """x_t = √ᾱ_t x_0 + √(1−ᾱ_t) ε, or what a slip makes of it."""
        rest = self.rest[t].square() if self.config.slip == "variance for sd" else self.rest[t]
        return noised(x_0, eps, self.alpha_bar[t][:, None], rest[:, None])

    def state(self) -> Mapping[str, Tensor]:
        """The network, its average and Adam's moments."""
        return state_of(self._modules(), {"adam": self.optimizer})

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Go on from a state."""
        load_state(state, self._modules(), {"adam": self.optimizer})

    def _modules(self) -> dict[str, nn.Module]:
        return {"net": self.net, "average": self.average.net}

    @torch.no_grad()
    def evaluate(self) -> Evaluation:
        """Against E[ε|x_t] and the modes where the law is known; else against rows kept aside."""
        random = generator(self.device, self.config.seed, "evaluate")
        x = self.sample(OF_ROWS if self.source.law is None else SAMPLES, generator(self.device, self.config.seed, "sample"))
        data = self.source.aside(SAMPLES, random)
        arrays = {"samples": x.cpu().numpy(), "data": data.cpu().numpy()}
        if (law := self.source.law) is None:
            metrics = {"eps_mse": self._held_out(data, random)}
            metrics |= {m: measured(m, arrays) for m in ("energy_distance", "energy_rank")}
            return Evaluation(metrics, self._shown(arrays))
        excess, bayes = self._errors(law, random)
        metrics = {"eps_mse": bayes + excess, "bayes_eps_mse": bayes, "relative_excess": excess / bayes}
        return Evaluation({**metrics, **mode_metrics(x, law)}, {**arrays, "modes": law.means.numpy()})

    def _shown(self, arrays: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """With the first samples as images, or as points in the plane."""
        if self.source.side:
            square = (self.source.side, self.source.side)
            return {**arrays, "images": arrays["samples"][:64].reshape(-1, *square).clip(0, 1)}
        return {**arrays, "modes": np.zeros((0, self.source.dim))}

    def _held_out(self, rows: Tensor, random: torch.Generator) -> float:
        """E‖ε − ε_θ‖² on rows kept aside, t uniform."""
        x = self.source.scaled(rows)
        t = torch.randint(1, self.config.T + 1, (len(x),), generator=random, device=self.device)
        eps = torch.randn(x.shape, generator=random, device=self.device)
        x_t = noised(x, eps, self.alpha_bar[t][:, None], self.rest[t][:, None])
        return float(eps_mse(eps, self.average.net(x_t, t)))

    def _errors(self, law: GaussianMixture, random: torch.Generator) -> tuple[float, float]:
        """E‖ε_θ − E[ε|x_t]‖² and E‖ε − E[ε|x_t]‖², over t uniform (TIMES of them) and x_0."""
        excess = bayes = 0.0
        times = torch.linspace(1, self.config.T, TIMES).round().long().tolist()
        for t in times:
            x_0 = law.sample(4096, random, self.device)
            eps = torch.randn(x_0.shape, generator=random, device=self.device)
            x_t = noised(x_0, eps, self.alpha_bar[t], self.rest[t])
            best = expected_eps(law, self.schedule, t, x_t).to(self.device)
            found = self.average.net(x_t, torch.full((len(x_t),), t, device=self.device))
            excess += float(eps_mse(best, found)) / len(times)
            bayes += float(eps_mse(eps, best)) / len(times)
        return excess, bayes

    @torch.no_grad()
    def sample(self, n: int, random: torch.Generator) -> Tensor:
        r"""Ancestral draws: x_{t−1} = (x_t − β_t/√(1−ᾱ_t) ε_θ)/√α_t + σ_t z, σ_t² = β_t, no noise at t = 1.

        Of Ho's two choices this one: with the exact E[ε|x_t] the distance to the modes of the eight Gaussians
        comes out 0.5 % too large at T = 200, with σ_t² = β̃_t 5 % too small.   Source: Ho et al. 2020, algorithm 2.
        """
        s = self.schedule
        x = torch.randn(n, self.source.dim, generator=random, device=self.device)
        for t in range(self.config.T, 0, -1):
            eps = self.average.net(x, torch.full((n,), t, device=self.device))
            x = reverse_mean(x, eps, float(s.beta[t]), float(s.one_minus_alpha_bar[t]))
            if t > 1:
                x = x + self._reverse_sd(t) * torch.randn(x.shape, generator=random, device=self.device)
        return self.source.unscaled(x)

    def _reverse_sd(self, t: int) -> float:
        variance = float(self.schedule.beta[t])
        return variance if self.config.slip == "variance for sd in the reverse step" else math.sqrt(variance)


def _bounds(config: DDPMConfig) -> tuple[Bound, ...]:
    if config.data in ENERGY:
        near = Bound("energy_distance", high=ENERGY[config.data], why="from rows kept aside; 0 if the laws are one")
        alike = Bound("energy_rank", low=0.01, why="no permutation test at 1 % tells samples from rows kept aside")
        return (near,) if config.data == "digits" else (near, alike)
    return (
        Bound("relative_excess", high=0.015, why="E‖ε_θ − E[ε|x_t]‖² over the Bayes error"),
        Bound("smallest_mode_share", low=0.10, why="eight equal modes: 0.125 each"),
        Bound("largest_mode_share", high=0.15),
        Bound("relative_mode_distance", low=0.95, high=1.05, why="mean distance to the mode, over the law's own"),
    )


MODEL = Model(
    title="Denoising diffusion (ε-prediction)",
    source="Ho et al. 2020, equation 14",
    losses={"eps_mse": r"\mathbb{E}_{t, x_0, \epsilon}[\|\epsilon - \epsilon_\theta(\sqrt{\bar\alpha_t} x_0 + \sqrt{1 - \bar\alpha_t} \epsilon, t)\|^2]"},
    conventions="squared error summed over coordinates and averaged over the batch; t uniform on 1…T; every λ_t replaced by 1",
    units={},
    config=DDPMConfig,
    start=DDPMTraining,
    bounds=_bounds,
    controls={
        "x_0 as the target": Control({"slip": "x_0 as the target"}, ("relative_excess",), "the loss's target"),
        "variance for sd": Control({"slip": "variance for sd"}, ("relative_excess",), "1 − ᾱ_t for its root in x_t"),
        "variance for sd in the reverse step": Control(
            {"slip": "variance for sd in the reverse step"}, ("relative_mode_distance",), "β_t for its root in sampling"
        ),
        "no first guess": Control(
            {"slip": "no first guess", "data": "digits"}, ("energy_distance",), "the network has to learn g_t x_t as well"
        ),
        "untrained": Control({"slip": "untrained", "epochs": 1}, ("relative_excess",), "no step is taken"),
    },
    variants={"as it is": {}, "moons": {"data": "moons", "epochs": 8}, "rings": {"data": "rings", "epochs": 8}, "digits": {"data": "digits"}},
    quick={"epochs": 8},
    data=("eight_gaussians", "moons", "rings", "digits"),
    proofs={"eps_mse": "ddpm/simple-objective.md"},
)
