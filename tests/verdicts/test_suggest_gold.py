r"""Suggestions on real homework: how many equal the correction that a person wrote, and name the slip."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, replace
from functools import cache

import pytest

from derivcheck.checks.ask import answer
from derivcheck.checks.constants import unknowns
from derivcheck.checks.evidence import Question
from derivcheck.interpreters.exact.bench import Bench
from derivcheck.notation import Unreadable, readings
from derivcheck.notation.signature import signature_of
from derivcheck.terms.signature import Signature
from derivcheck.terms.term import Term
from derivcheck.verdicts.judge import Judge
from derivcheck.verdicts.options import Options
from derivcheck.verdicts.result import RelationResult
from tests.support.gold import Labelled, documents, labelled

EQUAL, KINDS = 24, 20  # of the 32 corrections that the labels hold
SAME_KIND = {"wrong_bound": {"wrong_bound"}, "bracket": set(), "notation": {"notation"}}


@dataclass(frozen=True)
class Judged:
    """One wrong relation with the correction of the labels and ours."""

    label: Labelled
    result: RelationResult
    equal: bool
    kind: bool

    def __str__(self) -> str:
        found = self.result.suggestion
        said = f"{found.kind}: {found.message}" if found else "no suggestion"
        gold = self.label.gold
        marks = f"{'equal' if self.equal else 'OTHER':5} {'kind' if self.kind else 'KIND?':5}"
        return f"{self.label.document[:3]}:{gold['line']} {marks} {gold['error_kind']} | {self.result.verdict} | {said}"


def first_reading(latex: str, signature: Signature) -> list[Term]:
    """What a text may be read as, at most four ways."""
    try:
        return [r.term for r, _ in zip(readings(latex, signature), range(4), strict=False)]
    except Unreadable:
        return []


def same(ours: str, theirs: str, signature: Signature) -> bool:
    """Whether two right sides are one value on the worlds (up to a constant, if they hold one)."""
    bench = Bench(signature, 0)
    for a in first_reading(ours, signature):
        for b in first_reading(theirs, signature):
            if a == b:
                return True
            found = answer(Question(a, "=", b, bench))
            if found.result == "holds" or (not unknowns(a, b) and found.trivial):
                return True
    return False


def of_kind(found: str, gold: str) -> bool:
    """Whether the kinds of a suggestion are kinds that the label names."""
    return bool(set(found.split(",")) & set(gold.split(",")))


@cache
def judged() -> tuple[Judged, ...]:
    """Every label with a correction, judged with the theory files."""
    made: list[Judged] = []
    for document in documents():
        if not (document.parent.parent / "gold" / f"{document.stem}.yaml").exists():
            continue
        judge = Judge(Options(timeout=20.0))
        for label in labelled(document):
            placed = label.placed
            signature = signature_of(placed.declarations)
            if not label.gold.get("repair") or label.gold["verdict"] != "incorrect":
                judge.note(placed.raw, signature)
                continue
            result = judge.judge(
                placed.raw, signature, head_sign=placed.head_sign, inferred=bool(placed.inferred)
            )
            found = result.suggestion
            equal = found is not None and same(found.rhs, label.gold["repair"], signature)
            kind = found is not None and of_kind(found.kind, label.gold["error_kind"])
            made.append(Judged(label, replace_seconds(result), equal, kind))
    return tuple(made)


def replace_seconds(result: RelationResult) -> RelationResult:
    """The result as it is; a place to look at its seconds."""
    return result


@pytest.mark.slow
def test_suggestions_equal_the_corrections_of_the_labels() -> None:
    found = judged()
    print("\n".join(map(str, found)))
    equal, kinds = sum(j.equal for j in found), sum(j.kind for j in found)
    seconds = [j.result.seconds for j in found]
    print(
        f"{len(found)} corrections: {equal} equal, {kinds} of the right kind; median {statistics.median(seconds):.2f} s, most {max(seconds):.2f} s a relation"
    )
    assert equal >= EQUAL
    assert kinds >= KINDS


@pytest.mark.slow
def test_a_suggestion_holds_by_the_check_of_the_relation() -> None:
    """What is suggested is never wrong itself: against the row before, or against the head of the chain."""
    for j in judged():
        found = j.result.suggestion
        if found is None or found.kind == "wrong_relation":
            continue
        raw = replace(j.label.placed.raw, rhs=found.rhs, rhs_expanded=found.rhs, implicit=False)
        again = Judge(Options(timeout=20.0)).judge(
            raw, signature_of(j.label.placed.declarations), head_sign=j.label.placed.head_sign
        )
        assert "correct" in (again.verdict, again.absolute), str(j)
