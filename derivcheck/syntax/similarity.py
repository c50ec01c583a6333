"""How much two expressions share: n-grams of their tokens, spelling variants aside."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derivcheck.syntax.tokens import Tokens


_SPELLINGS = {
    "\\log": "log", "\\ln": "log", "\\exp": "exp", "\\mid": "|", "\\vert": "|", "\\parallel": "||", "\\|": "||",
    "\\Vert": "||", "\\bigotimes": "\\otimes", "\\max": "max", "\\min": "min",
}  # fmt: skip
_IGNORED = frozenset({"space", "quad", "amp", "drop", "null", "row", "comma"})
_FACES = frozenset(
    [
        "\\mathbf",
        "\\boldsymbol",
        "\\bm",
        "\\mathrm",
        "\\mathit",
        "\\operatorname",
        "\\mathbb",
        "\\mathcal",
    ]
)
_LONGEST = 600  # tokens that are compared; longer expressions are compared by their beginning


def key_of(tokens: Tokens, indices: Sequence[int]) -> tuple[str, ...]:
    """The expression as a sequence of spellings: white space, faces and bracket sizes aside."""
    key: list[str] = []
    for i in indices:
        token = tokens.items[i]
        if token.kind in _IGNORED or token.text in _FACES:
            continue
        if token.kind in ("open", "close"):
            key.append("(" if token.kind == "open" else ")")
        elif token.kind in ("brace_open", "brace_close"):
            if not _single(tokens, i):
                key.append(token.text)
        elif token.text == "|" and key and key[-1] == "|":
            key[-1] = "||"
        else:
            key.append(
                _SPELLINGS.get(token.text, token.value if token.kind == "text" else token.text)
            )
    return tuple(_words(key))


def _single(tokens: Tokens, i: int) -> bool:
    """`{x}` with one token inside reads as `x`."""
    return abs(tokens.partner[i] - i) == 2 and tokens.partner[i] >= 0


def _words(key: list[str]) -> list[str]:
    """`l o g` as the one word that it is."""
    joined: list[str] = []
    at = 0
    while at < len(key):
        three = "".join(key[at : at + 3])
        if three in ("log", "exp", "min", "max"):
            joined.append(three)
            at += 3
        elif "".join(key[at : at + 2]) == "ln":
            joined.append("log")
            at += 2
        else:
            joined.append(key[at])
            at += 1
    return joined


def profile(key: tuple[str, ...]) -> Counter[tuple[str, ...]]:
    """The multiset of 1-, 2- and 3-grams."""
    key = key[:_LONGEST]
    grams: Counter[tuple[str, ...]] = Counter()
    for n in (1, 2, 3):
        grams.update(zip(*(key[k:] for k in range(n)), strict=False))
    return grams


def shared(first: Counter[tuple[str, ...]], second: Counter[tuple[str, ...]]) -> float:
    """The share of n-grams that two expressions have in common, from 0 to 1 (Dice)."""
    total = first.total() + second.total()
    if not total:
        return 0.0
    if len(first) > len(second):
        first, second = second, first
    return 2 * sum(min(count, second[gram]) for gram, count in first.items()) / total
