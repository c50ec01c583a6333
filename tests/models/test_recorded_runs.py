"""What every model reaches over seeds, as recorded in runs.jsonl, and the runs themselves (slow).

Guards: a bound that is missed, a control that is accepted, a record that is older than the model, a run nobody made.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import torch

from derivcheck.models._run import models
from tests.models.record_runs import Case, as_it_should, cases, read, recorded, table

RECORDS = read(Path(__file__).with_name("runs.jsonl"))
CASES = [case for name in models() for case in cases(name)]
SEEDS = 2  # of a variant
MOST = {"gan": 40, "ring_gan": 60, "ddpm": 60, "score": 45, "simsiam": 10, "simsiam_mlp": 20, "vae": 15}  # CPU seconds


def of(case: Case) -> list[dict[str, Any]]:
    return [r for r in RECORDS if (r["report"]["model"], r["case"]) == (case.model, case.name)]


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.model}, {c.name}")
def test_a_run_is_recorded_and_as_it_should(case: Case) -> None:
    found = of(case)
    for r in found:
        config = case.config(r["report"]["config"]["seed"])
        assert r["report"]["config"] == asdict(config), "the record is of another configuration: make it afresh"
        assert tuple(r["must_fail"]) == case.must_fail
        reached = {k: v for k, v in r["report"]["metrics"].items() if v is not None}  # None: no finite number
        now = [(b.metric, b.met(reached)) for b in models()[case.model].bounds(config)]
        assert [(b["metric"], b["met"]) for b in r["report"]["bounds"]] == now, "the bounds are others now"
        assert as_it_should(r)
        assert r["cpu_seconds"] <= MOST[case.model]
    seeds = {r["report"]["config"]["seed"] for r in found}
    assert len(seeds) >= (1 if case.must_fail else SEEDS), "run tests/models/record_runs.py tests/models/runs.jsonl"


def test_nothing_is_recorded_of_a_run_that_is_no_longer_declared() -> None:
    declared = {(c.model, c.name) for c in CASES}
    assert {(r["report"]["model"], r["case"]) for r in RECORDS} <= declared


def test_a_control_that_is_accepted_is_not_as_it_should() -> None:
    record = next(r for r in RECORDS if r["must_fail"])
    bounds = [{**b, "met": True} for b in record["report"]["bounds"]]
    assert not as_it_should({**record, "report": {**record["report"], "bounds": bounds}})
    assert not as_it_should({**record, "must_fail": ()}), "and what misses a bound is no model as it should be"


def test_the_table_has_every_run_and_says_which_are_not_as_they_should() -> None:
    text = table(RECORDS)
    assert all(f"| {c.model} | {c.name} |" in text for c in CASES if of(c))
    assert "**no**" not in text
    assert "**no**" in table([{**r, "must_fail": ()} for r in RECORDS])


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.model}, {c.name}")
def test_a_run_is_as_it_should_and_as_recorded(case: Case) -> None:
    torch.set_num_threads(1)
    assert as_it_should(recorded(case, 0))
