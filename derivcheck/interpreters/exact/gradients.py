"""Automatic differentiation, with the type that torch does not give it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor


def gradients(
    of: Tensor, by: Sequence[Tensor], *, create_graph: bool = False, retain_graph: bool = False
) -> tuple[Tensor | None, ...]:
    """The gradient of a number by each tensor; None where it does not depend on it.

    create_graph: so that the gradients can be differentiated again; retain_graph: so that the number can.
    """
    found = torch.autograd.grad(
        of, list(by), create_graph=create_graph, retain_graph=retain_graph or create_graph, allow_unused=True
    )
    return cast("tuple[Tensor | None, ...]", found)
