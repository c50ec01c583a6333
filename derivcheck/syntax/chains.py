"""Chains of expressions: which expression a row without a left side continues.

Main definitions: `Expression`, `Chain`, `Scope`. A row continues the tail that shares most sub-terms
with it, never the one for which it would hold; the most recent has the right of way.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property

from derivcheck.source.document import Block
from derivcheck.syntax.clean import cleaned, verbatim
from derivcheck.syntax.similarity import key_of, profile, shared
from derivcheck.syntax.tokens import Tokens

CANDIDATES = 12  # chains that a row may continue: the most recent ones
_CLEAR_FACTOR = 1.5  # an older tail is taken if it shares this much more than the most recent …
_CLEAR_GAP = 0.12  # … and this much more in absolute terms
_DOUBT_GAP = 0.06
IMPLIED_LEAST = 0.22  # a row without a sign continues a tail only if they share this much
IMPLIED_SURE = 0.30


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

    @property
    def expanded(self) -> str:
        """For the reader."""
        return " ".join([cleaned(self.tokens, self.indices), *(e.expanded for e in self.more)]).strip()

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

    def continued(self, row: Expression, *, same_block: bool) -> Choice:
        """The chain that a row beginning with a sign continues."""
        candidates = self.candidates
        if not candidates:
            return Choice(None)
        recent = candidates[0]
        if len(candidates) == 1 or (same_block and recent.block is row.block and recent.length != 1):
            return Choice(recent, None, 1.0)
        shares = [(shared(c.tail.profile, row.profile), -k, c) for k, c in enumerate(candidates)]
        own = shares[0][0]
        best, _, chain = max(shares, key=lambda s: s[:2])
        if chain is recent:
            return Choice(recent, None, own)
        if same_block and recent.block is row.block:
            clear = best > 3 * own + 0.3
            return Choice(chain if clear else recent, None, best if clear else own)
        if best > _CLEAR_FACTOR * own and best - own > _CLEAR_GAP:
            return Choice(chain, None, best)
        doubt = None
        if best - own > _DOUBT_GAP:
            doubt = "more than one earlier expression could be the left side of this row"
        return Choice(recent, doubt, own)

    def implied(self, row: Expression) -> Choice:
        """The chain that a row without any sign continues, if it continues one."""
        shares = [(shared(c.tail.profile, row.profile), -k, c) for k, c in enumerate(self.candidates)]
        if not shares:
            return Choice(None)
        best, _, chain = max(shares, key=lambda s: s[:2])
        if best < IMPLIED_LEAST:
            return Choice(None, None, best)
        rest = [s[0] for s in shares if s[2] is not chain]
        if rest and best - max(rest) < _DOUBT_GAP and chain is not self.candidates[0]:
            return Choice(chain, "more than one earlier expression could be the left side of this row", best)
        return Choice(chain, None, best)
