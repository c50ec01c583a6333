"""Text that is no well-formed LaTeX mathematics.

Main definitions: `SyntaxFault`.
"""

from __future__ import annotations


class SyntaxFault(Exception):
    """A fault in the LaTeX itself, at `span` of the text that was parsed.

    found: what stands there; expected: what could have; hint: the way out.
    """

    def __init__(
        self, found: str, span: tuple[int, int], expected: str = "", hint: str = ""
    ) -> None:
        self.found, self.span, self.expected, self.hint = found, span, expected, hint
        super().__init__(f"{found}; {expected}" if expected else found)
