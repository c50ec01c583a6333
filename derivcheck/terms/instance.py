"""Replacing free symbols: what a binder binds stays, and nothing that is put in is bound by accident.

Main definitions: `instance`, `Captured`. A fold's letter gives way; the variables of integrals and laws have an
identity (a shape, a density) and cannot.
"""

from __future__ import annotations

from collections.abc import Mapping

from derivcheck.terms.substitute import rebuild
from derivcheck.terms.term import (
    Call,
    Covariance,
    Density,
    Derivative,
    Divergence,
    Expectation,
    Fold,
    Integral,
    Moment,
    Optimum,
    Symbol,
    SymbolRange,
    Term,
)

LETTERS = ("i", "k", "j", "r", "s", "l", "m", "n", "h", "u", "v", "w")
Terms = Mapping[Term, Term]


class Captured(Exception):
    """Something put in would be bound where it comes to stand."""


def instance(t: Term, terms: Terms, names: Mapping[str, str] | None = None) -> Term:
    """t with free symbols replaced, and densities and functions renamed.

    Raises:
        Captured: a variable of an integral or a law would bind what is put in.
    """
    return _Putting(names or {}).go(t, terms)


class _Putting:
    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names

    def go(self, t: Term, terms: Terms) -> Term:
        """A term with its free symbols replaced."""
        if t in terms:
            return terms[t]
        if not (self.names or any(k.names & t.names for k in terms)):
            return t
        match t:
            case Fold(kind, index, lower, upper, body):
                lower, upper = self.go(lower, terms), self.go(upper, terms)
                inner = {k: v for k, v in terms.items() if index not in k.names and k.names & body.names}
                if any(index in v.names for v in inner.values()):
                    taken = body.names.union(*(v.names for v in inner.values()))
                    letter = next((x for x in LETTERS if x not in taken), None)
                    if letter is None:
                        raise Captured
                    inner[Symbol(index)] = Symbol(letter)
                    index = letter
                return Fold(kind, index, lower, upper, self.go(body, inner))
            case Integral(over, _) | Optimum(_, over, _):
                inner = _free_of(over, terms, t)
                return self._renamed(rebuild(t, lambda c: self.go(c, inner)))
            case Expectation(_, over, law, given) | Covariance(_, _, over, law, given):
                inner = _free_of(over or (law.event if isinstance(law, Density) else ()), terms, t)

                def below(c: Term) -> Term:
                    if c is law and isinstance(law, Density):
                        return self._law(law, inner, terms)
                    return self.go(c, terms if c in given else inner)

                return rebuild(t, below)
            case Divergence(_, p, q):
                bound = tuple(dict.fromkeys(e for x in (p, q) if isinstance(x, Density) for e in x.event))
                inner = _free_of(bound, terms, t)
                return rebuild(t, lambda c: self._law(c, inner, inner) if isinstance(c, Density) else self.go(c, inner))
            case Moment(_, Density() as law):
                inner = _free_of(law.event, terms, t)
                return rebuild(t, lambda c: self._law(c, inner, inner) if isinstance(c, Density) else self.go(c, inner))
            case Derivative(body, wrt, _):
                _differentiable(body, wrt, terms)
                return rebuild(t, lambda c: self.go(c, terms))
            case _:
                return self._renamed(rebuild(t, lambda c: self.go(c, terms)))

    def _law(self, law: Density, inner: Terms, outer: Terms) -> Term:
        event, given, index = (tuple(self.go(x, m) for x in part) for part, m in ((law.event, inner), (law.given, outer), (law.index, outer)))
        return self._renamed(Density(law.name, event, given, index))

    def _renamed(self, t: Term) -> Term:
        if isinstance(t, Density) and t.name in self.names:
            return Density(self.names[t.name], t.event, t.given, t.index)
        if isinstance(t, Call) and t.function in self.names:
            return Call(self.names[t.function], t.arguments, t.index)
        if isinstance(t, Symbol) and not t.index and t.name in self.names:
            return Density(self.names[t.name])
        return t


def _free_of(bound: tuple[Term, ...], terms: Terms, t: Term) -> dict[Term, Term]:
    """What is replaced below a binder: not its own variables."""
    inner = {k: v for k, v in terms.items() if k not in bound and k.names & t.names}
    for v in inner.values():
        if any(_contains(v, b) for b in bound):
            raise Captured
    return inner


def _contains(t: Term, variable: Term) -> bool:
    """Whether a bound variable, or a run that may hold it, stands in a term."""
    name = getattr(variable, "name", "")
    if name not in t.names:
        return False
    if t == variable or (isinstance(t, SymbolRange) and t.name == name) or (isinstance(t, Symbol) and t.name == name and isinstance(variable, SymbolRange)):
        return True
    return any(_contains(c, variable) for c in t.children)


def _differentiable(body: Term, wrt: Term, terms: Terms) -> None:
    """A derivative's variable may be renamed, to a name that is not there yet; nothing else may be put in for it."""
    for k, v in terms.items():
        if k == wrt and (not isinstance(v, Symbol) or _contains(body, v)):
            raise Captured
