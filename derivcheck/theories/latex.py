r"""LaTeX declarations as text: splitting at signs, arguments and lists; no meaning.

Main definitions: `canonical` (one spelling of a head, for comparing), `sides`, `arguments`, `split_list`.
"""

from __future__ import annotations

import re
from functools import lru_cache

OPENING, CLOSING = "([{", ")]}"

_SIZES = re.compile(
    r"\\(?:left|right|[bB]igg?[lrm]?|displaystyle|quad|qquad|limits)(?![A-Za-z])|\\[,;!:> ]"
)
_FACES = re.compile(
    r"\\(?:mathbf|boldsymbol|bm|mathrm|symbf|vec|mathit|mathsf|operatorname\*?|text|rm|bf)(?![A-Za-z])\s*"
)
_FACED = re.compile(_FACES.pattern + r"\{([A-Za-z0-9-]+|\\[A-Za-z]+)\}")
_NAME = re.compile(r"\\[A-Za-z]+|[A-Za-z]")
_SINGLE = re.compile(r"\{([A-Za-z0-9*]|\\[A-Za-z]+)\}")


@lru_cache(maxsize=8192)
def canonical(latex: str) -> str:
    r"""One spelling for comparing heads: no faces, sizes, spaces or needless braces; `\mid` is `|`."""
    text = _SIZES.sub("", latex)
    text = _FACED.sub(r" \1 ", text)
    text = _FACES.sub(" ", text)
    text = text.replace(r"\mid", "|").replace(r"\lvert", "|").replace(r"\rvert", "|")
    text = re.sub(r"\\(?:parallel|Vert|\|)", "||", text)
    text = text.replace(r"\varepsilon", r"\epsilon").replace(r"\ast", "*")
    text = re.sub(r"\\(?:widetilde)(?![A-Za-z])", r"\\tilde", text)
    text = re.sub(r"\\(?:overline|widebar)(?![A-Za-z])", r"\\bar", text)
    text = re.sub(r"\\(?:widehat)(?![A-Za-z])", r"\\hat", text)
    # a space matters only between a command and a letter
    text = re.sub(r"(\\[A-Za-z]+)\s+(?=[A-Za-z])", r"\1{}", text)
    text = re.sub(r"\s+", "", text)
    text = re.sub(r"(\\(?:bar|tilde|hat|dot))([A-Za-z])", r"\1{\2}", text.replace("{}", " "))
    text = re.sub(r"(\\(?:bar|tilde|hat|dot)) ([A-Za-z])", r"\1{\2}", text)
    text = re.sub(r"(\\(?:bar|tilde|hat|dot))\s*(\\[A-Za-z]+)", r"\1{\2}", text)
    text = re.sub(r"(\\math(?:cal|bb|scr|frak)) ([A-Za-z])", r"\1{\2}", text)
    # \bar{\alpha_t} is \bar{\alpha}_t
    text = re.sub(r"(\\(?:bar|tilde|hat|dot)\{\\?[A-Za-z]+)_(\w|\{[^{}]*\})\}", r"\1}_\2", text)
    text = re.sub(r"([_^])\{([A-Za-z0-9*]|\\[A-Za-z]+)\}(?![A-Za-z])", r"\1\2", text)
    return text.strip()


def depth_split(latex: str, at: re.Pattern[str]) -> list[tuple[str, str]]:
    """The pieces between matches of `at` outside all brackets, each with the match that ended it."""
    pieces: list[tuple[str, str]] = []
    depth = start = i = 0
    while i < len(latex):
        c = latex[i]
        if c == "\\" and i + 1 < len(latex) and latex[i + 1] in "{}|":
            i += 2
            continue
        if c in OPENING:
            depth += 1
        elif c in CLOSING:
            depth = max(0, depth - 1)
        elif depth == 0 and (found := at.match(latex, i)):
            pieces.append((latex[start:i].strip(), found.group()))
            i = start = found.end()
            continue
        i += 1
    pieces.append((latex[start:].strip(), ""))
    return pieces


_EQUALS = re.compile(r":=|\\coloneqq|(?<![<>!:])=")
_SIM = re.compile(r"\\sim(?![A-Za-z])|∼|~")
_IN = re.compile(r"\\in(?![A-Za-z])|∈")
_COMMA = re.compile(r",")
_BAR = re.compile(r"\\mid(?![A-Za-z])|\\vert(?![A-Za-z])|\|")
_SEMI = re.compile(r";")


def equation(latex: str) -> tuple[str, str] | None:
    """Left and right of the first equals sign outside brackets."""
    pieces = depth_split(latex, _EQUALS)
    if len(pieces) < 2 or not pieces[0][0]:
        return None
    left = pieces[0][0]
    rest = latex[latex.index(pieces[0][1], len(left)) + len(pieces[0][1]) :]
    return left, rest.strip()


def sampled(latex: str) -> tuple[str, str] | None:
    r"""Variable and law of `z \sim q(z|x)`."""
    pieces = depth_split(latex, _SIM)
    return (pieces[0][0], pieces[1][0]) if len(pieces) == 2 and pieces[0][0] else None


def membership(latex: str) -> tuple[str, str] | None:
    r"""Member and set of `x \in \mathbb{R}^d`."""
    pieces = depth_split(latex, _IN)
    return (pieces[0][0], pieces[1][0]) if len(pieces) == 2 and pieces[0][0] else None


def split_list(latex: str) -> list[str]:
    """`a, b(c, d)` at the commas outside brackets."""
    return [piece for piece, _ in depth_split(latex, _COMMA) if piece]


def application(latex: str) -> tuple[str, str] | None:
    r"""Name and inside of `q_\phi(z|x)`, if the whole text is one name applied once."""
    text = _SIZES.sub("", latex).strip()
    found = re.match(
        r"^((?:\\[A-Za-z]+|[A-Za-z])(?:\s*\{[^{}]*\})?[^()\[\]]*?)\s*\((.*)\)$", text, re.DOTALL
    )
    if not found or not balanced(found.group(2)):
        return None
    return found.group(1).strip(), found.group(2).strip()


def conditional(inside: str) -> tuple[list[str], list[str]]:
    r"""Event and conditions of `z|x;\theta`: lists of LaTeX; what stands behind `;` is left out."""
    inside = depth_split(inside, _SEMI)[0][0]
    pieces = depth_split(inside, _BAR)
    event = split_list(pieces[0][0])
    return event, split_list(pieces[1][0]) if len(pieces) > 1 else []


def balanced(latex: str) -> bool:
    """Whether round brackets close in order."""
    depth = 0
    for c in latex:
        depth += (c == "(") - (c == ")")
        if depth < 0:
            return False
    return depth == 0


def base_name(latex: str) -> str:
    r"""`x_{t-1}` -> `x`, `\bar{\alpha}_t` -> `\bar{\alpha}`: a name without its scripts."""
    text = canonical(latex)
    return re.split(r"[_^(]", text, maxsplit=1)[0]


def script(latex: str) -> str | None:
    """What stands in the subscript: `x_{1:T}` -> `1:T`."""
    found = re.search(r"_(?:\{([^{}]*)\}|(\\[A-Za-z]+|.))", canonical(latex))
    return (found.group(1) or found.group(2)) if found else None


def letters(latex: str) -> frozenset[str]:
    """All letters and commands that occur."""
    return frozenset(_NAME.findall(canonical(latex)))


_ANY_NAME = re.compile(
    r"(?:\\(?:bar|tilde|hat|dot|mathcal)\{[^{}]*\}|\\[A-Za-z]+|[A-Za-z])'*(?:[_^](?:\{[^{}]*\}|\\[A-Za-z]+|[A-Za-z0-9*]))*"
)


_WORDS = re.compile(
    r"(?<![\\A-Za-z])(?:KL|JSD|TV|tr|Tr|vec|det|Cov|Var|log|ln|exp|diag|const|ELBO|argmax|argmin|max|min)(?![A-Za-z])"
)


def names_in(latex: str) -> tuple[str, ...]:
    """Everything that looks like a name with its scripts, in one spelling; words such as KL are none."""
    text = _WORDS.sub(" ", canonical(latex))
    return tuple(m.group() for m in _ANY_NAME.finditer(text))


def without_dollars(latex: str) -> str:
    """A declaration as a grader may paste it: `$x$` is `x`."""
    return latex.strip().strip("$").strip().rstrip(".,;").strip()
