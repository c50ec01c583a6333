"""Definitions of a point and its time, and of bound variables. Guards: a point taken at another time, a variable captured."""

from __future__ import annotations

import pytest

from derivcheck.interpreters.exact.bench import Bench
from tests.support.proving import asked
from tests.support.worlds import relation, signature

POINTS = {"variables": ["x_t"], "sequences": ["a_t > 0"], "functions": ["k(x_t,t)"], "definitions": [r"\mu(x_t,t) = a_t x_t + k(x_t,t)"], "conventions": {"t": "2..T-1"}}
BOUND = {"variables": ["x", "z"], "densities": ["p(x,z)"], "functions": ["k(y,z)"], "definitions": [r"h(y) = \int p(z) k(y,z) dz"]}


@pytest.mark.parametrize(
    ("latex", "result"),
    [
        (r"\mu(x_0,1) = a_1 x_0 + k(x_0,1)", "holds"),
        (r"\mu(x_0,1) = a_1 x_1 + k(x_1,1)", "fails"),
        (r"\mu(x_0,t) = a_t x_0 + k(x_0,t)", "holds"),
        (r"\mu(x_{t-1},t-1) = a_{t-1} x_{t-1} + k(x_{t-1},t-1)", "holds"),
        (r"\mu(x_{t-1},t) = a_t x_{t-1} + k(x_{t-1},t)", "holds"),
    ],
)
def test_a_point_keeps_its_time(latex, result):
    s = signature(POINTS)
    assert asked(*relation(latex, s), Bench(s, 0, 8)).result == result


def test_a_variable_is_not_captured():
    s = signature(BOUND)
    assert asked(*relation(r"h(z) = \int p(z) k(z,z) dz", s), Bench(s, 0, 8)).result != "holds"
