"""What a name is, by what is declared."""

from __future__ import annotations

from fractions import Fraction

import pytest

from derivcheck.notation import read
from derivcheck.notation.names import compose, split_name
from derivcheck.terms.signature import (
    Definition,
    DensityDeclaration,
    FunctionDeclaration,
    Signature,
    SymbolDeclaration,
)
from derivcheck.terms.term import Call, Density, Multiply, Number, Symbol, Term

X, Z, T, ONE = Symbol("x"), Symbol("z"), Symbol("t"), Number(Fraction(1))
RICH = Signature(
    symbols={
        "F_{12}": SymbolDeclaration("F_{12}", "parameter", ("2", "2")),
        "W": SymbolDeclaration("W", "parameter", ("2", "2"), time_dependent=True),
        "a": SymbolDeclaration("a", "parameter"),
        r"\mu_{\phi}": SymbolDeclaration(r"\mu_{\phi}", "parameter", ("d",)),
        r"\epsilon": SymbolDeclaration(r"\epsilon", "variable", ("d",), indices=1),
        "E": SymbolDeclaration("E", "parameter"),
    },
    functions={"D": FunctionDeclaration("D", (X,)), "f": FunctionDeclaration("f", (X,))},
    densities={"f_{1}": DensityDeclaration("f_{1}", ()), "r": DensityDeclaration("r", ())},
    definitions=(Definition(Call("L", (X,), (ONE,)), X),),
)


@pytest.mark.parametrize(
    ("latex", "term"),
    [
        (r"\mathbf{x}_t", Symbol("x", (T,))),
        (r"\boldsymbol{\mu}_{\mathbf{x}_t}", Symbol(r"\mu_{x}", (T,))),
        (r"\bar{\alpha_t}", Symbol(r"\bar{\alpha}", (T,))),
        (r"\overline{\alpha}_t", Symbol(r"\bar{\alpha}", (T,))),
        (r"\epsilon_\theta(x_t, t)", Call(r"\epsilon_{\theta}", (Symbol("x", (T,)), T))),
        (r"p_{\text{data}}(x)", Density("p_{data}", (X,))),
        (r"q_i^*(z|x_i)", Density("q^{*}", (Z,), (Symbol("x", (Symbol("i"),)),), (Symbol("i"),))),
        (r"p_0(x)", Density("p_{0}", (X,))),
        (r"p_{\theta_1}(x)", Density(r"p_{\theta_{1}}", (X,))),
        (r"p_{\theta,1}(x)", Density(r"p_{\theta,1}", (X,))),
        (r"X'", Symbol("X'")),
        (r"\mathcal{L}", Symbol(r"\mathcal{L}")),
        (r"W_{KL}", Symbol("W_{KL}")),
        (r"x^{(k)}", Symbol("x", (Symbol("k"),))),
    ],
)
def test_names_without_declarations(latex: str, term: Term) -> None:
    """The defaults."""
    assert read(latex) == term


@pytest.mark.parametrize(
    ("latex", "term"),
    [
        ("F_{12}", Symbol("F_{12}")),
        ("f_1(x)", Density("f_{1}", (X,))),
        ("r(x)", Density("r", (X,))),
        ("D(x)", Call("D", (X,))),
        ("D", Call("D", (X,))),
        ("W(t)X", Multiply((Symbol("W"), Symbol("X")))),
        ("a(x+1)", read(r"a \cdot (x+1)")),
        (r"\mu_\phi(z)", Symbol(r"\mu_{\phi}")),
        (r"\varepsilon_t", Symbol(r"\epsilon", (T,))),
        ("E(x)", Symbol("E")),
        ("L_1(x)", Call("L", (X,), (ONE,))),
    ],
)
def test_declared_names_win(latex: str, term: Term) -> None:
    """What is declared decides before any default."""
    assert read(latex, RICH) == term


@pytest.mark.parametrize("declared", [r"p_{\theta_{1}}", r"p_{\theta,1}"])
@pytest.mark.parametrize("latex", [r"p_{\theta_1}(x)", r"p_{\theta,1}(x)"])
def test_one_declared_spelling_serves_for_both(latex: str, declared: str) -> None:
    """Where both are declared, they are two names; where one is, it is meant."""
    known = Signature(densities={declared: DensityDeclaration(declared, ())})
    assert read(latex, known) == Density(declared, (X,))
    both = {n: DensityDeclaration(n, ()) for n in (r"p_{\theta_{1}}", r"p_{\theta,1}")}
    assert read(latex, Signature(densities=both)) == read(latex)


def test_spelling_is_taken_apart_and_put_together() -> None:
    """compose and split_name undo each other."""
    for name in ("x", r"q_{\phi}^{*}", r"\bar{\alpha}_{T}", r"p_{\theta,w}", r"p_{\theta_{1}}", r"\hat{x}", "X'_{g}"):
        assert compose(*split_name(name)) == name
