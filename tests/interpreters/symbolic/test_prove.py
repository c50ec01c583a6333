"""What is proved, and cousins that must not be, room by room. Guards: a law that is too generous, a missing condition, capture."""

from __future__ import annotations

import pytest

from derivcheck.interpreters.exact.bench import Bench
from derivcheck.interpreters.symbolic.prove import prove
from tests.interpreters.symbolic.table import NOT_PROVED, PROVED
from tests.support.proving import asked
from tests.support.worlds import relation, signature


def test_the_table_is_large_enough():
    assert len(NOT_PROVED) >= 60
    assert {room for room, _, _ in NOT_PROVED} >= {"probability", "logarithms", "integrals", "sums", "definitions", "optima", "order", "constants"}


@pytest.mark.parametrize(("room", "theory", "latex"), [pytest.param(*row, id=f"{row[0]} {row[2]}") for row in PROVED])
def test_it_is_proved_and_holds(room, theory, latex):
    s = signature(theory)
    assert s.problems == ()
    left, sign, right = relation(latex, s)
    found = prove(left, sign, right, s)
    assert found is not None
    assert found.laws
    assert asked(left, sign, right, Bench(s, 0, 8)).result != "fails"


@pytest.mark.parametrize(("room", "theory", "latex"), [pytest.param(*row, id=f"{row[0]} {row[2]}") for row in NOT_PROVED])
def test_it_is_not_proved(room, theory, latex):
    s = signature(theory)
    assert s.problems == ()
    left, sign, right = relation(latex, s)
    assert prove(left, sign, right, s) is None
    if sign == "=":
        assert prove(right, sign, left, s) is None


@pytest.mark.parametrize(("room", "theory", "latex"), [pytest.param(*row, id=f"{row[0]} {row[2]}") for row in NOT_PROVED if row[0] != "paths"])
def test_no_world_says_that_it_is_true(room, theory, latex):
    # E_epsilon[x_t] with a path to x_t is left out: on worlds x_t is a point as long as its noise is not mentioned beside it
    s = signature(theory)
    left, sign, right = relation(latex, s)
    assert asked(left, sign, right, Bench(s, 0, 8)).result != "holds"
