"""Relations of documents as terms, for the symbolic prover and the exact interpreter."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch

from derivcheck.checks.ask import answer
from derivcheck.checks.evidence import Outcome, Question, undecided
from derivcheck.interpreters.exact.bench import Bench
from derivcheck.interpreters.symbolic.certificate import Certificate, Step
from derivcheck.interpreters.symbolic.prove import prove
from derivcheck.notation.signature import signature_of
from derivcheck.pipeline import prepare
from derivcheck.terms.signature import Signature
from derivcheck.terms.term import Fold, Sign, Term
from derivcheck.verdicts.sides import read_relation

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, eq=False)
class Related:
    """A relation of a document, read."""

    document: str
    id: str
    signature: Signature
    left: Term
    sign: Sign
    right: Term

    def prove(self, work: int = 20_000) -> Certificate | None:
        """Its proof."""
        return prove(self.left, self.sign, self.right, self.signature, work=work)


def proofs() -> tuple[Path, ...]:
    """The documents of proofs/."""
    return tuple(sorted((ROOT / "proofs").glob("*/*.md")))


def homework() -> tuple[Path, ...]:
    """The gold documents."""
    return tuple(sorted((ROOT / "tests" / "homework").glob("*.md")))


@cache
def related(document: Path) -> tuple[Related, ...]:
    """The relations of a document that are read."""
    torch.set_num_threads(1)
    beside = document.with_suffix(".theory.yaml")
    found: list[Related] = []
    made: dict[int, Signature] = {}
    for p in prepare(str(document), [str(beside)] if beside.exists() else []).relations:
        s = made.setdefault(id(p.declarations), signature_of(p.declarations))
        read = read_relation(p.raw, s).charitable
        if read is not None:
            found.append(Related(f"{document.parent.name}/{document.stem}", p.raw.id, s, read.left.term, read.sign, read.right.term))
    return tuple(found)


def asked(left: Term, sign: Sign, right: Term, bench: Bench, seconds: float = 10.0) -> Outcome:
    """What the exact interpreter says of a relation."""
    bench.deadline = time.monotonic() + seconds
    try:
        return answer(Question(left, sign, right, bench))
    except Exception as why:  # noqa: BLE001 - whatever stops it, it has not answered
        return undecided(f"{type(why).__name__}: {why}")


def wrapped(t: Term, step: Step) -> Term:
    """A side of a step summed over the ranges below which the step was made."""
    for index, lower, upper in reversed(step.ranges):
        t = Fold("sum", index, lower, upper, t)
    return t
