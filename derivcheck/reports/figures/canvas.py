"""What all pictures share: no display, greys and line styles that survive a copier, two files for each.

Main definitions: `Canvas`, `INK`, `mathematics`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self, final

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.mathtext import MathTextParser

INK: Final = {"claim": "0.0", "band": "0.88", "sample": "0.25", "fill": "0.7", "wrong": "0.0"}
"""Shades of grey, 0 is black."""

LEFT, RIGHT, TOP, BOTTOM = 0.55, 0.35, 0.25, 0.4  # inches of a panel around its axes
HEAD, LINE = 0.75, 0.155  # inches of the words above, and of a line below
LEAST_WIDTH = 6.0  # inches, so that a formula fits
SUFFIXES = (".png", ".svg")
DPI = 130
FONT = 9.0


@final
@dataclass(frozen=True)
class Canvas:
    """A figure with its panels in rows, and room for words above and below. No window is ever opened."""

    figure: Figure
    panels: tuple[Axes, ...]

    @classmethod
    def of(cls, count: int, columns: int, size: tuple[float, float], lines: int) -> Self:
        """So many panels of this size, in inches, and room for so many lines of words below them.

        Places are computed, since matplotlib's own layouts draw everything several times over.
        """
        across = min(count, columns)
        rows = -(-count // across)
        width = max(size[0] * across, LEAST_WIDTH)
        below = LINE * (lines + 1)
        height = size[1] * rows + HEAD + below
        figure = Figure(figsize=(width, height))
        FigureCanvasAgg(figure)
        axes: list[Axes] = []
        for i in range(count):
            left, top = size[0] * (i % across), height - HEAD - size[1] * (i // across)
            inside = (left + LEFT, top - size[1] + BOTTOM, size[0] - LEFT - RIGHT, size[1] - BOTTOM - TOP)
            axes.append(figure.add_axes((inside[0] / width, inside[1] / height, inside[2] / width, inside[3] / height)))
            axes[-1].spines[["top", "right"]].set_visible(False)
            axes[-1].tick_params(labelsize=FONT - 2)
        return cls(figure, tuple(axes))

    def title(self, first: str, second: str) -> None:
        """Two lines above all panels."""
        height = self.figure.get_figheight()
        for said, inches, size in ((first, 0.08, FONT + 1), (second, 0.32, FONT)):
            self.figure.text(0.01, 1 - inches / height, said, fontsize=size, va="top")

    def below(self, lines: Sequence[str]) -> None:
        """Lines of text below all panels."""
        height = self.figure.get_figheight()
        for i, said in enumerate(reversed(lines)):
            self.figure.text(0.01, LINE * (i + 0.5) / height, said, fontsize=FONT - 1.5)

    def save(self, folder: Path, name: str) -> list[Path]:
        """Write the picture as PNG and SVG; the same figures give the same files.

        Raises:
            OSError: the folder cannot be written.
        """
        paths = [folder / f"{name}{suffix}" for suffix in SUFFIXES]
        for path in paths:
            with rc_context({"svg.hashsalt": name}):
                self.figure.savefig(path, dpi=DPI, metadata={"Date": None} if path.suffix == ".svg" else None)
        return paths


def mathematics(latex: str) -> str:
    """The formula between dollars if matplotlib can set it, else its text as it stands."""
    said = f"${latex}$"
    try:
        MathTextParser("path").parse(said)
    except ValueError:  # it knows a part of LaTeX only
        return latex.replace("$", r"\$")
    return said
