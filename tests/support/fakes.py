"""Provers that stand in for the symbolic engine, each with a fault or a habit of its own."""

from __future__ import annotations

import os
import time
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


def hang(left: Any, sign: str, right: Any, *_: Any, **__: Any) -> Certificate | None:
    """What has a 7 in it takes for ever, in C, deaf to every signal handler of Python."""
    if "7" in str(right):
        return Certificate(()) if 3 ** (10**9) else None
    return certify(left, sign, right)


def sleep(left: Any, sign: str, right: Any, *_: Any, **__: Any) -> Certificate | None:
    """What has a 7 in it waits for ever, and uses no processor."""
    if "7" in str(right):
        time.sleep(600)
    return certify(left, sign, right)


def die(left: Any, sign: str, right: Any, *_: Any, **__: Any) -> Certificate | None:
    """What has a 7 in it ends the process."""
    if "7" in str(right):
        os._exit(9)
    return certify(left, sign, right)


def eat(left: Any, sign: str, right: Any, *_: Any, **__: Any) -> Certificate | None:
    """What has a 7 in it takes all memory."""
    if "7" in str(right):
        return Certificate(()) if bytearray(1 << 40) else None
    return certify(left, sign, right)


def fail(left: Any, sign: str, right: Any, *_: Any, **__: Any) -> Certificate | None:
    """What has a 7 in it meets a fault of the engine."""
    if "7" in str(right):
        raise ZeroDivisionError("a fault")
    return certify(left, sign, right)


def recurse(left: Any, sign: str, right: Any, *_: Any, **__: Any) -> Certificate | None:
    """What has a 7 in it is too deep."""
    return recurse(left, sign, right) if "7" in str(right) else certify(left, sign, right)
