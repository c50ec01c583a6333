"""What the symbolic engine remembers of a term. Guards: an order of indices or a product kept where the binders above are others."""

from __future__ import annotations

from fractions import Fraction

from derivcheck.interpreters.symbolic.engine import Engine
from derivcheck.interpreters.symbolic.form import number, scalar
from derivcheck.interpreters.symbolic.write import term_of
from derivcheck.laws._structure import product_of
from derivcheck.terms.signature import Signature, SymbolDeclaration
from derivcheck.terms.term import Fold, Multiply, Number, Symbol

ONE, FIVE = Number(Fraction(1)), Number(Fraction(5))
S, T = Symbol("s"), Symbol("T")


def test_an_order_of_indices_holds_below_its_fold_alone() -> None:
    engine = Engine(Signature())
    assert not engine.at_least(S, FIVE)
    with engine.inside(Fold("sum", "s", FIVE, T, ONE)):
        assert engine.at_least(S, FIVE)
    assert not engine.at_least(S, FIVE)


def test_indices_that_differ_below_a_fold_may_be_one_elsewhere() -> None:
    engine = Engine(Signature())
    assert engine.coincide((S,), (ONE,)) is None
    with engine.inside(Fold("sum", "s", FIVE, T, ONE)):
        assert engine.coincide((S,), (ONE,)) is False
    assert engine.coincide((S,), (ONE,)) is None


def test_a_factor_that_gets_a_shape_is_taken_apart_anew() -> None:
    engine = Engine(Signature(symbols={"a": SymbolDeclaration("a", "parameter")}))
    both = Multiply((Symbol("a"), Symbol("p")))
    assert product_of(both, engine).letters
    with engine.inside(Fold("sum", "p", ONE, T, ONE)):
        assert not product_of(both, engine).letters


def test_a_sum_is_factored_alike_however_often() -> None:
    a, one = scalar(Symbol("a")), number(1)
    square = a * a - one
    engine = Engine(Signature(symbols={"a": SymbolDeclaration("a", "parameter")}))
    found = [engine.sums.factors(f) for f in (square, a * a - one, a * a - one.scaled(Fraction(4)))]
    assert found[0] == found[1] != found[2]
    made = number(1)
    for part, e in found[0] or []:
        assert e == 1
        made = made * part
    assert made == square


def test_forms_of_two_shapes_are_two_terms() -> None:
    one = number(1)
    assert term_of(one) == ONE
    assert term_of(type(one)(one.terms, ("n", "n"))) != ONE
