r"""A GAN on the line, where D* = p/(p + p_G) and the Jensen–Shannon divergence are known by quadrature.

V(D) = E_p[log D] + E_{p_G}[log(1 − D)] ≤ 2 JSD(p, p_G) − log 4, with equality at D*.
The generator is a fixed Gaussian, or an increasing map of z ~ N(0, 1), whose density is exact.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, final

import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import logsigmoid, softplus

from derivcheck.datasets._dataset import law_of
from derivcheck.models._average import Average
from derivcheck.models._model import Bound, Config, Control, Evaluation, Model
from derivcheck.models._state import generator, load_state, seeded, set_cosine_rate, state_of

BATCH, STEPS, WIDTH, BUMPS = 2048, 100, 64, 16
NODES, REACH, BULK = 4001, 8.0, 0.01  # of the quadrature; where the mean density is above BULK, D counts
SD_FIXED, DRAWN = 1.5, 100_000  # of the fixed generator N(0, sd²); draws for V with its standard error


@final
@dataclass(frozen=True)
class GANConfig(Config):
    """generator: fixed (only D learns) or monotone (both learn); ahead: steps of D for one of G."""

    epochs: int = 20
    generator: Literal["fixed", "monotone"] = "fixed"
    data: str = "two_gaussians"
    rate: float = 3e-3
    ahead: int = 3


class Discriminator(nn.Module):
    """The logit of D(x); D itself and 1 − D by log-sigmoid, so that neither is rounded to 0."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(dim, WIDTH), nn.SiLU(), nn.Linear(WIDTH, WIDTH), nn.SiLU(), nn.Linear(WIDTH, 1)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Shapes: x (n, d); result (n,)."""
        return self.net(x)[:, 0]


class Monotone(nn.Module):
    """G(z) = b + s(a) z + Σ_k s(h_k) tanh(s(w_k)(z − c_k)), s = softplus: increasing, so that its density is exact."""

    def __init__(self, sd: float) -> None:
        super().__init__()
        inverse = math.log(math.expm1(sd))
        self.shift, self.slope = nn.Parameter(torch.zeros(())), nn.Parameter(torch.tensor(inverse))
        self.height = nn.Parameter(torch.full((BUMPS,), -3.0))
        self.width = nn.Parameter(torch.ones(BUMPS))
        self.centre = nn.Parameter(torch.linspace(-2.5, 2.5, BUMPS))

    def forward(self, z: Tensor) -> Tensor:
        """Shapes: z (n, 1); result (n, 1)."""
        bumps = softplus(self.height) * torch.tanh(softplus(self.width) * (z - self.centre))
        return self.shift + softplus(self.slope) * z + bumps.sum(1, keepdim=True)

    def log_density(self, x: Tensor) -> Tensor:
        """log N(z; 0, 1) − log G'(z) at z = G⁻¹(x), by bisection in float64. Shape: (n,)."""
        low, high = torch.full_like(x, -40.0), torch.full_like(x, 40.0)
        for _ in range(60):
            middle = (low + high) / 2
            below = self(middle[:, None])[:, 0] < x
            low, high = torch.where(below, middle, low), torch.where(below, high, middle)
        z = ((low + high) / 2).requires_grad_()
        with torch.enable_grad():
            (slope,) = torch.autograd.grad(self(z[:, None]).sum(), z)
        return (-0.5 * z.square() - 0.5 * math.log(2 * math.pi) - slope.log()).detach()


def value(real: Tensor, fake: Tensor) -> Tensor:
    """V = E_p[log D] + E_{p_G}[log(1 − D)] from logits, in nats."""
    return logsigmoid(real).mean() + logsigmoid(-fake).mean()


def value_by_quadrature(p: Tensor, p_G: Tensor, logits: Tensor, dx: Tensor | float) -> float:
    """V = ∫ (p log D + p_G log(1 − D)) dx in nats, from densities and the logits of D at nodes of weight dx."""
    return float((dx * (p * logsigmoid(logits) + p_G * logsigmoid(-logits))).sum())


@final
class GANTraining:
    """D climbs V; G climbs E[log D(G(z))] (the non-saturating loss)."""

    def __init__(self, config: GANConfig, device: torch.device) -> None:
        self.config, self.device = config, device
        self.law = law_of(config.data)
        with seeded(config.seed):
            self.critic = Discriminator(1).to(device)
        self.maker = Monotone(SD_FIXED).to(device)
        if config.generator == "fixed":
            nn.init.constant_(self.maker.height, -100.0)
        self.averages = {"critic": Average(self.critic, 0.99), "maker": Average(self.maker, 0.99)}
        betas = (0.9, 0.999) if config.generator == "fixed" else (0.5, 0.9)
        self.optimizers = {
            "of_critic": torch.optim.Adam(self.critic.parameters(), lr=config.rate, betas=betas),
            "of_maker": torch.optim.Adam(self.maker.parameters(), lr=config.rate, betas=betas),
        }

    def epoch(self, number: int) -> Mapping[str, float]:
        """STEPS steps of D, and of G after every `ahead` of them."""
        random = generator(self.device, self.config.seed, number, "epoch")
        of_critic = of_maker = torch.zeros((), device=self.device)
        made = 0
        for i in range(STEPS):
            done = (number + i / STEPS) / self.config.epochs
            for optimizer in self.optimizers.values():
                set_cosine_rate(optimizer, self.config.rate, done)
            of_critic = of_critic + self._criticise(random) / STEPS
            if self.config.generator != "fixed" and i % self.config.ahead == 0:
                of_maker, made = of_maker + self._make(random), made + 1
        return {"discriminator": float(of_critic), "generator": float(of_maker) / max(made, 1)}

    def _criticise(self, random: torch.Generator) -> Tensor:
        real = self.critic(self.law.sample(BATCH, random, self.device))
        fake = self.critic(self.sample(BATCH, random))
        match self.config.slip:
            case "laws exchanged":
                loss = -value(fake, real)
            case "lost log":
                loss = -(torch.sigmoid(real).mean() + logsigmoid(-fake).mean())
            case "half of the fakes":
                loss = -(logsigmoid(real).mean() + 0.5 * logsigmoid(-fake).mean())
            case _:
                loss = -value(real, fake)
        return self._step("critic", self.critic, loss)

    def _make(self, random: torch.Generator) -> Tensor:
        z = torch.randn(BATCH, 1, generator=random, device=self.device)
        logits = self.critic(self.maker(z))
        sign = -1.0 if self.config.slip == "generator helps the discriminator" else 1.0
        return self._step("maker", self.maker, -sign * logsigmoid(logits).mean())

    def _step(self, name: str, net: nn.Module, loss: Tensor) -> Tensor:
        optimizer = self.optimizers[f"of_{name}"]
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if self.config.slip != "untrained":
            optimizer.step()
            self.averages[name].update(net)
        return loss.detach()

    def state(self) -> Mapping[str, Tensor]:
        """Both networks, their averages and Adam's moments."""
        return state_of(self._modules(), self.optimizers)

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Go on from a state."""
        load_state(state, self._modules(), self.optimizers)

    def _modules(self) -> dict[str, nn.Module]:
        averages = {f"average_{k}": v.net for k, v in self.averages.items()}
        return {"critic": self.critic, "maker": self.maker, **averages}

    @torch.no_grad()
    def sample(self, n: int, random: torch.Generator) -> Tensor:
        """G(z), z ~ N(0, 1). Shape: (n, 1)."""
        return self.maker(torch.randn(n, 1, generator=random, device=self.device))

    @torch.no_grad()
    def evaluate(self) -> Evaluation:
        """D against D*, V against the Jensen–Shannon divergence, by quadrature; V from draws as well."""
        x = torch.linspace(-REACH, REACH, NODES, dtype=torch.float64, device=self.device)
        p = self.law.log_prob(x[:, None]).exp()
        maker = self.averages["maker"].net if self.config.generator != "fixed" else self.maker
        p_G = self._density(maker, x)
        logits = self.averages["critic"].net(x[:, None].float()).double()
        dx = 2 * REACH / (NODES - 1)
        V = value_by_quadrature(p, p_G, logits, dx)
        beyond = max(0.0, 1 - float(p_G.sum()) * dx)  # of the generator, where p is 0 and p_G log(p_G/m) = p_G log 2
        jsd = jensen_shannon(p, p_G, dx) + 0.5 * math.log(2) * beyond
        D, best, bulk = torch.sigmoid(logits), p / (p + p_G), (p + p_G) / 2 > BULK
        drawn, error = self._drawn_value(maker)
        metrics = {
            "jsd": jsd,
            "jsd_from_D": V / 2 + math.log(2),
            "jsd_error": abs(V / 2 + math.log(2) - jsd),
            "excess_over_jsd": V / 2 + math.log(2) - jsd,
            "excess_from_draws_in_se": (drawn / 2 + math.log(2) - jsd) / (error / 2),
            "max_D_error": float((D - best).abs()[bulk].max()),
            "mean_abs_D_minus_half": float(((D - 0.5).abs() * (p + p_G) / 2).sum() * dx),
        }
        arrays = {"line": x, "D": D, "D_star": best, "density_data": p, "density_model": p_G}
        return Evaluation(metrics, {k: v.cpu().numpy() for k, v in arrays.items()} | self._samples())

    def _density(self, maker: nn.Module, x: Tensor) -> Tensor:
        exact = Monotone(1.0).double().to(self.device)
        exact.load_state_dict({k: v for k, v in maker.state_dict().items() if k != "steps"})
        return exact.log_density(x).exp()

    def _drawn_value(self, maker: nn.Module) -> tuple[float, float]:
        """V from DRAWN draws of each law, and its standard error."""
        random = generator(self.device, self.config.seed, "evaluate")
        critic = self.averages["critic"].net
        real = logsigmoid(critic(self.law.sample(DRAWN, random, self.device))).double()
        z = torch.randn(DRAWN, 1, generator=random, device=self.device)
        fake = logsigmoid(-critic(maker(z))).double()
        return float(real.mean() + fake.mean()), float(((real.var() + fake.var()) / DRAWN).sqrt())

    def _samples(self) -> dict[str, NDArray[Any]]:
        random = generator(self.device, self.config.seed, "sample")
        drawn = {"samples": self.sample(4000, random), "data": self.law.sample(4000, random, self.device)}
        return {k: v.cpu().numpy() for k, v in drawn.items()}


def jensen_shannon(p: Tensor, q: Tensor, dx: Tensor | float) -> float:
    """½ KL(p ‖ m) + ½ KL(q ‖ m), m = (p + q)/2, in nats, from densities at nodes of weight dx."""
    m = (p + q) / 2
    return float((dx * (torch.special.xlogy(p, p / m) + torch.special.xlogy(q, q / m))).sum()) / 2


def _bounds(config: GANConfig) -> tuple[Bound, ...]:
    always = (
        Bound("excess_over_jsd", high=1e-9, why="V/2 + log 2 ≤ JSD for every D: a violation is a bug"),
        Bound("excess_from_draws_in_se", high=3.0, why="the same from draws, in standard errors"),
    )
    if config.generator == "fixed":
        return (
            *always,
            Bound("jsd_error", high=5e-4, why="V at the trained D is nearly that at D*"),
            Bound("max_D_error", high=0.06, why="|D − D*| where the mean density is above 0.01"),
        )
    return (
        *always,
        Bound("jsd", high=0.01, why="the generator has learnt the law (exact density)"),
        Bound("mean_abs_D_minus_half", high=0.06, why="D cannot tell the laws apart"),
    )


def _slip(name: str, what: str, *fails: str, **more: object) -> Control:
    return Control({"slip": name, **more}, fails, what)


MODEL = Model(
    title="GAN on the line",
    source="Goodfellow et al. 2014, equation 1; proposition 1; theorem 1",
    losses={
        "discriminator": r"-\mathbb{E}_{p_{data}(x)}[\log D(x)] - \mathbb{E}_{p_G(x)}[\log(1 - D(x))]",
        "generator": r"-\mathbb{E}_{p(z)}[\log D(G(z))]",
    },
    conventions="expectations are means over the batch; the generator's loss is the non-saturating one",
    units=dict.fromkeys(("jsd", "jsd_from_D", "jsd_error", "excess_over_jsd"), "nats"),
    config=GANConfig,
    start=GANTraining,
    bounds=_bounds,
    controls={
        "laws exchanged": _slip("laws exchanged", "D is trained the other way round", "max_D_error", "jsd_error"),
        "lost log": _slip("lost log", "E[D] for E[log D]", "max_D_error"),
        "half of the fakes": _slip("half of the fakes", "a factor ½ on one term", "max_D_error", "jsd_error"),
        "untrained": _slip("untrained", "no step is taken", "max_D_error", "jsd_error", epochs=1),
        "generator helps the discriminator": _slip(
            "generator helps the discriminator", "the sign of G's loss", "jsd", generator="monotone"
        ),
    },
    variants={"fixed generator": {}, "both learn": {"generator": "monotone", "epochs": 60}},
    quick={},
    data=("two_gaussians",),
    proofs={"discriminator": "gan/optimal-discriminator.md", "jsd": "gan/value-jsd.md"},
)
