"""What a world remembers: nothing wrong after a relation, nothing large after its expectation."""

from __future__ import annotations

import torch

from derivcheck.interpreters.exact.memory import LARGE, Aged, Memory
from derivcheck.interpreters.exact.setting import separable
from derivcheck.interpreters.exact.values import Value


def value(n: int) -> Value:
    return Value((), torch.zeros(n, dtype=torch.float64))


def test_what_is_not_looked_up_for_two_relations_is_forgotten() -> None:
    memory = Memory()
    memory.put("asked again", value(1))
    memory.put("left alone", value(1))
    for _ in range(2):
        memory.age()
        assert memory.values.get("asked again") is not None
    assert memory.values.get("left alone") is None


def test_large_values_go_with_their_expectation() -> None:
    memory = Memory()
    with memory.scope():
        memory.put("large", value(LARGE + 1))
        memory.put("small", value(2))
        assert memory.values.get("large") is not None
    assert memory.values.get("large") is None
    assert memory.values.get("small") is not None


def test_graphs_of_derivatives_are_not_kept() -> None:
    memory = Memory()
    memory.put("graph", Value((), torch.zeros(1, requires_grad=True)))
    memory.age()
    assert memory.values.get("graph") is None


def test_every_value_has_a_token_of_its_own() -> None:
    a, b = value(1), value(1)
    assert a.token == a.token != b.token
    assert Aged[Value]().get("nothing") is None


def test_a_redrawn_word_that_ends_the_keys_of_networks_shares_nothing() -> None:
    assert separable((("x@3", 1), (r"\theta", 1)))
    assert not separable((("w", 1),))
    assert not separable(())
