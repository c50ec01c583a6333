"""`≈` with a sample average: bias and rate, and what may refute it."""

from __future__ import annotations

import pytest

from derivcheck.checks.draws import Draws
from tests.interpreters.sampling.drawing import VAE, drawn

pytestmark = pytest.mark.statistical

AVERAGE = r"\frac{1}{K} \sum_{k=1}^{K}"


def said(draws: Draws, word: str) -> dict[str, str]:
    """The verdicts of the claims of the first instance that speak of a word."""
    assert draws.reason is None
    return {t.outcome.claim.latex: t.outcome.verdict for t in draws.tried if t.instance == draws.tried[0].instance and word in t.outcome.claim.latex}


def test_an_average_is_unbiased_and_its_variance_falls() -> None:
    draws = drawn(rf"E_{{q(z|x)}}[h(z)] \approx {AVERAGE} h(z_k)", VAE.replace("functions: ['h(z)']", "functions: ['h(z)']"))
    assert set(said(draws, "mean").values()) == {"pass"}
    assert set(said(draws, "Var").values()) == {"pass"}
    assert len(said(draws, "mean")) == 3
    assert len(said(draws, "Var")) == 2
    assert draws.agree


def test_importance_weights_estimate_the_evidence() -> None:
    draws = drawn(rf"p(x) \approx {AVERAGE} \frac{{p(x,z_k)}}{{q(z_k|x)}}", VAE)
    assert draws.agree
    assert draws.refutation is None


def test_a_biased_average_is_refuted() -> None:
    draws = drawn(rf"KL(q(z|x) \| p(z|x)) \approx {AVERAGE} \log \frac{{p(z_k|x)}}{{q(z_k|x)}}", VAE)
    assert draws.refutation is not None
    assert {t.outcome.verdict for t in draws.tried} == {"refuted"}


def test_a_biased_but_consistent_estimate_is_not_refuted() -> None:
    """The log of an average is biased for every K, and tends to the left side: the claim stands."""
    draws = drawn(rf"\log p(x) \approx \log {AVERAGE} \frac{{p(x,z_k)}}{{q(z_k|x)}}", VAE)
    assert draws.refutation is None


def test_a_sum_without_its_count_does_not_decide() -> None:
    draws = drawn(r"E_{q(z|x)}[h(z)] \approx \sum_{k=1}^{K} h(z_k)", VAE)
    assert said(draws, "K = 4") != {}
    assert "refuted" in said(draws, "mean").values()
    assert draws.refutation is None


def test_a_variance_that_does_not_fall_is_seen() -> None:
    """One draw used K times: unbiased, and its variance stays."""
    draws = drawn(rf"E_{{q(z|x)}}[h(z)] \approx {AVERAGE} h(z_1)", VAE)
    assert draws.reason is not None, "z_1 is no average over z_k"
    draws = drawn(rf"E_{{q(z|x)}}[h(z)] \approx {AVERAGE} (h(z_k) + h(z_1) - h(z_k))", VAE)
    assert set(said(draws, "mean").values()) == {"pass"}
    assert set(said(draws, "Var").values()) == {"refuted"}
