r"""LaTeX documents and macros: expanded within bounds, places kept, nothing followed."""

from __future__ import annotations

import pytest

from derivcheck.source import read_document


def texts(text, name="x.tex"):
    return [b.text for b in read_document(name, text=text).blocks if b.kind == "math"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\newcommand{\E}{\mathbb{E}} $\E x$", [r"\mathbb{E} x"]),
        (r"\newcommand\E{\mathbb{E}} $\E x$", [r"\mathbb{E} x"]),
        (r"\newcommand{\E}[2]{\mathbb{E}_{#1}[#2]} $\E{q}{f(x)}$", [r"\mathbb{E}_{q}[f(x)]"]),
        (r"\newcommand{\E}[2][q]{E_{#1}[#2]} $\E{x} \E[p]{x}$", ["E_{q}[x] E_{p}[x]"]),
        (r"\def\E#1{E[#1]} $\E x$", ["E[x]"]),
        (r"\def\a{\alpha}\def\b{\a_t} $\b$", [r"\alpha_t"]),
        (r"\DeclareMathOperator{\KL}{KL} $\KL(q)$", [r"\operatorname{KL}(q)"]),
        (r"\DeclareMathOperator*{\argmin}{arg\,min} $\argmin_x$", [r"\operatorname*{arg\,min}_x"]),
        (r"\DeclarePairedDelimiter{\norm}{\lVert}{\rVert} $\norm*{x}$", [r"\lVert x \rVert"]),
        (r"\NewDocumentCommand{\E}{m m}{E_{#1}[#2]} $\E{q}{x}$", ["E_{q}[x]"]),
        (r"\let\eps\epsilon $\eps_t$", [r"\epsilon_t"]),
        (r"\newcommand{\x}{1} $\x$ \renewcommand{\x}{2} $\x$", ["1", "2"]),
        (r"\def\f#1{\alpha#1} $\f x$", [r"\alpha x"]),
        (r"$\undefined{x}$", [r"\undefined{x}"]),
    ],
)
def test_macros(text, expected):
    assert texts(text) == expected


def test_macros_of_markdown_may_stand_in_formulas():
    assert texts("$$\\newcommand{\\E}{\\mathbb{E}}$$\n\n$\\E x$", "x.md") == [r"\mathbb{E} x"]


def test_characters_keep_their_place_through_macros():
    text = "\\newcommand{\\E}[1]{\\mathbb{E}[#1]}\n$\\E{x} = y$"
    block = next(b for b in read_document("x.tex", text=text).blocks if b.kind == "math")
    assert block.text == r"\mathbb{E}[x] = y"
    assert block.position(block.text.index("=")) == (2, 8)
    assert block.position(block.text.index("x")) == (2, 5)
    assert block.verbatim(0, block.text.index("=") - 1) == r"\E{x}"


@pytest.mark.parametrize(
    "bomb",
    [
        r"\def\a{\a\a}",
        r"\def\a{\b\b}\def\b{\a}",
        r"\def\a{\b\b\b\b}\def\b{\c\c\c\c}\def\c{\d\d\d\d}\def\d{\e\e\e\e}\def\e{\f\f\f\f}\def\f{xxxxxxxxxxxxxxxxxxxxxx}",
    ],
)
@pytest.mark.parametrize("name", ["x.md", "x.tex"])
def test_bombs_are_left_unexpanded_and_told(bomb, name):
    document = read_document(name, text=f"${bomb}\\a = b$ and $c = d$")
    assert [b.text for b in document.blocks if b.kind == "math"] == [r"\a = b", "c = d"]
    assert document.problems[0].code == "macro"


def test_comments_and_code_are_no_formulas():
    text = "a % $x = 1$\n$y$ 5\\% $z$\n\\verb|$u$| \\begin{verbatim}$v$\\end{verbatim}\n\\iffalse $w$ \\fi"
    assert texts(text) == ["y", "z"]


def test_a_comment_inside_a_formula_leaves_the_places():
    block = next(
        b for b in read_document("x.tex", text="\\[ a % = 1\n = b \\]").blocks if b.kind == "math"
    )
    assert block.text.split() == ["a", "=", "b"]
    assert block.position(block.text.index("=")) == (2, 2)
    assert "%" not in block.verbatim(0, len(block.text))


def test_input_is_never_followed(tmp_path):
    (tmp_path / "b.tex").write_text("$secret = 1$")
    path = tmp_path / "a.tex"
    path.write_text(r"\input{b} \include{b} \input{/etc/passwd} $a$")
    assert [b.text for b in read_document(path).blocks if b.kind == "math"] == ["a"]


def test_macros_that_open_environments():
    text = (
        "\\newcommand{\\be}{\\begin{equation}}\\newcommand{\\ee}{\\end{equation}}\n\\be a = b \\ee"
    )
    blocks = [b for b in read_document("x.tex", text=text).blocks if b.kind == "math"]
    assert [(b.environment, b.position(b.text.index("="))) for b in blocks] == [
        ("equation", (2, 7))
    ]


def test_questions_of_latex():
    text = r"""\begin{document}
\section*{Problem 1} $a$
\begin{enumerate}[label=(\alph*)]
\item $b$
\item $c$ \begin{enumerate} \item $d$ \end{enumerate}
\end{enumerate}
\begin{enumerate} \item $e$ \item $f$ \end{enumerate}
\noindent\textbf{Problem 2.} $g$
\begin{itemize} \item[(b)] $h$ \end{itemize}
\begin{exercise}[3.1] $i$ \end{exercise}
\end{document}"""
    blocks = [b for b in read_document("x.tex", text=text).blocks if b.kind == "math"]
    found = {b.text: b.question for b in blocks}
    assert found == {
        "a": "1", "b": "1.a", "c": "1.b", "d": "1.a", "e": "1.1", "f": "1.2", "g": "2", "h": "2.b", "i": "3.1",
    }  # fmt: skip
