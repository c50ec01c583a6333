r"""What single relations give: definitions, families, laws, paths, optima; each from one line.

Main definitions: `Given`, `given_by`. "Let X = ..", "where X = .." and `:=` define; a display that
introduces a symbol which was never seen before defines it; `q(x_t|x_{t-1}) = \mathcal{N}(..)` fixes a
family; `\epsilon \sim \mathcal{N}(0, I)` is a law.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from derivcheck.theories.densities import Densities
from derivcheck.theories.latex import application, balanced, canonical, letters, names_in
from derivcheck.theories.scan import PARAMETERS, applications, parameter_of, stem, token
from derivcheck.theories.theory import Kind, is_name


class RelationLike(Protocol):
    """What inference needs of a relation."""

    @property
    def id(self) -> str:
        """Its id."""
        ...

    @property
    def line(self) -> int:
        """Its line."""
        ...

    @property
    def question(self) -> str:
        """Its question."""
        ...

    @property
    def sign(self) -> str:
        """Its sign."""
        ...

    @property
    def lhs_expanded(self) -> str:
        """Its lhs expanded."""
        ...

    @property
    def rhs_expanded(self) -> str:
        """Its rhs expanded."""
        ...

    @property
    def words_before(self) -> str:
        """Its words before."""
        ...

    @property
    def words_after(self) -> str:
        """Its words after."""
        ...

    @property
    def step(self) -> int:
        """Its step."""
        ...

    @property
    def implicit(self) -> bool:
        """Its implicit."""
        ...


@dataclass(frozen=True)
class Given:
    """One declaration that a relation gives."""

    kind: Kind
    latex: str
    relation: str
    line: int
    binding: bool = False
    detail: tuple[str, ...] = ()
    from_line: int = 0  # a "let" holds from its line on


_DEFINES = re.compile(
    r"(?:^|[\s(,;:.\n])(?:let(?:\s+us)?(?:\s+(?:define|denote|set|write))?|where|wherein|define|defining|denote|denoting(?:\s+by)?|denote\s+by|"
    r"setting|we\s+set|set|write|writing|abbreviate|abbreviating|recall\s+that|recalling\s+that|"
    r"replace|replacing|substitute|substituting|plug\s+in|plugging\s+in|choose|choosing|taking)\s*:?\s*"
    r"(?:\w\s*=\s*[^,.$]{1,40},\s*)?$",
    re.IGNORECASE,
)
_CONSTANTS = frozenset({"I", r"\mathcal{I}", r"\mathbf{I}", "e", r"\pi", "T", "d"})
_ENTROPIES = frozenset({"H", r"\mathcal{H}", r"\mathbb{H}", "I", r"\mathcal{I}", r"\mathbb{I}"})
_CONTINUES = re.compile(r"(?:^|\$)\s*(?:,|;|and|,\s*and)\s*$", re.IGNORECASE)
_SUPPOSES = re.compile(r"(?:suppose|assume|if|otherwise|when|for)\s*(?:that)?\s*$", re.IGNORECASE)
_GAUSSIAN = re.compile(r"^(?:\\mathcal\{N\}|N)\((?P<inside>.*)\)$")
_ARGUMENT = re.compile(
    r"^(?:\\(?:arg|operatorname)?\s*)?(?P<kind>argmax|argmin|max|min)_(?P<of>\{[^{}]*\}|\\[A-Za-z]+|[A-Za-z])\s*:?\s*(?P<body>.+)$"
)


def given_by(
    relations: Iterable[RelationLike], densities: Densities, seen: Seen, stated: set[str]
) -> list[Given]:
    """The declarations that the relations of one question give, in order.

    seen: what the document wrote before each line. stated: heads that were given a meaning before;
    it grows here.
    """
    found: list[Given] = []
    bound_line: int | None = None
    earlier: dict[str, str] = {}
    described: set[tuple[str, str]] = set()
    for r in relations:
        binds = _binds(r, bound_line == r.line)
        for g in _of_relation(r, binds, densities, seen) or _names_a_part(r, earlier, seen):
            key = f"{g.kind} {canonical(g.latex.split('=')[0])}"
            if g.kind == "families" and not _adds(g, described):
                continue
            if balanced(g.latex) and (key not in stated or g.detail):
                stated.add(key)
                found.append(g)
        bound_line = r.line if binds else None
        if r.sign == "=":
            earlier[canonical(r.lhs_expanded)] = canonical(r.rhs_expanded)
        seen.note(r)
    return found


def _adds(g: Given, described: set[tuple[str, str]]) -> bool:
    """Whether a family describes a variable that no earlier one did; else it follows from them."""
    uses = applications(g.latex.split("=")[0])
    described_now = {(uses[0].name, e) for e in uses[0].event} if uses else set[tuple[str, str]]()
    if not described_now - described:
        return False
    described |= described_now
    return True


def _names_a_part(r: RelationLike, earlier: dict[str, str], seen: Seen) -> list[Given]:
    """`a = -[..] b`, hence `a = -H b`: the new name stands for what it replaced."""
    left, right = canonical(r.lhs_expanded), canonical(r.rhs_expanded)
    before = earlier.get(left)
    if before is None or r.sign != "=" or len(right) > 200:
        return []
    for m in re.finditer(r"(?<![A-Za-z\\])([A-Z])(?:\(t\))?", right):
        if seen.before(m.group(1), r) or m.group(1) in _heads_in(left):
            continue
        start, end = right[: m.start()], right[m.end() :]
        middle = before[len(start) : len(before) - len(end)]
        if before.startswith(start) and before.endswith(end) and _one_bracket(middle):
            return [Given("definitions", f"{m.group()} = {middle[1:-1]}", r.id, r.line)]
    return []


def _one_bracket(text: str) -> bool:
    """Whether a text is one pair of brackets with its inside."""
    if len(text) < 3 or text[0] + text[-1] not in ("[]", "()"):
        return False
    depth = 0
    for i, c in enumerate(text):
        depth += (c in "([{") - (c in ")]}")
        if depth == 0 and i < len(text) - 1:
            return False
    return depth == 0


class Seen:
    """Which heads the document has written before a line."""

    def __init__(self, maths: Iterable[tuple[str, int]]) -> None:
        """maths: LaTeX and first line of every formula."""
        self.first: dict[str, int] = {}
        self.noted: set[str] = set()
        for text, line in maths:
            last = line + text.count("\n")
            for head in _heads_in(text):
                self.first.setdefault(head, last)

    def before(self, head: str, r: RelationLike) -> bool:
        """Whether a head was written before this relation."""
        return head in self.noted or self.first.get(head, r.line) < r.line

    def note(self, r: RelationLike) -> None:
        """What a relation writes is known after it."""
        for side in (r.lhs_expanded, r.rhs_expanded):
            self.noted.update(_heads_in(side))


def _clean(latex: str) -> str:
    return latex.strip().rstrip(".,;").strip()


def _as_written(r: RelationLike) -> str:
    return f"{_clean(r.lhs_expanded)} = {_clean(r.rhs_expanded)}"


def _binds(r: RelationLike, bound_before: bool) -> bool:
    words = r.words_before or ""
    if r.sign == ":=" or r.lhs_expanded.rstrip().endswith(":"):
        return True
    if _DEFINES.search(words):
        return True
    return bound_before and bool(_CONTINUES.match(words))


def _of_relation(r: RelationLike, binds: bool, densities: Densities, seen: Seen) -> list[Given]:
    left, right = canonical(r.lhs_expanded), canonical(r.rhs_expanded)
    if not left or not right:
        return []
    if _SUPPOSES.search(r.words_before or ""):
        return _supposed(r, left, right, densities)
    if r.sign == "sim":
        return _law(r, left, right)
    if r.sign not in ("=", ":=") or r.step > 0 or r.implicit:
        return []
    if (family := _family(r, left, right, densities)) is not None:
        return [family]
    if (law := _law_of_name(r, left, right, densities)) is not None:
        return [law]
    if (factored := _factorisation(r, left, right, densities)) is not None:
        return [factored]
    head = _head(left, densities)
    if head is None or head in _heads_in(right):
        return []
    variable = token(left)
    if variable is not None and variable.base in densities.variables:
        return _path(r, left, right, densities)
    if _refers(right) or "^*" in head or "^{*}" in head or stem(head) in _CONSTANTS:
        return []
    if stem(head).endswith("'") and seen.before(stem(head).rstrip("'"), r):
        return []  # the derivative of something known
    parametrised = (
        parameter_of(head) is not None
        and application(left) is not None
        and bool(applications(right))
    )
    if binds or parametrised or not seen.before(head, r):
        start = (
            r.line
            if binds and not re.search(r"where|recall", r.words_before or "", re.IGNORECASE)
            else 0
        )
        made = [Given("definitions", _as_written(r), r.id, r.line, binds, (), start)]
        if binds and is_name(right) and stem(right) not in _CONSTANTS:
            made.append(
                Given(
                    "definitions",
                    f"{_clean(r.rhs_expanded)} = {_clean(r.lhs_expanded)}",
                    r.id,
                    r.line,
                    binds,
                    ("swapped",),
                    start,
                )
            )
        return made
    return []


def _of_laws(inside: str, densities: Densities) -> bool:
    """Whether an entropy is one of a density or of variables by their capitals, and so needs no definition."""
    if inside.partition("|")[0].partition("(")[0] in densities.names:
        return True
    names = [n.strip() for n in re.split(r"[|,;]", inside)]
    return all(n.isalpha() and n.isupper() and n.lower() in densities.variables for n in names)


def _supposed(r: RelationLike, left: str, right: str, densities: Densities) -> list[Given]:
    """Of what is only supposed, a law in closed form is what the page goes on with."""
    if re.search(r"(?:if|otherwise)\s*(?:that)?\s*$", r.words_before or "", re.IGNORECASE):
        return []
    if r.sign == "sim":
        return _law(r, left, right)
    family = _family(r, left, right, densities) if r.sign == "=" and r.step == 0 else None
    return [family] if family is not None else []


def _refers(right: str) -> bool:
    """A bare number says nothing about a new name (`t = 1`)."""
    return bool(re.fullmatch(r"-?[\d.]+", right))


@lru_cache(maxsize=4096)
def _heads_in(side: str) -> frozenset[str]:
    """Every name with its scripts that a side mentions, as heads are written."""
    return frozenset(names_in(side))


def _head(left: str, densities: Densities) -> str | None:
    """The name that a lone left side gives a meaning to, or None."""
    applied = application(left)
    name = applied[0] if applied else left
    if not re.fullmatch(
        r"(?:\\(?:bar|tilde|hat|mathcal|dot)\{\\?[A-Za-z]+\}|\\[A-Za-z]+|[A-Za-z])'*(?:[_^](?:\{[^{}]*\}|\\[A-Za-z]+|[A-Za-z0-9*]))*",
        name,
    ):
        return None
    if applied and stem(name) in _ENTROPIES and _of_laws(applied[1], densities):
        return None
    if name in densities.names or stem(name) in (
        r"\log",
        r"\ln",
        r"\exp",
        r"\tanh",
        r"\sin",
        r"\cos",
        r"\sqrt",
        r"\max",
        r"\min",
        r"\det",
        "E",
        r"\nabla",
        r"\frac",
        r"\int",
        r"\sum",
    ):
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
    written = right if gaussian else _clean(r.rhs_expanded)
    return [Given("laws", f"{_clean(r.lhs_expanded)} \\sim {written}", r.id, r.line)]


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
        kernel = len(given) == 1 and {first.index, *indices} in (
            {"t", "t-1"},
            {"t+1", "t"},
            {"k", "k-1"},
            {"i", "i-1"},
            {"s", "s-1"},
        )
        if not kernel and not (first.index in ("T", "0") and not given):
            return None
    return Given("families", _as_written(r), r.id, r.line)


def _law_of_name(r: RelationLike, left: str, right: str, densities: Densities) -> Given | None:
    r"""`p = \mathcal{N}(\mu_1, \Sigma_1)`: a density by its bare name."""
    gaussian = _GAUSSIAN.match(right)
    if gaussian is None or left not in densities.names or re.search(r"[;|]", gaussian["inside"]):
        return None
    latex = f"{left}(x) = \\mathcal{{N}}(x; {gaussian['inside']})"
    return Given("families", latex, r.id, r.line)


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
        return Given("densities", _as_written(r), r.id, r.line)
    return None


def _path(r: RelationLike, left: str, right: str, densities: Densities) -> list[Given]:
    r"""`x_t = \sqrt{..} x_0 + ..\epsilon`: other variables and a noise, nothing conditional, no density."""
    if (
        applications(right)
        or "|" in right
        or "mathcal" in right
        or r"\theta" in right
        or "E" in letters(right)
    ):
        return []
    noises = [n for n in (r"\epsilon", r"\xi", r"\eta", r"\zeta") if n in letters(right)]
    variable = token(left)
    later = variable is not None and variable.index not in ("0", None, "t-1")
    return [Given("paths", _as_written(r), r.id, r.line)] if noises and later else []


_PROSE = re.compile(
    r"\b(?:let|letting|define|defining|denote|where|replacing|setting)\s+(?P<name>[A-Za-z])\s*:?=\s*(?P<body>[A-Za-z](?:_\w)?\([A-Za-z](?:_\w)?\))(?![\w(])",
    re.IGNORECASE,
)


def definitions_in_prose(pieces: Iterable[tuple[str, int]]) -> list[Given]:
    """`by defining y = D(x)` written without dollars; pieces: prose with its first line."""
    found: dict[str, Given] = {}
    for prose, first in pieces:
        for m in _PROSE.finditer(prose):
            line = first + prose.count("\n", 0, m.start())
            latex = f"{m['name']} = {m['body']}"
            given = Given("definitions", latex, "", line, binding=True, from_line=line)
            found.setdefault(m["name"], given)
    return list(found.values())


_MIXTURE = re.compile(
    r"KL[(\[](?P<first>[^|()\[\]]+)\|\|(?P<middle>\\?[A-Za-z]+)[)\]]\+"
    r"(?:\\frac\{1\}\{2\}|\\frac12)?(?:D_\{)?KL\}?[(\[](?P<second>[^|()\[\]]+)\|\|(?P=middle)[)\]]"
)


def mixtures_in(
    sides: Iterable[tuple[str, str, int]], densities: Densities, text: str
) -> list[Given]:
    r"""`KL(p\|m) + KL(q\|m)` beside `JSD(p, q)`: m is the mixture of p and q."""
    named = {g.latex.split("(")[0].strip() for g in densities_named_in(text, 0)}
    known = named | densities.names
    for side, _, line in sides:
        m = _MIXTURE.search(canonical(side))
        if m is None or m["middle"] in known or not {m["first"], m["second"]} <= known:
            continue
        if f"JSD({m['first']},{m['second']})" in canonical(text):
            mixture = f"\\frac{{1}}{{2}} ({m['first']}(x) + {m['second']}(x))"
            return [Given("densities", f"{m['middle']}(x) = {mixture}", "", line)]
    return []


_NAMES = r"\$[^$]{1,20}\$(?:\s*(?:,|and|, and)\s*\$[^$]{1,20}\$)*"
_DENSITIES_FOR = re.compile(
    r"(?:corresponding\s+|respective\s+)?(?:probability\s+)?densit(?:y|ies)\s+(?P<densities>"
    + _NAMES
    + r")\s*(?:of|for)\s+(?:the\s+)?"
    r"(?:distributions?|laws?|measures?)?\s*(?P<laws>" + _NAMES + r")",
    re.IGNORECASE,
)


def densities_named_in(text: str, line: int) -> list[Given]:
    r"""`the densities $f_0$, $f_1$ of $p_0$, $p_1$`: other names of the same densities."""
    found: list[Given] = []
    for m in _DENSITIES_FOR.finditer(text):
        names, laws = (re.findall(r"\$\s*([^$]+?)\s*\$", m[part]) for part in ("densities", "laws"))
        if len(names) != len(laws):
            continue
        for name, law in zip(names, laws, strict=True):
            used = next(
                (
                    a
                    for a in applications(text)
                    if a.name == canonical(name) and len(a.event) == 1 and not a.given
                ),
                None,
            )
            if used is not None and name != law:
                found.append(Given("densities", f"{canonical(name)}({used.event[0]})", "", line))
                found.append(
                    Given(
                        "densities",
                        f"{canonical(law)}({used.event[0]}) = {canonical(name)}({used.event[0]})",
                        "",
                        line,
                    )
                )
    return found


_STAR = re.compile(r"(?<![A-Za-z\\])(?P<name>[A-Za-z])(?:\^\*|\^\{\*\})")


def optima_in(sides: Iterable[tuple[str, str, int]], text: str) -> list[Given]:
    r"""`\arg\max_D F(D)` on a page that also speaks of `D^*`: the optimum of F."""
    starred = {m["name"] for m in _STAR.finditer(canonical(text))}
    found: list[Given] = []
    for side, _, line in sides:
        written = (
            canonical(side)
            .replace(r"\arg\max", "argmax")
            .replace(r"\arg\min", "argmin")
            .replace(r"\argmax", "argmax")
            .replace(r"\argmin", "argmin")
            .replace(r"\max", "max")
            .replace(r"\min", "min")
        )
        m = re.match(
            r"^(?P<kind>argmax|argmin|max|min)_(?P<of>[A-Za-z])\s*:?(?P<body>.+)$", written
        )
        if m is None or m["of"] not in starred or m["of"] not in letters(m["body"]):
            continue
        kind = "max" if "max" in m["kind"] else "min"
        if not any(g.latex.startswith(f"{m['of']}^*") for g in found):
            found.append(
                Given(
                    "optima",
                    f"{m['of']}^* = \\arg\\{kind}_{m['of']} {m['body'].strip().rstrip('.,')}",
                    "",
                    line,
                )
            )
    return found


def is_parameter(name: str) -> bool:
    """Whether a letter is a network's parameter."""
    return name in PARAMETERS or parameter_of(name) is not None
