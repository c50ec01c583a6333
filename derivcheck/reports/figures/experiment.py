"""The picture of one experiment: how its estimates closed in on what is claimed, and what the wrong claims say.

Main definitions: `draw`.
Why in units of the tolerance: the claim is 0 and passes inside ±1 on every instance, whatever its numbers are; the
axis is linear there and logarithmic outside, so that a wrong claim is on the page however wrong it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter

from derivcheck.experiments._experiment import Panel
from derivcheck.experiments._reported import coordinate_shown
from derivcheck.reports.figures.canvas import FONT, INK, Canvas, mathematics
from derivcheck.statistics.outcome import Outcome
from derivcheck.statistics.sums import Array

if TYPE_CHECKING:
    from derivcheck.experiments._record import ExperimentRecord
    from derivcheck.experiments._run import Ran

COLUMNS = 4  # of panels
MOST = 12  # panels of one picture; the record holds the rest
SIZE = (2.9, 2.2)  # inches of a panel
LINEAR = 2.0  # tolerances within which the axis is linear
LEGEND = (
    "vertical: off by so many tolerances. Line and band: the claim and its tolerance; grey: estimate and confidence interval;",
    "dashed: where the wrong claims stand, in the numbers of the claim or as far from the estimate as they are:",
)
BEYOND = 1e12  # tolerances that are off every axis
LEAST = 4.0  # tolerances that are on the axis at least, to either side
DASHES = ((0, (4, 2)), (0, (1, 1)), (0, (6, 2, 1, 2)), (0, (8, 3)), (0, (3, 1, 1, 1, 1, 1)))


@final
@dataclass(frozen=True)
class Shown:
    """One trial that came to an outcome, beside those of the wrong claims on the same instance."""

    title: str
    outcome: Outcome
    wrong: tuple[tuple[int, Outcome], ...]  # by the number of the wrong claim


def draw(ran: Ran, record: ExperimentRecord, folder: Path) -> list[Path]:
    """Write the picture of one experiment that was run; the paths of its files, none if nothing was drawn.

    Raises:
        OSError: the folder cannot be written.
    """
    panel = ran.declared.experiments[record.name].panel
    shown = list(_shown(ran, record, every=panel is not None))
    parts = [(one, part) for one in shown for part in range(len(panel.parts))] if panel else [(one, 0) for one in shown]
    if not parts:
        return []
    parts = parts[:MOST]
    canvas = Canvas.of(len(parts), COLUMNS, SIZE, len(record.controls) + len(LEGEND))
    for axes, (one, part) in zip(canvas.panels, parts, strict=True):
        if panel is None:
            _against_n(axes, one)
        else:
            _across(axes, one, panel, part)
    _words(canvas, record)
    return canvas.save(folder, record.name)


def _shown(ran: Ran, record: ExperimentRecord, *, every: bool) -> Iterator[Shown]:
    """Of each instance the trial with most to say (or every one), with the like trials of the wrong claims."""
    numbers = {c.name: i for i, c in enumerate(record.controls, 1)}
    found: dict[tuple[int, str | None], dict[int, Outcome]] = {}
    for place, what in ran.found.items():
        if place.experiment == record.name and what.outcome is not None:
            found.setdefault((place.instance, place.control), {})[place.trial] = what.outcome
    for i, instance in enumerate(record.instances):
        outcomes = found.get((i, None), {})
        wrong = {c: found.get((i, c), {}) for c in numbers}
        telling = sorted(outcomes, key=lambda t: -_nearness(outcomes[t])) if outcomes else []
        for t in sorted(outcomes) if every else telling[:1]:
            like = tuple((numbers[c], _like(outcomes[t], w, t)) for c, w in wrong.items() if w)
            several = f", {t + 1} of {len(outcomes)}" if every and len(outcomes) > 1 else ""
            yield Shown(f"{instance.name}{several}", outcomes[t], like)


def _like(outcome: Outcome, wrong: dict[int, Outcome], trial: int) -> Outcome:
    """The wrong claim's trial of the same number if it has as many coordinates, else its most telling one."""
    if trial in wrong and wrong[trial].claim.value.size == outcome.claim.value.size:
        return wrong[trial]
    return max(wrong.values(), key=_nearness)


def _nearness(outcome: Outcome) -> float:
    return coordinate_shown(outcome.claim, outcome.last)[1]


def _coordinate(outcome: Outcome) -> int:
    return coordinate_shown(outcome.claim, outcome.last)[0]


def _off(outcome: Outcome, values: Array) -> Array:
    """From the claim, in tolerances."""
    return np.asarray((values - outcome.claim.value) / outcome.claim.tolerance)


def _same_quantity(one: Outcome, wrong: Outcome) -> bool:
    """Whether a wrong claim speaks of the same numbers, as far as the last intervals tell; else its statistics are its own."""
    if one.claim.value.size != wrong.claim.value.size or np.array_equal(one.claim.value, wrong.claim.value):
        return False
    return bool(np.all((one.last.low <= wrong.last.high) & (wrong.last.low <= one.last.high)))


def _stands(one: Outcome, wrong: Outcome) -> Array:
    """Where a wrong claim stands, in tolerances: from the claim, or where it has statistics of its own, from their estimate."""
    if _same_quantity(one, wrong):
        return _off(one, wrong.claim.value)
    return -_off(wrong, wrong.last.estimate)


def _against_n(axes: Axes, one: Shown) -> None:
    """Estimate and interval of the coordinate furthest from its claim, at every look."""
    o, j = one.outcome, _coordinate(one.outcome)
    n = [seen.n for seen in o.seen]
    middle, low, high = (np.asarray([_off(o, a)[j] for a in of_looks]) for of_looks in _sides(o))
    _claim(axes)
    axes.errorbar(
        n, middle, yerr=np.stack([middle - _seen(low), _seen(high) - middle]), color=INK["sample"], marker="o", markersize=3,
        linewidth=1, elinewidth=1, capsize=2,
    )  # fmt: skip
    marks = [*middle, *low, *high]
    for number, w in one.wrong:
        k = j if _same_quantity(o, w) else _coordinate(w)
        at = float(_stands(o, w)[k])
        axes.axhline(at, color=INK["wrong"], linewidth=0.8, linestyle=DASHES[number % len(DASHES)])
        _number(axes, number, at)
        marks.append(at)
    axes.set_xscale("log")
    axes.set_xlabel("n", fontsize=FONT - 1)
    _scale(axes, marks)
    axes.set_title(one.title, fontsize=FONT - 1.5)


def _across(axes: Axes, one: Shown, panel: Panel, part: int) -> None:
    """All coordinates of one part at the last look, against what they stand for."""
    o, last = one.outcome, one.outcome.last
    size = o.claim.value.size // len(panel.parts)
    here = slice(part * size, (part + 1) * size)
    x = np.arange(1, size + 1)
    _claim(axes)
    low, high = _off(o, last.low)[here], _off(o, last.high)[here]
    marks = [*low, *high]
    axes.fill_between(x, _seen(low), _seen(high), color=INK["fill"], linewidth=0)
    axes.plot(x, _off(o, last.estimate)[here], color=INK["sample"], linewidth=0.6)
    for number, w in one.wrong:
        if w.claim.value.size == o.claim.value.size:
            off = _stands(o, w)
            axes.plot(x, off[here], color=INK["wrong"], linewidth=0.8, linestyle=DASHES[number % len(DASHES)])
            _number(axes, number, float(off[here][-1]))
            marks += [*off[here]]
    if panel.log:
        axes.set_xscale("log")
    axes.set_xlabel(mathematics(panel.across), fontsize=FONT - 1)
    _scale(axes, marks)
    axes.set_title(", ".join(filter(None, (one.title, panel.parts[part]))), fontsize=FONT - 1.5)


def _sides(o: Outcome) -> tuple[Sequence[Array], Sequence[Array], Sequence[Array]]:
    return [s.estimate for s in o.seen], [s.low for s in o.seen], [s.high for s in o.seen]


def _claim(axes: Axes) -> None:
    axes.axhspan(-1, 1, color=INK["band"], linewidth=0, zorder=0)
    axes.axhline(0, color=INK["claim"], linewidth=1)


def _number(axes: Axes, number: int, at: float) -> None:
    """The wrong claim's number beside its line, at the right edge."""
    axes.annotate(
        str(number), (1, at), xycoords=("axes fraction", "data"), xytext=(2 + 7 * ((number - 1) % 3), 0),
        textcoords="offset points", fontsize=FONT - 3, va="center", annotation_clip=False,
    )  # fmt: skip


def _seen(ends: Array) -> Array:
    """Ends of intervals, those at infinity beyond every axis."""
    return np.clip(ends, -BEYOND, BEYOND)


def _scale(axes: Axes, marks: Sequence[float]) -> None:
    """The axis holds all marks that are finite."""
    there = [m for m in marks if np.isfinite(m)]
    axes.set_yscale("symlog", linthresh=LINEAR)
    axes.set_ylim(1.5 * min([*there, -LEAST]), 1.5 * max([*there, LEAST]))
    axes.xaxis.set_minor_formatter(NullFormatter())


def _words(canvas: Canvas, record: ExperimentRecord) -> None:
    """Above, the claim; below, what is what."""
    canvas.title(f"{record.title}: {record.verdict} ({record.tier}, α = {record.alpha:.2g}, power {record.power:g})", mathematics(record.claim))
    lines: list[str] = [*LEGEND]
    for i, c in enumerate(record.controls, 1):
        said = "refuted on" if c.verdict == "refuted" else "NOT REFUTED:"
        lines.append(f"{i}  {c.name} ({said} {c.refuted_on} of {len(c.instances)} instances)")
    canvas.below(lines)
