"""A proof sought beside the worlds: what is asked, what comes back, and what it makes of a verdict.

Main definitions: `as_read`, `task_for`, `Task`, `Answer`, `settled`.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from derivcheck.verdicts.result import CertificateStep, RelationResult, Witness

if TYPE_CHECKING:
    from derivcheck.theories.theory import Declaration
    from derivcheck.verdicts.options import Options
    from derivcheck.verdicts.sides import Reading

DOUBTED = 8  # the share of work for what fails on a world


@final
@dataclass(frozen=True)
class Task:
    """One relation to prove: its pickled sides and sign, the theory in force, and what the attempt may cost.

    work: uses of laws; seconds: of the processor, after which the process that tries is ended.
    """

    id: str
    terms: bytes
    declarations: tuple[Declaration, ...]
    holds_at: str | None
    work: int
    seconds: float


@final
@dataclass(frozen=True)
class Answer:
    """What came of a task: a certificate's steps, or None.

    fault: what was wrong with the prover. cut: it was ended before it had finished.
    """

    id: str
    steps: tuple[CertificateStep, ...] | None = None
    fault: str | None = None
    cut: bool = False
    seconds: float = 0.0


def as_read(reading: Reading | None) -> bytes | None:
    """The two sides and their sign, for a prover; None if there are none, or nested too deep to be handed on."""
    if reading is None:
        return None
    try:
        return pickle.dumps((reading.left.term, reading.sign, reading.right.term))
    except (RecursionError, MemoryError):
        return None


def task_for(relation: RelationResult, terms: bytes | None, declarations: tuple[Declaration, ...], options: Options) -> Task | None:
    """What a prover is asked about a result; None if nothing: it was not decided, or nothing is to be proved.

    Of what fails on a world a proof is sought as well, with a smaller share of work: it would show that one of
    the engines is wrong.
    """
    if terms is None or not options.prove or relation.verdict not in ("correct", "incorrect"):
        return None
    share = 1 if relation.verdict == "correct" else DOUBTED
    return Task(relation.id, terms, declarations, relation.holds_at, options.proof_work // share, options.proof_budget)


def settled(relation: RelationResult, answer: Answer) -> RelationResult:
    """The result once both engines have spoken.

    `proved` needs both: a certificate, and worlds on which the relation holds. A certificate for what fails
    on a world is a defect of one of the engines, and nothing is decided.
    """
    timed = relation.model_copy(update={"proof_seconds": answer.seconds})
    if answer.steps is None:
        return timed
    if relation.verdict == "correct":
        return timed.model_copy(update={"evidence": "proved", "certificate": list(answer.steps)})
    if relation.verdict != "incorrect":
        return timed
    same = relation.strict_verdict == "incorrect"
    return timed.model_copy(
        update={
            "verdict": "undecided", "strict_verdict": "undecided" if same else relation.strict_verdict,
            "evidence": "none", "absolute": None if relation.absolute == "incorrect" else relation.absolute,
            "reason": _contradiction(answer.steps, relation.witness), "witness": None, "suggestion": None,
            "disagreement": True,
        }
    )  # fmt: skip


def _contradiction(steps: tuple[CertificateStep, ...], witness: Witness | None) -> str:
    laws = ", ".join(dict.fromkeys(step.law for step in steps)) or "no law at all"
    where = "a random world" if witness is None else f"world {witness.world} of {witness.world_kind}, seed {witness.seed}"
    return f"a defect of derivcheck: the symbolic engine proves it ({laws}), the exact engine refutes it ({where})"
