r"""A small non-linear SimSiam on digits: −½ cos(h(f(x_1)), sg f(x_2)) − ½ cos(h(f(x_2)), sg f(x_1)).

A view is the image shifted by up to one pixel, with noise. Collapse shows as a vanishing spread of the features' directions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor, nn
from torch.nn.functional import cosine_similarity, normalize

from derivcheck.datasets._dataset import rows_of
from derivcheck.models._model import Bound, Config, Control, Evaluation, Model
from derivcheck.models._state import generator, load_state, seeded, set_cosine_rate, state_of

HIDDEN, FEATURES, BATCH, NOISE, NEIGHBOURS = 128, 32, 200, 0.15, 5


@final
@dataclass(frozen=True)
class SimSiamMLPConfig(Config):
    """predictor: h is a network of its own (else the identity); stop_gradient: the target is held fixed."""

    epochs: int = 60
    predictor: bool = True
    stop_gradient: bool = True
    data: str = "digits"
    path: str | None = None
    rate: float = 0.05


@final
class SimSiamMLPTraining:
    """SGD with momentum and a cosine rate, as in the paper."""

    def __init__(self, config: SimSiamMLPConfig, device: torch.device) -> None:
        self.config, self.device = config, device
        self.rows = rows_of(config.data, config.path)
        width = self.rows.train.shape[1]
        with seeded(config.seed):
            self.encoder = nn.Sequential(
                nn.Linear(width, HIDDEN), nn.BatchNorm1d(HIDDEN), nn.ReLU(),
                nn.Linear(HIDDEN, HIDDEN), nn.BatchNorm1d(HIDDEN), nn.ReLU(),
                nn.Linear(HIDDEN, FEATURES),
            ).to(device)  # fmt: skip
            self.predictor = nn.Sequential(
                nn.Linear(FEATURES, FEATURES // 4), nn.BatchNorm1d(FEATURES // 4), nn.ReLU(), nn.Linear(FEATURES // 4, FEATURES)
            ).to(device)
        self.x = self.rows.train.to(device)
        parameters = [*self.encoder.parameters(), *self.predictor.parameters()]
        self.optimizer = torch.optim.SGD(parameters, lr=config.rate, momentum=0.9, weight_decay=1e-4)

    def epoch(self, number: int) -> Mapping[str, float]:
        """One pass over the rows, two views of each."""
        random = generator(self.device, self.config.seed, number, "epoch")
        set_cosine_rate(self.optimizer, self.config.rate, number, self.config.epochs)
        batches = torch.randperm(len(self.x), generator=random, device=self.device).split(BATCH)
        total = 0.0
        for batch in batches:
            loss = self._loss(self._view(self.x[batch], random), self._view(self.x[batch], random))
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.optimizer.step()
            total += float(loss.detach()) / len(batches)
        return {"negative_cosine": total}

    def _loss(self, x_1: Tensor, x_2: Tensor) -> Tensor:
        f_1, f_2 = self.encoder(x_1), self.encoder(x_2)
        p_1, p_2 = (self.predictor(f) if self.config.predictor else f for f in (f_1, f_2))
        held = self.config.stop_gradient and self.config.slip != "no stop-gradient"
        t_1, t_2 = (f.detach() if held else f for f in (f_1, f_2))
        return -0.5 * (cosine_similarity(p_1, t_2).mean() + cosine_similarity(p_2, t_1).mean())

    def _view(self, x: Tensor, random: torch.Generator) -> Tensor:
        side = self.rows.side
        shifts = torch.randint(-1, 2, (2, len(x)), generator=random, device=self.device)
        images = x.unflatten(1, (side, side))
        at = torch.arange(side, device=self.device)
        rows, columns = ((at + s[:, None]) % side for s in shifts)
        moved = images[torch.arange(len(x), device=self.device)[:, None, None], rows[:, :, None], columns[:, None, :]]
        return moved.flatten(1) + NOISE * torch.randn(x.shape, generator=random, device=self.device)

    def state(self) -> Mapping[str, Tensor]:
        """Both networks and the momentum."""
        return state_of(self._modules(), {"sgd": self.optimizer})

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Go on from a state."""
        load_state(state, self._modules(), {"sgd": self.optimizer})

    def _modules(self) -> dict[str, nn.Module]:
        return {"encoder": self.encoder, "predictor": self.predictor}

    @torch.no_grad()
    def sample(self, n: int, random: torch.Generator) -> Tensor:
        """Features of n views of rows kept aside. Shape: (n, FEATURES)."""
        pick = torch.randint(len(self.rows.test), (n,), generator=random, device=self.device)
        return self._features(self._view(self.rows.test.to(self.device)[pick], random))

    def _features(self, x: Tensor) -> Tensor:
        self.encoder.eval()
        found = self.encoder(x)
        self.encoder.train()
        return found

    @torch.no_grad()
    def evaluate(self) -> Evaluation:
        """Spread of the directions, and how well neighbours tell the class."""
        train, test = (self._features(x.to(self.device)) for x in (self.rows.train, self.rows.test))
        directions, known = normalize(test, dim=1), normalize(train, dim=1)
        near = (directions @ known.T).topk(NEIGHBOURS).indices.cpu()
        voted = self.rows.train_labels[near].mode(1).values
        metrics = {
            "relative_spread": float(directions.std(0).mean()) * FEATURES**0.5,
            "neighbour_accuracy": float((voted == self.rows.test_labels).double().mean()),
        }
        return Evaluation(metrics, {"features": directions.cpu().numpy(), "labels": self.rows.test_labels.numpy()})


def _bounds(config: SimSiamMLPConfig) -> tuple[Bound, ...]:
    if config.stop_gradient and config.predictor:
        return (
            Bound("relative_spread", low=0.5, why="√k · sd of the directions: 1 if they fill the sphere, 0 if collapsed"),
            Bound("neighbour_accuracy", low=0.85, why="the features tell the digits apart"),
        )
    return (Bound("relative_spread", high=0.2, why="collapse: a part of the method is missing"),)


MODEL = Model(
    title="Non-linear SimSiam on digits",
    source='Chen & He 2021, "Exploring Simple Siamese Representation Learning", equations 1 to 3 and figure 2',
    losses={"negative_cosine": r"-\frac{1}{2} \cos(h(f(x_1)), \text{Stop-Grad}(f(x_2))) - \frac{1}{2} \cos(h(f(x_2)), \text{Stop-Grad}(f(x_1)))"},
    conventions="averaged over the batch and over both orders of the views",
    units={},
    config=SimSiamMLPConfig,
    start=SimSiamMLPTraining,
    bounds=_bounds,
    controls={"no stop-gradient": Control({"slip": "no stop-gradient"}, ("relative_spread",), "the target is differentiated too")},
    variants={"whole": {}, "no stop-gradient": {"stop_gradient": False}, "no predictor": {"predictor": False}},
    quick={"epochs": 20},
    data=("digits", "mnist"),
)
