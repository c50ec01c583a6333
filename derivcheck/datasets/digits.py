"""Handwritten digits, 8×8, as scikit-learn ships them: 1,797 rows, grey levels in [0, 1]."""

from __future__ import annotations

from pathlib import Path

import torch

from derivcheck.datasets._dataset import CannotLoad, Dataset, Rows

TRAIN = 1400  # the rest is kept aside
SPLIT = 0  # the seed of the split: part of the data set, not of a run


def _load(path: Path | None) -> Rows:
    if path is not None:
        raise CannotLoad("digits come with scikit-learn; give no path, or use the data set mnist")
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    order = torch.randperm(len(pixels), generator=torch.Generator().manual_seed(SPLIT))
    rows = torch.as_tensor(pixels, dtype=torch.float32)[order] / 16.0
    kinds = torch.as_tensor(labels, dtype=torch.int64)[order]
    return Rows(rows[:TRAIN], rows[TRAIN:], kinds[:TRAIN], kinds[TRAIN:], side=8)


DATASET = Dataset(
    title="Digits, 8×8",
    source="Alpaydin & Kaynak 1998, UCI optical recognition of handwritten digits, test set",
    load=_load,
)
