"""One relation explained, for a terminal: readings, theory, worlds, witness, replay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from derivcheck.reports.words.draws import draw_lines, sample_witness_line
from derivcheck.reports.words.number import number, shortened, size
from derivcheck.reports.words.paint import paint
from derivcheck.reports.words.verdict import EVIDENCE, SIGNS, qualifications
from derivcheck.reports.words.visible import one_line, unsized

if TYPE_CHECKING:
    from derivcheck.reports import Surface
    from derivcheck.verdicts.explanation import Explanation, SubtermValue, Trial
    from derivcheck.verdicts.result import CertificateStep, PlainValue, TheoryPart, Witness

INDENT = "    "
ORIGINS = {
    "declared": "declared in",
    "pack": "from pack",
    "inferred": "inferred from",
    "document": "said in the document,",
}


def explain(explanation: Explanation, surface: Surface) -> str:
    """The explanation as titled parts, each left out if there is nothing to say."""
    return "\n".join(_lines(explanation, surface)) + "\n"


def _lines(explanation: Explanation, surface: Surface) -> Iterator[str]:
    relation = explanation.relation
    word = paint(relation.verdict.upper(), relation.verdict, surface)
    place = relation.place_in(one_line(explanation.document))
    yield f"{place}: {word}  ({relation.kind})"
    yield f"{INDENT}{one_line(f'{relation.lhs} {SIGNS[relation.rel]} {relation.rhs}')}"
    evidence = EVIDENCE[relation.evidence]
    for said in [*qualifications(relation), relation.reason, f"evidence: {evidence}"]:
        if said:
            yield f"{INDENT}{one_line(said)}"
    if relation.suggestion is not None:
        yield INDENT + paint(one_line(unsized(relation.suggestion.message)), "suggestion", surface)
        yield f"{INDENT}corrected right side: {one_line(relation.suggestion.rhs)}"
    parts = {
        "Reading": _readings(explanation),
        "Theory in force": map(theory_line, explanation.theory),
        "Proof": proof_lines(relation.certificate or []),
        "Worlds tried": map(trial_line, explanation.trials),
        "Draws": map(one_line, draw_lines(relation)),
        "Witness": () if relation.witness is None else _witness_lines(relation.witness),
        "Left side, term by term": _subterm_lines(explanation.lhs_values),
        "Right side, term by term": _subterm_lines(explanation.rhs_values),
        "Notes": map(one_line, explanation.notes),
        "Replay": (explanation.snippet or "").splitlines(),
    }
    for title, lines in parts.items():
        if found := list(lines):
            yield ""
            yield paint(title, "heading", surface)
            yield from (INDENT + line for line in found)


def _readings(explanation: Explanation) -> Iterator[str]:
    if explanation.lhs_reading is None and explanation.rhs_reading is None:
        yield "not read whole, so not judged"
        return
    for side, reading in (("left ", explanation.lhs_reading), ("right", explanation.rhs_reading)):
        yield f"{side}  {one_line(unsized(reading)) if reading is not None else 'not read'}"


def proof_lines(steps: Sequence[CertificateStep]) -> Iterator[str]:
    """The uses of laws in order, each with its source and its instance."""
    width = len(str(len(steps)))
    for nth, step in enumerate(steps, 1):
        source = f"   [{one_line(step.source)}]" if step.source else ""
        yield f"{nth:>{width}}. {one_line(step.law)}{source}"
        margin = " " * (width + 2)
        yield f"{margin}{_instance(step.before)}"
        ranges = f"   for {one_line(unsized(', '.join(step.ranges)))}" if step.ranges else ""
        yield f"{margin}{SIGNS[step.sign]} {_instance(step.after)}{ranges}"


def _instance(latex: str | None) -> str:
    return "(has no LaTeX)" if latex is None else one_line(unsized(latex))


def theory_line(part: TheoryPart) -> str:
    """One declaration and where it came from."""
    scope = f"; for {part.scope}" if part.scope else ""
    where = f"{ORIGINS[part.origin]} {part.where}{scope}"
    return f"{part.kind:<12} {one_line(part.latex)}   [{one_line(where)}]"


def trial_line(trial: Trial) -> str:
    """One kind of world and how the relation fared on it."""
    worst = "" if trial.worst_difference is None else f", worst |Δ| {trial.worst_difference:.2g}"
    redrawn = f", {trial.redrawn} redrawn outside a domain" if trial.redrawn else ""
    reason = f": {one_line(trial.reason)}" if trial.reason else ""
    counts = f"{trial.evaluated} of {trial.worlds} evaluated{redrawn}{worst}"
    return f"{trial.world_kind.replace('_', ' ')}: {trial.outcome} ({counts}){reason}"


def _witness_lines(witness: Witness) -> Iterator[str]:
    if witness.samples is not None:
        yield one_line(sample_witness_line(witness))
        return
    yield (
        f"{witness.world_kind.replace('_', ' ')}, world {witness.world}, seed {witness.seed}: "
        f"|Δ| = {witness.difference:.6g}, error bound {witness.bound:.2g}"
    )
    yield f"left  = {shortened(witness.lhs_value)}"
    yield f"right = {shortened(witness.rhs_value)}"
    for name, value in witness.parameters.items():
        shape = f"   ({size(value)})" if isinstance(value, list) else ""
        yield f"{one_line(name)} = {shortened(value)}{shape}"


def _subterm_lines(subterms: list[SubtermValue]) -> Iterator[str]:
    """All but the numbers that are written out in the text, which say nothing new."""
    for subterm in subterms:
        if subterm.value is None or subterm.latex.strip() not in _written(subterm.value):
            yield subterm_line(subterm)


def _written(value: PlainValue) -> set[str]:
    return set() if isinstance(value, list) else {number(value), str(value)}


def subterm_line(subterm: SubtermValue) -> str:
    """A sub-term, indented by its depth, and its value."""
    value = subterm.note or "no value" if subterm.value is None else shortened(subterm.value)
    return f"{'  ' * subterm.depth}{one_line(unsized(subterm.latex))}  =  {one_line(value)}"
