"""The JSON contract."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from pydantic import ValidationError

import derivcheck.reports
from derivcheck.reports import PLAIN, format_named
from derivcheck.source import Document
from derivcheck.verdicts.result import (
    RelationResult,
    Report,
    Suggestion,
    Witness,
    json_schema,
    plain,
)

FIELDS = """id cell line column question lhs rel rhs implicit kind verdict strict_verdict reads_as
absolute holds_at evidence reading reason witness suggestion certificate disagreement seconds proof_seconds
sampled not_sampled""".split()


def test_a_relation_has_exactly_the_fields_of_the_contract() -> None:
    assert list(RelationResult.model_fields) == FIELDS


def test_json_reads_back_and_fits_the_schema(checked: tuple[Report, Document]) -> None:
    report, document = checked
    text = format_named("json").write(report, document, PLAIN)
    assert Report.model_validate_json(text) == report
    jsonschema.validate(json.loads(text), json_schema())


def test_the_published_schema_is_current() -> None:
    """Refresh with: derivcheck schema > derivcheck/reports/report.schema.json."""
    published = Path(derivcheck.reports.__file__).with_name("report.schema.json")
    assert json.loads(published.read_text(encoding="utf-8")) == json_schema()


def test_only_times_go(checked: tuple[Report, Document]) -> None:
    report, _ = checked
    timeless = report.without_times()
    assert timeless.seconds == 0.0
    assert {r.seconds for r in timeless.relations} == {0.0}
    assert timeless.model_copy(update={"seconds": 1.5, "relations": report.relations}) == report


def test_summary_counts_questions_in_order(checked: tuple[Report, Document]) -> None:
    report, _ = checked
    assert [(q.question, q.first_incorrect) for q in report.summary.questions] == [
        ("1", "r005"),
        ("2", "r007"),
    ]
    assert report.summary.counts.model_dump() == {
        "correct": 2, "incorrect": 2, "undecided": 1, "not_checkable": 2,
    }  # fmt: skip
    assert [r.id for r in report.first_errors()] == ["r005", "r007"]


def test_numbers_that_json_lacks_are_named() -> None:
    assert plain([1.0, float("inf"), [-float("inf"), float("nan")], 3]) == [
        1.0,
        "inf",
        ["-inf", "nan"],
        3,
    ]


def test_a_witness_takes_arrays() -> None:
    numpy = pytest.importorskip("numpy")
    witness = Witness(
        world_kind="matrices", seed=0, world=0, parameters={"A": numpy.eye(2)}, lhs_value=numpy.float64(1),
        rhs_value=numpy.array([numpy.inf]), difference=1, bound=0,
    )  # fmt: skip
    assert witness.parameters["A"] == [[1.0, 0.0], [0.0, 1.0]]
    assert Witness.model_validate_json(witness.model_dump_json()) == witness


def test_a_suggestion_writes_its_message() -> None:
    suggestion = Suggestion(rhs="c", kind="missing_log", fragment=r"\log c")
    assert suggestion.message == r"did you mean \log c? (missing log)"
    assert Suggestion.model_validate_json(suggestion.model_dump_json()) == suggestion


@pytest.mark.parametrize("wrong", [{"verdict": "right"}, {"rel": "=="}, {"verdickt": "correct"}])
def test_other_words_are_refused(checked: tuple[Report, Document], wrong: dict[str, str]) -> None:
    relation = checked[0].relations[0].model_dump()
    with pytest.raises(ValidationError):
        RelationResult.model_validate(relation | wrong)
