"""derivcheck on its own proofs: every relation of every file is correct, and proved.

Guards: a proof that is none, a file without its source, engines that contradict each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from derivcheck.cli.door import documents
from derivcheck.pipeline import check_document
from derivcheck.source.front_matter import value_of
from derivcheck.source.read import read_document
from derivcheck.verdicts.options import Options
from derivcheck.verdicts.result import RelationResult, Report
from derivcheck.workers import Staff

HOME = Path(__file__).parents[2] / "proofs"
FILES = [Path(name) for name in documents([str(HOME)])] if HOME.is_dir() and any(HOME.rglob("*.md")) else []
NAMES = [str(path.relative_to(HOME)) for path in FILES]

pytestmark = pytest.mark.skipif(not FILES, reason="there are no proofs yet")


@pytest.fixture(scope="module")
def staff() -> Iterator[Staff]:
    """One worker and one prover for all files."""
    with Staff(Options()) as made:
        yield made


REPORTS: dict[str, Report] = {}


def report_on(name: str, staff: Staff) -> Report:
    """The report on a file, made once."""
    if name not in REPORTS:
        REPORTS[name] = check_document(str(HOME / name), options=staff.options, staff=staff)[0]
    return REPORTS[name]


def to_prove(report: Report) -> list[RelationResult]:
    return [r for r in report.relations if r.verdict != "not_checkable"]


@pytest.mark.parametrize("name", NAMES)
def test_a_proof_says_what_it_is(name: str) -> None:
    front = read_document(str(HOME / name)).front_matter
    assert all(value_of(front, key) for key in ("id", "title", "source"))
    given = yaml.safe_load(front or "")
    assert given["theory"]
    assert given["tags"]


def test_no_two_proofs_share_a_name() -> None:
    ids = [value_of(read_document(str(path)).front_matter, "id") for path in FILES]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("name", NAMES)
def test_every_relation_is_correct(name: str, staff: Staff) -> None:
    report = report_on(name, staff)
    assert to_prove(report)
    assert [(r.place_in(name), r.verdict, r.reason) for r in to_prove(report) if r.verdict != "correct"] == []
    assert {r.strict_verdict for r in to_prove(report)} == {"correct"}
    assert [p for p in report.theory.problems if "is not read" in p or "a defect" in p] == []
    assert report.summary.disagreements == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_every_relation_is_proved(name: str, staff: Staff) -> None:
    unproved = [f"{r.place_in(name)}: {r.lhs} {r.rel} {r.rhs}" for r in to_prove(report_on(name, staff)) if r.evidence != "proved"]
    assert unproved == []
