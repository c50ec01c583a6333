r"""A quick look at many edited right sides: on one batch of worlds, sub-terms evaluated once.

Main definitions: `Screen`, `screen_of`. What passes here is asked again in full (`checks.ask`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache
from typing import final

import numpy as np
import torch
from torch import Tensor

from derivcheck.checks.compare import aligned
from derivcheck.checks.constants import VARIANTS, forbidden, unknowns
from derivcheck.checks.evidence import Question
from derivcheck.interpreters.exact.bench import OutOfTime
from derivcheck.interpreters.exact.mentions import reached
from derivcheck.interpreters.exact.setting import Setting
from derivcheck.interpreters.exact.values import CannotEvaluate
from derivcheck.interpreters.exact.world import Env, TooMuchWork, World
from derivcheck.terms.substitute import rebuild
from derivcheck.terms.term import (
    Add,
    Call,
    Constant,
    Covariance,
    Density,
    Divergence,
    Expectation,
    Fold,
    Integral,
    Negate,
    Power,
    Symbol,
    SymbolRange,
    Term,
    Transpose,
    Unknown,
)
from derivcheck.verdicts.candidates import Candidate
from derivcheck.verdicts.edits._edit import ZERO

CLOSE = 1e-7
OVERHEAD = 1  # what laying out and comparing a candidate costs, in evaluated sub-terms
CLOSE_QUADRATURE = 1e-4
_BINDERS = (Expectation, Covariance, Integral, Divergence, Fold)

Context = tuple[frozenset[str], frozenset[str], dict[str, Density], bool]


@final
@dataclass
class Screen:
    """One relation on one batch of worlds: how far a right side is from the left one.

    variants: the same worlds with what an open constant must not contain drawn afresh; log: sides are
    compared as ratios. work: how many sub-terms have been evaluated. base: the gap of the text as it
    stands. unit: its size.
    """

    question: Question
    setting: Setting
    variants: tuple[Setting, ...] = ()
    axes: frozenset[str] = frozenset()
    log: bool = False
    work: int = 0
    base: Tensor = field(default_factory=lambda: torch.zeros(0))
    unit: float = 1.0
    seen: dict[Term, frozenset[object]] = field(default_factory=dict)

    def gap_of(self, c: Candidate) -> Tensor | None:
        """The gap that a candidate leaves; None if it has no value here."""
        same = all(self._atoms(x.old) == self._atoms(x.new) for x in c.changes)
        return self.gap(c.term, as_written=same)

    def gap(self, right: Term, *, as_written: bool = False, most: float = math.inf) -> Tensor | None:
        """left - right by world and node, what a constant may hold taken out; None if it has no value.

        as_written: the term binds and mentions the variables that the right side of the text does.

        Raises:
            TooMuchWork: this look takes more work than `most`.
        """
        until = self.work + most
        try:
            gaps = [
                self._one(s, right, as_written=as_written, most=until - self.work)
                for s in (self.setting, *self.variants)
            ]
        except (OutOfTime, TooMuchWork):
            raise
        except Exception:  # noqa: BLE001 - an edit may give a term that no text could: it has no value
            return None
        if any(g.shape != gaps[0].shape for g in gaps):
            return None
        if not self.variants:
            return gaps[0].reshape(gaps[0].shape[0], -1)
        return torch.cat([(g - gaps[0]).reshape(g.shape[0], -1) for g in gaps[1:]], -1)

    def closes(self, gap: Tensor) -> bool:
        """Whether a gap is none, as far as a quick look can tell."""
        tolerance = (CLOSE_QUADRATURE if self.setting.kind == "smooth" else CLOSE) * self.unit
        size = np.abs(gap.detach().numpy())
        good = np.isfinite(size)
        if good.any(-1).sum() < min(2, len(size)):
            return False
        return bool((size[good] <= tolerance).all())

    def _atoms(self, t: Term) -> frozenset[object]:
        """What of a term decides which variables a relation binds and mentions."""
        found = self.seen.get(t)
        if found is None:
            found = self.seen[t] = _own_atoms(t, self._world(self.setting)).union(
                *(self._atoms(c) for c in t.children)
            )
        return found

    def _world(self, setting: Setting) -> World:
        return self.question.bench.world(setting)

    def _one(self, setting: Setting, right: Term, *, as_written: bool, most: float) -> Tensor:
        left, right = closed(self.question.left), closed(right)
        bench = self.question.bench
        world, env = bench.prepare(
            setting, (left, closed(self.question.right) if as_written else right)
        )
        before = world.effort()
        try:
            with world.within(most):
                a, b = world.value(left, env), world.value(right, env)
        finally:
            self.work += world.effort() - before + OVERHEAD
        if world.effort() - before > most:
            raise TooMuchWork
        if self.log:
            a, b = (v.with_data(torch.log(v.data.detach())) for v in (a, b))
        x, y, axes = aligned(a, b)
        gap = x - y
        for axis in self.axes & {*axes}:
            position = 1 + axes.index(axis)
            gap = gap - gap.select(position, 0).unsqueeze(position)
        return gap.expand(setting.worlds, *gap.shape[1:])


def screen_of(q: Question, most: float) -> Screen | None:
    """A batch of worlds on which the relation clearly fails; None if the quick look is not for it.

    Raises:
        TooMuchWork: one look takes more than `most`.
    """
    opened = unknowns(q.left, q.right)
    if q.sign not in ("=", ":=", "propto") or (opened and not _takes_out(q)):
        return None
    log = q.sign == "propto" or (bool(opened) and _exponential(q.left) and _exponential(q.right))
    for kind in q.bench.kinds(q.left, q.right):
        for group in q.bench.groups(kind):
            setting = q.bench.setting(kind, group)
            names: tuple[str, ...] = ()
            axes: frozenset[str] = frozenset()
            try:
                if opened or q.sign == "propto":
                    names, axes = forbidden(q, setting, opened)
                    if not names and not axes:
                        continue
                variants = tuple(setting.redrawn(names, k) for k in VARIANTS[:1]) if names else ()
                made = Screen(q, setting, variants, axes, log)
                gap = made.gap(q.right, most=most)
            except OutOfTime:
                raise
            except CannotEvaluate:
                break
            if gap is None:
                break
            made.base = gap
            made.unit = float(
                torch.where(torch.isfinite(gap), gap.abs(), torch.zeros_like(gap)).amax()
            )
            if made.unit > 1e-9:
                return made
    return None


def _takes_out(q: Question) -> bool:
    """Whether each open constant is a summand of its side, or of its side's exponent."""
    if _exponential(q.left) and _exponential(q.right):
        return True
    return all(_is_summand(u, side) for side in (q.left, q.right) for u in unknowns(side))


def _is_summand(u: Unknown, t: Term) -> bool:
    match t:
        case Unknown():
            return t == u
        case Add(terms):
            return any(_is_summand(u, x) for x in terms)
        case Negate(body):
            return _is_summand(u, body)
        case _:
            return False


def _exponential(t: Term) -> bool:
    return (isinstance(t, Call) and t.function == "exp") or (
        isinstance(t, Power) and t.base == Constant("e")
    )


def closed(t: Term) -> Term:
    """t with its open constants at zero."""
    if isinstance(t, Unknown):
        return ZERO
    return rebuild(t, closed) if _has_unknown(t) else t


@lru_cache(maxsize=4096)
def _has_unknown(t: Term) -> bool:
    return isinstance(t, Unknown) or any(_has_unknown(c) for c in t.children)


def _own_atoms(t: Term, world: World) -> frozenset[object]:
    found: set[object] = set()
    if isinstance(t, Transpose):
        found.add("transpose")
    elif isinstance(t, _BINDERS):
        found.add(
            (type(t), getattr(t, "over", None), getattr(t, "law", None), getattr(t, "index", None))
        )
    elif isinstance(t, Symbol | SymbolRange | Density | Call) and _moves(t, world):
        found.add((t.function, t.index) if isinstance(t, Call) else t)
    index = getattr(t, "index", ())
    if isinstance(index, tuple):
        found.update(n for i in index for n in i.names)  # type: ignore[union-attr]
    return frozenset(found)


def _moves(t: Symbol | SymbolRange | Density | Call, world: World) -> bool:
    if isinstance(t, Density | SymbolRange):
        return True
    name = t.function if isinstance(t, Call) else t.name
    near = reached(t, world) if isinstance(t, Symbol) else world.reach.get(name, frozenset({name}))
    return bool(near & (world.variable_names | world.joint_names))


__all__ = ["Env", "Screen", "closed", "screen_of"]
