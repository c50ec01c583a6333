r"""A relation confronted with draws: what its claims on random instances of the theory came to, or why it has none.

Main definitions: `Draws`, `ask`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import final

from derivcheck.interpreters.sampling.drawn import CannotSample
from derivcheck.interpreters.sampling.trials import Asked, Tried, tried


@final
@dataclass(frozen=True)
class Draws:
    """Every claim with its outcome, in order; or the reason why there is none."""

    tried: tuple[Tried, ...] = ()
    reason: str | None = None

    @property
    def refutation(self) -> Tried | None:
        """The claim that refutes the relation, if one does."""
        return next((t for t in self.tried if t.decides and t.outcome.verdict == "refuted"), None)

    @property
    def agree(self) -> bool:
        """Whether every claim that decides passed."""
        return bool(self.tried) and all(t.outcome.verdict == "pass" for t in self.tried)


def ask(asked: Asked, only: int | None = None) -> Draws:
    """What draws say of a relation; all or nothing, so that the instances are those that were planned."""
    try:
        return Draws(tuple(tried(asked, only)))
    except CannotSample as why:
        return Draws(reason=str(why))
    except (RecursionError, MemoryError):
        return Draws(reason="the expression is too large to draw")
    except Exception as fault:
        if os.environ.get("DERIVCHECK_TRACEBACK"):
            raise
        return Draws(reason=f"a defect of derivcheck: {type(fault).__name__}: {fault}")
