"""A sampler with a defect."""

import torch

from tests.experiments.room._normal import experiment


def _broken(seed: int, x: torch.Tensor) -> torch.Tensor:
    raise RuntimeError("no such table")


EXPERIMENT = experiment(fault=_broken)
