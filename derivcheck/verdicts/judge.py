r"""One relation to one verdict, by fixed rules (never by a score).

A relation is `correct` or `incorrect` only as its check says so on a reading of the whole text. What merely
gives a name its meaning, or is supposed, is never incorrect.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from time import monotonic, perf_counter
from typing import final

from derivcheck.checks.ask import answer, overloaded
from derivcheck.checks.evidence import Attempt, Outcome, Question
from derivcheck.checks.stationary import is_condition
from derivcheck.interpreters.exact.bench import Bench
from derivcheck.interpreters.exact.values import CannotEvaluate
from derivcheck.notation import Unreadable, read
from derivcheck.syntax.relations import RawRelation
from derivcheck.terms.signature import Signature
from derivcheck.terms.term import Relation, Sign, Symbol
from derivcheck.verdicts.differentiable import differentiable
from derivcheck.verdicts.names import shapeless, undeclared
from derivcheck.verdicts.naming import names_something
from derivcheck.verdicts.options import Options
from derivcheck.verdicts.result import Kind, RelationResult, Suggestion, VerdictWord
from derivcheck.verdicts.sides import Reading, Readings, read_relation, sides
from derivcheck.verdicts.stationarity import set_to_zero, stands_alone
from derivcheck.verdicts.suggest import suggestion
from derivcheck.verdicts.witness import witness_of
from derivcheck.verdicts.words import conditions, introduces, restricts, supposes

_WORD: dict[str, VerdictWord] = {"holds": "correct", "fails": "incorrect", "undecided": "undecided"}


@final
@dataclass
class Judge:
    """The judge of one document: worlds kept by signature, stationarity conditions by question."""

    options: Options
    benches: dict[int, Bench] = field(default_factory=dict)
    stationary: dict[str, set[str]] = field(default_factory=dict)
    keep: list[Signature] = field(default_factory=list)
    sought: dict[str, set[str]] = field(default_factory=dict)  # unknowns whose derivative was set to zero
    attempts: tuple[Attempt, ...] = ()  # of the relation judged last
    reading: Reading | None = None  # of the relation judged last, if it was read whole
    answered: Outcome | None = None  # what its check said, if nothing but the check decides

    def bench(self, signature: Signature) -> Bench:
        """The worlds of a signature."""
        found = self.benches.get(id(signature))
        if found is None:
            if len(self.benches) >= 4:
                self.benches.clear()
                self.keep.clear()
            found = self.benches[id(signature)] = Bench(signature, self.options.seed, self.options.worlds)
            self.keep.append(signature)
        return found

    def judge(
        self, raw: RawRelation, signature: Signature, *, head_sign: Sign | None = "=", inferred: bool = False, family: int = 1
    ) -> RelationResult:
        """The verdict on one relation. family: the relations of its document."""
        start = perf_counter()
        self.reading, self.answered = None, None
        bench = self.bench(signature)
        bench.deadline = monotonic() + self.options.timeout
        try:
            made = self._judge(raw, signature, bench, head_sign=head_sign, inferred=inferred)
            if self.options.sample and self.reading is not None:
                made = self._with_draws(made, raw, signature, inferred=inferred, family=family)
        finally:
            bench.forget()
        return made.model_copy(update={"seconds": perf_counter() - start})

    def note(self, raw: RawRelation, signature: Signature) -> None:
        """Take in a relation without judging it: what later ones in its question depend on."""
        reading = read_relation(raw, signature).charitable
        if reading is not None:
            self._remember(raw, reading)

    def _judge(self, raw: RawRelation, signature: Signature, bench: Bench, *, head_sign: Sign | None, inferred: bool) -> RelationResult:
        if raw.chain_doubt:
            return _result(raw, "step", "undecided", "undecided", reason=raw.chain_doubt)
        both = read_relation(raw, signature)
        if both.charitable is None:
            kind: Kind = "assumption" if inferred else "step" if raw.step or raw.implicit else "statement"
            verdict: VerdictWord = "not_checkable" if inferred else "undecided"
            return _result(raw, kind, verdict, "undecided", reason=both.reason)
        reading = both.charitable
        smooth = differentiable(signature, reading.left.term, reading.right.term)
        if smooth is not signature:
            signature, bench, deadline = smooth, self.bench(smooth), bench.deadline
            bench.deadline = deadline
        outcome = self._ask(reading, bench, raw)
        if outcome.result == "holds" and outcome.holds_at is None:  # zero in any case: nothing is solved for
            self.sought.get(raw.question, set()).difference_update(set_to_zero(raw, reading, signature))
        loose = shapeless(reading.left.term, reading.right.term, signature)
        if outcome.result == "holds" and not outcome.trivial and loose:
            outcome = Outcome("undecided", f"it holds if {', '.join(sorted(loose))} are numbers; their shapes are not declared", outcome.tried)
        if any(self._ask(other, bench, raw).result != outcome.result for other in both.others):
            outcome = Outcome("undecided", "several repairs of the brackets fit, and they disagree", outcome.tried)
        self.attempts, self.reading = outcome.tried, reading
        self.answered = outcome if not both.others and outcome.holds_at is None else None
        kind, verdict = classified(raw, reading, outcome, signature, inferred=inferred)
        if verdict == "incorrect" and not _continues(raw) and self._conditioned(raw, signature, bench):
            verdict = "undecided"
            outcome = Outcome("undecided", "it fails in general, but stands under a condition that the text states in words", outcome.tried)
        strict = self._strict(raw, both, reading, kind, verdict, bench, signature, inferred=inferred)
        if verdict == "incorrect" and self._determines(raw, reading, signature):
            kind, verdict, strict = "statement", "undecided", "undecided"
            outcome = Outcome("undecided", "it may determine what the derivative was set to zero for; that optimum is not declared", outcome.tried)
        absolute = self._absolute(raw, reading, verdict, head_sign, signature, bench)
        self._remember(raw, reading)
        made = _result(
            raw, kind, verdict, strict,
            reads_as=reading.reads_as, absolute=absolute, holds_at=outcome.holds_at,
            evidence="exact" if verdict in ("correct", "incorrect") else "none",
            reading=None if outcome.untyped else _written(reading), reason=_reason(kind, verdict, outcome, inferred=inferred),
        )  # fmt: skip
        if verdict == "incorrect" and outcome.counterexample is not None:
            question = Question(reading.left.term, reading.sign, reading.right.term, bench)
            made = made.model_copy(update={"witness": witness_of(question, outcome.counterexample)})
            if absolute != "correct":  # a row that is right against its chain's head needs no correction
                made = made.model_copy(update={"suggestion": self._suggestion(question, raw, signature, head_sign)})
        return made

    def _with_draws(self, made: RelationResult, raw: RawRelation, signature: Signature, *, inferred: bool, family: int) -> RelationResult:
        """The result with sampled evidence beside it, where one reading is meant and it is judged everywhere."""
        from derivcheck.checks.draws import ask as draws_of
        from derivcheck.verdicts.sampled import REFUTES, asked_of, contradicted, recorded, refuted

        reading, outcome = self.reading, self.answered
        if reading is None or outcome is None or made.verdict == "not_checkable":
            return made
        smooth = differentiable(signature, reading.left.term, reading.right.term)
        asked = asked_of(reading, smooth, self.options.seed, family)
        draws = draws_of(asked)
        made, found = recorded(made, draws), draws.refutation
        if found is None or made.verdict == "incorrect":
            return made
        if made.verdict == "correct":
            return contradicted(made, found)
        fails = Outcome("fails", REFUTES, outcome.tried, unbound=outcome.unbound)
        kind, verdict = classified(raw, reading, fails, smooth, inferred=inferred)
        if verdict != "incorrect" or self._otherwise_undecided(raw, reading, outcome, smooth):
            return made
        strict: VerdictWord = "undecided" if reading.repairs else "incorrect"
        return refuted(made, found, kind, strict, self.options.seed)

    def _otherwise_undecided(self, raw: RawRelation, reading: Reading, outcome: Outcome, signature: Signature) -> bool:
        """Whether something stands against a refutation that has nothing to do with values."""
        bench = self.bench(signature)
        question = Question(reading.left.term, reading.sign, reading.right.term, bench)
        return (
            outcome.result != "undecided"
            or outcome.untyped
            or overloaded(question) is not None
            or bool(shapeless(reading.left.term, reading.right.term, signature))
            or (not _continues(raw) and self._conditioned(raw, signature, bench))
            or self._determines(raw, reading, signature)
        )

    def _ask(self, reading: Reading, bench: Bench, raw: RawRelation) -> Outcome:
        question = Question(reading.left.term, reading.sign, reading.right.term, bench)
        here = set_to_zero(raw, reading, bench.signature)
        if here:
            self.stationary.setdefault(raw.question, set()).update(here)
            self.sought.setdefault(raw.question, set()).update(here)
        return _safely(question, frozenset(self.stationary.get(raw.question, set())))

    def _strict(
        self, raw: RawRelation, both: Readings, reading: Reading, kind: Kind, verdict: VerdictWord, bench: Bench, signature: Signature, *, inferred: bool
    ) -> VerdictWord:
        """The verdict of the literal text."""
        if not reading.repairs:
            return verdict
        if both.literal is None:
            return "undecided"
        outcome = self._ask(both.literal, bench, raw)
        found = classified(raw, both.literal, outcome, signature, inferred=inferred)[1]
        conditioned = found == "incorrect" and not _continues(raw) and self._conditioned(raw, signature, bench)
        return "undecided" if conditioned else found

    def _conditioned(self, raw: RawRelation, signature: Signature, bench: Bench) -> bool:
        """Whether the text states a condition that the worlds do not meet anyway."""
        if restricts(raw.condition or ""):
            return True
        sought = {o.unknown for o in signature.optima} & self.stationary.get(raw.question, set())
        return any(not self._met(c, signature, bench) for c in conditions(raw.words_before) if c or not sought)

    def _met(self, latex: str, signature: Signature, bench: Bench) -> bool:
        """Whether a condition holds on all worlds already, so that it restricts nothing."""
        try:
            stated = read(latex, signature)
        except Unreadable:
            return False
        if not isinstance(stated, Relation):
            return False
        return _safely(Question(stated.left, stated.sign, stated.right, bench), frozenset()).result == "holds"

    def _absolute(self, raw: RawRelation, reading: Reading, verdict: VerdictWord, head_sign: Sign | None, signature: Signature, bench: Bench) -> VerdictWord | None:
        """The new expression against the first of its chain."""
        if raw.step == 0 or not raw.head_expanded or (raw.head_expanded == raw.lhs_expanded and head_sign == raw.rel):
            return verdict if verdict in ("correct", "incorrect") else None
        if head_sign is None:
            return None
        _, heads, _ = sides(raw.head_expanded, signature)
        if not heads:
            return None
        outcome = self._ask(Reading(heads[0], head_sign, reading.right), bench, raw)
        return _WORD[outcome.result] if outcome.result != "undecided" else None

    def _determines(self, raw: RawRelation, reading: Reading, signature: Signature) -> bool:
        """Whether an equation stands between a derivative set to zero and the solution, by an unknown without optimum."""
        if reading.sign != "=":
            return False
        known = {o.unknown for o in signature.optima}
        names = reading.left.term.names | reading.right.term.names
        fresh = set_to_zero(raw, reading, signature)
        return bool((fresh | (self.sought.get(raw.question, set()) & names)) - known)

    def _remember(self, raw: RawRelation, reading: Reading) -> None:
        """Note the unknowns whose stationarity condition this relation is, and those that it solves for."""
        waiting = self.sought.get(raw.question, set())
        waiting -= {n for n in waiting if stands_alone(reading.left.term, n)}
        for name in {n for t in (reading.left.term, reading.right.term) for n in t.names}:
            if reading.sign == "=" and is_condition(reading.left.term, reading.right.term, name):
                self.stationary.setdefault(raw.question, set()).add(name)

    def _suggestion(self, question: Question, raw: RawRelation, signature: Signature, head_sign: Sign | None) -> Suggestion | None:
        """What would have been right, found in a time of its own; never worth a verdict."""
        bench = question.bench
        bench.deadline = monotonic() + self.options.timeout
        head: Question | None = None
        if raw.step and raw.head_expanded and head_sign is not None:
            _, firsts, _ = sides(raw.head_expanded, signature)
            head = Question(firsts[0].term, head_sign, question.right, bench) if firsts else None
        bench.forget(everything=True)  # so that the work of the search does not hang on what was judged before
        try:
            return suggestion(question, raw.rhs_expanded, signature, head)
        except (CannotEvaluate, RecursionError, MemoryError):
            return None
        except Exception:
            if os.environ.get("DERIVCHECK_TRACEBACK"):
                raise
            return None


def _safely(question: Question, stationary: frozenset[str]) -> Outcome:
    try:
        return answer(question, stationary)
    except CannotEvaluate as why:
        return Outcome("undecided", str(why))
    except RecursionError:
        return Outcome("undecided", "the expression is nested too deep to evaluate")
    except MemoryError:
        return Outcome("undecided", "the expression needs more memory than a relation may use")
    except Exception as fault:
        if os.environ.get("DERIVCHECK_TRACEBACK"):
            raise
        return Outcome("undecided", f"a defect of derivcheck: {type(fault).__name__}: {fault}")


def classified(raw: RawRelation, reading: Reading, outcome: Outcome, signature: Signature, *, inferred: bool) -> tuple[Kind, VerdictWord]:
    """Kind and verdict of a reading, from what its check said."""
    verdict = _WORD[outcome.result]
    kind: Kind = "step" if _continues(raw) else "statement"
    if raw.rel == ":=":
        return "definition", "correct" if verdict == "correct" else "not_checkable"
    if raw.rel == "in":
        return "assumption", "not_checkable"
    if raw.rel == "sim" and outcome.reason.startswith("a sampling statement"):
        return "assumption", "not_checkable"
    if inferred:
        return "assumption", "not_checkable"
    if _continues(raw):
        return kind, _new_names(reading, outcome, signature, verdict)
    if supposes(raw.words_before, display=raw.display):
        return "assumption", "correct" if verdict == "correct" and raw.display else "not_checkable"
    if names_something(reading.left.term, reading.sign, reading.right.term, signature):
        if verdict == "correct":
            return "definition", "correct"
        return ("assumption" if introduces(raw.words_before) else "definition"), "not_checkable"
    alone = isinstance(reading.left.term, Symbol) and reading.sign == "="
    if verdict == "incorrect" and alone and not raw.display and introduces(raw.words_before):
        return "assumption", "not_checkable"  # with $x_t = ..$: the text says what is meant here
    return kind, _new_names(reading, outcome, signature, verdict)


def _continues(raw: RawRelation) -> bool:
    return raw.step > 0 or raw.implicit


def _new_names(reading: Reading, outcome: Outcome, signature: Signature, verdict: VerdictWord) -> VerdictWord:
    """A name without meaning on one side only may be a new one: never incorrect."""
    if verdict != "incorrect":
        return verdict
    loose = {k.split("@")[0] for k in outcome.unbound}
    left, right = (undeclared(s.term, signature) | (loose & s.term.names) for s in (reading.left, reading.right))
    hidden = loose - reading.left.term.names - reading.right.term.names
    return "undecided" if left ^ right or hidden else verdict


def _written(reading: Reading) -> str | None:
    try:
        return reading.written
    except (NotImplementedError, RecursionError, KeyError):
        return None


def _reason(kind: Kind, verdict: VerdictWord, outcome: Outcome, *, inferred: bool) -> str | None:
    if inferred and verdict == "not_checkable":
        return "the meaning of its symbols was inferred from it"
    if verdict == "not_checkable":
        return {"definition": "it gives a name its meaning", "assumption": "it is given or supposed"}.get(kind, outcome.reason or None)
    if verdict == "correct" and not outcome.reason:
        return f"both sides agree on {outcome.worlds} random worlds"
    if verdict == "incorrect" and not outcome.reason:
        return "the sides differ on a random world"
    if verdict == "undecided" and outcome.result == "fails":
        return "a name without meaning stands on one side only"
    return outcome.reason or None


def _result(raw: RawRelation, kind: Kind, verdict: VerdictWord, strict: VerdictWord, **more: object) -> RelationResult:
    return RelationResult(
        id=raw.id, cell=raw.cell, line=raw.line, column=raw.column, question=raw.question, lhs=raw.lhs, rel=raw.rel,
        rhs=raw.rhs, implicit=raw.implicit, kind=kind, verdict=verdict, strict_verdict=strict, **more,  # type: ignore[arg-type]
    )  # fmt: skip
