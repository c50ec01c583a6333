r"""Gaussians of an experiment, drawn at random, and their parameters as numbers for the formulas of a page.

Main definitions: `random_gaussian`, `random_covariance`, `gaussian`, `square_root`, `numbers`.
"""

from __future__ import annotations

import math

import numpy as np
from torch import Tensor

from derivcheck.samplers.gaussian import Gaussian
from derivcheck.samplers.stream import real
from derivcheck.statistics.sums import Array


def gaussian(mean: Array, cov: Array) -> Gaussian:
    """N(mean, cov).   Shapes: mean (d,), cov (d, d)."""
    return Gaussian(mean=real(mean), cov=real((cov + cov.T) / 2))


def random_gaussian(random: np.random.Generator, d: int, sd: tuple[float, float]) -> Gaussian:
    """A standard normal mean, and `random_covariance`."""
    return gaussian(random.standard_normal(d), random_covariance(random, d, sd))


def random_covariance(random: np.random.Generator, d: int, sd: tuple[float, float]) -> Array:
    """Q diag(s²) Qᵀ, Q uniform among the rotations, s log-uniform in the range.   Shapes: result (d, d)."""
    rotation, upper = np.linalg.qr(random.standard_normal((d, d)))
    axes = rotation * np.sign(np.diag(upper))  # Mezzadri 2007: without the signs Q is not uniform
    scales = np.exp(random.uniform(math.log(sd[0]), math.log(sd[1]), d))
    return (axes * scales**2) @ axes.T


def square_root(cov: Array) -> Array:
    """The symmetric root of a covariance: what a standard deviation is in several dimensions."""
    values, axes = np.linalg.eigh(cov)
    return (axes * np.sqrt(values)) @ axes.T


def numbers(value: Tensor) -> Array:
    """A parameter for a formula on a page, which is written in numpy."""
    return value.numpy()
