r"""Relations judged in processes of their own: bounded in time and memory, killed if they hang.

Main definitions: `judge_all`, `Judged`, `Staff`. A worker is `python -m derivcheck.worker`; it streams one result a
relation. If none comes in time it is killed, the relation is undecided (`timeout`), and another goes on behind
it. What a worker has decided goes to a prover at once (`derivcheck.provers`), while the worker goes on.
"""

from __future__ import annotations

import select
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Self, final

from derivcheck.child import WORKER, Child
from derivcheck.provers import Provers
from derivcheck.verdicts.chains import Placed
from derivcheck.verdicts.options import SUGGESTING, Options
from derivcheck.verdicts.proof import settled, task_for
from derivcheck.verdicts.result import RelationResult

START = 60.0  # seconds that a worker may take to load its libraries
GRACE = 2.0  # beyond the time limit, before it is killed


@final
@dataclass(frozen=True)
class Judged:
    """The results in order, the problems of the theories by question, and what a clock has cut short.

    fleeting: the relations whose result might be another on a faster machine.
    """

    results: tuple[RelationResult, ...]
    problems: dict[str, tuple[str, ...]]
    fleeting: frozenset[str] = frozenset()

    def joined(self, other: Judged, relations: Sequence[Placed]) -> Judged:
        """Both, in the document's order; every relation is in one of them."""
        results = {r.id: r for r in (*self.results, *other.results)}
        problems = self.problems | other.problems
        questions = dict.fromkeys(p.raw.question for p in relations)
        return Judged(
            tuple(results[p.raw.id] for p in relations),
            {q: problems[q] for q in questions},
            self.fleeting | other.fleeting,
        )


@final
class Staff:
    """Processes that outlive one document: what they have loaded serves the next. A context manager that ends them."""

    def __init__(self, options: Options, first: Child | None = None) -> None:
        """No process is started before it is expected or there is something to judge; first: a worker that was."""
        self.options = options
        self.provers = Provers(options)
        self._idle: list[Child] = [first] if first is not None else []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.dismiss()

    def expect(self) -> None:
        """Have one worker load its libraries before there is something to judge."""
        if not self._idle:
            self._idle.append(Child(WORKER))

    def hired(self) -> Child:
        """A worker that has nothing to do."""
        return self._idle.pop() if self._idle else Child(WORKER)

    def rested(self, child: Child) -> None:
        """Take back a worker that has done its share."""
        self._idle.append(child)

    def dismiss(self) -> None:
        """End all that have nothing to do, and all provers."""
        self.provers.stop()
        while self._idle:
            self._idle.pop().stop()


def judge_all(relations: Sequence[Placed], staff: Staff, progress: Callable[[int, int], None] | None = None) -> Judged:
    """The result of every relation."""
    desk = _Desk(staff.options, staff.provers)
    crews = [_Crew(share, staff) for share in _shares(relations, staff.options.jobs) if share]
    try:
        if crews:
            staff.provers.begin()
        while any(c.left for c in crews) or staff.provers.pending:
            _step(crews, desk)
            if progress is not None:
                progress(len(desk.results) - staff.provers.pending, len(relations))
    except BaseException:
        for c in crews:
            c.stop()
        staff.dismiss()
        raise
    return desk.judged(relations)


def _shares(relations: Sequence[Placed], jobs: int) -> list[list[Placed]]:
    """Whole questions, each to the least busy worker."""
    questions: dict[str, list[Placed]] = {}
    for p in relations:
        questions.setdefault(p.raw.question, []).append(p)
    shares: list[list[Placed]] = [[] for _ in range(max(1, min(jobs, len(questions))))]
    for group in questions.values():
        min(shares, key=len).extend(group)
    return shares


@final
@dataclass
class _Desk:
    """Where results come in and proofs are asked for."""

    options: Options
    provers: Provers
    results: dict[str, RelationResult] = field(default_factory=dict)
    problems: dict[str, dict[str, None]] = field(default_factory=dict)
    given_up: set[str] = field(default_factory=set)

    def take(self, p: Placed, result: RelationResult, terms: bytes | None) -> None:
        """A result, and the terms to prove."""
        self.results[result.id] = result
        task = task_for(result, terms, p.declarations, self.options)
        if task is not None:
            self.provers.ask(task)

    def judged(self, relations: Sequence[Placed]) -> Judged:
        """Everything, once both engines have spoken."""
        answers, faults = self.provers.collected()
        results = [self.results[p.raw.id] for p in relations]
        results = [settled(r, answers[r.id]) if r.id in answers else r for r in results]
        limit = min(self.options.timeout, SUGGESTING)
        late = {r.id for r in results if r.seconds >= limit or "timeout" in (r.reason or "")}
        cut = {a.id for a in answers.values() if a.cut}
        return Judged(tuple(results), self._all_problems(relations, faults), frozenset(late | cut | self.given_up))

    def _all_problems(self, relations: Sequence[Placed], faults: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
        """The theories' problems and the provers' faults, by question in the document's order."""
        found: dict[str, dict[str, None]] = {}
        for p in relations:
            here = found.setdefault(p.raw.question, dict(self.problems.get(p.raw.question, {})))
            if p.raw.id in faults:
                here[f"a defect of derivcheck: the prover fails on line {p.raw.line}: {faults[p.raw.id]}"] = None
            if "" in faults:
                here[faults[""]] = None
        return {question: tuple(problems) for question, problems in found.items()}


@final
@dataclass
class _Crew:
    """One worker process and what it has still to do."""

    left: list[Placed]
    staff: Staff
    child: Child | None = None
    deadline: float = 0.0

    def started(self) -> Child:
        """The process, with what is left to do if it had nothing."""
        if self.child is None:
            options = self.staff.options
            self.child = self.staff.hired()
            self.deadline = monotonic() + START + options.timeout
            self.child.send((options, self.left))
        return self.child

    def finished(self) -> None:
        if self.child is not None:
            self.staff.rested(self.child)
            self.child = None

    def stop(self) -> None:
        if self.child is not None:
            self.child.stop()
            self.child = None


def _step(crews: list[_Crew], desk: _Desk) -> None:
    """Wait for the next message of any process, and replace those that hang or died."""
    busy = [c for c in crews if c.left]
    workers = {c.started().fileno(): c for c in busy}
    provers = desk.provers.outlets
    until = min([c.deadline for c in busy] + [desk.provers.deadline])
    ready, _, _ = select.select([*workers, *provers], [], [], max(0.0, until - monotonic()))
    for fd in ready:
        if fd in workers:
            _received(workers[fd], desk)
        else:
            desk.provers.hear(provers[fd])
    desk.provers.overdue()
    for c in busy:
        if c.left and c.child is not None and monotonic() > c.deadline:
            _given_up(c, desk, "timeout: the relation took longer than its time limit")


def _received(c: _Crew, desk: _Desk) -> None:
    found = c.started().messages()
    if found is None:
        if c.left:
            _given_up(c, desk, "the process that judged it ended (too much memory, or a crash)")
        return
    for (kind, payload), terms in found:
        c.deadline = monotonic() + 2.5 * c.staff.options.timeout + GRACE
        if kind == "problem" and c.left:
            desk.problems.setdefault(c.left[0].raw.question, {})[payload] = None
        elif kind == "result" and c.left:
            desk.take(c.left.pop(0), payload, terms)
    if not c.left:
        c.finished()


def _given_up(c: _Crew, desk: _Desk, reason: str) -> None:
    raw = c.left.pop(0).raw
    desk.given_up.add(raw.id)
    desk.results[raw.id] = RelationResult(
        id=raw.id, cell=raw.cell, line=raw.line, column=raw.column, question=raw.question, lhs=raw.lhs, rel=raw.rel,
        rhs=raw.rhs, implicit=raw.implicit, kind="step" if raw.step else "statement", verdict="undecided",
        strict_verdict="undecided", reason=reason, seconds=c.staff.options.timeout,
    )  # fmt: skip
    c.stop()
