"""`derivcheck explain`: everything about one relation."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from derivcheck.cli.door import (
    FAILED,
    FINE,
    ProofBudget,
    Sample,
    Seed,
    Theory,
    Timeout,
    Worlds,
    app,
    faults_said,
    known_format,
    stop,
    surface_of_stdout,
)
from derivcheck.reports import format_named
from derivcheck.verdicts.options import Options

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
            "--format", metavar="json|text", callback=known_format, help="How to write it."
        ),
    ] = "text",
    timeout: Timeout = 10.0,
    seed: Seed = 0,
    worlds: Worlds = 16,
    proof_budget: ProofBudget = 2.0,
    sample: Sample = False,
) -> None:
    """Explain one relation: its reading, its theory, the worlds tried, the witness or the proof."""
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
    with faults_said(name):
        try:
            explanation = pipeline.explain(
                name,
                line=int(found["line"]),
                column=int(found["column"]) if found["column"] else None,
                cell=int(found["cell"]) if found["cell"] else None,
                theories=theory or [],
                options=Options(
                    seed=seed, worlds=worlds, timeout=timeout, proof_budget=proof_budget, sample=sample
                ),
            )
        except LookupError as error:
            stop(place, str(error.args[0]), f"derivcheck check {name} lists all relations")
        if written.explain is not None:
            print(written.explain(explanation, surface_of_stdout()), end="")
        raise typer.Exit(FINE)
    raise typer.Exit(FAILED)
