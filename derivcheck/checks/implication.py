r"""`\iff`, `\implies`: judged where the left side holds; between optimisation problems: one minimiser."""

from __future__ import annotations

from derivcheck.checks import equality
from derivcheck.checks.compare import compare
from derivcheck.checks.evidence import Attempt, Outcome, Question, undecided
from derivcheck.checks.stationary import solved
from derivcheck.interpreters.exact.bench import GROUPS
from derivcheck.interpreters.exact.values import CannotEvaluate
from derivcheck.terms.signature import OptimumDeclaration
from derivcheck.terms.term import Optimum, Relation


def ask(q: Question) -> Outcome:
    """Whether the right side follows from the left side."""
    left, right = q.left, q.right
    if isinstance(left, Optimum) and isinstance(right, Optimum):
        a, b = (Optimum("argmin" if t.kind in ("min", "argmin", "inf") else "argmax", t.over, t.body) for t in (left, right))
        return equality.ask(Question(a, "=", b, q.bench))
    if isinstance(left, Relation) and isinstance(right, Relation) and left.sign == "=" and right.sign == "=":
        return _equations(q, left, right)
    return undecided("an implication between statements that are not equations")


def _equations(q: Question, left: Relation, right: Relation) -> Outcome:
    """The right equation, at the optimum that the left equation determines."""
    plain = equality.ask(Question(right.left, "=", right.right, q.bench))
    if plain.result == "holds":
        return Outcome("holds", "the right side holds in any case", plain.tried, worlds=plain.worlds)
    names = left.names | right.names
    for o in q.bench.signature.optima:
        if o.unknown not in names or o.unknown in q.bench.signature.densities:
            continue
        found = _at_optimum(q, left, right, o)
        if found is not None:
            return found
    return undecided("no world is known on which the left side holds")


def _at_optimum(q: Question, left: Relation, right: Relation, o: OptimumDeclaration) -> Outcome | None:
    tried: list[Attempt] = []
    terms = (left.left, left.right, right.left, right.right)
    for group in GROUPS:
        try:
            setting, world, env, best = solved(q, o, group, terms)
            here = env.with_values({o.unknown: best})
            values = [world.value(t, here) for t in terms]
            given = compare(values[0], values[1], setting.worlds)
            claimed = compare(values[2], values[3], setting.worlds)
        except CannotEvaluate:
            return None
        if not bool((given.difference < 1e-7).all()):
            return None
        if not bool(claimed.equal.all()):
            return None
        tried.append(Attempt(f"{setting.label}, at {o.name}", setting.worlds, setting.worlds, "agree"))
    return Outcome("holds", "it holds where the left side does", tuple(tried), holds_at=f"{o.unknown} = {o.name}", worlds=len(tried))
