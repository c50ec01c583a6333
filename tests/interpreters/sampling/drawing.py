"""Relations of a small document, confronted with draws in this process."""

from __future__ import annotations

from functools import lru_cache

import torch

from derivcheck.checks.draws import Draws, ask
from derivcheck.interpreters.sampling.trials import Asked
from derivcheck.notation.signature import signature_of
from derivcheck.pipeline import Prepared, prepare
from derivcheck.verdicts.sampled import asked_of
from derivcheck.verdicts.sides import read_relation

DDPM = r"""
variables: ['x_t \in \mathbb{R}^d', '\epsilon \in \mathbb{R}^d']
sequences: ['\beta_t \in (0,1)']
definitions:
  - '\alpha_t = 1 - \beta_t'
  - '\bar\alpha_t = \prod_{s=1}^{t} \alpha_s'
densities: ['q(x_{0:T}) = q(x_0) \prod_{t=1}^{T} q(x_t|x_{t-1})']
families: ['q(x_t|x_{t-1}) = \mathcal{N}(x_t; \sqrt{\alpha_t} x_{t-1}, \beta_t I)']
moments:
  - {mean: '\tilde\mu_t(x_t, x_0)', variance: '\tilde\beta_t', of: 'q(x_{t-1}|x_t, x_0)'}
laws: ['\epsilon \sim \mathcal{N}(0, I)']
paths: ['x_t = \sqrt{\bar\alpha_t} x_0 + \sqrt{1-\bar\alpha_t} \epsilon']
networks: ['\epsilon_\theta(x_t, t) \in \mathbb{R}^d']
conventions: {t: 2..T-1}
"""
VAE = r"""
variables: [x, z]
densities: ['p(x,z)', 'q(z|x)', 'r(z|x)']
laws: ['z_k \sim q(z|x)']
functions: ['h(z)']
conventions: {K: 1..3}
"""
GAUSSIAN = r"""
variables: ['z \in \mathbb{R}^d']
parameters: ['m \in \mathbb{R}^d', 'n \in \mathbb{R}^d']
matrices: ['S \in \mathbb{S}_{++}^{d}', 'P \in \mathbb{S}_{++}^{d}']
densities: ['p(z)', 'q(z)']
families: ['q(z) = \mathcal{N}(z; m, S)', 'p(z) = \mathcal{N}(z; n, P)']
"""
KL = r"\frac{1}{2} (\operatorname{tr}(P^{-1} S) - d + (n - m)^\top P^{-1} (n - m) + \log \det P - \log \det S)"


@lru_cache(maxsize=64)
def prepared(claim: str, theory: str) -> Prepared:
    """A document of one claim."""
    return prepare("test.md", [], f"---\n{theory.strip()}\n---\n\nWe claim that\n\n$$ {claim} $$\n")


def asked(claim: str, theory: str, *, seed: int = 0, family: int = 100) -> Asked:
    """The question to draws that a claim is."""
    torch.set_num_threads(1)
    (placed,) = prepared(claim, theory).relations
    signature = signature_of(placed.declarations)
    assert not signature.problems
    reading = read_relation(placed.raw, signature).charitable
    assert reading is not None, "the claim is read"
    return asked_of(reading, signature, seed, family)


def drawn(claim: str, theory: str, *, seed: int = 0) -> Draws:
    """What draws say of a claim."""
    return ask(asked(claim, theory, seed=seed))
