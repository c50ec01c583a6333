"""Wrong derivations of every kind: each is refuted with the right suggestion, and correct once corrected."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from derivcheck.checks.ask import answer
from derivcheck.checks.evidence import Question
from derivcheck.interpreters.exact.bench import Bench
from derivcheck.notation import read
from derivcheck.notation.signature import signature_of
from derivcheck.pipeline import prepare
from derivcheck.terms.signature import Signature
from derivcheck.verdicts.judge import Judge
from derivcheck.verdicts.options import Options
from derivcheck.verdicts.result import RelationResult

WRONG = Path(__file__).parents[1] / "wrong"
CASES = sorted(p.stem for p in WRONG.glob("*.md") if p.stem != "README")
SIGNS = {r"\geq": ">=", r"\ge": ">=", r"\leq": "<=", r"\le": "<="}


@cache
def expected(name: str) -> dict[str, Any]:
    """What stands beside a document."""
    return yaml.safe_load((WRONG / f"{name}.yaml").read_text(encoding="utf-8"))


def checked(text: str) -> list[tuple[RelationResult, Signature]]:
    """Every relation of a text, judged in this process."""
    judge = Judge(Options(timeout=20.0))
    out: list[tuple[RelationResult, Signature]] = []
    for placed in prepare("document.md", [], text=text).relations:
        signature = signature_of(placed.declarations)
        result = judge.judge(
            placed.raw, signature, head_sign=placed.head_sign, inferred=bool(placed.inferred)
        )
        out.append((result, signature))
    return out


@pytest.mark.parametrize("name", CASES)
def test_a_slip_is_refuted_with_the_right_suggestion(name: str) -> None:
    wanted = expected(name)
    text = (WRONG / f"{name}.md").read_text(encoding="utf-8")
    found = [(r, s) for r, s in checked(text) if r.verdict == "incorrect"]
    assert len(found) == 1, [(r.verdict, r.rhs, r.reason) for r, _ in checked(text)]
    result, signature = found[0]
    suggested = result.suggestion
    assert suggested is not None
    assert set(suggested.kind.split(",")) == set(wanted["kind"].split(",")), suggested
    corrected = checked(text.replace(wanted["wrong"], wanted["right"]))
    (right,) = [
        r
        for r, _ in corrected
        if (r.line == result.line and r.column == result.column) or r.id == result.id
    ]
    if suggested.kind == "wrong_relation":
        assert SIGNS[suggested.fragment or ""] == right.rel
        assert read(suggested.rhs, signature) == read(right.rhs, signature)
        return
    same = answer(
        Question(
            read(suggested.rhs, signature), "=", read(right.rhs, signature), Bench(signature, 0)
        )
    )
    assert same.result == "holds", suggested


@pytest.mark.parametrize("name", CASES)
def test_corrected_it_is_correct(name: str) -> None:
    wanted = expected(name)
    text = (WRONG / f"{name}.md").read_text(encoding="utf-8")
    assert text.count(wanted["wrong"]) == 1
    results = [r for r, _ in checked(text.replace(wanted["wrong"], wanted["right"]))]
    assert results
    assert {r.verdict for r in results} == {"correct"}, [
        (r.verdict, r.rhs, r.reason) for r in results
    ]


def test_every_kind_of_the_labels_has_its_derivation() -> None:
    labels = (WRONG.parent / "gold").glob("*.yaml")
    kinds = {
        k
        for path in labels
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["relations"]
        if entry.get("error_kind") and entry["verdict"] == "incorrect"
        for k in entry["error_kind"].split(",")
    }
    assert kinds <= {k for name in CASES for k in expected(name)["kind"].split(",")}
