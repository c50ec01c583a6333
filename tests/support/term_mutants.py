"""Edits of a term: what a wrong law, or a law used where it does not hold, would have to identify."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from derivcheck.terms.signature import Signature
from derivcheck.terms.substitute import replace_at, subterms
from derivcheck.terms.term import (
    Add,
    Call,
    Covariance,
    Density,
    Derivative,
    Divergence,
    Divide,
    Expectation,
    Fold,
    Integral,
    Multiply,
    Negate,
    Number,
    Power,
    Symbol,
    SymbolRange,
    Term,
    Transpose,
)

ONE = Number(Fraction(1))
TWO = Number(Fraction(2))


def term_mutants(t: Term, signature: Signature, names: frozenset[str]) -> Iterator[tuple[str, Term]]:
    """The term with one edit each; names: those of densities and symbols of the relation, as replacements."""
    for path, x in subterms(t):
        for kind, new in _edits(x, signature, names):
            if new != x:
                yield kind, replace_at(t, path, new)


def _shifted(i: Term, by: int) -> Term:
    if isinstance(i, Number):
        return Number(i.value + by)
    return Add((i, Number(Fraction(by)))) if by > 0 else Add((i, Negate(Number(Fraction(-by)))))


def _indices(index: tuple[Term, ...]) -> Iterator[tuple[Term, ...]]:
    for n, i in enumerate(index):
        for by in (-1, 1):
            yield (*index[:n], _shifted(i, by), *index[n + 1 :])
        for other in (Number(Fraction(0)), ONE, Symbol("t"), Symbol("T")):
            yield (*index[:n], other, *index[n + 1 :])


def _edits(x: Term, signature: Signature, names: frozenset[str]) -> Iterator[tuple[str, Term]]:  # noqa: PLR0915 - one case per kind
    match x:
        case Number(value):
            yield "number", Number(value + 1)
            yield "number", Number(value - 1)
            yield "number", Number(-value)
        case Symbol(name, index):
            for i in _indices(index):
                yield "index", Symbol(name, i)
            for other in sorted(names & set(signature.symbols)):
                declared = signature.symbols[other]
                if other != name and (signature.symbols.get(name) is None or declared.shape == signature.symbols[name].shape) and declared.indices == len(index):
                    yield "symbol", Symbol(other, index)
        case SymbolRange(name, lower, upper):
            for by in (-1, 1):
                yield "range", SymbolRange(name, _shifted(lower, by), upper)
                yield "range", SymbolRange(name, lower, _shifted(upper, by))
        case Density(name, event, given, index):
            for other in sorted(names & set(signature.densities)):
                if other != name:
                    yield "density", Density(other, event, given, index)
            if event and given:
                yield "bayes", Density(name, given, event, index)
                yield "joint", Density(name, (*event, *given), (), index)
                for n in range(len(given)):
                    yield "condition", Density(name, event, (*given[:n], *given[n + 1 :]), index)
            for n in range(len(event)):
                if len(event) > 1:
                    yield "event", Density(name, (*event[:n], *event[n + 1 :]), given, index)
                    yield "condition", Density(name, (*event[:n], *event[n + 1 :]), (*given, event[n]), index)
        case Add(terms):
            for n in range(len(terms)):
                rest = (*terms[:n], *terms[n + 1 :])
                yield "drop term", rest[0] if len(rest) == 1 else Add(rest)
                yield "flip sign", Add((*terms[:n], Negate(terms[n]), *terms[n + 1 :]))
                yield "double term", Add((*terms, terms[n]))
        case Negate(body):
            yield "flip sign", body
        case Multiply(factors):
            for n in range(len(factors)):
                rest = (*factors[:n], *factors[n + 1 :])
                yield "drop factor", rest[0] if len(rest) == 1 else Multiply(rest)
                if n:
                    yield "swap factors", Multiply((*factors[: n - 1], factors[n], factors[n - 1], *factors[n + 1 :]))
        case Divide(above, below):
            yield "swap fraction", Divide(below, above)
            yield "drop factor", above
            yield "drop factor", Multiply((above, below))
        case Power(base, exponent):
            yield "drop power", base
            yield "power", Power(base, Negate(exponent))
            yield "power", Power(base, Multiply((TWO, exponent)))
        case Transpose(body):
            yield "drop transpose", body
        case Call(function, arguments, index):
            for i in _indices(index):
                yield "index", Call(function, arguments, i)
            if function in ("log", "exp", "sqrt", "tr", "abs"):
                yield "drop call", arguments[0]
                yield "call into", _inside(function, arguments[0])
            if function == "log":
                yield "other call", Call("exp", arguments)
            for other in sorted(names & set(signature.functions)):
                if other != function and function in signature.functions:
                    yield "function", Call(other, arguments, index)
            if len(arguments) > 1:
                yield "swap arguments", Call(function, tuple(reversed(arguments)), index)
        case Fold(kind, index, lower, upper, body):
            yield "fold kind", Fold("prod" if kind == "sum" else "sum", index, lower, upper, body)
            for by in (-1, 1):
                yield "range", Fold(kind, index, _shifted(lower, by), upper, body)
                yield "range", Fold(kind, index, lower, _shifted(upper, by), body)
            yield "drop fold", Fold(kind, index, lower, lower, body)
        case Integral(over, body):
            if len(over) > 1:
                for n in range(len(over)):
                    yield "integrate less", Integral((*over[:n], *over[n + 1 :]), body)
            yield "drop integral", body
            yield "call out", _inside("log", x)
        case Expectation(body, over, law, given):
            yield "drop expectation", body
            yield "expectation in", _pushed(body, over, law, given)
            if len(over) > 1:
                for n in range(len(over)):
                    yield "average less", Expectation(body, (*over[:n], *over[n + 1 :]), law, given)
            if given:
                yield "drop condition", Expectation(body, over, law, ())
            yield "square out", Power(Expectation(body, over, law, given), TWO)
        case Divergence(kind, p, q):
            if q is not None:
                yield "swap divergence", Divergence(kind, q, p)  # type: ignore[arg-type]
                yield "divergence", Divergence("JSD" if kind == "KL" else "KL", p, q)
                yield "divergence", Divergence("cross_entropy", p, q)
                yield "drop divergence", Number(Fraction(0))
            else:
                yield "entropy sign", Negate(x)
        case Covariance(left, right, over, law, given):
            yield "second moment", Expectation(Multiply((left, right)), over, law, given)
        case Derivative(body):
            yield "drop derivative", body
        case _:
            return


def _inside(function: str, t: Term) -> Term:
    """A function drawn through a sum, a product, an average."""
    match t:
        case Add(terms):
            return Add(tuple(Call(function, (x,)) for x in terms))
        case Multiply(factors):
            return Multiply(tuple(Call(function, (x,)) for x in factors))
        case Expectation(body, over, law, given):
            return Expectation(Call(function, (body,)), over, law, given)
        case Integral(over, body):
            return Integral(over, Call(function, (body,)))
        case Fold(kind, index, lower, upper, body):
            return Fold(kind, index, lower, upper, Call(function, (body,)))
        case _:
            return Call(function, (Call(function, (t,)),))


def _pushed(body: Term, over: tuple[Term, ...], law: Term | None, given: tuple[Term, ...]) -> Term:
    """An average drawn through a function or a product."""
    match body:
        case Call(function, (x,), index):
            return Call(function, (Expectation(x, over, law, given),), index)  # type: ignore[arg-type]
        case Multiply(factors):
            return Multiply(tuple(Expectation(x, over, law, given) for x in factors))  # type: ignore[arg-type]
        case Divide(above, below):
            return Divide(Expectation(above, over, law, given), Expectation(below, over, law, given))  # type: ignore[arg-type]
        case Power(base, exponent):
            return Power(Expectation(base, over, law, given), exponent)  # type: ignore[arg-type]
        case _:
            return Expectation(Negate(body), over, law, given)  # type: ignore[arg-type]
