r"""An accent, star or label lost or gained: `\alpha` for `\bar\alpha`, `D` for `D^*`, `F_{21}` for `F_{12}`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from derivcheck.terms.term import ELEMENTARY, Call, Density, Symbol, Term
from derivcheck.verdicts.edits._edit import Edit, Example, Place

_ACCENT = re.compile(
    r"\\(?:bar|tilde|hat|dot|ddot|vec|check|breve|mathring|overline|underline|widetilde|widehat)\{(.*)\}"
)


def base_of(name: str) -> str:
    r"""The bare letter of a name: `\alpha` of `\bar{\alpha}_{\theta}^{*}`."""
    inner = _ACCENT.match(name)
    bare = inner.group(1) if inner else name
    if not inner:
        bare = re.split(r"[_^']", bare, maxsplit=1)[0]
        again = _ACCENT.match(bare)
        bare = again.group(1) if again else bare
    return re.split(r"[_^']", bare, maxsplit=1)[0]


def _at(place: Place) -> Iterator[Term]:
    node = place.node
    if "index" in place.slots:
        return
    if isinstance(node, Symbol):
        for name in place.around.names:
            if name != node.name and base_of(name) == base_of(node.name):
                yield replace(node, name=name)
    elif isinstance(node, Call) and node.function not in ELEMENTARY:
        for name in place.around.functions:
            if (
                name != node.function
                and name not in ELEMENTARY
                and base_of(name) == base_of(node.function)
            ):
                yield replace(node, function=name)
    elif isinstance(node, Density):
        for name in place.around.signature.densities:
            if name != node.name and base_of(name) == base_of(node.name):
                yield replace(node, name=name)


EDIT = Edit(
    kind="index",
    what="an accent, star or label lost or gained",
    cost=1,
    at=_at,
    examples=(
        Example(r"\sqrt{\alpha_t} x_0", r"\sqrt{\bar\alpha_t} x_0", left=r"\bar\alpha_t"),
        Example(r"a (b + \tilde{b})", r"a (b + b)"),
        Example(r"\log D(x)", r"\log D^*(x)", left=r"D^*(x)"),
    ),
    rank=1,
    repeats=True,
    pairs=True,
)
