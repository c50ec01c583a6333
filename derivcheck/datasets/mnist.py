"""MNIST from the IDX files that a user has: a folder with the four files, plain or gzipped; 28×28, grey in [0, 1]."""

from __future__ import annotations

import gzip
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from derivcheck.datasets._dataset import CannotLoad, Dataset, Rows

IMAGES, LABELS = 0x00000803, 0x00000801  # unsigned bytes in three dimensions, in one
MOST = 1 << 28  # bytes that a file may unpack to


def read_idx(path: Path, magic: int) -> NDArray[Any]:
    """An IDX file of unsigned bytes.

    Raises:
        CannotLoad: it is missing, damaged, or of another kind.
    """
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            content = file.read(MOST)
        (found,) = struct.unpack_from(">I", content)
        shape = struct.unpack_from(f">{found & 0xFF}I", content, 4)
    except (OSError, EOFError, zlib.error, struct.error) as error:
        raise CannotLoad(f"{path}: cannot be read as IDX: {error}") from error
    if found != magic:
        raise CannotLoad(f"{path}: magic number {found:#010x}, not {magic:#010x}")
    body = np.frombuffer(content, dtype=np.uint8, offset=4 + 4 * len(shape))
    if body.size != int(np.prod(shape, dtype=np.int64)):
        raise CannotLoad(f"{path}: {body.size} bytes where its header {shape} says {np.prod(shape, dtype=np.int64)}")
    return body.reshape(shape).copy()  # torch wants memory that can be written


def _load(path: Path | None) -> Rows:
    if path is None or not path.is_dir():
        raise CannotLoad("mnist is not shipped: --set path=FOLDER with train-images-idx3-ubyte and the other three files")
    train, train_labels = _pair(path, "train")
    test, test_labels = _pair(path, "t10k")
    if train.shape[1] != test.shape[1]:
        raise CannotLoad(f"{path}: images of two sizes")
    return Rows(train, test, train_labels, test_labels, side=round(train.shape[1] ** 0.5))


def _pair(folder: Path, part: str) -> tuple[Tensor, Tensor]:
    images = read_idx(_file(folder, f"{part}-images", "idx3"), IMAGES)
    labels = read_idx(_file(folder, f"{part}-labels", "idx1"), LABELS)
    if len(images) != len(labels) or images.shape[1] != images.shape[2]:
        raise CannotLoad(f"{folder}: {images.shape} images with {len(labels)} labels")
    x = torch.as_tensor(images.reshape(len(images), -1), dtype=torch.float32) / 255
    return x, torch.as_tensor(labels, dtype=torch.int64)


def _file(folder: Path, name: str, kind: str) -> Path:
    for candidate in (f"{name}-{kind}-ubyte", f"{name}.{kind}-ubyte"):
        for suffix in ("", ".gz"):
            if (folder / (candidate + suffix)).is_file():
                return folder / (candidate + suffix)
    raise CannotLoad(f"{folder}: no {name}-{kind}-ubyte, plain or .gz")


DATASET = Dataset(title="MNIST, from its IDX files", source="LeCun, Cortes & Burges, MNIST", load=_load)
