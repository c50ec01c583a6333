"""D*, JSD and expectations by quadrature against closed forms, other quadrature and draws.

Guards: D* with the two laws exchanged, a JSD without ½ or without log 2, a box that cuts mass, a grid too coarse.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.stats
import torch
from scipy import integrate

from derivcheck.samplers.gaussian import Gaussian
from derivcheck.samplers.generator_data import Density, GeneratorData, NotSettled, SinhArcsinh
from derivcheck.samplers.mixture import GaussianMixture
from derivcheck.samplers.stream import real
from tests.samplers.seeing import CPU, close_means, fresh, gauss, mixture

N = 100_000
GENERATOR = SinhArcsinh(0.3, 1.2, 0.4, 0.8)
DATA = GaussianMixture(weights=real([0.3, 0.7]), means=real([[1.0], [-2.0]]), covs=real([[[1.0]], [[0.3]]]))
PAIR = GeneratorData(DATA, GENERATOR)


def test_the_generator_has_its_density() -> None:
    x = GENERATOR.sample(N, fresh(), CPU)
    grid = np.linspace(-40, 60, 200_001)
    density = GENERATOR.log_prob(torch.tensor(grid)[:, None]).exp().numpy()
    cdf = integrate.cumulative_trapezoid(density, grid, initial=0)
    assert cdf[-1] == pytest.approx(1, abs=1e-6)
    assert scipy.stats.kstest(x[:, 0].numpy(), lambda v: np.interp(v, grid, cdf)).pvalue > 1e-6
    assert scipy.stats.kstest(1.03 * x[:, 0].numpy(), lambda v: np.interp(v, grid, cdf)).pvalue < 1e-6
    assert torch.allclose(GENERATOR.inverse(GENERATOR(x.double())), x.double())


@pytest.mark.parametrize("parameters", [{"scale": 0.0}, {"tail": -1.0}])
def test_what_is_no_generator_is_refused(parameters: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must be positive"):
        SinhArcsinh(**parameters)


def test_without_skew_and_tail_it_is_gaussian() -> None:
    x = torch.linspace(-3, 3, 7, dtype=torch.float64)[:, None]
    assert np.allclose(SinhArcsinh(1.0, 2.0).log_prob(x).numpy(), scipy.stats.norm(1, 2).logpdf(x[:, 0].numpy()))


def test_the_discriminator_is_the_share_of_the_data() -> None:
    x = torch.linspace(-4, 4, 9, dtype=torch.float64)[:, None]
    p, q = DATA.log_prob(x).exp(), GENERATOR.log_prob(x).exp()
    assert torch.allclose(PAIR.discriminator(x), p / (p + q))
    assert torch.allclose(PAIR.log_ratio(x).exp(), p / q)
    far = torch.tensor([[-30.0], [30.0]], dtype=torch.float64)  # where both densities underflow together, D* does not
    assert bool(torch.isfinite(PAIR.discriminator(far)).all())


def test_jsd_by_another_quadrature_and_by_draws() -> None:
    def both(x: float) -> tuple[float, float]:
        point = torch.tensor([[x]], dtype=torch.float64)
        return float(DATA.log_prob(point).exp()), float(GENERATOR.log_prob(point).exp())

    def integrand(x: float) -> float:
        p, q = both(x)
        return sum(0.5 * a * math.log(2 * a / (p + q)) for a in (p, q) if a)

    wanted = integrate.quad(integrand, -12, 20, limit=300, epsabs=1e-11)[0]
    jsd = PAIR.jsd()
    assert jsd == pytest.approx(wanted, abs=1e-8)
    x, y = DATA.sample(N, fresh(), CPU), GENERATOR.sample(N, fresh(2), CPU)
    value = PAIR.discriminator(x).log() + (1 - PAIR.discriminator(y)).log()
    assert close_means(value[:, None], 2 * jsd - math.log(4))


def test_jsd_of_a_law_beside_itself_and_of_laws_apart() -> None:
    assert GeneratorData(DATA, DATA).jsd() == pytest.approx(0, abs=1e-12)
    apart = [Gaussian(mean=real([m]), cov=real([[1.0]])) for m in (0.0, 40.0)]
    assert GeneratorData(*apart).jsd() == pytest.approx(math.log(2), rel=1e-12)


def test_jsd_in_two_dimensions() -> None:
    random = np.random.default_rng(0)
    pair = GeneratorData(mixture(random), gauss(random, 2))
    x, y = pair.data.sample(N, fresh(), CPU), pair.generated.sample(N, fresh(2), CPU)
    value = pair.discriminator(x).log() + (1 - pair.discriminator(y)).log()
    assert close_means(value[:, None], 2 * pair.jsd() - math.log(4))


@pytest.mark.parametrize("law", [DATA, GENERATOR])
def test_expectations(law: Density) -> None:
    assert PAIR.expectation(lambda x: torch.ones(len(x)), law) == pytest.approx(1, rel=1e-12)
    x = law.sample(N, fresh(), CPU)
    assert close_means(x, PAIR.expectation(lambda x: x[:, 0], law))


def test_a_quadrature_that_does_not_settle_gives_no_value() -> None:
    random = np.random.default_rng(0)
    pair = GeneratorData(gauss(random, 3), gauss(random, 3))
    with pytest.raises(NotSettled, match="3 dimensions"):
        pair.jsd()
    with pytest.raises(NotSettled, match="1 dimensions"):
        PAIR.expectation(lambda x: torch.sin(1e7 * x[:, 0] ** 2), DATA)


@pytest.mark.gpu
def test_on_an_accelerator() -> None:
    device = torch.device("cuda")
    g = torch.Generator(device).manual_seed(1)
    for law in (DATA, GENERATOR):
        x = law.sample(N, g, device)
        assert torch.allclose(PAIR.discriminator(x).cpu(), PAIR.discriminator(x.cpu()), rtol=1e-9)
        assert close_means(x, PAIR.expectation(lambda v: v[:, 0], law))
