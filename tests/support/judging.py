"""Judging a relation in this process, its text replaced."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import torch

from derivcheck.notation.signature import signature_of
from derivcheck.syntax.relations import RawRelation
from derivcheck.terms.signature import Signature
from derivcheck.verdicts.chains import Placed
from derivcheck.verdicts.judge import Judge
from derivcheck.verdicts.options import Options
from derivcheck.verdicts.result import RelationResult


class _NoSuggestions(Judge):
    """A judge who does not look for the correction: a mutant's is known."""

    def _suggestion(self, *_: Any) -> None:
        return None


@dataclass
class Bench:
    """A judge of one document: original relations in order, and edits of them."""

    options: Options = field(default_factory=lambda: Options(timeout=10.0))
    judge: Judge = field(init=False)
    _signatures: dict[int, Signature] = field(default_factory=dict)

    def __post_init__(self) -> None:
        torch.set_num_threads(1)
        self.judge = _NoSuggestions(self.options)

    def signature(self, placed: Placed) -> Signature:
        """The theory in force for a relation, as terms."""
        return signature_of(placed.declarations)

    def original(self, placed: Placed) -> RelationResult:
        """The verdict on a relation as it stands; what it says of unknowns is remembered."""
        return self.judge.judge(placed.raw, self.signature(placed), head_sign=None, inferred=bool(placed.inferred))

    def edited(self, placed: Placed, *, lhs: str | None = None, rel: str | None = None, rhs: str | None = None) -> RelationResult:
        """The verdict on a relation with other text; nothing is remembered of it."""
        before = [{k: set(v) for k, v in seen.items()} for seen in (self.judge.stationary, self.judge.sought)]
        raw = edited(placed.raw, lhs=lhs, rel=rel, rhs=rhs)
        try:
            return self.judge.judge(raw, self.signature(placed), head_sign=None, inferred=bool(placed.inferred))
        finally:
            self.judge.stationary, self.judge.sought = before


def edited(raw: RawRelation, *, lhs: str | None = None, rel: str | None = None, rhs: str | None = None) -> RawRelation:
    """A relation with other text, as if it stood so in the document."""
    changes: dict[str, Any] = {"implicit": False, "sign_repair": None, "chain_doubt": None}
    if lhs is not None:
        changes |= {"lhs": lhs, "lhs_expanded": lhs}
    if rel is not None:
        changes |= {"rel": rel}
    if rhs is not None:
        changes |= {"rhs": rhs, "rhs_expanded": rhs}
    return replace(raw, **changes)
