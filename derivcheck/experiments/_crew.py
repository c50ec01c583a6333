"""Processes that draw, side by side: kept busy with several trials at once, replaced if one is killed.

Main definitions: `Crew`.
"""

from __future__ import annotations

import select
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import final

from derivcheck.child import Child
from derivcheck.experiments._examination import Examination
from derivcheck.experiments._tasks import Drawn, Setting, Task

MODULE = "derivcheck.experiments._worker"
PORTION = 0.2  # seconds of work handed out at once, where the pace is known
QUEUE = 2  # tasks a worker has, so that it need not wait for the next
LIVES = 2  # workers that one task may cost before its trial is given up, and starts that may fail
ENDED = "the process that drew it ended (killed, or too little memory)"
NEVER = "no process that draws can be started"


@final
@dataclass
class _Worker:
    child: Child
    tasks: deque[Task] = field(default_factory=deque[Task])
    ready: bool = False


@final
class Crew:
    """Worker processes that last for one run."""

    def __init__(self, jobs: int, setting: Setting) -> None:
        """Starts them, so that they load their libraries while the parent does."""
        self._setting = setting
        self._workers = [self._started() for _ in range(jobs)]
        self._returned: deque[Task] = deque()  # of workers that ended
        self._strikes: dict[Task, int] = {}
        self._failed_starts = 0

    def examine(self, examinations: Sequence[Examination], progress: Callable[[], None]) -> None:
        """Feed all examinations until each has been found out."""
        self._open = {e.place: e for e in examinations if e.found is None}
        while self._open:
            self._employ()
            outlets = {w.child.fileno(): w for w in self._workers}
            ready, _, _ = select.select(list(outlets), [], [])
            for fd in ready:
                self._hear(outlets[fd])
            for place in [p for p, e in self._open.items() if e.found is not None]:
                del self._open[place]
            progress()

    def stop(self) -> None:
        """Kill them all."""
        while self._workers:
            self._workers.pop().child.stop()

    def _started(self) -> _Worker:
        worker = _Worker(Child(MODULE))
        worker.child.send(self._setting)
        return worker

    def _employ(self) -> None:
        """Hand out work, first what comes first, to whoever has least."""
        for filled in range(QUEUE):
            for w in self._workers:
                if len(w.tasks) == filled and (task := self._next_task()) is not None:
                    w.tasks.append(task)
                    w.child.send(task)

    def _next_task(self) -> Task | None:
        while self._returned:
            task = self._returned.popleft()
            if task.place in self._open:
                return task
        for e in self._open.values():
            if e.unasked:
                return e.ask(self._portion(e))
        return None

    def _portion(self, e: Examination) -> int:
        """So many chunks that all workers share what is left of a look, and none is busy for long."""
        if e.pace is None:
            return 1
        share = -(-e.unasked // len(self._workers))
        return max(1, min(share, int(PORTION / max(e.pace * e.trial.block, 1e-6))))

    def _hear(self, w: _Worker) -> None:
        said = w.child.messages()
        if said is None:
            self._ended(w)
            return
        for message in said:
            w.ready = True
            if isinstance(message, Drawn):
                w.tasks.popleft()
                self._received(message)

    def _received(self, drawn: Drawn) -> None:
        e = self._open.get(drawn.task.place)
        if e is not None:
            e.take(drawn)

    def _ended(self, w: _Worker) -> None:
        """One has died. Its tasks go to another; a task that costs a second worker is given up."""
        w.child.stop()
        self._workers.remove(w)
        if w.tasks and w.ready:
            guilty = w.tasks[0]
            self._strikes[guilty] = self._strikes.get(guilty, 0) + 1
            if self._strikes[guilty] >= LIVES and guilty.place in self._open:
                self._open[guilty.place].fail(ENDED)
        self._failed_starts += not w.ready
        self._returned.extend(w.tasks)
        if self._failed_starts < LIVES:
            self._workers.append(self._started())
        elif not self._workers:
            for e in self._open.values():
                e.fail(NEVER)
