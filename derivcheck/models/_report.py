"""What a run reached, as a record: `metrics.json` of a run, and a row of the table of all runs.

Main definitions: `TrainingReport`, `report_of`, `write`.
"""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from pydantic import BaseModel

import derivcheck
from derivcheck.models._model import Bound
from derivcheck.models._run import Finished, arrays_of, models

METRICS, ARRAYS = "metrics.json", "arrays.npz"


class BoundResult(BaseModel):
    """A figure that the run had to reach, and what it reached (None: not measured, or not a number)."""

    metric: str
    low: float | None
    high: float | None
    value: float | None
    met: bool
    why: str


class TrainingReport(BaseModel):
    """One run: what was trained, how, with what result. history: loss terms by epoch."""

    model: str
    title: str
    version: str
    torch: str
    device: str
    config: dict[str, Any]
    conventions: str
    losses: dict[str, str]
    seconds: float
    accepted: bool
    bounds: list[BoundResult]
    metrics: dict[str, float | None]
    units: dict[str, str]
    history: list[dict[str, float]]


def report_of(finished: Finished, device: torch.device) -> TrainingReport:
    """The record of a run."""
    model, metrics = models()[finished.name], finished.evaluation.metrics
    return TrainingReport(
        model=finished.name,
        title=model.title,
        version=derivcheck.__version__,
        torch=torch.__version__,
        device=str(device),
        config=asdict(finished.config),
        conventions=model.conventions,
        losses=dict(model.losses),
        seconds=round(finished.seconds, 2),
        accepted=not finished.missed,
        bounds=[_bound(b, metrics.get(b.metric, math.nan), b in finished.missed) for b in finished.bounds],
        metrics={k: _finite(v) for k, v in metrics.items()},
        units=dict(model.units),
        history=[dict(h) for h in finished.history],
    )


def write(finished: Finished, device: torch.device, folder: Path) -> TrainingReport:
    """Write metrics.json and arrays.npz into the folder of a run."""
    folder.mkdir(parents=True, exist_ok=True)
    report = report_of(finished, device)
    (folder / METRICS).write_text(report.model_dump_json(indent=2) + "\n", encoding="utf-8")
    arrays: dict[str, Any] = arrays_of(finished.evaluation, finished.history)
    np.savez_compressed(folder / ARRAYS, **arrays)
    return report


def _bound(bound: Bound, value: float, missed: bool) -> BoundResult:
    return BoundResult(
        metric=bound.metric, low=_finite(bound.low), high=_finite(bound.high),
        value=_finite(value), met=not missed, why=bound.why,
    )  # fmt: skip


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
