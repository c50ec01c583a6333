r"""What kind of worlds, how many, which sizes and index values: the part of a world that is chosen, not drawn."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import Literal, final

import torch
from torch import Tensor

from derivcheck.interpreters.exact.labels import carried

Kind = Literal["tables", "linear", "smooth"]


@final
@dataclass(frozen=True)
class Setting:
    r"""One batch of worlds.

    kind: `tables` (abstract densities over finite axes), `linear` (declared families, networks affine:
    everything is Gaussian), `smooth` (declared families, networks random smooth functions).
    group: batches differ in T, free indices, dimensions, so that t, t-1, 0, 1 come apart.
    salt: names that are drawn afresh (a constant must not depend on them) and how often.
    spread: the scale of all draws; simple: only halves and quarters, for a small witness.
    light: little measure on every axis, so that flat densities exceed 1 everywhere.
    bumps: functions declared real are positive and vanish far out: they have logarithms and integrals.
    """

    kind: Kind
    worlds: int
    seed: int
    group: int = 0
    salt: tuple[tuple[str, int], ...] = ()
    spread: float = 1.0
    simple: bool = False
    refine: int = 0  # quadrature: how often the nodes were doubled; -1, -2: other rules for polynomials
    nodes: int = 3
    light: bool = False
    bumps: bool = False

    @property
    def horizon(self) -> int:
        """T of this group."""
        return (4, 5, 3)[self.group % 3]

    @property
    def step(self) -> int:
        """The value of a free time index of this group (2..T-1)."""
        return (3, 4, 2)[self.group % 3]

    @property
    def label(self) -> str:
        """In words that `labelled` reads back: `linear worlds, batch of 6`, `tables, simple, batch of 6`."""
        parts = [self.kind, f"batch of {self.worlds}"]
        if self.simple:
            parts.append("simple")
        if self.spread != 1.0:
            parts.append(f"scale {self.spread:g}")
        if self.light:
            parts.append("light")
        if self.bumps:
            parts.append("bumps")
        if self.refine:
            parts.append(f"{self.refine}x finer")
        parts += [f"{n} redrawn {k}x" for n, k in self.salt]
        return ", ".join(parts)

    def redrawn(self, names: tuple[str, ...], times: int) -> Setting:
        """The same worlds but for what depends on `names`."""
        return replace(self, salt=(*self.salt, *((n, times) for n in names)))


def labelled(label: str, seed: int, number: int) -> tuple[Setting, int]:
    """The setting behind a label and a world's number (group · 1000 + place), and that place.

    Raises:
        ValueError: the label is none that `Setting.label` writes.
    """
    kind, *parts = label.split(", ")
    if kind not in ("tables", "linear", "smooth"):
        message = f"{kind!r} is no kind of world"
        raise ValueError(message)
    more: dict[str, object] = {}
    salt: list[tuple[str, int]] = []
    for p in parts:
        words = p.rsplit(" ", 2)
        if p in ("simple", "light", "bumps"):
            more[p] = True
        elif p.startswith("batch of "):
            more["worlds"] = int(words[-1])
        elif p.startswith("scale "):
            more["spread"] = float(words[-1])
        elif p.endswith("x finer"):
            more["refine"] = int(p.split("x")[0])
        elif len(words) == 3 and words[1] == "redrawn":
            salt.append((words[0], int(words[2][:-1])))
        else:
            message = f"{p!r} is no property of a world"
            raise ValueError(message)
    made = Setting(kind=kind, seed=seed, group=number // 1000, salt=tuple(salt), **more)  # type: ignore[arg-type]
    return made, number % 1000


@final
@dataclass(frozen=True, eq=False)
class Move:
    r"""How far a parameter has moved from where it was drawn: all that carries it as a label moves with it.

    label: (`\theta`,) or (`\theta`, `1`); by: [W, n], its entries in a row.
    """

    label: tuple[str, ...]
    by: Tensor


@final
@dataclass
class Draws:
    r"""Random numbers by name: the same name gives the same numbers whatever else was drawn before.

    What carries a moved parameter (`p_{\theta}`) is its draw plus a random smooth function of the move that
    is 0 where there is none, so that derivatives by the parameter are those of an unknown smooth dependence.
    """

    setting: Setting
    cache: dict[tuple[str, str, tuple[int, ...]], Tensor] = field(default_factory=dict)
    overrides: dict[str, Tensor] = field(default_factory=dict)
    moves: tuple[Move, ...] = ()

    def _generator(self, key: str) -> torch.Generator:
        s = self.setting
        salts = [f"{n}*{k}" for n, k in s.salt if depends_on(key, n)]
        text = "|".join([str(s.seed), str(s.group), s.kind if s.kind == "tables" else "families", key, *salts])
        digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
        return torch.Generator().manual_seed(int.from_bytes(digest, "big") >> 1)

    def normal(self, key: str, *shape: int) -> Tensor:
        """Standard normals [W, *shape], scaled by the setting's spread; halves if simple."""
        at = ("normal", key, shape)
        if at not in self.cache:
            u = torch.randn(self.setting.worlds, *shape, generator=self._generator(key), dtype=torch.float64)
            if self.setting.simple:
                u = torch.where(u.abs() < 0.25, torch.sign(u) * 0.5, torch.round(2 * u) / 2)
            u = u * self.setting.spread
            way = self._way(key, shape)
            self.cache[at] = u if way is None else u + way
        return self.cache[at]

    def uniform(self, key: str, *shape: int) -> Tensor:
        """Uniforms in (0, 1) [W, *shape]; quarters if simple."""
        at = ("uniform", key, shape)
        if at not in self.cache:
            u = torch.rand(self.setting.worlds, *shape, generator=self._generator(key), dtype=torch.float64)
            if self.setting.simple:
                u = torch.clamp(torch.round(4 * u) / 4, 0.25, 0.75)
            way = self._way(key, shape)
            self.cache[at] = u if way is None else torch.sigmoid(torch.logit(u) + way)
        return self.cache[at]

    def _way(self, key: str, shape: tuple[int, ...]) -> Tensor | None:
        """How far a draw is taken along by the moved parameters that it carries: A·δ + exp(B·δ) - 1."""
        linear: Tensor | None = None
        curved: Tensor | None = None
        for m in self.moves:
            if carried(key, m.label) != "yes":
                continue
            n = m.by.shape[-1]
            name = f"{key}@by {','.join(m.label)}"
            by = m.by.reshape(-1, *(1,) * len(shape), n, 1)
            a, b = (
                (torch.randn(self.setting.worlds, *shape, 1, n, generator=self._generator(name + way), dtype=torch.float64) * 0.6 @ by)[..., 0, 0]
                for way in ("", "@curved")
            )
            linear, curved = (a, b) if linear is None or curved is None else (linear + a, curved + b)
        return None if linear is None or curved is None else linear + torch.expm1(curved)


SUFFIXES = frozenset({"c", "L", "w", "b", "v", "point", "nodes", "weights", "atoms", "masses", "root", "offset"})


def separable(salt: tuple[tuple[str, int], ...]) -> bool:
    """Whether the names that are drawn afresh tell what is: none is a word that the keys of other draws end in."""
    return bool(salt) and not any(n.split("@")[0] in SUFFIXES for n, _ in salt)


def depends_on(key: str, name: str) -> bool:
    r"""Whether the quantity `key` (`\epsilon_{\theta}`, `x_3`) is `name` or carries it as a parameter."""
    if "@" in name:
        return key == name or key.startswith(f"{name}@")
    if key == name or key.partition("@")[0] == name:
        return True
    bare = key.replace("{", " ").replace("}", " ").replace("_", " ").replace(",", " ").replace("@", " ")
    return name in bare.split()
