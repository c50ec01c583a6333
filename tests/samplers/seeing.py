"""What tests of samplers share: models drawn from a seed, how far a mean may be, what memory a call took.

A tolerance of 5.5 standard errors has a failure probability below 4e-8 for each number that is looked at, once:
the seeds are fixed, and whoever changes one looks at fewer than a thousand numbers.
"""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from derivcheck.samplers.gaussian import Gaussian
from derivcheck.samplers.linear_gaussian import LinearGaussian
from derivcheck.samplers.mixture import GaussianMixture
from derivcheck.samplers.stream import generator, real

CPU = torch.device("cpu")
FAR = 5.5  # standard errors


def gauss(random: np.random.Generator, d: int) -> Gaussian:
    half = random.normal(size=(d, d))
    return Gaussian(mean=real(random.normal(size=d)), cov=real(half @ half.T / d + 0.3 * np.eye(d)))


def linear_model(random: np.random.Generator, d: int = 16, k: int = 2) -> LinearGaussian:
    S = gauss(random, d).cov
    return LinearGaussian(W=real(random.normal(size=(d, k))), b=real(random.normal(size=d)), S=S)


def mixture(random: np.random.Generator, K: int = 3, d: int = 2) -> GaussianMixture:
    parts = [gauss(random, d) for _ in range(K)]
    weights = random.dirichlet(np.full(K, 3.0))
    return GaussianMixture(
        weights=real(weights / weights.sum()),
        means=2 * torch.stack([p.mean for p in parts]),
        covs=torch.stack([p.cov for p in parts]),
    )


def close_means(sample: torch.Tensor, wanted: torch.Tensor | float) -> bool:
    """Whether the sample's means over its first axis are within FAR standard errors of what is wanted."""
    wide = sample.to("cpu", torch.float64)
    error = wide.std(0) / math.sqrt(len(wide))
    return bool(((wide.mean(0) - wanted).abs() <= FAR * error).all())


def close_covariance(sample: torch.Tensor, cov: torch.Tensor) -> bool:
    """Whether the sample's second moments about its mean are within FAR standard errors of a covariance."""
    wide = sample.to("cpu", torch.float64)
    centred = wide - wide.mean(0)
    return close_means((centred[:, :, None] * centred[:, None, :]).flatten(1), cov.flatten())


def fresh(seed: int = 1) -> torch.Generator:
    return generator(seed, CPU)


def peak_memory(code: str) -> float:
    """By how many MB the peak of a fresh process's resident memory rises over what follows `# ---` in the code.

    By VmHWM, since a process inherits `ru_maxrss` from the one that started it.
    """
    if not Path("/proc/self/status").exists():
        pytest.skip("the peak of a process's memory is read from /proc")
    before, after = code.split("# ---")
    program = (
        f"import torch\nfrom pathlib import Path\ntorch.set_num_threads(1)\n{before}\n"
        "status = Path('/proc/self/status')\n"
        "peak = lambda: int(status.read_text().split('VmHWM:')[1].split()[0]) / 1024\nstart = peak()\n"
        f"{after}\nprint(peak() - start)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return float(done.stdout)
