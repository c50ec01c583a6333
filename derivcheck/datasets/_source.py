"""Where a model in training takes its rows from: a law that is drawn from, or rows that are picked from, scaled.

Main definitions: `Source`, `source_of`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor

from derivcheck.datasets._dataset import Dataset, law_of, rows_of
from derivcheck.registry import declared
from derivcheck.samplers.mixture import GaussianMixture


@final
@dataclass(frozen=True)
class Source:
    """law: where it is known; then nothing is scaled. mean, scale: of the rows to learn from; side: of images, or 0."""

    device: torch.device
    dim: int
    law: GaussianMixture | None
    train: Tensor
    test: Tensor
    mean: Tensor
    scale: Tensor
    side: int

    def draw(self, n: int, random: torch.Generator) -> Tensor:
        """n rows to learn from, scaled. Shape: (n, d)."""
        if self.law is not None:
            return self.law.sample(n, random, self.device)
        pick = torch.randint(len(self.train), (n,), generator=random, device=self.device)
        return self.scaled(self.train[pick])

    def aside(self, n: int, random: torch.Generator) -> Tensor:
        """Up to n rows that nothing was learnt from, as they are."""
        return self.law.sample(n, random, self.device) if self.law is not None else self.test[:n]

    def scaled(self, x: Tensor) -> Tensor:
        """(x − mean) / scale."""
        return (x - self.mean) / self.scale

    def unscaled(self, x: Tensor) -> Tensor:
        """The inverse of `scaled`."""
        return x * self.scale + self.mean


def source_of(name: str, path: str | None, device: torch.device) -> Source:
    """A data set as a source.

    Raises:
        CannotLoad: there is no such data set, or it cannot be read.
    """
    dataset: Dataset | None = declared("derivcheck.datasets", "DATASET").get(name)
    if dataset is not None and dataset.law is not None:
        law = law_of(name)
        dim, none = law.means.shape[1], torch.empty(0, device=device)
        return Source(device, dim, law, none, none, torch.zeros(dim, device=device), torch.ones((), device=device), 0)
    rows = rows_of(name, path)
    train, test = rows.train.to(device), rows.test.to(device)
    mean = train.mean(0)
    return Source(device, train.shape[1], None, train, test, mean, (train - mean).square().mean().sqrt(), rows.side)
