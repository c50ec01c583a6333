"""Trains every reference model with its variants and negative controls over seeds, and records what each reached.

`python tests/models/record_runs.py FILE [--only NAME]… [--case CASE] [--seeds 0,1,2] [--controls 0]`: appends to FILE (JSON lines)
what it lacks, one run after another on one thread, so that it may be broken off at any time; with `--table` it
prints the records as a table in Markdown instead. A test holds tests/models/runs.jsonl against what the models declare.
A record is a `TrainingReport` without its history, under `report`, with
`case` (variant or control), `must_fail` (the bounds that a control has to miss; empty for a variant) and
`cpu_seconds` (user time: it does not grow with what else the machine does).
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from derivcheck.models._model import Config
from derivcheck.models._report import report_of
from derivcheck.models._run import models, run


@dataclass(frozen=True)
class Case:
    """A run that is to be recorded."""

    model: str
    name: str
    changes: Mapping[str, Any]
    must_fail: tuple[str, ...]

    def config(self, seed: int) -> Config:
        return replace(models()[self.model].config(), **self.changes, seed=seed)


def cases(model: str) -> Iterator[Case]:
    """The model's variants (or the model as it is), then its controls."""
    for name, changes in (models()[model].variants or {"as it is": {}}).items():
        yield Case(model, name, changes, ())
    for name, control in models()[model].controls.items():
        yield Case(model, f"control: {name}", control.changes, control.fails)


def as_it_should(record: Mapping[str, Any]) -> bool:
    """A variant reaches all its bounds; a control misses those that it must miss."""
    met = {b["metric"]: b["met"] for b in record["report"]["bounds"]}
    return not any(met[m] for m in record["must_fail"]) if record["must_fail"] else all(met.values())


def recorded(case: Case, seed: int) -> dict[str, Any]:
    """Run it."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    finished = run(case.model, case.config(seed), torch.device("cpu"))
    spent = resource.getrusage(resource.RUSAGE_SELF).ru_utime - before
    report = report_of(finished, torch.device("cpu")).model_dump(exclude={"history"})
    return {"case": case.name, "must_fail": case.must_fail, "cpu_seconds": round(spent, 2), "report": report}


def read(file: Path) -> list[dict[str, Any]]:
    """The records so far."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []


def table(records: Iterable[Mapping[str, Any]]) -> str:
    """The records in Markdown: a row for each model and case, the seeds' figures side by side."""
    rows: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for r in records:
        rows.setdefault((r["report"]["model"], r["case"]), []).append(r)
    lines = ["| model | run | seeds | figures (bound) | CPU seconds | as it should |", "|---|---|---|---|---|---|"]
    for (model, case), found in rows.items():
        found.sort(key=lambda r: r["report"]["config"]["seed"])
        seeds = ", ".join(str(r["report"]["config"]["seed"]) for r in found)
        figures = "; ".join(_figure(found, b["metric"]) for b in found[0]["report"]["bounds"] if _told(found[0], b))
        seconds = max(r["cpu_seconds"] for r in found)
        word = "yes" if all(map(as_it_should, found)) else "**no**"
        lines.append(f"| {model} | {case} | {seeds} | {figures} | {seconds:.0f} | {word} |")
    return "\n".join(lines) + "\n"


def _told(record: Mapping[str, Any], bound: Mapping[str, Any]) -> bool:
    return not record["must_fail"] or bound["metric"] in record["must_fail"]


def _figure(records: Sequence[Mapping[str, Any]], metric: str) -> str:
    bounds = [b for r in records for b in r["report"]["bounds"] if b["metric"] == metric]
    values = ", ".join("none" if b["value"] is None else format(b["value"], ".4g") for b in bounds)
    ends = [f"≥ {x:g}" if side == "low" else f"≤ {x:g}" for side in ("low", "high") if (x := bounds[0][side]) is not None]
    missed = ", missed" if not all(b["met"] for b in bounds) else ""
    return f"{metric} {values} ({' and '.join(ends)}{missed})"


def main() -> None:
    """Record what the file lacks, or print what it has."""
    asked = _asked()
    if asked.table:
        sys.stdout.write(table(read(asked.file)))
        return
    torch.set_num_threads(1)
    known = {(r["report"]["model"], r["case"], r["report"]["config"]["seed"]) for r in read(asked.file)}
    for name in asked.only or models():
        for case in (c for c in cases(name) if asked.case in {None, c.name}):
            for seed in asked.controls if case.must_fail else asked.seeds:
                if (name, case.name, seed) not in known:
                    record = recorded(case, seed)
                    with asked.file.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(record, ensure_ascii=False) + "\n")
                    _say(record)


def _asked() -> argparse.Namespace:
    def seeds(text: str) -> list[int]:
        return [int(s) for s in text.split(",") if s]

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--only", action="append")
    parser.add_argument("--case", help="this variant or control only")
    parser.add_argument("--table", action="store_true", help="print the records in Markdown")
    parser.add_argument("--seeds", type=seeds, default=[0, 1, 2])
    parser.add_argument("--controls", type=seeds, default=[0], help="seeds of the controls")
    return parser.parse_args()


def _say(record: Mapping[str, Any]) -> None:
    report = record["report"]
    values = ", ".join(f"{b['metric']} {b['value'] or 0:.5g}{'' if b['met'] else ' (missed)'}" for b in report["bounds"])
    sign = "fine " if as_it_should(record) else "WRONG"
    sys.stdout.write(f"{sign} {report['model']} {record['case']} seed {report['config']['seed']} {record['cpu_seconds']} s: {values}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
