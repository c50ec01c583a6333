r"""Joints of declared Gaussian families: drawn step by step, conditioned by the joint covariance (Bishop 2006, 2.81-2.82).

A factor without a family is N(A x + b, L Lᵀ) with A, b, L drawn.
Main definitions: `Gaussians`, `log_normal`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor

from derivcheck.interpreters.sampling.drawn import CannotSample, Drawn, written_out
from derivcheck.interpreters.sampling.instance import Instance
from derivcheck.interpreters.sampling.joints import Joint, Part, ancestral
from derivcheck.interpreters.sampling.keys import fitted, lettered, symbol_at
from derivcheck.interpreters.sampling.noise import Noise
from derivcheck.interpreters.sampling.rewriting import rewritten
from derivcheck.terms.term import FamilyDensity, Symbol, Term

Rows = dict[str, Tensor]
"""Values by variable, each [n or 1, d] (a number is a column of one)."""
Evaluate = Callable[[Term, Rows], Drawn]
PROBES = 3
CLOSE = 1e-9


def log_normal(x: Tensor, mean: Tensor, cov: Tensor) -> Tensor:
    """log N(x; mean, cov). Shapes: x, mean [n or 1, d], cov [n or 1, d, d]; result [n or 1]."""
    factor = cholesky(cov)
    white = torch.linalg.solve_triangular(factor, (x - mean).unsqueeze(-1), upper=False).squeeze(-1)
    spread = torch.diagonal(factor, dim1=-2, dim2=-1).log().sum(-1)
    return -0.5 * white.square().sum(-1) - spread - 0.5 * x.shape[-1] * math.log(2 * math.pi)


def cholesky(cov: Tensor) -> Tensor:
    """L with L Lᵀ = cov.

    Raises:
        CannotSample: cov is no covariance.
    """
    if not torch.allclose(cov, cov.transpose(-1, -2), rtol=1e-9, atol=1e-12):
        raise CannotSample("a covariance that is not symmetric")
    factor, info = torch.linalg.cholesky_ex(cov)
    if bool(info.any()):
        raise CannotSample("a covariance that is not positive definite")
    return factor


@final
@dataclass(frozen=True)
class Affine:
    """A variable as offset + Σ_root A root + B noise: what a linear joint makes of it. All [.., d]-leading matrices."""

    offset: Tensor  # [d]
    roots: dict[str, Tensor]  # [d, d_root]
    noise: dict[str, Tensor]  # by the variable whose noise it is: [d, d_noise]


@final
class Gaussians:
    """The Gaussian joints of one instance."""

    def __init__(self, model: Instance, evaluate: Evaluate) -> None:
        """Nothing is drawn yet. evaluate: a term's value where some variables have rows of values."""
        self.model = model
        self._evaluate = evaluate
        self._affine: dict[str, dict[str, Affine]] = {}
        self._laws: dict[Part, FamilyDensity | None] = {}
        self.moved = False  # a derivative moves parameters: nothing that is kept holds

    def dimension(self, key: str) -> int:
        """How many numbers a variable is."""
        shape = self.model.shape_of(key)
        if len(shape) > 1:
            raise CannotSample("a random matrix")
        return shape[0] if shape else 1

    # -- one factor -----------------------------------------------------------------------------------

    def family(self, part: Part) -> FamilyDensity | None:
        """The declared family of a factor with its parameters on this instance; None for an abstract factor."""
        if part not in self._laws:
            self._laws[part] = self._declared(part)
        return self._laws[part]

    def _declared(self, part: Part) -> FamilyDensity | None:
        known = False
        for d in self.model.signature.families:
            if d.density.name != part.density:
                continue
            known = True
            letters = self._fit(d.density.event, part.event, self._fit(d.density.given, part.given, {}))
            if letters is not None:
                parameters = tuple(rewritten(lettered(p, letters), self.model) for p in d.family.parameters)
                return FamilyDensity(d.family.family, parameters, symbol_at(part.event[0]))
        if known and len(part.event) != 1:
            raise CannotSample(f"a factor of {part.density} of several variables")
        return None

    def _fit(self, pattern: tuple[Term, ...], keys: tuple[str, ...], letters: dict[str, int] | None) -> dict[str, int] | None:
        if letters is None or len(pattern) != len(keys):
            return None
        found = dict(letters)
        for p, key in zip(pattern, keys, strict=True):
            me = symbol_at(key)
            if not isinstance(p, Symbol) or p.name != me.name:
                return None
            more = fitted(p.index, me.index, self.model.fixed)
            if more is None or any(found.setdefault(k, v) != v for k, v in more.items()):
                return None
        return found

    def law(self, part: Part, known: Rows) -> tuple[Tensor, Tensor]:
        """Mean [n or 1, d] and covariance [n or 1, d, d] of a factor where its conditions have values."""
        if len(part.event) != 1:
            raise CannotSample("a factor of several Gaussian variables")
        (key,) = part.event
        family = self.family(part)
        if family is not None:
            return self.parameters(family, self.dimension(key), known)
        d, name = self.dimension(key), f"{part.density}({key}|{','.join(part.given)})"
        mean = 0.7 * self.model.normal(f"{name}@mean", 1, d)
        for g in part.given:
            mean = mean + known[g] @ (0.6 * self.model.normal(f"{name}@{g}", self.dimension(g), d))
        root = self.model.normal(f"{name}@cov", d, d) / math.sqrt(d)
        return mean, (root @ root.T + 0.3 * torch.eye(d, dtype=torch.float64)).unsqueeze(0)

    def parameters(self, law: FamilyDensity, d: int, known: Rows) -> tuple[Tensor, Tensor]:
        """Mean and covariance of a Gaussian family.

        Raises:
            CannotSample: another family, or parameters of another shape.
        """
        if law.family != "gaussian" or len(law.parameters) != 2:
            raise CannotSample(f"the family {law.family} has no sampler here")
        mean, cov = (self._evaluate(p, known).known("a law") for p in law.parameters)
        if mean.rank == 0:
            if d > 1 and bool(mean.data.any()):
                raise CannotSample("the mean of a law is a number, its variable a column")
            mean = Drawn(mean.data.unsqueeze(-1).expand(-1, d))
        cov = written_out(cov, d)
        if cov.rank == 0 and d == 1:
            cov = Drawn(cov.data[:, None, None])
        if mean.shape != (d,) or cov.shape != (d, d):
            raise CannotSample(f"a law with a mean of shape {mean.shape} and a covariance of shape {cov.shape}")
        return mean.data, cov.data

    # -- the joint --------------------------------------------------------------------------------------

    def draw(self, joint: Joint, event: tuple[str, ...], given: Rows, n: int, g: Noise) -> Rows:
        """n draws of event | given: along the factors where their order allows it, else by correcting a draw of all."""
        parts = ancestral(joint, event, frozenset(given))
        if parts is not None:
            known = self._along(parts, given, n, g)
            return {k: known[k] for k in event}
        roots = {k: v for k, v in given.items() if k in joint.roots}
        parts = ancestral(joint, tuple(k for k in (*event, *given) if k not in roots), frozenset(roots))
        if parts is None:
            raise CannotSample(f"{joint.name} cannot be drawn from its roots")
        known = self._along(parts, roots, n, g)
        observed = tuple(k for k in given if k not in roots)
        gain, _ = self._gain(joint, event, observed)
        miss = torch.cat([(given[k] - known[k]).expand(n, -1) for k in observed], -1) @ gain.T
        sizes = [self.dimension(k) for k in event]
        return {k: known[k] + m for k, m in zip(event, miss.split(sizes, -1), strict=True)}

    def _along(self, parts: tuple[Part, ...], given: Rows, n: int, g: Noise) -> Rows:
        known = dict(given)
        for part in parts:
            mean, cov = self.law(part, known)
            noise = g.normal(n, mean.shape[-1])
            known[part.event[0]] = mean + (cholesky(cov) @ noise.unsqueeze(-1)).squeeze(-1)
        return known

    def log_density(self, joint: Joint, event: Rows, given: Rows) -> Tensor:
        """log of the density's value: the product of its factors where it is one, else by conditioning."""
        fresh = {k: v for k, v in event.items() if k not in given}
        if not fresh:
            return torch.zeros(1, dtype=torch.float64)
        parts = ancestral(joint, tuple(fresh), frozenset(given))
        if parts is not None and {e for p in parts for e in p.event} == fresh.keys():
            out = torch.zeros(1, dtype=torch.float64)
            for part in parts:
                mean, cov = self.law(part, {**given, **fresh})
                out = out + log_normal(fresh[part.event[0]], mean, cov)
            return out
        mean, cov = self.conditional(joint, tuple(fresh), given)
        rows = max(v.shape[0] for v in (*fresh.values(), mean))
        return log_normal(torch.cat([v.expand(rows, -1) for v in fresh.values()], -1), mean, cov)

    def conditional(self, joint: Joint, event: tuple[str, ...], given: Rows) -> tuple[Tensor, Tensor]:
        """Mean [n or 1, m] and covariance [1, m, m] of event | given in a linear joint."""
        variables = self._linear(joint)
        observed = tuple(k for k in given if k in variables)
        gain, cov = self._gain(joint, event, observed)
        mean = self._mean(variables, event, given)
        if observed:
            rows = max(v.shape[0] for v in given.values())
            gap = torch.cat([given[k].expand(rows, -1) for k in observed], -1) - self._mean(variables, observed, given)
            mean = mean + gap @ gain.T
        return mean, cov.unsqueeze(0)

    def _mean(self, variables: dict[str, Affine], keys: tuple[str, ...], given: Rows) -> Tensor:
        out: list[Tensor] = []
        for k in keys:
            v = variables[k]
            mean = v.offset.unsqueeze(0)
            for r, a in v.roots.items():
                if r not in given:
                    if bool(a.any()):
                        raise CannotSample("a density is not given what it is conditioned on")
                    continue
                mean = mean + given[r] @ a.T
            out.append(mean)
        rows = max(m.shape[0] for m in out)
        return torch.cat([m.expand(rows, -1) for m in out], -1)

    def _gain(self, joint: Joint, event: tuple[str, ...], observed: tuple[str, ...]) -> tuple[Tensor, Tensor]:
        """The matrix from the gap of what is observed to the mean of the event, and the covariance left."""
        variables = self._linear(joint)
        sources = sorted({s for k in (*event, *observed) for s in variables[k].noise})
        a = self._stacked(variables, event, sources)
        cov = a @ a.T
        if not observed:
            return cov, cov
        b = self._stacked(variables, observed, sources)
        gain = torch.linalg.solve(b @ b.T, b @ a.T).T
        cov = cov - gain @ b @ a.T
        return gain, (cov + cov.T) / 2

    def _stacked(self, variables: dict[str, Affine], keys: tuple[str, ...], sources: list[str]) -> Tensor:
        blocks = [
            torch.cat([variables[k].noise.get(s, torch.zeros(self.dimension(k), self.dimension(s), dtype=torch.float64)) for s in sources], -1)
            for k in keys
        ]
        return torch.cat(blocks, 0)

    def _linear(self, joint: Joint) -> dict[str, Affine]:
        """Every variable of a joint whose factors are affine in their conditions.

        Raises:
            CannotSample: one is not.
        """
        if self.moved:
            raise CannotSample("a derivative in a parameter of a joint density")
        found = self._affine.get(joint.name)
        if found is None:
            found = {}
            for part in joint.parts:
                found[part.event[0]] = self._step(part, found)
            self._affine[joint.name] = found
        return found

    def _step(self, part: Part, before: dict[str, Affine]) -> Affine:
        offset, slopes, cov = self._probed(part)
        roots: dict[str, Tensor] = {}
        noise: dict[str, Tensor] = {part.event[0]: cholesky(cov)}
        for g, a in slopes.items():
            if g not in before:
                roots[g] = roots[g] + a if g in roots else a
                continue
            offset = offset + a @ before[g].offset
            for into, more in ((roots, before[g].roots), (noise, before[g].noise)):
                for k, m in more.items():
                    into[k] = into[k] + a @ m if k in into else a @ m
        return Affine(offset, roots, noise)

    def _probed(self, part: Part) -> tuple[Tensor, dict[str, Tensor], Tensor]:
        """Offset, slopes and covariance of a factor, found by evaluating it at unit vectors and tested elsewhere."""
        zero = {g: torch.zeros(1, self.dimension(g), dtype=torch.float64) for g in part.given}
        mean, cov = self.law(part, zero)
        slopes: dict[str, Tensor] = {}
        for g in part.given:
            units = torch.eye(self.dimension(g), dtype=torch.float64)
            at_units, _ = self.law(part, {**zero, g: units})
            slopes[g] = (at_units - mean).expand(len(units), -1).T
        probe = {g: self.model.normal(f"{g}@probe", PROBES, self.dimension(g)) for g in part.given}
        there, cov_there = self.law(part, probe)
        said = mean + sum((probe[g] @ slopes[g].T for g in part.given), torch.zeros_like(mean))
        if not torch.allclose(there.expand_as(said), said, rtol=CLOSE, atol=CLOSE) or not torch.allclose(cov_there, cov, rtol=CLOSE, atol=CLOSE):
            raise CannotSample(f"{part.density} is not affine in what it is given: its marginals have no closed form")
        return mean[0], slopes, cov[0]
