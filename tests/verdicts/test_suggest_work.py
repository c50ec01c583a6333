r"""The work of a search for corrections. Guards: a look that is not given up, one that leaves its limit behind."""

from __future__ import annotations

import math

import pytest

from derivcheck.checks.evidence import Question
from derivcheck.interpreters.exact.world import TooMuchWork
from derivcheck.notation import read
from derivcheck.terms.term import Relation
from derivcheck.verdicts import suggest
from derivcheck.verdicts.screen import screen_of
from derivcheck.verdicts.suggest import suggestion
from tests.checks.asking import bench

THEORY = "parameters: ['a > 0', 'b > 0']"
WORLDS = bench(THEORY)
RIGHT = r"a^2 + 2ab - b^2"


def question() -> Question:
    found = read(rf"(a + b)^2 = {RIGHT}", WORLDS.signature)
    assert isinstance(found, Relation)
    return Question(found.left, found.sign, found.right, bench(THEORY))


def test_a_look_that_takes_too_much_work_is_given_up() -> None:
    q = question()
    whole = screen_of(question(), math.inf)
    assert whole is not None
    with pytest.raises(TooMuchWork):
        screen_of(q, 2)
    world = q.bench.world(q.bench.setting("tables", 0))
    assert world.work < whole.work
    assert world.most == math.inf
    assert screen_of(q, math.inf) is not None


def test_edits_are_searched_only_where_a_look_is_cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    found = suggestion(question(), RIGHT, WORLDS.signature)
    assert found is not None
    assert found.kind == "sign"
    monkeypatch.setattr(suggest, "LOOK", 2)
    assert suggestion(question(), RIGHT, WORLDS.signature) is None


def test_a_head_that_takes_too_much_work_ends_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    q = question()
    whole = screen_of(question(), math.inf)
    assert whole is not None
    left = read(r"(a + b)^2 + " + " + ".join(rf"\log(a + {n} b)" for n in range(1, 30)), WORLDS.signature)
    head = Question(left, "=", q.right, q.bench)
    monkeypatch.setattr(suggest, "LOOK", whole.work + 10)
    found = suggestion(q, RIGHT, WORLDS.signature, head)
    assert found is not None
    assert found.kind == "wrong_relation"  # which is no edit
