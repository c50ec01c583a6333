r"""Derivatives against analytic formulas; every true one has a false neighbour.

Guards: matrix calculus that answers 0 (log det, traces of products), a transpose lost by layout, a functional
derivative that keeps its node's weight, a Stop-Grad that only acts on values, a derivative that moves other
variables along (x_{t-1} with x_t), d/dt that ignores the flow.
"""

from __future__ import annotations

import pytest

from tests.checks.asking import result, values

MATRICES = r"""
matrices: ['A \in \mathbb{R}^{n \times n}', 'B \in \mathbb{R}^{n \times m}', 'S \in \mathbb{S}_{++}^{n}', 'M \in \mathbb{R}^{m \times m}']
parameters: ['v \in \mathbb{R}^{n}', 'w \in \mathbb{R}^{m}', 'c > 0', 'a \in \mathbb{R}']
"""
NORMAL = r"""
variables: ['x \in \mathbb{R}^d']
parameters: ['\mu \in \mathbb{R}^d', '\sigma > 0']
matrices: ['\Sigma \in \mathbb{S}_{++}^d']
families: ['p(x) = \mathcal{N}(x; \mu, \Sigma)', 'r(x) = \mathcal{N}(x; \mu, \sigma^2 I)']
"""
DIFFUSION = r"""
variables: ['x_t \in \mathbb{R}^d', '\epsilon_t \in \mathbb{R}^d']
sequences: ['\beta_t \in (0,1)']
definitions: ['\alpha_t = 1 - \beta_t', '\bar\alpha_t = \prod_{s=1}^t \alpha_s']
densities: ['q(x_{0:T}) = q(x_0) \prod_{t=1}^{T} q(x_t|x_{t-1})']
families: ['q(x_t|x_{t-1}) = \mathcal{N}(x_t; \sqrt{\alpha_t} x_{t-1}, \beta_t I)']
laws: ['\epsilon_t \sim \mathcal{N}(0, I)']
paths: ['x_t = \sqrt{\bar\alpha_t} x_0 + \sqrt{1-\bar\alpha_t} \epsilon_t']
conventions: {t: 2..T-1}
"""
GAN = r"""
variables: [x]
densities: ['f(x)', 'g(x)']
functions: ['D(x) \in (0,1)']
"""
SIAM = r"""
variables: ['x_i \in \mathbb{R}^{n}']
densities: ['p(x_1, x_2)']
matrices: ['W \in \mathbb{R}^{m \times n}', 'P \in \mathbb{R}^{m \times m}']
definitions:
  - 'f_i = W x_i'
  - 'J = \frac{1}{2} E_{x_1,x_2}[\|P f_1 - \operatorname{Stop-Grad}(f_2)\|^2]'
  - 'L = \frac{1}{2} E_{x_1,x_2}[\|P f_1 - f_2\|^2]'
  - 'F_1 = E_{x_1,x_2}[f_1 f_1^T]'
  - 'F_{12} = E_{x_1,x_2}[f_1 f_2^T]'
"""
FLOW = r"""
parameters: ['w \in \mathbb{R}^{m}']
matrices: ['Q \in \mathbb{S}_{++}^{m}', 'W \in \mathbb{R}^{m \times n}']
time_dependent: [w, W]
flows: ['\dot w = -Q w', '\dot W = -Q W']
"""

CASES = [
    # what SymPy 1.14 answers 0 to
    (MATRICES, r"\frac{\partial}{\partial S} \log\det S = S^{-1}", "holds"),
    (MATRICES, r"\frac{\partial}{\partial S} \log\det S = 0", "fails"),
    (MATRICES, r"\frac{\partial}{\partial S} \frac{1}{2}(\mathrm{tr}(S) - \log|S|) = \frac{1}{2}(I - S^{-1})", "holds"),
    (MATRICES, r"\frac{\partial}{\partial S} \frac{1}{2}(\mathrm{tr}(S) - \log|S|) = \frac{1}{2}(I + S^{-1})", "fails"),
    (MATRICES, r"\frac{\partial}{\partial A} (\mathrm{tr}(A^T A) + \mathrm{tr}(B^T B)) = 2A", "holds"),
    (MATRICES, r"\frac{\partial}{\partial A} (\mathrm{tr}(A^T A) + \mathrm{tr}(B^T B)) = 2A^T", "fails"),
    (MATRICES, r"\frac{\partial}{\partial A} \mathrm{tr}((I - A)^2) = -2(I - A)^T", "holds"),
    (MATRICES, r"\frac{\partial}{\partial A} \mathrm{tr}((I - A)^2) = -2(I - A)", "fails"),
    # matrices
    (MATRICES, r"\frac{\partial}{\partial A} \mathrm{tr}(A B M B^T) = (B M B^T)^T", "holds"),
    (MATRICES, r"\frac{\partial}{\partial A} \mathrm{tr}(A B M B^T) = B M B^T", "fails"),
    (MATRICES, r"\frac{\partial}{\partial B} v^T B w = v w^T", "holds"),
    (MATRICES, r"\frac{\partial}{\partial A} \|A v - B w\|^2 = 2 (A v - B w) v^T", "holds"),
    (MATRICES, r"\frac{\partial}{\partial A} \|A v - B w\|^2 = (A v - B w) v^T", "fails"),
    (MATRICES, r"\nabla_v (v^T A v) = (A + A^T) v", "holds"),
    (MATRICES, r"\nabla_v (v^T A v) = 2 A v", "fails"),
    (MATRICES, r"\nabla_v (v^T S v) = 2 S v", "holds"),
    (MATRICES, r"\nabla_v \|v\| = \frac{v}{\|v\|}", "holds"),
    (MATRICES, r"\frac{\partial}{\partial c} c^a = a c^{a-1}", "holds"),
    (MATRICES, r"\frac{d}{dc} \log(1 + e^{-c}) = -\frac{1}{1+e^{c}}", "holds"),
    (MATRICES, r"\frac{d}{dc} \log(1 + e^{-c}) = \frac{1}{1+e^{c}}", "fails"),
    (MATRICES, r"\frac{\partial^2}{\partial c^2} c^3 = 6 c", "holds"),
    # scores
    (NORMAL, r"\nabla_x \log p(x) = -\Sigma^{-1}(x - \mu)", "holds"),
    (NORMAL, r"\nabla_x \log p(x) = \Sigma^{-1}(x - \mu)", "fails"),
    (NORMAL, r"\nabla_x \log p(x) = \frac{\nabla_x p(x)}{p(x)}", "holds"),
    (NORMAL, r"\nabla_\mu \log p(x) = \Sigma^{-1}(x - \mu)", "holds"),
    (NORMAL, r"\frac{\partial}{\partial \sigma} \log r(x) = -\frac{d}{\sigma} + \frac{\|x-\mu\|^2}{\sigma^3}", "holds"),
    (NORMAL, r"\frac{\partial}{\partial \sigma} \log r(x) = -\frac{1}{\sigma} + \frac{\|x-\mu\|^2}{\sigma^3}", "fails"),
    (NORMAL, r"E_{p(x)}[\nabla_x \log p(x)] = 0", "holds"),
    (NORMAL, r"\nabla_\mu E_{p(x)}[\|x\|^2] = 2\mu", "holds"),
    (NORMAL, r"\nabla_\mu E_{p(x)}[\|x\|^2] = E_{p(x)}[\|x\|^2 \nabla_\mu \log p(x)]", "holds"),
    (DIFFUSION, r"\nabla_{x_t} \log q(x_t|x_0) = -\frac{x_t - \sqrt{\bar\alpha_t}x_0}{1-\bar\alpha_t}", "holds"),
    (DIFFUSION, r"\nabla_{x_t} \log q(x_t|x_0) = -\frac{\epsilon_t}{\sqrt{1-\bar\alpha_t}}", "holds"),
    (DIFFUSION, r"\nabla_{x_t} \log q(x_t|x_0) = -\frac{\epsilon_t}{1-\bar\alpha_t}", "fails"),
    (DIFFUSION, r"\nabla_{x_t} \log q(x_t|x_0) = -\frac{x_t - \sqrt{\alpha_t}x_0}{1-\bar\alpha_t}", "fails"),
    # functional derivatives: a node's derivative over its weight
    (GAN, r"\frac{\partial}{\partial D} \int f(x) \log D(x) dx = \frac{f(x)}{D(x)}", "holds"),
    (GAN, r"\frac{\partial}{\partial D} \int f(x) \log D(x) dx = \frac{g(x)}{D(x)}", "fails"),
    (GAN, r"\frac{\partial}{\partial D} \int f(x) \log D(x) + g(x) \log(1 - D(x)) dx = \frac{f(x)}{D(x)} - \frac{g(x)}{1-D(x)}", "holds"),
    (GAN, r"\frac{\partial}{\partial D} \int f(x) \log D(x) + g(x) \log(1 - D(x)) dx = \frac{f(x)}{D(x)} + \frac{g(x)}{1-D(x)}", "fails"),
    # Stop-Grad: a value, but no derivative
    (SIAM, r"J = L", "holds"),
    (SIAM, r"\frac{\partial J}{\partial P} = P F_1 - F_{12}^T", "holds"),
    (SIAM, r"\frac{\partial J}{\partial P} = P F_1 - F_{12}", "fails"),
    (SIAM, r"\frac{\partial J}{\partial W} = P^T E_{x_1,x_2}[(P f_1 - f_2) x_1^T]", "holds"),
    (SIAM, r"\frac{\partial L}{\partial W} = P^T E_{x_1,x_2}[(P f_1 - f_2) x_1^T]", "fails"),
    (SIAM, r"\frac{\partial L}{\partial W} = E_{x_1,x_2}[P^T (P f_1 - f_2) x_1^T - (P f_1 - f_2) x_2^T]", "holds"),
    # along flows
    (FLOW, r"\frac{d}{dt} w = -Q w", "holds"),
    (FLOW, r"\frac{d}{dt} \|w\|^2 = -2 w^T Q w", "holds"),
    (FLOW, r"\frac{d}{dt} \|w\|^2 = 2 w^T Q w", "fails"),
    (FLOW, r"\frac{d}{dt} (W W^T) = -Q W W^T - W W^T Q", "holds"),
    (FLOW, r"\frac{d}{dt} (W W^T) = -2 Q W W^T", "fails"),
    (FLOW, r"\frac{d}{dt} (W^T W) = -2 W^T Q W", "holds"),
]  # fmt: skip


@pytest.mark.parametrize(("theory", "latex", "verdict"), CASES, ids=[c[1] for c in CASES])
def test_derivatives(theory: str, latex: str, verdict: str) -> None:
    assert result(latex, theory) == verdict


def test_a_derivative_has_the_shape_of_what_it_is_taken_in() -> None:
    by_B, B = values(MATRICES, r"\frac{\partial}{\partial B} v^T B w", "B")
    assert by_B.shape == B.shape
    assert B.shape[0] != B.shape[1]


PARTIAL = r"""
variables: [x]
functions: ['h(y, x)']
densities: ['f(x)']
parameters: ['u > 0']
definitions: ['k(y, x) = f(x) \log y', 'm(y) = y^3']
"""


@pytest.mark.parametrize(("latex", "verdict"), [
    (r"\frac{\partial}{\partial y} k(y, x) = \frac{f(x)}{y}", "holds"),
    (r"\frac{\partial}{\partial y} k(y, x) = f(x)", "fails"),
    (r"\frac{\partial m(y)}{\partial y} = 3y^2", "holds"),
])  # fmt: skip
def test_a_partial_derivative_in_an_argument(latex: str, verdict: str) -> None:
    assert result(latex, PARTIAL) == verdict
