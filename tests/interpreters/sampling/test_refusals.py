"""Where draws say nothing, and why."""

from __future__ import annotations

import pytest

from tests.interpreters.sampling.drawing import DDPM, GAUSSIAN, VAE, drawn

NOT_DRAWN = {
    "nothing to draw": (r"(1 - \alpha_t) \bar\alpha_t = \bar\alpha_t \beta_t", DDPM, "nothing to draw"),
    "a constant bracket": (r"E_{q(z|x)}[\log p(x)] = \log p(x)", VAE, "same number"),
    "an open constant": (r"E_{q(z|x)}[h(z)] = h(x) + C", VAE, "open"),
    "an optimum": (r"\min_{m} KL(q(z) \| p(z)) = 0", GAUSSIAN, "optimum"),
    "a name without meaning": (r"E_{q(z|x)}[h(z)] = v", VAE, "not declared"),
    "an average inside a function, among Gaussians": (r"\log E_{q(z)}[z^\top z] = \log d", GAUSSIAN, "biased"),
    "tails without a bound": (r"E_{q(z)}[\exp(z^\top z)] = 1", GAUSSIAN, "no quadratic form"),
    "a noise tied to what is drawn": (r"E_{q(x_t|x_0)}[x_t^\top \epsilon] = 0", DDPM, "not computed from it"),
    "one noise at two times": (r"E_{\epsilon}[x_t^\top x_{t-1}] = 0", DDPM, "no joint law"),
    "a derivative of an average": (r"\nabla_{m} KL(q(z) \| p(z)) = P^{-1} (m - n)", GAUSSIAN, "derivative of an average"),
    "no sample average": (r"E_{q(z|x)}[h(z)] \approx h(x)", VAE, "without a sample average"),
    "a sign that says nothing of averages": (r"p(z|x) \propto p(x,z)", VAE, "says nothing of an average"),
}  # fmt: skip


@pytest.mark.parametrize("name", NOT_DRAWN)
def test_a_relation_that_draws_do_not_speak_of_has_a_reason(name: str) -> None:
    claim, theory, why = NOT_DRAWN[name]
    draws = drawn(claim, theory)
    assert draws.tried == ()
    assert why in (draws.reason or "")


def test_a_bracket_of_what_is_averaged_already_is_not_guessed() -> None:
    theory = "variables: [x, y]\ndensities: ['p(x,y)', 's(y)']\nfunctions: ['h(x)']"
    assert drawn(r"E_{p(x,y)}[E[h(x)]] = E_{p(x,y)}[h(x)]", theory).tried == ()


def test_a_variable_drawn_like_another_one_takes_no_slot_by_its_name() -> None:
    """x_1 is drawn like y, not like x: with the law of x the claim would be refuted."""
    theory = "variables: [x, y, x_1]\ndensities: ['p(x, y) = p(x) p(y|x)']\nlaws: ['x_1 \\sim p(y)']"
    draws = drawn(r"E_{x_1}[x_1] = E_{p(y)}[y]", theory)
    assert draws.refutation is None


ENTROPIES = r"""
variables: [x, y]
densities: ['p(x,y)', 'p_\theta(x)']
parameters: ['\theta \in \mathbb{R}', '\eta \in \mathbb{R}']
definitions:
  - 'H(X) = -\mathbb{E}_{p(x)}[\log p(x)]'
  - 'H(Y) = -\mathbb{E}_{p(y)}[\log p(y)]'
  - 'L(\theta) = \theta - \mathbb{E}_{p(x)}[\log p_\theta(x)]'
"""


def test_a_definition_is_used_at_its_own_head() -> None:
    """H(Y) is not H(X) with Y for X: the letters stand for x and y, which no putting in sees."""
    assert drawn(r"-E_{p(x,y)}[\log p(y|x)] \leq H(Y)", ENTROPIES).agree
    assert drawn(r"H(X) = -E_{p(y)}[\log p(y)]", ENTROPIES).refutation is not None


def test_a_fixed_index_comes_before_the_pattern() -> None:
    """v_2 inside w_t at t = 2 is the 3 that is said of it, not the pattern that its letters look like."""
    theory = ENTROPIES.replace("definitions:", "sequences: ['v_t > 0', 'w_t > 0']\ndefinitions:\n  - 'v_t = 7'\n  - 'v_2 = 3'\n  - 'w_t = v_t'")
    claim = r"E_{p(x)}[w_2 \log p(x)] = 3 E_{p(x)}[\log p(x)]"
    assert drawn(claim, theory).agree


def test_a_moment_of_what_is_given_has_no_draws() -> None:
    claim = r"E_{q(x_1|x_0)}[\|\tilde\mu_1(x_1,x_0)\|^2] = \|x_0\|^2"
    assert "which is given" in (drawn(claim, DDPM).reason or "")


def test_an_argument_that_stands_in_names_is_not_put_in() -> None:
    assert drawn(r"L(\theta) = \theta - E_{p(x)}[\log p_\theta(x)]", ENTROPIES).agree
    assert "is not said" in (drawn(r"L(\eta) = \eta - E_{p(x)}[\log p_\theta(x)]", ENTROPIES).reason or "")


def test_an_instance_outside_a_domain_is_drawn_again() -> None:
    """log log of a density above 1 has a value, below 1 it has none."""
    draws = drawn(r"E_{q(z|x)}[\log \log p(x) + h(z)] = \log \log p(x) + E_{q(z|x)}[h(z)]", VAE)
    assert draws.reason is None
    assert draws.agree
    assert [t.instance for t in draws.tried] != list(range(len(draws.tried)))
