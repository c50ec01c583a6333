r"""The conditionals of a joint density in terms of its kernels.

Main definitions: `kernels`. By the chain rule every p(a|b) is a quotient of products of kernels p(v|w): each
variable given those before it, in an order that the joint's factors give; what a variable does not depend on
given the rest (d-separation in the graph of the factors) is left out. Of a Markov chain the kernels lead from
each variable to its neighbour among those that are mentioned.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import final

from derivcheck.laws._law import Context
from derivcheck.terms.signature import DensityDeclaration, Factor
from derivcheck.terms.substitute import substitute
from derivcheck.terms.term import Add, Density, Fold, Negate, Number, Symbol, SymbolRange, Term

ONE = Number(Fraction(1))


@final
@dataclass(frozen=True)
class Quotient:
    """Kernels above and below the line, equal ones cancelled."""

    above: tuple[Term, ...]
    below: tuple[Term, ...]


def kernels(d: Density, context: Context) -> Quotient | None:
    """A conditional density as kernels of its joint, or None: nothing is declared, or an order is not known."""
    declared = context.signature.densities.get(d.name)
    if declared is None or d.index or not d.event:
        return None
    event = tuple(e for e in d.event if e not in d.given)  # what is given is certain
    if any(_rooted(declared, e, context) for e in event):
        return None  # the joint says nothing of what it is given
    all_of = _product(declared, (*event, *d.given), context)
    under = _product(declared, d.given, context)
    if all_of is None or under is None:
        return None
    below = list(under)
    above: list[Term] = []
    for k in all_of:
        if k in below:
            below.remove(k)
        else:
            above.append(k)
    return Quotient(tuple(above), tuple(below))


def _rooted(declared: DensityDeclaration, item: Term, context: Context) -> bool:
    """Whether a variable is, or may be, one that the joint is only ever given."""
    events = [e for f in declared.factors for e in f.event]
    names = {getattr(e, "name", "") for e in events}
    chain = next((f for f in declared.factors if f.index is not None), None)
    if chain is None:
        return item not in events and getattr(item, "name", "") not in names
    if not chain.given:  # no chain: independent draws
        return declared.factors != (chain,) or not _of_range(chain, item, context)
    if any(f.index is None and f.event for f in declared.factors):
        return False  # the chain's first variable has a density of its own
    first = substitute(chain.given[0], {Symbol(chain.index or ""): chain.lower}, {}) if chain.lower is not None else None
    if first is None or not isinstance(first, Symbol):
        return False
    if isinstance(item, SymbolRange):
        return not context.at_least(item.lower, Add((first.index[0], ONE)))
    return isinstance(item, Symbol) and context.coincide(item.index, first.index) is not False


def _of_range(factor: Factor, item: Term, context: Context) -> bool:
    """Whether a variable, or a run of them, is among those that a factor stands for."""
    e = factor.event[0]
    span = _span(item, e.name) if isinstance(e, Symbol) else None
    if span is None or factor.lower is None or factor.upper is None:
        return False
    return context.at_least(span[0], factor.lower) and context.at_least(factor.upper, span[1])


def _product(declared: DensityDeclaration, items: tuple[Term, ...], context: Context) -> list[Term] | None:
    """The kernels whose product is the density of some of the variables, given the joint's roots."""
    chain = next((f for f in declared.factors if f.index is not None), None)
    if chain is not None and not chain.given and declared.factors == (chain,):
        return _of_copies(declared.name, chain, items, context)
    if chain is not None:
        return _of_chain(declared, chain, items, context)
    return _of_graph(declared, items, context)


# --- joints of single variables -------------------------------------------------------------------


def _of_graph(declared: DensityDeclaration, items: tuple[Term, ...], context: Context) -> list[Term] | None:
    if not all(isinstance(i, Symbol) for i in items) or any(f.index is not None for f in declared.factors):
        return None
    parents = _graph(declared)
    roots = {g for f in declared.factors for g in f.given} - {e for f in declared.factors for e in f.event}
    variables = [*sorted(roots, key=str), *parents]
    values: dict[Term, Term] = {}
    for i in items:
        like = [v for v in variables if getattr(v, "name", None) == getattr(i, "name", "")]
        v = i if i in variables else like[0] if len(like) == 1 else None
        if v is None or v in values or (v != i and any(s.variable == i for s in context.signature.samples)):
            return None  # also a draw with a law of its own: x_2, drawn given x, is no x
        values[v] = i
    made: list[Term] = []
    for n, v in enumerate(variables):
        if v not in values or v in roots:
            continue
        before = [w for w in variables[:n] if w in values]
        needed = set(before)
        for w in before:
            if _separated(v, w, needed - {w}, parents):
                needed.discard(w)
        given = tuple(values[w] for w in variables[:n] if w in needed)
        made.append(Density(_owner(declared, v, needed), (values[v],), given))
    return made


def _graph(declared: DensityDeclaration) -> dict[Term, set[Term]]:
    """Every variable with those it is drawn given, in an order of drawing."""
    found: dict[Term, set[Term]] = {}
    left = list(declared.factors)
    events = {e for f in left for e in f.event}
    while left:
        ready = next((f for f in left if all(g in found or g not in events for g in f.given)), left[0])
        left.remove(ready)
        before: list[Term] = []
        for e in ready.event:
            found[e] = {*ready.given, *before}
            before.append(e)
    return found


def _owner(declared: DensityDeclaration, v: Term, given: set[Term]) -> str:
    """The name of a kernel: that of the factor which it is, else the joint's."""
    for f in declared.factors:
        if f.density is not None and f.event == (v,) and set(f.given) == given:
            return f.density
    return declared.name


def _separated(a: Term, b: Term, given: set[Term], parents: dict[Term, set[Term]]) -> bool:
    """d-separation by the moral graph of the ancestors (Lauritzen 1996, section 3.2.2)."""
    old: set[Term] = set()
    stack = [a, b, *given]
    while stack:
        v = stack.pop()
        if v not in old:
            old.add(v)
            stack += parents.get(v, set())
    near: dict[Term, set[Term]] = {v: set() for v in old}
    for v in old:
        group = [*parents.get(v, set()), v]
        for x in group:
            near[x] |= set(group) - {x}
    seen = {a}
    stack = [a]
    while stack:
        for w in near[stack.pop()] - seen - given:
            seen.add(w)
            stack.append(w)
    return b not in seen


# --- Markov chains --------------------------------------------------------------------------------


def _of_chain(declared: DensityDeclaration, chain: Factor, items: tuple[Term, ...], context: Context) -> list[Term] | None:
    if len(chain.event) != 1 or len(chain.given) != 1 or chain.index is None:
        return None
    e, g = chain.event[0], chain.given[0]
    if not isinstance(e, Symbol) or not isinstance(g, Symbol) or len(e.index) != 1 or e.name != g.name:
        return None
    forward = context.at_least(e.index[0], g.index[0])
    ordered = _in_time([_span(i, e.name) for i in items], context)
    if ordered is None or not _inside(ordered, declared, chain, context, forward=forward):
        return None
    roots = {x for f in declared.factors for x in f.given} - {x for f in declared.factors if f.index is None for x in f.event} - {e, g}
    if not forward:
        ordered.reverse()
    made: list[Term] = []
    for before, now in pairwise([None, *ordered]):
        assert now is not None
        start, end = (now[0], now[1]) if forward else (now[1], now[0])
        if before is None:
            first = Symbol(e.name, (start,))
            if now[0] == now[1] or start == end:
                if first not in roots:
                    made.append(Density(declared.name, (first,)))
                continue
            made.append(Density(declared.name, (first,)))
            inner = _steps(declared.name, e, g, _next(start, context, forward=forward), end, chain.index, context, forward=forward)
        else:
            last = before[1] if forward else before[0]
            if now[0] == now[1]:
                made.append(Density(declared.name, (Symbol(e.name, (start,)),), (Symbol(e.name, (last,)),)))
                continue
            if context.coincide((_next(last, context, forward=forward),), (start,)) is not True:
                return None
            inner = _steps(declared.name, e, g, start, end, chain.index, context, forward=forward)
        made.append(inner)
    return made


def _of_copies(name: str, factor: Factor, items: tuple[Term, ...], context: Context) -> list[Term] | None:
    """Of independent variables, each with its own density: the product of those of the mentioned ones."""
    e = factor.event[0]
    if len(factor.event) != 1 or not isinstance(e, Symbol) or e.index != (Symbol(factor.index or ""),):
        return None
    if _in_time([_span(i, e.name) for i in items], context) is None or not all(_of_range(factor, i, context) for i in items):
        return None  # two may be one, or one is not of them
    made: list[Term] = []
    for i in items:
        run = isinstance(i, SymbolRange)
        made.append(Fold("prod", factor.index or "", i.lower, i.upper, Density(name, (e,))) if run else Density(name, (i,)))
    return made


Span = tuple[Term, Term]


def _inside(spans: list[Span], declared: DensityDeclaration, chain: Factor, context: Context, *, forward: bool) -> bool:
    """Whether all variables are the chain's, and nothing but the chain says how they hang together."""
    if chain.lower is None or chain.upper is None or chain.index is None:
        return False
    e, g = chain.event[0], chain.given[0]
    assert isinstance(e, Symbol)
    assert isinstance(g, Symbol)
    ends = [substitute(x.index[0], {Symbol(chain.index): b}, {}) for x, b in (((g, chain.lower), (e, chain.upper)) if forward else ((e, chain.lower), (g, chain.upper)))]
    for f in declared.factors:
        if f.index is not None:
            continue
        if len(f.event) != 1 or not isinstance(f.event[0], Symbol) or f.event[0].name != e.name or len(f.event[0].index) != 1:
            return False
        if f.given:  # a step before the chain's own, or after
            near = f.given[0]
            if len(f.given) != 1 or not isinstance(near, Symbol) or near.name != e.name or len(near.index) != 1:
                return False
            early, late = (near, f.event[0]) if forward else (f.event[0], near)
            if context.normal(Add((late.index[0], Negate(early.index[0])))) != ONE:
                return False
            if context.coincide((late.index[0],), (ends[0],)) is True:
                ends[0] = early.index[0]
            elif context.coincide((early.index[0],), (ends[1],)) is True:
                ends[1] = late.index[0]
            else:
                return False
    return all(context.at_least(low, ends[0]) and context.at_least(ends[1], high) for low, high in spans)


def _span(item: Term, name: str) -> Span | None:
    if isinstance(item, SymbolRange) and item.name == name:
        return item.lower, item.upper
    if isinstance(item, Symbol) and item.name == name and len(item.index) == 1:
        return item.index[0], item.index[0]
    return None


def _in_time(spans: list[Span | None], context: Context) -> list[Span] | None:
    """Spans from early to late; None if one is no span or their order is not known."""
    ordered: list[Span] = []
    for s in spans:
        if s is None:
            return None
        for n, other in enumerate(ordered):
            if s == other:
                return None
            if context.at_least(other[0], Add((s[1], ONE))):
                ordered.insert(n, s)
                break
            if not context.at_least(s[0], Add((other[1], ONE))):
                return None
        else:
            ordered.append(s)
    return ordered


def _next(at: Term, context: Context, *, forward: bool) -> Term:
    return context.normal(Add((at, ONE if forward else Number(Fraction(-1)))))


def _steps(name: str, e: Symbol, g: Symbol, start: Term, end: Term, index: str, context: Context, *, forward: bool) -> Term:
    """The product of the chain's own kernels from a variable to another."""
    letter = Symbol(index)
    shift = context.normal(Add((letter, Negate(e.index[0]))))
    lower, upper = (start, end) if forward else (end, start)
    body = Density(name, (e,), (g,))
    bounds = [context.normal(Add((b, shift))) for b in (lower, upper)]
    return Fold("prod", index, bounds[0], bounds[1], body)
