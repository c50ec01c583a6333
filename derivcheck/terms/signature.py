r"""What every symbol of a question means, as terms: the theory in force, ready for reading and for worlds.

Main definitions: `Signature`. A theory (declared, a pack, inferred) is LaTeX; `notation.signature_of`
reads it into this. The reader asks it what a name is; the exact interpreter asks it for values.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from derivcheck.terms.term import Call, Density, FamilyDensity, Law, Optimum, Symbol, Term


@dataclass(frozen=True)
class Origin:
    """Where a declaration comes from; a stronger kind wins: declared > pack > inferred."""

    kind: Literal["declared", "pack", "inferred", "document"]
    where: str  # "file.theory.yaml", "ddpm", or "line 23"
    line: int | None = None  # of the document, for inferred ones
    latex: str = ""  # as it was written


Domain = Literal[
    "real", "positive", "nonnegative", "negative", "unit",  # unit: the open interval (0, 1)
    "symmetric", "positive_definite", "orthogonal", "diagonal", "natural", "binary",
]


@dataclass(frozen=True)
class SymbolDeclaration:
    r"""A quantity: `W \in \mathbb{R}^{n_2 \times n_1}`, `0 < \beta_t < 1`, `x_t \in \mathbb{R}^d`.

    variable: a random variable (a named axis of nodes, or a point); sequence: one value an index;
    parameter: one value a world (scalar, column, matrix); index: an integer (free `t`); dimension: a size.
    shape: () scalar, ("d",) column, ("n_2", "n_1") matrix; entries are dimension names or digits.
    """

    name: str
    role: Literal["variable", "sequence", "parameter", "index", "dimension"]
    shape: tuple[str, ...] = ()
    domain: Domain = "real"
    indices: int = 0  # how many index slots it is written with
    time_dependent: bool = False  # W(t): an argument t is only the time
    origin: Origin = field(default_factory=lambda: Origin("inferred", ""))


@dataclass(frozen=True)
class FunctionDeclaration:
    r"""A function or network without a definition: `D(x) \in (0,1)`, `\epsilon_\theta(x_t,t) \in \mathbb{R}^d`.

    arguments: the patterns it was declared with; a bare `s_\theta` means it at these (`bare_arguments`).
    """

    name: str
    arguments: tuple[Term, ...]
    shape: tuple[str, ...] = ()
    domain: Domain = "real"
    network: bool = False
    origin: Origin = field(default_factory=lambda: Origin("inferred", ""))


@dataclass(frozen=True)
class Factor:
    r"""One factor of a joint: event given conditions, `q(x_t|x_{t-1})` for `index` from lower to upper.

    A factor without index stands once.
    """

    event: tuple[Term, ...]
    given: tuple[Term, ...] = ()
    index: str | None = None
    lower: Term | None = None
    upper: Term | None = None
    density: str | None = None  # the density's name if it is not the joint's own (p(x,z) = r(x|z) p(z))


@dataclass(frozen=True)
class DensityDeclaration:
    r"""A joint density and how it factors: `p(x,z)`, `q(x_{1:T}|x_0) = \prod_{t=1}^T q(x_t|x_{t-1})`.

    Factors may leave variables conditioned on; all its conditionals and marginals come from this one joint.
    """

    name: str
    factors: tuple[Factor, ...]
    origin: Origin = field(default_factory=lambda: Origin("inferred", ""))


@dataclass(frozen=True)
class FamilyDeclaration:
    r"""A conditional density in closed form: `q(x_t|x_{t-1}) = \mathcal{N}(x_t; \sqrt{\alpha_t} x_{t-1}, \beta_t I)`."""

    density: Density
    family: FamilyDensity
    origin: Origin = field(default_factory=lambda: Origin("inferred", ""))


@dataclass(frozen=True)
class SampleDeclaration:
    r"""The law of a variable: `\epsilon_t \sim \mathcal{N}(0, I)`, `z_k \sim q(z|x)` (i.i.d. in free indices)."""

    variable: Symbol
    law: Law
    origin: Origin = field(default_factory=lambda: Origin("inferred", ""))


@dataclass(frozen=True)
class PushforwardDeclaration:
    r"""The law of a function of a variable: `G_\theta(z) \sim p_G(x)` says that p_G is the law of G_theta(z)."""

    image: Call
    law: Density
    origin: Origin = field(default_factory=lambda: Origin("inferred", ""))


@dataclass(frozen=True)
class PathDeclaration:
    r"""A random variable computed from others: `x_t = \sqrt{\bar\alpha_t} x_0 + \sqrt{1-\bar\alpha_t} \epsilon_t`."""

    variable: Symbol
    body: Term
    origin: Origin = field(default_factory=lambda: Origin("inferred", ""))


@dataclass(frozen=True)
class Definition:
    r"""head = body: `\bar\alpha_t = \prod_{s=1}^t \alpha_s`, `\mathcal{L}(\theta, q; x_i) = E_{q(z|x_i)}[..]`.

    head: a Symbol (its index a pattern: `t`, `t-1`, or a fixed term), a Call whose arguments are formal
    (Symbols; `Density(q)` bare for a density that is handed over), or a Density
    (`p(x_t) = q(x_t|x_0)`). A symbol written without its arguments means the body at the formals.
    """

    head: Symbol | Density | Term
    body: Term
    origin: Origin = field(default_factory=lambda: Origin("inferred", ""))


@dataclass(frozen=True)
class OptimumDeclaration:
    r"""`D^* = \arg\max_D V(D)`: symbol is the optimum's name, optimum.over the unknown it replaces.

    feasible: names of other members of the family (`q_\phi^*` is feasible for `q_i^*`).
    """

    name: str
    optimum: Optimum
    unknown: str
    feasible: tuple[str, ...] = ()
    origin: Origin = field(default_factory=lambda: Origin("inferred", ""))


@dataclass(frozen=True)
class FlowDeclaration:
    r"""`\dot W = -\partial J/\partial W`: the velocity of a symbol."""

    name: str
    velocity: Term
    origin: Origin = field(default_factory=lambda: Origin("inferred", ""))


@dataclass(frozen=True)
class IndexRange:
    r"""A free index and its range: `2 \le t \le T-1`."""

    name: str
    lower: Term
    upper: Term
    origin: Origin = field(default_factory=lambda: Origin("inferred", ""))


@dataclass(frozen=True)
class Signature:
    """Everything in force for one question. Dicts are keyed by canonical names."""

    symbols: dict[str, SymbolDeclaration] = field(default_factory=dict)
    functions: dict[str, FunctionDeclaration] = field(default_factory=dict)
    densities: dict[str, DensityDeclaration] = field(default_factory=dict)
    families: tuple[FamilyDeclaration, ...] = ()
    samples: tuple[SampleDeclaration, ...] = ()
    pushforwards: tuple[PushforwardDeclaration, ...] = ()
    paths: tuple[PathDeclaration, ...] = ()
    definitions: tuple[Definition, ...] = ()
    optima: tuple[OptimumDeclaration, ...] = ()
    flows: tuple[FlowDeclaration, ...] = ()
    indices: dict[str, IndexRange] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)  # `\tilde{\alpha}` -> `\bar{\alpha}`: a repair
    constant_free_of: tuple[str, ...] = ()  # what `const` must not contain (names: `\theta`, `x_0`)
    proportional_in: tuple[str, ...] = ()  # the variables in which ∝ is meant; empty: the event's own
    fixed: tuple[Term, ...] = ()  # variables held at one value: no expectation averages over them
    minima: Literal["values", "minimisers"] = "values"  # what = between two minimisation problems compares
    problems: tuple[str, ...] = ()  # declarations that could not be read, for the report
