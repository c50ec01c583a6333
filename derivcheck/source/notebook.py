"""Notebooks: the Markdown cells of an .ipynb, each with lines of its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from derivcheck.source.decode import clean
from derivcheck.source.faults import UnreadableFile
from derivcheck.source.markdown import read_markdown

if TYPE_CHECKING:
    from derivcheck.source.build import Builder


_HINT = "save the notebook again in Jupyter, or give its Markdown"


def read_notebook(text: str, builder: Builder) -> None:
    """Add the Markdown cells; `cell` counts all cells from 0, as in the file.

    Raises:
        UnreadableFile: not JSON, or JSON that is no notebook.
    """
    try:
        loaded: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableFile(
            builder.name, f"this notebook is not valid JSON: {error}", _HINT
        ) from None
    for number, cell in enumerate(_cells(loaded, builder.name)):
        if not isinstance(cell, dict) or cell.get("cell_type") != "markdown":
            continue
        source = cell.get("source", "")
        written = "".join(map(str, source)) if isinstance(source, list) else str(source)
        cleaned, problems = clean(written, builder.name, number)
        builder.problems.extend(problems)
        read_markdown(cleaned, builder, number)


def _cells(loaded: Any, name: str) -> list[Any]:
    if isinstance(loaded, dict):
        if isinstance(loaded.get("cells"), list):
            return loaded["cells"]
        sheets = loaded.get("worksheets")
        if isinstance(sheets, list):
            return [c for s in sheets if isinstance(s, dict) for c in s.get("cells", [])]
    raise UnreadableFile(name, "this JSON has no `cells`: it is no notebook", _HINT)
