"""What an experiment is: a claim of the field, tried on several instances, beside wrong claims.

Main definitions: `Experiment`, `Instance`, `Panel`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
import torch

from derivcheck.statistics.trial import Trial


@final
@dataclass(frozen=True)
class Instance:
    """The claim with all parameters drawn: its trials, and the trials of each wrong claim by its name.

    The claim passes on the instance if all its trials do; a claim is refuted if one of its trials is.
    """

    name: str
    trials: tuple[Trial, ...]
    controls: Mapping[str, tuple[Trial, ...]]


@final
@dataclass(frozen=True)
class Panel:
    """How to draw claims of many coordinates: all of them at once, against what the coordinates stand for.

    across: the name of the horizontal axis, LaTeX without dollars, on which the coordinates stand at 1, 2, 3, …
    parts: what the coordinates are, if a claim joins several sets of them, equally many of each, one after the other.
    """

    across: str
    parts: tuple[str, ...] = ("",)
    log: bool = False


@final
@dataclass(frozen=True)
class Experiment:
    """A declared experiment. One instance cannot refute a formula: at least five, chosen to discriminate.

    claim: LaTeX. controls: the wrong claims, by name, in LaTeX. instances: from a seeded generator, for a
    device; cheap, since all instances of all experiments are counted before anything is drawn.
    panel: the picture of claims of many coordinates; without it, estimate and interval against n.
    costly: it takes more than a few seconds, so that its tests stand aside with those that do.
    """

    title: str
    claim: str
    source: str
    controls: Mapping[str, str]
    instances: Callable[[np.random.Generator, torch.device], Sequence[Instance]]
    panel: Panel | None = None
    costly: bool = False
