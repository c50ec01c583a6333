r"""Segments of a row between separators, and which of them make one statement.

Main definitions: `Group`, `groups_of`. Commas, `\quad`s, words and further columns separate where what
follows has a sign of its own; what follows without one is a condition, an equation number, or still
part of the expression.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from derivcheck.syntax.rows import BLANK
from derivcheck.syntax.vocabulary import CONNECTIVES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derivcheck.syntax.rows import Row
    from derivcheck.syntax.tokens import Token, Tokens


_CONDITIONS = re.compile(
    r"\b(?:where|if|for|when|whenever|with|given|provided|such that|s\.?t\.?|subject to|assuming|otherwise|"
    r"unless)\b",
    re.IGNORECASE,
)
_ASIDES = re.compile(
    _CONDITIONS.pattern + r"|\b(?:since|as|because|using|by|recall|note)\b", re.IGNORECASE
)
_NUMBER = re.compile(
    r"\s*[(\[]\s*(?:\d{1,3}[a-z]?(?:\.\d{1,3})*|[ivx]{1,4}|[a-zA-Z*†])\s*[)\]]\s*[.,]?\s*$"
)
_OPERAND_AFTER = frozenset({"operator", "sign", "open", "script", "foreign"})
_ENUMERATED = re.compile(r"\s*\(?(?:[a-z]|[ivx]{1,4}|\d{1,2})[).:]\s*")
_QUANTIFIERS = frozenset({"\\forall", "\\exists"})
Separator = Literal["", "quad", "comma", "words", "column", "strong"]


@dataclass(slots=True)
class _Segment:
    """What stands between two separators."""

    before: Separator
    words: str = ""
    tokens: list[int] = field(default_factory=list)
    signs: int = 0
    first_sign: str | None = None
    starts: str = ""  # kind of the first solid token
    quantified: bool = False  # it begins with a quantifier
    ends: str = ""


def _segments(tokens: Tokens, row: Row, covered: Sequence[bool]) -> list[_Segment]:
    segments = [_Segment("")]
    columns = 0
    last = -1
    previous: Token | None = None
    for i, inside in zip(row.tokens, covered, strict=True):
        token = tokens.items[i]
        columns = columns if i == last + 1 else 0  # a line break was taken out
        last = i
        kind = token.kind
        if not inside and segments[-1].quantified and token.text in (":", "\\colon"):
            segments.append(_Segment("comma", tokens=[i]))
        elif inside or kind not in ("quad", "comma", "text", "amp"):
            _take(segments[-1], i, token, inside=inside)
            if kind not in BLANK:
                previous = token
        elif kind == "quad":
            bare = segments[-1].before in ("comma", "strong") and not segments[-1].starts
            segments.append(_Segment("strong" if bare else "quad"))  # `, \\quad` separates for sure
        elif kind == "comma":
            segments.append(_Segment("comma", tokens=[i]))
        elif kind == "amp":
            columns += 1
            around = previous is not None and previous.kind == "sign"  # `&=&` of eqnarray
            if columns > 1 and columns % 2 == 0 and previous is not None and not around:
                segments.append(_Segment("column"))
            else:
                segments[-1].tokens.append(i)
        elif _is_prose(tokens, i, previous, segments[-1]):
            segments.append(_Segment("words", token.value.strip()))
        else:
            _take(segments[-1], i, token, inside=inside)
            previous = token
    return segments


def _take(segment: _Segment, i: int, token: Token, *, inside: bool) -> None:
    segment.tokens.append(i)
    if token.kind in BLANK:
        return
    kind = "inside" if inside else token.kind
    kind = "sign" if kind == "foreign" else kind
    if kind == "sign":
        segment.signs += 1
        segment.first_sign = segment.first_sign or (token.sign or "foreign")
    if not segment.starts:
        segment.quantified = token.text in _QUANTIFIERS
    segment.starts = segment.starts or kind
    segment.ends = kind


def _is_prose(tokens: Tokens, i: int, previous: Token | None, segment: _Segment) -> bool:
    r"""Whether `\text{..}` is words between formulas rather than the name of something."""
    token = tokens.items[i]
    words = token.value.strip().strip(".,:;()")
    follower = tokens.items[i + 1] if i + 1 < len(tokens.items) else None
    if follower is not None and follower.kind == "script":
        return False
    if not words or _ENUMERATED.fullmatch(token.value):
        return True
    if words.lower() in CONNECTIVES or (re.search(r"[.:]\s*$", token.value) and " " in words):
        return True
    several = " " in words
    operand = previous is not None and previous.kind in _OPERAND_AFTER and bool(segment.starts)
    if operand:
        first = words.split()[0].lower()
        return (
            several
            and first in CONNECTIVES
            and previous is not None
            and previous.kind != "operator"
        )
    if not several:
        spaced = token.value[:1].isspace() or token.value[-1:].isspace()
        return spaced and words[0].islower() is False and words.lower() in CONNECTIVES
    if not segment.starts:  # at the beginning: the left side itself, if a sign comes next
        return not (_sign_next(tokens, i) and words.split()[0].lower() not in CONNECTIVES)
    return True


def _sign_next(tokens: Tokens, i: int) -> bool:
    for token in tokens.items[i + 1 : i + 8]:
        if token.kind not in BLANK:
            return token.kind == "sign"
    return False


# --- merging segments -------------------------------------------------------------------


@dataclass(slots=True)
class Group:
    """Segments that make one statement."""

    tokens: list[int] = field(default_factory=list)
    signs: int = 0
    ends: str = ""
    words_before: str = ""
    words_after: str = ""
    condition: str = ""
    is_condition: bool = False
    quantified: bool = False
    limits: Group | None = None  # the statement that this one is a condition of
    last_comma: int | None = None  # where a tail without sign began

    def take(self, segment: _Segment) -> None:
        """Add a segment's tokens."""
        self.tokens.extend(segment.tokens)
        self.signs += segment.signs
        self.ends = segment.ends or self.ends


def groups_of(tokens: Tokens, row: Row, covered: Sequence[bool]) -> list[Group]:
    """The groups of a row, each of them one statement; covered: what stands inside brackets."""
    segments = _segments(tokens, row, covered)
    groups = [Group()]
    for segment in segments:
        current = groups[-1]
        if segment.before == "words":
            current = _after_words(groups, segment)
            continue
        if not segment.starts:
            current.tokens.extend(segment.tokens if segment.before in ("", "comma") else [])
            continue
        if segment.before == "" or not current.tokens or not current.ends:
            current.take(segment)
            current.quantified = segment.quantified
        elif segment.quantified:
            groups.append(_next_group(tokens, current, segment))
        elif _joins(tokens, current, segment):
            if segment.before == "comma" and segment.starts == "sign":
                segment.tokens = segment.tokens[1:]
            if segment.before == "comma" and not segment.signs and current.last_comma is None:
                current.last_comma = len(current.tokens)
            current.take(segment)
        elif segment.signs or (
            segment.before in ("strong", "column") and not _is_comment(tokens, segment)
        ):
            groups.append(_next_group(tokens, current, segment))
        else:
            _remark(tokens, current, segment)
    _limit(tokens, groups)
    return _bound(tokens, groups)


def _bound(tokens: Tokens, groups: list[Group]) -> list[Group]:
    r"""Without `\forall x \in X` and `\exists c > 0`: conditions of the statement beside them."""
    kept = [g for g in groups if not g.quantified]
    for at, group in enumerate(groups):
        if not group.quantified:
            continue
        after = next((g for g in groups[at + 1 :] if not g.quantified and g.signs), None)
        before = next((g for g in reversed(groups[:at]) if not g.quantified and g.signs), None)
        target = before or after
        if target is not None:
            said = f"{group.words_before} {_text(tokens, group.tokens)}".strip()
            target.condition = f"{target.condition} {said}".strip()
            target.is_condition = target.is_condition and target is not after
    return kept


def _remark(tokens: Tokens, current: Group, segment: _Segment) -> None:
    r"""What stands behind a statement: `\forall t` is a condition, `(\text{Jensen})` only words."""
    said = _text(tokens, segment.tokens)
    if said.startswith(("\\forall", "\\exists")) or any(
        tokens.items[i].kind == "sign" for i in segment.tokens
    ):
        current.condition = f"{current.condition} {said}".strip()
    elif not _is_label(tokens, segment.tokens):
        current.words_after = f"{current.words_after} {said}".strip()


def _next_group(tokens: Tokens, current: Group, segment: _Segment) -> Group:
    r"""A new statement; `a = b, c, d \\in S` gives the `c` that stood before to the second."""
    group = Group()
    if current.last_comma is not None and segment.first_sign in ("in", "sim"):
        tail = current.tokens[current.last_comma + 1 :]
        if not any(
            tokens.items[i].text in ("\\dots", "\\ldots", "\\cdots")
            or tokens.items[i].kind == "number"
            for i in tail
        ):
            del current.tokens[current.last_comma :]
            group.tokens.extend(tail)
    else:
        segment.tokens = segment.tokens[1:] if segment.before == "comma" else segment.tokens
    group.is_condition = current.is_condition and not current.quantified
    group.quantified = segment.quantified
    group.take(segment)
    return group


def _joins(tokens: Tokens, current: Group, segment: _Segment) -> bool:
    """Whether the segment belongs to the statement before it."""
    if segment.before == "column":
        return segment.starts in ("sign", "operator") or not current.signs
    if segment.starts == "sign" or current.ends in ("sign", "operator"):
        return True
    if segment.before == "strong":
        return not current.signs and not (segment.signs and _is_objective(tokens, current.tokens))
    if segment.before == "quad":
        if segment.starts == "operator" and _text(tokens, segment.tokens)[:1] != "*":
            return True
        if _is_label(tokens, segment.tokens):
            return False
        if not current.signs:
            if _is_label(tokens, current.tokens):
                current.tokens.clear()
            return True
        return not segment.signs and not _is_comment(tokens, segment)
    if segment.signs and current.signs:
        return False
    return not (current.signs and _is_comment(tokens, segment))


def _is_objective(tokens: Tokens, indices: Sequence[int]) -> bool:
    r"""`\min_G \max_D V(D, G)` stands for itself, whatever is written beside it."""
    return any(tokens.items[i].text in ("\\min", "\\max", "\\argmin", "\\argmax", "\\arg", "\\inf", "\\sup") for i in indices)


def _is_label(tokens: Tokens, indices: Sequence[int]) -> bool:
    return _NUMBER.match(_text(tokens, indices)) is not None


def _is_comment(tokens: Tokens, segment: _Segment) -> bool:
    r"""`\forall t`, `(\text{Jensen})`, `[\text{by (3)}]`, `(3)`, `t \ge 1` is none: it has a sign."""
    solid = [
        tokens.items[i] for i in segment.tokens if tokens.items[i].kind not in (*BLANK, "comma")
    ]
    if not solid:
        return True
    if solid[0].kind == "open" and len(solid) > 1 and solid[1].text in ("\\because", "\\therefore"):
        return True
    if solid[0].text in (
        "\\forall",
        "\\exists",
        "\\because",
        "\\therefore",
        "\\blacksquare",
        "\\square",
        "\\Box",
    ):
        return True
    if _is_label(tokens, segment.tokens):
        return True
    if len(solid) == 1:
        return solid[0].kind == "text"
    if solid[0].kind != "open":
        return False
    return solid[1].kind == "text" or (
        solid[-1].kind == "close" and any(t.kind == "sign" for t in solid)
    )


def _after_words(groups: list[Group], segment: _Segment) -> Group:
    r"""What follows `\\text{..}`: more of the statement, a condition, or a statement of its own."""
    current = groups[-1]
    condition = _CONDITIONS.search(segment.words) is not None
    aside = _ASIDES.search(segment.words) is not None
    if not current.ends:
        current.words_before = f"{current.words_before} {segment.words}".strip()
        current.is_condition = current.is_condition or (aside and len(groups) > 1)
        current.take(segment)
        return current
    if segment.starts == "sign":
        current.words_after = f"{current.words_after} {segment.words}".strip()
        current.take(segment)
        return current
    if current.signs and not segment.signs:
        current.words_after = f"{current.words_after} {segment.words}".strip()
    group = Group(words_before=segment.words, is_condition=aside)
    group.limits = current if condition and not current.is_condition else current.limits
    group.quantified = segment.quantified
    group.take(segment)
    groups.append(group)
    return group


def _limit(tokens: Tokens, groups: list[Group]) -> None:
    """Conditions are told to the statement that they limit."""
    for group in groups:
        if group.limits is not None:
            said = f"{group.words_before} {_text(tokens, group.tokens)}".strip()
            group.limits.condition = f"{group.limits.condition} {said}".strip()


def _text(tokens: Tokens, indices: Sequence[int]) -> str:
    return "".join(
        tokens.items[i].text for i in indices if tokens.items[i].kind not in ("drop", "amp")
    ).strip(" ,")
