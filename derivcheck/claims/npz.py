"""An .npz file of a stranger: a zip archive of arrays whose sizes are checked before anything is unpacked.

Main definitions: `read_npz`, `NotReadable`.
"""

from __future__ import annotations

import math
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

LIMIT_BYTES = 256 << 20  # of a file, and of all its arrays unpacked
LIMIT_ARRAYS = 64
LIMIT_HEADER = 10_000  # characters


class NotReadable(ValueError):
    """A submission that cannot be read, and what to submit instead."""


def read_npz(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of an .npz file: numbers, or short text; no objects.

    Raises:
        NotReadable: no archive of arrays, pickled objects, or more than LIMIT_BYTES unpacked.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > LIMIT_ARRAYS:
                raise NotReadable(f"{path}: {len(members)} arrays; at most {LIMIT_ARRAYS}")
            if sum(m.file_size for m in members) > LIMIT_BYTES:
                raise NotReadable(f"{path}: unpacks to more than {LIMIT_BYTES >> 20} MiB; submit fewer rows")
            for member in members:
                _look(path, archive, member)
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        if isinstance(error, NotReadable):
            raise
        fact = str(error).partition("\n")[0]
        raise NotReadable(f"{path}: no .npz file of arrays: {fact}; write it with numpy.savez") from error


def _look(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """An array's header: what it says must be what the archive holds."""
    if not member.filename.endswith(".npy"):
        raise NotReadable(f"{path}: {member.filename!r} in it is no array; write it with numpy.savez")
    with archive.open(member) as file:
        version = npy.read_magic(file)
        if version not in {(1, 0), (2, 0)}:
            raise NotReadable(f"{path}: {member.filename!r} has a header of version {version}")
        read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, _, dtype = read(file, max_header_size=LIMIT_HEADER)
        begin = file.tell()
    if dtype.hasobject:
        raise NotReadable(f"{path}: {member.filename!r} holds pickled objects, which are never opened; save numbers")
    if dtype.kind not in "fiubU":
        raise NotReadable(f"{path}: {member.filename!r} holds {dtype}, not real numbers")
    if any(s < 0 for s in shape) or math.prod(shape) * dtype.itemsize != member.file_size - begin:
        raise NotReadable(f"{path}: {member.filename!r} says {shape} of {dtype}, which is not what it holds")
