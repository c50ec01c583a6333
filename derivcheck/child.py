"""Processes that can be killed, and what passes between them: both ends of the pipe.

Main definitions: `Child` (the parent's end), `confined` (the child's end). A message is its length in eight
bytes, then a pickle; a child is our own code and the pickle our own, whatever document it speaks of.
"""

from __future__ import annotations

import os
import pickle
import resource
import subprocess
import sys
from contextlib import suppress
from threading import Thread
from time import sleep
from typing import Any, BinaryIO, final

WORKER = "derivcheck.worker"
MEMORY = 4 << 30  # bytes of data
PARENT_WATCH = 0.5  # seconds between two looks at the parent
HEAD = 8


@final
class Child:
    """A process `python -m module`, which reads messages and writes messages."""

    def __init__(self, module: str) -> None:
        """Starts it."""
        self._buffer = bytearray()
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module, no text of a document
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C reaches the parent alone, which then stops its children
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin, self._process.stdout

    def fileno(self) -> int:
        """Where its messages arrive, for `select`."""
        return self._out.fileno()

    def send(self, message: Any) -> None:
        """Hand it a message; that it has ended is found out by listening."""
        with suppress(BrokenPipeError):
            post(self._in, message)

    def messages(self) -> list[Any] | None:
        """Whole messages that have arrived; None at the end of the stream."""
        data = self._out.read1(1 << 16)  # type: ignore[attr-defined]
        if not data:
            return None
        self._buffer += data
        out: list[Any] = []
        while len(self._buffer) >= HEAD:
            end = HEAD + int.from_bytes(self._buffer[:HEAD], "big")
            if len(self._buffer) < end:
                break
            out.append(pickle.loads(bytes(self._buffer[HEAD:end])))  # noqa: S301 - from our own child
            del self._buffer[:end]
        return out

    def stop(self) -> None:
        """Kill it, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        self._out.close()
        with suppress(BrokenPipeError):  # a message that was never read
            self._in.close()


def post(pipe: BinaryIO | Any, message: Any) -> None:
    """Write one message."""
    data = pickle.dumps(message)
    pipe.write(len(data).to_bytes(HEAD, "big") + data)
    pipe.flush()


def next_message(pipe: BinaryIO) -> Any:
    """The next message; None at the end of the stream, also where it ends within a message."""
    head = pipe.read(HEAD)
    size = int.from_bytes(head, "big")
    data = pipe.read(size) if len(head) == HEAD else b""
    return pickle.loads(data) if data and len(data) == size else None  # noqa: S301 - from our own parent


def confined() -> tuple[BinaryIO, BinaryIO]:
    """The child's own end: where messages come from and go to, once memory is limited and the parent is watched."""
    Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not come between the messages
    limit = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY if limit == resource.RLIM_INFINITY else min(MEMORY, limit), limit))
    sys.setrecursionlimit(6000)
    return sys.stdin.buffer, out


def _end_with_parent(parent: int) -> None:
    """Whatever ends the parent, a kill included, this process does not stay behind."""
    while os.getppid() == parent:
        sleep(PARENT_WATCH)
    os._exit(1)
