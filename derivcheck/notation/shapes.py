r"""The shape of a term, with the names of dimensions: () scalar, ("d",) column, ("n_2", "n_1") matrix.

Main definitions: `shape_of`.

An unknown dimension is `*` inside; a shape that holds one is given out as None, as is that of a name
nobody declared. Two columns side by side are their inner product, the square of a column its squared norm.
"""

from __future__ import annotations

from functools import reduce, singledispatch

from derivcheck.notation.faults import ShapesDiffer
from derivcheck.terms import term as T
from derivcheck.terms.signature import Signature

Shape = tuple[str, ...]
ANY = "*"
_SCALARS = frozenset("tr det logdet rank dim lambda_min lambda_max indicator".split())


def shape_of(term: T.Term, signature: Signature) -> Shape | None:
    """The shape of a term under a signature, None where it is not determined.

    Raises:
        ShapesDiffer: the parts do not fit together.
    """
    found = loose_shape(term, signature)
    return None if found is None or ANY in found else found


def loose_shape(term: T.Term, signature: Signature) -> Shape | None:
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


@singledispatch
def _shape(term: T.Term, signature: Signature) -> Shape | None:
    """Densities, divergences, numbers: scalars."""
    return ()


@_shape.register(T.SymbolRange)
@_shape.register(T.Unknown)
@_shape.register(T.Relation)
def _(term: T.Term, signature: Signature) -> Shape | None:
    return None


@_shape.register
def _(term: T.Symbol, signature: Signature) -> Shape | None:
    declared = signature.symbols.get(term.name)
    if declared is not None:
        return declared.shape
    function = signature.functions.get(term.name)
    if function is not None:
        return function.shape
    if term.name in signature.indices:
        return ()
    for flow_name, path in ((p.variable.name, p) for p in signature.paths):
        if flow_name == term.name:
            return None if path.body.names & {term.name} else _shape(path.body, signature)
    for optimum in signature.optima:
        if term.name in (optimum.name, *optimum.feasible) and optimum.unknown != term.name:
            return _shape(T.Symbol(optimum.unknown), signature)
    return _defined(term.name, signature)


def _defined(name: str, signature: Signature) -> Shape | None:
    for definition in signature.definitions:
        head = definition.head
        known = getattr(head, "name", None) or getattr(head, "function", None)
        if known == name and name not in definition.body.names:
            return _shape(definition.body, signature)
    return None


@_shape.register
def _(term: T.Identity, signature: Signature) -> Shape | None:
    size = term.size or ANY
    return (size, size)


@_shape.register
def _(term: T.Add, signature: Signature) -> Shape | None:
    found: Shape | None = None
    first = True
    for part in term.terms:
        if isinstance(part, T.Number) and part.value == 0:
            continue
        shape = _shape(part, signature)
        if shape is None:
            continue
        found = shape if first else _unified(found, shape, "a sum")
        first = False
    return found


@_shape.register(T.Negate)
@_shape.register(T.StopGradient)
@_shape.register(T.Fold)
@_shape.register(T.Integral)
@_shape.register(T.Expectation)
def _(term: T.Negate | T.StopGradient | T.Fold | T.Integral | T.Expectation, signature: Signature) -> Shape | None:
    return _shape(term.body, signature)


@_shape.register
def _(term: T.Multiply, signature: Signature) -> Shape | None:
    shapes = [_shape(factor, signature) for factor in term.factors]
    try:
        return reduce(_times, shapes)
    except ShapesDiffer:
        inner = _inner_products(shapes)
        if len(inner) == len(shapes):
            raise
        return reduce(_times, inner)


def _inner_products(shapes: list[Shape | None]) -> list[Shape | None]:
    """The shapes with every row times column made a scalar: `A v^T v` is A times a number."""
    found: list[Shape | None] = []
    for shape in shapes:
        before = found[-1] if found else None
        row = before is not None and len(before) == 2 and before[0] == "1"
        if row and shape is not None and len(shape) == 1 and before is not None and _same(before[1], shape[0]):
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


@_shape.register
def _(term: T.Divide, signature: Signature) -> Shape | None:
    below = _shape(term.denominator, signature)
    above = _shape(term.numerator, signature)
    if below:
        raise ShapesDiffer(f"a quotient by something of shape {_text(below)}")
    return above


@_shape.register
def _(term: T.Power, signature: Signature) -> Shape | None:
    base, exponent = _shape(term.base, signature), _shape(term.exponent, signature)
    if exponent:
        raise ShapesDiffer(f"an exponent of shape {_text(exponent)}")
    if base is not None and len(base) == 1:
        if isinstance(term.exponent, T.Number) and term.exponent.value == 2:
            return ()
        raise ShapesDiffer("a power of a column")
    if base is not None and len(base) == 2 and not _same(*base):
        raise ShapesDiffer(f"a power of a matrix of shape {_text(base)}")
    return base


@_shape.register
def _(term: T.Transpose, signature: Signature) -> Shape | None:
    body = _shape(term.body, signature)
    if not body:
        return body
    if len(body) == 1:
        return ("1", body[0])
    return (body[1],) if body[0] == "1" else (body[1], body[0])


@_shape.register
def _(term: T.Call, signature: Signature) -> Shape | None:
    if term.function not in T.ELEMENTARY and term.function != "logdet":
        declared = signature.functions.get(term.function)
        if declared is not None:
            return declared.shape
        return _shape(T.Symbol(term.function), signature)
    shapes = [_shape(argument, signature) for argument in term.arguments]
    if term.function in _SCALARS:
        return _scalar_of(term.function, shapes[0])
    if term.function == "vec":
        body = shapes[0]
        return None if body is None or len(body) != 2 else (_joined(*body),)
    if term.function == "kron":
        return _kron(shapes)
    if term.function == "diag":
        body = shapes[0]
        return None if not body else ((body[0], body[0]) if len(body) == 1 else (body[0],))
    if term.function == "hadamard":
        return _unified(shapes[0], shapes[1], "an elementwise product")
    return shapes[0]


def _scalar_of(function: str, shape: Shape | None) -> Shape:
    square = function not in {"indicator", "dim", "rank"}
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


@_shape.register
def _(term: T.MatrixLiteral, signature: Signature) -> Shape | None:
    rows, columns = len(term.rows), len(term.rows[0])
    if any(_shape(cell, signature) for row in term.rows for cell in row):
        return None
    return (str(rows),) if columns == 1 else (str(rows), str(columns))


@_shape.register
def _(term: T.Covariance, signature: Signature) -> Shape | None:
    left, right = _shape(term.left, signature), _shape(term.right, signature)
    if left is None or right is None:
        return None
    return (*left[:1], *right[:1]) if left or right else ()


@_shape.register
def _(term: T.Derivative, signature: Signature) -> Shape | None:
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


@_shape.register
def _(term: T.Optimum, signature: Signature) -> Shape | None:
    if not term.kind.startswith("arg"):
        return _shape(term.body, signature)
    return _shape(term.over[0], signature) if len(term.over) == 1 else None


@_shape.register
def _(term: T.Moment, signature: Signature) -> Shape | None:
    if not isinstance(term.law, T.Density) or len(term.law.event) != 1:
        return None
    event = _shape(term.law.event[0], signature)
    return (*event, *event) if event and term.kind == "covariance" else event if term.kind == "mean" else ()


@_shape.register
def _(term: T.FamilyDensity, signature: Signature) -> Shape | None:
    return ()
