"""Finds what the files of a room declare: one file, one declaration, no list to keep.

Main definitions: `declared`.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@cache
def declared(room: str, attribute: str) -> Mapping[str, Any]:
    """What each file of a room declares, by the file's name, in alphabetical order.

    `declared("derivcheck.notation.ways", "NOTATION")` imports every module directly in that package.
    Files whose names begin with an underscore are machinery and declare nothing.

    Raises:
        LookupError: a file lacks the declaration.
    """
    package = importlib.import_module(room)
    found: dict[str, Any] = {}
    for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda m: m.name):
        if module.name.startswith("_") or module.ispkg:
            continue
        loaded = importlib.import_module(f"{room}.{module.name}")
        if not hasattr(loaded, attribute):
            raise LookupError(f"{room}.{module.name} declares no {attribute}")
        found[module.name] = getattr(loaded, attribute)
    return MappingProxyType(found)
