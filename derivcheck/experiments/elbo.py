r"""log p(x) = ELBO + KL(q‖p(z|x)) and ELBO ≤ log p(x) in linear-Gaussian models, whose evidence is exact, by T1."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from derivcheck.experiments._experiment import Experiment, Instance
from derivcheck.experiments._gaussian import numbers
from derivcheck.experiments._kl_edits import FORMS, applicable, kl_divergence
from derivcheck.experiments._latent import Inference, random_inference
from derivcheck.experiments._quadratic import quadratic_trial
from derivcheck.samplers.stream import generator
from derivcheck.statistics.claim import Claim, claim
from derivcheck.statistics.sums import Sums
from derivcheck.statistics.trial import Trial

TOLERANCE = 0.01  # of KL(q‖p(z|x)), the distance from the bound to the evidence
LEAST = 0.4  # nats, of that divergence: 1 % of less takes many draws, and tells no more
SIZES = ((1, 2), (2, 3), (2, 16), (3, 8), (4, 16))
IDENTITY = r"\log p(x) = \mathbb{E}_{q(z|x)}[\log p(x,z) - \log q(z|x)] + KL(q(z|x) \| p(z|x))"
GAUSSIAN = r"\log p(x) = \mathbb{E}_{q(z|x)}[\log p(x,z) - \log q(z|x)] + "  # the divergence in closed form
VAE_FORM = (
    r"\mathbb{E}_{q(z|x)}[\log p(x,z) - \log q(z|x)]"
    r" = \log \mathcal{N}(x; W m + b, S) - \frac{1}{2} \operatorname{tr}(S^{-1} W V W^\top) - KL(q(z|x) \| p(z))"
)
BOUND = r"\mathbb{E}_{q(z|x)}[\log p(x,z) - \log q(z|x)] \leq \log p(x)"
# each is an edit of the identity (the divergence in closed form where that is edited, q = N(μ_1, Σ_1) and p(z|x) =
# N(μ_2, Σ_2)), of its form in the VAE with q = N(m, V), or of the bound
WRONG = {
    **{name: GAUSSIAN + form for name, form in FORMS.items()},
    "gap dropped": r"\log p(x) = \mathbb{E}_{q(z|x)}[\log p(x,z) - \log q(z|x)]",
    "gap to the prior": IDENTITY.replace(r"\| p(z|x)", r"\| p(z)"),
    "noise alone": IDENTITY.replace("p(x)", r"\mathcal{N}(x; b, S)", 1),
    "decoder at the mean": VAE_FORM.replace(r" - \frac{1}{2} \operatorname{tr}(S^{-1} W V W^\top)", ""),
    "prior's divergence added": VAE_FORM.replace("- KL", "+ KL"),
    "bound from above": BOUND.replace(r"\leq", r"\geq"),
}


def gap(case: Inference) -> float:
    """KL(q(z|x)‖p(z|x)).   Units: nats."""
    return kl_divergence(case.q, case.posterior)


def decoder(case: Inference) -> tuple[float, float]:
    """log N(x; W m + b, S), and −½ tr(S⁻¹ W V Wᵀ): their sum is E_q log p(x|z), with m, V of q.   Units: nats."""
    model, V = case.model, numbers(case.q.cov)
    at_mean = float(model.likelihood(case.q.mean).log_prob(case.x[None])[0])
    W, S = numbers(model.W), numbers(model.S)
    return at_mean, -0.5 * float(np.trace(np.linalg.solve(S, W @ V @ W.T)))


def _trials(case: Inference, device: torch.device) -> Callable[[Claim], Trial]:
    log_weight = case.model.log_weight(case.x, case.q)

    def at(w: torch.Tensor) -> torch.Tensor:
        z = case.q.mean + w @ case.q.scale_tril.T
        return (case.model.log_joint(case.x, z) - case.q.log_prob(z))[:, None]

    def draw(seed: int, n: int) -> Sums:
        return log_weight.sums(n, generator(seed, device))

    return quadratic_trial(at, case.model.k, device, draw)


def _instance(case: Inference, device: torch.device) -> Instance:
    trial, evidence, size = _trials(case, device), case.log_evidence, gap(case)

    def elbo_is(latex: str, value: float) -> tuple[Trial, ...]:
        return (trial(claim(latex, value, relative=TOLERANCE, scale=np.asarray([size]))),)

    prior = kl_divergence(case.q, case.model.prior)
    at_mean, spread = decoder(case)
    below = claim(BOUND, evidence, relative=0.1, scale=np.asarray([size]), relation="<=")
    above = claim(BOUND, evidence, relative=0.1, scale=np.asarray([size]), relation=">=")
    noise = float(case.model.noise.log_prob((case.x - case.model.b)[None])[0])
    slips = {name: elbo_is(IDENTITY, evidence - said(case.q, case.posterior)) for name, said in applicable(case.q.d).items()}
    return Instance(
        case.name,
        (*elbo_is(IDENTITY, evidence - size), *elbo_is(VAE_FORM, at_mean + spread - prior), trial(below)),
        {
            **slips,
            "gap dropped": elbo_is(IDENTITY, evidence),
            "gap to the prior": elbo_is(IDENTITY, evidence - prior),
            "noise alone": elbo_is(IDENTITY, noise - size),
            "decoder at the mean": elbo_is(VAE_FORM, at_mean - prior),
            "prior's divergence added": elbo_is(VAE_FORM, at_mean + spread + prior),
            "bound from above": (trial(above),),
        },
    )


def _instances(random: np.random.Generator, device: torch.device) -> list[Instance]:
    return [_instance(_case(random, k, d), device) for k, d in SIZES]


def _case(random: np.random.Generator, k: int, d: int) -> Inference:
    while True:
        case = random_inference(random, k, d, shift=1.0, spread=(0.4, 2.0))
        if gap(case) >= LEAST:
            return case


EXPERIMENT = Experiment(
    title="Evidence lower bound",
    claim=IDENTITY,
    source="Kingma & Welling 2014, eq. 1-3; Bishop 2006, eq. 2.115-2.116; proofs/vae/elbo-identity.md",
    controls=WRONG,
    instances=_instances,
)
