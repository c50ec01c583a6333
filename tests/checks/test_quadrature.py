r"""Differences that the quadrature makes are no refutations.

Guards: four Hermite nodes, exact for polynomials, trusted where the integrand is none and finer rules have too many
nodes (E of E of a density refuted, with and without an open constant); true refutations of polynomials that this must not cost.
"""

from __future__ import annotations

import pytest

from tests.checks.asking import result

CHAIN = r"""
variables: ['x_t \in \mathbb{R}^d']
sequences: ['\beta_t \in (0,1)']
densities: ['q(x_{1:T}|x_0) = \prod_{t=1}^{T} q(x_t|x_{t-1})']
families: ['q(x_t|x_{t-1}) = \mathcal{N}(x_t; \sqrt{1-\beta_t} x_{t-1}, \beta_t I)']
conventions: {t: 2..T-1, const: 'free of x_0'}
"""


@pytest.mark.parametrize("latex", [
    r"E_{q(x_{t-1}|x_0)}[E_{q(x_t|x_{t-1})}[q(x_t|x_0)]] = E_{q(x_t|x_0)}[q(x_t|x_0)]",
    r"E_{q(x_{t-1},x_t|x_0)}[q(x_t|x_0)] = E_{q(x_t|x_0)}[q(x_t|x_0)]",
    r"E_{q(x_{t-1}|x_0)}[E_{q(x_t|x_{t-1})}[\exp(-\|x_t\|^2)]] = E_{q(x_t|x_0)}[\exp(-\|x_t\|^2)]",
    r"E_{q(x_{t-1}|x_0)}[E_{q(x_t|x_{t-1})}[\exp(-\|x_t\|^2)]] = E_{q(x_t|x_0)}[\exp(-\|x_t\|^2)] + const",
])  # fmt: skip
def test_what_few_nodes_cannot_resolve_is_not_refuted(latex: str) -> None:
    assert result(latex, CHAIN) != "fails"


@pytest.mark.parametrize(("factor", "want"), [("", "holds"), ("2", "fails")])
def test_polynomials_are_still_decided(factor: str, want: str) -> None:
    latex = rf"E_{{q(x_{{t-1}}|x_0)}}[E_{{q(x_t|x_{{t-1}})}}[\|x_t\|^2]] = {factor}E_{{q(x_t|x_0)}}[\|x_t\|^2]"
    assert result(latex, CHAIN) == want


@pytest.mark.parametrize("latex", [
    r"E_{q(x_t|x_0)}[\exp(-\|x_t\|^2)] = E_{q(x_t|x_0)}[\exp(-2\|x_t\|^2)] + const",
    r"E_{q(x_t|x_0)}[\|x_t\|^2] = E_{q(x_t|x_0)}[\|x_t - x_0\|^2] + const",
])  # fmt: skip
def test_what_more_nodes_leave_is_refuted_beside_a_constant(latex: str) -> None:
    assert result(latex, CHAIN) == "fails"
