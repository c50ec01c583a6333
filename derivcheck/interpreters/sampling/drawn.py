"""What a term is worth on rows of draws, and the arithmetic of such values.

Main definitions: `Drawn`, `CannotSample`, `OutsideDomain`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import final

import torch
from torch import Tensor


class CannotSample(Exception):
    """The term has no meaning in draws, or none that could be unbiased; says why."""


class OutsideDomain(CannotSample):
    """On this instance a side has no finite value; another instance may do."""


@final
@dataclass(frozen=True)
class Drawn:
    """One value a row, or one for all rows.

    data: [n or 1, *shape], float64. estimate: a row is not the value itself, only its mean over rows is;
    anything but sums and products of such rows is refused. iso: a multiple of I of unsaid size, shape ().
    """

    data: Tensor
    estimate: bool = False
    iso: bool = False

    @property
    def rank(self) -> int:
        """0 scalar, 1 column, 2 matrix."""
        return self.data.dim() - 1

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of a row."""
        return tuple(self.data.shape[1:])

    def known(self, what: str = "a function") -> Drawn:
        """Itself, where a row must be the value.

        Raises:
            CannotSample: it is only an estimate.
        """
        if self.estimate:
            raise CannotSample(f"an average stands inside {what}: its estimate would be biased")
        return self

    def of(self, data: Tensor) -> Drawn:
        """Another value from the same rows."""
        return replace(self, data=data)


def number(x: float) -> Drawn:
    """A plain number."""
    return Drawn(torch.full((1,), x, dtype=torch.float64))


def written_out(v: Drawn, size: int) -> Drawn:
    """c · I as a matrix of this size; anything else as it is."""
    if not v.iso:
        return v
    return Drawn(v.data[:, None, None] * torch.eye(size, dtype=torch.float64), v.estimate)


def add(a: Drawn, b: Drawn) -> Drawn:
    """a + b; the number 0 fits every shape."""
    if a.iso != b.iso:
        a, b = (written_out(x, y.shape[0]) if x.iso and y.rank == 2 else x for x, y in ((a, b), (b, a)))
    for x, y in ((a, b), (b, a)):
        if x.rank == 0 and y.rank and not x.estimate and not bool(x.data.any()):
            return y
    if a.shape != b.shape or a.iso != b.iso:
        raise CannotSample(f"a sum of shapes {a.shape} and {b.shape}")
    return Drawn(a.data + b.data, a.estimate or b.estimate, a.iso)


def negative(v: Drawn) -> Drawn:
    """-v."""
    return v.of(-v.data)


def scaled(c: Drawn, v: Drawn) -> Drawn:
    """A scalar times anything."""
    data = c.data.reshape(-1, *(1,) * v.rank) * v.data
    return Drawn(data, c.estimate or v.estimate, c.iso or v.iso)


def times(a: Drawn, b: Drawn, *, dots: bool) -> Drawn:
    """a b as it is written: scalars, matrices, columns; two columns side by side are an inner product if `dots`.

    The draws of two estimates are independent of each other, so the product of unbiased rows is unbiased.
    """
    if a.rank == 0 and b.rank == 0 and a.iso and b.iso:
        return Drawn(a.data * b.data, a.estimate or b.estimate, iso=True)
    if a.rank == 0:
        return scaled(Drawn(a.data, a.estimate, a.iso and b.rank == 0), b)
    if b.rank == 0:
        return scaled(Drawn(b.data, b.estimate, b.iso and a.rank == 0), a)
    estimate = a.estimate or b.estimate
    x, y = a.data, b.data
    if a.rank == 2 and b.rank == 2 and x.shape[-1] == y.shape[-2]:
        out = x @ y
        return Drawn(out.reshape(-1) if out.shape[1:] == (1, 1) else out, estimate)
    if a.rank == 2 and b.rank == 1 and x.shape[-1] == y.shape[-1]:
        out = (x @ y.unsqueeze(-1)).squeeze(-1)
        return Drawn(out.squeeze(-1) if x.shape[-2] == 1 else out, estimate)
    if a.rank == 1 and b.rank == 2 and y.shape[-2] == 1:
        return Drawn(x.unsqueeze(-1) @ y, estimate)
    if dots and a.rank == 1 and b.rank == 1 and x.shape[-1] == y.shape[-1]:
        return Drawn((x * y).sum(-1), estimate)
    raise CannotSample(f"a product of shapes {a.shape} and {b.shape}")


def transposed(v: Drawn) -> Drawn:
    """The transpose; a column becomes a row of shape (1, d)."""
    if v.rank == 1:
        return v.of(v.data.unsqueeze(-2))
    return v.of(v.data.transpose(-1, -2)) if v.rank == 2 else v
