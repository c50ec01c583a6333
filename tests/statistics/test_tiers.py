"""Each tier against another way to the same numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import integrate, stats

from derivcheck.samplers.influence import influence_sums
from derivcheck.statistics.claim import claim
from derivcheck.statistics.quadratic_form import QuadraticForm, log_ratio, quadratic_form, together
from derivcheck.statistics.sums import Sums
from derivcheck.statistics.tiers.bounded import BoundedMean, Proportion
from derivcheck.statistics.tiers.exact_gaussian import KnownMean, KnownVariance
from derivcheck.statistics.tiers.gaussian_slope import KnownResidual
from derivcheck.statistics.tiers.joint import Joint
from derivcheck.statistics.tiers.known_cumulants import KnownCumulants
from derivcheck.statistics.tiers.self_normalised import SelfNormalised
from derivcheck.statistics.tiers.stated_variance import influence, stated_variance
from tests.statistics.calibration import SPIKE, generator

ONE = np.ones(1)

# --- T0 ------------------------------------------------------------------------------------------


def test_a_mean_as_scipy_has_it() -> None:
    low, high = KnownVariance(2 * ONE).interval(Sums(400, {"first": 100 * ONE}), 1e-8)
    assert (low[0], high[0]) == pytest.approx(stats.norm.interval(1 - 1e-8, 0.25, 0.1), rel=1e-7)


@pytest.mark.parametrize("n", [5, 4096, 10**7])
@pytest.mark.parametrize("alpha", [0.1, 1e-10])
def test_a_variance_inverts_the_tails_of_chi_squared(n: int, alpha: float) -> None:
    low, high = KnownMean(ONE).interval(Sums(n, {"second": n * ONE}), alpha)
    assert stats.chi2.sf(n / low[0], n) == pytest.approx(alpha / 2, rel=1e-6)
    assert stats.chi2.cdf(n / high[0], n) == pytest.approx(alpha / 2, rel=1e-6)


@pytest.mark.parametrize("n", [40, 2000])
@pytest.mark.parametrize(("alpha", "beta"), [(1e-8, 0.02), (1e-4, 1e-4), (1e-3, 1e-9)])
def test_the_power_of_a_variance_claim_is_what_the_tails_say(n: int, alpha: float, beta: float) -> None:
    """At the tolerance that n resolves, whichever error is smaller; and nearly no smaller tolerance would do."""
    high, low = stats.chi2.isf(alpha / 2, n), stats.chi2.ppf(alpha / 2, n)

    def worst(tolerance: float) -> float:
        """The largest tail of Σ(x−m)² beyond which a verdict fails, doubled where there are two."""
        passes = (2 * stats.chi2.cdf((1 - tolerance) * high, n), 2 * stats.chi2.sf((1 + tolerance) * low, n))
        refuted = (2 * stats.chi2.cdf(high / (1 + tolerance), n), 2 * stats.chi2.sf(low / (1 - tolerance), n))
        return max(*passes, *refuted) if tolerance < 1 else max(passes[1], refuted[0])

    tolerance = float(KnownMean(ONE).min_discrepancy(n, alpha, beta)[0])
    assert worst(tolerance * (1 + 1e-9)) <= beta * (1 + 1e-6)
    assert worst(tolerance * (1 - 1e-3)) > beta


def test_the_samples_of_a_variance_claim_at_one_percent() -> None:
    """STATISTICS.md, section 1: 1.30e6 at α = 1e-6, β = 1e-3 for 1 %, and 5.6e4 for 5 %."""
    tier = KnownMean(ONE)
    assert tier.min_num_samples(0.01 * ONE, 1e-6, 2e-3) == pytest.approx(1.30e6, rel=0.02)
    assert tier.min_num_samples(0.05 * ONE, 1e-6, 2e-3) == pytest.approx(5.4e4, rel=0.05)


def test_a_slope_of_any_regressor() -> None:
    """Given y, exactly normal: the level holds for y from a law without moments."""
    random, missed, runs = generator("slope"), 0, 4_000
    for _ in range(runs):
        y = random.standard_cauchy(50)
        z = 0.7 * y + random.standard_normal(50)
        sums = Sums(50, {"cross": (z @ y) * ONE, "square": (y @ y) * ONE})
        low, high = KnownResidual(ONE, ONE).interval(sums, 0.05)
        missed += not low[0] <= 0.7 <= high[0]
    assert 1e-6 < stats.binom.cdf(missed, runs, 0.05) < 1 - 1e-6


# --- T1 ------------------------------------------------------------------------------------------

FORMS = {
    "square": QuadraticForm(np.asarray([[0.8]]), np.asarray([[0.0]])),
    "shifted": QuadraticForm(np.asarray([[0.5]]), np.asarray([[1.3]])),
    "falling": QuadraticForm(np.asarray([[-0.6]]), np.asarray([[0.4]])),
    "linear": QuadraticForm(np.asarray([[0.0]]), np.asarray([[2.0]])),
}


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("t", [-0.4, 0.01, 0.3])
def test_the_cumulant_function_by_quadrature(name: str, t: float) -> None:
    form = FORMS[name]
    lam, load = form.eigenvalues[0, 0], form.loads[0, 0]

    def density(w: float) -> float:
        return math.exp(t * (lam * w * w + load * w - lam) - w * w / 2) / math.sqrt(2 * math.pi)

    by_hand = math.log(integrate.quad(density, -40, 40, limit=400)[0])
    assert form.cumulant(np.asarray([t]))[0] == pytest.approx(by_hand, rel=1e-8)


@pytest.mark.parametrize("name", FORMS)
def test_its_derivatives(name: str) -> None:
    form, t, h = FORMS[name], np.asarray([0.2]), 1e-5
    first, second = form.derivatives(t)
    up, down = form.derivatives(t + h)[0], form.derivatives(t - h)[0]
    assert first == pytest.approx((form.cumulant(t + h) - form.cumulant(t - h)) / (2 * h), rel=1e-6)
    assert second == pytest.approx((up - down) / (2 * h), rel=1e-6)
    assert form.derivatives(np.zeros(1))[1] == pytest.approx(form.variance)


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("rate", [1e-8, 1e-4, 0.1, 5.0])
def test_the_radius_inverts_the_rate_function(name: str, rate: float) -> None:
    """sup_t (t r − K(t)) = rate at r, on a grid of t up to the pole."""
    form = FORMS[name]
    for mirrored, radius in ((form, form.upper_radius(rate)), (form.reflected(), form.lower_radius(rate))):
        top = float(mirrored.eigenvalues.max())
        share = np.geomspace(1e-6, 0.5, 40_001)
        t = np.concatenate([share, 1 - share]) / (2 * top) if top > 0 else np.geomspace(1e-6, 1e7, 200_001)
        tilted = t * radius[0] - np.asarray([mirrored.cumulant(t[:, None])]).ravel()
        assert tilted.max() == pytest.approx(rate, rel=1e-5)


def test_the_set_of_a_square_by_hand() -> None:
    """Y = λ w²: the rate function is ½ (x − 1 − ln x) at x = 1 + r/λ; upward deviations, the longer ones, bound θ below."""
    lam, n, alpha = 0.8, 200, 1e-6
    low, high = KnownCumulants(FORMS["square"]).interval(Sums(n, {"first": np.asarray([n * 1.7])}), alpha)
    for x in (1 + (1.7 - low[0]) / lam, 1 + (1.7 - high[0]) / lam):
        assert n * (x - 1 - math.log(x)) / 2 == pytest.approx(math.log(2 / alpha), rel=1e-9)
    assert 1.7 - low[0] > 1.05 * (high[0] - 1.7)


def test_the_log_ratio_is_the_statistic() -> None:
    """Its variance, and its values up to a constant, against densities; the radius holds at a level that can be seen."""
    random = generator("log ratio")
    a, b = random.standard_normal((2, 3, 3))
    mean_p, mean_q, cov_p, cov_q = np.zeros(3), np.full(3, 0.4), a @ a.T + np.eye(3), b @ b.T + np.eye(3)
    x = random.multivariate_normal(mean_p, cov_p, size=100_000)
    ratio = stats.multivariate_normal(mean_p, cov_p).logpdf(x) - stats.multivariate_normal(mean_q, cov_q).logpdf(x)
    form = log_ratio(mean_p, cov_p, mean_q, cov_q)
    assert ratio.var() == pytest.approx(form.variance[0], rel=0.05)
    t = -0.2
    assert math.log(np.exp(t * (ratio - ratio.mean())).mean()) == pytest.approx(form.cumulant(np.asarray([t]))[0], rel=0.05)


def test_forms_side_by_side() -> None:
    one, two = quadratic_form([[1.0]], [0.0]), quadratic_form([[0.5, 0.2], [0.2, -0.3]], [1.0, 0.0])
    both = together([one, two])
    for bound in ("upper_radius", "lower_radius"):
        apart = np.concatenate([getattr(one, bound)(1e-3), getattr(two, bound)(1e-3)])
        assert getattr(both, bound)(1e-3) == pytest.approx(apart)


# --- T2 to T4 ------------------------------------------------------------------------------------


@pytest.mark.parametrize("alpha", [0.1, 1e-9])
def test_the_self_normalised_set_is_the_bound_solved(alpha: float) -> None:
    d = generator("d").standard_t(3, 500) + 0.2
    sums = Sums(500, {"first": d.sum() * ONE, "second": (d**2).sum() * ONE})
    for end in SelfNormalised(ONE).interval(sums, alpha):
        away = d - end[0]
        assert abs(away.sum()) == pytest.approx(math.sqrt((away**2).sum() * 2 * math.log(2 / alpha)), rel=1e-9)
    low, high = SelfNormalised(ONE).interval(Sums(5, {"first": ONE, "second": ONE}), alpha)
    assert (low[0], high[0]) == (-np.inf, np.inf)


def test_catonis_set_on_a_fine_grid() -> None:
    """The claim and the tolerance's ends are in the tier's set just when they are in Catoni's, and it holds Catoni's."""
    for run in range(10):
        random = generator(f"catoni {run}")
        values = random.choice(SPIKE.values, p=SPIKE.weights, size=(4096 * 8, 1)) + random.normal(0, 0.03)
        said = claim("spike", SPIKE.mean, relative=0.03, scale=1.0)
        tier = stated_variance(said, SPIKE.moment(2), "the law is written here")
        sums = tier.sums(values)
        low, high = tier.interval(sums, 1e-2)
        log, n = math.log(2 / 1e-2), len(values)
        scale = min(tier.scales[:, 0], key=lambda s: s * tier.variance[0] / 2 + log / (n * s))
        bound = n * scale**2 * tier.variance[0] / 2 + log

        def inside(g: float, scale: float = scale, values: np.ndarray = values, bound: float = bound) -> bool:
            return bool(abs(influence(scale * (values - g)).sum()) <= bound)

        for point in tier.points[:, 0]:
            assert inside(point) == (low[0] <= point <= high[0])
        grid = np.linspace(SPIKE.mean - 0.2, SPIKE.mean + 0.2, 161)
        assert all(low[0] <= g <= high[0] for g in grid if inside(g))


def test_influence_is_catonis() -> None:
    """−ln(1 − x + x²/2) ≤ ψ(x) ≤ ln(1 + x + x²/2), all that the bound needs; and it is the widest choice, reached."""
    x = np.linspace(-50, 50, 2001)
    assert (influence(x) <= np.log1p(x + x**2 / 2) + 1e-12).all()
    assert (influence(x) >= -np.log1p(-x + x**2 / 2) - 1e-12).all()
    assert (np.diff(influence(x)) > 0).all()
    assert (np.diff(influence(x)) <= np.diff(x) + 1e-12).all()


def test_influence_sums_of_a_tensor() -> None:
    values = generator("tensor").standard_normal((1000, 2)) ** 2
    tier = stated_variance(claim("square", [1.0, 1.0], relative=0.1), [2.0, 3.0], "Gaussian")
    drawn, by_numpy = influence_sums(torch.from_numpy(values), tier), tier.sums(values)
    assert drawn.by_name.keys() == by_numpy.by_name.keys()
    for name in drawn.by_name:
        assert drawn[name] == pytest.approx(by_numpy[name], rel=1e-12)


@pytest.mark.parametrize("ones", [0, 1, 17, 59, 60])
def test_a_proportion_inverts_the_tails_of_the_binomial(ones: int) -> None:
    low, high = Proportion(0.5 * ONE).interval(Sums(60, {"first": ones * ONE}), 1e-4)
    assert low[0] == 0 if ones == 0 else stats.binom.sf(ones - 1, 60, low[0]) == pytest.approx(5e-5, rel=1e-9)
    assert high[0] == 1 if ones == 60 else stats.binom.cdf(ones, 60, high[0]) == pytest.approx(5e-5, rel=1e-9)
    exact = stats.binomtest(ones, 60).proportion_ci(1 - 1e-4, "exact")
    assert (low[0], high[0]) == pytest.approx((exact.low, exact.high), rel=1e-6)


@pytest.mark.parametrize("p", [0.02, 0.3, 0.98])
def test_the_power_of_a_proportion_by_the_binomial_itself(p: float) -> None:
    """At the tolerance that n resolves, from the exact probabilities of all counts, on either side."""
    n, alpha, beta = 5000, 1e-6, 1e-3
    tolerance = float(Proportion(p * ONE).min_discrepancy(n, alpha, beta)[0])
    counts = np.arange(n + 1)
    low, high = Proportion(p * ONE).interval(Sums(n, {"first": counts[:, None].astype(np.float64)}), alpha)
    inside = (low[:, 0] > p - tolerance) & (high[:, 0] < p + tolerance)
    assert stats.binom.pmf(counts[inside], n, p).sum() >= 1 - beta
    outside = (p < low[:, 0]) | (p > high[:, 0])
    for truth in (p - tolerance, p + tolerance):
        if 0 < truth < 1:
            assert stats.binom.pmf(counts[outside], n, truth).sum() >= 1 - beta
    mirrored = Proportion((1 - p) * ONE).min_discrepancy(n, alpha, beta)
    assert tolerance == pytest.approx(mirrored[0])


def test_what_contradicts_the_support_is_refused() -> None:
    with pytest.raises(ValueError, match="count"):
        Proportion(ONE / 2).interval(Sums(10, {"first": 10.5 * ONE}), 0.1)
    with pytest.raises(ValueError, match="contradicts"):
        BoundedMean(0 * ONE, ONE).interval(Sums(10, {"first": 11 * ONE, "second": 13 * ONE}), 0.1)


def test_empirical_bernstein_by_hand() -> None:
    f = generator("bounded").random(2000)
    low, high = BoundedMean(0 * ONE, ONE).interval(
        Sums(2000, {"first": f.sum() * ONE, "second": (f**2).sum() * ONE}), 0.01
    )
    radius = math.sqrt(2 * f.var(ddof=1) * math.log(400) / 2000) + 7 * math.log(400) / (3 * 1999)
    assert (low[0], high[0]) == pytest.approx((f.mean() - radius, f.mean() + radius), rel=1e-12)


def test_a_joint_tier_is_its_parts() -> None:
    sums = Sums(5000, {"first": 10 * ONE, "second": 5100 * ONE, "cross": np.ones(2), "square": np.full(2, 4900.0)})
    parts = (KnownVariance(ONE), KnownMean(ONE), KnownResidual(np.ones(2), np.ones(2)))
    tier = Joint(parts, (1, 1, 2))
    low, high = tier.interval(sums, 1e-5)
    assert low == pytest.approx(np.concatenate([p.interval(sums, 1e-5)[0] for p in parts]))
    assert high == pytest.approx(np.concatenate([p.interval(sums, 1e-5)[1] for p in parts]))
    tolerance = np.asarray([0.05, 0.02, 0.1, 0.2])
    assert tier.min_num_samples(tolerance, 1e-5, 1e-3) == parts[1].min_num_samples(tolerance[1:2], 1e-5, 1e-3)
    assert tier.name == "T0"
    assert tier.assumption.count(";") == 2
