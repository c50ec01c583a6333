r"""What follows from a signature alone, found once: its variables, and what each name reaches.

Main definitions: `Facts`, `facts_of`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import final

from derivcheck.notation.components import shape_without_indices
from derivcheck.terms.signature import Signature
from derivcheck.terms.term import Call, Density, Symbol, SymbolRange, Term

MOST_SIGNATURES = 64
MOST_TERMS = 20_000


@final
@dataclass
class Facts:
    """The derived facts of one signature.

    variables: names of random variables. reach: name -> every name that its meaning mentions,
    transitively. chained: names of the variables of Markov chains. ends: names of the variables that have paths.
    whole: names of columns and matrices that are declared without an index, and mean nothing else with one.
    averages: names whose definition has an expectation that does not say what it binds.
    """

    signature: Signature
    variables: frozenset[str]
    reach: dict[str, frozenset[str]]
    chained: frozenset[str]
    ends: frozenset[str]
    whole: frozenset[str]
    averages: frozenset[str]
    reached: dict[Term, frozenset[str]] = field(default_factory=dict)  # by term
    expansions: dict[object, tuple[Term, dict[str, int]] | None] = field(default_factory=dict)  # definitions

    def reached_by(self, t: Term) -> frozenset[str]:
        """All names in t and in the meanings of those names."""
        found = self.reached.get(t)
        if found is None:
            if len(self.reached) > MOST_TERMS:
                self.reached.clear()
            names = t.names
            found = self.reached[t] = names.union(
                *(self.reach[n] for n in names if n in self.reach)
            )
        return found


_known: dict[int, Facts] = {}


def facts_of(signature: Signature) -> Facts:
    """The facts of a signature, found once."""
    found = _known.get(id(signature))
    if found is None or found.signature is not signature:
        if len(_known) > MOST_SIGNATURES:
            _known.clear()
        made = Facts(signature, _variables(signature), _reach(signature), _chained(signature), _ends(signature), _whole(signature), _averages(signature))
        found = _known[id(signature)] = made
    return found


def _ends(signature: Signature) -> frozenset[str]:
    return frozenset(p.variable.name for p in signature.paths)


def _chained(signature: Signature) -> frozenset[str]:
    factors = (f for d in signature.densities.values() for f in d.factors if f.index)
    return frozenset(x.name for f in factors for x in f.event if isinstance(x, Symbol))


def _whole(signature: Signature) -> frozenset[str]:
    symbols = (n for n in signature.symbols if shape_without_indices(Symbol(n), signature))
    functions = (n for n in signature.functions if shape_without_indices(Call(n, ()), signature))
    return frozenset((*symbols, *functions))


def _averages(signature: Signature) -> frozenset[str]:
    heads = (d.head for d in signature.definitions if d.body.averages)
    return frozenset(h.function if isinstance(h, Call) else h.name for h in heads if isinstance(h, Symbol | Call | Density))


def _variables(signature: Signature) -> frozenset[str]:
    found = {n for n, d in signature.symbols.items() if d.role == "variable"}
    for joint in signature.densities.values():
        for f in joint.factors:
            found.update(
                x.name for x in (*f.event, *f.given) if isinstance(x, Symbol | SymbolRange)
            )
    found.update(s.variable.name for s in signature.samples)
    found.update(p.variable.name for p in signature.paths)
    defined = {d.head.name for d in signature.definitions if isinstance(d.head, Symbol)}
    return frozenset(found - defined)


def _reach(signature: Signature) -> dict[str, frozenset[str]]:
    """name -> every name that its meaning mentions, transitively."""
    direct: dict[str, set[str]] = {}
    for d in signature.definitions:
        name = getattr(d.head, "name", None) or getattr(d.head, "function", None)
        if isinstance(name, str):
            direct.setdefault(name, set()).update(d.body.names, d.head.names)
    for f in signature.families:
        direct.setdefault(f.density.name, set()).update(f.family.names, f.density.names)
    for p in signature.paths:
        direct.setdefault(p.variable.name, set()).update(p.body.names)
        for other in p.body.names:
            if other in {s.variable.name for s in signature.samples}:
                direct.setdefault(other, set()).update({p.variable.name, *p.body.names})
    for s in signature.samples:
        direct.setdefault(s.variable.name, set()).update(s.law.names)
    for o in signature.optima:
        direct.setdefault(o.name, set()).update(o.optimum.names, o.feasible)
    for w in signature.flows:
        direct.setdefault(w.name, set()).update(())
    for name, fn in signature.functions.items():
        direct.setdefault(name, set()).update(
            *(a.names for a in fn.arguments)
        ) if fn.network else None
    for name, j in signature.densities.items():
        for factor in j.factors:
            for x in (*factor.event, *factor.given):
                direct.setdefault(name, set()).update(x.names)
            if factor.density:
                direct.setdefault(name, set()).add(factor.density)
    out: dict[str, frozenset[str]] = {}
    for name in direct:
        seen, stack = {name}, [name]
        while stack:
            for n in direct.get(stack.pop(), ()):
                if n not in seen:
                    seen.add(n)
                    stack.append(n)
        out[name] = frozenset(seen)
    return out
