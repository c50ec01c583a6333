r"""What a name depends on without saying so in brackets: parameters below it, entries, arguments, its definition.

Guards: ∇_θ of `p_\theta` taken for 0, `\mu_j` unrelated to μ, a display that redefines a declared functional, θ in
`p_\theta` left as it is in `F(\theta_1)`, marginals that do not come from the joint that a definition gives.
"""

from __future__ import annotations

import pytest

from tests.checks.asking import claim, document

GRADIENTS = r"""
variables: [x, z]
densities: ['p_\theta(x,z)', 'q(z|x)', 'q_\phi(z|x)', 'p_{data}(x)', 'p_{\theta_0}(x,z)', 'r(x)']
functions: ['g(z) \in \mathbb{R}']
networks: ['f_\theta(x) \in \mathbb{R}', '\mu_\theta(x) \in \mathbb{R}^d']
"""


@pytest.mark.parametrize(("latex", "verdict"), [
    # Fisher's identity needs the posterior
    (r"\nabla_\theta\log p_\theta(x)=\mathbb{E}_{p_\theta(z|x)}[\nabla_\theta\log p_\theta(x,z)]", "correct"),
    (r"\nabla_\theta\log p_\theta(x)=\mathbb{E}_{q(z|x)}[\nabla_\theta\log p_\theta(x,z)]", "incorrect"),
    (r"\mathbb{E}_{p_\theta(x)}[\nabla_\theta\log p_\theta(x)]=0", "correct"),
    # the two forms of the information matrix; without the expectation they differ
    (r"\mathbb{E}_{p_\theta(x)}[\nabla_\theta^2[\log p_\theta(x)]]=-\mathbb{E}_{p_\theta(x)}[\nabla_\theta[\log p_\theta(x)] (\nabla_\theta\log p_\theta(x))^\top]", "correct"),
    (r"\nabla_\theta^2[\log p_\theta(x)]=-\nabla_\theta[\log p_\theta(x)] (\nabla_\theta\log p_\theta(x))^\top", "incorrect"),
    # the score-function estimator; theta and phi are declared nowhere
    (r"\nabla_\phi\mathbb{E}_{q_\phi(z|x)}[g(z)]=\mathbb{E}_{q_\phi(z|x)}[g(z)\nabla_\phi\log q_\phi(z|x)]", "correct"),
    (r"\nabla_\phi\mathbb{E}_{q_\phi(z|x)}[g(z)]=\mathbb{E}_{q_\phi(z|x)}[\nabla_\phi g(z)]", "incorrect"),
    (r"\nabla_\phi\mathbb{E}_{q_\phi(z|x)}[\log q_\phi(z|x)]=\mathbb{E}_{q_\phi(z|x)}[\log q_\phi(z|x)\nabla_\phi\log q_\phi(z|x)]", "correct"),
    (r"\nabla_\theta p_\theta(x)=p_\theta(x)\nabla_\theta\log p_\theta(x)", "correct"),
    (r"\nabla_\theta\mathbb{E}_{q_\phi(z|x)}[\log p_\theta(x,z)-\log q_\phi(z|x)]=\mathbb{E}_{q_\phi(z|x)}[\nabla_\theta\log p_\theta(x,z)]", "correct"),
    (r"\nabla_\theta\mathbb{E}_{q_\phi(z|x)}[\log p_\theta(x,z)]=\mathbb{E}_{q_\phi(z|x)}[\nabla_\theta\log p_\theta(z|x)]", "incorrect"),
    (r"\nabla_\theta KL(p_{data}(x)\|p_\theta(x))=-\mathbb{E}_{p_{data}(x)}[\nabla_\theta\log p_\theta(x)]", "correct"),
    (r"\nabla_\theta KL(p_{data}(x)\|p_\theta(x))=\mathbb{E}_{p_{data}(x)}[\nabla_\theta\log p_\theta(x)]", "incorrect"),
    (r"\nabla_\theta\mathbb{E}_{p_\theta(x)}[\nabla_\theta\log p_\theta(x)]=0", "correct"),
    # networks
    (r"\nabla_\theta f_\theta(x)^2=2f_\theta(x)\nabla_\theta f_\theta(x)", "correct"),
    (r"\nabla_\theta f_\theta(x)^2=f_\theta(x)\nabla_\theta f_\theta(x)", "incorrect"),
    (r"\nabla_\theta^2 f_\theta(x)=0", "incorrect"),
    (r"\nabla_\theta \|\mu_\theta(x)\|^2=2 (\nabla_\theta \mu_\theta(x))^\top \mu_\theta(x)", "correct"),
    (r"\nabla_\theta \|\mu_\theta(x)\|^2=(\nabla_\theta \mu_\theta(x))^\top \mu_\theta(x)", "incorrect"),
    # what carries another label does not depend on theta
    (r"\nabla_\theta \log p_{data}(x)=0", "correct"),
    # theta_0 may be a value of theta or a copy of it, and `p(x;\theta)` is read without its parameter
    (r"\nabla_\theta \log p_{\theta_0}(x)=0", "undecided"),
    (r"\nabla_\theta f_{\theta_1}(x)=0", "undecided"),
    (r"\nabla_\theta \log r(x;\theta)=0", "undecided"),
])  # fmt: skip
def test_derivatives_by_a_parameter_that_names_carry(latex: str, verdict: str) -> None:
    assert claim(latex, GRADIENTS).verdict == verdict


def test_a_family_that_does_not_say_where_its_parameter_stands() -> None:
    theory = r"""
variables: [x]
densities: ['p_\theta(x)', 'q_\theta(x)']
parameters: ['m', 's > 0', '\mu_\theta']
families: ['p_\theta(x) = \mathcal{N}(x; m, s)', 'q_\theta(x) = \mathcal{N}(x; \mu_\theta, 1)']
"""
    assert claim(r"\nabla_\theta\log p_\theta(x) + 1 = 1", theory).verdict == "undecided"
    assert claim(r"\nabla_\theta\log q_\theta(x) = (x - \mu_\theta)\nabla_\theta\mu_\theta", theory).verdict == "correct"
    assert claim(r"\nabla_\theta\log q_\theta(x) = (\mu_\theta - x)\nabla_\theta\mu_\theta", theory).verdict == "incorrect"


FAMILIES = r"""
variables: ['x \in \mathbb{R}', 'z \in \mathbb{R}', '\epsilon \in \mathbb{R}']
densities: ['p_\theta(x,z) = p_\theta(x|z)p(z)', 'q_\phi(z|x)']
functions: ['g(z) \in \mathbb{R}']
networks: ['\mu_\phi(x)\in\mathbb{R}', 'f_\theta(z)\in\mathbb{R}']
laws: ['\epsilon \sim \mathcal{N}(0,1)']
families: ['q_\phi(z|x)=\mathcal{N}(z;\mu_\phi(x),1)', 'p_\theta(x|z)=\mathcal{N}(x;f_\theta(z),1)', 'p(z)=\mathcal{N}(z;0,1)']
"""


@pytest.mark.parametrize(("latex", "verdict"), [
    (r"\nabla_\phi \mathbb{E}_{q_\phi(z|x)}[z^2]=2\mu_\phi(x)\nabla_\phi\mu_\phi(x)", "correct"),
    (r"\nabla_\phi \mathbb{E}_{q_\phi(z|x)}[z^2]=\mu_\phi(x)\nabla_\phi\mu_\phi(x)", "incorrect"),
    # the two estimators of one gradient: by the score, by the path
    (r"\nabla_\phi \mathbb{E}_{q_\phi(z|x)}[g(z)]=\mathbb{E}_{q_\phi(z|x)}[g(z)\nabla_\phi\log q_\phi(z|x)]", "correct"),
    (r"\nabla_\phi \mathbb{E}_{q_\phi(z|x)}[g(z)]=\mathbb{E}_{\epsilon}[\nabla_\phi g(\mu_\phi(x)+\epsilon)]", "correct"),
    (r"\nabla_\theta \log p_\theta(x)=\mathbb{E}_{p_\theta(z|x)}[\nabla_\theta\log p_\theta(x,z)]", "correct"),
    (r"\nabla_\theta \log p_\theta(x)=\mathbb{E}_{q_\phi(z|x)}[\nabla_\theta\log p_\theta(x,z)]", "incorrect"),
    (r"\nabla_\theta \log p_\theta(x|z)=(f_\theta(z)-x)\nabla_\theta f_\theta(z)", "incorrect"),
])  # fmt: skip
def test_derivatives_through_families(latex: str, verdict: str) -> None:
    assert claim(latex, FAMILIES).verdict == verdict


ENTRIES = r"""
variables: ['z\in\mathbb{R}^d', 'x\in\mathbb{R}^d']
densities: ['r(z)']
parameters: ['\mu\in\mathbb{R}^d', '\sigma\in\mathbb{R}^d', 'A\in\mathbb{R}^{d\times d}']
functions: ['g(x)\in\mathbb{R}^d']
families: ['q(z)=\prod_{j=1}^d \mathcal{N}(z_j;\mu_j,\sigma_j^2)', 'p(z)=\mathcal{N}(z;0,I)']
"""


@pytest.mark.parametrize(("latex", "verdict"), [
    (r"\sum_{j=1}^d\mu_j^2=\|\mu\|^2", "correct"),
    (r"\sum_{j=1}^d\mu_j=\|\mu\|^2", "incorrect"),
    # a sum that does not say where it ends runs over the column's dimension
    (r"\|x-\mu\|^2=\sum_j (x_j-\mu_j)^2", "correct"),
    (r"\mathbb{E}_{q(z)}[\sum_j(z_j-\mu_j)^2]=\sum_j\sigma_j^2", "correct"),
    (r"\mathbb{E}_{q(z)}[\sum_j z_j^2]=\sum_j\sigma_j^2", "incorrect"),
    # independent coordinates make one Gaussian
    (r"\mathbb{E}_{q(z)}[\|z\|^2]=\|\mu\|^2+\sum_{j=1}^d\sigma_j^2", "correct"),
    (r"KL(q(z)\|p(z))=\frac{1}{2}\sum_{j=1}^d(\mu_j^2+\sigma_j^2-1-\log\sigma_j^2)", "correct"),
    (r"KL(q(z)\|p(z))=\frac{1}{2}\sum_{j=1}^d(\mu_j^2+\sigma_j^2-1-\log\sigma_j)", "incorrect"),
    (r"\log q(z)=\sum_{j=1}^d\left(-\frac{1}{2}\log(2\pi\sigma_j^2)-\frac{(z_j-\mu_j)^2}{2\sigma_j^2}\right)", "correct"),
    # matrices and functions
    (r"\sum_{i=1}^d A_{ii}=\mathrm{tr}(A)", "correct"),
    (r"\sum_{i=1}^d\sum_{j=1}^d \mu_i A_{ij} \sigma_j=\mu^\top A \sigma", "correct"),
    (r"\sum_{i=1}^d\sum_{j=1}^d \mu_i A_{ji} \sigma_j=\mu^\top A \sigma", "incorrect"),
    (r"\sum_{j=1}^d g_j(x)^2=\|g(x)\|^2", "correct"),
    (r"\nabla_\mu \sum_{j=1}^d \mu_j^2=2\mu", "correct"),
    (r"\nabla_\mu \sum_{j=1}^d \mu_j^2=\mu", "incorrect"),
    (r"\mathbb{E}_{r(z)}[\sum_{j=1}^d z_j^2]=\sum_{j=1}^d\mathbb{E}_{r(z)}[z_j]^2", "incorrect"),
    # an index that does not provably run over the dimension
    (r"\mu_1^2+\mu_2^2=\|\mu\|^2", "undecided"),
    (r"\sum_{j=1}^n\mu_j^2=\|\mu\|^2", "undecided"),
    (r"g_1(x)=g(x)", "undecided"),
])  # fmt: skip
def test_entries(latex: str, verdict: str) -> None:
    assert claim(latex, ENTRIES).verdict == verdict


FUNCTIONAL = r"""
variables: [x, z]
densities: ['p(x,z)', 'p_\theta(x,z)', 'q(z|x)']
definitions: ['\mathcal F(q,p)=\mathbb{E}_{q(z|x)}[\log p(x,z)-\log q(z|x)]']
"""


def test_a_wrong_display_does_not_redefine_a_declared_functional() -> None:
    wrong = r"\mathcal F(q,p_\theta)=3+\mathbb{E}_{q(z|x)}[\log p_\theta(x)+\log p_\theta(z|x)-\log q(z|x)]"
    right = r"\mathcal F(q,p_\theta)=\log p_\theta(x)-KL(q(z|x)\|p_\theta(z|x))"
    found = document(f"$$\n{wrong}\n$$\n\nHence\n\n$$\n{right}\n$$\n", FUNCTIONAL)
    assert [r.verdict for r in found] == ["incorrect", "correct"]


ARGUMENTS = r"""
variables: [x, z]
densities: ['p_\theta(x,z)', 'p_{\theta_0}(x,z)', 'p_{\theta_1}(x,z)', "p_{\\theta'}(x,z)", 'q(z|x)', 'r(z|x)']
functions: ['f_\theta(x) \in \mathbb{R}', 'f_{\theta_1}(x) \in \mathbb{R}']
parameters: ['\mu_\theta', '\mu_{\theta_1}', '\mu_{\theta_2}', 'b']
definitions:
  - '\mathcal F(q,\theta)=\mathbb{E}_{q(z|x)}[\log p_\theta(x,z)-\log q(z|x)]'
  - 'J(\theta)=f_\theta(x)^2'
  - 'K(\theta)=\mu_\theta^2'
  - 'H(\theta)=\mu_\theta^2+b \theta'
  - "Q(\\theta,\\theta')=\\mathbb{E}_{p_{\\theta'}(z|x)}[\\log p_\\theta(x,z)]"
  - 'M(\theta) = 2 A + \theta'
  - 'A = \mu_\theta + 1'
  - 'B(\theta) = J(\theta) + 1'
"""


@pytest.mark.parametrize(("latex", "verdict"), [
    (r"\mathcal F(q,\theta_1)=\log p_{\theta_1}(x)-KL(q(z|x)\|p_{\theta_1}(z|x))", "correct"),
    (r"\mathcal F(q,\theta_1)=\log p_{\theta}(x)-KL(q(z|x)\|p_{\theta}(z|x))", "incorrect"),
    (r"J(\theta_1)=f_{\theta_1}(x)^2", "correct"),
    (r"J(\theta_1)=f_{\theta}(x)^2", "incorrect"),
    (r"K(\theta_1) - K(\theta_2)=(\mu_{\theta_1}-\mu_{\theta_2})(\mu_{\theta_1}+\mu_{\theta_2})", "correct"),
    (r"K(\theta_1) - K(\theta_2)=0", "incorrect"),
    (r"H(\theta_1) - b \theta_1 = \mu_{\theta_1}^2", "correct"),
    # two formals at once; a functional is no density, whatever its letter
    (r"Q(\theta_1,\theta_0)=\mathbb{E}_{p_{\theta_0}(z|x)}[\log p_{\theta_1}(x,z)]", "correct"),
    (r"Q(\theta_1,\theta_0)=\mathbb{E}_{p_{\theta_1}(z|x)}[\log p_{\theta_0}(x,z)]", "incorrect"),
    (r"\mathcal F(r,\theta_0)-\mathcal F(q,\theta_0)=KL(q(z|x)\|p_{\theta_0}(z|x))-KL(r(z|x)\|p_{\theta_0}(z|x))", "correct"),
    (r"\mathcal F(r,\theta_0)-\mathcal F(q,\theta_0)=KL(r(z|x)\|p_{\theta_0}(z|x))-KL(q(z|x)\|p_{\theta_0}(z|x))", "incorrect"),
    # through a definition that hands its argument on
    (r"B(\theta_1)=f_{\theta_1}(x)^2+1", "correct"),
    (r"B(\theta_1)=f_{\theta}(x)^2+1", "incorrect"),
    # no such name, or out of sight
    (r"J(\theta_2)=f_{\theta}(x)^2", "undecided"),
    (r"J(\theta+1)=f_{\theta}(x)^2", "undecided"),
    (r"M(b) = 2\mu_\theta + 2 + b", "undecided"),
    (r"\nabla_\theta Q(\theta,\theta')=\mathbb{E}_{p_{\theta'}(z|x)}[\nabla_\theta \log p_{\theta}(x,z)]", "correct"),
])  # fmt: skip
def test_formals_below_names(latex: str, verdict: str) -> None:
    assert claim(latex, ARGUMENTS).verdict == verdict


def test_a_parameter_with_an_index_is_not_a_name_with_two_labels() -> None:
    both = "variables: [x]\ndensities: ['p_{\\theta_1}(x)', 'p_{\\theta,1}(x)']\n"
    assert claim(r"\log p_{\theta_1}(x) - \log p_{\theta,1}(x) = 0", both).verdict == "incorrect"


FORMULA = r"""
variables: [x, z]
densities: ['p_\theta(x,z)', 'q(z|x)', 'r(x)', 'q(z)']
functions: ['f(x,z,\theta) \in \mathbb{R}', 'g(x) \in \mathbb{R}']
parameters: ['\theta']
definitions:
  - 'p_\theta(x,z)=e^{f(x,z,\theta)}/\int\int e^{f(x,z,\theta)}\,dx\,dz'
  - 'q(z)=\int q(z|x)r(x) dx'
"""


@pytest.mark.parametrize(("latex", "verdict"), [
    (r"p_\theta(x)=\int p_\theta(x,z)dz", "correct"),
    (r"p_\theta(x)=\frac{\int e^{f(x,z,\theta)}dz}{\int\int e^{f(x,z,\theta)}\,dx\,dz}", "correct"),
    (r"p_\theta(x)=\frac{\int e^{f(x,z,\theta)}dz}{\int e^{f(x,z,\theta)}\,dx}", "incorrect"),
    (r"p_\theta(z|x)=\frac{e^{f(x,z,\theta)}}{\int e^{f(x,z,\theta)} dz}", "correct"),
    (r"p_\theta(z|x)=\frac{p_\theta(x,z)}{p_\theta(z)}", "incorrect"),
    (r"\mathbb{E}_{p_\theta(x,z)}[g(x)]=\mathbb{E}_{p_\theta(x)}[g(x)]", "correct"),
    (r"KL(q(z|x)\|p_\theta(z|x))=\mathbb{E}_{q(z|x)}[\log q(z|x)-f(x,z,\theta)]+\log \int e^{f(x,z,\theta)}dz", "correct"),
    (r"\nabla_\theta \log p_\theta(x)=\mathbb{E}_{p_\theta(z|x)}[\nabla_\theta f(x,z,\theta)]-\mathbb{E}_{p_\theta(x,z)}[\nabla_\theta f(x,z,\theta)]", "correct"),
    (r"\nabla_\theta \log p_\theta(x)=\mathbb{E}_{p_\theta(z|x)}[\nabla_\theta f(x,z,\theta)]", "incorrect"),
    # a factor of its own beside the definition of a marginal
    (r"q(z)=\mathbb{E}_{r(x)}[q(z|x)]", "correct"),
    (r"q(z)=\mathbb{E}_{p_\theta(x)}[q(z|x)]", "incorrect"),
    # which joint of x and z is meant is not said
    (r"q(x|z)=\frac{q(z|x)r(x)}{q(z)}", "undecided"),
    (r"q(x)=r(x)", "undecided"),
])  # fmt: skip
def test_a_density_that_a_formula_gives(latex: str, verdict: str) -> None:
    assert claim(latex, FORMULA).verdict == verdict


def test_a_gradient_follows_a_row_to_the_end_of_its_form() -> None:
    theory = r"""
parameters: ['\mu_1\in\mathbb{R}^d', '\mu_2\in\mathbb{R}^d', '\Sigma_2\in\mathbb{S}_{++}^{d}']
"""
    form = r"\nabla_{\mu_1}\frac12(\mu_1-\mu_2)^\top\Sigma_2^{-1}(\mu_1-\mu_2)"
    assert claim(rf"{form}=\Sigma_2^{{-1}}(\mu_1-\mu_2)", theory).verdict == "correct"
    assert claim(rf"{form}=2\Sigma_2^{{-1}}(\mu_1-\mu_2)", theory).verdict == "incorrect"


def test_a_condition_with_several_laws_stands_free() -> None:
    theory = r"""
variables: [x, z, z_k]
densities: ['p(x,z)', 'q(z|x)']
laws: ['z_k \sim q(z|x)']
definitions: ['w(z) = \frac{p(x,z)}{q(z|x)}']
"""
    average = r"\mathbb{E}_{z_1,\dots,z_K}[\frac1K\sum_k w(z_k)]"
    assert claim(rf"{average}=\frac1K\sum_k\mathbb{{E}}_{{z_k}}[w(z_k)]", theory).verdict == "correct"
    assert claim(rf"{average}=K\mathbb{{E}}_{{z_1}}[w(z_1)]", theory).verdict == "incorrect"
