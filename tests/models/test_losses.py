r"""Every formula that a model writes by hand for speed, against a term of a derivation that derivcheck proves.

The term is a side of a relation in proofs/ (or stands in one); the relation must be proved. Both are evaluated on
the same numbers: those that the exact interpreter draws for the theory of the proof.

Guards: a missing ½, a standard deviation for a variance, a sign, a mean for a sum, a discriminator's terms exchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import torch
from torch import Tensor

from derivcheck.families.bernoulli import FAMILY as BERNOULLI
from derivcheck.interpreters.exact.bench import GROUPS, Bench
from derivcheck.interpreters.exact.values import broadcast_lead, union
from derivcheck.models import ddpm, gan, score, simsiam, vae
from derivcheck.models._run import models
from derivcheck.notation import read
from derivcheck.samplers.simsiam import LinearSimSiam
from derivcheck.terms.substitute import subterms
from derivcheck.terms.term import Term
from tests.support.proving import ROOT, Related, related

CLOSE = {"rtol": 1e-9, "atol": 1e-9}
KL = r"\frac{1}{2} \sum_{j=1}^{J} \left( \frac{\sigma_j^2}{s_j^2} - 1 - \log \frac{\sigma_j^2}{s_j^2} + \frac{(\mu_j - m_j)^2}{s_j^2} \right)"
LOG_RATIO = r"\log \frac{\sigma_2}{\sigma_1} + \frac{(z - \mu_2)^2}{2 \sigma_2^2} - \frac{(z - \mu_1)^2}{2 \sigma_1^2}"
ELBO = r"\mathbb{E}_{q(z|x)}[\log p(x|z)] - KL(q(z|x) \| p(z))"
IWAE = r"\log \left( \frac{1}{K} \sum_{k=1}^{K} w(z_k) \right)"
MEAN_LOG = r"\frac{1}{K} \sum_{k=1}^{K} \log w(z_k)"
X_T = r"\sqrt{\bar\alpha_t} x_0 + \sqrt{1-\bar\alpha_t} \epsilon"
EPS_THETA = rf"\epsilon_\theta({X_T}, t)"
NORMAL = r"-\frac{d}{2} \log(2 \pi (1 - \bar\alpha_t)) - \frac{1}{2 (1 - \bar\alpha_t)} \|x_t - \sqrt{\bar\alpha_t} x_0\|^2"
V = r"\int \left( p_{data}(x) \log D(x) + p_G(x) \log(1 - D(x)) \right) dx"
LETTERS = "W", "W_p", "X", "X'"
MEAN_OF_MODEL = r"\frac{1}{\sqrt{\alpha_t}} \left(x_t - \frac{\beta_t}{\sqrt{1-\bar\alpha_t}} \epsilon_\theta(x_t, t)\right)"
J = r"\frac{1}{2} \operatorname{tr}(\tilde W_p^\top \tilde W_p W X W^\top) + \frac{1}{2} \operatorname{tr}((W_p^\top W_p + I_{n_2}) W X' W^\top)"


@dataclass(frozen=True)
class Held:
    """A term in a proof, the letters whose values the code gets, and the code, on one batch of numbers.

    Shapes: every value (n, *shape): worlds and points are laid in one row.
    """

    proof: str
    term: str
    letters: tuple[str, ...]
    code: Callable[..., Tensor]


def each(f: Callable[..., Tensor | float], *values: Tensor) -> Tensor:
    """A function of a batch, on batches of one row."""
    return torch.stack([torch.as_tensor(f(*(v[None] for v in row)), dtype=torch.float64) for row in zip(*values, strict=True)])


def kl(J: Tensor, *letters: Tensor) -> Tensor:
    """A divergence does not change when both laws are moved and stretched: so that the second is standard."""
    mu, sigma, m, s = (torch.stack(letters[i::4], -1)[..., : int(J[0])] for i in range(4))
    return vae.kl_to_standard_normal((mu - m) / s, 2 * (sigma / s).log())


def log_ratio(z: Tensor, mu_1: Tensor, sigma_1: Tensor, mu_2: Tensor, sigma_2: Tensor) -> Tensor:
    rows = (z - mu_2) / sigma_2, (z - mu_1) / sigma_1, 2 * (sigma_1 / sigma_2).log()
    return -vae.log_prior_ratio(*(r[:, None] for r in rows))


def iwae(K: Tensor, *weights: Tensor) -> Tensor:
    k = int(K[0])
    return vae.iwae(torch.stack(weights[:k]).log(), k)


def flow(*letters: Tensor, of: int, stop_gradient: bool) -> Tensor:
    """The velocity of W (of = 0) or W_p (of = 1) that the trajectory is held against."""
    found = []
    for W, W_p, X, X_prime in zip(*letters, strict=True):
        model = LinearSimSiam(X=X, X_prime=X_prime, stop_gradient=stop_gradient)
        found.append(torch.as_tensor(model.drift(W.numpy(), W_p.numpy())[of]))
    return torch.stack(found)


def views(X: Tensor, X_prime: Tensor) -> tuple[Tensor, Tensor]:
    """Two views of a batch whose second moments are exactly the law's: ± the columns of a root of their matrix."""
    both = X + X_prime
    C = torch.cat([torch.cat([both, X], 1), torch.cat([X, both], 1)])
    values, vectors = torch.linalg.eigh(C)
    rows = (vectors * values.clamp(min=0).sqrt()).T * len(C) ** 0.5
    return rows[:, : len(X)], rows[:, len(X) :]


def trained(*letters: Tensor, of: int, stop_gradient: bool) -> Tensor:
    """The loss (of = 0), or minus the gradient by W (1) or W_p (2), that the training descends."""
    found = []
    for W, W_p, X, X_prime in zip(*letters, strict=True):
        x_1, x_2 = views(X, X_prime)
        model = LinearSimSiam(X=X, X_prime=X_prime, stop_gradient=stop_gradient)
        batch = W[None], W_p[None], x_1[None], x_2[None]
        found.append(model.loss(*batch)[0] if of == 0 else -model.gradient(*batch)[of - 1][0])
    return torch.stack(found)


SIGMA = tuple(f"{letter}_{j}" for j in range(1, 6) for letter in (r"\mu", r"\sigma", "m", "s"))
WITH = r"-W_p^\top \tilde W_p W X - W_p^\top W_p W X'"
WITHOUT = r"-(W_p^\top W_p + I_{n_2}) W X' - \tilde W_p^\top \tilde W_p W X"
OF_PREDICTOR = r"-\tilde W_p W X W^\top - W_p W X' W^\top"

HELD = {
    "the KL to the prior": Held("vae/gauss-kl-diagonal.md", KL, ("J", *SIGMA), kl),
    "the log ratio of prior and posterior": Held(
        "vae/gauss-kl-1d.md", LOG_RATIO, ("z", r"\mu_1", r"\sigma_1", r"\mu_2", r"\sigma_2"), log_ratio
    ),
    "the ELBO from its terms": Held(
        "vae/elbo-identity.md", ELBO, tuple(vae.MODEL.losses.values()), lambda fit, divergence: -(fit + divergence)
    ),
    "IWAE": Held("vae/iw-bound.md", IWAE, ("K", "w(z_1)", "w(z_2)", "w(z_3)"), iwae),
    "the ELBO of draws": Held(
        "vae/iw-bound.md", MEAN_LOG, ("K", "w(z_1)", "w(z_2)", "w(z_3)"),
        lambda K, *w: vae.iwae(torch.stack(w[: int(K[0])]).log(), 1),
    ),
    "the Gaussian likelihood": Held(
        "score/conditional-score.md", NORMAL, ("x_t", r"\sqrt{\bar\alpha_t} x_0", r"\sqrt{1 - \bar\alpha_t}"),
        lambda x, mean, sd: -each(lambda x, mean, sd: vae.gaussian_surprise(x[0], mean[0], float(sd)), x, mean, sd),
    ),
    "x_t": Held("ddpm/simple-objective.md", X_T, ("x_0", r"\epsilon", r"\bar\alpha_t"),
        lambda x_0, eps, bar: ddpm.noised(x_0, eps, bar[:, None], 1 - bar[:, None])),
    "the squared error of ε": Held(
        "ddpm/simple-objective.md", rf"\|\epsilon - {EPS_THETA}\|^2", (r"\epsilon", EPS_THETA),
        lambda eps, found: each(ddpm.eps_mse, eps, found),
    ),
    "the mean of the reverse step": Held(
        "ddpm/posterior-mean-noise.md", MEAN_OF_MODEL, ("x_t", r"\epsilon_\theta(x_t, t)", r"\beta_t", r"\bar\alpha_t"),
        lambda x, eps, beta, bar: each(lambda x, eps, beta, bar: ddpm.reverse_mean(x, eps, float(beta), 1 - float(bar)), x, eps, beta, bar)[:, 0],
    ),
    "the target of the score": Held(
        "score/conditional-score.md", r"-\frac{\epsilon}{\sqrt{1 - \bar\alpha_t}}", (r"\epsilon", r"\sqrt{1 - \bar\alpha_t}"),
        lambda eps, sigma: score.denoising_target(eps, sigma[:, None]),
    ),
    "the error of the score": Held(
        "score/denoising.md", r"\|s_\theta(y) - \nabla_y \log q(y|x)\|^2", (r"s_\theta(y)", r"\nabla_y \log q(y|x)", r"\sigma"),
        lambda found, target, sigma: each(score.weighted_error, found, target, sigma[:, None]) / sigma.square(),
    ),
    "the drift of W with the stop-gradient": Held("simsiam/weight-flow.md", WITH, LETTERS, lambda *v: flow(*v, of=0, stop_gradient=True)),
    "the drift of W without it": Held("simsiam/weight-flow.md", WITHOUT, LETTERS, lambda *v: flow(*v, of=0, stop_gradient=False)),
    "the drift of the predictor": Held("simsiam/predictor-flow.md", OF_PREDICTOR, LETTERS, lambda *v: flow(*v, of=1, stop_gradient=True)),
    "J": Held("simsiam/objective-trace.md", J, LETTERS, lambda *v: trained(*v, of=0, stop_gradient=True)),
    "the step of W with the stop-gradient": Held("simsiam/weight-flow.md", WITH, LETTERS, lambda *v: trained(*v, of=1, stop_gradient=True)),
    "the step of W without it": Held("simsiam/weight-flow.md", WITHOUT, LETTERS, lambda *v: trained(*v, of=1, stop_gradient=False)),
    "the step of the predictor": Held("simsiam/predictor-flow.md", OF_PREDICTOR, LETTERS, lambda *v: trained(*v, of=2, stop_gradient=True)),
}  # fmt: skip


def found(proof: str, latex: str) -> tuple[Related, Term]:
    """The first relation of a proof in which a term stands, and the term."""
    for r in related(ROOT / "proofs" / proof):
        t = read(latex, r.signature)
        if any(t == x for side in (r.left, r.right) for _, x in (((), side), *subterms(side))):
            return r, t
    pytest.fail(f"{latex} is in no relation of {proof}")


def batches(r: Related, *terms: Term) -> Iterator[list[Tensor]]:
    """The values of terms on worlds of several sizes, worlds and points in one row."""
    bench = Bench(r.signature, 0)
    for group in GROUPS:
        values = bench.values(bench.setting(bench.kinds(*terms)[0], group), terms)
        axes = union(*values)
        spread = [v.spread(axes).detach() for v in values]
        lead = broadcast_lead(*(x.shape[: 1 + len(axes)] for x in spread))
        yield [x.expand(*lead, *x.shape[1 + len(axes) :]).reshape(-1, *x.shape[1 + len(axes) :]) for x in spread]


@pytest.mark.parametrize("name", HELD)
def test_the_code_computes_the_term(name: str) -> None:
    held = HELD[name]
    r, t = found(held.proof, held.term)
    for wanted, *given in batches(r, t, *(read(x, r.signature) for x in held.letters)):
        torch.testing.assert_close(held.code(*given), wanted, **CLOSE)


@pytest.mark.parametrize("name", [*HELD, "V", "JSD"])
def test_the_term_is_proved(name: str) -> None:
    proof, latex = {"V": ("gan/optimal-discriminator.md", V), "JSD": ("gan/value-jsd.md", r"JSD(p_{data} \| p_G)")}.get(
        name
    ) or (HELD[name].proof, HELD[name].term)
    assert found(proof, latex)[0].prove() is not None


def at_nodes(proof: str, latex: str, *letters: str) -> Iterator[tuple[float, list[Tensor]]]:
    """By world: a number, then the measure of the nodes of x and the values of letters there, each (n,)."""
    r, t = found(proof, latex)
    terms = (t, *(read(x, r.signature) for x in letters))
    bench = Bench(r.signature, 0)
    for group in GROUPS:
        setting = bench.setting("tables", group)
        value, *rest = bench.values(setting, terms)
        dx = bench.world(setting).weights["x"].data.exp()
        for i, number in enumerate(value.data):
            yield float(number), [v[i if len(v) > 1 else 0] for v in (dx, *(x.data for x in rest))]


def test_V_is_the_integral_of_the_proof() -> None:
    for wanted, (dx, p, p_G, D) in at_nodes("gan/optimal-discriminator.md", V, "p_{data}(x)", "p_G(x)", "D(x)"):
        assert gan.value_by_quadrature(p, p_G, D.logit(), dx) == pytest.approx(wanted, rel=1e-9)


def test_V_of_draws_is_that_of_the_law_they_make() -> None:
    real, fake = torch.randn(2, 7, dtype=torch.float64, generator=torch.Generator().manual_seed(0)).unbind()
    ones, none = torch.ones(7, dtype=torch.float64), torch.zeros(7, dtype=torch.float64)
    whole = gan.value_by_quadrature(torch.cat([ones, none]), torch.cat([none, ones]), torch.cat([real, fake]), 1 / 7)
    assert float(gan.value(real, fake)) == pytest.approx(whole, rel=1e-12)


def test_the_loss_of_the_discriminator_is_minus_V() -> None:
    r, t = found("gan/optimal-discriminator.md", V)
    for wanted, loss in batches(r, t, read(gan.MODEL.losses["discriminator"], r.signature)):
        torch.testing.assert_close(-loss, wanted, **CLOSE)


def test_the_divergence_of_the_densities_is_that_of_the_proof() -> None:
    for wanted, (dx, p, p_G) in at_nodes("gan/value-jsd.md", r"JSD(p_{data} \| p_G)", "p_{data}(x)", "p_G(x)"):
        assert gan.jensen_shannon(p, p_G, dx) == pytest.approx(wanted, rel=1e-9)


def test_the_bernoulli_likelihood_is_the_family() -> None:
    random = torch.Generator().manual_seed(0)
    x, logits = torch.rand(2, 5, 3, dtype=torch.float64, generator=random)
    wanted = BERNOULLI.log_density((torch.sigmoid(logits),), x.round()).sum(-1)
    torch.testing.assert_close(-vae.reconstruction(x.round(), logits, "bernoulli"), wanted, **CLOSE)


@pytest.mark.parametrize("decoder", ["bernoulli", "gaussian"])
def test_the_likelihoods_at_the_nodes_of_the_grid_are_those_of_the_loss(decoder: str) -> None:
    random = torch.Generator().manual_seed(0)
    x, logits = torch.rand(4, 3, dtype=torch.float64, generator=random), torch.randn(6, 3, dtype=torch.float64, generator=random)
    wanted = torch.stack([-vae.reconstruction(row, logits, decoder) for row in x])
    torch.testing.assert_close(vae.log_likelihoods(x, logits, decoder), wanted, **CLOSE)


@pytest.mark.parametrize(
    ("slip", "fails"), [("missing half", True), ("sd for variance", True), ("wrong sign of the KL", True), (None, False)]
)
def test_the_slips_of_the_KL_are_told_from_the_term(slip: str | None, *, fails: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    right = vae.kl_to_standard_normal
    monkeypatch.setattr(vae, "kl_to_standard_normal", lambda mean, log_var: right(mean, log_var, slip))
    held = HELD["the KL to the prior"]
    r, t = found(held.proof, held.term)
    pairs = [(held.code(*given), wanted) for wanted, *given in batches(r, t, *(read(x, r.signature) for x in held.letters))]
    assert [not torch.allclose(a, b, **CLOSE) for a, b in pairs] == [fails] * len(GROUPS)


PLANTED: dict[str, tuple[object, str, Callable[..., Tensor]]] = {
    "the log ratio of prior and posterior": (vae, "log_prior_ratio", lambda z, eps, log_var: (eps.square() + log_var - z.square()).sum(-1)),
    "IWAE": (vae, "iwae", lambda log_w, k: log_w.unflatten(0, (-1, k)).logsumexp(1).mean(0)),
    "the Gaussian likelihood": (vae, "gaussian_surprise", lambda x, mean, sd: (x - mean).square().sum(-1) / (2 * sd)),
    "x_t": (ddpm, "noised", lambda x_0, eps, bar, rest: bar.sqrt() * x_0 + rest * eps),
    "the squared error of ε": (ddpm, "eps_mse", lambda eps, found: (eps - found).square().mean()),
    "the mean of the reverse step": (ddpm, "reverse_mean", lambda x, eps, beta, rest: (x - beta / rest * eps) / (1 - beta) ** 0.5),
    "the target of the score": (score, "denoising_target", lambda eps, _: -eps),
    "the error of the score": (score, "weighted_error", lambda found, target, _: (found - target).square().sum(1).mean()),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_told_from_the_term(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """sd for variance, a missing ½ or log k, a mean for a sum, a weight left out."""
    monkeypatch.setattr(*PLANTED[name])
    held = HELD[name]
    r, t = found(held.proof, held.term)
    pairs = [(held.code(*given), wanted) for wanted, *given in batches(r, t, *(read(x, r.signature) for x in held.letters))]
    told = [not torch.allclose(a, b, rtol=1e-3) for a, b in pairs]
    assert sum(told) >= len(GROUPS) - 1  # in one of them K is 1, and a lost log K is 0


def test_J_without_its_half_and_without_the_stop_gradient_are_told_from_the_term() -> None:
    r, t = found("simsiam/weight-flow.md", WITH)
    for wanted, *given in batches(r, t, *(read(x, r.signature) for x in LETTERS)):
        assert not torch.allclose(simsiam.LOST_HALF * flow(*given, of=0, stop_gradient=True), wanted)
        assert not torch.allclose(trained(*given, of=1, stop_gradient=False), wanted)


@pytest.mark.parametrize("name", sorted(models()))
def test_a_model_names_the_proof_of_its_loss(name: str) -> None:
    model = models()[name]
    held = {h.proof for h in HELD.values()} | {"gan/optimal-discriminator.md", "gan/value-jsd.md"}
    assert set(model.proofs.values()) <= held, "a proof that no formula is held against"
    assert set(model.proofs) & set(model.losses) or not model.proofs
