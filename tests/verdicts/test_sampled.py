"""What draws do to a verdict: nothing of theirs makes `correct`, and a refutation counts only where worlds are silent.

The exact engine is replaced where a rule needs it to be silent or wrong.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from derivcheck.checks.evidence import Outcome, Question, undecided
from derivcheck.pipeline import prepare, replay
from derivcheck.verdicts import judge as room
from derivcheck.verdicts.options import Options
from derivcheck.verdicts.result import RelationResult
from derivcheck.worker import judged

THEORY = r"""
variables: [x, z]
densities: ['p(x,z)', 'q(z|x)']
"""
TRUE = r"\log p(x) = E_{q(z|x)}[\log p(x,z) - \log q(z|x)] + KL(q(z|x)\|p(z|x))"
WRONG = r"\log p(x) = E_{q(z|x)}[\log p(x,z) + \log q(z|x)] + KL(q(z|x)\|p(z|x))"
SILENT = "no world could evaluate both sides"


def page(claim: str, words: str = "We claim that") -> str:
    return f"---\n{THEORY.strip()}\n---\n\n{words}\n\n$$ {claim} $$\n"


def result(claim: str, *, sample: bool = True, words: str = "We claim that") -> RelationResult:
    found = judged(list(prepare("test.md", [], page(claim, words)).relations), Options(sample=sample))
    return [r for kind, r in found if kind == "result" and isinstance(r, RelationResult)][-1]  # behind those in the words


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Callable[[Outcome], None]:
    """Has the exact engine say something else."""

    def says(outcome: Outcome) -> None:
        def answer(q: Question, stationary: frozenset[str] = frozenset()) -> Outcome:
            return outcome

        monkeypatch.setattr(room, "answer", answer)

    return says


def test_draws_stand_beside_worlds_and_change_nothing_where_they_agree() -> None:
    with_draws, without = result(TRUE), result(TRUE, sample=False)
    assert with_draws.verdict == without.verdict == "correct"
    assert with_draws.evidence == without.evidence == "exact"
    assert {s.verdict for s in with_draws.sampled} == {"pass"}
    assert without.sampled == []
    assert "sampled" not in without.model_dump()
    assert "not_sampled" not in without.model_dump_json()


def test_an_exact_refutation_stays_with_its_own_witness() -> None:
    found = result(WRONG)
    assert found.verdict == "incorrect"
    assert found.evidence == "exact"
    assert found.witness is not None
    assert found.witness.samples is None
    assert found.sampled[-1].verdict == "refuted"


def test_draws_alone_never_make_correct(engine: Callable[[Outcome], None]) -> None:
    engine(undecided(SILENT))
    found = result(TRUE)
    assert found.verdict == "undecided"
    assert found.evidence == "none"
    assert found.reason == f"{SILENT}; draws on 5 instances agree with it"


def test_draws_refute_what_no_world_decides(engine: Callable[[Outcome], None]) -> None:
    engine(undecided(SILENT))
    found = result(WRONG)
    assert (found.verdict, found.strict_verdict, found.evidence) == ("incorrect", "incorrect", "sampled")
    assert SILENT in (found.reason or "")
    w = found.witness
    assert w is not None
    assert w.samples is not None
    assert w.samples.n >= 4096
    low, high = w.samples.interval
    assert not float(low) <= 0 <= float(high)  # type: ignore[arg-type]
    assert w.samples.alpha * w.samples.family_size == pytest.approx(w.samples.family_alpha)
    assert "left - right" in w.samples.statistic


def test_the_witness_is_replayed(engine: Callable[[Outcome], None], tmp_path: object) -> None:
    from pathlib import Path

    engine(undecided(SILENT))
    path = Path(str(tmp_path)) / "a.md"
    path.write_text(page(WRONG), encoding="utf-8")
    (placed,) = prepare(str(path), []).relations
    w = result(WRONG).witness
    assert w is not None
    assert replay(str(path), placed.raw.id, seed=w.seed, world=w.world, kind=w.world_kind) == (w.lhs_value, w.rhs_value)


def test_engines_that_disagree_decide_nothing(engine: Callable[[Outcome], None]) -> None:
    engine(Outcome("holds", worlds=9))
    found = result(WRONG)
    assert (found.verdict, found.strict_verdict, found.evidence) == ("undecided", "undecided", "none")
    assert found.disagreement
    assert "a defect of derivcheck" in (found.reason or "")
    assert "seed" in (found.reason or "")


def test_what_is_undecided_for_another_reason_stays_so(engine: Callable[[Outcome], None]) -> None:
    engine(undecided(SILENT))
    assert result(WRONG, words="When $q = p$,").verdict == "undecided", "a condition that the words state"
    engine(Outcome("undecided", "no type", untyped=True))
    assert result(WRONG).verdict == "undecided"


def test_a_supposition_is_not_refuted(engine: Callable[[Outcome], None]) -> None:
    engine(undecided(SILENT))
    assert result(WRONG, words="Suppose that").verdict == "not_checkable"


def test_what_has_no_claim_on_draws_says_why() -> None:
    found = result(r"p(z|x) p(x) = p(x,z)")
    assert found.verdict == "correct"
    assert found.sampled == []
    assert "nothing to draw" in (found.not_sampled or "")
