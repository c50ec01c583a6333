r"""The divergence of two Gaussians as the page has it, and the slips that are made with it.

Main definitions: `kl_divergence`, `FORM`, `EDITS`, `FORMS`, `applicable`, `off_by`, `Formula`.
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


FORM = (
    r"\frac{1}{2} \left( \log \frac{|\Sigma_2|}{|\Sigma_1|} + \operatorname{tr}(\Sigma_2^{-1} \Sigma_1)"
    r" + (\mu_1 - \mu_2)^\top \Sigma_2^{-1} (\mu_1 - \mu_2) - d \right)"
)
# each is an edit of the closed form above, for which FORM stands on the page
EDITS: dict[str, Formula] = {
    "swapped": lambda q, p: kl_divergence(p, q),
    "missing 1/2": lambda q, p: 2 * kl_divergence(q, p),
    "missing -d": lambda q, p: kl_divergence(q, p) + q.d / 2,
    "mean over d": lambda q, p: kl_divergence(q, p) / q.d,
    "log-det sign": lambda q, p: kl_divergence(q, p) - _log_det(q, p),
    "sd for variance": _with_sd,
}

# the same edits on the page
FORMS: dict[str, str] = {
    "swapped": FORM.replace("_2", "_0").replace("_1", "_2").replace("_0", "_1"),
    "missing 1/2": FORM.replace(r"\frac{1}{2} ", "", 1),
    "missing -d": FORM.replace(" - d ", " "),
    "mean over d": FORM.replace(r"\frac{1}{2}", r"\frac{1}{2d}", 1),
    "log-det sign": FORM.replace(r"|\Sigma_2|}{|\Sigma_1|", r"|\Sigma_1|}{|\Sigma_2|"),
    "sd for variance": FORM.replace(r"\Sigma_1", r"\Sigma_1^{1/2}")
    .replace(r"\Sigma_2^{-1}", r"\Sigma_2^{-1/2}")
    .replace(r"|\Sigma_2|", r"|\Sigma_2^{1/2}|"),
}


def applicable(d: int) -> dict[str, Formula]:
    """The slips that change anything: one dimension has no mean over dimensions."""
    return {name: said for name, said in EDITS.items() if d > 1 or name != "mean over d"}


def off_by(q: Gaussian, p: Gaussian, said: Formula) -> float:
    """How far the said value is from the closed form, as a share of the larger of the two."""
    right, wrong = kl_divergence(q, p), said(q, p)
    return abs(wrong - right) / max(abs(wrong), abs(right))
