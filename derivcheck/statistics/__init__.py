"""Verdicts from samples: claims with a tolerance, sequential looks, both error rates bounded.

Why: a fixed-sample test has no power statement and a test that stops when it likes what it sees has no level.
Looks at ever twice as many draws spend alpha geometrically (the last look has half of it), so a gross error stops at
the first look and a true claim costs little more than one fixed test. No torch here.
Main definitions: `check`, `min_discrepancy`, `min_num_samples`, fetched on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from derivcheck.statistics.sequential import check as check
    from derivcheck.statistics.sequential import min_discrepancy as min_discrepancy
    from derivcheck.statistics.sequential import min_num_samples as min_num_samples

__all__ = ["check", "min_discrepancy", "min_num_samples"]


def __getattr__(name: str) -> Any:
    """Fetch a public name from the file that defines it."""
    if name not in __all__:
        raise AttributeError(f"module 'derivcheck.statistics' has no attribute {name!r}; it offers {', '.join(__all__)}")
    return getattr(import_module("derivcheck.statistics.sequential"), name)


def __dir__() -> list[str]:
    return __all__
