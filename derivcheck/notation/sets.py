r"""The sets of declarations: `\mathbb{R}^{n_2 \times n_1}`, `(0,1)`, `\mathbb{S}_{++}^{d}`, `\{0,1\}^G`, `> 0`.

Main definitions: `Space`, `space_of`, `split_declaration`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from derivcheck.terms.signature import Domain
from derivcheck.theories.latex import canonical, depth_split, membership


@dataclass(frozen=True)
class Space:
    """What a declaration says of a quantity: its shape (dimensions as written) and its domain."""

    shape: tuple[str, ...] = ()
    domain: Domain = "real"


_LETTERS: dict[str, tuple[int, Domain]] = {
    "R": (0, "real"), "S": (2, "symmetric"), "O": (2, "orthogonal"), "D": (2, "diagonal"), "N": (0, "natural"), "Z": (0, "natural"),
}  # fmt: skip
_SET = re.compile(r"^\\(?:mathbb|mathcal|mathrm|mathds)?\{?(?P<letter>[RSODNZ])\}?(?P<scripts>.*)$")
_PIECE = re.compile(
    r"(?P<sign>[_^])(?:\{(?P<group>(?:[^{}]|\{[^{}]*\})*)\}|(?P<one>\\[A-Za-z]+|.))"
)
_INTERVAL = re.compile(r"^[(\[\]](?P<low>[^,;]+)[,;](?P<high>[^,;]+)[)\]\[]$")
_BITS = re.compile(r"^\\\{0,1\\\}(?:\^\{?(?P<size>[^{}]+)\}?)?$")
_ORDER = re.compile(r"\\geq?(?![A-Za-z])|\\leq?(?![A-Za-z])|>=|<=|>|<")


def split_declaration(latex: str) -> tuple[str, Space] | None:
    r"""The declared thing and its space; `x` alone is real; None if the set is not known."""
    found = membership(latex)
    if found is not None:
        space = space_of(found[1])
        return (found[0], space) if space is not None else None
    pieces = depth_split(latex, _ORDER)
    if len(pieces) == 1:
        return latex.strip(), Space()
    return _compared([p for p, _ in pieces], [s for _, s in pieces][:-1])


def _compared(sides: list[str], signs: list[str]) -> tuple[str, Space] | None:
    ups = [s in (">", ">=") or s.startswith(r"\ge") for s in signs]
    if len(sides) == 2:
        left, right = sides
        if right in ("0", "1") and not left.replace(".", "").isdigit():
            strict = signs[0] in (">", "<")
            if right == "0":
                return left, Space(
                    (), ("positive" if strict else "nonnegative") if ups[0] else "negative"
                )
            return None
        if left == "0":
            return right, Space((), "negative" if ups[0] else "positive")
    if len(sides) == 3 and {sides[0], sides[2]} == {"0", "1"}:
        return sides[1], Space((), "unit")
    return None


def space_of(latex: str) -> Space | None:
    """The space that a set's LaTeX names."""
    text = canonical(latex).replace(" ", "")
    if bits := _BITS.match(text):
        return Space((bits["size"],) if bits["size"] else (), "binary")
    if interval := _INTERVAL.match(text):
        return _interval(interval["low"], interval["high"])
    found = _SET.match(text)
    if found is None:
        return None
    rank, domain = _LETTERS[found["letter"]]
    shape: tuple[str, ...] = ()
    for piece in _PIECE.finditer(found["scripts"]):
        inner = piece["group"] or piece["one"] or ""
        if inner in ("+", r"\geq0", r"\ge0", r"\geq 0"):
            domain = "nonnegative" if rank == 0 else "positive_definite"
        elif inner in ("++", ">0", "+*", "*+", r"\succ0"):
            domain = "positive" if rank == 0 else "positive_definite"
        else:
            shape = tuple(s for s in re.split(r"\\times|×", inner) if s)
    if rank == 2 and len(shape) == 1:
        shape = (*shape, *shape)
    return Space(shape, domain)


def _interval(low: str, high: str) -> Space | None:
    if (low, high) == ("0", "1"):
        return Space((), "unit")
    if low == "0":
        return Space((), "positive")
    if high == "0":
        return Space((), "negative")
    return Space() if r"\infty" in low and r"\infty" in high else None
