"""Relations of known truth (pairs.yaml) through the whole way: a document with the theory as front matter.

`python -m tests.mutation.pairs [GROUP]` prints what is wrong and why the rest is undecided.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from derivcheck.pipeline import prepare
from derivcheck.verdicts.result import RelationResult
from tests.support.judging import Bench

TABLE = Path(__file__).with_name("pairs.yaml")


@dataclass(frozen=True)
class Known:
    """A relation with its truth and its verdict."""

    group: str
    latex: str
    truth: bool
    result: RelationResult

    @property
    def wrong(self) -> bool:
        """Whether the verdict is the wrong one."""
        return self.result.verdict == ("incorrect" if self.truth else "correct")

    def __str__(self) -> str:
        return f"[{self.group}] {self.truth} but {self.result.verdict}: {self.latex}\n      {self.result.reason}"


def groups() -> list[dict[str, Any]]:
    """The table."""
    return yaml.safe_load(TABLE.read_text(encoding="utf-8"))


def judged(group: dict[str, Any], *, with_theory: bool = True) -> Iterator[Known]:
    """Every relation of a group, each a claim of its own in one document."""
    asked = ("holds", "fails") if with_theory else group.get("inferred", ())
    claims = [(latex, key == "holds") for key in asked for latex in group[key]]
    head = ["---", *yaml.safe_dump(group["theory"], allow_unicode=True, width=10_000).splitlines(), "---", ""] if with_theory else []
    lines, places = list(head), {}
    for number, (latex, truth) in enumerate(claims, 1):
        lines += [f"## Problem {number}", "", "We claim that", ""]
        places[len(lines) + 1] = (latex, truth)
        lines += [f"$$ {latex} $$", ""]
    prepared = prepare("pairs.md", [], "\n".join(lines))
    bench = Bench()
    found: dict[int, list[Any]] = {}
    for p in prepared.relations:
        found.setdefault(p.raw.line, []).append(p)
    for line, (latex, truth) in places.items():
        here = found.get(line, [])
        assert len(here) == 1, f"{len(here)} relations in {latex}"
        yield Known(group["group"], latex, truth, bench.original(here[0]))


def main(argv: list[str]) -> int:
    """Print false verdicts, then the undecided ones with their reasons."""
    with_theory = "--no-theory" not in argv
    words = [a for a in argv if not a.startswith("-")]
    all_ = [k for g in groups() if not words or words[0] in g["group"] for k in judged(g, with_theory=with_theory)]
    for k in all_:
        if k.wrong:
            print("FALSE", k)
    for k in all_:
        if k.result.verdict not in ("correct", "incorrect"):
            print(k)
    print(Counter((k.truth, k.result.verdict) for k in all_))
    return int(any(k.wrong for k in all_))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
