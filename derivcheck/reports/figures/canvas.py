"""What all pictures share: no display, greys and line styles that survive a copier, two files for each.

Main definitions: `canvas`, `save`, `INK`, `mathematics`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.mathtext import MathTextParser

INK: Final = {"claim": "0.0", "band": "0.88", "sample": "0.35", "fill": "0.65", "wrong": "0.0", "quiet": "0.5"}
"""Shades of grey, 0 is black."""

SUFFIXES = (".png", ".svg")
DPI = 150
FONT = 9.0


def canvas(width: float, height: float, panels: int = 1) -> tuple[Figure, list[Axes]]:
    """A figure of so many inches with its panels side by side; no window is ever opened."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, panels, squeeze=False)[0]
    for one in axes:
        one.spines[["top", "right"]].set_visible(False)
        one.tick_params(labelsize=FONT - 1)
    return figure, list(axes)


def save(figure: Figure, folder: Path, name: str) -> list[Path]:
    """Write the picture as PNG and SVG.

    Raises:
        OSError: the folder cannot be written.
    """
    paths = [folder / f"{name}{suffix}" for suffix in SUFFIXES]
    for path in paths:
        # no date inside: the same figures give the same file
        figure.savefig(path, dpi=DPI, metadata={"Date": None} if path.suffix == ".svg" else None)
    return paths


def mathematics(latex: str) -> str:
    """The formula between dollars if matplotlib can set it, else its text as it stands."""
    said = f"${latex}$"
    try:
        MathTextParser("path").parse(said)
    except ValueError:  # it knows a part of LaTeX only
        return latex.replace("$", r"\$")
    return said
