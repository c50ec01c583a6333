"""Two rings around one centre, radii 1 and 2, with noise: 4,000 points in the plane, no density known."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from derivcheck.datasets._dataset import Dataset, Rows
from derivcheck.datasets._plane import rows


def _load(path: Path | None) -> Rows:
    from sklearn.datasets import make_circles

    points, labels = make_circles(n_samples=4000, noise=0.04, factor=0.5, random_state=0)
    return rows(2 * np.asarray(points), labels, path, "rings")


DATASET = Dataset(title="Two rings", source="scikit-learn, make_circles", load=_load)
