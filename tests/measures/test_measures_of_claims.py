"""Measures of embeddings, paths, curves, fields and modes, against values known by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from derivcheck.measures._measure import CannotMeasure, measured

EMBEDDING = np.array([[0.0, 0.0], [2.0, 0.0], [10.0, 0.0], [12.0, 0.0]])
LABELS = np.array([3, 3, 7, 7])
MODES = np.array([[0.0, 0.0], [10.0, 0.0]])
TEN = np.repeat([[0.0, 0.0], [9.0, 0.0]], 6, axis=0) + np.arange(12)[:, None] * [0.0, 0.01]
TEN_LABELS = np.repeat([0, 1], 6)


@pytest.mark.parametrize(
    ("name", "arrays", "expected"),
    [
        # about the mean 6: 36 + 16 + 16 + 36 = 104, of which 2·25 + 2·25 = 100 between the classes at 1 and 11
        ("class_separation", {"embedding": EMBEDDING, "labels": LABELS}, 100 / 104),
        ("class_separation", {"embedding": np.zeros((4, 2)), "labels": LABELS}, math.nan),
        ("class_distance", {"embedding": EMBEDDING, "labels": LABELS}, 10.0),
        ("class_distance", {"embedding": EMBEDDING, "labels": np.zeros(4)}, math.nan),
        ("neighbour_accuracy", {"embedding": TEN, "labels": TEN_LABELS}, 1.0),
        ("neighbour_accuracy", {"embedding": TEN, "labels": np.arange(12) % 2}, 0.0),  # 3 of 5 others are of the other
        ("mean_pairwise_distance", {"samples": np.array([[0.0], [1.0], [3.0]])}, (1 + 2 + 3) / 3),
        ("mean_pairwise_distance", {"samples": np.array([[0.0]])}, math.nan),
        ("label_entropy", {"samples": TEN[[0, 1, 8, 9]], "reference": TEN, "reference_labels": TEN_LABELS}, 1.0),
        ("label_entropy", {"samples": TEN[:3], "reference": TEN, "reference_labels": TEN_LABELS}, 0.0),
        ("nearest_distance", {"samples": np.array([[0.0, 3.0]]), "reference": np.array([[0.0, 0.0], [2.0, 0.0]])}, 1.5),
        ("nearest_distance", {"samples": np.array([[0.0, 3.0]]), "reference": np.array([[0.0, 0.0]])}, math.nan),
        # the ends do not count: of the two inner rows one is nearest to class 1
        ("class_share", {"path": TEN[[6, 0, 6, 6]], "wanted": np.array([1]), "reference": TEN, "reference_labels": TEN_LABELS}, 0.5),
        ("class_share", {"path": TEN[[6, 0, 0, 6]], "wanted": np.array([1]), "reference": TEN, "reference_labels": TEN_LABELS}, 0.0),
        ("class_share", {"path": TEN[:2], "wanted": np.array([1]), "reference": TEN, "reference_labels": TEN_LABELS}, math.nan),
        ("largest_step", {"path": np.array([[0.0], [1.0], [4.0]])}, 0.75),
        ("largest_step", {"path": np.linspace(0, 1, 11)[:, None]}, 0.1),
        ("largest_step", {"path": np.zeros((3, 2))}, math.nan),
        ("late_change", {"curve": np.array([9.0, 9, 5, 5, 4, 4, 3, 3, 1, 2])}, 1.5),
        ("final_level", {"curve": np.array([9.0, 9, 5, 5, 4, 4, 3, 3, 1, 2])}, 1.5),
        ("rise", {"curve": np.array([9.0, 9, 5, 5, 4, 4, 3, 3, 1, 2])}, -7.5),
        ("least_mode_share", {"samples": np.array([[0.1, 0], [0.2, 0], [9, 0], [0, 0]]), "reference_modes": MODES}, 0.5),
        ("least_mode_share", {"samples": np.array([[0.1, 0], [0.2, 0]]), "reference_modes": MODES}, 0.0),
        ("spread_about_modes", {"samples": np.array([[0.0, 2.0], [10.0, 2.0]]), "reference": np.array([[1.0, 0.0]]), "reference_modes": MODES}, 2.0),
        ("spread_about_modes", {"samples": MODES, "reference": MODES, "reference_modes": MODES}, math.nan),
        # towards (0, 0) at cosine 1, and along y where the way is along x
        ("field_towards_data", {"field_points": np.array([[2.0, 0.0], [8.0, 0.0]]), "field": np.array([[-3.0, 0.0], [0.0, 1.0]]), "reference_modes": MODES}, 0.5),
        ("field_towards_data", {"field_points": np.array([[2.0, 0.0]]), "field": np.zeros((1, 2)), "reference_modes": MODES}, math.nan),
        ("feature_spread", {"features": np.array([[1.0, 0.0], [5.0, 0.0]])}, 0.0),
        ("feature_spread", {"features": np.array([[1.0, 0.0], [-3.0, 0.0]])}, math.sqrt(2) / 2 * math.sqrt(2)),
        ("feature_spread", {"features": np.zeros((3, 2))}, math.nan),
    ],
)  # fmt: skip
def test_a_value_known_by_hand(name: str, arrays: dict[str, Any], expected: float) -> None:
    assert measured(name, arrays) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("name", ["late_change", "final_level", "rise"])
def test_a_short_curve_says_nothing(name: str) -> None:
    with pytest.raises(CannotMeasure, match="9 epochs says nothing"):
        measured(name, {"curve": np.zeros(9)})
