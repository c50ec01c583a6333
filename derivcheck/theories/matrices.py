r"""Which symbols are matrices and vectors, from transposes, traces, inverses and gradients.

Main definitions: `matrices_of`. Shapes are square and columns of one size d: an identity of matrices
that holds for scalars only must not pass because nobody said that `A` is a matrix.
"""

from __future__ import annotations

import re

from derivcheck.theories.densities import Densities
from derivcheck.theories.latex import canonical
from derivcheck.theories.quantities import Quantity
from derivcheck.theories.scan import applications, stem

_SUB = r"(?:_(?:\{[^{}]*\}|\\[A-Za-z]+|[A-Za-z0-9]))?"
_CAPITAL = (
    r"(?:\\(?:Sigma|Lambda|Omega|Gamma|Phi|Psi)(?![A-Za-z])|(?<![A-Za-z\\])[A-Z](?![A-Za-z]))"
)
_SMALL = (
    r"(?:\\(?:mu|nu|theta|xi|eta|beta|alpha|lambda)(?![A-Za-z])|(?<![A-Za-z\\])[a-z](?![A-Za-z]))"
)
_TRANSPOSED = r"(?:\^(?:T|\\top|\\intercal|\{\\top\}|\{T\}|\{-T\}|\{-\\top\}))"
_INVERTED = r"(?:\^\{-1\}|\^\{\*-1\}|\^\{-T\}|\^\{-\\top\}|\^\{(?:\\frac\{1\}\{2\}|1/2|-1/2)\})"
_OPERATIONS = re.compile(
    rf"{_TRANSPOSED}|(?<![A-Za-z])(?:tr|Tr|det|vec|rank)(?:\(|\[|\{{|\\)|\\det|\\otimes|\\bigotimes|\\nabla"
    rf"|{_CAPITAL}{_SUB}{_INVERTED}|\|\|{_CAPITAL}{_SUB}"
)
# capitals that are matrices wherever something is transposed, traced or differentiated
_USUAL = frozenset("ABFGHMQRSUVWXYZ")
_NEVER = frozenset("EIKNT")


def matrices_of(texts: list[tuple[str, int]], densities: Densities) -> list[Quantity]:
    """Matrices and vectors of one question; variables and densities are not asked."""
    matrices: dict[str, int] = {}
    vectors: dict[str, int] = {}
    written = [(canonical(text), line) for text, line in texts]
    applied = {a.name for text, _ in written for a in applications(text)}
    for text, line in written:
        if not _OPERATIONS.search(text):
            continue
        for name in _matrices_in(text):
            if name not in applied and _free(name, densities):
                matrices.setdefault(name, line)
    for text, line in written:
        if not _OPERATIONS.search(text):
            continue
        for name in _vectors_in(text, frozenset(matrices)):
            if name not in applied and name not in matrices and stem(name) not in densities.names:
                vectors.setdefault(name, line)
    found = [
        Quantity("matrices", f"{name} \\in {_space(name)}", at) for name, at in matrices.items()
    ]
    for name, at in vectors.items():
        kind = "variables" if stem(name) in densities.variables else "parameters"
        found.append(Quantity(kind, f"{name} \\in \\mathbb{{R}}^d", at))
    return found


def _free(name: str, densities: Densities) -> bool:
    return stem(name) not in densities.variables and name not in densities.names


def _space(name: str) -> str:
    return r"\mathbb{S}_{++}^{d}" if stem(name) == r"\Sigma" else r"\mathbb{R}^{d \times d}"


def _matrices_in(text: str) -> list[str]:
    direct = re.compile(rf"({_CAPITAL}{_SUB})(?:{_TRANSPOSED}|{_INVERTED})")
    inside = re.compile(rf"(?:tr|Tr|det|vec)[(\[{{\\]*({_CAPITAL}{_SUB})")
    found = [m.group(1) for p in (direct, inside) for m in p.finditer(text)]
    for m in re.finditer(rf"{_CAPITAL}{_SUB}", text):
        letter = stem(m.group())
        scripted = text[m.end() : m.end() + 1] == "^" and not re.match(
            rf"{_TRANSPOSED}|{_INVERTED}|\^(?:\d|\*|\{{\*)", text[m.end() :]
        )
        if (
            (letter in _USUAL or letter.startswith("\\"))
            and not scripted
            and not _limit(text, m.start())
        ):
            found.append(m.group())
    return [n for n in dict.fromkeys(found) if stem(n) not in _NEVER]


def _limit(text: str, at: int) -> bool:
    r"""Whether a letter stands in a script: `\sum^{N}`, `x_A`."""
    return at > 0 and (text[at - 1] in "_^" or text[max(0, at - 2) : at] in ("_{", "^{"))


def _vectors_in(text: str, matrices: frozenset[str]) -> list[str]:
    found = [m.group(1) for m in re.finditer(rf"({_SMALL}{_SUB}){_TRANSPOSED}", text)]
    found += [m.group(1) for m in re.finditer(rf"\\nabla_\{{?({_SMALL}{_SUB})\}}?", text)]
    # what follows a transpose, a matrix or its inverse
    after = rf"(?:{_TRANSPOSED}|{_INVERTED}|{_CAPITAL}{_SUB})({_SMALL}{_SUB})"
    for m in re.finditer(after, text):
        before = text[: m.start(1)]
        last = re.search(rf"({_CAPITAL}{_SUB})(?:{_TRANSPOSED}|{_INVERTED})?$", before)
        if last is None or last.group(1) in matrices:
            found.append(m.group(1))
    for m in re.finditer(rf"\(([^()]*)\){_TRANSPOSED}", text):
        if not re.search(_CAPITAL, m.group(1)):
            found += [v.group() for v in re.finditer(rf"{_SMALL}{_SUB}", m.group(1))]
    return [n for n in dict.fromkeys(found) if n not in ("d", "e", "i", "t")]
