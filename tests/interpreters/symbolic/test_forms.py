"""Normal forms of numbers and matrices. Guards: two forms of one number, one form of two, roots of squares, words in the wrong order."""

from __future__ import annotations

import math
from contextlib import suppress
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from derivcheck.interpreters.symbolic.engine import Engine, TooMuchWork
from derivcheck.interpreters.symbolic.form import Unfit
from derivcheck.terms.signature import Signature, SymbolDeclaration
from derivcheck.terms.term import (
    Add,
    Call,
    Divide,
    Identity,
    Multiply,
    Negate,
    Number,
    Power,
    Symbol,
    Term,
    Transpose,
)
from tests.support.worlds import relation, signature

POSITIVE = ("a", "b")
REAL = ("c", "d")
UNIT = ("u",)
S = Signature(
    symbols={
        **{n: SymbolDeclaration(n, "parameter", domain="positive") for n in POSITIVE},
        **{n: SymbolDeclaration(n, "parameter") for n in REAL},
        **{n: SymbolDeclaration(n, "parameter", domain="unit") for n in UNIT},
    }
)
VALUES = ({"a": 1.3, "b": 0.4, "c": -0.7, "d": 2.1, "u": 0.35}, {"a": 0.2, "b": 3.1, "c": 1.9, "d": -0.6, "u": 0.81})
SYMBOLS = st.sampled_from([Symbol(n) for n in (*POSITIVE, *REAL, *UNIT)])
NUMBERS = st.fractions(min_value=-3, max_value=3, max_denominator=3).map(Number)
SETTINGS = settings(max_examples=120, deadline=None)


def _above(inner: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    return st.one_of(
        st.tuples(inner, inner).map(Add),
        st.tuples(inner, inner).map(Multiply),
        inner.map(Negate),
        st.tuples(inner, inner).map(lambda p: Divide(*p)),
        st.tuples(inner, st.sampled_from([2, 3, -1])).map(lambda p: Power(p[0], Number(Fraction(p[1])))),
        inner.map(lambda t: Call("sqrt", (t,))),
    )


TERMS = st.recursive(st.one_of(SYMBOLS, NUMBERS), _above, max_leaves=7)


def value(t: Term, at: dict[str, float]) -> float:
    """A term's value; raises ArithmeticError or ValueError where it has none."""
    match t:
        case Number(v):
            return float(v)
        case Symbol(name):
            return at[name]
        case Add(terms):
            return math.fsum(value(x, at) for x in terms)
        case Multiply(factors):
            return math.prod(value(x, at) for x in factors)
        case Negate(body):
            return -value(body, at)
        case Divide(above, below):
            return value(above, at) / value(below, at)
        case Power(base, Number(v)):
            b = value(base, at)
            if b < 0 and v.denominator != 1:
                raise ValueError
            return b ** float(v)
        case Call("sqrt", (x,)):
            return math.sqrt(value(x, at))
        case Call("abs", (x,)):
            return abs(value(x, at))
        case _:
            raise TypeError(type(t).__name__)


def normal(t: Term) -> Term:
    try:
        return Engine(S, work=4_000).normal(t)
    except (Unfit, TooMuchWork):
        assume(False)
        raise


def rewritten(t: Term, how: int) -> Term:
    """The same number in other words."""
    a, c = Symbol("a"), Symbol("c")
    one = Number(Fraction(1))
    match how % 8:
        case 0:
            return Add((Multiply((Number(Fraction(2)), t)), Negate(t)))
        case 1:
            return Divide(Multiply((t, Add((a, one)))), Add((one, a)))
        case 2:
            return Add((Add((t, c)), Negate(c)))
        case 3:
            return Multiply((Call("sqrt", (a,)), t, Power(Call("sqrt", (a,)), Number(Fraction(-1)))))
        case 4:
            return Add((Multiply((t, Symbol("u"))), Multiply((Add((one, Negate(Symbol("u")))), t))))
        case 5:
            return Divide(Add((Multiply((t, c)), Multiply((t, a)))), Add((a, c)))
        case 6:
            return Negate(Negate(t))
        case _:
            return Divide(one, Divide(one, t)) if t != Number(Fraction(0)) else t


@SETTINGS
@given(TERMS)
def test_a_normal_form_has_the_value_of_its_term(t):
    n = normal(t)
    for at in VALUES:
        try:
            expected = value(t, at)
        except (ArithmeticError, ValueError):
            continue
        assume(abs(expected) < 1e8)
        assert value(n, at) == pytest.approx(expected, rel=1e-6, abs=1e-7)


@SETTINGS
@given(TERMS, st.integers(0, 7), st.integers(0, 7))
def test_equal_terms_differ_by_zero(t, first, second):
    try:
        for at in VALUES:
            value(rewritten(rewritten(t, first), second), at)
    except (ArithmeticError, ValueError):
        assume(False)
    assert normal(Add((rewritten(rewritten(t, first), second), Negate(t)))) == Number(Fraction(0))


@SETTINGS
@given(TERMS, TERMS)
def test_terms_of_one_normal_form_have_one_value(t, other):
    if normal(t) != normal(other):
        return
    for at in VALUES:
        try:
            assert value(t, at) == pytest.approx(value(other, at), rel=1e-6, abs=1e-7)
        except (ArithmeticError, ValueError):
            continue


@SETTINGS
@given(TERMS)
def test_a_normal_form_is_its_own_normal_form(t):
    try:
        for at in VALUES:
            value(t, at)
    except (ArithmeticError, ValueError):
        assume(False)  # it has no value: the root of a negative number
    n = normal(t)
    assert normal(n) == n


MATRICES = {
    "parameters": [r"A \in \mathbb{R}^{n \times n}", r"B \in \mathbb{R}^{n \times n}", r"W \in \mathbb{R}^{m \times n}", r"x \in \mathbb{R}^n", r"y \in \mathbb{R}^n", "c"],
}
SAME = [
    r"(A B)^T = B^T A^T", r"(A B)^{-1} = B^{-1} A^{-1}", r"(A^T)^{-1} = (A^{-1})^T", r"A A^{-1} B = B", r"(A + B)(A - B) = A^2 - A B + B A - B^2",
    r"x^T A y = y^T A^T x", r"x^T (c A) y = c x^T A y", r"(W x)^T (W x) = x^T W^T W x", r"(A^T)^T = A", r"I A = A",
]  # fmt: skip
OTHER = [
    r"A B = B A", r"(A B)^T = A^T B^T", r"(A B)^{-1} = A^{-1} B^{-1}", r"A^T = A", r"x^T A y = y^T A x", r"(A + B)^2 = A^2 + 2 A B + B^2",
    r"(A + B)^{-1} = A^{-1} + B^{-1}", r"A B A^{-1} = B", r"W^T W = W^T", r"x x^T = x^T x", r"(A + I)^{-1} = A^{-1}", r"x^T A x = x^T x",
]  # fmt: skip


def _matrices() -> Signature:
    return signature({"parameters": MATRICES["parameters"]})


@pytest.mark.parametrize("latex", SAME)
def test_words_that_are_one(latex):
    left, _, right = relation(latex, _matrices())
    assert Engine(_matrices()).zero(Add((left, Negate(right))))


@pytest.mark.parametrize("latex", OTHER)
def test_words_that_differ(latex):
    left, _, right = relation(latex, _matrices())
    with suppress(Unfit):
        assert not Engine(_matrices()).zero(Add((left, Negate(right))))


def test_a_symmetric_letter_is_its_transpose():
    s = Signature(symbols={"S": SymbolDeclaration("S", "parameter", ("n", "n"), "symmetric"), "A": SymbolDeclaration("A", "parameter", ("n", "n"))})
    S_, A = Symbol("S"), Symbol("A")
    assert Engine(s).zero(Add((Transpose(S_), Negate(S_))))
    assert Engine(s).zero(Add((Transpose(Power(S_, Number(Fraction(-1)))), Negate(Power(S_, Number(Fraction(-1)))))))
    assert Engine(s).zero(Add((Transpose(Multiply((A, S_, Transpose(A)))), Negate(Multiply((A, S_, Transpose(A)))))))
    assert not Engine(s).zero(Add((Transpose(Multiply((A, S_))), Negate(Multiply((A, S_))))))
    assert Engine(s).zero(Add((Multiply((Identity("n"), A)), Negate(A))))
