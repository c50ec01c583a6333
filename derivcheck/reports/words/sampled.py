"""The table of experiments for a terminal: each with its wrong claims below it, then what the figures rest on."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from derivcheck.reports import Surface
from derivcheck.reports.words.number import number
from derivcheck.reports.words.visible import one_line

if TYPE_CHECKING:
    from derivcheck.experiments._record import (
        ControlRecord,
        ExperimentRecord,
        Figures,
        SampleReport,
    )

WIDTH = 132  # of a file or pipe
DIGITS = 5
GOOD, BAD, OPEN = "green", "bold red", "yellow"
NONE = "·"


def table(report: SampleReport, surface: Surface) -> str:
    """The table, what each experiment assumes, what was not decided, and the sum."""
    return "\n".join([*_rows(report, surface), "", *_assumptions(report), *_open(report), "", *_sum(report)]) + "\n"


def _rows(report: SampleReport, surface: Surface) -> Iterator[str]:
    made = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    made.add_column("experiment", overflow="fold", ratio=1)
    for title in ("verdict", "tier"):
        made.add_column(title, no_wrap=True)
    for title in ("n", "estimate"):
        made.add_column(title, justify="right", no_wrap=True)
    made.add_column("interval", no_wrap=True)
    made.add_column("claim ± tolerance", no_wrap=True)
    made.add_column("seconds", justify="right", no_wrap=True)
    for e in report.experiments:
        made.add_row(one_line(e.name), _verdict(e), e.tier, *_figures(e), f"{e.seconds:.1f}")
        for c in e.controls:
            made.add_row(f"  not: {one_line(c.name)}", _control_verdict(c), "", *_figures(c), f"{c.seconds:.1f}")
    out = StringIO()
    console = Console(
        file=out, width=surface.width or WIDTH, force_terminal=surface.colour, no_color=not surface.colour, highlight=False
    )
    console.print(made)
    yield from (line.rstrip() for line in out.getvalue().splitlines())


def _verdict(e: ExperimentRecord) -> Text:
    return Text(e.verdict, style={"pass": GOOD, "refuted": BAD, "inconclusive": OPEN}[e.verdict])


def _control_verdict(c: ControlRecord) -> Text:
    """Refuted is what a wrong claim must be."""
    if c.verdict == "refuted":
        return Text(f"refuted on {c.refuted_on} of {len(c.instances)}", style=GOOD)
    return Text("PASSED" if c.verdict == "pass" else "not refuted", style=BAD)


def _figures(f: Figures) -> tuple[str, str, str, str]:
    if f.value is None or f.tolerance is None:
        return NONE, NONE, NONE, NONE
    sign = {"=": "", "<=": "≤ ", ">=": "≥ "}[f.relation]
    said = f"{sign}{number(f.value, DIGITS)} ± {number(f.tolerance, 2)}"
    if f.estimate is None or f.interval is None:
        return NONE, NONE, NONE, said
    low, high = f.interval
    return f"{f.n:,}", number(f.estimate, DIGITS), f"[{number(low, DIGITS)}, {number(high, DIGITS)}]", said


def _assumptions(report: SampleReport) -> Iterator[str]:
    for e in report.experiments:
        if e.assumption:
            yield f"{one_line(e.name)} ({e.tier}) assumes: {one_line(e.assumption)}"


def _open(report: SampleReport) -> Iterator[str]:
    for e in report.experiments:
        if e.reason is not None:
            yield f"{one_line(e.name)}: {one_line(e.reason)}"
        for c in e.controls:
            if c.verdict != "refuted":
                yield f"{one_line(e.name)}: the wrong claim {one_line(c.name)!r} was not refuted" + (
                    f": {one_line(c.reason)}" if c.reason else ""
                )


def _sum(report: SampleReport) -> Iterator[str]:
    s = report.summary
    count = len(report.experiments)
    fates = ", ".join(f"{n} {w}" for n, w in ((s.passed, "pass"), (s.refuted, "refuted"), (s.inconclusive, "inconclusive")) if n)
    yield f"{count} experiment{'' if count == 1 else 's'}: {fates}; {s.controls_refuted} of {s.controls} wrong claims refuted"
    draws = sum(e.draws for e in report.experiments)
    each = report.experiments[0] if report.experiments else None
    if each is not None:
        yield (
            f"α = {number(report.alpha, 3)} over a family of {report.family} trials, {number(each.alpha, 3)} each; power {number(each.power, 4)} each; "
            f"{number(float(draws), 3)} draws, seed {report.seed}, {report.device}, {report.seconds:.1f} s"
        )
