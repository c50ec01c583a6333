r"""The flow of linear SimSiam is minus the mean of what stochastic gradient descent steps along, by T1.

The gradient of ½‖W_p W x_1 − sg(W x_2)‖² at two drawn views is taken by automatic differentiation, with the stop-gradient as
a detached tensor. At fixed weights it is a quadratic form of the views, so its mean is compared with the flow of the
page without any step size: with and without predictor, with and without stop-gradient.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from derivcheck.experiments._experiment import Experiment, Instance
from derivcheck.experiments._quadratic import quadratic_trial
from derivcheck.experiments._siamese import KINDS, Flow, Kind, Start, page_flow, random_start
from derivcheck.samplers.stream import real
from derivcheck.statistics.claim import claim
from derivcheck.statistics.trial import Trial

TOLERANCE = 0.03  # of the root mean square of the flow's entries
CLAIM = (
    r"\dot W = -W_p^\top (W_p W (X + X') - W X), \quad \dot W_p = -W_p W (X + X') W^\top + W X W^\top"
    r" \quad (\text{with stop-gradient});"
    r" \quad \dot W = -(W_p^\top W_p + I) W X' - \tilde W_p^\top \tilde W_p W X \quad (\text{without})"
)
Formula = Callable[[Start], Flow]


def claimed(start: Start) -> Flow:
    """The page's flow at the start."""
    return page_flow(start, start.W, start.W_p)


def _other_stop(start: Start) -> Flow:
    kind = Kind(start.kind.predictor, not start.kind.stop_gradient)
    return claimed(Start(kind, start.X, start.X_prime, start.W, start.W_p))


def _other_moments(X: Callable[[Start], tuple[np.ndarray, np.ndarray]]) -> Formula:
    return lambda start: claimed(Start(start.kind, *X(start), start.W, start.W_p))


def _not_transposed(start: Start) -> Flow:
    P, W, X, Xp, eye = start.W_p, start.W, start.X, start.X_prime, np.eye(len(start.W))
    if start.kind.stop_gradient:
        return claimed(start)._replace(encoder=-P @ (P @ W @ (X + Xp) - W @ X))
    return claimed(start)._replace(encoder=-(P @ P + eye) @ W @ Xp - (P - eye) @ (P - eye) @ W @ X)


def _scaled(factor: float) -> Formula:
    return lambda start: Flow(*(factor * part for part in claimed(start)))


def _encoder_outside(start: Start) -> Flow:
    """Ẇ_p = −W_p (X + X') + X has no meaning for k ≠ d; the like slip that has one: W Wᵀ in the place of W X Wᵀ."""
    P, W = start.W_p, start.W
    return claimed(start)._replace(predictor=-P @ W @ (start.X + start.X_prime) @ W.T + W @ W.T)


WRONG: dict[str, tuple[str, Formula]] = {
    "no stop-gradient, or one too many": (r"\text{the flow of the other case}", _other_stop),
    "missing X'": (CLAIM.replace("(X + X')", "X").replace("W X'", "0"), _other_moments(lambda s: (s.X, 0 * s.X_prime))),
    "X and X' exchanged": (
        CLAIM.replace("X'", "Y").replace("W X", "W X'").replace("W Y", "W X").replace("Y", "X"),
        _other_moments(lambda s: (s.X_prime, s.X)),
    ),
    "predictor not transposed": (CLAIM.replace(r"W_p^\top", "W_p").replace(r"\tilde W_p^\top", r"\tilde W_p"), _not_transposed),
    "wrong sign": (r"\dot W = \frac{\partial J}{\partial W}", _scaled(-1.0)),
    "missing 1/2": (r"\dot W = -2 \frac{\partial J}{\partial W}", _scaled(2.0)),
    "X left out of the target": (r"\dot W_p = -W_p W (X + X') W^\top + W W^\top", _encoder_outside),
}
OF_PREDICTOR = {"predictor not transposed", "X left out of the target"}  # they say nothing else without one


def _trials(start: Start, device: torch.device) -> Callable[[str, Formula], Trial]:
    model, d = start.model(), len(start.X)
    roots = [real(np.linalg.cholesky(cov)) for cov in (start.X, start.X_prime)]

    def steps(w: Tensor) -> Tensor:
        mean, first, second = w.split(d, 1)
        of_mean, of_noise = (root.to(w) for root in roots)
        views = [(mean @ of_mean.T + noise @ of_noise.T)[:, None] for noise in (first, second)]
        weights = [real(matrix).to(w).expand(len(w), -1, -1) for matrix in (start.W, start.W_p)]
        of_W, of_W_p = model.gradient(weights[0], weights[1], views[0], views[1])
        kept = [of_W, of_W_p] if start.kind.predictor else [of_W]
        return -torch.cat([part.flatten(1) for part in kept], 1)

    of_claim = quadratic_trial(steps, 3 * d, device)

    def trial(latex: str, formula: Formula) -> Trial:
        parts = formula(start) if start.kind.predictor else [formula(start).encoder]
        value = np.concatenate([part.ravel() for part in parts])
        size = np.concatenate([np.full(p.size, np.sqrt(np.mean(p**2))) for p in _sizes(start)])
        return of_claim(claim(latex, value, relative=TOLERANCE, scale=size))

    return trial


def _sizes(start: Start) -> list[np.ndarray]:
    return list(claimed(start)) if start.kind.predictor else [claimed(start).encoder]


def _instances(random: np.random.Generator, device: torch.device) -> list[Instance]:
    """The four kinds, and the full method a second time."""
    found: list[Instance] = []
    for kind in (*KINDS, KINDS[0]):
        start = random_start(random, kind)
        trial = _trials(start, device)
        wrong = {
            name: (trial(latex, formula),)
            for name, (latex, formula) in WRONG.items()
            if kind.predictor or name not in OF_PREDICTOR
        }
        found.append(Instance(str(kind), (trial(CLAIM, claimed),), wrong))
    return found


EXPERIMENT = Experiment(
    title="The flow of linear SimSiam and the mean gradient",
    claim=CLAIM,
    source="Tian, Chen & Ganguli 2021; proofs/simsiam/weight-flow.md, proofs/simsiam/predictor-flow.md",
    controls={name: latex for name, (latex, _) in WRONG.items()},
    instances=_instances,
)
