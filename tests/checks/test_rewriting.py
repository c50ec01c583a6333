r"""Random identities, made by rewriting, are never incorrect; with one slip they are never correct.

Guards soundness as a whole: reading, worlds, products of axes, conditionals and comparison on expressions that
nobody wrote down before. The slip adds a positive number, so that every pair is truly unequal.
"""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.checks.asking import result

THEORY = r"""
variables: [x, z]
densities: ['p(x,z)', 'q(z|x)']
functions: ['g(z) \in \mathbb{R}']
parameters: ['a \in \mathbb{R}', 'b > 0', 'c > 0']
"""
Pair = tuple[str, str]  # two ways of writing one thing

POSITIVE: list[Pair] = [
    ("p(x,z)", "p(z|x) p(x)"),
    ("p(x,z)", "p(x|z) p(z)"),
    ("p(z|x)", r"\frac{p(x|z) p(z)}{p(x)}"),
    ("p(x)", r"\int p(x,z) dz"),
    ("q(z|x)", r"e^{\log q(z|x)}"),
    ("b", r"\sqrt{b^2}"),
    ("b c", "c b"),
    (r"\frac{b}{c}", r"b c^{-1}"),
]
ATOMS: list[Pair] = [("a", "a"), ("b", "b"), ("g(z)", "g(z)"), ("2", "1 + 1"), (r"\frac{a}{b}", r"a b^{-1}")]


def logarithm(pairs: tuple[Pair, Pair]) -> Pair:
    (a, b), (c, d) = pairs
    return rf"\log\left(\left({a}\right)\left({c}\right)\right)", rf"\left(\log\left({d}\right) + \log\left({b}\right)\right)"


def ratio(pairs: tuple[Pair, Pair]) -> Pair:
    (a, b), (c, d) = pairs
    return rf"\log\frac{{{a}}}{{{c}}}", rf"\left(-\log\left({d}\right) + \log\left({b}\right)\right)"


def added(pairs: tuple[Pair, Pair]) -> Pair:
    (a, b), (c, d) = pairs
    return f"{a} + {c}", f"{d} + {b}"


def subtracted(pairs: tuple[Pair, Pair]) -> Pair:
    (a, b), (c, d) = pairs
    return rf"{a} - \left({c}\right)", rf"-\left({d} - \left({b}\right)\right)"


def multiplied(pairs: tuple[Pair, Pair]) -> Pair:
    (a, b), (c, d) = pairs
    return rf"\left({a}\right)\left({c}\right)", rf"\left({d}\right)\left({b}\right)"


def squared(pairs: tuple[Pair, Pair]) -> Pair:
    (a, b), (c, d) = pairs
    return rf"\left({a} + {c}\right)^2", rf"\left({b}\right)^2 + 2\left({b}\right)\left({d}\right) + \left({d}\right)^2"


def averaged(pairs: tuple[Pair, Pair]) -> Pair:
    (a, b), (c, d) = pairs
    return rf"E_{{q(z|x)}}\left[{a} + \left({c}\right) b\right]", rf"\int q(z|x) \left({b}\right) dz + b E_{{z \sim q(z|x)}}\left[{d}\right]"


def importance(pairs: tuple[Pair, Pair]) -> Pair:
    (a, b), _ = pairs
    return rf"E_{{p(z|x)}}\left[{a}\right]", rf"E_{{q(z|x)}}\left[\frac{{p(z|x)}}{{q(z|x)}}\left({b}\right)\right]"


positive = st.sampled_from(POSITIVE)
leaves = st.one_of(st.sampled_from(ATOMS), st.tuples(positive, positive).map(logarithm), st.tuples(positive, positive).map(ratio))


def grown(inner: st.SearchStrategy[Pair]) -> st.SearchStrategy[Pair]:
    two = st.tuples(inner, inner)
    return st.one_of(two.map(added), two.map(subtracted), two.map(multiplied), two.map(squared))


plain = st.recursive(leaves, grown, max_leaves=4)
identities = st.one_of(plain, st.tuples(plain, plain).map(averaged), st.tuples(plain, plain).map(importance))


@given(identities)
def test_random_identities_are_never_incorrect(pair: Pair) -> None:
    left, right = pair
    assert result(f"{left} = {right}", THEORY) == "holds"


@given(identities, st.sampled_from(["b", "1", "c^2", r"\frac{1}{100}", "p(x)"]))
def test_random_identities_with_a_slip_are_never_correct(pair: Pair, slip: str) -> None:
    left, right = pair
    found = result(f"{left} = {right} + {slip}", THEORY)
    assert found in ("fails", "undecided")


@settings(max_examples=10)
@given(identities)
def test_random_bounds(pair: Pair) -> None:
    left, right = pair
    assert result(rf"{left} \leq {right} + c", THEORY) == "holds"
    assert result(rf"{left} \geq {right} + c", THEORY) != "holds"
