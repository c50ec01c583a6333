"""Chunks of draws: what a process is asked for, and what it answers.

Main definitions: `Setting`, `Ready`, `Task`, `Drawn`, `sums_of`, `said_of`.
Why trials travel by their place: a trial holds functions, which no pickle carries; a worker makes the
instances again, from the same seed, and they are the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import final

from derivcheck.experiments._declared import Place
from derivcheck.statistics.arithmetic import NotResolvable
from derivcheck.statistics.sums import NotFinite, Sums
from derivcheck.statistics.trial import Chunk, Trial


@final
@dataclass(frozen=True)
class Setting:
    """What a worker needs to know once."""

    room: str
    seed: int
    device: str


@final
@dataclass(frozen=True)
class Ready:
    """A worker has loaded its libraries and found the experiments."""


@final
@dataclass(frozen=True)
class Task:
    """Some chunks of one trial, the first of which has this number in its look."""

    place: Place
    number: int
    chunks: tuple[Chunk, ...]


@final
@dataclass(frozen=True)
class Drawn:
    """The sums over each chunk of a task, or the reason why there are none."""

    task: Task
    sums: tuple[Sums, ...]
    seconds: float
    fault: str | None = None


def sums_of(trial: Trial, task: Task) -> Drawn:
    """Draw the chunks of a task. Whatever the draw raises is a reason, not an error of ours."""
    begun = perf_counter()
    try:
        drawn = tuple(trial.draw(chunk.seed, chunk.n) for chunk in task.chunks)
    except Exception as error:  # noqa: BLE001 - one trial never costs the others
        return Drawn(task, (), perf_counter() - begun, said_of(error))
    return Drawn(task, drawn, perf_counter() - begun)


def said_of(error: Exception) -> str:
    """A reason for people: what our own refusals say, anything else with its name."""
    return str(error) if isinstance(error, NotFinite | NotResolvable) else f"{type(error).__name__}: {error}"
