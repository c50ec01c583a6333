r"""The shape of a term, with the names of dimensions: () scalar, ("d",) column, ("n_2", "n_1") matrix.

Main definitions: `shape_of`.

An unknown dimension is `*` inside; a shape that holds one is given out as None, as is that of a name
nobody declared. Two columns side by side are their inner product, the square of a column its squared norm.
"""

from __future__ import annotations

from functools import reduce
from typing import assert_never

from derivcheck.notation.faults import ShapesDiffer
from derivcheck.terms.signature import Signature
from derivcheck.terms.term import (
    ELEMENTARY,
    Add,
    Call,
    Constant,
    Covariance,
    Density,
    Derivative,
    Divergence,
    Divide,
    Expectation,
    FamilyDensity,
    Fold,
    Identity,
    Integral,
    MatrixLiteral,
    Moment,
    Multiply,
    Negate,
    Norm,
    Number,
    Optimum,
    Power,
    Relation,
    StopGradient,
    Symbol,
    SymbolRange,
    Term,
    Transpose,
    Unknown,
)

Shape = tuple[str, ...]
ANY = "*"
_SCALARS = frozenset("tr det logdet rank dim lambda_min lambda_max indicator entry".split())


def shape_of(term: Term, signature: Signature) -> Shape | None:
    """The shape of a term under a signature, None where it is not determined.

    Raises:
        ShapesDiffer: the parts do not fit together.
    """
    found = loose_shape(term, signature)
    return None if found is None or ANY in found else found


def loose_shape(term: Term, signature: Signature) -> Shape | None:
    """As `shape_of`, with `*` for a dimension that is not known (an identity without size)."""
    return _shape(term, signature)


def _plain(dimension: str) -> str:
    return dimension.replace("_", "").replace("{", "").replace("}", "").replace("\\", "")


def _same(a: str, b: str) -> bool:
    return ANY in {a, b} or a == b or _plain(a) == _plain(b)


def _differ(what: str, a: Shape, b: Shape) -> ShapesDiffer:
    return ShapesDiffer(f"{what} of shapes {_text(a)} and {_text(b)}")


def _text(shape: Shape) -> str:
    return "×".join(shape) if shape else "scalar"


def _unified(a: Shape | None, b: Shape | None, what: str) -> Shape | None:
    if a is None or b is None:
        return a or b if not (a == () or b == ()) else None
    if len(a) != len(b):
        raise _differ(what, a, b)
    if not all(map(_same, a, b)):
        raise _differ(what, a, b)
    return tuple(y if x == ANY else x for x, y in zip(a, b, strict=True))


def _shape(term: Term, signature: Signature) -> Shape | None:
    match term:
        case Number() | Constant() | Norm() | Density() | FamilyDensity() | Divergence():
            return ()
        case SymbolRange() | Unknown() | Relation():
            return None
        case Symbol(name):
            return _of_name(name, signature)
        case Identity(size):
            return (size or ANY, size or ANY)
        case (
            Negate(body)
            | StopGradient(body)
            | Fold(body=body)
            | Integral(body=body)
            | Expectation(body=body)
        ):
            return _shape(body, signature)
        case Add(terms):
            return _sum(terms, signature)
        case Multiply(factors):
            return _product([_shape(factor, signature) for factor in factors])
        case Divide(numerator, denominator):
            return _quotient(_shape(numerator, signature), _shape(denominator, signature))
        case Power():
            return _power(term, signature)
        case Transpose(body):
            return _transposed(_shape(body, signature))
        case Call():
            return _call(term, signature)
        case MatrixLiteral(rows):
            return _literal(rows, signature)
        case Covariance(left, right):
            return _covariance(_shape(left, signature), _shape(right, signature))
        case Derivative():
            return _derivative(term, signature)
        case Optimum(kind, over, body):
            if not kind.startswith("arg"):
                return _shape(body, signature)
            return _shape(over[0], signature) if len(over) == 1 else None
        case Moment():
            return _moment(term, signature)
    assert_never(term)


def _of_name(name: str, signature: Signature) -> Shape | None:
    if (symbol := signature.symbols.get(name)) is not None:
        return symbol.shape
    if (function := signature.functions.get(name)) is not None:
        return function.shape
    if name in signature.indices:
        return ()
    for path in signature.paths:
        if path.variable.name == name:
            return None if name in path.body.names else _shape(path.body, signature)
    for optimum in signature.optima:
        if name in (optimum.name, *optimum.feasible) and optimum.unknown != name:
            return _of_name(optimum.unknown, signature)
    return _defined(name, signature)


def _defined(name: str, signature: Signature) -> Shape | None:
    for definition in signature.definitions:
        head = definition.head
        known = getattr(head, "name", None) or getattr(head, "function", None)
        if known == name and name not in definition.body.names:
            return _shape(definition.body, signature)
    return None


def _sum(terms: tuple[Term, ...], signature: Signature) -> Shape | None:
    found: Shape | None = None
    first = True
    for part in terms:
        if isinstance(part, Number) and part.value == 0:
            continue
        shape = _shape(part, signature)
        if shape is not None:
            found = shape if first else _unified(found, shape, "a sum")
            first = False
    return found


def _product(shapes: list[Shape | None]) -> Shape | None:
    try:
        return reduce(_times, shapes)
    except ShapesDiffer:
        inner = _inner_products(shapes)
        if len(inner) == len(shapes):
            raise
        return reduce(_times, inner)


def _row_times_column(before: Shape, shape: Shape) -> bool:
    return len(before) == 2 and len(shape) == 1 and before[0] == "1" and _same(before[1], shape[0])


def _inner_products(shapes: list[Shape | None]) -> list[Shape | None]:
    """The shapes with every row times column made a scalar: `A v^T v` is A times a number."""
    found: list[Shape | None] = []
    for shape in shapes:
        before = found[-1] if found else None
        if before is not None and shape is not None and _row_times_column(before, shape):
            found[-1] = ()
        else:
            found.append(shape)
    return found


def _times(a: Shape | None, b: Shape | None) -> Shape | None:
    if a is None or b is None:
        return None
    if not a or not b:
        return a or b
    if len(a) == 1 and len(b) == 1:
        if not _same(a[0], b[0]):
            raise _differ("a product", a, b)
        return ()
    if len(a) == 1:
        a = (a[0], "1")
    column = len(b) == 1
    if column:
        b = (b[0], "1")
    if not _same(a[1], b[0]):
        raise _differ("a product", a, b[:1] if column else b)
    rows, columns = a[0], b[1]
    if rows == "1" and columns == "1":
        return ()
    return (rows,) if column else (rows, columns)


def _quotient(above: Shape | None, below: Shape | None) -> Shape | None:
    if below:
        raise ShapesDiffer(f"a quotient by something of shape {_text(below)}")
    return above


def _power(term: Power, signature: Signature) -> Shape | None:
    base, exponent = _shape(term.base, signature), _shape(term.exponent, signature)
    if exponent:
        raise ShapesDiffer(f"an exponent of shape {_text(exponent)}")
    if base is not None and len(base) == 1:
        if isinstance(term.exponent, Number) and term.exponent.value == 2:
            return ()
        raise ShapesDiffer("a power of a column")
    if base is not None and len(base) == 2 and not _same(base[0], base[1]):
        raise ShapesDiffer(f"a power of a matrix of shape {_text(base)}")
    return base


def _transposed(body: Shape | None) -> Shape | None:
    if not body:
        return body
    if len(body) == 1:
        return ("1", body[0])
    return (body[1],) if body[0] == "1" else (body[1], body[0])


def _call(term: Call, signature: Signature) -> Shape | None:
    if term.function not in ELEMENTARY and term.function not in _SCALARS:
        return _of_name(term.function, signature)
    shapes = [_shape(argument, signature) for argument in term.arguments]
    if not shapes:
        return None
    first = shapes[0]
    if term.function in _SCALARS:
        return _scalar_of(term.function, first)
    if term.function == "basis":
        size = term.arguments[1]
        return (size.name,) if isinstance(size, Symbol) else None
    if term.function == "vec":
        return None if first is None or len(first) != 2 else (_joined(*first),)
    if term.function == "kron":
        return _kron(shapes)
    if term.function == "diag":
        return None if not first else ((first[0], first[0]) if len(first) == 1 else (first[0],))
    if term.function == "hadamard" and len(shapes) == 2:
        return _unified(first, shapes[1], "an elementwise product")
    return first


def _scalar_of(function: str, shape: Shape | None) -> Shape:
    square = function not in {"indicator", "dim", "rank", "entry"}
    if square and shape is not None and len(shape) == 2 and not _same(*shape):
        raise ShapesDiffer(f"{function} of a matrix of shape {_text(shape)}")
    if square and shape is not None and len(shape) == 1:
        raise ShapesDiffer(f"{function} of a column")
    return ()


def _joined(*dimensions: str) -> str:
    if ANY in dimensions:
        return ANY
    parts = sorted((p for d in dimensions for p in d.split("·") if p != "1"), key=_plain)
    return "·".join(parts) or "1"


def _kron(shapes: list[Shape | None]) -> Shape | None:
    if any(s is None for s in shapes):
        return None
    full = [(*s, "1")[:2] if s else ("1", "1") for s in shapes if s is not None]
    return (_joined(*(s[0] for s in full)), _joined(*(s[1] for s in full)))


def _literal(rows: tuple[tuple[Term, ...], ...], signature: Signature) -> Shape | None:
    if any(_shape(cell, signature) for row in rows for cell in row):
        return None
    columns = len(rows[0])
    return (str(len(rows)),) if columns == 1 else (str(len(rows)), str(columns))


def _covariance(left: Shape | None, right: Shape | None) -> Shape | None:
    if left is None or right is None:
        return None
    return (*left[:1], *right[:1]) if left or right else ()


def _derivative(term: Derivative, signature: Signature) -> Shape | None:
    body, wrt = _shape(term.body, signature), _shape(term.wrt, signature)
    if term.kind in {"time", "differential"}:
        return body
    if term.kind in {"laplacian", "divergence"}:
        return ()
    if wrt is None:
        return None
    if term.kind == "hessian":
        return (*wrt, *wrt)
    if term.kind == "jacobian":
        return None if body is None else (*body[:1], *wrt[:1])
    if body == ():
        return wrt
    return body if wrt == () else None


def _moment(term: Moment, signature: Signature) -> Shape | None:
    if not isinstance(term.law, Density) or len(term.law.event) != 1:
        return None
    event = _shape(term.law.event[0], signature)
    if term.kind == "covariance":
        return (*event, *event) if event else event
    return event if term.kind == "mean" else ()
