"""One trial on its way: chunks in any order give one result, and what comes late changes nothing."""

from __future__ import annotations

import random

import numpy as np
import torch

from derivcheck.experiments._declared import Place, declaring
from derivcheck.experiments._examination import Examination
from derivcheck.experiments._run import examined
from derivcheck.experiments._tasks import Drawn, Task, sums_of
from derivcheck.statistics.sequential import drawn, examine
from derivcheck.statistics.sums import Sums
from derivcheck.statistics.trial import Trial
from tests.experiments.room._normal import experiment

PLACE = Place("made", 0, None, 0)
CPU = torch.device("cpu")


def awkward(seed: int, x: torch.Tensor) -> torch.Tensor:
    """Sums of these differ in the last bits by the order in which they are added."""
    return x * 10.0 ** (seed % 7 - 6)


def begun() -> tuple[Examination, Trial]:
    known = declaring({"made": experiment(fault=awkward)}, 0, CPU)
    family, _ = known.family(1e-6)
    trial = known.trial(PLACE)
    return Examination(PLACE, trial, family.share(trial, str(PLACE)), 1e-3), trial


def one_after_the_other() -> tuple[np.ndarray, ...]:
    known = declaring({"made": experiment(fault=awkward)}, 0, CPU)
    family, _ = known.family(1e-6)
    trial = known.trial(PLACE)
    way = examine(trial, family.share(trial, str(PLACE)), 1e-3)
    chunks = next(way)
    while True:
        try:
            chunks = way.send(drawn(trial, chunks))
        except StopIteration as end:
            return tuple(seen.estimate for seen in end.value.seen)


def test_chunks_in_any_order_give_the_same_looks() -> None:
    shuffled = random.Random(3)
    e, trial = begun()
    while e.found is None:
        tasks = [e.ask(1 + shuffled.randrange(3)) for _ in iter(lambda: e.unasked, 0)]
        assert tasks
        shuffled.shuffle(tasks)
        for task in tasks:
            e.take(sums_of(trial, task))
    assert e.found.outcome is not None
    assert tuple(seen.estimate for seen in e.found.outcome.seen) == one_after_the_other()
    assert e.drawn == e.found.outcome.n == e.found.drawn


def test_every_chunk_is_asked_for_once() -> None:
    e, trial = begun()
    seeds: list[int] = []
    while e.found is None:
        task = e.ask(2)
        seeds += [chunk.seed for chunk in task.chunks]
        e.take(sums_of(trial, task))
    assert len(set(seeds)) == len(seeds)
    assert e.unasked == 0


def test_after_a_fault_nothing_counts() -> None:
    e, trial = begun()
    first = e.ask(1)
    e.take(Drawn(first, (), 0.5, "no such table"))
    assert e.found is not None
    found = e.found
    assert (found.outcome, found.reason, found.seconds) == (None, "no such table", 0.5)
    e.take(sums_of(trial, Task(PLACE, 0, first.chunks)))
    assert e.found is found
    assert e.unasked == 0


def test_sums_that_overflow_end_the_trial() -> None:
    e, trial = begun()
    task = e.ask(2)
    huge = Sums(trial.block, {"first": np.asarray([1.5e308]), "second": np.asarray([1.0])})
    with np.errstate(over="ignore"):
        e.take(Drawn(task, (huge,) * len(task.chunks), 0.0))
    assert e.found is not None
    assert "not finite" in (e.found.reason or "")


def test_an_experiment_that_was_made_is_examined_with_one_thread() -> None:
    threads: set[int] = set()

    def counted(seed: int, x: torch.Tensor) -> torch.Tensor:
        threads.add(torch.get_num_threads())
        return x

    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        ran = examined(declaring({"made": experiment(fault=counted)}, 0, CPU))
        assert threads == {1}
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    assert ran.size == 10
    assert all(found.outcome is not None for found in ran.found.values())
