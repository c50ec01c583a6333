r"""Markdown: prose, headings and formulas, with columns of its own.

Why: a Markdown parser would take `_`, `\\`, a row that begins with `=` or `+` inside `$$..$$` as markup.
So formulas are found first; blocks that cannot hold any (code, front matter) are recognised by line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from derivcheck.source.build import Builder, Piece, PieceKind
from derivcheck.source.delimiters import ENVIRONMENTS, Closers, holds_prose, is_inline_math
from derivcheck.source.document import Page
from derivcheck.source.mapped import Mapped, without

_FRONT = re.compile(r"---[ \t]*\n((?:.*\n)*?)(?:---|\.\.\.)[ \t]*(?:\n|$)")
_KEY = re.compile(r"(?m)^[A-Za-z_][\w-]*[ \t]*:")
_FENCE = re.compile(r"([ \t>]*)(`{3,}|~{3,}|:{3,})[ \t]*(.*)")
_HEADING = re.compile(r"[ \t>]{0,4}(#{1,6})(?:[ \t]+(.*?))?[ \t]*#*[ \t]*$")
_UNDERLINE = re.compile(r"[ ]{0,3}(=+|-{2,})[ \t]*$")
_LIST = re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)])\s")
_QUOTE = re.compile(r"(?m)^[ \t]*>[ \t>]*")
_OPTION = re.compile(r"(?:[ \t]*:[\w-]+:.*\n)*(?:[ \t]*---\n(?:.*\n)*?[ \t]*---\n)?")
_SPECIAL = re.compile(
    r"\\begin\s*\{([a-zA-Z]+\*?)\}|\\\\?[\[(]|\\[\s\S]|\${1,2}`?|`+|<!--|<(pre|code|script|style)\b[^>\n]*>"
)
_MATH_FENCE = re.compile(r"\{?\s*(math|latex-math|equation)\s*\}?(?:\s|$)", re.IGNORECASE)


_COMMENT = re.compile(r"(?m)(?:^|(?<=\s))%.*\n")
# What Markdown's escapes leave in formulas: `\\_`, `\\*`, and a doubled backslash before a spacing sign.
_ESCAPE = re.compile(r"(?<!\\)(?:\\([_*])(?![a-zA-Z])|\\(\\[,;!])|\\_([a-zA-Z]))")
_BRACES = re.compile(r"(?<!\\)\\(\\[{}])")


def _unescaped(content: Mapped) -> Mapped:
    """The formula without Markdown's escapes; every character keeps its place."""
    text = content.text
    if "\\" not in text:
        return content
    found = list(_ESCAPE.finditer(text))
    opened, closed = text.count("\\\\{"), text.count("\\\\}")
    if closed and opened == closed:
        found = sorted([*found, *_BRACES.finditer(text)], key=lambda m: m.start())
    parts: list[Mapped] = []
    at = 0
    for match in found:
        if match.start() < at:
            continue
        parts.append(content.slice(at, match.start()))
        plain = next((g for g in match.groups() if g), "")
        plain = f"_{plain}" if match.group().startswith("\\_") and plain != "_" else plain
        parts.append(content.replaced(match.start(), match.end(), plain))
        at = match.end()
    return Mapped.joined([*parts, content.slice(at, len(content))]) if parts else content


def read_markdown(text: str, builder: Builder, cell: int | None = None) -> None:
    """Add the pieces of a Markdown text (or of one cell) to the builder."""
    page = Page(text, cell)
    at = 0
    front = _FRONT.match(text)
    if front and _KEY.search(front[1]) and builder.front_matter is None:
        builder.front_matter = front[1]
        at = front.end()
    _Scanner(page, builder, Closers(text), at, at).run()


@dataclass
class _Scanner:
    """One pass over a page; `at` is where it reads, `kept` where the prose not yet added begins."""

    page: Page
    builder: Builder
    closers: Closers
    at: int
    kept: int
    in_list: bool = False
    after_blank: bool = True
    ticks: set[int] = field(default_factory=set)  # lengths of backtick runs without a partner
    line: tuple[int, int, str] = (0, 0, "")  # begin, how far looked at, first character that shows

    def run(self) -> None:
        text = self.page.text
        while self.at < len(text):
            line_start = self.at == 0 or text[self.at - 1] == "\n"
            if line_start and self._block():
                continue
            self._rest_of_line()
        self._flush(len(text))

    # --- blocks that are known by their first line ------------------------------------------------

    def _block(self) -> bool:
        text = self.page.text
        end = self._line_end(self.at)
        line = text[self.at : end]
        bare = line.strip()
        if not bare:
            self.after_blank = True
            self.at = min(end + 1, len(text))
            return True
        handled = self._fence(line, end) or self._heading(line, end) or self._indented(line, end)
        if not handled:
            self.in_list = bool(_LIST.match(line)) or (
                self.in_list and (line[0] in " \t" or not self.after_blank)
            )
        self.after_blank = False
        return handled

    def _fence(self, line: str, end: int) -> bool:
        match = _FENCE.match(line)
        if match is None or (match[2][0] == "`" and "`" in match[3]):
            return False
        kind = _MATH_FENCE.match(match[3])
        if match[2][0] == ":" and not kind:
            return False
        text = self.page.text
        close = re.compile(rf"(?m)^[ \t>]*{re.escape(match[2][0])}{{{len(match[2])},}}[ \t]*$")
        found = close.search(text, min(end + 1, len(text)))
        stop, after = (found.start(), found.end()) if found else (len(text), len(text))
        self._flush(self.at)
        first = min(end + 1, stop)
        if kind:
            options = _OPTION.match(text, first, stop)
            first = options.end() if options else first
            self._add("math", first, stop, display=True, environment="math", quoted=">" in match[1])
        else:
            self._add("code", self.at, after)
        self.at = self.kept = after
        return True

    def _heading(self, line: str, end: int) -> bool:
        text = self.page.text
        match = _HEADING.match(line)
        if match:
            self._flush(self.at)
            offset = self.at + (match.start(2) if match[2] else match.end(1))
            self._add("heading", offset, offset + len(match[2] or ""), level=len(match[1]))
            self.at = self.kept = min(end + 1, len(text))
            self.in_list = False
            return True
        if end + 1 >= len(text) or not line[:1].strip() or "$" in line or not self.after_blank:
            return False
        under = self._line_end(end + 1)
        rule = _UNDERLINE.match(text[end + 1 : under])
        if rule is None or _LIST.match(line):
            return False
        self._flush(self.at)
        self._add("heading", self.at, end, level=1 if rule[1][0] == "=" else 2)
        self.at = self.kept = min(under + 1, len(text))
        return True

    def _indented(self, line: str, end: int) -> bool:
        """A code block by indentation, unless it holds a display or stands in a list."""
        indent = len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip())
        if indent < 4 or not self.after_blank or self.in_list or "$$" in line or "\\begin" in line:
            return False
        self._flush(self.at)
        stop = min(end + 1, len(self.page.text))
        self._add("code", self.at, stop)
        self.at = self.kept = stop
        self.after_blank = True
        # the next line belongs to the block if it is indented too
        return True

    # --- formulas and code inside a line ----------------------------------------------------------

    def _rest_of_line(self) -> None:
        text = self.page.text
        end = self._line_end(self.at)
        while self.at <= end:
            match = _SPECIAL.search(text, self.at, end)
            if match is None:
                self.at = min(end + 1, len(text))
                return
            self.at = match.start()
            if not self._special(match):
                self.at = match.end()
            if self.at > end:
                end = self._line_end(self.at)
                if self.at == len(text) or text[self.at - 1] == "\n":
                    return
        self.at = min(self.at, len(text))

    def _special(self, match: re.Match[str]) -> bool:
        mark = match.group()
        if match[1]:
            return self._environment(match)
        if mark[0] == "$":
            return self._dollar(match, mark)
        if mark[0] == "`":
            return self._ticks(match, mark)
        if mark == "<!--":
            return self._skip_to("-->")
        if match[2]:
            return self._skip_to(f"</{match[2]}>")
        if mark in (r"\[", r"\(", r"\\[", r"\\("):
            return self._bracket(match, mark)
        return False

    def _dollar(self, match: re.Match[str], mark: str) -> bool:
        text = self.page.text
        if mark == "$`":
            close = self.closers.fixed("`$", match.end(), self.closers.paragraph(match.end()))
            return close is not None and self._formula(match.start(), match.end(), close, close + 2)
        if mark.startswith("$$"):
            return self._display(match.start(), match.start() + 2)
        inner = match.start() + 1
        close = self.closers.dollar(inner)
        if close is None:
            self._note(match.start(), "a `$` without a partner")
            return False
        after = text[close + 1 : close + 2]
        if not is_inline_math(text[inner:close], after):
            return False
        return self._formula(match.start(), inner, close, close + 1)

    def _display(self, start: int, inner: int) -> bool:
        text = self.page.text
        close = self.closers.dollars(inner)
        if close is None or holds_prose(text[inner:close]):
            self._note(start, "a `$$` without a partner")
            stop = self.closers.paragraph(inner)
            stop = stop if close is None else min(stop, close)
            return self._formula(start, inner, stop, stop, display=True)
        return self._formula(start, inner, close, close + 2, display=True)

    def _bracket(self, match: re.Match[str], mark: str) -> bool:
        inner = match.end()
        closer = mark.replace("[", "]").replace("(", ")")
        close = self.closers.fixed(closer, inner, self.closers.paragraph(inner))
        if close is None:
            return False
        return self._formula(match.start(), inner, close, close + len(closer), display="[" in mark)

    def _environment(self, match: re.Match[str]) -> bool:
        name = match[1]
        if name.rstrip("*") not in ENVIRONMENTS:
            return False
        found = self.closers.environment(name, match.end())
        if found is None:
            self._note(match.start(), f"\\begin{{{name}}} without its \\end")
            stop = self.closers.paragraph(match.end())
            return self._formula(
                match.start(), match.start(), stop, stop, display=True, environment=name
            )
        return self._formula(
            match.start(), match.start(), found[1], found[1], display=True, environment=name
        )

    def _ticks(self, match: re.Match[str], mark: str) -> bool:
        text = self.page.text
        if len(mark) in self.ticks:
            return False
        limit = self.closers.paragraph(match.end())
        partner = re.compile(rf"(?<!`)`{{{len(mark)}}}(?!`)").search(text, match.end(), limit)
        if partner is None:
            if limit == len(text):
                self.ticks.add(len(mark))
            return False
        role = text[max(0, match.start() - 6) : match.start()] == "{math}"
        if role:
            return self._formula(match.start(), match.end(), partner.start(), partner.end())
        self.at = partner.end()
        return True

    def _skip_to(self, closer: str) -> bool:
        close = self.closers.fixed(closer, self.at)
        if close is None:
            return False
        self.at = close + len(closer)
        return True

    # --- adding -----------------------------------------------------------------------------------

    def _formula(
        self,
        start: int,
        inner: int,
        close: int,
        after: int,
        *,
        display: bool = False,
        environment: str | None = None,
    ) -> bool:
        self._flush(start)
        self._add(
            "math",
            inner,
            close,
            display=display,
            environment=environment,
            quoted=self._quoted(start),
        )
        self.at = self.kept = max(after, start + 1)
        self.after_blank = False
        return True

    def _quoted(self, at: int) -> bool:
        """Whether the line of an offset begins with `>`; offsets only grow, so each line is looked at once."""
        begin, seen, mark = self.line
        newline = self.page.text.rfind("\n", seen, at)
        if newline >= 0:
            begin, mark = newline + 1, ""
        if not mark:
            mark = self.page.text[begin:at].lstrip()[:1]
        self.line = (begin, max(at, seen), mark)
        return mark == ">"

    def _add(
        self,
        kind: PieceKind,
        start: int,
        stop: int,
        *,
        display: bool = False,
        environment: str | None = None,
        level: int = 0,
        quoted: bool = False,
    ) -> None:
        content = Mapped.identity(self.page.text[start:stop], start)
        if quoted:
            cuts = [m.span() for m in _QUOTE.finditer(content.text) if m.start() > 0]
            content = without(content, cuts)
        if kind == "math":
            content = _unescaped(
                without(content, [m.span() for m in _COMMENT.finditer(content.text)])
            )
        self.builder.add(self.page, Piece(kind, content, display, environment, level))

    def _flush(self, stop: int) -> None:
        if stop > self.kept:
            content = Mapped.identity(self.page.text[self.kept : stop], self.kept)
            starts = self.kept == 0 or self.page.text[self.kept - 1] == "\n"
            self.builder.add(self.page, Piece("prose", content, starts_line=starts))
        self.kept = stop

    def _note(self, offset: int, found: str) -> None:
        hint = r"write \$ for a dollar sign" if found.startswith("a `$`") else "close the formula"
        self.builder.fault(self.page, offset, "unbalanced", found, hint)

    def _line_end(self, at: int) -> int:
        end = self.page.text.find("\n", at)
        return len(self.page.text) if end < 0 else end
