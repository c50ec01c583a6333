"""The first guess of ε: exact for standard normal rows, and none where a law is known.

Guards: a guess of another power of 1 − ᾱ_t, one that is learnt or saved, one that changes a model of a law.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from derivcheck.models.ddpm import MODEL, DDPMTraining, noised
from derivcheck.samplers.mixture import GaussianMixture, expected_eps

CPU = torch.device("cpu")
DIGITS = replace(MODEL.config(), data="digits", T=20)


def test_the_guess_is_the_conditional_mean_of_standard_normal_rows() -> None:
    training = DDPMTraining(DIGITS, CPU)
    law = GaussianMixture(weights=torch.ones(1).double(), means=torch.zeros(1, 2).double(), covs=torch.eye(2).double()[None])
    random = torch.Generator().manual_seed(0)
    x_0, eps = torch.randn(2, 6, 2, dtype=torch.float64, generator=random)
    for t in (1, 10, 20):
        x_t = noised(x_0, eps, training.alpha_bar[t].double(), training.rest[t].double())
        wanted = expected_eps(law, training.schedule, t, x_t)
        torch.testing.assert_close(training.net.get_buffer("guess")[t].double() * x_t, wanted.double(), rtol=1e-5, atol=1e-5)


def test_the_guess_is_added_to_what_the_network_says() -> None:
    training = DDPMTraining(DIGITS, CPU)
    bare = DDPMTraining(replace(DIGITS, slip="no first guess"), CPU)
    x, t = torch.randn(5, 64, generator=torch.Generator().manual_seed(0)), torch.full((5,), 20)
    guess = np.sqrt(training.schedule.one_minus_alpha_bar[20])
    torch.testing.assert_close(training.net(x, t) - bare.net(x, t), float(guess) * x)
    assert not any("guess" in k for k in training.state()), "it is no weight"


def test_a_law_has_no_first_guess() -> None:
    assert float(DDPMTraining(MODEL.config(), CPU).net.get_buffer("guess").abs().max()) == 0.0
