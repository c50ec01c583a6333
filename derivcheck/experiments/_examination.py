"""One trial on its way: which chunks it wants next, and what has become of it.

Main definitions: `Examination`, `Found`.
Why apart from `sequential.check`: chunks may come from several processes in any order. Their sums are added in
the order of the plan, look by look, so that a result does not depend on who drew them, to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from derivcheck.experiments._declared import Place
from derivcheck.experiments._tasks import Drawn, Task, said_of
from derivcheck.statistics.family import Share
from derivcheck.statistics.outcome import Outcome
from derivcheck.statistics.sequential import examine
from derivcheck.statistics.sums import Sums
from derivcheck.statistics.trial import Chunk, Trial


@final
@dataclass(frozen=True)
class Found:
    """What became of a trial; without an outcome, the reason why there is none.

    drawn: draws made. seconds: of drawing, over all processes.
    """

    outcome: Outcome | None
    reason: str | None = None
    drawn: int = 0
    seconds: float = 0.0


@final
class Examination:
    """The looks of one trial, fed with the sums over chunks of draws."""

    def __init__(self, place: Place, trial: Trial, share: Share, beta: float) -> None:
        """Plans the looks; a claim that cannot be planned ends at once, with the reason."""
        self.place, self.trial = place, trial
        self.found: Found | None = None
        self.drawn, self.seconds = 0, 0.0
        self._way = examine(trial, share, beta)
        self._chunks: tuple[Chunk, ...] = ()  # of this look
        self._asked = self._added = 0  # how many of them
        self._total: Sums | None = None
        self._early: dict[int, Sums] = {}  # those that came before one that stands before them
        try:
            self._begin(next(self._way))
        except Exception as error:  # noqa: BLE001 - one trial never costs the others
            self.fail(said_of(error))

    @property
    def unasked(self) -> int:
        """How many chunks of this look nobody has been asked for."""
        return 0 if self.found is not None else len(self._chunks) - self._asked

    @property
    def pace(self) -> float | None:
        """Seconds for a draw so far."""
        return self.seconds / self.drawn if self.drawn else None

    def ask(self, most: int) -> Task:
        """The next chunks to draw, at most so many; they will not be asked for again."""
        number = self._asked
        self._asked = min(len(self._chunks), number + most)
        return Task(self.place, number, self._chunks[number : self._asked])

    def take(self, drawn: Drawn) -> None:
        """The sums over the chunks of a task, or the reason why there are none."""
        if self.found is not None:
            return
        self.seconds += drawn.seconds
        self.drawn += sum(sums.n for sums in drawn.sums)
        self._early.update(enumerate(drawn.sums, drawn.task.number))
        try:
            self._add()
        except Exception as error:  # noqa: BLE001 - one trial never costs the others
            self.fail(said_of(error))
        if drawn.fault is not None:
            self.fail(drawn.fault)

    def fail(self, reason: str) -> None:
        """It cannot be examined."""
        self._end(None, reason)

    def _add(self) -> None:
        """Add what has come, in order; when all of it is there, look."""
        while self._added in self._early:
            fresh = self._early.pop(self._added)
            self._total = fresh if self._total is None else self._total + fresh
            self._added += 1
        if self._added < len(self._chunks) or self._total is None:
            return
        try:
            self._begin(self._way.send(self._total))
        except StopIteration as end:
            self._end(end.value, None)

    def _begin(self, chunks: tuple[Chunk, ...]) -> None:
        self._chunks = chunks
        self._asked = self._added = 0
        self._total = None

    def _end(self, outcome: Outcome | None, reason: str | None) -> None:
        self.found = Found(outcome, reason, self.drawn, self.seconds)
        self._early.clear()
