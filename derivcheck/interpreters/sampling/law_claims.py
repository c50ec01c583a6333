r"""Claims about a law: drawn by the process as it is defined, whitened by the law as it is claimed.

`q(x_{t-1}|x_t,x_0) = N(x_{t-1}; m, S)`: z = L⁻¹(x_{t-1} − m) with L Lᵀ = S is N(0, I) and uncorrelated with x_t and x_0
(T0). A claimed mean m(x_t, x_0) leaves a rest without mean, uncorrelated with x_t and x_0 (T1).
Main definitions: `law_trial`, `moment_trial`.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from derivcheck.interpreters.sampling.claims import PILOT, Rows, flat, quadratic_trial, sized
from derivcheck.interpreters.sampling.drawn import CannotSample
from derivcheck.interpreters.sampling.evaluate import Drawing, Env
from derivcheck.interpreters.sampling.gaussian import cholesky
from derivcheck.interpreters.sampling.keys import keys_of
from derivcheck.interpreters.sampling.noise import Fresh, Noise
from derivcheck.interpreters.sampling.paths import averages
from derivcheck.interpreters.sampling.side import Sides
from derivcheck.statistics.sums import Sums
from derivcheck.statistics.tier import Tier
from derivcheck.statistics.tiers.exact_gaussian import KnownMean, KnownVariance
from derivcheck.statistics.tiers.gaussian_slope import KnownResidual
from derivcheck.statistics.tiers.joint import Joint
from derivcheck.statistics.trial import Trial
from derivcheck.terms.instance import instance
from derivcheck.terms.signature import Signature
from derivcheck.terms.term import Density, FamilyDensity, Moment, Symbol, Term

ROOT_SD = 1.5  # of what the process only starts from: a claim holds wherever that is


def law_trial(sides: Sides, alpha: float) -> Trial | None:
    """`density = family` as a trial; None if the relation is of another form.

    Raises:
        CannotSample: the process cannot be drawn, or what is claimed is no law.
    """
    for process, said in ((sides.left, sides.right), (sides.right, sides.left)):
        if isinstance(process, Density) and isinstance(said, FamilyDensity):
            _same_variable(process, said)
            return _whitened(sides.drawing, process, said, alpha)
    return None


def _same_variable(process: Density, said: FamilyDensity) -> None:
    if len(process.event) != 1 or said.point != process.event[0]:
        raise CannotSample("the law is of another variable than the density")


def declared_process(variable: Term, said: Term, signature: Signature) -> Density:
    r"""The declared density that `x_{t-1} \sim N(..)` speaks of: one of the variable, given what the law mentions.

    Raises:
        CannotSample: there is none, or there are several.
    """
    found: list[Density] = []
    for d in signature.families:
        event = d.density.event[0]
        if len(d.density.event) != 1 or not isinstance(event, Symbol) or not isinstance(variable, Symbol) or event.name != variable.name:
            continue
        density: Term = d.density
        if event != variable:
            if len(event.index) != 1 or not isinstance(event.index[0], Symbol):
                continue
            density = instance(d.density, {event.index[0]: variable.index[0]}) if len(variable.index) == 1 else density
        if isinstance(density, Density) and all(g.names <= said.names for g in density.given):
            found.append(density)
    if len(found) != 1:
        raise CannotSample("no declared density is the one that this law is said of" if not found else "several densities are declared of the variable")
    return found[0]


def moment_trial(sides: Sides, alpha: float) -> Trial | None:
    """`mean (variance, covariance) of a law = formula` as a trial; None if the relation is of another form.

    Raises:
        CannotSample: the process cannot be drawn, or the formula has no value.
    """
    for process, said in ((sides.left, sides.right), (sides.right, sides.left)):
        if isinstance(process, Moment) and isinstance(process.law, Density) and not averages(said):
            rows = _rest(sides.drawing, process, process.law, said)
            return quadratic_trial(rows, f"the {process.kind} of draws of {process.law.name} = formula", "=", alpha)
    return None


def _process(drawing: Drawing, law: Density, n: int, noise: Noise) -> Env:
    """n draws of a law's variables and of all that it is given, by the names they are written with."""
    if drawing.model.kind == "tables":
        raise CannotSample("a law with a formula has no tables")
    joint = drawing.model.joint(law.name)
    names = {drawing.slot(joint, k): k for x in (*law.event, *law.given) for k in keys_of(x)}
    engine = drawing.gaussians
    roots = {r: ROOT_SD * noise.normal(n, engine.dimension(r)) for r in joint.roots}
    wanted = tuple(s for s in names if s not in roots)
    if not wanted:
        raise CannotSample("a law of nothing that is drawn")
    found = {**roots, **engine.draw(joint, wanted, roots, n, noise)}
    drawing.noise, drawing.n = noise, n
    return Env({names[s]: found[s] for s in names})


def _whitened(drawing: Drawing, process: Density, said: FamilyDensity, alpha: float) -> Trial:
    (event,) = keys_of(process.event[0])
    given = tuple(k for x in process.given for k in keys_of(x))
    d = drawing.gaussians.dimension(event)

    def rows(n: int, noise: Noise) -> tuple[Tensor, Tensor]:
        env = _process(drawing, process, n, noise)
        with torch.no_grad():
            mean, cov = drawing.gaussians.parameters(said, d, env.rows)
        gap = env.rows[event] - mean
        factor = cholesky(cov)
        if len(factor) == 1:
            z = gap @ torch.linalg.inv(factor[0]).T
        else:
            z = torch.linalg.solve_triangular(factor, gap.unsqueeze(-1), upper=False).squeeze(-1)
        beside = torch.cat([env.rows[k] for k in given], -1) if given else z[:, :0]
        return z, beside

    _, beside = rows(PILOT, Fresh(torch.Generator().manual_seed(drawing.model.seed % 2**32)))
    centre, spread = beside.mean(0), beside.std(0) if beside.shape[1] else beside.new_zeros(0)
    kept = spread > 1e-9  # what does not vary has nothing to be correlated with
    later, earlier = np.tril_indices(d, -1)
    m, pairs = int(kept.sum()), len(later)

    def draw(seed: int, n: int) -> Sums:
        z, y = rows(n, Fresh(torch.Generator().manual_seed(seed)))
        y = ((y - centre) / torch.where(kept, spread, torch.ones_like(spread)))[:, kept]
        gram, slopes = (z.T @ z).numpy(), (z.T @ y).numpy()
        return Sums(
            n,
            {
                "first": z.sum(0).numpy(),
                "second": np.diag(gram).copy(),
                "cross": np.concatenate([gram[later, earlier], slopes.reshape(-1)]),
                "square": np.concatenate([np.diag(gram)[earlier], np.tile(y.square().sum(0).numpy(), d)]),
            },
        )

    one = np.ones(d)
    parts: list[Tier] = [KnownVariance(one), KnownMean(one)]
    sizes = [d, d]
    if pairs + d * m:
        slopes = np.ones(pairs + d * m)
        parts.append(KnownResidual(slopes, slopes))
        sizes.append(len(slopes))
    value = np.concatenate([np.zeros(d), one, np.zeros(pairs + d * m)])
    latex = f"draws of {process.name}, whitened by the law as claimed, are N(0, I) and uncorrelated with what it is given"
    return sized(latex, "=", Joint(tuple(parts), tuple(sizes)), draw, value, np.ones(len(value)), alpha)


def _rest(drawing: Drawing, moment: Moment, law: Density, said: Term) -> Rows:
    """What is left of the draws when the claimed moment is taken off, and its products with what is given."""
    if len(law.event) != 1 or not set(keys_of(law.event[0])):
        raise CannotSample("a moment of several variables")
    (event,) = keys_of(law.event[0])
    given = tuple(k for x in law.given for k in keys_of(x))
    joint = drawing.model.joint(law.name)

    def rows(n: int, noise: Noise) -> Tensor:
        env = _process(drawing, law, n, noise)
        x = env.rows[event]
        inner = Env({k: v for k, v in env.rows.items() if k != event})
        formula = drawing.value(said, inner).known("a claim about a moment")
        if moment.kind == "mean":
            if formula.rank > 1 or formula.iso:
                raise CannotSample("a mean that is a matrix")
            rest = x - formula.data.reshape(len(formula.data), -1)
            return torch.cat([rest, *(flat(rest.unsqueeze(-1) * env.rows[k].unsqueeze(-2), n) for k in given)], -1)
        mean, _ = drawing.gaussians.conditional(joint, (drawing.slot(joint, event),), {drawing.slot(joint, k): env.rows[k] for k in given})
        rest = x - mean
        if moment.kind == "variance" and formula.rank == 0:
            return rest.square() - formula.data.reshape(-1, 1)
        outer = rest.unsqueeze(-1) * rest.unsqueeze(-2)
        eye = torch.eye(x.shape[-1], dtype=x.dtype)
        claimed = formula.data[:, None, None] * eye if formula.rank == 0 else formula.data
        if formula.rank == 1 or (formula.rank == 0 and not formula.iso and x.shape[-1] > 1):
            raise CannotSample("a covariance that is no matrix")
        return flat(outer - claimed, n)

    return rows
