r"""Quadratic forms that are sums of squares.

Main definitions: `sum_of_squares`, `with_middle`. A form in v^T M w, or in tr(A M B^T), with one positive weight
and one positive definite M (or none), is Σ_ij Q_ij ⟨v_i, v_j⟩; it is never negative if Q is positive
semidefinite, which is decided exactly.
"""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING

from derivcheck.interpreters.symbolic.form import (
    Form,
    Letter,
    Monomial,
    Unfit,
    Word,
    reverse,
    times,
)
from derivcheck.laws._structure import multiply, product_of
from derivcheck.terms.term import Call, Integral, Multiply, Power, Symbol, Term, Transpose

if TYPE_CHECKING:
    from derivcheck.interpreters.symbolic.engine import Engine

Pair = tuple[object, object]
Kind = tuple[tuple[Term, ...], Term | None]  # the variables of the integrals around, from outside; the matrix between


def sum_of_squares(f: Form, engine: Engine) -> bool:
    """Whether a form is a sum of squares with positive weights."""
    return _numbers(f) or _weighted(f, engine)


def _numbers(f: Form) -> bool:
    """Whether a scalar polynomial is Σ Q_ij b_i b_j over the roots b_i of its square monomials, Q semidefinite."""
    squares = [m for m, _ in f.terms if all(e.denominator == 1 and e % 2 == 0 for _, e in m)]
    roots = [tuple((a, e / 2) for a, e in m) for m in squares]
    pairs = {times(a, b): (a, b) for i, a in enumerate(roots) for b in roots[i:]}
    entries = {pairs[m]: c for (m, _), c in f.terms.items() if m in pairs}
    return bool(roots) and len(entries) == len(f.terms) and _semidefinite(dict(entries))  # type: ignore[arg-type]


def _weighted(f: Form, engine: Engine) -> bool:
    groups: dict[tuple[Kind, Monomial], dict[Pair, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    traces: dict[Monomial, dict[Call, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    for (m, _), c in f.terms.items():
        trace = next((a for a, e in m if isinstance(a, Call) and a.function == "tr" and e == 1), None)
        if trace is not None:
            outer = tuple(p for p in m if p[0] != trace)
            if not all(engine.positive(a) for a, _ in outer):
                return False
            traces[outer][trace] += c
            continue
        found = _quadratic(m, engine)
        if found is None:
            return False
        kind, weight, pair = found
        groups[(kind, weight)][pair] += c
    if not groups and not traces:
        return False
    squares = all(_semidefinite(g) for g in groups.values()) or all(_scaled({w: g for (k, w), g in groups.items() if k == kind}) for kind, _ in groups)
    return squares and all(_traces(g, engine) for g in traces.values())


def _scaled(weighted: dict[Monomial, dict[Pair, Fraction]]) -> bool:
    """Whether a sum is one of squares of vectors times the roots of their weights: w v^T v - 2 v^T u + u^T u / w."""
    own = {v: weight for weight, entries in weighted.items() for v, w in entries if v == w}
    together: dict[Pair, Fraction] = defaultdict(Fraction)
    for weight, entries in weighted.items():
        for (v, w), c in entries.items():
            if v not in own or w not in own or times(weight, weight) != times(own[v], own[w]):
                return False
            together[(v, w)] += c
    return _semidefinite(together)


def with_middle(square: Term, m: Term, engine: Engine) -> Term | None:
    r"""u M u^T within the trace, or v^T M v, of a square without M; None if it is none or M is not symmetric."""
    if not isinstance(m, Symbol) or not engine.facts.symmetric(m):
        return None
    match square:
        case Multiply((Transpose(v), w)) if v == w:
            return Multiply((Transpose(v), m, v)) if engine.shape(v) == engine.shape(m)[:1] else None  # type: ignore[index]
        case Call("tr", (word,)):
            for half, middle in _halves(word, engine):
                if middle is None and half and half[-1].columns == (engine.shape(m) or ("",))[0]:
                    return _trace(half, (), m, engine)
            return None
        case _:
            return None


# --- traces ---------------------------------------------------------------------------------------


def _traces(entries: dict[Call, Fraction], engine: Engine) -> bool:
    """Whether Σ c tr(..) is Σ Q_ij tr(u_i M u_j^T), Q semidefinite, for every M that occurs."""
    left = dict(entries)
    halves: dict[Term | None, list[Word]] = defaultdict(list)
    for t in entries:
        for half, middle in _halves(t.arguments[0], engine):
            if half not in halves[middle]:
                halves[middle].append(half)
    for middle, words in halves.items():
        q: dict[Pair, Fraction] = {}
        for i, u in enumerate(words):
            for v in words[i:]:
                atom = engine.normal(_trace(u, v, middle, engine)) if u[0].rows == v[0].rows else None
                if isinstance(atom, Call) and atom in left:
                    q[(u, v)] = left.pop(atom)
        if q and not _semidefinite(q):
            return False
    return not left


def _halves(word: Term, engine: Engine) -> list[tuple[Word, Term | None]]:
    """Ways to turn a word under the trace into u M u^T, M definite, or u u^T."""
    try:
        (((monomial, letters), c),) = engine.form(word).terms.items()
    except (Unfit, ValueError):
        return []
    if monomial or c != 1:
        return []
    found: list[tuple[Word, Term | None]] = []
    n = len(letters)
    for k in range(n):
        turned = (*letters[k:], *letters[:k])
        u, rest = turned[: n // 2], turned[n - n // 2 :]
        if not u or reverse(rest) != u:
            continue
        if n % 2 == 0:
            found.append((u, None))
        elif (middle := _definite(turned[n // 2], engine)) is not None:
            inverted = isinstance(turned[n // 2].base, Power)
            found.append(((*u, turned[n // 2]) if inverted else u, middle))
    return found


def _definite(letter: Letter, engine: Engine) -> Term | None:
    """The positive definite matrix that a letter is, or is the inverse of."""
    base = letter.base.base if isinstance(letter.base, Power) else letter.base
    declared = engine.signature.symbols.get(base.name) if isinstance(base, Symbol) else None
    return base if declared is not None and declared.domain == "positive_definite" else None


def _trace(u: Word, v: Word, middle: Term | None, engine: Engine) -> Term:
    """tr(u M v^T); of one word alone tr(u M u^T)."""
    other = reverse(v or u)
    return Call("tr", (multiply([*(x.term for x in u), *([middle] if middle is not None else []), *(x.term for x in other)]),))


# --- numbers and columns --------------------------------------------------------------------------


def _quadratic(m: Monomial, engine: Engine) -> tuple[Kind, Monomial, Pair] | None:
    """What is around, the positive weight, and the two vectors of a monomial."""
    integral = next((a for a, e in m if isinstance(a, Integral) and e == 1), None)
    if integral is not None:
        outer = tuple(p for p in m if p[0] != integral)
        if not all(engine.positive(a) for a, _ in outer) or any(engine.depends(a, v) for a, _ in outer for v in integral.over):
            return None
        with engine.inside(integral):
            body = product_of(integral.body, engine)
            found = None if body.letters else _quadratic(body.scalars, engine)
        if found is None:
            return None
        (over, middle), weight, pair = found
        return ((*integral.over, *over), middle), times(outer, weight), pair
    products = [(a, e, found) for a, e in m if (found := _inner(a, engine)) is not None]
    if len(products) == 1 and products[0][1] == 1:
        rest = tuple(p for p in m if p[0] != products[0][0])
        middle, pair = products[0][2]
        return (((), middle), rest, pair) if all(engine.positive(a) for a, _ in rest) else None
    if products:
        return None
    signed = [(a, e) for a, e in m if not engine.positive(a)]
    rest = tuple(p for p in m if p not in signed)
    if len(signed) == 1 and signed[0][1] == 2:
        return ((), None), rest, (signed[0][0], signed[0][0])
    if len(signed) == 2 and all(e == 1 for _, e in signed):
        return ((), None), rest, (signed[0][0], signed[1][0])
    return None


def _inner(a: Term, engine: Engine) -> tuple[Term | None, Pair] | None:
    match a:
        case Multiply((Transpose(v), w)):
            return None, (v, w)
        case Multiply((Transpose(v), Symbol() as m, w)) if (d := engine.signature.symbols.get(m.name)) is not None and d.domain == "positive_definite":
            return m, (v, w)
        case _:
            return None


def _semidefinite(entries: dict[Pair, Fraction]) -> bool:
    """Whether Σ c_ij v_i^T v_j is positive semidefinite, by exact elimination."""
    names = list(dict.fromkeys(v for pair in entries for v in pair))
    n = len(names)
    at = {v: i for i, v in enumerate(names)}
    q = [[Fraction(0)] * n for _ in range(n)]
    for (v, w), c in entries.items():
        q[at[v]][at[w]] += c / 2
        q[at[w]][at[v]] += c / 2
    for k in range(n):
        if q[k][k] < 0:
            return False
        if q[k][k] == 0:
            if any(q[k][j] != 0 for j in range(k, n)):
                return False
            continue
        for i in range(k + 1, n):
            ratio = q[i][k] / q[k][k]
            for j in range(k, n):
                q[i][j] -= ratio * q[k][j]
    return True
