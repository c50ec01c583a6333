"""A small document and the report on it, made by hand: no engine is needed to show a report."""

from __future__ import annotations

import re
from collections.abc import Sequence

from derivcheck.source import Document, read_document
from derivcheck.verdicts.result import (
    DocumentRecord,
    RelationResult,
    Report,
    TheoryPart,
    TheoryRecord,
    Witness,
)

TEXT = r"""# Homework

## Problem 1

We start with the evidence, where $p > 0$ and $q(z|x) > 0$.

$$\begin{aligned} \log p(x) &= \log p(x) + 0 \\ &= \log p(x) + \log 1 \\ &\leq \log p(x) - 1 \end{aligned}$$

## Problem 2

$$\bar\alpha_t = \prod_{s=1}^t \alpha_s$$

$$\sqrt{\bar\alpha_t} x_0$$
"""

WITNESS = Witness(
    world_kind="tables",
    seed=0,
    world=3,
    parameters={"p(x,z)": [[0.25, 0.5], [1.5, 0.75]], "T": 3},
    lhs_value=[1.5, 2.0],
    rhs_value=[0.5, 2.0],
    entry=[0],
    difference=1.0,
    bound=3e-12,
)


def relation_at(text: str, sign: str, nth: int, number: int, **more: object) -> RelationResult:
    """A relation at the nth occurrence (from 0) of a sign in the text."""
    offset = [m.start() for m in re.finditer(re.escape(sign), text)][nth]
    before = text[:offset]
    given: dict[str, object] = {
        "id": f"r{number:03d}",
        "line": before.count("\n") + 1,
        "column": offset - (before.rfind("\n") + 1) + 1,
        "question": "1",
        "lhs": "a",
        "rel": "=",
        "rhs": "b",
        "kind": "step",
        "verdict": "correct",
        "evidence": "exact",
    }
    given |= more
    given.setdefault("strict_verdict", given["verdict"])
    return RelationResult.model_validate(given)


def report_on(
    text: str, relations: Sequence[RelationResult], name: str = "homework.md"
) -> tuple[Report, Document]:
    """The report on a text whose verdicts are given."""
    document = read_document(name, text=text)
    theory = TheoryRecord(
        packs=["vae"],
        parts=[
            TheoryPart(latex="p(x,z) = p(x|z) p(z)", kind="density", origin="pack", where="vae")
        ],
        problems=["line 3 contradicts the theory"],
    )
    record = DocumentRecord(name=name, format=document.format)
    return Report.of(record, relations, theory=theory, seconds=1.5), document
