"""Which brackets match: only a matched pair hides a sign."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derivcheck.syntax.tokens import Tokens


def hidden(tokens: Tokens, indices: Sequence[int]) -> list[bool]:
    """For every token, whether it stands inside braces, an environment or a matched bracket pair."""
    pairs = bracket_pairs(tokens, indices)
    result: list[bool] = []
    inside = 0
    closing = set(pairs.values())
    for i in indices:
        if i in closing:
            inside -= 1
        result.append(inside > 0 or tokens.depth[i] > 0)
        if i in pairs:
            inside += 1
    return result


def bracket_pairs(tokens: Tokens, indices: Sequence[int]) -> dict[int, int]:
    """Opening to closing bracket, at depth 0 of braces.

    A closing bracket takes the nearest open one of its kind and leaves those between unmatched,
    except that `(a, b]` is an interval.
    """
    stack: list[int] = []
    waiting: dict[str, int] = {}
    pairs: dict[int, int] = {}
    items = tokens.items
    for i in indices:
        token = items[i]
        if tokens.depth[i]:
            continue
        if token.kind == "open":
            stack.append(i)
            waiting[token.value] = waiting.get(token.value, 0) + 1
        elif token.kind == "close":
            if not waiting.get(token.value):
                if stack and _interval(tokens, stack[-1], i):
                    waiting[items[stack[-1]].value] -= 1
                    pairs[stack.pop()] = i
                continue
            while True:
                top = stack.pop()
                waiting[items[top].value] -= 1
                if items[top].value == token.value:
                    pairs[top] = i
                    break
    return pairs


def _interval(tokens: Tokens, first: int, last: int) -> bool:
    """`(0,1]`: brackets of different kinds around two short things with one comma."""
    inside = [t for t in tokens.items[first + 1 : min(last, first + 16)] if t.kind != "space"]
    return (
        last - first < 16
        and sum(t.kind == "comma" for t in inside) == 1
        and not any(t.kind == "sign" for t in inside)
        and {tokens.items[first].value, tokens.items[last].value} == {"(", "["}
    )
