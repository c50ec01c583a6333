r"""The theory file as a grader writes it: pydantic models, every key described with an example.

Main definitions: `TheoryFile`, `Scope`, `Condition`. All mathematics is LaTeX text; lists may be
given as one string. Unknown keys are errors.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator


def _listed(value: object) -> object:
    """One entry may stand without a list; a block of text is one entry a line."""
    if isinstance(value, str):
        return [line for line in value.splitlines() if line.strip()]
    return [value] if isinstance(value, (dict, int, float)) else value


def _texts(value: object) -> object:
    """Numbers such as 4.1 are meant as text; `{a: b}` stands for `a = b`."""
    if isinstance(value, dict):
        return [f"{k} = {v}" for k, v in value.items()]
    listed = _listed(value)
    if isinstance(listed, list):
        return [
            str(v) if isinstance(v, (int, float)) and not isinstance(v, bool) else v for v in listed
        ]
    return listed


Latex = Annotated[list[str], BeforeValidator(_texts)]


class Strict(BaseModel):
    """Unknown keys are errors."""

    model_config = ConfigDict(extra="forbid")


class MomentEntry(Strict):
    r"""`{mean: \tilde\mu_t(x_t,x_0), variance: \tilde\beta_t, of: q(x_{t-1}|x_t,x_0)}`."""

    mean: str | None = Field(None, description="Name of the mean.")
    variance: str | None = Field(
        None, description="Name of the variance of one coordinate (isotropic)."
    )
    covariance: str | None = Field(None, description="Name of the covariance matrix.")
    of: str = Field(description="The density, e.g. `q(x_{t-1}|x_t, x_0)`.")

    @model_validator(mode="after")
    def _some(self) -> MomentEntry:
        if not (self.mean or self.variance or self.covariance):
            raise ValueError("needs at least one of mean, variance, covariance")
        return self


class OptimumEntry(Strict):
    r"""`{optimum: 'D^* = \arg\max_D V(D)', feasible: [..]}`."""

    optimum: str = Field(description=r"`q_i^* = \arg\max_{q} \mathcal{L}(\theta, q; x_i)`.")
    feasible: Latex = Field(
        default_factory=list, description=r"Other members of the family searched: `q_\phi^*`."
    )


_MOMENT = re.compile(
    r"^(?P<name>.+?)\s*(?:=|\bis)\s*(?:the\s+)?(?P<kind>mean|variance|covariance)\s+of\s+(?P<of>.+)$"
)


def _moments(value: object) -> object:
    entries = _listed(value)
    if not isinstance(entries, list):
        return entries
    made: list[object] = []
    for entry in entries:
        found = _MOMENT.match(entry.strip()) if isinstance(entry, str) else None
        made.append({found["kind"]: found["name"], "of": found["of"]} if found else entry)
    return made


def _optima(value: object) -> object:
    entries = _listed(value)
    return (
        [{"optimum": e} if isinstance(e, str) else e for e in entries]
        if isinstance(entries, list)
        else entries
    )


RANGE = re.compile(
    r"^\s*(?P<lower>[^.\s]+)\s*(?:\.\.+|…|to|,\s*\\[lc]?dots\s*,)\s*(?P<upper>.+?)\s*$"
)
INDEX = re.compile(r"^\\?[A-Za-z]+$")


class Conventions(BaseModel):
    r"""What the page leaves unsaid. Besides the named keys, an index letter with its range: `t: 2..T-1`."""

    model_config = ConfigDict(extra="allow")

    const: str | Latex | None = Field(
        None, description=r"What `const`, `C` must not contain: `free of \theta, x_0` (or a list)."
    )
    propto: str | Latex | None = Field(
        None, description=r"The variables in which ∝ is meant: `in x_{t-1}` (or a list)."
    )
    minima: str | None = Field(
        None,
        description="What = between two minimisation problems compares: `values` or `minimisers`.",
    )

    @model_validator(mode="after")
    def _ranges(self) -> Conventions:
        if self.minima not in (None, "values", "minimisers"):
            raise ValueError(f"minima: {self.minima!r} is neither `values` nor `minimisers`")
        return self

    @property
    def indices(self) -> dict[str, str]:
        """Index letters and their ranges as written."""
        return {k: str(v) for k, v in (self.model_extra or {}).items()}


class Condition(Strict):
    """Where a scope holds: all that is given must hold."""

    questions: Latex = Field(
        default_factory=list,
        description='Questions and all below them: `["4.1"]`; "4" holds for 4.1 too.',
    )
    after: str | None = Field(
        None, description="Words (or LaTeX) of the document; the scope starts at their line."
    )
    until: str | None = Field(
        None, description="Words of the document; the scope ends before their line."
    )
    uses: Latex = Field(
        default_factory=list,
        description="LaTeX fragments; the question's text uses at least one of them.",
    )
    uses_all: Latex = Field(default_factory=list, description="LaTeX fragments that are all used.")
    not_uses: Latex = Field(
        default_factory=list, description="LaTeX fragments of which none is used."
    )


class Statements(Strict):
    """The declarations: at the top of the file, or within a scope."""

    packs: Latex = Field(
        default_factory=list, description="Built-in packs to start from: `[ddpm]`."
    )
    variables: Latex = Field(
        default_factory=list,
        description=r"Random variables: `x_t \in \mathbb{R}^d`, `z \in \mathbb{R}`, `x`, `x \in \{0,1\}^G`.",
    )
    densities: Latex = Field(
        default_factory=list,
        description=r"Densities and how they factor: `p(x,z) = p(x|z) p(z)`, `q(z|x)`, "
        r"`q(x_{1:T}|x_0) = \prod_{t=1}^T q(x_t|x_{t-1})`, `\mu(x) = \frac12 (p_0(x) + p_1(x))`.",
    )
    chains: Latex = Field(
        default_factory=list,
        description=r"Markov chains: `q(x_{0:T})` (forward), `q(x_{1:T}|x_0)`, `p(x \to z \to y)`.",
    )
    independent: Latex = Field(
        default_factory=list,
        description=r"Independent given the condition: `p(x_1, x_2 | x)`, `x_1, x_2 | x`; "
        r"with one law (i.i.d.): `x_1, x_2 \sim p(x'|x)`.",
    )
    moments: Annotated[list[MomentEntry], BeforeValidator(_moments)] = Field(
        default_factory=list[MomentEntry],
        description=r"Names of moments: `{mean: \tilde\mu_t(x_t,x_0), variance: \tilde\beta_t, of: q(x_{t-1}|x_t,x_0)}`, "
        r"or `\Sigma = covariance of q(x_t|x_0)`.",
    )
    families: Latex = Field(
        default_factory=list,
        description=r"Densities in closed form: `q(x_t|x_{t-1}) = \mathcal{N}(x_t; \sqrt{\alpha_t} x_{t-1}, \beta_t I)`.",
    )
    laws: Latex = Field(
        default_factory=list,
        description=r"What a variable is drawn from: `\epsilon_t \sim \mathcal{N}(0,I)`, `z_k \sim q(z|x)` "
        r"(i.i.d. in the index), `t \sim \mathcal{U}\{1,..,T\}`, `G(z) \sim p_G` (p_G is the law of G(z)).",
    )
    paths: Latex = Field(
        default_factory=list,
        description=r"Random variables computed from others: `x_t = \sqrt{\bar\alpha_t} x_0 + \sqrt{1-\bar\alpha_t}\epsilon_t`.",
    )
    sequences: Latex = Field(
        default_factory=list,
        description=r"One value an index: `\beta_t \in (0,1)`, `\sigma_t > 0`.",
    )
    parameters: Latex = Field(
        default_factory=list,
        description=r"One value: `\lambda_0 > 0`, `\mu \in \mathbb{R}^d`, `a \in (0,1)`, `c`.",
    )
    functions: Latex = Field(
        default_factory=list, description=r"Arbitrary functions: `D(x) \in (0,1)`, `g(y, x)`."
    )
    networks: Latex = Field(
        default_factory=list,
        description=r"Networks: `\epsilon_\theta(x_t,t) \in \mathbb{R}^d`; a bare `\epsilon_\theta` means it at these arguments.",
    )
    matrices: Latex = Field(
        default_factory=list,
        description=r"`W \in \mathbb{R}^{n_2 \times n_1}`, symmetric `X \in \mathbb{S}^{n}`, positive definite "
        r"`\Sigma \in \mathbb{S}_{++}^{d}`, orthogonal `Q \in \mathbb{O}^{n}`, diagonal `L \in \mathbb{D}^{n}`.",
    )
    time_dependent: Latex = Field(
        default_factory=list, description="Names whose argument t is only the time: `W(t)`, `X'`."
    )
    fixed: Latex = Field(
        default_factory=list,
        description="Variables held at one value: no expectation averages over them: `x_0`.",
    )
    optima: Annotated[list[OptimumEntry], BeforeValidator(_optima)] = Field(
        default_factory=list[OptimumEntry],
        description=r"`D^* = \arg\max_D E_{x \sim p}[\log D(x)]`, or `{optimum: .., feasible: [..]}`.",
    )
    definitions: Latex = Field(
        default_factory=list,
        description=r"`\bar\alpha_t = \prod_{s=1}^t \alpha_s`, `J(W) = \frac12 \|W x\|^2`, `p(x_t) = q(x_t|x_0)`.",
    )
    aliases: Latex = Field(
        default_factory=list,
        description=r"Another spelling, accepted as a slip of the pen: `\tilde\alpha = \bar\alpha`.",
    )
    flows: Latex = Field(
        default_factory=list,
        description=r"Velocities: `\dot W_p = -\frac{\partial J}{\partial W_p}`.",
    )
    conventions: Conventions | None = Field(
        None, description=r"`{const: free of \theta, propto: in x_{t-1}, t: 2..T-1, K: 1..3}`."
    )


class Scope(Statements):
    """Declarations that hold in a part of the document only; inner beats outer."""

    for_: Condition = Field(
        alias="for", description='`{questions: ["4.1"]}` or `{after: "<words>", until: "<words>"}`.'
    )
    scopes: list[Scope] = Field(
        default_factory=list["Scope"], description="Scopes within this one."
    )


class TheoryFile(Statements):
    """A whole theory file."""

    title: str | None = Field(None, description="What it is about.")
    use_when: Condition | None = Field(None, description="For packs: the texts it is taken for.")
    scopes: list[Scope] = Field(
        default_factory=list[Scope], description="Parts of the document with their own meanings."
    )


def keys_of(model: type[BaseModel]) -> list[str]:
    """The keys as they are written in the file."""
    return [f.alias or name for name, f in model.model_fields.items()]


def described() -> list[tuple[str, str]]:
    """Every key with its description, for help texts."""
    found: dict[str, Any] = {**TheoryFile.model_fields}
    return [(f.alias or name, f.description or "") for name, f in found.items()]
