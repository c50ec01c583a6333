"""The terminal's door: one command per file.

Why: every command imports its work inside itself, so that `derivcheck --help` stays quick and loads
neither torch nor SymPy.
"""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module
from typing import NoReturn

from derivcheck.cli.door import FINE
from derivcheck.cli.door import app as app

for _command in ("check", "explain", "prove", "laws", "lists", "sample", "train", "trained", "claim"):  # in the order of --help
    import_module(f"{__name__}.{_command}")


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
