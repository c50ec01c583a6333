r"""The first term of a sum stands alone where something in it has a definition of its own there."""

from __future__ import annotations

from fractions import Fraction

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws.sums._indices import offset_from
from derivcheck.terms.instance import instance
from derivcheck.terms.term import Add, Fold, Multiply, Number, Power, Symbol, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Fold)
    if not isinstance(t.lower, Number) or not context.at_least(t.upper, t.lower):
        return None
    special = _special(context)
    letter = Symbol(t.index)
    for name, index in _uses(t.body):
        offset = offset_from(index, letter, context)
        if offset is not None and (name, t.lower.value + offset) in special:
            first = instance(t.body, {letter: t.lower})
            rest = Fold(t.kind, t.index, Number(t.lower.value + 1), t.upper, t.body)
            return (Add if t.kind == "sum" else Multiply)((first, rest))
    return None


def _special(context: Context) -> set[tuple[str, Fraction]]:
    """Names with the index at which they have a definition of their own, beside a general one."""
    found: set[tuple[str, Fraction]] = set()
    for d in context.signature.definitions:
        head = d.head.base if isinstance(d.head, Power) else d.head
        index = getattr(head, "index", ())
        name = getattr(head, "name", None) or getattr(head, "function", None)
        if name is not None and len(index) == 1 and isinstance(index[0], Number):
            found.add((name, index[0].value))
    return found


def _uses(t: Term) -> set[tuple[str, Term]]:
    own = {(t.name, t.index[0])} if isinstance(t, Symbol) and len(t.index) == 1 else set[tuple[str, Term]]()
    return own.union(*(_uses(c) for c in t.children))


_S = {"sequences": [r"\beta_t \in (0,1)"], "parameters": ["b > 0"], "definitions": [r"\gamma_1 = b", r"\gamma_t = \beta_t"], "conventions": {"t": "2..T-1"}}

LAW = Law(
    statement=r"\sum_{k=a}^{b} f(k) = f(a) + \sum_{k=a+1}^{b} f(k)",
    source="Graham, Knuth & Patashnik (1994), Concrete Mathematics, section 2.2",
    on=(Fold,),
    rewrite=_rewrite,
    holds=(
        Example(r"\sum_{k=1}^{T} \gamma_k", _S, r"b + \sum_{k=2}^{T} \beta_k"),
        Example(r"\prod_{k=1}^{T} \gamma_k", _S, r"b \prod_{k=2}^{T} \beta_k"),
    ),
)
