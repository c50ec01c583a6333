"""Claims about trained models for a terminal: statement, verdict, and the numbers of every seed."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from derivcheck.reports import Surface
from derivcheck.reports.words.visible import visible

if TYPE_CHECKING:
    from derivcheck.claims.result import ClaimResult, ClaimsReport, SeedResult

WIDTH = 120  # of a file or pipe
STYLES = {"holds": "green", "contradicted": "bold red", "run-dependent": "yellow", "asked": "yellow"}


def claims_text(report: ClaimsReport, surface: Surface) -> str:
    """Every claim as a block, then how many of each verdict."""
    out = StringIO()
    console = Console(
        file=out, width=surface.width or WIDTH, force_terminal=surface.colour, no_color=not surface.colour, highlight=False
    )  # fmt: skip
    console.print(Text(f"{visible(report.title)}: {_how(report)}", style="bold"))
    for claim in report.claims:
        console.print()
        console.print(Text.assemble((claim.verdict, STYLES.get(claim.verdict, "")), f"  {claim.id}: {visible(claim.reason)}"))
        for line in _lines(claim):
            console.print(Text(f"    {line}"), soft_wrap=not surface.width)
    counts = {w: sum(c.verdict == w for c in report.claims) for w in dict.fromkeys(c.verdict for c in report.claims)}
    console.print()
    console.print(Text(", ".join(f"{n} {w}" for w, n in counts.items())))
    return out.getvalue()


def _how(report: ClaimsReport) -> str:
    where = f"{report.device}, {report.seconds:.0f} s"
    if report.submission:
        return f"submitted {', '.join(f'{k} = {visible(v)}' for k, v in report.submission.items())}; {where}"
    small = "; QUICK: smaller runs than the claims say, to look at and not to cite" if report.quick else ""
    return f"{report.runs} runs; {where}{small}"


def _lines(claim: ClaimResult) -> list[str]:
    sides = "; ".join(f"{name}: {visible(words)}" for name, words in claim.settings.items())
    found = [
        f"“{visible(claim.statement)}” ({visible(claim.source)})",
        *([visible(claim.reading)] if claim.reading else []),
        f"{claim.model}, {sides}",
        f"{claim.statistic} ({claim.unit}): {claim.relation}, margin {claim.margin:g}" if claim.unit
        else f"{claim.statistic}: {claim.relation}, margin {claim.margin:g}",
    ]  # fmt: skip
    if claim.convention is not None:
        found.append(f"convention ({claim.convention.reduction}): {visible(claim.convention.words)}")
    found += [f"{title}: {row}" for title, row in _numbers("a", claim.seeds)]
    if claim.control_seeds:
        found.append(f"control: {visible(claim.control)}")
        found += [f"    {title}: {row}" for title, row in _numbers("a", claim.control_seeds)]
    return found


def _numbers(first: str, seeds: Sequence[SeedResult]) -> list[tuple[str, str]]:
    """A line for each side over the seeds, then one of what each seed says where they differ."""
    if not seeds:
        return []
    lines = [(first, "  ".join(_number(s.a) for s in seeds))]
    if any(s.b is not None for s in seeds):
        lines.append(("b", "  ".join(_number(s.b) for s in seeds)))
    words = [s.outcome for s in seeds]
    lines.append(("says", words[0] if len(set(words)) == 1 else ", ".join(f"{s.seed} {s.outcome}" for s in seeds)))
    if why := next((s.why for s in seeds if s.why), ""):
        lines.append(("because", visible(why)))
    return lines


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.4g}"
