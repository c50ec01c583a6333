r"""The names of declarations, spelled as the reader spells them.

Main definitions: `declared_name` (a name that is being introduced), `written_index` (a name with its
index, by what is known), `Heads` (the left sides of definitions).
"""

from __future__ import annotations

from dataclasses import replace

from derivcheck.notation.faults import NotMathematics
from derivcheck.notation.lexicon import lexicon_of
from derivcheck.notation.names import NameParts, compose, labels_of, parts_of
from derivcheck.notation.read import items_of, read
from derivcheck.notation.reader import Reader, State
from derivcheck.notation.resolve import resolve
from derivcheck.terms.signature import DensityDeclaration, Signature
from derivcheck.terms.term import Call, Density, Symbol, Term
from derivcheck.theories.latex import application, split_list, without_dollars
from derivcheck.theories.scan import applications


def _parts(latex: str) -> NameParts:
    items = items_of(without_dollars(latex))
    found = parts_of(items[0]) if len(items) == 1 else None
    if found is None or found.above:
        raise NotMathematics(f"{latex!r} is not a name")
    return found


def declared_name(latex: str, *, indices: bool) -> tuple[str, int]:
    r"""The canonical name that a declaration introduces, and its index slots.

    indices: whether what may be an index is one (`x_t`, `\beta_t`); else all of it is part of the name
    (`W_p`, `\lambda_0`, `p_t`).
    """
    parts = _parts(latex)
    kept = [p for p in parts.below if not (indices and p.kind in ("index", "range"))]
    slots = len(parts.below) - len(kept) + len(parts.above_index)
    return compose(parts.base, labels_of(kept), parts.mark), slots


def written_index(latex: str, known: Signature) -> tuple[str, tuple[Term, ...]]:
    """The name and the index terms of a name, as the reader resolves it under what is known."""
    parts = _parts(latex)
    found = resolve(parts, Reader((), State(lexicon_of(known), latex)))
    return found.name, found.index


class Heads:
    """Left sides of definitions, and their bodies read with the head's own densities known."""

    def __init__(self, known: Signature) -> None:
        self.known = known

    def head(self, left: str, body: str) -> Symbol | Call | Density:
        r"""`\bar\alpha_t`, `J(W, W_p)`, `\mathcal{L}(\theta, q; x_i)`, `p(x_t)`."""
        applied = application(left)
        if applied is None:
            name, index = written_index(left, self.known)
            return Symbol(name, index)
        name, index = written_index(applied[0], self.known)
        full = declared_name(applied[0], indices=False)[0]
        if full in self.known.densities or (name in self.known.densities and name != full):
            found = read(left, self.known)
            if isinstance(found, Density):
                return found
        symbol = self.known.symbols.get(name)
        if symbol is not None and symbol.time_dependent and applied[1].strip() == "t":
            return Symbol(name, index)
        formals = self._handed_over(split_list(applied[1].replace(";", ",")), body)
        return Call(name, formals, index)

    def _handed_over(self, arguments: list[str], body: str) -> tuple[Term, ...]:
        """Arguments; a density that is handed over is a bare Density."""
        laws = {a.name for a in applications(body) if a.conditional}
        found: list[Term] = []
        for written in arguments:
            name = declared_name(written, indices=False)[0] if _is_name(written) else ""
            if name in self.known.densities or written.strip() in laws:
                found.append(Density(name))
                self.known = replace(
                    self.known,
                    densities={
                        **self.known.densities,
                        name: self.known.densities.get(name) or DensityDeclaration(name, ()),
                    },
                )
            else:
                found.append(read(written, self.known))
        return tuple(found)

    def reading(self, body: str) -> Term:
        """The body, after the head."""
        return read(body, self.known)


def _is_name(latex: str) -> bool:
    try:
        _parts(latex)
    except NotMathematics:
        return False
    return True
