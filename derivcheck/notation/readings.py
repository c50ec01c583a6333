r"""The literal reading of one side and its repairs: a closed list, in a fixed order, nothing evaluated.

Main definitions: `readings`, `Reading`.

The order: the text as it stands; where that cannot be read, the smallest bracket edits that can (all of
the same size: the caller decides what to do with two). Each of these also with the theory's aliases put
in, and with a capital for the same small letter where only the small one is declared.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from derivcheck.notation.faults import Unreadable
from derivcheck.notation.lexicon import lexicon_of
from derivcheck.notation.names import compose, split_name
from derivcheck.notation.read import read
from derivcheck.notation.writer import write
from derivcheck.syntax.brackets import bracket_repairs
from derivcheck.terms.substitute import rebuild
from derivcheck.terms.term import Call, Symbol, SymbolRange, Term

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from derivcheck.terms.signature import Signature


class Reading(NamedTuple):
    """A term, the text after the repair (None: as it stands), and the repair's name.

    repair: "" for the literal reading, `bracket`, `alias`, `case`, or several joined by `+`.
    """

    term: Term
    latex: str | None
    repair: str


def readings(latex: str, signature: Signature) -> Iterator[Reading]:
    """The literal reading first, then the repaired ones.

    Raises:
        Unreadable: there is no reading at all; the fault is that of the literal text.
    """
    try:
        found = [Reading(read(latex, signature), None, "")]
    except Unreadable as fault:
        found = list(_bracketed(latex, signature))
        if not found:
            raise fault from None
    for reading in found:
        yield reading
    for reading in found:
        yield from _renamed(reading, signature)


def _bracketed(latex: str, signature: Signature) -> Iterator[Reading]:
    size: int | None = None
    seen: set[Term] = set()
    for text, edits in bracket_repairs(latex):
        if size is not None and edits > size:
            return
        try:
            term = read(text, signature)
        except Unreadable:
            continue
        size = edits
        if term not in seen:
            seen.add(term)
            yield Reading(term, text, "bracket")


# --- names ---------------------------------------------------------------------------------------


def _renamed(reading: Reading, signature: Signature) -> Iterator[Reading]:
    aliases = {
        name: other for name, other in signature.aliases.items() if name in reading.term.names
    }
    capitals = _capitals(reading.term, signature)
    for names, repair in (
        (aliases, "alias"),
        (capitals, "case"),
        (aliases | capitals, "alias+case"),
    ):
        if not names or (repair == "alias+case" and not (aliases and capitals)):
            continue
        term = renamed(reading.term, names)
        if term != reading.term:
            yield Reading(
                term, write(term), f"{reading.repair}+{repair}" if reading.repair else repair
            )


def _capitals(term: Term, signature: Signature) -> dict[str, str]:
    """Undeclared names whose letter is declared only in the other case."""
    lexicon = lexicon_of(signature)
    found: dict[str, str] = {}
    formal = {a.name for d in signature.definitions if isinstance(d.head, Call) for a in d.head.arguments if isinstance(a, Symbol)}  # fmt: skip
    for name in term.names - formal:
        if len(name) == 1 and name.isalpha() and not lexicon.knows(name):
            other = name.swapcase()
            if lexicon.role(other) == "symbol" and name.isupper():
                found[name] = other
    return found


def renamed(term: Term, names: Mapping[str, str]) -> Term:
    """A term with names replaced wherever they stand."""
    return mapped(term, lambda part: _named(part, names))


def _named(part: Term, names: Mapping[str, str]) -> Term:
    for attribute in ("name", "function"):
        value = getattr(part, attribute, None)
        if isinstance(value, str) and value in names:
            if attribute == "name" and isinstance(part, Symbol | SymbolRange):
                base, labels, mark = split_name(names[value])
                return replace(part, name=compose(base, labels, mark))
            return replace(part, **{attribute: names[value]})  # type: ignore[arg-type]
    return part


def mapped(term: Term, change: Callable[[Term], Term]) -> Term:
    """A term rebuilt from below with `change` applied to every part."""
    return change(rebuild(term, lambda part: mapped(part, change)))
