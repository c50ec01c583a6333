"""The record of a run: what `derivcheck sample --format json` writes.

Main definitions: `SampleReport`, `ExperimentRecord`, `json_schema`. No torch here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field

from derivcheck.statistics.claim import Relation
from derivcheck.verdicts.result import NotFinite, Record

SCHEMA_VERSION = "1.0"

Word = Literal["pass", "refuted", "inconclusive"]
WORDS: tuple[Word, ...] = ("refuted", "inconclusive", "pass")
"""What may become of a claim, the most urgent first."""


def _named(value: float | str) -> float | str:
    """A number that JSON has, or the name of one that it has not."""
    if isinstance(value, str) or math.isfinite(value):
        return value
    return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"


Number = Annotated[float | NotFinite, BeforeValidator(_named)]
"""A number; `inf`, `-inf` and `nan` are written as strings (JSON has none)."""


class LookRecord(Record):
    """What one look saw of the coordinate that the trial shows."""

    n: int
    alpha: float = Field(description="of this look and coordinate")
    estimate: Number
    interval: tuple[Number, Number]


class Named(Record):
    """A claim and what became of it."""

    name: str
    claim: str = Field(description="LaTeX")
    verdict: Word
    reason: str | None = Field(default=None, description="why there is no verdict")


class Figures(Record):
    """The figures of one coordinate of one trial at its last look; those without a draw are null."""

    value: Number | None = Field(default=None, description="what is claimed")
    tolerance: Number | None = Field(default=None, description="absolute, in the unit of the value")
    relation: Relation = "="
    estimate: Number | None = None
    interval: tuple[Number, Number] | None = Field(
        default=None, description="misses the truth with probability at most the look's alpha"
    )
    n: int = Field(default=0, description="draws until the verdict")


class TrialRecord(Figures):
    """One claim with its parameters drawn. Of several coordinates it shows the one furthest from its claim."""

    claim: str = Field(description="LaTeX")
    verdict: Word
    reason: str | None = Field(default=None, description="why there is no verdict")
    tier: str
    assumption: str
    coordinates: int
    coordinate: int = Field(description="the one shown, from 0")
    alpha: float = Field(description="of the whole trial, over coordinates and looks")
    power: float | None = Field(default=None, description="of refuting what is off by the tolerance, and of passing what is true")
    seconds: float = Field(description="of drawing, over all processes")
    looks: list[LookRecord]


class InstanceRecord(Record):
    """The claim on one draw of its parameters."""

    name: str
    verdict: Word
    trials: list[TrialRecord]


class ControlRecord(Figures, Named):
    """A wrong claim; it must be refuted, by one instance at least. Its figures are those of the trial that decided."""

    refuted_on: int = Field(description="instances that refute it")
    seconds: float
    instances: list[InstanceRecord]


class ExperimentRecord(Figures, Named):
    """One experiment: passed if all trials of all instances are, refuted if one is.

    Its figures are those of the trial that decided; where all pass, of the one that came nearest to a refutation.
    """

    title: str
    source: str
    tier: str = Field(description="of its trials")
    assumption: str = Field(description="that the error rates rest on")
    alpha: float = Field(description="P(refuted | true) of each trial: the family's over its size")
    power: float = Field(description="P(refuted | off by the tolerance), P(pass | true) of each trial, at least")
    family: int = Field(description="trials declared over all experiments, wrong claims included")
    device: str
    draws: int = Field(description="over all trials, those of wrong claims included")
    seconds: float = Field(description="of drawing, over all processes")
    instances: list[InstanceRecord]
    controls: list[ControlRecord]

    @property
    def controls_refuted(self) -> int:
        """How many wrong claims were refuted, as all must be."""
        return sum(c.verdict == "refuted" for c in self.controls)


class SampleSummary(Record):
    """How many experiments have which verdict, and whether the wrong claims were refuted."""

    passed: int
    refuted: int
    inconclusive: int
    controls: int
    controls_refuted: int

    @classmethod
    def of(cls, experiments: Iterable[ExperimentRecord]) -> Self:
        """The summary of these experiments."""
        found = list(experiments)
        verdicts = [e.verdict for e in found]
        return cls(
            passed=verdicts.count("pass"),
            refuted=verdicts.count("refuted"),
            inconclusive=verdicts.count("inconclusive"),
            controls=sum(len(e.controls) for e in found),
            controls_refuted=sum(e.controls_refuted for e in found),
        )


class SampleReport(Record):
    """One run of `derivcheck sample`."""

    schema_version: str = SCHEMA_VERSION
    versions: dict[str, str]
    seed: int
    device: str
    alpha: float = Field(description="P(any true claim of the family is refuted), at most")
    family: int = Field(description="trials declared over all experiments, wrong claims included")
    summary: SampleSummary
    experiments: list[ExperimentRecord]
    seconds: float = 0.0

    def without_times(self) -> Self:
        """The report with all seconds at zero: equal for equal experiments, version, seed and device."""
        return self.model_validate(_timeless(self.model_dump(mode="json")))


def json_schema() -> Mapping[str, Any]:
    """The published JSON Schema of `SampleReport`, as `derivcheck schema sample` prints it."""
    schema = SampleReport.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _timeless(part: Any) -> Any:
    if isinstance(part, dict):
        return {k: 0.0 if k == "seconds" else _timeless(v) for k, v in part.items()}
    return [_timeless(item) for item in part] if isinstance(part, list) else part
