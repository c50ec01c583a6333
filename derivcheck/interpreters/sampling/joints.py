r"""A joint density as the factors it is declared with, at ground variables, and the order they are drawn in.

Main definitions: `Part`, `Joint`, `ground_joint`, `ancestral`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import final

from derivcheck.interpreters.sampling.drawn import CannotSample
from derivcheck.interpreters.sampling.keys import Indices, integer, key_of, placed_index
from derivcheck.terms.signature import DensityDeclaration
from derivcheck.terms.term import Symbol, SymbolRange, Term

MOST_PARTS = 64


@final
@dataclass(frozen=True)
class Part:
    """One factor: the density's name, its variables and what they are given."""

    density: str
    event: tuple[str, ...]
    given: tuple[str, ...]


@final
@dataclass(frozen=True)
class Joint:
    """The factors of one density, causes before effects; roots are only conditioned on."""

    name: str
    parts: tuple[Part, ...]

    @cached_property
    def events(self) -> tuple[str, ...]:
        """All variables that are drawn."""
        return tuple(dict.fromkeys(e for p in self.parts for e in p.event))

    @cached_property
    def roots(self) -> tuple[str, ...]:
        """All variables that are only conditioned on."""
        return tuple(dict.fromkeys(g for p in self.parts for g in p.given if g not in self.events))

    @cached_property
    def variables(self) -> frozenset[str]:
        """All variables."""
        return frozenset((*self.events, *self.roots))

    def part_of(self, key: str) -> Part | None:
        """The factor that draws a variable."""
        return next((p for p in self.parts if key in p.event), None)

    def behind(self, keys: tuple[str, ...], stop: frozenset[str]) -> frozenset[str]:
        """The variables that keys are drawn from, themselves included, none of `stop` nor what is only behind it."""
        found: set[str] = set()
        left = [k for k in keys if k not in stop]
        while left:
            key = left.pop()
            if key in found:
                continue
            found.add(key)
            part = self.part_of(key)
            if part is not None:
                left += [k for k in (*part.event, *part.given) if k not in stop]
        return frozenset(found)


def ground_joint(declared: DensityDeclaration, fixed: Indices) -> Joint:
    """The factors of a declaration where T and the like have values.

    Raises:
        CannotSample: an index has no value, a variable is drawn twice, or there is no order to draw in.
    """
    parts: list[Part] = []
    for f in declared.factors:
        if f.index is None:
            spans = [fixed]
        else:
            if f.lower is None or f.upper is None:
                raise CannotSample(f"the factors of {declared.name} have no range")
            low, high = integer(f.lower, fixed), integer(f.upper, fixed)
            if high - low >= MOST_PARTS:
                raise CannotSample(f"{declared.name} has too many factors")
            spans = [{**fixed, f.index: i} for i in range(low, high + 1)]
        for at in spans:
            event, given = (tuple(k for x in side for k in _ground(x, at)) for side in (f.event, f.given))
            parts.append(Part(f.density or declared.name, event, given))
    drawn = [e for p in parts for e in p.event]
    if len(set(drawn)) != len(drawn):
        raise CannotSample(f"{declared.name} draws a variable twice")
    return Joint(declared.name, _ordered(declared.name, parts))


def _ground(t: Term, at: Indices) -> list[str]:
    if isinstance(t, Symbol):
        return [key_of(Symbol(t.name, tuple(placed_index(i, at) for i in t.index)))]
    if isinstance(t, SymbolRange):
        return [f"{t.name}@{i}" for i in range(integer(t.lower, at), integer(t.upper, at) + 1)]
    raise CannotSample("a density of something that is no variable")


def _ordered(name: str, parts: list[Part]) -> tuple[Part, ...]:
    drawn = {e for p in parts for e in p.event}
    out: list[Part] = []
    while parts:
        ready = [p for p in parts if not drawn.intersection(p.given)]
        if not ready:
            raise CannotSample(f"the factors of {name} go round in a circle")
        out += ready
        parts = [p for p in parts if p not in ready]
        drawn -= {e for p in ready for e in p.event}
    return tuple(out)


def ancestral(joint: Joint, event: tuple[str, ...], given: frozenset[str]) -> tuple[Part, ...] | None:
    """The factors that draw event | given one after the other; None if what is given says something of its causes.

    Raises:
        CannotSample: the density has no such variables, or a root is not given.
    """
    missing = [k for k in (*event, *given) if k not in joint.variables]
    if missing:
        raise CannotSample(f"{joint.name} is not declared over {missing[0].replace('@', '_')}")
    drawn = joint.behind(event, given)
    if any(k in joint.roots for k in drawn):
        raise CannotSample(f"{joint.name} is not given what it is conditioned on")
    for g in given:
        part = joint.part_of(g)
        if part is not None and joint.behind((*part.event, *part.given), given) & drawn:
            return None
    return tuple(p for p in joint.parts if drawn.intersection(p.event))
