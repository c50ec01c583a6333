"""All that is known about one relation, and its witness once more: what `explain` and `replay` answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch

from derivcheck.checks import constants, limits
from derivcheck.checks.ask import answer
from derivcheck.checks.compare import aligned
from derivcheck.checks.evidence import Attempt, Question
from derivcheck.interpreters.exact.bench import Bench
from derivcheck.interpreters.exact.setting import Setting, labelled
from derivcheck.interpreters.exact.values import CannotEvaluate
from derivcheck.notation import write
from derivcheck.notation.signature import signature_of
from derivcheck.terms.signature import Signature
from derivcheck.terms.substitute import subterms
from derivcheck.terms.term import Term
from derivcheck.verdicts.differentiable import differentiable
from derivcheck.verdicts.explanation import Explanation, SubtermValue, Trial, replay_snippet
from derivcheck.verdicts.judge import Judge
from derivcheck.verdicts.proof import as_read
from derivcheck.verdicts.result import SAMPLES, TheoryPart
from derivcheck.verdicts.sides import Reading, read_relation
from derivcheck.verdicts.witness import rounded

if TYPE_CHECKING:
    from derivcheck.verdicts.chains import Placed
    from derivcheck.verdicts.options import Options

MAX_SUBTERMS = 200


def explained(path: str, chosen: Placed, before: Sequence[Placed], theories: list[str], options: Options) -> tuple[Explanation, bytes | None]:
    """The explanation of one relation, and its terms for a prover.

    before: the relations that stand before it in its question.
    """
    torch.set_num_threads(1)
    judge = Judge(options)
    for p in before:
        judge.note(p.raw, signature_of(p.declarations))
    signature = signature_of(chosen.declarations)
    result = judge.judge(chosen.raw, signature, head_sign=chosen.head_sign, inferred=bool(chosen.inferred), family=chosen.family)
    made = Explanation(
        document=path,
        relation=result,
        theory=[TheoryPart.of(d) for d in chosen.declarations],
        trials=[_trial(a) for a in judge.attempts],
        snippet=replay_snippet(path, result, theories),
        notes=[*signature.problems, *(str(c) for c in chosen.conflicts)],
    )
    terms = as_read(judge.reading)
    reading = read_relation(chosen.raw, signature).charitable
    if reading is None:
        return made, terms
    signature = differentiable(signature, reading.left.term, reading.right.term)
    values: dict[str, Any] = {"lhs_reading": write(reading.left.term), "rhs_reading": write(reading.right.term)}
    if result.witness is not None and result.witness.samples is None:
        setting, world = labelled(result.witness.world_kind, result.witness.seed, result.witness.world)
        bench = Bench(signature, options.seed, options.worlds)
        question = Question(reading.left.term, reading.sign, reading.right.term, bench)
        values["lhs_values"] = _values(question, question.left, setting, world)
        values["rhs_values"] = _values(question, question.right, setting, world)
    return made.model_copy(update=values), terms


def replayed(chosen: Placed, kind: str, seed: int, number: int) -> tuple[Any, Any]:
    """Both sides of a relation on the witness's world, evaluated afresh.

    Raises:
        CannotEvaluate: the world has no value for the relation.
    """
    torch.set_num_threads(1)
    signature = signature_of(chosen.declarations)
    reading = read_relation(chosen.raw, signature).charitable
    if reading is None:
        raise CannotEvaluate("the relation is not read")
    signature = differentiable(signature, reading.left.term, reading.right.term)
    if kind == SAMPLES:
        return _drawn_again(reading, signature, seed, chosen.family, number)
    setting, world = labelled(kind, seed, number)
    question = Question(reading.left.term, reading.sign, reading.right.term, Bench(signature, seed))
    if question.sign in ("approx", "sim", "to") or limits.is_long_time(question):
        return _asked_again(question)  # what is compared is an expectation or a trajectory, not the sides themselves
    if constants.unknowns(question.left, question.right) or question.sign == "propto":
        a, b = constants.sides_on(question, setting)
    else:
        try:
            a, b = question.bench.values(setting, (question.left, question.right))
        except CannotEvaluate:  # what is compared is not the sides themselves, as where a problem's optimum is at an end
            return _asked_again(question)
    x, y, _ = aligned(a, b)
    x, y = (v.expand(setting.worlds, *v.shape[1:])[world].reshape(-1) for v in (x, y))
    at = int((x - y).abs().nan_to_num(0.0).argmax())
    return rounded(x[at]), rounded(y[at])


def _drawn_again(reading: Reading, signature: Signature, seed: int, family: int, number: int) -> tuple[Any, Any]:
    """The estimate and what is claimed of it, from the same draws."""
    from derivcheck.checks.draws import ask as draws_of
    from derivcheck.verdicts.sampled import asked_of, witness_of

    draws = draws_of(asked_of(reading, signature, seed, family), only=number)
    found = draws.refutation
    if found is None:
        raise CannotEvaluate(draws.reason or "the draws refute it no more")
    w = witness_of(found, seed)
    return w.lhs_value, w.rhs_value


def _asked_again(question: Question) -> tuple[Any, Any]:
    """The values of the counterexample that the same check finds again."""
    found = answer(question).counterexample
    if found is None:
        raise CannotEvaluate("the check finds no counterexample any more")
    return rounded(found.left), rounded(found.right)


def _trial(a: Attempt) -> Trial:
    return Trial(world_kind=a.worlds, worlds=a.drawn, evaluated=a.evaluated, outcome=a.outcome, worst_difference=a.worst, reason=a.reason)


def _values(q: Question, side: Term, setting: Setting, world: int) -> list[SubtermValue]:
    """Every sub-term of a side that has a value of its own on the witness's world."""
    out: list[SubtermValue] = []
    for path, t in subterms(side)[:MAX_SUBTERMS]:
        latex = _written(t)
        if latex is None:
            continue
        try:
            v = q.bench.values(setting, (q.left, q.right, t))[2]
        except CannotEvaluate as why:
            out.append(SubtermValue(latex=latex, depth=len(path), note=str(why)))
            continue
        data = v.data.detach()
        out.append(SubtermValue(latex=latex, depth=len(path), value=rounded(data[min(world, data.shape[0] - 1)])))
    return out


def _written(t: Term) -> str | None:
    try:
        return write(t)
    except (NotImplementedError, KeyError, RecursionError):
        return None
