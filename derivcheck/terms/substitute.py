"""Replacing sub-terms: definitions at their use, edits for suggestions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from derivcheck.terms.term import Call, Density, Node, Symbol, Term


def rebuild(t: Term, f: Callable[[Term], Term]) -> Term:
    """The same kind of term with every child replaced by f(child)."""
    changed = False
    values: list[Any] = []
    for name in t.parts:
        old = getattr(t, name)
        new = _rebuilt(old, f)
        changed = changed or new is not old
        values.append(new)
    return type(t)(*values) if changed else t


def _rebuilt(old: Any, f: Callable[[Term], Term]) -> Any:
    if isinstance(old, Node):
        return f(old)  # type: ignore[arg-type]
    if isinstance(old, tuple) and old:
        new = [f(item) if isinstance(item, Node) else _rebuilt(item, f) for item in old]  # type: ignore[misc,arg-type]
        for a, b in zip(old, new, strict=True):  # type: ignore[arg-type]
            if a is not b:
                return tuple(new)
    return old


def substitute(t: Term, terms: Mapping[Term, Term], densities: Mapping[str, str]) -> Term:
    """t with whole sub-terms replaced (outermost first) and densities and functions renamed."""
    return _substituted(t, tuple(terms.items()), tuple(densities.items()))


@lru_cache(maxsize=4096)
def _substituted(t: Term, replaced: tuple[tuple[Term, Term], ...], renamed: tuple[tuple[str, str], ...]) -> Term:
    terms, densities = dict(replaced), dict(renamed)

    def go(node: Term) -> Term:
        if node in terms:
            return terms[node]
        new = rebuild(node, go)
        if isinstance(new, Density) and new.name in densities:
            return Density(densities[new.name], new.event, new.given, new.index)
        if isinstance(new, Call) and new.function in densities:
            return Call(densities[new.function], new.arguments, new.index)
        if isinstance(new, Symbol) and not new.index and new.name in densities:
            return Density(densities[new.name])
        return new

    return go(t)


def renamed(t: Term, names: Mapping[str, str]) -> Term:
    """t with densities, functions and symbols under other names."""

    def go(node: Term) -> Term:
        new = rebuild(node, go)
        if isinstance(new, Density) and new.name in names:
            return Density(names[new.name], new.event, new.given, new.index)
        if isinstance(new, Call) and new.function in names:
            return Call(names[new.function], new.arguments, new.index)
        if isinstance(new, Symbol) and new.name in names:
            return Symbol(names[new.name], new.index)
        return new

    return go(t) if names else t


def replace_at(
    t: Term, path: tuple[int, ...], new: Term, above: Callable[[Term], Term] = lambda t: t
) -> Term:
    """t with the sub-term at `path` (positions among `children`) replaced; `above` tidies those around it."""
    if not path:
        return new
    return above(_with_child(t, path[0], replace_at(t.children[path[0]], path[1:], new, above)))


def _with_child(t: Term, position: int, new: Term) -> Term:
    """t with one of its children replaced."""
    values: list[Any] = [getattr(t, name) for name in t.parts]
    for i, value in enumerate(values):
        n = _count(value)
        if position < n:
            values[i] = _put(value, position, new)
            break
        position -= n
    return type(t)(*values)


def _count(value: Any) -> int:
    """How many terms a field holds."""
    if isinstance(value, Node):
        return 1
    return sum([_count(item) for item in value]) if isinstance(value, tuple) else 0  # type: ignore[misc]


def _put(value: Any, position: int, new: Term) -> Any:
    """A field with the term at this position replaced."""
    if not isinstance(value, tuple):
        return new
    out: list[Any] = list(value)  # type: ignore[misc]
    for i, item in enumerate(out):
        n = _count(item)
        if position < n:
            out[i] = _put(item, position, new)
            break
        position -= n
    return tuple(out)


@lru_cache(maxsize=4096)
def subterms(t: Term) -> tuple[tuple[tuple[int, ...], Term], ...]:
    """Every sub-term with its path, outermost first."""
    out: list[tuple[tuple[int, ...], Term]] = []
    stack: list[tuple[tuple[int, ...], Term]] = [((), t)]
    while stack:
        path, node = stack.pop()
        out.append((path, node))
        stack.extend(((*path, i), c) for i, c in reversed(list(enumerate(node.children))))
    return tuple(out)


@lru_cache(maxsize=4096)
def calls(t: Term) -> frozenset[str]:
    """Names of functions applied in t."""
    own = {t.function} if isinstance(t, Call) else set[str]()
    return frozenset(own.union(*(calls(c) for c in t.children)))
