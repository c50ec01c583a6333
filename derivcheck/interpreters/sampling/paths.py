r"""What a variable is that no expectation binds: the end of a path from what is bound, or a point.

Main definitions: `Paths`.
"""

from __future__ import annotations

from typing import final

from derivcheck.interpreters.sampling.drawn import CannotSample
from derivcheck.interpreters.sampling.free import Keys, free
from derivcheck.interpreters.sampling.instance import Instance
from derivcheck.interpreters.sampling.keys import base, fitted, key_of, lettered, symbol_at
from derivcheck.interpreters.sampling.rewriting import rewritten
from derivcheck.terms.term import Density, Expectation, FamilyDensity, Symbol, SymbolRange, Term


def mentions(t: Term, model: Instance) -> Keys:
    """The keys of all variables anywhere in a term, bound ones too."""
    found: set[str] = set()
    stack = [t]
    while stack:
        x = stack.pop()
        if isinstance(x, Symbol) and model.is_variable(key_of(x)):
            found.add(key_of(x))
        elif isinstance(x, SymbolRange):
            found |= free(x, model)
        stack.extend(x.children)
    return frozenset(found)


@final
class Paths:
    """The declared paths of one instance, for one relation."""

    def __init__(self, model: Instance, terms: tuple[Term, ...]) -> None:
        """terms: both sides, every law explicit.

        Raises:
            CannotSample: the relation speaks of a path at two times with one noise, which is no joint law.
        """
        self.model = model
        self.mentioned = frozenset[str]().union(*(mentions(t, model) for t in terms))
        self._bodies: dict[str, Term | None] = {}
        self.noises = {s.variable.name for s in model.signature.samples} - {base(k) for k in model.slots}
        self._refuse_shared_noise()

    def _refuse_shared_noise(self) -> None:
        users: dict[str, str] = {}
        for key in sorted(self.mentioned):
            body = self.body(key)
            if body is None:
                continue
            for s in self.sources(body) & self.mentioned:
                if base(s) in self.noises and users.setdefault(s, key) != key:
                    raise CannotSample(f"{base(key)} at two times on a path with one noise is no joint law")

    def body(self, key: str) -> Term | None:
        """What a path computes a variable from; None if no path ends in it."""
        if key not in self._bodies:
            self._bodies[key] = self._found(key)
        return self._bodies[key]

    def _found(self, key: str) -> Term | None:
        me = symbol_at(key)
        for p in self.model.signature.paths:
            if p.variable.name != me.name:
                continue
            letters = fitted(p.variable.index, me.index, self.model.fixed)
            if letters is None:
                continue
            body = rewritten(lettered(p.body, letters), self.model)
            sources = self.sources(body)
            if key in sources or any(s.partition("@")[2].startswith("-") for s in sources):
                continue
            return body
        return None

    def sources(self, body: Term) -> Keys:
        """The variables that a path starts from."""
        return free(body, self.model)

    def through(self, key: str, bound: Keys) -> Term | None:
        """What to compute an unbound variable from; None if it is a point of its own.

        Raises:
            CannotSample: it is tied to what is bound in a way that draws do not settle.
        """
        self._refuse_tied_noise(key, bound)
        body = self.body(key)
        if body is None:
            return None
        sources = self.sources(body)
        noise = {s for s in sources if base(s) in self.noises}
        if not noise & self.mentioned:
            return None
        reachable = all(s in bound or s in self.mentioned or self.body(s) is not None for s in sources)
        if not reachable or (sources & bound and not noise <= bound):
            raise CannotSample(f"{key.replace('@', '_')} beside some of what it is computed from, not all")
        return body

    def _refuse_tied_noise(self, key: str, bound: Keys) -> None:
        if base(key) not in self.noises:
            return
        for end in bound | self.mentioned:
            body = self.body(end)
            if end in bound and body is not None and key in self.sources(body):
                raise CannotSample(f"{key.replace('@', '_')} where {end.replace('@', '_')} is drawn, and not computed from it")


def averages(t: Term) -> bool:
    """Whether anything is drawn in a term."""
    return isinstance(t, Expectation) or any(averages(c) for c in t.children)


def laws_in(t: Term) -> frozenset[Density | FamilyDensity]:
    """All laws that a term draws from."""
    own = {t.law} if isinstance(t, Expectation) and t.law is not None else set[Density | FamilyDensity]()
    return frozenset(own.union(*(laws_in(c) for c in t.children)))
