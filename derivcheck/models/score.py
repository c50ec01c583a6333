r"""A noise-conditional score model by denoising: E σ² ‖s_θ(x + σε, σ) + ε/σ‖², sampled by annealed Langevin dynamics.

Its best value is known: the score of a Gaussian mixture with noise added is exact.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from derivcheck.datasets._dataset import law_of
from derivcheck.models._average import Average
from derivcheck.models._model import Bound, Config, Control, Evaluation, Model
from derivcheck.models._modes import mode_metrics, within_mode_sd
from derivcheck.models._state import generator, load_state, seeded, set_cosine_rate, state_of
from derivcheck.samplers.mixture import GaussianMixture

WIDTH, BATCH, STEPS = 128, 512, 500  # hidden units, rows a step, steps an epoch
SAMPLES, LANGEVIN, PACE = 4000, 100, 0.5  # draws; steps at each noise level; a step's size over σ²
GRID, REACH = 41, 3.0


@final
@dataclass(frozen=True)
class ScoreConfig(Config):
    """levels: how many noise levels, geometric from `largest` to `smallest`."""

    epochs: int = 20
    levels: int = 10
    largest: float = 3.0
    smallest: float = 0.05
    data: str = "eight_gaussians"
    rate: float = 2e-3
    decay: float = 0.999


class ScoreNetwork(nn.Module):
    """s_θ(x, σ) = f(x / √(1 + σ²), ln σ) / σ: the size of the target is taken out."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for before in (dim + 2, WIDTH, WIDTH):
            layers += [nn.Linear(before, WIDTH), nn.SiLU()]
        self.net = nn.Sequential(*layers, nn.Linear(WIDTH, dim))

    def forward(self, x: Tensor, sigma: Tensor) -> Tensor:
        """Shapes: x (n, d), sigma (n, 1); result (n, d)."""
        said = torch.cat([x / (1 + sigma.square()).sqrt(), sigma.log(), sigma], 1)
        return self.net(said) / sigma


def denoising_target(eps: Tensor, sigma: Tensor) -> Tensor:
    """∇_y log N(y; x, σ² I) at y = x + σε: −ε/σ.   Shapes: eps (n, d), sigma (n, 1); result (n, d)."""
    return -eps / sigma


def weighted_error(found: Tensor, target: Tensor, sigma: Tensor) -> Tensor:
    """σ² ‖found − target‖², averaged over the batch.   Shapes: found, target (n, d), sigma (n, 1); result ()."""
    return (sigma.square() * (found - target).square()).sum(1).mean()


@final
class ScoreTraining:
    """Adam with a cosine rate, and an exponential average of the weights."""

    def __init__(self, config: ScoreConfig, device: torch.device) -> None:
        self.config, self.device = config, device
        self.law = law_of(config.data)
        ends = math.log(config.largest), math.log(config.smallest)
        self.sigma = torch.linspace(*ends, config.levels, device=device).exp()
        with seeded(config.seed):
            self.net = ScoreNetwork(self.law.means.shape[1])
        self.net.to(device)
        self.average = Average(self.net, config.decay)
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=config.rate)

    def epoch(self, number: int) -> Mapping[str, float]:
        """STEPS steps on fresh draws of the law, each row at a noise level of its own."""
        random = generator(self.device, self.config.seed, number, "epoch")
        rows = self.law.sample(STEPS * BATCH, random, self.device).split(BATCH)
        total = torch.zeros((), device=self.device)
        for i, x in enumerate(rows):
            done = (number + i / STEPS) / self.config.epochs
            set_cosine_rate(self.optimizer, self.config.rate, done)
            k = torch.randint(0, self.config.levels, (BATCH,), generator=random, device=self.device)
            sigma = self.sigma[k][:, None]
            eps = torch.randn(x.shape, generator=random, device=self.device)
            found = self.net(x + sigma * eps, sigma)
            loss = weighted_error(found, self._target(eps, sigma), sigma)
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            if self.config.slip != "untrained":
                self.optimizer.step()
                self.average.update(self.net)
            total += loss.detach()
        return {"denoising": float(total) / STEPS}

    def _target(self, eps: Tensor, sigma: Tensor) -> Tensor:
        """∇ log N(x + σε; x, σ²) = −ε/σ, or what a slip makes of it."""
        match self.config.slip:
            case "wrong sign of the target":
                return eps / sigma
            case "target without 1/σ":
                return -eps
            case _:
                return denoising_target(eps, sigma)

    def state(self) -> Mapping[str, Tensor]:
        """The network, its average and Adam's moments."""
        return state_of(self._modules(), {"adam": self.optimizer})

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Go on from a state."""
        load_state(state, self._modules(), {"adam": self.optimizer})

    def _modules(self) -> dict[str, nn.Module]:
        return {"net": self.net, "average": self.average.net}

    def noised(self, sigma: float) -> GaussianMixture:
        """The law of x + σε."""
        covs = self.law.covs + sigma**2 * torch.eye(self.law.means.shape[1], dtype=torch.float64)
        return GaussianMixture(weights=self.law.weights, means=self.law.means, covs=covs)

    @torch.no_grad()
    def evaluate(self) -> Evaluation:
        """Against the exact score on a grid, and samples against the law at the smallest noise level."""
        line = torch.linspace(-REACH, REACH, GRID, device=self.device)
        grid = torch.cartesian_prod(line, line)
        cosines, metrics = list[Tensor](), dict[str, float]()
        for sigma in self.sigma:
            exact = self.noised(float(sigma)).score(grid).to(self.device, torch.float32)
            found = self.average.net(grid, sigma.expand(len(grid), 1))
            cosines.append(torch.cosine_similarity(found, exact, dim=1))
            x = self._noised_draws(float(sigma))
            exact = self.noised(float(sigma)).score(x).to(self.device, torch.float32)
            error = (self.average.net(x, sigma.expand(len(x), 1)) - exact).square().sum()
            metrics[f"relative_error_sigma_{float(sigma):.3g}"] = float((error / exact.square().sum()).sqrt())
        metrics["median_cosine"] = float(torch.cat(cosines).median())
        metrics["largest_relative_error"] = max(v for k, v in metrics.items() if k.startswith("relative_error"))
        x = self.sample(SAMPLES, generator(self.device, self.config.seed, "sample"))
        last = self.noised(self.config.smallest)
        metrics |= mode_metrics(x, last) | {"relative_within_mode_sd": within_mode_sd(x, last)}
        data = self.law.sample(SAMPLES, generator(self.device, self.config.seed, "data"), self.device)
        field = self.average.net(grid, self.sigma[len(self.sigma) // 2].expand(len(grid), 1))
        return Evaluation(metrics, _arrays(x, data, grid, field, self.law))

    def _noised_draws(self, sigma: float) -> Tensor:
        return self.noised(sigma).sample(SAMPLES, generator(self.device, self.config.seed, "grid"), self.device)

    @torch.no_grad()
    def sample(self, n: int, random: torch.Generator) -> Tensor:
        r"""x ← x + η s_θ(x, σ_i) + √(2η) z with η ∝ σ_i², LANGEVIN steps at each level, from the largest down.

        Source: Song & Ermon 2019, "Generative Modeling by Estimating Gradients of the Data Distribution", algorithm 1.
        """
        dim = self.law.means.shape[1]
        x = self.config.largest * torch.randn(n, dim, generator=random, device=self.device)
        root = 1.0 if self.config.slip == "no √2 in Langevin" else math.sqrt(2.0)
        for sigma in self.sigma:
            eta = PACE * float(sigma) ** 2
            for _ in range(LANGEVIN):
                noise = torch.randn(x.shape, generator=random, device=self.device)
                x = x + eta * self.average.net(x, sigma.expand(n, 1)) + root * math.sqrt(eta) * noise
        return x


def _arrays(x: Tensor, data: Tensor, grid: Tensor, field: Tensor, law: GaussianMixture) -> dict[str, NDArray[Any]]:
    found = {"samples": x, "data": data, "field_points": grid, "field": field}
    return {**{k: v.cpu().numpy() for k, v in found.items()}, "modes": law.means.numpy()}


def _bounds(config: ScoreConfig) -> tuple[Bound, ...]:
    return (
        Bound("median_cosine", low=0.99, why="with the exact score, on a grid at all noise levels"),
        Bound("largest_relative_error", high=0.2, why="of the score's size too, where the data lies"),
        Bound("relative_within_mode_sd", low=0.95, high=1.05, why="√(0.2² + σ_min²) is the law's own"),
        Bound("smallest_mode_share", low=0.09, why="eight equal modes: 0.125 each"),
        Bound("largest_mode_share", high=0.16),
    )


MODEL = Model(
    title="Noise-conditional score model",
    source="Song & Ermon 2019, equation 6",
    losses={"denoising": r"\mathbb{E}_{\sigma, x, \epsilon}[\sigma^2 \|s_\theta(x + \sigma \epsilon, \sigma) + \frac{\epsilon}{\sigma}\|^2]"},
    conventions="squared error weighted by σ², summed over coordinates and averaged over the batch; σ uniform on the levels",
    units={},
    config=ScoreConfig,
    start=ScoreTraining,
    bounds=_bounds,
    controls={
        "no √2 in Langevin": Control({"slip": "no √2 in Langevin"}, ("relative_within_mode_sd",), "the sampler's noise"),
        "wrong sign of the target": Control({"slip": "wrong sign of the target"}, ("median_cosine",), "the loss's target"),
        "target without 1/σ": Control({"slip": "target without 1/σ"}, ("largest_relative_error",), "the loss's target"),
        "untrained": Control({"slip": "untrained", "epochs": 1}, ("median_cosine",), "no step is taken"),
    },
    quick={"epochs": 8},
    data=("eight_gaussians",),
    proofs={"denoising": "score/conditional-score.md"},
)
