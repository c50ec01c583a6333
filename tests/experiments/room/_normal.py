"""Standard normals with a claim about their mean: small, and quick to refute."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import torch

from derivcheck.experiments._experiment import Experiment, Instance, Panel
from derivcheck.samplers.reduce import power_sums
from derivcheck.samplers.stream import generator
from derivcheck.statistics.claim import claim
from derivcheck.statistics.sums import Sums
from derivcheck.statistics.tiers.exact_gaussian import KnownVariance
from derivcheck.statistics.trial import Trial

BLOCK = 1000
LATEX = r"\mathbb{E}[x] = 0"


def experiment(
    mean: float = 0.0,
    controls: Mapping[str, float] | None = None,
    *,
    relative: float = 0.02,
    size: int = 1,
    fault: Callable[[int, torch.Tensor], torch.Tensor] | None = None,
    instances: int = 5,
    panel: Panel | None = None,
) -> Experiment:
    """x ~ N(0, I_size) is claimed to have this mean; fault: what befalls the draws for the claim itself."""
    wrong = {"a mean of 1": 1.0} if controls is None else controls

    def trial(said: float, device: torch.device, *, sound: bool) -> Trial:
        def draw(seed: int, n: int) -> Sums:
            x = torch.randn(n, size, generator=generator(seed, device), device=device)
            return power_sums(x if sound or fault is None else fault(seed, x))

        value = np.full(size, said)
        return Trial(claim(LATEX, value, relative=relative, scale=1.0), KnownVariance(np.ones(size)), draw, block=BLOCK)

    def made(random: np.random.Generator, device: torch.device) -> list[Instance]:
        return [
            Instance(f"number {i}", (trial(mean, device, sound=False),), {k: (trial(v, device, sound=True),) for k, v in wrong.items()})
            for i in range(instances)
        ]

    return Experiment("Mean of a normal", LATEX, "none", dict.fromkeys(wrong, r"\mathbb{E}[x] = 1"), made, panel)
