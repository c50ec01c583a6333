"""What all commands share: the app, common options, complaints, and what a file's faults become."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

import derivcheck
from derivcheck.reports import PLAIN, Surface, format_names

if TYPE_CHECKING:
    from derivcheck.cache import Cache

FINE, INCORRECT, FAILED, UNDECIDED = 0, 1, 2, 3

app = typer.Typer(
    name="derivcheck",
    help="Check a derivation: every relation of a document gets a verdict with evidence.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Theory = Annotated[
    list[str] | None,
    typer.Option("--theory", metavar="FILE|PACK", help="What the symbols mean. Repeatable."),
]
Seed = Annotated[int, typer.Option(help="Of all random draws.")]
Worlds = Annotated[int, typer.Option(min=1, help="Random exact models for each relation.")]
Timeout = Annotated[float, typer.Option(min=0.1, help="Seconds for each relation.")]


Jobs = Annotated[int, typer.Option(min=1, help="Processes; they never change a verdict.")]
ProofBudget = Annotated[
    float, typer.Option(min=0.01, help="Seconds of the processor to look for one proof.")
]
Sample = Annotated[
    bool,
    typer.Option("--sample", help="Confront laws, expectations and estimates with draws, too."),
]
UseCache = Annotated[
    bool, typer.Option("--cache/--no-cache", help="Take what an earlier run found.")
]
DOCUMENTS = (".md", ".tex", ".ipynb")


def complain(place: str, fact: str, way_out: str) -> None:
    """An error in three lines on stderr: the place, the fact, the way out."""
    from derivcheck.reports.words.visible import visible

    said = visible(fact, keep=frozenset("\n"))
    print(f"{visible(place)}\n    {said}\n    {way_out}", file=sys.stderr)


def stop(place: str, fact: str, way_out: str) -> NoReturn:
    """Complain, and end with the status of a usage error."""
    complain(place, fact, way_out)
    raise typer.Exit(FAILED)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"derivcheck {derivcheck.__version__}")
        raise typer.Exit


@app.callback()
def _door(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print it.")
    ] = False,
) -> None:
    del version


def known_format(name: str | None) -> str | None:
    """The name of a format; anything else is wrong usage."""
    if name is not None and name not in format_names():
        message = f"{name!r} is none of {', '.join(format_names())}"
        raise typer.BadParameter(message)
    return name


def documents(paths: list[str]) -> list[str]:
    """The files to read: for a folder all documents in it, sorted, those in hidden folders left out."""
    found: list[str] = []
    for name in paths:
        if name == "-" or not Path(name).is_dir():
            found.append(name)
            continue
        inside = sorted(
            str(path)
            for path in Path(name).rglob("*")
            if path.suffix in DOCUMENTS
            and not any(part.startswith(".") for part in path.relative_to(name).parts)
            and path.is_file()
        )
        found += inside or [name]  # reading it says what is wrong
    return found


def cache(*, use: bool) -> Cache | None:
    """The cache of whoever runs this, or None."""
    if not use:
        return None
    from derivcheck.cache import Cache, place

    folder = place()
    return Cache(
        folder, lambda why: complain(str(folder), why, "delete the folder, or give --no-cache")
    )


@contextmanager
def faults_said(name: str) -> Generator[list[Any]]:
    """Turn what stops one file into three lines, so that the other files are still checked."""
    from derivcheck.source import UnreadableFile
    from derivcheck.theories.errors import UnreadableTheory

    try:
        yield []
    except typer.Exit:
        raise
    except UnreadableFile as error:
        complain(name, error.found, error.hint)
    except UnreadableTheory as error:
        complain(
            name,
            f"its theory cannot be read:\n{error}",
            "`derivcheck theories vae` shows a whole one",
        )
    except OSError as error:
        complain(name, error.strerror or str(error), "check the path and its permissions")
    except Exception as error:
        if os.environ.get("DERIVCHECK_TRACEBACK"):
            raise
        fact = f"derivcheck failed: {type(error).__name__}: {error}"
        complain(name, fact, "a defect of derivcheck; DERIVCHECK_TRACEBACK=1 shows where")


@contextmanager
def progress_of(name: str) -> Generator[Callable[[int, int], None] | None]:
    """A progress bar on stderr, where that is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(Path(name).name.replace("[", r"\["), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def surface_of_stdout() -> Surface:
    """Colours and a width where stdout is a terminal; NO_COLOR is obeyed."""
    if not sys.stdout.isatty():
        return PLAIN
    colour = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Surface(colour=colour, width=os.get_terminal_size(sys.stdout.fileno()).columns)
