"""Whatever ends a check, its workers end with it, and nothing is said."""

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


def begun() -> tuple[psutil.Popen, psutil.Process]:
    """A check that is under way, and its worker."""
    command = [sys.executable, "-m", "derivcheck", "check", str(DOCUMENT)]
    process = psutil.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        workers = process.children()
        if workers:
            return process, workers[0]
        time.sleep(0.05)
    process.kill()
    pytest.fail("no worker has started")


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL], ids=lambda s: s.name)
def test_no_worker_stays_behind(sent: signal.Signals) -> None:
    process, worker = begun()
    time.sleep(1.0)  # so that the worker has opened its eyes
    process.send_signal(sent)
    _, said = process.communicate(timeout=PATIENCE)
    assert said == b""
    assert process.returncode == (-9 if sent == signal.SIGKILL else 128 + sent)
    gone, alive = psutil.wait_procs([worker], timeout=PATIENCE)
    for one in alive:
        one.kill()
    assert gone
