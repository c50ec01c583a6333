r"""A batch of worlds: one random exact model of a theory, made on demand, name by name.

Main definitions: `World` (what is drawn and cached), `Env` (what is bound at a place in a term).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, final

from torch import Tensor

from derivcheck.interpreters.exact.derived import facts_of
from derivcheck.interpreters.exact.drawn import drawn
from derivcheck.interpreters.exact.grounding import grounded
from derivcheck.interpreters.exact.keys import base_name, key_of, keys_of
from derivcheck.interpreters.exact.memory import Memory
from derivcheck.interpreters.exact.setting import Draws, Setting, depends_on
from derivcheck.interpreters.exact.sizes import index_values, naturals, sizes_of
from derivcheck.interpreters.exact.tables import GroundFactor, Joint
from derivcheck.interpreters.exact.values import CannotEvaluate, Value
from derivcheck.terms.signature import Signature, SymbolDeclaration
from derivcheck.terms.term import Density, Symbol, Term

if TYPE_CHECKING:
    from derivcheck.interpreters.exact.factors import Part
    from derivcheck.interpreters.exact.linear import Linear
    from derivcheck.terms.signature import Definition


class TooMuchWork(Exception):
    """An evaluation took more work than it was allowed; no value is missing for want of anything else."""


@final
@dataclass(frozen=True)
class Env:
    """What is bound here: index values, values of variables and overridden quantities, bare laws.

    values: ground key -> (token, value); the token stands for the value in the memory of a world.
    """

    indices: dict[str, int]
    values: dict[str, tuple[int, Value]] = field(default_factory=dict)
    laws: dict[str, Density] = field(default_factory=dict)
    _near: dict[frozenset[str], tuple[tuple[str, int], ...]] = field(default_factory=dict)  # by names, for these indices
    _known: dict[frozenset[str], object] = field(default_factory=dict)  # by names
    _further: dict[object, Env] = field(default_factory=dict)  # by what else is an index

    @cached_property
    def standing(self) -> tuple[tuple[str, int], ...]:
        """All indices with their values."""
        return tuple(self.indices.items())

    def near(self, names: frozenset[str]) -> tuple[tuple[str, int], ...]:
        """The values of those of the names that are indices."""
        found = self._near.get(names)
        if found is None:
            found = self._near[names] = tuple([(n, v) for n, v in self.indices.items() if n in names])
        return found

    def known(self, names: frozenset[str]) -> object:
        """What is bound to these names: two places where it is the same give a term the same value."""
        found = self._known.get(names)
        if found is None:
            found = self._known[names] = (
                self.near(names),
                tuple([(k, v[0]) for k, v in self.values.items() if base_name(k) in names]) if self.values else (),
                tuple([(n, d) for n, d in self.laws.items() if n in names or (n[0] == "*" and base_name(n[1:]) in names)]) if self.laws else (),
            )
        return found

    def beyond(self, outer: Env) -> Env:
        """What is bound here and not there."""
        return Env(
            {n: i for n, i in self.indices.items() if outer.indices.get(n) != i},
            {k: v for k, v in self.values.items() if outer.values.get(k) is not v},
            {n: d for n, d in self.laws.items() if outer.laws.get(n) != d},
        )

    def extended(self, inner: Env) -> Env:
        """The same with all that is bound in another."""
        return Env({**self.indices, **inner.indices}, {**self.values, **inner.values}, {**self.laws, **inner.laws})

    def with_index(self, name: str, value: int) -> Env:
        """The same with one more index."""
        at = name, value
        found = self._further.get(at)
        if found is None:
            found = self._further[at] = Env({**self.indices, name: value}, self.values, self.laws)
        return found

    def with_indices(self, more: dict[str, int]) -> Env:
        """The same with more indices."""
        if not more:
            return self
        at = tuple(more.items())
        found = self._further.get(at)
        if found is None:
            found = self._further[at] = Env({**self.indices, **more}, self.values, self.laws)
        return found

    def with_values(self, more: dict[str, Value]) -> Env:
        """The same with more bound values."""
        return Env(
            self.indices,
            {**self.values, **{k: (v.token, v) for k, v in more.items()}},
            self.laws,
            self._near,
        )

    def with_axes(self, keys: tuple[str, ...]) -> Env:
        r"""The same with the variables whose axes are summed around: `E_q` does not sum them once more."""
        return Env(self.indices, self.values, {**self.laws, **{f"*{k}": Density(k) for k in keys}}, self._near)

    @property
    def summed(self) -> frozenset[str]:
        """The variables whose axes are summed around, as `with_axes` has it, and those that are bound to values."""
        return frozenset(self.values).union(n[1:] for n in self.laws if n[0] == "*")

    def with_law(self, law: Density) -> Env:
        """The same with a bare density name standing for a law."""
        return Env(self.indices, self.values, {**self.laws, law.name: law}, self._near)


@final
class World:
    """A batch of worlds of one kind for one theory; see DESIGN in the package's docstrings."""

    def __init__(self, signature: Signature, setting: Setting, base: World | None = None) -> None:
        """Nothing is drawn yet; base: the world of which this one redraws some names."""
        self.base = base
        self.redrawn = tuple({base_name(n) for n, _ in setting.salt})
        self._touched: dict[frozenset[str], bool] = {}
        self.signature = signature
        self.setting = setting
        self.draws = Draws(setting)
        self.nodes = 2 if setting.simple else setting.nodes
        self.sizes = sizes_of(signature, setting)
        self.fixed = naturals(signature, setting, self.sizes)
        self.counted = tuple(self.fixed.items())
        self.table_cache: dict[tuple[str, tuple[str, ...], tuple[str, ...]], Value] = {}
        self.joint_names = frozenset(signature.densities)
        self._joints: dict[str, Joint] = {}
        self._memories: dict[object, Memory] = {}
        self._outermost: dict[frozenset[str], Env] = {}
        self.memory = Memory()  # for what the relation as a whole says
        self.free_outside: frozenset[str] = frozenset()
        self.mentioned: frozenset[str] = frozenset()
        self.full_laws: dict[str, Density] = {}
        self.free_by: object = ()  # what decides which variables are free in a term, beside what is bound
        self.unbound: set[str] = set()  # names without a declaration that were needed
        self.work = 0  # terms evaluated, those on a large grid counted by its size
        self.most = math.inf  # the work at which an evaluation is given up
        self.facts = facts_of(signature)
        self.variable_names, self.reach = self.facts.variables, self.facts.reach
        self.parameters: dict[str, Value] = {}
        self.points: dict[str, Value] = {}
        self.value: Callable[[Term, Env], Value] = _no_evaluator
        self.again: Callable[[], World] = lambda: World(signature, setting)  # afresh, nothing drawn
        self.fresh = itertools.count(1)
        self.member_tables: dict[str, tuple[Value, Joint]] = {}
        self.dots = True  # whether two columns side by side are an inner product
        self.polynomial = False  # what is bound now is integrated against polynomials
        self.moving: frozenset[str] = frozenset()  # ends of paths that a derivative moves along
        self.bare_laws: frozenset[str] = frozenset()  # undeclared names that only stand as laws
        self.recorded: dict[str, Value] = {}  # densities, weights and nodes, for the witness
        # caches of the rooms that fill them
        self.free: dict[object, frozenset[str]] = {}  # mentions
        self.definitions: dict[str, tuple[Definition, ...]] | None = None
        self.weights: dict[str, Value] = {}  # tables
        self.discrete: frozenset[str] | None = None  # factors
        self.parts: dict[Joint, tuple[Part, ...]] = {}  # factors
        self.by_themselves: dict[tuple[Joint, object], bool] = {}  # linear
        self.linear_joints: dict[tuple[Joint, object], Linear] = {}  # linear
        self.solved: dict[tuple[object, object, object, object], tuple[Value, Value]] = {}  # optima
        self.generators: dict[str, Tensor] = {}  # trajectories

    @contextmanager
    def few_nodes(self) -> Generator[None]:
        """Bind with the few quadrature nodes that polynomials need."""
        together = [w for w in (self, self.base) if w is not None]
        before = [w.polynomial for w in together]
        for w in together:
            w.polynomial = True
        try:
            yield
        finally:
            for w, was in zip(together, before, strict=True):
                w.polynomial = was

    def home(self, names: frozenset[str]) -> World:
        """Where what reaches these names is evaluated: in the world behind this one if none of them was drawn afresh."""
        if self.base is None:
            return self
        touched = self._touched.get(names)
        if touched is None:
            touched = self._touched[names] = any(depends_on(n, r) for n in names for r in self.redrawn)
        return self if touched else self.base

    def effort(self) -> int:
        """The work that was done so far, here and in the world behind."""
        return self.work + (self.base.work if self.base is not None else 0)

    @contextmanager
    def within(self, work: float) -> Generator[None]:
        """Evaluate with so much work and no more.

        Raises:
            TooMuchWork: it takes more.
        """
        together = [w for w in (self, self.base) if w is not None]
        for w in together:
            w.most = w.work + work
        try:
            yield
        finally:
            for w in together:
                w.most = math.inf

    def shown(self) -> dict[str, Value]:
        """Everything that was drawn, for the witness."""
        behind = self.base.shown() if self.base is not None else {}
        return {**behind, **self.parameters, **self.points, **self.recorded}

    @contextmanager
    def along_paths(self, ends: frozenset[str]) -> Generator[None]:
        """Compute these ends of paths from what they come from, whatever else the relation says."""
        together = [w for w in (self, self.base) if w is not None]
        before = [w.moving for w in together]
        for w in together:
            w.moving |= ends
        try:
            yield
        finally:
            for w, was in zip(together, before, strict=True):
                w.moving = was

    def on_paths(self, names: frozenset[str], env: Env) -> tuple[object, ...]:
        """What decides values on paths beside what is bound to their names; empty for what reaches no path."""
        ends = self.facts.ends
        if ends.isdisjoint(names):
            return ()
        laws = tuple([d for d in env.laws.values() if any(not ends.isdisjoint(e.names) for e in d.event)])
        return (self.moving, laws, self.free_outside, self.mentioned)

    def look_at(
        self,
        free_outside: frozenset[str],
        mentioned: frozenset[str],
        laws: dict[str, Density],
        *,
        dots: bool = True,
        bare_laws: frozenset[str] = frozenset(),
    ) -> None:
        """Set what the relation as a whole says: variables that stand free, full mentions of bare laws, transposes, bare laws."""
        if self.base is not None:
            self.base.look_at(free_outside, mentioned, laws, dots=dots, bare_laws=bare_laws)
        self.bare_laws = bare_laws
        if (free_outside, mentioned, laws, dots) != (
            self.free_outside,
            self.mentioned,
            self.full_laws,
            self.dots,
        ):
            self.free_outside, self.mentioned, self.full_laws, self.dots = (
                free_outside,
                mentioned,
                laws,
                dots,
            )
            self.free_by = free_outside, tuple(laws.items())
            self.memory = self._memories.setdefault(self._said(), Memory())

    def forget(self, *, everything: bool = False) -> None:
        """Drop the values of terms, but for those of the relation that was asked last; keep what was drawn."""
        self._outermost.clear()
        if everything:
            self._memories.clear()
            self.linear_joints.clear()
        for said, memory in list(self._memories.items()):
            memory.age()
            if not memory.values.old:
                del self._memories[said]
        self.memory = self._memories.setdefault(self._said(), Memory())
        self.linear_joints = {at: v for at, v in self.linear_joints.items() if not at[1]}  # of bindings that are gone
        self.solved = {at: v for at, v in self.solved.items() if not at[3]}
        self.unbound.clear()

    def _said(self) -> object:
        return (self.free_outside, self.mentioned, frozenset(self.full_laws.items()), self.dots)

    # -- indices and sizes --------------------------------------------------------------------

    def outermost(self, free: frozenset[str]) -> Env:
        """What stands outside all binders: values of T, K, … and of the indices in `free`; one object for a relation."""
        found = self._outermost.get(free)
        if found is None:
            found = self._outermost[free] = Env(index_values(free, self.signature, self.setting, self.fixed))
        return found

    def size(self, dimension: str) -> int:
        """The size of a named dimension."""
        if dimension.isdigit():
            return int(dimension)
        if dimension not in self.sizes:
            self.sizes[dimension] = self.sizes.get("d", 2)
        return self.sizes[dimension]

    def default_size(self) -> int | None:
        """The one size there is, if there is only one."""
        found = set(self.sizes.values())
        return found.pop() if len(found) == 1 else None

    # -- variables -----------------------------------------------------------------------------

    def key(self, symbol: Symbol, indices: dict[str, int]) -> str:
        """The ground key of a symbol: `x_3`, or `x`."""
        return key_of(symbol, indices)

    def keys(self, t: Term, indices: dict[str, int]) -> tuple[str, ...]:
        """The ground keys that a variable or a run of variables names."""
        return keys_of(t, indices)

    def symbols_of(self, t: Term, indices: dict[str, int]) -> tuple[str, ...]:
        """Like keys, but empty for what names no variable."""
        try:
            return self.keys(t, indices)
        except CannotEvaluate:
            return ()

    def count(self, key: str) -> int:
        """How many nodes the axis of a variable has: more than its dimension, so that no covariance is singular."""
        base = self.node_key(key)
        name = base_name(base)
        if self.setting.simple or name in self.facts.chained:
            return self.nodes
        declared = self.signature.symbols.get(name)
        size = self.size(declared.shape[0]) if declared and len(declared.shape) == 1 else 0
        return max(self.nodes, size + 2 if size else 0)

    def node_key(self, key: str) -> str:
        """The key whose nodes an axis has: z_k has those of z if z is a variable of a density."""
        drawn = self.drawn_as.get(key)
        if drawn is not None:
            return self.node_key(drawn)
        if "@" in key and key not in self.slot_keys:
            base = base_name(key)
            if base in self.slot_keys:
                return base
        return key

    @cached_property
    def drawn_as(self) -> dict[str, str]:
        """Variables drawn like another one (`x_1 ~ p(x'|x)`): they share its nodes."""
        found: dict[str, str] = {}
        for s in self.signature.samples:
            law = s.law
            if (
                not isinstance(law, Density)
                or len(law.event) != 1
                or not isinstance(law.event[0], Symbol)
            ):
                continue
            try:
                mine, other = key_of(s.variable, self.fixed), key_of(law.event[0], self.fixed)
            except CannotEvaluate:
                continue
            if other not in (mine, base_name(mine)):
                found[mine] = other
        return found

    @cached_property
    def slot_keys(self) -> frozenset[str]:
        """All variables of all declared joints."""
        found: set[str] = set()
        for name in self.signature.densities:
            try:
                found.update(self.joint(name).variables)
            except CannotEvaluate:
                continue
        return frozenset(found)

    def is_variable(self, symbol: Symbol) -> bool:
        """Whether a symbol is a random variable (has an axis, or is a point)."""
        return symbol.name in self.variable_names

    # -- densities -----------------------------------------------------------------------------

    def joint(self, name: str) -> Joint:
        """The ground joint of a declared density."""
        if name in self.member_tables:
            return self.member_tables[name][1]
        if name not in self._joints:
            declared = self.signature.densities.get(name)
            if (
                declared is None and name in self.bare_laws
            ):  # `KL(P \| Q)` of any two laws of one variable
                self._joints[name] = Joint(name, (GroundFactor(name, ("*any",), ()),))
                return self._joints[name]
            if declared is None:
                raise CannotEvaluate(f"the density {name} is not declared")
            self._joints[name] = grounded(declared, self.fixed)
        return self._joints[name]

    # -- drawn quantities ------------------------------------------------------------------------

    def parameter(self, key: str, declared: SymbolDeclaration | None) -> Value:
        """A drawn quantity: scalar, column or matrix in its domain; a real scalar if undeclared."""
        if declared is None or (
            declared.time_dependent and not declared.shape and declared.role == "parameter"
        ):
            self.unbound.add(key)
        if key not in self.parameters:
            shape = tuple(self.size(s) for s in declared.shape) if declared else ()
            self.parameters[key] = drawn(key, declared, shape, self.draws)
        return self.parameters[key]

    def coordinates(self, key: str, shape: tuple[int, ...]) -> Value:
        """The nodes of a finite axis as scalars or columns."""
        base = self.node_key(key)
        nodes = Value(
            (key,), self.draws.normal(f"{base}@nodes", self.count(base), *shape), len(shape)
        )
        self.recorded[f"nodes of {base.replace('@', '_')}"] = nodes
        return nodes

    def shape_of_variable(self, name: str) -> tuple[int, ...]:
        """The mathematical shape of a variable's values."""
        declared = self.signature.symbols.get(name)
        return tuple(self.size(s) for s in declared.shape) if declared else ()


def _no_evaluator(t: Term, env: Env) -> Value:
    raise CannotEvaluate("a world is evaluated through interpreters.exact.evaluate")
