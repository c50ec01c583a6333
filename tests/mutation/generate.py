"""The mutants of the gold documents: which relations are edited, on which side, how."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from derivcheck.pipeline import prepare
from derivcheck.verdicts.chains import Placed
from tests.mutation.operators import densities_of, mutants, signs_for
from tests.support.gold import Labelled, documents, labelled
from tests.support.latex import Text

SPLIT = {"=": ("=",), "<=": (r"\leq", r"\le"), ">=": (r"\geq", r"\ge"), "approx": (r"\approx",), "propto": (r"\propto",), "sim": (r"\sim",)}


@dataclass(frozen=True)
class Base:
    """A true relation whose literal text can be judged."""

    document: str
    id: str
    placed: Placed
    lhs: str
    rel: str
    rhs: str
    spelled: frozenset[str]


@dataclass(frozen=True)
class Mutant:
    """A base with one edit."""

    base: Base
    kind: str
    side: str  # left, right, sign
    lhs: str
    rel: str
    rhs: str


def bases(document: Path, *, with_theory: bool = True) -> Iterator[Base]:
    """The true relations of a document; a faulty text is taken as its gold label repairs it."""
    found = labelled(document, with_theory=with_theory)
    for one in found:
        if one.gold["verdict"] != "correct":
            continue
        texts = _texts(one)
        if texts is not None:
            question = frozenset(d for o in found if o.placed.raw.question == one.placed.raw.question for s in (o.placed.raw.lhs_expanded, o.placed.raw.rhs_expanded) for d in densities_of(s))
            yield Base(one.document, one.gold["id"], one.placed, texts[0], texts[1], texts[2], question)


def _texts(one: Labelled) -> tuple[str, str, str] | None:
    gold, raw = one.gold, one.placed.raw
    if gold.get("strict_verdict") in (None, "correct") or (gold.get("implicit") and not gold.get("reads_as")):
        return raw.lhs_expanded, raw.rel, raw.rhs_expanded
    if gold.get("reads_as"):
        return split(gold["reads_as"])
    return None


def split(latex: str) -> tuple[str, str, str] | None:
    """`a = b` at its only sign outside brackets."""
    text = Text(latex)
    level = text.levels[0]
    for rel, spellings in SPLIT.items():
        places = [i for i in text.top(level) if text.tokens[i] in spellings and not text.script[i]]
        if len(places) == 1:
            i = places[0]
            return "".join(text.tokens[:i]).strip(), rel, "".join(text.tokens[i + 1 :]).strip()
    return None


def mutants_of(base: Base) -> Iterator[Mutant]:
    r"""Every edit of one side of a base. An inequality is only turned round: other edits may leave it true.

    A sampling statement (`x \\sim p`) claims nothing that could be false.
    """
    for rel in signs_for(base.rel):
        yield Mutant(base, "turn an inequality round", "sign", base.lhs, rel, base.rhs)
    if base.rel in ("<=", ">=", "<", ">", "to", "in", "sim"):
        return
    for kind, text in mutants(base.rhs, base.spelled):
        if not _same(text, base.lhs):
            yield Mutant(base, kind, "right", base.lhs, base.rel, text)
    for kind, text in mutants(base.lhs, base.spelled):
        if not _same(text, base.rhs):
            yield Mutant(base, kind, "left", text, base.rel, base.rhs)


def _same(a: str, b: str) -> bool:
    return re.sub(r"\s", "", a) == re.sub(r"\s", "", b)


def proofs() -> tuple[Path, ...]:
    """The proofs: documents whose front matter is their theory, all of whose relations are true."""
    return tuple(sorted((Path(__file__).parents[2] / "proofs").glob("*/*.md")))


def bases_of_proof(document: Path) -> Iterator[Base]:
    """The relations of a proof."""
    found = prepare(str(document), []).relations
    for p in found:
        question = frozenset(d for o in found if o.raw.question == p.raw.question for s in (o.raw.lhs_expanded, o.raw.rhs_expanded) for d in densities_of(s))
        yield Base(f"{document.parent.name}/{document.stem}", p.raw.id, p, p.raw.lhs_expanded, p.raw.rel, p.raw.rhs_expanded, question)


def sample_of_proofs(per_kind: int, *, seed: int = 0) -> list[Mutant]:
    """At most per_kind mutants of each kind for each relation of the proofs, in document order."""
    return [m for document in proofs() for base in bases_of_proof(document) for m in _drawn(base, per_kind, seed)]


def _drawn(base: Base, per_kind: int, seed: int) -> Iterator[Mutant]:
    draw = random.Random(f"{seed} {base.document} {base.id}")
    by_kind: dict[str, list[Mutant]] = {}
    for m in mutants_of(base):
        by_kind.setdefault(m.kind, []).append(m)
    for found in by_kind.values():
        yield from draw.sample(found, min(per_kind, len(found)))


def sample(per_kind: int, *, seed: int = 0, with_theory: bool = True) -> list[Mutant]:
    """At most per_kind mutants of each kind for each relation, in document order."""
    made: list[Mutant] = []
    for document in documents():
        if not (document.parents[1] / "gold" / f"{document.stem}.yaml").exists():
            continue
        for base in bases(document, with_theory=with_theory):
            made += _drawn(base, per_kind, seed)
    return made
