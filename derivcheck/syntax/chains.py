"""Chains of expressions: which expression a row without a left side continues.

Main definitions: `Expression`, `Chain`, `Scope`. A row continues the tail that shares most sub-terms
with it, never the one for which it would hold; the most recent has the right of way.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from derivcheck.syntax.clean import cleaned, verbatim
from derivcheck.syntax.similarity import key_of, profile, shared

if TYPE_CHECKING:
    from collections import Counter

    from derivcheck.source.document import Block
    from derivcheck.syntax.tokens import Tokens


CANDIDATES = 12  # chains that a row may continue: the most recent ones


@dataclass(frozen=True)
class Thresholds:
    """When an older tail is taken instead of the most recent one, and when that stays in doubt.

    factor, gap: the older one shares so many times, and so much, more. least: a row without any sign
    continues a tail only if they share this much.
    """

    factor: float
    gap: float
    doubt_factor: float
    doubt_gap: float
    least: float


ADJACENT = Thresholds(factor=3.0, gap=0.3, doubt_factor=2.5, doubt_gap=0.3, least=0.2)
"""Nothing but white space stands between the two displays."""
APART = Thresholds(factor=2.0, gap=0.25, doubt_factor=1.3, doubt_gap=0.15, least=0.7)
"""Prose stands between them."""
ASIDE = Thresholds(factor=1.0, gap=0.05, doubt_factor=1.0, doubt_gap=0.0, least=0.7)
"""As `APART`, and the most recent chain was introduced as a side computation."""
UNANNOUNCED_LEAST = 0.8  # prose stands between them that does not say "so we get"
OPENING_LEAST = 0.6  # a first row above rows with signs: mostly it begins a chain of its own
CLOSE = 0.06  # two candidates that share almost the same
DOUBT = "more than one earlier expression could be the left side of this row"
LITTLE = "no relation sign, and the row shares little with the row before"


@dataclass(eq=False)
class Expression:
    """An expression where it stands; `parts` are more than one if it goes on in another display."""

    block: Block
    tokens: Tokens
    indices: list[int]
    more: list[Expression] = field(default_factory=list)

    @cached_property
    def _own_verbatim(self) -> str:
        return verbatim(self.block, self.tokens, self.indices)

    @property
    def verbatim(self) -> str:
        """As in the source."""
        return " ".join([self._own_verbatim, *(e.verbatim for e in self.more)]).strip()

    @cached_property
    def _own_expanded(self) -> str:
        return cleaned(self.tokens, self.indices)

    @property
    def expanded(self) -> str:
        """For the reader."""
        return " ".join([self._own_expanded, *(e.expanded for e in self.more)]).strip()

    @property
    def key(self) -> tuple[str, ...]:
        """Spelling of the expression, white space and faces aside."""
        return sum((e.key for e in self.more), self._own_key)

    @cached_property
    def _own_key(self) -> tuple[str, ...]:
        return key_of(self.tokens, self.indices)

    @cached_property
    def profile(self) -> Counter[tuple[str, ...]]:
        """What it shares with others is counted from this."""
        return profile(self.key)

    @property
    def start(self) -> int:
        """Offset of its first token in the block's text."""
        return self.tokens.items[self.indices[0]].start


@dataclass(eq=False)
class Chain:
    """A chain: its first and last expression, and how many relations it has."""

    number: int
    head: Expression
    tail: Expression
    length: int = 0
    block: Block | None = None  # of its last expression
    candidate: bool = True  # inline formulas and conditions are not continued
    aside: bool = False  # "note that A = B": a side computation, by the words before it
    continued: bool = False  # its last relation came from a row without a left side of its own
    waiting: int | None = None  # token index of a sign at the end whose right side is to come
    waiting_tokens: Tokens | None = None
    waiting_block: Block | None = None


@dataclass
class Choice:
    """The chain that a row continues, and the doubt about it."""

    chain: Chain | None
    doubt: str | None = None
    share: float = 0.0


@dataclass
class Scope:
    """The chains of one question, the most recently continued last."""

    chains: list[Chain] = field(default_factory=list)
    seen: set[tuple[str, ...]] = field(default_factory=set)

    def touch(self, chain: Chain) -> None:
        """The chain was begun or continued just now."""
        if chain in self.chains[-CANDIDATES:]:
            self.chains.remove(chain)
        self.chains.append(chain)
        if len(self.chains) > 2 * CANDIDATES:
            del self.chains[:-CANDIDATES]

    @property
    def candidates(self) -> list[Chain]:
        """Chains that may be continued, the most recent first."""
        return [c for c in reversed(self.chains) if c.candidate][:CANDIDATES]

    def continued(self, row: Expression, *, same_block: bool, adjacent: bool) -> Choice:
        """The chain that a row beginning with a sign continues."""
        candidates = self.candidates
        if not candidates:
            return Choice(None)
        recent = candidates[0]
        if same_block:
            candidates = [c for c in candidates if c.block is row.block] or [recent]
        settled = recent.continued or recent.length == 0
        if len(candidates) == 1 or (settled and (adjacent or same_block)):
            return Choice(recent, None, 1.0)
        limits = ADJACENT if adjacent or same_block else ASIDE if recent.aside else APART
        if recent.aside and not adjacent and _wraps(row, recent.tail):
            candidates = candidates[1:]  # the row puts the side computation into an older one
            recent = candidates[0]
        own, best, chain = self._shares(row, candidates)
        if chain is recent:
            return Choice(recent, None, own)
        if best > limits.factor * own and best - own > limits.gap:
            return Choice(chain, None, best)
        unsure = best > limits.doubt_factor * own and best - own > limits.doubt_gap
        return Choice(recent, DOUBT if unsure else None, own)

    def implied(
        self, row: Expression, *, same_block: bool, adjacent: bool, announced: bool, opening: bool
    ) -> Choice:
        """The chain that a row without any sign continues, if it continues one."""
        candidates = self.candidates
        if not candidates:
            return Choice(None)
        recent = candidates[0]
        own = shared(recent.tail.profile, row.profile)
        if same_block:
            if recent.length == 0 and own < OPENING_LEAST:
                return Choice(None, None, own)  # a list of expressions
            return Choice(recent, None if own >= ADJACENT.least else LITTLE, own)
        if adjacent and not _wraps(row, recent.tail):
            least = ADJACENT.least if recent.length else APART.least
            if own >= (max(least, OPENING_LEAST) if opening else least):
                return Choice(recent, None, own)
        candidates = [c for c in candidates if c.length]
        if not candidates:
            return Choice(None)
        _, best, chain = self._shares(row, candidates)
        if best < (APART.least if announced else UNANNOUNCED_LEAST) or _wraps(row, chain.tail):
            return Choice(None, None, best)
        others = [c for c in candidates if c is not chain and c.tail.key != chain.tail.key]
        close = any(best - shared(c.tail.profile, row.profile) < CLOSE for c in others)
        return Choice(chain, DOUBT if close else None, best)

    @staticmethod
    def _shares(row: Expression, candidates: list[Chain]) -> tuple[float, float, Chain]:
        """The share of the most recent candidate, the best share, and whose that is.

        An older tail that is the row itself is none: no one derives what stands there already.
        """
        recent = candidates[0]
        own = shared(recent.tail.profile, row.profile)
        best, chain = own, recent
        for candidate in candidates[1:]:
            if candidate.tail.key == row.key:
                continue
            share = shared(candidate.tail.profile, row.profile)
            if share > best:
                best, chain = share, candidate
        return own, best, chain


def _wraps(row: Expression, tail: Expression) -> bool:
    r"""Whether the row is the tail with something before it: `\frac{d}{dx} (..)` of what stood there."""
    inner, outer = tail.key, row.key
    if len(inner) < 5 or len(inner) >= len(outer) or outer[: len(inner)] == inner:
        return False
    starts = (at for at in range(1, len(outer) - len(inner) + 1) if outer[at] == inner[0])
    return any(outer[at : at + len(inner)] == inner for at in islice(starts, 50))
