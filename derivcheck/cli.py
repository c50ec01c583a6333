"""The terminal's door: check, explain, theories, schema.

Why: every command imports its work inside itself, so that `derivcheck --help` stays quick and loads
neither torch nor SymPy.
"""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

import derivcheck
from derivcheck.reports import PLAIN, Format, Surface, format_named, format_names
from derivcheck.verdicts.options import Options

if TYPE_CHECKING:
    from derivcheck.source import Document
    from derivcheck.verdicts.result import Report

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


def _known_format(name: str | None) -> str | None:
    if name is not None and name not in format_names():
        message = f"{name!r} is none of {', '.join(format_names())}"
        raise typer.BadParameter(message)
    return name


@app.callback()
def _door(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print it.")
    ] = False,
) -> None:
    del version


# --- check ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Checked:
    """One file's report and the document it is about."""

    report: Report
    document: Document


@app.command()
def check(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE", help="Markdown, .tex or .ipynb; - reads standard input."),
    ],
    *,
    theory: Theory = None,
    format_name: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="|".join(format_names()),
            callback=_known_format,
            help="Default: by the ending of --output, else text.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="A file; for several FILEs a folder."),
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes; they never change a verdict.")] = 1,
    timeout: Timeout = 10.0,
    seed: Seed = 0,
    worlds: Worlds = 16,
    strict: Annotated[
        bool, typer.Option("--strict", help="Undecided counts as a failure.")
    ] = False,
) -> None:
    """Check every relation of each FILE.

    Exit status: 0 nothing incorrect (under --strict: nor undecided), 1 something incorrect, 2 usage
    or an unreadable file, 3 nothing to check, or undecided under --strict.
    """
    options = Options(seed=seed, worlds=worlds, timeout=timeout, jobs=jobs, strict=strict)
    chosen = _format_for(format_name, output)
    _refuse_unclear_output(files, chosen, output)
    reports: list[Report] = []
    failed = False
    for name in files:
        checked = _check_one(name, theory or [], options)
        if checked is None:
            failed = True
            continue
        reports.append(checked.report)
        failed |= not _deliver(checked, chosen, output, several=len(files) > 1)
    raise typer.Exit(FAILED if failed else exit_status(reports, strict=strict))


def exit_status(reports: list[Report], *, strict: bool) -> int:
    """The status that says what the reports hold; see `check`."""
    counts = [report.summary.counts for report in reports]
    if any(c.incorrect for c in counts):
        return INCORRECT
    if strict and any(c.undecided for c in counts):
        return UNDECIDED
    return FINE if any(c.total > c.not_checkable for c in counts) else UNDECIDED


def _format_for(name: str | None, output: Path | None) -> Format:
    if name is None:
        endings = {".json": "json", ".html": "html", ".htm": "html"}
        name = endings.get(output.suffix.lower(), "text") if output else "text"
    return format_named(name)


def _refuse_unclear_output(files: list[str], chosen: Format, output: Path | None) -> None:
    if len(files) > 1:
        if output is not None and not output.is_dir():
            stop(f"--output {output}", "is no folder, and there are several files", "give a folder")
        if output is None and chosen.name == "html":
            stop("--format html", "one page cannot hold several files", "add --output FOLDER")
    if files.count("-") > 1:
        stop("-", "standard input was named twice", "name it once")


def _check_one(name: str, theories: list[str], options: Options) -> Checked | None:
    """The report on one file, or None after saying why there is none."""
    from derivcheck import pipeline

    with _progress(name) as progress, _faults_said(name) as outcome:
        report, document = pipeline.check_document(
            name, theories=theories, options=options, progress=progress
        )
        outcome.append(Checked(report, document))
    if not outcome:
        return None
    counts = outcome[0].report.summary.counts
    if counts.total == counts.not_checkable:
        found = f"{counts.total} relations, none checkable" if counts.total else "no relation"
        complain(
            name, f"nothing to check: {found}", "write mathematics in $…$, $$…$$ or an environment"
        )
    return outcome[0]


@contextmanager
def _faults_said(name: str) -> Generator[list[Checked]]:
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
def _progress(name: str) -> Generator[Callable[[int, int], None] | None]:
    """A progress bar on stderr, where that is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(Path(name).name.replace("[", r"\["), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _deliver(checked: Checked, chosen: Format, output: Path | None, *, several: bool) -> bool:
    """Write one report where it belongs; False if that failed."""
    if output is None:
        print(chosen.write(checked.report, checked.document, surface_of_stdout()), end="")
        return True
    target = output
    if output.is_dir():
        name = checked.report.document.name
        stem = "stdin" if name == "-" else Path(name).name if several else Path(name).stem
        target = output / f"{stem}{chosen.suffix}"
    try:
        text = chosen.write(checked.report, checked.document, PLAIN)
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        complain(
            str(target), error.strerror or str(error), "give --output a place that can be written"
        )
        return False
    return True


def surface_of_stdout() -> Surface:
    """Colours and a width where stdout is a terminal; NO_COLOR is obeyed."""
    if not sys.stdout.isatty():
        return PLAIN
    colour = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Surface(colour=colour, width=os.get_terminal_size(sys.stdout.fileno()).columns)


# --- explain -------------------------------------------------------------------------------------

PLACE = re.compile(r"(?P<file>.+?)(?:\[cell (?P<cell>\d+)\])?:(?P<line>\d+)(?::(?P<column>\d+))?")


@app.command()
def explain(
    place: Annotated[
        str,
        typer.Argument(
            metavar="FILE:LINE[:COL]", help="As `check` prints it; `FILE[cell 3]:LINE`."
        ),
    ],
    *,
    theory: Theory = None,
    format_name: Annotated[
        str,
        typer.Option(
            "--format", metavar="json|text", callback=_known_format, help="How to write it."
        ),
    ] = "text",
    timeout: Timeout = 10.0,
    seed: Seed = 0,
    worlds: Worlds = 16,
) -> None:
    """Explain one relation: its reading, its theory, the worlds tried and the witness."""
    found = PLACE.fullmatch(place)
    if found is None:
        stop(
            place,
            "is no place",
            "write FILE:LINE or FILE:LINE:COL, as `derivcheck check` prints it",
        )
    from derivcheck import pipeline

    name = found["file"]
    written = format_named(format_name)
    with _faults_said(name):
        try:
            explanation = pipeline.explain(
                name,
                line=int(found["line"]),
                column=int(found["column"]) if found["column"] else None,
                cell=int(found["cell"]) if found["cell"] else None,
                theories=theory or [],
                options=Options(seed=seed, worlds=worlds, timeout=timeout),
            )
        except LookupError as error:
            stop(place, str(error.args[0]), f"derivcheck check {name} lists all relations")
        if written.explain is not None:
            print(written.explain(explanation, surface_of_stdout()), end="")
        raise typer.Exit(FINE)
    raise typer.Exit(FAILED)


# --- theories, schema ----------------------------------------------------------------------------


@app.command()
def theories(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Print this pack.")] = None,
) -> None:
    """List the built-in theory packs, or print one as a theory file to start from."""
    from derivcheck.theories.file import pack_names, pack_text, read_pack

    if name is None:
        for pack in pack_names():
            print(f"{pack:<10} {read_pack(pack).model.title or ''}")
        return
    if name not in pack_names():
        stop(name, "is no built-in pack", f"there are {', '.join(pack_names())}")
    print(pack_text(name), end="")


@app.command()
def schema() -> None:
    """Print the JSON Schema of `check --format json`."""
    import json

    from derivcheck.verdicts.result import json_schema

    print(json.dumps(json_schema(), indent=2))


def _ended(number: int, _: object) -> NoReturn:
    """Leave in order, so that the workers are stopped, with the status that shells use."""
    raise SystemExit(128 + number)


def main() -> None:
    """Run the command line; a reader that stops reading (`| head`) is no error."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _ended)
    try:
        app(prog_name="derivcheck")
    except BrokenPipeError:
        # the interpreter would complain once more while it closes stdout
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(FINE) from None
