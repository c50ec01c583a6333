r"""A batch of worlds: one random exact model of a theory, made on demand, name by name.

Main definitions: `World` (what is drawn and cached), `Env` (what is bound at a place in a term).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import final

import torch

from derivcheck.interpreters.exact.functions import into_domain
from derivcheck.interpreters.exact.indices import integer
from derivcheck.interpreters.exact.setting import Draws, Setting
from derivcheck.interpreters.exact.tables import GroundFactor, Joint
from derivcheck.interpreters.exact.values import CannotEvaluate, Value
from derivcheck.terms.signature import DensityDeclaration, Factor, Signature, SymbolDeclaration
from derivcheck.terms.term import Density, Symbol, SymbolRange, Term

_tokens = itertools.count(1)


@lru_cache(maxsize=65536)
def base_name(key: str) -> str:
    """The name behind a ground key (`x@3` -> `x`) or behind an open constant's (`?const#0` -> `const`)."""
    return key[1:].split("#")[0] if key[0] == "?" else key.split("@")[0]


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
        return Env(self.indices, {**self.values, **{k: (next(_tokens), v) for k, v in more.items()}}, self.laws)

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
        self.sizes = _sizes(signature, setting)
        self.fixed = self._naturals()
        self.table_cache: dict[tuple[str, tuple[str, ...], tuple[str, ...]], Value] = {}
        self.joint_names = frozenset(signature.densities)
        self._joints: dict[str, Joint] = {}
        self.memo: dict[object, Value] = {}  # by term and bindings, for what the relation as a whole says
        self._memos: dict[object, dict[object, Value]] = {}
        self.free_outside: frozenset[str] = frozenset()
        self.mentioned: frozenset[str] = frozenset()
        self.full_laws: dict[str, Density] = {}
        self.unbound: set[str] = set()
        self.variable_names, self.reach = _derived(signature)
        self.parameters: dict[str, Value] = {}
        self.points: dict[str, Value] = {}
        self.value: Callable[[Term, Env], Value] = _no_evaluator
        self.discrete_of: Callable[[str], str | None] = lambda name: None
        self.fresh = itertools.count(1)
        self.member_tables: dict[str, tuple[Value, Joint]] = {}
        self.dots = True  # whether two columns side by side are an inner product
        self.polynomial = False  # what is bound now is integrated against polynomials
        self.bare_laws: frozenset[str] = frozenset()  # undeclared names that only stand as laws
        self.recorded: dict[str, Value] = {}  # densities, weights and nodes, for the witness

    @contextmanager
    def few_nodes(self) -> Iterator[None]:
        """Bind with the few quadrature nodes that polynomials need."""
        before, self.polynomial = self.polynomial, True
        try:
            yield
        finally:
            self.polynomial = before

    def look_at(self, free_outside: frozenset[str], mentioned: frozenset[str], laws: dict[str, Density], *, dots: bool = True) -> None:
        """Set what the relation as a whole says: variables that stand free, full mentions of bare laws, transposes."""
        if (free_outside, mentioned, laws, dots) != (self.free_outside, self.mentioned, self.full_laws, self.dots):
            self.free_outside, self.mentioned, self.full_laws, self.dots = free_outside, mentioned, laws, dots
            self.memo = self._memos.setdefault(self._said(), {})

    def forget(self) -> None:
        """Drop the values of terms, keep what was drawn."""
        self._memos.clear()
        self.memo = self._memos.setdefault(self._said(), {})

    def _said(self) -> object:
        return (self.free_outside, self.mentioned, frozenset(self.full_laws.items()), self.dots)

    # -- indices and sizes --------------------------------------------------------------------

    def _naturals(self) -> dict[str, int]:
        out = {"T": self.setting.horizon, "N": 3, "n": (3, 2, 3)[self.setting.group % 3], "K": (2, 3, 1)[self.setting.group % 3], "M": 2, "m": 2}
        for name, d in self.signature.symbols.items():
            if d.role == "dimension":
                out[name] = self.sizes[name]
            elif d.domain == "natural" and name not in out and d.role != "index":
                out[name] = 2 + (self.setting.group + len(name)) % 2
        for name in list(out):
            declared = self.signature.symbols.get(name)
            if declared and (declared.shape or declared.role in ("variable", "sequence") or (declared.role == "parameter" and declared.domain != "natural")):
                del out[name]
            if name in self.signature.functions or name in self.signature.densities:
                out.pop(name, None)
        for joint in self.signature.densities.values():  # a chain's length, whatever its letter
            for f in joint.factors:
                if isinstance(f.upper, Symbol) and not f.upper.index:
                    out[f.upper.name] = self.setting.horizon
        for joint in self.signature.densities.values():
            for f in joint.factors:
                if f.index is not None:
                    out.pop(f.index, None)
        return out

    def index_values(self, free: frozenset[str]) -> dict[str, int]:
        """Values of everything that may stand in an index: T, K, … and the free indices in `free`."""
        out = dict(self.fixed)
        for rank, name in enumerate(sorted(free | set(self.signature.indices))):
            if name in out:
                continue
            declared = self.signature.symbols.get(name)
            if declared is not None and declared.role not in ("index", "dimension"):
                continue
            span = self.signature.indices.get(name)
            if span is None:
                if declared is None and name not in ("t", "s", "i", "j", "k", "l"):
                    continue
                out[name] = self.setting.step if name in ("t", "s") else 1 + (self.setting.group + rank) % 2
                continue
            try:
                low, high = integer(span.lower, out), integer(span.upper, out)
            except CannotEvaluate:
                continue
            want = self.setting.step
            out[name] = max(low, min(high, want if low <= want <= high else low + (self.setting.group + rank) % max(high - low + 1, 1)))
        return out

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
        if not symbol.index:
            return symbol.name
        parts = []
        for i in symbol.index:
            if isinstance(i, Symbol) and not i.index and i.name not in indices:
                parts.append(i.name)
            else:
                parts.append(str(integer(i, indices)))
        return f"{symbol.name}@{','.join(parts)}"

    def keys(self, t: Term, indices: dict[str, int]) -> tuple[str, ...]:
        """The ground keys that a variable or a run of variables names."""
        match t:
            case Symbol():
                return (self.key(t, indices),)
            case SymbolRange(name, lower, upper):
                return tuple(f"{name}@{i}" for i in range(integer(lower, indices), integer(upper, indices) + 1))
            case _:
                raise CannotEvaluate("something other than a variable stands where a variable is needed")

    def symbols_of(self, t: Term, indices: dict[str, int]) -> tuple[str, ...]:
        """Like keys, but empty for what names no variable."""
        try:
            return self.keys(t, indices)
        except CannotEvaluate:
            return ()

    def count(self, key: str) -> int:
        """How many nodes the axis of a variable has: more than its dimension, so that no covariance is singular."""
        base = self.node_key(key)
        name = base.split("@")[0]
        if self.setting.simple or name in self.chained:
            return self.nodes
        declared = self.signature.symbols.get(name)
        size = self.size(declared.shape[0]) if declared and len(declared.shape) == 1 else 0
        return max(self.nodes, size + 2 if size else 0)

    @property
    def chained(self) -> frozenset[str]:
        """Names of the variables of Markov chains: they have many axes, each with few nodes."""
        if "*chained" not in self.__dict__:
            found = {x.name for d in self.signature.densities.values() for f in d.factors if f.index for x in f.event if isinstance(x, Symbol)}
            self.__dict__["*chained"] = frozenset(found)
        return self.__dict__["*chained"]

    def node_key(self, key: str) -> str:
        """The key whose nodes an axis has: z_k has those of z if z is a variable of a density."""
        drawn = self.drawn_as.get(key)
        if drawn is not None:
            return self.node_key(drawn)
        if "@" in key and key not in self.slot_keys:
            base = key.split("@")[0]
            if base in self.slot_keys:
                return base
        return key

    @property
    def drawn_as(self) -> dict[str, str]:
        """Variables drawn like another one (`x_1 ~ p(x'|x)`): they share its nodes."""
        if "*drawn" not in self.__dict__:
            found: dict[str, str] = {}
            for s in self.signature.samples:
                law = s.law
                if not isinstance(law, Density) or len(law.event) != 1 or not isinstance(law.event[0], Symbol):
                    continue
                try:
                    mine, other = self.key(s.variable, self.fixed), self.key(law.event[0], self.fixed)
                except CannotEvaluate:
                    continue
                if mine != other and mine.split("@")[0] != other:
                    found[mine] = other
            self.__dict__["*drawn"] = found
        return self.__dict__["*drawn"]

    @property
    def discrete(self) -> frozenset[str]:
        """Variables with finitely many nodes in a world of families: x of `p(x|z) p(z)` where only p(z) has one."""
        if "*discrete" not in self.__dict__:
            found: set[str] = set()
            for name in self.signature.densities:
                try:
                    key = self.discrete_of(name)
                except CannotEvaluate:
                    continue
                if key is not None:
                    found.add(key)
            self.__dict__["*discrete"] = frozenset(found)
        return self.__dict__["*discrete"]

    @property
    def slot_keys(self) -> frozenset[str]:
        """All variables of all declared joints."""
        if "*slots" not in self.__dict__:
            found: set[str] = set()
            for name in self.signature.densities:
                try:
                    found.update(self.joint(name).variables)
                except CannotEvaluate:
                    continue
            self.__dict__["*slots"] = frozenset(found)
        return self.__dict__["*slots"]

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
            if declared is None and name in self.bare_laws:  # `KL(P \| Q)` of any two laws of one variable
                self._joints[name] = Joint(name, (GroundFactor(name, ("*any",), ()),))
                return self._joints[name]
            if declared is None:
                raise CannotEvaluate(f"the density {name} is not declared")
            self._joints[name] = self._ground(declared)
        return self._joints[name]

    def _ground(self, declared: DensityDeclaration) -> Joint:
        values = self.index_values(frozenset())
        free = {k: v for k, v in values.items() if k in self.fixed}
        out: list[GroundFactor] = []
        for f in declared.factors:
            for env in _runs(f, free):
                event = tuple(k for e in f.event for k in self.keys(e, env))
                given = tuple(k for g in f.given for k in self.keys(g, env))
                out.append(GroundFactor(f.density or declared.name, event, given))
        return Joint(declared.name, _closed(out))

    # -- drawn quantities ------------------------------------------------------------------------

    def parameter(self, key: str, declared: SymbolDeclaration | None) -> Value:
        """A drawn quantity: scalar, column or matrix in its domain; a real scalar if undeclared."""
        if declared is None or (declared.time_dependent and not declared.shape and declared.role == "parameter"):
            self.unbound.add(key)
        if key not in self.parameters:
            value = self._drawn(key, declared)
            self.parameters[key] = value
        return self.parameters[key]

    def _drawn(self, key: str, declared: SymbolDeclaration | None) -> Value:
        shape = tuple(self.size(s) for s in declared.shape) if declared else ()
        domain = declared.domain if declared else "real"
        if domain in ("symmetric", "positive_definite", "orthogonal", "diagonal") and len(shape) == 2:
            return Value((), self._matrix(key, shape[0], domain), 2)
        if domain == "unit" and not shape:
            u = self.draws.uniform(key)
            return Value((), u if self.setting.simple else 0.08 + 0.6 * u)
        if domain == "natural":
            return Value((), torch.full((1,), float(2 + self.setting.group % 2), dtype=torch.float64))
        if self.setting.simple and domain in ("positive", "nonnegative"):
            return Value((), 2.0 ** torch.round(self.draws.normal(key, *shape)).clamp(-1, 1), len(shape))
        return Value((), into_domain(self.draws.normal(key, *shape), domain), len(shape))

    def _matrix(self, key: str, n: int, domain: str) -> torch.Tensor:
        a = self.draws.normal(key, n, n)
        match domain:
            case "symmetric":
                return (a + a.transpose(-1, -2)) / 2
            case "positive_definite":
                eye = torch.eye(n, dtype=torch.float64)
                return a @ a.transpose(-1, -2) / n + 0.4 * eye
            case "diagonal":
                return torch.diag_embed(torch.diagonal(a, dim1=-2, dim2=-1))
            case _:
                return torch.linalg.qr(a)[0]

    def coordinates(self, key: str, shape: tuple[int, ...]) -> Value:
        """The nodes of a finite axis as scalars or columns."""
        base = self.node_key(key)
        nodes = Value((key,), self.draws.normal(f"{base}@nodes", self.count(base), *shape), len(shape))
        self.recorded[f"nodes of {base.replace('@', '_')}"] = nodes
        return nodes

    def shape_of_variable(self, name: str) -> tuple[int, ...]:
        """The mathematical shape of a variable's values."""
        declared = self.signature.symbols.get(name)
        return tuple(self.size(s) for s in declared.shape) if declared else ()


def _no_evaluator(t: Term, env: Env) -> Value:
    raise CannotEvaluate("a world is evaluated through interpreters.exact.evaluate")


def _sizes(signature: Signature, setting: Setting) -> dict[str, int]:
    names: set[str] = set()
    for d in (*signature.symbols.values(), *signature.functions.values()):
        names.update(s for s in d.shape if not s.isdigit())
    names.update(n for n, d in signature.symbols.items() if d.role == "dimension")
    if setting.kind == "smooth" and setting.group % 3 != 1:
        return dict.fromkeys(sorted(names), 1)
    if setting.kind != "tables":
        return dict.fromkeys(sorted(names), 2)
    return {n: 2 + (rank + setting.group) % max(2, min(3, len(names))) for rank, n in enumerate(sorted(names))}


def _runs(f: Factor, fixed: dict[str, int]) -> list[dict[str, int]]:
    if f.index is None or f.lower is None or f.upper is None:
        return [fixed]
    low, high = integer(f.lower, fixed), integer(f.upper, fixed)
    return [{**fixed, f.index: i} for i in range(low, high + 1)]


def _closed(factors: list[GroundFactor]) -> tuple[GroundFactor, ...]:
    """Without factors whose event another factor already has (a marginal beside its joint)."""
    out: list[GroundFactor] = []
    seen: set[str] = set()
    for f in sorted(factors, key=lambda f: -len(f.event)):
        if not set(f.event) & seen:
            out.append(f)
            seen.update(f.event)
    return tuple(out)


_known: dict[int, tuple[Signature, frozenset[str], dict[str, frozenset[str]]]] = {}


def _derived(signature: Signature) -> tuple[frozenset[str], dict[str, frozenset[str]]]:
    """Variables and reachable names, computed once for a signature."""
    found = _known.get(id(signature))
    if found is None or found[0] is not signature:
        if len(_known) > 64:
            _known.clear()
        found = _known[id(signature)] = signature, _variable_names(signature), _reach(signature)
    return found[1], found[2]


def _variable_names(signature: Signature) -> frozenset[str]:
    found = {n for n, d in signature.symbols.items() if d.role == "variable"}
    for joint in signature.densities.values():
        for f in joint.factors:
            found.update(x.name for x in (*f.event, *f.given) if isinstance(x, Symbol | SymbolRange))
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
        direct.setdefault(name, set()).update(*(a.names for a in fn.arguments)) if fn.network else None
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
