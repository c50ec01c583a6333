r"""Inverses, roots and determinants: of matrices that have them.

Guards: the inverse that rounding gives a singular matrix ((W^T W)^{-1} W^T W = I refuted for wide W), quotients of
determinants that are rounding, roots and eigenvalues of the lower triangle of a matrix that is not symmetric.
"""

from __future__ import annotations

import math

import pytest
import torch

from derivcheck.interpreters.exact.regular import (
    _plainly_regular,
    determinant,
    eigenvalues,
    inverse,
    regular,
    root,
)
from tests.checks.asking import result

MATRICES = r"""
matrices: ['W \in \mathbb{R}^{m\times n}', 'X \in \mathbb{S}_{++}^{n}', 'A \in \mathbb{R}^{n\times n}', 'S \in \mathbb{S}^{n}']
parameters: ['v \in \mathbb{R}^{n}']
"""
CASES = [
    (r"(WXW^\top)^{-1}WXW^\top=I_m", "holds"),
    (r"(W^\top W)^{-1}W^\top W=I_n", "holds"),
    (r"(W^\top W)^{-1}W^\top W=2I_n", "fails"),
    (r"(W^\top W)^{-2}(W^\top W)^2 = I_n", "holds"),
    (r"W^\top(WW^\top)^{-1}W = I_n", "fails"),
    (r"(W^\top W \otimes X)^{-1} = (W^\top W)^{-1}\otimes X^{-1}", "holds"),
    (r"\mathrm{tr}((W^\top W)^{-1}W^\top W)=n", "holds"),
    (r"\frac{\partial}{\partial W}\log\det(W^\top W) = 2W(W^\top W)^{-1}", "holds"),
    (r"\frac{\partial}{\partial W}\log\det(W^\top W) = W(W^\top W)^{-1}", "fails"),
    (r"(vv^\top)^{-1}vv^\top = I_n", "undecided"),
    (r"(vv^\top)^{-1}vv^\top = 3I_n", "undecided"),
    (r"\det(vv^\top) = 0", "holds"),
    (r"\frac{\det(2W^\top W)}{\det(W^\top W)} = 2^n", "holds"),
    (r"\frac{\det(2W^\top W)}{\det(W^\top W)} = 2^m", "fails"),
    (r"\log\det(2W^\top W) = n\log 2 + \log\det(W^\top W)", "holds"),
    (r"\log\det(2vv^\top) = \log\det(vv^\top)", "undecided"),
    (r"(W^\top W)^{-1/2}W^\top W (W^\top W)^{-1/2}=I_n", "holds"),
    (r"(W^\top W)^{-1/2}W^\top W (W^\top W)^{-1/2}=2I_n", "fails"),
    (r"(vv^\top)^{1/2} = \frac{vv^\top}{\|v\|}", "holds"),
    (r"(vv^\top)^{1/2} = vv^\top", "fails"),
    (r"(S^2)^{1/2} = S", "fails"),
    (r"A^{1/2}A^{1/2}=A", "undecided"),
    (r"\lambda_{\max}(A+2S)=\lambda_{\max}(A)+2\lambda_{\max}(S)", "undecided"),
]


@pytest.mark.parametrize(("latex", "want"), CASES)
def test_relations_are_judged_where_their_inverses_exist(latex: str, want: str) -> None:
    assert result(latex, MATRICES) == want


def batch(*rows: list[list[float]]) -> torch.Tensor:
    return torch.tensor(rows, dtype=torch.float64)


SINGULAR = [[1.0, 2.0], [2.0, 4.0 + 1e-15]]
PLAIN = [[2.0, 0.0], [0.0, 8.0]]


def test_a_singular_matrix_has_no_inverse_and_no_derivative_of_one() -> None:
    a = batch(PLAIN, SINGULAR).requires_grad_()
    out = inverse(a)
    assert torch.allclose(out[0], batch([[0.5, 0.0], [0.0, 0.125]])[0])
    assert bool(out[1].isnan().all())
    (g,) = torch.autograd.grad(out[0].sum(), [a], retain_graph=True)
    assert bool(g[0].isfinite().all())
    (g,) = torch.autograd.grad(out.sum(), [a])
    assert bool(g[1].isnan().all())


def test_a_determinant_of_rounding_is_zero() -> None:
    found = determinant(batch(PLAIN, SINGULAR, [[1.0, 0.0], [0.0, 1e-12]]))
    assert found[:2].tolist() == [16.0, 0.0]
    assert math.isnan(found[2]), "too near to singular to tell"


def test_roots_only_of_symmetric_matrices_with_roots() -> None:
    a = batch(PLAIN, [[1.0, 2.0], [0.0, 1.0]], [[-1.0, 0.0], [0.0, 1.0]], [[1.0, 1.0], [1.0, 1.0]])
    half, inverted = root(a, 0.5), root(a, -0.5)
    assert torch.allclose(half[0] @ half[0], a[0])
    assert torch.allclose(half[3] @ half[3], a[3])
    assert bool(half[1:3].isnan().all())
    assert bool(inverted[1:].isnan().all())
    assert bool(eigenvalues(a)[1].isnan().all())
    assert eigenvalues(a)[2].tolist() == [-1.0, 1.0]


@pytest.mark.parametrize("n", [1, 2, 3, 5])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_the_quick_bound_never_says_more_than_the_singular_values(n: int, scale: float) -> None:
    generator = torch.Generator().manual_seed(n)
    for power in range(15):
        left, right = (torch.linalg.qr(torch.randn(4, n, n, dtype=torch.float64, generator=generator)).Q for _ in range(2))
        sizes = scale * torch.logspace(0, -power, n, dtype=torch.float64)
        made = left @ torch.diag_embed(sizes.expand(4, n)) @ right
        condition = torch.linalg.cond(made)
        if _plainly_regular(made):
            assert bool((condition < 1e10).all())
        elif power < 4:
            pytest.fail(f"a condition of 1e{power} is no doubt")
        refused = ~torch.isfinite(regular(made)).flatten(-2).all(-1)
        assert bool((refused == (condition > 1e10)).all())


def test_what_is_no_number_is_not_plainly_regular() -> None:
    for bad in (0.0, math.nan, math.inf):
        assert not _plainly_regular(torch.tensor([[[bad]]], dtype=torch.float64))
        assert not _plainly_regular(torch.tensor([[[bad, 0.0], [0.0, 1.0]]], dtype=torch.float64))
