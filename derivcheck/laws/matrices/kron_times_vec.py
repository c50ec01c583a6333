r"""A Kronecker product times a stacked matrix is a stacked product; two Kronecker products are one."""

from __future__ import annotations

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._structure import Product, multiply, product_of
from derivcheck.laws.matrices._words import letters_of
from derivcheck.terms.term import Call, Multiply, Term, Transpose


def _rewrite(t: Term, context: Context) -> Term | None:
    p = product_of(t, context)
    found = _in_word(p.letters, context)
    if found is not None:
        return multiply([Product(p.scalars).term, *found])
    for n, (base, e) in enumerate(p.scalars):
        if isinstance(base, Multiply) and context.shape(base) == ():
            word = _in_word(tuple(x for y in base.factors for x in letters_of(y)), context)
            if word is not None:
                rest = (*p.scalars[:n], *p.scalars[n + 1 :])
                return multiply([Product((*rest, (multiply(list(word)), e))).term, *p.letters])
    return None


def _in_word(letters: tuple[Term, ...], context: Context) -> tuple[Term, ...] | None:
    for i in range(len(letters) - 1):
        new = _joined(letters[i], letters[i + 1], context)
        if new is not None:
            return (*letters[:i], new, *letters[i + 2 :])
    return None


def _joined(left: Term, right: Term, context: Context) -> Term | None:
    """A (x) B beside vec(X), C (x) D, or vec(X)^T beside vec(Y)."""
    row = left.body if isinstance(left, Transpose) else None
    if isinstance(row, Call) and row.function == "vec" and isinstance(right, Call) and right.function == "vec":
        x, y = row.arguments[0], right.arguments[0]
        return Call("tr", (Multiply((Transpose(x), y)),)) if context.shape(x) == context.shape(y) else None
    if isinstance(row, Call) and row.function == "vec":
        turned = _factors(right)
        if turned is None:
            return None
        made = _joined(_transposed(turned), row, context)
        return None if made is None else Transpose(made)
    a = _factors(left)
    if a is None:
        return None
    if isinstance(right, Call) and right.function == "vec":
        x = right.arguments[0]
        return Call("vec", (Multiply((a[1], x, Transpose(a[0]))),)) if _fit(a[1], x, context) and _fit(x, Transpose(a[0]), context) else None
    b = _factors(right)
    if b is None or not (_fit(a[0], b[0], context) and _fit(a[1], b[1], context)):
        return None
    return Call("kron", (Multiply((a[0], b[0])), Multiply((a[1], b[1]))))


def _factors(t: Term) -> tuple[Term, Term] | None:
    """A and B of A (x) B, also of its transpose."""
    match t:
        case Call("kron", (a, b)):
            return a, b
        case Transpose(Call("kron", (a, b))):
            return Transpose(a), Transpose(b)
        case _:
            return None


def _transposed(factors: tuple[Term, Term]) -> Term:
    return Call("kron", (Transpose(factors[0]), Transpose(factors[1])))


def _fit(a: Term, b: Term, context: Context) -> bool:
    s, t = context.shape(a), context.shape(b)
    return s is not None and t is not None and len(s) == len(t) == 2 and s[1] == t[0]


_ABX = {
    "matrices": [r"A \in \mathbb{R}^{k \times m}", r"B \in \mathbb{R}^{l \times n}", r"X \in \mathbb{R}^{n \times m}", r"Y \in \mathbb{R}^{n \times m}", r"Z \in \mathbb{R}^{l \times k}"],
    "parameters": ["a > 0"],
}

LAW = Law(
    statement=r"(A \otimes B) \operatorname{vec}(X) = \operatorname{vec}(B X A^\top), \quad (A \otimes B)(C \otimes D) = AC \otimes BD, \quad \operatorname{vec}(X)^\top \operatorname{vec}(Y) = \operatorname{tr}(X^\top Y)",
    source="Magnus & Neudecker (1999), Matrix Differential Calculus, chapter 2; Petersen & Pedersen (2012), The Matrix Cookbook, section 10.2",
    on=(Multiply,),
    rewrite=_rewrite,
    holds=(
        Example(r"(A \otimes B) \operatorname{vec}(X)", _ABX, r"\operatorname{vec}(B X A^\top)"),
        Example(r"\operatorname{vec}(X)^\top \operatorname{vec}(Y)", _ABX, r"\operatorname{tr}(X^\top Y)"),
        Example(r"(A \otimes B)(A^\top \otimes B^\top)", _ABX, r"(A A^\top) \otimes (B B^\top)"),
        Example(r"a \operatorname{vec}(Z)^\top (A \otimes B)", _ABX, r"a \operatorname{vec}(B^\top Z A)^\top"),
    ),
)
