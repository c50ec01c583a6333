"""`derivcheck sample`: statuses, the table, JSON, pictures, and names that are not there."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import psutil
import pytest
from matplotlib.image import imread
from typer.testing import CliRunner

import derivcheck.reports
from derivcheck.cli import app
from derivcheck.experiments._record import json_schema

ROOT = Path(__file__).parents[2]
RUNNER = CliRunner()
PATIENCE = 60.0


@pytest.fixture(autouse=True)
def room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("derivcheck.experiments._declared.ROOM", "tests.experiments.room")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # which the command would set for good


def sample(*arguments: str) -> tuple[int, str, str]:
    result = RUNNER.invoke(app, ["sample", *arguments, "--jobs", "1", "--device", "cpu"])
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize(
    ("names", "status"),
    [(["holds"], 0), (["many"], 0), (["wrong"], 1), (["harmless"], 1), (["not_finite"], 3), (["not_finite", "wrong"], 1), (["no_instances"], 1), (["holds", "wrong"], 1)],
)
def test_the_exit_status_says_what_was_found(names: list[str], status: int) -> None:
    assert sample(*names)[0] == status


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["hold"], "did you mean holds"),
        (["zzz"], "derivcheck sample --list"),
        (["holds", "--list", "hold"], "did you mean holds"),
        (["holds", "--device", "abacus"], "leave it out"),
        (["holds", "--format", "html"], "html"),
        (["holds", "--jobs", "0"], "jobs"),
        (["holds", "--alpha", "2"], "alpha"),
        (["holds", "-o", "/no/such/folder/x.txt"], "give --output a place"),
    ],
)
def test_wrong_usage_is_status_2(arguments: list[str], said: str) -> None:
    result = RUNNER.invoke(app, ["sample", *arguments])
    assert result.exit_code == 2
    assert said in result.stderr


def test_the_table_says_what_it_rests_on() -> None:
    _, out, err = sample("holds", "harmless", "not_finite")
    assert err == ""
    lines = out.splitlines()
    assert lines[0].split() == "experiment verdict tier n estimate interval claim ± tolerance seconds".split()
    holds = next(line for line in lines if line.startswith("holds "))
    assert holds.split()[1:3] == ["pass", "T0"]
    assert any(line.startswith("  not: a mean of 1") and "refuted on 5 of 5" in line for line in lines)
    assert any(line.startswith("  not: nothing wrong") and "PASSED" in line for line in lines)
    assert "holds (T0) assumes: Gaussian with this variance under the claim" in lines
    assert "harmless: the wrong claim 'nothing wrong' was not refuted" in lines
    assert any(line.startswith("not_finite: the sum") for line in lines)
    assert lines[-2] == "3 experiments: 2 pass, 1 inconclusive; 3 of 4 wrong claims refuted"
    for said in ("α = 1e-06 over a family of 71 trials", "power 0.999", "seed 0", "cpu"):
        assert said in lines[-1]


def test_they_are_listed() -> None:
    code, out, _ = sample("--list")
    assert code == 0
    assert "holds: Mean of a normal   [none]" in out.splitlines()
    assert "    not: a mean of 1: \\mathbb{E}[x] = 1" in out.splitlines()
    assert "wrong" in out
    assert "wrong:" not in sample("holds", "--list")[1]


def test_json_fits_the_schema() -> None:
    code, out, _ = sample("holds", "wrong", "--format", "json", "--seed", "3", "--alpha", "1e-4")
    assert code == 1
    data = json.loads(out)
    jsonschema.validate(data, json_schema())
    assert (data["seed"], data["alpha"], data["device"], data["family"]) == (3, 1e-4, "cpu", 71)
    asked = "name claim verdict tier n estimate interval alpha power seconds controls assumption tolerance family device instances"
    for e in data["experiments"]:
        assert set(asked.split()) <= set(e)
        assert all({"name", "verdict"} <= set(c) for c in e["controls"])


def test_the_published_schema_is_current() -> None:
    """Refresh with: derivcheck schema sample > derivcheck/reports/sample.schema.json."""
    published = Path(derivcheck.reports.__file__).with_name("sample.schema.json")
    assert json.loads(published.read_text(encoding="utf-8")) == json_schema()
    assert json.loads(RUNNER.invoke(app, ["schema", "sample"]).stdout) == json_schema()


def test_pictures_go_beside_the_file(tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    assert sample("holds", "many", "-o", str(target))[:2] == (0, "")
    assert len(json.loads(target.read_text(encoding="utf-8"))["experiments"]) == 2
    pictures = sorted(p.name for p in (tmp_path / "out-figures").iterdir())
    assert pictures == ["holds.png", "holds.svg", "many.png", "many.svg"]


def test_a_folder_for_pictures_is_made(tmp_path: Path) -> None:
    code, out, _ = sample("holds", "--figures", str(tmp_path / "new" / "folder"))
    assert code == 0
    assert out.startswith("experiment")
    pixels = imread(tmp_path / "new" / "folder" / "holds.png")
    assert pixels.max() - pixels.min() > 0.8
    assert (pixels[..., 0] == pixels[..., 1]).all(), "a picture is grey"
    assert (pixels[..., 1] == pixels[..., 2]).all(), "a picture is grey"


def test_a_picture_names_its_wrong_claims_and_is_the_same_again(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        sample("harmless", "not_finite", "--figures", str(tmp_path / folder))
    one, two = ((tmp_path / folder / "harmless.svg").read_bytes() for folder in ("one", "two"))
    assert one == two
    assert b"nothing wrong (NOT REFUTED: 0 of 5 instances)" in one
    assert not (tmp_path / "one" / "not_finite.png").exists()  # nothing to draw


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    code, _, err = sample("holds", "--figures", str(tmp_path / "file"))
    assert code == 2
    assert "give --figures a folder" in err


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda s: s.name)
def test_nobody_stays_behind(sent: signal.Signals) -> None:
    command = [sys.executable, "-m", "derivcheck", "sample", "--jobs", "2", "--device", "cpu"]
    process = psutil.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    until = time.monotonic() + PATIENCE
    while len(children := process.children()) < 2:
        assert time.monotonic() < until, "no workers have started"
        time.sleep(0.05)
    time.sleep(2.0)  # so that they have something to do
    process.send_signal(sent)
    _, said = process.communicate(timeout=PATIENCE)
    assert said == b""
    assert process.returncode == (-9 if sent == signal.SIGKILL else 128 + sent)
    _, alive = psutil.wait_procs(children, timeout=PATIENCE)
    for one in alive:
        one.kill()
    assert not alive
