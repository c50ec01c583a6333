r"""How names are spelled so that they are read back whatever is declared.

Main definitions: `spell`, `applied`.

A label that would pass for an index stands in `\mathrm`, an index that would pass for a label in square
brackets: `p_{\mathrm{1}}` is the name `p_{1}`, `x_{[\theta]}` is x at the index θ.
"""

from __future__ import annotations

import re
from functools import lru_cache

from derivcheck.notation.names import GREEK, INDEX_LETTERS, is_index, split_name
from derivcheck.notation.writer import SUM, commas, put, role_of
from derivcheck.syntax.faults import SyntaxFault
from derivcheck.syntax.parse import parse
from derivcheck.terms.term import Term

_LETTER = re.compile(r"[a-zA-Z]")


@lru_cache(maxsize=1024)
def _label(label: str, *, known: bool) -> str:
    plain = known and re.fullmatch(r"[a-zA-Z]|[0-9]+|[a-zA-Z][0-9]", label)
    if plain or label in GREEK or (_LETTER.fullmatch(label) and label not in INDEX_LETTERS):
        return label
    return rf"\mathrm{{{label}}}" if re.fullmatch(r"[a-zA-Z0-9*.-]+", label) else label


@lru_cache(maxsize=1024)
def _reads_as_index(text: str) -> bool:
    try:
        return is_index(parse(text))
    except SyntaxFault:
        return False


def index_text(term: Term) -> str:
    """One index of a name."""
    text = put(term, SUM)
    return text if _reads_as_index(text) else f"[{text}]"


@lru_cache(maxsize=1024)
def _base(base: str) -> str:
    letters = base.rstrip("'")
    if len(letters) > 1 and letters.isalnum():
        return rf"\mathrm{{{letters}}}{base[len(letters) :]}"
    return base


def spell(
    name: str,
    index: tuple[Term, ...] = (),
    run: tuple[Term, Term] | None = None,
    *,
    forced: bool = False,
) -> str:
    r"""A name at its indices. forced: as `\operatorname`, which is a function whatever its letter."""
    base, labels, mark = split_name(name)
    known = role_of(name) is not None
    below = [_label(label, known=known) for label in labels]
    below.extend(index_text(term) for term in index)
    if run is not None:
        below.append(f"{put(run[0], SUM)}:{put(run[1], SUM)}")
    text = rf"\operatorname{{{base}}}" if forced else _base(base)
    if below:
        text += f"_{{{','.join(below)}}}"
    if mark:
        text += (
            rf"^{{{mark}}}"
            if len(mark) == 1 or mark.startswith("\\")
            else rf"^{{\mathrm{{{mark}}}}}"
        )
    return text


def applied(name: str, arguments: tuple[Term, ...]) -> str:
    r"""A spelled name applied to arguments: `D\!\left(x\right)`."""
    return rf"{name}\!\left({commas(arguments)}\right)"
