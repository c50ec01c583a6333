r"""The definition that a name is used under, with its letters and arguments put in.

Main definitions: `meaning`. Fixed indices come before patterns: `L_0` before `L_{t-1}`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from derivcheck.interpreters.sampling.drawn import CannotSample
from derivcheck.interpreters.sampling.instance import Instance
from derivcheck.interpreters.sampling.keys import Indices, fitted, integer, placed_index
from derivcheck.terms.instance import Captured, instance
from derivcheck.terms.signature import Definition
from derivcheck.terms.term import Call, Density, Symbol, Term

Found = tuple[Term, dict[str, int]]


def meaning(use: Symbol | Call | Density, model: Instance, at: Indices) -> Found | None:
    """The body that a name stands for and the values of its letters; None if it has no definition.

    Raises:
        CannotSample: there are definitions of the name, and which one is meant is not clear.
    """
    name = _name(use)
    known = [d for d in model.signature.definitions if _name(d.head) == name]
    if not known:
        return None
    known.sort(key=lambda d: _rank(d, use, model))
    for d in known:
        found = _applied(d, use, model, at)
        if found is not None:
            return found
    if isinstance(use, Density):
        return _no_formula(use, known, model)
    if isinstance(use, Symbol) and all(isinstance(d.head, Density) for d in known):
        return None
    raise CannotSample(f"no definition of {name} fits its use")


def _no_formula(use: Density, known: Sequence[Definition], model: Instance) -> None:
    """Refuse a density whose name has a formula for something else, unless the use is declared by itself."""
    if all(isinstance(d.head, Symbol) for d in known):
        return
    joint = model.joint(use.name)
    if any(p.density == use.name and len(p.event) == len(use.event) and len(p.given) == len(use.given) for p in joint.parts):
        return
    raise CannotSample(f"what {use.name} is by its definition is not known here")


def _name(t: Term) -> str:
    match t:
        case Symbol(name, _) | Density(name, _, _, _):
            return name
        case Call(function, _, _):
            return function
        case _:
            return ""


def _rank(d: Definition, use: Symbol | Call | Density, model: Instance) -> tuple[bool, int, bool, bool]:
    """The order of trying: an index where the use has one, fixed indices first, then the very arguments of the use."""
    same = getattr(d.head, "arguments", ()) == getattr(use, "arguments", ())
    return _indexed(d.head) != _indexed(use), len(_letters(d, model)), not same, d.origin.kind == "inferred"


def _indexed(t: Term) -> bool:
    return bool(getattr(t, "index", ()))


def _letters(d: Definition, model: Instance) -> frozenset[str]:
    parts = [*getattr(d.head, "index", ()), *(i for x in getattr(d.head, "event", ()) for i in getattr(x, "index", ()))]
    return frozenset(n for i in parts for n in i.names) - model.fixed.keys()


def _applied(d: Definition, use: Symbol | Call | Density, model: Instance, at: Indices) -> Found | None:
    head = d.head
    if isinstance(use, Density):
        if isinstance(head, Call):
            head = Density(head.function, head.arguments)
        return _density(d, head, use, model, at) if isinstance(head, Density) else None
    if not isinstance(head, Symbol | Call):
        return None
    index = tuple(placed_index(i, at) for i in use.index)
    if bool(head.index) != bool(index):
        if index or not all(i.names and i.names <= at.keys() for i in head.index):
            return None  # `L` may be `L_t` where t stands free; it is never `L_0`
        bound: dict[str, int] | None = {}
    else:
        bound = fitted(head.index, index, model.fixed)
    if bound is None:
        return None
    if isinstance(head, Call) and isinstance(use, Call):
        return _called(d, head, use, bound, model, at)
    return d.body, bound


def _called(d: Definition, head: Call, use: Call, bound: dict[str, int], model: Instance, at: Indices) -> Found | None:
    if len(head.arguments) != len(use.arguments):
        return None
    terms: dict[Term, Term] = {}
    names: dict[str, str] = {}
    letters = dict(bound)
    for formal, actual in zip(head.arguments, use.arguments, strict=True):
        if isinstance(formal, Symbol) and not formal.index and formal.name in model.indices and formal.name not in model.fixed:
            letters[formal.name] = integer(actual, at)
    for formal, actual in zip(head.arguments, use.arguments, strict=True):
        if formal == actual and not (formal.names & letters.keys() and any(at.get(n) != letters[n] for n in formal.names & letters.keys())):
            continue
        if isinstance(formal, Symbol) and formal.name in letters and not formal.index:
            continue
        if isinstance(formal, Density) or (isinstance(formal, Symbol) and _is_function(formal, model)):
            if not isinstance(actual, Symbol | Density | Call):
                raise CannotSample(f"{head.function} takes a density here")
            names[_name(formal)] = _name(actual)
        elif isinstance(formal, Symbol):
            if not (isinstance(actual, Symbol) and _same(formal, actual, letters, model, at)):
                _refuse_label(formal, d.body, head.function)
                terms[formal] = actual
        else:
            raise CannotSample(f"{head.function} is defined at something that is no variable")
    try:
        return instance(d.body, terms, names), letters
    except Captured:
        raise CannotSample(f"the arguments of {head.function} would be bound inside it") from None


def _refuse_label(formal: Symbol, body: Term, name: str) -> None:
    r"""Refuse another argument where the body shows the formal in names only: H(X), or L(\theta) of p_\theta, is not put in.

    Raises:
        CannotSample: what the definition is at that argument is not said by putting it in.
    """
    label = re.compile(rf"_\{{(?:.*,)?\s*{re.escape(formal.name)}\s*(?:[,_}}]|$)")
    if formal.name not in body.names or any(label.search(n) for n in body.names):
        raise CannotSample(f"what {name} is at another {formal.name} is not said")


def _same(formal: Symbol, actual: Symbol, letters: Indices, model: Instance, at: Indices) -> bool:
    """Whether a formal at the values of its letters is the very variable that is handed over."""
    if formal.name != actual.name:
        return False
    try:
        mine = tuple(integer(i, {**model.fixed, **letters}) for i in formal.index)
        return mine == tuple(integer(i, at) for i in actual.index)
    except CannotSample:
        return False


def _is_function(formal: Symbol, model: Instance) -> bool:
    return formal.name in model.signature.functions or formal.name in model.signature.densities


def _density(d: Definition, head: Density, use: Density, model: Instance, at: Indices) -> Found | None:
    if len(head.event) != len(use.event) or len(head.given) != len(use.given) or head.index or use.index:
        return None
    terms: dict[Term, Term] = {}
    letters: dict[str, int] = {}
    for formal, actual in zip((*head.event, *head.given), (*use.event, *use.given), strict=True):
        if not isinstance(formal, Symbol) or not isinstance(actual, Symbol):
            return None
        if formal.index:
            index = tuple(placed_index(i, at) for i in actual.index)
            found = fitted(formal.index, index, model.fixed) if formal.name == actual.name else None
            if found is None or any(letters.get(k, v) != v for k, v in found.items()):
                return None
            letters.update(found)
        elif formal != actual:
            terms[formal] = actual
    try:
        return instance(d.body, terms), letters
    except Captured:
        raise CannotSample(f"the arguments of {head.name} would be bound inside it") from None
