r"""`+ const`, `C(..)` and `∝`: equal up to something that must not contain certain names.

The constant is solved for on one draw of those names and tested on others; it may stand anywhere, an
exponent included. Every occurrence is its own, and a constant on one side suffices.
"""

from __future__ import annotations

from dataclasses import replace

import torch

from derivcheck.checks.compare import Comparison, compare, magnitude, summands, untyped
from derivcheck.checks.equality import UNRESOLVED, Tally, confirmed, decided_on
from derivcheck.checks.evidence import Attempt, Counterexample, Outcome, Question, undecided
from derivcheck.interpreters.exact.bench import Bench, OutOfTime
from derivcheck.interpreters.exact.factors import discrete_variables
from derivcheck.interpreters.exact.mentions import free_variables, reached
from derivcheck.interpreters.exact.setting import Kind, Setting, depends_on
from derivcheck.interpreters.exact.values import ZERO, CannotEvaluate, Value, add, union
from derivcheck.interpreters.exact.world import Env, World
from derivcheck.notation import Unreadable, read
from derivcheck.terms.substitute import rebuild, subterms
from derivcheck.terms.term import Add, Density, Symbol, Term, Unknown

VARIANTS = (1, 2)
PARAMETERS = (r"\theta", r"\phi", r"\psi", r"\omega", "w")


def unknowns(*terms: Term) -> tuple[Unknown, ...]:
    """The open constants of a relation, each occurrence once."""
    return tuple(dict.fromkeys(x for t in terms for _, x in subterms(t) if isinstance(x, Unknown)))


def ask(q: Question) -> Outcome:
    """Equality up to a constant, or proportionality."""
    q = Question(q.left, q.sign, _apart(q.right), q.bench)
    open_ones = unknowns(q.left, q.right)
    if q.sign == "propto" and open_ones:
        return undecided("an open constant beside a proportionality")
    tallies: list[Tally] = []

    def count(kind: Kind) -> Tally:
        tallies.append(_tally(q, kind, open_ones))
        return tallies[-1]

    found = decided_on(q, count)
    if all(t.shapes == "vacuous" for t in tallies):
        return undecided("it is not said what the constant must not contain, and neither side contains a parameter or a variable that tells")
    if found.result == "fails" and q.sign != "propto" and (name := _meant(q, open_ones)):
        return undecided(f"it is not said what the constant must not contain; it holds if that is {name}", tried=found.tried)
    return found


def _meant(q: Question, open_ones: tuple[Unknown, ...]) -> str | None:
    """A variable such that the relation holds if the constant need only be free of it, where nothing is said of that."""
    signature = q.bench.signature
    if signature.constant_free_of or any(u.only_of is not None for u in open_ones):
        return None
    world, env = q.bench.prepare(q.bench.setting("tables", 0), (q.left, q.right))
    free = sorted(free_variables(q.left, world, env) | free_variables(q.right, world, env))
    for key in free if 1 < len(free) <= 4 else []:
        name = key.split("@")[0]
        bench = Bench(replace(signature, constant_free_of=(name,)), q.bench.seed, q.bench.count, q.bench.deadline)
        if ask(Question(q.left, q.sign, q.right, bench)).result == "holds":
            return name
    return None


def _apart(t: Term) -> Term:
    """The right side's constants told apart from the left side's: each occurrence is its own."""
    if isinstance(t, Unknown):
        return Unknown(t.name, t.only_of, t.occurrence + 1000)
    return rebuild(t, _apart)


def _tally(q: Question, kind: Kind, open_ones: tuple[Unknown, ...]) -> Tally:
    out = Tally(kind)
    for group in q.bench.groups(kind):
        try:
            _one(q, q.bench.setting(kind, group), open_ones, out)
            if out.fails:  # no other batch would change that
                break
        except OutOfTime as why:
            out.reasons.append(str(why))
            out.timeout = True
            break
        except CannotEvaluate as why:
            out.untyped |= untyped(why)
            out.reasons.append(str(why))
            out.tried.append(Attempt(q.bench.setting(kind, group).label, q.bench.setting(kind, group).worlds, reason=str(why)))
            if kind == "smooth" and "too many" in str(why):
                continue
            break
    return out


def _one(q: Question, setting: Setting, open_ones: tuple[Unknown, ...], out: Tally) -> None:
    bench = q.bench
    names, axes = forbidden(q, setting, open_ones)
    names = tuple(n for n in names if n not in axes or not _on_axis(n, bench.world(setting)))
    if not names and not axes:
        out.shapes = "vacuous"
        raise CannotEvaluate("nothing that the constant must not contain occurs here")
    a, b = _sides(q, setting, open_ones, None)
    constant = _solve(q, setting, open_ones, a, b)
    held = _held(constant, axes)
    worst: Counterexample | None = None
    first: tuple[Value, Value] | None = None
    equal = torch.ones(setting.worlds, dtype=torch.bool)
    different = torch.zeros(setting.worlds, dtype=torch.bool)
    usable = torch.ones(setting.worlds, dtype=torch.bool)
    moved = bool(axes & {*a.axes, *b.axes})
    for k in (0, *VARIANTS):
        varied = setting if k == 0 else setting.redrawn(names, k)
        if k and not names:
            break
        left, right = _sides(q, varied, open_ones, held)
        first = first or (left, right)
        moved = moved or any(_changed(x, y) for x, y in zip(first, (left, right), strict=True))
        c = _compared(q, varied, open_ones, (left, right))
        if setting.kind != "tables" and not bool(c.equal[c.usable].all()):
            c, varied = confirmed(bench, varied, lambda s: _compared(q, s, open_ones, sides_on(q, s)), c)
            if not c.resolved:
                out.blurred = True
                out.reasons.append(UNRESOLVED)
        equal &= c.equal
        usable &= c.usable
        different |= c.different
        if worst is None and bool(c.different.any()):
            i = int(c.different.nonzero()[0, 0])
            worst = c.counterexample(varied, i)
        if int((usable & different).sum()) >= 2:  # that refutes it
            break
    if not moved:
        out.shapes = "vacuous"
        raise CannotEvaluate("nothing that the constant must not contain changes either side")
    n, e, d = int(usable.sum()), int((usable & equal).sum()), int((usable & different).sum())
    out.usable += n
    out.equal += e
    out.different += d
    out.witness = out.witness or worst
    out.unbound |= bench.world(setting).unbound
    outcome = "differ" if d else "agree" if n else "not evaluated"
    out.tried.append(Attempt(f"{setting.label} (T = {setting.horizon}), up to a constant", setting.worlds, n, outcome))


def _compared(q: Question, setting: Setting, open_ones: tuple[Unknown, ...], sides: tuple[Value, Value]) -> Comparison:
    """How far both sides are apart with the constant that was solved for."""
    parts = [p for side in (q.left, q.right) for p in summands(side) if not unknowns(p)]
    sizes = magnitude(q.bench.values(setting, (q.left, q.right), beside=tuple(parts))[2:], setting.worlds) if q.sign != "propto" and parts and not open_ones else None
    return compare(*sides, setting.worlds, sizes, quadrature=setting.kind == "smooth" or setting.refine > 0)


def _on_axis(key: str, world: World) -> bool:
    """Whether a variable is an axis, which shows all its values at once; its measure is not drawn afresh."""
    return world.setting.kind == "tables" or key in discrete_variables(world)


def _sides(q: Question, setting: Setting, open_ones: tuple[Unknown, ...], held: Value | None) -> tuple[Value, Value]:
    """Both sides with the constants at 0, or with the solved constant in place of the first."""
    overrides = at_zero(open_ones)
    if held is not None and open_ones:
        first = open_ones[0]
        overrides[f"?{first.name}#{first.occurrence}"] = held
    a, b = q.bench.values(setting, (q.left, q.right), overrides)
    if q.sign == "propto" and held is not None:
        axes = union(b, held)
        b = Value(axes, b.spread(axes) * held.spread(axes), b.rank)
    return a, b


def at_zero(open_ones: tuple[Unknown, ...]) -> dict[str, Value]:
    """Open constants as what is bound: each the number 0."""
    return {f"?{u.name}#{u.occurrence}": ZERO for u in open_ones}


def _solve(q: Question, setting: Setting, open_ones: tuple[Unknown, ...], a: Value, b: Value) -> Value:
    """The constant that makes the relation hold on this draw."""
    if a.rank or b.rank:
        raise CannotEvaluate("a constant beside something that is not a scalar")
    if q.sign == "propto":
        axes = union(a, b)
        return Value(axes, a.spread(axes) / b.spread(axes))
    gap = add(a, b.with_data(-b.data))
    sign = _added(q, open_ones[0])
    if sign:  # a + const = b: solved without iterating
        return gap.with_data(-sign * gap.data.detach())
    c = Value(gap.axes, torch.zeros_like(gap.data.detach()).expand(setting.worlds, *gap.data.shape[1:]))
    for _ in range(30):
        leaf = c.with_data(c.data.detach().clone().requires_grad_(True))
        with torch.enable_grad():
            left, right = _sides(q, setting, open_ones, leaf)
            gap = add(left, right.with_data(-right.data))
            if set(gap.axes) - set(leaf.axes):
                raise CannotEvaluate("an open constant inside a sum or an integral")
            if not gap.data.requires_grad:
                raise CannotEvaluate("the open constant has no effect")
            (slope,) = torch.autograd.grad(gap.data.sum(), leaf.data)
        step = gap.data.detach() / slope
        c = Value(leaf.axes, leaf.data.detach() - step)
        if float(step.abs().nan_to_num(0.0).max()) < 1e-13 * (1 + float(c.data.abs().nan_to_num(0.0).max())):
            break
    else:
        raise CannotEvaluate("the open constant could not be solved for")
    return c


def _changed(x: Value, y: Value) -> bool:
    """Whether the names drawn afresh changed a side at all."""
    return x.axes != y.axes or x.data.shape != y.data.shape or not torch.allclose(x.data, y.data, rtol=1e-9, atol=1e-12, equal_nan=True)


def _added(q: Question, u: Unknown) -> float:
    """+1 if the constant is added to the left side, -1 to the right side, 0 if it stands elsewhere."""
    for side, sign in ((q.left, 1.0), (q.right, -1.0)):
        parts = side.terms if isinstance(side, Add) else (side,)
        if u in parts and sum(u in unknowns(p) for p in parts) == 1:
            return sign
    return 0.0


def _held(c: Value, forbidden: frozenset[str]) -> Value:
    """The constant at one node of every axis on which it must not depend."""
    axes, data = c.axes, c.data.detach()
    for axis in [a for a in axes if a in forbidden]:
        position = 1 + axes.index(axis)
        data = data.select(position, 0)
        axes = tuple(x for x in axes if x != axis)
    return Value(axes, data)


def sides_on(q: Question, setting: Setting) -> tuple[Value, Value]:
    """Both sides on a world as the witness has them: with the constant that was solved for before the redraw."""
    q = Question(q.left, q.sign, _apart(q.right), q.bench)
    open_ones = unknowns(q.left, q.right)
    base = replace(setting, salt=())
    _, axes = forbidden(q, base, open_ones)
    a, b = _sides(q, base, open_ones, None)
    return _sides(q, setting, open_ones, _held(_solve(q, base, open_ones, a, b), axes))


def forbidden(q: Question, setting: Setting, open_ones: tuple[Unknown, ...]) -> tuple[tuple[str, ...], frozenset[str]]:
    """Names to draw afresh, and axes, that the constant must not depend on."""
    world, env = q.bench.prepare(setting, (q.left, q.right))
    free = free_variables(q.left, world, env) | free_variables(q.right, world, env)
    present = reached(q.left, world) | reached(q.right, world)
    if q.sign == "propto":
        names = q.bench.signature.proportional_in
        keys = _ground(names, free, q, env)
        parameters = [n for n in names if n not in keys and n in present]  # in a parameter, which has no axis
        if not keys and not parameters:
            keys = _event_keys(q.left, world, env)
        return (*parameters, *sorted(keys)), frozenset(keys)
    first = open_ones[0]
    if first.only_of is not None:
        allowed = frozenset(k for t in first.only_of for k in free_variables(t, world, env))
        rest = free - allowed
        return tuple(sorted(rest)), rest
    said = q.bench.signature.constant_free_of
    wanted = [n for n in said if any(depends_on(p, n) for p in present)] if said else []
    keys = _ground(said, free, q, env)
    if not said:
        wanted = [n for n in PARAMETERS if any(depends_on(p, n) and p != n for p in present)]
        if not wanted:
            keys = set(free)
    return (*wanted, *sorted(keys)), frozenset(keys)


def _ground(names: tuple[str, ...], free: frozenset[str], q: Question, env: Env) -> set[str]:
    r"""Free ground keys that names such as `x_0`, `x_{t-1}` or `x` mean."""
    out: set[str] = set()
    for n in names:
        try:
            t = read(n, q.bench.signature)
        except Unreadable:
            continue
        if isinstance(t, Symbol):
            key = q.bench.world(q.bench.setting("tables", 0)).key(t, env.indices)
            out |= {k for k in free if k == key or (not t.index and k.split("@")[0] == t.name)}
    return out


def _event_keys(t: Term, world: object, env: object) -> set[str]:
    """The event of the densities on the left: that is what ∝ is in."""
    for _, x in subterms(t):
        if isinstance(x, Density) and x.event:
            return {k for e in x.event for k in world.symbols_of(e, env.indices)}  # type: ignore[attr-defined]
    return set()
