r"""The family of a run: all claims are declared before anything is drawn, and share one error level.

F claims get α = α_family/F each (Bonferroni): the probability that any true one is refuted is at most α_family, however
the claims depend on each other. What was not declared, or was declared after the first draw, or has its verdict
already, gets no level: looking again until it fits has none.
Main definitions: `Ledger`, `Family`, `Share`, `NotDeclared`, `DeclaredTwice`, `DeclaredTooLate`, `AlreadyTried`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import final

from derivcheck.statistics.seeds import fingerprint, seed_of
from derivcheck.statistics.trial import Trial


class NotDeclared(ValueError):
    """The claim is not one of the family."""


class DeclaredTwice(ValueError):
    """The same claim at the same place is declared already."""


class DeclaredTooLate(ValueError):
    """The family is closed: its levels are given out."""


class AlreadyTried(ValueError):
    """The claim had its level already: a verdict is not tried again."""


@final
@dataclass(frozen=True)
class Share:
    """What one claim may cost: alpha = family_alpha / family_size; and the seed that its draws start from.

    where, fingerprint: which claim this is for; with any other it is refused.
    """

    where: str
    fingerprint: str
    seed: int
    alpha: float
    family_alpha: float
    family_size: int

    def admit(self, trial: Trial) -> None:
        """Do nothing if this is the trial that was declared.

        Raises:
            NotDeclared: it is not.
        """
        if fingerprint(trial, self.where) != self.fingerprint:
            raise NotDeclared(f"{self.where}: not the claim that was declared here: {trial.claim.latex}")


@final
@dataclass
class Ledger:
    """Where claims are declared. seed: the user's, part of every claim's own."""

    family_alpha: float
    seed: int = 0
    _declared: dict[str, str] = field(default_factory=dict[str, str])
    _closed: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.family_alpha < 1:
            raise ValueError(f"an error level lies in (0, 1), not at {self.family_alpha}")

    def declare(self, trial: Trial, where: str) -> None:
        """Count one more claim in. where: experiment, instance and trial, as a reader would name it.

        Raises:
            DeclaredTooLate: the family is closed.
            DeclaredTwice: it is declared already.
            NotResolvable: the arithmetic of its draws cannot decide it; it is not counted.
        """
        if self._closed:
            raise DeclaredTooLate(f"{where}: declare every claim before the first draw")
        trial.arithmetic.admit(trial.claim)
        if where in self._declared:
            raise DeclaredTwice(f"{where}: declared already; two trials need two names")
        self._declared[where] = fingerprint(trial, where)

    def close(self) -> Family:
        """No more claims: from here on there are levels, and draws.

        Raises:
            DeclaredTooLate: it was closed before.
        """
        if self._closed:
            raise DeclaredTooLate("the family is closed already, and its levels are given out")
        self._closed = True
        return Family(self.family_alpha, self.seed, dict(self._declared))


@final
@dataclass
class Family:
    """The declared claims, each with its level, to be had once."""

    alpha: float
    seed: int
    declared: dict[str, str]
    _tried: set[str] = field(default_factory=set[str])

    @property
    def size(self) -> int:
        """F."""
        return len(self.declared)

    def share(self, trial: Trial, where: str) -> Share:
        """The level and the seed of a declared claim.

        Raises:
            NotDeclared: nothing was declared under this name, or something else was.
            AlreadyTried: it has been had.
        """
        if where not in self.declared:
            raise NotDeclared(f"{where}: not declared before the first draw")
        if where in self._tried:
            raise AlreadyTried(f"{where}: it has its verdict; drawing again would spend its level twice")
        mark = self.declared[where]
        share = Share(where, mark, seed_of(mark, self.seed), self.alpha / self.size, self.alpha, self.size)
        share.admit(trial)
        self._tried.add(where)
        return share
