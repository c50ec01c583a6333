"""What a confidence set needs of a sample: sums that add up over blocks of draws.

Main definitions: `Sums`, `NotFinite`, `Array`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class NotFinite(ValueError):
    """A sample or a statistic of it has a NaN or an infinity: nothing can be concluded from it."""


@final
@dataclass(frozen=True)
class Sums:
    """Sums over n draws, by name, each of shape (m,) for m coordinates of one claim, in float64.

    Raises:
        NotFinite: a sum is NaN or infinite (a NaN in the sample reaches here, since it survives adding).
    """

    n: int
    by_name: Mapping[str, Array]

    def __post_init__(self) -> None:
        for name, value in self.by_name.items():
            if not np.isfinite(value).all():
                raise NotFinite(f"the sum {name!r} over {self.n} draws is not finite")

    def __getitem__(self, name: str) -> Array:
        return self.by_name[name]

    def __add__(self, other: Sums) -> Sums:
        """The sums over both samples."""
        if self.by_name.keys() != other.by_name.keys():
            raise ValueError(f"sums of {sorted(self.by_name)} and {sorted(other.by_name)}")
        return Sums(self.n + other.n, {k: v + other[k] for k, v in self.by_name.items()})
