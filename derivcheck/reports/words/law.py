"""Laws for a terminal: all of them, or one with its examples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from derivcheck.laws import Example, Law

INDENT = "    "


def law_list(laws: Mapping[str, Law]) -> Iterator[str]:
    """Every law in three or four lines: name and source, statement, condition."""
    for name, law in laws.items():
        yield f"{name}   [{law.source}]"
        yield INDENT + law.statement
        if law.condition:
            yield f"{INDENT}if {law.condition}"
    yield "1 law" if len(laws) == 1 else f"{len(laws)} laws"


def law_lines(name: str, law: Law) -> Iterator[str]:
    """One law and its examples."""
    yield name
    yield INDENT + law.statement
    if law.condition:
        yield f"{INDENT}if {law.condition}"
    yield f"{INDENT}source: {law.source}"
    yield f"{INDENT}rewrites: {', '.join(kind.__name__ for kind in law.on)}"
    for title, examples in (("holds", law.holds), ("refuses", law.refuses)):
        for example in examples:
            yield ""
            yield from _example(title, example)


def _example(title: str, example: Example) -> Iterator[str]:
    arrow = f"   →   {example.right}" if example.right is not None else ""
    yield f"{title}: {example.left}{arrow}"
    for key, entries in example.theory.items():
        yield from (f"{INDENT}{key}: {entry}" for entry in entries)
