r"""What moves with the time: the t that a term contains, and the symbols whose flows are declared.

A derivative in time that cannot tell all of it has no value: t as an index beside t as the time, a function of t that
is only declared, a symbol that depends on time without a flow, a Stop-Grad (which hides what moves).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivcheck.interpreters.exact.definitions import definitions_of
from derivcheck.interpreters.exact.mentions import reached
from derivcheck.interpreters.exact.values import CannotEvaluate
from derivcheck.terms.substitute import subterms
from derivcheck.terms.term import ELEMENTARY, Call, Derivative, Fold, StopGradient, Symbol, Term

if TYPE_CHECKING:
    from collections.abc import Iterator

    from derivcheck.interpreters.exact.world import World

TIME = "t"


def explicit_time(body: Term, world: World) -> bool:
    """Whether the time itself stands in a term as a number.

    Raises:
        CannotEvaluate: it does, or may, in a way that cannot be differentiated.
    """
    if TIME not in moving_names(body, world):
        return False
    explicit = False
    for x in _meanings(body, world):
        explicit = explicit or (isinstance(x, Symbol) and x.name == TIME and not x.index)
        index = getattr(x, "index", ())
        if isinstance(index, tuple) and any(TIME in i.names for i in index):
            raise CannotEvaluate("t is an index here, so that nothing is differentiated by it")
        if isinstance(x, Fold) and (TIME in x.lower.names | x.upper.names or x.index == TIME):
            raise CannotEvaluate("t bounds a sum here, so that nothing is differentiated by it")
        if isinstance(x, Call) and any(TIME in a.names for a in x.arguments) and not _followed(x, world):
            raise CannotEvaluate(f"how {x.function} depends on the time is not known")
    return explicit


def _followed(x: Call, world: World) -> bool:
    """Whether the derivative sees through a function of the time: elementary, declared with a flow, or defined."""
    declared = world.signature.symbols.get(x.function)
    if declared is not None and declared.time_dependent:
        return x.arguments == (Symbol(TIME),)
    if x.function in ELEMENTARY and x.function not in world.signature.functions:
        return True
    heads = [d.head for d in definitions_of(world, x.function)]
    return bool(heads) and all(isinstance(h, Call) and h.arguments == x.arguments for h in heads)


def all_flow(body: Term, world: World) -> None:
    """Refuse a term that contains what depends on the time in a way that is not declared."""
    flows = {f.name for f in world.signature.flows}
    for name in sorted(moving_names(body, world)):
        declared = world.signature.symbols.get(name)
        if declared is not None and declared.time_dependent and name not in flows and not definitions_of(world, name):
            raise CannotEvaluate(f"{name} depends on the time, but its flow is not declared")
    if any(isinstance(x, StopGradient) for x in _meanings(body, world)):
        raise CannotEvaluate("a time derivative of something behind a Stop-Grad")


def depends(body: Term, world: World) -> bool:
    """Whether a term moves with the time other than through a t of its own."""
    symbols = (world.signature.symbols.get(n) for n in reached(body, world))
    return any(d is not None and d.time_dependent for d in symbols)


def moving_names(body: Term, world: World) -> frozenset[str]:
    """All names that the time may move a term through: those of the velocities in it as well."""
    names = reached(body, world)
    while True:
        bodies = [body, *_bodies(names, world)]
        if not any(isinstance(x, Derivative) and x.kind == "time" for t in bodies for _, x in subterms(t)):
            return names
        more = names.union(*(reached(f.velocity, world) for f in world.signature.flows if f.name in names))
        if more == names:
            return names
        names = more


def _bodies(names: frozenset[str], world: World) -> list[Term]:
    """What the definitions of names say."""
    return [d.body for n in sorted(names) for d in definitions_of(world, n)]


def _meanings(body: Term, world: World) -> Iterator[Term]:
    """The sub-terms of a term, of the definitions that it reaches, and of the velocities in it."""
    names = moving_names(body, world)
    bodies = [body, *_bodies(names, world)]
    if names != reached(body, world) or any(isinstance(x, Derivative) and x.kind == "time" for t in bodies for _, x in subterms(t)):
        bodies += [f.velocity for f in world.signature.flows if f.name in names]
    for t in bodies:
        for _, x in subterms(t):
            yield x
