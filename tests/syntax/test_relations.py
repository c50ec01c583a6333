"""Relations of small documents: signs, sides, statements, rows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derivcheck.source import read_document
from derivcheck.syntax.relations import relations_of


def relations(text, name="x.md"):
    return relations_of(read_document(name, text=text))


def triples(text, name="x.md"):
    return [(r.lhs, r.rel, r.rhs) for r in relations(text, name)]


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("A = B = C", [("A", "=", "B"), ("B", "=", "C")]),
        (r"a \le b = c", [("a", "<=", "b"), ("b", "=", "c")]),
        (r"\sum_{t=1}^T x_t = y", [(r"\sum_{t=1}^T x_t", "=", "y")]),
        (r"\lim_{x\to 0} f(x) = 1", [(r"\lim_{x\to 0} f(x)", "=", "1")]),
        ("P(X=1) = p", [("P(X=1)", "=", "p")]),
        (r"D_{KL}(q(z|x)||p(z|x) \le 0", [("D_{KL}(q(z|x)||p(z|x)", "<=", "0")]),
        ("tr(A) - tr(F_2] = [b", [("tr(A) - tr(F_2]", "=", "[b")]),
        (r"x \in (0, 1]", [("x", "in", "(0, 1]")]),
        (r"\{x : x > 0\} = S", [(r"\{x : x > 0\}", "=", "S")]),
        (r"\left[ a = b \right] = 1", [(r"\left[ a = b \right]", "=", "1")]),
        (r"w \to 0", [("w", "to", "0")]),
        (r"f: X \to Y", []),
        (r"z \sim q", [("z", "sim", "q")]),
        (r"a \approx b", [("a", "approx", "b")]),
        (r"a \propto b", [("a", "propto", "b")]),
        ("a := b", [("a", ":=", "b")]),
        (r"a \coloneqq b", [("a", ":=", "b")]),
        (r"a \overset{\text{def}}{=} b", [("a", ":=", "b")]),
        (r"a \overset{(a)}{=} b", [("a", "=", "b")]),
        (r"a \stackrel{!}{\leq} b", [("a", "<=", "b")]),
        (r"x \overset{iid}{\sim} p", [("x", "sim", "p")]),
        (r"x_n \xrightarrow{d} x", [("x_n", "to", "x")]),
        (r"a \not= b", [("a", "!=", "b")]),
        (r"a \neq b", [("a", "!=", "b")]),
        (r"n! = 5", [("n!", "=", "5")]),
        ("a => b", [("a", "implies", "b")]),
        (r"a \mathrel{=} b {\leq} c", [("a", "=", "b"), ("b", "<=", "c")]),
        ("a ≤ b ≥ c", [("a", "<=", "b"), ("b", ">=", "c")]),
        ("a ≈ b ∝ c ∼ d", [("a", "approx", "b"), ("b", "propto", "c"), ("c", "sim", "d")]),
        ("a → b", [("a", "to", "b")]),
        ("a ⇒ b ⇔ c", [("a", "implies", "b"), ("b", "iff", "c")]),
        ("a ≠ b", [("a", "!=", "b")]),
        (r"<x,y> = 3", [("<x,y>", "=", "3")]),
        (r"a \ll b = c", [("b", "=", "c")]),
        (r"x \mapsto y", []),
        ("x^2", []),
        ("q(z|x)", []),
        (r"W_{KL}=30", [("W_{KL}", "=", "30")]),
        (r"\boxed{E = mc^2}", [("E", "=", "mc^2")]),
        (r"{\color{red} a = b}", [("a", "=", "b")]),
        (r"\textcolor{red}{a} = b", [("a", "=", "b")]),
        (r"a \color{red}{=} b", [("a", "=", "b")]),
    ],
)
def test_signs_and_sides(formula, expected):
    found = [
        (r.lhs.replace(r"\color{red}", "").strip(), r.rel, r.rhs)
        for r in relations(f"$${formula}$$")
    ]
    assert found == expected


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("x=1, y=2", [("x", "=", "1"), ("y", "=", "2")]),
        ("a = f(x, y)", [("a", "=", "f(x, y)")]),
        (r"i = 1, \dots, n", [("i", "=", r"1, \dots, n")]),
        (r"\theta, \phi = \arg\min L", [(r"\theta, \phi", "=", r"\arg\min L")]),
        (
            r"i = 1,\dots,n, \quad \theta, \phi = L",
            [("i", "=", r"1,\dots,n"), (r"\theta, \phi", "=", "L")],
        ),
        (r"a = b \quad c = d", [("a", "=", "b"), ("c", "=", "d")]),
        (r"a \quad = \quad b \quad + c", [("a", "=", "b + c")]),
        (r"A = B \text{ and } C = D", [("A", "=", "B"), ("C", "=", "D")]),
        (r"A = B \quad \mathrm{s.t.} \quad C \le D", [("A", "=", "B"), ("C", "<=", "D")]),
        (r"\text{So } q(x) = r", [("q(x)", "=", "r")]),
        (r"\text{Let } \mu = 3", [(r"\mu", "=", "3")]),
        (r"\text{reconstruction loss} = L", [(r"\text{reconstruction loss}", "=", "L")]),
        (r"a = \text{KL}(q) + \text{const}", [("a", "=", r"\text{KL}(q) + \text{const}")]),
        (r"a = b + \text{some constant}", [("a", "=", r"b + \text{some constant}")]),
        (r"a = b \quad (3)", [("a", "=", "b")]),
        (r"a = b \tag{3} \label{x}", [("a", "=", "b")]),
        (r"a = b \quad (\text{Jensen})", [("a", "=", "b")]),
        (r"a = b \quad \forall t", [("a", "=", "b")]),
        (r"a = b \text{ for all } t", [("a", "=", "b")]),
        ("a = b.", [("a", "=", "b")]),
        ("a = b,", [("a", "=", "b")]),
        (
            "F_1 = W F_2 = W and F_3 = V",
            [("F_1", "=", "W F_2"), ("W F_2", "=", "W and F_3"), ("W and F_3", "=", "V")],
        ),
    ],
)
def test_statements(formula, expected):
    assert triples(f"$${formula}$$") == expected


def test_conditions_are_kept_beside_the_relation():
    first, second = relations(r"$$A = B \quad \text{where } z \sim q$$")
    assert first.condition == r"where z \sim q"
    assert (second.lhs, second.rel, second.rhs, second.words_before) == ("z", "sim", "q", "where")
    assert relations(r"$$a = b \quad \forall t$$")[0].condition == r"\forall t"


def test_words_around():
    document = "Suppose $x$ is small. Let $y = 1$ be given.\n\nIf $$a = b$$ where $c$ holds. Then"
    first, second = relations(document)
    assert (first.words_before, first.words_after) == ("Let", "be given")
    assert (second.words_before, second.words_after) == ("If", "where $c$ holds")


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (
            r"a = 0 \implies D = E",
            [("a", "=", "0"), ("a = 0", "implies", "D = E"), ("D", "=", "E")],
        ),
        (r"x = 1 \iff y = 2", [("x", "=", "1"), ("x = 1", "iff", "y = 2"), ("y", "=", "2")]),
        (r"A \iff B", [("A", "iff", "B")]),
        (r"A \Rightarrow b = c", [("A", "implies", "b = c"), ("b", "=", "c")]),
        (r"a = b \to c = d", [("a", "=", "b"), ("a = b", "to", "c = d"), ("c", "=", "d")]),
        (r"a \le b \to 0", [("a", "<=", "b"), ("b", "to", "0")]),
    ],
)
def test_weak_signs_join_whole_relations(formula, expected):
    assert triples(f"$${formula}$$") == expected


def rows(*written):
    return r"$$\begin{aligned}" + r" \\ ".join(written) + r"\end{aligned}$$"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (["a &= b", "&= c"], [("a", "=", "b"), ("b", "=", "c")]),
        (["a = & b", "= & c"], [("a", "=", "b"), ("b", "=", "c")]),
        (["a &= b", "&{}= c", r"&\phantom{=} + d"], [("a", "=", "b"), ("b", "=", "c + d")]),
        (["a &= b", "&\\quad - c", "&= d"], [("a", "=", "b - c"), ("b - c", "=", "d")]),
        (["a &= b +", "c", "&= d"], [("a", "=", "b + c"), ("b + c", "=", "d")]),
        (["a &= f[ b", "c ]", "&= d"], [("a", "=", "f[ b c ]"), ("f[ b c ]", "=", "d")]),
        (["a &=", "& b"], [("a", "=", "b")]),
        (["a &= b =", "&= c"], [("a", "=", "b"), ("b", "=", "c")]),
        (["a &= b & c &= d", "e &= f & g &= h"],
         [("a", "=", "b"), ("c", "=", "d"), ("e", "=", "f"), ("g", "=", "h")]),
        (["a &= b && \\text{by Jensen}", "&= c"], [("a", "=", "b"), ("b", "=", "c")]),
        (["a &= b", "x &= y", "-a &= -b"], [("a", "=", "b"), ("x", "=", "y"), ("-a", "=", "-b")]),
        (["& a", "&= b"], [("a", "=", "b")]),
        (["& \\min a", "\\iff & \\min b", "&= c"],
         [("\\min a", "iff", "\\min b"), ("\\min b", "=", "c")]),
        (["a &= b", "\\implies c &= d"], [("a", "=", "b"), ("a = b", "implies", "c = d"), ("c", "=", "d")]),
        (["a &= b", "\\therefore c &= d"], [("a", "=", "b"), ("c", "=", "d")]),
        (["a &= b", "\\intertext{but also}", "c &= d"], [("a", "=", "b"), ("c", "=", "d")]),
    ],
)  # fmt: skip
def test_rows(written, expected):
    assert triples(rows(*written)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\begin{eqnarray} a &=& b \\ & & + c \nonumber \\ &\le& d \end{eqnarray}",
         [("a", "=", "b + c"), ("b + c", "<=", "d")]),
        (r"$$\begin{array}{rcl} r & = & s \\ & \leq & t \end{array} \quad (4)$$", [("r", "=", "s"), ("s", "<=", "t")]),
        (r"$$\begin{aligned} a &= b \end{aligned} \quad \begin{aligned} c &= d \end{aligned}$$",
         [("a", "=", "b"), ("c", "=", "d")]),
        (r"\begin{equation}\begin{split} a &= b \\ &= c \end{split}\end{equation}", [("a", "=", "b"), ("b", "=", "c")]),
        (r"$$\left\{ \begin{aligned} a &= 1 \\ b &= 2 \end{aligned} \right.$$", [("a", "=", "1"), ("b", "=", "2")]),
        (r"$$f = \begin{cases} 1 & x > 0 \\ 0 & x = 0 \end{cases}$$",
         [("f", "=", r"\begin{cases} 1 & x > 0 \\ 0 & x = 0 \end{cases}")]),
        (r"$$A = \begin{pmatrix} a & b \\ c & d \end{pmatrix}$$",
         [("A", "=", r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}")]),
        ("$$ a = b \\\\ = c $$", [("a", "=", "b"), ("b", "=", "c")]),
        (r"\begin{multline} a = b \\ \exp(c) \\ = d \end{multline}", [("a", "=", r"b \exp(c)"), (r"b \exp(c)", "=", "d")]),
    ],
)  # fmt: skip
def test_environments(text, expected):
    assert triples(text) == expected


def test_sides_are_verbatim_and_cleaned_for_the_reader():
    (found,) = relations(
        r"$$ x\_1 = \underbrace{a}_{\text{old}} + \boxed{b} + \textcolor{red}{c} \left( d \right. \\ \left. + e \right), $$"
    )
    assert (found.lhs, found.lhs_expanded) == (r"x\_1", "x_1")
    assert found.rhs_expanded == r"{a} + b + c \left( d + e \right)"


def test_macros_are_expanded_for_the_reader_only():
    text = "\\newcommand{\\E}[1]{\\mathbb{E}[#1]}\\newcommand{\\eq}{=}\n\\[ \\E{x} \\eq y = z \\]"
    first, second = relations(text, "x.tex")
    assert (first.lhs, first.lhs_expanded, first.rhs) == (r"\E{x}", r"\mathbb{E}[x]", "y")
    assert (first.line, first.column, second.column) == (2, 10, 16)


def test_places_are_those_of_the_sign():
    text = "a $x = y$\n\n$$\\begin{aligned} a &= b \\\\\n &\\leq c \\end{aligned}$$"
    assert [(r.line, r.column) for r in relations(text)] == [(1, 6), (3, 22), (4, 3)]


@pytest.mark.parametrize(
    ("left", "opening"),
    [
        ("{" * 10_000 + "a" + "}" * 10_000, ""),
        ("(" * 20_000, ""),
        (r"\text{" * 10_000, ""),
        ("x", r"\left\{" * 5_000),
    ],
)
def test_unbalanced_and_deep_formulas_cost_only_themselves(left, opening):
    found = relations(f"$${opening}{left} = b$$ and $c = d$")
    assert ("c", "=", "d") in [(r.lhs, r.rel, r.rhs) for r in found]


@pytest.mark.parametrize(
    ("formula", "expected", "condition"),
    [
        (r"\forall x \in X: f(x) \ge 0", ("f(x)", ">=", "0"), r"\forall x \in X"),
        (r"f(x) = y, \quad \forall x, y \in X", ("f(x)", "=", "y"), r"\forall x, y \in X"),
        (r"\exists c > 0 \text{ s.t. } |f(x)| \le c", ("|f(x)|", "<=", "c"), r"\exists c > 0"),
        (r"a = b \quad (t = 1, 2)", ("a", "=", "b"), "(t = 1, 2)"),
        (r"a = b \;\; (\because \text{chain rule})", ("a", "=", "b"), ""),
        (r"Y|X=x \sim q(x)", ("Y|X=x", "sim", "q(x)"), ""),
        ("x ~ N(0, 1)", ("x", "sim", "N(0, 1)"), ""),
        (r"\text{i) } x = 1", ("x", "=", "1"), ""),
        (r"x = \dots = y", ("x", "=", "y"), ""),
    ],
)
def test_conditions_and_remarks(formula, expected, condition):
    (found,) = relations(f"$${formula}$$")
    assert (found.lhs, found.rel, found.rhs) == expected
    assert found.condition == condition


def test_escapes_of_markdown():
    text = "$$a\\_1 = \\\\{b\\\\} \\\\, c \\\\\\\\ = q^\\*$$"
    first, second = relations(text)
    assert (first.lhs_expanded, first.rhs_expanded) == ("a_1", r"\{b\} c")
    assert (second.rhs, second.rhs_expanded) == (r"q^\*", "q^*")


PIECES = [
    "$", "$$", r"\(", r"\[", r"\]", "{", "}", "(", ")", "[", "]", r"\left", r"\right", "|", "=", "<", ">", r"\le",
    r"\iff", r"\implies", "&", r"\\", r"\text{and }", r"\text{", r"\begin{aligned}", r"\end{aligned}",
    r"\begin{cases}", r"\end{cases}", "\n", "\n\n", "# ", "1. ", "(a) ", "`", "```", r"\alpha", r"\exp", "x", "+",
    "-", "^", "_", r"\frac", r"\quad", ",", ":", r"\forall", r"\overset", r"\xrightarrow", r"\not", "~", r"\boxed",
    r"\underbrace", r"\color", r"\tag", r"\newcommand{\x}{y=z}", r"\x", r"\def\y#1{#1=}", r"\y", "%", r"\because",
    "> ", "<!--", r"\item", r"\begin{enumerate}", r"\section{", " ", "some words of prose ", r"\dots", r"\sim",
    r"\to", "\0", "é", "≤", "\\", r"\mathrm{if}", "{=}",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=40), st.sampled_from(["x.md", "x.tex"]))
def test_no_text_makes_it_stumble(pieces, name):
    text = "".join(pieces)
    document = read_document(name, text=text)
    lines = text.split("\n")
    for found in relations_of(document):
        assert 1 <= found.line <= len(lines)
        assert 1 <= found.column <= len(lines[found.line - 1]) + 1
