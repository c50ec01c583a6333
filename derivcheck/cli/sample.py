"""`derivcheck sample`: the Monte Carlo experiments, as a table, JSON and pictures."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from derivcheck.cli.door import FINE, INCORRECT, UNDECIDED, Seed, app, stop, surface_of_stdout
from derivcheck.cli.prove import TableFormat
from derivcheck.reports import PLAIN, Surface

if TYPE_CHECKING:
    from derivcheck.experiments._record import SampleReport
    from derivcheck.experiments._run import Ran

MOST_JOBS = 8  # by default: every process holds torch


@app.command()
def sample(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME", help="Experiments; default: all.")
    ] = None,
    *,
    format_name: Annotated[
        TableFormat | None,
        typer.Option("--format", help="Default: by the ending of --output, else text."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A file; pictures go to a folder beside it.")
    ] = None,
    figures: Annotated[
        Path | None, typer.Option("--figures", help="A folder for a picture of each experiment.")
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(min=1, help="Processes; they never change a result. Default: one per core."),
    ] = None,
    seed: Seed = 0,
    alpha: Annotated[
        float, typer.Option(min=1e-300, max=0.5, help="Of the whole family: P(a true claim is refuted).")
    ] = 1e-6,
    device: Annotated[
        str | None, typer.Option(help="cpu or cuda; default: cuda where there is one.")
    ] = None,
    list_them: Annotated[
        bool, typer.Option("--list", help="Name the experiments and their claims; draw nothing.")
    ] = False,
) -> None:
    """Draw from the processes as they are defined, and confront the formulas.

    Every experiment has wrong claims beside its claim, which must be refuted. Exit status: 0 all pass and all
    wrong claims are refuted, 1 a claim is refuted or a wrong one is not, 2 usage, 3 a claim is inconclusive.
    """
    if list_them:
        _list(names or [])
        raise typer.Exit(FINE)
    # processes are what is parallel: on small matrices the threads of BLAS, which nobody has loaded yet, only wait
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if output is not None and not output.parent.is_dir():  # found out now, not after a minute
        stop(str(output), "its folder is not there", "give --output a place that can be written")
    ran, report = _ran(names or [], jobs or _cores(), seed, alpha, device)
    as_json = format_name is TableFormat.json or (
        format_name is None and output is not None and output.suffix.lower() == ".json"
    )
    _deliver(report, output, as_json=as_json)
    folder = figures or (output.with_name(f"{output.stem}-figures") if output is not None else None)
    if folder is not None:
        _draw(ran, report, folder)
    raise typer.Exit(exit_status(report))


def exit_status(report: SampleReport) -> int:
    """The status that says what the report holds; see `sample`."""
    s = report.summary
    if s.refuted or s.controls_refuted < s.controls:
        return INCORRECT
    return UNDECIDED if s.inconclusive else FINE


def _ran(names: list[str], jobs: int, seed: int, alpha: float, device: str | None) -> tuple[Ran, SampleReport]:
    from derivcheck.experiments._declared import ROOM
    from derivcheck.experiments._reported import report_of
    from derivcheck.experiments._run import device_named, run

    try:
        place = device_named(device)
    except ValueError as error:
        stop(f"--device {device}", str(error), "leave it out, or give cpu")
    _known(names)
    with _progress() as progress:
        ran = run(names, seed=seed, alpha=alpha, jobs=jobs, device=place, room=ROOM, progress=progress)
    return ran, report_of(ran)


def _known(names: list[str]) -> None:
    """Stop at a name that is no experiment's, with those that it may be meant for."""
    from difflib import get_close_matches

    from derivcheck.experiments._declared import ROOM
    from derivcheck.registry import declared

    there = declared(ROOM, "EXPERIMENT")
    for name in names:
        if name not in there:
            close = get_close_matches(name, there, n=3, cutoff=0.5)
            stop(name, "is no experiment", f"did you mean {' or '.join(close)}?" if close else "`derivcheck sample --list` names them")


def _list(names: list[str]) -> None:
    from derivcheck.experiments._declared import ROOM
    from derivcheck.registry import declared

    _known(names)
    for name, e in declared(ROOM, "EXPERIMENT").items():
        if not names or name in names:
            print(f"{name}: {e.title}   [{e.source}]\n    {e.claim}")
            for control, claim in e.controls.items():
                print(f"    not: {control}: {claim}")


def _cores() -> int:
    """Processors that this process may use."""
    there = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(there, MOST_JOBS)


@contextmanager
def _progress() -> Generator[Callable[[int, int, int], None] | None]:
    """A progress bar on stderr, where that is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("trials"), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total, draws: bar.update(task, completed=done, total=total, description=f"{draws:.2g} draws")


def _deliver(report: SampleReport, output: Path | None, *, as_json: bool) -> None:
    from derivcheck.reports.words.sampled import table

    def text(surface: Surface) -> str:
        return report.model_dump_json(indent=2) + "\n" if as_json else table(report, surface)

    if output is None:
        print(text(surface_of_stdout()), end="")
        return
    try:
        output.write_text(text(PLAIN), encoding="utf-8")
    except OSError as error:
        stop(str(output), error.strerror or str(error), "give --output a place that can be written")


def _draw(ran: Ran, report: SampleReport, folder: Path) -> None:
    from derivcheck.reports.figures.experiment import draw

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for e in report.experiments:
            draw(ran, e, folder)
    except OSError as error:
        stop(str(folder), error.strerror or str(error), "give --figures a folder that can be written")


