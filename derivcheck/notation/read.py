r"""The door of the room: LaTeX and the theory in force to a term.

Main definitions: `read`.
"""

from __future__ import annotations

from derivcheck.notation.faults import NotMathematics, NotYetReadable, Unreadable
from derivcheck.notation.lexicon import lexicon_of
from derivcheck.notation.reader import Reader, State
from derivcheck.syntax.faults import SyntaxFault
from derivcheck.syntax.parse import parse
from derivcheck.syntax.tree import Leaf, Tree
from derivcheck.syntax.unicode import placed_back, to_commands
from derivcheck.terms.signature import Signature
from derivcheck.terms.term import Term

_NOTHING = Signature()
_PUNCTUATION = frozenset({",", ".", ";"})


def items_of(latex: str) -> tuple[Tree, ...]:
    """The items of an expression without the punctuation of its sentence.

    Raises:
        NotMathematics: the brackets do not match, a sign is unknown, nothing is there.
    """
    try:
        items = parse(latex)
    except SyntaxFault as fault:
        raise NotMathematics(fault.found, fault.span, fault.hint or fault.expected) from None
    while items and isinstance(items[-1], Leaf) and items[-1].text in _PUNCTUATION:
        items = items[:-1]
    if not items:
        raise NotMathematics("nothing stands here", (0, len(latex)))
    return items


def read(latex: str, signature: Signature = _NOTHING) -> Term:
    r"""The term that a piece of LaTeX means under a signature, read whole.

    A relation sign in it gives a `Relation`. A name that nobody declared is no fault: it becomes a
    Symbol, Call or Density without declaration.

    Raises:
        NotMathematics: it is no well-formed expression.
        NotYetReadable: no notation of this room reads it (yet), or a command is unknown.
    """
    text, origin = to_commands(latex)
    try:
        return Reader(items_of(text), State(lexicon_of(signature), text)).statement()
    except RecursionError:  # a backstop: the reader counts its levels
        raise NotYetReadable("nested too deeply", (0, len(latex))) from None
    except Unreadable as fault:
        fault.span = placed_back(fault.span, origin)
        raise
