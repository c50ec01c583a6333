r"""Where two terms differ, as small as it can be said.

Main definitions: `differences`: pairs (as it stands, as it should read); None where nothing stands.
"""

from __future__ import annotations

from derivcheck.terms.term import Add, Multiply, Negate, Node, Symbol, Term

Pair = tuple[Term | None, Term | None]
FEW = 5


def differences(old: Term, new: Term) -> list[Pair]:
    """The smallest parts that differ, each pair once; the whole terms if there would be many."""
    found = list(dict.fromkeys(_parts(old, new)))
    return found if 0 < len(found) <= FEW else [(old, new)]


def _parts(old: Term, new: Term) -> list[Pair]:
    if old == new:
        return []
    if type(old) is not type(new) or isinstance(old, Symbol) or not _same_frame(old, new):
        return [(old, new)]
    if isinstance(old, Add | Multiply):
        return _run(old, new)
    if len(old.children) > 1 and sorted(map(hash, old.children)) == sorted(map(hash, new.children)):
        return [(old, new)]  # swapped
    below = [(a, b) for a, b in zip(old.children, new.children, strict=True) if a != b]
    return [p for a, b in below for p in _parts(a, b)]


def _same_frame(old: Term, new: Term) -> bool:
    """Whether all but the terms below is the same."""
    if isinstance(old, Add | Multiply):
        return True
    if len(old.children) != len(new.children):
        return False
    return all(_plain(getattr(old, name)) == _plain(getattr(new, name)) for name in old.parts)


def _plain(value: object) -> object:
    if isinstance(value, Node):
        return "a term"
    if isinstance(value, tuple):
        return tuple(_plain(x) for x in value)  # type: ignore[misc]
    return value


def _run(old: Term, new: Term) -> list[Pair]:
    """The stretch of summands or factors that differs."""
    a, b = old.children, new.children
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    end = 0
    while end < min(len(a), len(b)) - start and a[len(a) - 1 - end] == b[len(b) - 1 - end]:
        end += 1
    x, y = a[start : len(a) - end], b[start : len(b) - end]
    if isinstance(old, Add) and len(x) == len(y):
        return [p for s, t in zip(x, y, strict=True) for p in _parts(s, t)]
    if len(x) == len(y) == 1:
        return _parts(x[0], y[0])
    if isinstance(old, Multiply) and not (x and y):
        return [(old, new)]
    kind = type(old)
    return [tuple(_joined(kind, part) for part in (x, y))]  # type: ignore[list-item]


def _joined(kind: type, parts: tuple[Term, ...]) -> Term | None:
    if not parts:
        return None
    if len(parts) == 1:
        return parts[0]
    return kind(parts)


def is_sign_flip(old: Term | None, new: Term | None) -> bool:
    """Whether the two differ in their sign alone."""
    return (isinstance(old, Negate) and old.body == new) or (
        isinstance(new, Negate) and new.body == old
    )
