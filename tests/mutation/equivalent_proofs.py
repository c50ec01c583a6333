"""Mutants of the proofs that are true all the same, with the reason for each class shown by plain numpy."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.mutation.equivalent import Pair, Reason


def _first(rng: np.random.Generator) -> Iterator[Pair]:
    """The product of one factor is the factor."""
    alpha = rng.uniform(0.3, 0.9, size=4)
    yield np.prod(alpha[:1]), alpha[0]


def _conditional(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """A joint table of x_0 and x_t, the values of x_0, and its mean given x_t."""
    table = rng.dirichlet(np.ones(12)).reshape(4, 3)
    x0 = rng.normal(size=(4, 2))
    mean = np.einsum("ij,id->jd", table, x0) / table.sum(axis=0)[:, None]
    return table, x0, mean, rng.normal(size=(3, 2))


def _mean_zero(rng: np.random.Generator) -> Iterator[Pair]:
    """What remains after the conditional mean is orthogonal to every function of the condition."""
    table, x0, m, f = _conditional(rng)
    rest = x0[:, None, :] - m[None, :, :]
    for g in (m - f, m + f, m, f, -f):
        yield np.einsum("ij,ijd,jd->", table, rest, g), 0.0
        yield np.einsum("ij,ijd,jd->j", table, rest, g), np.zeros(3)


def _symmetric_noise(rng: np.random.Generator) -> Iterator[Pair]:
    """A law that is symmetric about 0: mean 0, and epsilon for -epsilon."""
    half = rng.normal(size=(6, 2))
    eps = np.concatenate([half, -half])
    L, mu, A = rng.normal(size=(2, 2)), rng.normal(size=2), rng.normal(size=(2, 2))
    yield eps.mean(axis=0), np.zeros(2)
    yield np.mean(np.sin((mu + eps @ L.T) @ A.T), axis=0), np.mean(np.sin((mu - eps @ L.T) @ A.T), axis=0)


def _about_the_mean(rng: np.random.Generator) -> Iterator[Pair]:
    """E[(z - mu) g] is 0 for a constant g."""
    z, S, c = rng.normal(size=(7, 2)), rng.normal(size=(2, 2)), rng.normal(size=2)
    mu = z.mean(axis=0)
    yield np.einsum("na,ab,nb->", z - mu, S, z - mu), np.einsum("na,ab,nb->", z - mu, S, z + mu)
    yield np.einsum("na,ab,nb->", z - mu, S, z - mu), np.einsum("na,ab,nb->", z, S, z - mu)
    yield np.einsum("na,b->ab", z - mu, c), np.zeros((2, 2))


def _grid() -> tuple[np.ndarray, float]:
    z = np.linspace(-12, 12, 4001)
    return z, float(z[1] - z[0])


def _square_of_a_density(rng: np.random.Generator) -> Iterator[Pair]:
    """The integral of q q' is half that of (q^2)'."""
    z, h = _grid()
    s, m = rng.uniform(0.6, 1.2), rng.normal()
    q = np.exp(-((z - m) ** 2) / (2 * s**2)) / np.sqrt(2 * np.pi * s**2)
    yield np.sum(q * -(z - m) / s**2 * q) * h, 0.0


def _score_of_the_joint(rng: np.random.Generator) -> Iterator[Pair]:
    """The gradient in y of log q(x, y) is that of log q(y|x); its mean square does not depend on x."""
    a, s, m = rng.normal(), rng.uniform(0.5, 1.5), rng.normal()

    def log_kernel(x: float, y: float) -> float:
        return -((y - a * x) ** 2) / (2 * s**2)

    def log_joint(x: float, y: float) -> float:
        return log_kernel(x, y) - (x - m) ** 2 / 2

    for x, y in rng.normal(size=(3, 2)):
        steps = [(f(x, y + 1e-3) - f(x, y - 1e-3)) / 2e-3 for f in (log_kernel, log_joint)]
        yield round(steps[0], 6), round(steps[1], 6)
    y, h = _grid()
    sizes = [np.sum(np.exp(-((y - a * x) ** 2) / (2 * s**2)) / np.sqrt(2 * np.pi * s**2) * ((y - a * x) / s**2) ** 2) * h for x in (-0.5, 0.3)]
    yield round(sizes[0], 6), round(sizes[1], 6)


def _divergences(rng: np.random.Generator) -> Iterator[Pair]:
    """JSD is symmetric; a law has no divergence from itself; all masses are 1."""
    p, q = rng.dirichlet(np.ones(5), size=2)

    def kl(a: np.ndarray, b: np.ndarray) -> float:
        return float(np.sum(a * np.log(a / b)))

    m = (p + q) / 2
    yield kl(p, m) / 2 + kl(q, m) / 2, kl(q, m) / 2 + kl(p, m) / 2
    yield kl((p + p) / 2, p), 0.0
    yield kl(p, (p + p) / 2), 0.0
    yield p.sum(), q.sum()


def _views(rng: np.random.Generator) -> Iterator[Pair]:
    """Two views drawn alike given x have one conditional mean, and their second moments are symmetric."""
    given, x = rng.dirichlet(np.ones(4), size=5), rng.normal(size=(4, 2))
    mean, weight = given @ x, rng.dirichlet(np.ones(5))
    X = np.einsum("i,ia,ib->ab", weight, mean, mean)
    yield X, X.T
    both = np.einsum("i,ij,ja,jb->ab", weight, given, x, x)
    yield both, both.T


def _of_a_constant(rng: np.random.Generator) -> Iterator[Pair]:
    """Every mean of a number is the number; what is free of a parameter is a constant for it."""
    p, q, c = rng.dirichlet(np.ones(5)), rng.dirichlet(np.ones(5)), rng.normal()
    yield np.sum(p * c), np.sum(q * c)
    theta, constant = rng.normal(size=3), rng.normal()
    yield np.diff((theta**2 + constant) - theta**2), np.zeros(2)


EQUIVALENT_PROOFS = (
    Reason("the product of one factor is the factor", "ddpm/first-step:r004 ddpm/first-step:r005 ddpm/first-step:r006 ddpm/first-step:r007 ddpm/first-step:r008 ddpm/first-step:r009 ddpm/first-step:r010 ddpm/forward-closed-form:r001 ddpm/forward-closed-form:r002 ddpm/simple-objective:r002 ddpm/simple-objective:r003", "drop a bar, add a bar", _first),
    Reason("orthogonal to the conditional mean", "ddpm/conditional-mean:r001 ddpm/conditional-mean:r002 ddpm/conditional-mean:r003 ddpm/conditional-mean:r004", "flip a sign, drop a factor 2, drop a term, shift an index, swap p and q", _mean_zero),
    Reason("noise is symmetric about 0", "ddpm/forward-closed-form:r006 ddpm/forward-closed-form:r007 vae/reparameterisation-quadratic:r001 vae/reparameterisation-quadratic:r002 vae/reparameterisation-quadratic:r003 vae/reparameterisation-quadratic:r004 vae/reparameterisation-quadratic:r006 vae/reparameterisation-quadratic:r007 vae/reparameterisation:r001 vae/reparameterisation:r002 vae/reparameterisation:r003 vae/reparameterisation:r004 vae/reparameterisation:r005", "flip a sign, drop a term, drop a root, drop a factor, shift an index", _symmetric_noise),
    Reason("a constant beside a centred variable has mean 0", "vae/gauss-kl-1d:r003 vae/gauss-kl-1d:r004 vae/gauss-kl-full:r001 vae/gauss-kl-full:r002 vae/gauss-kl-full:r003 vae/gauss-kl-full:r009 ddpm/denoising-weight:r001 ddpm/denoising-weight:r002", "flip a sign, drop a term, drop a factor 2", _about_the_mean),
    Reason("the gradient of a squared density integrates to 0", "score/conditional-score:r006", "drop a log", _square_of_a_density),
    Reason("the score in y of the joint is that of the kernel", "score/denoising:r004 score/denoising:r005 score/denoising:r006 score/denoising:r007 score/denoising:r009 score/denoising:r010", "swap p and q", _score_of_the_joint),
    Reason("terms free of theta are constant", "score/denoising:r008", "flip a sign, drop a log, drop a term, swap p and q", _of_a_constant),
    Reason("JSD is symmetric, KL(p, p) = 0", "gan/generator-optimum:r008 gan/value-jsd:r007", "swap the arguments of a KL", _divergences),
    Reason("every density has mass 1", "vae/elbo-jensen:r011 vae/elbo-jensen:r012", "swap p and q", _divergences),
    Reason("the mean of a constant", "vae/elbo-identity:r001 vae/elbo-identity:r004", "swap p and q", _of_a_constant),
    Reason("second moments of views are symmetric", "simsiam/predictor-flow:r001 simsiam/predictor-flow:r002 simsiam/predictor-flow:r003 simsiam/predictor-flow:r004 simsiam/predictor-flow:r005 simsiam/predictor-flow:r006 simsiam/predictor-flow:r009 simsiam/predictor-flow:r010 simsiam/objective-trace:r001 simsiam/objective-trace:r002 simsiam/objective-trace:r003 simsiam/objective-trace:r004 simsiam/view-moments:r005 simsiam/view-moments:r007 simsiam/view-moments:r009", "add a transpose", _views),
    Reason("two views are drawn alike", "simsiam/view-moments:r003 simsiam/view-moments:r004 simsiam/predictor-flow:r004 simsiam/predictor-flow:r005", "another number in an index", _views),
)
