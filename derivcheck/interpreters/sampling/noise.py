"""Where the draws of one relation come from: fresh ones, or columns that were drawn before.

Main definitions: `Fresh`, `Given`, `Noise`.
"""

from __future__ import annotations

from typing import Protocol, final

import torch
from torch import Tensor

from derivcheck.interpreters.sampling.drawn import CannotSample


class Noise(Protocol):
    """Standard normals and uniforms, the next ones at every call."""

    def normal(self, n: int, d: int) -> Tensor:
        """Standard normals, (n, d), float64."""
        ...

    def uniform(self, n: int) -> Tensor:
        """Uniforms in [0, 1), (n, 1), float64."""
        ...


@final
class Fresh:
    """From a generator of its own. drawn: the normals a row has taken so far."""

    def __init__(self, generator: torch.Generator) -> None:
        """The generator belongs to these draws alone."""
        self.generator = generator
        self.drawn = 0

    def normal(self, n: int, d: int) -> Tensor:
        """Standard normals, (n, d), float64."""
        self.drawn += d
        return torch.randn(n, d, generator=self.generator, dtype=torch.float64)

    def uniform(self, n: int) -> Tensor:
        """Uniforms in [0, 1), (n, 1), float64."""
        return torch.rand(n, 1, generator=self.generator, dtype=torch.float64)


@final
class Given:
    """The columns of w (n, d) one after the other: what is evaluated is a function of w."""

    def __init__(self, w: Tensor) -> None:
        """Nothing is taken yet."""
        self.w = w
        self.taken = 0

    def normal(self, n: int, d: int) -> Tensor:
        """The next d columns."""
        if n != len(self.w) or self.taken + d > self.w.shape[1]:
            raise CannotSample("what is drawn depends on what was drawn")
        self.taken += d
        return self.w[:, self.taken - d : self.taken]

    def uniform(self, n: int) -> Tensor:
        """None: a table's draws are no quadratic form."""
        raise CannotSample("what is drawn from tables is no function of normals")
