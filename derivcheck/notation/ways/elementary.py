r"""Elementary functions by name: `\mathrm{tr}`, `\det`, `vec(..)`, `\operatorname{softmax}(..)`, `\sin`.

Without brackets a trace takes the product after it, every other one operand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivcheck.notation.declaration import Notation
from derivcheck.notation.faults import NotMathematics
from derivcheck.notation.resolve import scripted
from derivcheck.notation.trees import plain
from derivcheck.notation.ways.logarithm import FENCES, STOPS
from derivcheck.notation.writer import ATOM, Written, commas
from derivcheck.syntax.tree import Fence, Leaf, Scripted
from derivcheck.terms.term import Call, Term

if TYPE_CHECKING:
    from derivcheck.notation.reader import Reader

# how they are written -> the function's name
_WORDS = {
    "tr": "tr", "Tr": "tr", "trace": "tr", "det": "det", r"\det": "det", "vec": "vec", "diag": "diag", "Diag": "diag",
    "rank": "rank", "abs": "abs", "sign": "sign", "sgn": "sign", "dim": "dim", r"\dim": "dim", "erf": "erf",
    "sin": "sin", r"\sin": "sin", "cos": "cos", r"\cos": "cos", "tan": "tan", r"\tan": "tan", "tanh": "tanh",
    r"\tanh": "tanh", "cosh": "cosh", r"\cosh": "cosh", "sinh": "sinh", r"\sinh": "sinh", "arctan": "arctan",
    r"\arctan": "arctan", "sigmoid": "sigmoid", "Sigmoid": "sigmoid", "softmax": "softmax", "Softmax": "softmax",
    "softplus": "softplus", "Softplus": "softplus", "relu": "relu", "ReLU": "relu", "RELU": "relu",
    "kron": "kron", "hadamard": "hadamard", "factorial": "factorial", "gamma": "gamma" }  # fmt: skip
_LAMBDA = {"min": "lambda_min", "max": "lambda_max", r"\min": "lambda_min", r"\max": "lambda_max"}


def _read(r: Reader) -> Term | None:
    item = r.item
    name = _name(r)
    if name is None:
        return None
    if r.next_item is None:
        if (isinstance(item, Leaf) and item.text.startswith("\\")) or not r.lexicon.knows(r.head):
            raise NotMathematics(f"{name} of nothing", (item.start, item.end))
        return None
    r.take()
    r.skip_apply()
    if name.startswith("lambda"):
        item = plain(item)
        if isinstance(item, Scripted):
            item = item._replace(below=None)
    node = r.item
    fence = node.base if isinstance(node, Scripted) else node
    if isinstance(fence, Fence) and fence.opening in FENCES and fence.items:
        values = tuple(r.sub(fence.items).list())
        r.take()
        return scripted(scripted(Call(name, values), node, r), item, r)
    body = r.product(STOPS) if name == "tr" else r.operand()
    return scripted(Call(name, (body,)), item, r)


def _name(r: Reader) -> str | None:
    if r.head != r"\lambda":
        return _WORDS.get(r.head)
    item = plain(r.item)
    below = plain(item.below) if isinstance(item, Scripted) and item.below is not None else None
    following = r.next_item
    if (
        not isinstance(below, Leaf)
        or following is None
        or r.lexicon.knows(rf"\lambda_{{{below.text.lstrip(chr(92))}}}")
    ):
        return None
    fence = following.base if isinstance(following, Scripted) else following
    return (
        _LAMBDA.get(below.text) if isinstance(fence, Fence) or r.heads[r.at + 1] == r"\!" else None
    )


def _write(term: Call) -> Written | None:
    if term.index:
        return None
    if term.function in _LAMBDA.values():
        return Written(
            rf"\lambda_{{\{term.function[7:]}}}\left({commas(term.arguments)}\right)", ATOM
        )
    if term.function not in set(_WORDS.values()) or (
        term.function in {"kron", "hadamard"} and len(term.arguments) == 2
    ):
        return None
    word = r"\det" if term.function == "det" else rf"\operatorname{{{term.function}}}"
    return Written(rf"{word}\left({commas(term.arguments)}\right)", ATOM)


NOTATION = Notation(
    what="elementary functions by name",
    heads=(*_WORDS, r"\lambda"),
    read=_read,
    kinds=(Call,),
    write=_write,
    rank=40,
    holds=(
        (r"\text{tr}(AB)", r"\operatorname{tr}\left(A \, B\right)"),
        (r"\mathrm{tr}AB + c", r"\operatorname{tr}\left(A \, B\right) + c"),
        (r"vec(W)", r"\operatorname{vec}\left(W\right)"),
        (r"\det A\det B", r"\det\left(A\right) \, \det\left(B\right)"),
        (r"\lambda_{min}(H)", r"\lambda_{\min}\left(H\right)"),
        (r"\operatorname{softmax}(z)", r"\operatorname{softmax}\left(z\right)"),
    ),
    refuses=(r"\det", r"\mathrm{tr}"),
)
