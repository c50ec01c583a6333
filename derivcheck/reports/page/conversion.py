"""Asks the renderer's process for MathML, and kills it when an answer does not come."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import IO, Self

PATIENCE = 1.0  # seconds for one answer; a usual one takes 0.1 ms
START = 20.0  # seconds more for the first answer of a process, on a busy machine
STRIKES = 5  # killed processes, after which nothing is asked any more

WORKER = Path(__file__).with_name("worker.py")


class Conversion:
    """LaTeX to MathML in a process of its own; a context manager that ends it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._answers: SimpleQueue[str | None] = SimpleQueue()
        self._strikes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def convert(self, latex: str, *, display: bool) -> str | None:
        """The MathML, or None: refused, too slow, or too much for the process."""
        if self._strikes >= STRIKES:
            return None
        patience = PATIENCE
        if self._process is None:
            self._start()
            patience += START
        answer = self._ask(json.dumps([latex, display]), patience)
        if answer is None:
            self._strikes += 1
            self._end()
            return None
        return json.loads(answer)

    def _start(self) -> None:
        # -S: it needs no site hooks, only the places that this process imports from
        environment = {
            **os.environ,
            "PYTHONIOENCODING": "utf-8",
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and file, no text of a document
            [sys.executable, "-S", str(WORKER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            env=environment,
        )
        self._answers = SimpleQueue()
        assert self._process.stdout is not None
        Thread(target=_read, args=(self._process.stdout, self._answers), daemon=True).start()

    def _ask(self, request: str, patience: float) -> str | None:
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(request + "\n")
            self._process.stdin.flush()
            return self._answers.get(timeout=patience)
        except (Empty, OSError):
            return None

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    continue  # a request that was never read


def _read(pipe: IO[str], answers: SimpleQueue[str | None]) -> None:
    """Hand on each line; None when the process has ended."""
    try:
        for line in pipe:
            answers.put(line)
    except ValueError:
        pass  # closed while it was read
    answers.put(None)
