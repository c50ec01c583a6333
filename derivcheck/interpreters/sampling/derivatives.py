r"""∇ of what is no average, row by row, by automatic differentiation.

Main definitions: `gradient`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from derivcheck.interpreters.sampling.drawn import CannotSample, Drawn
from derivcheck.interpreters.sampling.keys import key_of
from derivcheck.interpreters.sampling.paths import averages
from derivcheck.terms.term import Derivative, Symbol

if TYPE_CHECKING:
    from derivcheck.interpreters.sampling.evaluate import Drawing, Env


def gradient(drawing: Drawing, t: Derivative, env: Env) -> Drawn:
    """∇_wrt body on every row. Shapes: body scalar, wrt a number or a column.

    Raises:
        CannotSample: the body is an average or no number, or what moves also moves something else on a path.
    """
    if averages(t.body):
        raise CannotSample("a derivative of an average: the law may move too")
    if not isinstance(t.wrt, Symbol):
        raise CannotSample("a derivative in something that is no symbol")
    key = key_of(t.wrt)
    for other in drawing.paths.mentioned:
        path = drawing.paths.body(other)
        if path is not None and key in drawing.paths.sources(path):
            raise CannotSample(f"a derivative in {key.replace('@', '_')}, which a path starts from")
    start = drawing.symbol(key, env)
    if start.rank > 1:
        raise CannotSample("a derivative in a matrix")
    n = max(env.count, len(start.data))
    leaf = start.data.detach().expand(n, *start.shape).clone().requires_grad_(True)
    with torch.enable_grad():
        v = drawing.value(t.body, type(env)(env.rows, {**env.leaves, key: Drawn(leaf)})).known("a derivative")
        if v.rank or v.iso:
            raise CannotSample("the gradient of something that is no number")
        if not v.data.requires_grad:
            return Drawn(torch.zeros_like(leaf.detach()))
        (found,) = torch.autograd.grad(v.data.expand(n).sum(), leaf, create_graph=bool(env.leaves))
    return Drawn(found)
