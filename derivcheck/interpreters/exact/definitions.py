r"""Finding the definition that a name is used under, and putting the arguments in.

Fixed indices come before patterns: `L_0` and `L_T` are tried before `L_{t-1}`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from derivcheck.interpreters.exact.indices import matched
from derivcheck.interpreters.exact.labels import carried, label_of, relabelled
from derivcheck.interpreters.exact.values import CannotEvaluate, Untyped
from derivcheck.terms.instance import Captured, instance
from derivcheck.terms.substitute import renamed, subterms
from derivcheck.terms.term import Call, Density, Number, Symbol, Term

if TYPE_CHECKING:
    from derivcheck.interpreters.exact.world import Env, World
    from derivcheck.terms.signature import Definition

MOST_USES = 50_000  # of names with a definition that are remembered


def expansion(use: Symbol | Call | Density, world: World, env: Env) -> tuple[Term, dict[str, int]] | None:
    """The body that a name stands for at this use, with the values of its indices; None if it has no definition."""
    name = use.function if isinstance(use, Call) else use.name
    candidates = definitions_of(world, name)
    if not candidates:
        return None
    at = (use, env.standing, world.counted)  # all that decides it besides the signature
    known = world.facts.expansions
    if at in known:
        return known[at]
    if len(known) > MOST_USES:
        known.clear()
    found = known[at] = _expansion(use, candidates, world, env)
    return found


def _expansion(
    use: Symbol | Call | Density, candidates: tuple[Definition, ...], world: World, env: Env
) -> tuple[Term, dict[str, int]] | None:
    if len(candidates) > 1:  # `L_{t-1}` itself before `L_{t-1}(x_0)` at its own arguments
        candidates = tuple(sorted(candidates, key=lambda d: (not use.index and d.head != use, type(d.head) is not type(use))))
        if any(d.origin.kind == "declared" for d in candidates):  # the text's own mu_3 is no case of a declared mu_t
            candidates = tuple(sorted(candidates, key=lambda d: d.origin.kind == "inferred" and getattr(d.head, "index", ()) != use.index))
    for d in candidates:
        found = _applied(d, use, world, env)
        if found is not None:
            return found
    return None


def definitions_of(world: World, name: str) -> tuple[Definition, ...]:
    """The definitions of a name, those at fixed indices first."""
    if world.definitions is None:
        table: dict[str, list[Definition]] = {}
        for d in world.signature.definitions:
            head = d.head
            key = head.function if isinstance(head, Call) else getattr(head, "name", None)
            if isinstance(key, str):
                table.setdefault(key, []).append(d)
        for found in table.values():
            found.sort(key=lambda d: _free_indices(d, world))
        world.definitions = {name: tuple(found) for name, found in table.items()}
    return world.definitions.get(name, ())


def by_formula(t: Density, world: World, env: Env) -> bool:
    """Whether a density that has no definition itself must follow from one: its name has some, and it is no factor of the joint."""
    if not any(isinstance(d.head, Density | Call) for d in definitions_of(world, t.name)):
        return False
    event, given = keys_of_all(t.event, world, env), keys_of_all(t.given, world, env)
    if event <= given:
        return False
    try:
        joint = world.joint(t.name)
    except CannotEvaluate:
        return True
    whole = [_keys_of_head(d.head, world, env) for d in definitions_of(world, t.name)]
    return not any(
        f.density == t.name
        and frozenset(f.event) == event - given
        and frozenset(f.given) == given
        and not any(frozenset(f.event) < w for w in whole)
        for f in joint.factors
    )


def _keys_of_head(head: Term, world: World, env: Env) -> frozenset[str]:
    return keys_of_all(head.event, world, env) if isinstance(head, Density) else frozenset()


def keys_of_all(terms: tuple[Term, ...], world: World, env: Env) -> frozenset[str]:
    """The ground keys of all variables among terms."""
    return frozenset(k for x in terms for k in world.symbols_of(x, env.indices))


def _free_indices(d: Definition, world: World) -> int:
    index = getattr(d.head, "index", ())
    return sum(1 for i in index if i.names - set(world.fixed))


def _applied(d: Definition, use: Symbol | Call | Density, world: World, env: Env) -> tuple[Term, dict[str, int]] | None:
    head = d.head
    if isinstance(use, Density):
        if isinstance(head, Call):  # `p(x_T) = ..` where p was no density yet
            head = Density(head.function, head.arguments)
        return _applied_density(d, head, use, world, env) if isinstance(head, Density) else None
    if isinstance(head, Density) and isinstance(use, Call) and not head.given:
        return _applied_density(d, head, Density(use.function, use.arguments), world, env)
    if not isinstance(head, Symbol | Call):
        return None
    bound: dict[str, int] = {}
    if head.index or use.index:
        if not head.index or not use.index:
            return (d.body, {}) if not use.index and _stands_alone(head, world, env) else None
        found = matched(head.index, use.index, env.indices, world.fixed)
        if found is None:
            return None
        bound = found
    if isinstance(head, Call) and isinstance(use, Call):
        return _with_arguments(d, head, use, bound, world, env)
    return d.body, bound


def _stands_alone(head: Symbol | Call, world: World, env: Env) -> bool:
    """A name written without its index means the free index's value."""
    return all(i.names <= env.indices.keys() for i in head.index)


def _with_arguments(d: Definition, head: Call, use: Call, bound: dict[str, int], world: World, env: Env) -> tuple[Term, dict[str, int]] | None:
    if len(head.arguments) != len(use.arguments):
        return None
    terms: dict[Term, Term] = {}
    names: dict[str, str] = {}
    indices = dict(bound)
    for formal, actual in zip(head.arguments, use.arguments, strict=True):
        if _counts(formal, world, env):
            indices.update(matched((formal,), (actual,), env.indices, world.fixed) or {})
    for formal, actual in zip(head.arguments, use.arguments, strict=True):
        if formal == actual:
            continue
        if _is_function(formal, world) and isinstance(actual, Symbol | Call):
            names[_name_of(formal)] = _name_of(actual)
        elif isinstance(formal, Density) or (isinstance(actual, Density) and isinstance(formal, Symbol)):
            if not isinstance(actual, Density | Symbol):
                raise CannotEvaluate(f"{use.function} takes a density here")
            names[formal.name] = actual.name
        elif _counts(formal, world, env):
            continue  # an index by now
        elif isinstance(formal, Symbol) and formal.index and formal.index[0] in head.arguments:
            if _at_its_time(formal, actual, indices, world, env):
                continue
            terms[formal] = actual  # of `f(x_t, t)` at `(x_0, 1)`: this point, at that time
        elif isinstance(formal, Symbol):
            _bind_variable(formal, actual, terms, indices, world, env)
        elif isinstance(formal, Number) and isinstance(actual, Number):
            return None
        else:
            raise CannotEvaluate(f"the definition of {use.function} has an argument that is not a name")
    if not terms and not names:
        return d.body, indices
    changed = {_label(f): _label(a) for f, a in zip(head.arguments, use.arguments, strict=True) if f in terms or _name_of(f) in names}
    kept = {_label(f) for f in head.arguments} - changed.keys()
    body = renamed(d.body, _relabelled(d, use.function, changed, kept, world))
    try:
        return instance(body, terms, names), indices
    except Captured as why:
        raise CannotEvaluate(f"a variable bound in the definition of {use.function} is put in for another") from why


def _label(t: Term) -> tuple[str, ...]:
    r"""An argument as it is written below a name: (`\theta`, `1`); empty if it is no name."""
    if not isinstance(t, Symbol | Call | Density) or (isinstance(t, Density) and t.event):
        return ()
    index: list[str] = []
    for i in t.index:
        if isinstance(i, Number) and i.value.denominator == 1:
            index.append(str(i.value))
        elif isinstance(i, Symbol) and not i.index:
            index.append(i.name)
        else:
            return ()
    return (*label_of(_name_of(t)), *index)


def _relabelled(
    d: Definition, function: str, changed: dict[tuple[str, ...], tuple[str, ...]], kept: set[tuple[str, ...]], world: World
) -> dict[str, str]:
    r"""Names in a body that carry a formal below (`p_{\theta}` in `F(\theta) = ..`), by what they are at the argument.

    Raises:
        CannotEvaluate: the name that a body would have there is not declared, or it depends on the formal out of sight.
    """
    s = world.signature
    out: dict[str, str] = {}
    for name in sorted(d.body.names):
        if any(old and carried(name, old) == "yes" for old in kept):
            continue
        mine = [old for old in changed if old and carried(name, old) == "yes"]
        if mine:
            old = max(mine, key=len)
            known = {*s.densities, *s.functions, *s.symbols, *(world.definitions or ())}
            new = relabelled(name, old, changed[old], known) if changed[old] else None
            if new is None:
                raise CannotEvaluate(f"what {name} is at the argument of {function} is not declared")
            out[name] = new
        elif any(old and carried(name, old) == "unclear" for old in changed):
            raise CannotEvaluate(f"whether {name} depends on the argument of {function} is not said")
    if out and copies(out.keys(), d.body):
        raise CannotEvaluate(f"what a name with an index is at the argument of {function} is not said")
    for _, x in subterms(d.body):
        if isinstance(x, Symbol | Call | Density) and _hides(x, changed.keys(), world):
            raise CannotEvaluate(f"{_name_of(x)} in the definition of {function} depends on its argument out of sight")
    return out


def copies(names: Iterable[str], *terms: Term) -> bool:
    r"""Whether a name that carries a parameter stands at an index that may be the parameter's: `\epsilon_{\theta_1}`."""
    wanted = frozenset(names)
    return any(
        isinstance(x, Symbol | Call | Density)
        and _name_of(x) in wanted
        and bool(x.index)
        and (isinstance(x, Density) or not all(i.names and i.names <= {"t", "s"} for i in x.index))
        for t in terms
        for _, x in subterms(t)
    )


def _hides(x: Symbol | Call | Density, formals: Iterable[tuple[str, ...]], world: World) -> bool:
    """Whether the meaning of a name carries a formal that the name itself is not given."""
    rest = world.facts.reach.get(_name_of(x), frozenset()) - {_name_of(x)}
    given = frozenset[str]().union(*(a.names for a in x.arguments)) if isinstance(x, Call) else frozenset[str]()
    return any(
        old and carried(_name_of(x), old) == "no" and old[0] not in given and any(carried(n, old) == "yes" for n in rest)
        for old in formals
    )


def _at_its_time(formal: Symbol, actual: Term, indices: dict[str, int], world: World, env: Env) -> bool:
    """Whether `x_{t-1}` is what `x_t` is at the time that is put in for t.

    Raises:
        CannotEvaluate: it is at another time, and its index would be read at the time that is put in.
    """
    letters = formal.index[0].names
    if not letters <= indices.keys() or not isinstance(actual, Symbol) or actual.name != formal.name:
        return False
    found = matched(formal.index, actual.index, env.indices, world.fixed)
    if found is not None and all(indices.get(name) == value for name, value in found.items()):
        return True
    if any(name in actual.names and indices[name] != env.indices.get(name) for name in letters):
        raise CannotEvaluate(f"{formal.name} is used at two indices in one call")
    return False


def _counts(formal: Term, world: World, env: Env) -> bool:
    """Whether a formal argument is an index letter: the t of `f(x_t, t)`."""
    return isinstance(formal, Symbol) and not formal.index and formal.name in env.indices and formal.name not in world.fixed


def _is_function(t: Term, world: World) -> bool:
    r"""Whether a formal argument is a function that is handed over: `V(D) = E[\log D(x)]`."""
    return isinstance(t, Symbol | Call) and _name_of(t) in world.signature.functions


def _name_of(t: Symbol | Call | Term) -> str:
    return t.function if isinstance(t, Call) else t.name if isinstance(t, Symbol | Density) else ""


def _bind_variable(formal: Symbol, actual: Term, terms: dict[Term, Term], indices: dict[str, int], world: World, env: Env) -> None:
    if isinstance(actual, Symbol) and actual.name == formal.name and formal.index:
        found = matched(formal.index, actual.index, env.indices, world.fixed)
        if found is not None:
            for name, value in found.items():
                if indices.setdefault(name, value) != value:
                    raise Untyped(f"{formal.name} is used at two indices in one call")
            return
    terms[formal] = actual


def _applied_density(d: Definition, head: Density, use: Density, world: World, env: Env) -> tuple[Term, dict[str, int]] | None:
    if len(head.event) != len(use.event) or len(head.given) != len(use.given):
        return None
    terms: dict[Term, Term] = {}
    bound: dict[str, int] = {}
    for formal, actual in zip((*head.event, *head.given), (*use.event, *use.given), strict=True):
        if formal == actual:
            continue
        if not isinstance(formal, Symbol):
            return None
        if isinstance(actual, Symbol) and actual.name == formal.name:
            found = matched(formal.index, actual.index, env.indices, world.fixed)
            if found is None:
                return None
            bound.update(found)
        elif formal.index or isinstance(actual, Symbol):
            return None
        else:
            terms[formal] = actual
    try:
        return (instance(d.body, terms) if terms else d.body), bound
    except Captured as why:
        raise CannotEvaluate(f"a variable bound in the definition of {use.name} is put in for another") from why
