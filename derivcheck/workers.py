r"""Relations judged in processes of their own: bounded in time and memory, killed if they hang.

Main definitions: `judge_all`, `waiting`. A worker is `python -m derivcheck.worker`; it streams one result a relation.
If none comes in time it is killed, the relation is undecided (`timeout`), and another goes on behind it.
"""

from __future__ import annotations

import pickle
import select
import subprocess
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, final

from derivcheck.verdicts.chains import Placed
from derivcheck.verdicts.options import Options
from derivcheck.verdicts.result import RelationResult

START = 60.0  # seconds that a worker may take to load its libraries
GRACE = 2.0  # beyond the time limit, before it is killed


Process = subprocess.Popen[bytes]


@contextmanager
def waiting() -> Generator[list[Process]]:
    """A worker that loads its libraries while the document is still read; gone at the end, whoever took it."""
    spare = [_started()]
    first = spare[0]
    try:
        yield spare
    finally:
        first.kill()
        first.wait()
        for pipe in (first.stdin, first.stdout):
            if pipe is not None:
                pipe.close()


def _started() -> Process:
    return subprocess.Popen(
        [sys.executable, "-m", "derivcheck.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C reaches this process alone, which then stops its workers
    )


def judge_all(
    relations: Sequence[Placed], options: Options, progress: Callable[[int, int], None] | None = None, spare: list[Process] | None = None
) -> tuple[list[RelationResult], list[str]]:
    """The result of every relation in order, and the problems of the theories; spare: workers that wait already."""
    results: dict[str, RelationResult] = {}
    problems: dict[str, None] = {}
    crews = [_Crew(share, options, spare if spare is not None else []) for share in _shares(relations, options.jobs) if share]
    try:
        while any(c.left for c in crews):
            _step(crews, results, problems)
            if progress is not None:
                progress(len(results), len(relations))
    finally:
        for c in crews:
            c.stop()
    return [results[p.raw.id] for p in relations], list(problems)


def _shares(relations: Sequence[Placed], jobs: int) -> list[list[Placed]]:
    """Whole questions, each to the least busy worker."""
    questions: dict[str, list[Placed]] = {}
    for p in relations:
        questions.setdefault(p.raw.question, []).append(p)
    shares: list[list[Placed]] = [[] for _ in range(max(1, min(jobs, len(questions))))]
    for group in questions.values():
        min(shares, key=len).extend(group)
    return shares


@final
@dataclass
class _Crew:
    """One worker process and what it has still to do."""

    left: list[Placed]
    options: Options
    spare: list[Process]
    process: Process | None = None
    deadline: float = 0.0
    buffer: bytearray = field(default_factory=bytearray)

    def start(self) -> None:
        self.process = self.spare.pop() if self.spare else _started()
        assert self.process.stdin is not None
        self.buffer.clear()
        self.deadline = monotonic() + START + self.options.timeout
        try:
            pickle.dump((self.options, self.left), self.process.stdin)
            self.process.stdin.close()
        except BrokenPipeError:
            pass

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            if self.process.stdout is not None:
                self.process.stdout.close()
            self.process = None

    def messages(self) -> list[Any] | None:
        """Whole messages that have arrived; None at the end of the stream."""
        assert self.process is not None
        assert self.process.stdout is not None
        data = self.process.stdout.read1(1 << 16)  # type: ignore[attr-defined]
        if not data:
            return None
        self.buffer += data
        out: list[Any] = []
        while len(self.buffer) >= 8:
            size = int.from_bytes(self.buffer[:8], "big")
            if len(self.buffer) < 8 + size:
                break
            out.append(pickle.loads(bytes(self.buffer[8 : 8 + size])))  # noqa: S301 - from our own worker
            del self.buffer[: 8 + size]
        return out


def _step(crews: list[_Crew], results: dict[str, RelationResult], problems: dict[str, None]) -> None:
    """Wait for the next result of any worker, and replace workers that hang or died."""
    busy = [c for c in crews if c.left]
    for c in busy:
        if c.process is None:
            c.start()
    wait = max(0.0, min(c.deadline for c in busy) - monotonic())
    outs = {c.process.stdout.fileno(): c for c in busy if c.process and c.process.stdout}
    ready, _, _ = select.select(list(outs), [], [], wait)
    for fd in ready:
        _received(outs[fd], results, problems)
    for c in busy:
        if c.left and c.process is not None and monotonic() > c.deadline:
            _given_up(c, results, "timeout: the relation took longer than its time limit")


def _received(c: _Crew, results: dict[str, RelationResult], problems: dict[str, None]) -> None:
    found = c.messages()
    if found is None:
        if c.left:
            _given_up(c, results, "the process that judged it ended (too much memory, or a crash)")
        return
    for kind, payload in found:
        c.deadline = monotonic() + 2.5 * c.options.timeout + GRACE
        if kind == "problem":
            problems[payload] = None
        elif kind == "result" and c.left:
            results[payload.id] = payload
            c.left.pop(0)
    if not c.left:
        c.stop()


def _given_up(c: _Crew, results: dict[str, RelationResult], reason: str) -> None:
    raw = c.left.pop(0).raw
    results[raw.id] = RelationResult(
        id=raw.id, cell=raw.cell, line=raw.line, column=raw.column, question=raw.question, lhs=raw.lhs, rel=raw.rel,
        rhs=raw.rhs, implicit=raw.implicit, kind="step" if raw.step else "statement", verdict="undecided",
        strict_verdict="undecided", reason=reason, seconds=c.options.timeout,
    )  # fmt: skip
    c.stop()
