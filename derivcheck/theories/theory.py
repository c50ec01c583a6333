r"""Which declarations are in force at a place of a document, strongest first.

Main definitions: `Declaration`, `Layer`, `Theory`. Strength: declared; then a binding in the text
("Let X = ..") until its question ends; packs; inferred. Within one strength an inner scope beats an
outer one. A declared pattern (`\mu_{x_t}`) and a binding of one instance (`\mu_{x_3}`) both hold.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Literal

from derivcheck.terms.signature import Origin
from derivcheck.theories.latex import (
    application,
    base_name,
    canonical,
    depth_split,
    equation,
    membership,
    names_in,
    sampled,
    split_list,
)

Kind = Literal[
    "variables", "densities", "chains", "independent", "moments", "families", "laws", "paths", "sequences", "parameters",
    "functions", "networks", "matrices", "time_dependent", "fixed", "optima", "definitions", "aliases", "flows",
    "const", "propto", "minima", "index",
]  # fmt: skip

# kinds that say what a name is: two of them for one name are one declaration of it
_ADD_UP = ("densities", "chains", "independent", "paths", "variables", "sequences")
_TYPES = ("variables", "sequences", "parameters", "functions", "networks", "matrices")


@dataclass(frozen=True)
class Declaration:
    r"""One declaration in LaTeX.

    latex: as written; for moments the moment's name, for `index` the letter.
    detail: for moments (kind, density), for optima the feasible members, for `index` its range (lower, upper).
    binding: the text itself says so ("Let X =", "where X ="), which beats the theory until the question ends.
    relation: the relation it was inferred from; that one is an assumption then.
    """

    kind: Kind
    latex: str
    origin: Origin
    detail: tuple[str, ...] = ()
    binding: bool = False
    relation: str | None = None
    from_line: int = 0  # "Let X = .." holds from its line on

    @cached_property
    def head(self) -> str:
        r"""What it declares, in one spelling: `q(x_t|x_{t-1})`, `\bar{\alpha}_t`, a chain's name."""
        return head_of(self.kind, self.latex)

    @property
    def slot(self) -> tuple[str, str]:
        """Two declarations of one slot cannot both hold."""
        group = (
            "type"
            if self.kind in _TYPES
            else "meaning"
            if self.kind in ("definitions", "moments", "paths", "optima")
            else self.kind
        )
        return group, self.head


@lru_cache(maxsize=8192)
def head_of(kind: str, latex: str) -> str:
    """The declared thing without its meaning, in one spelling."""
    if kind in ("densities", "chains"):
        name = application((equation(latex) or (latex, ""))[0])
        return canonical(name[0]) if name else canonical(latex)
    if kind in _TYPES:
        left = (membership(latex) or _compared(latex) or (latex, ""))[0]
        name = application(left)
        return (
            canonical(name[0])
            if name
            else base_name(left)
            if kind in ("variables", "sequences")
            else canonical(left)
        )
    if kind in ("laws", "independent"):
        return canonical((sampled(latex) or (latex, ""))[0])
    if kind in ("time_dependent", "fixed", "index", "moments"):
        return canonical(latex)
    if kind in ("const", "propto", "minima"):
        return kind
    return re.sub(
        r"\(t\)$", "", canonical((equation(latex) or (latex, ""))[0])
    )  # W(t) is W at a time


_ORDER = re.compile(r"\\geq?(?![A-Za-z])|\\leq?(?![A-Za-z])|>=?|<=?")


def _compared(latex: str) -> tuple[str, str] | None:
    pieces = depth_split(latex, _ORDER)
    return (pieces[0][0], pieces[1][0]) if len(pieces) > 1 else None


@dataclass(frozen=True)
class Where:
    """Where a layer holds: questions, a stretch of the document, what the question's text uses."""

    questions: tuple[str, ...] = ()
    after: str | None = None
    until: str | None = None
    uses: tuple[str, ...] = ()
    uses_all: tuple[str, ...] = ()
    not_uses: tuple[str, ...] = ()
    exactly: str | None = None  # this question and no other, as the document names it
    from_line: int = 0  # only from this line on

    def holds(self, question: str, line: int, text: str, question_text: str | None = None) -> bool:
        """Whether this place lies within."""
        return (
            (self.exactly is None or self.exactly == question)
            and line >= self.from_line
            and (not self.questions or any(within(question, q) for q in self.questions))
            and self._in_stretch(line, text)
            and self.fits(question_text if question_text is not None else text)
        )

    def fits(self, text: str) -> bool:
        """Whether what the text uses is as asked."""
        used = canonical_text(text) if self.uses or self.uses_all or self.not_uses else ""
        return (
            (not self.uses or any(uses(used, u) for u in self.uses))
            and all(uses(used, u) for u in self.uses_all)
            and not any(uses(used, u) for u in self.not_uses)
        )

    def _in_stretch(self, line: int, text: str) -> bool:
        if self.after is None and self.until is None:
            return True
        start, end = stretch(text, self.after, self.until)
        return start is not None and start <= line < end


def within(question: str, asked: str) -> bool:
    """Whether a question is the asked one or lies below it: 4.1 is in 4; `1 (c)` is in `Problem 1`."""
    have, want = question_path(question), question_path(asked)
    return bool(want) and have[: len(want)] == want


@lru_cache(maxsize=1024)
def question_path(question: str) -> tuple[str, ...]:
    """`Problem 3.2 (b)` -> ("3", "2", "b")."""
    text = re.sub(r"(?i)\b(?:problem|question|exercise|part|section|task|ex|q)\b\.?", " ", question)
    return tuple(re.findall(r"\d+|[a-z]+", text.lower()))


@lru_cache(maxsize=256)
def stretch(text: str, after: str | None, until: str | None) -> tuple[int | None, float]:
    """Lines from the words `after` up to the words `until` (not included); None if `after` does not occur."""
    start, offset = 1, 0
    if after is not None:
        at = _find(text, after, 0)
        if at is None:
            return None, 0
        start, offset = text.count("\n", 0, at[0]) + 1, at[1]
    if until is not None and (end := _find(text, until, offset)) is not None:
        return start, text.count("\n", 0, end[0]) + 1
    return start, float("inf")


def _find(text: str, words: str, offset: int) -> tuple[int, int] | None:
    pattern = r"\s*".join(re.escape(c) for c in re.sub(r"\s+", "", words))
    found = re.compile(pattern).search(text, offset) if pattern else None
    return found.span() if found else None


@lru_cache(maxsize=512)
def canonical_text(text: str) -> str:
    """A stretch of a document in which fragments of LaTeX can be looked for."""
    return "\n".join(canonical(line) for line in text.splitlines())


def uses(canonical_document: str, fragment: str) -> bool:
    """Whether a fragment stands in the text, not as part of a longer name."""
    wanted = canonical(fragment)
    before = r"(?<![A-Za-z\\_])" if re.match(r"[A-Za-z]", wanted) else ""
    after = r"(?![A-Za-z])" if re.search(r"[A-Za-z]$", wanted) else ""
    return re.search(before + re.escape(wanted) + after, canonical_document) is not None


@dataclass(frozen=True)
class Layer:
    """Declarations that hold at the same places with the same strength."""

    strength: Literal["declared", "pack", "inferred"]
    depth: int
    where: tuple[Where, ...]
    declarations: tuple[Declaration, ...]

    def holds(self, question: str, line: int, text: str, question_text: str | None) -> bool:
        """Whether the layer is in force there; nested scopes must all hold."""
        return all(w.holds(question, line, text, question_text) for w in self.where)


@dataclass(frozen=True)
class Conflict:
    """A weaker declaration that says otherwise than a stronger one of the same thing."""

    stronger: Declaration
    weaker: Declaration

    def __str__(self) -> str:
        return f"{self.stronger.origin.where} says `{self.stronger.latex}`; {self.weaker.origin.where} says `{self.weaker.latex}`"


@dataclass(frozen=True)
class InForce:
    """The declarations in force at a place, strongest first, and what they overrule."""

    declarations: tuple[Declaration, ...]
    conflicts: tuple[Conflict, ...] = ()


_RANK = {"declared": 1, "pack": 2, "inferred": 3}


@dataclass(frozen=True)
class Theory:
    """Everything that is known about a document's symbols, from all sources.

    doubts: names (densities) whose inferred meaning is not certain on a line; they stay undeclared there.
    questions_text: what each question writes, for scopes that ask what a text uses.
    """

    layers: tuple[Layer, ...] = ()
    doubts: tuple[tuple[int, frozenset[str]], ...] = ()
    questions_text: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    packs: tuple[str, ...] = ()

    def joined(self, *others: Theory) -> Theory:
        """This theory and others together; strength decides, not the order, except within one strength."""
        made = self
        for other in others:
            made = replace(
                made,
                layers=made.layers + other.layers,
                doubts=made.doubts + other.doubts,
                questions_text=made.questions_text + other.questions_text,
                packs=made.packs + other.packs,
            )
        return made

    def in_force(self, question: str, line: int, text: str) -> tuple[Declaration, ...]:
        """The declarations in force at a line of a question, strongest first."""
        return self.at(question, line, text).declarations

    def at(self, question: str, line: int, text: str) -> InForce:
        """The declarations in force at a line, with the conflicts that strength has settled."""
        question_text = dict(self.questions_text).get(question)
        holding = [
            layer for layer in self.layers if layer.holds(question, line, text, question_text)
        ]
        holding.sort(key=lambda layer: (_RANK[layer.strength], -layer.depth))
        doubtful = frozenset[str]().union(*(names for at, names in self.doubts if at == line))
        later = frozenset(d for layer in holding for d in layer.declarations if d.from_line > line)
        return _settled(tuple(holding), doubtful, later)

    def inferred_from(self, relation: str) -> tuple[Declaration, ...]:
        """What was inferred from a relation; if anything, the relation is an assumption."""
        return self._by_relation.get(relation, ())

    @cached_property
    def _by_relation(self) -> dict[str, tuple[Declaration, ...]]:
        found: dict[str, tuple[Declaration, ...]] = {}
        for layer in self.layers:
            for d in layer.declarations:
                if d.relation is not None:
                    found[d.relation] = (*found.get(d.relation, ()), d)
        return found


@lru_cache(maxsize=512)
def _settled(
    layers: tuple[Layer, ...], doubtful: frozenset[str], later: frozenset[Declaration]
) -> InForce:
    ordered = sorted(
        ((d, layer) for layer in layers for d in layer.declarations), key=lambda pair: _order(*pair)
    )
    taken: dict[tuple[str, str], tuple[Declaration, Layer]] = {}
    kept: list[Declaration] = []
    conflicts: list[Conflict] = []
    bodies: dict[str, frozenset[str]] = {}
    bases: set[str] = set()  # letters that mean something: no shape is guessed for them
    renamed: set[str] = set()  # what an alias calls a slip of the pen is not something of its own
    for d, layer in ordered:
        if d in later or (
            d.origin.kind == "inferred" and (d.head in doubtful or d.head in renamed)
        ):
            continue
        if d.kind == "aliases":
            renamed.add(d.head)
        if d.origin.kind == "inferred" and d.kind in ("matrices", "parameters"):
            if base_name(d.head) in bases:
                continue
        else:
            bases.add(base_name(d.head))
        above, its_layer = taken.get(d.slot) or _overruling(d, taken) or (None, layer)
        if above is None:
            if _idle(d, kept) or (d.origin.kind == "inferred" and _circular(d, bodies)):
                continue
            taken[d.slot] = d, layer
            kept.append(d)
            bodies.setdefault(*_edge(d))
        elif (
            its_layer.strength == layer.strength
            and its_layer.depth == layer.depth
            and _together(above, d)
        ):
            kept.append(d)
        elif d.relation is not None and canonical(above.latex) != canonical(d.latex):
            conflicts.append(Conflict(above, d))
    return InForce(tuple(kept), tuple(conflicts))


def _order(d: Declaration, layer: Layer) -> tuple[int, int]:
    """Declared, then what the text binds, packs, what the text binds to another name, inferred."""
    if d.binding:
        return (4, 0) if is_name(body_of(d.latex)) else (2, 0)
    return {"declared": 1, "pack": 3, "inferred": 5}[layer.strength], -layer.depth


def body_of(latex: str) -> str:
    """The right side of a definition."""
    pair = equation(latex)
    return pair[1] if pair else ""


def is_name(latex: str) -> bool:
    """A lone name, or its square."""
    return bool(
        re.fullmatch(
            r"\\?[A-Za-z]+(?:\{\\?[A-Za-z]+\})?'*(?:_(?:\{[^{}]*\}|\w|\\[A-Za-z]+))?(?:\^2)?",
            canonical(latex),
        )
    )


def _idle(d: Declaration, kept: list[Declaration]) -> bool:
    """The other way round of an equation between two names, where the one way is in force already."""
    return d.detail == ("swapped",) and any(
        k.relation == d.relation and k.relation is not None for k in kept
    )


def _edge(d: Declaration) -> tuple[str, frozenset[str]]:
    if d.kind != "definitions":
        return "", frozenset()
    return base_name(d.head), frozenset(base_name(n) for n in names_in(body_of(d.latex)))


def _circular(d: Declaration, bodies: dict[str, frozenset[str]]) -> bool:
    """Whether an inferred definition would lead back to itself through what is in force."""
    head, reached = _edge(d)
    if not head:
        return False
    waiting, seen = list(reached), set[str]()
    while waiting:
        name = waiting.pop()
        if name == head:
            return True
        if name not in seen:
            seen.add(name)
            waiting.extend(bodies.get(name, ()))
    return False


def _together(above: Declaration, below: Declaration) -> bool:
    """Several statements about one name from one place add up (densities, paths with different noises)."""
    return above.kind == below.kind and above.kind in _ADD_UP


_FREE = ("sequences", "parameters", "functions", "variables")


def _overruling(
    d: Declaration, taken: dict[tuple[str, str], tuple[Declaration, Layer]]
) -> tuple[Declaration, Layer] | None:
    """A stronger meaning of another kind that leaves no room for an inferred one."""
    if d.origin.kind != "inferred":
        return None
    if d.kind in ("densities", "chains"):
        return (
            taken.get(("densities", d.head))
            or taken.get(("chains", d.head))
            or taken.get(("meaning", d.head))
            or _functional(d.head, taken)
        )
    if d.slot[0] == "type":
        found = taken.get(("densities", d.head)) or taken.get(("chains", d.head))
        return (
            found
            or taken.get(("index", d.head))
            or _moving(taken.get(("meaning", d.head)))
            or _parametrised(d, taken)
        )
    if d.kind == "families" and (applied := application(d.head)) is not None:
        chain = taken.get(("densities", canonical(applied[0])))
        if chain is not None and "\\prod" in chain[0].latex and not _is_kernel(d.head, chain[0]):
            return chain
        return _follows(applied, taken)
    if d.kind == "definitions" and not d.binding:
        name = application(d.head)
        declared = taken.get(("type", canonical(name[0]) if name else d.head)) or taken.get(
            ("type", base_name(d.head))
        )
        if (
            declared is not None
            and declared[0].origin.kind == "declared"
            and declared[0].kind in _FREE
        ):
            return declared
        if name is not None:
            return _general(name, taken)
    return None


def _functional(
    name: str, taken: dict[tuple[str, str], tuple[Declaration, Layer]]
) -> tuple[Declaration, Layer] | None:
    r"""A declared function of parameters or laws, `Q(\theta, \theta')`: no density, whatever its letter."""
    for (group, head), found in taken.items():
        own = application(head) if group == "meaning" else None
        if own is None or own[0] != name or found[0].kind != "definitions":
            continue
        if found[0].origin.kind != "declared" or "|" in own[1]:
            continue
        if any(_below(n, taken) is not None for n in names_in(own[1])):
            return found
    return None


def _parametrised(
    d: Declaration, taken: dict[tuple[str, str], tuple[Declaration, Layer]]
) -> tuple[Declaration, Layer] | None:
    r"""A declared density that carries the name below, `p_\theta`: then that is a parameter and no variable."""
    return _below(d.head, taken) if d.kind == "variables" else None


def _below(
    name: str, taken: dict[tuple[str, str], tuple[Declaration, Layer]]
) -> tuple[Declaration, Layer] | None:
    """A declared density that carries a name below its own."""
    below = re.compile(r"_(?:\{[^{}]*)?" + re.escape(base_name(name)) + r"(?![A-Za-z])")
    for (group, head), found in taken.items():
        if group == "densities" and found[0].origin.kind == "declared" and below.search(head):
            return found
    return None


def _general(
    applied: tuple[str, str], taken: dict[tuple[str, str], tuple[Declaration, Layer]]
) -> tuple[Declaration, Layer] | None:
    """The definition that a theory gives a function at its formals: at other arguments a display is a claim."""
    arguments = len(split_list(applied[1].replace(";", ",")))
    for (group, head), found in taken.items():
        own = application(head) if group == "meaning" else None
        if own is None or own[0] != applied[0] or found[0].kind != "definitions":
            continue
        said = found[0].origin.kind != "inferred" and not found[0].binding
        if said and len(split_list(own[1].replace(";", ","))) == arguments:
            return found
    return None


def _follows(
    applied: tuple[str, str], taken: dict[tuple[str, str], tuple[Declaration, Layer]]
) -> tuple[Declaration, Layer] | None:
    """A declared family, if declared families describe all variables of an inferred one: that one is a claim."""
    described: set[str] = set()
    last: tuple[Declaration, Layer] | None = None
    for (group, head), found in taken.items():
        own = application(head) if group == "families" else None
        if own is None or own[0] != applied[0] or found[0].origin.kind != "declared":
            continue
        described.update(names_in(re.split(r"[|;]", own[1])[0]))
        last = found
    return last if set(names_in(applied[1])) <= described else None


def _is_kernel(head: str, chain: Declaration) -> bool:
    """Whether a head is one of the factors that a chain is declared with; all else follows from them."""
    pair = equation(chain.latex)
    return pair is not None and head in canonical(pair[1])


def _moving(found: tuple[Declaration, Layer] | None) -> tuple[Declaration, Layer] | None:
    """A type is idle beside a definition, not beside a path."""
    return found if found is not None and found[0].kind != "paths" else None
