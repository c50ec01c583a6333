"""The table of trained models for a terminal: a row for each figure that a run had to reach."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from derivcheck.reports import Surface

if TYPE_CHECKING:
    from derivcheck.models._report import BoundResult, TrainingReport

WIDTH = 110  # of a file or pipe


def table(reports: Sequence[TrainingReport], surface: Surface) -> str:
    """One block for each run: its settings, then figure, bound and verdict."""
    out = StringIO()
    console = Console(
        file=out, width=surface.width or WIDTH, force_terminal=surface.colour, no_color=not surface.colour, highlight=False
    )  # fmt: skip
    for report in reports:
        said = ", ".join(f"{k} = {v}" for k, v in report.config.items() if v is not None)
        console.print(Text(f"{report.model}: {said}; {report.device}, {report.seconds:.1f} s", style="bold"))
        console.print(Text(f"  {report.conventions}"))
        console.print(_figures(report))
    return out.getvalue()


def _figures(report: TrainingReport) -> Table:
    made = Table(box=None, pad_edge=True, header_style="bold", padding=(0, 2, 0, 0))
    for title, side in (("figure", "left"), ("value", "right"), ("bound", "left"), ("", "left"), ("", "left")):
        made.add_column(title, justify=side, overflow="fold")  # type: ignore[arg-type]
    judged = {b.metric: b for b in report.bounds}
    for metric, value in report.metrics.items():
        unit = report.units.get(metric, "")
        shown = f"{'none' if value is None else format(value, '.5g')} {unit}".strip()
        bound = judged.get(metric)
        if bound is None:
            made.add_row(metric, shown, "", "", "")
        else:
            word = Text("reached", "green") if bound.met else Text("MISSED", "bold red")
            made.add_row(metric, shown, _range(bound), word, Text(bound.why))
    return made


def _range(bound: BoundResult) -> str:
    if bound.low is not None and bound.high is not None:
        return f"{bound.low:g} … {bound.high:g}"
    return f"≤ {bound.high:g}" if bound.low is None else f"≥ {bound.low:g}"
