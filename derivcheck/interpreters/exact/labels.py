r"""Parameters that a name carries below: `p_{\theta}` depends on θ, `p_{\theta,1}` on θ_1 and not on θ_0.

Main definitions: `carried`, `label_of`, `relabelled`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

Carried = Literal["yes", "no", "unclear"]

_COUNTS = re.compile(r"\d+|[ijklmnstTK]|[ijklmnst][+-]\d+")


@lru_cache(maxsize=8192)
def labels_in(key: str) -> tuple[tuple[str, ...], ...]:
    r"""The labels of every name in a key: (`\theta`, `1`) of `p_{\theta_{1}}@(x|)` and of `p_{\theta,1}`."""
    found: list[tuple[str, ...]] = []
    at = key.find("_{")
    while at >= 0:
        end = _closing(key, at + 1)
        found.append(tuple(x for part in _parts(key[at + 2 : end]) for x in _flat(part)))
        at = key.find("_{", end)
    return tuple(found)


def _closing(text: str, at: int) -> int:
    depth = 0
    for place in range(at, len(text)):
        depth += (text[place] == "{") - (text[place] == "}")
        if depth == 0:
            return place
    return len(text)


def _parts(inside: str) -> list[str]:
    out, depth = [""], 0
    for sign in inside:
        depth += (sign in "{([") - (sign in "})]")
        if sign == "," and depth == 0:
            out.append("")
        else:
            out[-1] += sign
    return out


def _flat(label: str) -> tuple[str, ...]:
    r"""`\theta_{1}` as a label is (`\theta`, `1`); a mark above stays with its letter."""
    at = label.find("_{")
    if at <= 0 or not label.endswith("}") or _closing(label, at + 1) != len(label) - 1:
        return (label.strip(),)
    return (label[:at].strip(), *(x for part in _parts(label[at + 2 : -1]) for x in _flat(part)))


@lru_cache(maxsize=4096)
def label_of(key: str) -> tuple[str, ...]:
    r"""How a quantity is written as a label: `\theta@1` and `\theta_{1}` are (`\theta`, `1`)."""
    name, _, index = key.partition("@")
    return (*_flat(name), *(index.split(",") if index else ()))


@lru_cache(maxsize=16384)
def carried(key: str, label: tuple[str, ...]) -> Carried:
    """Whether a name carries a label; `unclear` where it may be one of the label's copies, or one carries it."""
    verdict: Carried = "no"
    for labels in labels_in(key):
        for place, first in enumerate(labels):
            if first != label[0]:
                continue
            here = labels[place : place + len(label)]
            after = labels[place + len(label) : place + len(label) + 1]
            if here == label and not (after and _COUNTS.fullmatch(after[0])):
                return "yes"
            verdict = "unclear"
    return verdict


def relabelled(name: str, old: tuple[str, ...], new: tuple[str, ...], known: Iterable[str]) -> str | None:
    """The known name that carries another label in the place of one; None if there is none, or several."""
    head, labels, tail = _split(name)
    for place in range(len(labels)):
        if labels[place : place + len(old)] == old:
            wanted = head, (*labels[:place], *new, *labels[place + len(old) :]), tail
            found = {k for k in known if _split(k) == wanted}
            return found.pop() if len(found) == 1 else None
    return None


@lru_cache(maxsize=8192)
def _split(name: str) -> tuple[str, tuple[str, ...], str]:
    depth = 0
    for at, sign in enumerate(name):
        if depth == 0 and name.startswith("_{", at):
            end = _closing(name, at + 1)
            return name[:at], labels_in(name[at : end + 1])[0], name[end + 1 :]
        depth += (sign == "{") - (sign == "}")
    return name, (), ""
