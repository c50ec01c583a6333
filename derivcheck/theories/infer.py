r"""A theory inferred from the document alone, and the theory of a document from all sources.

Main definitions: `infer` (from how the document writes), `theory_for` (declared, packs, inferred).
Only what is certain is inferred: what two names have to do with each other is left open (a doubt)
where a relation would hang on it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from derivcheck.terms.signature import Origin
from derivcheck.theories.bindings import (
    Given,
    RelationLike,
    Seen,
    definitions_in_prose,
    densities_named_in,
    given_by,
    mixtures_in,
    optima_in,
)
from derivcheck.theories.densities import Densities, densities_of
from derivcheck.theories.elbo import bounds_named_in
from derivcheck.theories.file import packs_for
from derivcheck.theories.latex import application, base_name, canonical, names_in
from derivcheck.theories.matrices import matrices_of
from derivcheck.theories.memberships import (
    constants_in,
    memberships_in,
    numbers_in,
    shapes_beside,
)
from derivcheck.theories.quantities import quantities_of
from derivcheck.theories.scan import applications, token
from derivcheck.theories.theory import (
    Declaration,
    Layer,
    Theory,
    Where,
    head_of,
    question_path,
)


class BlockLike(Protocol):
    """What inference needs of a block."""

    @property
    def kind(self) -> str:
        """Its kind."""
        ...

    @property
    def text(self) -> str:
        """Its text."""
        ...

    @property
    def question(self) -> str:
        """Its question."""
        ...

    def position(self, offset: int) -> tuple[int, int]:
        """Its position."""
        ...


class DocumentLike(Protocol):
    """What inference needs of a document."""

    @property
    def blocks(self) -> Sequence[BlockLike]:
        """Its blocks."""
        ...


def theory_for(
    document: DocumentLike,
    relations: Sequence[RelationLike],
    declared: Sequence[Theory] = (),
    *,
    use_packs: bool | None = None,
) -> Theory:
    """Everything that is known about a document: declared theories, packs (by default where nothing is declared), inference."""
    made = Theory(questions_text=tuple(_question_texts(document).items()))
    for theory in declared:
        made = made.joined(theory)
    if use_packs if use_packs is not None else not declared:
        for question, text in made.questions_text:
            made = made.joined(packs_for(question, text))
    return made.joined(infer(document, relations))


def infer(document: DocumentLike, relations: Sequence[RelationLike]) -> Theory:
    """What the document itself says about its symbols, question by question."""
    maths = _maths(document)
    texts = _question_texts(document)
    seen = Seen([pair for here in maths.values() for pair in here])
    stated: dict[tuple[str, ...], set[str]] = {}
    outright: dict[tuple[str, ...], set[str]] = {}
    layers: list[Layer] = []
    spoken: list[tuple[Declaration, int]] = []
    doubts: list[tuple[int, frozenset[str]]] = []
    for question, here in maths.items():
        of_question = [r for r in relations if r.question == question]
        densities = densities_of(here)
        text = texts.get(question, "")
        given = given_by(
            of_question, densities, seen, stated.setdefault(question_path(question)[:1], set())
        )
        given += definitions_in_prose(_prose(document, question))
        mixtures = mixtures_in(_sides(of_question), densities, text)
        named = {g.latex.split("(")[0] for g in mixtures}
        given = [g for g in given if canonical(g.latex.split("=")[0]) not in named] + mixtures
        given += optima_in(_sides(of_question), text)
        given += densities_named_in(text, _first(here))
        given += constants_in(text, _first(here))
        given += bounds_named_in(text, here, densities, of_question)
        plain = memberships_in(of_question, densities)
        plain += numbers_in(given, canonical(text))
        plain += shapes_beside(plain, here, densities)
        group = question_path(question)[:1]
        said = outright.setdefault(group, set())
        said |= {head_of(g.kind, g.latex) for g in plain}
        declarations = _declarations(
            here, densities, plain + given, frozenset(said | outright.get((), set()))
        )
        if declarations:
            layers.append(Layer("inferred", 20, (Where(exactly=question),), declarations))
        if kept := tuple(d for d in declarations if _lasts(d) and not d.binding):
            layers.append(_lasting_layer(question, here, kept))
        once = [d for d in declarations if d.kind == "definitions" and d.relation is not None]
        spoken += [(d, _first(here)) for d in once]
        doubts += _doubts(of_question, densities)
        doubts += _bare_uses(relations, declarations, densities.variables)
        doubts += _first_steps(relations, declarations)
        doubts += _of_one_number(of_question)
        doubts += _doubts_of_lines(here, densities)
    heads = Counter(d.head for d, _ in spoken)
    for d, line in spoken:  # a name that is defined once means that everywhere behind
        if heads[d.head] == 1:
            layers.append(Layer("inferred", 4, (Where(from_line=line),), (d,)))
    return Theory(tuple(layers), tuple(doubts))


_SAID = ("matrices", "parameters", "variables")

# what a display says for the questions that follow it
_LASTING = (
    "densities",
    "families",
    "laws",
    "paths",
    "definitions",
    "optima",
    "variables",
    "sequences",
    "networks",
    "functions",
)


def _lasts(d: Declaration) -> bool:
    """Whether a declaration holds for later questions: a kind that was only guessed does not."""
    return d.kind in _LASTING or (d.kind in ("matrices", "parameters") and d.detail == ("said",))


def _lasting_layer(
    question: str, here: list[tuple[str, int]], kept: tuple[Declaration, ...]
) -> Layer:
    """What a question says holds for the later ones of its group; what stands before all questions, everywhere."""
    group = question_path(question)[:1]
    if not group:
        return Layer("inferred", 5, (), kept)
    return Layer("inferred", 10, (Where(questions=group), Where(from_line=_first(here))), kept)


def _first(here: list[tuple[str, int]]) -> int:
    return min((line for _, line in here), default=0)


def _maths(document: DocumentLike) -> dict[str, list[tuple[str, int]]]:
    found: dict[str, list[tuple[str, int]]] = {}
    for block in document.blocks:
        if block.kind == "math":
            found.setdefault(block.question, []).append((block.text, block.position(0)[0]))
    return found


def _prose(document: DocumentLike, question: str) -> list[tuple[str, int]]:
    return [
        (b.text, b.position(0)[0])
        for b in document.blocks
        if b.kind != "math" and b.question == question and b.text
    ]


def _question_texts(document: DocumentLike) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for block in document.blocks:
        piece = f" ${block.text}$ " if block.kind == "math" else block.text
        found.setdefault(block.question, []).append(piece)
    return {question: "".join(pieces) for question, pieces in found.items()}


def _sides(relations: Sequence[RelationLike]) -> list[tuple[str, str, int]]:
    return [(side, r.id, r.line) for r in relations for side in (r.lhs_expanded, r.rhs_expanded)]


def _declarations(
    here: list[tuple[str, int]],
    densities: Densities,
    given: list[Given],
    said: frozenset[str] = frozenset(),
) -> tuple[Declaration, ...]:
    """What one question declares; of the names in `said` the text says outright what they are."""
    made: list[Declaration] = []

    def origin(line: int, latex: str) -> Origin:
        return Origin("inferred", f"line {line}", line, latex)

    stated = {g.latex.split("=")[0].split("(")[0].strip() for g in given if g.kind == "densities"}
    for g in given:
        where, relation = origin(g.line, g.latex), g.relation or None
        detail = ("said",) if g.kind in _SAID else g.detail
        d = Declaration(g.kind, g.latex, where, detail, g.binding, relation, g.from_line)
        made.append(d)
    for f in densities.found:
        if f.latex.split("=")[0].split("(")[0].strip() in stated:
            continue
        kind = "definitions" if f.kind == "definitions" else "densities"
        latex = _as_its_families_say(f.latex, given)
        made.append(Declaration(kind, latex, origin(f.line, latex)))
    stated_quantities = [(g.kind, g.latex, g.line) for g in given]
    quantities = (*quantities_of(here, densities, stated_quantities), *matrices_of(here, densities))
    guessed = (q for q in quantities if head_of(q.kind, q.latex) not in said)
    made += (Declaration(q.kind, q.latex, origin(q.line, q.latex)) for q in guessed)
    return tuple(dict.fromkeys(made))


def _as_its_families_say(latex: str, given: list[Given]) -> str:
    r"""`p(x, y)` is `p(y|x) p(x)` where `p(y|x)` is given in closed form."""
    joint = applications(latex)
    if len(joint) != 1 or joint[0].given or "=" in latex:
        return latex
    for g in given:
        found = applications(g.latex)[:1] if g.kind == "families" else []
        if not found or found[0].name != joint[0].name or not found[0].given:
            continue
        event, conditions = list(found[0].event), list(found[0].given)
        if sorted(map(canonical, (*event, *conditions))) == sorted(map(canonical, joint[0].event)):
            name, y, x = joint[0].name, ", ".join(event), ", ".join(conditions)
            return f"{latex} = {name}({y}|{x}) {name}({x})"
    return latex


def _names_in(latex: str) -> set[str]:
    written = {a.name for a in applications(latex)}
    bare = set(
        re.findall(
            r"(?<![A-Za-z\\])[pqPQ](?:_(?:\{[^{}]*\}|\\[A-Za-z]+|\w))?(?![A-Za-z_(])",
            canonical(latex),
        )
    )
    return written | bare


def _doubts(
    relations: Sequence[RelationLike], densities: Densities
) -> list[tuple[int, frozenset[str]]]:
    """Lines whose relation uses two names that may or may not be one density."""
    found: list[tuple[int, frozenset[str]]] = []
    for r in relations:
        names = _names_in(r.lhs_expanded) | _names_in(r.rhs_expanded)
        doubtful = {n for pair in densities.related if set(pair) <= names for n in pair}
        if doubtful:
            found.append((r.line, frozenset(doubtful)))
    return found


def _bare_uses(
    relations: Sequence[RelationLike],
    declarations: tuple[Declaration, ...],
    variables: tuple[str, ...],
) -> list[tuple[int, frozenset[str]]]:
    """Lines that write `L_{t-1}` where `L_{t-1}(x_0)` was defined: at which x_0 is not said."""
    found: list[tuple[int, frozenset[str]]] = []
    defined = [d for d in declarations if d.kind == "definitions"]
    for d in defined:
        applied = application(d.head)
        if applied is None or not names_of_variables(applied[1]) & set(variables):
            continue
        family = frozenset(e.head for e in defined if base_name(e.head) == base_name(d.head))
        bare = re.compile(r"(?<![A-Za-z\\])" + re.escape(applied[0]) + r"(?![A-Za-z(_^])")
        found += [(r.line, family) for r in relations if _says(r, bare)]
    return found


def names_of_variables(arguments: str) -> set[str]:
    """The variables among the arguments of a head."""
    tokens = (token(a) for a in re.split(r"[,;]", arguments))
    return {t.base for t in tokens if t is not None}


def _first_steps(
    relations: Sequence[RelationLike], declarations: tuple[Declaration, ...]
) -> list[tuple[int, frozenset[str]]]:
    r"""`\sigma_t^2 = \tilde\beta_t` was said of a free t; a line about `\sigma_1` may mean something else."""
    found: list[tuple[int, frozenset[str]]] = []
    for d in declarations:
        if d.detail == ("swapped",) and re.search(r"_t(?![A-Za-z])", d.head):
            fixed = re.compile(re.escape(base_name(d.head)) + r"_[0-9]")
            found += [(r.line, frozenset({d.head})) for r in relations if _says(r, fixed)]
    return found


_UNIVARIATE = re.compile(
    r"\\mathcal\{N\}\((?:[^;|(),]*[;|])?(?P<mean>[^,()]+),(?P<variance>[^()]*)\)"
)


def _of_one_number(relations: Sequence[RelationLike]) -> list[tuple[int, frozenset[str]]]:
    r"""In a line with `\mathcal{N}(\mu_1, \sigma_1^2)` the mean is one number, whatever it is elsewhere."""
    found: list[tuple[int, frozenset[str]]] = []
    for r in relations:
        for m in _UNIVARIATE.finditer(canonical(f"{r.lhs_expanded} = {r.rhs_expanded}")):
            if r"\sigma" in m["variance"] and "I" not in m["variance"]:
                found.append((r.line, frozenset(names_in(m["mean"]))))  # noqa: PERF401 - a nest of three is no comprehension
    return found


def _says(r: RelationLike, pattern: re.Pattern[str]) -> bool:
    return any(pattern.search(canonical(side)) for side in (r.lhs_expanded, r.rhs_expanded))


def _doubts_of_lines(
    here: list[tuple[str, int]], densities: Densities
) -> list[tuple[int, frozenset[str]]]:
    found: list[tuple[int, frozenset[str]]] = []
    for text, line in here:
        names = _names_in(text)
        doubtful = {n for pair in densities.related if set(pair) <= names for n in pair}
        if doubtful:
            found.append((line, frozenset(doubtful)))
    return found
