r"""Equations that determine a declared optimum: judged at the optimum only.

An equation such as f_1/D = f_0/(1-D) is no identity. It counts as one that determines D where D's optimum
is declared, a stationarity condition stands before it in the question, it fails at a random D, and at the
optimum its residual vanishes with a non-zero slope (a value that merely is reached there has none).
"""

from __future__ import annotations

import torch

from derivcheck.checks.compare import Comparison, compare
from derivcheck.checks.evidence import Attempt, Outcome, Question
from derivcheck.interpreters.exact.bench import GROUPS
from derivcheck.interpreters.exact.optima import solve
from derivcheck.interpreters.exact.setting import Setting
from derivcheck.interpreters.exact.values import CannotEvaluate, Value, add, negative
from derivcheck.interpreters.exact.world import Env, World
from derivcheck.terms.signature import OptimumDeclaration
from derivcheck.terms.term import (
    Call,
    Density,
    Derivative,
    Expectation,
    Integral,
    Number,
    Symbol,
    Term,
)


def unknown_of(q: Question) -> OptimumDeclaration | None:
    """The declared optimum whose unknown occurs in the relation."""
    names = q.left.names | q.right.names
    for o in q.bench.signature.optima:
        if o.unknown in names and o.unknown not in q.bench.signature.densities:
            return o
    return None


def is_condition(left: Term, right: Term, unknown: str) -> bool:
    r"""Whether `left = right` sets a derivative by the unknown to zero."""
    return (is_zero(left) or is_zero(right)) and unknown in differentiated_by(left) | differentiated_by(right)


def is_zero(t: Term) -> bool:
    """Whether a term is the number 0."""
    return isinstance(t, Number) and t.value == 0


def differentiated_by(t: Term, *kinds: str) -> frozenset[str]:
    """The names by which derivatives (of these kinds; of any, if none is named) are taken in a term, where they are free."""
    return frozenset(_name(w) for w in _by(t, kinds))


def _by(t: Term, kinds: tuple[str, ...]) -> frozenset[Symbol | Call]:
    found = frozenset[Symbol | Call]().union(*(_by(c, kinds) for c in t.children))
    if isinstance(t, Derivative) and isinstance(t.wrt, Call | Symbol) and (not kinds or t.kind in kinds):
        return found | {t.wrt}
    return found - _bound(t) if found else found


def _bound(t: Term) -> frozenset[Term]:
    r"""What a binder binds: no equation determines the x of `E_{q(x)}[\nabla_x f(x)] = 0`."""
    if isinstance(t, Expectation):
        return frozenset((*t.over, *(t.law.event if isinstance(t.law, Density) else ())))
    return frozenset(t.over) if isinstance(t, Integral) else frozenset()


def _name(wrt: Symbol | Call) -> str:
    return wrt.function if isinstance(wrt, Call) else wrt.name


def ask(q: Question, o: OptimumDeclaration) -> Outcome | None:
    """Whether the relation holds at the optimum and determines it; None if it cannot be told."""
    tried: list[Attempt] = []
    for group in GROUPS:
        try:
            setting, world, env, best = solved(q, o, group, (q.left, q.right))
            residuals: list[torch.Tensor] = []
            compared: list[Comparison] = []
            for h in (0.0, 1e-3, 1e-4):
                moved = best.with_data(best.data + h * best.data * (1 - best.data))
                a, b = (world.value(t, env.with_values({o.unknown: moved})) for t in (q.left, q.right))
                if not set(best.axes) <= {*a.axes, *b.axes}:
                    return None  # one number does not determine a function
                compared.append(compare(a, b, setting.worlds))
                residuals.append(_residual(a, b, setting.worlds))
        except CannotEvaluate:
            return None
        base = compared[0]
        if not bool((base.difference <= 1e-7 * torch.clamp(base.unit, min=1.0))[base.usable].all()) or int(base.usable.sum()) < 2:
            return None
        ratio = residuals[1] / residuals[2].clamp(min=1e-300)
        if not bool(((ratio > 5) & (ratio < 20)).all()):
            return None
        tried.append(Attempt(f"{setting.label}, at {o.name}", setting.worlds, int(base.usable.sum()), "agree", float(base.difference.max())))
    return Outcome("holds", f"an equation that determines {o.unknown}: it holds at {o.name}, not for every {o.unknown}", tuple(tried), holds_at=f"{o.unknown} = {o.name}", worlds=len(tried))


def solved(q: Question, o: OptimumDeclaration, group: int, terms: tuple[Term, ...]) -> tuple[Setting, World, Env, Value]:
    """One batch of tables with the optimum on it."""
    setting = q.bench.setting("tables", group)
    world, env = q.bench.prepare(setting, terms)
    return setting, world, env, solve(o.optimum, o.unknown, world, env)[0]


def _residual(a: Value, b: Value, worlds: int) -> torch.Tensor:
    gap = add(a, negative(b)).data.detach().abs()
    return gap.reshape(gap.shape[0], -1).amax(-1).expand(worlds)
