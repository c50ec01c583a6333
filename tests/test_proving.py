"""Proofs beside verdicts, in processes of their own.

Guards: `proved` without both engines, a contradiction of the engines that is hidden, a prover that hangs, dies
or fails and costs more than its own proof, results that depend on the number of processes.
"""

from __future__ import annotations

import time
from pathlib import Path

import psutil
import pytest

from derivcheck import provers
from derivcheck.pipeline import check_document, explain
from derivcheck.reports.words.visible import unsized
from derivcheck.verdicts.options import Options
from derivcheck.verdicts.proof import Answer, settled
from derivcheck.verdicts.result import CertificateStep, Report
from tests.reports.making import TEXT, WITNESS, relation_at
from tests.support.engines import no_prover_starts, prover_is
from tests.test_pipeline import FALSE, TRUE, page, without_times


def checked(claims: tuple[str, ...], **options: object) -> Report:
    return check_document("test.md", text=page(claims), options=Options(**options))[0]  # type: ignore[arg-type]


def provers_running() -> list[psutil.Process]:
    return [c for c in psutil.Process().children() if "derivcheck.prover" in " ".join(c.cmdline())]


def test_what_holds_is_proved_and_what_fails_is_a_contradiction(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prover_is("certify_equations", tmp_path, monkeypatch)
    report = checked((*TRUE[:3], *FALSE))
    identity, marginal, bound, *wrong = report.relations
    for r in (identity, marginal):
        assert (r.verdict, r.evidence, r.laws) == ("correct", "proved", ("first_law", "arithmetic"))
    step = (identity.certificate or [])[0]
    assert step.before is not None
    assert (unsized(step.before), step.law) == (r"\log(p(x))", "first_law")
    assert (bound.evidence, bound.certificate) == ("exact", None)
    for r in wrong:
        assert (r.verdict, r.strict_verdict, r.evidence) == ("undecided", "undecided", "none")
        assert r.disagreement
        assert r.witness is r.suggestion is r.certificate is None
        assert "symbolic engine" in (r.reason or "")
        assert "exact engine" in (r.reason or "")
    assert (report.summary.proved, report.summary.disagreements) == (2, 2)
    assert provers_running() == []


def test_the_number_of_processes_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prover_is("certify_equations", tmp_path, monkeypatch)
    assert without_times(checked((*TRUE, *FALSE), jobs=3)) == without_times(checked((*TRUE, *FALSE)))


def test_work_and_optimum_arrive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prover_is("echo_work", tmp_path, monkeypatch)
    (relation,) = checked(TRUE[:1], proof_budget=0.5).relations
    assert relation.laws == ("work_2000", "at_None")


def test_a_prover_that_hangs_dies_or_fails_costs_its_own_proof_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In order: it hangs in C, ends, takes all memory, raises, recurses, and sleeps, which only the clock sees."""
    monkeypatch.setattr(provers, "GRACE", 0.5)
    prover_is("faulty", tmp_path, monkeypatch)
    numbers = range(70, 77)
    start = time.monotonic()
    report = checked((*(rf"a + {n} = {n} + a" for n in numbers), TRUE[4]), proof_budget=0.5)
    assert time.monotonic() - start < 90
    assert [r.verdict for r in report.relations] == ["correct"] * 8
    assert [r.evidence for r in report.relations] == ["proved", *["exact"] * 6, "proved"]
    (problem,) = report.theory.problems
    assert "ZeroDivisionError: a fault" in problem
    assert report.relations[1].proof_seconds == 0.5
    assert provers_running() == []


def test_without_a_prover_everything_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    no_prover_starts(tmp_path, monkeypatch)
    report = checked((TRUE[0], FALSE[0]))
    assert [(r.verdict, r.evidence) for r in report.relations] == [("correct", "exact"), ("incorrect", "exact")]
    assert report.theory.problems == [provers.FAILED]


def test_no_prove_starts_no_prover(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    no_prover_starts(tmp_path, monkeypatch)
    report = checked((TRUE[0],), prove=False)
    assert report.theory.problems == []
    assert report.relations[0].evidence == "exact"


def test_explain_shows_the_proof(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from derivcheck.reports import PLAIN, format_named

    prover_is("certify", tmp_path, monkeypatch)
    path = tmp_path / "a.md"
    path.write_text(page((TRUE[4],)), encoding="utf-8")
    (line,) = [r.line for r in checked((TRUE[4],)).relations]
    explanation = explain(str(path), line=line)
    assert explanation.relation.laws == ("first_law", "arithmetic")
    text = format_named("text").explain(explanation, PLAIN)  # type: ignore[misc]
    assert "Proof\n    1. first_law\n" in text
    assert explain(str(path), line=line, options=Options(prove=False)).relation.certificate is None


STEPS = (CertificateStep(law="kl_self", statement="s", source="b", before="x", after="y"),)
WRONG = relation_at(TEXT, "=", 0, 1, verdict="incorrect", absolute="incorrect", witness=WITNESS, reason="they differ")


def test_settling_is_by_fixed_rules() -> None:
    right = relation_at(TEXT, "=", 0, 1)
    assert settled(right, Answer("r001", seconds=0.25)) == right.model_copy(update={"proof_seconds": 0.25})
    proved = settled(right, Answer("r001", STEPS))
    assert (proved.verdict, proved.evidence, proved.certificate) == ("correct", "proved", list(STEPS))
    assert settled(WRONG, Answer("r001")) == WRONG
    contradiction = settled(WRONG, Answer("r001", STEPS))
    assert (contradiction.verdict, contradiction.absolute, contradiction.certificate) == ("undecided", None, None)
    assert "kl_self" in (contradiction.reason or "")
    assert "world 3 of tables, seed 0" in (contradiction.reason or "")
    unsure = relation_at(TEXT, "=", 0, 1, verdict="undecided", evidence="none")
    assert settled(unsure, Answer("r001", STEPS)) == unsure, "a certificate alone decides nothing"
