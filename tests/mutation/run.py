"""Judge the mutants and print the table: `python -m tests.mutation.run [--per-kind 2] [--no-theory] [--list]`.

With `--proofs`: those of the relations in proofs/, and how many of them the symbolic prover proves.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from derivcheck.interpreters.symbolic.prove import prove
from derivcheck.verdicts.result import RelationResult
from derivcheck.verdicts.sides import read_relation
from tests.mutation.equivalent import EQUIVALENT, WITHOUT_VALUE, reason
from tests.mutation.equivalent_proofs import EQUIVALENT_PROOFS, WITHOUT_VALUE_PROOFS
from tests.mutation.generate import Base, Mutant, sample, sample_of_proofs
from tests.support.judging import Bench, edited


@dataclass(frozen=True)
class Judged:
    """A mutant with its verdict, and that of its unmutated base."""

    mutant: Mutant
    base: RelationResult
    result: RelationResult
    proved: bool = False  # by the symbolic prover alone, whatever the worlds say

    @property
    def read(self) -> bool:
        """Whether both sides were read whole and typed."""
        return self.result.reading is not None

    def __str__(self) -> str:
        m = self.mutant
        return (
            f"{'PROVED ' if self.proved else ''}{m.base.document if '/' in m.base.document else m.base.document[:3]} {m.base.id} {m.kind} ({m.side}): {self.result.strict_verdict} "
            f"[{self.result.verdict}] base {self.base.strict_verdict}: {m.lhs} {m.rel} {m.rhs}"
            f"\n      {self.result.reason}"
        )


def judge(mutants: Iterable[Mutant], *, proving: bool = False) -> Iterator[Judged]:
    """The verdict on every mutant, each beside the verdict on its base; proving: and whether the prover proves it."""
    bench, document, base = Bench(), "", None
    before: RelationResult | None = None
    for m in mutants:
        if m.base.document != document:
            bench, document = Bench(), m.base.document
            _remember(bench, m.base)
        if base is not m.base:
            base = m.base
            bench.original(base.placed)
            before = bench.edited(base.placed, lhs=base.lhs, rel=base.rel, rhs=base.rhs)
        assert before is not None
        yield Judged(m, before, bench.edited(base.placed, lhs=m.lhs, rel=m.rel, rhs=m.rhs), proving and proved(m, bench))


def proved(m: Mutant, bench: Bench) -> bool:
    """Whether the symbolic prover proves a reading of a mutant."""
    s = bench.signature(m.base.placed)
    read = read_relation(edited(m.base.placed.raw, lhs=m.lhs, rel=m.rel, rhs=m.rhs), s)
    return any(r is not None and prove(r.left.term, r.sign, r.right.term, s) is not None for r in (read.literal, read.charitable))


def _remember(bench: Bench, base: Base) -> None:
    """Judge the document's stationarity conditions first, as a document is judged."""
    from tests.support.gold import documents, labelled

    for path in documents():
        if path.stem == base.document:
            for one in labelled(path, with_theory=True):
                if one.gold.get("holds_at"):
                    bench.original(one.placed)


def table(judged: list[Judged]) -> str:
    """Mutants by kind: how many are read, and what became of them."""
    kinds = dict.fromkeys(j.mutant.kind for j in judged)
    rows = [f"{'kind':32} {'n':>5} {'read':>5} {'incorrect':>9} {'undecided':>9} {'other':>5} {'CORRECT':>7}"]
    for kind in (*kinds, None):
        these = [j for j in judged if kind is None or j.mutant.kind == kind]
        said = Counter(j.result.strict_verdict for j in these if j.read)
        accepted = sum("correct" in (j.result.strict_verdict, j.result.verdict) for j in these)
        rows.append(
            f"{kind or 'all':32} {len(these):5} {sum(j.read for j in these):5} {said['incorrect']:9} "
            f"{said['undecided']:9} {said['not_checkable']:5} {accepted:7}"
        )
    n, read = max(len(judged), 1), max(sum(j.read for j in judged), 1)
    refuted = sum(j.read and j.result.strict_verdict == "incorrect" for j in judged)
    false = [j for j in judged if reason(j.mutant, (*EQUIVALENT, *EQUIVALENT_PROOFS)) is None or j.result.verdict == "incorrect"]
    rows.append(f"equal by plain numpy {len(judged) - len(false)}; proved of the others {sum(j.proved for j in false)}")
    rows.append(f"read {read / n:.2%}; of the read ones strictly incorrect {refuted / read:.2%}")
    silent = [j for j in judged if j.read and reason(j.mutant, (*WITHOUT_VALUE, *WITHOUT_VALUE_PROOFS)) is not None]
    claims = max(sum(j.read for j in false) - len(silent), 1)
    rows.append(f"without a value on one side {len(silent)}; of the read ones that are neither equal nor without a value strictly incorrect {refuted / claims:.2%}")
    return "\n".join(rows)


def main(argv: list[str]) -> int:
    """Print the table; `--list` also what was not refuted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--per-kind", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--no-theory", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--only", default="", help="a document's first letters, or document:relation")
    parser.add_argument("--proofs", action="store_true")
    parser.add_argument("--every", type=int, default=1, help="one of so many mutants")
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args(argv)
    start = perf_counter()
    mutants = sample_of_proofs(chosen.per_kind, seed=chosen.seed) if chosen.proofs else sample(chosen.per_kind, seed=chosen.seed, with_theory=not chosen.no_theory)
    mutants = mutants[:: chosen.every]
    where, _, which = chosen.only.partition(":")
    mutants = [m for m in mutants if m.base.document.startswith(where) and which in ("", m.base.id)]
    judged = list(judge(mutants, proving=chosen.proofs))
    if chosen.list:
        for j in judged:
            if j.proved or j.result.strict_verdict != "incorrect" or j.result.verdict == "correct":
                print(j)
        for b in {(j.mutant.base.document[:3], j.mutant.base.id, j.base.verdict, j.base.reason) for j in judged if j.base.verdict != "correct"}:
            print("BASE", *b)
    print(table(judged))
    print(f"{perf_counter() - start:.0f} s")
    if chosen.json:
        records = [{"id": j.mutant.base.id, "document": j.mutant.base.document, "kind": j.mutant.kind, "side": j.mutant.side, "lhs": j.mutant.lhs, "rel": j.mutant.rel, "rhs": j.mutant.rhs, "base": j.base.verdict, **j.result.model_dump(mode="json", include={"verdict", "strict_verdict", "reason", "reading", "seconds"})} for j in judged]
        chosen.json.write_text(json.dumps(records, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
