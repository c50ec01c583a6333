"""The shape of a term with symbolic dimensions. (thin)"""

from __future__ import annotations

from derivcheck.terms.signature import Signature
from derivcheck.terms.term import Symbol, Term


def shape_of(term: Term, signature: Signature) -> tuple[str, ...] | None:
    """Thin version."""
    if isinstance(term, Symbol):
        declared = signature.symbols.get(term.name)
        return declared.shape if declared else None
    return None
