r"""Relations with x at two times of a path that has one noise, as `\nabla_{x_t} \log q(x_{t-1}|x_0) = \epsilon`.

The joint law of x_t, x_{t-1} and \epsilon is not said, so that most such relations are not judged: x_{t-1} may be
what a sampler makes of x_t. Where neither side moves with x_t and x_{t-1}, no law of theirs can help.
"""

from __future__ import annotations

from derivcheck.checks.compare import FLOOR, Comparison, compare
from derivcheck.checks.evidence import Attempt, Outcome, Question
from derivcheck.interpreters.exact.bench import GROUPS
from derivcheck.interpreters.exact.keys import base_name
from derivcheck.interpreters.exact.setting import Setting
from derivcheck.interpreters.exact.values import CannotEvaluate, Value
from derivcheck.interpreters.exact.variables import point, sharing_a_noise
from derivcheck.interpreters.exact.world import World
from derivcheck.terms.substitute import subterms
from derivcheck.terms.term import (
    Call,
    Covariance,
    Density,
    Derivative,
    Divergence,
    Expectation,
    Integral,
    Moment,
    Optimum,
    Symbol,
    Term,
)

BINDERS = (Expectation, Integral, Divergence, Covariance, Moment, Optimum)


def ask(q: Question) -> Outcome | None:
    """A refutation whatever the law of the path's ends is, or None."""
    if not q.bench.signature.paths or not all(_is_pointwise(t) for t in _meanings(q, q.left, q.right)):
        return None
    try:
        found = [(s, _apart(q, s)) for s in (q.bench.setting("linear", g) for g in GROUPS)]
    except CannotEvaluate:
        return None
    tried: list[Attempt] = []
    for setting, c in found:
        if c is None or not bool(c.different[c.usable].all()) or int(c.usable.sum()) < 2:
            return None
        tried.append(Attempt(setting.label, setting.worlds, int(c.usable.sum()), "differ", float(c.difference[c.usable].max())))
    setting, c = found[0]
    assert c is not None
    at = c.counterexample(setting, int(c.different.nonzero()[0, 0]))
    return Outcome("fails", "neither side depends on x at the two times of its path, and they differ", tuple(tried), at, worlds=sum(t.evaluated for t in tried))


def _meanings(q: Question, *terms: Term) -> tuple[Term, ...]:
    """Terms, what their names are defined as, and so on."""
    seen = dict.fromkeys(terms)
    waiting = list(terms)
    while waiting:
        names = waiting.pop().names
        more = [d.body for d in q.bench.signature.definitions if _named(d.head) in names and d.body not in seen]
        seen.update(dict.fromkeys(more))
        waiting += more
    return tuple(seen)


def _named(head: Term) -> str:
    return head.function if isinstance(head, Call) else head.name if isinstance(head, Symbol | Density) else ""


def _is_pointwise(t: Term) -> bool:
    """Whether a term says something of single points, not of a law."""
    return not any(isinstance(x, BINDERS) for _, x in subterms(t))


def _apart(q: Question, setting: Setting) -> Comparison | None:
    """Both sides at free points of the path's ends, where they do not move with these; None if they do."""
    ends, noises = sharing_a_noise(*q.bench.prepare(setting, (q.left, q.right)))
    world = q.bench.world(setting)
    derived = [x.body for t in (q.left, q.right) for _, x in subterms(t) if isinstance(x, Derivative)]
    if not ends or any(t.names & {base_name(n) for n in noises} for t in _meanings(q, *derived)):
        return None  # a noise below a derivative may be a function of the path's end
    held = {n: point(n, world) for n in noises}
    first, second = (q.bench.values(setting, (q.left, q.right), {**held, **_ends_at(k, ends, world)}) for k in range(2))
    for before, after in zip(first, second, strict=True):
        if bool(compare(before, after, setting.worlds).difference.gt(FLOOR).any()):
            return None
    return compare(first[0], first[1], setting.worlds)


def _ends_at(k: int, ends: frozenset[str], world: World) -> dict[str, Value]:
    """Random points for the path's ends, other ones for each k."""
    shapes = {e: world.shape_of_variable(base_name(e)) for e in ends}
    return {e: Value((), world.draws.normal(f"{e}@free {k}", *shape), len(shape)) for e, shape in shapes.items()}
