"""False relations made from true ones are refuted; none is accepted unless plain numpy shows that it is true."""

from __future__ import annotations

import pytest

from tests.mutation.equivalent import EQUIVALENT, WITHOUT_VALUE, reason
from tests.mutation.equivalent_proofs import EQUIVALENT_PROOFS, WITHOUT_VALUE_PROOFS
from tests.mutation.generate import sample, sample_of_proofs
from tests.mutation.run import Judged, judge, table

GOAL_READ = 0.95
GOAL_REFUTED = 0.99  # of the read ones that say something


def accepted(judged: list[Judged]) -> list[Judged]:
    """Mutants called correct, repaired or not."""
    return [j for j in judged if "correct" in (j.result.verdict, j.result.strict_verdict)]


def claims(judged: list[Judged]) -> list[Judged]:
    """What was read and says something false about real numbers."""
    return [j for j in judged if j.read and reason(j.mutant) is None and reason(j.mutant, WITHOUT_VALUE) is None]


def test_the_equivalent_mutants_are_equal_by_plain_numpy():
    assert all(r.holds() for r in (*EQUIVALENT, *WITHOUT_VALUE, *EQUIVALENT_PROOFS, *WITHOUT_VALUE_PROOFS))


@pytest.mark.parametrize("with_theory", [True, False], ids=["theory", "inferred"])
def test_some_mutants(with_theory):
    judged = list(judge(sample(1, with_theory=with_theory)[:: 8 if with_theory else 16]))
    assert [str(j) for j in accepted(judged) if reason(j.mutant) is None] == []
    assert sum(j.read for j in judged) >= GOAL_READ * len(judged)
    if with_theory:
        refuted = sum(j.result.strict_verdict == "incorrect" for j in claims(judged))
        assert refuted >= 0.95 * len(claims(judged)), table(judged)


@pytest.mark.slow
def test_more_than_a_thousand_mutants():
    judged = list(judge(sample(2)))
    print(table(judged))
    for j in accepted(judged):
        print("equivalent:", j.mutant.base.id, j.mutant.kind, "-", getattr(reason(j.mutant), "why", "NO REASON"))
    assert len(judged) >= 1_000
    assert [str(j) for j in accepted(judged) if reason(j.mutant) is None] == []
    assert sum(j.read for j in judged) >= GOAL_READ * len(judged)
    refuted = sum(j.result.strict_verdict == "incorrect" for j in claims(judged))
    assert refuted >= GOAL_REFUTED * len(claims(judged)), table(judged)


@pytest.mark.slow
def test_a_thousand_mutants_without_declarations():
    judged = list(judge(sample(2, with_theory=False)))
    print(table(judged))
    assert [str(j) for j in accepted(judged) if reason(j.mutant) is None] == []


def _of_the_proofs(every: int) -> list[Judged]:
    judged = list(judge(sample_of_proofs(2)[::every], proving=True))
    print(table(judged))
    assert [str(j) for j in judged if j.proved and (j.result.verdict == "incorrect" or reason(j.mutant, EQUIVALENT_PROOFS) is None)] == []
    assert [str(j) for j in accepted(judged) if reason(j.mutant, EQUIVALENT_PROOFS) is None] == []
    assert [str(j) for j in judged if reason(j.mutant, WITHOUT_VALUE_PROOFS) and j.result.verdict != "undecided"] == []
    assert sum(j.read for j in judged) >= GOAL_READ * len(judged)
    return judged


def test_no_mutant_of_a_proof_is_proved():
    _of_the_proofs(60)


@pytest.mark.slow
def test_no_mutant_of_two_thousand_is_proved():
    judged = _of_the_proofs(1)
    assert len(judged) >= 2_000
    claims = [j for j in judged if j.read and reason(j.mutant, (*EQUIVALENT_PROOFS, *WITHOUT_VALUE_PROOFS)) is None]
    assert sum(j.result.strict_verdict == "incorrect" for j in claims) >= 0.985 * len(claims), table(judged)
