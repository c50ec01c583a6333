"""Prover processes at work beside the workers: bounded in time and memory, killed if they hang.

Main definitions: `Provers`, `proof_of`. A prover is `python -m derivcheck.prover`; each has one relation at a
time. It counts its work and is ended by the kernel when its seconds of the processor are used up; the clock
here is only the backstop behind both.
"""

from __future__ import annotations

import select
from collections import deque
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, final

from derivcheck.child import Child
from derivcheck.verdicts.proof import Answer, Task

if TYPE_CHECKING:
    from derivcheck.verdicts.options import Options

MODULE = "derivcheck.prover"
START = 60.0  # seconds that a prover may take to load its libraries
GRACE = 3.0  # of the clock, beyond several times the seconds of the processor
BUSY = 4.0  # so many times the seconds of the processor: others want it too
STARTS = 2  # provers that end before they are ready, after which none is started any more
FAILED = "no relation is proved: the prover does not start"


@final
@dataclass
class Prover:
    """One process, and the task that it has; ready: it has loaded its libraries."""

    child: Child
    deadline: float
    task: Task | None = None
    ready: bool = False


@final
class Provers:
    """All provers of a check, and what waits for them."""

    def __init__(self, options: Options) -> None:
        """No process is started before `begin`."""
        self._most = options.jobs if options.prove else 0
        self._waiting: deque[Task] = deque()
        self._crew: list[Prover] = []
        self._failed_starts = 0
        self._answers: dict[str, Answer] = {}

    def begin(self) -> None:
        """Start one, so that it loads its libraries while the workers load theirs."""
        if self._most and not self._crew:
            self._start()

    def ask(self, task: Task) -> None:
        """Put a task behind those that wait."""
        if self._most:
            self._waiting.append(task)
            self._employ()

    @property
    def pending(self) -> int:
        """Tasks without an answer."""
        return len(self._waiting) + sum(p.task is not None for p in self._crew)

    @property
    def outlets(self) -> dict[int, Prover]:
        """Where to listen."""
        return {p.child.fileno(): p for p in self._crew}

    @property
    def deadline(self) -> float:
        """When to look for provers that hang."""
        return min((p.deadline for p in self._crew if p.task is not None or not p.ready), default=float("inf"))

    def hear(self, p: Prover) -> None:
        """Take in what one of `outlets` says."""
        said = p.child.messages()
        if said is None:
            self._ended(p)
            return
        for message in said:
            if isinstance(message, Answer):
                self._answers[message.id] = message
                p.task = None
            p.ready = True
        self._employ()

    def overdue(self) -> None:
        """Kill those that hang."""
        for p in [p for p in self._crew if (p.task is not None or not p.ready) and monotonic() > p.deadline]:
            self._ended(p)

    def stop(self) -> None:
        """Kill them all; what waits is forgotten."""
        self._waiting.clear()
        while self._crew:
            self._crew.pop().child.stop()

    def collected(self) -> tuple[dict[str, Answer], dict[str, str]]:
        """The answers so far, and what was wrong with provers, by task; "": with all of them."""
        answers, self._answers = self._answers, {}
        faults = {a.id: a.fault for a in answers.values() if a.fault is not None}
        return answers, faults | ({"": FAILED} if self._failed_starts >= STARTS else {})

    def _start(self) -> None:
        self._crew.append(Prover(Child(MODULE), monotonic() + START))

    def _employ(self) -> None:
        """Give every free prover a task; start one more if all are at work and something waits."""
        for p in self._crew:
            if self._waiting and p.ready and p.task is None:
                p.task = self._waiting.popleft()
                p.deadline = monotonic() + BUSY * p.task.seconds + GRACE
                p.child.send(p.task)
        if self._waiting and len(self._crew) < self._most and all(p.ready for p in self._crew):
            self._start()

    def _ended(self, p: Prover) -> None:
        """One has died or hangs: its task stays without a proof, and a fresh one goes on."""
        self._crew.remove(p)
        p.child.stop()
        if p.task is not None:
            self._answers[p.task.id] = Answer(p.task.id, cut=True, seconds=p.task.seconds)
        if not p.ready:
            self._failed_starts += 1
        if self._failed_starts >= STARTS:
            self._most = 0
            self._answers |= {task.id: Answer(task.id, cut=True) for task in self._waiting}
            self._waiting.clear()
        self._employ()


def proof_of(task: Task, options: Options) -> Answer:
    """The answer to one task, alone."""
    provers = Provers(options)
    try:
        provers.ask(task)
        while provers.pending:
            step(provers)
    finally:
        provers.stop()
    return provers.collected()[0].get(task.id, Answer(task.id))


def step(provers: Provers) -> None:
    """Wait until a prover says something or hangs."""
    outlets = provers.outlets
    ready, _, _ = select.select(list(outlets), [], [], max(0.0, provers.deadline - monotonic()))
    for fd in ready:
        provers.hear(outlets[fd])
    provers.overdue()
