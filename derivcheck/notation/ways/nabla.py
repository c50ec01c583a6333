r"""Gradients with `\nabla`: `\nabla_x \log p(x)`, `\nabla_\theta L`, `\nabla\cdot f`, `\nabla^2`, `\Delta_x`, `\partial_x f`.

They act on the next operand (with the plain coefficients before it; a row is followed to the end of its
quadratic form); `\nabla` without a letter is with
respect to the variable of the density or function behind it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from derivcheck.notation.declaration import Notation
from derivcheck.notation.faults import NotMathematics, Unreadable
from derivcheck.notation.names import items_of
from derivcheck.notation.shapes import loose_shape
from derivcheck.notation.ways.derivative import direction
from derivcheck.notation.ways.fraction import whole
from derivcheck.notation.writer import ATOM, OPEN, SUM, Written, put
from derivcheck.syntax.tree import Fence, Scripted, Tree
from derivcheck.terms.term import Call, Density, Derivative, Divide, Multiply, Number, Symbol, Term

if TYPE_CHECKING:
    from derivcheck.notation.reader import Reader

Kind = Literal["gradient", "jacobian", "hessian", "laplacian", "divergence", "time", "differential"]
_WORDS: dict[str, Kind] = {
    "grad": "gradient", "Jac": "jacobian", "jac": "jacobian", "Hess": "hessian", "div": "divergence",
    }  # fmt: skip


def _read(r: Reader) -> Term | None:
    item, head = r.item, r.head
    below = item.below if isinstance(item, Scripted) else None
    above = item.above if isinstance(item, Scripted) else None
    kind: Kind = _WORDS.get(head, "gradient")
    if head == r"\Delta":
        following = r.heads[r.at + 1] if r.next_item is not None else ""
        if r.lexicon.knows(r"\Delta") or not (
            below is not None or following in {r"\log", r"\ln", "log"}
        ):
            return None
        kind = "laplacian"
    if head in {r"\partial", *_WORDS} and (below is None or r.next_item is None):
        return None
    if above is not None:
        if head != r"\nabla" or whole(above) != 2:
            r.refuse(
                "an operator with this superscript", r"write \operatorname{div} or \nabla_{x}^{2}"
            )
        kind = "hessian"
    r.take()
    if head == r"\nabla" and r.head in {r"\cdot", "."}:
        r.take()
        kind = "divergence"
    wrt = _variable(r, below) if below is not None else None
    r.skip_apply()
    if r.done:
        raise NotMathematics("a gradient of nothing", (item.start, item.end))
    body = _operand(r, wrt)
    wrt = wrt or _implied(body)
    if wrt is None:
        r.refuse("a gradient without its variable", r"write \nabla_{x}", item)
    if kind == "gradient" and head not in _WORDS:
        kind = direction(body, wrt, r)  # type: ignore[assignment]
    return Derivative(body, wrt, kind)


def _variable(r: Reader, below: Tree) -> Term:
    r.state.naming += 1
    found = r.sub(items_of(below)).row()
    r.state.naming -= 1
    return found


def _operand(r: Reader, wrt: Term | None) -> Term:
    """The next operand, with the coefficients before it that cannot be what is meant."""
    bracketed = isinstance(r.item, Fence) and r.item.opening == "["
    found = [r.operand()]
    own = wrt.name if isinstance(wrt, Symbol) else ""
    while (
        not bracketed
        and _is_coefficient(found[-1], own)
        and r.head not in {"", "+", "-", ",", ";", "|", "||", r"\cdot", "/"}
    ):
        if r.head in r.stops:
            break
        found.append(r.operand())
    if not bracketed:
        found += _rest_of_form(r, found)
    return found[0] if len(found) == 1 else Multiply(tuple(found))


def _rest_of_form(r: Reader, found: list[Term]) -> list[Term]:
    r"""What makes a number of a row that stands first: `\nabla_\mu (\mu-m)^\top S (\mu-m)` is not the gradient of a row."""
    start, more = r.at, list[Term]()
    while (shape := _shape(r, [*found, *more])) is not None and len(shape) == 2 and shape[0] == "1":
        if r.done or r.head in r.stops or r.head in {"+", "-", ",", ";", "|", "||", r"\cdot", "/"}:
            break
        more.append(r.operand())
    if more and _shape(r, [*found, *more]) == ():
        return more
    r.at = start
    return []


def _shape(r: Reader, factors: list[Term]) -> tuple[str, ...] | None:
    try:
        return loose_shape(factors[0] if len(factors) == 1 else Multiply(tuple(factors)), r.lexicon.signature)
    except Unreadable:
        return None


def _is_coefficient(term: Term, own: str) -> bool:
    if isinstance(term, Number):
        return True
    if isinstance(term, Symbol):
        return (
            bool(own)
            and own not in term.name
            and not term.name.startswith(("f", "L", "J", r"\mathcal"))
        )
    return isinstance(term, Divide | Multiply) and all(
        _is_coefficient(child, own) for child in term.children
    )


def _implied(body: Term) -> Term | None:
    if isinstance(body, Density) and len(body.event) == 1:
        return body.event[0]
    if isinstance(body, Call) and body.arguments:
        first = body.arguments[0]
        return first if isinstance(first, Symbol) else _implied(first)
    return None


def _write(term: Derivative) -> Written:
    wrt, body = put(term.wrt, SUM), put(term.body, SUM)
    if term.kind == "time":
        return Written(rf"\frac{{\mathrm{{d}}}}{{\mathrm{{d}}{wrt}}}\left[{body}\right]", OPEN)
    if term.kind == "differential":
        return Written(rf"\mathrm{{d}}\left[{body}\right]", ATOM)
    sign = {
        "gradient": r"\nabla", "jacobian": r"\operatorname{Jac}", "hessian": r"\nabla^{2}",
        "laplacian": r"\Delta", "divergence": r"\operatorname{div}",
    }[term.kind]  # fmt: skip
    return Written(rf"{sign}_{{{wrt}}}\left[{body}\right]", ATOM)


NOTATION = Notation(
    what="gradients, Jacobians, Hessians, Laplacians and divergences",
    heads=(r"\nabla", r"\Delta", r"\partial", *_WORDS),
    read=_read,
    rank=30,
    kinds=(Derivative,),
    write=_write,
    holds=(
        (
            r"\nabla_{\mathbf{x}} \log p(\mathbf{x})",
            r"\nabla_{x}\left[\log\left(p(x)\right)\right]",
        ),
        (
            r"\nabla_\theta \frac{1}{2} L(\theta)",
            r"\nabla_{\theta}\left[\frac{1}{2} \, L\!\left(\theta\right)\right]",
        ),
        (r"\nabla\cdot f(x)", r"\operatorname{div}_{x}\left[f\!\left(x\right)\right]"),
        (r"\nabla \log p(x)", r"\nabla_{x}\left[\log\left(p(x)\right)\right]"),
        (r"\nabla^2_x f", r"\nabla^{2}_{x}\left[f\right]"),
        (r"\Delta_x f", r"\Delta_{x}\left[f\right]"),
        (r"\partial_x f(x)", r"\nabla_{x}\left[f\!\left(x\right)\right]"),
    ),
    refuses=(r"\nabla_x", r"\nabla (a+b)", r"\nabla^3 f"),
)
