r"""Derivatives by a parameter that names carry below: ∇_θ of `p_{\theta}`, `\epsilon_{\theta}`, `\mu_{\theta}`.

What is drawn for such a name is a random smooth function of θ (`setting.Draws`): the body is evaluated in the
same world with θ a leaf, and differentiated forwards, since one θ stands behind all nodes of all axes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from derivcheck.interpreters.exact.definitions import copies, definitions_of
from derivcheck.interpreters.exact.factors import parts_of, whole_joint
from derivcheck.interpreters.exact.gradients import gradients
from derivcheck.interpreters.exact.labels import carried, label_of
from derivcheck.interpreters.exact.mentions import reached
from derivcheck.interpreters.exact.setting import Move
from derivcheck.interpreters.exact.values import CannotEvaluate, ShapesDiffer, Value
from derivcheck.terms.substitute import subterms
from derivcheck.terms.term import Derivative, Optimum, StopGradient, Symbol, Term

if TYPE_CHECKING:
    from derivcheck.interpreters.exact.world import Env, World

_RUNNING = frozenset({"t", "s", r"\tau", *"ijklmnTK"})


def derivative(t: Derivative, wrt: Symbol, key: str, world: World, env: Env) -> Value | None:
    """The derivative by a parameter that names in the body carry; None if none does."""
    label = label_of(key)
    names = reached(t.body, world)
    found = {n: carried(n, label) for n in names if n != wrt.name}
    carriers = sorted(n for n, how in found.items() if how == "yes")
    doubtful = sorted(n for n, how in found.items() if how == "unclear")
    if label[0] in _RUNNING and carriers:  # `p_t` is the law at a time, and what moves it stands elsewhere
        raise CannotEvaluate(f"how {', '.join(carriers)} depends on {wrt.name} is not said")
    if doubtful:
        raise CannotEvaluate(f"whether {', '.join(doubtful)} depends on {wrt.name} is not said")
    if not carriers:
        return None
    for n in carriers:
        _must_move(n, label, wrt, world)
    _nothing_hidden(t.body, names, label, wrt, world)
    start = world.value(wrt, env)
    if start.axes or start.iso:
        raise CannotEvaluate(f"a derivative by {wrt.name}, which is not one value")
    inner, leaf = _moved(label, start, world)
    here = env.with_values({key: Value((), leaf.reshape(-1, *start.shape), start.rank)})
    with torch.enable_grad():
        out = inner.value(t.body, here)
        if not _touches(out, leaf) and not _stopped(t.body):
            raise CannotEvaluate(f"how the body depends on {wrt.name} is not known here")
        return _of_kind(t, out, leaf, start)


def carries(names: frozenset[str], key: str) -> bool:
    """Whether a name carries the parameter at a key, or may."""
    label = label_of(key)
    return any(carried(n, label) != "no" for n in names)


def _moved(label: tuple[str, ...], start: Value, world: World) -> tuple[World, Tensor]:
    """The same world with a leaf for the parameter; moved twice, the one move is inside the other."""
    flat = start.data.expand(world.setting.worlds, *start.shape).reshape(world.setting.worlds, -1)
    before = next((m for m in world.draws.moves if m.label == label), None)
    leaf = flat.clone() if flat.requires_grad else flat.detach().clone().requires_grad_(True)
    by = leaf - flat if before is None else before.by + leaf - flat
    inner = world.again()
    inner.draws.moves = (*(m for m in world.draws.moves if m is not before), Move(label, by))
    inner.look_at(world.free_outside, world.mentioned, world.full_laws, dots=world.dots)
    inner.bare_laws, inner.polynomial = world.bare_laws, world.polynomial
    inner.fresh, inner.unbound = world.fresh, world.unbound
    return inner, leaf


def _must_move(name: str, label: tuple[str, ...], wrt: Symbol, world: World) -> None:
    """A name with a meaning of its own depends on the parameter only through what stands in that meaning."""
    if name in world.variable_names and not name.startswith("u^"):
        raise CannotEvaluate(f"how the variable {name} depends on {wrt.name} is not said")
    if not definitions_of(world, name) and not _in_closed_form(name, world):
        return
    rest = world.facts.reach.get(name, frozenset()) - {name}
    if not any(n == wrt.name or carried(n, label) == "yes" for n in rest):
        raise CannotEvaluate(f"how {name} depends on {wrt.name} is not said")


def _in_closed_form(name: str, world: World) -> bool:
    """Whether all factors of a density have families."""
    if world.setting.kind == "tables" or name not in world.joint_names:
        return False
    return all(p.family is not None for p in parts_of(whole_joint(name, [], world), world))


def _nothing_hidden(body: Term, names: frozenset[str], label: tuple[str, ...], wrt: Symbol, world: World) -> None:
    """Optima and images under functions follow the parameter in ways that no leaf follows."""
    meanings = [body, *(d.body for n in names for d in definitions_of(world, n))]
    if copies({n for n in names if carried(n, label) == "yes"}, *meanings):
        raise CannotEvaluate(f"whether a name with an index depends on {wrt.name} is not said")
    if names & {o.name for o in world.signature.optima} or any(isinstance(x, Optimum) for t in meanings for _, x in subterms(t)):
        raise CannotEvaluate(f"how an optimum depends on {wrt.name} is not known here")
    for p in world.signature.pushforwards:
        own = {p.image.function, p.law.name}
        if own & names and any(carried(n, label) != "no" for n in own):
            raise CannotEvaluate(f"how the law of {p.image.function} depends on {wrt.name} is not known here")


def _stopped(body: Term) -> bool:
    return any(isinstance(x, StopGradient) for _, x in subterms(body))


def _touches(out: Value, leaf: Tensor) -> bool:
    if not out.data.requires_grad:
        return False
    return gradients(out.data.sum(), [leaf], retain_graph=True)[0] is not None


def _of_kind(t: Derivative, out: Value, leaf: Tensor, start: Value) -> Value:
    match t.kind:
        case "hessian":
            return _along(_along(out, leaf, start), leaf, start)
        case "laplacian":
            return _trace(_along(_along(out, leaf, start), leaf, start))
        case "divergence":
            return _trace(_along(out, leaf, start))
        case _:
            return _along(out, leaf, start)


def _along(out: Value, leaf: Tensor, start: Value) -> Value:
    """d out / d parameter at every node: the entries of the parameter come last."""
    if out.rank and start.rank and out.rank + start.rank > 2:
        raise CannotEvaluate("a derivative with more than two indices has no value here")
    columns = _forwards(out.data, leaf)
    if start.rank == 0:
        return Value(out.axes, columns[0], out.rank)
    data = torch.stack(columns, -1)
    return Value(out.axes, data.reshape(*out.data.shape, *start.shape), out.rank + start.rank)


def _forwards(out: Tensor, leaf: Tensor) -> list[Tensor]:
    """The derivative of every entry of `out` by each column of the leaf [W, n], by two backward passes."""
    zeros = [torch.zeros_like(out) for _ in range(leaf.shape[1])]
    if not out.requires_grad:
        return zeros
    probe = torch.ones_like(out, requires_grad=True)
    (back,) = gradients((out * probe).sum(), [leaf], create_graph=True)
    if back is None:
        return zeros
    found: list[Tensor] = []
    for i, zero in enumerate(zeros):
        (g,) = gradients(back[:, i].sum(), [probe], create_graph=True)
        found.append(zero if g is None else g)
    return found


def _trace(v: Value) -> Value:
    if v.rank == 0:
        return v
    if v.rank != 2:
        raise ShapesDiffer("the trace of something that is not a matrix")
    return Value(v.axes, torch.diagonal(v.data, dim1=-2, dim2=-1).sum(-1))
