"""Every experiment of the package, found by walking its folder: what it declares, and that it does what it says.

False alarms of the family: at most 1e-6, by its ledger; a true claim is inconclusive with probability at most 1e-3
each, and seeds come from content, so a run that has passed passes.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import torch

from derivcheck.experiments._declared import ROOM, Declared, Place, declared_in
from derivcheck.experiments._experiment import Experiment
from derivcheck.experiments._record import ExperimentRecord
from derivcheck.experiments._reported import report_of
from derivcheck.experiments._run import examined
from derivcheck.registry import declared
from derivcheck.statistics.tiers.bounded import Proportion

EXPERIMENTS: dict[str, Experiment] = dict(declared(ROOM, "EXPERIMENT"))
CPU = torch.device("cpu")
LEAST = 5  # instances: one cannot refute a formula


@cache
def made() -> Declared:
    return declared_in(ROOM, 0, CPU)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_it_declares_what_it_must(name: str) -> None:
    e, instances = EXPERIMENTS[name], made().instances(name)
    assert made().faults == {}
    assert e.title
    assert e.claim
    assert e.source
    assert e.controls
    assert len(instances) >= LEAST
    assert all(i.trials for i in instances)
    tried = {control for i in instances for control, trials in i.controls.items() if trials}
    assert tried == set(e.controls)
    assert len(set(e.controls.values()) | {e.claim}) == len(e.controls) + 1, "two claims read the same"


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_same_seed_makes_the_same_instances(name: str) -> None:
    again = declared_in(ROOM, 0, CPU)
    for place in again.places([name]):
        mine, its = made().trial(place).claim, again.trial(place).claim
        assert np.array_equal(mine.value, its.value)
        assert np.array_equal(mine.tolerance, its.tolerance)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_draw_depends_on_its_seed_alone(name: str) -> None:
    trial = made().trial(Place(name, 0, None, 0))
    one, again, other = (trial.draw(seed, 500) for seed in (7, 7, 8))
    assert one.n == 500
    assert all(np.array_equal(one[key], again[key]) for key in one.by_name)
    if isinstance(trial.tier, Proportion):  # a count near all of them may be the same twice
        return
    assert any(not np.array_equal(one[key], other[key]) for key in one.by_name)


def record_of(name: str) -> ExperimentRecord:
    (record,) = report_of(examined(made(), [name])).experiments
    return record


def marked(name: str) -> object:
    aside = (pytest.mark.slow, pytest.mark.statistical) if EXPERIMENTS[name].costly else ()
    return pytest.param(name, marks=aside)


@pytest.mark.parametrize("name", [marked(name) for name in EXPERIMENTS])
def test_its_claim_passes_and_its_wrong_claims_are_refuted(name: str) -> None:
    record = record_of(name)
    assert (record.verdict, record.reason) == ("pass", None)
    assert {c.name: c.verdict for c in record.controls} == dict.fromkeys(EXPERIMENTS[name].controls, "refuted")
