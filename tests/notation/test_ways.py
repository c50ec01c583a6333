"""Every way of writing: its examples hold, what it refuses is refused."""

from __future__ import annotations

import pytest

from derivcheck.notation import Unreadable, read, write
from derivcheck.notation.declaration import Notation
from derivcheck.notation.ways import all_ways

WAYS = all_ways()
HOLDS = [
    pytest.param(way, *pair, id=f"{name}: {pair[0]}")
    for name, way in WAYS.items()
    for pair in way.holds
]
REFUSES = [
    pytest.param(way, text, id=f"{name}: {text}")
    for name, way in WAYS.items()
    for text in way.refuses
]


@pytest.mark.parametrize(("way", "latex", "same"), HOLDS)
def test_example_holds(way: Notation, latex: str, same: str) -> None:
    """The example, its other spelling and its written form are one term."""
    term = read(latex, way.theory)
    assert read(same, way.theory) == term
    assert read(write(term), way.theory) == term
    assert read(write(term, way.theory), way.theory) == term


@pytest.mark.parametrize(("way", "latex"), REFUSES)
def test_refused_example_is_refused(way: Notation, latex: str) -> None:
    """No partial reading."""
    with pytest.raises(Unreadable):
        read(latex, way.theory)


def test_every_way_says_what_it_is_and_has_an_example() -> None:
    """A page of notations can be made from the declarations."""
    for name, way in WAYS.items():
        assert way.what, name
        assert way.holds, name


def test_every_kind_of_term_is_written() -> None:
    """The writer knows all kinds but the four that the core writes."""
    import derivcheck.terms.term as terms

    kinds = {
        k
        for k in vars(terms).values()
        if isinstance(k, type) and issubclass(k, terms.Node) and k is not terms.Node
    }
    by_ways = {kind for way in WAYS.values() for kind in way.kinds}
    assert kinds - by_ways == {terms.Add, terms.Negate, terms.Multiply, terms.Relation}
