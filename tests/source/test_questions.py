"""Headings and labels: which question a formula belongs to."""

from __future__ import annotations

from pathlib import Path

import pytest

from derivcheck.source import read_document

HOMEWORK = Path(__file__).parents[1] / "homework"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "## Problem 1\n$a$\n### 1.\n$b$\n### 2.\n$c$\n## Problem 2\n$d$\n### (a)\n$e$",
            "1 1.1 1.2 2 2.a",
        ),
        ("**1.** $a$\n\n**(a)** $b$\n\n(b) $c$ \n\n**2.** $d$", "1 1.a 1.b 2"),
        ("# HW\n\nProblem 3\n\n$a$\n\na) $b$\n\nb) $c$\n\nProblem 4:\n\n$d$", "3 3.a 3.b 4"),
        ("# Q1\n$a$\n# Q2 (b)\n$b$\n## Solution 3\n$c$\n# Solution to Problem 4\n$d$", "1 2.b 3 4"),
        ("1. $a$\n2. $b$\n   1. $c$\n   2. $d$\n3. $e$", "1 2 2.1 2.2 3"),
        ("1. (a) $a$\n\n(b) $b$\n\n2. (a) $c$", "1.a 1.b 2.a"),
        ("1. 4) text $a$\n\n2. 1) For $b$", "1.4 2.1"),
        (
            "**Problem 1.** x\n\n1. (3) Derive $a$\n\n**Solution:**\n\n$b$\n\n1. We begin: $c$",
            "1.1 1 1.1",
        ),
        ("(h)\n$a$\n(i)\n$b$\n(j)\n$c$", "h i j"),
        ("(e)\n(i)\n$a$\n(ii)\n$b$\n(f)\n$c$", "e.i e.ii f"),
        (
            "# 1 Question1\n### 1.1\n$a$\n## 2.2\n$b$\n3\n\n$c$\n## 4\n$d$\n## 4.1\n$e$\n17\n$f$",
            "1.1 2.2 3 4 4.1 4.1",
        ),
        ("## 2.5\n$a$\n\n2.6\n\n$b$", "2.5 2.6"),
        ("## Problem 1\nProblem 3 shows that\n2.5 times $a$", "1"),
        ("### Problem 1.a\n$a$\n### Problem 1(b)\n$b$\n## 1.2.3 Foo\n$c$", "1.a 1.b 1.2.3"),
    ],
)
def test_questions(text, expected):
    blocks = read_document("x.md", text=text).blocks
    assert [b.question for b in blocks if b.kind == "math"] == expected.split()


@pytest.mark.parametrize(
    ("name", "line", "question"),
    [
        ("000", 6, "1.4"), ("000", 13, "2.1"), ("000", 41, "2.1"), ("002", 32, "1.1"), ("002", 65, "3.2"),
        ("002", 102, "3.2"), ("003", 13, "1.1"), ("003", 67, "1.4.1"), ("003", 119, "2.3"), ("003", 183, "2.6"),
        ("003", 266, "3"), ("003", 344, "4.1"), ("003", 375, "4.3"), ("004", 273, "1.c"), ("004", 365, "3.c"),
    ],
)  # fmt: skip
def test_questions_of_real_documents(name, line, question):
    blocks = read_document(next(HOMEWORK.glob(f"{name}_*.md"))).blocks
    assert {b.question for b in blocks if b.kind == "math" and b.position(0)[0] == line} == {
        question
    }
