r"""One random instance of a theory: sizes, T and t, parameters, networks; every number a function of seed and name.

Main definitions: `Instance`.
"""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import Literal, final

import torch
from torch import Tensor

from derivcheck.interpreters.sampling.drawn import CannotSample, Drawn
from derivcheck.interpreters.sampling.joints import Joint, ground_joint
from derivcheck.interpreters.sampling.keys import base, integer
from derivcheck.terms.signature import Domain, Signature, SymbolDeclaration
from derivcheck.terms.term import Density, Symbol

Kind = Literal["tables", "gaussian"]
HORIZONS = (3, 4, 5, 4, 3)
SAMPLES = (2, 3, 1, 4, 2)
LETTERS = ("t", "s", "i", "j", "k", "l")
HIDDEN = 4


@final
class Instance:
    """A theory with all its parameters drawn.

    kind: abstract densities are tables on few nodes, or (beside declared families) linear-Gaussian.
    """

    def __init__(self, signature: Signature, kind: Kind, seed: int, number: int) -> None:
        """Nothing is drawn yet."""
        self.signature = signature
        self.kind: Kind = kind
        self.seed = seed
        self.number = number
        self._joints: dict[str, Joint] = {}
        self._kept: dict[str, Tensor] = {}

    # -- numbers ------------------------------------------------------------------------------------

    def normal(self, name: str, *shape: int) -> Tensor:
        """Standard normals that belong to a name, float64."""
        found = self._kept.get(name)
        if found is None:
            digest = hashlib.sha256(f"{self.seed}|{self.number}|{name}".encode()).digest()
            g = torch.Generator().manual_seed(int.from_bytes(digest[:6], "big"))
            found = self._kept[name] = torch.randn(shape, generator=g, dtype=torch.float64)
        return found

    # -- sizes and indices --------------------------------------------------------------------------

    @cached_property
    def sizes(self) -> dict[str, int]:
        """The size of every named dimension, at least 2, no two alike where there are two or three."""
        s = self.signature
        names = {x for d in (*s.symbols.values(), *s.functions.values()) for x in d.shape if not x.isdigit()}
        names |= {n for n, d in s.symbols.items() if d.role == "dimension"}
        several = len(names) > 1
        return {n: 2 + ((rank + self.number) % 3 if several else self.number % 2) for rank, n in enumerate(sorted(names))}

    @cached_property
    def fixed(self) -> dict[str, int]:
        """Values of T, K, N and whatever else counts, of dimensions, of chains' lengths."""
        s = self.signature
        horizon = HORIZONS[self.number % len(HORIZONS)]
        counts = {"T": horizon, "N": 3, "n": 2 + self.number % 2, "K": SAMPLES[self.number % len(SAMPLES)], "M": 2, "m": 2}
        out = {k: v for k, v in counts.items() if self._counts(k)}
        for name, d in s.symbols.items():
            if d.role == "dimension":
                out[name] = self.sizes[name]
            elif d.domain == "natural" and d.role != "index":
                out.setdefault(name, 2 + self.number % 2)
        for joint in s.densities.values():
            for f in joint.factors:
                if isinstance(f.upper, Symbol) and not f.upper.index:
                    out[f.upper.name] = horizon
        for joint in s.densities.values():
            for f in joint.factors:
                out.pop(f.index or "", None)
        return out

    def _counts(self, name: str) -> bool:
        s = self.signature
        d = s.symbols.get(name)
        other = d is not None and (bool(d.shape) or d.role in ("variable", "sequence") or (d.role == "parameter" and d.domain != "natural"))
        defined = any(isinstance(x.head, Symbol) and x.head.name == name and not x.head.index for x in s.definitions)
        return not (other or defined or name in s.functions or name in s.densities)

    @cached_property
    def indices(self) -> dict[str, int]:
        """Values of everything that may stand in an index, free letters included."""
        out = dict(self.fixed)
        defined = {d.head.name for d in self.signature.definitions if isinstance(d.head, Symbol) and not d.head.index}
        for rank, name in enumerate(sorted({*LETTERS, *self.signature.indices})):
            if name in out:
                continue
            d, span = self.signature.symbols.get(name), self.signature.indices.get(name)
            if span is None and (name in defined or (d is not None and d.role not in ("index", "dimension")) or name in self.signature.functions):
                continue
            horizon = HORIZONS[self.number % len(HORIZONS)]
            want = 2 + (self.number // 2) % max(horizon - 2, 1) if name in ("t", "s") else 1 + (self.number + rank) % 2
            if span is not None:
                try:
                    low, high = integer(span.lower, out), integer(span.upper, out)
                except CannotSample:
                    continue
                want = min(max(want, low), high)
            out[name] = want
        return out

    def size(self, dimension: str) -> int:
        """The size of a named dimension."""
        if dimension.isdigit():
            return int(dimension)
        found = self.sizes.get(dimension)
        if found is None:
            raise CannotSample(f"the size {dimension} is not declared")
        return found

    def only_size(self) -> int:
        """The one size there is."""
        found = set(self.sizes.values())
        if len(found) != 1:
            raise CannotSample("the size of an identity matrix is not known here")
        return found.pop()

    # -- meanings -----------------------------------------------------------------------------------

    def joint(self, name: str) -> Joint:
        """The factors of a declared density."""
        found = self._joints.get(name)
        if found is None:
            declared = self.signature.densities.get(name)
            if declared is None:
                raise CannotSample(f"the density {name} is not declared")
            found = self._joints[name] = ground_joint(declared, self.fixed)
        return found

    @cached_property
    def slots(self) -> frozenset[str]:
        """The variables of all declared joints."""
        found: set[str] = set()
        for name in self.signature.densities:
            try:
                found |= self.joint(name).variables
            except CannotSample:
                continue
        return frozenset(found)

    @cached_property
    def borrowed(self) -> frozenset[str]:
        r"""Names of variables drawn like one of another name (`x_1 \sim p(x'|x)`): which slot of p is theirs, the name does not say."""
        found: set[str] = set()
        for s in self.signature.samples:
            event = s.law.event if isinstance(s.law, Density) else ()
            if any(isinstance(e, Symbol) and e.name != s.variable.name for e in event):
                found.add(s.variable.name)
        return frozenset(found)

    def is_variable(self, key: str) -> bool:
        """Whether a symbol is a random variable."""
        s = self.signature
        d = s.symbols.get(base(key))
        if d is not None and d.role == "variable":
            return True
        named = {x.variable.name for x in (*s.samples, *s.paths)} | {base(k) for k in self.slots}
        return base(key) in named and (d is None or d.role not in ("parameter", "sequence"))

    def shape_of(self, key: str) -> tuple[int, ...]:
        """The shape of a variable or parameter."""
        d = self.signature.symbols.get(base(key))
        return tuple(self.size(x) for x in d.shape) if d is not None else ()

    # -- parameters ---------------------------------------------------------------------------------

    def parameter(self, key: str) -> Drawn:
        """The value of a declared parameter or of one member of a sequence.

        Raises:
            CannotSample: it is not declared, or is no number.
        """
        d = self.signature.symbols.get(base(key))
        if d is None:
            raise CannotSample(f"{key.replace('@', '_')} is not declared")
        if d.role not in ("parameter", "sequence"):
            raise CannotSample(f"{key.replace('@', '_')} has no value of its own here")
        return Drawn(self._in_domain(key, d).unsqueeze(0))

    def _in_domain(self, key: str, d: SymbolDeclaration) -> Tensor:
        shape = tuple(self.size(x) for x in d.shape)
        raw = self.normal(key, *shape)
        if len(shape) == 2 and shape[0] == shape[1]:
            match d.domain:
                case "positive_definite":
                    return raw @ raw.T / shape[0] + 0.4 * torch.eye(shape[0], dtype=torch.float64)
                case "symmetric":
                    return (raw + raw.T) / 2
                case "diagonal":
                    return torch.diag(torch.diagonal(raw))
                case "orthogonal":
                    return torch.linalg.qr(raw).Q
                case _:
                    pass
        if d.domain in ("natural", "binary", "symmetric", "positive_definite", "diagonal", "orthogonal"):
            raise CannotSample(f"{key.replace('@', '_')} is {d.domain}: it has no instance here")
        return into_domain(raw, d.domain)

    def network(self, key: str, inputs: Tensor, shape: tuple[int, ...], domain: Domain) -> Tensor:
        r"""A declared function at rows of inputs [n, m]: affine among Gaussians, with a tanh layer on tables.

        An affine instance keeps a bracket of log densities a polynomial, whose kurtosis has a known bound.
        """
        size = 1
        for x in shape:
            size *= x
        m = inputs.shape[-1]
        out = self.normal(f"{key}@c", size) + inputs @ (0.6 * self.normal(f"{key}@L{m}", m, size))
        if self.kind == "tables":
            hidden = torch.tanh(inputs @ self.normal(f"{key}@w{m}", m, HIDDEN) + self.normal(f"{key}@b", HIDDEN))
            out = out + hidden @ (0.8 * self.normal(f"{key}@v", HIDDEN, size))
        return into_domain(out, domain).reshape(-1, *shape)


def into_domain(u: Tensor, domain: Domain) -> Tensor:
    """Reals into a domain, away from its ends: in (0, 1) between 0.1 and 0.9."""
    match domain:
        case "unit":
            return 0.1 + 0.8 * torch.sigmoid(1.5 * u)
        case "positive" | "nonnegative":
            return torch.exp(0.4 * u)
        case "negative":
            return -torch.exp(0.4 * u)
        case "real":
            return u
        case _:
            raise CannotSample(f"a function into the domain {domain} has no instance here")
