"""`derivcheck theories` and `derivcheck schema`: what is built in, printed."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from derivcheck.cli.door import app, stop


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


class Reporting(StrEnum):
    """The commands whose JSON has a published schema."""

    check = "check"
    sample = "sample"


@app.command()
def schema(
    command: Annotated[Reporting, typer.Argument(metavar="check|sample", help="Of which command.")] = Reporting.check,
) -> None:
    """Print the JSON Schema of `check --format json`, or of `sample --format json`."""
    import json

    if command is Reporting.sample:
        from derivcheck.experiments._record import json_schema
    else:
        from derivcheck.verdicts.result import json_schema

    print(json.dumps(json_schema(), indent=2))
