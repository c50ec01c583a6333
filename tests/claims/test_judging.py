"""Claims over seeds: short runs end to end, shared runs, controls that unmake a verdict, and the command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from derivcheck.claims.found import Found, UnknownStatistic
from derivcheck.claims.load import claims_from_text, load_claims
from derivcheck.claims.model import ClaimFile
from derivcheck.claims.report import over_seeds
from derivcheck.claims.runs import Job, Runs, planned
from derivcheck.cli import app

CPU = torch.device("cpu")
FILE = """\
title: Collapse
claims:
  - id: no-collapse
    statement: no collapse
    source: line 1
    model: simsiam
    settings: {a: {changes: {epochs: 6, batch: 64}}}
    statistic: trace_of_features
    relation: a >= 0.5
    margin: 0.05
    control: {why: no stop-gradient, settings: {a: {changes: {epochs: 6, batch: 64, stop_gradient: false}}}}
  - id: collapse
    statement: collapse
    source: line 1
    model: simsiam
    settings: {a: {changes: {epochs: 6, batch: 64}}}
    statistic: trace_of_features
    relation: a <= 0.5
    margin: 0.05
    control: {why: no stop-gradient, settings: {a: {changes: {epochs: 6, batch: 64, stop_gradient: false}}}}
  - id: blind
    statement: no collapse, with a control that does the same
    source: line 1
    model: simsiam
    settings: {a: {changes: {epochs: 6, batch: 64}}}
    statistic: trace_of_features
    relation: a >= 0.5
    margin: 0.05
    control: {why: other seeds, settings: {a: {changes: {epochs: 6, batch: 64}, seed_offset: 4}}}
"""


@pytest.fixture(scope="module")
def file() -> ClaimFile:
    torch.set_num_threads(1)
    return claims_from_text(FILE, where="x")


def test_runs_are_shared_and_their_verdicts_are_right(file: ClaimFile) -> None:
    done = list[int]()
    report = over_seeds([file], CPU, progress=lambda n, _: done.append(n))
    assert [c.verdict for c in report.claims] == ["holds", "contradicted", "not established"]
    assert "so is the control" in report.claims[2].reason
    assert report.runs == 12, "three claims share their runs"
    assert done == list(range(1, 12 * 6 + 1))
    for seed, other in zip(report.claims[0].seeds, report.claims[1].seeds, strict=True):
        assert seed.a == other.a
        assert seed.effect == pytest.approx((seed.a or 0) - 0.5)
    assert len({s.a for s in report.claims[0].seeds}) == 4, "another seed is another run"


def test_too_few_seeds_establish_nothing(file: ClaimFile) -> None:
    one = file.model_copy(update={"claims": file.claims[:1]})
    (claim,) = over_seeds([one], CPU, 3).claims
    assert (claim.verdict, claim.reason) == ("not established", "3 seeds count, at least 4 are needed")


def test_fewer_seeds_than_the_claim_asks_for_establish_nothing(file: ClaimFile) -> None:
    asked = [c.model_copy(update={"seeds": 8}) for c in file.claims[:2]]
    report = over_seeds([file.model_copy(update={"claims": asked})], CPU, 4)
    assert {c.verdict for c in report.claims} == {"not established"}
    assert all(c.reason.endswith("but the claim asks for 8 seeds") for c in report.claims)


def test_given_leaves_seeds_out(file: ClaimFile) -> None:
    text = FILE.replace("    statistic", "    given: {statistic: trace_at_the_start, relation: a <= 0, margin: 0}\n    statistic", 1)
    one = claims_from_text(text, where="x")
    (claim,) = over_seeds([one.model_copy(update={"claims": one.claims[:1]})], CPU, 4).claims
    assert claim.verdict == "not established"
    assert {s.outcome for s in claim.seeds} == {"does not count"}
    assert "not a <= 0" in claim.seeds[0].why


def test_an_unknown_statistic_is_refused(file: ClaimFile) -> None:
    text = FILE.replace("trace_of_features", "trace_of_feature", 1)
    one = claims_from_text(text, where="x")
    with pytest.raises(UnknownStatistic, match="did you mean `trace_of_features`"):
        over_seeds([one.model_copy(update={"claims": one.claims[:1]})], CPU, 1)


def test_no_run_is_planned_twice(file: ClaimFile) -> None:
    plan = planned([(c, 4) for c in file.claims], quick=False)
    assert len(plan) == len(set(plan)) == 12


def test_a_run_is_made_once(file: ClaimFile, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = Runs(CPU)
    job = planned([(file.claims[0], 1)], quick=False)[0]
    first = runs.found(job)
    monkeypatch.setattr("derivcheck.claims.runs.run", None)
    assert runs.found(job) is first
    assert isinstance(first, Found)
    assert isinstance(job, Job)


# --- the command ---------------------------------------------------------------------------------


def command(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["claim", *arguments])
    return done.exit_code, done.stdout, done.stderr


def test_the_command_says_the_numbers_and_the_status(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(FILE, encoding="utf-8")
    status, out, _ = command(str(path), "--device", "cpu", "--only", "no-collapse")
    assert status == 0
    assert "holds  no-collapse: as stated in all 4 seeds" in out
    assert "control: no stop-gradient" in out
    status, out, _ = command(str(path), "--device", "cpu", "--only", "collapse", "--format", "json")
    assert status == 1
    assert json.loads(out)["claims"][0]["verdict"] == "contradicted"
    status, out, _ = command(str(path), "--device", "cpu", "--only", "blind", "-o", str(tmp_path / "out.txt"))
    assert (status, out) == (3, "")
    assert "not established  blind" in (tmp_path / "out.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "wants a FILE"),
        (["nothing"], "is neither a file nor built in"),
        (["simsiam", "--only", "x"], "is the id of no claim"),
        (["simsiam", "--format", "xml"], "none of text, json"),
        (["simsiam", "--convention", "total"], "neither sum nor mean"),
        (["simsiam", "--device", "abacus"], "--device abacus"),
        (["simsiam", "--submission", "x.npz", "--quick"], "nothing is trained"),
        (["simsiam", "--submission", "nothing.npz"], "no such file or folder"),
        (["simsiam", "--submission", "a=x", "--submission", "a=y"], "side a is given twice"),
        (["x", "--show"], "is no built-in file"),
    ],
)
def test_wrong_usage_says_the_way_out(arguments: list[str], said: str) -> None:
    status, _, err = command(*arguments)
    assert status == 2
    assert said in err
    assert len(err.splitlines()) >= 3


def test_the_lists() -> None:
    status, out, _ = command("--list")
    assert status == 0
    assert "kl_weight" in out
    assert "seven-between-one-and-four" in out
    assert command("--show", "gan")[1].startswith("title:")


@pytest.mark.slow
def test_the_verdicts_on_collapse() -> None:
    """4 seeds at full length, about half a minute; every statement of the document holds of the linear model."""
    file = load_claims("simsiam")
    linear = file.model_copy(update={"claims": [c for c in file.claims if c.model == "simsiam"]})
    assert {c.verdict for c in over_seeds([linear], CPU).claims} == {"holds"}


@pytest.mark.slow
def test_the_verdicts_on_the_weight() -> None:
    """4 seeds at full length, about two minutes on an idle core."""
    wanted = {
        "distinct-neighbours": "holds", "further-apart": "holds", "better-reconstruction": "holds",
        "more-structured-units": "contradicted", "more-structured-neighbours": "contradicted",
        "better-than-one": "contradicted",
    }  # fmt: skip
    file = load_claims("kl_weight")
    chosen = file.model_copy(update={"claims": [c for c in file.claims if c.id in wanted]})
    assert {c.id: c.verdict for c in over_seeds([chosen], CPU).claims} == wanted
