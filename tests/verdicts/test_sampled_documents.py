"""Draws against worlds on whole documents: homework, texts of the field, proofs. Nothing that holds is refuted.

Each relation that holds is refuted with probability at most 1e-6 in a document; the seeds come from the content.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from derivcheck.pipeline import prepare
from derivcheck.verdicts.options import Options
from derivcheck.verdicts.result import RelationResult
from derivcheck.worker import judged

HERE = Path(__file__).parents[1]
PROOFS = HERE.parent / "proofs"
DOCUMENTS = [p for folder in ("homework", "field") for p in sorted((HERE / folder).iterdir()) if p.suffix in (".md", ".tex", ".ipynb")]
WITH_DRAWS = {  # relations that draws speak of: no fewer, lest the evidence fade away unseen
    "000_d2a8ea6a68b39b8d": 1, "001_d96df92672df54df": 6, "002_6c28d7dc1eb2fb89": 9, "003_41986d511ba79145": 50, "004_02957e5dd51b27a4": 8,
}  # fmt: skip


def results(path: Path) -> list[RelationResult]:
    theory = path.with_suffix(".theory.yaml")
    prepared = prepare(str(path), [str(theory)] if theory.exists() else [])
    found = judged(list(prepared.relations), Options(sample=True))
    return [r for kind, r in found if kind == "result" and isinstance(r, RelationResult)]


@pytest.mark.slow
@pytest.mark.statistical
@pytest.mark.parametrize("path", [*DOCUMENTS, *sorted(PROOFS.rglob("*.md"))], ids=lambda p: p.stem)
def test_draws_never_contradict_worlds(path: Path) -> None:
    found = results(path)
    assert [(r.line, r.reason) for r in found if r.disagreement] == []
    assert [(r.line, r.not_sampled) for r in found if "a defect" in (r.not_sampled or "")] == []
    assert [(r.line, r.reason) for r in found if r.evidence == "sampled"] == [], "worlds have decided all that draws refute"
    for r in found:
        if any(s.verdict == "refuted" and s.decides for s in r.sampled):
            assert r.verdict != "correct", (r.line, r.reason)
    assert sum(bool(r.sampled) for r in found) >= WITH_DRAWS.get(path.stem, 0)


def test_the_shortest_homework_by_draws() -> None:
    found = results(HERE / "homework" / "002_6c28d7dc1eb2fb89.md")
    assert [r.line for r in found if r.disagreement] == []
    assert sum(bool(r.sampled) for r in found) >= WITH_DRAWS["002_6c28d7dc1eb2fb89"]
    assert {r.verdict for r in found if any(s.verdict == "refuted" for s in r.sampled)} == {"incorrect"}
