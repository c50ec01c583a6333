"""From a validated theory file to layers of declarations.

Main definitions: `load_theory` (a file or a pack's name), `front_matter_theory`, `theory_from_text`,
`pack_names`, `pack_text`, `chosen_packs`.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from functools import lru_cache, partial
from importlib import resources
from pathlib import Path

from derivcheck.terms.signature import Origin
from derivcheck.theories.errors import TheoryFault, UnreadableTheory
from derivcheck.theories.latex import membership, split_list, without_dollars
from derivcheck.theories.load import ReadFile, did_you_mean, parse, read_file
from derivcheck.theories.model import (
    RANGE,
    Condition,
    Conventions,
    Scope,
    Statements,
    TheoryFile,
    keys_of,
)
from derivcheck.theories.theory import Declaration, Kind, Layer, Theory, Where, question_path

# the kinds whose entries are plain LaTeX
PLAIN: tuple[Kind, ...] = (
    "variables", "densities", "chains", "independent", "families", "laws", "paths", "sequences", "parameters", "functions",
    "networks", "matrices", "time_dependent", "fixed", "definitions", "aliases", "flows",
)  # fmt: skip


def load_theory(source: str | Path) -> Theory:
    """A theory from a file's path or a pack's name.

    Raises:
        UnreadableTheory: with every fault of the file; or no such file and no such pack.
    """
    if isinstance(source, str) and source in pack_names():
        return _pack(source, ())
    if not Path(source).exists():
        hint = did_you_mean(str(source), list(pack_names()))
        raise UnreadableTheory(
            TheoryFault(
                str(source),
                None,
                "is neither a file nor a pack",
                hint.replace("known keys", "packs"),
            )
        )
    return theory_of(read_file(source))


def theory_from_text(text: str, *, where: str, first_line: int = 1) -> Theory:
    """A theory from text, such as a document's front matter.

    Raises:
        UnreadableTheory: with every fault.
    """
    return theory_of(parse(text, where=where, first_line=first_line))


def front_matter_theory(front_matter: str, *, where: str) -> Theory | None:
    """The theory that a document's front matter declares, or None.

    Either below the key `theory` (a mapping as in a theory file, or the names of packs), beside which all
    other keys are the page's own, or as the front matter itself.

    Raises:
        UnreadableTheory: with every fault.
    """
    lines = front_matter.splitlines()
    start = next((i for i, line in enumerate(lines) if re.match(r"theory\s*:", line)), None)
    if start is None:
        return theory_from_text(front_matter, where=where, first_line=2) if speaks_of_theory(front_matter) else None
    named = lines[start].partition(":")[2].split(" #")[0].strip()
    if named:
        packs = named if named.startswith("[") else f"[{named}]"
        return theory_from_text("\n" * start + f"packs: {packs}", where=where, first_line=2)
    end = next((i for i in range(start + 1, len(lines)) if re.match(r"[^\s#-]", lines[i])), len(lines))
    block = textwrap.dedent("\n".join(lines[start + 1 : end]))
    if block.lstrip().startswith("- "):
        block = "packs:\n" + block
        start -= 1
    return theory_from_text("\n" * (start + 1) + block, where=where, first_line=2)  # faults name the document's own lines


def speaks_of_theory(front_matter: str) -> bool:
    """Whether a document's front matter declares anything; a page's `layout:` and `tags:` do not."""
    keys = set(re.findall(r"^([A-Za-z_][\w-]*)\s*:", front_matter, re.MULTILINE))
    return bool(keys & (set(keys_of(TheoryFile)) - {"title"}))


def theory_of(read: ReadFile) -> Theory:
    """The layers of a declared theory file and of the packs it names."""
    layers, packs = _layers(read, read.model, (), (), "declared", 0)
    return Theory(tuple(layers), packs=tuple(dict.fromkeys(packs)))


@lru_cache(maxsize=1)
def pack_names() -> tuple[str, ...]:
    """The built-in packs, found by walking their folder."""
    folder = resources.files("derivcheck.theories") / "packs"
    return tuple(
        sorted(f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name.endswith(".yaml"))
    )


def pack_text(name: str) -> str:
    """A pack as the file that a user could have written."""
    return (resources.files("derivcheck.theories") / "packs" / f"{name}.yaml").read_text(
        encoding="utf-8"
    )


@lru_cache(maxsize=32)
def read_pack(name: str) -> ReadFile:
    """A pack, validated."""
    return parse(pack_text(name), where=name)


def chosen_packs(question_text: str) -> tuple[str, ...]:
    """The packs that fit what a question's text uses."""
    found: list[str] = []
    for name in pack_names():
        condition = read_pack(name).model.use_when
        if condition is not None and where_of(condition).fits(question_text):
            found.append(name)
    return tuple(found)


def packs_for(question: str, question_text: str) -> Theory:
    """The chosen packs of one question, holding there only."""
    names = chosen_packs(question_text)
    here = (Where(exactly=question),)
    made = Theory()
    for name in names:
        made = made.joined(_pack(name, here))
    return made


def _pack(name: str, where: tuple[Where, ...]) -> Theory:
    read = read_pack(name)
    layers, _ = _layers(read, read.model, where, (), "pack", 0)
    return Theory(tuple(layers), packs=(name,))


def where_of(condition: Condition) -> Where:
    """A scope's condition, as the layers use it."""
    return Where(
        tuple(condition.questions), condition.after, condition.until,
        tuple(condition.uses), tuple(condition.uses_all), tuple(condition.not_uses),
    )  # fmt: skip


def _layers(
    read: ReadFile,
    part: Statements,
    where: tuple[Where, ...],
    path: tuple[str | int, ...],
    strength: str,
    nesting: int,
) -> tuple[list[Layer], list[str]]:
    own = Layer(
        "declared" if strength == "declared" else "pack",
        _depth(where, nesting),
        where,
        tuple(_declarations(read, part, path, strength)),
    )
    layers = [own] if own.declarations else []
    packs = list(part.packs)
    for i, name in enumerate(packs):
        layers += _named_pack(name, where, read, (*path, "packs", i))
    for i, scope in enumerate(getattr(part, "scopes", [])):
        assert isinstance(scope, Scope)
        inner, more = _layers(
            read, scope, (*where, where_of(scope.for_)), (*path, "scopes", i), strength, nesting + 1
        )
        layers += inner
        packs += more
    return layers, packs


def _named_pack(
    name: str, where: tuple[Where, ...], read: ReadFile, path: tuple[str | int, ...]
) -> tuple[Layer, ...]:
    if name not in pack_names():
        hint = did_you_mean(name, list(pack_names())).replace("known keys", "packs")
        raise UnreadableTheory(TheoryFault(read.where, read.line(*path), f"no pack `{name}`", hint))
    return _pack(name, where).layers


def _depth(where: tuple[Where, ...], nesting: int) -> int:
    """Inner beats outer: nesting first, then how precise the question is, then a stretch of the text."""
    inner = where[-1] if where and nesting else Where()
    question = max((len(question_path(q)) for q in inner.questions), default=0)
    return (
        nesting * 100
        + min(question, 9) * 10
        + (inner.after is not None)
        + (inner.until is not None)
    )


def _declarations(
    read: ReadFile, part: Statements, path: tuple[str | int, ...], strength: str
) -> list[Declaration]:
    found: list[Declaration] = []

    def origin(key: str, i: int | None, latex: str) -> Origin:
        line = read.line(*path, key) if i is None else read.line(*path, key, i)
        place = read.where if strength == "pack" or line is None else f"{read.where}:{line}"
        return Origin("pack" if strength == "pack" else "declared", place, None, latex)

    for kind in PLAIN:
        for i, entry in enumerate(getattr(part, kind)):
            latex = without_dollars(entry)
            if kind in ("variables", "time_dependent", "fixed"):
                found += [Declaration(kind, one, origin(kind, i, latex)) for one in _each(latex)]
            elif latex:
                found.append(Declaration(kind, latex, origin(kind, i, latex)))
    for i, moment in enumerate(part.moments):
        for which in ("mean", "variance", "covariance"):
            if (name := getattr(moment, which)) is not None:
                written = f"{name} = {which} of {moment.of}"
                found.append(
                    Declaration(
                        "moments",
                        without_dollars(name),
                        origin("moments", i, written),
                        (which, moment.of),
                    )
                )
    for i, entry in enumerate(part.optima):
        feasible = tuple(without_dollars(f) for f in entry.feasible)
        found.append(
            Declaration(
                "optima",
                without_dollars(entry.optimum),
                origin("optima", i, entry.optimum),
                feasible,
            )
        )
    if part.conventions is not None:
        found += _conventions(part.conventions, partial(origin, "conventions", None))
    return found


def _each(latex: str) -> list[str]:
    r"""`x, z \in \mathbb{R}^d` declares two names; `x, y` as well."""
    found = membership(latex)
    names = split_list(found[0] if found else latex)
    return [f"{n} \\in {found[1]}" for n in names] if found else names


def _conventions(conventions: Conventions, made_by: Callable[[str], Origin]) -> list[Declaration]:
    found: list[Declaration] = []
    kinds: tuple[tuple[Kind, str | list[str] | None], ...] = (
        ("const", conventions.const),
        ("propto", conventions.propto),
    )
    for kind, value in kinds:
        if value is not None:
            names = _names(value)
            found.append(
                Declaration(
                    kind, ", ".join(names), made_by(f"{kind}: {', '.join(names)}"), tuple(names)
                )
            )
    if conventions.minima is not None:
        found.append(
            Declaration("minima", conventions.minima, made_by(f"minima: {conventions.minima}"))
        )
    for name, written in conventions.indices.items():
        bounds = RANGE.match(written)
        if bounds:
            range_ = (bounds["lower"], bounds["upper"])
            found.append(Declaration("index", name, made_by(f"{name}: {written}"), range_))
    return found


def _names(value: str | list[str]) -> list[str]:
    r"""`free of \theta and x_0` -> [`\theta`, `x_0`]."""
    entries = [value] if isinstance(value, str) else value
    names: list[str] = []
    for entry in entries:
        text = entry.strip()
        for words in (
            "free of",
            "in",
            "does not contain",
            "independent of",
            "not of",
            "as functions of",
            "as a function of",
        ):
            if text.startswith(words + " "):
                text = text[len(words) :]
        pieces = split_list(text) if "(" in text else text.replace(" and ", ",").split(",")
        names += (without_dollars(piece) for piece in pieces if piece.strip())
    return names
