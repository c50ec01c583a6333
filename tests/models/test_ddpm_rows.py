"""Estimates of x_0 brought between the ends of the rows: what is cut off, and that nothing else changes.

Guards: ε that no longer belongs to x_t and x̂_0, a cut that also changes what lies within, a law that is cut.
"""

from __future__ import annotations

from dataclasses import replace

import torch

from derivcheck.models.ddpm import MODEL, DDPMTraining, eps_within, noised

ALPHA_BAR = 0.3
CPU = torch.device("cpu")


def drawn() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """x_0 between −1 and 1, ε, and x_t."""
    random = torch.Generator().manual_seed(0)
    x_0 = 2 * torch.rand(50, 3, dtype=torch.float64, generator=random) - 1
    eps = torch.randn(50, 3, dtype=torch.float64, generator=random)
    bar = torch.tensor(ALPHA_BAR, dtype=torch.float64)
    return x_0, eps, noised(x_0, eps, bar, 1 - bar)


def within(x_t: torch.Tensor, eps: torch.Tensor, end: float) -> torch.Tensor:
    ends = torch.full((3,), -end, dtype=torch.float64), torch.full((3,), end, dtype=torch.float64)
    return eps_within(x_t, eps, ends, ALPHA_BAR, 1 - ALPHA_BAR)


def test_an_estimate_within_the_ends_is_left_as_it_is() -> None:
    _, eps, x_t = drawn()
    torch.testing.assert_close(within(x_t, eps, 1.0), eps)


def test_what_is_cut_off_still_makes_x_t() -> None:
    x_0, eps, x_t = drawn()
    found = within(x_t, eps, 0.5)
    bar = torch.tensor(ALPHA_BAR, dtype=torch.float64)
    torch.testing.assert_close(noised(x_0.clamp(-0.5, 0.5), found, bar, 1 - bar), x_t)
    assert not torch.allclose(found, eps)


def test_samples_of_a_wrong_network_stay_among_the_rows() -> None:
    """Without the cut an error of ε grows by 1/√ᾱ_T; with it the last estimate lies between the ends."""
    slip = "estimates of x_0 not cut off"
    sizes = {}
    for name in (None, slip):
        training = DDPMTraining(replace(MODEL.config(), data="digits", T=20, slip=name), CPU)
        torch.nn.init.constant_(training.average.net.get_parameter("net.6.bias"), 1.0)
        sizes[name] = float(training.sample(20, torch.Generator().manual_seed(0)).abs().max())
    low, high = training.source.train.min(), training.source.train.max()
    assert sizes[None] <= float(max(abs(low), high)) + 1e-3
    assert sizes[slip] > 2 * sizes[None]


def test_a_law_has_no_ends_and_no_first_guess() -> None:
    training = DDPMTraining(MODEL.config(), CPU)
    assert training._ends() is None
    assert float(training.net.get_buffer("guess").abs().max()) == 0.0
