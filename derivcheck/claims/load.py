"""Reading files of claims: safe YAML, bounded, faults with line and way out; the built-in files.

Main definitions: `load_claims`, `claims_from_text`, `file_names`, `file_text`, `UnreadableClaims`.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from derivcheck.claims.model import Claim, ClaimFile, Condition, Control, Convention, Side
from derivcheck.datasets._dataset import Dataset
from derivcheck.models._model import Config
from derivcheck.models._run import models
from derivcheck.models._settings import UnknownSetting, configured
from derivcheck.registry import declared
from derivcheck.theories.errors import TheoryFault, UnreadableTheory
from derivcheck.theories.load import LIMIT_BYTES, Path_, did_you_mean, load_yaml
from derivcheck.theories.model import keys_of

_BELOW: dict[str, type[BaseModel]] = {
    "control": Control, "given": Condition, "convention": Convention, "a": Side, "b": Side,
}  # fmt: skip


class UnreadableClaims(ValueError):
    """A file of claims that does not say what it should; its text has every fault with its line."""

    def __init__(self, *faults: TheoryFault) -> None:
        super().__init__("\n".join(str(f) for f in faults))


def load_claims(source: str) -> ClaimFile:
    """A file of claims from a path or a built-in name.

    Raises:
        UnreadableClaims: with every fault; or no such file and no such name.
    """
    if source in file_names():
        return claims_from_text(file_text(source), where=source)
    path = Path(source)
    try:
        if path.stat().st_size > LIMIT_BYTES:
            raise UnreadableClaims(TheoryFault(source, None, f"has more than {LIMIT_BYTES} bytes"))
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        hint = did_you_mean(source, list(file_names())).replace("known keys", "built in")
        raise UnreadableClaims(TheoryFault(source, None, "is neither a file nor built in", hint)) from None
    except OSError as error:
        raise UnreadableClaims(TheoryFault(source, None, f"cannot be read: {error.strerror or error}")) from error
    except UnicodeDecodeError as error:
        raise UnreadableClaims(TheoryFault(source, None, "is not UTF-8 text", "save it as UTF-8")) from error
    return claims_from_text(text, where=source)


def claims_from_text(text: str, *, where: str) -> ClaimFile:
    """Validates the text of a file of claims: keys, models, settings, data sets.

    Raises:
        UnreadableClaims: with every fault.
    """
    try:
        data, lines = load_yaml(text, where, 1)
    except UnreadableTheory as error:
        raise UnreadableClaims(*error.faults) from error
    if not isinstance(data, dict):
        raise UnreadableClaims(TheoryFault(where, 1, "is not a mapping of keys", "write `title:` and `claims:`"))
    try:
        file = ClaimFile.model_validate(data)
    except ValidationError as error:
        faults = [_fault(e, where, lines) for e in error.errors()]
    else:
        faults = [f for i, claim in enumerate(file.claims) for f in _unknown(claim, i, where, lines)]
        if not faults:
            return file
    raise UnreadableClaims(*sorted(faults, key=lambda f: f.line or 0))


def file_names() -> tuple[str, ...]:
    """The built-in files, found by walking their folder."""
    folder = resources.files("derivcheck.claims") / "files"
    return tuple(sorted(f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name.endswith(".yaml")))


def file_text(name: str) -> str:
    """A built-in file as a user could have written it."""
    return (resources.files("derivcheck.claims") / "files" / f"{name}.yaml").read_text(encoding="utf-8")


def configuration(claim: Claim, side: Side, seed: int, *, quick: bool = False) -> Config:
    """The configuration of a run for one side and seed. quick: smaller, where the claim itself does not say.

    Raises:
        UnknownSetting: the model takes no such name or value.
    """
    words = {name: str(value) for name, value in side.changes.items()}
    return configured(models()[claim.model], {**words, "seed": str(seed + side.seed_offset)}, quick=quick)


def _unknown(claim: Claim, i: int, where: str, lines: dict[Path_, int]) -> list[TheoryFault]:
    """Models, data sets and settings that there are not."""

    def at(*path: str | int) -> int | None:
        return _line(("claims", i, *path), lines)

    if claim.model not in models():
        hint = did_you_mean(claim.model, list(models())).replace("known keys", "models")
        return [TheoryFault(where, at("model"), f"no reference model `{claim.model}`", hint)]
    known: dict[str, Dataset] = dict(declared("derivcheck.datasets", "DATASET"))
    faults = list[TheoryFault]()
    if claim.reference is not None and claim.reference not in known:
        hint = did_you_mean(claim.reference, list(known)).replace("known keys", "data sets")
        faults.append(TheoryFault(where, at("reference"), f"no data set `{claim.reference}`", hint))
    for holder, path in ((claim.settings, ("settings",)), (claim.control.settings, ("control", "settings"))):
        for name, side in holder.items():
            here = at(*path, name, "changes")
            if "seed" in side.changes:
                faults.append(TheoryFault(where, here, "sets the seed", "a claim is run over `seeds`; see `seed_offset`"))
                continue
            try:
                configuration(claim, side, 0)
            except UnknownSetting as error:
                faults.append(TheoryFault(where, here, str(error)))
    return faults


def _fault(error: Any, where: str, lines: dict[Path_, int]) -> TheoryFault:
    path: Path_ = tuple(error["loc"])
    key = next((str(p) for p in reversed(path) if isinstance(p, str)), "the file")
    if error["type"] == "extra_forbidden":
        hint = did_you_mean(key, keys_of(_holder(path[:-1])))
        return TheoryFault(where, _line(path, lines), f"unknown key `{key}`", hint)
    message = str(error["msg"]).removeprefix("Value error, ")
    return TheoryFault(where, _line(path, lines), f"`{key}`: {message}")


def _holder(path: Path_) -> type[BaseModel]:
    """The model that a path's keys are of."""
    last = next((str(p) for p in reversed(path) if isinstance(p, str)), "file")
    return _BELOW.get(last, Claim if path else ClaimFile)


def _line(path: Path_, lines: dict[Path_, int]) -> int | None:
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path)
