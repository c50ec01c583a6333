"""The gold labels of the homework documents, matched to the relations that derivcheck finds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from derivcheck.pipeline import prepare
from derivcheck.verdicts.chains import Placed

TESTS = Path(__file__).parents[1]
NOISE = re.compile(
    r"\\(?:left|right|[bB]igg?[lr]?|displaystyle|quad|qquad)(?![A-Za-z])|\\[,;!: ]|[\s&]"
)
SIGNS = {
    r"\leq": "<=", r"\le": "<=", r"\geq": ">=", r"\ge": ">=", r"\propto": "propto",
    r"\approx": "approx", r"\sim": "sim", r"\iff": "iff", r"\implies": "implies",
    r"\to": "to", r"\rightarrow": "to", r"\neq": "!=", r"\in": "in",
}  # fmt: skip


@dataclass(frozen=True)
class Labelled:
    """A relation of a document with its gold label."""

    document: str
    gold: dict[str, Any]
    placed: Placed


def canonical(latex: str | None) -> str:
    """LaTeX without white space, alignment marks, bracket sizes and closing punctuation."""
    return NOISE.sub("", latex or "").rstrip(".,;")


def documents() -> tuple[Path, ...]:
    """The five homework documents."""
    return tuple(sorted((TESTS / "homework").glob("*.md")))


def theory_of(document: Path) -> Path:
    """The theory file beside a document."""
    return document.with_suffix(".theory.yaml")


@cache
def labelled(document: Path, *, with_theory: bool = True) -> tuple[Labelled, ...]:
    """The relations of a document that have a gold label, in reading order."""
    gold = TESTS / "gold" / f"{document.stem}.yaml"
    entries = yaml.safe_load(gold.read_text(encoding="utf-8"))["relations"]
    found = prepare(str(document), [str(theory_of(document))] if with_theory else []).relations
    taken: set[int] = set()
    made: list[Labelled] = []
    for entry in entries:
        fits = [
            i
            for i, p in enumerate(found)
            if i not in taken
            and p.raw.rel == SIGNS.get(entry["rel"], entry["rel"])
            and canonical(p.raw.rhs) == canonical(entry["rhs"])
            and abs(p.raw.line - entry["line"]) <= 3
        ]
        if fits:
            best = min(fits, key=lambda i: (canonical(found[i].raw.lhs) != canonical(entry["lhs"]), abs(found[i].raw.line - entry["line"])))
            taken.add(best)
            made.append(Labelled(document.stem, entry, found[best]))
    return tuple(made)
