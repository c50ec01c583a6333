"""derivcheck: every relation of a derivation gets a verdict with evidence.

Main definitions: `check`, `explain`, `replay`. Why: they are fetched on first use, so that
`import derivcheck` (a pytest plugin does it at every start) loads neither torch nor SymPy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from derivcheck.pipeline import check as check
    from derivcheck.pipeline import explain as explain
    from derivcheck.pipeline import replay as replay
    from derivcheck.verdicts.options import Options as Options
    from derivcheck.verdicts.result import Report as Report

__version__ = "0.1.0"

_HOMES = {
    "check": "derivcheck.pipeline",
    "explain": "derivcheck.pipeline",
    "replay": "derivcheck.pipeline",
    "Options": "derivcheck.verdicts.options",
    "Report": "derivcheck.verdicts.result",
}

__all__ = ["Options", "Report", "__version__", "check", "explain", "replay"]


def __getattr__(name: str) -> Any:
    """Fetch a public name from the room that defines it."""
    if name not in _HOMES:
        message = f"module 'derivcheck' has no attribute {name!r}; it offers {', '.join(__all__)}"
        raise AttributeError(message)
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
