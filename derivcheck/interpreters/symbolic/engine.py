r"""Normal forms: algebra on forms, laws on everything else, each use of a law noted.

Main definitions: `Engine` (the `Context` of the laws).

A term is algebra (sums, products, quotients, powers, roots, transposes) over atoms. Atoms are brought into
normal form first, from the inside; then the laws of their kind are tried in a fixed order, and what they make
is brought into normal form again. The laws of products see every summand as it stands after all algebra.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache
from typing import final

from derivcheck.interpreters.symbolic.certificate import Step
from derivcheck.interpreters.symbolic.facts import Facts
from derivcheck.interpreters.symbolic.form import (
    MINUS_ONE,
    SCALAR,
    Form,
    Letter,
    Unfit,
    matrix,
    number,
    power,
    same,
    scalar,
    total,
)
from derivcheck.interpreters.symbolic.fractions import Sums, product
from derivcheck.interpreters.symbolic.order import order
from derivcheck.interpreters.symbolic.scope import Scope, entered
from derivcheck.interpreters.symbolic.write import term_of
from derivcheck.laws import Law, all_laws
from derivcheck.laws._structure import Product
from derivcheck.notation.faults import ShapesDiffer
from derivcheck.notation.shapes import shape_of
from derivcheck.terms.instance import Captured
from derivcheck.terms.signature import Signature, SymbolDeclaration
from derivcheck.terms.substitute import rebuild
from derivcheck.terms.term import (
    Add,
    Call,
    Covariance,
    Density,
    Derivative,
    Divergence,
    Divide,
    Expectation,
    FamilyDensity,
    Fold,
    Identity,
    Integral,
    Moment,
    Multiply,
    Negate,
    Node,
    Number,
    Power,
    Symbol,
    Term,
    Transpose,
)

ALGEBRA = (Number, Add, Negate, Multiply, Divide, Power, Transpose, Identity)
WITH_LAWS = (Divergence, Moment, Expectation, Covariance)
COUNTING = frozenset("t s i j k n m r l T K N L".split())
HALF = Fraction(1, 2)


class TooMuchWork(Exception):
    """The budget of work is spent."""


@cache
def laws_on(kind: type[Node]) -> tuple[tuple[str, Law], ...]:
    """The laws that rewrite a kind of term, in a fixed order."""
    return tuple((name, law) for name, law in all_laws().items() if kind in law.on and law.sign == "=")


@final
@dataclass
class Engine:
    """Normal forms under one signature; `steps` are the uses of laws so far."""

    signature: Signature
    granting: bool = False
    work: int = 20_000
    steps: list[Step] = field(default_factory=list)
    scope: Scope = field(default_factory=Scope)
    outside: frozenset[Term] = frozenset()  # variables that stand free outside expectations in the relation
    products: dict[Term, Product] = field(default_factory=dict)
    _normal: dict[tuple[Term, Scope], Term] = field(default_factory=dict)
    _forms: dict[tuple[Term, Scope], Form] = field(default_factory=dict)
    _shapes: dict[Term, tuple[str, ...] | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._names = self.signature  # with the names that only binders declare
        self.sums = Sums(self._write)
        self.facts = Facts(self)
        if self.signature.flows:
            self._declare(SymbolDeclaration("t", "parameter"))  # the time

    # --- what laws ask ---------------------------------------------------------------------------

    def met(self, condition: bool) -> bool:
        """Whether a side condition counts as met."""
        return condition or self.granting

    def shape(self, t: Term) -> tuple[str, ...] | None:
        """The shape of a term, None if it is not determined."""
        found = self._shapes.get(t)
        if found is not None:
            return found
        if t not in self._shapes:
            try:
                found = self._shapes[t] = shape_of(t, self._names)
            except ShapesDiffer:
                self._shapes[t] = None
        if found is None and isinstance(t, Derivative):
            return self._shape_in_slot(t)
        return () if found is None and isinstance(t, Symbol) and self._integer(t) else found

    def _shape_in_slot(self, t: Derivative) -> tuple[str, ...] | None:
        r"""That of \partial/\partial y g(f(x), x) where g was declared as g(y, x): of what stands for y."""
        f = t.body
        declared = self.signature.functions.get(f.function) if isinstance(f, Call) else None
        if declared is None or declared.shape or not isinstance(f, Call) or t.kind != "gradient" or len(declared.arguments) != len(f.arguments):
            return None
        found = [a for y, a in zip(declared.arguments, f.arguments, strict=True) if y == t.wrt]
        return self.shape(found[0]) if len(found) == 1 else None

    def _integer(self, t: Symbol) -> bool:
        """Whether an undeclared letter counts: an index of a fold, or one by custom."""
        return not t.index and (t.name in COUNTING or any(r[0] == t.name for r in self.scope.ranges))

    def depends(self, t: Term, on: Term) -> bool:
        """Whether a term may change with a symbol (paths and definitions included)."""
        return self.facts.depends(t, on)

    def hides(self, t: Term, on: Term) -> bool:
        """Whether a term may change with a symbol that it does not show."""
        return self.facts.hidden(t, on)

    def positive(self, t: Term) -> bool:
        """Whether a scalar is positive wherever the theory speaks."""
        return self.facts.positive(t)

    def factors(self, t: Term) -> list[tuple[Term, Fraction]] | None:
        """A scalar as a product of powers of irreducible parts, None if it is too large."""
        found = self.sums.factors(self.form(t))
        return None if found is None else [(self._write(b) if b.constant is None else Number(b.constant), e) for b, e in found]

    def at_least(self, a: Term, b: Term) -> bool:
        """Whether index a is no less than index b."""
        return self.facts.at_least(a, b)

    def coincide(self, a: tuple[Term, ...], b: tuple[Term, ...]) -> bool | None:
        """Whether two index tuples are the same; None where it is not known."""
        return self.facts.coincide(a, b)

    def bound(self, t: Term) -> bool:
        """Whether an expectation or integral above binds a symbol."""
        return any(self.facts.meets(b, t) for b in self.scope.bound)

    def held(self, t: Term) -> bool:
        """Whether a symbol is an argument of a density, conditioned on, or differentiated by."""
        return any(self.facts.meets(b, t) for b in self.scope.held | self.scope.bound)

    def caught(self, t: Term) -> bool:
        """Whether an integral or a conditional law above binds a symbol."""
        return any(self.facts.meets(b, t) for b in self.scope.caught)

    @property
    def variables(self) -> frozenset[Term]:
        """What the derivatives above are taken by."""
        return self.scope.varied

    def free_outside(self, t: Term) -> bool:
        """Whether a variable stands free outside all expectations of the relation."""
        return any(self.facts.meets(b, t) for b in self.outside)

    @contextmanager
    def inside(self, binder: Term) -> Generator[None]:
        """Below a binder: its variables are bound, its index runs over its range."""
        outer = self.scope
        self.scope = entered(outer, binder)
        if isinstance(binder, Expectation | Integral | Covariance):
            for drawn in self._drawn(binder.over):
                self.scope = entered(self.scope, drawn)
        if isinstance(binder, Fold):
            self._declare(SymbolDeclaration(binder.index, "index", domain="natural", indices=0))
        try:
            yield
        finally:
            self.scope = outer

    def _drawn(self, over: tuple[Term, ...]) -> list[Fold]:
        """The ranges of indices that are drawn, as sums."""
        found: list[Fold] = []
        for v in over:
            if not isinstance(v, Symbol) or v.index or v.name not in self.signature.indices:
                continue
            laws = [s.law for s in self.signature.samples if s.variable == v]
            if len(laws) != 1 or not isinstance(laws[0], FamilyDensity) or laws[0].family != "uniform":
                raise Unfit("an index that is drawn")
            low, high = laws[0].parameters
            found.append(Fold("sum", v.name, low, high, Number(Fraction(0))))
        return found

    def standard(self, shape: tuple[str, ...], n: int) -> Symbol:
        """The n-th variable of a shape under which standard normal laws are written."""
        name = rf"\xi^{{{'×'.join(shape)}}}" if shape else r"\xi"
        while (known := self._names.symbols.get(name)) is not None and (known.shape, known.role, known.indices) != (shape, "variable", 1):
            name = rf"\tilde{{{name}}}"
        self._declare(SymbolDeclaration(name, "variable", shape, indices=1))
        return Symbol(name, (Number(Fraction(n)),))

    def _declare(self, new: SymbolDeclaration) -> None:
        """A name that no theory declares gets a shape."""
        known = self._names
        if new.name not in known.symbols and new.name not in known.indices and new.name not in known.functions:
            self._names = replace(known, symbols={**known.symbols, new.name: new})
            self._shapes = {t: s for t, s in self._shapes.items() if new.name not in t.names}
            self.products = {t: p for t, p in self.products.items() if new.name not in t.names}

    # --- normal forms ----------------------------------------------------------------------------

    def normal(self, t: Term) -> Term:
        """The normal form of a term."""
        key = (t, self.scope.seen_by(t))
        found = self._normal.get(key)
        if found is None:
            self._spend()
            self._normal[key] = t  # a law that runs into the term again leaves it
            found = self._write(self.form(t)) if self._algebraic(t) else self._atom(t)
            self._normal[key] = found
            self._normal[(found, key[1])] = found
        return found

    def form(self, t: Term) -> Form:
        """A term as a polynomial over atoms in normal form.

        Raises:
            Unfit: a part has no known shape, or shapes do not fit.
        """
        key = (t, self.scope.seen_by(t))
        found = self._forms.get(key)
        if found is None:
            self._spend()
            found = self._form(t)
            self._spend(len(found.terms))  # a polynomial costs what it holds
            found = self._forms[key] = self._by_products(self.sums.canonical(found))
        return found

    def zero(self, t: Term) -> bool:
        """Whether a term's normal form is 0."""
        return self.form(t).zero

    def _write(self, f: Form) -> Term:
        t = term_of(f)
        self._forms.setdefault((t, self.scope.seen_by(t)), f)
        return t

    def _spend(self, amount: int = 1) -> None:
        self.work -= amount
        if self.work < 0:
            raise TooMuchWork

    def _algebraic(self, t: Term) -> bool:
        return isinstance(t, ALGEBRA) or (isinstance(t, Call) and t.function == "sqrt")

    def _form(self, t: Term) -> Form:  # one case per kind of algebra
        match t:
            case Number(value):
                return number(value)
            case Add(terms):
                return total(self._form(x) for x in terms)
            case Negate(body):
                return -self._form(body)
            case Multiply(factors):
                return _in_order([self._form(x) for x in factors])
            case Divide(above, below):
                return self._form(above) * self._reciprocal(self.form(below), below)
            case Transpose(body):
                f = self._form(body)
                return f if f.scalar else f.transpose()
            case Identity(size):
                return Form({((), ()): Fraction(1)}, (size or "*", size or "*"))
            case Power(base, exponent):
                return self._power(t, base, self.normal(exponent))
            case Call("sqrt", (body,)):
                return self.root(self.form(body))
            case _:
                return self._of_atom(self.normal(t))

    def _of_atom(self, t: Term) -> Form:
        if self._algebraic(t):
            return self.form(t)
        shape = self.shape(t)
        if shape is None or len(shape) > 2:
            raise Unfit(f"{type(t).__name__} without a shape")
        if not shape:
            return scalar(t)
        rows, columns = (*shape, "1")[:2]
        return matrix(Letter(t, False, rows, columns, columns != "1" and self.facts.symmetric(t)))

    def _reciprocal(self, f: Form, t: Term) -> Form:
        if not f.scalar:
            raise Unfit("a quotient by a matrix")
        found = self.sums.reciprocal(f)
        if found is None:
            raise Unfit(f"a quotient by {type(t).__name__}")
        return found

    def _power(self, t: Power, base: Term, exponent: Term) -> Form:
        f = self.form(base)
        e = self.form(exponent).constant
        if f.scalar:
            if e is None:
                return self._symbolic_power(f, exponent)
            if e.denominator == 2:
                return self._whole(self.root(f), e * 2)
            return self._whole(f, e)
        if e is not None and e.denominator == 1:
            if f.shape[1] == "1" and e == 2:
                return f.transpose() * f
            if e == -1:
                return self._inverse(f)
            if 0 <= e <= 6:
                made = Form({((), ()): Fraction(1)}, f.shape)
                for _ in range(int(e)):
                    made = made * f
                return made
        raise Unfit("a power of a matrix")

    def _whole(self, f: Form, e: Fraction) -> Form:
        found = power(f, e)
        if found is None and e < 0:
            below = power(f, -e)
            found = None if below is None else self.sums.reciprocal(below)
        if found is None:
            raise Unfit("a power")
        return found

    def _symbolic_power(self, f: Form, exponent: Term) -> Form:
        """b^e with e unknown: exp(e log b) where b is positive."""
        base = self._write(f)
        if not self.met(self.positive(base)):
            return scalar(Power(base, exponent))
        return self.form(Call("exp", (Multiply((exponent, Call("log", (base,)))),)))

    def root(self, f: Form) -> Form:
        """The square root: positive factors each below a root of their own."""
        found = self.sums.factors(f)
        if found is None:
            if f.zero:
                return f
            raise Unfit("a root")
        made = rest = number(1)
        for base, e in found:
            c = base.constant
            if c is not None:
                sign = Fraction(1 if c > 0 else -1)
                rest = rest.scaled(sign)
                made = made * _root_of_number(abs(c), e)
            elif self.met(self.facts.positive(self._write(base))):
                one = self.sums.atom(base).monomial
                assert one is not None
                made = made * Form({(tuple((a, x * e * HALF) for a, x in one[1]), ()): Fraction(1)})
            elif e.denominator == 1 and e % 2 == 0:
                made = made * scalar(Call("abs", (self._write(base),)), e * HALF)
            else:
                rest = rest * (self._whole(base, e) if e > 0 else self._reciprocal(self._whole(base, -e), Number(Fraction(0))))
        if rest.constant == 1:
            return made
        return made * scalar(self._write(self.sums.atom(rest)), HALF)

    def _inverse(self, f: Form) -> Form:
        """The inverse of c · A B: each letter's in the other order."""
        if len(f.terms) != 1:
            t = self._write(f)
            return matrix(Letter(Power(t, MINUS_ONE), False, f.shape[1], f.shape[0], f == f.transpose()))
        ((m, w), c) = next(iter(f.terms.items()))
        made = Form({(tuple((a, -e) for a, e in m), ()): 1 / c}, f.shape if not w else SCALAR)
        if any(x.rows != x.columns for x in w) and len(w) > 1:
            raise Unfit("the inverse of a product that is not of squares")
        for x in reversed(w):
            made = made * matrix(x.inverse)
        return made

    def _by_products(self, f: Form) -> Form:
        """The form after the laws of products and sums have seen it."""
        laws = laws_on(Multiply)
        if laws:
            for key, c in f.terms.items():
                if len(key[0]) + len(key[1]) < 2 and all(abs(e) == 1 and not isinstance(a, Multiply) for a, e in key[0]):
                    continue
                one = Form({key: c}, f.shape)
                t = term_of(one)
                new = self._rewritten(t, Multiply)
                if new is not None:
                    rest = Form({k: v for k, v in f.terms.items() if k != key}, f.shape)
                    return self._by_products(self.sums.canonical(rest + self.form(new)))
        if len(f.terms) > 1 and laws_on(Add):
            t = term_of(f)
            new = self._rewritten(t, Add)
            if new is not None:
                return self.form(new)
        return f

    def _atom(self, t: Term) -> Term:
        """An atom: its parts in normal form, then the laws of its kind."""
        with self.inside(t):
            if isinstance(t, Derivative):  # what it is taken by is a place, not a value
                t = Derivative(self.normal(t.body), t.wrt, t.kind)
            else:
                t = rebuild(t, self._law_or_normal if isinstance(t, WITH_LAWS) else self._argument_or_normal)
        if isinstance(t, Integral):  # their order is free
            t = Integral(tuple(sorted(t.over, key=order)), t.body)
        if self._algebraic(t):
            return self.normal(t)
        new = self._rewritten(t, type(t))
        return t if new is None else self.normal(new)

    def _argument_or_normal(self, t: Term) -> Term:
        """A part of anything else: a bare density is handed over by its name."""
        return t if isinstance(t, Density) and not t.event else self.normal(t)

    def _law_or_normal(self, t: Term) -> Term:
        """A part of something that names laws: a density there is a law, not a value, and keeps its form."""
        if not isinstance(t, Density | FamilyDensity):
            return self.normal(t)
        with self.inside(t):
            return rebuild(t, self.normal)

    def _tried(self, law: Law, t: Term) -> Term | None:
        try:
            return law.rewrite(t, self)
        except Captured:
            return None

    def _rewritten(self, t: Term, kind: type[Node]) -> Term | None:
        for name, law in laws_on(kind):
            new = self._tried(law, t)
            if new is not None and new is not t:
                self.steps.append(Step(name, t, new, "=", self.scope.seen_by(t).ranges))
                return new
        return None


def _in_order(factors: list[Form]) -> Form:
    """A product from the left; where that does not fit, a row before a column is a number first: A v^T v."""
    try:
        return product(factors)
    except Unfit:
        for i in range(len(factors) - 1):
            row, column = factors[i], factors[i + 1]
            if not row.scalar and not column.scalar and row.shape[0] == column.shape[1] == "1" and same(row.shape[1], column.shape[0]):
                return _in_order([*factors[:i], row * column, *factors[i + 2 :]])
        raise


def _root_of_number(c: Fraction, e: Fraction) -> Form:
    made = number(1)
    for n, sign in ((c.numerator, 1), (c.denominator, -1)):
        for p, k in _primes(n):
            exponent = k * sign * e * HALF
            whole = exponent.numerator // exponent.denominator
            made = made.scaled(Fraction(p) ** whole)
            if exponent != whole:
                made = made * scalar(Number(Fraction(p)), exponent - whole)
    return made


def _primes(n: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    p = 2
    while n > 1 and p < 10_000:
        k = 0
        while n % p == 0:
            n, k = n // p, k + 1
        if k:
            found.append((p, k))
        p += 1
    return [*found, (n, 1)] if n > 1 else found
