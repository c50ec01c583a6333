r"""The closed set of mathematical objects: frozen, typed, without any way of computing them.

Main definitions: `Term`, the union of all kinds; every interpreter is one `match` over it.
Names are canonical LaTeX: accents are part of a name (`\bar{\alpha}`), an upright or bold face is
not (`\mathbf{x}` is `x`), a subscript that is a parameter is (`\epsilon_{\theta}`), and an index is
not: it stands in `Symbol.index` as a term.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar, cast, dataclass_transform, final
from weakref import WeakValueDictionary


class _One(type):
    """Equal terms are one object, so that comparing and looking up terms costs nothing."""

    parts: tuple[str, ...]
    _made: ClassVar[WeakValueDictionary[tuple[Any, ...], Node]] = WeakValueDictionary()

    def __call__(cls, *args: Any, **named: Any) -> Any:
        if named or len(args) != len(cls.parts):
            new = super().__call__(*args, **named)
            args = tuple(getattr(new, name) for name in cls.parts)
        key = (cls, *args)
        found = _One._made.get(key)
        if found is None:
            new: Any = object.__new__(cls)
            new.__dict__.update(zip(cls.parts, args, strict=True))  # what a frozen dataclass does, in one call
            found = _One._made[key] = new
        return found


class Node(metaclass=type if TYPE_CHECKING else _One):
    """What all kinds share: children, and what occurs in them (each found once)."""

    parts: ClassVar[tuple[str, ...]] = ()
    """The names of a kind's fields, in reading order."""

    def __reduce__(self) -> tuple[type, tuple[Any, ...]]:
        return type(self), tuple(getattr(self, name) for name in self.parts)

    @cached_property
    def children(self) -> tuple[Term, ...]:
        """The terms directly below this one, in reading order."""
        return _terms_in(tuple(getattr(self, name) for name in self.parts))

    @cached_property
    def names(self) -> frozenset[str]:
        """Every symbol, function, density and index name that occurs anywhere in the term."""
        own: set[str] = set()
        for attribute in ("name", "function", "index"):
            value = getattr(self, attribute, None)
            if isinstance(value, str):
                own.add(value)
        return frozenset(own.union(*(c.names for c in self.children)))

    @cached_property
    def indexing(self) -> frozenset[str]:
        """Names that stand in an index or in the bounds of a run or fold, and lone letters."""
        own: set[str] = set()
        index = getattr(self, "index", ())
        if isinstance(index, tuple):
            own.update(*(i.names for i in index))
        for attribute in ("lower", "upper"):
            bound = getattr(self, attribute, None)
            if isinstance(bound, Node):
                own.update(bound.names)
        name = getattr(self, "name", None)
        if isinstance(self, Symbol) and not index and isinstance(name, str) and len(name) == 1:
            own.add(name)
        return frozenset(own.union(*(c.indexing for c in self.children)))

    @cached_property
    def densities(self) -> frozenset[Density]:
        """Every density that occurs anywhere in the term."""
        own = {self} if isinstance(self, Density) else set[Density]()
        return frozenset(own.union(*(c.densities for c in self.children)))

    @cached_property
    def averages(self) -> bool:
        r"""Whether an expectation occurs that does not say what it binds: `E_q[..]`, `E[..]`."""
        own = isinstance(self, Expectation) and not self.over and not self.given and (self.law is None or (isinstance(self.law, Density) and not self.law.event))
        return own or any(c.averages for c in self.children)

    @cached_property
    def transposes(self) -> bool:
        """Whether a transpose occurs anywhere in the term."""
        return isinstance(self, Transpose) or any(c.transposes for c in self.children)


def _terms_in(value: object) -> tuple[Term, ...]:
    """A field's terms: the field itself, or those in its tuples."""
    if isinstance(value, Node):
        return (cast("Term", value),)
    if isinstance(value, tuple):
        return tuple(t for item in cast("tuple[object, ...]", value) for t in _terms_in(item))
    return ()


Kind = TypeVar("Kind", bound=Node)


@dataclass_transform(frozen_default=True, eq_default=False)
def term(cls: type[Kind]) -> type[Kind]:
    """A frozen kind of term; equal terms are one object (`_One`)."""
    made = dataclass(frozen=True, eq=False)(cls)
    made.parts = tuple(f.name for f in fields(made))  # pyright: ignore[reportArgumentType] - a dataclass by now
    return final(made)


# --- atoms ---------------------------------------------------------------------------------------


@term
class Number(Node):
    """A rational number, exact."""

    value: Fraction


@term
class Constant(Node):
    r"""A mathematical constant: `pi`, `e`, `inf`."""

    symbol: Literal["pi", "e", "inf"]


@term
class Symbol(Node):
    r"""A named quantity at index terms: `x_{t-1}` is Symbol("x", (t - 1,)), `\bar{\alpha}_t` likewise.

    A superscript label such as `z^{(k)}` is an index as well.
    """

    name: str
    index: tuple[Term, ...] = ()


@term
class SymbolRange(Node):
    r"""A run of a chain's variables: `x_{1:T}` is SymbolRange("x", 1, T)."""

    name: str
    lower: Term
    upper: Term


@term
class Identity(Node):
    r"""The identity matrix `I`; its size is a dimension's name or found from its neighbours (None)."""

    size: str | None = None


@term
class Unknown(Node):
    r"""A constant that the text leaves open: `+ const`, `C`, `C(x_t, x_0)`.

    `only_of`: what it may depend on if it was written with arguments, else None: then the theory's
    convention says what it must not contain. Every occurrence is its own (`occurrence`).
    """

    name: str
    only_of: tuple[Term, ...] | None = None
    occurrence: int = 0


# --- algebra -------------------------------------------------------------------------------------


@term
class Add(Node):
    """A sum of two or more terms of one shape; a subtracted term is a `Negate`."""

    terms: tuple[Term, ...]


@term
class Negate(Node):
    """Minus a term."""

    body: Term


@term
class Multiply(Node):
    r"""An ordered product: scalars, matrices, vectors (columns).

    Two columns side by side (`x_t x_{t-1}`) are their inner product; a row times a column is one by
    the rules of matrices.
    """

    factors: tuple[Term, ...]


@term
class Divide(Node):
    """Numerator over a scalar denominator (also `1/A` of a scalar)."""

    numerator: Term
    denominator: Term


@term
class Power(Node):
    r"""base ^ exponent; the square of a vector is its squared norm; `A^{-1}`, `A^{1/2}` of a matrix."""

    base: Term
    exponent: Term


@term
class Transpose(Node):
    """The transpose of a matrix or column; of a scalar the scalar."""

    body: Term


@term
class Norm(Node):
    r"""`‖v‖` of order 2, 1, `inf` or `F`; a square is a `Power` around it."""

    body: Term
    order: Literal["2", "1", "inf", "F"] = "2"


@term
class Call(Node):
    r"""A function applied to arguments.

    Elementary: log exp sqrt abs sin cos tanh sigmoid softmax relu softplus tr det logdet vec kron diag
    inverse factorial indicator sign erf trig… (lower-case words, see `ELEMENTARY`). All other names are
    functions or networks of the theory (`D`, `\epsilon_{\theta}`), in canonical LaTeX.
    index: as of a Symbol: `L_{t-1}(x_0)` is Call("L", (x_0,), (t - 1,)).
    """

    function: str
    arguments: tuple[Term, ...]
    index: tuple[Term, ...] = ()


@term
class MatrixLiteral(Node):
    """A matrix or column written out."""

    rows: tuple[tuple[Term, ...], ...]


# --- binders -------------------------------------------------------------------------------------


@term
class Fold(Node):
    r"""`\sum_{index=lower}^{upper} body` or `\prod`."""

    kind: Literal["sum", "prod"]
    index: str
    lower: Term
    upper: Term
    body: Term


@term
class Integral(Node):
    r"""`\int body d(over)`; also `\sum_z`, `\int_z` of a random variable. Over the base measure of each."""

    over: tuple[Term, ...]
    body: Term


@term
class Expectation(Node):
    r"""E[body]: `E_{z\sim q(z|x)}[..]`, `E_{q(z|x)}[..]`, `E_q[..]`, `E_{x_0,\epsilon}[..]`, `E[a|b]`.

    over: the variables it binds; empty if the text does not say (the interpreter finds them: all
    variables of the law that the body mentions, except those that stand free outside an expectation
    elsewhere in the relation). law: a law, or None (each variable by its own law in the theory).
    given: what is conditioned on.
    """

    body: Term
    over: tuple[Term, ...] = ()
    law: Law | None = None
    given: tuple[Term, ...] = ()


@term
class Covariance(Node):
    r"""Cov(left, right | given) under law; `Var(a)` is Covariance(a, a). A matrix for columns."""

    left: Term
    right: Term
    over: tuple[Term, ...] = ()
    law: Law | None = None
    given: tuple[Term, ...] = ()


@term
class Derivative(Node):
    r"""A derivative of body in `wrt`.

    kind: `gradient` (`\nabla_x`, `\partial/\partial x`: shape of wrt for a scalar body; functional
    derivative if wrt names a function), `jacobian` (body a column: rows as body), `hessian`,
    `laplacian`, `divergence`, `time` (`\dot W`, `d/dt` along the theory's flow), `differential`.
    """

    body: Term
    wrt: Term
    kind: Literal["gradient", "jacobian", "hessian", "laplacian", "divergence", "time", "differential"] = "gradient"


@term
class StopGradient(Node):
    """The identity as a value, a constant for differentiation."""

    body: Term


@term
class Optimum(Node):
    r"""`\min`, `\max`, `argmin`, `argmax`, `inf`, `sup` of body; over: empty if the text names none."""

    kind: Literal["min", "max", "argmin", "argmax", "inf", "sup"]
    over: tuple[Term, ...]
    body: Term


# --- probability ---------------------------------------------------------------------------------


@term
class Density(Node):
    r"""The density `name` of its event given its conditions, as a value: `q_{\phi}(z|x)`.

    event: Symbols, SymbolRanges (or other terms, where it is evaluated elsewhere); empty event: the
    bare name `q`, a law whose variables follow from what it stands with. Parameters behind `;` are not
    kept. index: as of a Symbol: `q_i^*(z|x_i)` is Density("q^{*}", .., index (i,)); numbers and words
    below are part of the name (`p_0`, `p_{data}`) unless only the bare letter is declared.
    """

    name: str
    event: tuple[Term, ...] = ()
    given: tuple[Term, ...] = ()
    index: tuple[Term, ...] = ()


@term
class FamilyDensity(Node):
    r"""A density of a named family, as a value at `point`, or (point None) as a law: `\mathcal{N}(x; m, S)`.

    family: the name of a file in `derivcheck/families`: `gaussian` (mean, covariance), `bernoulli`
    (probability), `uniform` (low, high), `categorical`, ….
    """

    family: str
    parameters: tuple[Term, ...]
    point: Term | None = None


@term
class Divergence(Node):
    r"""KL(p‖q), JSD(p, q), H(p), cross-entropy H(p, q), TV: of two laws, in nats."""

    kind: Literal["KL", "JSD", "entropy", "cross_entropy", "TV"]
    p: Law
    q: Law | None = None


@term
class Moment(Node):
    """The mean, covariance (matrix) or variance (of one coordinate of an isotropic law) of a law."""

    kind: Literal["mean", "covariance", "variance"]
    law: Law


# --- statements ----------------------------------------------------------------------------------

Sign = Literal["=", "<=", ">=", "<", ">", "!=", "propto", "approx", "sim", "iff", "implies", "to", ":=", "in"]


@term
class Relation(Node):
    r"""A statement, where it stands inside another (`a = 0 \implies D^*(x) = ..`)."""

    left: Term
    sign: Sign
    right: Term


Law = Density | FamilyDensity
Term = (
    Number | Constant | Symbol | SymbolRange | Identity | Unknown
    | Add | Negate | Multiply | Divide | Power | Transpose | Norm | Call | MatrixLiteral
    | Fold | Integral | Expectation | Covariance | Derivative | StopGradient | Optimum
    | Density | FamilyDensity | Divergence | Moment | Relation
)

ELEMENTARY = frozenset(
    "log exp sqrt abs sin cos tan tanh cosh sinh arctan sigmoid softmax relu softplus erf gamma "
    "tr det vec kron diag factorial sign lambda_min lambda_max rank dim hadamard entry basis".split()
)
