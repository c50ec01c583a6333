"""Whatever ends a check, its workers and provers end with it, and nothing is said."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "tests" / "homework" / "003_41986d511ba79145.md"
PATIENCE = 30.0


def begun() -> tuple[psutil.Popen, list[psutil.Process]]:
    """A check that is under way, its worker and its prover."""
    command = [sys.executable, "-m", "derivcheck", "check", str(DOCUMENT)]
    process = psutil.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        children = process.children()
        if len(children) == 2:
            return process, children
        time.sleep(0.05)
    process.kill()
    pytest.fail("no worker and prover have started")


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL], ids=lambda s: s.name)
def test_nobody_stays_behind(sent: signal.Signals) -> None:
    process, children = begun()
    time.sleep(1.0)  # so that they have opened their eyes
    process.send_signal(sent)
    _, said = process.communicate(timeout=PATIENCE)
    assert said == b""
    assert process.returncode == (-9 if sent == signal.SIGKILL else 128 + sent)
    _, alive = psutil.wait_procs(children, timeout=PATIENCE)
    for one in alive:
        one.kill()
    assert not alive
