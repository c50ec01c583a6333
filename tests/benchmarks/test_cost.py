"""The cost of a check, beside peers. Run with: python -m pytest tests/benchmarks --benchmark-only

Bounds, on an otherwise idle machine with two cores: the whole document in a cold process within 4 times
`import torch, sympy`; 700 MB at the peak over all processes; 15 ms a relation once loaded; cost linear
in the number of relations. The load of the machine is noted beside every figure.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "tests" / "homework" / "003_41986d511ba79145.md"
THEORY = DOCUMENT.with_suffix(".theory.yaml")
CHECK = [sys.executable, "-m", "derivcheck", "check", "--format", "json", "--theory", str(THEORY)]
IMPORTS = [sys.executable, "-c", "import torch, sympy"]

pytestmark = pytest.mark.slow


def seconds_of(command: list[str], statuses: tuple[int, ...] = (0,)) -> float:
    """How long a fresh process takes."""
    start = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=False)
    assert done.returncode in statuses
    return time.perf_counter() - start


def peak_memory(command: list[str]) -> float:
    """The largest resident memory, in MB, summed over a process and its children."""
    process = psutil.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    peak = 0
    while process.poll() is None:
        try:
            family = [process, *process.children(recursive=True)]
        except psutil.NoSuchProcess:
            break
        peak = max(peak, sum(map(resident, family)))
        time.sleep(0.01)
    return peak / 2**20


def resident(process: psutil.Process) -> int:
    """Resident memory of a process that may have ended meanwhile."""
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def report_on(path: Path) -> dict[str, Any]:
    """The JSON report, from a fresh process."""
    done = subprocess.run([*CHECK, str(path)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return dict(json.loads(done.stdout))


def test_cold_process_against_its_imports(benchmark: Any) -> None:
    imports = statistics.median(seconds_of(IMPORTS) for _ in range(5))
    benchmark.pedantic(seconds_of, args=([*CHECK, str(DOCUMENT)], (0, 1)), rounds=5, warmup_rounds=1)
    ratio = benchmark.stats.stats.median / imports
    benchmark.extra_info |= {"imports_s": imports, "ratio": ratio, "load": os.getloadavg()[0]}
    assert ratio <= 4


def test_peak_memory_over_all_processes(benchmark: Any) -> None:
    peak = benchmark.pedantic(peak_memory, args=([*CHECK, str(DOCUMENT)],), rounds=1)
    benchmark.extra_info["peak_mb"] = peak
    assert peak <= 700


def test_milliseconds_a_relation_once_loaded(benchmark: Any) -> None:
    report = benchmark.pedantic(report_on, args=(DOCUMENT,), rounds=1)
    each = sorted(1000 * r["seconds"] for r in report["relations"])
    median = statistics.median(each)
    benchmark.extra_info |= {
        "relations": len(each), "median_ms": median, "p90_ms": each[int(0.9 * len(each))], "worst_ms": each[-1],
        "slowest": [(r["id"], r["line"], r["seconds"]) for r in sorted(report["relations"], key=lambda r: -r["seconds"])[:5]],
        "load": os.getloadavg()[0],
    }  # fmt: skip
    assert median <= 15


def test_cost_is_linear_in_the_relations(benchmark: Any, tmp_path: Path) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    # ten copies, each in a part of its own, as ten students would hand them in; each copy is a little different,
    # so that nothing is found in a cache
    parts = [f"{text}\n\n$$a_{{{i}}} = a_{{{i}}}$$\n\n" for i in range(10)]
    one, ten = tmp_path / "one.md", tmp_path / "ten.md"
    one.write_text(parts[0], encoding="utf-8")
    ten.write_text("".join(parts), encoding="utf-8")
    small = report_on(one)
    large = benchmark.pedantic(report_on, args=(ten,), rounds=1)
    each = [report["seconds"] / len(report["relations"]) for report in (small, large)]
    benchmark.extra_info |= {
        "relations": [len(small["relations"]), len(large["relations"])], "ms_each": [1000 * s for s in each],
    }  # fmt: skip
    assert each[1] <= 1.5 * each[0]


def test_math_verify_on_the_algebraic_relations(benchmark: Any) -> None:
    """A peer: how many it reads, how often it agrees, and what it takes for one."""
    peer = pytest.importorskip("math_verify")
    relations = [r for r in report_on(DOCUMENT)["relations"] if is_algebraic(r)]
    tally = benchmark.pedantic(peer_tally, args=(peer.parse, peer.verify, relations), rounds=1)
    benchmark.extra_info |= tally | {"relations": len(relations)}


WORDS = ("\\mathbb{E}", "E_", "E[", "\\int", "KL", "JSD", "\\nabla", "\\partial", "\\mathcal{N}", "tr(", "vec", "|", "const")


def is_algebraic(relation: dict[str, Any]) -> bool:
    """Whether a decided equation needs nothing but algebra: no expectation, integral, density or matrix."""
    sides = relation["lhs"] + relation["rhs"]
    decided = relation["verdict"] in ("correct", "incorrect")
    return decided and relation["rel"] == "=" and not any(word in sides for word in WORDS)


def peer_tally(
    parse: Callable[..., list[Any]], verify: Callable[..., bool], relations: list[dict[str, Any]]
) -> dict[str, float]:
    """What the peer makes of the relations; both sides read means that it found an expression in each."""
    read = agree = 0
    seconds: list[float] = []
    for relation in relations:
        start = time.perf_counter()
        sides = [parse(f"${relation[side]}$") for side in ("lhs", "rhs")]
        said = verify(*sides)
        seconds.append(time.perf_counter() - start)
        if all(len(side) > 1 for side in sides):
            read += 1
            agree += said == (relation["verdict"] == "correct")
    median = 1000 * statistics.median(seconds) if seconds else 0.0
    return {"read": read, "agree": agree, "median_ms": median}
