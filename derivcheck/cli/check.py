"""`derivcheck check`: a verdict for every relation of every file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from derivcheck.cli.door import (
    FAILED,
    FINE,
    INCORRECT,
    UNDECIDED,
    Jobs,
    ProofBudget,
    Sample,
    Seed,
    Theory,
    Timeout,
    UseCache,
    Worlds,
    app,
    cache,
    complain,
    documents,
    faults_said,
    known_format,
    progress_of,
    stop,
    surface_of_stdout,
)
from derivcheck.reports import PLAIN, Format, format_named, format_names
from derivcheck.verdicts.options import Options

if TYPE_CHECKING:
    from derivcheck.cache import Cache
    from derivcheck.source import Document
    from derivcheck.verdicts.result import Report
    from derivcheck.workers import Staff


@dataclass(frozen=True)
class Checked:
    """One file's report and the document it is about."""

    report: Report
    document: Document


@app.command()
def check(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE|FOLDER", help="Markdown, .tex or .ipynb; - reads standard input."
        ),
    ],
    *,
    theory: Theory = None,
    format_name: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="|".join(format_names()),
            callback=known_format,
            help="Default: by the ending of --output, else text.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="A file; for several FILEs a folder."),
    ] = None,
    jobs: Jobs = 1,
    timeout: Timeout = 10.0,
    seed: Seed = 0,
    worlds: Worlds = 16,
    strict: Annotated[
        bool, typer.Option("--strict", help="Undecided counts as a failure.")
    ] = False,
    prove: Annotated[
        bool, typer.Option("--prove/--no-prove", help="Look for a proof of what holds.")
    ] = True,
    proof_budget: ProofBudget = 2.0,
    sample: Sample = False,
    use_cache: UseCache = True,
) -> None:
    """Check every relation of each FILE; of a FOLDER all documents in it.

    Exit status: 0 nothing incorrect (under --strict: nor undecided), 1 something incorrect, 2 usage
    or an unreadable file, 3 nothing to check, or undecided under --strict.
    """
    from derivcheck.child import WORKER, Child

    options = Options(
        seed=seed, worlds=worlds, timeout=timeout, jobs=jobs, strict=strict, prove=prove,
        proof_budget=proof_budget, sample=sample,
    )  # fmt: skip
    chosen = _format_for(format_name, output)
    files = documents(files)
    _refuse_unclear_output(files, chosen, output)
    names, kept = target_names(files), cache(use=use_cache)
    first = Child(WORKER) if kept is None else None  # it loads its libraries while this process loads its own
    from derivcheck.workers import Staff

    reports: list[Report] = []
    failed = False
    with Staff(options, first) as staff:
        for name in files:
            checked = check_one(name, theory or [], staff, kept)
            if checked is None:
                failed = True
                continue
            reports.append(checked.report)
            failed |= not _deliver(checked, chosen, output, names[name])
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


def target_names(files: list[str]) -> dict[str, str]:
    """What a file's report is called in a folder, without its ending: never the same for two."""
    if len(files) == 1:
        return {files[0]: "stdin" if files[0] == "-" else Path(files[0]).stem}
    plain = ["stdin" if name == "-" else Path(name).name for name in files]
    whole = {name: "_".join(p for p in Path(name).parts if p not in ("/", "..")) for name in files}
    return {f: n if plain.count(n) == 1 else whole[f] for f, n in zip(files, plain, strict=True)}


def check_one(name: str, theories: list[str], staff: Staff, kept: Cache | None) -> Checked | None:
    """The report on one file, or None after saying why there is none."""
    from derivcheck import pipeline

    with progress_of(name) as progress, faults_said(name) as outcome:
        report, document = pipeline.check_document(
            name, theories=theories, options=staff.options, progress=progress, cache=kept, staff=staff
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


def _deliver(checked: Checked, chosen: Format, output: Path | None, name: str) -> bool:
    """Write one report where it belongs; False if that failed."""
    if output is None:
        print(chosen.write(checked.report, checked.document, surface_of_stdout()), end="")
        return True
    target = output
    if output.is_dir():
        target = output / f"{name}{chosen.suffix}"
    try:
        text = chosen.write(checked.report, checked.document, PLAIN)
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        complain(
            str(target), error.strerror or str(error), "give --output a place that can be written"
        )
        return False
    return True
