r"""Ground keys: `x@3` is the variable x_3, `x` the variable x."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from derivcheck.interpreters.exact.indices import integer
from derivcheck.interpreters.exact.values import Untyped
from derivcheck.terms.term import Number, Symbol, SymbolRange, Term


@lru_cache(maxsize=65536)
def base_name(key: str) -> str:
    """The name behind a ground key (`x@3` -> `x`) or behind an open constant's (`?const#0` -> `const`)."""
    return key[1:].partition("#")[0] if key[0] == "?" else key.partition("@")[0]


def shown(key: str) -> str:
    """A ground key as a reader writes it."""
    name, _, index = key.partition("@")
    return f"{name}_{{{index}}}" if index else name


@lru_cache(maxsize=4096)
def symbol_at(key: str) -> Symbol:
    """The symbol that a ground key stands for; an index that is no integer is a label."""
    name, _, index = key.partition("@")
    if not index:
        return Symbol(name)
    return Symbol(name, (Number(Fraction(int(index))),) if is_integer(index) else (Symbol(index),))


def is_integer(index: str) -> bool:
    """Whether the index of a key is an integer."""
    return index.lstrip("-").isdigit()


def key_of(symbol: Symbol, indices: dict[str, int]) -> str:
    """The ground key of a symbol: `x_3`, or `x`."""
    if not symbol.index:
        return symbol.name
    parts: list[str] = []
    for i in symbol.index:
        if isinstance(i, Symbol) and not i.index and i.name not in indices:
            parts.append(i.name)
        else:
            parts.append(str(integer(i, indices)))
    return f"{symbol.name}@{','.join(parts)}"


def keys_of(t: Term, indices: dict[str, int]) -> tuple[str, ...]:
    """The ground keys that a variable or a run of variables names."""
    match t:
        case Symbol():
            return (key_of(t, indices),)
        case SymbolRange(name, lower, upper):
            return tuple(
                f"{name}@{i}" for i in range(integer(lower, indices), integer(upper, indices) + 1)
            )
        case _:
            raise Untyped("something other than a variable stands where a variable is needed")
