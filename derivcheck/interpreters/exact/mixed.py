r"""A discrete variable given continuous ones: `p(x|z) p(z)` with a family for z only.

x has finitely many nodes, with probabilities that are smooth random functions of z.
"""

from __future__ import annotations

import torch

from derivcheck.interpreters.exact.conditionals import log_of_keys
from derivcheck.interpreters.exact.factors import (
    Part,
    at_key,
    discrete_variable,
    joint_of,
    parts_of,
)
from derivcheck.interpreters.exact.functions import random_function
from derivcheck.interpreters.exact.quadrature import Binding, bind_joint
from derivcheck.interpreters.exact.tables import Joint, axis_weights
from derivcheck.interpreters.exact.values import (
    ZERO,
    Value,
    add,
    negative,
    rename,
)
from derivcheck.interpreters.exact.world import Env, World


def log_mixed(
    joint: Joint, observed: str, event: list[str], given: list[str], world: World, env: Env
) -> Value:
    """log of a marginal or conditional of p(x|z) p(z): the z that are not named are integrated out."""
    top = _log_marginal(joint, observed, [*event, *given], world, env)
    if not given:
        return top
    bottom = _log_marginal(joint, observed, list(given), world, env)
    return add(top, negative(bottom))


def _log_marginal(joint: Joint, observed: str, keys: list[str], world: World, env: Env) -> Value:
    parts = parts_of(joint, world)
    bare = next(p for p in parts if observed in p.factor.event)
    continuous = joint_of(joint, [p.factor for p in parts if p is not bare])
    names = [k for k in continuous.events if k in keys]
    hidden = [k for k in continuous.events if k not in keys]
    if observed not in keys:
        if not names:
            return ZERO
        return log_of_keys(continuous, names, [], world, env)
    if not hidden:
        log_x = _log_softmax(bare, world, env)
        return add(log_x, log_of_keys(continuous, names, [], world, env)) if names else log_x
    b = bind_joint(continuous, hidden, names, world, env)
    log_x = _log_softmax(bare, world, b.env)
    v = b.mean(log_x.with_data(torch.exp(log_x.data)))
    out = v.with_data(torch.log(v.data))
    return add(out, log_of_keys(continuous, names, [], world, env)) if names else out


def _log_softmax(part: Part, world: World, env: Env) -> Value:
    """log p(x | z) on the nodes of x, over the axis of x: a softmax of random smooth functions of z."""
    (key,) = part.factor.event
    inputs = [at_key(g, world, env) for g in part.factor.given]
    logits = random_function(
        world.draws,
        f"{part.factor.density}@softmax({key})",
        inputs,
        (world.nodes,),
        "real",
        affine=False,
    )
    log_p = torch.log_softmax(logits.data, -1)
    laid = rename(
        Value((*logits.axes, "*softmax"), log_p), {"*softmax": key}
    )  # the diagonal if z depends on x
    order = tuple(sorted(laid.axes))
    weights = axis_weights(world, key)
    return add(Value(order, laid.spread(order)), negative(weights))


def bind_mixed(joint: Joint, event: list[str], given: list[str], world: World, env: Env) -> Binding:
    """Bind variables of p(x|z) p(z): z by its own law, weighted to its law given x; x by its nodes."""
    observed = discrete_variable(joint, world)
    assert observed is not None
    parts = parts_of(joint, world)
    continuous = joint_of(joint, [p.factor for p in parts if observed not in p.factor.event])
    here = [k for k in event if k != observed]
    known = [k for k in given if k != observed]
    b = bind_joint(continuous, here, known, world, env) if here else Binding(env)
    if observed not in event and observed not in given:
        return b
    top = _log_marginal(joint, observed, [*event, *given], world, b.env)
    base = log_of_keys(continuous, here, known, world, b.env) if here else None
    bottom = _log_marginal(joint, observed, list(given), world, b.env) if given else None
    ratio = top
    for v in (base, bottom):
        if v is not None:
            ratio = add(ratio, negative(v))
    axes = b.axes
    if observed in event:
        ratio = add(ratio, axis_weights(world, observed))
        axes = (*axes, observed)
    return Binding(b.env, axes, (*b.weights, ratio.with_data(torch.exp(ratio.data))))
