"""Two interleaving half circles with noise 0.08: 4,000 points in the plane, no density known."""

from __future__ import annotations

from pathlib import Path

from derivcheck.datasets._dataset import Dataset, Rows
from derivcheck.datasets._plane import rows


def _load(path: Path | None) -> Rows:
    from sklearn.datasets import make_moons

    points, labels = make_moons(n_samples=4000, noise=0.08, random_state=0)
    return rows(points, labels, path, "moons")


DATASET = Dataset(title="Two moons", source="scikit-learn, make_moons", load=_load)
