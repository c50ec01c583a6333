"""A NaN in some chunk of the sample."""

import torch

from tests.experiments.room._normal import experiment


def _spoilt(seed: int, x: torch.Tensor) -> torch.Tensor:
    if seed % 5 == 0:
        x[3] = torch.nan
    return x


EXPERIMENT = experiment(fault=_spoilt)
