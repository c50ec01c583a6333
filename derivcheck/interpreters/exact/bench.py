r"""The worlds of one theory, kept while its relations are asked: batches of several kinds and sizes.

Main definitions: `Bench`. A relation's two sides are laid on one batch after another; every batch has its
own T, free indices and dimensions.
"""

from __future__ import annotations

from dataclasses import replace
from time import monotonic
from typing import final

from torch.linalg import LinAlgError  # type: ignore[reportPrivateImportUsage]

from derivcheck.interpreters.exact.derived import facts_of
from derivcheck.interpreters.exact.entries import ambiguous
from derivcheck.interpreters.exact.evaluate import new_world
from derivcheck.interpreters.exact.keys import base_name
from derivcheck.interpreters.exact.measures import plain_integrals
from derivcheck.interpreters.exact.mentions import free_variables, reached
from derivcheck.interpreters.exact.setting import Kind, Setting, separable
from derivcheck.interpreters.exact.values import CannotEvaluate, Value
from derivcheck.interpreters.exact.world import Env, World
from derivcheck.terms.signature import Signature
from derivcheck.terms.substitute import subterms
from derivcheck.terms.term import (
    Covariance,
    Density,
    Divergence,
    Expectation,
    FamilyDensity,
    Integral,
    Moment,
    Symbol,
    Term,
)

GROUPS = (0, 1, 2)


class OutOfTime(CannotEvaluate):
    """The time limit of the relation is used up."""


@final
class Bench:
    """Worlds by setting, for one signature and seed."""

    def __init__(self, signature: Signature, seed: int, worlds: int = 16, deadline: float | None = None) -> None:
        """Nothing is drawn before it is asked for."""
        self.signature = signature
        self.seed = seed
        self.count = worlds
        self.deadline = deadline
        self._worlds: dict[Setting, World] = {}
        self._loose: dict[tuple[Term, ...], frozenset[str]] = {}
        self._prepared: dict[tuple[Setting, tuple[Term, ...]], tuple[Env, frozenset[str], frozenset[str], dict[str, Density], bool, frozenset[str]]] = {}
        self._on_paths = frozenset[str]().union(*({p.variable.name} | facts_of(signature).reached_by(p.body) for p in signature.paths))
        self._families = {f.density.name for f in signature.families}
        slots = {k.split("@")[0] for k in self.world(self.setting("tables", 0)).slot_keys}
        own = {s.variable.name for s in signature.samples if isinstance(s.law, FamilyDensity)}
        self._sampled = (own - slots) | {p.variable.name for p in signature.paths}

    def setting(self, kind: Kind, group: int) -> Setting:
        """The setting of one batch: the wanted number of worlds is spread over the groups."""
        share = max(2, -(-self.count // len(GROUPS)))
        many = {"tables": share, "linear": share, "smooth": 2}[kind]
        return Setting(kind, many, self.seed, group)

    def where_densities_exceed_one(self, group: int) -> Setting:
        r"""Tables for what has a value nowhere else: in `\log\log p(x)` and `\log\prod\log p` every density must exceed 1."""
        return replace(self.setting("tables", group), spread=0.2, light=True)

    def with_bumps(self, kind: Kind, group: int, *terms: Term) -> Setting | None:
        r"""Worlds for `\log f` and `\int f dz` of an f that is only declared real; None if the terms have none.

        They only refute: what holds for such f alone is no identity.
        """
        probe = self.world(self.setting("tables", 0))
        names = frozenset[str]().union(*(reached(t, probe) for t in terms))
        if not any(n in names and f.domain == "real" for n, f in self.signature.functions.items()):
            return None
        return replace(self.setting(kind, group), bumps=True)

    def world(self, setting: Setting) -> World:
        """The worlds of a setting, made once."""
        if setting not in self._worlds:
            if len(self._worlds) > 40:
                self._worlds.clear()
            base = self.world(replace(setting, salt=())) if separable(setting.salt) else None
            self._worlds[setting] = new_world(self.signature, setting, base)
        return self._worlds[setting]

    def kinds(self, *terms: Term) -> tuple[Kind, ...]:
        """The kinds of world to try, the decisive ones first."""
        if self.has_families(*terms):
            return ("linear", "smooth", "tables") if self.smooth_matters(*terms) else ("linear", "tables")
        return ("tables",)

    def has_families(self, *terms: Term) -> bool:
        """Whether a family, a moment or a path of the theory is involved."""
        probe = self.world(self.setting("tables", 0))
        names = frozenset[str]().union(*(reached(t, probe) for t in terms))
        if names & (self._families | self._sampled) or any(plain_integrals(t) for t in terms):
            return True
        if any(self._of_families(x) for t in terms for _, x in subterms(t)):
            return True
        bodies = [d.body for d in self.signature.definitions if d.head.names & names]
        return any(isinstance(x, FamilyDensity | Moment) for t in (*terms, *bodies) for _, x in subterms(t))

    def _of_families(self, x: Term) -> bool:
        """Whether a moment without a law is one of a variable that a family describes: `Cov[x]`."""
        if not isinstance(x, Expectation | Covariance) or x.law is not None:
            return False
        described = frozenset(e.name for f in self.signature.families for e in f.density.event if isinstance(e, Symbol))
        return bool(described & frozenset().union(*(c.names for c in x.children)))

    def groups(self, kind: Kind) -> tuple[int, ...]:
        """The batches of a kind that are tried first."""
        return GROUPS[:2] if kind == "smooth" else GROUPS

    def smooth_matters(self, *terms: Term) -> bool:
        """Whether a network occurs, for which affine worlds are not enough."""
        probe = self.world(self.setting("tables", 0))
        names = frozenset[str]().union(*(reached(t, probe) for t in terms))
        if any(n in self.signature.functions for n in names):
            return True
        random = (Density, Expectation, Divergence, Integral, Covariance)
        return any(isinstance(x, random) for t in terms for _, x in subterms(t))

    def prepare(self, setting: Setting, terms: tuple[Term, ...]) -> tuple[World, Env]:
        """The worlds of a setting, told what the relation as a whole says."""
        if self.deadline is not None and monotonic() > self.deadline:
            raise OutOfTime("timeout")
        world = self.world(setting)
        key = (setting, terms)
        if key not in self._prepared:
            if len(self._prepared) > 2000:
                self._prepared.clear()
                self._loose.clear()
            if terms not in self._loose:
                self._loose[terms] = ambiguous(terms, frozenset[str]().union(*(reached(t, world) for t in terms)), self.signature)
            loose = self._loose[terms]
            if loose:
                raise CannotEvaluate(f"whether {', '.join(sorted(loose))} with an index is an entry of it is not said")
            bare, laws = _bare_laws(terms, self.signature), _full_laws(terms)
            dots = not any(t.transposes for t in terms)
            world.look_at(frozenset(), frozenset(), laws, dots=dots, bare_laws=bare)  # nothing of the relation before
            free = frozenset[str]().union(*(t.indexing for t in terms))
            env = world.outermost(free)
            outside = frozenset[str]().union(*(free_variables(t, world, env, outside=True) for t in terms))
            world.look_at(outside, frozenset(), laws, dots=dots, bare_laws=bare)
            mentioned = frozenset[str]().union(*(free_variables(t, world, env) for t in terms)) if self._on_paths else frozenset[str]()
            mentioned = frozenset(k for k in mentioned if base_name(k) in self._on_paths)  # all that it is asked for
            self._prepared[key] = env, outside, mentioned, laws, dots, bare
        env, outside, mentioned, laws, dots, bare = self._prepared[key]
        world.look_at(outside, mentioned, laws, dots=dots, bare_laws=bare)
        return world, env

    def values(
        self, setting: Setting, terms: tuple[Term, ...], overrides: dict[str, Value] | None = None, *, beside: tuple[Term, ...] = ()
    ) -> list[Value]:
        """The values of several terms on the same worlds; `beside`: terms of the same relation, evaluated too.

        Raises:
            CannotEvaluate: a term has no value there.
        """
        world, env = self.prepare(setting, terms)
        terms = (*terms, *beside)
        if overrides:
            env = env.with_values(overrides)
        try:
            return [world.value(t, env) for t in terms]
        except (RuntimeError, LinAlgError) as why:  # torch: a singular matrix, memory
            raise CannotEvaluate(f"numerical trouble: {str(why).splitlines()[0][:120]}") from why
        except (OverflowError, RecursionError) as why:
            raise CannotEvaluate("a number or a term too large to evaluate") from why

    def forget(self, *, everything: bool = False) -> None:
        """Drop values (graphs of derivatives among them) but for those of the last relation; keep what was drawn."""
        for world in self._worlds.values():
            world.forget(everything=everything)

    def refined(self, setting: Setting) -> Setting:
        """The same worlds with more quadrature nodes."""
        return replace(setting, refine=setting.refine + 1)


def _bare_laws(terms: tuple[Term, ...], signature: Signature) -> frozenset[str]:
    """Undeclared names that stand as laws and never with variables."""
    found = frozenset[Density]().union(*(t.densities for t in terms))
    full = {d.name for d in found if d.event}
    return frozenset(d.name for d in found if not d.event and d.name not in full and d.name not in signature.densities)


def _full_laws(terms: tuple[Term, ...]) -> dict[str, Density]:
    """The one full mention of each density that also occurs bare."""
    full: dict[str, set[Density]] = {}
    bare: set[str] = set()
    for t in terms:
        for x in t.densities:
            if x.event:
                full.setdefault(x.name, set()).add(x)
            else:
                bare.add(x.name)
    return {n: next(iter(full[n])) for n in bare if len(full.get(n, ())) == 1}
