"""What training sets out from and leaves behind: seeds, rates, and weights and moments as named tensors.

Main definitions: `state_of`, `load_state`, `generator`, `seeded`, `set_cosine_rate`.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Generator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.optim import Optimizer


def generator(device: torch.device, *content: object) -> torch.Generator:
    """A generator seeded from content: (seed, epoch, purpose)."""
    digest = hashlib.blake2b(repr(content).encode(), digest_size=4).digest()
    return torch.Generator(device).manual_seed(int.from_bytes(digest, "big"))


@contextmanager
def seeded(seed: int) -> Generator[None]:
    """What torch draws for new layers comes from the seed; the generator of everybody else stays as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


def set_cosine_rate(optimizer: Optimizer, rate: float, done: float, whole: float = 1.0) -> None:
    """½ rate (1 + cos(π done/whole)): from rate to 0 as training goes from 0 to the whole.

    Source: Loshchilov & Hutter 2017, "SGDR: Stochastic Gradient Descent with Warm Restarts", equation 5.
    """
    optimizer.param_groups[0]["lr"] = rate * 0.5 * (1 + math.cos(math.pi * done / whole))


def state_of(modules: Mapping[str, nn.Module], optimizers: Mapping[str, Optimizer]) -> dict[str, Tensor]:
    """Weights as `module/name`, moments as `optimizer:i/name`. Tensors are copies on the CPU."""
    found = {
        f"{m}/{k}": v.detach().cpu().clone() for m, module in modules.items() for k, v in module.state_dict().items()
    }
    for name, optimizer in optimizers.items():
        for i, moments in optimizer.state_dict()["state"].items():
            for key, value in moments.items():
                found[f"{name}:{i}/{key}"] = torch.as_tensor(value).detach().cpu().clone()
    return found


def load_state(
    state: Mapping[str, Tensor], modules: Mapping[str, nn.Module], optimizers: Mapping[str, Optimizer]
) -> None:
    """Put a state of `state_of` back."""
    for name, module in modules.items():
        module.load_state_dict({k: state[f"{name}/{k}"] for k in module.state_dict()})
    for name, optimizer in optimizers.items():
        whole = optimizer.state_dict()
        whole["state"] = {}
        for full, value in state.items():
            head, _, key = full.partition("/")
            if head.startswith(f"{name}:"):
                whole["state"].setdefault(int(head[len(name) + 1 :]), {})[key] = value
        optimizer.load_state_dict(whole)
