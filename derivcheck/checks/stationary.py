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
from derivcheck.interpreters.exact.values import CannotEvaluate, Value, add
from derivcheck.terms.signature import OptimumDeclaration
from derivcheck.terms.substitute import subterms
from derivcheck.terms.term import Call, Derivative, Number, Symbol, Term


def unknown_of(q: Question) -> OptimumDeclaration | None:
    """The declared optimum whose unknown occurs in the relation."""
    names = q.left.names | q.right.names
    for o in q.bench.signature.optima:
        if o.unknown in names and o.unknown not in q.bench.signature.densities:
            return o
    return None


def is_condition(left: Term, right: Term, unknown: str) -> bool:
    r"""Whether `left = right` sets a derivative by the unknown to zero."""
    zero = [t for t in (left, right) if isinstance(t, Number) and t.value == 0]
    return bool(zero) and any(mentions_derivative(t, unknown) for t in (left, right))


def mentions_derivative(t: Term, unknown: str) -> bool:
    """Whether a derivative by the unknown stands in the term."""
    return any(isinstance(x, Derivative) and _name(x.wrt) == unknown for _, x in subterms(t))


def _name(t: Term) -> str | None:
    return t.function if isinstance(t, Call) else t.name if isinstance(t, Symbol) else None


def ask(q: Question, o: OptimumDeclaration) -> Outcome | None:
    """Whether the relation holds at the optimum and determines it; None if it cannot be told."""
    tried: list[Attempt] = []
    for group in GROUPS:
        setting = q.bench.setting("tables", group)
        try:
            world, env = q.bench.prepare(setting, (q.left, q.right))
            best, _ = solve(o.optimum, o.unknown, world, env)
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


def _residual(a: Value, b: Value, worlds: int) -> torch.Tensor:
    gap = add(a, b.with_data(-b.data)).data.detach().abs()
    return gap.reshape(gap.shape[0], -1).amax(-1).expand(worlds)
