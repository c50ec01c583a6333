r"""The divergence of two Gaussians as the page has it, and the slips that are made with it.

Main definitions: `kl_divergence`, `EDITS`, `applicable`, `off_by`, `Formula`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from derivcheck.experiments._gaussian import gaussian, numbers, square_root
from derivcheck.samplers.gaussian import Gaussian

Formula = Callable[[Gaussian, Gaussian], float]


def kl_divergence(q: Gaussian, p: Gaussian) -> float:
    r"""½ (ln |Σ_2|/|Σ_1| + tr Σ_2⁻¹Σ_1 + (μ_1 − μ_2)ᵀΣ_2⁻¹(μ_1 − μ_2) − d).   Units: nats."""
    apart = numbers(q.mean - p.mean)
    distance = float(apart @ np.linalg.solve(numbers(p.cov), apart))
    return 0.5 * (_log_det(q, p) + float(np.trace(np.linalg.solve(numbers(p.cov), numbers(q.cov)))) + distance - q.d)


def _log_det(q: Gaussian, p: Gaussian) -> float:
    """Ln |Σ_2|/|Σ_1|."""
    logs = [np.linalg.slogdet(numbers(g.cov))[1] for g in (p, q)]
    return float(logs[0] - logs[1])


def _with_sd(q: Gaussian, p: Gaussian) -> float:
    rooted = [gaussian(numbers(g.mean), square_root(numbers(g.cov))) for g in (q, p)]
    return kl_divergence(*rooted)


# each is an edit of the closed form above
EDITS: dict[str, Formula] = {
    "swapped": lambda q, p: kl_divergence(p, q),
    "missing 1/2": lambda q, p: 2 * kl_divergence(q, p),
    "missing -d": lambda q, p: kl_divergence(q, p) + q.d / 2,
    "mean over d": lambda q, p: kl_divergence(q, p) / q.d,
    "log-det sign": lambda q, p: kl_divergence(q, p) - _log_det(q, p),
    "sd for variance": _with_sd,
}


def applicable(d: int) -> dict[str, Formula]:
    """The slips that change anything: one dimension has no mean over dimensions."""
    return {name: said for name, said in EDITS.items() if d > 1 or name != "mean over d"}


def off_by(q: Gaussian, p: Gaussian, said: Formula) -> float:
    """How far the said value is from the closed form, as a share of the larger of the two."""
    right, wrong = kl_divergence(q, p), said(q, p)
    return abs(wrong - right) / max(abs(wrong), abs(right))
