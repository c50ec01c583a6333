"""`derivcheck laws`: the laws that a certificate may name."""

from __future__ import annotations

from typing import Annotated

import typer

from derivcheck.cli.door import app, stop


@app.command()
def laws(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Show this law with its examples.")
    ] = None,
) -> None:
    """List the laws that proofs are made of, or show one with its examples."""
    from derivcheck.laws import all_laws
    from derivcheck.reports.words.law import law_lines, law_list

    known = all_laws()
    if name is None:
        print("\n".join(law_list(known)))
        return
    if name not in known:
        stop(name, "is no law", "`derivcheck laws` lists them")
    print("\n".join(law_lines(name, known[name])))
