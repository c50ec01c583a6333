"""Processes with a prover of the tests' choice in them: derivcheck's own code, but for `prove`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = """#!{python}
import runpy, sys

if sys.argv[2] == "derivcheck.prover":
    import derivcheck.interpreters.symbolic.prove as engine
    from tests.support import fakes

    {setup}
runpy.run_module(sys.argv[2], run_name="__main__", alter_sys=True)
"""


def prover_is(fake: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on every prover process proves as `tests.support.fakes` says."""
    _install(f"engine.prove = fakes.{fake}", folder, monkeypatch)


def no_prover_starts(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on every prover process ends before it is ready."""
    _install("sys.exit(3)", folder, monkeypatch)


def _install(setup: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = folder / "python"
    script.write_text(SCRIPT.format(python=sys.executable, setup=setup), encoding="utf-8")
    script.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(script))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
