"""The whole way of a document, worker processes included.

Guards: a relation that hangs or dies and takes others with it, verdicts that depend on the number of processes
or on the run, memory that grows with every relation.
"""

from __future__ import annotations

import sys
from pathlib import Path

import psutil
import pytest

from derivcheck.pipeline import check_document
from derivcheck.verdicts.options import Options
from derivcheck.verdicts.result import Report
from tests.checks.asking import document

THEORY = r"""
variables: [x, z]
densities: ['p(x,z)', 'q(z|x)']
parameters: ['a \in \mathbb{R}', 'b > 0']
"""
TRUE = (
    r"\log p(x) = E_{q(z|x)}[\log p(x,z) - \log q(z|x)] + KL(q(z|x)\|p(z|x))",
    r"p(x) = \int p(x,z) dz",
    r"KL(q(z|x)\|p(z|x)) \geq 0",
    r"p(z|x) \propto p(x,z)",
    r"(a + b)^2 = a^2 + 2ab + b^2",
    r"E_{q(z|x)}[\log p(x)] = \log p(x)",
)
FALSE = (r"p(x) = \int p(x,z) dx", r"(a + b)^2 = a^2 + b^2")


def page(claims: tuple[str, ...], theory: str = THEORY) -> str:
    body = "".join(f"## Problem {i}\n\nWe claim that\n\n$$ {c} $$\n\n" for i, c in enumerate(claims, 1))
    return f"---\n{theory.strip()}\n---\n\n{body}"


def checked(claims: tuple[str, ...], **options: object) -> Report:
    return check_document("test.md", text=page(claims), options=Options(**options))[0]  # type: ignore[arg-type]


def without_times(report: Report) -> dict[str, object]:
    data = report.model_dump(mode="json")
    data.pop("seconds", None)
    for r in data["relations"]:
        r.pop("seconds")
        r.pop("proof_seconds")
    return data


@pytest.fixture(scope="module")
def once() -> Report:
    return checked((*TRUE, *FALSE))


def test_a_report_has_every_relation_in_order(once: Report) -> None:
    assert [r.verdict for r in once.relations] == ["correct"] * len(TRUE) + ["incorrect"] * len(FALSE)
    assert [r.id for r in once.relations] == [f"r{i:03d}" for i in range(1, len(TRUE) + len(FALSE) + 1)]
    lines = page((*TRUE, *FALSE)).splitlines()
    assert all(r.rhs.strip() in lines[r.line - 1] for r in once.relations)
    assert once.theory.problems == []


def test_neither_another_run_nor_more_processes_change_anything(once: Report) -> None:
    assert without_times(checked((*TRUE, *FALSE), jobs=2)) == without_times(once)


def test_judging_in_this_process_says_the_same(once: Report) -> None:
    here = document(page((*TRUE, *FALSE)).split("---\n", 2)[2], THEORY)
    assert [(r.verdict, r.reason, r.witness, r.suggestion) for r in here] == [(r.verdict, r.reason, r.witness, r.suggestion) for r in once.relations]


# a worker that hangs on one relation, dies on another, and judges the rest as ever
WORKER = """#!{python}
import os, sys, time
sys.argv = ["worker"]
from derivcheck import worker
from derivcheck.verdicts.judge import Judge

judge = Judge.judge

def slow(self, raw, *rest, **more):
    if "777" in raw.rhs:
        time.sleep(600)
    if "888" in raw.rhs:
        os._exit(9)
    return judge(self, raw, *rest, **more)

Judge.judge = slow
worker.main()
"""


def test_a_relation_that_hangs_or_dies_costs_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "worker"
    script.write_text(WORKER.format(python=sys.executable), encoding="utf-8")
    script.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(script))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    claims = (TRUE[0], r"a b = 777", TRUE[4], r"a b = 888", FALSE[1])
    first, hung, second, died, third = checked(claims, timeout=0.5).relations
    assert (first.verdict, second.verdict, third.verdict) == ("correct", "correct", "incorrect")
    assert (hung.verdict, hung.strict_verdict) == ("undecided", "undecided")
    assert (hung.reason or "").startswith("timeout")
    assert died.verdict == "undecided"
    assert "process" in (died.reason or "")
    assert hung.reading is None or hung.witness is None
    children = [c for c in psutil.Process().children() if "worker" in " ".join(c.cmdline())]
    assert children == [], "a killed worker is gone"


def test_work_that_is_too_much_is_undecided_in_its_time() -> None:
    """Nested sums without end: the limit inside the worker, or the kill from outside."""
    big = r"\sum_{i=1}^{10^9} \sum_{j=1}^{10^9} \sin(i j a) = 0"
    tower = r"a = 9^{9^{9^{9}}}"
    report = checked((TRUE[4], big, tower, TRUE[1]), timeout=2.0)
    assert [r.verdict for r in report.relations[::3]] == ["correct", "correct"]
    assert report.relations[1].verdict == "undecided"
    assert report.relations[2].verdict in ("undecided", "not_checkable", "incorrect")
    assert report.relations[1].reason


def test_memory_does_not_grow_with_the_relations() -> None:
    """Caches are emptied between relations: 240 take hardly more than 60."""
    process = psutil.Process()
    document(page(TRUE * 10).split("---\n", 2)[2], THEORY)
    before = process.memory_info().rss
    document(page(TRUE * 40).split("---\n", 2)[2], THEORY)
    grown = (process.memory_info().rss - before) / 2**20
    assert grown < 60, f"{grown:.0f} MiB"
