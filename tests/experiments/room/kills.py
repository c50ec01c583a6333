"""Drawing it ends the process, every time."""

import os
import signal

import torch

from tests.experiments.room._normal import experiment


def _fatal(seed: int, x: torch.Tensor) -> torch.Tensor:
    os.kill(os.getpid(), signal.SIGKILL)
    return x


EXPERIMENT = experiment(fault=_fatal, instances=1)
