r"""The trials of one relation, instance by instance, at levels declared before anything is drawn.

Main definitions: `Asked`, `Tried`, `tried`, `INSTANCES`, `CLAIMS_EACH`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, final

from derivcheck.interpreters.sampling.claims import mean_trial
from derivcheck.interpreters.sampling.drawn import CannotSample, OutsideDomain
from derivcheck.interpreters.sampling.estimator_claims import (
    COUNTS,
    Estimator,
    bias_trial,
    estimator_of,
    rate_trial,
)
from derivcheck.interpreters.sampling.law_claims import declared_process, law_trial, moment_trial
from derivcheck.interpreters.sampling.side import sides_on
from derivcheck.statistics.arithmetic import NotResolvable
from derivcheck.statistics.claim import Relation
from derivcheck.statistics.family import Share
from derivcheck.statistics.outcome import Outcome
from derivcheck.statistics.seeds import fingerprint, seed_of
from derivcheck.statistics.sequential import drawn, examine
from derivcheck.statistics.sums import NotFinite
from derivcheck.statistics.trial import Trial
from derivcheck.terms.signature import Signature
from derivcheck.terms.term import FamilyDensity, Sign, Symbol, Term

INSTANCES = 5
MOST_INSTANCES = 15  # drawn, until so many lie inside the domains of both sides
CLAIMS_EACH = 25  # claims that a relation may make: 5 instances, and on each up to 5 of an estimator
FAMILY_ALPHA = 1e-6  # the probability that any true relation of a document is refuted
RELATIONS: dict[Sign, Relation] = {"=": "=", ":=": "=", "<=": "<=", "<": "<=", ">=": ">=", ">": ">="}


@final
@dataclass(frozen=True)
class Asked:
    """A relation that was read whole, and what its family is.

    seed: the user's. family: the relations of the document, of which each has `CLAIMS_EACH` claims.
    """

    left: Term
    sign: Sign
    right: Term
    written: str
    signature: Signature
    seed: int
    family: int

    @property
    def size(self) -> int:
        """F, the claims of the document."""
        return CLAIMS_EACH * max(self.family, 1)

    @property
    def alpha(self) -> float:
        """The level of one claim."""
        return FAMILY_ALPHA / self.size

    @property
    def content(self) -> int:
        """The seed of the instances: from what is claimed, not from where it stands."""
        digest = hashlib.sha256(f"{self.seed}|{self.sign}|{self.written}".encode()).digest()
        return int.from_bytes(digest[:6], "big")


@final
@dataclass(frozen=True)
class Tried:
    """One claim of the relation on one instance, with its outcome.

    decides: a refutation of it refutes the relation.
    """

    instance: int
    kind: str
    outcome: Outcome
    decides: bool = True


@final
@dataclass(frozen=True)
class _Made:
    """A trial that was planned and not drawn."""

    kind: str
    trial: Trial
    decides: bool = True


def tried(asked: Asked, only: int | None = None) -> Iterator[Tried]:
    """Every claim on every instance (or on one), in order; ends after an instance that refutes the relation.

    Raises:
        CannotSample: the relation has no claim on draws, with the reason.
    """
    if asked.sign in ("approx", "sim") and not _is_law(asked):
        yield from _estimates(asked, only)
        return
    for number, made in _instances(only, lambda number: _claim(asked, number)):
        found = _examined(asked, made, number, 0)
        yield found
        if found.outcome.verdict == "refuted":
            return


def _instances(only: int | None, make: Callable[[int], Any]) -> Iterator[tuple[int, Any]]:
    """The first instances inside the domain of both sides, with what is made of them."""
    found = 0
    for number in [only] if only is not None else range(MOST_INSTANCES):
        try:
            made = make(number)
        except OutsideDomain:
            if number + 1 == MOST_INSTANCES or only is not None:
                raise
            continue
        yield number, made
        found += 1
        if found == INSTANCES:
            return


def _is_law(asked: Asked) -> bool:
    return asked.sign == "sim" and isinstance(asked.left, Symbol) and isinstance(asked.right, FamilyDensity)


def _claim(asked: Asked, number: int) -> _Made:
    if _is_law(asked):
        process = declared_process(asked.left, asked.right, asked.signature)
        sides = sides_on(process, asked.right, asked.signature, asked.content, number)
        return _Made(sides.model.kind, law_trial(sides, asked.alpha) or mean_trial(sides, "=", asked.alpha), decides=False)
    relation = RELATIONS.get(asked.sign)
    if relation is None:
        raise CannotSample(f"a relation with the sign {asked.sign} says nothing of an average")
    sides = sides_on(asked.left, asked.right, asked.signature, asked.content, number)
    kind = sides.model.kind
    if relation == "=":
        special = law_trial(sides, asked.alpha) or moment_trial(sides, asked.alpha)
        if special is not None:
            return _Made(kind, special)
    return _Made(kind, mean_trial(sides, relation, asked.alpha))


def _estimates(asked: Asked, only: int | None) -> Iterator[Tried]:
    """Unbiased for every count, then the rate; refuted if every count is, on one instance, and the average is a plain one."""
    e = estimator_of(asked.right, asked.signature)
    if e is None:
        raise CannotSample("an approximation without a sample average over declared samples")
    for number, made in _instances(only, lambda number: [_bias(asked, e, number, k) for k in COUNTS]):
        found = [_examined(asked, trial, number, k) for trial, k in zip(made, COUNTS, strict=True)]
        decides = e.plain and all(t.outcome.verdict == "refuted" for t in found)
        yield from (Tried(t.instance, t.kind, t.outcome, decides) for t in found)
        if decides:
            return
        for k in COUNTS[1:]:
            try:
                rate = _examined(asked, _rate(asked, e, number, k), number, k)
            except CannotSample:
                break
            yield Tried(rate.instance, rate.kind, rate.outcome, decides=False)


def _bias(asked: Asked, e: Estimator, number: int, k: int) -> _Made:
    return _Made("samples", bias_trial(asked.left, e, asked.signature, asked.content, number, k, asked.alpha))


def _rate(asked: Asked, e: Estimator, number: int, k: int) -> _Made:
    return _Made("samples", rate_trial(asked.left, e, asked.signature, asked.content, number, k, asked.alpha))


def _examined(asked: Asked, made: _Made, number: int, k: int) -> Tried:
    where = f"{asked.written} | instance {number} | {k}"
    mark = fingerprint(made.trial, where)
    share = Share(where, mark, seed_of(mark, asked.seed), asked.alpha, FAMILY_ALPHA, asked.size)
    return Tried(number, made.kind, _run(made.trial, share), made.decides)


def _run(trial: Trial, share: Share) -> Outcome:
    try:
        looking = examine(trial, share)
        chunks = next(looking)
        while True:
            try:
                chunks = looking.send(drawn(trial, chunks))
            except StopIteration as end:
                return end.value
    except (NotResolvable, NotFinite) as why:
        raise CannotSample(str(why)) from why
