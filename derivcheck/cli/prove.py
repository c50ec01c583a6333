"""`derivcheck prove`: whether every relation of every file is proved, as a table."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from derivcheck.cli.check import check_one
from derivcheck.cli.door import (
    FAILED,
    FINE,
    INCORRECT,
    Jobs,
    ProofBudget,
    Seed,
    Theory,
    Timeout,
    UseCache,
    Worlds,
    app,
    cache,
    documents,
    stop,
    surface_of_stdout,
)
from derivcheck.verdicts.options import Options

HOME = "proofs"


class TableFormat(StrEnum):
    """The forms of the table."""

    text = "text"
    json = "json"


@app.command()
def prove(
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="PATHS", help="Files and folders; default: the folder proofs."),
    ] = None,
    *,
    theory: Theory = None,
    format_name: Annotated[
        TableFormat, typer.Option("--format", help="How to write the table.")
    ] = TableFormat.text,
    laws: Annotated[
        bool, typer.Option("--laws", help="Name the laws used instead of counting them.")
    ] = False,
    jobs: Jobs = 1,
    timeout: Timeout = 10.0,
    seed: Seed = 0,
    worlds: Worlds = 16,
    proof_budget: ProofBudget = 2.0,
    use_cache: UseCache = True,
) -> None:
    """Prove every relation of each file, and say which are not proved.

    Exit status: 0 every relation is proved, 1 one is not, 2 usage or an unreadable file.
    """
    from derivcheck.reports.words.proofs import table
    from derivcheck.verdicts.proofs import Proofs, ProvedFile
    from derivcheck.workers import Staff

    options = Options(
        seed=seed, worlds=worlds, timeout=timeout, jobs=jobs, proof_budget=proof_budget
    )
    files = documents(paths or _home())
    kept = cache(use=use_cache)
    rows: list[ProvedFile] = []
    with Staff(options) as staff:
        for name in files:
            checked = check_one(name, theory or [], staff, kept)
            if checked is not None:
                rows.append(ProvedFile.of(checked.report, checked.document.front_matter))
    found = Proofs.of(rows)
    if format_name is TableFormat.json:
        print(found.model_dump_json(indent=2))
    else:
        print(table(found, surface_of_stdout(), names=laws), end="")
    if len(rows) < len(files) or not found.relations:
        raise typer.Exit(FAILED)
    raise typer.Exit(FINE if found.proved == found.relations else INCORRECT)


def _home() -> list[str]:
    if not Path(HOME).is_dir():
        stop(HOME, "is no folder here", "name the files or folders to prove")
    return [HOME]
