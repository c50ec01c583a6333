r"""What single relations give: definitions, families, laws, paths, optima; each from one line.

Main definitions: `Given`, `given_by`. "Let X = ..", "where X = .." and `:=` define; a display that
introduces a symbol which was never seen before defines it; `q(x_t|x_{t-1}) = \mathcal{N}(..)` fixes a
family; `\epsilon \sim \mathcal{N}(0, I)` is a law.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from derivcheck.theories.densities import Densities
from derivcheck.theories.latex import application, balanced, canonical, letters
from derivcheck.theories.scan import PARAMETERS, applications, parameter_of, stem, token
from derivcheck.theories.theory import Kind


class RelationLike(Protocol):
    """What inference needs of a relation."""

    @property
    def id(self) -> str: ...
    @property
    def line(self) -> int: ...
    @property
    def question(self) -> str: ...
    @property
    def sign(self) -> str: ...
    @property
    def lhs_expanded(self) -> str: ...
    @property
    def rhs_expanded(self) -> str: ...
    @property
    def words_before(self) -> str: ...
    @property
    def words_after(self) -> str: ...
    @property
    def step(self) -> int: ...
    @property
    def implicit(self) -> bool: ...


@dataclass(frozen=True)
class Given:
    """One declaration that a relation gives."""

    kind: Kind
    latex: str
    relation: str
    line: int
    binding: bool = False
    detail: tuple[str, ...] = ()


_DEFINES = re.compile(
    r"(?:^|[\s(,;:.\n])(?:let(?:\s+us)?(?:\s+(?:define|denote|set|write))?|where|wherein|define|defining|denote|denoting(?:\s+by)?|denote\s+by|"
    r"setting|we\s+set|set|write|writing|abbreviate|abbreviating|recall\s+that|recalling\s+that|with)\s*:?\s*$",
    re.IGNORECASE,
)
_CONTINUES = re.compile(r"^\s*(?:,|;|and|,\s*and)\s*$", re.IGNORECASE)
_SUPPOSES = re.compile(r"(?:suppose|assume|if|otherwise|when|for)\s*(?:that)?\s*$", re.IGNORECASE)
_GAUSSIAN = re.compile(r"^(?:\\mathcal\{N\}|N)\((?P<inside>.*)\)$")
_ARGUMENT = re.compile(r"^(?:\\(?:arg|operatorname)?\s*)?(?P<kind>argmax|argmin|max|min)_(?P<of>\{[^{}]*\}|\\[A-Za-z]+|[A-Za-z])\s*:?\s*(?P<body>.+)$")


def given_by(relations: Iterable[RelationLike], densities: Densities, seen_before: set[str], text: str) -> list[Given]:
    """The declarations that the relations of one question give, in order.

    seen_before: heads that occurred earlier in the document; it grows here.
    """
    found: list[Given] = []
    bound_here = False
    for r in relations:
        binds = _binds(r, bound_here)
        found += _of_relation(r, binds, densities, seen_before)
        bound_here = binds
        for side in (r.lhs_expanded, r.rhs_expanded):
            seen_before.update(_heads_in(side))
    return [g for g in found if balanced(g.latex)]


def _binds(r: RelationLike, bound_before: bool) -> bool:
    words = r.words_before or ""
    if r.sign == ":=" or r.lhs_expanded.rstrip().endswith(":"):
        return True
    if _DEFINES.search(words):
        return True
    return bound_before and bool(_CONTINUES.match(words))


def _of_relation(r: RelationLike, binds: bool, densities: Densities, seen: set[str]) -> list[Given]:
    left, right = canonical(r.lhs_expanded), canonical(r.rhs_expanded)
    if not left or not right or _SUPPOSES.search(r.words_before or ""):
        return []
    if r.sign == "sim":
        return _law(r, left, right)
    if r.sign not in ("=", ":=") or r.step > 0 or r.implicit:
        return []
    if (family := _family(r, left, right, densities)) is not None:
        return [family]
    if (factored := _factorisation(r, left, right, densities)) is not None:
        return [factored]
    head = _head(left, densities)
    if head is None or head in _heads_in(right):
        return []
    variable = token(left)
    if variable is not None and variable.base in densities.variables:
        return _path(r, left, right, densities)
    if binds or (head not in seen and r.words_before is not None and not _refers(right)):
        return [Given("definitions", f"{left} = {right}", r.id, r.line, binds)]
    return []


def _refers(right: str) -> bool:
    """A bare number says nothing about a new name (`t = 1`)."""
    return bool(re.fullmatch(r"-?[\d.]+", right))


def _heads_in(side: str) -> set[str]:
    """Every name with its subscript that a side mentions, as heads are written."""
    text = canonical(side)
    names = set(re.findall(r"(?:\\(?:bar|tilde|hat|dot|mathcal)\{[^{}]*\}|\\[A-Za-z]+|[A-Za-z])'*(?:[_^](?:\{[^{}]*\}|\\[A-Za-z]+|[A-Za-z0-9*]))*", text))
    return names | {stem(n) + "_" for n in names if "_" in n}


def _head(left: str, densities: Densities) -> str | None:
    """The name that a lone left side gives a meaning to, or None."""
    applied = application(left)
    name = applied[0] if applied else left
    if not re.fullmatch(r"(?:\\(?:bar|tilde|hat|mathcal|dot)\{\\?[A-Za-z]+\}|\\[A-Za-z]+|[A-Za-z])'*(?:[_^](?:\{[^{}]*\}|\\[A-Za-z]+|[A-Za-z0-9*]))*", name):
        return None
    if name in densities.names or stem(name) in (r"\log", r"\ln", r"\exp", "E", r"\nabla", r"\frac", r"\int", r"\sum"):
        return None
    if applied and any(token(a) is None for a in re.split(r"[,;]", applied[1])):
        return None
    if "^" in name and not re.search(r"\^(?:\*|\{\*\})", name):
        return None
    return name


def _law(r: RelationLike, left: str, right: str) -> list[Given]:
    variable = token(left)
    gaussian = _GAUSSIAN.match(right)
    if variable is None or not (gaussian or applications(right)):
        return []
    if gaussian:
        inside = gaussian["inside"]
        first = re.split(r"[;|]", inside)[0]
        if canonical(first) == left and len(re.split(r"[;|]", inside)) == 2:
            right = f"\\mathcal{{N}}({re.split(r'[;|]', inside)[1]})"
    elif not application(right) or "=" in right:
        return []
    return [Given("laws", f"{left} \\sim {right}", r.id, r.line)]


def _family(r: RelationLike, left: str, right: str, densities: Densities) -> Given | None:
    applied = application(left)
    if applied is None or applied[0] not in densities.names or not _GAUSSIAN.match(right):
        return None
    uses = applications(left)
    event = [token(e) for e in uses[0].event] if uses else []
    given = [token(g) for g in uses[0].given] if uses else []
    if len(event) != 1 or None in event or None in given:
        return None
    first = event[0]
    assert first is not None
    if applied[0] in densities.chains:
        # only a kernel or the end of the chain is given; all else follows from it
        indices = {g.index for g in given if g is not None}
        kernel = len(given) == 1 and {first.index, *indices} in ({"t", "t-1"}, {"t+1", "t"}, {"k", "k-1"}, {"i", "i-1"}, {"s", "s-1"})
        if not kernel and not (first.index in ("T", "0") and not given):
            return None
    return Given("families", f"{left} = {right}", r.id, r.line)


def _factorisation(r: RelationLike, left: str, right: str, densities: Densities) -> Given | None:
    """A joint written as a product of densities under other names."""
    applied = application(left)
    if applied is None or applied[0] not in densities.names:
        return None
    factors = applications(right)
    names = {f.name for f in factors}
    rest = right
    for f in factors:
        rest = rest.replace(f"{f.name}({f.inside})", "", 1)
    rest = re.sub(r"\\prod_(?:\{[^{}]*\}|\w)\^(?:\{[^{}]*\}|\w)|\s", "", rest)
    if rest or len(factors) < 1 or not names <= densities.names:
        return None
    if "\\prod" in right or names - {applied[0]}:
        return Given("densities", f"{left} = {right}", r.id, r.line)
    return None


def _path(r: RelationLike, left: str, right: str, densities: Densities) -> list[Given]:
    r"""`x_t = \sqrt{..} x_0 + ..\epsilon`: other variables and a noise, nothing conditional, no density."""
    if applications(right) or "|" in right or "mathcal" in right or r"\theta" in right or "E" in letters(right):
        return []
    noises = [n for n in (r"\epsilon", r"\xi", r"\eta", r"\zeta") if n in letters(right)]
    variable = token(left)
    later = variable is not None and variable.index not in ("0", None, "t-1")
    return [Given("paths", f"{left} = {right}", r.id, r.line)] if noises and later else []


_STAR = re.compile(r"(?<![A-Za-z\\])(?P<name>[A-Za-z])(?:\^\*|\^\{\*\})")


def optima_in(sides: Iterable[tuple[str, str, int]], text: str) -> list[Given]:
    r"""`\arg\max_D F(D)` on a page that also speaks of `D^*`: the optimum of F."""
    starred = {m["name"] for m in _STAR.finditer(canonical(text))}
    found: list[Given] = []
    for side, relation, line in sides:
        written = canonical(side).replace(r"\arg\max", "argmax").replace(r"\arg\min", "argmin").replace(r"\argmax", "argmax").replace(r"\argmin", "argmin").replace(r"\max", "max").replace(r"\min", "min")
        m = re.match(r"^(?P<kind>argmax|argmin|max|min)_(?P<of>[A-Za-z])\s*:?(?P<body>.+)$", written)
        if m is None or m["of"] not in starred or m["of"] not in letters(m["body"]):
            continue
        kind = "max" if "max" in m["kind"] else "min"
        if not any(g.latex.startswith(f"{m['of']}^*") for g in found):
            found.append(Given("optima", f"{m['of']}^* = \\arg\\{kind}_{m['of']} {m['body'].strip().rstrip('.,')}", relation, line))
    return found


def is_parameter(name: str) -> bool:
    """Whether a letter is a network's parameter."""
    return name in PARAMETERS or parameter_of(name) is not None
