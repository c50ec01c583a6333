"""Measures of arrays: against values known by hand, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

from derivcheck.measures._measure import CannotMeasure, Measure, measured
from derivcheck.registry import declared

MEASURES: dict[str, Measure] = dict(declared("derivcheck.measures", "MEASURE"))


@pytest.mark.parametrize("name", sorted(MEASURES))
def test_a_missing_array_is_named_with_its_shape(name: str) -> None:
    assert MEASURES[name].title
    assert MEASURES[name].unit
    first, shape = next(iter(MEASURES[name].needs.items()))
    with pytest.raises(CannotMeasure, match=f"needs the array '{first}' of shape"):
        measured(name, {})
    bad = {k: np.zeros((2,) * (1 + s.count(","))) for k, s in MEASURES[name].needs.items()}
    for value in (np.nan, np.inf):
        with pytest.raises(CannotMeasure, match="finite"):
            measured(name, {**bad, first: np.full_like(bad[first], value)})
    with pytest.raises(CannotMeasure, match="has the shape"):
        measured(name, {**bad, first: np.zeros((2,) * (2 + shape.count(",")))})
    with pytest.raises(CannotMeasure, match="finite"):
        measured(name, {**bad, first: np.full(bad[first].shape, "x", dtype=object)})


def test_an_unknown_measure_is_refused() -> None:
    with pytest.raises(CannotMeasure, match="there is no measure beauty"):
        measured("beauty", {})


def test_energy_distance_of_two_points() -> None:
    # X at 0 or 2, Y at 5 or 6: 2 E|X−Y| = 9, E|X−X'| = 2 and E|Y−Y'| = 1 over distinct pairs
    arrays = {"samples": np.array([[0.0], [2.0]]), "data": np.array([[5.0], [6.0]])}
    assert measured("energy_distance", arrays) == pytest.approx(9 - 2 - 1)


def test_energy_distance_and_rank_tell_laws_apart() -> None:
    random = np.random.default_rng(0)
    data = random.normal(size=(400, 2))
    same, other = random.normal(size=(400, 2)), random.normal(size=(400, 2)) + 0.5
    assert abs(measured("energy_distance", {"samples": same, "data": data})) < 0.05
    assert measured("energy_distance", {"samples": other, "data": data}) > 0.1
    assert measured("energy_rank", {"samples": other, "data": data}) == pytest.approx(1 / 200)
    assert measured("energy_rank", {"samples": same, "data": data}) > 0.01
