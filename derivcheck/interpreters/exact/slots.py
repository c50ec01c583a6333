r"""Which of a density's own variables (slots) the text names, and where they lie."""

from __future__ import annotations

from derivcheck.interpreters.exact.keys import base_name, shown
from derivcheck.interpreters.exact.values import (
    CannotEvaluate,
    Value,
)
from derivcheck.interpreters.exact.world import Env, World
from derivcheck.terms.term import (
    Density,
    Symbol,
    SymbolRange,
    Term,
)


def slots(name: str, terms: tuple[Term, ...], world: World, env: Env, *, conditions: bool = False) -> dict[str, str]:
    """The joint's variables that the text names, each with the axis it lies on.

    conditions: one may stand twice, as x_0 does in `q(x_t|x_{t-1},x_0)` at t = 1.
    """
    variables = world.joint(name).variables
    out: dict[str, str] = {}
    for t in terms:
        if not isinstance(t, Symbol | SymbolRange):
            raise CannotEvaluate(
                f"{name} at something other than a variable has no value on tables"
            )
        for key in world.keys(t, env.indices):
            slot = world.drawn_as.get(key, key)
            if slot not in variables:
                slot = base_name(key)
            if slot not in variables and len(variables) == 1 and len(terms) == 1:
                slot = variables[0]
            if slot not in variables:
                raise CannotEvaluate(f"the density {name} is not declared over {shown(key)}")
            if slot in out and not (conditions and out[slot] == key):
                raise CannotEvaluate(f"the density {name} is given {shown(slot)} twice")
            out[slot] = key
    return out


def placed(t: Density, world: World, env: Env) -> tuple[list[str], list[str], Env]:
    """Slots of the event and conditions; terms that are not variables are bound to their slots."""
    variables = world.joint(t.name).variables
    bound: dict[str, Value] = {}
    out: list[list[str]] = [[], []]
    for side, terms in enumerate((t.event, t.given)):
        for x in terms:
            if isinstance(x, Symbol | SymbolRange):
                for key in world.keys(x, env.indices):
                    slot = key if key in variables else base_name(key)
                    if slot not in variables:
                        if len(variables) != 1 or len(terms) != 1:
                            raise CannotEvaluate(
                                f"the density {t.name} is not declared over {key.replace('@', '_')}"
                            )
                        slot = variables[0]
                    if slot != key:
                        bound[slot] = world.value(x, env)
                    out[side].append(slot)
            elif side == 0 and len(t.event) == 1 and len(world.joint(t.name).events) == 1:
                slot = world.joint(t.name).events[0]
                bound[slot] = world.value(x, env)
                out[side].append(slot)
            else:
                raise CannotEvaluate(
                    f"{t.name} at something other than its variables has no value here"
                )
    return out[0], out[1], env.with_values(bound) if bound else env


def named(law: Density, world: World, env: Env) -> dict[str, str]:
    """The keys that a law's event is written with, by slot."""
    variables = world.joint(law.name).variables
    out: dict[str, str] = {}
    for e in law.event:
        for key in world.symbols_of(e, env.indices):
            slot = key if key in variables else base_name(key)
            out[slot if slot in variables or len(variables) != 1 else variables[0]] = key
    return out
