"""The draws themselves: deterministic, of the law that the theory declares, at the level that is stated."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from derivcheck.checks.draws import ask
from derivcheck.interpreters.sampling import gaussian, tables
from derivcheck.interpreters.sampling.trials import CLAIMS_EACH, FAMILY_ALPHA
from tests.interpreters.sampling.drawing import DDPM, GAUSSIAN, KL, VAE, asked, drawn

ELBO = r"\log p(x) = E_{q(z|x)}[\log p(x,z) - \log q(z|x)] + KL(q(z|x)\|p(z|x))"
EVIDENCE = r"p(x) = E_{p(z)}[p(x|z)]"
MARGINAL = r"q(x_t|x_0) = \mathcal{N}(x_t; \sqrt{\bar\alpha_t} x_0, (1-\bar\alpha_t) I)"
SUM_OF_SQUARES = r"E_{q(z)}[z^\top z] = \operatorname{tr}(S) + m^\top m"


def figures(claim: str, theory: str, seed: int) -> list[tuple[float, ...]]:
    return [tuple(t.outcome.last.estimate) for t in drawn(claim, theory, seed=seed).tried]


@pytest.mark.parametrize(("claim", "theory"), [(ELBO, VAE), (MARGINAL, DDPM), (SUM_OF_SQUARES, GAUSSIAN)])
def test_the_same_claim_and_seed_give_the_same_draws(claim: str, theory: str) -> None:
    torch.manual_seed(1)
    first = figures(claim, theory, 0)
    torch.manual_seed(2)
    assert figures(claim, theory, 0) == first, "nothing hangs on torch's own generator"
    assert figures(claim, theory, 1) != first


def test_every_claim_has_its_share_of_the_document() -> None:
    draws = ask(asked(ELBO, VAE, family=40))
    assert {t.outcome.share.family_size for t in draws.tried} == {40 * CLAIMS_EACH}
    assert {t.outcome.alpha for t in draws.tried} == {FAMILY_ALPHA / (40 * CLAIMS_EACH)}


def test_estimates_spread_as_they_should() -> None:
    """z-scores of 60 estimates of a true claim have a mean square near 1: χ²_60 is in [25, 115] but for 2e-5."""
    scores: list[float] = []
    for seed in range(12):
        for t in drawn(SUM_OF_SQUARES, GAUSSIAN, seed=seed).tried:
            spread = t.outcome.claim.tolerance / t.outcome.claim.relative  # the scale is the statistic's standard deviation
            scores.append(float((t.outcome.last.estimate / spread * np.sqrt(t.outcome.n))[0]))
    assert len(scores) == 60
    assert 25 < float(np.square(scores).sum()) < 115


def test_a_chain_that_is_not_drawn_as_declared_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted fault: the noise of every step is 5 % too large."""
    root = gaussian.cholesky
    monkeypatch.setattr(gaussian, "cholesky", lambda cov: 1.05 * root(cov))
    assert drawn(MARGINAL, DDPM).refutation is not None


def test_a_table_that_is_not_drawn_as_declared_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted fault: nodes are drawn from the squares of their masses."""
    assert drawn(EVIDENCE, VAE).agree
    choose = tables.Tables._choose
    monkeypatch.setattr(tables.Tables, "_choose", lambda self, table, *rest: choose(self, table**2, *rest))
    assert drawn(EVIDENCE, VAE).refutation is not None


def test_a_statistic_beyond_its_ends_is_no_evidence(monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted fault: ends that are too narrow; the tier sees it and nothing is concluded."""
    from derivcheck.interpreters.sampling import claims

    ends = claims.bounds

    def narrow(*args: object) -> tuple[torch.Tensor, torch.Tensor]:
        low, high = ends(*args)  # type: ignore[arg-type]
        return high - (high - low) * 1e-3, high

    monkeypatch.setattr(claims, "bounds", narrow)
    assert drawn(EVIDENCE, VAE).agree is False
    assert drawn(EVIDENCE, VAE).refutation is None


def test_the_form_is_that_of_the_statistic() -> None:
    """T1's variance of log q/p, against the variance of its draws: 65,536 draws of kurtosis ≤ 15 are within 10 % but for 1e-6."""
    for t in drawn(r"KL(q(z) \| p(z)) = " + KL, GAUSSIAN).tried:
        o = t.outcome
        width = o.last.high - o.last.low
        scale = o.claim.tolerance / o.claim.relative
        assert float(width[0]) == pytest.approx(float(2 * scale[0] * np.sqrt(2 * np.log(4 / o.alpha) / o.n)), rel=0.1)
