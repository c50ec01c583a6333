"""The rule from values to a verdict: every edge of it."""

from __future__ import annotations

import math

import pytest

from derivcheck.claims.model import Stated
from derivcheck.claims.verdict import FEWEST, Outcome, effect, outcome, verdict

YES, NO, NEAR, NONE, OUT = "as stated", "the opposite", "within the margin", "no number", "does not count"
FAILS: list[Outcome] = [NO] * 4


def stated(sign: str, margin: float = 0.0, bound: float = 0.0, *, compares: bool = False) -> Stated:
    return Stated(sign=sign, compares=compares, bound=bound, margin=margin)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sign", "margin", "a", "expected"),
    [
        (">", 0.0, 1.0, NO), (">=", 0.0, 1.0, YES), ("<", 0.0, 1.0, NO), ("<=", 0.0, 1.0, YES),
        (">", 0.0, 1.1, YES), (">=", 0.0, 0.9, NO), ("<", 0.0, 0.9, YES), ("<=", 0.0, 1.1, NO),
        (">=", 0.5, 1.4, NEAR), (">=", 0.5, 0.6, NEAR), (">=", 0.5, 1.5, YES), (">=", 0.5, 0.4, NO),
        (">", 0.5, 1.5, NEAR), (">", 0.5, 1.6, YES), (">", 0.5, 0.5, NO), (">=", 0.5, 0.5, NEAR),
        ("<=", 0.5, 0.5, YES), ("<=", 0.5, 1.6, NO), ("<", 0.5, 0.5, NEAR),
        (">", 0.0, math.nan, NONE), ("<=", 0.0, math.inf, NONE), (">", 0.0, -math.inf, NONE),
    ],
)  # fmt: skip
def test_a_value_against_the_bound_one(sign: str, margin: float, a: float, expected: str) -> None:
    assert outcome(stated(sign, margin, 1.0), a) == expected


def test_two_sides_are_compared_with_their_shift() -> None:
    within_half = stated(">=", 0.0, -0.5, compares=True)  # a >= b - 0.5
    assert outcome(within_half, 1.0, 1.4) == YES
    assert outcome(within_half, 1.0, 1.6) == NO
    assert outcome(within_half, 1.0) == NONE, "b was not measured"
    assert effect(stated("<", compares=True), 1.0, 3.0) == 2.0
    assert effect(stated("<", bound=1.0), 3.0) == -2.0


@pytest.mark.parametrize(
    ("seeds", "control", "expected", "reason"),
    [
        ([YES] * 4, FAILS, "holds", "all 4 seeds"),
        ([YES] * 4, [YES, YES, YES, NEAR], "holds", "not in 1 of 4"),
        ([YES] * 4, [YES] * 4, "not established", "so is the control"),
        ([YES] * 4, [], "not established", "control gives no number"),
        ([YES] * 4, [NO, NO, NO, NONE], "not established", "control gives no number"),
        ([NO] * 4, FAILS, "contradicted", "all 4"),
        ([NO] * 4, [YES] * 4, "contradicted", "all 4"),
        ([YES, NO, NO, NO], FAILS, "run-dependent", "as stated in 1 of 4 seeds, the opposite in 3"),
        ([YES, NO, NEAR, NEAR], FAILS, "run-dependent", "in 1 of 4"),
        ([YES, YES, YES, NEAR], FAILS, "not established", "within the margin in 1 of 4"),
        ([NO, NO, NO, NEAR], FAILS, "not established", "within the margin in 1 of 4"),
        ([NEAR] * 4, FAILS, "not established", "within the margin in 4 of 4"),
        ([YES, YES, YES, NONE], FAILS, "not established", "no number"),
        ([YES, NO, NO, NONE], FAILS, "not established", "no number"),
        ([YES] * 3, FAILS, "not established", "3 seeds count"),
        ([YES, NO, NO], FAILS, "not established", "3 seeds count"),
        ([YES] * 3 + [OUT], FAILS, "not established", "1 do not meet `given`"),
        ([YES] * 4 + [OUT], FAILS, "holds", "all 4 seeds"),
        ([NO] * 4 + [OUT] * 4, FAILS, "contradicted", "all 4"),
        ([], FAILS, "not established", "0 seeds count"),
    ],
)  # fmt: skip
def test_seeds_to_a_verdict(seeds: list[Outcome], control: list[Outcome], expected: str, reason: str) -> None:
    ruling = verdict(seeds, control)
    assert ruling.word == expected
    assert reason in ruling.reason


def test_four_seeds_are_the_fewest() -> None:
    assert FEWEST == 4
