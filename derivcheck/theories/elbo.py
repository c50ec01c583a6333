r"""A name that the prose calls the evidence lower bound means the bound of the page's densities.

Main definitions: `bounds_named_in`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from derivcheck.theories.bindings import Given, RelationLike
from derivcheck.theories.densities import Densities
from derivcheck.theories.latex import application, canonical
from derivcheck.theories.scan import applications

_CALLED = re.compile(
    r"\$\s*(?P<name>[^$]{1,60}?)\s*\$\s*(?:is|denotes|as|be|,)?\s*(?:called|known as|denotes?)?\s*(?:the|an|our)?\s*"
    r"(?:ELBO|evidence lower[- ]bound|variational lower[- ]bound)",
    re.IGNORECASE,
)
_CALLED_AFTER = re.compile(
    r"(?:ELBO|evidence lower[- ]bound|variational lower[- ]bound)\)?\s*(?:,|is|denoted(?: by)?|as|by|:)?\s*\$\s*(?P<name>[^$=]{1,60}?)\s*\$",
    re.IGNORECASE,
)


def bounds_named_in(
    text: str, here: list[tuple[str, int]], densities: Densities, relations: Sequence[RelationLike]
) -> list[Given]:
    r"""`$\mathcal{L}(\phi)$ is the ELBO`: defined if the page has one joint and one conditional of the latent variable."""
    names = [m["name"] for pattern in (_CALLED, _CALLED_AFTER) for m in pattern.finditer(text)]
    names = [
        canonical(n)
        for n in names
        if re.fullmatch(
            r"(?:\\mathcal\{[A-Z]\}|\\ell|[A-Z])(?:_(?:\{[^{}]*\}|\w))?(?:\([^()=|]*\))?",
            canonical(n),
        )
    ]
    if not names:
        return []
    pair = _bound(here)
    if pair is None:
        return []
    body, line = pair
    found: list[Given] = []
    for name in dict.fromkeys(names):
        head = (application(name) or (name,))[0]
        first = next(
            (
                r
                for r in relations
                if canonical(r.lhs_expanded).startswith(head) or head in canonical(r.rhs_expanded)
            ),
            None,
        )
        found.append(Given("definitions", f"{name} = {body}", "", first.line if first else line))
    return found


def _bound(here: list[tuple[str, int]]) -> tuple[str, int] | None:
    """The bound of the only approximate posterior and the only joint that the question uses with it."""
    joints: set[tuple[str, str, str]] = set()
    posteriors: set[tuple[str, str, str]] = set()
    line = 0
    for text, at in here:
        for a in applications(text):
            if len(a.event) == 2 and not a.given and a.name[0] in "pP":
                joints.add((a.name, a.event[0], a.event[1]))
                line = line or at
            if len(a.event) == 1 and len(a.given) == 1 and a.name[0] in "qQ" and "*" not in a.name:
                posteriors.add((a.name, a.event[0], a.given[0]))
    for q in posteriors:
        fitting = [j for j in joints if {j[1], j[2]} == {q[1], q[2]}]
        if len(posteriors) == 1 and len({j[0] for j in fitting}) == 1:
            name, z, x = q
            joint = fitting[0]
            return (
                f"\\mathbb{{E}}_{{{name}({z}|{x})}}[\\log {joint[0]}({joint[1]},{joint[2]}) - \\log {name}({z}|{x})]",
                line,
            )
    return None
