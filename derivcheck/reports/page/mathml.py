r"""LaTeX to MathML, never failing: what the renderer refuses is shown as escaped LaTeX.

Main definition: `Renderer`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup, escape

from derivcheck.reports.page.conversion import Conversion
from derivcheck.reports.words.visible import visible

LONGEST = 50_000  # signs; longer mathematics is shown as LaTeX
DEEPEST = 120  # nested braces

# what the renderer does not know, and what it knows under another name
SPELLINGS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\\(?:label|tag\*?)\s*\{[^{}]*\}"), ""),
    (re.compile(r"\\(?:nonumber|notag|allowbreak|displaystyle|textstyle)(?![A-Za-z])"), ""),
    (re.compile(r"\\(begin|end)\{(?:split|align|alignat|flalign|eqnarray)\*?\}"), r"\\\1{aligned}"),
    (
        re.compile(r"\\(begin|end)\{(?:gather|multline|equation|displaymath)\*?\}"),
        r"\\\1{gathered}",
    ),
    (re.compile(r"\\bm(?![A-Za-z])"), r"\\boldsymbol"),
    (re.compile(r"\\symbf(?![A-Za-z])"), r"\\mathbf"),
    (re.compile(r"\\mbox(?![A-Za-z])"), r"\\text"),
    (re.compile(r"\\intertext\s*\{([^{}]*)\}"), r"\\text{\1}"),
)
SIZES = re.compile(r"\\(?:left|right|middle)\s*\.|\\(?:left|right|middle)(?![A-Za-z])")
DOLLAR_IN_TEXT = re.compile(r"\\text\s*\{[^{}]*\$[^{}]*\}")
# a sign travels through the renderer under a label of private signs, which no document can hold
LABEL = "\ue000{}\ue001"
LABELLED = re.compile(
    r"<mover>(<mo[^<>]*>[^<>]*</mo>|<mrow>(?:(?!</?mrow).)*</mrow>)"
    "<mtext>\ue000(\\d+)\ue001</mtext></mover>"
)


@dataclass(frozen=True)
class SignMark:
    """A relation sign to be marked: where it stands in the LaTeX, and how it will look.

    number: shown over the sign where several relations share a row.
    """

    start: int
    end: int
    css: str
    anchor: str
    number: str = ""


class Renderer:
    """LaTeX to MathML, within bounds of length, depth, time and memory."""

    def __init__(self, conversion: Conversion) -> None:
        self._conversion = conversion
        self.render = lru_cache(maxsize=4096)(self._render)

    def _render(self, latex: str, *, display: bool, marks: tuple[SignMark, ...] = ()) -> Markup:
        r"""MathML of the LaTeX; `<code>` with the LaTeX itself where that cannot be had."""
        if len(latex) > LONGEST or depth(latex) > DEEPEST:
            return as_code(latex)
        for candidate, kept in _candidates(latex, marks):
            found = self._conversion.convert(candidate, display=display)
            if found is None:
                continue
            found = _mark_signs(found, kept)
            if "\ue000" not in found:
                return Markup(found)  # noqa: S704 - the renderer escapes all text
        return as_code(latex)


def as_code(latex: str) -> Markup:
    """The LaTeX itself, escaped, its controls visible."""
    shown = visible(latex.strip(), keep=frozenset("\n"))
    return Markup('<code class="latex">{}</code>').format(shown)


def depth(latex: str) -> int:
    """How deep the braces nest."""
    deepest = level = 0
    for c in latex:
        if c == "{":
            level += 1
            deepest = max(deepest, level)
        elif c == "}":
            level -= 1
    return deepest


def _candidates(
    latex: str, marks: tuple[SignMark, ...]
) -> Iterator[tuple[str, tuple[SignMark, ...]]]:
    """The LaTeX with its signs marked, then plain, then without the sizes of its brackets."""
    latex = "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in latex)
    if marks:
        yield _respelled(_with_marks(latex, marks)), marks
    plain = _respelled(latex)
    yield plain, ()
    yield SIZES.sub("", plain), ()


def _with_marks(latex: str, marks: Sequence[SignMark]) -> str:
    for number, mark in sorted(enumerate(marks), key=lambda pair: -pair[1].start):
        sign = latex[mark.start : mark.end]
        labelled = rf"\overset{{\text{{{LABEL.format(number)}}}}}{{{sign}}}"
        latex = latex[: mark.start] + labelled + latex[mark.end :]
    return latex


def _respelled(latex: str) -> str:
    for pattern, spelling in SPELLINGS:
        latex = pattern.sub(spelling, latex)
    latex = DOLLAR_IN_TEXT.sub(lambda found: found[0].replace("$", ""), latex)
    bare = re.sub(r"\\begin\{.*\\end\{[^{}]*\}", "", latex, flags=re.DOTALL)
    if re.search(r"(?<!\\)&|\\\\", bare):
        return rf"\begin{{aligned}}{latex}\end{{aligned}}"
    return latex.strip()


def _mark_signs(mathml: str, marks: Sequence[SignMark]) -> str:
    def signed(found: re.Match[str]) -> str:
        mark = marks[int(found[2])]
        start = f'class="sign {escape(mark.css)}" id="{escape(mark.anchor)}"'
        if not mark.number:
            return f"<mrow {start}>{found[1]}</mrow>"
        return f'<mover {start}>{found[1]}<mtext class="nr">{escape(mark.number)}</mtext></mover>'

    return LABELLED.sub(signed, mathml)
