r"""A variational autoencoder with a 2-D latent: −E_q[log p(x|z)] + w KL(q(z|x) ‖ N(0, I)), summed over pixels.

Its evidence is known: in two dimensions ∫ p(x|z) p(z) dz is a sum over a grid.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, final

import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, softplus

from derivcheck.datasets._dataset import rows_of
from derivcheck.models._model import Bound, Config, Control, Evaluation, Model
from derivcheck.models._state import generator, load_state, seeded, set_cosine_rate, state_of

LATENT, HIDDEN, BATCH = 2, 256, 100
GRID, REACH = 161, 6.0  # nodes a side, and how far the grid goes in standard deviations of the prior
SD, AT_ONCE = 0.25, 20  # of the Gaussian decoder; rows, or draws, that are computed at once
SHEET, PRIOR = 15, 2000  # images in a row of a figure; draws from the prior for statistics
INTERPOLATED = ((1, 7), (1, 4))


@final
@dataclass(frozen=True)
class VAEConfig(Config):
    """weight: of the KL term, with both terms summed over coordinates (not averaged) and averaged over the batch."""

    epochs: int = 120
    weight: float = 1.0
    decoder: Literal["bernoulli", "gaussian"] = "bernoulli"
    data: str = "digits"
    path: str | None = None
    rate: float = 1.3e-3


def reconstruction(x: Tensor, logits: Tensor, decoder: str) -> Tensor:
    r"""−log p(x|z) in nats: Bernoulli −Σ x ln D + (1−x) ln(1−D), or Gaussian with variance SD².

    Shapes: x, logits (*b, d); result (*b,).
    """
    if decoder == "bernoulli":
        return binary_cross_entropy_with_logits(logits, x.expand_as(logits), reduction="none").sum(-1)
    return gaussian_surprise(x, torch.sigmoid(logits), SD)


def gaussian_surprise(x: Tensor, mean: Tensor, sd: float) -> Tensor:
    r"""−log N(x; mean, sd² I) = ‖x − mean‖²/(2 sd²) + d ln(sd √(2π)), in nats.

    Shapes: x, mean (*b, d); result (*b,).
    """
    return (x - mean).square().sum(-1) / (2 * sd**2) + x.shape[-1] * math.log(sd * math.sqrt(2 * math.pi))


def iwae(log_w: Tensor, k: int) -> Tensor:
    r"""E log (1/k) Σ_i w_i from n draws, in n/k groups; k = 1 is the ELBO.

    Shapes: log_w (n, *b); result (*b,).   Units: nats.   Source: Burda et al. 2016, equation 8.
    """
    return (log_w.unflatten(0, (-1, k)).logsumexp(1) - math.log(k)).mean(0)


def log_likelihoods(x: Tensor, logits: Tensor, decoder: str) -> Tensor:
    r"""log p(x_i|z_j) of every row at every node by one matrix product, in nats.

    Bernoulli x·l − Σ ln(1 + e^l); Gaussian by ‖x − m‖² = ‖x‖² − 2 x·m + ‖m‖² (wants float64).

    Shapes: x (n, d), logits (m, d); result (n, m).
    """
    if decoder == "bernoulli":
        return x @ logits.T - softplus(logits).sum(-1)
    means = torch.sigmoid(logits)
    square = x.square().sum(-1, keepdim=True) - 2 * x @ means.T + means.square().sum(-1)
    return -square / (2 * SD**2) - x.shape[-1] * math.log(SD * math.sqrt(2 * math.pi))


def log_prior_ratio(z: Tensor, eps: Tensor, log_var: Tensor) -> Tensor:
    r"""log N(z; 0, I) − log N(z; mean, diag var) at z = mean + sd ε: ½ Σ_j (ε_j² + ln var_j − z_j²).

    Shapes: z, eps (*b, k), log_var broadcasting; result (*b,).   Units: nats.
    """
    return 0.5 * (eps.square() + log_var - z.square()).sum(-1)


def kl_to_standard_normal(mean: Tensor, log_var: Tensor, slip: str | None = None) -> Tensor:
    r"""KL(N(mean, diag var) ‖ N(0, I)) = ½ Σ_j (mean_j² + var_j − 1 − ln var_j), or what a slip makes of it.

    Shapes: mean, log_var (*b, k); result (*b,).   Units: nats.
    Source: Kingma & Welling 2014, "Auto-Encoding Variational Bayes", appendix B; proofs/vae/.
    """
    match slip:
        case "missing half":
            half, spread = 1.0, log_var.exp()
        case "sd for variance":
            half, spread = 0.5, (log_var / 2).exp()
        case _:
            half, spread = 0.5, log_var.exp()
    kl = half * (mean.square() + spread - 1 - log_var).sum(-1)
    return -kl if slip == "wrong sign of the KL" else kl


class Coder(nn.Module):
    """Two hidden layers of HIDDEN units."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(before, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, after)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Shapes: x (*b, before); result (*b, after)."""
        return self.net(x)


@final
class VAETraining:
    """Adam with a cosine rate; the noise of an epoch comes from (seed, epoch)."""

    def __init__(self, config: VAEConfig, device: torch.device) -> None:
        self.config, self.device = config, device
        self.rows = rows_of(config.data, config.path)
        width = self.rows.train.shape[1]
        with seeded(config.seed):
            self.encoder, self.decoder = Coder(width, 2 * LATENT), Coder(LATENT, width)
        self.encoder.to(device)
        self.decoder.to(device)
        self.x = self.rows.train.to(device)
        self.optimizer = torch.optim.Adam(
            [*self.encoder.parameters(), *self.decoder.parameters()], lr=config.rate
        )

    def epoch(self, number: int) -> Mapping[str, float]:
        """One pass over the training rows, in batches."""
        random = generator(self.device, self.config.seed, number, "epoch")
        order = torch.randperm(len(self.x), generator=random, device=self.device)
        batches = order.split(BATCH)
        total = torch.zeros(2, dtype=torch.float64)
        for i, batch in enumerate(batches):
            done = (number + i / len(batches)) / self.config.epochs
            set_cosine_rate(self.optimizer, self.config.rate, done)
            x = self.x[batch]
            mean, log_var = self.encoder(x).chunk(2, -1)
            eps = torch.randn(mean.shape, generator=random, device=self.device)
            logits = self.decoder(mean + (log_var / 2).exp() * eps)
            fit = reconstruction(x, logits, self.config.decoder).mean()
            kl = kl_to_standard_normal(mean, log_var, self.config.slip).mean()
            self.optimizer.zero_grad(set_to_none=True)
            (fit + self.config.weight * kl).backward()
            if self.config.slip != "untrained":
                self.optimizer.step()
            total += torch.stack([fit, kl]).detach().cpu() * (len(batch) / len(order))
        return {"reconstruction": float(total[0]), "kl": float(total[1])}

    def state(self) -> Mapping[str, Tensor]:
        """Both coders and Adam's moments."""
        return state_of(self._modules(), {"adam": self.optimizer})

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Go on from a state."""
        load_state(state, self._modules(), {"adam": self.optimizer})

    def _modules(self) -> dict[str, nn.Module]:
        return {"encoder": self.encoder, "decoder": self.decoder}

    @torch.no_grad()
    def evaluate(self) -> Evaluation:
        """ELBO ≤ IWAE-10 ≤ IWAE-1000 ≤ exact log evidence on the rows kept aside."""
        x = self.rows.test.to(self.device)
        mean, log_var = self.encoder(x).chunk(2, -1)
        kl = kl_to_standard_normal(mean, log_var)
        random = generator(self.device, self.config.seed, "evaluate")
        weights = self._log_weights(x, mean, log_var, 1000, random)
        metrics = {
            "reconstruction": float(-(weights[1]).mean()),
            "kl": float(kl.mean()),
            "elbo": float(iwae(weights[0], 1).mean()),
            "iwae_10": float(iwae(weights[0], 10).mean()),
            "iwae_1000": float(iwae(weights[0], 1000).mean()),
            "log_evidence": float(self._log_evidence(x).mean()),
            "active_units": float((mean.var(0) > 0.01).sum()),
        }
        metrics["iwae_10_minus_elbo"] = metrics["iwae_10"] - metrics["elbo"]
        metrics["iwae_1000_minus_iwae_10"] = metrics["iwae_1000"] - metrics["iwae_10"]
        metrics["grid_minus_iwae_1000"] = metrics["log_evidence"] - metrics["iwae_1000"]
        claimed = kl_to_standard_normal(mean, log_var, self.config.slip)
        metrics["kl_formula_error"] = float((claimed - (weights[1] - weights[0]).mean(0)).mean().abs())
        return Evaluation(metrics, self._arrays(x, mean))

    def _arrays(self, x: Tensor, mean: Tensor) -> dict[str, NDArray[Any]]:
        """What figures and statistics of this model are made of; images are (n, side, side)."""
        labels = self.rows.test_labels
        random = generator(self.device, self.config.seed, "prior")
        prior = self.sample(PRIOR, random)
        quantiles = torch.distributions.Normal(0.0, 1.0).icdf(torch.linspace(0.03, 0.97, SHEET))
        plane = torch.cartesian_prod(-quantiles, quantiles).flip(-1).to(self.device)
        found = {
            "originals": x[:SHEET],
            "reconstructions": self._mean(mean[:SHEET]),
            "prior_means": prior[:64],
            "prior_draws": self._drawn(prior[:64], random),
            "samples": self._drawn(prior, random).flatten(1),
            "data": x,
            "embedding": mean,
            "labels": labels,
            "decoder_grid": self._mean(plane).unflatten(0, (SHEET, SHEET)),
        }
        fit = reconstruction(x, self.decoder(mean), self.config.decoder).cpu()
        for a, b in INTERPOLATED:  # between the best reconstructed row of each class
            ends = [mean[fit.where(labels == kind, torch.inf).argmin()] for kind in (a, b)]
            alpha = torch.linspace(0, 1, SHEET, device=self.device)[:, None]
            found[f"interpolation_{a}_{b}"] = self._mean((1 - alpha) * ends[0] + alpha * ends[1])
        flat = {"samples", "data", "embedding", "labels"}
        side = self.rows.side
        return {
            k: (v if k in flat else v.unflatten(-1, (side, side))).cpu().numpy() for k, v in found.items()
        }

    def _mean(self, z: Tensor) -> Tensor:
        return torch.sigmoid(self.decoder(z))

    def _drawn(self, mean: Tensor, random: torch.Generator) -> Tensor:
        if self.config.decoder == "bernoulli":
            return torch.bernoulli(mean, generator=random)
        return mean + SD * torch.randn(mean.shape, generator=random, device=self.device)

    @torch.no_grad()
    def sample(self, n: int, random: torch.Generator) -> Tensor:
        """The mean of p(x|z) at n draws of the prior. Shape: (n, d)."""
        return self._mean(torch.randn(n, LATENT, generator=random, device=self.device))

    def _log_weights(
        self, x: Tensor, mean: Tensor, log_var: Tensor, k: int, random: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """log p(x,z)/q(z|x) and log p(x|z) at k draws of q. Shapes: (k, n)."""
        log_w, log_lik = [], []
        for many in torch.arange(k).split(AT_ONCE):
            eps = torch.randn(len(many), *mean.shape, generator=random, device=self.device)
            z = mean + (log_var / 2).exp() * eps
            fit = -reconstruction(x, self.decoder(z), self.config.decoder)
            log_w.append(fit + log_prior_ratio(z, eps, log_var))
            log_lik.append(fit)
        return torch.cat(log_w), torch.cat(log_lik)

    def _log_evidence(self, x: Tensor) -> Tensor:
        """log ∫ p(x|z) N(z; 0, I) dz by the trapezoid on a square grid. Shape: (n,)."""
        nodes = torch.linspace(-REACH, REACH, GRID, device=self.device)
        z = torch.cartesian_prod(nodes, nodes)
        log_prior = -0.5 * z.square().sum(-1).double() - math.log(2 * math.pi)
        cell = 2 * math.log(2 * REACH / (GRID - 1))
        logits = self.decoder(z).double()
        found = [
            (log_prior + log_likelihoods(rows.double(), logits, self.config.decoder)).logsumexp(1) + cell
            for rows in x.split(AT_ONCE)
        ]
        return torch.cat(found)


def _bounds(config: VAEConfig) -> tuple[Bound, ...]:
    always = (
        Bound("kl_formula_error", high=0.05, why="the KL term is E_q[log q/p] (Monte Carlo, 1,000 draws a row)"),
        Bound("iwae_10_minus_elbo", low=-1e-4, why="on the same draws, by Jensen's inequality: a violation is a bug"),
        Bound("iwae_1000_minus_iwae_10", low=-1e-4, why="the same, up to the rounding of float32"),
    )
    if config.weight == 1:
        return (
            *always,
            Bound("grid_minus_iwae_1000", low=-0.01, high=0.02, why="IWAE-1000 is the evidence but for 0.02 nats"),
            Bound("log_evidence", low=-24.3, why="what a 2-D latent reaches on these digits"),
        )
    if config.weight >= 30:
        return (*always, Bound("kl", high=0.01), Bound("active_units", high=0, why="the posterior has collapsed"))
    return (*always, Bound("kl", low=20.0)) if config.weight == 0 else always


MODEL = Model(
    title="Variational autoencoder",
    source="Kingma & Welling 2014, equation 10",
    losses={
        "reconstruction": r"-\mathbb{E}_{q(z|x)}[\log p(x|z)]",
        "kl": r"D_{KL}(q(z|x) \| p(z))",
    },
    conventions="both terms are summed over coordinates and averaged over the batch: loss = reconstruction + weight · kl",
    units=dict.fromkeys(("reconstruction", "kl", "elbo", "iwae_10", "iwae_1000", "log_evidence"), "nats a row"),
    config=VAEConfig,
    start=VAETraining,
    bounds=_bounds,
    controls={
        name: Control({"slip": name}, ("kl_formula_error", "log_evidence"), "the loss's KL")
        for name in ("wrong sign of the KL", "missing half", "sd for variance")
    }
    | {"untrained": Control({"slip": "untrained", "epochs": 1}, ("log_evidence",), "no step is taken")},
    variants={"w = 0": {"weight": 0.0}, "w = 1": {"weight": 1.0}, "w = 30": {"weight": 30.0}},
    quick={"epochs": 15},
    data=("digits", "mnist"),
    proofs={
        "reconstruction": "vae/elbo-identity.md",
        "kl": "vae/gauss-kl-diagonal.md",
        "elbo": "vae/elbo-identity.md",
        "iwae_10": "vae/iw-bound.md",
        "iwae_1000": "vae/iw-bound.md",
    },
)
