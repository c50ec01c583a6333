"""What draws say of true and of wrong relations.

A true one is refuted with probability at most 1e-6 over all claims of its document; the draws are seeded from what is
claimed, so that a run that passes passes again.
"""

from __future__ import annotations

import pytest

from derivcheck.interpreters.sampling.trials import INSTANCES
from tests.interpreters.sampling.drawing import DDPM, GAUSSIAN, KL, VAE, drawn

pytestmark = pytest.mark.statistical

TRUE = [
    (r"q(x_t|x_0) = \mathcal{N}(x_t; \sqrt{\bar\alpha_t} x_0, (1-\bar\alpha_t) I)", DDPM),
    (r"\tilde\mu_t(x_t, x_0) = \frac{\sqrt{\alpha_t}(1-\bar\alpha_{t-1})}{1-\bar\alpha_t} x_t + \frac{\sqrt{\bar\alpha_{t-1}}\beta_t}{1-\bar\alpha_t} x_0", DDPM),
    (r"\tilde\beta_t = \frac{1-\bar\alpha_{t-1}}{1-\bar\alpha_t} \beta_t", DDPM),
    (r"q(x_{t-1}|x_t,x_0) = \mathcal{N}(x_{t-1}; \tilde\mu_t(x_t,x_0), \tilde\beta_t I)", DDPM),
    (r"E_{q(x_t|x_0)}[\|x_t\|^2] = \bar\alpha_t \|x_0\|^2 + d (1-\bar\alpha_t)", DDPM),
    (r"E_{q(x_t|x_0)}[\nabla_{x_t} \log q(x_t|x_0)] = 0", DDPM),
    (r"E_{\epsilon}[\|\epsilon - \epsilon_\theta(x_t,t)\|^2] = E_{\epsilon}[\|\epsilon - \epsilon_\theta(\sqrt{\bar\alpha_t} x_0 + \sqrt{1-\bar\alpha_t} \epsilon, t)\|^2]", DDPM),
    (r"KL(q(z) \| p(z)) = " + KL, GAUSSIAN),
    (r"E_{q(z)}[z z^\top] = S + m m^\top", GAUSSIAN),
    (r"KL(q(z) \| p(z)) \geq 0", GAUSSIAN),
    (r"\log p(x) = E_{q(z|x)}[\log p(x,z) - \log q(z|x)] + KL(q(z|x)\|p(z|x))", VAE),
    (r"\log p(x) \geq E_{q(z|x)}[\log p(x,z) - \log q(z|x)]", VAE),
    (r"\int q(z|x) \log \frac{q(z|x)}{r(z|x)} dz = KL(q(z|x) \| r(z|x))", VAE),
]  # fmt: skip
WRONG = {
    "1 - alpha for 1 - alpha bar": (r"q(x_t|x_0) = \mathcal{N}(x_t; \sqrt{\bar\alpha_t} x_0, (1-\alpha_t) I)", DDPM),
    "alpha bar for its root": (r"q(x_t|x_0) = \mathcal{N}(x_t; \bar\alpha_t x_0, (1-\bar\alpha_t) I)", DDPM),
    "off-by-one alpha bar": (r"q(x_t|x_0) = \mathcal{N}(x_t; \sqrt{\bar\alpha_{t-1}} x_0, (1-\bar\alpha_{t-1}) I)", DDPM),
    "beta for beta tilde": (r"q(x_{t-1}|x_t,x_0) = \mathcal{N}(x_{t-1}; \tilde\mu_t(x_t,x_0), \beta_t I)", DDPM),
    "beta for beta tilde, as a number": (r"\tilde\beta_t = \beta_t", DDPM),
    "weights of the posterior mean exchanged": (
        r"\tilde\mu_t(x_t, x_0) = \frac{\sqrt{\alpha_t}(1-\bar\alpha_{t-1})}{1-\bar\alpha_t} x_0 + \frac{\sqrt{\bar\alpha_{t-1}}\beta_t}{1-\bar\alpha_t} x_t", DDPM,
    ),
    "posterior mean without x_0": (r"\tilde\mu_t(x_t, x_0) = \frac{1}{\sqrt{\alpha_t}} x_t", DDPM),
    "sd for variance": (r"E_{q(x_t|x_0)}[\|x_t\|^2] = \bar\alpha_t \|x_0\|^2 + d \sqrt{1-\bar\alpha_t}", DDPM),
    "score of the wrong sign": (r"E_{q(x_t|x_0)}[x_t^\top \nabla_{x_t} \log q(x_t|x_0)] = d", DDPM),
    "KL swapped": (r"KL(p(z) \| q(z)) = " + KL, GAUSSIAN),
    "missing half": (r"KL(q(z) \| p(z)) = " + KL.replace(r"\frac{1}{2}", ""), GAUSSIAN),
    "missing -d": (r"KL(q(z) \| p(z)) = " + KL.replace("- d ", ""), GAUSSIAN),
    "log-det sign": (r"KL(q(z) \| p(z)) = " + KL.replace(r"+ \log \det P - \log \det S", r"- \log \det P + \log \det S"), GAUSSIAN),
    "second moment for covariance": (r"E_{q(z)}[z z^\top] = S", GAUSSIAN),
    "KL swapped on tables": (r"KL(q(z|x) \| r(z|x)) = \int r(z|x) \log \frac{r(z|x)}{q(z|x)} dz", VAE),
    "bound turned round": (r"\log p(x) \leq E_{q(z|x)}[\log p(x,z) - \log q(z|x)]", VAE),
    "KL of the prior": (r"\log p(x) = E_{q(z|x)}[\log p(x,z) - \log q(z|x)] + KL(q(z|x)\|p(z))", VAE),
    "a lost log": (r"E_{q(z|x)}[\log p(z)] = \int q(z|x) p(z) dz", VAE),
}  # fmt: skip


@pytest.mark.parametrize(("claim", "theory"), TRUE, ids=[c for c, _ in TRUE])
def test_a_true_relation_passes_on_every_instance(claim: str, theory: str) -> None:
    draws = drawn(claim, theory)
    assert draws.reason is None
    assert draws.refutation is None
    assert [t.outcome.verdict for t in draws.tried] == ["pass"] * INSTANCES


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_relation_is_refuted(name: str) -> None:
    draws = drawn(*WRONG[name])
    assert draws.reason is None
    assert draws.refutation is not None
    assert draws.refutation is draws.tried[-1], "nothing is drawn after a refutation"


def test_laws_are_whitened_and_bounded_statistics_bounded() -> None:
    assert drawn(*TRUE[0]).tried[0].outcome.tier == "T0"
    assert drawn(*TRUE[7]).tried[0].outcome.tier == "T1"
    assert drawn(*TRUE[10]).tried[0].outcome.tier == "T4"


def test_a_claim_that_samples_cannot_tell_is_no_pass_of_something_else() -> None:
    """A variance that is 1e-4 off is far below the tolerance: never refuted, and the tolerance says so."""
    claim = r"q(x_t|x_0) = \mathcal{N}(x_t; \sqrt{\bar\alpha_t} x_0, 1.0001 (1-\bar\alpha_t) I)"
    draws = drawn(claim, DDPM)
    assert draws.refutation is None
    assert min(float(t.outcome.claim.tolerance.min()) for t in draws.tried) > 1e-3
