r"""Mutants that are true all the same, each shown by plain numpy on three instances of its own.

A mutant is a true relation with one part exchanged; it is equivalent if the old and the new part have one value
wherever the relation stands. Nothing of derivcheck is used here. `WITHOUT_VALUE` are mutants that are no
statements about real numbers: the logarithm or root of what is negative somewhere on every instance.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.mutation.generate import Mutant
from tests.support.latex import Text

Pair = tuple[Any, Any]


@dataclass(frozen=True)
class Reason:
    """Why a class of mutants is equivalent: which ones, and both parts' values on a random instance."""

    why: str
    ids: str
    kinds: str
    values: Callable[[np.random.Generator], Iterator[Pair]]
    where: str = ""  # a pattern of `...before<old>new>after...` without white space

    def fits(self, mutant: Mutant) -> bool:
        """Whether a mutant is of this class."""
        document = mutant.base.document if "/" in mutant.base.document else mutant.base.document[:3]
        if f"{document}:{mutant.base.id}" not in self.ids.split() or mutant.kind not in self.kinds.split(", "):
            return False
        return re.search(self.where, exchanged(mutant)) is not None

    def holds(self) -> bool:
        """Whether the parts agree on three instances."""
        return all(np.allclose(a, b, rtol=1e-9, atol=1e-12) for seed in range(3) for a, b in self.values(np.random.default_rng(seed)))


def exchanged(mutant: Mutant) -> str:
    """The base's text with the part that was exchanged and what stands there now: `a + b<^T>>c`."""
    old_text, new_text = (mutant.base.lhs, mutant.lhs) if mutant.side == "left" else (mutant.base.rhs, mutant.rhs)
    old, new = ([t for t in Text(x).tokens if not t.isspace()] for x in (old_text, new_text))
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    before, after = "".join(old[:start]), "".join(old[len(old) - end :])
    return f"{before}<{''.join(old[start : len(old) - end])}>{''.join(new[start : len(new) - end])}>{after}"


# --- instances ------------------------------------------------------------------------------------


def _schedule(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    alpha = rng.uniform(0.2, 0.95, size=5)
    return alpha, np.array([np.prod(alpha[: k + 1]) for k in range(5)])


def _first_bar(rng: np.random.Generator) -> Iterator[Pair]:
    alpha, bar = _schedule(rng)
    yield alpha[0], bar[0]


def _same_prior(rng: np.random.Generator) -> Iterator[Pair]:
    prior = {"p_theta(x_T)": rng.dirichlet(np.ones(4))}
    prior["p(x_T)"] = prior["p_theta(x_T)"]  # the theory: p(x_T) = p_theta(x_T)
    yield prior["p(x_T)"], prior["p_theta(x_T)"]


def given_itself(rng: np.random.Generator) -> Iterator[Pair]:
    start, step = rng.dirichlet(np.ones(3)), rng.dirichlet(np.ones(3), size=3)
    joint = start[:, None, None] * step[:, :, None] * step[None, :, :]  # x_0, x_1, x_2
    rest = joint / joint.sum((1, 2), keepdims=True)
    for x0 in range(3):
        whole = np.zeros((3, 3, 3))  # law of (x_0, x_1, x_2) given x_0
        whole[x0] = rest[x0]
        yield whole[x0], rest[x0]


def _equal_variances(rng: np.random.Generator) -> Iterator[Pair]:
    m, n, s = rng.normal(size=2), rng.normal(size=2), rng.uniform(0.3, 2.0)
    yield _kl_by_grid(m, n, s), _kl_by_grid(n, m, s)
    yield _kl_by_grid(m, n, s), np.sum((m - n) ** 2) / (2 * s**2)


def _kl_by_grid(m: np.ndarray, n: np.ndarray, s: float) -> float:
    total = 0.0
    for a, b in zip(m, n, strict=True):  # coordinates are independent
        x = np.linspace(a - 12 * s, a + 12 * s, 4001)
        density = np.exp(-((x - a) ** 2) / (2 * s**2)) / (s * np.sqrt(2 * np.pi))
        total += float(np.sum(density * ((x - b) ** 2 - (x - a) ** 2) / (2 * s**2)) * (x[1] - x[0]))
    return total


def _no_constant(rng: np.random.Generator) -> Iterator[Pair]:
    """The brackets on both sides are equal, so that the open constants are 0 and may be left out or negated."""
    alpha, bar = _schedule(rng)
    t, d = 2, 3
    x0, eps, net = rng.normal(size=d), rng.normal(size=d), rng.normal(size=d)
    a, b, previous = alpha[t], bar[t], bar[t - 1]
    xt = np.sqrt(b) * x0 + np.sqrt(1 - b) * eps
    mean = np.sqrt(previous) * (1 - a) / (1 - b) * x0 + np.sqrt(a) * (1 - previous) / (1 - b) * xt
    sigma2 = (1 - previous) / (1 - b) * (1 - a)
    model = (xt - (1 - a) / np.sqrt(1 - b) * net) / np.sqrt(a)
    one = np.sum((mean - model) ** 2) / (2 * sigma2)
    two = np.sum(((xt - (1 - a) / np.sqrt(1 - b) * eps) / np.sqrt(a) - model) ** 2) / (2 * sigma2)
    three = (1 - a) ** 2 / (2 * a * (1 - b) * sigma2) * np.sum((eps - net) ** 2)
    yield from ((one, two), (two, three), (_kl_by_grid(mean, model, float(np.sqrt(sigma2))), one))


def _masses(rng: np.random.Generator) -> Iterator[Pair]:
    weight = rng.uniform(0.5, 1.5, size=6)
    f0, f1 = (v / np.sum(v * weight) for v in rng.uniform(0.1, 1, size=(2, 6)))
    yield np.sum(f0 * np.log(2) * weight), np.sum(f1 * np.log(2) * weight)
    yield np.log(2) * np.sum(f0 * weight), np.log(2) * np.sum(f1 * weight)


def _moments(rng: np.random.Generator, *, views: bool) -> tuple[np.ndarray, ...]:
    """W and second moments: of a joint table of (x_1, x_2), or of two views drawn alike given x."""
    W = rng.normal(size=(3, 2))
    x = rng.normal(size=(4, 2))
    if views:
        given = rng.dirichlet(np.ones(4), size=5)
        table = np.einsum("i,ij,ik->jk", rng.dirichlet(np.ones(5)), given, given)
    else:
        table = rng.dirichlet(np.ones(16)).reshape(4, 4)
    f = x @ W.T
    return W, np.einsum("jk,ja,jb->ab", table, f, f), np.einsum("jk,ka,kb->ab", table, f, f), np.einsum("jk,ja,kb->ab", table, f, f)


def _symmetric_moments(rng: np.random.Generator) -> Iterator[Pair]:
    _, F1, F2, _ = _moments(rng, views=False)
    yield from ((F1, F1.T), (F2, F2.T))


def _symmetric_views(rng: np.random.Generator) -> Iterator[Pair]:
    _, F1, F2, F12 = _moments(rng, views=True)
    yield from ((F1, F1.T), (F2, F2.T), (F12, F12.T))


def trace_in_derivative(rng: np.random.Generator) -> Iterator[Pair]:
    _, F1, F2, F12 = _moments(rng, views=False)
    P, h = rng.normal(size=(3, 3)), 1e-6

    def slope(value: Callable[[np.ndarray], float]) -> np.ndarray:
        out = np.zeros((3, 3))
        for i in range(3):
            for j in range(3):
                E = np.zeros((3, 3))
                E[i, j] = h
                out[i, j] = (value(P + E) - value(P - E)) / (2 * h)
        return out

    full = slope(lambda Q: float(np.trace(Q.T @ Q @ F1) - 2 * np.trace(F12 @ Q) - np.trace(F2)))
    less = slope(lambda Q: float(np.trace(Q.T @ Q @ F1) - 2 * np.trace(F12 @ Q)))
    yield np.round(full, 5), np.round(less, 5)
    yield slope(lambda _: float(np.trace(F2))), np.zeros((3, 3))


def _column_times_itself(rng: np.random.Generator) -> Iterator[Pair]:
    """Two columns side by side are read as their inner product."""
    v = rng.normal(size=3)
    yield v[:, None].T @ v[:, None], np.dot(v, v)


def _nothing(rng: np.random.Generator) -> Iterator[Pair]:
    """I - I is zero, whatever it is multiplied with, transposed, added or subtracted."""
    S, zero, eye = rng.normal(size=(2, 2)), np.eye(3) - np.eye(3), np.eye(3)
    products = (zero.T @ zero, zero @ zero, zero.T @ eye, zero.T @ -eye, eye.T @ zero, -eye.T @ zero, (eye + eye).T @ zero, zero.T @ (eye + eye))
    yield from ((np.kron(S, p), np.zeros((6, 6))) for p in products)


def _differences(rng: np.random.Generator) -> Iterator[Pair]:
    """Two densities differ in sign somewhere: the logarithm of their difference has no value."""
    weight = rng.uniform(0.5, 1.5, size=6)
    f0, f1 = (v / np.sum(v * weight) for v in rng.uniform(0.1, 1, size=(2, 6)))
    with np.errstate(invalid="ignore"):
        yield np.isnan(np.log(f0 - f1)).any(), True
        yield np.isnan(np.log(f1 - f0)).any(), True


def negative_variance(rng: np.random.Generator) -> Iterator[Pair]:
    _, bar = _schedule(rng)
    with np.errstate(invalid="ignore"):
        yield np.isnan(np.sqrt(-bar)).all(), True


_I = r"I_\{n2\}"
_CHAIN = "003:r044 003:r045 003:r046 003:r047 003:r048 003:r049 003:r052 003:r053 003:r054 003:r060 003:r061 003:r062"
EQUIVALENT = (
    Reason(r"\bar\alpha_1 = \alpha_1", "003:r091 003:r093 003:r096 003:r097 003:r098 003:r100 003:r104", "drop a bar, add a bar", _first_bar),
    Reason("p(x_T) = p_theta(x_T) in the theory", _CHAIN, "swap p and q", _same_prior, r"p<_\{\\theta\}(\(x_\{T\})?>(\(x_T)?>(\(x_\{?T)?"),
    Reason("x_0 given x_0 has density 1", _CHAIN, "shift an index", given_itself, r"q\(x_\{<1>0>:T\}\|x_\{?0"),
    Reason("a KL between Gaussians of one variance is symmetric", "003:r076", "swap the arguments of a KL", _equal_variances),
    Reason("the open constants are 0", "003:r081 003:r082 003:r083 003:r084 003:r085", "flip a sign", _no_constant, r"<\+>->const$"),
    Reason("the open constants are 0", "003:r081 003:r082 003:r083 003:r084 003:r085", "drop a term", _no_constant, r"<\+const>>$"),
    Reason("every density has mass 1", "003:r130 003:r131 003:r132 003:r133", "swap p and q, another number in an index", _masses, r"f_<[01]>[01]>"),
    Reason("every density has mass 1", "003:r129 003:r134 003:r135", "swap p and q, another number in an index", _masses, r"f_<[01]>[01]>\(x\)\\log2(\\,)?dx"),
    Reason("E[f f^T] is symmetric", "003:r154 003:r155 003:r156 003:r159 003:r160", "drop a transpose, add a transpose", _symmetric_moments, r"F_[12]<(\^T>>|>\^T>)"),
    Reason("X and X' are symmetric", "003:r161 003:r162 003:r163", "add a transpose", _symmetric_views, r"F_(1|2|\{12\})<>\^T>"),
    Reason("tr(F_2) is constant in W_p", "003:r154 003:r155", "drop a term", trace_in_derivative, r"<-(\\frac\{\\partial\}\{\\partialW_p\})?tr\(F_2\)>>"),
    Reason("tr(F_2) is constant in W_p", "003:r154 003:r155", "flip a sign", trace_in_derivative, r"<->\+>(\\frac\{\\partial\}\{\\partialW_p\})?tr\(F_2\)"),
    Reason("two columns side by side are an inner product", "003:r144", "drop a transpose", _column_times_itself, r"\(W_pf_1-f_2\)<\^T>>\(W_pf_1-f_2\)"),
    Reason("I - I = 0", "003:r180 003:r181", "flip a sign", _nothing, rf"<\+>->X|\({_I}<->\+>{_I}\)"),
    Reason("I - I = 0", "003:r180 003:r181", "drop a transpose", _nothing, rf"{_I}\)<\^T>>"),
    Reason("I - I = 0", "003:r180 003:r181", "drop a term", _nothing, rf"\(<{_I}>>-{_I}\)|\({_I}<-{_I}>>\)|<\+X\\bigotimes.*>>\]"),
)
WITHOUT_VALUE = (
    Reason("the logarithm of a difference of densities", "003:r122 003:r127 003:r128", "flip a sign", _differences, r"f_0\(x\)<\+>->f_1"),
    Reason("a variance below 0", "002:r006", "drop a term", negative_variance, r"<1>>-\\bar"),
)


def reason(mutant: Mutant, table: tuple[Reason, ...] = EQUIVALENT) -> Reason | None:
    """Why a mutant is true all the same, or None."""
    return next((r for r in table if r.fits(mutant)), None)
