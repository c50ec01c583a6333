"""No two laws contradict each other. Guards: 0 = 1 by a detour, KL(p‖q) = KL(q‖p), two orders of rewriting with two results."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from fractions import Fraction
from functools import cache

import pytest

from derivcheck.interpreters.exact.bench import Bench
from derivcheck.interpreters.symbolic.constants import unknowns
from derivcheck.interpreters.symbolic.engine import Engine, TooMuchWork, laws_on
from derivcheck.interpreters.symbolic.form import Unfit
from derivcheck.interpreters.symbolic.prove import prove
from derivcheck.laws import all_laws
from derivcheck.notation import Unreadable, read
from derivcheck.terms.instance import Captured
from derivcheck.terms.signature import Signature
from derivcheck.terms.substitute import subterms
from derivcheck.terms.term import (
    Add,
    Call,
    Density,
    Divergence,
    Expectation,
    Fold,
    Integral,
    Multiply,
    Negate,
    Node,
    Number,
    Symbol,
    Term,
)
from tests.interpreters.symbolic.table import NOT_PROVED, PROVED
from tests.support.proving import asked, proofs, related
from tests.support.worlds import relation, signature

ZERO, ONE = Number(Fraction(0)), Number(Fraction(1))
ATOMS = (Density, Call, Symbol, Integral, Expectation, Divergence, Fold)
Theories = dict[int, tuple[Signature, list[Term]]]


@cache
def theories() -> tuple[tuple[Signature, tuple[Term, ...]], ...]:
    """The theories of the proofs, the table and the laws' examples, each with the terms that are written under it."""
    found: Theories = {}
    for document in proofs():
        for r in related(document):
            found.setdefault(id(r.signature), (r.signature, []))[1].extend((r.left, r.right))
    for _, theory, latex in (*PROVED, *NOT_PROVED):
        s = signature(theory)
        left, _, right = relation(latex, s)
        found.setdefault(id(s), (s, []))[1].extend((left, right))
    for law in all_laws().values():
        for e in law.holds:
            s = signature(e.theory)
            try:
                found.setdefault(id(s), (s, []))[1].append(read(e.left, s))
            except Unreadable:
                continue
    return tuple((s, tuple(dict.fromkeys(terms))) for s, terms in found.values())


def atoms(s: Signature, terms: tuple[Term, ...]) -> list[Term]:
    """The scalars that stand in terms and mean the same alone (nothing above binds them)."""
    e = Engine(s)
    found: dict[Term, None] = {}
    for t in terms:
        for _, x in subterms(t):
            if isinstance(x, ATOMS) and not (isinstance(x, Density) and not x.event) and e.shape(x) == ():
                found[x] = None
    return list(found)


def searched(seconds: float, seed: int) -> tuple[int, list[str]]:
    """Random attempts at contradictions: how many, and what was proved though worlds refute it."""
    rng = random.Random(seed)
    end, tried, wrong = time.monotonic() + seconds, 0, []
    all_theories = list(theories())
    while time.monotonic() < end:
        s, terms = rng.choice(all_theories)
        pool = atoms(s, terms)
        for _ in range(20):
            if len(pool) < 2:
                break
            a, b = (_grown(rng, pool) for _ in range(2))
            tried += 1
            if a != b and prove(a, "=", b, s, work=1_500) is not None and asked(a, "=", b, Bench(s, 0, 8)).result == "fails":
                wrong.append(f"{a} = {b}")
    return tried, wrong


def _grown(rng: random.Random, pool: list[Term]) -> Term:
    """An atom, or a few of them together."""
    a, b = rng.choice(pool), rng.choice(pool)
    match rng.randrange(6):
        case 0:
            return Add((a, Negate(b)))
        case 1:
            return Multiply((a, b))
        case 2:
            return Call("log", (a,))
        case _:
            return a


def test_nothing_is_not_one_under_any_theory():
    for s, terms in theories():
        assert prove(ZERO, "=", ONE, s) is None
        assert prove(ZERO, ">=", ONE, s) is None
        assert prove(ZERO, ">", ZERO, s) is None
        for t in (x for x in terms[:40] if not unknowns(x)):
            assert prove(t, "=", Add((t, ONE)), s, work=4_000) is None
            assert prove(t, ">", t, s, work=4_000) is None


def test_no_divergence_is_symmetric_and_no_density_another():
    for s, terms in theories():
        densities = sorted(frozenset[Density]().union(*(t.densities for t in terms)), key=str)
        for p in densities:
            for q in densities:
                if p.name < q.name and p.event and p.event == q.event and p.given == q.given:
                    if prove(p, "=", q, s) is not None:  # the theory says so: p(x_T) = p_\theta(x_T)
                        assert asked(p, "=", q, Bench(s, 0, 8)).result == "holds"
                        continue
                    kl, lk = Divergence("KL", p, q), Divergence("KL", q, p)
                    if prove(kl, "=", lk, s) is not None:
                        assert asked(kl, "=", lk, Bench(s, 0, 8)).result == "holds"
                    assert prove(kl, ">", ZERO, s) is None


def test_a_short_search_finds_no_contradiction():
    tried, wrong = searched(3.0, 0)
    assert wrong == []
    assert tried > 20


@pytest.mark.slow
def test_a_minute_of_search_finds_no_contradiction():
    tried, wrong = searched(60.0, 1)
    print(tried, "attempts")
    assert wrong == []


def critical(kind: type[Node], s: Signature, terms: tuple[Term, ...]) -> Iterator[tuple[str, str, Term, Term]]:
    """What two laws make of one term."""
    laws = laws_on(kind)
    for t in terms:
        for _, x in subterms(t):
            if not isinstance(x, kind):
                continue
            made: dict[str, Term] = {}
            for name, law in laws:
                try:
                    new = law.rewrite(x, Engine(s, work=3_000))
                except (Unfit, TooMuchWork, Captured, RecursionError):
                    continue
                if new is not None and new != x:
                    made[name] = new
            names = list(made)
            yield from ((a, b, made[a], made[b]) for i, a in enumerate(names) for b in names[i + 1 :])


def pairs(most: int) -> tuple[set[tuple[str, str]], list[str]]:
    """Pairs of laws that meet in one term, at most `most` terms each, and where their results differ on worlds."""
    kinds = {kind for law in all_laws().values() for kind in law.on if kind is not Node}
    counted: dict[tuple[str, str], int] = {}
    wrong: list[str] = []
    for s, terms in theories():
        bench: Bench | None = None
        for kind in kinds:
            for a, b, left, right in critical(kind, s, terms):
                if counted.get((a, b), 0) >= most:
                    continue
                counted[(a, b)] = counted.get((a, b), 0) + 1
                bench = bench or Bench(s, 0, 8)
                if asked(left, "=", right, bench).result == "fails":
                    wrong.append(f"{a} / {b}: {left} against {right}")
    return set(counted), wrong


def test_two_orders_of_rewriting_agree():
    met, wrong = pairs(1)
    assert wrong == []
    assert len(met) >= 4


@pytest.mark.slow
def test_two_orders_of_rewriting_agree_on_many_terms():
    met, wrong = pairs(8)
    print(sorted(met))
    assert wrong == []
