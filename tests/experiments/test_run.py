"""Experiments in one process or several: one result, and one fault never costs the others."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest
import torch

from derivcheck.experiments import _record
from derivcheck.experiments._crew import ENDED
from derivcheck.experiments._record import ExperimentRecord, SampleReport, Word
from derivcheck.experiments._reported import assumptions, report_of, worst
from derivcheck.experiments._run import device_named, run
from tests.experiments.room.kills_once import MARK

ROOM = "tests.experiments.room"
CPU = torch.device("cpu")
GOOD = ("holds", "many", "harmless")


def ran(*names: str, jobs: int = 1, seed: int = 0) -> SampleReport:
    return report_of(run(names, jobs=jobs, seed=seed, room=ROOM, device=CPU))


def of(report: SampleReport, name: str) -> ExperimentRecord:
    return next(e for e in report.experiments if e.name == name)


def test_what_holds_passes_and_what_is_wrong_is_refuted() -> None:
    e = of(ran("holds"), "holds")
    assert (e.verdict, e.tier, e.reason) == ("pass", "T0", None)
    assert [(c.name, c.verdict, c.refuted_on) for c in e.controls] == [("a mean of 1", "refuted", 5)]
    assert e.interval is not None
    assert e.value is not None
    assert e.tolerance is not None
    low, high = (float(end) for end in e.interval)
    assert e.value - e.tolerance < low <= e.value <= high < e.value + e.tolerance
    assert e.controls[0].n < e.n  # a gross error stops at the first look
    assert e.draws == sum(i.trials[0].n for part in (e, *e.controls) for i in part.instances)


def test_the_looks_close_in() -> None:
    looks = of(ran("holds"), "holds").instances[0].trials[0].looks
    assert len(looks) > 3
    widths = [float(look.interval[1]) - float(look.interval[0]) for look in looks]
    assert widths == sorted(widths, reverse=True)
    assert sum(look.alpha for look in looks) <= 1e-6


@pytest.mark.parametrize("jobs", [2, 3])
def test_results_do_not_depend_on_the_number_of_processes(jobs: int) -> None:
    """To the last bit: float64 sums in another order differ there."""
    assert ran(*GOOD, jobs=jobs).without_times() == ran(*GOOD).without_times()


def test_results_do_not_depend_on_the_other_names() -> None:
    assert of(ran("wrong", "holds").without_times(), "holds") == of(ran("holds").without_times(), "holds")


def test_results_depend_on_the_seed() -> None:
    one, other = of(ran("holds"), "holds"), of(ran("holds", seed=1), "holds")
    assert one.estimate != other.estimate
    assert one.verdict == other.verdict


def test_the_family_counts_what_is_declared_not_what_is_run() -> None:
    """Five with five instances, a claim and a control each; one of one; one of two; three claims; and two not counted."""
    report = ran("holds")
    assert report.family == 5 * (5 * 2) + 1 * 2 + 2 * 2 + 5 * 3
    assert report.experiments[0].alpha == pytest.approx(1e-6 / report.family)


def test_a_wrong_claim_taken_for_right_is_refuted() -> None:
    assert of(ran("wrong"), "wrong").verdict == "refuted"


def test_a_right_claim_taken_for_wrong_is_seen() -> None:
    e = of(ran("harmless"), "harmless")
    assert [c.verdict for c in e.controls] == ["refuted", "pass"]
    assert e.controls_refuted == 1


FAULTY = {
    "not_finite": "is not finite",
    "raises": "RuntimeError: no such table",
    "too_fine": "below the 1e-05 that float32 draws resolve",
    "no_instances": "its instances cannot be made: ZeroDivisionError: beta is 0",
}


@pytest.fixture(scope="module")
def faulty() -> SampleReport:
    return ran(*FAULTY, "holds")


@pytest.mark.parametrize("name", FAULTY)
def test_what_cannot_be_examined_is_inconclusive_with_the_reason(name: str, faulty: SampleReport) -> None:
    e = of(faulty, name)
    assert e.verdict == "inconclusive"
    assert FAULTY[name] in (e.reason or "")
    assert of(faulty, "holds").verdict == "pass"


def test_faults_are_alike_in_any_number_of_processes(faulty: SampleReport) -> None:
    def reasons(report: SampleReport) -> list[tuple[str, str, str | None]]:
        return [(e.name, t.verdict, t.reason) for e in report.experiments for i in e.instances for t in i.trials]

    assert reasons(ran(*FAULTY, "holds", jobs=2)) == reasons(faulty)


def test_a_trial_that_kills_its_process_costs_no_other() -> None:
    report = ran("kills", "holds", jobs=2)
    assert of(report, "kills").verdict == "inconclusive"
    assert of(report, "kills").reason == ENDED
    assert of(report, "holds").verdict == "pass"


def test_a_killed_worker_changes_no_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    undisturbed = ran("kills_once", jobs=2).without_times()
    monkeypatch.setenv(MARK, str(tmp_path / "killed"))
    disturbed = ran("kills_once", jobs=2).without_times()
    assert (tmp_path / "killed").exists()
    assert disturbed == undisturbed


def test_a_name_that_is_no_experiment() -> None:
    with pytest.raises(LookupError, match="hold"):
        ran("hold")


def test_a_device_that_is_not_there() -> None:
    with pytest.raises(ValueError, match=r"(?i)device"):
        device_named("abacus")


def test_progress_ends_at_all_trials() -> None:
    said: list[tuple[int, int, int]] = []
    run(["holds"], room=ROOM, device=CPU, progress=lambda *now: said.append(now))
    assert said[-1][:2] == (10, 10)
    assert [s[2] for s in said] == sorted(s[2] for s in said)


def test_the_record_fits_its_schema_and_reads_back() -> None:
    report = ran("holds", "wrong", "not_finite", "no_instances")
    text = report.model_dump_json()
    jsonschema.validate(report.model_dump(mode="json"), _record.json_schema())
    assert SampleReport.model_validate_json(text) == report


def test_infinite_ends_are_written_by_name() -> None:
    look = _record.LookRecord(n=1, alpha=0.5, estimate=0.0, interval=(float("-inf"), float("inf")))
    assert look.model_dump(mode="json")["interval"] == ["-inf", "inf"]


@pytest.mark.parametrize(
    ("verdicts", "word"),
    [
        (["pass", "pass"], "pass"),
        (["pass", "inconclusive"], "inconclusive"),
        (["inconclusive", "refuted", "pass"], "refuted"),
        ([], "inconclusive"),
    ],
)
def test_one_refuted_trial_refutes_and_all_must_pass(verdicts: list[Word], word: Word) -> None:
    assert worst(verdicts) == word


def test_assumptions_that_differ_in_numbers_are_one() -> None:
    assert assumptions(["a variance of 2.5", "a variance of 2.5; bounded"]) == "a variance of 2.5; bounded"
    assert assumptions(["every draw in [-1, 2], [3, 4.5e-3]", "every draw in [0, 1]"]) == "every draw in […]"
