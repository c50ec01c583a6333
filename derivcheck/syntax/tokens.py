r"""Tokens of LaTeX mathematics: enough to find signs, rows and brackets, without a grammar.

Main definitions: `Token`, `Tokens`, `tokenize`. Linear in the text, without recursion. What is
unbalanced stays a token like any other; only braces and environments that close give depth.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from derivcheck.source.groups import bracketed, group_ends, skip_space
from derivcheck.syntax.signs import ARROWS_WITH_LABEL, FOREIGN, NEGATED, SIGNS, STACKED, Sign

Kind = Literal[
    "word", "number", "operator", "script", "sign", "foreign", "comma", "space", "quad", "row",
    "amp", "brace_open", "brace_close", "open", "close", "null", "begin", "end", "text", "words",
    "drop",
]  # fmt: skip

_LEX = re.compile(
    r"(?P<row>\\\\\*?(?:[ \t]*\[-?[\d.]+[ \t]*\\?[a-z]+\])?|\\(?:cr|newline|tabularnewline)(?![a-zA-Z])"
    r"|\n[ \t]*\n\s*)"
    r"|(?P<env>\\(?:begin|end)\s*\{\s*(?P<name>[a-zA-Z]+\*?)\s*\})"
    r"|(?P<size>\\(?:left|right|middle|[bB]igg?[lrm]?)(?![a-zA-Z])\s*(?P<delimiter>\\[a-zA-Z]+|\\.|[^\s{}]))"
    r"|(?P<command>\\(?:[a-zA-Z]+|.|$))"
    r"|(?P<space>\s+)"
    r"|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<ascii>:\s?=|=:|<=>|=>|->|<=|>=|=<|==|(?<=\s)!=(?=\s))"
    r"|(?P<char>.)",
    re.DOTALL,
)
_TEXTS = frozenset("\\text \\textrm \\textnormal \\mbox \\textit \\textbf \\textsf \\hbox \\texttt".split())
_NAMES = frozenset({"\\mathrm", "\\operatorname", "\\textup", "\\mathit", "\\mathsf"})
_SET_AS_NAMES = frozenset(
    ["and", "or", "where", "if", "for", "with", "otherwise", "s.t.", "s.t", "st", "subject to", "such that"]
    + ["when", "then", "hence", "so", "since", "for all", "for any", "thus", "therefore", "given", "because"]
)
_ROW_TEXTS = frozenset({"\\intertext", "\\shortintertext"})
_WITH_ARGUMENT = frozenset(
    "\\tag \\label \\color \\hspace \\vspace \\phantom \\hphantom \\vphantom \\ref \\eqref \\cite "
    "\\footnote \\hskip \\definecolor \\setlength".split()
)
_ALONE = frozenset(
    "\\nonumber \\notag \\displaystyle \\textstyle \\scriptstyle \\scriptscriptstyle \\limits \\nolimits "
    "\\allowbreak \\strut \\mathstrut \\large \\Large \\small \\normalsize \\tiny \\huge \\Huge "
    "\\footnotesize \\centering \\noindent \\hfill \\hfil \\break \\nobreak \\displaybreak "
    "\\allowdisplaybreaks \\relax \\qedhere \\qed".split()
)
_SPACES = frozenset("\\, \\; \\: \\! \\  \\> \\/ \\- \\thinspace \\enspace \\enskip ~ \\thickspace \\medspace".split())
_OPERATORS = frozenset(
    "+ - * / − · × ⊗ ⊙ ∗ \\cdot \\times \\pm \\mp \\otimes \\oplus \\odot \\circ \\bigotimes \\ast \\star "
    "\\div \\cup \\cap \\wedge \\vee \\setminus \\bullet".split()
)
_OPENERS = {"(": "(", "[": "[", "\\{": "{", "\\lbrace": "{", "\\lbrack": "[", "\\langle": "<", "\\lceil": "c",
            "\\lfloor": "f", "\\lVert": "V", "\\lvert": "v"}  # fmt: skip
_CLOSERS = {")": "(", "]": "[", "\\}": "{", "\\rbrace": "{", "\\rbrack": "[", "\\rangle": "<", "\\rceil": "c",
            "\\rfloor": "f", "\\rVert": "V", "\\rvert": "v"}  # fmt: skip
_WRAPPERS = {"\\boxed": 0, "\\fbox": 0, "\\textcolor": 1, "\\colorbox": 1, "\\ensuremath": 0, "\\mathcolor": 1,
             "\\bbox": 0, "\\framebox": 0}  # fmt: skip
_LAW = re.compile(r"\s*(?:\\mathcal\s*\{?\s*[NU]\b|[NU]\s*\()")
_LABEL_TOKENS = 60
_DEFINES = re.compile(r"def|triangle|Delta|Δ|△")
ALIGNING = frozenset(
    "align alignat flalign gather multline eqnarray equation displaymath math aligned alignedat gathered "
    "split subequations dmath dgroup IEEEeqnarray empheq xalignat".split()
)
_SYSTEMS = frozenset({"array", "cases", "rcases", "dcases", "tabular", "matrix"})
_NOT_SOLID = frozenset({"space", "quad", "row", "amp", "drop", "null", "words", "text", "begin", "end"})
_ENV_ARGUMENTS = frozenset({"alignat", "alignedat", "xalignat", "array", "tabular", "IEEEeqnarray", "empheq"})


@dataclass(slots=True)
class Token:
    """One token; `sign` of a relation sign, `label` what stands over it."""

    kind: Kind
    text: str
    start: int
    end: int
    value: str = ""
    sign: Sign | None = None
    label: str = ""


@dataclass(slots=True)
class Tokens:
    """A formula's tokens; depth and partner come from braces and environments that close."""

    text: str
    items: list[Token]
    partner: list[int] = field(default_factory=list)
    depth: list[int] = field(default_factory=list)
    aligning: set[int] = field(default_factory=set)  # indices of \begin and \end that only align


def tokenize(text: str) -> Tokens:
    """The tokens of a formula, with depths."""
    tokens = Tokens(text, _lex(text))
    _pair(tokens)
    _unwrap(tokens)
    _signs(tokens)
    _depths(tokens)
    return tokens


def _lex(text: str) -> list[Token]:
    items: list[Token] = []
    at, ends = 0, group_ends(text)
    while at < len(text):
        match = _LEX.match(text, at)
        assert match is not None  # noqa: S101  (the last alternative takes any character)
        token = _token(text, match, ends)
        items.append(token)
        at = token.end
    return items


def _token(text: str, match: re.Match[str], ends: dict[int, int]) -> Token:
    kind, found, start, end = match.lastgroup, match.group(), match.start(), match.end()
    if kind == "char":
        return _character(found, start, end)
    if kind == "command":
        return _command(text, found, start, end, ends)
    if kind == "row":
        return Token("row", found, start, end)
    if match["env"]:
        end = _env_arguments(text, match["name"].rstrip("*"), end, ends) if found[1] == "b" else end
        return Token("begin" if found[1] == "b" else "end", text[start:end], start, end, match["name"].rstrip("*"))
    if match["size"]:
        return _sized(found, match["delimiter"], start, end)
    if kind == "ascii":
        return Token("sign", found, start, end, sign=SIGNS[found.replace(" ", "")])
    return Token("number" if kind == "number" else "space", found, start, end)


def _character(found: str, start: int, end: int) -> Token:
    if found in SIGNS:
        return Token("sign", found, start, end, sign=SIGNS[found])
    if found in "{}":
        return Token("brace_open" if found == "{" else "brace_close", found, start, end)
    if found in _OPENERS:
        return Token("open", found, start, end, _OPENERS[found])
    if found in _CLOSERS:
        return Token("close", found, start, end, _CLOSERS[found])
    kinds: dict[str, Kind] = {"&": "amp", "^": "script", "_": "script", ",": "comma", ";": "comma", "~": "space"}
    if found in _OPERATORS:
        return Token("operator", found, start, end)
    if found in FOREIGN:
        return Token("foreign", found, start, end)
    return Token(kinds.get(found, "word"), found, start, end)


def _command(text: str, found: str, start: int, end: int, ends: dict[int, int]) -> Token:
    if found in SIGNS:
        return Token("sign", found, start, end, sign=SIGNS[found])
    if found in _TEXTS or found in _ROW_TEXTS:
        return _text(text, found, start, end, ends)
    if found in _NAMES and (words := _words_in(text, end, ends)):
        return Token("text", text[start : words[0]], start, words[0], words[1])
    if found in _WITH_ARGUMENT:
        return _with_argument(text, found, start, end, ends)
    if found in _ALONE:
        return Token("drop", found, start, end)
    if found in _OPENERS:
        return Token("open", found, start, end, _OPENERS[found])
    if found in _CLOSERS:
        return Token("close", found, start, end, _CLOSERS[found])
    if found in ("\\quad", "\\qquad"):
        return Token("quad", found, start, end)
    if found in ("\\therefore", "\\because"):
        return Token("words", found, start, end, "therefore" if found[1] == "t" else "because")
    if found in _SPACES or not found[1:].strip():
        return Token("space", found, start, end)
    if found in _OPERATORS:
        return Token("operator", found, start, end)
    return Token("foreign" if found in FOREIGN else "word", found, start, end)


def _words_in(text: str, end: int, ends: dict[int, int]) -> tuple[int, str] | None:
    r"""`\mathrm{s.t.}`, `\operatorname{where}`: words that were set as a name."""
    at = skip_space(text, end)
    stop = ends.get(at)
    if stop is None or stop - at > 30:
        return None
    said = re.sub(r"\\[ ,;]|~|\s+", " ", text[at + 1 : stop - 1]).strip()
    return (stop, said) if said.lower() in _SET_AS_NAMES else None


def _text(text: str, found: str, start: int, end: int, ends: dict[int, int]) -> Token:
    at = skip_space(text, end)
    stop = ends.get(at)
    if stop is None:
        return Token("word", found, start, end)
    kind: Kind = "words" if found in _ROW_TEXTS else "text"
    return Token(kind, text[start:stop], start, stop, text[at + 1 : stop - 1])


def _with_argument(
    text: str, found: str, start: int, end: int, ends: dict[int, int]
) -> Token:
    at = skip_space(text, end + (text[end : end + 1] == "*"))
    stop = ends.get(at)
    kind: Kind = "quad" if found in ("\\hspace", "\\hskip") else "drop"
    return Token(kind, text[start : stop or end], start, stop or end)


def _env_arguments(text: str, name: str, end: int, ends: dict[int, int]) -> int:
    optional = bracketed(text, end) if text[end : end + 1] == "[" else None
    end = optional[2] if optional and optional[1] - optional[0] < 40 else end
    if name in _ENV_ARGUMENTS:
        at = skip_space(text, end)
        stop = ends.get(at)
        end = stop or end
    return end


def _sized(found: str, delimiter: str, start: int, end: int) -> Token:
    left = found.startswith(("\\left", "\\big", "\\Big"))
    if delimiter == ".":
        return Token("null", found, start, end, "left" if found.startswith("\\left") else "right")
    if delimiter in _OPENERS and left:
        return Token("open", found, start, end, _OPENERS[delimiter])
    if delimiter in _CLOSERS and (left or found.startswith("\\right")):
        return Token("close", found, start, end, _CLOSERS[delimiter])
    return Token("word", found, start, end)


def _pair(tokens: Tokens) -> None:
    """Partners of braces and of environments, by two stacks."""
    tokens.partner = [-1] * len(tokens.items)
    braces: list[int] = []
    environments: list[int] = []
    for i, token in enumerate(tokens.items):
        if token.kind == "brace_open":
            braces.append(i)
        elif token.kind == "brace_close" and braces:
            _join(tokens, braces.pop(), i)
        elif token.kind == "begin":
            environments.append(i)
        elif token.kind == "end" and environments and tokens.items[environments[-1]].value == token.value:
            _join(tokens, environments.pop(), i)


def _join(tokens: Tokens, i: int, j: int) -> None:
    tokens.partner[i], tokens.partner[j] = j, i


def next_solid(tokens: Tokens, at: int) -> int:
    """The index of the next token that is not white space."""
    while at < len(tokens.items) and tokens.items[at].kind == "space":
        at += 1
    return at


def _unwrap(tokens: Tokens) -> None:
    r"""`\boxed{X}`, `\textcolor{c}{X}`, `{\color{c} X}`: X, as if nothing stood around it."""
    items = tokens.items
    for i, token in enumerate(items):
        if token.text in _WRAPPERS and token.kind == "word":
            at = next_solid(tokens, i + 1)
            for _ in range(_WRAPPERS[token.text]):
                if at < len(items) and items[at].kind == "brace_open" and tokens.partner[at] > 0:
                    _drop(tokens, at, tokens.partner[at])
                    at = next_solid(tokens, tokens.partner[at] + 1)
            if at < len(items) and items[at].kind == "brace_open" and tokens.partner[at] > 0:
                for j in (i, at, tokens.partner[at]):
                    items[j].kind = "drop"
        elif token.kind == "brace_open" and tokens.partner[i] > 0 and i + 1 < len(items):
            inside = items[next_solid(tokens, i + 1)]
            first = i == 0 or items[i - 1].kind not in ("script", "word", "brace_close")
            if inside.kind == "drop" and first and inside.text.startswith(("\\color", "\\large", "\\small")):
                token.kind = items[tokens.partner[i]].kind = "drop"


def _drop(tokens: Tokens, first: int, last: int) -> None:
    for j in range(first, last + 1):
        tokens.items[j].kind = "drop"


def _signs(tokens: Tokens) -> None:
    r"""Signs with labels (`\overset{(a)}{=}`), in braces (`{=}`), and negated (`\not=`)."""
    items = tokens.items
    for i, token in enumerate(items):
        if token.kind == "drop":
            continue
        if token.text in STACKED:
            _stacked(tokens, i)
        elif token.text in ARROWS_WITH_LABEL:
            _arrow(tokens, i)
        elif token.text in ("\\mathrel", "\\mathop", "\\mathbin"):
            _braced_sign(tokens, i, next_solid(tokens, i + 1))
        elif token.kind == "brace_open":
            if i == 0 or items[i - 1].kind not in ("script", "word", "brace_close", "close"):
                _braced_sign(tokens, i, i)
        elif token.text == "\\not":
            _negated(tokens, i)
        elif token.text == "~":
            _tilde(tokens, i)
        elif token.text == "<" and token.kind == "sign":
            _angles(tokens, i)


def _group_sign(tokens: Tokens, at: int) -> tuple[Sign, int] | None:
    """The sign that a group consists of, and the index of its last token."""
    items = tokens.items
    if at >= len(items):
        return None
    if items[at].kind == "sign" and items[at].sign:
        return items[at].sign, at
    if items[at].kind != "brace_open" or tokens.partner[at] < 0:
        return None
    inside = [t for t in items[at + 1 : min(tokens.partner[at], at + 8)] if t.kind not in ("space", "drop")]
    if 0 < len(inside) <= 2 and inside[-1].kind == "sign" and inside[-1].sign and (
        len(inside) == 1 or inside[0].text in (":", "\\colon", "\\mathop")
    ):
        return (":=" if len(inside) == 2 and inside[0].text != "\\mathop" else inside[-1].sign), tokens.partner[at]  # noqa: E501
    return None


def _become(tokens: Tokens, first: int, last: int, sign: Sign, label: str = "") -> None:
    """Tokens first..last are one sign."""
    token = tokens.items[first]
    token.kind, token.sign, token.label = "sign", sign, label
    token.end = tokens.items[last].end
    token.text = tokens.text[token.start : token.end]
    _drop(tokens, first + 1, last)


def _stacked(tokens: Tokens, i: int) -> None:
    at = next_solid(tokens, i + 1)
    if at >= len(tokens.items):
        return
    last = tokens.partner[at] if tokens.items[at].kind == "brace_open" else at
    if last < at:
        return
    label = tokens.text[tokens.items[at].start : tokens.items[last].end].strip("{}")
    base = next_solid(tokens, last + 1)
    found = _group_sign(tokens, base)
    if found:
        sign = ":=" if found[0] == "=" and _DEFINES.search(label) else found[0]
        _become(tokens, i, found[1], sign, label)


def _arrow(tokens: Tokens, i: int) -> None:
    at = next_solid(tokens, i + 1)
    items = tokens.items
    while at < len(items) and items[at].kind == "open" and items[at].text == "[":
        last = min(len(items), at + _LABEL_TOKENS)
        while at < last and items[at].text != "]":
            at += 1
        at = next_solid(tokens, at + 1)
    last = tokens.partner[at] if at < len(items) and items[at].kind == "brace_open" else at
    if last >= at and last < len(items):
        _become(tokens, i, last, ARROWS_WITH_LABEL[items[i].text])


def _braced_sign(tokens: Tokens, i: int, at: int) -> None:
    found = _group_sign(tokens, at)
    if found and (tokens.items[at].kind == "brace_open" or at > i):
        _become(tokens, i, found[1], found[0])


def _negated(tokens: Tokens, i: int) -> None:
    at = next_solid(tokens, i + 1)
    if at < len(tokens.items) and tokens.items[at].kind == "sign":
        sign = tokens.items[at].sign
        if sign in NEGATED:
            _become(tokens, i, at, NEGATED[sign])
        else:
            tokens.items[i].kind = "foreign"
            tokens.items[at].kind = "drop"


def _tilde(tokens: Tokens, i: int) -> None:
    r"""`x ~ \mathcal{N}(0, I)`: typed on a keyboard for `\sim`; elsewhere a space."""
    before = next((t.kind for t in reversed(tokens.items[max(0, i - 6) : i]) if t.kind != "space"), "sign")
    if before in ("word", "number", "close", "brace_close") and _LAW.match(tokens.text, tokens.items[i].end):
        tokens.items[i].kind, tokens.items[i].sign = "sign", "sim"


def _angles(tokens: Tokens, i: int) -> None:
    """`<x, y>` where an operand is due: brackets, not signs."""
    before = next((t.kind for t in reversed(tokens.items[max(0, i - 6) : i]) if t.kind not in ("space", "amp")), "sign")
    if before not in ("sign", "operator", "open", "comma"):
        return
    commas = level = 0
    for token in tokens.items[i + 1 : i + 80]:
        level += (token.kind in ("open", "brace_open")) - (token.kind in ("close", "brace_close"))
        if level == 0 and token.text == ">" and commas:
            for bracket, kind in ((tokens.items[i], "open"), (token, "close")):
                bracket.kind, bracket.value, bracket.sign = kind, "<", None  # type: ignore[assignment]
            return
        if level < 0 or (level == 0 and token.kind == "sign"):
            return
        commas += level == 0 and token.text == ","


def _depths(tokens: Tokens) -> None:
    """Depth of every token; environments that only align rows give none."""
    depth, solid = 0, list[int]()
    for i, token in enumerate(tokens.items):
        paired = tokens.partner[i] >= 0
        if token.kind in ("brace_close", "end") and paired and i not in tokens.aligning:
            depth -= 1
        tokens.depth.append(depth)
        if token.kind == "begin" and _only_aligns(tokens, i, depth, solid):
            continue
        if token.kind in ("begin", "end") and not paired and token.value in ALIGNING:
            tokens.aligning.add(i)
        elif token.kind in ("begin", "brace_open") and paired:
            depth += 1
        if len(solid) < 2 and token.kind not in _NOT_SOLID:
            solid.append(i)


def _only_aligns(tokens: Tokens, i: int, depth: int, solid: list[int]) -> bool:
    r"""Whether an environment only aligns rows; a `\left\{` before a system of equations is taken out."""
    token, partner = tokens.items[i], tokens.partner[i]
    braced = len(solid) == 1 and tokens.items[solid[0]].text in ("\\left\\{", "\\left\\lbrace")
    system = not solid or braced
    if depth or partner < 0 or not (token.value in ALIGNING or (token.value in _SYSTEMS and system)):
        return False
    tokens.aligning |= {i, partner}
    if braced:
        tokens.items[solid[0]].kind = "drop"
        after = next_solid(tokens, partner + 1)
        if after < len(tokens.items) and tokens.items[after].kind == "null":
            tokens.items[after].kind = "drop"
    return True
