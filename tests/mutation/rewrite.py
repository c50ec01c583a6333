"""Judge the rewritings: `python -m tests.mutation.rewrite [--no-theory] [--only 003:r081]`."""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Iterator

from derivcheck.verdicts.result import RelationResult
from tests.mutation.generate import Base, bases
from tests.mutation.rewritings import Sides, rewritings
from tests.support.gold import documents, labelled
from tests.support.judging import Bench


def judged(*, with_theory: bool = True, per_kind: int = 1, only: str = "") -> Iterator[tuple[Base, str, Sides, RelationResult]]:
    """Rewritings of the true relations that are judged correct as they stand, with their verdicts."""
    where, _, which = only.partition(":")
    for document in documents():
        if not (document.parents[1] / "gold" / f"{document.stem}.yaml").exists() or not document.stem.startswith(where):
            continue
        bench = Bench()
        for one in labelled(document, with_theory=with_theory):
            if one.gold.get("holds_at"):
                bench.original(one.placed)
        for base in bases(document, with_theory=with_theory):
            if which not in ("", base.id) or bench.edited(base.placed, lhs=base.lhs, rel=base.rel, rhs=base.rhs).verdict != "correct":
                continue
            draw = random.Random(f"{base.document} {base.id}")
            kinds: dict[str, list[Sides]] = {}
            for kind, sides in rewritings(base):
                kinds.setdefault(kind, []).append(sides)
            for kind, found in kinds.items():
                for lhs, rel, rhs in draw.sample(found, min(per_kind, len(found))):
                    yield base, kind, (lhs, rel, rhs), bench.edited(base.placed, lhs=lhs, rel=rel, rhs=rhs)


def main(argv: list[str]) -> int:
    """Print what was refuted, what was not decided, and the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-theory", action="store_true")
    parser.add_argument("--per-kind", type=int, default=1)
    parser.add_argument("--only", default="")
    chosen = parser.parse_args(argv)
    counts: Counter[tuple[str, str]] = Counter()
    for base, kind, (lhs, rel, rhs), result in judged(with_theory=not chosen.no_theory, per_kind=chosen.per_kind, only=chosen.only):
        counts[kind, result.verdict] += 1
        if result.verdict != "correct":
            print(f"{base.document[:3]} {base.id} {kind}: {result.verdict}: {lhs} {rel} {rhs}\n      {result.reason}")
    for key, n in sorted(counts.items()):
        print(f"{n:5} {key[1]:14} {key[0]}")
    return int(any(v == "incorrect" for _, v in counts))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
