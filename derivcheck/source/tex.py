r"""LaTeX documents: text, sections and formulas; comments cut out, `\input` never followed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from derivcheck.source.build import Builder, Piece, PieceKind
from derivcheck.source.delimiters import ENVIRONMENTS, Closers
from derivcheck.source.document import Page
from derivcheck.source.groups import argument, bracketed
from derivcheck.source.macros import MAX_BROKEN, MacroTable, definition_at, definitions
from derivcheck.source.mapped import Mapped, without

_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%[^\n]*(?:\n[ \t]*)?")
_OFF = re.compile(r"\\iffalse\b[\s\S]*?\\fi\b")
_BEGIN = re.compile(r"\\begin\s*\{document\}")
_END = re.compile(r"\\end\s*\{document\}")
_STRUCTURAL = re.compile(r"\\begin\s*\{|\\end\s*\{|\\[\[\]()]|\$")
_LEVELS = {
    "chapter": 1, "section": 1, "subsection": 2, "subsubsection": 3, "paragraph": 4, "subparagraph": 5,
}  # fmt: skip
_SPECIAL = re.compile(
    r"\\(?P<edge>begin|end)\s*\{(?P<name>[a-zA-Z]+\*?)\}"
    r"|\\(?P<section>chapter|(?:sub){0,2}section|(?:sub)?paragraph)\*?(?![a-zA-Z])"
    r"|\\(?P<exam>question|subpart|part|item|titledquestion)(?![a-zA-Z])"
    r"|\\(?P<define>(?:re|provide)?newcommand|[gex]?def|let|DeclareMathOperator|DeclarePairedDelimiter"
    r"|(?:New|Renew|Provide|Declare)DocumentCommand)(?![a-zA-Z])"
    r"|\\verb\*?(?P<bar>[^a-zA-Z\s])|\\[\[(]|\$\$?|\\[\s\S]"
)
_CODE = frozenset(
    [
        "verbatim",
        "lstlisting",
        "minted",
        "comment",
        "tikzpicture",
        "Verbatim",
        "algorithmic",
        "filecontents",
    ]
)
_LISTS = frozenset({"enumerate", "itemize", "description", "questions", "parts", "subparts"})
_PROBLEMS = frozenset(
    ["problem", "exercise", "question", "aufgabe", "homeworkProblem", "prob", "task"]
)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_ROMANS = ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"]


def read_tex(text: str, builder: Builder) -> None:
    """Add the pieces of a LaTeX document to the builder."""
    page = Page(text)
    begin = _BEGIN.search(text)
    end = _END.search(text, begin.end()) if begin else None
    preamble = Mapped.identity(text[: begin.start()] if begin else "")
    builder.macros.collect(_without_comments(preamble))
    first, last = (begin.end() if begin else 0), (end.start() if end else len(text))
    body = _structured(_without_comments(Mapped.identity(text[first:last], first)), builder)
    _Scanner(page, builder, body, Closers(body.text)).run()


def _without_comments(content: Mapped) -> Mapped:
    cuts = [(m.start() + len(m[1]), m.end()) for m in _COMMENT.finditer(content.text)]
    if cuts:
        content = without(content, [c for c in cuts if not _in_verbatim(content.text, c[0])])
    return without(content, [m.span() for m in _OFF.finditer(content.text)])


def _in_verbatim(text: str, at: int) -> bool:
    start = text.rfind("\n", 0, at)
    return "\\verb" in text[start + 1 : at] or "\\url" in text[start + 1 : at]


def _structured(body: Mapped, builder: Builder) -> Mapped:
    r"""Macros that open or close formulas (`\be`, `\ee`) are expanded before formulas are found."""
    macros = [*builder.macros.all(), *(d.macro for d in definitions(body.text) if d.macro)]
    structural = {m.name: m for m in macros if _STRUCTURAL.search(m.body)}
    if not structural:
        return body
    made = MacroTable(structural).expand(body)
    for definition in definitions(body.text):
        if definition.macro is not None:  # expansion took all definitions out
            builder.macros.known.setdefault(definition.macro.name, definition.macro)
    return body if made.problem else made.content


@dataclass
class _List:
    """An open list: its name, how its items are labelled, and where its labels begin."""

    name: str
    style: str
    depth: int
    count: int = 0


@dataclass
class _Scanner:
    """One pass over the body; `kept` is where the prose not yet added begins."""

    page: Page
    builder: Builder
    body: Mapped
    closers: Closers
    at: int = 0
    kept: int = 0
    lists: list[_List] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    broken: int = 0  # macro definitions without an end

    def run(self) -> None:
        text = self.body.text
        while True:
            match = _SPECIAL.search(text, self.at)
            if match is None:
                break
            self.at = match.start()
            if not self._special(match):
                self.at = match.end()
        self._flush(len(text))

    def _special(self, match: re.Match[str]) -> bool:
        mark = match.group()
        if match["edge"]:
            return self._edge(match)
        if match["section"]:
            return self._section(match)
        if match["exam"]:
            return self._item(match)
        if match["define"]:
            return self._define(match)
        if match["bar"]:
            close = self.body.text.find(match["bar"], match.end())
            self.at = close + 1 if close >= 0 else match.end()
            return True
        if mark in (r"\[", r"\("):
            return self._bracket(match, mark)
        if mark[0] == "$":
            return self._dollar(match, mark)
        return False

    def _dollar(self, match: re.Match[str], mark: str) -> bool:
        inner = match.end()
        close = self.closers.dollars(inner) if mark == "$$" else self.closers.dollar(inner)
        if close is None:
            self._note(match.start(), f"a `{mark}` without a partner")
            return False
        return self._formula(match.start(), inner, close, close + len(mark), display=mark == "$$")

    def _bracket(self, match: re.Match[str], mark: str) -> bool:
        closer = r"\]" if mark == r"\[" else r"\)"
        close = self.closers.fixed(closer, match.end())
        if close is None:
            self._note(match.start(), f"`{mark}` without `{closer}`")
            return False
        return self._formula(match.start(), match.end(), close, close + 2, display=closer == r"\]")

    def _edge(self, match: re.Match[str]) -> bool:
        name, start = match["name"], match.start()
        if match["edge"] == "end":
            return self._close(name)
        if name.rstrip("*") in ENVIRONMENTS:
            found = self.closers.environment(name, match.end())
            if found is None:
                self._note(start, f"\\begin{{{name}}} without its \\end")
                found = (self.closers.paragraph(start),) * 2
            return self._formula(start, start, found[1], found[1], display=True, environment=name)
        if name.rstrip("*") in _CODE:
            found = self.closers.environment(name, match.end())
            stop = found[1] if found else len(self.body)
            self._flush(start)
            self._add("code", start, stop)
            self.at = self.kept = stop
            return True
        if name in _LISTS:
            self._open(name, match.end())
        elif name in _PROBLEMS:
            self._problem(name, match.end())
        return False

    # --- questions ----------------------------------------------------------------------------------

    def _open(self, name: str, at: int) -> None:
        option = bracketed(self.body.text, at)
        style = (
            self.body.text[option[0] : option[1]] if option and option[1] - option[0] < 60 else ""
        )
        outer = sum(o.name == name for o in self.lists)
        if (
            "alph" in style
            or re.match(r"\(?a[.)]", style)
            or (name == "enumerate" and outer and not style)
        ):
            style = "letter"
        elif "roman" in style or re.match(r"\(?i[.)]", style) or name == "subparts":
            style = "roman"
        else:
            style = (
                "letter"
                if name == "parts"
                else "none"
                if name in ("itemize", "description")
                else "number"
            )
        self.lists.append(_List(name, style, len(self.builder.questions.below)))

    def _close(self, name: str) -> bool:
        if name in _LISTS and self.lists:
            at = next(
                (k for k in range(len(self.lists) - 1, -1, -1) if self.lists[k].name == name), None
            )
            if at is not None:
                self._flush(self.at)
                del self.builder.questions.below[self.lists[at].depth :]
                del self.lists[at:]
        return False

    def _problem(self, name: str, at: int) -> None:
        option = bracketed(self.body.text, at)
        given = self.body.text[option[0] : option[1]] if option else ""
        self.counts[name] = self.counts.get(name, 0) + 1
        self._flush(self.at)
        number = re.search(r"\d+(?:\.\d+)*", given)
        self.builder.questions.heading(
            f"Problem {number.group() if number else self.counts[name]}", 7
        )

    def _item(self, match: re.Match[str]) -> bool:
        kind, text = match["exam"], self.body.text
        option = bracketed(text, match.end())
        self._flush(match.start())
        current = self.lists[-1] if self.lists else None
        if kind in ("question", "titledquestion") and (
            current is None or current.name == "questions"
        ):
            self.counts["question"] = self.counts.get("question", 0) + 1
            self.builder.questions.heading(f"Problem {self.counts['question']}", 7)
        elif kind == "item" and option and option[1] - option[0] < 12:
            label = re.sub(r"\\[a-zA-Z]+|[{}\s]", "", text[option[0] : option[1]])
            self.builder.questions.label(label if label[-1:] in ".)" else f"{label}.")
            self.at = self.kept = option[2]
            return True
        elif current is not None:
            current.count += 1
            self._label(current)
        return False

    def _label(self, current: _List) -> None:
        count, questions = current.count, self.builder.questions
        if current.style == "number":
            questions.label(f"{'    ' * (len(self.lists) - 1)}{count}.")
        elif current.style == "letter" and count <= len(_LETTERS):
            questions.label(f"({_LETTERS[count - 1]})")
        elif current.style == "roman" and count <= len(_ROMANS):
            questions.label(f"({_ROMANS[count - 1]})")

    def _section(self, match: re.Match[str]) -> bool:
        option = bracketed(self.body.text, match.end())
        title = argument(self.body.text, option[2] if option else match.end())
        if title is None or self.body.text[title[2] - 1] != "}":
            return False
        self._flush(match.start())
        self._add("heading", title[0], title[1], level=_LEVELS[match["section"]])
        self.at = self.kept = title[2]
        return True

    def _define(self, match: re.Match[str]) -> bool:
        if self.broken > MAX_BROKEN:
            return False
        found = definition_at(self.body.text, match.start())
        if found is None:
            self.broken += 1
            return False
        self._flush(match.start())
        stop = found.stop
        self.builder.macros.collect(self.body.slice(match.start(), stop))
        self.at = self.kept = stop
        return True

    # --- adding -------------------------------------------------------------------------------------

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
        self._add("math", inner, close, display=display, environment=environment)
        self.at = self.kept = max(after, start + 1)
        return True

    def _add(
        self,
        kind: PieceKind,
        start: int,
        stop: int,
        *,
        display: bool = False,
        environment: str | None = None,
        level: int = 0,
    ) -> None:
        content = self.body.slice(start, stop)
        self.builder.add(self.page, Piece(kind, content, display, environment, level))

    def _flush(self, stop: int) -> None:
        if stop > self.kept:
            starts = self.kept == 0 or self.body.text[self.kept - 1] == "\n"
            piece = Piece("prose", self.body.slice(self.kept, stop), starts_line=starts)
            self.builder.add(self.page, piece)
        self.kept = max(stop, self.kept)

    def _note(self, offset: int, found: str) -> None:
        self.builder.fault(
            self.page, self.body.stretch(offset, offset + 1)[0], "unbalanced", found, "close it"
        )
