"""Values with named axes: what products, sums and shapes are worth, against plain numpy.

Guards: a product that sums over the wrong axis, columns that meet as an inner product where transposes are
written, `c I` that is added to every entry, shapes that broadcast where they must not, a renaming of two axes
to one that keeps the whole square instead of its diagonal.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from derivcheck.interpreters.exact.values import (
    CannotEvaluate,
    ShapesDiffer,
    Value,
    add,
    dot,
    multiply,
    product,
    rename,
    scale,
    sum_over,
    transpose,
)
from tests.checks.asking import plain, values

W = 2
SIZES = {"x": 2, "y": 3, "z": 4}
MATRICES = r"""
matrices: ['A \in \mathbb{R}^{n \times m}', 'B \in \mathbb{R}^{m \times n}', 'C \in \mathbb{R}^{n \times n}', 'S \in \mathbb{S}_{++}^{n}', 'Y \in \mathbb{S}^{n}']
parameters: ['v \in \mathbb{R}^{m}', 'w \in \mathbb{R}^{n}', 'u \in \mathbb{R}^{n}', 'c \in \mathbb{R}']
"""


def random(axes: tuple[str, ...], shape: tuple[int, ...], seed: int) -> Value:
    generator = torch.Generator().manual_seed(seed)
    size = (W, *(SIZES[a] for a in axes), *shape)
    return Value(axes, torch.randn(size, generator=generator, dtype=torch.float64), len(shape))


def full(v: Value) -> np.ndarray:
    """[W, x, y, z, *shape] with every axis at its full size."""
    data = v.spread(("x", "y", "z")).numpy()
    return np.broadcast_to(data, (W, *SIZES.values(), *v.shape))


axes_of = st.lists(st.sampled_from("xyz"), unique=True).map(tuple)  # in any order
seeds = st.integers(0, 10_000)


@given(axes_of, axes_of, seeds)
def test_sums_and_products_keep_axes_apart(a: tuple[str, ...], b: tuple[str, ...], seed: int) -> None:
    left, right = random(a, (), seed), random(b, (), seed + 1)
    assert np.allclose(full(add(left, right)), full(left) + full(right))
    assert np.allclose(full(multiply([left, right])), full(left) * full(right))


@given(axes_of, axes_of, seeds, st.integers(1, 3), st.integers(1, 3), st.integers(1, 3))
def test_matrix_products(a: tuple[str, ...], b: tuple[str, ...], seed: int, n: int, k: int, m: int) -> None:
    left, right = random(a, (n, k), seed), random(b, (k, m), seed + 1)
    found = product(left, right)
    assert found is not None
    wanted = full(left) @ full(right)
    if (n, m) == (1, 1):
        assert found.rank == 0
        wanted = wanted[..., 0, 0]
    elif m == 1:
        wanted = wanted.reshape(*wanted.shape[:-2], *found.shape)
    assert np.allclose(full(found), wanted)


@given(axes_of, axes_of, seeds, st.integers(2, 4))
def test_columns_and_rows(a: tuple[str, ...], b: tuple[str, ...], seed: int, n: int) -> None:
    v, w = random(a, (n,), seed), random(b, (n,), seed + 1)
    inner = np.einsum("...i,...i->...", full(v), full(w))
    outer = np.einsum("...i,...j->...ij", full(v), full(w))
    assert np.allclose(full(dot(v, w)), inner)
    assert np.allclose(full(multiply([transpose(v), w])), inner)
    assert np.allclose(full(multiply([v, transpose(w)])), outer)
    assert np.allclose(full(multiply([v, w])), inner)
    with pytest.raises(ShapesDiffer):
        multiply([v, w], dots=False)


@given(axes_of, seeds)
def test_row_column_pairs_bind_first_where_reading_from_the_left_does_not_fit(a: tuple[str, ...], seed: int) -> None:
    v, w, u = (random(a, (3,), seed + i) for i in range(3))
    found = multiply([v, transpose(w), u])  # (v wᵀ) u = v (wᵀ u)
    assert np.allclose(full(found), full(v) * np.einsum("...i,...i->...", full(w), full(u))[..., None])


@given(axes_of, axes_of, seeds, st.integers(2, 4))
def test_a_multiple_of_the_identity_is_added_on_the_diagonal_only(a: tuple[str, ...], b: tuple[str, ...], seed: int, n: int) -> None:
    c = random(a, (), seed)
    c = Value(c.axes, c.data, 0, iso=True)
    S = random(b, (n, n), seed + 1)
    wanted = full(S) + full(c)[..., None, None] * np.eye(n)
    assert np.allclose(full(add(c, S)), wanted)
    assert np.allclose(full(add(S, c)), wanted)
    with pytest.raises(ShapesDiffer):
        add(c, random(b, (n, n + 1), seed))
    with pytest.raises(ShapesDiffer):
        add(c, random(b, (n,), seed))


@given(axes_of, seeds)
def test_a_sum_over_an_axis_on_which_nothing_varies_multiplies_by_its_mass(a: tuple[str, ...], seed: int) -> None:
    v = random(a, (), seed)
    weights = Value(("y",), torch.full((1, SIZES["y"]), 0.75, dtype=torch.float64))
    found = sum_over(v, "y", weights, SIZES["y"])
    assert "y" not in found.axes
    assert np.allclose(full(found)[:, :, 0], 0.75 * full(v).sum(2))


@given(seeds, st.permutations("xyz"), st.sampled_from([(), (2,), (2, 3)]))
def test_two_axes_of_one_name_are_a_diagonal(seed: int, order: list[str], shape: tuple[int, ...]) -> None:
    generator = torch.Generator().manual_seed(seed)
    data = torch.randn((W, 3, 3, 3, *shape), generator=generator, dtype=torch.float64)
    v = Value(tuple(order), data, len(shape))
    found = rename(v, {"z": "x"})
    i, j = order.index("x"), order.index("z")
    letters = {"x": "a", "z": "a", "y": "b"}
    wanted = np.einsum(f"w{''.join(letters[o] for o in order)}...->wab...", data.numpy())
    assert i != j
    assert np.allclose(found.spread(("x", "y")).numpy(), wanted)


def test_a_zero_fits_every_shape_and_other_numbers_do_not() -> None:
    S = random((), (2, 2), 0)
    zero = Value((), torch.zeros(1, dtype=torch.float64))
    one = Value((), torch.ones(1, dtype=torch.float64))
    assert torch.equal(add(S, zero).data, S.data)
    with pytest.raises(ShapesDiffer):
        add(S, one)


def test_a_scalar_times_the_identity_stays_a_multiple_of_it() -> None:
    eye = Value((), torch.ones(1, dtype=torch.float64), 0, iso=True)
    c = scale(random(("x",), (), 3), eye)
    assert c.iso
    S = random((), (3, 3), 4)
    assert np.allclose(full(multiply([c, S])), full(c)[..., None, None] * full(S))


# --- through the reader and the interpreter ------------------------------------------------------

NUMPY = [
    (r"A v", lambda k: k["A"] @ k["v"]),
    (r"w^T A v", lambda k: k["w"] @ k["A"] @ k["v"]),
    (r"(A B)^T", lambda k: (k["A"] @ k["B"]).T),
    (r"B^T A^T", lambda k: k["B"].T @ k["A"].T),
    (r"v v^T", lambda k: np.outer(k["v"], k["v"])),
    (r"w u", lambda k: k["w"] @ k["u"]),
    (r"\mathrm{tr}(A B)", lambda k: np.trace(k["A"] @ k["B"])),
    (r"\log \det S", lambda k: np.linalg.slogdet(k["S"])[1]),
    (r"\log |S|", lambda k: np.linalg.slogdet(k["S"])[1]),
    (r"S^{-1} w", lambda k: np.linalg.solve(k["S"], k["w"])),
    (r"S^{-T}", lambda k: np.linalg.inv(k["S"]).T),
    (r"\mathrm{vec}(A)", lambda k: k["A"].flatten(order="F")),
    (r"A \otimes B", lambda k: np.kron(k["A"], k["B"])),
    (r"c I + C", lambda k: k["c"] * np.eye(len(k["w"])) + k["C"]),
    (r"(I - C)(I - C)^T", lambda k: (np.eye(len(k["w"])) - k["C"]) @ (np.eye(len(k["w"])) - k["C"]).T),
    (r"\|w\|^2", lambda k: k["w"] @ k["w"]),
    (r"\|w\|", lambda k: np.sqrt(k["w"] @ k["w"])),
    (r"\|w\|_1", lambda k: np.abs(k["w"]).sum()),
    (r"\|A\|_F^2", lambda k: (k["A"] ** 2).sum()),
    (r"w^2", lambda k: k["w"] @ k["w"]),
    (r"C^2", lambda k: k["C"] @ k["C"]),
    (r"\begin{pmatrix} c & 2 \\ 0 & c^2 \end{pmatrix}", lambda k: np.array([[k["c"], 2], [0, k["c"] ** 2]])),
    (r"\frac{w^T u}{c} w", lambda k: k["w"] @ k["u"] / k["c"] * k["w"]),
]


@pytest.mark.parametrize(("latex", "reference"), NUMPY, ids=[n[0] for n in NUMPY])
@pytest.mark.parametrize("group", [0, 1])
def test_terms_against_numpy(latex: str, reference, group: int) -> None:
    names = ["A", "B", "C", "S", "v", "w", "u", "c"]
    found, *drawn = values(MATRICES, latex, *names, group=group)
    count = max(v.data.shape[0] for v in drawn)
    for i in range(count):
        here = {n: v.data.expand(count, *v.data.shape[1:])[i].numpy() for n, v in zip(names, drawn, strict=True)}
        assert np.allclose(plain(found).expand(count, *found.data.shape[1:])[i].numpy(), reference(here), atol=1e-12)


@pytest.mark.parametrize("latex", ["A A", "A + B", "A w", "v + w", r"\frac{w}{S}", "c + C", "c I + A", r"\mathrm{tr}(A)", r"\det A", "A^{-1}", r"\log w + C"])
def test_shapes_that_do_not_fit_have_no_value(latex: str) -> None:
    with pytest.raises(CannotEvaluate):
        values(MATRICES, latex)


def test_matrices_are_not_square_nor_symmetric_unless_declared() -> None:
    """A symmetric draw would let a lost transpose pass; a square one a swapped product."""
    A, C, Y, S = values(MATRICES, "A", "C", "Y", "S")
    assert A.shape[0] != A.shape[1]
    assert not torch.allclose(C.data, C.data.mT)
    assert torch.equal(Y.data, Y.data.mT)
    assert bool((torch.linalg.eigvalsh(S.data) > 0).all())
    assert bool((torch.linalg.eigvalsh(Y.data) < 0).any()), "symmetric is not positive"
