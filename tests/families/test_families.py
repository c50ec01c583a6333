"""Every family against scipy: normalised, moments, log density, draws; −∞ outside the support; refusals.

Guards: a standard deviation where the page has a variance, a scale where it has a rate, a support that is open
at the wrong end, a sampler that ignores its generator, parameters that no family allows.
Draws: Kolmogorov-Smirnov (continuous) or χ² (discrete) at fixed seeds and p ≥ 1e-6 each; a wrong second parameter
is shown to fall below it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.stats
import torch
from scipy import integrate

from derivcheck.families._family import Family, OutsideDomain, ShapesDiffer, Values, one
from derivcheck.registry import declared

FAMILIES: dict[str, Family] = dict(declared("derivcheck.families", "FAMILY"))
CPU = torch.device("cpu")
N = 20_000
LEAST_P = 1e-6


def numbers(values: Values) -> list[Any]:
    return [v[0].numpy() if v.ndim > 1 else float(v[0]) for v in values]


def _gaussian(m: Any, S: Any) -> Any:
    return scipy.stats.multivariate_normal(m, S) if np.ndim(m) else scipy.stats.norm(m, math.sqrt(S))


# the law in scipy, from the parameters of the page; a family without a line here fails
SCIPY: dict[str, Callable[..., Any]] = {
    "gaussian": _gaussian,
    "bernoulli": scipy.stats.bernoulli,
    "uniform": lambda a, b: scipy.stats.uniform(a, b - a),
    "discrete_uniform": lambda a, b: scipy.stats.randint(a, b + 1),
    "categorical": lambda p: scipy.stats.rv_discrete(values=(np.arange(len(p)), p)),
    "laplace": scipy.stats.laplace,
    "exponential": lambda rate: scipy.stats.expon(scale=1 / rate),
    "poisson": scipy.stats.poisson,
    "gamma": lambda a, b: scipy.stats.gamma(a, scale=1 / b),
    "beta": scipy.stats.beta,
    "dirichlet": scipy.stats.dirichlet,
}


def instances(name: str) -> list[Values]:
    random = np.random.default_rng(list(name.encode()))
    return [FAMILIES[name].random_instance(random) for _ in range(8)]


EACH = pytest.mark.parametrize("name", sorted(FAMILIES))


def draws(name: str, values: Values, n: int = N, seed: int = 5) -> torch.Tensor:
    return FAMILIES[name].sample(values, n, torch.Generator().manual_seed(seed), CPU)


def is_vector(values: Values) -> bool:
    return any(v.ndim == 3 for v in values)


@EACH
def test_a_family_is_called_like_its_file_and_known_to_scipy(name: str) -> None:
    assert FAMILIES[name].name == name
    assert name in SCIPY


def test_every_family_that_the_notation_reads_is_there() -> None:
    from derivcheck.notation.ways.family import _FAMILIES

    for family, count in _FAMILIES.values():
        assert len(FAMILIES[family].parameters) == count


@EACH
def test_log_prob_against_scipy(name: str) -> None:
    family = FAMILIES[name]
    for values in instances(name):
        x, law = draws(name, values, 200), SCIPY[name](*numbers(values))
        ours = family.log_prob(values, x).numpy()
        points = x.numpy()
        if name == "dirichlet":
            points = (points / points.sum(1, keepdims=True)).T
        theirs = law.logpmf(points) if family.discrete else law.logpdf(points)
        assert np.allclose(ours, theirs, rtol=1e-10, atol=1e-10)


@EACH
def test_moments_against_scipy(name: str) -> None:
    family = FAMILIES[name]
    for values in instances(name):
        law = SCIPY[name](*numbers(values))
        vector = family.event(values) != ()
        mean = law.mean if name == "gaussian" and vector else law.mean()
        variance = (law.cov if name == "gaussian" else law.cov()) if vector else law.var()
        assert np.allclose(family.mean(values)[0].numpy(), mean)
        assert np.allclose(family.variance(values)[0].numpy(), variance)


@EACH
def test_a_density_has_mass_one(name: str) -> None:
    family = FAMILIES[name]
    for values in [v for v in instances(name) if family.event(v) in {(), (2,)}][:4]:
        assert mass(family, values) == pytest.approx(1, abs=1e-6)


def mass(family: Family, values: Values) -> float:
    if family.discrete:
        points = torch.arange(-20, 200, dtype=torch.float64)
        return float(family.log_prob(values, points).exp().sum())
    low, high = box(family, values)
    if family.event(values) == ():
        return float(integrate.quad(lambda x: density(family, values, [x]), low, high, limit=200, points=[float(family.mean(values))])[0])
    if family.name == "dirichlet":  # a density in the first coordinate
        return float(integrate.quad(lambda x: density(family, values, [[x, 1 - x]]), 0, 1)[0])
    side = torch.linspace(low, high, 801, dtype=torch.float64)  # the trapezoid of a smooth density, to rounding
    return float(family.log_prob(values, torch.cartesian_prod(side, side)).exp().sum()) * ((high - low) / 800) ** 2


def density(family: Family, values: Values, point: list[Any]) -> float:
    return float(family.log_prob(values, torch.tensor(point, dtype=torch.float64)).exp())


def box(family: Family, values: Values) -> tuple[float, float]:
    if family.name in {"uniform", "beta", "dirichlet"}:
        ends = (0.0, 1.0) if family.name != "uniform" else tuple(numbers(values))
        return float(ends[0]), float(ends[1])
    if family.event(values):
        reach = 10 * float(family.variance(values).diagonal(dim1=1, dim2=2).sqrt().max())
        centre = float(family.mean(values).mean())
        return centre - reach, centre + reach
    mean, sd = float(family.mean(values)), float(family.variance(values).sqrt())
    return (0.0 if family.name in {"exponential", "gamma"} else mean - 40 * sd), mean + 40 * sd


# --- draws ----------------------------------------------------------------------------------------


def p_value(name: str, values: Values, sample: np.ndarray) -> float:  # type: ignore[type-arg]
    law = SCIPY[name](*numbers(values))
    if not FAMILIES[name].discrete:
        return float(scipy.stats.kstest(sample, law.cdf).pvalue)
    labels = np.arange(sample.min() - 1, sample.max() + 2)
    expected = law.pmf(labels) * len(sample)
    kept = expected >= 5
    observed = np.asarray([(sample == k).sum() for k in labels[kept]])
    rest = len(sample) - observed.sum(), len(sample) - expected[kept].sum()
    seen, wanted = np.append(observed, rest[0]), np.append(expected[kept], max(rest[1], 1e-9))
    if rest[1] < 5:  # a tail too thin for a cell of its own
        assert rest[0] <= 40
        seen, wanted = observed, expected[kept] * observed.sum() / expected[kept].sum()
    return float(scipy.stats.chisquare(seen, wanted).pvalue)


@EACH
def test_draws_have_the_law(name: str) -> None:
    for values in instances(name)[:4]:
        sample = draws(name, values).numpy()
        if FAMILIES[name].event(values) == ():
            assert p_value(name, values, sample) > LEAST_P
        else:
            mean, cov = (f(values)[0].numpy() for f in (FAMILIES[name].mean, FAMILIES[name].variance))
            assert np.all(np.abs(sample.mean(0) - mean) <= 5.5 * np.sqrt(np.diag(cov) / N))
            assert np.allclose(np.cov(sample.T), cov, atol=0.08 * np.diag(cov).max())


@pytest.mark.parametrize(("name", "true", "taken"), [
    ("gaussian", (0.3, 0.49), (0.3, 0.7)),  # sd for variance
    ("exponential", (2.0,), (0.5,)),  # scale for rate
    ("gamma", (2.0, 3.0), (2.0, 1 / 3)),
    ("laplace", (0.0, 1.0), (0.0, 2**0.5)),
    ("uniform", (0.0, 1.0), (0.0, 1.02)),
    ("bernoulli", (0.3,), (0.33,)),
    ("poisson", (3.0,), (3.1,)),
    ("discrete_uniform", (1.0, 5.0), (0.0, 5.0)),
    ("categorical", ([0.2, 0.3, 0.5],), ([0.22, 0.28, 0.5],)),
    ("beta", (2.0, 3.0), (3.0, 2.0)),
])  # fmt: skip
def test_the_check_of_draws_sees_a_wrong_law(name: str, true: tuple[Any, ...], taken: tuple[Any, ...]) -> None:
    sample = draws(name, one(*true)).numpy()
    assert p_value(name, one(*true), sample) > LEAST_P
    assert p_value(name, one(*taken), sample) < LEAST_P


@EACH
def test_draws_depend_on_the_generator_alone(name: str) -> None:
    values = instances(name)[0]
    first = draws(name, values, 50)
    torch.manual_seed(99)  # the global generator has no part in it
    assert torch.equal(first, draws(name, values, 50))
    assert not torch.equal(first, draws(name, values, 50, seed=6))


@EACH
def test_a_law_for_each_draw(name: str) -> None:
    """Parameters with n rows: draw i is of law i."""
    random = np.random.default_rng(3)
    family, found = FAMILIES[name], list[Values]()
    while len(found) < 2:
        values = family.random_instance(random)
        if not found or [v.shape for v in values] == [v.shape for v in found[0]]:
            found.append(values)
    rows = tuple(torch.cat([a.expand(N // 2, *a.shape[1:]), b.expand(N // 2, *b.shape[1:])]) for a, b in zip(*found, strict=True))
    sample = draws(name, rows)
    for values, part in zip(found, sample.split(N // 2), strict=True):
        sd = family.variance(values)[0]
        sd = (sd.diagonal() if sd.ndim == 2 else sd).sqrt()
        assert bool(((part.mean(0) - family.mean(values)[0]).abs() <= 5.5 * sd / math.sqrt(N // 2)).all())
    together = family.log_prob(rows, sample)
    apart = torch.cat([family.log_prob(v, part) for v, part in zip(found, sample.split(N // 2), strict=True)])
    assert torch.allclose(together, apart, rtol=1e-12)


# --- edges ----------------------------------------------------------------------------------------

OUTSIDE: list[tuple[str, tuple[Any, ...], list[Any]]] = [
    ("bernoulli", (0.3,), [-1.0, 0.5, 2.0, math.nan]),
    ("bernoulli", (0.0,), [1.0]),
    ("bernoulli", (1.0,), [0.0]),
    ("uniform", (0.0, 1.0), [-1e-9, 1 + 1e-9, math.inf]),
    ("discrete_uniform", (1.0, 4.0), [0.0, 5.0, 2.5]),
    ("categorical", ([0.5, 0.5],), [-1.0, 2.0, 0.5]),
    ("categorical", ([1.0, 0.0],), [1.0]),
    ("exponential", (1.0,), [-1e-12, math.inf]),
    ("gamma", (2.0, 1.0), [0.0, -1.0]),
    ("beta", (2.0, 2.0), [0.0, 1.0, 1.5]),
    ("poisson", (2.0,), [-1.0, 0.5, math.inf]),
    ("laplace", (0.0, 1.0), [math.inf, -math.inf, math.nan]),
    ("gaussian", (0.0, 1.0), [math.inf, math.nan]),
    ("dirichlet", ([1.0, 2.0],), [[0.5, 0.6], [1.2, -0.2], [0.0, 1.0]]),
]


@pytest.mark.parametrize(("name", "parameters", "points"), OUTSIDE)
def test_minus_infinity_outside_the_support(name: str, parameters: tuple[Any, ...], points: list[Any]) -> None:
    values = FAMILIES[name].log_prob(one(*parameters), torch.tensor(points, dtype=torch.float64))
    assert values.tolist() == [-math.inf] * len(points)


@pytest.mark.parametrize(("name", "parameters", "point", "value"), [
    ("bernoulli", (0.0,), 0.0, 0.0),
    ("bernoulli", (1.0,), 1.0, 0.0),
    ("categorical", ([1.0, 0.0],), 0.0, 0.0),
    ("exponential", (2.0,), 0.0, math.log(2)),
    ("uniform", (0.0, 2.0), 2.0, -math.log(2)),
    ("gamma", (1.0, 2.0), 1e-300, math.log(2)),
    ("poisson", (0.5,), 0.0, -0.5),
])  # fmt: skip
def test_values_at_the_edge(name: str, parameters: tuple[Any, ...], point: float, value: float) -> None:
    assert FAMILIES[name].log_prob(one(*parameters), torch.tensor([point], dtype=torch.float64)).item() == pytest.approx(value)


@pytest.mark.parametrize(("name", "parameters", "message"), [
    ("gaussian", (0.0, 0.0), "positive"),
    ("gaussian", (0.0, -1.0), "positive"),
    ("gaussian", (math.nan, 1.0), r"\\mu must be finite"),
    ("gaussian", ([0.0, 0.0], [[1.0, 2.0], [2.0, 1.0]]), "positive definite"),
    ("gaussian", ([0.0, 0.0], [[1.0, 0.5], [0.2, 1.0]]), "symmetric"),
    ("bernoulli", (1.2,), r"in \[0, 1\]"),
    ("bernoulli", (math.nan,), r"in \[0, 1\]"),
    ("uniform", (1.0, 1.0), "a must be below b"),
    ("discrete_uniform", (1.0, 2.5), "whole number"),
    ("discrete_uniform", (3.0, 2.0), "at most b"),
    ("categorical", ([0.5, 0.6],), "sum 1"),
    ("categorical", ([1.5, -0.5],), "sum 1"),
    ("exponential", (0.0,), "positive"),
    ("poisson", (math.inf,), "positive"),
    ("gamma", (1.0, -1.0), "b must be positive"),
    ("beta", (0.0, 1.0), "a must be positive"),
    ("dirichlet", ([1.0, 0.0],), "positive"),
    ("laplace", (0.0, 0.0), "b must be positive"),
])  # fmt: skip
def test_parameters_outside_the_domain_are_refused(name: str, parameters: tuple[Any, ...], message: str) -> None:
    with pytest.raises(OutsideDomain, match=message):
        draws(name, one(*parameters), 3)


@pytest.mark.parametrize(("name", "values", "message"), [
    ("gaussian", one(0.0), "1 parameters"),
    ("gaussian", one([0.0, 0.0], 1.0), "do not fit"),
    ("gaussian", one([0.0, 0.0, 0.0], np.eye(2)), "do not fit"),
    ("gaussian", (torch.tensor(0.0), torch.tensor(1.0)), "leading axis"),
    ("exponential", (torch.ones(4),), "n = 3"),
    ("categorical", one(0.5), "leading axis"),
])  # fmt: skip
def test_shapes_that_do_not_fit_are_refused(name: str, values: Values, message: str) -> None:
    with pytest.raises(ShapesDiffer, match=message):
        draws(name, values, 3)


def test_points_of_another_shape_are_refused() -> None:
    with pytest.raises(ShapesDiffer, match="points of shape"):
        FAMILIES["dirichlet"].log_prob(one([1.0, 2.0]), torch.tensor([[0.2, 0.3, 0.5]]))


@pytest.mark.gpu
@EACH
def test_on_an_accelerator(name: str) -> None:
    device = torch.device("cuda")
    values = instances(name)[0]
    family = FAMILIES[name]
    sample = family.sample(values, N, torch.Generator(device).manual_seed(5), device)
    assert sample.device.type == "cuda"
    assert torch.allclose(family.log_prob(values, sample).cpu(), family.log_prob(values, sample.cpu()), rtol=1e-9)
    if family.event(values) == ():
        assert p_value(name, values, sample.cpu().numpy()) > LEAST_P
