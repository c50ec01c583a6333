r"""What stands inside what: partners of braces and environments, signs of several tokens, depths.

Main definitions: `tokenize`. Only braces and environments that close give depth; environments that
merely align rows give none, and boxes and colours around a formula are taken away.
"""

from __future__ import annotations

import re

from derivcheck.syntax.signs import ARROWS_WITH_LABEL, NEGATED, STACKED, Sign
from derivcheck.syntax.tokens import Tokens, lex, next_solid
from derivcheck.syntax.vocabulary import ALIGNING, SYSTEMS, WRAPPERS

_LAW = re.compile(r"\s*(?:\\mathcal\s*\{?\s*[NU]\b|[NU]\s*\()")
_LABEL_TOKENS = 60
_DEFINES = re.compile(r"def|triangle|Delta|Δ|△")
_MEDIUM = frozenset({"\\;", "\\ ", "~", "\\:", "\\enspace"})
_NOT_SOLID = frozenset(
    {"space", "quad", "row", "amp", "drop", "null", "words", "text", "begin", "end"}
)


def tokenize(text: str) -> Tokens:
    """The tokens of a formula, with depths."""
    tokens = Tokens(text, lex(text))
    _pair(tokens)
    _unwrap(tokens)
    _signs(tokens)
    _depths(tokens)
    return tokens


def _pair(tokens: Tokens) -> None:
    """Partners of braces and of environments, by two stacks."""
    tokens.partner = [-1] * len(tokens.items)
    braces: list[int] = []
    environments: list[int] = []
    for i, token in enumerate(tokens.items):
        if token.kind == "brace_open":
            braces.append(i)
        elif token.kind == "brace_close" and braces:
            _join(tokens, braces.pop(), i)
        elif token.kind == "begin":
            environments.append(i)
        elif (
            token.kind == "end"
            and environments
            and tokens.items[environments[-1]].value == token.value
        ):
            _join(tokens, environments.pop(), i)


def _join(tokens: Tokens, i: int, j: int) -> None:
    tokens.partner[i], tokens.partner[j] = j, i


def _unwrap(tokens: Tokens) -> None:
    r"""`\boxed{X}`, `\textcolor{c}{X}`, `{\color{c} X}`: X, as if nothing stood around it."""
    items = tokens.items
    for i, token in enumerate(items):
        if token.text in WRAPPERS and token.kind == "word":
            at = next_solid(tokens, i + 1)
            for _ in range(WRAPPERS[token.text]):
                if at < len(items) and items[at].kind == "brace_open" and tokens.partner[at] > 0:
                    _drop(tokens, at, tokens.partner[at])
                    at = next_solid(tokens, tokens.partner[at] + 1)
            if at < len(items) and items[at].kind == "brace_open" and tokens.partner[at] > 0:
                for j in (i, at, tokens.partner[at]):
                    items[j].kind = "drop"
        elif token.kind == "brace_open" and tokens.partner[i] > 0 and i + 1 < len(items):
            inside = items[next_solid(tokens, i + 1)]
            first = i == 0 or items[i - 1].kind not in ("script", "word", "brace_close")
            if (
                inside.kind == "drop"
                and first
                and inside.text.startswith(("\\color", "\\large", "\\small"))
            ):
                token.kind = items[tokens.partner[i]].kind = "drop"


def _drop(tokens: Tokens, first: int, last: int) -> None:
    for j in range(first, last + 1):
        tokens.items[j].kind = "drop"


def _signs(tokens: Tokens) -> None:
    r"""Signs with labels (`\overset{(a)}{=}`), in braces (`{=}`), and negated (`\not=`)."""
    items = tokens.items
    for i, token in enumerate(items):
        if token.kind == "drop":
            continue
        if token.kind == "space":
            _wide_space(tokens, i)
        if token.text in STACKED:
            _stacked(tokens, i)
        elif token.text in ARROWS_WITH_LABEL:
            _arrow(tokens, i)
        elif token.text in ("\\mathrel", "\\mathop", "\\mathbin"):
            _braced_sign(tokens, i, next_solid(tokens, i + 1))
        elif token.kind == "brace_open":
            if i == 0 or items[i - 1].kind not in ("script", "word", "brace_close", "close"):
                _braced_sign(tokens, i, i)
        elif token.text == "\\not":
            _negated(tokens, i)
        elif token.text == "~":
            _tilde(tokens, i)
        elif token.text == "<" and token.kind == "sign":
            _angles(tokens, i)


def _group_sign(tokens: Tokens, at: int) -> tuple[Sign, int] | None:
    """The sign that a group consists of, and the index of its last token."""
    items = tokens.items
    if at >= len(items):
        return None
    own = items[at].sign if items[at].kind == "sign" else None
    if own is not None:
        return own, at
    if items[at].kind != "brace_open" or tokens.partner[at] < 0:
        return None
    inside = [
        t
        for t in items[at + 1 : min(tokens.partner[at], at + 8)]
        if t.kind not in ("space", "drop")
    ]
    sign = inside[-1].sign if inside and inside[-1].kind == "sign" else None
    if sign is None or len(inside) > 2:
        return None
    first = inside[0].text if len(inside) == 2 else "\\mathop"
    if first not in (":", "\\colon", "\\mathop"):
        return None
    return (sign if first == "\\mathop" else ":="), tokens.partner[at]


def _become(tokens: Tokens, first: int, last: int, sign: Sign, label: str = "") -> None:
    """Tokens first..last are one sign."""
    token = tokens.items[first]
    token.kind, token.sign, token.label = "sign", sign, label
    token.end = tokens.items[last].end
    token.text = tokens.text[token.start : token.end]
    _drop(tokens, first + 1, last)


def _stacked(tokens: Tokens, i: int) -> None:
    at = next_solid(tokens, i + 1)
    if at >= len(tokens.items):
        return
    last = tokens.partner[at] if tokens.items[at].kind == "brace_open" else at
    if last < at:
        return
    label = tokens.text[tokens.items[at].start : tokens.items[last].end].strip("{}")
    base = next_solid(tokens, last + 1)
    found = _group_sign(tokens, base)
    if found:
        sign = ":=" if found[0] == "=" and _DEFINES.search(label) else found[0]
        _become(tokens, i, found[1], sign, label)


def _arrow(tokens: Tokens, i: int) -> None:
    at = next_solid(tokens, i + 1)
    items = tokens.items
    while at < len(items) and items[at].kind == "open" and items[at].text == "[":
        last = min(len(items), at + _LABEL_TOKENS)
        while at < last and items[at].text != "]":
            at += 1
        at = next_solid(tokens, at + 1)
    last = tokens.partner[at] if at < len(items) and items[at].kind == "brace_open" else at
    if last >= at and last < len(items):
        _become(tokens, i, last, ARROWS_WITH_LABEL[items[i].text])


def _braced_sign(tokens: Tokens, i: int, at: int) -> None:
    found = _group_sign(tokens, at)
    if found and (tokens.items[at].kind == "brace_open" or at > i):
        _become(tokens, i, found[1], found[0])


def _negated(tokens: Tokens, i: int) -> None:
    at = next_solid(tokens, i + 1)
    if at < len(tokens.items) and tokens.items[at].kind == "sign":
        sign = tokens.items[at].sign
        if sign in NEGATED:
            _become(tokens, i, at, NEGATED[sign])
        else:
            tokens.items[i].kind = "foreign"
            tokens.items[at].kind = "drop"


def _wide_space(tokens: Tokens, i: int) -> None:
    r"""`\;\;` separates like a `\quad`."""
    if tokens.items[i].text in _MEDIUM and i + 1 < len(tokens.items):
        after = tokens.items[i + 1]
        if after.text in _MEDIUM and after.kind == "space":
            tokens.items[i].kind = "quad"


def _tilde(tokens: Tokens, i: int) -> None:
    r"""`x ~ \mathcal{N}(0, I)`: typed on a keyboard for `\sim`; elsewhere a space."""
    before = next(
        (t.kind for t in reversed(tokens.items[max(0, i - 6) : i]) if t.kind != "space"), "sign"
    )
    if before in ("word", "number", "close", "brace_close") and _LAW.match(
        tokens.text, tokens.items[i].end
    ):
        tokens.items[i].kind, tokens.items[i].sign = "sign", "sim"


def _angles(tokens: Tokens, i: int) -> None:
    """`<x, y>` where an operand is due: brackets, not signs."""
    before = next(
        (
            t.kind
            for t in reversed(tokens.items[max(0, i - 6) : i])
            if t.kind not in ("space", "amp")
        ),
        "sign",
    )
    if before not in ("sign", "operator", "open", "comma"):
        return
    commas = level = 0
    for token in tokens.items[i + 1 : i + 80]:
        level += (token.kind in ("open", "brace_open")) - (token.kind in ("close", "brace_close"))
        if level == 0 and token.text == ">" and commas:
            for bracket, kind in ((tokens.items[i], "open"), (token, "close")):
                bracket.kind, bracket.value, bracket.sign = kind, "<", None  # type: ignore[assignment]
            return
        if level < 0 or (level == 0 and token.kind == "sign"):
            return
        commas += level == 0 and token.text == ","


def _depths(tokens: Tokens) -> None:
    """Depth of every token; environments that only align rows give none."""
    depth, solid = 0, list[int]()
    for i, token in enumerate(tokens.items):
        paired = tokens.partner[i] >= 0
        if token.kind in ("brace_close", "end") and paired and i not in tokens.aligning:
            depth -= 1
        tokens.depth.append(depth)
        if token.kind == "begin" and _only_aligns(tokens, i, depth, solid):
            continue
        if token.kind in ("begin", "end") and not paired and token.value in ALIGNING:
            tokens.aligning.add(i)
        elif token.kind in ("begin", "brace_open") and paired:
            depth += 1
        if len(solid) < 2 and token.kind not in _NOT_SOLID:
            solid.append(i)


def _only_aligns(tokens: Tokens, i: int, depth: int, solid: list[int]) -> bool:
    r"""Whether an environment only aligns rows; a `\left\{` before a system of equations is taken out."""
    token, partner = tokens.items[i], tokens.partner[i]
    braced = len(solid) == 1 and tokens.items[solid[0]].text in ("\\left\\{", "\\left\\lbrace")
    system = not solid or braced
    if depth or partner < 0 or not (token.value in ALIGNING or (token.value in SYSTEMS and system)):
        return False
    tokens.aligning |= {i, partner}
    if braced:
        tokens.items[solid[0]].kind = "drop"
        after = next_solid(tokens, partner + 1)
        if after < len(tokens.items) and tokens.items[after].kind == "null":
            tokens.items[after].kind = "drop"
    return True
