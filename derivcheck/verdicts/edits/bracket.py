r"""A bracket lost or misplaced: `a b + c` for `a (b + c)`, `E[a] + b` for `E[a + b]`, `\log a b` for `(\log a) b`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from derivcheck.terms.term import (
    Add,
    Call,
    Divide,
    Expectation,
    Fold,
    Integral,
    Multiply,
    Negate,
    Number,
    Power,
    Term,
    Unknown,
)
from derivcheck.verdicts.edits._edit import Edit, Example, Place, divided, negated, product, total

_BINDERS = (Fold, Integral, Expectation)


def _at(place: Place) -> Iterator[Term]:
    node = place.node
    if not place.is_value:
        return
    match node:
        case Add():
            for i in range(len(node.terms)):
                yield from _wider(node, i)
        case Multiply():
            yield from _narrower(node)
        case Power(base=Multiply(factors)):
            yield product(*factors[:-1], Power(factors[-1], node.exponent))
        case Call(function="log", arguments=(Multiply(factors),)):
            for i in range(1, len(factors)):
                yield product(Call("log", (product(*factors[:i]),)), *factors[i:])
        case Divide(numerator=Add(terms)):
            for i in range(1, len(terms)):
                yield total(*terms[:i], divided(total(*terms[i:]), node.denominator))
                yield total(divided(total(*terms[:i]), node.denominator), *terms[i:])
        case Fold() | Integral() | Expectation():
            if isinstance(node.body, Add):
                terms = node.body.terms
                for i in range(1, len(terms)):
                    yield total(replace(node, body=total(*terms[:i])), *terms[i:])
        case _:
            return


def _wider(node: Add, i: int) -> Iterator[Term]:
    """The i-th summand's scope reaching over the next ones."""
    terms, rest = node.terms[:i], node.terms[i + 1 :]
    here = node.terms[i]
    minus = isinstance(here, Negate)
    inner = here.body if isinstance(here, Negate) else here
    for k in range(1, len(rest) + 1):
        taken, left = rest[:k], rest[k:]
        if any(isinstance(t, Unknown) for t in taken):
            return
        made: list[Term] = []
        if minus:
            made.append(negated(total(inner, *taken)))
        if isinstance(inner, Multiply):
            made.append(
                _signed(minus, product(*inner.factors[:-1], Add((inner.factors[-1], *taken))))
            )
        if isinstance(inner, _BINDERS):
            made.append(_signed(minus, replace(inner, body=total(inner.body, *taken))))
        if isinstance(inner, Divide) and not isinstance(inner.numerator, Number):
            made.append(_signed(minus, divided(inner.numerator, total(inner.denominator, *taken))))
        if (
            isinstance(inner, Call)
            and len(inner.arguments) == 1
            and inner.function in ("log", "exp", "sqrt", "tr")
        ):
            made.append(_signed(minus, Call(inner.function, (total(inner.arguments[0], *taken),))))
        for m in made:
            yield total(*terms, m, *left)


def _narrower(node: Multiply) -> Iterator[Term]:
    """A factor that multiplies only the first summand of a bracket."""
    *front, last = node.factors
    if isinstance(last, Add):
        yield total(product(*front, last.terms[0]), *last.terms[1:])
    first, *back = node.factors
    if isinstance(first, Add):
        yield total(*first.terms[:-1], product(first.terms[-1], *back))


def _signed(minus: bool, t: Term) -> Term:
    return negated(t) if minus else t


EDIT = Edit(
    kind="bracket",
    what="a bracket lost or misplaced",
    cost=1.4,
    at=_at,
    examples=(
        Example(r"a b + c", r"a (b + c)"),
        Example(r"a - b + c", r"a - (b + c)"),
        Example(r"\mathbb{E}_{q(z)}[a] + z", r"\mathbb{E}_{q(z)}[a + z]"),
        Example(r"a (b + c)", r"a b + c"),
        Example(r"\frac{a + b}{c}", r"a + \frac{b}{c}"),
    ),
    rank=4,
)
