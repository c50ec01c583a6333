"""What is written is read back as the same term."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from derivcheck.notation import read, write
from derivcheck.terms.signature import Signature
from derivcheck.terms.term import Term
from tests.notation.terms import terms


@settings(
    max_examples=300, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
@given(terms)
def test_a_written_term_reads_back_as_itself(term: Term) -> None:
    """Any term as the reader makes them, without declarations."""
    assert read(write(term), Signature()) == term
