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

from derivcheck.experiments._experiment import Experiment, Instance
from derivcheck.registry import declared
from derivcheck.statistics.arithmetic import NotResolvable
from derivcheck.statistics.family import Family, Ledger
from derivcheck.statistics.trial import Trial

ROOM = "derivcheck.experiments"


class Place(NamedTuple):
    """Where a trial is declared; control: the wrong claim that it is about, None for the claim itself."""

    experiment: str
    instance: int
    control: str | None
    trial: int

    def __str__(self) -> str:
        """As the ledger names it."""
        about = "the claim" if self.control is None else f"not: {self.control}"
        return f"{self.experiment}, instance {self.instance + 1}, {about}, trial {self.trial + 1}"


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
            digest = hashlib.sha256(f"{self.seed} {name}".encode()).digest()
            random = np.random.default_rng(int.from_bytes(digest[:8], "big"))
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

    def family(self, alpha: float) -> tuple[Family, Mapping[Place, str]]:
        """All trials of all experiments as one family; and those that are not in it, each with the reason."""
        ledger, refused = Ledger(alpha, self.seed), dict[Place, str]()
        for place in self.places(self.experiments):
            try:
                ledger.declare(self.trial(place), str(place))
            except NotResolvable as error:
                refused[place] = str(error)
        return ledger.close(), refused


def declared_in(room: str, seed: int, device: torch.device) -> Declared:
    """The experiments that the files of a room declare."""
    return declaring(declared(room, "EXPERIMENT"), seed, device)


def declaring(experiments: Mapping[str, Experiment], seed: int, device: torch.device) -> Declared:
    """Experiments that were not found in a room, but made."""
    return Declared(experiments, seed, device)

