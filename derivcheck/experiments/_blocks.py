"""Blocks of draws: what a process is asked for, and what it answers.

Main definitions: `Setting`, `Task`, `Drawn`, `sums_of`.
Why trials travel by their place: a trial holds functions, which no pickle carries; a worker makes the
instances again, from the same seed, and they are the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import final

from derivcheck.experiments._declared import Place
from derivcheck.experiments._examination import said_of
from derivcheck.statistics.sequential import Trial, block_seed
from derivcheck.statistics.sums import Sums


@final
@dataclass(frozen=True)
class Setting:
    """What a worker needs to know once."""

    room: str
    seed: int
    device: str


@final
@dataclass(frozen=True)
class Task:
    """Blocks first … stop − 1 of one trial, whose draws have this seed."""

    place: Place
    seed: int
    first: int
    stop: int


@final
@dataclass(frozen=True)
class Drawn:
    """The sums over each block of a task, or the reason why there are none."""

    task: Task
    blocks: tuple[Sums, ...]
    seconds: float
    fault: str | None = None


def sums_of(trial: Trial, task: Task) -> Drawn:
    """Draw the blocks of a task. Whatever the draw raises is a reason, not an error of ours."""
    begun = perf_counter()
    try:
        drawn = tuple(trial.draw(block_seed(task.seed, b), trial.block) for b in range(task.first, task.stop))
    except Exception as error:  # noqa: BLE001 - one trial never costs the others
        return Drawn(task, (), perf_counter() - begun, said_of(error))
    return Drawn(task, drawn, perf_counter() - begun)
