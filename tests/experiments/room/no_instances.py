"""Instances that cannot be made."""

import numpy as np
import torch

from derivcheck.experiments._experiment import Experiment, Instance


def _none(random: np.random.Generator, device: torch.device) -> list[Instance]:
    raise ZeroDivisionError("beta is 0")


EXPERIMENT = Experiment("No instances", "x = x", "none", {"another": "x = y"}, _none)
