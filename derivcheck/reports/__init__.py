"""One export format per file.

A format is a module directly in this room that declares `FORMAT`; the sub-rooms `words` and `page`
hold what formats share. Why: `format_names` lists files and imports none, so that the command line
can name the formats without loading any.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from derivcheck.source import Document
    from derivcheck.verdicts.explanation import Explanation
    from derivcheck.verdicts.result import Report


@dataclass(frozen=True)
class Surface:
    """Where text is going: a terminal has colours and a width, a file or pipe has neither."""

    colour: bool = False
    width: int | None = None


PLAIN = Surface()


@dataclass(frozen=True)
class Format:
    """One way of writing a report.

    write: the report as text. The document is there for formats that show it, and may be None for
    those that do not. explain: one relation's explanation, if the format has a form for it.
    """

    name: str
    suffix: str
    write: Callable[[Report, Document | None, Surface], str]
    explain: Callable[[Explanation, Surface], str] | None = None


def format_names() -> list[str]:
    """The names of all formats: the modules directly in this room."""
    return sorted(m.name for m in iter_modules(__path__) if not m.ispkg)


def format_named(name: str) -> Format:
    """The format of this name, imported now.

    Raises:
        LookupError: no file of that name, or it declares no FORMAT.
    """
    if name not in format_names():
        message = f"no format {name!r}; there are {', '.join(format_names())}"
        raise LookupError(message)
    found = getattr(import_module(f"{__name__}.{name}"), "FORMAT", None)
    if not isinstance(found, Format):
        message = f"derivcheck/reports/{name}.py declares no FORMAT"
        raise LookupError(message)  # noqa: TRY004 - a file of the room is at fault, not a type
    return found
