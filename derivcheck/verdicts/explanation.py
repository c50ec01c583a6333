"""All that is known about one relation: what `derivcheck explain` prints.

Main definition: `Explanation`, with `Trial` (one kind of world) and `SubtermValue`.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from derivcheck.verdicts.result import Record, RelationResult, TheoryPart, Value


class Trial(Record):
    """One kind of world that was tried on the relation."""

    world_kind: str
    worlds: int = Field(description="drawn")
    evaluated: int = Field(default=0, description="inside the domains of both sides")
    redrawn: int = Field(default=0, description="outside a domain, drawn again")
    outcome: Literal["agree", "differ", "not evaluated"]
    worst_difference: float | None = Field(
        default=None, description="largest |lhs - rhs| over the worlds"
    )
    reason: str | None = Field(default=None, description="why it was not evaluated")


class SubtermValue(Record):
    """One sub-term of a side on the witness's world; `depth` 0 is the whole side."""

    latex: str
    depth: int
    value: Value | None = None
    note: str | None = Field(
        default=None, description="why it has no value by itself: a law, a bound name"
    )


class Explanation(Record):
    """One relation, explained."""

    document: str
    relation: RelationResult
    lhs_reading: str | None = None
    rhs_reading: str | None = None
    theory: list[TheoryPart] = Field(
        default=[], description="in force at the relation, strongest first"
    )
    trials: list[Trial] = []
    lhs_values: list[SubtermValue] = Field(
        default=[], description="in reading order, parents first"
    )
    rhs_values: list[SubtermValue] = []
    snippet: str | None = Field(default=None, description="Python that replays the witness")
    notes: list[str] = []


def replay_snippet(document: str, relation: RelationResult, theories: list[str]) -> str | None:
    """Python that evaluates both sides of the witness in a fresh process; None without a witness."""
    witness = relation.witness
    if witness is None:
        return None
    given = f", theories={theories!r}" if theories else ""
    return (
        "import derivcheck\n\n"
        f"lhs, rhs = derivcheck.replay(\n    {document!r}, {relation.id!r}{given},\n"
        f"    seed={witness.seed}, world={witness.world}, kind={witness.world_kind!r},\n)\n"
        'print("left ", lhs)\n'
        'print("right", rhs)\n'
    )
