r"""LaTeX text to the neutral tree.

Main definitions: `parse` (cached by text). Why a limit on length and depth: a document is data from a
stranger, and everything after this walks the tree by recursion.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from lark import Lark, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken
from lark.lexer import Token

from derivcheck.syntax.faults import SyntaxFault
from derivcheck.syntax.tree import Command, Fence, Group, Leaf, LeafKind, Matrix, Scripted, Tree
from derivcheck.syntax.unicode import placed_back, to_commands

MAX_LENGTH = 20_000
MAX_DEPTH = 60

_OPENING = re.compile(r"\\.|[\[({]|[\])}]", re.DOTALL)
_RUN = re.compile(r"(?:\\[a-zA-Z]+\s*){60}")  # accents on accents nest without a bracket
_WORDS_INSIDE = re.compile(r"^\\[a-zA-Z]+\*?\s*\{(.*)\}$", re.DOTALL)
_LABELLED = frozenset({r"\underbrace", r"\overbrace", r"\underline"})
_DELIMITERS = {
    r"\lbrace": r"\{",
    r"\rbrace": r"\}",
    r"\lbrack": "[",
    r"\rbrack": "]",
    r"\lparen": "(",
    r"\rparen": ")",
    r"\vert": "|",
    r"\lvert": "|",
    r"\rvert": "|",
    r"\Vert": "||",
    r"\lVert": "||",
    r"\rVert": "||",
    r"\|": "||",
    "<": r"\langle",
    ">": r"\rangle",
}


def _delimiter(text: str) -> str:
    bare = re.sub(r"^\\(?:left|right)(?![a-zA-Z])\s*", "", text)
    return _DELIMITERS.get(bare, bare)


def _leaf(kind: LeafKind) -> Any:
    def build(_: object, token: Token) -> Leaf:
        return Leaf(kind, str(token), token.start_pos or 0, token.end_pos or 0)

    return build


class _Build(Transformer[Token, Tree]):
    """Builds the tree while the parser runs: one method a rule or terminal of grammar.lark."""

    LETTER, NUMBER, DIGIT = _leaf("letter"), _leaf("number"), _leaf("number")
    COMMAND, SIGN, STAR, APPLY = _leaf("command"), _leaf("sign"), _leaf("sign"), _leaf("apply")

    def WORD(self, token: Token) -> Leaf:
        return Leaf("word", re.sub(r"\s+", "", token), token.start_pos or 0, token.end_pos or 0)

    def TEXT(self, token: Token) -> Leaf:
        inside = _WORDS_INSIDE.match(token)
        kind: LeafKind = "operator" if token.startswith(r"\operatorname") else "text"
        return Leaf(
            kind, inside[1].strip() if inside else "", token.start_pos or 0, token.end_pos or 0
        )

    def BAR(self, token: Token) -> Leaf:
        return Leaf("bar", "|", token.start_pos or 0, token.end_pos or 0)

    def DOUBLE_BAR(self, token: Token) -> Leaf:
        return Leaf("bar", "||", token.start_pos or 0, token.end_pos or 0)

    def start(self, children: list[Any]) -> tuple[Tree, ...]:
        return children[0]

    def row(self, children: list[Any]) -> tuple[Tree, ...]:
        return tuple(children)

    cell = row

    def group(self, children: list[Any]) -> Group:
        opening, items, closing = children
        return Group(items, opening.start_pos, closing.end_pos)

    def fence(self, children: list[Any]) -> Fence:
        opening, items, closing = children
        return Fence(
            _delimiter(opening), items, _delimiter(closing), opening.start_pos, closing.end_pos
        )

    def fraction(self, children: list[Any]) -> Command:
        return Command(r"\frac", tuple(children[1:]), children[0].start_pos, children[-1].end)

    def root(self, children: list[Any]) -> Command:
        return Command(r"\sqrt", (children[1],), children[0].start_pos, children[-1].end)

    def nth_root(self, children: list[Any]) -> Command:
        option = Group(children[2], children[1].start_pos, children[3].end_pos)
        return Command(r"\sqrt", (children[4], option), children[0].start_pos, children[-1].end)

    def decorated(self, children: list[Any]) -> Command:
        return Command(
            str(children[0]), tuple(children[1:]), children[0].start_pos, children[-1].end
        )

    stacked = decorated

    def superscript(self, children: list[Any]) -> tuple[str, Any]:
        return ("^", children[0])

    def subscript(self, children: list[Any]) -> tuple[str, Any]:
        return ("_", children[0])

    def prime(self, children: list[Any]) -> tuple[str, Any]:
        return ("'", children[0])

    def scripted(self, children: list[Any]) -> Tree:
        base = children[0]
        below = above = None
        primes, end = 0, base.end
        for sign, argument in children[1:]:
            if sign == "'":
                primes, end = primes + len(argument), argument.end_pos
                continue
            if (above if sign == "^" else below) is not None:
                place = "above" if sign == "^" else "below"
                raise SyntaxFault(
                    f"two scripts {place} one sign",
                    (argument.start, argument.end),
                    hint="use braces",
                )
            end = argument.end
            above, below = (argument, below) if sign == "^" else (above, argument)
        if isinstance(base, Command) and base.name in _LABELLED and not primes:
            return base._replace(end=end)  # the words below a brace are no part of the mathematics
        return Scripted(base, below, above, primes, base.start, end)

    def separator(self, children: list[Any]) -> str:
        return "&" if children[0].type == "ALIGN" else "\\\\"

    def environment(self, children: list[Any]) -> Matrix:
        begin, *middle, end = children
        name, closing = (re.search(r"\{(.*?)\}", str(t)) for t in (begin, end))
        assert name is not None
        assert closing is not None
        if name[1] != closing[1]:
            span = (end.start_pos, end.end_pos)
            raise SyntaxFault(f"\\end{{{closing[1]}}} closes \\begin{{{name[1]}}}", span)
        rows: list[list[Group]] = [[]]
        for part in middle:
            if part == "\\\\":
                rows.append([])
            elif part != "&":
                at = (part[0].start, part[-1].end) if part else (begin.start_pos, end.end_pos)
                rows[-1].append(Group(part, *at))
        if len(rows) > 1 and rows[-1] == [rows[-1][0]] and not rows[-1][0].items:
            rows.pop()
        return Matrix(name[1], tuple(map(tuple, rows)), begin.start_pos, end.end_pos)


@cache
def _parser() -> Lark:
    grammar = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(
        grammar, parser="lalr", lexer="basic", transformer=_Build(), propagate_positions=False
    )


def _bounded(latex: str) -> None:
    if len(latex) > MAX_LENGTH:
        raise SyntaxFault(
            f"{len(latex)} characters in one expression", (0, len(latex)), f"at most {MAX_LENGTH}"
        )
    if (run := _RUN.search(latex)) is not None:
        raise SyntaxFault("commands without end", run.span(), f"at most {MAX_DEPTH} in a row")
    depth = 0
    for sign in _OPENING.finditer(latex):
        text = sign[0]
        depth += text in {"(", "[", "{", r"\{"}
        depth -= text in {")", "]", "}", r"\}"}
        if depth > MAX_DEPTH:
            raise SyntaxFault(
                "brackets nested too deeply", sign.span(), f"at most {MAX_DEPTH} levels"
            )


@lru_cache(maxsize=4096)
def parse(latex: str) -> tuple[Tree, ...]:
    """The items of an expression in their order.

    Raises:
        SyntaxFault: unbalanced brackets, two scripts in one place, an unknown sign, too long or too deep.
    """
    _bounded(latex)
    text, origin = to_commands(latex)
    try:
        return _parser().parse(text)  # type: ignore[return-value]
    except SyntaxFault as fault:
        raise SyntaxFault(
            fault.found, placed_back(fault.span, origin), fault.expected, fault.hint
        ) from None
    except UnexpectedInput as fault:
        raise _fault(fault, text, origin) from None


def _fault(error: UnexpectedInput, text: str, origin: list[int] | None) -> SyntaxFault:
    if isinstance(error, UnexpectedCharacters):
        at = error.pos_in_stream or 0
        return SyntaxFault(f"unknown sign {text[at]!r}", placed_back((at, at + 1), origin))
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        at = error.token.start_pos or 0
        span = placed_back((at, at + len(error.token)), origin)
        return SyntaxFault(
            f"unexpected {str(error.token)!r}", span, hint="look for a bracket without its partner"
        )
    assert isinstance(error, UnexpectedToken | UnexpectedEOF)
    span = placed_back((len(text), len(text)), origin)
    return SyntaxFault(
        "the expression ends too early",
        span,
        hint="a bracket is not closed, or an argument is missing",
    )
