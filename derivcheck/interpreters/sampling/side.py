r"""One relation on one instance: its sides ready to be drawn, and the kind of instance that it needs.

Main definitions: `Sides`, `sides_on`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from derivcheck.interpreters.sampling.binding import bound_terms
from derivcheck.interpreters.sampling.drawn import CannotSample
from derivcheck.interpreters.sampling.evaluate import Drawing
from derivcheck.interpreters.sampling.instance import Instance, Kind
from derivcheck.interpreters.sampling.paths import laws_in
from derivcheck.interpreters.sampling.rewriting import rewritten
from derivcheck.terms.signature import Signature
from derivcheck.terms.substitute import subterms
from derivcheck.terms.term import FamilyDensity, Moment, Term


@final
@dataclass(frozen=True)
class Sides:
    """Both sides with every law explicit, and what draws them."""

    left: Term
    right: Term
    drawing: Drawing

    @property
    def model(self) -> Instance:
        """The instance."""
        return self.drawing.model


def sides_on(left: Term, right: Term, signature: Signature, seed: int, number: int, counts: dict[str, int] | None = None) -> Sides:
    """A relation on the instance of this number. counts: values of letters that count samples (`K`).

    Raises:
        CannotSample: a side has no meaning in draws.
    """
    model = _model(signature, "tables", seed, number, counts)
    terms = bound_terms((rewritten(left, model), rewritten(right, model)), model)
    if _has_families(terms, model):
        model = _model(signature, "gaussian", seed, number, counts)
        terms = bound_terms((rewritten(left, model), rewritten(right, model)), model)
    return Sides(terms[0], terms[1], Drawing(model, terms))


def _model(signature: Signature, kind: Kind, seed: int, number: int, counts: dict[str, int] | None) -> Instance:
    model = Instance(signature, kind, seed, number)
    if counts:
        model.fixed.update(counts)
    return model


def _has_families(terms: tuple[Term, ...], model: Instance) -> bool:
    """Whether a declared family is reached, so that variables are numbers and not nodes."""
    declared = {d.density.name for d in model.signature.families}
    names = {d.name for t in terms for d in t.densities} | {law.name for t in terms for law in laws_in(t) if not isinstance(law, FamilyDensity)}
    for name in names:
        try:
            if declared & {p.density for p in model.joint(name).parts}:
                return True
        except CannotSample:
            continue
    return any(isinstance(x, FamilyDensity | Moment) for t in terms for _, x in subterms(t))
