"""LaTeX to the neutral tree."""

from __future__ import annotations

import pytest

from derivcheck.syntax.faults import SyntaxFault
from derivcheck.syntax.parse import parse
from derivcheck.syntax.tree import Command, Fence, Leaf, Matrix, Scripted


def test_a_digit_after_a_script_stands_alone() -> None:
    """As in TeX: x^23 is x²3, \\frac12 a half, and elsewhere a number is whole."""
    power, rest = parse("x^23")
    assert isinstance(power, Scripted)
    assert isinstance(rest, Leaf)
    assert rest.text == "3"
    (half,) = parse(r"\frac12")
    assert isinstance(half, Command)
    assert [getattr(a, "text", "") for a in half.arguments] == ["1", "2"]
    assert [getattr(i, "text", "") for i in parse("123")] == ["123"]


def test_juxtaposition_and_bars_stay_as_they_are() -> None:
    """q(z|x) is a letter and a bracket that holds a bar."""
    letter, bracket = parse("q(z|x)")
    assert isinstance(letter, Leaf)
    assert isinstance(bracket, Fence)
    assert [getattr(i, "kind", "") for i in bracket.items] == ["letter", "bar", "letter"]
    assert [getattr(i, "text", "") for i in parse(r"p \mid\mid q")] == ["p", "||", "q"]


def test_words_without_backslash() -> None:
    """log, min, KL before a bracket; not inside longer names."""
    assert getattr(parse("logp(x)")[0], "text", "") == "log"
    assert getattr(parse("KL(q)")[0], "text", "") == "KL"
    assert [getattr(i, "text", "") for i in parse("KLx")] == ["K", "L", "x"]


def test_unicode_letters_are_commands_and_faults_stand_where_they_stood() -> None:
    """α is \\alpha; the stray bracket behind it is at its place in the original."""
    assert getattr(parse("x + α")[2], "text", "") == r"\alpha"
    with pytest.raises(SyntaxFault) as fault:
        parse("α + β)")
    assert fault.value.span == (5, 6)


def test_matrices() -> None:
    """Cells between & and \\\\."""
    (matrix,) = parse(r"\begin{pmatrix} a & b \\ c & d \\ \end{pmatrix}")
    assert isinstance(matrix, Matrix)
    assert [len(row) for row in matrix.rows] == [2, 2]


@pytest.mark.parametrize(
    "latex", ["(a", "a)", "x^2^3", r"\frac{a}", "a & b", "a$b", r"\begin{pmatrix} a \end{bmatrix}"]
)
def test_faults_have_a_place(latex: str) -> None:
    """Every fault has a span inside the text."""
    with pytest.raises(SyntaxFault) as fault:
        parse(latex)
    start, end = fault.value.span
    assert 0 <= start <= end <= len(latex)
