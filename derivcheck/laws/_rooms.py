"""All laws, found by walking the rooms below."""

from __future__ import annotations

import pkgutil
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

import derivcheck.laws
from derivcheck.registry import declared

if TYPE_CHECKING:
    from collections.abc import Mapping

    from derivcheck.laws._law import Law


@cache
def all_laws() -> Mapping[str, Law]:
    """Every law by its name (its file's), in the order of rooms and names.

    Raises:
        LookupError: a file declares no law, or two laws share a name.
    """
    found: dict[str, Law] = {}
    for room in sorted(m.name for m in pkgutil.iter_modules(derivcheck.laws.__path__) if m.ispkg):
        for name, law in declared(f"derivcheck.laws.{room}", "LAW").items():
            if name in found:
                raise LookupError(f"two laws are named {name}")
            found[name] = law
    return MappingProxyType(found)
