r"""Denominators and roots that are sums: one form for equal quotients, with SymPy's factorisation of polynomials.

Main definitions: `Sums`. A sum that divides, or stands below a root, becomes an atom S with exponent -1 or ½
and is remembered with its polynomial. Equal quotients meet over their common denominator; an S that divides
the numerator goes. Sums are irreducible over the rationals and primitive, so that no two of them share a factor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from math import lcm, prod
from typing import cast, final

from sympy.polys.domains import QQ
from sympy.polys.rings import PolyElement, ring

from derivcheck.interpreters.symbolic.form import ONE, Form, Monomial, number, scalar, times, total
from derivcheck.interpreters.symbolic.order import order
from derivcheck.terms.term import Number, Term

LARGEST = 400  # monomials that a polynomial may have to be factored
DENSEST = 100_000  # monomials that a polynomial's degrees leave room for: factoring takes that much, or never ends


@final
@dataclass
class Sums:
    """The sums that stand below a fraction's line or a root, with their polynomials."""

    write: Callable[[Form], Term]
    known: dict[Term, Form] = field(default_factory=dict)

    def factors(self, f: Form) -> list[tuple[Form, Fraction]] | None:
        """A scalar as a product of powers: a rational number, atoms, and irreducible sums; None if it is too large."""
        f = self.canonical(f)
        if f.zero or not f.scalar:
            return None
        below: dict[Term, Fraction] = {}
        for m, _ in f.terms:
            for a, e in m:
                if a in self.known and e < below.get(a, Fraction(0)):
                    below[a] = e
        above = f
        for a, e in below.items():
            above = above * scalar(a, -e)
        above = self._expanded(above)
        found = _polynomial_factors(above)
        if found is None:
            return None
        return [*found, *((scalar(a), e) for a, e in sorted(below.items(), key=lambda p: order(p[0])))]

    def atom(self, f: Form) -> Form:
        """An irreducible sum as an atom (a monomial stays what it is)."""
        if f.monomial is not None:
            return f
        t = self.write(f)
        self.known.setdefault(t, f)
        return scalar(t)

    def reciprocal(self, f: Form) -> Form | None:
        """1/f of a scalar; None for 0 and what is too large."""
        if (one := f.monomial) is not None:
            c, m = one
            return Form({(tuple((a, -e) for a, e in m), ()): 1 / c})
        found = self.factors(f)
        if found is None:
            return None
        made = number(1)
        for base, e in found:
            one = self.atom(base).monomial
            assert one is not None
            c, m = one
            made = made * Form({(tuple((a, -e * x) for a, x in m), ()): c ** int(-e) if c != 1 else ONE})
        return made

    def canonical(self, f: Form) -> Form:
        """The one form of all equal quotients."""
        f = self._expanded(_plain_roots(f))
        if not any(e < 0 and a in self.known for m, _ in f.terms for a, e in m):
            return f
        inside: set[Term] = set()
        for m, _ in f.terms:
            for a, e in m:
                if e < 0 and a in self.known:
                    inside |= {x for n, _ in self.known[a].terms for x, _ in n} | {a}
        groups: dict[tuple[Monomial, object], dict[tuple[Monomial, tuple[()]], Fraction]] = {}
        for (m, w), c in f.terms.items():
            outer = tuple((a, e) for a, e in m if a not in inside)
            inner = tuple((a, e) for a, e in m if a in inside)
            groups.setdefault((outer, w), {})[(inner, ())] = c
        found: dict[tuple[Monomial, object], Fraction] = {}
        for (outer, w), inner in groups.items():
            for (m, _), c in self._over_one_denominator(Form(inner)).terms.items():
                found[(times(outer, m), w)] = c
        return Form(found, f.shape)  # type: ignore[arg-type]

    def _over_one_denominator(self, f: Form) -> Form:
        lowest: dict[Term, Fraction] = {}
        for m, _ in f.terms:
            for a, e in m:
                if a in self.known:
                    lowest[a] = min(lowest.get(a, Fraction(0)), Fraction(e.numerator // e.denominator))
        lowest = {a: e for a, e in lowest.items() if e < 0}
        if not lowest or len(f.terms) < 2:
            return f
        above = f
        for a, e in lowest.items():
            above = above * scalar(a, -e)
        above = self._expanded(above)
        for a, e in lowest.items():
            left = -e
            while left > 0 and not above.zero:
                shared = self._divided(above, self.known[a])
                if shared is None:
                    break
                above, left = shared, left - 1
            lowest[a] = -left
        if above.zero:
            return above
        for a, e in lowest.items():
            if e:
                above = Form({(times(m, ((a, e),)), w): c for (m, w), c in above.terms.items()})
        return above

    def _expanded(self, f: Form) -> Form:
        """Whole positive powers of sums multiplied out."""
        while True:
            found = next(((k, a, e) for k in f.terms for a, e in k[0] if e >= 1 and a in self.known), None)
            if found is None:
                return f
            (m, w), a, e = found
            whole = Fraction(e.numerator // e.denominator)
            c = f.terms[(m, w)]
            rest = Form({(times(m, ((a, -whole),)), w): c}, f.shape)
            product = self.known[a]
            made = number(1)
            for _ in range(int(whole)):
                made = made * product
            f = Form({k: v for k, v in f.terms.items() if k != (m, w)}, f.shape) + made * rest

    def _divided(self, f: Form, by: Form) -> Form | None:
        """f / by where that leaves no remainder."""
        atoms, scale, shifts, (p, q) = _polynomials([f, by])
        quotient, remainder = divmod(p, q)
        if remainder:
            return None
        made = _form(cast("PolyElement", quotient), atoms, scale)
        offset = tuple((a, shifts[1][a] - shifts[0][a]) for a in atoms if shifts[1][a] != shifts[0][a])
        return Form({(times(m, offset), w): c for (m, w), c in made.terms.items()})


@lru_cache(maxsize=2_000)
def _polynomial_factors(f: Form) -> tuple[tuple[Form, Fraction], ...] | None:
    """A scalar without sums below a line as a product; the same sums come back in every row of a derivation."""
    if (one := f.monomial) is not None:
        c, m = one
        return ((number(c), ONE), *((scalar(a), e) for a, e in m))
    if len(f.terms) > LARGEST:
        return None
    atoms, scale, shift, p = _polynomial(f)
    if atoms and prod(d + 1 for d in p.degrees()) > DENSEST:
        return None
    c, parts = p.factor_list()
    found = [(number(Fraction(int(c.numerator), int(c.denominator))), ONE)]
    found += [(scalar(a), -shift[a]) for a in atoms if shift[a]]
    for part, e in parts:
        content, primitive = part.primitive()
        if (primitive.const() or primitive.LC) < 0:  # 1 - b rather than b - 1
            content, primitive = -content, -primitive
        if content != 1:
            found.append((number(Fraction(int(content.numerator), int(content.denominator)) ** e), ONE))
        found.append((_form(primitive, atoms, scale), Fraction(e)))
    return tuple(found)


def _plain_roots(f: Form) -> Form:
    """Whole powers of numbers below roots taken out: √2 · √2 is 2."""
    if not any(isinstance(a, Number) for m, _ in f.terms for a, _ in m):
        return f
    made: list[Form] = []
    for (m, w), c in f.terms.items():
        rest: list[tuple[Term, Fraction]] = []
        for a, e in m:
            if isinstance(a, Number):
                whole = e.numerator // e.denominator
                c = c * a.value**whole  # noqa: PLW2901 - gathered
                e = e - whole  # noqa: PLW2901 - likewise
            if e:
                rest.append((a, e))
        made.append(Form({(tuple(rest), w): c}, f.shape))
    return total(made)


def _polynomial(f: Form) -> tuple[list[Term], dict[Term, int], dict[Term, Fraction], PolyElement]:
    atoms, scale, shifts, (p,) = _polynomials([f])
    return atoms, scale, shifts[0], p


def _polynomials(forms: list[Form]) -> tuple[list[Term], dict[Term, int], list[dict[Term, Fraction]], list[PolyElement]]:
    """Scalars as polynomials of one ring: its atoms, how far roots were scaled, and what each was multiplied by."""
    atoms = sorted({a for f in forms for m, _ in f.terms for a, _ in m}, key=order)
    scale = {a: lcm(*(e.denominator for f in forms for m, _ in f.terms for x, e in m if x is a)) for a in atoms}
    made = ring([f"x{i}" for i in range(len(atoms))] or ["x0"], QQ)[0]
    shifts: list[dict[Term, Fraction]] = []
    found: list[PolyElement] = []
    for f in forms:
        shift = {a: max([Fraction(0), *(-e for m, _ in f.terms for x, e in m if x is a)]) for a in atoms}
        p = made.zero
        for (m, _), c in f.terms.items():
            own = dict(m)
            exponents = tuple(int((own.get(a, Fraction(0)) + shift[a]) * scale[a]) for a in atoms) or (0,)
            p[exponents] = p.get(exponents, QQ(0)) + QQ(c.numerator, c.denominator)
        p.strip_zero()
        shifts.append(shift)
        found.append(p)
    return atoms, scale, shifts, found


def _form(p: PolyElement, atoms: list[Term], scale: dict[Term, int]) -> Form:
    terms: dict[tuple[Monomial, tuple[()]], Fraction] = {}
    for exponents, c in p.terms():
        m = tuple((a, Fraction(e, scale[a])) for a, e in zip(atoms, exponents, strict=False) if e)
        terms[(m, ())] = Fraction(int(c.numerator), int(c.denominator))
    return Form(terms)


def product(forms: Iterable[Form]) -> Form:
    """The product of forms."""
    made = number(1)
    for f in forms:
        made = made * f
    return made
