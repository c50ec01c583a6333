r"""`x ~ law`: a sampling statement. Checked only where the theory already gives x that law."""

from __future__ import annotations

from derivcheck.checks import equality
from derivcheck.checks.evidence import Outcome, Question, undecided
from derivcheck.interpreters.exact.bench import Bench
from derivcheck.terms.term import Density, FamilyDensity, Symbol, SymbolRange, Term

STATEMENT = "a sampling statement: it says how a variable is drawn"


def ask(q: Question) -> Outcome:
    """Whether a law that is written out is a conditional law that the theory declares of the variable."""
    if not isinstance(q.left, Symbol) or not isinstance(q.right, FamilyDensity):
        return undecided(STATEMENT)
    law = FamilyDensity(q.right.family, q.right.parameters, q.left)
    given = frozenset(n for p in law.parameters for n in p.names)
    for density in _conditionals(q.bench, q.left):
        if not {x.name for x in density.given if isinstance(x, Symbol)} <= given:
            continue
        found = equality.ask(Question(density, "=", law, q.bench))
        if found.result == "holds":
            return Outcome("holds", f"it is the declared law of {q.left.name}", found.tried, worlds=found.worlds)
    return undecided(STATEMENT)


def _conditionals(bench: Bench, variable: Symbol) -> list[Density]:
    """The declared families whose event is the variable, at its index."""
    from derivcheck.checks.estimate import rebuild_index

    out: list[Density] = []
    for f in bench.signature.families:
        event = f.density.event[0] if len(f.density.event) == 1 else None
        if not isinstance(event, Symbol) or isinstance(event, SymbolRange) or event.name != variable.name:
            continue
        if event == variable:
            out.append(f.density)
        elif len(event.index) == 1 and len(variable.index) == 1 and isinstance(event.index[0], Symbol):
            moved: Term = rebuild_index(f.density, event.index[0].name, variable.index[0])
            if isinstance(moved, Density):
                out.append(moved)
    return out
