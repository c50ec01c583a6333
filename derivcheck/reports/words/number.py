"""Numbers and arrays of a witness, short enough to read."""

from __future__ import annotations

from typing import cast

from derivcheck.verdicts.result import PlainValue

DIGITS = 6


def number(value: PlainValue, digits: int = DIGITS) -> str:
    """A number with `digits` significant digits, an array in brackets, row by row."""
    if isinstance(value, list):
        return (
            "[" + ", ".join(number(item, digits) for item in cast("list[PlainValue]", value)) + "]"
        )
    if isinstance(value, str):
        return value.replace("inf", "∞")
    if isinstance(value, int):
        return str(value)
    short = f"{value:.{digits}g}"
    return short.replace("-", "−") if "e" not in short else short


def shortened(value: PlainValue, most: int = 24) -> str:
    """A value for one line: a large array shows its first row that fits, and its shape."""
    if leaves(value) <= most:
        return number(value)
    first = value
    while isinstance(first, list) and leaves(first) > most:
        first = first[0]
    return f"{number(first)} and so on, {size(value)}"


def leaves(value: PlainValue) -> int:
    """How many numbers a value holds."""
    return sum(map(leaves, value)) if isinstance(value, list) else 1


def at(value: PlainValue, entry: list[int] | None) -> PlainValue:
    """The entry of an array; the value itself if it is no array or the entry does not fit."""
    for index in entry or []:
        if not isinstance(value, list) or not 0 <= index < len(value):
            return value
        value = value[index]
    return value


def size(value: PlainValue) -> str:
    """`scalar`, `3`, `3 × 2`: the shape of a value."""
    shape: list[str] = []
    while isinstance(value, list):
        shape.append(str(len(value)))
        if not value:
            break
        value = value[0]
    return " × ".join(shape) or "scalar"
