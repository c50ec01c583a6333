r"""Families: Gaussian conditionals, divergences, mixtures, quadrature, against closed forms and scipy.

Guards: a conditional that forgets the prior's variance, a KL that is right for d = 1 only, a quadrature that is off
by more than rounding, a plain integral taken over a finite axis as if it were the line, a path that is not tied
to its sources (or tied to those of another time).
"""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
import torch

from derivcheck.interpreters.exact.values import CannotEvaluate
from tests.checks.asking import plain, result, shared, term, values

NORMAL = r"""
variables: ['x \in \mathbb{R}']
parameters: ['m \in \mathbb{R}', 's > 0', 'a \in \mathbb{R}', 'b > 0']
families: ['p(x) = \mathcal{N}(x; m, s^2)', 'r(x) = \mathcal{N}(x; a, b^2)']
"""
VECTOR = r"""
variables: ['x \in \mathbb{R}^d']
parameters: ['\mu_0 \in \mathbb{R}^d', '\mu_1 \in \mathbb{R}^d']
matrices: ['\Sigma_0 \in \mathbb{S}_{++}^d', '\Sigma_1 \in \mathbb{S}_{++}^d']
families: ['p(x) = \mathcal{N}(x; \mu_0, \Sigma_0)', 'r(x) = \mathcal{N}(x; \mu_1, \Sigma_1)']
"""
LINEAR = r"""
variables: ['z \in \mathbb{R}^k', 'x \in \mathbb{R}^d']
parameters: ['b \in \mathbb{R}^d']
matrices: ['A \in \mathbb{R}^{d \times k}', 'S \in \mathbb{S}_{++}^d', 'P \in \mathbb{S}_{++}^k']
densities: ['p(x,z) = p(x|z) p(z)']
families: ['p(z) = \mathcal{N}(z; 0, P)', 'p(x|z) = \mathcal{N}(x; A z + b, S)']
"""
DIFFUSION = r"""
variables: ['x_t \in \mathbb{R}^d', '\epsilon \in \mathbb{R}^d', '\epsilon_t \in \mathbb{R}^d']
sequences: ['\beta_t \in (0,1)']
definitions: ['\alpha_t = 1 - \beta_t', '\bar\alpha_t = \prod_{s=1}^t \alpha_s']
densities: ['q(x_{0:T}) = q(x_0) \prod_{t=1}^{T} q(x_t|x_{t-1})']
families: ['q(x_t|x_{t-1}) = \mathcal{N}(x_t; \sqrt{\alpha_t} x_{t-1}, \beta_t I)']
moments: [{mean: '\tilde\mu_t(x_t, x_0)', variance: '\tilde\beta_t', of: 'q(x_{t-1}|x_t, x_0)'}]
conventions: {t: 2..T-1}
"""
PATH = DIFFUSION + r"""
laws: ['\epsilon_t \sim \mathcal{N}(0, I)', '\epsilon \sim \mathcal{N}(0, I)']
paths: ['x_t = \sqrt{\bar\alpha_t} x_0 + \sqrt{1-\bar\alpha_t} \epsilon_t']
networks: ['\epsilon_\theta(x_t, t) \in \mathbb{R}^d']
"""
MIXTURE = r"""
variables: [c, 'x \in \mathbb{R}']
parameters: ['s > 0']
functions: ['m(c) \in \mathbb{R}']
densities: ['p(x,c) = p(x|c) p(c)']
families: ['p(x|c) = \mathcal{N}(x; m(c), s^2)']
"""
LATENT = r"""
variables: [x, 'z \in \mathbb{R}^d']
densities: ['p(x,z) = p(x|z) p(z)']
families: ['p(z) = \mathcal{N}(z; 0, I)']
"""


def test_densities_against_scipy() -> None:
    p, x, m, s = (v.data.flatten().numpy() for v in values(NORMAL, "p(x)", "x", "m", "s", kind="linear"))
    assert np.allclose(p, scipy.stats.norm.pdf(x, m, s), rtol=1e-12)
    p, x, m, S = (plain(v).numpy() for v in values(VECTOR, "p(x)", "x", r"\mu_0", r"\Sigma_0", kind="linear"))
    assert x.shape[-1] >= 2
    assert np.allclose(p, [scipy.stats.multivariate_normal.pdf(*k) for k in zip(x, m, S, strict=True)], rtol=1e-10)


def test_divergences_against_closed_forms_in_more_than_one_dimension() -> None:
    """½(log|S₁|/|S₀| − d + tr S₁⁻¹S₀ + …): without d every one-dimensional test of −1 against −d passes."""
    KL, H, m0, m1, S0, S1 = (plain(v).numpy() for v in values(VECTOR, r"KL(p(x)\|r(x))", "H(p(x))", r"\mu_0", r"\mu_1", r"\Sigma_0", r"\Sigma_1", kind="linear"))
    for k, h, a, b, A, B in zip(KL, H, m0, m1, S0, S1, strict=True):
        d = len(a)
        inverse = np.linalg.inv(B)
        wanted = (np.linalg.slogdet(B)[1] - np.linalg.slogdet(A)[1] - d + np.trace(inverse @ A) + (b - a) @ inverse @ (b - a)) / 2
        assert np.isclose(k, wanted)
        assert np.isclose(h, scipy.stats.multivariate_normal(a, A).entropy())


def test_conditionals_of_a_linear_model_against_the_schur_complement() -> None:
    parts = ["p(z|x)", "p(x)", "x", "z", "A", "b", "S", "P"]
    posterior, evidence, x, z, A, b, S, P = (plain(v).numpy() for v in values(LINEAR, *parts, kind="linear"))
    for i in range(len(x)):
        C = A[i] @ P[i] @ A[i].T + S[i]
        K = P[i] @ A[i].T @ np.linalg.inv(C)
        mean, cov = K @ (x[i] - b[i]), P[i] - K @ A[i] @ P[i]
        assert np.isclose(evidence[i], scipy.stats.multivariate_normal.pdf(x[i], b[i], C), rtol=1e-9)
        assert np.isclose(posterior[i], scipy.stats.multivariate_normal.pdf(z[i], mean, (cov + cov.T) / 2), rtol=1e-9)


def test_moments_of_a_diffusion_posterior_against_its_formula() -> None:
    mean = r"\frac{\sqrt{\bar\alpha_{t-1}}\beta_t}{1-\bar\alpha_t} x_0 + \frac{\sqrt{\alpha_t}(1-\bar\alpha_{t-1})}{1-\bar\alpha_t} x_t"
    assert result(rf"\tilde\mu_t(x_t,x_0) = {mean}", DIFFUSION) == "holds"
    assert result(r"\tilde\beta_t = \frac{1-\bar\alpha_{t-1}}{1-\bar\alpha_t} \beta_t", DIFFUSION) == "holds"
    assert result(r"\tilde\beta_t = \frac{1-\bar\alpha_t}{1-\bar\alpha_{t-1}} \beta_t", DIFFUSION) == "fails"
    assert result(r"\tilde\beta_t = \beta_t", DIFFUSION) == "fails"
    assert result(rf"\tilde\mu_t(x_t,x_0) = {mean.replace('x_0 +', 'x_0 -')}", DIFFUSION) == "fails"


@pytest.mark.parametrize(("latex", "verdict"), [
    (r"q(x_t|x_0) = \mathcal{N}(x_t; \sqrt{\bar\alpha_t} x_0, (1-\bar\alpha_t) I)", "holds"),
    (r"q(x_t|x_0) = \mathcal{N}(x_t; \sqrt{\alpha_t} x_0, (1-\bar\alpha_t) I)", "fails"),
    (r"q(x_t|x_0) = \mathcal{N}(x_t; \sqrt{\bar\alpha_t} x_0, (1-\alpha_t) I)", "fails"),
    (r"q(x_t|x_0) = \mathcal{N}(x_t; \bar\alpha_t x_0, (1-\bar\alpha_t) I)", "fails"),
    (r"q(x_1|x_0) = \mathcal{N}(x_1; \sqrt{\alpha_1} x_0, \beta_1 I)", "holds"),
    (r"KL(q(x_T|x_0)\|\mathcal{N}(0,I)) = \frac{1}{2}(-d\bar\alpha_T + \bar\alpha_T\|x_0\|^2 - d\log(1-\bar\alpha_T))", "holds"),
    (r"KL(q(x_T|x_0)\|\mathcal{N}(0,I)) = \frac{1}{2}(-\bar\alpha_T + \bar\alpha_T\|x_0\|^2 - \log(1-\bar\alpha_T))", "fails"),
    (r"E_{q(x_t|x_0)}[\|x_t\|^2] = \bar\alpha_t\|x_0\|^2 + d(1-\bar\alpha_t)", "holds"),
    (r"E_{q(x_t|x_0)}[\|x_t\|^2] = \bar\alpha_t\|x_0\|^2 + (1-\bar\alpha_t)", "fails"),
])  # fmt: skip
def test_a_chain_in_closed_form(latex: str, verdict: str) -> None:
    assert result(latex, DIFFUSION) == verdict


@pytest.mark.parametrize(("latex", "verdict"), [
    (r"x_0 = \frac{1}{\sqrt{\bar\alpha_t}}(x_t - \sqrt{1-\bar\alpha_t}\epsilon_t)", "holds"),  # backward
    (r"\epsilon_t = \frac{x_t - \sqrt{\bar\alpha_t}x_0}{\sqrt{1-\bar\alpha_t}}", "holds"),
    (r"x_0 = \frac{1}{\sqrt{\bar\alpha_t}}(x_t - (1-\bar\alpha_t)\epsilon_t)", "fails"),
    (r"\epsilon_t = \frac{x_t - \sqrt{\alpha_t}x_0}{\sqrt{1-\alpha_t}}", "fails"),
    (r"\tilde\mu_t(x_t,x_0) = \frac{1}{\sqrt{\alpha_t}}(x_t - \frac{\beta_t}{\sqrt{1-\bar\alpha_t}}\epsilon_t)", "holds"),
    (r"\tilde\mu_t(x_t,x_0) = \frac{1}{\sqrt{\alpha_t}}(x_t - \frac{\beta_t}{\sqrt{1-\alpha_t}}\epsilon_t)", "fails"),
    (r"E_{q(x_t|x_0)}[\|x_t - \sqrt{\bar\alpha_t}x_0\|^2] = (1-\bar\alpha_t) d", "holds"),
    (r"E_{\epsilon_t}[\|x_t\|^2] = \bar\alpha_t\|x_0\|^2 + (1-\bar\alpha_t) d", "holds"),
    (r"E_{x_0,\epsilon_t}[\|\epsilon_t - \epsilon_\theta(x_t,t)\|^2] = E_{x_0,\epsilon_t}[\|\epsilon_t - \epsilon_\theta(\sqrt{\bar\alpha_t}x_0 + \sqrt{1-\bar\alpha_t}\epsilon_t,t)\|^2]", "holds"),
    (r"E_{x_0,\epsilon_t}[\|\epsilon_t - \epsilon_\theta(x_t,t)\|^2] = E_{x_0,\epsilon_t}[\|\epsilon_t - \epsilon_\theta(\sqrt{\alpha_t}x_0 + \sqrt{1-\alpha_t}\epsilon_t,t)\|^2]", "fails"),
])  # fmt: skip
def test_paths_forward_and_backward(latex: str, verdict: str) -> None:
    assert result(latex, PATH) == verdict


@pytest.mark.parametrize(("latex", "verdict"), [
    (r"E_{p(x)}[x] = E_{p(c)}[m(c)]", "holds"),
    (r"E_{p(x)}[x^2] = s^2 + E_{p(c)}[m(c)^2]", "holds"),
    (r"E_{p(x)}[x^2] = E_{p(c)}[m(c)^2]", "fails"),
    (r"\int p(x) dx = 1", "holds"),
])  # fmt: skip
def test_mixtures_over_atoms(latex: str, verdict: str) -> None:
    assert result(latex, MIXTURE) == verdict


@pytest.mark.parametrize(("latex", "verdict"), [
    (r"\log p(x) \geq E_{p(z)}[\log p(x|z)]", "holds"),
    (r"p(x) = \int p(x|z) p(z) dz", "holds"),
    (r"p(z|x) = \frac{p(x|z) p(z)}{p(x)}", "holds"),
    (r"p(z|x) = p(x|z) p(z)", "fails"),
])  # fmt: skip
def test_a_family_for_the_latent_variable_only(latex: str, verdict: str) -> None:
    assert result(latex, LATENT) == verdict


@pytest.mark.parametrize(("latex", "verdict"), [
    (r"\int e^{-\frac{x^2}{2}} dx = \sqrt{2\pi}", "holds"),
    (r"\int e^{-\frac{x^2}{2}} dx = 2\pi", "fails"),
    (r"\int e^{-\frac{(x-m)^2}{2s^2}} dx = s\sqrt{2\pi}", "holds"),
    (r"\int x^2 e^{-x^2} dx = \frac{\sqrt{\pi}}{2}", "holds"),
    (r"\int p(x) r(x) dx = \mathcal{N}(m; a, s^2)", "fails"),
])  # fmt: skip
def test_integrals_over_the_line(latex: str, verdict: str) -> None:
    assert result(latex, NORMAL) == verdict


def test_a_plain_integral_has_no_value_on_a_table() -> None:
    """On three nodes ∫ e^{-x²/2} dx is some number: a world that answered would refute √(2π)."""
    b = shared(NORMAL)
    with pytest.raises(CannotEvaluate):
        b.values(b.setting("tables", 0), (term(r"\int e^{-\frac{x^2}{2}} dx", NORMAL),))


@pytest.mark.parametrize(("latex", "wanted"), [
    (r"E_{p(x)}[x^2]", lambda m, s: m**2 + s**2),
    (r"E_{p(x)}[e^{x}]", lambda m, s: np.exp(m + s**2 / 2)),
    (r"E_{p(x)}[\cos(x)]", lambda m, s: np.cos(m) * np.exp(-(s**2) / 2)),
    (r"E_{p(x)}[(x-m)^4]", lambda _, s: 3 * s**4),
    (r"E_{p(x)}[\log p(x)]", lambda _, s: -0.5 * np.log(2 * np.pi * np.e * s**2)),
    (r"E_{p(x)}[|x-m|]", None),  # a kink: not to rounding, but no refutation either
])  # fmt: skip
def test_quadrature_against_analytic_values(latex: str, wanted) -> None:
    v, m, s = (x.data.flatten().numpy() for x in values(NORMAL, latex, "m", "s", kind="smooth"))
    if wanted is None:
        assert np.allclose(v, s * np.sqrt(2 / np.pi), rtol=2e-2)
    else:
        assert np.allclose(v, wanted(m, s), rtol=1e-7)
        assert torch.isfinite(torch.tensor(v)).all()


@pytest.mark.parametrize(("latex", "verdict"), [
    (r"KL(p(x)\|r(x)) = \log\frac{b}{s} + \frac{s^2 + (m-a)^2}{2b^2} - \frac{1}{2}", "holds"),
    (r"KL(p(x)\|r(x)) = \log\frac{s}{b} + \frac{s^2 + (m-a)^2}{2b^2} - \frac{1}{2}", "fails"),
    (r"KL(p(x)\|r(x)) = \log\frac{b}{s} + \frac{s^2 + (m-a)^2}{2b^2}", "fails"),
    (r"H(p(x)) = \frac{1}{2}\log(2\pi e s^2)", "holds"),
    (r"H(p(x)) = \frac{1}{2}\log(2\pi s^2)", "fails"),
    (r"E_{p(x)}[\log r(x)] = -\frac{1}{2}\log(2\pi b^2) - \frac{s^2+(m-a)^2}{2b^2}", "holds"),
    (r"\mathrm{Var}_{p(x)}(x) = s^2", "holds"),
    (r"\mathrm{Var}_{p(x)}(x) = s", "fails"),
])  # fmt: skip
def test_closed_forms_of_one_number(latex: str, verdict: str) -> None:
    assert result(latex, NORMAL) == verdict


@pytest.mark.parametrize(("latex", "verdict"), [
    (r"p(x) = \mathcal{N}(x; b, A P A^T + S)", "holds"),
    (r"p(x) = \mathcal{N}(x; b, P + S)", "fails"),
    (r"p(x) = \mathcal{N}(x; b, A A^T + S)", "fails"),
    (r"p(z|x) = \mathcal{N}(z; (P^{-1} + A^T S^{-1} A)^{-1} A^T S^{-1} (x-b), (P^{-1} + A^T S^{-1} A)^{-1})", "holds"),
    (r"p(z|x) = \mathcal{N}(z; (P^{-1} + A^T S^{-1} A)^{-1} A^T S^{-1} x, (P^{-1} + A^T S^{-1} A)^{-1})", "fails"),
    (r"E_{p(z|x)}[z] = P A^T (A P A^T + S)^{-1} (x - b)", "holds"),
])  # fmt: skip
def test_linear_models(latex: str, verdict: str) -> None:
    assert result(latex, LINEAR) == verdict


TRUE = [
    (NORMAL, r"E_{p(x)}[|x-m|] = s\sqrt{\frac{2}{\pi}}"),
    (NORMAL, r"\int p(x) r(x) dx = \mathcal{N}(m; a, s^2 + b^2)"),
    (NORMAL, r"E_{p(x)}[\tanh(x-m)] = 0"),
    (NORMAL, r"E_{p(x)}[\log(1+e^{x})] = \int \mathcal{N}(u; 0, 1) \log(1+e^{m+su}) du"),
    (MIXTURE, r"p(x) = \sum_c p(x|c) p(c)"),
    (MIXTURE, r"p(c|x) = \frac{p(x|c)p(c)}{\sum_c p(x|c) p(c)}"),
    (LINEAR, r"\mathrm{Cov}_{p(x,z)}(x, z) = A P"),
    (LINEAR, r"E_{p(x,z)}[x] = b"),
    (DIFFUSION, r"q(x_t) = E_{q(x_0)}[q(x_t|x_0)]"),
    (DIFFUSION, r"\nabla_{x_t} \log q(x_t) = E_{q(x_0|x_t)}[\nabla_{x_t} \log q(x_t|x_0)]"),
]


@pytest.mark.parametrize(("theory", "latex"), TRUE, ids=[t[1] for t in TRUE])
def test_a_coarse_quadrature_refutes_nothing(theory: str, latex: str) -> None:
    """Rules that oscillate around the truth (|x| on 4 and on 7 nodes) must not look settled."""
    assert result(latex, theory) != "fails"


FALSE = [
    (NORMAL, r"E_{p(x)}[|x-m|] = 1.2 s\sqrt{\frac{2}{\pi}}"),
    (NORMAL, r"E_{p(x)}[|x-m|] = 1.001 s\sqrt{\frac{2}{\pi}}"),
    (NORMAL, r"\int p(x) r(x) dx = \mathcal{N}(m; a, s^2 + 1.01 b^2)"),
    (NORMAL, r"E_{p(x)}[e^{x}] = e^{m + s^2}"),
    (MIXTURE, r"p(c|x) = \frac{p(x|c)}{\sum_c p(x|c)}"),
    (LINEAR, r"\mathrm{Cov}_{p(x,z)}(x, z) = P A^T"),
    (LINEAR, r"\mathrm{Cov}_{p(x,z)}(x, z) = A"),
    (DIFFUSION, r"q(x_t) = E_{q(x_0)}[q(x_t|x_0)^2]"),
    (DIFFUSION, r"q(x_{t-1}|x_t) = q(x_{t-1}|x_t,x_0)"),
    (DIFFUSION, r"E_{q(x_t|x_0)}[\|x_t\|^2] = \bar\alpha_t\|x_0\|^2 + 2(1-\bar\alpha_t)"),  # d = 2 only
]


@pytest.mark.parametrize(("theory", "latex"), FALSE, ids=[t[1] for t in FALSE])
def test_a_coarse_quadrature_confirms_nothing(theory: str, latex: str) -> None:
    assert result(latex, theory) != "holds"
