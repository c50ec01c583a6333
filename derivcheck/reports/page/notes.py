"""What stands in the margin beside a relation: verdict, reading, reason, witness, suggestion."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from shlex import quote

from markupsafe import Markup

from derivcheck.reports.page.mathml import Renderer
from derivcheck.reports.page.signs import number_of
from derivcheck.reports.words.draws import sample_witness_line, sampled_lines
from derivcheck.reports.words.number import at, number, size
from derivcheck.reports.words.verdict import EVIDENCE, MARKS, SIGNS, WORDS
from derivcheck.reports.words.visible import one_line
from derivcheck.verdicts.result import CertificateStep, RelationResult, Witness

LOW_BRACKETS = re.compile(
    r"\\left([(\[])((?:(?!\\(?:left|right|frac|sum|prod|int|sqrt|begin)(?![A-Za-z])).)*)\\right([)\]])"
)
LONGEST = 450  # characters of an instance of a law that is shown as mathematics
SIGN_LATEX = {
    "<=": r"\leq",
    ">=": r"\geq",
    "!=": r"\neq",
    "propto": r"\propto",
    "approx": r"\approx",
    "sim": r"\sim",
    "iff": r"\iff",
    "implies": r"\implies",
    "to": r"\to",
    ":=": ":=",
    "in": r"\in",
}
KINDS = {
    "step": "a step",
    "statement": "a statement",
    "definition": "a definition",
    "assumption": "an assumption",
    "not_math": "not mathematics",
}


@dataclass(frozen=True)
class WitnessView:
    """A witness, ready for a table."""

    world: str
    left: str
    right: str
    entry: str
    difference: str
    bound: str
    parameters: tuple[tuple[Markup, str, str], ...]  # name, value, shape


@dataclass(frozen=True)
class StepView:
    """One use of a law, ready for a list."""

    law: str
    known: bool  # in the table of laws
    before: Markup | None
    sign: str
    after: Markup | None
    ranges: tuple[Markup, ...]


@dataclass(frozen=True)
class Note:
    """One relation as the margin shows it."""

    id: str
    number: str
    css: str
    mark: str
    word: str
    kind: str
    place: str
    question: str
    sides: Markup
    sign: str
    implicit: bool
    reason: tuple[tuple[str, bool], ...]  # pieces; true: quoted in the reason, so shown as code
    facts: tuple[tuple[str, str], ...]
    formulas: tuple[tuple[str, Markup], ...]
    suggestion: Markup | None
    slip: str
    witness: WitnessView | None
    proof: tuple[StepView, ...]
    defect: bool
    command: str


class NoteWriter:
    """Turns relations into notes, with their mathematics rendered."""

    def __init__(self, name: str, renderer: Renderer) -> None:
        self._name = name
        self._render = renderer

    def note(self, relation: RelationResult) -> Note:
        """The note of one relation."""
        suggestion = relation.suggestion
        small = suggestion and (suggestion.fragment or suggestion.rhs)
        return Note(
            id=relation.id,
            number=number_of(relation),
            css=relation.verdict.replace("_", "-"),
            mark=MARKS[relation.verdict],
            word=WORDS[relation.verdict],
            kind=KINDS[relation.kind],
            place=(f"cell {relation.cell}, " if relation.cell is not None else "")
            + f"line {relation.line}",
            question=relation.question,
            sides=self._math(sides_of(relation)),
            sign=SIGNS[relation.rel],
            implicit=relation.implicit,
            reason=quoted_pieces(relation.reason or ""),
            facts=tuple(facts_of(relation)),
            formulas=tuple(self._formulas(relation)),
            suggestion=self._written(small) if small else None,
            slip=one_line(suggestion.kind.replace("_", " ")) if suggestion else "",
            witness=self._witness(relation.witness) if relation.witness else None,
            proof=tuple(map(self._step, relation.certificate or ())),
            defect=relation.disagreement,
            command=one_line(f"derivcheck explain {quote(relation.place_in(self._name))}"),
        )

    def _math(self, latex: str) -> Markup:
        return self._render.render(latex, display=False)

    def _written(self, latex: str) -> Markup:
        """Mathematics that derivcheck wrote: unambiguous, so with more brackets than a page needs."""
        for _ in range(3):  # brackets around nothing tall need not grow, from the inside out
            latex = LOW_BRACKETS.sub(r"\1\2\3", latex)
        return self._math(latex.replace(r"\!", ""))

    def _formulas(self, relation: RelationResult) -> Iterator[tuple[str, Markup]]:
        if relation.reads_as is not None:
            yield "taken as", self._math(relation.reads_as)
        if relation.reading is not None:
            yield "reading", self._written(relation.reading)
        if relation.suggestion is not None:
            if relation.suggestion.replaces is not None:
                yield "instead of", self._written(relation.suggestion.replaces)
            yield "right side, corrected", self._written(relation.suggestion.rhs)
        if relation.holds_at is not None:
            yield "judged at", self._math(relation.holds_at)

    def _step(self, step: CertificateStep) -> StepView:
        return StepView(
            law=one_line(step.law),
            known=bool(step.statement),
            before=self._instance(step.before) if step.before is not None else None,
            sign=SIGNS[step.sign],
            after=self._instance(step.after) if step.after is not None else None,
            ranges=tuple(map(self._written, step.ranges)),
        )

    def _instance(self, latex: str) -> Markup:
        """What a law was used on; what would fill the page as mathematics stands as it is written."""
        return self._written(latex) if len(latex) <= LONGEST else Markup("<code>{}</code>").format(one_line(latex))

    def _witness(self, witness: Witness) -> WitnessView:
        entry = ", ".join(str(i) for i in witness.entry or [])
        drawn = witness.samples
        where = f"world {witness.world} of {one_line(witness.world_kind.replace('_', ' '))}, seed {witness.seed}"
        return WitnessView(
            world=where if drawn is None else one_line(sample_witness_line(witness)),
            left=number(at(witness.lhs_value, witness.entry)),
            right=number(at(witness.rhs_value, witness.entry)),
            entry=entry,
            difference=number(witness.difference, 3),
            bound=number(witness.bound, 2),
            parameters=tuple(
                (self._math(name), one_line(number(value, 4), 300), size(value))
                for name, value in witness.parameters.items()
            ),
        )


def sides_of(relation: RelationResult) -> str:
    """The relation as one piece of LaTeX."""
    sign = SIGN_LATEX.get(relation.rel, SIGNS[relation.rel])
    return f"{relation.lhs} {sign} {relation.rhs}"


def facts_of(relation: RelationResult) -> Iterator[tuple[str, str]]:
    """What is known of a relation beside its verdict, in words."""
    yield "evidence", EVIDENCE[relation.evidence]
    for said in sampled_lines(relation):
        yield "draws", one_line(said)
    if relation.strict_verdict != relation.verdict:
        yield "taken literally", WORDS[relation.strict_verdict]
    if relation.absolute is not None:
        yield "against the start of its chain", WORDS[relation.absolute]


def quoted_pieces(text: str) -> tuple[tuple[str, bool], ...]:
    """The text cut at its backticks: what stands between two of them is quoted."""
    pieces = one_line(text).split("`")
    if len(pieces) % 2 == 0:  # one backtick without a partner is no quote
        pieces[-2:] = ["`".join(pieces[-2:])]
    return tuple((piece, i % 2 == 1) for i, piece in enumerate(pieces) if piece)
