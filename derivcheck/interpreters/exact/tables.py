r"""Abstract densities as random tables over finite axes; all marginals and conditionals from one joint.

The base measure of an axis is a weight per node, not of mass one, so that densities exceed 1 and a lost
log shows. A conditional of a variable given itself is 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, final

import torch

from derivcheck.interpreters.exact.definitions import definitions_of
from derivcheck.interpreters.exact.values import (
    CannotEvaluate,
    Value,
    add,
    logsumexp_over,
    negative,
    rename,
)

if TYPE_CHECKING:
    from derivcheck.interpreters.exact.world import World


@final
@dataclass(frozen=True)
class GroundFactor:
    """One factor of a joint at ground keys (`x_3` given `x_2`)."""

    density: str
    event: tuple[str, ...]
    given: tuple[str, ...]


@final
@dataclass(frozen=True)
class Joint:
    """The ground factors of one density; roots are conditioned on and have no factor."""

    name: str
    factors: tuple[GroundFactor, ...]

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.name, self.factors))

    @cached_property
    def events(self) -> tuple[str, ...]:
        """Variables with a density, in order."""
        return tuple(dict.fromkeys(e for f in self.factors for e in f.event))

    @cached_property
    def roots(self) -> tuple[str, ...]:
        """Variables that are only conditioned on."""
        events = self.events
        return tuple(dict.fromkeys(g for f in self.factors for g in f.given if g not in events))

    @cached_property
    def variables(self) -> tuple[str, ...]:
        """All variables."""
        return (*self.events, *self.roots)


def axis_weights(world: World, key: str) -> Value:
    """log weights of the nodes of an axis, over that axis."""
    found = world.weights.get(key)
    if found is None:
        found = world.weights[key] = _axis_weights(world, key)
    return found


def _axis_weights(world: World, key: str) -> Value:
    base = world.node_key(key)
    n = world.count(key)
    if world.setting.simple:
        u = torch.clamp(torch.round(2 * world.draws.uniform(f"{base}@weights", n)) / 2, 0.5, 1.0)
    else:
        u = (0.15 + 0.55 * world.draws.uniform(f"{base}@weights", n)) / (2 * n if world.setting.light else 1)
    world.recorded[f"d{base.replace('@', '_')}"] = Value((key,), u)
    return Value((key,), torch.log(u))


def factor_table(world: World, factor: GroundFactor) -> Value:
    """log of a random conditional density, normalised over its event."""
    axes = tuple(sorted((*factor.event, *factor.given)))
    key = f"{factor.density}@({','.join(sorted(factor.event))}|{','.join(sorted(factor.given))})"
    logits = Value(axes, world.draws.normal(key, *(world.count(a) for a in axes)))
    mass = logits
    for e in factor.event:
        mass = logsumexp_over(add(mass, axis_weights(world, e)), e)
    out = add(logits, negative(mass))
    bar = "|" if factor.given else ""
    name = f"{factor.density}({', '.join(factor.event)}{bar}{', '.join(factor.given)})".replace("@", "_")
    world.recorded[name] = out.with_data(torch.exp(out.data))
    return out


def _log_joint(world: World, joint: Joint, extra: tuple[str, ...]) -> Value:
    """log of the joint given its roots, times a random density of the roots in `extra`."""
    for f in joint.factors:
        if f.density != joint.name and f.density in world.joint_names and definitions_of(world, f.density):
            raise CannotEvaluate(f"the factor {f.density}, which a formula gives, has no table here")
    tables = [
        factor_table(world, f)
        if f.density == joint.name or f.density not in world.joint_names
        else log_conditional(world, world.joint(f.density), f.event, f.given)
        for f in joint.factors
    ]
    if extra:
        tables.append(factor_table(world, GroundFactor(joint.name, extra, ())))
    out = tables[0]
    for t in tables[1:]:
        out = add(out, t)
    return out


def log_conditional(world: World, joint: Joint, event: tuple[str, ...], given: tuple[str, ...]) -> Value:
    """log p(event | given) over slot axes (variables of the joint)."""
    event = tuple(sorted(set(event) - set(given)))
    given = tuple(sorted(set(given)))
    key = (joint.name, event, given)
    found = world.table_cache.get(key)
    if found is None:
        found = world.table_cache[key] = _log_conditional(world, joint, event, given)
    return found


def _log_conditional(world: World, joint: Joint, event: tuple[str, ...], given: tuple[str, ...]) -> Value:
    if not event:
        return Value((), torch.zeros(1, dtype=torch.float64))
    unknown = [v for v in (*event, *given) if v not in joint.variables]
    if unknown:
        raise CannotEvaluate(f"the density {joint.name} is not declared over {', '.join(unknown)}")
    for f in joint.factors:
        if set(f.event) == set(event) and set(f.given) == set(given):
            return _log_joint(world, Joint(joint.name, (f,)), ())
    roots = joint.roots
    extra = () if set(roots) <= set(given) else roots
    full = _log_joint(world, joint, extra)
    everything = set(joint.variables)
    numerator = _marginal(world, full, everything - set(event) - set(given) - (set() if extra else set(roots)))
    denominator = _marginal(world, numerator, set(event))
    return add(numerator, negative(denominator))


def _marginal(world: World, table: Value, over: set[str]) -> Value:
    for axis in sorted(over):
        if axis in table.axes:
            table = logsumexp_over(add(table, axis_weights(world, axis)), axis)
    return table


def log_density(world: World, joint: Joint, event: dict[str, str], given: dict[str, str]) -> Value:
    """log density with the joint's slots laid on the axes that the text names (slot -> axis)."""
    table = log_conditional(world, joint, tuple(event), tuple(given))
    names = {slot: axis for slot, axis in (*event.items(), *given.items()) if slot != axis}
    return rename(table, names) if names else table
