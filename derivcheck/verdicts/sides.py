r"""The reading of a relation: the literal one, and a charitable one where the literal one is faulty.

A repair is chosen before anything is evaluated: the literal text if both sides read and no name without
meaning would get one by a repair; else the first repair (the smallest) that reads and leaves fewer names
without meaning.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import final

from derivcheck.notation import Unreadable, readings, write
from derivcheck.syntax.relations import RawRelation
from derivcheck.terms.signature import Signature
from derivcheck.terms.term import Density, FamilyDensity, Optimum, Sign, Symbol, Term
from derivcheck.verdicts.names import undeclared

MOST_READINGS = 6
SIGNS = {
    "=": "=", "<=": r"\leq", ">=": r"\geq", "<": "<", ">": ">", "!=": r"\neq", "propto": r"\propto",
    "approx": r"\approx", "sim": r"\sim", "iff": r"\iff", "implies": r"\implies", "to": r"\to", ":=": ":=", "in": r"\in",
}  # fmt: skip


@final
@dataclass(frozen=True)
class Side:
    """One side: its term, and the repaired text if it was repaired."""

    term: Term
    text: str
    repair: str | None = None


@final
@dataclass(frozen=True)
class Reading:
    """Both sides of a relation as terms; repaired: what the text was taken for, if not literally."""

    left: Side
    sign: Sign
    right: Side
    repairs: tuple[str, ...] = ()

    @property
    def reads_as(self) -> str | None:
        """The text after the repair, or None."""
        if not self.repairs:
            return None
        return f"{self.left.text} {SIGNS[self.sign]} {self.right.text}"

    @property
    def written(self) -> str:
        """The reading as unambiguous LaTeX."""
        return f"{write(self.left.term)} {SIGNS[self.sign]} {write(self.right.term)}"


@final
@dataclass(frozen=True)
class Readings:
    """The literal reading (None if the text cannot be read) and the charitable one; why neither.

    others: charitable readings by other repairs of the same size; if they disagree nothing is decided.
    """

    literal: Reading | None
    charitable: Reading | None
    reason: str = ""
    others: tuple[Reading, ...] = ()


def sides(latex: str, signature: Signature) -> tuple[Side | None, tuple[Side, ...], str]:
    """The literal and the charitable readings of one side (the first is taken), and the reason if there is none."""
    literal: Side | None = None
    best: tuple[Side, ...] = ()
    missing = 0
    reason = ""
    try:
        for term, repaired, name in islice(readings(latex, signature), 24):
            lost = len(undeclared(term, signature))
            if repaired is None:
                literal = Side(term, latex)
                best, missing = (literal,), lost
                if not lost:
                    break
            elif not best or lost < missing:
                best, missing = (Side(term, repaired, name),), lost
            elif lost == missing and best[0].repair == name:
                best = (*best, Side(term, repaired, name))
    except Unreadable as why:
        reason = str(why)
    return literal, best, reason


def read_relation(raw: RawRelation, signature: Signature) -> Readings:
    """Both readings of a relation."""
    left_literal, lefts, why_left = sides(raw.lhs_expanded, signature)
    right_literal, rights, why_right = sides(raw.rhs_expanded, signature)
    if not lefts or not rights:
        side, why = ("right", why_right) if lefts else ("left", why_left)
        return Readings(None, None, f"the {side} side is not read: {why or 'no reading'}")
    literal = None
    if left_literal is not None and right_literal is not None and not raw.implicit:
        literal = Reading(left_literal, raw.rel, right_literal)
    made = [_charitable(raw, left, right, signature) for left in lefts for right in rights]
    return Readings(literal, made[0], others=tuple(made[1:MOST_READINGS]))


def _charitable(raw: RawRelation, left: Side, right: Side, signature: Signature) -> Reading:
    repairs = tuple(s.repair for s in (left, right) if s.repair)
    if raw.implicit:
        repairs = (*repairs, raw.sign_repair or "lost sign")
    return _sign_repaired(Reading(left, raw.rel, right, repairs), signature)


def _sign_repaired(r: Reading, signature: Signature) -> Reading:
    r"""Repairs that look at both sides: argmax against max, `=` for `\sim` before a law."""
    a, b = r.left.term, r.right.term
    if r.sign == "=" and isinstance(a, Optimum) and isinstance(b, Optimum):
        pair = {a.kind, b.kind}
        if pair in ({"max", "argmax"}, {"min", "argmin"}) and (a.over == b.over or not a.over or not b.over):
            kind = a.kind if a.kind.startswith("arg") else b.kind
            over = a.over or b.over
            left, right = (replace(s, term=Optimum(kind, over, t.body), text=write(Optimum(kind, over, t.body))) for s, t in ((r.left, a), (r.right, b)))  # type: ignore[arg-type]
            return Reading(left, "=", right, (*r.repairs, f"{a.kind} against {b.kind}"))
    if r.sign == "=" and isinstance(a, Symbol) and _is_law(b, a, signature):
        return Reading(r.left, "sim", r.right, (*r.repairs, "= for ~ before a density"))
    return r


def _is_law(t: Term, variable: Symbol, signature: Signature) -> bool:
    declared = signature.symbols.get(variable.name)
    random = (declared is not None and declared.role == "variable") or any(s.variable.name == variable.name for s in signature.samples)
    if not random:
        return False
    if isinstance(t, FamilyDensity):
        return t.point is None or t.point == variable
    return isinstance(t, Density) and t.event == (variable,)
