"""`derivcheck claim`: empirical statements about trained models, over seeds or of what somebody submits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from derivcheck.cli.door import (
    FINE,
    INCORRECT,
    UNDECIDED,
    app,
    progress_of,
    stop,
    surface_of_stdout,
)

if TYPE_CHECKING:
    from derivcheck.claims.model import ClaimFile
    from derivcheck.claims.result import ClaimsReport
    from derivcheck.claims.submitted import SideName


@app.command()
def claim(
    files: Annotated[
        list[str] | None, typer.Argument(metavar="FILE...", help="Files of claims, or names of built-in ones.")
    ] = None,
    *,
    list_claims: Annotated[bool, typer.Option("--list", help="List the built-in files, or the claims of FILE.")] = False,
    show: Annotated[bool, typer.Option("--show", help="Print a built-in file, to start from.")] = False,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="ID", help="Judge this claim alone. Repeatable.")
    ] = None,
    seeds: Annotated[int | None, typer.Option(min=1, help="How many, in place of what the claims say.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Smaller runs, to look at.")] = False,
    submission: Annotated[
        list[str] | None,
        typer.Option("--submission", metavar="[a=|b=]PATH", help="Judge .npz, .safetensors or a folder of `train`. Repeatable."),
    ] = None,
    convention: Annotated[
        str | None, typer.Option(metavar="sum|mean", help="How the submission's losses are normalised over coordinates.")
    ] = None,
    device: Annotated[str | None, typer.Option(help="cpu or cuda; default: cuda where there is one.")] = None,
    form: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
    output: Annotated[Path | None, typer.Option("-o", metavar="FILE", help="Write it there.")] = None,
) -> None:
    """Judge claims about trained models, over seeds and with a control, or of submitted arrays.

    Exit status: 0 all hold, 1 one is contradicted, 3 otherwise, 2 usage.
    """
    if form not in {"text", "json"}:
        stop(f"--format {form}", "is none of text, json", "leave it out for text")
    if convention not in {None, "sum", "mean"}:
        stop(f"--convention {convention}", "is neither sum nor mean", "losses sum over coordinates, or average")
    if list_claims or show:
        _list(files or [], whole=show)
        return
    read = _read(files or [], only or [])
    if submission and (quick or seeds is not None):
        stop("--submission", "is one run, and nothing is trained", "leave --seeds and --quick out")
    report = (
        _of_submission(read, submission, convention, device) if submission else _over_seeds(read, seeds, device, quick=quick)
    )
    _write(report, form, output)
    words = {c.verdict for c in report.claims}
    raise typer.Exit(INCORRECT if "contradicted" in words else FINE if words == {"holds"} else UNDECIDED)


def _list(files: list[str], *, whole: bool) -> None:
    from derivcheck.claims.load import file_names, file_text

    if whole:
        for name in files:
            if name not in file_names():
                stop(name, "is no built-in file of claims", f"there are {', '.join(file_names())}")
            print(file_text(name), end="")
        return
    for name in files or file_names():
        file = _read([name], [])[0]
        print(f"{name:<12} {file.title}")
        for one in file.claims:
            print(f"    {one.id:<36} {one.reading or one.statement}")


def _read(files: list[str], only: list[str]) -> list[ClaimFile]:
    from derivcheck.claims.load import UnreadableClaims, load_claims

    if not files:
        stop("derivcheck claim", "wants a FILE of claims", "derivcheck claim --list shows the built-in ones")
    try:
        read = [load_claims(f) for f in files]
    except UnreadableClaims as error:
        stop("derivcheck claim", str(error), "`derivcheck claim --show vae_latent` prints a whole file")
    ids = [c.id for f in read for c in f.claims]
    if unknown := [o for o in only if o not in ids]:
        stop(f"--only {unknown[0]}", "is the id of no claim in there", f"there are {', '.join(ids)}")
    if not only:
        return read
    chosen = [f.model_copy(update={"claims": [c for c in f.claims if c.id in only]}) for f in read]
    return [f for f in chosen if f.claims]


def _over_seeds(files: list[ClaimFile], seeds: int | None, device: str | None, *, quick: bool) -> ClaimsReport:
    from derivcheck.claims.found import UnknownStatistic
    from derivcheck.claims.report import over_seeds
    from derivcheck.datasets._dataset import CannotLoad
    from derivcheck.models._run import NoDevice, device_named

    try:
        with progress_of("claims") as progress:
            return over_seeds(files, device_named(device), seeds, quick=quick, progress=progress)
    except NoDevice as error:
        stop(f"--device {device}", str(error), "leave --device out")
    except UnknownStatistic as error:
        stop("derivcheck claim", str(error), "derivcheck train NAME shows a model's metrics")
    except CannotLoad as error:
        stop("derivcheck claim", str(error), "choose other data in the claim's `changes`")


def _of_submission(
    files: list[ClaimFile], paths: list[str], convention: str | None, device: str | None
) -> ClaimsReport:
    from derivcheck.claims.found import UnknownStatistic
    from derivcheck.claims.npz import NotReadable
    from derivcheck.claims.report import of_submission
    from derivcheck.datasets._dataset import CannotLoad
    from derivcheck.models._run import NoDevice, device_named

    try:
        return of_submission(files, device_named(device), _sides(paths), convention)
    except NoDevice as error:
        stop(f"--device {device}", str(error), "leave --device out")
    except NotReadable as error:
        stop("--submission", str(error), "numpy.savez(FILE, samples=...), or derivcheck train NAME -o DIR")
    except (UnknownStatistic, CannotLoad) as error:
        stop("derivcheck claim", str(error), "derivcheck claim --list shows what can be judged")


def _sides(paths: list[str]) -> dict[SideName, Path]:
    """`a=PATH` and `b=PATH`; a path alone is a, the side that every claim has."""
    found = dict[Literal["a", "b"], Path]()
    for path in paths:
        head, sign, rest = path.partition("=")
        side: SideName = "b" if sign and head == "b" else "a"
        if side in found:
            stop(f"--submission {path}", f"side {side} is given twice", "write a=PATH and b=PATH")
        found[side] = Path(rest if sign and head in {"a", "b"} else path)
    return found


def _write(report: ClaimsReport, form: str, output: Path | None) -> None:
    from derivcheck.reports import PLAIN
    from derivcheck.reports.words.claims import claims_text

    surface = surface_of_stdout() if output is None else PLAIN
    text = report.model_dump_json(indent=2) + "\n" if form == "json" else claims_text(report, surface)
    if output is None:
        print(text, end="")
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        stop(str(output), error.strerror or str(error), "give another file with -o")
