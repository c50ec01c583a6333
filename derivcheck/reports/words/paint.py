"""Colours of the terminal; on any other surface the text stays as it is."""

from __future__ import annotations

from derivcheck.reports import Surface
from derivcheck.verdicts.result import VerdictWord

STYLES: dict[str, str] = {
    "correct": "green",
    "incorrect": "bold red",
    "undecided": "yellow",
    "not_checkable": "dim",
    "heading": "bold",
    "quiet": "dim",
    "suggestion": "cyan",
}


def paint(text: str, style: VerdictWord | str, surface: Surface) -> str:
    """The text in the colour of a verdict or part, if the surface has colours."""
    if not surface.colour:
        return text
    # rich is slow to load, and a pipe does not need it
    from rich.color import ColorSystem
    from rich.style import Style

    return Style.parse(STYLES[style]).render(text, color_system=ColorSystem.STANDARD)
