"""The report as data: what `--format json` writes and everything else renders.

Main definitions: `Report`, `RelationResult`, `Witness`, `CertificateStep`, `Suggestion`, `json_schema`.
Two runs of one document, theory, version and seed differ in seconds alone (`without_times`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from platform import python_version
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self, cast

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)
from typing_extensions import TypeAliasType

import derivcheck
from derivcheck.verdicts.options import Options

if TYPE_CHECKING:
    from derivcheck.theories.theory import Declaration

SCHEMA_VERSION = "1.2"
SAMPLES = "samples"  # the world_kind of a witness that draws have found
UNSAMPLED_VERSION = "1.1"  # of a report without samples, which has no key that 1.1 has not

Sign = Literal[
    "=", "<=", ">=", "<", ">", "!=", "propto", "approx", "sim", "iff", "implies", "to", ":=", "in"
]
Kind = Literal["step", "statement", "definition", "assumption", "not_math"]
VerdictWord = Literal["correct", "incorrect", "undecided", "not_checkable"]
Evidence = Literal["proved", "exact", "sampled", "none"]
OriginKind = Literal["declared", "pack", "inferred", "document"]

VERDICTS: tuple[VerdictWord, ...] = ("incorrect", "undecided", "correct", "not_checkable")
"""The four fates of a relation, the most urgent first."""

NotFinite = Literal["inf", "-inf", "nan"]
PlainValue = TypeAliasType("PlainValue", float | int | NotFinite | list["PlainValue"])


def plain(value: Any) -> PlainValue:
    """A tensor, array, sequence or number as nested lists of JSON numbers; infinities by name."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in cast("Sequence[Any]", value)]
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    return value


Value = Annotated[PlainValue, BeforeValidator(plain)]
"""A number, or rows of numbers; `inf`, `-inf` and `nan` are written as strings (JSON has none)."""


class Record(BaseModel):
    """What all parts of a report share: frozen, and unknown keys are an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Sparing(Record):
    """A record some of whose keys are only written where they say something: those of `--sample`."""

    only_if_said: ClassVar[tuple[str, ...]] = ()

    @model_serializer(mode="wrap")
    def _written(self, handler: SerializerFunctionWrapHandler):  # noqa: ANN202 # pyright: ignore[reportUnknownParameterType] - a return type would replace the schema
        written = handler(self)
        for key in self.only_if_said:
            if not written.get(key):
                written.pop(key, None)
        return written


class Suggestion(Record):
    """The smallest edit of the right side that makes an incorrect relation hold."""

    rhs: str = Field(description="the corrected right side, LaTeX")
    kind: str = Field(
        description="the kind of slip: sign, index, accent, missing_log, transpose, …"
    )
    fragment: str | None = Field(
        default=None, description="the part that changes, as it should read"
    )
    replaces: str | None = Field(default=None, description="the part that changes, as it stands")

    message: str = Field(default="", description="what a grader reads; written here if left out")

    @model_validator(mode="after")
    def _write_message(self) -> Self:
        if not self.message:
            slip = self.kind.replace("_", " ")
            # the model is frozen for its readers; here it is still being made
            object.__setattr__(
                self, "message", f"did you mean {self.fragment or self.rhs}? ({slip})"
            )
        return self


class SampleWitness(Record):
    """What a refutation by samples rests on."""

    n: int = Field(description="draws")
    seed: int = Field(description="of the draws, from what is claimed")
    statistic: str = Field(description="what was averaged")
    interval: tuple[Value, Value] = Field(description="misses the truth with probability at most alpha")
    alpha: float = Field(description="of this claim; family_alpha over family_size claims")
    family_alpha: float
    family_size: int


class Witness(Sparing):
    """One world on which both sides evaluate and differ; seed and world replay it.

    Of samples: lhs_value is the estimate, rhs_value what is claimed of it, bound the reach of the interval.
    """

    only_if_said = ("samples",)

    world_kind: str = Field(description="tables, linear_gaussian, gaussian_networks, matrices, …")
    seed: int
    world: int = Field(description="the world's number under this seed")
    parameters: dict[str, Value] = Field(description="every symbol with its value")
    lhs_value: Value
    rhs_value: Value
    entry: list[int] | None = Field(
        default=None, description="where two arrays differ most, from 0"
    )
    difference: float = Field(description="|lhs - rhs| there")
    bound: float = Field(description="the error bound of the evaluation; difference is far above")
    samples: SampleWitness | None = Field(default=None, description="where draws refute it")


class Sampled(Record):
    """One claim that a relation makes of draws, on one random instance of the theory, and what became of it.

    Of several coordinates the one furthest from its claim is shown.
    """

    claim: str
    instance: int = Field(description="its number; with the seed it fixes every parameter")
    instance_kind: str = Field(description="tables, gaussian")
    verdict: Literal["pass", "refuted", "inconclusive"]
    decides: bool = Field(description="a refutation of it refutes the relation")
    tier: str
    assumption: str = Field(description="what must be true for the error level to hold")
    alpha: float = Field(description="P(refuted | true) is at most this")
    family_alpha: float
    family_size: int = Field(description="claims of the document, declared beforehand")
    power: float = Field(description="of passing where it is true, and refuting where it is off by the tolerance")
    n: int
    n_max: int
    estimate: Value
    low: Value
    high: Value
    claimed: float
    relation: Literal["=", "<=", ">="]
    tolerance: float
    coordinates: int = 1
    seed: int
    seconds: float = 0.0


class CertificateStep(Record):
    """One use of a law: what stood there, and what the law made of it."""

    law: str = Field(description="its name, as `derivcheck laws` lists it")
    statement: str = Field(default="", description="the law itself, LaTeX")
    source: str = Field(default="", description="book or paper with its equation")
    before: str | None = Field(description="LaTeX; null if it has none")
    sign: Sign = Field(default="=", description="how before stands to after")
    after: str | None = Field(description="LaTeX; null if it has none")
    ranges: list[str] = Field(
        default=[], description="for which indices, LaTeX: those of the sums in which it was used"
    )


class RelationResult(Sparing):
    """One relation sign of the document and what became of it."""

    only_if_said = ("sampled", "not_sampled")

    id: str
    cell: int | None = Field(default=None, description="of a notebook, from 0")
    line: int = Field(
        description="of the sign (of the row, if implicit); in a notebook, of the cell"
    )
    column: int
    question: str = ""
    lhs: str = Field(description="LaTeX, verbatim")
    rel: Sign
    rhs: str = Field(description="LaTeX, verbatim")
    implicit: bool = Field(default=False, description="the source has no sign here")
    kind: Kind
    verdict: VerdictWord = Field(description="of the charitable reading")
    strict_verdict: VerdictWord = Field(description="of the literal text")
    reads_as: str | None = Field(default=None, description="the text after a charitable repair")
    absolute: VerdictWord | None = Field(
        default=None, description="the new expression against the first of its chain"
    )
    holds_at: str | None = Field(
        default=None, description="the optimum at which alone it is judged"
    )
    evidence: Evidence = "none"
    reading: str | None = Field(
        default=None,
        description="both sides as unambiguous LaTeX; null unless read whole and typed",
    )
    reason: str | None = None
    witness: Witness | None = None
    suggestion: Suggestion | None = None
    certificate: list[CertificateStep] | None = Field(
        default=None, description="the laws in order of use; null unless proved"
    )
    disagreement: bool = Field(
        default=False, description="the engines contradict each other: a defect of derivcheck"
    )
    seconds: float = 0.0
    proof_seconds: float = Field(default=0.0, description="of the search for a certificate")
    sampled: list[Sampled] = Field(default=[], description="what draws say of it; only with --sample")
    not_sampled: str | None = Field(default=None, description="why they say nothing; only with --sample")

    @property
    def laws(self) -> tuple[str, ...]:
        """The laws of its certificate, each once, in order of first use."""
        return tuple(dict.fromkeys(step.law for step in self.certificate or ()))

    def place_in(self, name: str) -> str:
        """`file.md:13:27`, clickable; `book.ipynb[cell 3]:2:5` in a notebook."""
        cell = "" if self.cell is None else f"[cell {self.cell}]"
        return f"{name}{cell}:{self.line}:{self.column}"


class TheoryPart(Record):
    """One declaration in force and where it came from."""

    latex: str
    kind: str = Field(description="density, variable, sequence, function, path, definition, …")
    origin: OriginKind
    where: str = Field(description="the theory file, the pack, or the line it was inferred from")
    line: int | None = None
    scope: str | None = Field(
        default=None, description="the questions or stretch in which it holds"
    )

    @classmethod
    def of(cls, d: Declaration) -> Self:
        """A declaration for the report."""
        return cls(latex=d.latex, kind=d.kind, origin=d.origin.kind, where=d.origin.where, line=d.origin.line)


class TheoryRecord(Record):
    """What the symbols meant: files, packs, and every declaration with its origin."""

    files: list[str] = []
    packs: list[str] = []
    parts: list[TheoryPart] = []
    problems: list[str] = Field(
        default=[], description="conflicts, and declarations that could not be read"
    )


class DocumentRecord(Record):
    """Which text was checked."""

    name: str = Field(description="as it was given on the command line; `-` for stdin")
    format: Literal["markdown", "tex", "notebook"]
    sha256: str | None = None
    problems: list[str] = Field(default=[], description="faults of the text outside its relations")


class OptionsRecord(Sparing):
    """The options that a verdict may depend on (`--jobs` is not one)."""

    only_if_said = ("sample",)

    worlds: int
    timeout: float
    strict: bool
    prove: bool = True
    proof_budget: float = 2.0
    sample: bool = Field(default=False, description="relations were confronted with draws")


class Counts(Record):
    """How many relations have which verdict."""

    correct: int = 0
    incorrect: int = 0
    undecided: int = 0
    not_checkable: int = 0

    @classmethod
    def of(cls, relations: Iterable[RelationResult]) -> Self:
        """The counts of these relations."""
        tally: dict[str, int] = dict.fromkeys(VERDICTS, 0)
        for relation in relations:
            tally[relation.verdict] += 1
        return cls(**tally)

    @property
    def total(self) -> int:
        """All relations."""
        return self.correct + self.incorrect + self.undecided + self.not_checkable


class QuestionSummary(Record):
    """One question of the document."""

    question: str
    counts: Counts
    first_incorrect: str | None = Field(default=None, description="a relation's id")


class Summary(Sparing):
    """The whole document, then question by question in its order."""

    only_if_said = ("sampled",)

    counts: Counts
    questions: list[QuestionSummary]
    proved: int = Field(default=0, description="correct relations with a certificate")
    disagreements: int = Field(
        default=0, description="relations on which the engines contradict each other: our defects"
    )
    sampled: int = Field(default=0, description="relations that draws speak of; only with --sample")

    @classmethod
    def of(cls, relations: Sequence[RelationResult]) -> Self:
        """The summary of these relations; a question is named by their `question`."""
        groups: dict[str, list[RelationResult]] = {}
        for relation in relations:
            groups.setdefault(relation.question, []).append(relation)
        questions = [
            QuestionSummary(
                question=name,
                counts=Counts.of(group),
                first_incorrect=next((r.id for r in group if r.verdict == "incorrect"), None),
            )
            for name, group in groups.items()
        ]
        return cls(
            counts=Counts.of(relations),
            questions=questions,
            proved=sum(r.evidence == "proved" for r in relations),
            disagreements=sum(r.disagreement for r in relations),
            sampled=sum(bool(r.sampled) for r in relations),
        )


def versions() -> dict[str, str]:
    """What a verdict was computed with, read from the installed packages without importing them."""
    found = {"derivcheck": derivcheck.__version__, "python": python_version()}
    for name in ("numpy", "scipy", "sympy", "torch"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


class Report(Record):
    """One checked document."""

    schema_version: str = SCHEMA_VERSION
    document: DocumentRecord
    theory: TheoryRecord = TheoryRecord()
    versions: dict[str, str]
    seed: int
    options: OptionsRecord
    summary: Summary
    relations: list[RelationResult]
    seconds: float = 0.0

    @classmethod
    def of(
        cls,
        document: DocumentRecord,
        relations: Sequence[RelationResult],
        *,
        theory: TheoryRecord | None = None,
        options: Options | None = None,
        seconds: float = 0.0,
    ) -> Self:
        """A report with its versions and summary filled in."""
        chosen = options or Options()
        return cls(
            schema_version=SCHEMA_VERSION if chosen.sample else UNSAMPLED_VERSION,
            document=document,
            theory=theory or TheoryRecord(),
            versions=versions(),
            seed=chosen.seed,
            options=OptionsRecord(
                worlds=chosen.worlds, timeout=chosen.timeout, strict=chosen.strict,
                prove=chosen.prove, proof_budget=chosen.proof_budget, sample=chosen.sample,
            ),
            summary=Summary.of(relations),
            relations=list(relations),
            seconds=seconds,
        )

    def without_times(self) -> Self:
        """The report with all seconds at zero: equal for equal document, theory, version, seed."""
        timeless = {"seconds": 0.0, "proof_seconds": 0.0}
        relations = [
            r.model_copy(update={**timeless, "sampled": [s.model_copy(update={"seconds": 0.0}) for s in r.sampled]})
            for r in self.relations
        ]
        return self.model_copy(update={"relations": relations, "seconds": 0.0})

    def first_errors(self) -> list[RelationResult]:
        """The first incorrect relation of each question, in the document's order."""
        ids = {q.first_incorrect for q in self.summary.questions}
        return [r for r in self.relations if r.id in ids]


def json_schema() -> Mapping[str, Any]:
    """The published JSON Schema of `Report`, as `derivcheck schema` prints it."""
    schema = Report.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
