r"""Noise counted in the mean of a law: the mean of q(x|x_0) is no function of the noise that makes the sample."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from derivcheck.terms.substitute import rebuild
from derivcheck.terms.term import (
    Add,
    Divide,
    Expectation,
    FamilyDensity,
    Fold,
    Moment,
    Multiply,
    Negate,
    Number,
    Symbol,
    Term,
)
from derivcheck.verdicts.edits._edit import (
    ZERO,
    Edit,
    Example,
    Place,
    divided,
    negated,
    product,
    total,
)


def _at(place: Place) -> Iterator[Term]:
    node = place.node
    noise = noises(place)
    if (
        isinstance(node, FamilyDensity)
        and node.family == "gaussian"
        and noise & node.parameters[0].names
    ):
        yield replace(
            node, parameters=(without_noise(node.parameters[0], noise), *node.parameters[1:])
        )
    if place.parent is None and noise & node.names and is_mean(place):
        yield without_noise(node, noise)


def noises(place: Place) -> frozenset[str]:
    """Names of variables that are drawn from a law with mean zero."""
    found: set[str] = set()
    for s in place.around.signature.samples:
        if (
            isinstance(s.law, FamilyDensity)
            and s.law.family == "gaussian"
            and s.law.parameters[0] == ZERO
        ):
            found.add(s.variable.name)
    paths = {p.variable.name for p in place.around.signature.paths}
    return frozenset(found - paths)


def is_mean(place: Place) -> bool:
    """Whether the left side is the mean of a law, or an expectation."""
    left = place.around.left
    if isinstance(left, Expectation) or (isinstance(left, Moment) and left.kind == "mean"):
        return True
    name = getattr(left, "name", getattr(left, "function", None))
    return any(
        isinstance(d.body, Moment)
        and d.body.kind == "mean"
        and getattr(d.head, "name", getattr(d.head, "function", None)) == name
        for d in place.around.signature.definitions
    )


def without_noise(t: Term, noise: frozenset[str]) -> Term:
    """A term at noise zero, tidied."""
    if isinstance(t, Symbol) and t.name in noise:
        return ZERO
    if not noise & t.names:
        return t
    match t:
        case Add(terms):
            return total(*(without_noise(x, noise) for x in terms))
        case Negate(body):
            new = without_noise(body, noise)
            return new if new == ZERO else negated(new)
        case Multiply(factors):
            new_factors = [without_noise(x, noise) for x in factors]
            return ZERO if ZERO in new_factors else product(*new_factors)
        case Divide(numerator, denominator):
            new = without_noise(numerator, noise)
            return ZERO if new == ZERO else divided(new, without_noise(denominator, noise))
        case Fold(kind="sum"):
            new = without_noise(t.body, noise)
            return ZERO if isinstance(new, Number) and new == ZERO else replace(t, body=new)
        case _:
            return rebuild(t, lambda c: without_noise(c, noise))


_PATH = r"""
variables: ['x_t \in \mathbb{R}^d', '\epsilon_t \in \mathbb{R}^d']
sequences: ['\alpha_t \in (0,1)']
laws: ['\epsilon_t \sim \mathcal{N}(0, I)']
"""

EDIT = Edit(
    kind="mean_includes_noise",
    what="noise counted in a mean",
    cost=0.9,
    at=_at,
    examples=(
        Example(
            r"\mathcal{N}(x_1; \sqrt{\alpha_1} x_0 + \sqrt{1 - \alpha_1} \epsilon_1, (1 - \alpha_1) I)",
            r"\mathcal{N}(x_1; \sqrt{\alpha_1} x_0, (1 - \alpha_1) I)",
            theory=_PATH,
        ),
    ),
    rank=1,
    pairs=True,
)
