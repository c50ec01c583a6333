"""One trial on its way: which blocks it wants next, and what has become of it.

Main definitions: `Examination`, `Found`, `said_of`.
Why apart from `sequential.check`: blocks may come from several processes in any order. They are added in the
order of their numbers, look by look, so that a result does not depend on who drew them, to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from derivcheck.experiments._declared import Place
from derivcheck.statistics.sequential import Outcome, Trial, examine
from derivcheck.statistics.sums import NotFinite, Sums


@final
@dataclass(frozen=True)
class Found:
    """What became of a trial; without an outcome, the reason why there is none.

    seconds: of drawing, over all processes.
    """

    outcome: Outcome | None
    reason: str | None
    seconds: float


class Examination:
    """The looks of one trial, fed with blocks of draws."""

    def __init__(self, place: Place, trial: Trial, seed: int, alpha: float, beta: float) -> None:
        """Plans the looks; a claim that cannot be planned ends at once, with the reason."""
        self.place, self.trial, self.seed = place, trial, seed
        self.found: Found | None = None
        self.spent = 0.0  # seconds
        self.drawn = 0  # draws
        self._way = examine(trial, alpha, beta)
        self._total: Sums | None = None
        self._early: dict[int, Sums] = {}  # blocks that came before one with a smaller number
        try:
            self._look_at(next(self._way))
        except Exception as error:  # noqa: BLE001 - one trial never costs the others
            self.fail(said_of(error))

    @property
    def unasked(self) -> int:
        """How many blocks of the look nobody has been asked for."""
        return 0 if self.found is not None else self._stop - self._asked

    def ask(self, most: int) -> range:
        """The next blocks to draw, at most so many; they will not be asked for again."""
        first = self._asked
        self._asked = min(self._stop, first + most)
        return range(first, self._asked)

    def take(self, first: int, blocks: list[Sums], seconds: float) -> None:
        """Blocks number first, first + 1, … have been drawn."""
        self.spent += seconds
        if self.found is not None:
            return
        self._early.update(enumerate(blocks, first))
        self.drawn += sum(b.n for b in blocks)
        try:
            self._fold()
        except Exception as error:  # noqa: BLE001 - one trial never costs the others
            self.fail(said_of(error))

    def fail(self, reason: str) -> None:
        """It cannot be examined."""
        self._end(None, reason)

    def _fold(self) -> None:
        """Add what has come, in order; at the end of a look, look."""
        while self._next in self._early:
            fresh = self._early.pop(self._next)
            self._total = fresh if self._total is None else self._total + fresh
            self._next += 1
        if self._next < self._stop or self._total is None:
            return
        try:
            self._look_at(self._way.send(self._total))
        except StopIteration as end:
            self._end(end.value, None)

    def _look_at(self, blocks: range) -> None:
        self._asked = self._next = blocks.start
        self._stop = blocks.stop
        self._total = None

    def _end(self, outcome: Outcome | None, reason: str | None) -> None:
        self.found = Found(outcome, reason, self.spent)
        self._early.clear()


def said_of(error: Exception) -> str:
    """A reason for people: what our own faults say, anything else with its name."""
    return str(error) if isinstance(error, NotFinite) else f"{type(error).__name__}: {error}"
