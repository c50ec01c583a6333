"""The report as JSON, in the form of the published schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivcheck.reports import Format, Surface

if TYPE_CHECKING:
    from derivcheck.source import Document
    from derivcheck.verdicts.explanation import Explanation
    from derivcheck.verdicts.result import Report


def write(report: Report, document: Document | None, surface: Surface) -> str:
    """The report, indented by two; read back by `Report.model_validate_json`."""
    del document, surface
    return report.model_dump_json(indent=2) + "\n"


def explain(explanation: Explanation, surface: Surface) -> str:
    """The explanation, indented by two."""
    del surface
    return explanation.model_dump_json(indent=2) + "\n"


FORMAT = Format(name="json", suffix=".json", write=write, explain=explain)
