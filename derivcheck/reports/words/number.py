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
