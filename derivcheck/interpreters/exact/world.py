r"""A batch of worlds: one random exact model of a theory, made on demand, name by name.

Main definitions: `World` (what is drawn and cached), `Env` (what is bound at a place in a term).
"""

from __future__ import annotations

import itertools
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
from derivcheck.interpreters.exact.setting import Draws, Setting
from derivcheck.interpreters.exact.sizes import index_values, naturals, sizes_of
from derivcheck.interpreters.exact.tables import GroundFactor, Joint
from derivcheck.interpreters.exact.values import CannotEvaluate, Value
from derivcheck.terms.signature import Signature, SymbolDeclaration
from derivcheck.terms.term import Density, Symbol, Term

if TYPE_CHECKING:
    from derivcheck.interpreters.exact.factors import Part
    from derivcheck.interpreters.exact.linear import Linear
    from derivcheck.terms.signature import Definition

_tokens = itertools.count(1)


@final
@dataclass(frozen=True)
class Env:
    """What is bound here: index values, values of variables and overridden quantities, bare laws.

    values: ground key -> (token, value); a token tells two bindings apart in the cache.
    """

    indices: dict[str, int]
    values: dict[str, tuple[int, Value]] = field(default_factory=dict)
    laws: dict[str, Density] = field(default_factory=dict)

    def with_index(self, name: str, value: int) -> Env:
        """The same with one more index."""
        return Env({**self.indices, name: value}, self.values, self.laws)

    def with_indices(self, more: dict[str, int]) -> Env:
        """The same with more indices."""
        return Env({**self.indices, **more}, self.values, self.laws) if more else self

    def with_values(self, more: dict[str, Value]) -> Env:
        """The same with more bound values."""
        return Env(
            self.indices,
            {**self.values, **{k: (next(_tokens), v) for k, v in more.items()}},
            self.laws,
        )

    def with_law(self, law: Density) -> Env:
        """The same with a bare density name standing for a law."""
        return Env(self.indices, self.values, {**self.laws, law.name: law})


@final
class World:
    """A batch of worlds of one kind for one theory; see DESIGN in the package's docstrings."""

    def __init__(self, signature: Signature, setting: Setting) -> None:
        """Nothing is drawn yet."""
        self.signature = signature
        self.setting = setting
        self.draws = Draws(setting)
        self.nodes = 2 if setting.simple else setting.nodes
        self.sizes = sizes_of(signature, setting)
        self.fixed = naturals(signature, setting, self.sizes)
        self.table_cache: dict[tuple[str, tuple[str, ...], tuple[str, ...]], Value] = {}
        self.joint_names = frozenset(signature.densities)
        self._joints: dict[str, Joint] = {}
        self.memo: dict[
            object, Value
        ] = {}  # by term and bindings, for what the relation as a whole says
        self._memos: dict[object, dict[object, Value]] = {}
        self.free_outside: frozenset[str] = frozenset()
        self.mentioned: frozenset[str] = frozenset()
        self.full_laws: dict[str, Density] = {}
        self.unbound: set[str] = set()
        self.facts = facts_of(signature)
        self.variable_names, self.reach = self.facts.variables, self.facts.reach
        self.parameters: dict[str, Value] = {}
        self.points: dict[str, Value] = {}
        self.value: Callable[[Term, Env], Value] = _no_evaluator
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
        self.discrete: frozenset[str] | None = None  # factors
        self.parts: dict[Joint, tuple[Part, ...]] = {}  # factors
        self.linear_joints: dict[object, Linear] = {}  # linear
        self.solved: dict[object, tuple[Value, Value]] = {}  # optima
        self.generators: dict[str, Tensor] = {}  # trajectories

    @contextmanager
    def few_nodes(self) -> Generator[None]:
        """Bind with the few quadrature nodes that polynomials need."""
        before, self.polynomial = self.polynomial, True
        try:
            yield
        finally:
            self.polynomial = before

    @contextmanager
    def along_paths(self, ends: frozenset[str]) -> Generator[None]:
        """Compute these ends of paths from what they come from, whatever else the relation says."""
        before, self.moving = self.moving, self.moving | ends
        try:
            yield
        finally:
            self.moving = before

    def look_at(
        self,
        free_outside: frozenset[str],
        mentioned: frozenset[str],
        laws: dict[str, Density],
        *,
        dots: bool = True,
    ) -> None:
        """Set what the relation as a whole says: variables that stand free, full mentions of bare laws, transposes."""
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
            self.memo = self._memos.setdefault(self._said(), {})

    def forget(self) -> None:
        """Drop the values of terms, keep what was drawn."""
        self._memos.clear()
        self.memo = self._memos.setdefault(self._said(), {})

    def _said(self) -> object:
        return (self.free_outside, self.mentioned, frozenset(self.full_laws.items()), self.dots)

    # -- indices and sizes --------------------------------------------------------------------

    def index_values(self, free: frozenset[str]) -> dict[str, int]:
        """Values of everything that may stand in an index: T, K, … and the free indices in `free`."""
        return index_values(free, self.signature, self.setting, self.fixed)

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
