"""What the words around a relation say about it: given, supposed, or claimed."""

from __future__ import annotations

import re

_SUPPOSED = re.compile(
    r"\b(suppose|supposing|assume|assuming|assumption|otherwise|should be the case|would be the case|if|unless|were|contradict\w*)\b[^.;]*$|\b(?:iff|if and only if|whenever|at|when|choosing|setting|taking)\s*$",
    re.IGNORECASE,
)
_LET = re.compile(r"\b(let(?!['’]s)|denote|denoting|define|defined?|call|write|notation|introduce|set|setting|put|choose|take|replace|substitut\w+|given that|given|recall that|where|with|for|at|when|as)\b[^.;:]{0,60}$", re.IGNORECASE)
_DISPLAY_LET = re.compile(r"\b(let(?!['’]s)|suppose|assume|assuming|denote|define|otherwise)\b[^.;:]{0,60}:?\s*$", re.IGNORECASE)


_CONDITION = re.compile(
    r"\b(?:if|iff|when|whenever|once|in case|under|provided|for|at|with|where|assum\w+|suppos\w+)\b"
    r"[^.;$]{0,40}\$[^$]*(?:=|\\(?:to|rightarrow|approx|equiv|l[et]q?|g[et]q?|ll|gg|propto|in)(?![a-z])|[<>])[^$]*\$"
    r"|\bat (?:the |this |its |an? )?(?:global |nash )?(?:optim\w+|equilibrium|convergence|minimum|maximum|minimi[sz]er|maximi[sz]er|saddle|stationar\w+|fixed point)"
    r"|\b(?:set|setting|put|equat\w+|vanish\w*|becomes?)\b[^.;]{0,60}\b(?:zero|vanish\w*)\b|\b(?:zero|vanishing) (?:gradient|derivative)|\$?\\?= ?0\$? (?:gives|yields|implies)"
    r"|\b(?:first[- ]order|optimality|stationarity) condition|\bnormal equation|\boptim\w+ (?:must )?satisf"
    r"|\b(?:in (?:this|that|which) case|at convergence|special case|in the limit|i\.?f\.?f\.?)\b",
    re.IGNORECASE,
)


MOST_WORDS_BEFORE = 3
_INDEX_RANGE = re.compile(r"\$\s*[a-zA-Z]\s*(?:=|\\g[et]q?|\\l[et]q?|\\in|>=?|<=?|\\neq?)\s*\\?[{\[(]?\s*(?:\d|[a-zA-Z]\s*[-+]\s*\d|[TKNnM])[^$]*\$")


def conditions(before: str) -> tuple[str, ...]:
    """The conditions that the sentence so far states, as mathematics where they are: when $p = q$, at the optimum.

    Not: for $t = 1$, which only picks an index. A condition in words alone is the empty text.
    """
    found: list[str] = []
    text = _INDEX_RANGE.sub(" ", before)
    for m in _CONDITION.finditer(text):
        pieces = re.findall(r"\$([^$]*)\$", m.group(0))
        if pieces and _of_its_own_clause(text[: m.start()]):
            continue
        found.append(pieces[-1] if pieces else "")
    return tuple(found)


def _of_its_own_clause(before: str) -> bool:
    """Whether a condition ends a clause that has said something: "the two are equal when .." says nothing of what follows."""
    clause = re.split(r"[.,;:]|\b(?:and|then|so|hence|that|thus)\b", before)[-1]
    return len(clause.split()) > MOST_WORDS_BEFORE


_RESTRICTS = re.compile(r"\\neq?(?![a-z])|≠|=|[<>≤≥]|\\[lg](?:eq?|t)(?![a-z])")
_RANGE = re.compile(r"[a-zA-Z]\s*(?:=|\\g(?:eq?|t)(?![a-z])|\\l(?:eq?|t)(?![a-z])|\\in(?![a-z])|[<>])\s*\{?\s*(?:\d|[TKNnM])[^$]*$")


def restricts(condition: str) -> bool:
    r"""Whether what stands behind a relation restricts it: for $i \neq j$, if $x > 0$ (not: for $t = 1, .., T$)."""
    if re.match(r"\W*(?:where|with|and)\b", condition, re.IGNORECASE):
        return False
    return bool(_RESTRICTS.search(_RANGE.sub(" ", condition)) or re.search(r"\b(?:if|when|unless)\b", condition))


def supposes(before: str, *, display: bool) -> bool:
    """Whether the words just before introduce a supposition, which need not be true."""
    tail = before.strip()[-160:]
    if display:
        return bool(_DISPLAY_LET.search(tail)) and not re.search(r"\bas\s*:?\s*$", tail)
    return bool(_SUPPOSED.search(tail))


def introduces(before: str) -> bool:
    """Whether the words just before give a name its meaning or an index its value ("for", "where", "let")."""
    return bool(_LET.search(before.strip()[-120:]))
