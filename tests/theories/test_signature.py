r"""Declarations to a signature: names, shapes, factors, definitions, and what cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from derivcheck.notation.sets import Space, space_of, split_declaration
from derivcheck.notation.signature import signature_of
from derivcheck.terms.signature import Signature
from derivcheck.terms.term import Call, Density, Fold, Moment, Symbol
from derivcheck.theories.file import load_theory, pack_names, theory_from_text


def signature(text: str) -> Signature:
    return signature_of(theory_from_text(text, where="t").in_force("1", 1, ""))


@pytest.mark.parametrize("name", pack_names())
def test_every_declaration_of_every_pack_reads(name: str) -> None:
    for layer in load_theory(name).layers:
        assert signature_of(layer.declarations).problems == ()


@pytest.mark.parametrize(
    "path", sorted(Path("tests/homework").glob("*.theory.yaml")), ids=lambda p: p.name[:3]
)
def test_every_declaration_of_the_homework_reads(path: Path) -> None:
    for layer in load_theory(path).layers:
        assert signature_of(layer.declarations).problems == ()


@pytest.mark.parametrize(
    ("latex", "space"),
    [
        (r"\mathbb{R}^d", Space(("d",))),
        (r"\mathbb{R}^{n_2 \times n_1}", Space(("n_2", "n_1"))),
        (r"\mathbb{S}_{++}^{d}", Space(("d", "d"), "positive_definite")),
        (r"\mathbb{S}^n", Space(("n", "n"), "symmetric")),
        (r"\mathbb{R}_{+}", Space((), "nonnegative")),
        (r"(0,1)", Space((), "unit")),
        (r"\{0,1\}^G", Space(("G",), "binary")),
        (r"\mathbb{N}", Space((), "natural")),
        (r"\mathcal{X}", None),
    ],
)
def test_sets(latex: str, space: Space | None) -> None:
    assert space_of(latex) == space


def test_orders() -> None:
    assert split_declaration(r"\sigma_t > 0") == (r"\sigma_t", Space((), "positive"))
    assert split_declaration(r"0 < \beta_t < 1") == (r"\beta_t", Space((), "unit"))


def test_joint_and_chain() -> None:
    s = signature(
        "densities: ['p(x,z) = p(x|z) p(z)', 'q(x_{1:T}|x_0) = \\prod_{t=1}^T q(x_t|x_{t-1})']\n"
    )
    assert [f.given for f in s.densities["p"].factors] == [(Symbol("z"),), ()]
    (kernel,) = s.densities["q"].factors
    assert kernel.index == "t"
    assert s.symbols["T"].domain == "natural"


def test_one_density_under_two_names() -> None:
    s = signature(
        "densities: ['f_0(x)', 'p_0(x) = f_0(x)', '\\mu(x) = \\frac12 (f_0(x) + p_0(x))']\n"
    )
    assert s.densities["p_{0}"].factors[0].density == "f_{0}"
    assert isinstance(s.definitions[0].head, Density)


def test_moments_and_functionals() -> None:
    s = signature(
        "moments: [{mean: '\\tilde\\mu_t(x_t,x_0)', of: 'q(x_{t-1}|x_t,x_0)'}]\n"
        "definitions: ['\\bar\\alpha_t = \\prod_{s=1}^t \\alpha_s', "
        "'\\mathcal{L}(\\theta, q; x) = E_{q(z|x)}[\\log q(z|x)]', '\\sigma_t^2 = \\beta_t']\n"
    )
    by_name = {
        getattr(d.head, "function", None) or getattr(d.head, "name", ""): d for d in s.definitions
    }
    assert isinstance(by_name[r"\tilde{\mu}"].body, Moment)
    assert isinstance(by_name[r"\bar{\alpha}"].body, Fold)
    functional = by_name[r"\mathcal{L}"].head
    assert isinstance(functional, Call)
    assert functional.arguments[1] == Density("q")
    assert by_name[r"\sigma"].body == Call("sqrt", (Symbol(r"\beta", (Symbol("t"),)),))


def test_optimum_pushforward_flow_alias_conventions() -> None:
    s = signature(
        "functions: ['D(x) \\in (0,1)']\ndensities: ['p(x)', 'p_G(x)']\n"
        "optima: [{optimum: 'D^* = \\arg\\max_{D} E_{x \\sim p}[\\log D(x)]', feasible: ['D_0']}]\n"
        "laws: ['G(z) \\sim p_G(x)']\nflows: ['\\dot W = -W']\naliases: ['\\tilde\\alpha = \\bar\\alpha']\n"
        "fixed: ['x_0']\nconventions: {const: 'free of \\theta', t: 2..T-1, minima: minimisers}\n"
    )
    assert (s.optima[0].name, s.optima[0].unknown) == ("D^{*}", "D")
    assert s.pushforwards[0].law.name == "p_{G}"
    assert s.flows[0].name == "W"
    assert s.aliases == {r"\tilde{\alpha}": r"\bar{\alpha}"}
    assert s.constant_free_of == (r"\theta",)
    assert s.minima == "minimisers"
    assert s.fixed == (Symbol("x", s.fixed[0].index),)  # type: ignore[union-attr]
    assert "t" in s.indices


def test_time_dependent_names_keep_their_shape() -> None:
    s = signature(
        "matrices: ['W \\in \\mathbb{R}^{n \\times m}']\ntime_dependent: ['W(t)', w]\ndefinitions: ['w = \\mathrm{vec}(W)']\n"
    )
    assert s.symbols["W"].shape == ("n", "m")
    assert s.symbols["W"].time_dependent
    assert len(s.symbols["w"].shape) == 1


def test_what_cannot_be_read_is_a_problem_with_its_place() -> None:
    s = signature("definitions: ['a = \\nosuchcommand{b} +']\nvariables: ['x \\in \\mathcal{X}']\n")
    assert len(s.problems) == 2
    assert s.problems[0].startswith("t:")
