r"""Finding in LaTeX text which names are applied to what: `q_\phi(z|x_i)`.

Main definitions: `Application`, `applications`, `Token`, `token`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from derivcheck.theories.latex import canonical, conditional

GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau "
    "upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega"
).split()
ACCENTS = ("bar", "tilde", "hat", "dot", "mathcal", "ell", "vec")
FUNCTION_WORDS = (
    "log",
    "ln",
    "exp",
    "max",
    "min",
    "argmax",
    "argmin",
    "sup",
    "inf",
    "arg",
    "and",
    "so",
    "or",
)

_SCRIPTS = r"(?:[_^](?:\{[^{}]*\}|\\[A-Za-z]+|[A-Za-z0-9*]))*"
_BEFORE = re.compile(
    r"(?:\\(?P<command>[A-Za-z]+)(?P<argument>\{[^{}]*\})?|(?P<letter>[A-Za-z]))(?P<prime>'*)(?P<scripts>"
    + _SCRIPTS
    + r")\s?$"
)
_TOKEN = re.compile(
    r"^(?P<base>\\(?:bar|tilde|hat)\{(?:\\?[A-Za-z]+)\}|\\[a-zA-Z]+|[A-Za-z])(?P<prime>'*)"
    r"(?:_(?P<index>\{[^{}]*\}|\\[A-Za-z]+|[A-Za-z0-9]))?(?P<upper>\^(?:\{\([a-z0-9]\)\}|[a-z]))?$"
)
PARAMETERS = frozenset(r"\theta \phi \psi \omega \vartheta \varphi \eta w".split())


@dataclass(frozen=True)
class Application:
    """A name applied to arguments once in the text."""

    name: str
    event: tuple[str, ...]
    given: tuple[str, ...]
    inside: str

    @property
    def conditional(self) -> bool:
        """Whether it has a bar."""
        return bool(self.given)


@dataclass(frozen=True)
class Token:
    """A variable as it is written: `x_{t-1}` has base `x` and index `t-1`."""

    base: str
    index: str | None


@lru_cache(maxsize=16384)
def token(latex: str) -> Token | None:
    """The variable that a piece of LaTeX is, if it is nothing else."""
    found = _TOKEN.match(canonical(latex))
    if found is None or found["base"] in (r"\cdot", r"\dots", r"\ldots", r"\emptyset"):
        return None
    index = found["index"]
    return Token(found["base"] + found["prime"], index.strip("{}") if index else None)


@lru_cache(maxsize=4096)
def applications(latex: str) -> tuple[Application, ...]:
    """All names applied to round brackets, in order."""
    text = canonical(latex)
    found: list[Application] = []
    for at in (m.start() for m in re.finditer(r"\(", text)):
        name = _name_before(text, at)
        inside = _inside(text, at)
        if name is None or inside is None:
            continue
        event, given = conditional(inside)
        found.append(Application(name, tuple(event), tuple(given), inside))
    return tuple(found)


def _name_before(text: str, at: int) -> str | None:
    found = _BEFORE.search(text[max(0, at - 60) : at])
    if found is None:
        return None
    command, argument, letter = found["command"], found["argument"], found["letter"]
    if command is not None:
        if command in ACCENTS and argument:
            head = f"\\{command}{argument}"
        elif command in GREEK and not argument:
            head = f"\\{command}"
        else:
            return None
    else:
        start = max(0, at - 60) + found.start()
        run = re.search(r"[A-Za-z]*$", text[:start])
        word = run.group() if run else ""
        command_before = run is not None and text[run.start() - 1 : run.start()] == "\\"
        if word and not command_before and not word.endswith(FUNCTION_WORDS):
            return None
        if word and command_before and word not in FUNCTION_WORDS:
            return None
        head = letter
    return (head + found["prime"] + found["scripts"]).strip()


def _inside(text: str, at: int) -> str | None:
    depth = 0
    for i in range(at, min(len(text), at + 400)):
        depth += (text[i] == "(") - (text[i] == ")")
        if depth == 0:
            return text[at + 1 : i]
    return None


def stem(name: str) -> str:
    r"""A name without its scripts: `p_\theta` -> `p`, `q_i^*` -> `q`."""
    return re.split(r"[_^]", name, maxsplit=1)[0]


def parameter_of(name: str) -> str | None:
    r"""The parameter in a name's subscript: `p_\theta` -> `\theta`."""
    found = re.match(r"^[^_^]+_(?:\{([^{}]*)\}|(\\[A-Za-z]+|[A-Za-z]))$", name)
    inner = (found.group(1) or found.group(2)) if found else None
    return inner if inner in PARAMETERS else None
