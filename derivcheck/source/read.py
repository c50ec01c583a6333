"""The entrance: a path, `-` for standard input, or text, to a `Document`."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from derivcheck.source.build import Builder
from derivcheck.source.decode import MAX_BYTES, clean, decode
from derivcheck.source.faults import Fault, UnreadableFile
from derivcheck.source.markdown import read_markdown
from derivcheck.source.notebook import read_notebook
from derivcheck.source.tex import read_tex

if TYPE_CHECKING:
    from derivcheck.source.document import Document, Format


_SUFFIXES: dict[str, Format] = {
    ".tex": "tex", ".ltx": "tex", ".latex": "tex", ".ipynb": "notebook", ".md": "markdown",
    ".markdown": "markdown", ".qmd": "markdown", ".rmd": "markdown", ".mdx": "markdown", ".myst": "markdown",
}  # fmt: skip


def read_document(
    path: str | Path, *, text: str | None = None, name: str | None = None
) -> Document:
    """Read a file, standard input (`-`), or `text` as if it stood at `path`.

    Raises:
        UnreadableFile: no such file, not text, too large, or a notebook that is not JSON.
    """
    shown = name or ("<stdin>" if str(path) == "-" else str(path))
    if text is None:
        text, problems = decode(_bytes_of(path, shown), shown)
    else:
        text, problems = clean(text, shown)
    return _document(text, shown, _format_of(str(path), text), problems)


def _document(text: str, name: str, form: Format, problems: list[Fault]) -> Document:
    builder = Builder(name, form, problems)
    readers = {"markdown": read_markdown, "tex": read_tex, "notebook": read_notebook}
    readers[form](text, builder)
    return builder.document()


def _bytes_of(path: str | Path, name: str) -> bytes:
    if str(path) == "-":
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    try:
        with Path(path).open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except IsADirectoryError:
        raise UnreadableFile(name, "this is a folder, without a document in it", "name a file") from None
    except FileNotFoundError:
        raise UnreadableFile(name, "there is no such file", "check the path") from None
    except (OSError, ValueError) as error:
        found = getattr(error, "strerror", None) or str(error)
        raise UnreadableFile(
            name, f"cannot be read: {found}", "check the path and its rights"
        ) from None


def _format_of(path: str, text: str) -> Format:
    known = _SUFFIXES.get(Path(path).suffix.lower())
    if known:
        return known
    if text.lstrip()[:1] == "{" and '"cells"' in text:
        return "notebook"
    if re.search(r"\\documentclass|\\begin\s*\{document\}", text):
        return "tex"
    return "markdown"
