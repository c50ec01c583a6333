r"""The law of a function of a variable: `G(z) \sim p_G` makes p_G the image of z's law under G.

On tables G sends the i-th node of z to node i mod n of x, so that p_G(x) w(x) sums what is sent there, and
a function of G(z) is that function of x read at the image. (Goodfellow et al. 2014, section 4.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from derivcheck.interpreters.exact.tables import axis_weights
from derivcheck.interpreters.exact.values import CannotEvaluate, Value, add, negative, rename
from derivcheck.terms.signature import PushforwardDeclaration
from derivcheck.terms.term import Call, Density, Symbol, Term

if TYPE_CHECKING:
    from derivcheck.interpreters.exact.world import Env, World


def law_of(name: str, world: World) -> PushforwardDeclaration | None:
    """The declaration that makes a density the law of a function."""
    return next((p for p in world.signature.pushforwards if p.law.name == name), None)


def image_in(arguments: tuple[Term, ...], world: World) -> PushforwardDeclaration | None:
    """The declaration of a function that is applied among the arguments: G in `D(G(z))`."""
    functions = {a.function for a in arguments if isinstance(a, Call)}
    return next((p for p in world.signature.pushforwards if p.image.function in functions), None)


def on_axis(t: Density, declared: PushforwardDeclaration, world: World, env: Env) -> Value:
    """log p_G at its variable, at a copy of it, or at G(z)."""
    if image_in(t.event, world) is not None:
        v = at_image(t, declared, world, env)
        return v.with_data(torch.log(v.data))
    x, _ = _keys(declared, world, env)
    here = [k for e in t.event for k in world.symbols_of(e, env.indices)]
    if len(here) != 1 or world.count(here[0]) != world.count(x):
        raise CannotEvaluate(f"{t.name} at something other than its variable has no value here")
    table = log_table(declared, world, env)
    return rename(table, {x: here[0]}) if here[0] != x else table


def log_table(declared: PushforwardDeclaration, world: World, env: Env) -> Value:
    """log p_G over the axis of its variable."""
    x, z = _keys(declared, world, env)
    source = _source(declared, world, env)
    mass = add(source, axis_weights(world, z))
    if mass.axes != (z,):
        raise CannotEvaluate(f"the law of {z} depends on something else")
    nodes = world.count(x)
    sent = [torch.logsumexp(mass.data[:, j::nodes], -1) for j in range(nodes)]
    weights = axis_weights(world, x)
    return add(Value((x,), torch.stack(sent, -1)), negative(weights))


def at_image(use: Call | Density, declared: PushforwardDeclaration, world: World, env: Env) -> Value:
    """A function or density at G(z): its value at x, read at the node that z is sent to."""
    x, z = _keys(declared, world, env)
    point = declared.law.event[0]
    images = [a for a in _arguments(use) if isinstance(a, Call) and a.function == declared.image.function]
    at = {k for a in images for arg in a.arguments for k in world.symbols_of(arg, env.indices)}
    if at != {z}:
        raise CannotEvaluate(f"{declared.image.function} at something other than {z} has no value on tables")
    moved = tuple(point if a in images else a for a in _arguments(use))
    term: Term = Call(use.function, moved, use.index) if isinstance(use, Call) else Density(use.name, moved, use.given)
    v = world.value(term, env)
    if x not in v.axes:
        return v
    position = 1 + v.axes.index(x)
    index = torch.arange(world.count(z)) % world.count(x)
    axes = tuple(z if a == x else a for a in v.axes)
    if axes.count(z) != 1:
        raise CannotEvaluate(f"{z} stands both inside and beside {declared.image.function}")
    return Value(axes, v.data.index_select(position, index), v.rank)


def _arguments(use: Call | Density) -> tuple[Term, ...]:
    return use.arguments if isinstance(use, Call) else use.event


def _keys(declared: PushforwardDeclaration, world: World, env: Env) -> tuple[str, str]:
    x = [k for e in declared.law.event for k in world.symbols_of(e, env.indices)]
    z = [k for a in declared.image.arguments for k in world.symbols_of(a, env.indices)]
    if world.setting.kind != "tables" or len(x) != 1 or len(z) != 1 or world.count(z[0]) < world.count(x[0]):
        raise CannotEvaluate(f"the law of {declared.image.function} has no value here")
    return x[0], z[0]


def _source(declared: PushforwardDeclaration, world: World, env: Env) -> Value:
    """log of the law of z, over its axis."""
    (z,) = (a for a in declared.image.arguments if isinstance(a, Symbol))
    law: Density | None = None
    for s in world.signature.samples:
        if s.variable == z and isinstance(s.law, Density):
            law = s.law if s.law.event else Density(s.law.name, (z,))
    if law is None:
        names = [n for n, d in world.signature.densities.items() if all(f.event == (z,) and not f.given for f in d.factors)]
        if len(names) != 1:
            raise CannotEvaluate(f"the law of {z.name} is not said")
        law = Density(names[0], (z,))
    v = world.value(law, env)
    return v.with_data(torch.log(v.data))
