r"""An edit applied to the text that a person wrote, so that all else stays as it stands.

Main definitions: `corrected`. Small changes of the text are tried (what the slip left out is put in, what
it put in is taken out, the written form of a changed part is replaced) and read again: only a text that
reads as the edited term is taken. If none does, the term is written anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from derivcheck.notation import Unreadable, read, write
from derivcheck.terms.signature import Signature
from derivcheck.terms.term import Term
from derivcheck.verdicts.candidates import Candidate, Change
from derivcheck.verdicts.differences import Pair, differences
from derivcheck.verdicts.result import Suggestion

TRIES = 80
_ACCENTS = frozenset(
    {
        r"\bar",
        r"\tilde",
        r"\hat",
        r"\dot",
        r"\ddot",
        r"\vec",
        r"\overline",
        r"\widetilde",
        r"\widehat",
        r"\check",
    }
)
_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\s+|.", re.DOTALL)
_SILENT = frozenset(
    {
        r"\,",
        r"\;",
        r"\:",
        r"\!",
        r"\ ",
        r"\quad",
        r"\left",
        r"\right",
        "{",
        "}",
        r"\cdot",
        "*",
        r"\big",
        r"\Big",
        r"\bigg",
        r"\Bigg",
    }
)
_SAME = {
    r"\top": "T",
    r"\intercal": "T",
    r"\ln": r"\log",
    r"\mid": "|",
    r"\vert": "|",
    r"\lvert": "|",
    r"\rvert": "|",
    r"\|": "||",
    r"\Vert": "||",
    r"\parallel": "||",
}


def corrected(c: Candidate, latex: str, right: Term, signature: Signature) -> Suggestion:
    """The suggestion as a report shows it."""
    parts = differences(right, c.term)
    stands = [write(old, signature) for old, _ in parts if old is not None]
    should = [write(new, signature) for _, new in parts if new is not None]
    return Suggestion(
        rhs=_patched(c, latex, parts, signature) or write(c.term, signature),
        kind=c.kind,
        fragment=", ".join(dict.fromkeys(should)) or None,
        replaces=", ".join(dict.fromkeys(stands)) or None,
    )


def _patched(c: Candidate, latex: str, parts: list[Pair], signature: Signature) -> str | None:
    """The source with the edit in it, or None if no small change of the text reads as the edited term."""
    left = TRIES
    texts = [latex]
    for change in c.changes[:-1]:  # of two slips, the first corrected text may be any
        texts = list(
            islice((t for text in texts for t in _edits(text, change, parts, signature)), 12)
        )
    for text in texts:
        for made in _edits(text, c.changes[-1], parts, signature):
            left -= 1
            if left < 0:
                return None
            if _reads_as(made, c.term, signature):
                return made
    return None


def _edits(text: str, change: Change, parts: list[Pair], signature: Signature) -> Iterator[str]:
    """Texts that might be the corrected one, the likeliest first."""
    pairs = [
        (write(a, signature), write(b, signature))
        for a, b in parts
        if a is not None and b is not None
    ]
    if 0 < len(pairs) <= 2:
        for old, new in pairs:
            yield from _replaced(text, old, new)
    if len(pairs) > 1:
        everything = text
        for old, new in pairs:
            everything = [everything, *_replaced(everything, old, new)][-1]
        yield everything
    yield from _dropped(text, change.edit.dropped)
    yield from _inserted(text, change.edit.inserted)


def _reads_as(text: str, wanted: Term, signature: Signature) -> bool:
    try:
        return read(text, signature) == wanted
    except (Unreadable, RecursionError):
        return False


def _tokens(text: str) -> list[tuple[str, int, int]]:
    """What tells two texts apart, with the span of each token: no spaces, no braces, no sizes of brackets."""
    found = ((m.group(), m.start(), m.end()) for m in _TOKEN.finditer(text))
    return [(_SAME.get(t, t), a, b) for t, a, b in found if not t.isspace() and t not in _SILENT]


def _replaced(text: str, old: str, new: str) -> Iterator[str]:
    """The text with one occurrence of a part replaced, then with all."""
    tokens, wanted = _tokens(text), [t for t, *_ in _tokens(old)]
    spans: list[tuple[int, int]] = []
    for i in range(len(tokens) - len(wanted) + 1):
        if i and tokens[i - 1][0] in _ACCENTS:
            continue  # `\alpha` inside `\bar{\alpha}` is no name of its own
        if [t for t, *_ in tokens[i : i + len(wanted)]] == wanted:
            start, end = tokens[i][1], tokens[i + len(wanted) - 1][2]
            while (
                end < len(text)
                and text[start:end].count("{") > text[start:end].count("}")
                and text[end] in "} "
            ):
                end += 1
            spans.append((start, end))
    for start, end in spans:
        yield text[:start] + new + text[end:]
    if len(spans) > 1:
        whole = text
        for start, end in reversed(spans):
            whole = whole[:start] + new + whole[end:]
        yield whole


def _dropped(text: str, what: tuple[str, ...]) -> Iterator[str]:
    for piece in what:
        start = text.find(piece)
        while start >= 0:
            yield text[:start] + text[start + len(piece) :]
            start = text.find(piece, start + 1)


def _inserted(text: str, what: tuple[str, ...]) -> Iterator[str]:
    """One piece put in at every place where a token begins; a plus or minus in place of the other first."""
    for piece in what:
        for m in re.finditer(r"[+-]", text):
            if piece in ("+", "-") and m.group() != piece:
                yield text[: m.start()] + piece + text[m.end() :]
    for piece in what:
        tokens = _tokens(text)
        for _, start, _ in sorted(tokens, key=lambda t: t[0] in ("(", "[")):
            beside = text[:start].rstrip()[-1:] + text[start : start + 1]
            if not (piece.strip() in ("+", "-") and set("+-") & set(beside)):
                yield text[:start] + piece + text[start:]
        yield text + piece.rstrip()
