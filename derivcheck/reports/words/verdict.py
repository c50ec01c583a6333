"""The word and the sign of each verdict: never colour alone."""

from __future__ import annotations

from derivcheck.verdicts.result import Counts, RelationResult, VerdictWord

MARKS: dict[VerdictWord, str] = {
    "correct": "✓",
    "incorrect": "✗",
    "undecided": "?",
    "not_checkable": "–",
}
WORDS: dict[VerdictWord, str] = {
    "correct": "correct",
    "incorrect": "incorrect",
    "undecided": "undecided",
    "not_checkable": "not checkable",
}
SIGNS: dict[str, str] = {
    "=": "=",
    "<=": "≤",
    ">=": "≥",
    "<": "<",
    ">": ">",
    "!=": "≠",
    "propto": "∝",
    "approx": "≈",
    "sim": "∼",
    "iff": "⟺",
    "implies": "⟹",
    "to": "→",
    ":=": "≔",
    "in": "∈",
}
EVIDENCE: dict[str, str] = {
    "proved": "proved",
    "exact": "exact worlds",
    "sampled": "sampled",
    "none": "no evidence",
}


def counted(counts: Counts) -> str:
    """`2 incorrect, 1 undecided, 7 correct, 3 not checkable`; what does not occur is left out."""
    parts = [
        f"{number} {word}"
        for verdict, word in WORDS.items()
        if (number := getattr(counts, verdict)) > 0
    ]
    order = {"incorrect": 0, "undecided": 1, "correct": 2}
    parts.sort(key=lambda part: order.get(part.split(" ", 1)[1], 3))
    return ", ".join(parts) or "no relation"


def contradictions(count: int) -> str:
    """What is said of relations on which the engines disagree: nobody's error but ours."""
    many = "1 relation" if count == 1 else f"{count} relations"
    return f"a defect of derivcheck: its engines contradict each other on {many}; please report it"


def qualifications(relation: RelationResult) -> list[str]:
    """What must be said beside the verdict: another literal or absolute verdict, where it holds."""
    said: list[str] = []
    if relation.reads_as is not None:
        said.append(f"read as {relation.reads_as}")
    if relation.strict_verdict != relation.verdict:
        said.append(f"literally: {WORDS[relation.strict_verdict]}")
    if relation.absolute is not None and relation.absolute != relation.verdict:
        said.append(f"against the start of its chain: {WORDS[relation.absolute]}")
    if relation.holds_at is not None:
        said.append(f"judged at {relation.holds_at}")
    return said
