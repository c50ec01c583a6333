r"""The sampling interpreter: a term on rows of draws, so that the mean over rows is its value; one case per kind of term.

Main definitions: `Drawing`.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from typing import assert_never, final

import torch
from torch import Tensor

from derivcheck.interpreters.sampling.derivatives import gradient
from derivcheck.interpreters.sampling.drawn import (
    CannotSample,
    Drawn,
    add,
    negative,
    number,
    scaled,
    times,
    transposed,
)
from derivcheck.interpreters.sampling.elementary import LINEAR, elementary, norm, power
from derivcheck.interpreters.sampling.gaussian import Gaussians, cholesky, log_normal
from derivcheck.interpreters.sampling.instance import Instance
from derivcheck.interpreters.sampling.joints import Joint
from derivcheck.interpreters.sampling.keys import base, key_of, keys_of
from derivcheck.interpreters.sampling.noise import Fresh, Noise
from derivcheck.interpreters.sampling.paths import Paths, averages
from derivcheck.interpreters.sampling.tables import Tables
from derivcheck.terms.term import (
    ELEMENTARY,
    Add,
    Call,
    Constant,
    Covariance,
    Density,
    Derivative,
    Divergence,
    Divide,
    Expectation,
    FamilyDensity,
    Fold,
    Identity,
    Integral,
    Law,
    MatrixLiteral,
    Moment,
    Multiply,
    Negate,
    Norm,
    Number,
    Optimum,
    Power,
    Relation,
    StopGradient,
    Symbol,
    SymbolRange,
    Term,
    Transpose,
    Unknown,
)

Rows = dict[str, Tensor]
TWO = Number(Fraction(2))


@final
@dataclass(frozen=True)
class Env:
    """What is bound at a place: rows by variable (node numbers on tables, else values), and what a derivative moves."""

    rows: Rows = field(default_factory=Rows)
    leaves: dict[str, Drawn] = field(default_factory=dict[str, Drawn])

    @property
    def count(self) -> int:
        """How many rows there are."""
        return max([1, *(len(v) for v in self.rows.values()), *(len(v.data) for v in self.leaves.values())])

    def and_rows(self, more: Rows) -> Env:
        """With more variables bound."""
        return Env({**self.rows, **more}, self.leaves)

    def repeated(self, times: int) -> Env:
        """Every row several times, one after the other."""
        n = self.count

        def again(x: Tensor) -> Tensor:
            return x.expand(n, *x.shape[1:]).repeat_interleave(times, 0)

        return Env({k: again(v) for k, v in self.rows.items()}, {k: v.of(again(v.data)) for k, v in self.leaves.items()})


@final
class Drawing:
    """Evaluates the sides of one relation on one instance, n rows at a time.

    terms: both sides with every law explicit (`binding`). Two columns side by side are an inner product unless
    the relation writes a transpose.
    """

    def __init__(self, model: Instance, terms: tuple[Term, ...]) -> None:
        """Nothing is drawn yet."""
        self.model = model
        self.paths = Paths(model, terms)
        self.dots = not any(t.transposes for t in terms)
        self.tables = Tables(model)
        self.gaussians = Gaussians(model, self._parameter)
        self.noise: Noise = Fresh(torch.Generator())
        self.n = 1
        self._exactly = False  # averages are finite sums here, since a function stands around them
        self._leaves: dict[str, Drawn] = {}

    def rows(self, t: Term, n: int, noise: Noise) -> Drawn:
        """n rows of a term, [n or 1, *shape]; the next ones of the noise."""
        self.noise, self.n = noise, n
        return self.value(t, Env())

    # -- terms --------------------------------------------------------------------------------------

    def value(self, t: Term, env: Env) -> Drawn:
        """A term where some variables are bound.

        Raises:
            CannotSample: it has no meaning in draws.
        """
        match t:
            case Number(value):
                return number(float(value))
            case Constant(symbol):
                if symbol == "inf":
                    raise CannotSample("infinity is no number")
                return number({"pi": math.pi, "e": math.e}[symbol])
            case Symbol():
                return self.symbol(key_of(t), env)
            case Identity(size):
                if size is None:
                    return Drawn(torch.ones(1, dtype=torch.float64), iso=True)
                return Drawn(torch.eye(self.model.size(size), dtype=torch.float64).unsqueeze(0))
            case Add(terms):
                out = self.value(terms[0], env)
                for x in terms[1:]:
                    out = add(out, self.value(x, env))
                return out
            case Negate(body):
                return negative(self.value(body, env))
            case Multiply(factors):
                out = self.value(factors[0], env)
                for x in factors[1:]:
                    out = times(out, self.value(x, env), dots=self.dots)
                return out
            case Divide(numerator, denominator):
                below = self._number(denominator, env, "a denominator")
                if below.rank or below.iso:
                    raise CannotSample("division by something that is no number")
                return scaled(below.of(1 / below.data), self.value(numerator, env))
            case Power():
                return self._power(t, env)
            case Transpose(body):
                return transposed(self.value(body, env))
            case Norm(body, order):
                return norm(self._number(body, env, "a norm"), order)
            case Call():
                return self._call(t, env)
            case Integral(over, body):
                return self._integral(over, body, env)
            case Expectation(body, _, law, _):
                return self._expectation(law, body, env)
            case Derivative():
                return gradient(self, t, env)
            case StopGradient(body):
                v = self.value(body, env)
                return v.of(v.data.detach())
            case Density() | FamilyDensity():
                return Drawn(torch.exp(self.log_density(t, env)))
            case Moment():
                return self._moment(t, env)
            case SymbolRange(name) | Fold(_, name) | Unknown(name):
                raise CannotSample(f"{name} has no value here")
            case MatrixLiteral():
                raise CannotSample("a matrix written out has no value in draws")
            case Covariance() | Divergence() | Optimum() | Relation():
                raise CannotSample(f"a {type(t).__name__.lower()} has no value in draws")
            case _:
                assert_never(t)

    def symbol(self, key: str, env: Env) -> Drawn:
        """A variable or parameter."""
        leaf = env.leaves.get(key)
        if leaf is not None:
            return leaf
        bound = env.rows.get(key)
        if bound is None and not self.model.is_variable(key):
            return self.model.parameter(key)
        if bound is None:
            path = self.paths.through(key, frozenset(env.rows))
            if path is not None:
                return self.value(path, env)
            bound = self._point(key)
        if bound.dtype == torch.int64:
            return Drawn(self.tables.values(key)[bound])
        shape = self.model.shape_of(key)
        return Drawn(bound.reshape(-1, *shape))

    def _point(self, key: str) -> Tensor:
        """A variable that stands free: one node, or one random point."""
        if self.model.kind == "tables":
            return self.model.normal(f"{self.tables.axis(key)}@point {key}", self.tables.count).argmax().reshape(1)
        return self.model.normal(f"{key}@point", 1, self.gaussians.dimension(key))

    def _number(self, t: Term, env: Env, what: str) -> Drawn:
        """A term whose rows must be its value: on tables averages in it are finite sums."""
        if not averages(t):
            return self.value(t, env).known(what)
        if self.model.kind != "tables":
            raise CannotSample(f"an average stands inside {what}: its estimate would be biased")
        with self._exact():
            return self.value(t, env).known(what)

    @contextmanager
    def _exact(self) -> Generator[None]:
        before, self._exactly = self._exactly, True
        try:
            yield
        finally:
            self._exactly = before

    def _power(self, t: Power, env: Env) -> Drawn:
        if isinstance(t.base, Norm) and t.base.order in ("2", "F") and t.exponent == TWO:
            v = self._number(t.base.body, env, "a norm")
            if v.rank <= 1 or t.base.order == "F":
                return v.of(v.data.square().reshape(len(v.data), -1).sum(-1))
        exponent = self._number(t.exponent, env, "an exponent")
        if isinstance(t.base, Constant) and t.base.symbol == "e":
            return elementary("exp", [exponent], self.model.only_size)
        return power(self._number(t.base, env, "a power"), exponent)

    def _call(self, t: Call, env: Env) -> Drawn:
        function = self.model.signature.functions.get(t.function)
        if t.function in ELEMENTARY and function is None:
            if t.function == "log":
                return Drawn(self._log(t.arguments[0], env))
            if t.function in LINEAR:
                return elementary(t.function, [self.value(a, env) for a in t.arguments], self.model.only_size)
            return elementary(t.function, [self._number(a, env, t.function) for a in t.arguments], self.model.only_size)
        if function is None:
            raise CannotSample(f"the function {t.function} is not declared")
        arguments = [self._number(a, env, "a function") for a in t.arguments]
        if any(a.iso for a in arguments):
            raise CannotSample(f"{t.function} of an identity of unsaid size")
        key = key_of(Symbol(t.function, t.index))
        for place, a in enumerate(t.arguments):  # a number picks the function, a value is its input
            if isinstance(a, Number):
                key += f"@{place}:{a.value}"
        inputs = [v for v, a in zip(arguments, t.arguments, strict=True) if not isinstance(a, Number)]
        n = max([1, *(len(v.data) for v in inputs)])
        flat = [v.data.reshape(len(v.data), -1).expand(n, -1) for v in inputs]
        whole = torch.cat(flat, -1) if flat else torch.zeros(1, 0, dtype=torch.float64)
        return Drawn(self.model.network(key, whole, tuple(self.model.size(x) for x in function.shape), function.domain))

    # -- densities ------------------------------------------------------------------------------------

    def _log(self, t: Term, env: Env) -> Tensor:
        """log of a scalar; of a density without taking its exponential first."""
        match t:
            case Density() | FamilyDensity():
                return self.log_density(t, env)
            case Multiply(factors) if t.densities or any(isinstance(f, FamilyDensity) for f in factors):
                out = torch.zeros(1, dtype=torch.float64)
                for f in factors:
                    out = out + self._log(f, env)
                return out
            case Divide(numerator, denominator) if t.densities:
                return self._log(numerator, env) - self._log(denominator, env)
            case _:
                return elementary("log", [self._number(t, env, "a logarithm")], self.model.only_size).data

    def log_density(self, t: Law, env: Env) -> Tensor:
        """log of the value of a density where it stands."""
        if isinstance(t, FamilyDensity):
            if t.point is None:
                raise CannotSample("a law stands where a number is needed")
            self._refuse_on_tables()
            point = self._rows_of(keys_of(t.point)[0], env)
            with self._moving(env.leaves):
                mean, cov = self.gaussians.parameters(t, point.shape[-1], env.rows)
            return log_normal(point, mean, cov)
        joint = self.model.joint(t.name)
        event, given = self.slots(joint, t.event, env), self.slots(joint, t.given, env)
        if self.model.kind == "tables":
            return self.tables.log_density(joint, event, given)
        with self._moving(env.leaves):
            return self.gaussians.log_density(joint, event, given)

    def _refuse_on_tables(self) -> None:
        if self.model.kind == "tables":
            raise CannotSample("a family has no value on finite tables")

    @contextmanager
    def _moving(self, leaves: dict[str, Drawn]) -> Generator[None]:
        """The parameters of laws see what a derivative moves."""
        before, self._leaves = self._leaves, leaves
        self.gaussians.moved = any(not self.model.is_variable(k) for k in leaves)
        try:
            yield
        finally:
            self._leaves = before
            self.gaussians.moved = any(not self.model.is_variable(k) for k in before)

    def _parameter(self, t: Term, rows: Rows) -> Drawn:
        """A parameter of a law where its conditions have rows."""
        return self.value(t, Env(rows, {k: v for k, v in self._leaves.items() if k not in rows}))

    def _rows_of(self, key: str, env: Env) -> Tensor:
        """The rows of one variable: node numbers [n], or values [n, d]."""
        if self.model.kind == "tables":
            if key in env.leaves:
                raise CannotSample("a density on tables has no derivative")
            found = env.rows.get(key)
            return self._point(key) if found is None else found
        v = self.symbol(key, env)
        return v.data.reshape(len(v.data), -1)

    def slots(self, joint: Joint, terms: tuple[Term, ...], env: Env) -> Rows:
        """Rows by the joint's own variables."""
        out: Rows = {}
        for t in terms:
            for key in keys_of(t):
                slot = self.slot(joint, key)
                if slot in out:
                    raise CannotSample(f"the density {joint.name} is given {slot.replace('@', '_')} twice")
                out[slot] = self._rows_of(key, env)
        return out

    def slot(self, joint: Joint, key: str) -> str:
        """The joint's own name for a variable: z for z_1, where z is one of its variables.

        Raises:
            CannotSample: it has no such variable.
        """
        borrowed = self.model.borrowed
        for slot in (key, base(key)):
            if slot in joint.variables and not (slot != key and base(key) in borrowed):
                return slot
        raise CannotSample(f"the density {joint.name} is not declared over {key.replace('@', '_')}")

    # -- averages -------------------------------------------------------------------------------------

    def _expectation(self, law: Law | None, body: Term, env: Env) -> Drawn:
        if law is None:
            raise CannotSample("an expectation without a law")
        if self._exactly:
            return self._summed_over_law(law, body, env)
        n = max(self.n, env.count)
        v = self.value(body, env.and_rows(self.drawn(law, n, env)))
        return Drawn(v.data, estimate=True, iso=v.iso)

    def drawn(self, law: Law, n: int, env: Env) -> Rows:
        """n draws of a law's variables, by the names they are written with."""
        if isinstance(law, FamilyDensity):
            self._refuse_on_tables()
            key = keys_of(law.point)[0] if law.point is not None else ""
            mean, cov = self.gaussians.parameters(law, self.gaussians.dimension(key), env.rows)
            noise = self.noise.normal(n, mean.shape[-1])
            return {key: mean + (cholesky(cov) @ noise.unsqueeze(-1)).squeeze(-1)}
        joint = self.model.joint(law.name)
        given = self.slots(joint, law.given, env)
        names = {self.slot(joint, k): k for e in law.event for k in keys_of(e)}
        event = tuple(s for s in names if s not in given)
        if len(event) != len(names) or not event:
            raise CannotSample("a law of what it is given")
        engine = self.tables if self.model.kind == "tables" else self.gaussians
        found = engine.draw(joint, event, given, n, self.noise)
        return {names[s]: v for s, v in found.items()}

    def _summed_over_law(self, law: Law, body: Term, env: Env) -> Drawn:
        """An average on tables as a finite sum over all nodes."""
        self._refuse_on_tables() if isinstance(law, FamilyDensity) else None
        assert isinstance(law, Density)
        joint = self.model.joint(law.name)
        keys = tuple(k for e in law.event for k in keys_of(e))
        cells, inner = self.gone_through(keys, env)
        event = {self.slot(joint, k): inner.rows[k] for k in keys}
        return self._added_up(self.tables.mass(joint, event, self.slots(joint, law.given, inner)), body, inner, cells)

    def _integral(self, over: tuple[Term, ...], body: Term, env: Env) -> Drawn:
        """A finite sum on tables; an integral of no density has no sampler."""
        if self.model.kind != "tables":
            raise CannotSample("an integral without a density to draw from")
        keys = tuple(k for v in over for k in keys_of(v))
        cells, inner = self.gone_through(keys, env)
        weight = torch.ones(1, dtype=torch.float64)
        for k in keys:
            weight = weight * self.tables.weights(k)[inner.rows[k]]
        return self._added_up(weight, body, inner, cells)

    def gone_through(self, keys: tuple[str, ...], env: Env) -> tuple[int, Env]:
        """Every row once for each combination of nodes of these variables; how many combinations there are."""
        grid = self.tables.grid(keys)
        cells = self.tables.cells(keys)
        if cells * env.count > 4_000_000:
            raise CannotSample("a sum over too many nodes")
        wide = env.repeated(cells)
        return cells, wide.and_rows({k: v.repeat(env.count) for k, v in grid.items()})

    def _added_up(self, weight: Tensor, body: Term, env: Env, cells: int) -> Drawn:
        v = self.value(body, env)
        n = env.count
        data = v.data.expand(n, *v.data.shape[1:]) * weight.expand(n).reshape(-1, *(1,) * v.rank)
        return v.of(data.reshape(-1, cells, *v.data.shape[1:]).sum(1))

    def _moment(self, t: Moment, env: Env) -> Drawn:
        """The mean or covariance of a Gaussian law, by conditioning."""
        law = t.law
        self._refuse_on_tables()
        if isinstance(law, FamilyDensity):
            raise CannotSample("a moment of a law that is written out")
        joint = self.model.joint(law.name)
        given = self.slots(joint, law.given, env)
        (key,) = (self.slot(joint, k) for e in law.event for k in keys_of(e))
        if key in given:
            raise CannotSample(f"a moment of {key.replace('@', '_')}, which is given")
        mean, cov = self.gaussians.conditional(joint, (key,), given)
        if t.kind == "mean":
            return Drawn(mean.reshape(-1, *self.model.shape_of(key)))
        if t.kind == "variance":
            c = cov[:, 0, 0]
            if not torch.allclose(cov, c[:, None, None] * torch.eye(cov.shape[-1], dtype=cov.dtype), atol=1e-12):
                raise CannotSample("the variance of a law whose coordinates are not alike")
            return Drawn(c)
        return Drawn(cov if self.model.shape_of(key) else cov[:, 0, 0])
