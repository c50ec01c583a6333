r"""What kinds of things the other symbols are: sequences, functions, networks, noises, dimensions, matrices.

Main definitions: `quantities_of`. Everything is the most general thing that fits how it is written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from derivcheck.theories.densities import NOT_DENSITIES, Densities
from derivcheck.theories.latex import canonical, split_list
from derivcheck.theories.scan import GREEK, PARAMETERS, applications, parameter_of, stem, token
from derivcheck.theories.theory import Kind


@dataclass(frozen=True)
class Quantity:
    """A declaration of a quantity and the line where it is first used like that."""

    kind: Kind
    latex: str
    line: int


_IDENTITY = re.compile(r"(?<![A-Za-z\\])I(?:_\{?[A-Za-z0-9]+\}?)?\s*\)")
_SEQUENCE = re.compile(
    r"(?P<name>\\(?:(?:bar|tilde|hat)\{\\[a-z]+\}|[a-z]+))_(?:t|\{t-1\}|s|\{s-1\}|[0-9T])(?![A-Za-z])"
)
_NOISES = (r"\epsilon", r"\xi", r"\eta")


def quantities_of(
    texts: list[tuple[str, int]], densities: Densities, given: list[tuple[str, str, int]]
) -> list[Quantity]:
    """The quantities of one question; given: what its relations declare (kind, LaTeX, line)."""
    laws = [latex for kind, latex, _ in given if kind == "laws"]
    found: list[Quantity] = []
    seen: set[str] = set()
    vector = any(_IDENTITY.search(canonical(text)) and "N" in text for text, _ in texts)

    def add(kind: Kind, name: str, latex: str, line: int) -> None:
        if name not in seen:
            seen.add(name)
            found.append(Quantity(kind, latex, line))

    for name in densities.variables:
        line = next((n for text, n in texts if name in canonical(text)), 0)
        many = vector or _normed(name, texts)
        indexed = _indexed(name, texts)
        add(
            "variables",
            name,
            (f"{name}_t" if indexed else name) + (r" \in \mathbb{R}^d" if many else ""),
            line,
        )
    for law in laws:
        t = token(law.split("\\sim")[0].strip())
        if t is not None:
            many = "I)" in canonical(law) or vector
            written = t.base + ("_t" if t.index else "")
            add("variables", t.base, written + (r" \in \mathbb{R}^d" if many else ""), 0)
    for text, line in texts:
        for kind, name, latex in _applied(text, densities, vector, texts):
            add(kind, name, latex, line)
    for name, latex, line in _sequences(texts, given):
        add("sequences", name, latex, line)
    return found


def _indexed(name: str, texts: list[tuple[str, int]]) -> bool:
    return any(
        re.search(re.escape(name) + r"_(?:t|\{t-1\}|0|T|\{[^{}]*:)", canonical(text))
        for text, _ in texts
    )


def _normed(name: str, texts: list[tuple[str, int]]) -> bool:
    """Whether the variable stands in a norm, under a transpose or a gradient."""
    word = re.escape(name) + r"(?:_(?:\{[^{}]*\}|\w))?"
    pattern = re.compile(
        rf"\\nabla_(?:\{{{word}\}}|{word})|{word}\^(?:T|\\top)(?![A-Za-z])|\|\|[^|()]*(?<![A-Za-z\\]){word}[^|]*\|\|(?:_2)?\^2"
    )
    return any(pattern.search(canonical(text)) for text, _ in texts)


def _applied(
    text: str, densities: Densities, vector: bool, texts: list[tuple[str, int]]
) -> list[tuple[Kind, str, str]]:
    r"""Networks `\epsilon_\theta(x_t,t)` and discriminators `D(x)`."""
    found: list[tuple[Kind, str, str]] = []
    for a in applications(text):
        if a.name in densities.names or a.given or "^" in a.name:
            continue
        arguments = split_list(a.inside.replace(";", ","))
        tokens = [token(x) for x in arguments]
        if not tokens or any(t is None for t in tokens):
            continue
        bases = [t.base for t in tokens if t is not None]
        if parameter_of(a.name) is not None and stem(a.name) not in NOT_DENSITIES - {
            "D",
            "G",
            "E",
            "S",
        }:
            if not (set(bases) & set(densities.variables)) and not vector:
                continue
            space = _space(a.name, vector, texts)
            if stem(a.name) == "E" or space is None:
                continue
            found.append(("networks", a.name, f"{a.name}({', '.join(arguments)}){space}"))
        elif a.name == "D" and _is_discriminator(texts):
            found.append(("functions", "D", f"D({', '.join(arguments)}) \\in (0,1)"))
    return found


def _is_discriminator(texts: list[tuple[str, int]]) -> bool:
    return any(re.search(r"1-D(?:\^\*|_\w|_\\[a-z]+)?\(", canonical(text)) for text, _ in texts)


def _space(name: str, vector: bool, texts: list[tuple[str, int]]) -> str | None:
    if stem(name) == "D":
        return r" \in (0,1)" if _is_discriminator(texts) else None
    if stem(name) in (r"\epsilon", "s", r"\mu", "f", "x", r"\hat{x}", r"\tilde{\mu}", "v"):
        return r" \in \mathbb{R}^d" if vector or any("||" in canonical(t) for t, _ in texts) else ""
    return None


def _sequences(
    texts: list[tuple[str, int]], given: list[tuple[str, str, int]]
) -> list[tuple[str, str, int]]:
    r"""Coefficients that the given families and paths are built from, with the domain that roots ask for.

    Only those: of another sequence it is not known whether it follows from these. `\alpha_t` beside
    `\bar\alpha_t` is left out for the same reason.
    """
    written = "\n".join(canonical(text) for text, _ in texts)
    defined = {
        stem(canonical(latex.split("=")[0])) for kind, latex, _ in given if kind == "definitions"
    }
    found: dict[str, tuple[str, int]] = {}
    for kind, latex, line in given:
        if kind not in ("families", "paths", "definitions"):
            continue
        for m in _SEQUENCE.finditer(canonical(latex.split("=", 1)[-1])):
            name = m["name"]
            bare = "\\" + re.sub(r"[^A-Za-z]", "", name.split("{")[-1])
            if name in defined or not _coefficient(name) or ("{" in name and _used(bare, written)):
                continue
            if any(
                _used(f"\\{accent}{{{name}}}", written)
                for accent in ("bar", "tilde", "hat")
                if "{" not in name
            ):
                continue
            found.setdefault(name, (_domain(name, written), line))
    return [(name, f"{name}_t {domain}".strip(), line) for name, (domain, line) in found.items()]


def _used(name: str, written: str) -> bool:
    return re.search(re.escape(name) + r"_(?:\w|\{)", written) is not None


def _coefficient(name: str) -> bool:
    inner = name.rsplit("{", maxsplit=1)[-1].rstrip("}").lstrip("\\")
    return (
        inner in GREEK
        and f"\\{inner}" not in PARAMETERS
        and inner not in ("mu", "epsilon", "xi", "eta", "zeta")
    )


def _domain(name: str, written: str) -> str:
    escaped = re.escape(name) + r"_(?:\w|\{[^{}]*\})"
    if re.search(r"[({]1-" + escaped + r"[)}]", written):
        return r"\in (0,1)"
    return "> 0" if re.search(r"\\sqrt\{" + escaped + r"|" + escaped + r"\^2", written) else ""
