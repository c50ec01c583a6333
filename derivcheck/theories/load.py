"""Reading theory files: safe YAML, bounded, every entry with its line, faults that say the way out.

Main definitions: `read_file`, `parse`. The result is the validated model and the line of each entry.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from derivcheck.theories.errors import TheoryFault, UnreadableTheory
from derivcheck.theories.latex import balanced
from derivcheck.theories.model import (
    INDEX,
    RANGE,
    Condition,
    Conventions,
    MomentEntry,
    OptimumEntry,
    Scope,
    TheoryFile,
    keys_of,
)

LIMIT_BYTES = 1_000_000
LIMIT_DEPTH = 24
LIMIT_ENTRIES = 20_000

Path_ = tuple[str | int, ...]

# what people write for a key, where spelling alone would not lead there
SYNONYMS = {
    "definition": "definitions",
    "define": "definitions",
    "defs": "definitions",
    "let": "definitions",
    "noise": "laws",
    "samples": "laws",
    "sampling": "laws",
    "distributions": "densities",
    "distribution": "densities",
    "joint": "densities",
    "factorisation": "densities",
    "factorization": "densities",
    "vectors": "variables",
    "random_variables": "variables",
    "scalars": "parameters",
    "constants": "parameters",
    "params": "parameters",
    "gaussians": "families",
    "family": "families",
    "alias": "aliases",
    "neural_networks": "networks",
    "markov": "chains",
    "markov_chains": "chains",
    "iid": "independent",
    "conditionally_independent": "independent",
    "optimum": "optima",
    "optimal": "optima",
    "gradient_flow": "flows",
    "dynamics": "flows",
    "time": "time_dependent",
    "schedule": "sequences",
    "symmetric": "matrices",
    "convention": "conventions",
    "constant": "conventions",
    "pack": "packs",
    "scope": "scopes",
    "question": "questions",
    "held_fixed": "fixed",
    "reparameterisation": "paths",
    "reparameterization": "paths",
    "expectation": "moments",
    "name": "title",
    "where": "for",
    "from": "after",
    "to": "until",
}


@dataclass(frozen=True)
class ReadFile:
    """A validated theory file, where it came from, and the line of each entry."""

    model: TheoryFile
    where: str
    lines: dict[Path_, int]
    text: str

    def line(self, *path: str | int) -> int | None:
        """The line of an entry, or of what holds it."""
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path[:-1]
        return None


def read_file(path: str | Path) -> ReadFile:
    """Reads and validates one theory file.

    Raises:
        UnreadableTheory: missing, too large, not YAML, unknown keys, or entries that say nothing.
    """
    where = str(path)
    try:
        raw = Path(path).read_bytes()
    except OSError as error:
        raise UnreadableTheory(
            TheoryFault(where, None, f"cannot be read: {error.strerror or error}")
        ) from error
    if len(raw) > LIMIT_BYTES:
        raise UnreadableTheory(
            TheoryFault(where, None, f"{len(raw)} bytes; a theory file has at most {LIMIT_BYTES}")
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableTheory(
            TheoryFault(where, None, "is not UTF-8 text", "save it as UTF-8")
        ) from error
    return parse(text, where=where)


def parse(text: str, *, where: str, first_line: int = 1) -> ReadFile:
    """Validates the text of a theory file; `first_line` is where it starts in its document (front matter)."""
    if len(text.encode("utf-8", "replace")) > LIMIT_BYTES:
        raise UnreadableTheory(
            TheoryFault(where, None, f"a theory has at most {LIMIT_BYTES} bytes")
        )
    data, lines = load_yaml(text, where, first_line)
    if data is None:
        data = {}
    if not isinstance(data, dict):
        raise UnreadableTheory(
            TheoryFault(
                where, first_line, "is not a mapping of keys", "write e.g. `densities: [...]`"
            )
        )
    faults = _unknown_keys(data, TheoryFile, (), where, lines)
    faults += _controls(data, (), where, lines)
    if not faults:
        try:
            model = TheoryFile.model_validate(data)
        except ValidationError as error:
            faults = [_fault(e, where, lines) for e in error.errors()]
        else:
            faults = _ranges(model, where, lines) + _brackets(data, (), where, lines)
            if not faults:
                return ReadFile(model, where, lines, text)
    raise UnreadableTheory(*sorted(faults, key=lambda f: f.line or 0))


def load_yaml(text: str, where: str, first_line: int) -> tuple[Any, dict[Path_, int]]:
    """The value of bounded YAML, and the line of each entry.

    Raises:
        UnreadableTheory: not YAML, aliases, too deep or too long, or a key twice.
    """
    try:
        _bounded(text, where, first_line)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        lines: dict[Path_, int] = {}
        if node is not None:
            _lines(node, (), lines, first_line, where)
        return yaml.safe_load(text), lines
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + first_line if mark is not None else None
        problem = str(getattr(error, "problem", None) or error).splitlines()[0]
        hint = (
            "LaTeX stands in 'single quotes' or none; in \"double quotes\" a backslash is an escape"
        )
        raise UnreadableTheory(TheoryFault(where, line, f"is not YAML: {problem}", hint)) from error
    except (ValueError, RecursionError, OverflowError) as error:
        raise UnreadableTheory(TheoryFault(where, None, f"is not YAML: {error}")) from error


def _bounded(text: str, where: str, first_line: int) -> None:
    """No aliases (they blow up), no deep nesting, no endless lists."""
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=yaml.SafeLoader), start=1):
        line = event.start_mark.line + first_line
        if isinstance(event, yaml.AliasEvent):
            raise UnreadableTheory(
                TheoryFault(where, line, "YAML aliases (*name) are not read", "write it out")
            )
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(
            event, yaml.CollectionEndEvent
        )
        if depth > LIMIT_DEPTH or count > LIMIT_ENTRIES:
            raise UnreadableTheory(
                TheoryFault(where, line, "too deep or too long for a theory file")
            )


def _lines(node: yaml.Node, path: Path_, lines: dict[Path_, int], first: int, where: str) -> None:
    lines[path] = node.start_mark.line + first
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            if name in seen:
                raise UnreadableTheory(
                    TheoryFault(
                        where,
                        key.start_mark.line + first,
                        f"`{name}` stands twice",
                        "join the two lists",
                    )
                )
            seen.add(name)
            _lines(value, (*path, name), lines, first, where)
            lines[(*path, name)] = key.start_mark.line + first
    elif isinstance(node, yaml.SequenceNode):
        for i, item in enumerate(node.value):
            _lines(item, (*path, i), lines, first, where)
    elif isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
        lines[path] += 1


def _submodel(model: type[BaseModel], key: str) -> type[BaseModel] | None:
    return {
        "scopes": Scope,
        "for": Condition,
        "use_when": Condition,
        "moments": MomentEntry,
        "optima": OptimumEntry,
    }.get(key)


def _unknown_keys(
    data: Any, model: type[BaseModel], path: Path_, where: str, lines: dict[Path_, int]
) -> list[TheoryFault]:
    if not isinstance(data, dict):
        return []
    known = keys_of(model)
    faults: list[TheoryFault] = []
    for key, value in data.items():
        here = (*path, str(key))
        if key == "conventions" and key in known:
            faults += _unknown_conventions(value, here, where, lines)
        elif key not in known:
            faults.append(
                TheoryFault(
                    where, lines.get(here), f"unknown key `{key}`", did_you_mean(str(key), known)
                )
            )
        elif (sub := _submodel(model, str(key))) is not None:
            for i, item in enumerate(value if isinstance(value, list) else [value]):
                below = (*here, i) if isinstance(value, list) else here
                faults += _unknown_keys(item, sub, below, where, lines)
    return faults


def _unknown_conventions(
    data: Any, path: Path_, where: str, lines: dict[Path_, int]
) -> list[TheoryFault]:
    known = keys_of(Conventions)
    if not isinstance(data, dict):
        return [
            TheoryFault(
                where,
                lines.get(path),
                "`conventions` is not a mapping",
                r"write `{const: free of \theta, t: 2..T-1}`",
            )
        ]
    return [
        TheoryFault(
            where,
            lines.get((*path, str(k))),
            f"unknown convention `{k}`",
            did_you_mean(str(k), known) + " (an index letter takes a range: `t: 2..T-1`)",
        )
        for k in data
        if k not in known
        and not (INDEX.match(str(k)) and (len(str(k)) == 1 or str(k).startswith("\\")))
    ]


def did_you_mean(key: str, known: list[str]) -> str:
    """`did you mean …?`, or the list of what there is."""
    word = key.lower().replace("-", "_").replace(" ", "_")
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    synonym = SYNONYMS.get(word)
    best = near[0] if near else synonym if synonym in known else None
    return f"did you mean `{best}`?" if best else f"known keys: {', '.join(known)}"


_CONTROL = re.compile(r"[\x00-\x08\x09\x0b-\x1f\x7f]")


def _controls(data: Any, path: Path_, where: str, lines: dict[Path_, int]) -> list[TheoryFault]:
    r"""A tab inside an entry is `"\tilde"` in double quotes."""
    if isinstance(data, dict):
        return [f for k, v in data.items() for f in _controls(v, (*path, str(k)), where, lines)]
    if isinstance(data, list):
        return [f for i, v in enumerate(data) for f in _controls(v, (*path, i), where, lines)]
    if isinstance(data, str) and (found := _CONTROL.search(data)):
        fact = f"a control character {found.group()!r} in an entry"
        return [
            TheoryFault(
                where,
                lines.get(path),
                fact,
                r'write LaTeX in single quotes: in "double quotes" \t and \b are escapes',
            )
        ]
    return []


def _brackets(data: Any, path: Path_, where: str, lines: dict[Path_, int]) -> list[TheoryFault]:
    """Round brackets that do not close, in any entry of mathematics."""
    if isinstance(data, dict):
        return [f for k, v in data.items() if k not in ("for", "use_when", "title", "functions", "sequences", "parameters", "variables", "networks")
                for f in _brackets(v, (*path, str(k)), where, lines)]  # fmt: skip
    if isinstance(data, list):
        return [f for i, v in enumerate(data) for f in _brackets(v, (*path, i), where, lines)]
    if isinstance(data, str) and not balanced(data):
        return [TheoryFault(where, lines.get(path), f"brackets do not close in `{data}`")]
    return []


def _ranges(model: TheoryFile, where: str, lines: dict[Path_, int]) -> list[TheoryFault]:
    faults: list[TheoryFault] = []

    def walk(part: TheoryFile | Scope, path: Path_) -> None:
        if part.conventions is not None:
            for name, written in part.conventions.indices.items():
                if not RANGE.match(written):
                    at = lines.get((*path, "conventions", name))
                    faults.append(
                        TheoryFault(
                            where,
                            at,
                            f"`{name}: {written}` is not a range",
                            f"write `{name}: 2..T-1`",
                        )
                    )
        for i, scope in enumerate(part.scopes):
            walk(scope, (*path, "scopes", i))

    walk(model, ())
    return faults


def _fault(error: Any, where: str, lines: dict[Path_, int]) -> TheoryFault:
    path: Path_ = tuple(p for p in error["loc"])
    while path and path not in lines:
        path = path[:-1]
    key = next((p for p in reversed(path) if isinstance(p, str)), "the file")
    message = error["msg"].removeprefix("Value error, ")
    return TheoryFault(where, lines.get(path), f"`{key}`: {message}", _way_out(error["type"]))


def _way_out(kind: str) -> str:
    if kind == "string_type":
        return "an entry is one line of LaTeX; quote it if it holds `: `, `{` or `#`"
    return "a list of LaTeX entries is expected" if kind == "list_type" else ""
