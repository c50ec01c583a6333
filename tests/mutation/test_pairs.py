"""No false verdict on relations of known truth, in notations that no homework here uses."""

from __future__ import annotations

import pytest

from tests.mutation.pairs import groups, judged


def test_the_table_is_large():
    assert sum(len(g["holds"]) + len(g["fails"]) for g in groups()) >= 350


@pytest.mark.parametrize("group", groups(), ids=lambda g: g["group"])
def test_no_false_verdict(group):
    found = list(judged(group))
    assert [str(k) for k in found if k.wrong] == []
    decided = sum(k.result.verdict in ("correct", "incorrect") for k in found)
    assert decided >= len(found) / 2


@pytest.mark.parametrize("group", [g for g in groups() if "inferred" in g], ids=lambda g: g["group"])
def test_no_false_verdict_without_declarations(group):
    assert [str(k) for k in judged(group, with_theory=False) if k.wrong] == []
