"""Formulas as other documents write them: read, written, read again; gold texts are read."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from derivcheck.notation import Unreadable, read, readings, write
from derivcheck.terms.signature import Signature

TESTS = Path(__file__).parents[1]
IDENTITY = (TESTS / "golden" / "identity.tex").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("latex", IDENTITY)
def test_formula_survives_being_written(latex: str) -> None:
    """read → write → read."""
    term = read(latex)
    assert read(write(term)) == term


def test_gold_texts_are_read() -> None:
    """Of the sides that the gold labels quote, at least 98 % have a reading, repairs of brackets included."""
    sides: set[str] = set()
    for path in (TESTS / "gold").glob("*.yaml"):
        for relation in yaml.safe_load(path.read_text(encoding="utf-8"))["relations"]:
            sides |= {relation["lhs"], relation["rhs"]}
    unread: list[str] = []
    for side in sides:
        try:
            assert next(readings(side, Signature()))
        except Unreadable:
            unread.append(side)
    assert len(unread) <= 0.02 * len(sides), unread
