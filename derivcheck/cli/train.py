"""`derivcheck train`: train reference models and measure them against known truth."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from derivcheck.cli.door import FINE, INCORRECT, app, stop, surface_of_stdout

if TYPE_CHECKING:
    from derivcheck.models._model import Config
    from derivcheck.models._report import TrainingReport

PLACE = "derivcheck-models"  # where --all writes without -o

Device = Annotated[
    str | None, typer.Option(help="cpu or cuda; default: cuda where there is one.")
]


@app.command()
def train(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Which model.")] = None,
    *,
    list_models: Annotated[bool, typer.Option("--list", help="List the models.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Train all models.")] = False,
    quick: Annotated[bool, typer.Option("--quick", help="Smaller runs, to look at.")] = False,
    weight: Annotated[float | None, typer.Option(help="Of the KL term.")] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="Passes over the data.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of all random draws.")] = None,
    data: Annotated[str | None, typer.Option(help="Which data set.")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Another setting. Repeatable.")
    ] = None,
    device: Device = None,
    jobs: Annotated[int, typer.Option(min=1, help="With --all: how many models at once.")] = 2,
    output: Annotated[
        Path | None, typer.Option("-o", metavar="DIR", help="Checkpoint, metrics and figures; a run that was killed goes on there.")
    ] = None,
) -> None:
    """Train a reference model, and hold what it reaches against known truth.

    Exit status: 0 every figure is reached, 1 one is not, 2 usage.
    """
    if list_models:
        _list()
        return
    if every == (name is not None):
        stop("derivcheck train", "wants one model's NAME, or --all", "derivcheck train --list shows them")
    words = _words(settings or [], weight=weight, epochs=epochs, seed=seed, data=data)
    wanted = _wanted(name, words, quick=quick)
    if every:
        reports = _all(wanted, device, output or Path(PLACE), jobs, quick=quick)
    else:
        reports = [_one(model, config, device, output) for model, config in wanted]
    from derivcheck.reports.words.training import table

    print(table(reports, surface_of_stdout()), end="")
    raise typer.Exit(FINE if all(r.accepted for r in reports) else INCORRECT)


def _all(
    wanted: Sequence[tuple[str, Config]], device: str | None, folder: Path, jobs: int, *, quick: bool
) -> list[TrainingReport]:
    """Every model in a folder of its own, and a page of all."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context
    from time import monotonic

    from derivcheck.cli.door import progress_of
    from derivcheck.reports.page.training import write_training

    started = monotonic()
    with (
        ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool,
        progress_of("models") as progress,
    ):
        running = [pool.submit(_one, model, config, device, folder / model) for model, config in wanted]
        reports: list[TrainingReport] = []
        for done, future in enumerate(running, 1):
            reports.append(future.result())
            if progress is not None:
                progress(done, len(running))
    figures = {model: sorted((folder / model / "figures").glob("*.png")) for model, _ in wanted}
    page = folder / "index.html"
    page.write_text(write_training(reports, figures, quick=quick, seconds=monotonic() - started), encoding="utf-8")
    print(f"{page}\n")
    return reports


def _list() -> None:
    from derivcheck.models._run import models

    for name, model in models().items():
        print(f"{name:<10} {model.title}; {model.conventions}")


def _words(settings: list[str], **options: object) -> dict[str, str]:
    found = {k: str(v) for k, v in options.items() if v is not None}
    for setting in settings:
        key, sign, value = setting.partition("=")
        if not sign:
            stop(f"--set {setting}", "has no sign =", "write --set name=value")
        found[key.strip().replace("-", "_")] = value.strip()
    return found


def _wanted(
    name: str | None, words: Mapping[str, str], *, quick: bool
) -> list[tuple[str, Config]]:
    from derivcheck.models._run import models
    from derivcheck.models._settings import UnknownSetting, configured

    known = models()
    if name is not None and name not in known:
        stop(name, "is no reference model", f"there are {', '.join(known)}")
    try:
        return [
            (m, configured(model, words, quick=quick)) for m, model in known.items() if name in {None, m}
        ]
    except UnknownSetting as error:
        stop("derivcheck train", str(error), "derivcheck train --list shows the models")


def _one(name: str, config: Config, device: str | None, folder: Path | None) -> TrainingReport:
    from derivcheck.datasets._dataset import CannotLoad
    from derivcheck.models._checkpoint import NoCheckpoint
    from derivcheck.models._report import report_of, write
    from derivcheck.models._run import NoDevice, arrays_of, device_named, run

    try:
        place = device_named(device)
        with _bar(name) as progress:
            finished = run(name, config, place, folder, progress)
    except NoDevice as error:
        stop(f"--device {device}", str(error), "leave --device out")
    except NoCheckpoint as error:
        stop(str(folder), str(error), "give another folder with -o, or delete this one")
    except CannotLoad as error:
        stop(name, str(error), "choose other data with --data")
    if folder is None:
        return report_of(finished, place)
    from derivcheck.reports.figures.trained._draw import draw_all

    draw_all(arrays_of(finished.evaluation, finished.history), folder / "figures")
    return write(finished, place, folder)


@contextmanager
def _bar(name: str) -> Generator[Callable[[int, int, Mapping[str, float]], None] | None]:
    """A progress bar with the loss terms on stderr, where that is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[terms]}"), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(name, total=None, terms="")

        def update(done: int, total: int, terms: Mapping[str, float]) -> None:
            said = "  ".join(f"{k} {v:.4g}" for k, v in terms.items())
            bar.update(task, completed=done, total=total, terms=said)

        yield update
