"""What a stranger's document may hold: bounded time and memory, nothing executed, the other relations judged as before."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import pytest

from tests.hostile.documents import (
    AMONG_OTHERS,
    CANARY,
    EXPECTED,
    KNOWN,
    PIECES,
    SWALLOWS,
    THEORY,
    alone,
    together,
)

LIMIT = 2.0  # seconds a relation


@dataclass(frozen=True)
class Run:
    """What came of one call of the command line."""

    status: int
    out: str
    err: str
    seconds: float
    peak: int  # MB, of the largest process

    @property
    def verdicts(self) -> dict[str, list[str]]:
        """Verdicts by question."""
        found: dict[str, list[str]] = {}
        for r in json.loads(self.out)["relations"]:
            found.setdefault(r["question"], []).append(r["verdict"])
        return found


@pytest.fixture(autouse=True)
def _no_canary() -> Iterator[None]:
    Path(CANARY).unlink(missing_ok=True)
    yield
    assert not Path(CANARY).exists(), "text of the document was executed"


def check(folder: Path, *arguments: str, stdin: bytes | None = None) -> Run:
    """Run the command line, with its time and memory."""
    start = monotonic()
    with (folder / "out").open("w+") as out, (folder / "err").open("w+") as err:
        command = [sys.executable, "-m", "derivcheck", "check", *arguments, "--timeout", str(LIMIT)]
        source = subprocess.PIPE if stdin is not None else subprocess.DEVNULL
        process = subprocess.Popen(command, stdin=source, stdout=out, stderr=err)
        if stdin is not None:
            assert process.stdin is not None
            process.stdin.write(stdin)
            process.stdin.close()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0), err.seek(0)
        return Run(process.returncode, out.read(), err.read(), monotonic() - start, used.ru_maxrss // 1024)


def document(folder: Path, text: str | bytes, name: str = "doc.md") -> list[str]:
    """A document and its theory on disk, as arguments."""
    path, theory = folder / name, folder / "theory.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    theory.write_text(THEORY)
    return [str(path), "--theory", str(theory), "--format", "json"]


def test_the_known_relations_alone(tmp_path):
    run = check(tmp_path, *document(tmp_path, f"# Problem 1\n\n{KNOWN}"))
    assert run.verdicts == {"1": EXPECTED}


def test_many_hostile_pieces_in_one_document(tmp_path):
    run = check(tmp_path, *document(tmp_path, together()))
    assert run.status == 1
    assert "Traceback" not in run.err
    for number, name in enumerate(AMONG_OTHERS):
        assert run.verdicts.get(str(2 * number + 1)) == EXPECTED, f"before {name}"
    reasons = [r["reason"] for r in json.loads(run.out)["relations"] if r["verdict"] == "undecided"]
    assert all(reasons)
    assert not any("defect" in r for r in reasons), [r for r in reasons if "defect" in r]
    assert "root:" not in run.out
    assert run.peak < 1_500


def test_hostile_pieces_as_a_page(tmp_path):
    names = ("script in prose and in math", "code in words", "NUL and bidi characters", "unbalanced everything", "a file to read")
    arguments = document(tmp_path, together(names))
    run = check(tmp_path, *arguments[:-1], "html")
    assert run.status == 1, run.err
    assert "<script>alert" not in run.out
    assert "<img src=x" not in run.out
    assert "root:" not in run.out


@pytest.mark.slow
@pytest.mark.parametrize("name", PIECES)
def test_one_hostile_piece(tmp_path, name):
    run = check(tmp_path, *document(tmp_path, alone(name)))
    assert run.status == 1, run.err
    assert "Traceback" not in run.err
    assert run.verdicts["1"] == EXPECTED
    assert name in SWALLOWS or run.verdicts["3"] == EXPECTED
    assert run.seconds < 45
    assert run.peak < 2_000


@pytest.mark.slow
def test_five_thousand_relations_in_one_chain(tmp_path):
    chain = "u " + " ".join(f"= u + {k} - {k}" for k in range(5_000))
    run = check(tmp_path, *document(tmp_path, f"{KNOWN}\n\nThen\n\n$$ {chain} $$\n"))
    verdicts = [v for found in run.verdicts.values() for v in found]
    assert len(verdicts) == 5_002
    assert verdicts[:2] == EXPECTED
    assert verdicts.count("correct") == 5_001
    assert run.seconds < 300
