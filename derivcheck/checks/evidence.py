"""What a check answers: whether a relation holds, fails on a witness, or cannot be decided, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, final

from torch import Tensor

from derivcheck.interpreters.exact.bench import Bench
from derivcheck.interpreters.exact.setting import Setting
from derivcheck.terms.term import Sign, Term


@final
@dataclass(frozen=True)
class Question:
    """One relation, read and typed, with the worlds to try it on."""

    left: Term
    sign: Sign
    right: Term
    bench: Bench


@final
@dataclass(frozen=True)
class Attempt:
    """One batch of worlds that was tried: how many were drawn, usable, equal; or why it has no value."""

    worlds: str
    drawn: int
    evaluated: int = 0
    outcome: Literal["agree", "differ", "not evaluated"] = "not evaluated"
    worst: float | None = None
    reason: str | None = None


@final
@dataclass(frozen=True)
class Counterexample:
    """The world on which a relation fails: setting and number replay it."""

    setting: Setting
    world: int
    left: Tensor
    right: Tensor
    difference: float
    bound: float


@final
@dataclass(frozen=True)
class Outcome:
    """The answer of a check.

    tried: the batches of worlds. unbound: names without a declaration, drawn at random.
    trivial: holds because both sides are one thing. holds_at: judged at this optimum only.
    """

    result: Literal["holds", "fails", "undecided"]
    reason: str = ""
    tried: tuple[Attempt, ...] = ()
    counterexample: Counterexample | None = None
    unbound: frozenset[str] = frozenset()
    trivial: bool = False
    holds_at: str | None = None
    untyped: bool = False  # a side has no type: it was not read as it was meant
    worlds: int = field(default=0)


def undecided(reason: str, **more: object) -> Outcome:
    """No answer, with its reason."""
    return Outcome("undecided", reason, **more)  # type: ignore[arg-type]
