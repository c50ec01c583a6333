r"""Y = c + bᵀw + wᵀA w of w ~ N(0, I): its centred cumulant function, exactly.

K(t) = log E e^{t(Y − E Y)} = Σ_j ½ l_j² t²/(1 − 2λ_j t) − ½ ln(1 − 2λ_j t) − λ_j t, with λ the eigenvalues of A and
l = Qᵀb the loads on its eigenvectors. log p/q of two Gaussians is such a form. Units: nats.
Main definitions: `QuadraticForm`, `quadratic_form`, `log_ratio`, `together`.
Source: Mathai & Provost 1992, "Quadratic Forms in Random Variables", section 3.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import ArrayLike

from derivcheck.statistics.sums import Array

STEPS = 40  # of Newton; about five are needed


@final
@dataclass(frozen=True)
class QuadraticForm:
    """m forms of d standard normals each, by their eigenvalues and loads. Shapes: eigenvalues, loads (m, d).

    Raises:
        ValueError: a form is constant, so that there is nothing to bound.
    """

    eigenvalues: Array
    loads: Array

    def __post_init__(self) -> None:
        if not (self.variance > 0).all():
            raise ValueError("a constant is no random quadratic form")

    @property
    def variance(self) -> Array:
        """Σ_j l_j² + 2 λ_j², shape (m,)."""
        return np.asarray(np.sum(self.loads**2 + 2 * self.eigenvalues**2, axis=-1))

    def reflected(self) -> QuadraticForm:
        """−Y."""
        return QuadraticForm(-self.eigenvalues, self.loads)

    def cumulant(self, t: Array) -> Array:
        """K(t), shape (m,), for t (m,) below the pole 1/(2 max λ)."""
        x = t[..., None]
        room = 1 - 2 * self.eigenvalues * x
        logs = -0.5 * np.log1p(-2 * self.eigenvalues * x) - self.eigenvalues * x
        return np.asarray(np.sum(0.5 * (self.loads * x) ** 2 / room + logs, axis=-1))

    def derivatives(self, t: Array) -> tuple[Array, Array]:
        """K'(t) and K''(t), shape (m,)."""
        x, lam, square = t[..., None], self.eigenvalues, self.loads**2
        room = 1 - 2 * lam * x
        first = 2 * lam**2 * x / room + square * x * (1 - lam * x) / room**2
        second = 2 * lam**2 / room**2 + square / room**3
        return np.asarray(first.sum(-1)), np.asarray(second.sum(-1))

    def upper_radius(self, rate: float) -> Array:
        r"""r with K*(r) = rate, shape (m,): the mean of n draws exceeds E Y + r with probability ≤ e^{−n·rate}.

        r = inf_{t>0} (K(t) + rate)/t. Any t gives a valid r, so the search cannot break the bound, only widen it.
        """
        t = self._best(rate)
        return np.asarray((self.cumulant(t) + rate) / t)

    def lower_radius(self, rate: float) -> Array:
        """The same for falling short of E Y."""
        return self.reflected().upper_radius(rate)

    def _best(self, rate: float) -> Array:
        """t with t K'(t) − K(t) = rate, by Newton's steps kept below the pole."""
        top = self.eigenvalues.max(axis=-1)
        pole = np.where(top > 0, 1 / (2 * np.where(top > 0, top, 1.0)), np.inf)
        t = np.minimum(np.sqrt(2 * rate / self.variance), pole / 2)
        for _ in range(STEPS):
            first, second = self.derivatives(t)
            step = (t * first - self.cumulant(t) - rate) / (t * second)
            moved = np.clip(t - step, t / 4, np.minimum(4 * t, (t + pole) / 2))
            if np.all(np.abs(moved - t) <= 1e-9 * t):
                return moved
            t = moved
        return t


def quadratic_form(matrix: ArrayLike, vector: ArrayLike) -> QuadraticForm:
    """wᵀA w + bᵀw, one form; the constant does not matter. Shapes: matrix (d, d), vector (d,)."""
    a = np.atleast_2d(np.asarray(matrix, dtype=np.float64))
    eigenvalues, directions = np.linalg.eigh((a + a.T) / 2)
    loads = directions.T @ np.atleast_1d(np.asarray(vector, dtype=np.float64))
    return QuadraticForm(eigenvalues[None], loads[None])


def log_ratio(mean_p: ArrayLike, cov_p: ArrayLike, mean_q: ArrayLike, cov_q: ArrayLike) -> QuadraticForm:
    r"""log p(x)/q(x) of x ~ p = N(mean_p, cov_p), with q = N(mean_q, cov_q).

    x = mean_p + L w gives A = ½ (LᵀΣ_q⁻¹L − I), b = LᵀΣ_q⁻¹ (mean_p − mean_q).

    Shapes: means (d,), covariances (d, d).
    """
    root = np.linalg.cholesky(np.atleast_2d(np.asarray(cov_p, dtype=np.float64)))
    precision = np.linalg.inv(np.atleast_2d(np.asarray(cov_q, dtype=np.float64)))
    apart = np.atleast_1d(np.asarray(mean_p, dtype=np.float64) - np.asarray(mean_q, dtype=np.float64))
    return quadratic_form((root.T @ precision @ root - np.eye(len(root))) / 2, root.T @ precision @ apart)


def together(forms: Sequence[QuadraticForm]) -> QuadraticForm:
    """Several forms as the coordinates of one claim; the shorter ones get zeros."""
    width = max(form.eigenvalues.shape[-1] for form in forms)

    def padded(rows: Array) -> Array:
        return np.pad(rows, ((0, 0), (0, width - rows.shape[-1])))

    return QuadraticForm(
        np.concatenate([padded(form.eigenvalues) for form in forms]),
        np.concatenate([padded(form.loads) for form in forms]),
    )
