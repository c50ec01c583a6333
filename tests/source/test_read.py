"""Files of every kind and state: what is read, what is refused, and where things stand."""

from __future__ import annotations

import io
import json
import sys
import time

import pytest

from derivcheck.source import UnreadableFile, read_document


def formulas(text, name="x.md"):
    return [b.source_text for b in read_document(name, text=text).blocks if b.kind == "math"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a $x=1$ b", ["x=1"]),
        ("$$x\n=1$$", ["x\n=1"]),
        (r"\(x\) and \[y\]", ["x", "y"]),
        (r"\\(x\\) and \\[y\\]", ["x", "y"]),
        ("costs $5 and $10 in total", []),
        ("between $5 and $10, so $x = 5$ holds", ["x = 5"]),
        ("US$5 million, then $a<b$", ["a<b"]),
        (r"\$5 and $x$ and \$6", ["x"]),
        ("`$a$` and ``$b$ ` $c$`` and $d$", ["d"]),
        ("```\n$a$\n```\n$b$", ["b"]),
        ("~~~python\n$a$\n~~~\n$b$", ["b"]),
        ("```math\na = b\n```", ["a = b\n"]),
        ("```{math}\n:label: eq\n\na = b\n```", ["\na = b\n"]),
        (":::{math}\na = b\n:::", ["a = b\n"]),
        ("{math}`a = b` and $`c`$", ["a = b", "c"]),
        ("text\n\n    $code$\n\n$x$", ["x"]),
        ("1. item\n\n    $x$", ["x"]),
        ("<!-- $a$ --> $b$", ["b"]),
        ("<pre>$a$</pre> $b$", ["b"]),
        (r"\begin{align*} a &= b \end{align*}", [r"\begin{align*} a &= b \end{align*}"]),
        (r"\begin{itemize} $a$ \end{itemize}", ["a"]),
        ("$ x = 1 $", [" x = 1 "]),
        ("$x$$y$", ["x", "y"]),
        ("$$a$$ $$b$$", ["a", "b"]),
        ("# Title\n$x$", ["x"]),
        ("", []),
    ],
)
def test_formulas_of_markdown(text, expected):
    assert formulas(text) == expected


def test_a_lost_display_closer_costs_only_its_paragraph():
    text = "Some words of prose come first.\n\n$$a = b\n\nMore words of prose then follow here.\n\n$$c = d$$ end"
    document = read_document("x.md", text=text)
    assert [b.text.strip() for b in document.blocks if b.kind == "math"] == ["a = b", "c = d"]
    assert document.problems[0].code == "unbalanced"
    assert (document.problems[0].place.line, document.problems[0].place.column) == (3, 1)


def test_blank_lines_inside_a_display_are_kept():
    assert formulas("$$\na = b\n\n= c\n$$") == ["\na = b\n\n= c\n"]


def test_quoted_displays_lose_their_marks():
    document = read_document("x.md", text="> $$ a\n> = b $$\n")
    assert [b.text for b in document.blocks if b.kind == "math"] == [" a\n= b "]


def test_front_matter_stands_apart():
    document = read_document("x.md", text="---\ntheory: vae\n---\n$a=b$")
    assert document.front_matter == "theory: vae\n"
    assert read_document("x.md", text="---\n\n$a=b$\n\n---\n").front_matter is None


def test_positions_count_from_one():
    block = next(b for b in read_document("x.md", text="ab\n  $x = y$").blocks if b.kind == "math")
    assert block.position(0) == (2, 4)
    assert block.position(2) == (2, 6)


def test_blocks_hold_the_document_in_order():
    text = "# A\ntext $x$ more\n\n$$y$$\n"
    assert [(b.kind, b.source_text) for b in read_document("x.md", text=text).blocks] == [
        ("heading", "A"), ("prose", "text "), ("math", "x"), ("prose", " more\n\n"), ("math", "y"), ("prose", "\n"),
    ]  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings(tmp_path, encoding):
    path = tmp_path / "a.md"
    path.write_bytes("größe $α = β$".encode(encoding))
    assert [b.text for b in read_document(path).blocks if b.kind == "math"] == ["α = β"]


def test_latin_1_is_read_with_a_note(tmp_path):
    path = tmp_path / "a.md"
    path.write_bytes("größe $a = b$".encode("latin-1"))
    document = read_document(path)
    assert document.problems[0].code == "encoding"
    assert [b.text for b in document.blocks if b.kind == "math"] == ["a = b"]


@pytest.mark.parametrize(
    ("data", "fact"),
    [
        (b"%PDF-1.4 x", "PDF"),
        (bytes(range(256)) * 20, "binary"),
        (b"\x00\x01\x02\x03" * 100, "binary"),
    ],
)
def test_what_is_no_text_is_refused(tmp_path, data, fact):
    path = tmp_path / "a.md"
    path.write_bytes(data)
    with pytest.raises(UnreadableFile, match=fact):
        read_document(path)


def test_missing_files_and_folders(tmp_path):
    with pytest.raises(UnreadableFile, match="no such file"):
        read_document(tmp_path / "a.md")
    with pytest.raises(UnreadableFile, match="folder"):
        read_document(tmp_path)


def test_invisible_characters_are_told_and_leave_columns():
    document = read_document("x.md", text="a\u202eb $x\u200b = y$\r\n$z$")
    assert document.problems[0].code == "invisible-character"
    assert [b.text for b in document.blocks if b.kind == "math"] == ["x  = y", "z"]
    assert [b.position(0) for b in document.blocks if b.kind == "math"] == [(1, 6), (2, 2)]


def test_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"$a = b$")))
    document = read_document("-")
    assert (document.name, document.format, len(document.blocks)) == ("<stdin>", "markdown", 1)


def test_standard_input_may_be_latex():
    assert (
        read_document(
            "-", text="\\documentclass{article}\\begin{document}$x$\\end{document}"
        ).format
        == "tex"
    )


def notebook(*cells):
    made = [{"cell_type": kind, "source": source, "metadata": {}} for kind, source in cells]
    return json.dumps({"cells": made, "nbformat": 4, "nbformat_minor": 5, "metadata": {}})


def test_notebook_cells_have_lines_of_their_own():
    text = notebook(
        ("code", "x = '$a$'"),
        ("markdown", ["# Problem 1\n", "\n", "$\\newcommand{\\E}{\\mathbb{E}}\\E x$"]),
        ("markdown", "text\n$y = 1$"),
    )
    blocks = [b for b in read_document("x.ipynb", text=text).blocks if b.kind == "math"]
    assert [(b.cell, b.position(0)[0], b.text, b.question) for b in blocks] == [
        (1, 3, "\\mathbb{E} x", "1"), (2, 2, "y = 1", "1"),
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["{", "[]", '{"a": 1}', "[" * 100_000])
def test_broken_notebooks_are_refused(text):
    with pytest.raises(UnreadableFile):
        read_document("x.ipynb", text=text)


HOSTILE = {
    "dollars": "$" * 100_001,
    "amounts": "costs $5 and $10, " * 20_000,
    "openers": r"\[ a \( b " * 20_000,
    "begins": r"\begin{align} a " * 5_000,
    "ticks": "".join("`" * k + " " for k in range(1, 400)),
    "line": "x " * 500_000 + "$a$",
    "lost displays": "$$ words that look like prose here\n\nand more " * 3_000,
    "comments": "<!-- " * 20_000,
    "fences": "```math\n" * 3_000,
    "definitions": r"\newcommand{\a}{" * 10_000,
    "lets": r"\let\a\b " * 5_000,
    "backslashes": "\\" * 100_001,
    "items": "1. a\n" * 20_000,
}


@pytest.mark.parametrize("name", ["x.md", "x.tex"])
@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_text_takes_linear_time(case, name):
    start = time.perf_counter()
    read_document(name, text=HOSTILE[case])
    assert time.perf_counter() - start < 8  # seconds; a quadratic pass would take minutes
