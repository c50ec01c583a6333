"""The certificate of a proof: which laws turned the one side into the other.

Main definitions: `Certificate`, `Step`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from derivcheck.terms.term import Sign, Term


@final
@dataclass(frozen=True)
class Step:
    """One use of a law: the instance of its left side, how it stands to what it became, and that.

    ranges: index, lower and upper bound of the sums and products below which it was used.
    """

    law: str
    before: Term
    after: Term
    sign: Sign = "="
    ranges: tuple[tuple[str, Term, Term], ...] = ()


@final
@dataclass(frozen=True)
class Certificate:
    """The uses of laws in order; `arithmetic` is the law of everything that fields and matrices allow."""

    steps: tuple[Step, ...]

    @property
    def laws(self) -> tuple[str, ...]:
        """The names of the laws, each once, in order of first use."""
        return tuple(dict.fromkeys(s.law for s in self.steps))
