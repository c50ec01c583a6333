r"""Other ways of writing a true relation: none of them may be refuted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from tests.mutation.generate import Base
from tests.support.latex import Text

Sides = tuple[str, str, str]
TURNED = {"<=": ">=", ">=": "<=", "<": ">", ">": "<", "=": "="}
ENDS = re.compile(r"\s*(\\,|\\;|\\right|[\])}+\-,]|d[xz]\b|$)")


def rewritings(base: Base) -> Iterator[tuple[str, Sides]]:
    """Every (kind, sides) that says the same as a base."""
    lhs, rel, rhs = base.lhs, base.rel, base.rhs
    if rel in TURNED:
        yield "swap the sides", (rhs, TURNED[rel], lhs)
    if rel in TURNED and "arg" not in lhs + rhs and "max" not in lhs + rhs:
        yield "multiply both sides", (f"3 \\left( {lhs} \\right)", rel, f"3 \\left( {rhs} \\right)")
        yield "negate both sides", (f"-\\left( {lhs} \\right)", TURNED[rel], f"-\\left( {rhs} \\right)")
    if rel == "=" and "arg" not in lhs + rhs and "max" not in lhs + rhs and "const" not in lhs + rhs:
        yield "the difference is zero", (f"{_whole(lhs)} - {_whole(rhs)}", "=", "0")
    for kind, rewrite in KINDS.items():
        for text in rewrite(Text(rhs)):
            yield kind, (lhs, rel, text)
        for text in rewrite(Text(lhs)):
            yield kind, (text, rel, rhs)


def _whole(side: str) -> str:
    return f"\\left( {side} \\right)"


def commute(text: Text) -> Iterator[str]:
    """Two neighbouring summands exchanged."""
    for level in text.levels:
        if level.in_script:
            continue
        found = text.summands(level)
        for one, two in pairwise(found):
            a, b = ("".join(text.tokens[s[0] : s[1]]).strip() for s in (one, two))
            if one[1] != two[0] or "const" in a + b or _opens(a):
                continue
            lead = one[0] == level.start or a[:1] not in "+-"
            first = a if a[:1] in "+-" else f"+ {a}"
            second = b.removeprefix("+").strip() if lead else b
            yield text.edited(one[0], two[1], f" {second} {first} ")


def _opens(term: str) -> bool:
    r"""Whether a summand reaches over what follows it: `\int a + b`, `\max_D a + b`."""
    return bool(re.search(r"\\int(?!.*d\s*\\?[a-zA-Z])|\\sum|\\prod|max|min|\\frac\{\\partial\}|\\frac\{d\}|E_\{?[a-z_0-9,\\{}]*\}?\s*\\log", term))


def log_of_fraction(text: Text) -> Iterator[str]:
    r"""`\log \frac{a}{b}` as a difference."""
    for i, t in enumerate(text.tokens):
        if t not in (r"\log", r"\ln"):
            continue
        j = text.next(i + 1)
        if j is None or text.tokens[j] != r"\frac":
            continue
        one = text.group(j + 1)
        two = text.group(one[1]) if one else None
        if one and two and ENDS.match("".join(text.tokens[two[1] :])):
            a, b = ("".join(text.tokens[g[0] + 1 : g[1] - 1]) for g in (one, two))
            yield text.edited(i, two[1], rf"\left( {t} \left( {a} \right) - {t} \left( {b} \right) \right)")


def half(text: Text) -> Iterator[str]:
    r"""`\frac{1}{2}` as `0.5`."""
    for found in re.finditer(r"\\frac\{1\}\{2\}", text.latex):
        yield text.latex[: found.start()] + " 0.5 " + text.latex[found.end() :]


def bracket(text: Text) -> Iterator[str]:
    """The whole side in brackets, and a fraction in brackets."""
    yield _whole(text.latex)
    for i, t in enumerate(text.tokens):
        if t == r"\frac" and not text.script[i]:
            one = text.group(i + 1)
            two = text.group(one[1]) if one else None
            inner = "".join(text.tokens[i : two[1]]) if two else ""
            if two and r"\partial" not in inner and not inner.startswith(r"\frac{d}") and ENDS.match("".join(text.tokens[two[1] :])):
                before = text.previous(i - 1)
                if before is None or text.tokens[before] not in (r"\log", r"\ln", "g"):
                    yield text.edited(i, two[1], rf"\left( {inner} \right)")


def other_bound_index(text: Text) -> Iterator[str]:
    """The index of a sum under another name, where no other t stands beside it."""
    for found in re.finditer(r"\\(sum|prod)_\{t=\d\}\^\{?T\}?", text.latex):
        rest = text.latex[found.end() :]
        if found.start() == 0 or not re.search(r"(?<![A-Za-z\\])t(?![A-Za-z])", text.latex[: found.start()]):
            renamed = re.sub(r"(?<![A-Za-z\\])t(?![A-Za-z])", "n", found[0] + rest)
            if not re.search(r"\\(sum|prod)_\{n", rest):
                yield text.latex[: found.start()] + renamed


def spaces(text: Text) -> Iterator[str]:
    """White space and sizes that mean nothing."""
    yield re.sub(r"(?<=[+=\-])", r" \\, ", text.latex) if not re.search(r"_\{[^}]*[+\-]", text.latex) else f" \\, {text.latex} \\;"


KINDS = {
    "exchange two summands": commute,
    "the log of a fraction as a difference": log_of_fraction,
    "a half as a decimal": half,
    "brackets": bracket,
    "another bound index": other_bound_index,
    "white space": spaces,
}
