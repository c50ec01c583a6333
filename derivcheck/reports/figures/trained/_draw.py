"""Drawing without a screen: the figures that a run's arrays allow, as PNG files.

Main definitions: `draw_all`.
"""

from __future__ import annotations

from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Canvas

from derivcheck.registry import declared
from derivcheck.reports.figures.trained._figure import Arrays, Figure

DOTS = 120  # an inch


def draw_all(arrays: Arrays, folder: Path) -> list[Path]:
    """Draw every figure whose arrays are there; the files, in the order of the figures' names."""
    folder.mkdir(parents=True, exist_ok=True)
    figures: dict[str, Figure] = dict(declared("derivcheck.reports.figures.trained", "FIGURE"))
    return [
        _drawn(figure, arrays, folder / f"{name}.png")
        for name, figure in figures.items()
        if figure.possible(arrays)
    ]


def _drawn(figure: Figure, arrays: Arrays, path: Path) -> Path:
    canvas = Canvas(figsize=figure.size, dpi=DOTS, layout="constrained")
    FigureCanvasAgg(canvas)
    canvas.suptitle(figure.title, fontsize=11)
    figure.draw(canvas, arrays)
    canvas.savefig(path)
    return path
