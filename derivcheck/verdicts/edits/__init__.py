"""Slips that people make, one kind a file: what a wrong part might have been meant to be.

Each file declares EDIT, found by walking the room. An edit proposes terms for one place; whether one of
them makes the relation hold is decided on the worlds (`derivcheck.verdicts.suggest`), never here.
"""

from __future__ import annotations

from functools import cache

from derivcheck.registry import declared
from derivcheck.verdicts.edits._edit import Edit


@cache
def all_edits() -> tuple[Edit, ...]:
    """The edits of this room, the most plausible first."""
    found: tuple[Edit, ...] = tuple(declared("derivcheck.verdicts.edits", "EDIT").values())
    return tuple(sorted(found, key=lambda e: (e.cost, e.rank, e.kind, e.what)))
