"""Text whose every character knows the stretch of the source that it came from."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@final
@dataclass(frozen=True)
class Mapped:
    """`text[i]` came from source[starts[i]:ends[i]]; a macro's body from the whole call."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    @staticmethod
    def identity(text: str, offset: int = 0) -> Mapped:
        """Text that stands in the source as it is, from `offset` on."""
        stop = offset + len(text)
        return Mapped(text, range(offset, stop), range(offset + 1, stop + 1))

    @staticmethod
    def joined(parts: Iterable[Mapped]) -> Mapped:
        """Several pieces one after the other."""
        pieces = [p for p in parts if p.text]
        if len(pieces) == 1:
            return pieces[0]
        starts: array[int] = array("q")
        ends: array[int] = array("q")
        for piece in pieces:
            starts.extend(piece.starts)
            ends.extend(piece.ends)
        return Mapped("".join(p.text for p in pieces), starts, ends)

    @property
    def is_identity(self) -> bool:
        """Whether the text is one untouched stretch of the source."""
        return isinstance(self.starts, range)

    def __len__(self) -> int:
        return len(self.text)

    def slice(self, start: int, stop: int) -> Mapped:
        """The part from start to stop."""
        return Mapped(self.text[start:stop], self.starts[start:stop], self.ends[start:stop])

    def replaced(self, start: int, stop: int, text: str) -> Mapped:
        """New text in the place of [start, stop): each character maps to that whole stretch."""
        first, last = self.stretch(start, stop)
        count = len(text)
        return Mapped(text, array("q", [first]) * count, array("q", [last]) * count)

    def stretch(self, start: int, stop: int) -> tuple[int, int]:
        """The stretch of the source that [start, stop) came from."""
        if stop <= start:
            at = (
                self.starts[start]
                if start < len(self.starts)
                else (self.ends[-1] if self.ends else 0)
            )
            return at, at
        if self.is_identity:
            return self.starts[start], self.ends[stop - 1]
        return min(self.starts[start:stop]), max(self.ends[start:stop])

    def runs(self, start: int, stop: int) -> list[tuple[int, int]]:
        """Stretches of the source, in order and disjoint, that [start, stop) came from."""
        if stop <= start:
            return []
        if self.is_identity:
            return [(self.starts[start], self.ends[stop - 1])]
        spans = sorted(set(zip(self.starts[start:stop], self.ends[start:stop], strict=True)))
        merged = [spans[0]]
        for first, last in spans[1:]:
            if first <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
            else:
                merged.append((first, last))
        return merged


def without(mapped: Mapped, cuts: Sequence[tuple[int, int]]) -> Mapped:
    """The text with these stretches cut out; cuts are in order and disjoint."""
    if not cuts:
        return mapped
    parts: list[Mapped] = []
    at = 0
    for start, stop in cuts:
        parts.append(mapped.slice(at, start))
        at = stop
    parts.append(mapped.slice(at, len(mapped)))
    return Mapped.joined(parts) if any(p.text for p in parts) else mapped.slice(0, 0)
