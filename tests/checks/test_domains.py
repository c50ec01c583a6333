r"""Logarithms and integrals of functions that are only declared real, and integrals on the nodes of a density.

Guards: `\nabla \log f` taken for f'/f where f is negative, what holds for bumps alone taken for an identity, a table
that is taken to be free of its family's parameter, nodes of a law that miss where an integrand is.
"""

from __future__ import annotations

import pytest
import torch

from tests.checks.asking import result, values

NORMAL = r"""
variables: ['z \in \mathbb{R}', '\epsilon \in \mathbb{R}']
parameters: ['\mu \in \mathbb{R}', '\sigma > 0']
functions: ['f(z) \in \mathbb{R}', 'g(z) > 0']
densities: ['q(z)']
families: ['q(z) = \mathcal{N}(z; \mu, \sigma^2)']
laws: ['\epsilon \sim \mathcal{N}(0, 1)']
"""
SCORE = r"""
variables: ['x \in \mathbb{R}', 'y \in \mathbb{R}']
parameters: ['\sigma > 0']
densities: ['q(x,y) = q(x) q(y|x)']
families: ['q(y|x) = \mathcal{N}(y; x, \sigma^2)']
networks: ['s_\theta(y) \in \mathbb{R}']
"""


def test_a_slope_has_no_value_where_the_function_has_none() -> None:
    slope, f = (v.data.detach().flatten() for v in values(NORMAL, r"\nabla_z \log f(z)", "f(z)", kind="linear"))
    assert bool((f < 0).any())
    assert torch.equal(torch.isnan(slope), f < 0)


@pytest.mark.parametrize("latex", [
    r"\nabla_\mu E_\epsilon[f(\mu + \sigma \epsilon)] = E_\epsilon[\nabla_\mu \log f(\mu + \sigma \epsilon)]",
    r"E_{q(z)}[f(z)(z - \mu)] = \sigma^2 E_{q(z)}[\nabla_z \log f(z)]",
    r"\int f(z) \nabla_\mu \log q(z) dz = E_{q(z)}[f(z) \nabla_\mu \log q(z)]",
    r"\int f(z) dz = \int f(z)^2 dz",
])  # fmt: skip
def test_what_fails_where_it_has_a_value_is_refuted(latex: str) -> None:
    assert result(latex, NORMAL) == "fails"


@pytest.mark.parametrize("latex", [
    r"\int \nabla_z f(z) dz = 0",  # of f that vanish, not of tanh
    r"\int |f(z)| dz = \int f(z) dz",
])  # fmt: skip
def test_what_holds_for_bumps_alone_is_not_accepted(latex: str) -> None:
    assert result(latex, NORMAL) != "holds"


@pytest.mark.parametrize("latex", [
    r"E_{q(z)}[\nabla_z \log g(z)] = \frac{1}{\sigma^2} E_{q(z)}[(z - \mu) \log g(z)]",
    r"\nabla_\mu \int q(z) f(z) dz = \int f(z) \nabla_\mu q(z) dz",
    r"\int (q(z) f(z) + \mathcal{N}(z; 0, 1) g(z)) dz = E_{q(z)}[f(z)] + \int \mathcal{N}(z; 0, 1) g(z) dz",
])  # fmt: skip
def test_true_relations_of_functions_hold(latex: str) -> None:
    assert result(latex, NORMAL) == "holds"


def test_a_table_does_not_know_the_parameter_of_its_family() -> None:
    assert result(r"\nabla_\mu \int \log q(z) f(z) dz = \int f(z) \nabla_\mu q(z) dz", NORMAL) == "undecided"


@pytest.mark.parametrize(("latex", "want"), [
    (r"\int q(y|x) dx = 1", "holds"),  # by symmetry of the normal density
    (r"\int q(y|x) dx = 2", "fails"),
    (r"\int q(y|x) \nabla_y \log q(y|x) dx = 0", "holds"),
    (r"\int s_\theta(y) \nabla_y \int \log q(x) q(y|x) dx dy = \int \int q(x) q(y|x) s_\theta(y) \nabla_y \log q(y|x) dx dy", "undecided"),
])  # fmt: skip
def test_an_integral_is_where_its_integrand_is(latex: str, want: str) -> None:
    assert result(latex, SCORE) == want
