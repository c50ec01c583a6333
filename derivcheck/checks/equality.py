r"""`=`: both sides are the same number on every world.

A family that the theory declares is decisive: abstract tables are more general than it, so that they may
confirm a relation but not refute it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import final

from torch import Tensor

from derivcheck.checks.compare import Comparison, compare, magnitude, summands, untyped
from derivcheck.checks.evidence import Attempt, Counterexample, Outcome, Question
from derivcheck.interpreters.exact.bench import GROUPS, Bench, OutOfTime
from derivcheck.interpreters.exact.setting import Kind, Setting
from derivcheck.interpreters.exact.values import CannotEvaluate, ShapesDiffer
from derivcheck.terms.term import Term

Compared = Callable[[Setting], Comparison]  # both sides laid on a batch

ENOUGH = 5
UNRESOLVED = "the quadrature does not resolve the difference"


@final
@dataclass
class Tally:
    """What the batches of one kind of world said."""

    kind: Kind
    usable: int = 0
    equal: int = 0
    different: int = 0
    tried: list[Attempt] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    shapes: str = ""
    untyped: bool = False
    witness: Counterexample | None = None
    unbound: set[str] = field(default_factory=set)
    timeout: bool = False
    blurred: bool = False

    @property
    def enough(self) -> int:
        """How many usable worlds it takes to say that something holds."""
        return ENOUGH if self.kind != "smooth" else 2

    @property
    def holds(self) -> bool:
        """All usable worlds agree, and there are enough."""
        return self.usable >= self.enough and self.equal == self.usable

    @property
    def fails(self) -> bool:
        """At least two worlds differ clearly."""
        return self.different >= 2


def ask(q: Question) -> Outcome:
    """Whether the two sides are equal on all worlds."""
    if q.left == q.right:
        return _same(q)
    return decided_on(q, lambda kind: tally(q.bench, kind, q.left, q.right))


def decided_on(q: Question, count: Callable[[Kind], Tally]) -> Outcome:
    """Kinds of world one after the other, no further than the answer needs."""
    tallies: list[Tally] = []
    kinds = q.bench.kinds(q.left, q.right)
    for kind in kinds:
        if kind == "tables" and len(kinds) > 1 and all(t.holds for t in tallies):
            break
        tallies.append(count(kind))
        if tallies[-1].fails or tallies[-1].timeout:
            break
    return decide(tallies, q)


def _same(q: Question) -> Outcome:
    t = tally(q.bench, q.bench.kinds(q.left, q.right)[0], q.left, q.right)
    return Outcome("holds", "both sides are the same expression", tuple(t.tried), trivial=True, unbound=frozenset(t.unbound), worlds=t.usable)


def tally(bench: Bench, kind: Kind, left: Term, right: Term) -> Tally:
    """Lay both sides on the batches of one kind."""
    out = Tally(kind)
    for setting in _settings(bench, kind, out):
        try:
            c, at = _laid(bench, setting, left, right)
        except OutOfTime as why:
            _not_evaluated(out, setting, str(why))
            out.timeout = True
            break
        except ShapesDiffer as why:
            out.shapes = out.shapes or str(why)
            out.untyped |= untyped(why)
            _not_evaluated(out, setting, str(why))
            break
        except CannotEvaluate as why:
            out.untyped |= untyped(why)
            _not_evaluated(out, setting, str(why))
            if not _elsewhere(kind, why):
                break
            continue
        _count(out, c, at, bench)
        if out.fails:  # no other batch would change that
            break
    if not out.fails and not out.untyped and not out.timeout and (out.blurred or out.usable < out.enough):
        return _refuted_on_bumps(bench, kind, left, right) or out
    return out


def _elsewhere(kind: Kind, why: CannotEvaluate) -> bool:
    """Whether another batch of the kind may have what this one has not: fewer dimensions, integrals on its grid."""
    return (kind == "smooth" and "too many" in str(why)) or "does not converge" in str(why)


def _laid(bench: Bench, setting: Setting, left: Term, right: Term) -> tuple[Comparison, Setting]:
    """Both sides on one batch, with as many quadrature nodes as it takes."""
    c = _compared(bench, setting, left, right)
    if setting.kind == "tables" or bool(c.equal[c.usable].all()):
        return c, setting
    return confirmed(bench, setting, lambda s: _compared(bench, s, left, right), c)


def _refuted_on_bumps(bench: Bench, kind: Kind, left: Term, right: Term) -> Tally | None:
    """A refutation where functions that are only declared real are positive and vanish far out, or None."""
    out = Tally(kind)
    for group in bench.groups(kind):
        setting = bench.with_bumps(kind, group, left, right)
        if setting is None:
            return None
        try:
            c, at = _laid(bench, setting, left, right)
        except CannotEvaluate as why:
            if not _elsewhere(kind, why):
                return None
            continue
        _count(out, c, at, bench)
        if out.fails:
            return out
    return None


def _settings(bench: Bench, kind: Kind, so_far: Tally) -> Iterator[Setting]:
    """The batches of one kind; worlds outside the domain of a side are drawn again."""
    for group in bench.groups(kind):
        yield bench.setting(kind, group)
    for group in GROUPS:
        few = so_far.usable < ENOUGH or (so_far.blurred and so_far.different)
        if few and kind != "smooth":
            yield bench.setting(kind, group + 3)
    for group in GROUPS:
        if so_far.different == 1 and kind != "smooth":  # one more would do
            yield bench.setting(kind, group + 6)
    if so_far.usable == 0 and kind == "tables":
        for group in GROUPS:
            yield bench.where_densities_exceed_one(group)


def _not_evaluated(out: Tally, setting: Setting, reason: str) -> None:
    out.reasons.append(reason)
    out.tried.append(Attempt(f"{setting.label} (T = {setting.horizon})", setting.worlds, reason=reason))


def _compared(bench: Bench, setting: Setting, left: Term, right: Term) -> Comparison:
    parts = [p for side in (left, right) for p in summands(side) if p is not side]
    a, b, *rest = bench.values(setting, (left, right), beside=tuple(parts))
    worlds = setting.worlds
    return compare(a, b, worlds, magnitude(rest, worlds), quadrature=setting.kind == "smooth" or setting.refine > 0)


def confirmed(bench: Bench, setting: Setting, compared: Compared, c: Comparison) -> tuple[Comparison, Setting]:
    """With more quadrature nodes the difference must stay; else the first rule was too coarse."""
    still = c.usable
    for step in range(3):
        finer = bench.refined(setting)
        try:
            d = compared(finer)
        except CannotEvaluate:
            return replace(c, resolved=_settled(setting, compared, c)), setting
        moved = _moved(c, d)
        loose = moved > 0.05 * d.difference + 1e-9 * d.unit
        if bool(d.equal[d.usable].all()) or (bool(d.different.any()) and not bool((loose & d.different).any())):
            return d, finer
        if step:  # the first step may be to a rule of another kind
            still = still & (moved <= 1e-3 * d.difference)
        c, setting = d, finer
    if bool((still & c.different).any()):  # in the other worlds the integral may have no value
        return replace(c, usable=c.usable & still), setting
    return replace(c, resolved=not bool(c.different.any())), setting


def _settled(setting: Setting, compared: Compared, c: Comparison) -> bool:
    """Whether another rule leaves a difference where it was: both are exact for polynomials, and for nothing else."""
    if setting.kind != "linear" or setting.refine or not bool(c.different.any()):
        return True
    for rule in (-1, -2):  # more nodes, or fewer where those are too many
        try:
            d = compared(replace(setting, refine=rule))
        except CannotEvaluate:
            continue
        return not bool((c.different & (_moved(c, d) > 1e-3 * c.difference + 1e-9 * c.unit)).any())
    return True


def _moved(coarse: Comparison, fine: Comparison) -> Tensor:
    """How far more nodes moved the difference, its sign included: a rule that oscillates has settled nothing."""
    if coarse.left.shape != fine.left.shape:
        return (fine.difference - coarse.difference).abs()
    gaps = (c.left - c.right for c in (coarse, fine))
    first, second = (g.nan_to_num(0.0, 0.0, 0.0) for g in gaps)
    return (second - first).abs().amax(-1)


def _count(out: Tally, c: Comparison, setting: Setting, bench: Bench) -> None:
    usable, equal, different = (int(x.sum()) for x in (c.usable, c.equal, c.different))
    out.usable += usable
    out.equal += equal
    out.unbound |= bench.world(setting).unbound
    outcome = "differ" if bool(c.apart.any()) else "agree" if usable else "not evaluated"
    worst = float(c.difference[c.usable].max()) if usable else None
    out.tried.append(Attempt(f"{setting.label} (T = {setting.horizon})", setting.worlds, usable, outcome, worst))
    if not c.resolved:
        out.blurred = True
        out.reasons.append(UNRESOLVED)
    out.different += different
    if different and out.witness is None:
        i = int(c.different.nonzero()[0, 0])
        out.witness = c.counterexample(setting, i)


def decide(tallies: list[Tally], q: Question) -> Outcome:
    """One answer from the kinds of world (the decisive kinds come first)."""
    tried = tuple(line for t in tallies for line in t.tried)
    unbound = frozenset(n for t in tallies for n in t.unbound)
    worlds = sum(t.usable for t in tallies)

    def answer(result: str, reason: str = "", **more: object) -> Outcome:
        no_type = result == "undecided" and any(t.untyped for t in tallies)
        return Outcome(result, reason, tried, unbound=unbound, worlds=worlds, untyped=no_type, **more)  # type: ignore[arg-type]

    families = [t for t in tallies if t.kind != "tables"]
    tables = next((t for t in tallies if t.kind == "tables"), None)
    for t in families or tallies:
        if t.fails:
            return answer("fails", counterexample=t.witness)
    if any(t.timeout for t in tallies):
        return answer("undecided", "timeout")
    for t in families:  # in one dimension everything fits: sides that differ in shape elsewhere are not equal
        if t.shapes and t.shapes != "vacuous":
            return answer("undecided", t.shapes)
    if families:
        good = [t for t in families if t.usable]
        if good and all(t.holds for t in good) and (any(t.kind == "smooth" for t in good) or not q.bench.smooth_matters(q.left, q.right)):
            return answer("holds")
        if tables is not None and tables.holds and not any(t.different or t.blurred for t in families):
            return answer("holds")
        if good and all(t.holds for t in good):
            return answer("undecided", "it holds where all networks are affine; other networks could not be evaluated: " + _reason(families))
        return answer("undecided", _reason(tallies))
    assert tables is not None
    if tables.holds:
        return answer("holds")
    return answer("undecided", _reason(tallies))


def _reason(tallies: list[Tally]) -> str:
    for t in tallies:
        if t.shapes == "vacuous":
            return "nothing that the constant must not contain changes either side"
        if t.shapes:
            return t.shapes
    for t in tallies:
        if t.holds:
            continue
        if t.different and t.kind == tallies[0].kind:
            return "the sides differ on one world only, too few to refute"
        if t.usable and t.equal < t.usable and not t.different:
            return "the difference is between rounding and refutation"
        if t.reasons:
            return t.reasons[0]
        if t.usable and not t.different:
            return f"only {t.usable} worlds lie inside the domain of both sides"
    return "no world could evaluate both sides"
