r"""Abstract densities as random tables on few nodes: drawn factor by factor, their values as mass over weight.

A node has a weight of the base measure (not of mass one), so that densities exceed 1 and a lost log shows.
Main definitions: `Tables`.
"""

from __future__ import annotations

import math
from typing import final

import torch
from torch import Tensor

from derivcheck.interpreters.sampling.drawn import CannotSample
from derivcheck.interpreters.sampling.instance import Instance
from derivcheck.interpreters.sampling.joints import Joint, Part, ancestral
from derivcheck.interpreters.sampling.keys import base
from derivcheck.interpreters.sampling.noise import Noise

Rows = dict[str, Tensor]
"""Node numbers by variable, each [n] or [1]."""

MOST_CELLS = 100_000


@final
class Tables:
    """The tables of one instance."""

    def __init__(self, model: Instance) -> None:
        """Nothing is drawn yet."""
        self.model = model
        self._marginals: dict[tuple[str, tuple[str, ...]], Tensor] = {}
        self._whole: dict[str, Tensor] = {}

    # -- axes ---------------------------------------------------------------------------------------

    def axis(self, key: str) -> str:
        """Whose nodes a variable has: z_1 has those of z where z is a variable of a density.

        Raises:
            CannotSample: no density has it.
        """
        if key in self.model.slots:
            return key
        if base(key) in self.model.slots and base(key) not in self.model.borrowed:
            return base(key)
        raise CannotSample(f"no density has {key.replace('@', '_')}")

    @property
    def count(self) -> int:
        """Nodes of every axis."""
        return 3 if len(self.model.slots) <= 4 else 2

    def weights(self, key: str) -> Tensor:
        """The base measure, [k]."""
        return torch.exp(0.5 * self.model.normal(f"{self.axis(key)}@weights", self.count)) * 0.3

    def values(self, key: str) -> Tensor:
        """What the variable is at its nodes, [k, *shape]."""
        declared = self.model.signature.symbols.get(base(key))
        if declared is not None and declared.domain != "real":
            raise CannotSample(f"the values of {base(key)} are {declared.domain}")
        return self.model.normal(f"{self.axis(key)}@nodes", self.count, *self.model.shape_of(key))

    # -- masses -------------------------------------------------------------------------------------

    def _factor(self, part: Part) -> Tensor:
        """Mass of the event for all conditions, over (*given, *event)."""
        k, m, n = self.count, len(part.given), len(part.event)
        if k ** (m + n) > MOST_CELLS:
            raise CannotSample("a table too large to draw")
        name = f"{part.density}({','.join(part.event)}|{','.join(part.given)})"
        raw = self.model.normal(name, *(k,) * m, k**n)
        return torch.softmax(raw, -1).reshape((k,) * (m + n))

    def _mass(self, joint: Joint) -> Tensor:
        """Mass of everything, over sorted variables; every root is uniform, which no conditional shows."""
        found = self._whole.get(joint.name)
        if found is None:
            order = sorted(joint.variables)
            if self.count ** len(order) > MOST_CELLS:
                raise CannotSample("a table too large to draw")
            found = torch.ones((1,) * len(order), dtype=torch.float64) / self.count ** len(joint.roots)
            for part in joint.parts:
                own = (*part.given, *part.event)
                places = sorted(range(len(own)), key=lambda i: order.index(own[i]))
                shape = [self.count if v in own else 1 for v in order]
                found = found * self._factor(part).permute(places).reshape(shape)
            found = self._whole[joint.name] = found.expand((self.count,) * len(order))
        return found

    def _marginal(self, joint: Joint, keys: tuple[str, ...]) -> Tensor:
        """Mass of some variables, over them in this order."""
        found = self._marginals.get((joint.name, keys))
        if found is None:
            order = sorted(joint.variables)
            rest = [i for i, v in enumerate(order) if v not in keys]
            small = self._mass(joint).sum(rest) if rest else self._mass(joint)
            left = [v for v in order if v in keys]
            found = self._marginals[joint.name, keys] = small.permute([left.index(k) for k in keys])
        return found

    def log_density(self, joint: Joint, event: dict[str, Tensor], given: dict[str, Tensor]) -> Tensor:
        """log of the density's value at rows of nodes, [n]."""
        for r in joint.roots:
            if r not in given:
                raise CannotSample(f"{joint.name} is not given what it is conditioned on")
        whole = {**given, **event}
        out = torch.log(self._at(joint, whole))
        if given:
            out = out - torch.log(self._at(joint, given))
        for slot, node in event.items():
            if slot not in given:
                out = out - torch.log(self.weights(slot))[node]
        return out

    def _at(self, joint: Joint, nodes: dict[str, Tensor]) -> Tensor:
        keys = tuple(sorted(nodes))
        return self._marginal(joint, keys)[tuple(nodes[k] for k in keys)]

    # -- draws --------------------------------------------------------------------------------------

    def draw(self, joint: Joint, event: tuple[str, ...], given: Rows, n: int, g: Noise) -> Rows:
        """n draws of event | given: factor by factor where the order of the factors allows it, else from the conditional."""
        parts = ancestral(joint, event, frozenset(given))
        known = dict(given)
        if parts is None:
            keys = tuple(given)
            table = self._marginal(joint, (*keys, *event))
            self._choose(table, [known[k] for k in keys], event, n, g, known)
        else:
            for part in parts:
                self._choose(self._factor(part), [known[k] for k in part.given], part.event, n, g, known)
        return {k: known[k] for k in event}

    def _choose(self, table: Tensor, rows: list[Tensor], event: tuple[str, ...], n: int, g: Noise, known: Rows) -> None:
        mass = table[tuple(rows)] if rows else table.unsqueeze(0)
        ladder = mass.reshape(mass.shape[0], -1).cumsum(-1)
        height = g.uniform(n) * ladder[:, -1:]
        place = (height >= ladder[:, :-1]).sum(-1)
        for key in reversed(event):
            known[key] = place % self.count
            place = place // self.count

    def grid(self, keys: tuple[str, ...]) -> Rows:
        """All combinations of nodes, [count ** len(keys)] rows."""
        total = self.count ** len(keys)
        if total > MOST_CELLS:
            raise CannotSample("too many combinations of nodes to go through")
        place = torch.arange(total)
        return {key: place // self.count**i % self.count for i, key in enumerate(reversed(keys))}

    def mass(self, joint: Joint, event: Rows, given: Rows) -> Tensor:
        """Mass of event | given at rows of nodes."""
        whole = self._at(joint, {**given, **event})
        return whole / self._at(joint, given) if given else whole

    def cells(self, keys: tuple[str, ...]) -> int:
        """How many combinations of nodes there are."""
        return math.prod(self.count for _ in keys)
