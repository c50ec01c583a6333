"""Experiments examined, all or by name, in this process or in several.

Main definitions: `run`, `examined`, `Ran`, `device_named`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import final

import torch

from derivcheck.experiments._crew import Crew
from derivcheck.experiments._declared import ROOM, Declared, Place, declared_in
from derivcheck.experiments._examination import Examination, Found
from derivcheck.experiments._tasks import Setting, sums_of
from derivcheck.samplers.stream import best_device

ALPHA = 1e-6  # of the whole family
BETA = 1e-3  # 1 − power of each trial

Progress = Callable[[int, int, int], None]
"""(trials examined, trials in all, draws so far)."""


@final
@dataclass(frozen=True)
class Ran:
    """What became of every trial of the experiments that were run. alpha: of the family, size its trials."""

    declared: Declared
    names: tuple[str, ...]
    found: Mapping[Place, Found]
    alpha: float
    beta: float
    size: int
    seconds: float


def run(
    names: Sequence[str] = (),
    *,
    seed: int = 0,
    alpha: float = ALPHA,
    beta: float = BETA,
    jobs: int = 1,
    device: torch.device | None = None,
    room: str = ROOM,
    progress: Progress | None = None,
) -> Ran:
    """Examine the named experiments of a room, or all of them.

    The result does not depend on jobs: every chunk of draws has a seed of its own, and sums are added in the
    order of the plan. On a GPU one process draws, whatever jobs is.

    Raises:
        LookupError: there is no experiment of that name.
    """
    place = device or best_device()
    crew = Crew(jobs, Setting(room, seed, str(place))) if jobs > 1 and place.type == "cpu" else None
    try:
        with one_thread():  # as in the workers, so that both make the same instances to the last digit
            known = declared_in(room, seed, place)
        return examined(known, names, alpha=alpha, beta=beta, crew=crew, progress=progress)
    finally:
        if crew is not None:
            crew.stop()


def examined(
    known: Declared,
    names: Sequence[str] = (),
    *,
    alpha: float = ALPHA,
    beta: float = BETA,
    crew: Crew | None = None,
    progress: Progress | None = None,
) -> Ran:
    """Examine the named experiments of those that are declared, in this process unless there is a crew.

    Raises:
        LookupError: there is no experiment of that name.
    """
    begun = perf_counter()
    wanted = chosen(names, known.experiments)
    with one_thread():
        family, refused = known.family(alpha)
        trials = [
            Examination(p, known.trial(p), family.share(known.trial(p), str(p)), beta)
            for p in known.places(wanted)
            if p not in refused
        ]
        said = _counter(trials, progress)
        if crew is None:
            _examine_here(trials, said)
        else:
            crew.examine(trials, said)
    found = {p: Found(None, reason) for p, reason in refused.items() if p.experiment in wanted}
    found |= {e.place: e.found for e in trials if e.found is not None}
    return Ran(known, wanted, found, alpha, beta, max(1, family.size), perf_counter() - begun)


def chosen(names: Sequence[str], experiments: Mapping[str, object]) -> tuple[str, ...]:
    """The names, each once; all if there are none.

    Raises:
        LookupError: there is no experiment of that name.
    """
    for name in names:
        if name not in experiments:
            raise LookupError(name)
    return tuple(dict.fromkeys(names)) or tuple(experiments)


def device_named(name: str | None) -> torch.device:
    """The device of this name; without a name CUDA where there is one, else the CPU.

    Raises:
        ValueError: torch knows no such device, or this machine has none.
    """
    if name is None:
        return best_device()
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:  # torch built without CUDA asserts that it has it
        raise ValueError(str(error).split("\n")[0]) from None
    return device


@contextmanager
def one_thread() -> Generator[None]:
    """Sums in torch depend on the number of threads: here it is one, as in the workers."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _examine_here(trials: Sequence[Examination], said: Callable[[], None]) -> None:
    for e in trials:
        while e.found is None:
            e.take(sums_of(e.trial, e.ask(1)))
            said()


def _counter(trials: Sequence[Examination], progress: Progress | None) -> Callable[[], None]:
    def said() -> None:
        if progress is not None:
            progress(sum(e.found is not None for e in trials), len(trials), sum(e.drawn for e in trials))

    return said
