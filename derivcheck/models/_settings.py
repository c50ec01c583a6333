"""From words to a configuration: `weight=30` by the names and types of a model's settings.

Main definitions: `configured`, `UnknownSetting`.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, Literal, get_args, get_origin, get_type_hints

from derivcheck.models._model import Config, Model


class UnknownSetting(ValueError):
    """A model has no such setting, or the value is none that it takes."""


def configured(model: Model, words: Mapping[str, str], *, quick: bool = False) -> Config:
    """The model's configuration with settings given as words.

    Raises:
        UnknownSetting: a name or a value that the model does not take.
    """
    kinds = get_type_hints(model.config)
    known = [f.name for f in fields(model.config)]
    changes: dict[str, Any] = dict(model.quick) if quick else {}
    for name, word in words.items():
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"; did you mean {near[0]}?" if near else f"; it has {', '.join(known)}"
            raise UnknownSetting(f"{model.title} has no setting {name}{hint}")
        changes[name] = _value(name, word, kinds[name])
    if "slip" in changes and changes["slip"] not in {None, *_slips(model)}:
        raise UnknownSetting(f"there is no slip {changes['slip']!r}; there are {', '.join(_slips(model))}")
    return replace(model.config(), **changes)


def _slips(model: Model) -> list[str]:
    return [c.changes["slip"] for c in model.controls.values() if "slip" in c.changes]


def _value(name: str, word: str, kind: Any) -> Any:
    if get_origin(kind) is Literal:
        if word in get_args(kind):
            return word
        raise UnknownSetting(f"{name} is one of {', '.join(map(str, get_args(kind)))}, not {word!r}")
    if kind is bool:
        if word.lower() in {"true", "yes", "1", "false", "no", "0"}:
            return word.lower() in {"true", "yes", "1"}
        raise UnknownSetting(f"{name} is true or false, not {word!r}")
    plain = next((k for k in (int, float) if k is kind), str)
    try:
        return plain(word)
    except ValueError:
        raise UnknownSetting(f"{name} is a number, not {word!r}") from None
