r"""Macros: `\newcommand`, `\def`, `\DeclareMathOperator` and kin, found and expanded within bounds."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from derivcheck.source.document import Macro
from derivcheck.source.groups import (
    MAX_ARGUMENT,
    argument,
    bracketed,
    group_end,
    group_ends,
    skip_space,
)
from derivcheck.source.mapped import Mapped, without

MAX_DEPTH = 24
MAX_GROWTH = 20_000  # characters that macros may add to one formula
MAX_BROKEN = 40  # definitions without an end, after which no more are looked for
MAX_TOTAL = 4_000_000  # and to a whole document

_DEFINING = re.compile(
    r"\\(?:(?P<new>(?:re|provide)?(?:newcommand|command))\*?"
    r"|(?P<def>[gex]?def)|(?P<let>let)"
    r"|(?P<operator>DeclareMathOperator)(?P<star>\*?)"
    r"|(?P<pair>DeclarePairedDelimiter)"
    r"|(?P<document>(?:New|Renew|Provide|Declare)DocumentCommand))(?![a-zA-Z])"
)
_NAME = re.compile(r"\s*(?:\{\s*\\([a-zA-Z@]+|.)\s*\}|\\([a-zA-Z@]+|.))")
_DIGIT = re.compile(r"#([1-9])")
_WORD = re.compile(r"\\([a-zA-Z@]+)(\*?)")
_ENDS_IN_WORD = re.compile(r"\\[a-zA-Z@]+$")
_PARAMETERS = re.compile(r"(?:\s*#[1-9])*\s*(?=\{)")
# These give structure to what is read here; a document does not get to redefine them.
_KEPT = frozenset(
    ["begin", "end", "left", "right", "frac", "text", "tag", "label", "item", "input", "include"]
)


@dataclass(frozen=True)
class Definition:
    """A macro definition and the stretch of text that it takes; macro is None if not understood."""

    start: int
    stop: int
    macro: Macro | None


@dataclass(frozen=True)
class Expansion:
    """A formula after macro expansion; problem says why it was left as it stood."""

    content: Mapped
    problem: str | None = None
    defined: bool = False


class _TooLarge(Exception):
    """Macro expansion went beyond its bounds."""


@dataclass
class MacroTable:
    """The macros defined so far, in reading order."""

    known: dict[str, Macro] = field(default_factory=dict)
    spent: int = 0

    def all(self) -> list[Macro]:
        """Every macro, the last definition of each name."""
        return list(self.known.values())

    def collect(self, content: Mapped) -> Mapped:
        """Learn the macros that the text defines; the text stays."""
        for found in definitions(content.text):
            self._learn(found.macro)
        return content

    def take(self, content: Mapped) -> Mapped:
        """Learn the macros that the text defines and cut the definitions out."""
        found = definitions(content.text)
        for definition in found:
            self._learn(definition.macro)
        return without(content, [(d.start, d.stop) for d in found])

    def expand(self, content: Mapped) -> Expansion:
        """The formula with its macros replaced; untouched if that would grow beyond the bounds."""
        bare = self.take(content) if "\\" in content.text else content
        defined = bare is not content
        if not self.known or not any(m[1] in self.known for m in _WORD.finditer(bare.text)):
            return Expansion(bare, defined=defined)
        room = min(MAX_GROWTH + len(bare), MAX_TOTAL - self.spent)
        try:
            made = Mapped.joined(_Expander(self.known, room).expand(bare, 0))
        except _TooLarge as reason:
            return Expansion(bare, str(reason), defined)
        self.spent += len(made)
        return Expansion(made, defined=defined)

    def _learn(self, macro: Macro | None) -> None:
        if macro is not None and macro.name not in _KEPT:
            self.known[macro.name] = macro


@dataclass
class _Expander:
    """One expansion, with what is left of its budget."""

    known: dict[str, Macro]
    room: int

    def expand(self, content: Mapped, depth: int) -> list[Mapped]:
        text, parts, at = content.text, list[Mapped](), 0
        ends = group_ends(text)
        if depth > MAX_DEPTH:
            message = (
                f"macros are nested more than {MAX_DEPTH} deep; the formula is read unexpanded"
            )
            raise _TooLarge(message)
        for match in _WORD.finditer(text):
            macro = self.known.get(match[1])
            if macro is None or match.start() < at or _escaped(text, match.start()):
                continue
            call = self._call(content, macro, match, depth, ends)
            if call is None:
                continue
            made, stop = call
            self._put(parts, content.slice(at, match.start()))
            for part in made:
                self._put(parts, part)
            at = stop
        self._put(parts, content.slice(at, len(content)))
        return parts

    def _put(self, parts: list[Mapped], part: Mapped) -> None:
        if not part.text:
            return
        self.room -= len(part)
        if self.room < 0:
            message = "macros expand to too long a text; the formula is read unexpanded"
            raise _TooLarge(message)
        if parts and part.text[0].isalpha() and _ENDS_IN_WORD.search(parts[-1].text[-60:]):
            parts.append(Mapped(" ", part.starts[:1], part.starts[:1]))
        parts.append(part)

    def _call(
        self,
        content: Mapped,
        macro: Macro,
        match: re.Match[str],
        depth: int,
        ends: dict[int, int],
    ) -> tuple[list[Mapped], int] | None:
        """What one call becomes, and the offset behind it; None if arguments are missing."""
        text, at = content.text, match.end(1)
        if match[2] and macro.parameters and not macro.body.startswith("*"):
            at = match.end()
        arguments: list[Mapped | str] = []
        if macro.optional is not None:
            found = bracketed(text, at)
            arguments.append(content.slice(found[0], found[1]) if found else macro.optional)
            at = found[2] if found else at
        while len(arguments) < macro.parameters:
            found = argument(text, at, ends)
            if found is None:
                return None
            arguments.append(content.slice(found[0], found[1]))
            at = found[2]
        whole = self._filled(content, macro, arguments, (match.start(), at))
        return self.expand(whole, depth + 1), at

    def _filled(
        self, content: Mapped, macro: Macro, arguments: list[Mapped | str], call: tuple[int, int]
    ) -> Mapped:
        parts: list[Mapped] = []
        start, stop = call
        at = 0
        for match in _DIGIT.finditer(macro.body):
            self._put(parts, content.replaced(start, stop, macro.body[at : match.start()]))
            number = int(match[1]) - 1
            value = arguments[number] if number < len(arguments) else ""
            self._put(
                parts, content.replaced(start, stop, value) if isinstance(value, str) else value
            )
            at = match.end()
        self._put(parts, content.replaced(start, stop, macro.body[at:]))
        return Mapped.joined(parts)


def _escaped(text: str, at: int) -> bool:
    r"""Whether the backslash at `at` is the second of a `\\`."""
    count = 0
    while at - count > 0 and text[at - count - 1] == "\\":
        count += 1
    return count % 2 == 1


def definition_at(text: str, at: int) -> Definition | None:
    """The definition that begins at an offset, if one does."""
    match = _DEFINING.match(text, at)
    return _definition(text, match) if match else None


def definitions(text: str) -> list[Definition]:
    """All macro definitions in a text, in order."""
    found: list[Definition] = []
    at = broken = 0
    for match in _DEFINING.finditer(text):
        if match.start() < at or _escaped(text, match.start()):
            continue
        definition = _definition(text, match)
        if definition is not None:
            found.append(definition)
            at = definition.stop
            continue
        broken += 1
        if broken > MAX_BROKEN:
            break
    return found


def _definition(text: str, match: re.Match[str]) -> Definition | None:
    name = _NAME.match(text, match.end())
    if name is None:
        return None
    called, at = name[1] or name[2], name.end()
    if match["let"]:
        return _let(text, match.start(), called, at)
    if match["def"]:
        return _plain_def(text, match.start(), called, at)
    if match["operator"]:
        body = argument(text, at)
        if body is None:
            return None
        written = rf"\operatorname{match['star']}{{{text[body[0] : body[1]]}}}"
        return Definition(match.start(), body[2], Macro(called, written))
    if match["pair"]:
        return _pair(text, match.start(), called, at)
    if match["document"]:
        return _document_command(text, match.start(), called, at)
    return _new_command(text, match.start(), called, at)


def _let(text: str, start: int, name: str, at: int) -> Definition | None:
    other = re.compile(r"\s*=?\s*(\\[a-zA-Z@]+|\S)").match(text, at)
    return None if other is None else Definition(start, other.end(), Macro(name, other[1]))


def _plain_def(text: str, start: int, name: str, at: int) -> Definition | None:
    parameters = _PARAMETERS.match(text, at)
    if parameters is None:  # delimited parameters: not understood, cut out up to the body's end
        brace = text.find("{", at, at + 200)
        end = group_end(text, brace, brace + MAX_ARGUMENT) if brace >= 0 else None
        return None if end is None else Definition(start, end, None)
    end = group_end(text, parameters.end(), parameters.end() + MAX_ARGUMENT)
    if end is None:
        return None
    body = text[parameters.end() + 1 : end - 1]
    return Definition(start, end, Macro(name, body, parameters.group().count("#")))


def _new_command(text: str, start: int, name: str, at: int) -> Definition | None:
    count = bracketed(text, at)
    number, optional = 0, None
    if count is not None:
        digits = text[count[0] : count[1]].strip()
        number, at = (int(digits) if digits.isdigit() and len(digits) == 1 else 0), count[2]
        default = bracketed(text, at)
        if default is not None:
            optional, at = text[default[0] : default[1]], default[2]
    body = argument(text, skip_space(text, at))
    if body is None:
        return None
    return Definition(start, body[2], Macro(name, text[body[0] : body[1]], number, optional))


def _pair(text: str, start: int, name: str, at: int) -> Definition | None:
    left = argument(text, at)
    right = argument(text, left[2]) if left else None
    if left is None or right is None:
        return None
    body = rf"{text[left[0] : left[1]]} #1 {text[right[0] : right[1]]}"
    return Definition(start, right[2], Macro(name, body, 1))


def _document_command(text: str, start: int, name: str, at: int) -> Definition | None:
    signature = argument(text, at)
    body = argument(text, signature[2]) if signature else None
    if signature is None or body is None:
        return None
    letters = re.sub(r"[\s+!]", "", text[signature[0] : signature[1]])
    written = text[body[0] : body[1]]
    optional = re.match(r"O\{([^{}]*)\}(m*)$|o(m*)$", letters)
    if optional:
        count = 1 + len(optional[2] or optional[3] or "")
        return Definition(start, body[2], Macro(name, written, count, optional[1] or ""))
    known = set(letters) <= {"m"}
    return Definition(start, body[2], Macro(name, written, len(letters)) if known else None)
