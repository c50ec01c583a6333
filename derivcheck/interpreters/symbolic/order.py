"""A fixed order of terms, the same in every process: what makes a normal form one form."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Any

from derivcheck.terms.term import Node, Number, Symbol, Term


@lru_cache(maxsize=200_000)
def order(t: Term) -> tuple[Any, ...]:
    """A sort key: numbers, then symbols by name, then all else by kind and parts."""
    if isinstance(t, Number):
        return (0, float(t.value), str(t.value))
    if isinstance(t, Symbol):
        return (1, t.name, tuple(order(i) for i in t.index))
    return (2, len(str(_text(t))), type(t).__name__, _text(t))


@lru_cache(maxsize=200_000)
def _text(t: Term) -> str:
    return f"{type(t).__name__}({','.join(_part(getattr(t, name)) for name in t.parts)})"


def _part(value: object) -> str:
    if isinstance(value, Node):
        return _text(value)  # type: ignore[arg-type]
    if isinstance(value, tuple):
        return f"[{','.join(_part(v) for v in value)}]"  # type: ignore[misc]
    if isinstance(value, Fraction):
        return str(value)
    return repr(value)
