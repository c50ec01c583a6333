"""The smallest edit of the right side that makes an incorrect relation hold."""

from __future__ import annotations

from derivcheck.checks.evidence import Question
from derivcheck.terms.signature import Signature
from derivcheck.verdicts.result import Suggestion


def suggestion(q: Question, latex: str, signature: Signature) -> Suggestion | None:
    """Placeholder until the edits are there."""
    del q, latex, signature
    return None
