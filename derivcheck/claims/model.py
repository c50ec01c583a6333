"""A file of claims as a grader writes it: pydantic models, every key described; unknown keys are errors.

Main definitions: `ClaimFile`, `Claim`, `Condition`, `Statistic`, `Side`, `Stated`.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Setting = bool | int | float | str
Reduction = Literal["sum", "mean"]
Sign = Literal["<", "<=", ">", ">="]
RELATION = re.compile(
    r"^\s*a\s*(?P<sign><=|>=|<|>|≤|≥)\s*(?:(?P<b>b)\s*(?:(?P<by>[+-])\s*(?P<shift>\d[\d.eE+-]*))?|(?P<bound>[+-]?\d[\d.eE+-]*))\s*$"
)


class Strict(BaseModel):
    """Unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Convention(Strict):
    """How the losses are normalised: a weight or a rate means nothing without it."""

    reduction: Reduction = Field(description="Whether a loss sums over coordinates, or averages over them.")
    words: str = Field(min_length=1, description="The whole convention, shown beside every verdict.")


class Side(Strict):
    """The configuration of one side, `a` or `b`: what differs from the model's own settings."""

    changes: dict[str, Setting] = Field(default_factory=dict, description="Settings by name, as in `train --set`.")
    seed_offset: int = Field(0, ge=0, le=1_000_000, description="Added to each seed: a run of its own.")


class Statistic(Strict):
    """A metric of the model's evaluation, or a measure of arrays."""

    statistic: str = Field(description="A measure of derivcheck/measures, or a metric of the model.")
    arrays: dict[str, str | list[float]] = Field(
        default_factory=dict, description="What the measure's arrays are called in a run, or numbers."
    )


class Condition(Statistic):
    """A relation of a statistic that a seed must meet to count."""

    relation: str = Field(description="`a < b`, `a >= b - 0.5` or `a <= 3`.")
    margin: float = Field(ge=0, allow_inf_nan=False, description="By how much, in the statistic's unit.")

    @field_validator("relation")
    @classmethod
    def _readable(cls, value: str) -> str:
        if (found := RELATION.match(value)) is None:
            raise ValueError(f"`{value}` is no relation; write `a < b`, `a >= b - 0.5` or `a <= 3`")
        for part in ("shift", "bound"):
            try:
                float(found[part] or 0)
            except ValueError:
                raise ValueError(f"`{found[part]}` is no number") from None
        return value

    @property
    def stated(self) -> Stated:
        """The relation, read."""
        found = RELATION.match(self.relation)
        assert found is not None
        sign: Sign = {"≤": "<=", "≥": ">="}.get(found["sign"], found["sign"])  # type: ignore[assignment]
        shift = float(found["shift"] or 0) * (-1 if found["by"] == "-" else 1)
        return Stated(sign=sign, compares=found["b"] is not None, bound=float(found["bound"] or shift), margin=self.margin)


class Stated(Strict):
    """a SIGN b + bound (compares) or a SIGN bound, beyond a margin."""

    sign: Sign
    compares: bool
    bound: float
    margin: float


class Control(Strict):
    """Where the same statement must not come out as `holds`: other settings, or other arrays."""

    why: str = Field(min_length=1, description="Why the statement is not to hold there.")
    settings: dict[Literal["a", "b"], Side] = Field(default_factory=dict, description="Sides that are replaced.")
    arrays: dict[str, str | list[float]] = Field(default_factory=dict, description="Arrays that are replaced.")

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.settings and not self.arrays:
            raise ValueError("changes nothing; give `settings` or `arrays`")
        return self


class Claim(Condition):
    """One statement, what is measured for it, and where it must not hold."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", description="Its name: small letters and `-`.")]
    statement: str = Field(min_length=1, description="The words of the document.")
    reading: str = Field("", description="What is measured for them, in words.")
    source: str = Field(min_length=1, description="Where the words stand.")
    model: str = Field(description="A reference model.")
    settings: dict[Literal["a", "b"], Side] = Field(default_factory=dict, description="The sides' settings.")
    convention: Convention | None = Field(None, description="Needed where a weight or a rate is set.")
    seeds: int = Field(4, ge=1, le=1000, description="How many: 0, 1, …; fewer than 4 establish nothing.")
    reference: str | None = Field(None, description="A data set: `reference`, `reference_labels`, `reference_modes`.")
    given: Condition | None = Field(None, description="A seed counts only where this is met.")
    control: Control

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.stated.compares != ("b" in self.settings):
            said = "compares with b, but `settings` has no b" if self.stated.compares else "has no b, but `settings` has"
            raise ValueError(f"the relation {said}")
        if "b" in self.control.settings and not self.stated.compares:
            raise ValueError("the control sets b, which the relation has not")
        if self.given is not None and self.given.stated.compares:
            raise ValueError("`given` is of side a alone: compare it with a number")
        changed = {k for s in (*self.settings.values(), *self.control.settings.values()) for k in s.changes}
        if self.convention is None and (needs := sorted(changed & {"weight", "rate"})):
            raise ValueError(f"sets {needs[0]}, which means nothing without a `convention`: {{reduction: sum, words: ...}}")
        return self

    def side(self, name: Literal["a", "b"]) -> Side:
        """The settings of a side; the model's own where none are given."""
        return self.settings.get(name, Side())  # type: ignore[call-arg]


class ClaimFile(Strict):
    """Claims, with what they share."""

    title: str = Field(min_length=1)
    claims: list[Claim] = Field(min_length=1)

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        ids = [c.id for c in self.claims]
        if twice := sorted({i for i in ids if ids.count(i) > 1}):
            raise ValueError(f"the id `{twice[0]}` stands twice")
        return self
