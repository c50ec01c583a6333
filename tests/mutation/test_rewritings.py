"""A true relation written in another way is never refuted."""

from __future__ import annotations

import pytest

from tests.mutation.rewrite import judged


def refuted(*, with_theory: bool, only: str = "") -> tuple[int, list[str]]:
    made = list(judged(with_theory=with_theory, only=only))
    return len(made), [f"{base.id} {kind}: {' '.join(sides)}" for base, kind, sides, result in made if "incorrect" in (result.verdict, result.strict_verdict)]


@pytest.mark.parametrize("with_theory", [True, False], ids=["theory", "inferred"])
def test_rewritings_of_one_document(with_theory):
    count, wrong = refuted(with_theory=with_theory, only="002")
    assert count > 30
    assert wrong == []


@pytest.mark.slow
@pytest.mark.parametrize("with_theory", [True, False], ids=["theory", "inferred"])
def test_rewritings_of_all_documents(with_theory):
    count, wrong = refuted(with_theory=with_theory)
    assert count > 800
    assert wrong == []
