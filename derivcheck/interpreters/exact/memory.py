r"""What a world has evaluated: kept for the relation at hand and the one before it, whose row the next one continues.

Main definitions: `Memory`, `Aged`. Values on large grids are kept only while the expectation that made the
grid is evaluated.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Generic, TypeVar, final

if TYPE_CHECKING:
    from derivcheck.interpreters.exact.quadrature import Binding
    from derivcheck.interpreters.exact.values import Value

LARGE = 1 << 15  # numbers in a value that is not kept beyond its expectation

Kept = TypeVar("Kept")


@final
class Aged(Generic[Kept]):
    """A dictionary that forgets what was not looked up since it aged last."""

    def __init__(self) -> None:
        """Empty."""
        self.new: dict[object, Kept] = {}
        self.old: dict[object, Kept] = {}

    def get(self, at: object) -> Kept | None:
        """What is kept here."""
        found = self.new.get(at)
        if found is None and self.old:
            found = self.old.pop(at, None)
            if found is not None:
                self.new[at] = found
        return found


@final
class Memory:
    """Values of terms by bindings, for one way of looking at a relation.

    unbound: the names without a declaration that a value was found with. bindings: variables that a law
    bound, so that two terms under one law share their nodes and what was evaluated on them.
    """

    def __init__(self) -> None:
        """Nothing is known yet."""
        self.values: Aged[Value] = Aged()
        self.unbound: dict[object, frozenset[str]] = {}
        self.bindings: Aged[Binding] = Aged()
        self._large: list[object] = []
        self._graphs: list[object] = []

    def put(self, at: object, v: Value) -> None:
        """Keep a value; a large one until the scope ends."""
        self.values.new[at] = v
        if v.data.numel() > LARGE:
            self._large.append(at)
        if v.data.requires_grad:
            self._graphs.append(at)

    @contextmanager
    def scope(self) -> Generator[None]:
        """Drop what is large and was found in here."""
        start = len(self._large)
        try:
            yield
        finally:
            for at in self._large[start:]:
                self.values.new.pop(at, None)
            del self._large[start:]

    def age(self) -> None:
        """Drop what the last relation did not look at, and graphs of derivatives."""
        values = self.values
        for at in self._graphs:
            values.new.pop(at, None)
        values.old, values.new = values.new, {}
        if self.unbound:
            self.unbound = {at: names for at, names in self.unbound.items() if at in values.old}
        self._graphs.clear()
        self.bindings.old, self.bindings.new = self.bindings.new, {}
        self._large.clear()
