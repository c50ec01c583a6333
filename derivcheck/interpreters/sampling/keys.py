r"""Ground variables: `x@3` is the variable x_3, `x` the variable x; index terms as integers.

Main definitions: `integer`, `key_of`, `keys_of`, `symbol_at`, `fitted`.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from derivcheck.interpreters.sampling.drawn import CannotSample
from derivcheck.terms.instance import Captured, instance
from derivcheck.terms.term import Add, Multiply, Negate, Number, Symbol, SymbolRange, Term

Indices = Mapping[str, int]


def rational(t: Term, indices: Indices) -> Fraction:
    """The value of an index term."""
    match t:
        case Number(value):
            return value
        case Symbol(name, ()) if name in indices:
            return Fraction(indices[name])
        case Add(terms):
            return sum((rational(x, indices) for x in terms), Fraction(0))
        case Negate(body):
            return -rational(body, indices)
        case Multiply(factors):
            out = Fraction(1)
            for x in factors:
                out *= rational(x, indices)
            return out
        case _:
            raise CannotSample("an index has no value")


def integer(t: Term, indices: Indices) -> int:
    """The integer that an index term is worth.

    Raises:
        CannotSample: it has none.
    """
    value = rational(t, indices)
    if value.denominator != 1:
        raise CannotSample(f"the index {value} is no integer")
    return int(value)


def placed_index(t: Term, indices: Indices) -> Term:
    """An index as a number, or a label as it is (`x_i` where i counts nothing)."""
    if isinstance(t, Symbol) and not t.index and t.name not in indices:
        return t
    return Number(Fraction(integer(t, indices)))


def key_of(symbol: Symbol) -> str:
    """The key of a symbol whose indices are numbers or labels."""
    if not symbol.index:
        return symbol.name
    parts: list[str] = []
    for i in symbol.index:
        if isinstance(i, Number):
            parts.append(str(i.value))
        elif isinstance(i, Symbol):
            parts.append(i.name)
        else:
            raise CannotSample("an index has no value")
    return f"{symbol.name}@{','.join(parts)}"


def keys_of(t: Term) -> tuple[str, ...]:
    """The keys that a variable or a run of variables names."""
    match t:
        case Symbol():
            return (key_of(t),)
        case SymbolRange(name, Number(low), Number(high)):
            return tuple(f"{name}@{i}" for i in range(int(low), int(high) + 1))
        case _:
            raise CannotSample("something that is no variable stands where a variable is needed")


def base(key: str) -> str:
    """The name behind a key."""
    return key.partition("@")[0]


def symbol_at(key: str) -> Symbol:
    """The symbol that a key stands for."""
    name, _, index = key.partition("@")
    if not index:
        return Symbol(name)
    return Symbol(name, tuple(Number(Fraction(i)) if i.lstrip("-").isdigit() else Symbol(i) for i in index.split(",")))


def fitted(pattern: tuple[Term, ...], given: tuple[Term, ...], fixed: Indices) -> dict[str, int] | None:
    """The values of the pattern's letters that make it equal ground indices; None if none do.

    fixed: letters that are constants (`T`). A letter stands with slope ±1, as in `t-1`.
    """
    if len(pattern) != len(given):
        return None
    found: dict[str, int] = {}
    for p, g in zip(pattern, given, strict=True):
        letters = p.names - fixed.keys()
        if not isinstance(g, Number):
            if p == g:
                continue
            return None
        try:
            if not letters:
                if rational(p, fixed) != g.value:
                    return None
                continue
            if len(letters) > 1:
                return None
            (letter,) = letters
            at_0, at_1 = (rational(p, {**fixed, letter: k}) for k in (0, 1))
        except CannotSample:
            return None
        if at_1 == at_0:
            return None
        solved = (g.value - at_0) / (at_1 - at_0)
        if solved.denominator != 1 or found.setdefault(letter, int(solved)) != solved:
            return None
    return found


def lettered(t: Term, letters: Indices) -> Term:
    """A declaration's term where its letters have values."""
    try:
        return instance(t, {Symbol(k): Number(Fraction(v)) for k, v in letters.items()})
    except Captured:
        raise CannotSample("a declaration uses its letter twice") from None
