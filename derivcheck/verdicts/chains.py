"""A relation with what the judge needs of its surroundings: its theory, its chain's sign."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from derivcheck.source import Document
from derivcheck.syntax.relations import RawRelation
from derivcheck.terms.term import Sign
from derivcheck.theories.theory import Conflict, Declaration, Theory


@final
@dataclass(frozen=True)
class Placed:
    """One relation, the declarations in force on its line, and how it hangs together with its chain.

    head_sign: the sign between the chain's first expression and this right side; None if the signs of
    the chain do not compose. inferred: something in force was inferred from this very relation. family: all
    relations of the document, which share the error level of samples.
    """

    raw: RawRelation
    declarations: tuple[Declaration, ...]
    conflicts: tuple[Conflict, ...] = ()
    head_sign: Sign | None = "="
    inferred: tuple[Declaration, ...] = ()
    family: int = 1


def placed(document: Document, relations: tuple[RawRelation, ...], theory: Theory) -> tuple[Placed, ...]:
    """Every relation with its theory and its place in its chain."""
    texts: dict[int | None, str] = {b.cell: b.page.text for b in document.blocks}
    signs: dict[int, list[Sign]] = {}
    out: list[Placed] = []
    for raw in relations:
        so_far = signs.setdefault(raw.chain, [])
        if raw.step == 0:
            so_far.clear()
        so_far.append(raw.rel)
        force = theory.at(raw.question, raw.line, texts.get(raw.cell, ""))
        own = theory.inferred_from(raw.id)
        mine = tuple(d for d in own if d in force.declarations)
        out.append(Placed(raw, force.declarations, force.conflicts, composed(tuple(so_far)), mine, len(relations)))
    return tuple(out)


def composed(signs: tuple[Sign, ...]) -> Sign | None:
    """The sign between a chain's first and last expression: = is neutral, ≤ and ≥ do not mix."""
    rest = {s for s in signs if s not in ("=", ":=")}
    if not rest:
        return "="
    if rest <= {"<", "<="}:
        return "<" if "<" in rest else "<="
    if rest <= {">", ">="}:
        return ">" if ">" in rest else ">="
    only = next(iter(rest))
    return only if len(rest) == 1 and only in ("propto", "approx") else None
