"""Why a piece of LaTeX has no reading.

Main definitions: `Unreadable` and its kinds `NotYetReadable`, `NotMathematics`, `ShapesDiffer`.
Why three kinds: the first is our gap, the second their text, the third a reading that has no type.
"""

from __future__ import annotations


class Unreadable(Exception):
    """No term was made. span: offsets into the LaTeX; found: the fact; hint: the way out."""

    def __init__(self, found: str, span: tuple[int, int] = (0, 0), hint: str = "") -> None:
        self.found, self.span, self.hint = found, span, hint
        super().__init__(f"{found}; {hint}" if hint else found)


class NotYetReadable(Unreadable):
    """Mathematics that no notation of this room reads, or a name that nobody defined."""


class NotMathematics(Unreadable):
    """The text is not a well-formed expression: an open bracket, a sign without its operand, a sentence."""


class ShapesDiffer(Unreadable):
    """The parts of a term do not fit: a 2×3 matrix plus a column."""
