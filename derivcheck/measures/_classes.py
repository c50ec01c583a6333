"""Rows with classes: means by class, and the class of the nearest known rows.

Main definitions: `class_means`, `voted`, `NEIGHBOURS`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from derivcheck.measures._distances import pairwise

NEIGHBOURS = 5


def class_means(x: NDArray[Any], labels: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Mean and number of rows of each class that occurs. Shapes: x (n, k), labels (n,); results (c, k), (c,)."""
    kinds, counts = np.unique(labels, return_counts=True)
    means = np.stack([x[labels == kind].astype(np.float64).mean(0) for kind in kinds])
    return means, counts.astype(np.int64)


def voted(
    x: NDArray[Any], known: NDArray[Any], labels: NDArray[Any], k: int = NEIGHBOURS, *, but_itself: bool = False
) -> NDArray[Any]:
    """The commonest class of the k nearest known rows (of equally common ones the smallest). Shape: (n,).

    but_itself: x are the known rows, and none is its own neighbour.
    """
    distances = pairwise(x, known)
    if but_itself:
        np.fill_diagonal(distances, np.inf)
    near = labels[np.argsort(distances, axis=1, kind="stable")[:, :k]]
    kinds = np.unique(labels)
    votes = (near[:, :, None] == kinds).sum(1)
    return kinds[votes.argmax(1)]
