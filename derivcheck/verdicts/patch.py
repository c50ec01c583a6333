r"""An edit applied to the text that a person wrote, so that all else stays as it stands."""

from __future__ import annotations

from derivcheck.notation import Unreadable, read, write
from derivcheck.terms.signature import Signature
from derivcheck.verdicts.candidates import Candidate
from derivcheck.verdicts.result import Suggestion


def corrected(c: Candidate, latex: str, signature: Signature) -> Suggestion:
    """The suggestion as a report shows it."""
    change = c.changes[0]
    return Suggestion(rhs=write(c.term, signature), kind=c.kind, fragment=write(change.new, signature), replaces=write(change.old, signature))
