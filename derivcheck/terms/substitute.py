"""Replacing sub-terms: definitions at their use, edits for suggestions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
        new = tuple(_rebuilt(item, f) for item in old)  # type: ignore[misc]
        return new if any(a is not b for a, b in zip(old, new, strict=True)) else old  # type: ignore[arg-type]
    return old


def substitute(t: Term, terms: Mapping[Term, Term], densities: Mapping[str, str]) -> Term:
    """t with whole sub-terms replaced (outermost first) and densities and functions renamed."""

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
    position = -1

    def step(child: Term) -> Term:
        nonlocal position
        position += 1
        return replace_at(child, path[1:], new, above) if position == path[0] else child

    return above(rebuild(t, step))


def subterms(t: Term) -> list[tuple[tuple[int, ...], Term]]:
    """Every sub-term with its path, outermost first."""
    out: list[tuple[tuple[int, ...], Term]] = []
    stack: list[tuple[tuple[int, ...], Term]] = [((), t)]
    while stack:
        path, node = stack.pop()
        out.append((path, node))
        stack.extend(((*path, i), c) for i, c in reversed(list(enumerate(node.children))))
    return out


def calls(t: Term) -> frozenset[str]:
    """Names of functions applied in t."""
    own = {t.function} if isinstance(t, Call) else set[str]()
    return frozenset(own.union(*(calls(c) for c in t.children)))
