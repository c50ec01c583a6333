"""What a figure is: the arrays it needs, and how it draws them.

Main definitions: `Figure`, `Arrays`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, final

from matplotlib.figure import Figure as Canvas
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]


@final
@dataclass(frozen=True)
class Figure:
    """A declared figure. It is drawn for every run that has the arrays it needs.

    needs: names of arrays; a name that ends in * stands for one or more that begin so. size: inches.
    """

    title: str
    needs: tuple[str, ...]
    draw: Callable[[Canvas, Arrays], None]
    size: tuple[float, float] = (6.0, 4.0)

    def possible(self, arrays: Arrays) -> bool:
        """Whether the arrays suffice."""
        return all(any(_fits(name, a) for a in arrays) for name in self.needs)


def _fits(name: str, array: str) -> bool:
    return array.startswith(name[:-1]) if name.endswith("*") else array == name
