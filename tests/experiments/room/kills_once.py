"""Drawing it ends the process, the first time only."""

import os
import signal
from pathlib import Path

import torch

from tests.experiments.room._normal import experiment

MARK = "DERIVCHECK_TEST_KILLED"  # names the file that says that it has happened


def _fatal_once(seed: int, x: torch.Tensor) -> torch.Tensor:
    mark = os.environ.get(MARK)
    if mark is not None and not Path(mark).exists():
        Path(mark).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return x


EXPERIMENT = experiment(fault=_fatal_once)
