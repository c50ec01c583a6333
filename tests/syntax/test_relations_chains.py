"""Chains: which expression a row without a left side continues, over displays and questions."""

from __future__ import annotations

import time

import pytest

from derivcheck.source import read_document
from derivcheck.syntax.relations import relations_of


def relations(text):
    return relations_of(read_document("x.md", text=text))


def triples(text):
    return [(r.lhs, r.rel, r.rhs) for r in relations(text)]


def test_a_display_that_begins_with_a_sign_continues_the_one_before():
    found = relations("$$a = b$$\n\nso that\n\n$$= c$$\n\n$$\\le d$$")
    assert [(r.lhs, r.rel, r.rhs) for r in found] == [
        ("a", "=", "b"),
        ("b", "=", "c"),
        ("c", "<=", "d"),
    ]
    assert [(r.chain, r.step, r.head) for r in found] == [(1, 0, "a"), (1, 1, "a"), (1, 2, "a")]


def test_a_side_computation_does_not_move_the_chain():
    text = "$$L = \\frac{1}{2}(x - \\bar\\alpha_1 y)^2$$\n\n$$\\bar\\alpha_1 = \\alpha_1$$\n\n$$= \\frac{1}{2}(x - \\alpha_1 y)^2$$"
    assert triples(text)[2][0] == r"\frac{1}{2}(x - \bar\alpha_1 y)^2"


def test_words_tell_a_side_computation():
    text = (
        "$$L \\geq \\int q(z) \\log \\frac{p(x,z)}{q(z)} dz$$\n\nNote that\n\n"
        "$$\\frac{p(x,z)}{q(z)} = \\frac{p(z|x) p(x)}{q(z)}$$\n\nThen\n\n"
        "$$= \\int q(z) \\log \\frac{p(z|x)p(x)}{q(z)} dz$$"
    )
    assert triples(text)[2][0] == r"\int q(z) \log \frac{p(x,z)}{q(z)} dz"


def test_what_stands_there_already_is_not_derived_again():
    text = "$$d = -H v$$\n\nThen we replace it:\n\n$$W = -\\frac{J}{W}$$\n\n$$= -H v$$"
    assert triples(text)[2][0] == r"-\frac{J}{W}"


def test_a_display_that_ends_with_its_sign_continues_in_the_next():
    found = relations("$$a + b =$$\n\n$$c + d$$")
    assert [(r.lhs, r.rel, r.rhs, r.line, r.column) for r in found] == [
        ("a + b", "=", "c + d", 1, 9)
    ]


def test_lost_equals_signs():
    found = relations(
        "$$J = \\frac12 E[(W f - g)^T (W f - g)]$$\n\n$$\\frac12 E[f^T W^T W f - 2 g^T (W f - g)]$$"
    )
    assert [r.implicit for r in found] == [False, True]
    assert (found[1].sign_repair, found[1].rel, found[1].line, found[1].column) == (
        "lost =",
        "=",
        3,
        3,
    )


def test_lost_equals_sign_in_an_environment():
    (_, second) = relations(r"$$\begin{split} a &= (x + y) z \\ & x z + (y) z \end{split}$$")
    assert (second.lhs, second.rhs, second.implicit) == ("(x + y) z", "x z + (y) z", True)


def test_rows_that_go_on_with_an_operator_in_another_display():
    assert triples("$$a = b$$\n\n$$+ c$$\n\n$$= d$$") == [("a", "=", "b + c"), ("b + c", "=", "d")]


def test_alpha_for_propto():
    text = "$$q(x|y) = p(y|x) \\frac{p(x)}{p(y)}$$\n\n$$\\alpha \\exp(-\\frac{(x - y)^2}{2})$$"
    found = relations(text)[1]
    assert (found.rel, found.implicit, found.rhs) == ("propto", True, r"\exp(-\frac{(x - y)^2}{2})")
    assert found.sign_repair == r"\alpha read as \propto"


def test_alpha_as_a_factor_stays_one():
    text = "$$a = \\alpha (x+y)$$\n\n$$\\alpha \\exp(x+y)$$"
    assert all(r.rel == "=" for r in relations(text))


@pytest.mark.parametrize(
    "text",
    [
        "$$a = b + c$$\n\nConsider the quantity\n\n$$b + c + d$$",  # mentioned
        "$$a = b + c$$\n\n## Problem 2\n\n$$b + c + d$$",  # another question
        "$$a = b + c$$\n\nThe gradient with respect to this is\n\n$$\\nabla f(z)$$",  # shares little
        "$$a = b + c$$\n\nand $b + c + d$",  # inline
        "$$a$$\n\n$$q$$",
        "$$f(x) = x^2 + 3x$$\n\n$$\\frac{d}{dx} (x^2 + 3x)$$\n\n$$= 2x + 3$$",  # what stood there, derived
        "$$A = f(x) + g(y)$$\n\n$$\\begin{aligned} & h(x) - g(u) \\\\ &= z \\end{aligned}$$",
        "$$\\begin{gather} f(x) \\\\ g(y) \\end{gather}$$",  # a list
    ],
)
def test_expressions_that_begin_a_chain_of_their_own(text):
    assert [r for r in relations(text) if r.implicit] == []


def test_a_repeated_expression_opens_its_chain_again():
    text = "$$\\int f(x) + g(x) = 0$$\n\nnow\n\n$$\\int f(x) + g(x)$$\n\n$$= h(x)$$"
    assert triples(text)[1] == (r"\int f(x) + g(x)", "=", "h(x)")


def test_chains_do_not_cross_questions_or_headings():
    for between in ("(b)", "## Problem 2", "# Notes"):
        found = relations(f"(a)\n\n$$a = b$$\n\n{between}\n\n$$= c$$")[1]
        assert found.lhs == ""
        assert found.chain_doubt


def test_inline_formulas_neither_continue_nor_are_continued():
    assert triples("$$a = b$$\n\nsince $x = y$ we get\n\n$$= c$$ and $= d$") == [
        ("a", "=", "b"), ("x", "=", "y"), ("b", "=", "c"),
    ]  # fmt: skip


def test_conditions_are_not_continued():
    text = r"$$\begin{aligned} D &\approx s \quad \text{where } z \sim q \\ &= t \end{aligned}$$"
    assert triples(text) == [("D", "approx", "s"), ("z", "sim", "q"), ("s", "=", "t")]


def test_too_close_is_told():
    text = (
        "$$A = f(x) g(y) h(u) + r$$\n\nand then\n\n$$B = k(v) w$$\n\nand finally we get by inserting\n\n"
        "$$= f(x) + k(v) w + h(u)$$"
    )
    found = relations(text)[2]
    assert found.chain_doubt or found.lhs == "k(v) w"


def test_five_thousand_relations_in_one_chain():
    rows = "\n\n".join(f"$$= a_{{{i}}} + \\frac{{x_{{{i}}}}}{{y}}$$" for i in range(5000))
    start = time.perf_counter()
    found = relations("$$a$$\n\n" + rows)
    assert len(found) == 5000
    assert {r.chain for r in found} == {found[0].chain}
    assert found[-1].lhs == found[-2].rhs
    assert time.perf_counter() - start < 10  # seconds; quadratic would take minutes
