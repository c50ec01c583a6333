"""What holds exactly and is not proved: the README's list is what a run finds.

Write the list anew with `DERIVCHECK_WRITE=1 python -m pytest tests/proofs/test_unproved.py -m slow`.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from derivcheck.pipeline import check_document
from derivcheck.verdicts.options import Options
from derivcheck.verdicts.result import RelationResult
from derivcheck.workers import Staff

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
DOCUMENTS = sorted((ROOT / "tests" / "homework").glob("*.md"))
FENCE = re.compile(r"(?s)(<!-- unproved: written by tests/proofs/test_unproved.py -->\n).*?(<!-- end -->)")
LONGEST = 90


def line_of(document: Path, r: RelationResult) -> str:
    formula = re.sub(r"\s+", " ", f"{r.lhs} {r.rel} {r.rhs}").replace("|", "\\|")
    shown = formula if len(formula) <= LONGEST else formula[:LONGEST] + "…"
    return f"| {document.name[:3]}, line {r.line} | `` {shown} `` |"


def written() -> str:
    """The table of correct relations of the homework documents that have no certificate, and how many have one."""
    rows: list[str] = []
    proved = 0
    with Staff(Options(jobs=2)) as staff:
        for document in DOCUMENTS:
            theory = document.with_suffix(".theory.yaml")
            report = check_document(str(document), theories=[str(theory)] if theory.exists() else [], options=staff.options, staff=staff)[0]
            correct = [r for r in report.relations if r.verdict == "correct"]
            proved += sum(r.evidence == "proved" for r in correct)
            rows += [line_of(document, r) for r in correct if r.evidence != "proved"]
    head = f"Of the correct relations of the homework documents {proved} are proved; these {len(rows)} hold exactly on all worlds and are not:\n\n"
    return head + "| where | relation |\n|---|---|\n" + "\n".join(rows) + "\n"


@pytest.mark.slow
def test_the_readme_lists_what_is_not_proved() -> None:
    text = README.read_text(encoding="utf-8")
    fresh = written()
    if os.environ.get("DERIVCHECK_WRITE"):
        README.write_text(FENCE.sub(lambda m: m[1] + fresh + m[2], text), encoding="utf-8")
        return
    found = FENCE.search(text)
    assert found is not None
    assert found[0] == found[1] + fresh + found[2]
