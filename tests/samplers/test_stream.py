"""A user's sampler is looked at before anything is concluded from it; seeds alone decide what is drawn.

Guards: a sampler that returns other than n rows, a NaN, a list, complex numbers; a seed that is not used.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from derivcheck.samplers.reduce import pieces, power_sums
from derivcheck.samplers.stream import BadSample, best_device, drawn, generator, real

CPU = torch.device("cpu")


def normals(n: int, g: torch.Generator, device: torch.device) -> torch.Tensor:
    return torch.randn(n, 2, generator=g, device=device)


def test_a_good_sampler_passes_through() -> None:
    values = drawn(normals, 10, generator(3, CPU), event=(2,))
    assert torch.equal(values, normals(10, generator(3, CPU), CPU))
    assert not torch.equal(values, drawn(normals, 10, generator(4, CPU)))


@pytest.mark.parametrize(("sampler", "message"), [
    (lambda n, _g, _d: [0.0] * n, "returned a list: return a tensor"),
    (lambda _n, _g, _d: None, "returned a NoneType"),
    (lambda n, _g, _d: torch.zeros(n + 1, 2), r"returned shape \(6, 2\) for n = 5"),
    (lambda _n, _g, _d: torch.tensor(1.0), r"returned shape \(\) for n = 5"),
    (lambda n, _g, _d: torch.zeros(n, 3), r"wanted \(5, 2\)"),
    (lambda n, _g, _d: torch.zeros(n, 2, device="meta"), "on meta: draw on the device it is given, cpu"),
    (lambda n, _g, _d: torch.zeros(n, 2, dtype=torch.complex64), "complex64: a statistic needs real numbers"),
    (lambda n, _g, _d: torch.full((n, 2), torch.nan), "10 of 10 numbers are not finite"),
    (lambda n, _g, _d: torch.tensor([[1.0, torch.inf]]).expand(n, 2), "5 of 10 numbers are not finite"),
])  # fmt: skip
def test_what_is_no_sample_is_refused(sampler: Any, message: str) -> None:
    with pytest.raises(BadSample, match=message):
        drawn(sampler, 5, generator(0, CPU), event=(2,))


def test_the_message_names_the_function() -> None:
    def my_sampler(n: int, g: torch.Generator, device: torch.device) -> torch.Tensor:
        return torch.zeros(n - 1)

    with pytest.raises(BadSample, match=r"^my_sampler returned"):
        drawn(my_sampler, 5, generator(0, CPU))


def test_whole_numbers_are_a_sample() -> None:
    assert drawn(lambda n, g, _d: torch.randint(3, (n,), generator=g), 5, generator(0, CPU)).dtype == torch.int64


def test_the_device_is_cuda_where_there_is_one() -> None:
    assert best_device().type == ("cuda" if torch.cuda.is_available() else "cpu")


def test_parameters_are_float64_on_the_cpu() -> None:
    assert real([1, 2]).dtype == real(np.float32(1.5)).dtype == real(torch.ones(2)).dtype == torch.float64


@pytest.mark.parametrize("n", [1, 4, 5, 12])
def test_pieces_add_up(n: int) -> None:
    sizes = list(pieces(n, 4))
    assert sum(sizes) == n
    assert max(sizes) <= 4


def test_power_sums_lose_no_digits_far_from_zero() -> None:
    values = torch.tensor([1e6 - 1, 1e6 + 1, 1e6 + 3], dtype=torch.float32)
    sums = power_sums(values, 1e6)
    assert sums["first"].tolist() == [3.0]
    assert sums["second"].tolist() == [11.0]
