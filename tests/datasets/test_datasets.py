"""Every data set, and the files that a user may bring."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
import torch

from derivcheck.datasets._dataset import CannotLoad, Dataset, law_of, rows_of
from derivcheck.datasets._source import source_of
from derivcheck.registry import declared

DATASETS: dict[str, Dataset] = dict(declared("derivcheck.datasets", "DATASET"))
CPU = torch.device("cpu")


@pytest.mark.parametrize("name", sorted(DATASETS))
def test_it_has_rows_or_a_law(name: str) -> None:
    dataset = DATASETS[name]
    assert dataset.title
    assert dataset.source
    assert (dataset.load is None) != (dataset.law is None)


@pytest.mark.parametrize("name", sorted(n for n, d in DATASETS.items() if d.load and n != "mnist"))
def test_rows_are_the_same_every_time_and_split(name: str) -> None:
    a, b = rows_of(name, None), rows_of(name, None)
    assert torch.equal(a.train, b.train)
    assert torch.equal(a.test_labels, b.test_labels)
    assert a.train.dtype == torch.float32
    assert len(a.train) == len(a.train_labels) > len(a.test) == len(a.test_labels) > 0
    together = torch.cat([a.train, a.test])
    assert torch.isfinite(together).all()
    if a.side:
        assert a.train.shape[1] == a.side**2
        assert together.min() >= 0
        assert together.max() <= 1


@pytest.mark.parametrize("name", sorted(n for n, d in DATASETS.items() if d.law))
def test_a_source_of_a_law_draws_it(name: str) -> None:
    law, source = law_of(name), source_of(name, None, CPU)
    x = source.draw(50_000, torch.Generator().manual_seed(0)).double()
    # 8 standard errors in each of a few coordinates: 1e-14
    error = 8 * (law.cov.diagonal() / len(x)).sqrt()
    assert ((x.mean(0) - law.mean).abs() < error).all()


def test_scaled_rows_come_back() -> None:
    source = source_of("digits", None, CPU)
    assert torch.allclose(source.unscaled(source.scaled(source.test)), source.test, atol=1e-6)
    x = source.scaled(source.train)
    assert abs(float(x.square().mean()) - 1) < 1e-5


def test_what_is_not_there_is_said() -> None:
    with pytest.raises(CannotLoad, match="there is no data set nothing; there are"):
        rows_of("nothing", None)
    with pytest.raises(CannotLoad, match="is a law"):
        rows_of("eight_gaussians", None)
    with pytest.raises(CannotLoad, match="no known law"):
        law_of("digits")
    with pytest.raises(CannotLoad, match="give no path"):
        rows_of("digits", "/tmp")
    with pytest.raises(CannotLoad, match="not shipped"):
        rows_of("mnist", None)


def idx(magic: int, array: np.ndarray) -> bytes:
    return struct.pack(f">I{array.ndim}I", magic, *array.shape) + array.astype(np.uint8).tobytes()


def mnist(folder: Path, *, zipped: bool) -> np.ndarray:
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (6, 28, 28))
    for part in ("train", "t10k"):
        for kind, content in (("images-idx3", idx(0x803, images)), ("labels-idx1", idx(0x801, np.arange(6) % 10))):
            name = f"{part}-{kind}-ubyte"
            if zipped:
                (folder / f"{name}.gz").write_bytes(gzip.compress(content))
            else:
                (folder / name).write_bytes(content)
    return images


@pytest.mark.parametrize("zipped", [False, True])
def test_idx_files_are_read(tmp_path: Path, *, zipped: bool) -> None:
    images = mnist(tmp_path, zipped=zipped)
    rows = rows_of("mnist", str(tmp_path))
    assert rows.side == 28
    assert np.allclose(rows.train.numpy() * 255, images.reshape(6, -1))
    assert rows.test_labels.tolist() == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\x00", b"\x00\x00\x08\x03" + b"\xff" * 12, idx(0x801, np.arange(6)), idx(0x803, np.zeros((5, 28, 28)))[:-1],
     idx(0x803, np.zeros((4, 28, 28))), idx(0x803, np.zeros((6, 28, 27)))],
    ids=["empty", "short", "sizes too large", "labels for images", "cut off", "too few", "not square"],
)  # fmt: skip
def test_damaged_idx_files_are_refused(tmp_path: Path, content: bytes) -> None:
    mnist(tmp_path, zipped=False)
    (tmp_path / "train-images-idx3-ubyte").write_bytes(content)
    with pytest.raises(CannotLoad):
        rows_of("mnist", str(tmp_path))


def test_a_damaged_gz_is_refused(tmp_path: Path) -> None:
    mnist(tmp_path, zipped=True)
    path = tmp_path / "train-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(CannotLoad):
        rows_of("mnist", str(tmp_path))
