"""Every reference model, found by walking the room: what it declares, and that a run is what its configuration says."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from derivcheck.models import _run
from derivcheck.models._checkpoint import NoCheckpoint, config_of, load
from derivcheck.models._model import Config, Model
from derivcheck.models._report import METRICS, report_of, write
from derivcheck.models._run import Finished, arrays_of, models, reopened, run
from derivcheck.registry import declared
from derivcheck.reports.figures.trained._draw import draw_all

CPU = torch.device("cpu")
EVERY = pytest.mark.parametrize("name", sorted(models()))


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Epochs of few steps, and small samples: what is tested here is not how well a model learns."""
    torch.set_num_threads(1)
    for module in ("ddpm", "score", "ring_gan", "gan", "simsiam"):
        for constant, value in (("STEPS", 4), ("SAMPLES", 200), ("BATCH", 32), ("LANGEVIN", 2), ("NODES", 401), ("DRAWN", 500)):
            full = f"derivcheck.models.{module}.{constant}"
            monkeypatch.setattr(full, value, raising=False)
    monkeypatch.setattr("derivcheck.models.vae.GRID", 21)
    monkeypatch.setattr("derivcheck.models.vae.PRIOR", 64)


def tiny(model: Model, epochs: int = 2) -> Config:
    """A configuration that takes a moment."""
    smaller: dict[str, Any] = {"epochs": epochs, "T": 8, "batch": 16}
    known = {f.name for f in fields(model.config)}
    return replace(model.config(), **{k: v for k, v in smaller.items() if k in known})


def equal(a: Mapping[str, torch.Tensor], b: Mapping[str, torch.Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[k], b[k]) for k in a)


@EVERY
def test_it_declares_what_a_reader_needs(name: str) -> None:
    model = models()[name]
    assert model.title
    assert model.source
    assert model.conventions, "a weight or a rate is meaningless without the normalisation"
    assert model.losses
    assert model.controls, "without a control that fails, an acceptance shows nothing"
    known = {f.name for f in fields(model.config)}
    for changes in (*model.variants.values(), *(c.changes for c in model.controls.values()), model.quick):
        assert set(changes) <= known
    assert set(model.data) <= set(declared("derivcheck.datasets", "DATASET"))


@EVERY
def test_a_control_fails_bounds_that_its_run_has(name: str) -> None:
    model = models()[name]
    for control in model.controls.values():
        bounds = {b.metric for b in model.bounds(replace(model.config(), **control.changes))}
        assert control.fails
        assert set(control.fails) <= bounds


@EVERY
def test_a_run_is_finite_and_the_same_again(name: str, tmp_path: Path) -> None:
    config = tiny(models()[name])
    first, second = run(name, config, CPU), run(name, config, CPU)
    assert equal(first.training.state(), second.training.state())
    assert first.evaluation.metrics == second.evaluation.metrics
    assert all(math.isfinite(v) for v in first.evaluation.metrics.values())
    assert all(set(h) == set(models()[name].losses) for h in first.history)
    report = write(first, CPU, tmp_path)
    assert (tmp_path / METRICS).read_text(encoding="utf-8").strip() == report.model_dump_json(indent=2)
    assert {b.metric for b in report.bounds} <= set(report.metrics), "a bound on what is never measured"


@EVERY
def test_another_seed_gives_other_weights(name: str) -> None:
    config = tiny(models()[name], epochs=1)
    a, b = (run(name, replace(config, seed=s), CPU).training.state() for s in (0, 1))
    assert not equal(a, b)


@EVERY
def test_a_run_that_was_broken_off_goes_on_to_the_same_end(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_run, "EVERY", 0.0)
    config = tiny(models()[name], epochs=3)
    whole = run(name, config, CPU)

    def broken(done: int, *_: object) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(name, config, CPU, tmp_path, broken)
    assert len(load(tmp_path).history) == 2
    resumed = run(name, config, CPU, tmp_path)
    assert equal(whole.training.state(), resumed.training.state())
    assert whole.evaluation.metrics == resumed.evaluation.metrics
    assert whole.history == resumed.history


@EVERY
def test_a_folder_gives_back_samples_and_figures(name: str, tmp_path: Path) -> None:
    finished = run(name, tiny(models()[name]), CPU, tmp_path)
    opened = reopened(tmp_path, CPU)
    assert np.array_equal(opened.sample(5, 0), opened.sample(5, 0))
    assert opened.sample(5, 0).shape[0] == 5
    again, before = opened.arrays(), arrays_of(finished.evaluation, finished.history)
    assert all(np.array_equal(again[k], before[k], equal_nan=True) for k in before)
    drawn = draw_all(again, tmp_path / "figures")
    assert "loss_curves.png" in {p.name for p in drawn}
    assert all(p.read_bytes().startswith(b"\x89PNG") for p in drawn)


def test_every_figure_is_drawn_for_some_model() -> None:
    drawn = set[str]()
    for name, model in models().items():
        arrays = arrays_of((f := run(name, tiny(model, epochs=1), CPU)).evaluation, f.history)
        drawn |= {k for k, v in declared("derivcheck.reports.figures.trained", "FIGURE").items() if v.possible(arrays)}
    assert set(declared("derivcheck.reports.figures.trained", "FIGURE")) - drawn <= {"sample_images"}  # of a model of images


def test_another_configuration_in_the_folder_is_refused(tmp_path: Path) -> None:
    config = tiny(models()["simsiam"])
    run("simsiam", config, CPU, tmp_path)
    with pytest.raises(NoCheckpoint, match="other settings"):
        run("simsiam", replace(config, seed=1), CPU, tmp_path)


@pytest.mark.parametrize("content", [b"", b"\x00" * 100, b"\xff" * 8 + b"{}", b"not a checkpoint"])
def test_a_damaged_checkpoint_is_refused(tmp_path: Path, content: bytes) -> None:
    run("simsiam", tiny(models()["simsiam"]), CPU, tmp_path)
    (tmp_path / "checkpoint.safetensors").write_bytes(content)
    with pytest.raises(NoCheckpoint):
        reopened(tmp_path, CPU)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"model": "vae"}', '{"model": "x", "config": {}}', '{"model": "vae", "config": {"colour": 1}}'])
def test_a_damaged_configuration_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.json").write_text(text, encoding="utf-8")
    with pytest.raises(NoCheckpoint):
        config_of(tmp_path, {k: m.config for k, m in models().items()})


def test_a_bound_is_not_met_by_what_is_missing_or_no_number() -> None:
    model = models()["simsiam"]
    finished = run("simsiam", tiny(model), CPU)
    broken = Finished(
        "simsiam", finished.config, finished.training, finished.history,
        type(finished.evaluation)({"trajectory_error": math.nan}), finished.bounds, 0.0,
    )  # fmt: skip
    assert len(broken.missed) == len(broken.bounds)
    report = report_of(broken, CPU)
    assert not report.accepted
    assert {b.value for b in report.bounds} == {None}


@pytest.mark.slow
def test_a_killed_process_goes_on_to_the_same_metrics(tmp_path: Path) -> None:
    """SIGKILL between checkpoints, on the command line."""
    folder, other = tmp_path / "killed", tmp_path / "whole"
    command = [sys.executable, "-m", "derivcheck", "train", "vae", "--epochs", "40", "--device", "cpu", "-o"]
    child = subprocess.Popen([*command, str(folder)], stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not (folder / "checkpoint.safetensors").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    assert not (folder / METRICS).exists()
    for place in (folder, other):
        subprocess.run([*command, str(place)], stdout=subprocess.DEVNULL, check=False)
    a, b = ((p / METRICS).read_text(encoding="utf-8") for p in (folder, other))
    assert _without_seconds(a) == _without_seconds(b)


def _without_seconds(text: str) -> list[str]:
    return [line for line in text.splitlines() if '"seconds"' not in line]
