"""The runs that claims need, each trained once: claims share them.

Main definitions: `Runs`, `planned`, `Job`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, final

import torch

from derivcheck.claims.found import Found
from derivcheck.claims.load import configuration
from derivcheck.claims.model import Claim, Side
from derivcheck.models._model import Config
from derivcheck.models._run import arrays_of, run

Progress = Callable[[int, int], None]
"""(epochs done, of how many, over all runs)."""


class Job(NamedTuple):
    """A run: a model and its configuration."""

    model: str
    config: Config


def jobs_of(claim: Claim, seed: int, *, quick: bool, control: bool) -> tuple[Job, ...]:
    """The runs of a claim's sides, a before b, for one seed; control: with the control's settings."""
    names = ("a", "b") if claim.stated.compares else ("a",)
    sides: list[Side] = [
        claim.control.settings.get(n, claim.side(n)) if control else claim.side(n) for n in names
    ]
    return tuple(Job(claim.model, configuration(claim, s, seed, quick=quick)) for s in sides)


def planned(claims: Iterable[tuple[Claim, int]], *, quick: bool) -> tuple[Job, ...]:
    """Every run that claims with so many seeds need, once each."""
    found = (
        job
        for claim, seeds in claims
        for seed in range(seeds)
        for control in (False, True)
        for job in jobs_of(claim, seed, quick=quick, control=control)
    )
    return tuple(dict.fromkeys(found))


@final
class Runs:
    """Trained when first asked for, then kept."""

    def __init__(self, device: torch.device, progress: Progress | None = None, epochs: int = 0) -> None:
        """epochs: of all runs that will be asked for."""
        self.device, self.progress, self.epochs = device, progress, epochs
        self.done, self._kept = 0, dict[Job, Found]()

    def __len__(self) -> int:
        return len(self._kept)

    def found(self, job: Job) -> Found:
        """What a run reaches, loss curves as arrays `loss/<term>`.

        Raises:
            CannotLoad: its data is not there.
        """
        if job not in self._kept:
            finished = run(job.model, job.config, self.device, None, self._epoch)
            evaluation = finished.evaluation
            self._kept[job] = Found(arrays_of(evaluation, finished.history), evaluation.metrics)
        return self._kept[job]

    def _epoch(self, *_: object) -> None:
        self.done += 1
        if self.progress is not None:
            self.progress(self.done, max(self.epochs, self.done))
