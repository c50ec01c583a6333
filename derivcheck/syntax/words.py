"""The words around a formula: the sentence it stands in, with other formulas as `$..$`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derivcheck.source.document import Block


_LONGEST = 300
_BREAK = (
    r"\n\s*\n|\n\s*(?:[-*+•]|\d{1,2}[.)])\s|\n\([a-z]{1,3}\)\s|\\item(?![a-zA-Z])(?:\[[^\]]*\])?"
    r"|\\(?:begin|end)\{[^{}]*\}(?:\[[^\]]*\])?"
)
_SENTENCE_STOP = re.compile(r"[.!?](?=\s|$)|" + _BREAK)
_SENTENCE_BEGIN = re.compile(r"[.!?](?=\s+[A-Z\d$*])|" + _BREAK)
_TAGS = re.compile(r"</?[a-zA-Z][^<>]{0,80}>|<!--.{0,200}?-->")
_NUMBER = re.compile(r"^\s*(?:\(\d{1,3}(?:\.\d{1,3})?[a-z]?\)|\{#[\w:-]+\})\s*$")
_RESULT = re.compile(
    r"\b(?:get|obtain|have|yields?|becomes?|gives?|thus|hence|so|therefore|plugging|substitut|insert|equals?|expand|"
    r"simplif|rewrit|it follows|that is|results?|arrive|then|now|finally|leads?)",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"\b(?:not(?:e|ic)e?|observe|recall|remember|because|since|by definition|we know|fact that|identity)\b[^.]*$",
    re.IGNORECASE,
)
_MENTION = re.compile(
    r"\b(?:consider|the terms?|an expression|the expression|the quantity|minimi[sz]e|maximi[sz]e|comput(?:e|ing)|"
    r"optimi[sz]ation problem|objective|solv(?:e|ing)|evaluate|need|want|denote|loss|cost function|notation|"
    r"for example|such as|define|distribution is|following (?:bound|term|loss|expression|quantity|problem))\b[^.]*$",
    re.IGNORECASE,
)


def mentions(before: str) -> bool:
    """Whether the words before a display announce a thing rather than a next step."""
    return _MENTION.search(before.rstrip(" .!")) is not None


def speaks_aside(before: str) -> bool:
    """Whether the words before a display say that it is only used by what follows."""
    return _ASIDE.search(before) is not None


def announces_result(before: str) -> bool:
    """Whether the words before a display say that it follows from what was there."""
    return _RESULT.search(before) is not None


def plain(text: str) -> str:
    """Prose without tags, equation numbers and white space at its ends."""
    return _NUMBER.sub("", _TAGS.sub(" ", text)).strip()


def of_the_sentence(before: str) -> str:
    """The words before a formula that belong to its own sentence: none after a full stop."""
    return "" if before.endswith((".", "!", "?")) else before


class Surroundings:
    """The words before and after each formula of a document."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._blocks = blocks

    def before(self, at: int) -> str:
        """The sentence so far; other inline formulas in it as `$..$`."""
        parts: list[str] = []
        length = 0
        at -= 1
        while at >= 0 and length < _LONGEST:
            block = self._blocks[at]
            if block.kind == "heading" or (block.kind == "math" and block.display):
                break
            if block.kind == "math":
                parts.append(f"${block.source_text[:80]}$")
                length += len(parts[-1])
            elif block.environment != "code":
                text = (
                    block.text[-_LONGEST:].rstrip(" \t\n") if not parts else block.text[-_LONGEST:]
                )
                cut = _last_stop(text)
                parts.append(text[cut:])
                length += len(text) - cut
                if cut or len(block.text) > _LONGEST:
                    break
            at -= 1
        return plain(" ".join("".join(reversed(parts)).split()))[-_LONGEST:].strip()

    def after(self, at: int) -> str:
        """The rest of the sentence."""
        parts: list[str] = []
        length = 0
        start = at
        at += 1
        while at < len(self._blocks) and length < _LONGEST:
            block = self._blocks[at]
            if block.kind == "heading" or (block.kind == "math" and block.display):
                break
            if block.kind == "math":
                parts.append(f"${block.source_text[:80]}$")
                length += len(parts[-1])
            else:
                text = block.text[:_LONGEST]
                text = text.lstrip() if not parts else text
                stop = _SENTENCE_STOP.search(text)
                parts.append(text[: stop.start()] if stop else text)
                length += len(parts[-1])
                if stop:
                    break
            at += 1
        said = _TAGS.sub(" ", " ".join("".join(parts).split()))[:_LONGEST].strip()
        same_sentence = not self._blocks[start].display or not said[:1].isupper()
        return said if same_sentence and said[:1] not in "(*#•-" else ""


def _last_stop(text: str) -> int:
    """Where the last sentence of the text begins."""
    cut = 0
    for match in _SENTENCE_BEGIN.finditer(text):
        cut = match.end()
    return cut
