r"""The smallest bracket edits that make a text well-formed, smallest first.

Main definitions: `bracket_repairs`.

Tried, in this order of size: `\left[ .. ]` (sizes dropped), a stray closing bracket left out, missing ones
set before a sign, before another bracket or at the end; then a bracket that closes too early before a bar,
`KL(q(z|x))||p(z|x)|`, moved to where it belongs (a bar there may be a misread bracket). Nothing here
looks at meaning: the reader says which of the results can be read.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import product
from typing import NamedTuple

MOST = 96  # candidates for one text
LONGEST = 4_000  # characters of a text worth repairing
_SIZES = re.compile(r"\\(?:left|right|[bB]igg?[lrm]?)(?![a-zA-Z])\s*(?=[()\[\]]|\\[{}])")
_TOKEN = re.compile(r"\\[{}]|\\[a-zA-Z]+|\\.|[()\[\]{}|]|[-+=<>]|\s+|.", re.DOTALL)
_PAIRS = {"(": ")", "[": "]", "{": "}", r"\{": r"\}"}
_CLOSERS = {closing: opening for opening, closing in _PAIRS.items()}
_SIGNS = frozenset({"+", "-", "=", "<", ">", r"\leq", r"\geq", r"\le", r"\ge"})


class Repair(NamedTuple):
    """A changed text and how many edits it took."""

    latex: str
    edits: int


class _Open(NamedTuple):
    place: int
    sign: str


class _Scan(NamedTuple):
    """What a pass over the tokens found: closers without opener, openers without closer and where they end."""

    stray: list[int]
    unclosed: list[tuple[_Open, int]]


def _tokens(latex: str) -> list[str]:
    return _TOKEN.findall(latex)


def _scan(tokens: list[str]) -> _Scan:
    stack: list[_Open] = []
    stray: list[int] = []
    unclosed: list[tuple[_Open, int]] = []
    for place, token in enumerate(tokens):
        if token in _PAIRS:
            stack.append(_Open(place, token))
        elif token in _CLOSERS:
            opener = _CLOSERS[token]
            if not any(o.sign == opener for o in stack) or _blocked(stack, opener):
                stray.append(place)
                continue
            while stack[-1].sign != opener:
                unclosed.append((stack.pop(), place))
            stack.pop()
    unclosed.extend((o, len(tokens)) for o in reversed(stack))
    return _Scan(stray, unclosed)


def _blocked(stack: list[_Open], opener: str) -> bool:
    """A bracket does not reach out of the braces that it stands in."""
    for o in reversed(stack):
        if o.sign == opener:
            return False
        if o.sign == "{":
            return True
    return False


def _ends(tokens: list[str], o: _Open, end: int) -> list[int]:
    """The places where an unclosed bracket may end: before a sign of its own depth, and at its end."""
    depth = 0
    found: list[int] = []
    blank = True
    for place in range(o.place + 1, end):
        token = tokens[place]
        if token in _PAIRS:
            depth += 1
        elif token in _CLOSERS:
            depth -= 1
        elif token in _SIGNS and depth == 0 and not blank:
            found.append(place)
        blank = blank and token.isspace()
    return [*found, end]


def _filled(tokens: list[str]) -> list[str]:
    """The texts with every unclosed bracket closed, the likeliest places first."""
    unclosed = _scan(tokens).unclosed
    if not unclosed:
        return ["".join(tokens)]
    if len(unclosed) > 3 or any(o.sign == "{" for o, _ in unclosed):
        return []
    choices = [[(place, o) for place in _ends(tokens, o, end)][:12] for o, end in unclosed]
    found: list[str] = []
    for places in product(*choices):
        out = list(tokens)
        # later places first, and of one place the outer bracket first, so that the inner closes before it
        for place, o in sorted(places, key=lambda p: (p[0], -p[1].place), reverse=True):
            at = place
            while at > 0 and out[at - 1].isspace():
                at -= 1
            out.insert(at, _PAIRS[o.sign])
        found.append("".join(out))
        if len(found) >= MOST:
            break
    return found


def _without(tokens: list[str], places: tuple[int, ...]) -> list[str]:
    return [token for place, token in enumerate(tokens) if place not in places]


def _strays(tokens: list[str]) -> list[tuple[int, ...]]:
    """Which closing brackets to leave out: the stray ones, or as many of their kind before them."""
    stray = _scan(tokens).stray
    if not 0 < len(stray) <= 2:
        return []
    choices: list[list[int]] = []
    for place in stray:
        same = [p for p, token in enumerate(tokens[: place + 1]) if token == tokens[place]]
        choices.append(same[::-1][:12])
    return [tuple(places) for places in product(*choices) if len(set(places)) == len(places)]


def _too_early(tokens: list[str]) -> list[list[str]]:
    """The texts without one closing bracket that stands right before a bar."""
    found: list[list[str]] = []
    for place, token in enumerate(tokens):
        following = next((t for t in tokens[place + 1 :] if not t.isspace()), "")
        if token in {")", "]"} and following in {"|", r"\|", r"\parallel", r"\mid", r"\Vert"}:
            found.append(_without(tokens, (place,)))
    return found


def _bar_for_bracket(tokens: list[str]) -> list[list[str]]:
    """The texts with the last bar of an unclosed stretch left out: it is a bracket misread."""
    found: list[list[str]] = []
    for o, end in _scan(tokens).unclosed:
        for place in _ends(tokens, o, end):
            at = place - 1
            while at > o.place and tokens[at].isspace():
                at -= 1
            if tokens[at] == "|":
                found.append(_without(tokens, (at,)))
    return found


@lru_cache(maxsize=2048)
def bracket_repairs(latex: str) -> tuple[Repair, ...]:
    """Changed texts with well-paired brackets, smallest edit first, without the text itself."""
    if len(latex) > LONGEST:
        return ()
    plain = _SIZES.sub("", latex)
    tokens = _tokens(plain)
    sizes = int(plain != latex)
    found: dict[str, int] = {}

    def add(texts: list[str], edits: int) -> None:
        for text in texts:
            if text != latex and len(found) < MOST:
                found.setdefault(text, edits)

    scan = _scan(tokens)
    if len(scan.stray) + len(scan.unclosed) > 6:
        return ()
    if not scan.stray:
        add(_filled(tokens), len(scan.unclosed) or sizes)
    for places in _strays(tokens):
        rest = _without(tokens, places)
        left = _scan(rest)
        if not left.stray:
            add(_filled(rest), len(places) + len(left.unclosed))
    for rest in _too_early(tokens):
        left = _scan(rest)
        if not left.stray and left.unclosed:
            add(_filled(rest), 1 + len(left.unclosed))
            for shorter in _bar_for_bracket(rest):
                add(_filled(shorter), 2 + len(left.unclosed))
    return tuple(
        sorted(
            (Repair(text, edits) for text, edits in found.items()), key=lambda repair: repair.edits
        )
    )
