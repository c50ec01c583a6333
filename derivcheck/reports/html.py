"""The report as one HTML file: the document in order, each relation with its verdict beside it.

Self-contained: no script, no network, no font or picture of its own. Whatever comes from the
document is escaped, and the page forbids scripts and requests to itself besides.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

from derivcheck.reports import Format, Surface
from derivcheck.reports.page.conversion import Conversion
from derivcheck.reports.page.mathml import Renderer
from derivcheck.reports.page.notes import NoteWriter
from derivcheck.reports.page.passages import PassageWriter
from derivcheck.reports.words.verdict import MARKS, WORDS, contradictions, counted
from derivcheck.reports.words.visible import one_line
from derivcheck.verdicts.result import VERDICTS

if TYPE_CHECKING:
    from derivcheck.source import Document
    from derivcheck.verdicts.result import Report


def write(report: Report, document: Document | None, surface: Surface) -> str:
    """The page.

    Raises:
        ValueError: without the document there is nothing to show beside the verdicts.
    """
    del surface
    if document is None:
        raise ValueError("the HTML report needs the document; pass what check_document returned")
    with Conversion() as conversion:
        return _page(report, document, Renderer(conversion))


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("derivcheck.reports.page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _page(report: Report, document: Document, renderer: Renderer) -> str:
    notes = NoteWriter(report.document.name, renderer)
    writer = PassageWriter(report.relations, report.document.name, renderer)
    passages = list(writer.passages(document))
    template = _environment().get_template("report.html.j2")
    return template.render(
        report=report,
        name=one_line(report.document.name),
        title=one_line(report.document.name.replace("\\", "/").rsplit("/", 1)[-1]),
        passages=passages,
        unplaced=writer.unplaced(report.relations),
        first_errors=[notes.note(r) for r in report.first_errors()],
        declarations=[(p, renderer.render(p.latex, display=False)) for p in report.theory.parts],
        laws=[(name, renderer.render(statement, display=False), source) for name, (statement, source) in _laws(report).items()],
        verdicts=VERDICTS,
        words=WORDS,
        marks=MARKS,
        counted=counted,
        contradictions=contradictions,
        line=one_line,
    )


def _laws(report: Report) -> dict[str, tuple[str, str]]:
    """Statement and source of every law that a certificate names, by name."""
    steps = (s for r in report.relations for s in r.certificate or ())
    found = {one_line(s.law): (s.statement, one_line(s.source)) for s in steps if s.statement}
    return dict(sorted(found.items()))


FORMAT = Format(name="html", suffix=".html", write=write)
