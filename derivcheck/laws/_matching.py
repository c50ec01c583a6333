"""Heads of definitions as patterns: what their indices and formal arguments stand for in a use."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from derivcheck.laws._law import Context
from derivcheck.terms.instance import instance
from derivcheck.terms.signature import Definition
from derivcheck.terms.substitute import rebuild, subterms
from derivcheck.terms.term import Add, Call, Density, Moment, Negate, Number, Power, Symbol, Term

ONE = Number(Fraction(1))


def unfolded(t: Term, context: Context) -> Term | None:
    """What the theory's definitions let a term stand for, or None."""
    return unfolded_by(t, context.signature.definitions, context)


def unfolded_by(t: Term, definitions: Sequence[Definition], context: Context) -> Term | None:
    """What some definitions let a term stand for, or None."""
    candidates = [d for d in definitions if _same_head(d.head, t) and not _another(d.head, t, context)]
    own = [d for d in candidates if type(d.head) is type(t)]
    if own and len(own) < len(candidates):  # L_t before L_t(x) without its argument
        found = unfolded_by(t, own, context)
        return found if found is not None else unfolded_by(t, [d for d in candidates if d not in own], context)
    special = sorted(candidates, key=lambda d: len(_variables(d.head)))
    for d in special:
        fixed = _variables(d.head)
        if not fixed:
            same = _exactly(d.head, t, context)
            if same is None:
                return None  # it may or may not be the special case
            if same:
                return _instance(d, t, {}, context)
            continue
        found = _indices(d.head, t, context)
        if found is not None:
            return _instance(d, t, found, context)
    return None


def _same_head(head: Term, t: Term) -> bool:
    if isinstance(head, Power):
        return isinstance(t, Power) and t.exponent == head.exponent and _same_head(head.base, t.base)
    if isinstance(head, Call) and isinstance(t, Call):
        return head.function == t.function and len(head.arguments) == len(t.arguments) and len(head.index) == len(t.index)
    if isinstance(head, Call) and isinstance(t, Symbol):
        return head.function == t.name and len(head.index) == len(t.index)
    if isinstance(head, Symbol) and isinstance(t, Symbol):
        return head.name == t.name and len(head.index) == len(t.index)
    if isinstance(head, Call) and isinstance(t, Density):  # `p(x_T) = ..` where p was no density yet
        return head.function == t.name and len(head.arguments) == len(t.event) and not t.given and len(head.index) == len(t.index)
    if isinstance(head, Density) and isinstance(t, Density):
        return head.name == t.name and len(head.event) == len(t.event) and len(head.given) == len(t.given) and len(head.index) == len(t.index)
    return False


def _another(head: Term, t: Term, context: Context) -> bool:
    """Whether a density at a variable has a family of its own there: p(z) beside a definition of p(x_t)."""
    if not isinstance(head, Density) or not isinstance(t, Density) or head.event == t.event:
        return False
    return any((f.density.name, f.density.event, f.density.given) == (t.name, t.event, t.given) for f in context.signature.families)


def _index(t: Term) -> tuple[Term, ...]:
    return _index(t.base) if isinstance(t, Power) else getattr(t, "index", ())


def _variables(head: Term) -> set[str]:
    return {n for i in _index(head) for n in i.names if n != "T"}


def _exactly(head: Term, t: Term, context: Context) -> bool | None:
    return context.coincide(_index(head), _index(t)) if _index(head) else True


def _indices(head: Term, t: Term, context: Context) -> dict[Term, Term] | None:
    """Values of the head's index letters: t - 1 against s gives t = s + 1."""
    found: dict[Term, Term] = {}
    for pattern, value in zip(_index(head), _index(t), strict=True):
        names = sorted(pattern.names - {"T"})
        if not names:
            if context.coincide((pattern,), (value,)) is not True:
                return None
            continue
        letter = Symbol(names[0])
        offset = context.normal(Add((pattern, Negate(letter))))
        if letter.name in offset.names:
            return None
        new = context.normal(Add((value, Negate(offset))))
        if found.setdefault(letter, new) != new:
            return None
    return found


def _instance(d: Definition, t: Term, indices: dict[Term, Term], context: Context) -> Term | None:
    body = instance(d.body, indices) if indices else d.body
    head = instance(d.head, indices) if indices else d.head
    fixed = frozenset(k.name for k in indices if isinstance(k, Symbol))
    if isinstance(d.head, Call) and isinstance(head, Call) and isinstance(t, Call | Density):
        settled = tuple(_settled(a, fixed) for a in d.head.arguments)
        return _applied(body, head.arguments, t.arguments if isinstance(t, Call) else t.event, settled, context)
    if isinstance(d.head, Density) and isinstance(head, Density) and isinstance(t, Density):
        settled = tuple(_settled(a, fixed) for a in (*d.head.event, *d.head.given))
        return _applied(body, (*head.event, *head.given), (*t.event, *t.given), settled, context)
    return body


def _settled(formal: Term, fixed: frozenset[str]) -> bool:
    """Whether the head's own index has said which variable of a chain this is: of μ_{t-1}(x_t) it is x_{t-1}."""
    return isinstance(formal, Symbol) and bool(formal.index) and {n for i in formal.index for n in i.names} - {"T"} <= fixed


def _stands_in_a_density(formal: Term, body: Term) -> bool:
    """Whether a variable says which density is meant; the density of another is another."""
    return any(isinstance(s, Density) and formal in (*s.event, *s.given) for s in subterms(body))


def _applied(
    body: Term, formals: tuple[Term, ...], arguments: tuple[Term, ...], settled: tuple[bool, ...], context: Context
) -> Term | None:
    if isinstance(body, Moment) and formals != arguments:  # of the density at its variables, then at the arguments
        with context.inside(body.law):
            body = context.normal(body)
    terms: dict[Term, Term] = {}
    names: dict[str, str] = {}
    indices: dict[str, tuple[Term, ...]] = {}
    letters: dict[Term, Term] = {}
    for formal, argument, said in zip(formals, arguments, settled, strict=True):
        if isinstance(formal, Symbol) and isinstance(argument, Symbol) and formal.index and formal.name == argument.name and formal != argument:
            if said:
                if context.coincide(formal.index, argument.index) is not True and _stands_in_a_density(formal, body):
                    return None
                continue
            found = _indices(formal, argument, context) if len(formal.index) == len(argument.index) else None
            if found is None or any(letters.setdefault(k, v) != v for k, v in found.items()):
                return None
    for formal, argument in zip(formals, arguments, strict=True):
        if formal in letters and letters[formal] != context.normal(argument):
            return None
        if letters and isinstance(formal, Symbol) and instance(formal, letters) == argument:
            continue
        if isinstance(formal, Density) and not formal.event:
            if not isinstance(argument, Density):
                return None
            names[formal.name], indices[argument.name] = argument.name, argument.index
        elif isinstance(formal, Call) and formal.function in context.signature.functions:  # V(D), D a function
            name = argument.function if isinstance(argument, Call) else getattr(argument, "name", None)
            if name is None or (isinstance(argument, Call) and argument.arguments != formal.arguments):
                return None
            names[formal.function] = name
        elif isinstance(formal, Symbol):
            if formal.name in context.signature.densities and isinstance(argument, Symbol | Density):
                names[formal.name], indices[argument.name] = argument.name, argument.index
            elif formal.name in context.signature.functions and isinstance(argument, Symbol) and formal != argument:
                names[formal.name] = argument.name
            elif formal != argument:
                terms[formal] = argument
        elif formal != argument:
            return None
    terms |= letters
    made = instance(body, terms, names) if terms or names else body
    return _with_indices(made, {n: i for n, i in indices.items() if i})


def _with_indices(t: Term, indices: dict[str, tuple[Term, ...]]) -> Term:
    """Densities that were handed over with an index (q_i^*) carry it."""
    if not indices or not (t.names & set(indices)):
        return t
    new = rebuild(t, lambda c: _with_indices(c, indices))
    if isinstance(new, Density) and new.name in indices:
        return Density(new.name, new.event, new.given, indices[new.name])
    return new
