"""Provers that stand in for the symbolic engine, each with a fault or a habit of its own."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

from derivcheck.interpreters.symbolic.certificate import Certificate, Step
from derivcheck.terms.term import Divergence


def certify(left: Any, sign: str, right: Any, *_: Any, **__: Any) -> Certificate:
    """Everything is proved, in two steps."""
    return Certificate((Step("first_law", left, right), Step("arithmetic", right, left)))


def certify_equations(left: Any, sign: str, right: Any, *_: Any, **__: Any) -> Certificate | None:
    """Equations between other things than divergences are proved."""
    if sign != "=" or isinstance(left, Divergence):
        return None
    return certify(left, sign, right)


def echo_work(left: Any, sign: str, right: Any, *_: Any, work: int, holds_at: str | None, **__: Any) -> Certificate:
    """The names of the laws tell what was asked."""
    return Certificate((Step(f"work_{work}", left, right), Step(f"at_{holds_at}", left, right)))


def faulty(left: Any, sign: str, right: Any, *_: Any, **__: Any) -> Certificate | None:
    """What has a certain number in it meets a certain fault; all else is proved."""
    for number, fault in FAULTS.items():
        if f"({number}," in str(right):
            return fault()
    return certify(left, sign, right)


def hang() -> None:
    """It takes for ever, in C, deaf to every signal handler of Python."""
    assert 3 ** (10**9)


def die() -> None:
    """It ends the process."""
    os._exit(9)


def eat() -> None:
    """It takes all memory."""
    assert bytearray(1 << 40)


def fail() -> None:
    """It meets a fault of the engine."""
    raise ZeroDivisionError("a fault")


def recurse() -> None:
    """It is too deep."""
    recurse()


FAULTS: dict[int, Callable[[], None]] = {71: hang, 72: die, 73: eat, 74: fail, 75: recurse, 76: lambda: time.sleep(600)}
