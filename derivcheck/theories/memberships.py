r"""What the text says outright of a quantity's kind: `A \in \mathbb{R}^{m \times n}`, `\lambda > 0`, one number.

Main definitions: `memberships_in`, `numbers_in`, `shapes_beside`. These beat what is guessed from how
a name is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from derivcheck.theories.bindings import Given, RelationLike
from derivcheck.theories.densities import Densities
from derivcheck.theories.latex import canonical, split_list
from derivcheck.theories.scan import GREEK, token

_SPACE = re.compile(
    r"^\\(?:mathbb|mathbf|mathrm|mathcal)?\s*\{?(?:R|\\R)\}?(?:\s*\^.*)?$|^\\mathbb\s*\{?[SOD]\}?.*$|^R\^.*$"
)
_MATRICES = re.compile(r"\\times|\\mathbb\s*\{?[SOD]\}?")
_UNSURE = re.compile(r"\b(?:if|when|whenever|otherwise|unless|case)\b[^.;]*$", re.IGNORECASE)
_FAMILY = re.compile(
    r"^(?:\\mathcal\{N\}|N)\((?:(?P<point>[^;|,()]+)[;|])?(?P<mean>[^,();|]+),(?P<variance>[^,()]+)\)$"
)
_ROOT = re.compile(r"^(?P<name>\\?[A-Za-z]+(?:_\w)?)\^2$")
_VECTORS = re.compile(r"\|\||\\Sigma|(?<![A-Za-z\\])I(?![A-Za-z])|\\top|\^T(?![A-Za-z])")
_NAME = r"(?:\\(?:mu|nu|theta|beta|xi|eta|epsilon|alpha)(?![A-Za-z])|[a-z](?![A-Za-z]))(?:_[A-Za-z0-9](?![A-Za-z]))?(?![_^(])"


def memberships_in(relations: Iterable[RelationLike], densities: Densities) -> list[Given]:
    r"""`x, y \in \mathbb{R}^n` and `\lambda > 0`."""
    found: list[Given] = []
    for r in relations:
        if _UNSURE.search(r.words_before or ""):
            continue
        if r.sign == "in":
            found += _members(r, densities)
        elif r.sign == ">" and canonical(r.rhs_expanded) == "0" and r.step == 0:
            t = token(r.lhs_expanded)
            if t is not None and t.index is None and t.base.lstrip("\\") in GREEK:
                found.append(Given("parameters", f"{t.base} > 0", r.id, r.line))
    return found


def _members(r: RelationLike, densities: Densities) -> list[Given]:
    space = r.rhs_expanded.strip().rstrip(".,;").strip()
    if not _SPACE.match(space) or space.count("=") or "," in space:
        return []
    made: list[Given] = []
    for piece in split_list(r.lhs_expanded):
        t = token(piece)
        if t is None or (t.index is not None and not t.index.isalnum()):
            continue
        variable = t.base in densities.variables
        kind = "matrices" if _MATRICES.search(space) else "variables" if variable else "parameters"
        made.append(Given(kind, f"{piece.strip()} \\in {space}", r.id, r.line))
    return made


def numbers_in(given: Iterable[Given], written: str) -> list[Given]:
    r"""`p(x) = \mathcal{N}(x; \mu, s^2)` where nothing is a vector: x and the mean are numbers, s is positive."""
    if _VECTORS.search(written):
        return []
    found: list[Given] = []
    for g in given:
        if g.kind != "families":
            continue
        m = _FAMILY.match(canonical(g.latex.split("=", 1)[-1]))
        root = _ROOT.match(m["variance"]) if m else None
        if m is None or root is None or not _constant(root["name"]):
            continue
        found.append(Given("parameters", f"{root['name']} > 0", "", g.line))
        if _constant(m["mean"]) and token(m["mean"]) is not None:
            found.append(Given("parameters", f"{m['mean']} \\in \\mathbb{{R}}", "", g.line))
        if m["point"] and token(m["point"]) is not None and "_" not in m["point"]:
            found.append(Given("variables", f"{m['point']} \\in \\mathbb{{R}}", "", g.line))
    return found


def _constant(name: str) -> bool:
    """A name that is not one of a sequence."""
    t = token(name)
    return t is not None and (t.index is None or t.index.isdigit())


_FREE_OF = re.compile(
    r"\bconst(?:ant)?s?\b\.?[^.;$]{0,60}?\b(?:in|w\.?\s?r\.?\s?t\.?|respect\s+to|(?:independent|free)\s+of|not\s+depend(?:ing)?\s+on)\s+"
    r"(?P<names>\$[^$]{1,20}\$(?:\s*(?:,|and|or)\s*\$[^$]{1,20}\$)*)",
    re.IGNORECASE,
)


def constants_in(text: str, line: int) -> list[Given]:
    r"""`up to a constant in $w$`: what an open constant must not contain."""
    for m in _FREE_OF.finditer(text):
        names = [n for part in re.findall(r"\$([^$]+)\$", m["names"]) for n in split_list(part)]
        if all(token(n) is not None for n in names):
            return [Given("const", ", ".join(names), "", line, detail=tuple(names))]
    return []


_SHAPE = re.compile(
    r"^(?P<name>.+?)\s*\\in\s*\\mathbb\s*\{?R\}?\s*\^\s*\{(?P<rows>\w+)\s*\\times\s*(?P<columns>\w+)\}$"
)


def shapes_beside(
    given: Iterable[Given], texts: list[tuple[str, int]], densities: Densities
) -> list[Given]:
    r"""What a matrix of known shape is applied to, and what is added to that: `Wx + b`, `A^T y`."""
    found: dict[str, Given] = {}

    def add(name: str, size: str, line: int) -> None:
        t = token(name)
        if t is not None and t.base not in ("d", "e"):
            kind = "variables" if t.base in densities.variables else "parameters"
            found.setdefault(name, Given(kind, f"{name} \\in \\mathbb{{R}}^{{{size}}}", "", line))

    for g in given:
        m = _SHAPE.match(g.latex) if g.kind == "matrices" else None
        if m is None:
            continue
        matrix = re.escape(canonical(m["name"]))
        for text, line in texts:
            plain = canonical(text)
            for n in re.finditer(rf"(?<![A-Za-z\\^_]){matrix} ?({_NAME})", plain):
                add(n.group(1), m["columns"], line)
                beside = re.match(rf"(?:[+-]{_NAME})*", plain[n.end() :])
                for name in re.findall(_NAME, beside.group()) if beside else ():
                    add(name, m["rows"], line)
            for n in re.finditer(rf"(?<![A-Za-z\\])({_NAME})[+-]{matrix} ?{_NAME}", plain):
                add(n.group(1), m["rows"], line)
            for n in re.finditer(rf"(?<![A-Za-z\\]){matrix}\^(?:T|\\top) ?({_NAME})", plain):
                add(n.group(1), m["rows"], line)
    return list(found.values())
