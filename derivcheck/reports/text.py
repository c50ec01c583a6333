"""The report for a terminal: one clickable line a relation, the first errors on top."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from derivcheck.reports import Format, Surface
from derivcheck.reports.words.draws import sample_witness_line, sampled_lines
from derivcheck.reports.words.explained import explain
from derivcheck.reports.words.number import at, number
from derivcheck.reports.words.paint import paint
from derivcheck.reports.words.verdict import SIGNS, contradictions, counted, qualifications
from derivcheck.reports.words.visible import one_line, unsized

if TYPE_CHECKING:
    from derivcheck.source import Document
    from derivcheck.verdicts.result import RelationResult, Report, Suggestion, Witness

INDENT = "    "


def write(report: Report, document: Document | None, surface: Surface) -> str:
    """First errors, then question by question, then the sums."""
    del document
    return "\n".join(_lines(report, surface)) + "\n"


def _lines(report: Report, surface: Surface) -> Iterator[str]:
    name = one_line(report.document.name)
    first = report.first_errors()
    if first:
        yield paint("First error of each question", "heading", surface)
        for relation in first:
            yield from relation_lines(name, relation, surface)
        yield ""
    above = {relation.id for relation in first}
    for question in report.summary.questions:
        title = f"Question {one_line(question.question)}" if question.question else "No question"
        yield f"{paint(title, 'heading', surface)}: {counted(question.counts)}"
        for relation in report.relations:
            if relation.question != question.question:
                continue
            if relation.id in above:
                pointer = f"{INDENT}line {relation.line}: its first error, above"
                yield paint(pointer, "quiet", surface)
            else:
                yield from relation_lines(name, relation, surface)
        yield ""
    for problem in [*report.document.problems, *report.theory.problems]:
        yield f"note: {one_line(problem)}"
    proved = f"; {report.summary.proved} proved" if report.summary.proved else ""
    drawn = f"; {report.summary.sampled} confronted with draws" if report.options.sample else ""
    yield f"{name}: {report.summary.counts.total} relations: {counted(report.summary.counts)}{proved}{drawn}"
    if report.summary.disagreements:
        yield paint(f"{name}: {contradictions(report.summary.disagreements)}", "incorrect", surface)


def relation_lines(name: str, relation: RelationResult, surface: Surface) -> Iterator[str]:
    """`file:line:col: VERDICT  lhs rel rhs`, and below it what else must be said."""
    word = relation.verdict.upper()
    head = f"{relation.place_in(name)}: "
    sides = f"{relation.lhs} {SIGNS[relation.rel]} {relation.rhs}"
    room = None if surface.width is None else max(surface.width - len(head) - len(word) - 2, 30)
    yield f"{head}{paint(word, relation.verdict, surface)}  {one_line(sides, room)}"
    for said in qualifications(relation):
        yield f"{INDENT}{one_line(said)}"
    if relation.reason and relation.verdict != "correct":
        yield f"{INDENT}{paint(one_line(relation.reason), 'quiet', surface)}"
    if relation.witness is not None:
        yield f"{INDENT}{paint(witness_line(relation.witness), 'quiet', surface)}"
    for said in sampled_lines(relation):
        yield f"{INDENT}{paint(one_line(said), 'quiet', surface)}"
    if relation.laws:
        said = one_line("proved by: " + ", ".join(relation.laws))
        yield f"{INDENT}{paint(said, 'quiet', surface)}"
    if relation.suggestion is not None:
        yield f"{INDENT}{paint(suggestion_line(relation.suggestion), 'suggestion', surface)}"


def suggestion_line(suggestion: Suggestion) -> str:
    r"""`did you mean p(x)? (extra log), in place of \log p(x)`."""
    replaced = f", in place of {suggestion.replaces}" if suggestion.replaces else ""
    return one_line(unsized(suggestion.message + replaced))


def witness_line(witness: Witness) -> str:
    """`left 1.0986, right 0.094048 on world 3 of tables, seed 0`, at the entry that differs most."""
    if witness.samples is not None:
        return sample_witness_line(witness)
    left = number(at(witness.lhs_value, witness.entry))
    right = number(at(witness.rhs_value, witness.entry))
    entry = f" at entry {witness.entry}" if witness.entry else ""
    return (
        f"left {left}, right {right}{entry} on world {witness.world} of "
        f"{witness.world_kind.replace('_', ' ')}, seed {witness.seed}"
    )


FORMAT = Format(name="text", suffix=".txt", write=write, explain=explain)
