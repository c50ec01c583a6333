"""All trials that are declared, counted before anything is drawn.

Main definitions: `Place`, `Declared`, `declared_in`, `declaring`.
Why all experiments, whichever were asked for: the level of a trial is the family's over their number, and a
verdict must not depend on what else is run beside it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, final

import numpy as np
import torch

import derivcheck
from derivcheck.experiments._experiment import Experiment, Instance
from derivcheck.registry import declared
from derivcheck.statistics.sequential import Trial

ROOM = "derivcheck.experiments"


class Place(NamedTuple):
    """Where a trial is declared; control: the wrong claim that it is about, None for the claim itself."""

    experiment: str
    instance: int
    control: str | None
    trial: int


@final
@dataclass
class Declared:
    """Experiments by name, with their instances for one seed and device, made when they are first asked for."""

    experiments: Mapping[str, Experiment]
    seed: int
    device: torch.device
    faults: dict[str, str] = field(default_factory=dict[str, str])
    _made: dict[str, tuple[Instance, ...]] = field(default_factory=dict[str, tuple[Instance, ...]])

    def instances(self, name: str) -> tuple[Instance, ...]:
        """The instances of one experiment: they depend on the seed and on its name, and on no other experiment.

        An experiment whose instances cannot be made has none, and the reason stands in `faults`.
        """
        if name not in self._made:
            random = np.random.default_rng(_number(str(self.seed), name))
            try:
                self._made[name] = tuple(self.experiments[name].instances(random, self.device))
            except Exception as error:  # noqa: BLE001 - one experiment never costs the others
                self._made[name] = ()
                self.faults[name] = f"its instances cannot be made: {type(error).__name__}: {error}"
        return self._made[name]

    def trial(self, place: Place) -> Trial:
        """The trial at this place."""
        instance = self.instances(place.experiment)[place.instance]
        trials = instance.trials if place.control is None else instance.controls[place.control]
        return trials[place.trial]

    def places(self, names: Iterable[str]) -> Iterator[Place]:
        """The places of all trials of these experiments, the claim's before the wrong claims'."""
        for name in names:
            for i, instance in enumerate(self.instances(name)):
                for t in range(len(instance.trials)):
                    yield Place(name, i, None, t)
                for control, trials in instance.controls.items():
                    for t in range(len(trials)):
                        yield Place(name, i, control, t)

    def size(self) -> int:
        """How many trials all experiments declare, those of wrong claims included."""
        return sum(1 for _ in self.places(self.experiments))

    def seed_of(self, place: Place) -> int:
        """The seed of a trial's draws: from what is claimed and where, the version, and the user's seed."""
        instance = self.instances(place.experiment)[place.instance]
        said = (instance.name, place.control or "", str(place.trial), self.trial(place).claim.latex)
        return _number(derivcheck.__version__, str(self.seed), place.experiment, str(place.instance), *said)


def declared_in(room: str, seed: int, device: torch.device) -> Declared:
    """The experiments that the files of a room declare."""
    return declaring(declared(room, "EXPERIMENT"), seed, device)


def declaring(experiments: Mapping[str, Experiment], seed: int, device: torch.device) -> Declared:
    """Experiments that were not found in a room, but made."""
    return Declared(experiments, seed, device)


def _number(*said: str) -> int:
    return int.from_bytes(hashlib.sha256("\0".join(said).encode()).digest()[:8], "big")
