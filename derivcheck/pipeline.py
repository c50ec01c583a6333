"""The way of a derivation, from file to report, on one screen.

Main definitions: `check_document`, `explain`. Mathematics is evaluated and proved in processes that can be
killed (`derivcheck.workers`), so that this process stays light and no relation costs another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, final

from derivcheck.source import Document, read_document
from derivcheck.syntax.relations import relations_of
from derivcheck.theories.file import front_matter_theory, load_theory
from derivcheck.theories.infer import theory_for
from derivcheck.theories.theory import Theory
from derivcheck.verdicts.chains import Placed, placed
from derivcheck.verdicts.options import Options
from derivcheck.verdicts.proof import settled, task_for
from derivcheck.verdicts.result import (
    DocumentRecord,
    Report,
    TheoryPart,
    TheoryRecord,
)

if TYPE_CHECKING:
    from derivcheck.cache import Cache
    from derivcheck.verdicts.explanation import Explanation
    from derivcheck.workers import Judged, Staff

Progress = Callable[[int, int], None]


@final
@dataclass(frozen=True)
class Prepared:
    """A document up to the point where mathematics begins."""

    document: Document
    relations: tuple[Placed, ...]
    theory: Theory
    files: tuple[str, ...]


def check_document(
    path: str, *, theories: Sequence[str] = (), options: Options | None = None, progress: Progress | None = None,
    text: str | None = None, cache: Cache | None = None, staff: Staff | None = None,
) -> tuple[Report, Document]:
    """Check one document: every relation gets a verdict with evidence.

    cache: where results of an earlier run may lie; without one everything is judged afresh. staff: processes
    (with the same options) that serve other documents too; without them the document has its own.

    Raises:
        UnreadableFile: the document cannot be read.
        UnreadableTheory: a theory file cannot be read.
    """
    from derivcheck.cache import key_of
    from derivcheck.workers import Staff

    start = perf_counter()
    options = options or Options()
    with nullcontext(staff) if staff else Staff(options) as hands:
        document = read_document(path, text=text) if text is not None else read_document(path)  # file → source
        if cache is None or not cache.knows(key_of(document, theories, options)):
            hands.expect()  # a worker loads its libraries in the meantime
        prepared = prepared_from(document, theories)  # → syntax → theory
        judged = _judged(prepared, hands, progress, cache)  # → terms → checks, proofs → verdicts
    report = Report.of(
        _document_record(prepared.document),
        judged.results,
        theory=_theory_record(prepared, [problem for found in judged.problems.values() for problem in found]),
        options=options,
        seconds=perf_counter() - start,
    )
    return report, prepared.document


def _judged(prepared: Prepared, staff: Staff, progress: Progress | None, cache: Cache | None) -> Judged:
    """The results, those of whole questions from the cache where it has them."""
    from derivcheck.cache import key_of
    from derivcheck.workers import judge_all

    if cache is None:
        return judge_all(prepared.relations, staff, progress)
    key = key_of(prepared.document, prepared.files, staff.options)
    kept = cache.kept(key, prepared.relations)
    judged = judge_all([p for p in prepared.relations if p.raw.question not in kept.problems], staff, progress)
    cache.keep(key, judged)
    return kept.joined(judged, prepared.relations)


def prepare(path: str, theories: Sequence[str], text: str | None = None) -> Prepared:
    """Read a document and its theory, and find its relations."""
    return prepared_from(read_document(path, text=text) if text is not None else read_document(path), theories)


def prepared_from(document: Document, theories: Sequence[str]) -> Prepared:
    """The relations of a document, with what the theory says where each stands."""
    relations = relations_of(document)
    declared = [load_theory(t) for t in theories]
    if document.front_matter is not None:
        own = front_matter_theory(document.front_matter, where=f"front matter of {document.name}")
        declared += [own] if own is not None else []
    theory = theory_for(document, relations, declared)
    return Prepared(document, placed(document, relations, theory), theory, tuple(theories))


def explain(
    path: str,
    *,
    line: int,
    column: int | None = None,
    cell: int | None = None,
    theories: Sequence[str] = (),
    options: Options | None = None,
) -> Explanation:
    """Everything about one relation.

    Raises:
        LookupError: no relation stands there.
    """
    from derivcheck.provers import proof_of
    from derivcheck.verdicts.explain import explained

    options = options or Options()
    prepared = prepare(path, theories)
    here = [p for p in prepared.relations if p.raw.line == line and (cell is None or p.raw.cell == cell)]
    if not here:
        message = f"no relation stands in line {line}"
        raise LookupError(message)
    chosen = min(here, key=lambda p: abs(p.raw.column - column)) if column is not None else here[0]
    before = [p for p in prepared.relations if p.raw.question == chosen.raw.question and p.raw.id < chosen.raw.id]
    found, terms = explained(path, chosen, before, list(theories), options)
    task = task_for(found.relation, terms, chosen.declarations, options)
    if task is None:
        return found
    return found.model_copy(update={"relation": settled(found.relation, proof_of(task, options))})


def replay(
    document: str, relation: str, *, theories: Sequence[str] = (), seed: int = 0, world: int = 0, kind: str = "tables"
) -> tuple[object, object]:
    """Both sides of a relation on one world, evaluated afresh: the numbers of a witness.

    Raises:
        LookupError: the document has no such relation.
        CannotEvaluate: the relation has no value on that world.
    """
    from derivcheck.verdicts.explain import replayed

    for p in prepare(document, theories).relations:
        if p.raw.id == relation:
            return replayed(p, kind, seed, world)
    message = f"{document} has no relation {relation}"
    raise LookupError(message)


def check(path: str, *, theories: Sequence[str] = (), options: Options | None = None) -> Report:
    """The report on one document (see `check_document`)."""
    return check_document(path, theories=theories, options=options)[0]


def _document_record(document: Document) -> DocumentRecord:
    page = "".join(dict.fromkeys(b.page.text for b in document.blocks))
    return DocumentRecord(
        name=document.name,
        format=document.format,
        sha256=hashlib.sha256(page.encode("utf-8", "surrogatepass")).hexdigest(),
        problems=[str(p) for p in document.problems],
    )


def _theory_record(prepared: Prepared, problems: Sequence[str]) -> TheoryRecord:
    parts: dict[tuple[str, str, str], TheoryPart] = {}
    conflicts: list[str] = []
    for p in prepared.relations:
        for d in p.declarations:
            parts.setdefault((d.kind, d.latex, d.origin.where), TheoryPart.of(d))
        conflicts += [str(c) for c in p.conflicts]
    return TheoryRecord(
        files=list(prepared.files),
        packs=list(dict.fromkeys(prepared.theory.packs)),
        parts=list(parts.values()),
        problems=list(dict.fromkeys([*problems, *conflicts])),
    )


