r"""Whether an equation merely gives a name its meaning: `\\Sigma_3 = (1-\\alpha_3) I`, `W_p = I`, `t = 1`.

It does if one side is a lone name that the theory leaves free and that the other side does not contain;
such an equation holds on no random world and is no slip.
"""

from __future__ import annotations

from derivcheck.interpreters.exact.derived import facts_of
from derivcheck.terms.signature import Signature
from derivcheck.terms.term import ELEMENTARY, Call, Sign, Symbol, Term


def names_something(left: Term, sign: Sign, right: Term, signature: Signature) -> bool:
    """Whether `left sign right` fixes a name that is free so far."""
    if sign not in ("=", ":="):
        return False
    if isinstance(left, Symbol) and isinstance(right, Symbol):
        return not any(_defined(t.name, signature) for t in (left, right))
    return any(_free(t, signature) and _name(t) not in facts_of(signature).reached_by(other) for t, other in ((left, right), (right, left)))


def _name(t: Term) -> str | None:
    return t.name if isinstance(t, Symbol) else t.function if isinstance(t, Call) else None


def _free(t: Term, signature: Signature) -> bool:
    """A lone name without a value of its own in the theory."""
    name = _name(t)
    if isinstance(t, Symbol) and not t.index and _is_index(t.name, signature):
        return True
    if name is None or (isinstance(t, Call) and name in ELEMENTARY and name not in signature.functions):
        return False
    if _defined(name, signature) or any(p.variable.name == name or name in p.body.names for p in signature.paths):
        return False
    return not any(o.unknown == name for o in signature.optima)


def _is_index(name: str, signature: Signature) -> bool:
    """Whether a name stands for an integer that an equation may fix: `t = 1`."""
    declared = signature.symbols.get(name)
    if declared is not None:
        return declared.role in ("index", "dimension") or declared.domain == "natural"
    return name in signature.indices or name in "tTKnNkijsmd"


def _defined(name: str, signature: Signature) -> bool:
    """Whether a definition, a moment or an optimum says what a name is."""
    if any(_head_name(d.head) == name for d in signature.definitions):
        return True
    return any(o.name == name for o in signature.optima)


def _head_name(head: Term) -> str | None:
    return head.function if isinstance(head, Call) else getattr(head, "name", None)
