"""The table of what the models reach, in the README: written from the recorded runs.

Write it anew with `DERIVCHECK_WRITE=1 python -m pytest tests/models/test_readme.py`.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from tests.models.record_runs import read, table

ROOT = Path(__file__).parents[2]
README, RUNS = ROOT / "README.md", Path(__file__).with_name("runs.jsonl")
FENCE = re.compile(r"(<!-- reached: .*? -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def test_the_readme_shows_what_was_recorded() -> None:
    text, fresh = README.read_text(encoding="utf-8"), table(read(RUNS))
    if os.environ.get("DERIVCHECK_WRITE"):
        README.write_text(FENCE.sub(lambda m: m[1] + fresh + m[3], text), encoding="utf-8")
        return
    found = FENCE.search(text)
    assert found is not None
    assert found[2] == fresh
