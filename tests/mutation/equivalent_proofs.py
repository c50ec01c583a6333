"""Mutants of the proofs that are true all the same, with the reason for each class shown by plain numpy.

`WITHOUT_VALUE_PROOFS` are mutants that are no statements about real numbers: one side has no value on any instance.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.mutation.equivalent import (
    Pair,
    Reason,
    given_itself,
    negative_variance,
    trace_in_derivative,
)


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


def _mean_zero_of_a_log(rng: np.random.Generator) -> Iterator[Pair]:
    """What remains after the conditional mean is orthogonal to m - log f as well, where f is positive."""
    table, x0, m, f = _conditional(rng)
    rest = x0[:, None, :] - m[None, :, :]
    for g in (m - np.log(np.abs(f)), m - f):
        yield np.einsum("ij,ijd,jd->", table, rest, g), 0.0
        yield np.einsum("ij,ijd,jd->j", table, rest, g), np.zeros(3)


def _slope_in_another(rng: np.random.Generator) -> Iterator[Pair]:
    """A function has no slope in a variable that it does not contain."""
    a, s, h = rng.normal(), rng.uniform(0.5, 1.5), 1e-3
    for x, y, other in rng.normal(size=(3, 3)):
        up, down = (-((y - a * x) ** 2) / (2 * s**2) + 0 * (other + e) for e in (h, -h))
        yield up - down, 0.0


# --- without a value --------------------------------------------------------------------------------


def _log_of_minus(rng: np.random.Generator) -> Iterator[Pair]:
    """No logarithm of -D, of 1 - 2, or of 2(-D)."""
    D = rng.uniform(0.05, 0.95, size=7)
    with np.errstate(invalid="ignore"):
        for x in (-D, D / -D, -2 * D, np.array([1 - 2 / 1])):
            yield np.isnan(np.log(x)).all(), True


def _log_of_a_difference(rng: np.random.Generator) -> Iterator[Pair]:
    """Two densities of mass 1 differ in sign: p (m/p - 1) = m - p is negative somewhere."""
    weight = rng.uniform(0.5, 1.5, size=6)
    m, p = (v / np.sum(v * weight) for v in rng.uniform(0.1, 1, size=(2, 6)))
    with np.errstate(invalid="ignore"):
        yield np.isnan(np.log(p * (m / p - 1))).any(), True


def _log_of_a_slope(rng: np.random.Generator) -> Iterator[Pair]:
    r"""`\log` binds the product after it: a density times its slope, or times a x - y, is negative somewhere."""
    z, _ = _grid()
    s, m, a = rng.uniform(0.6, 1.2), rng.normal(), rng.uniform(0.5, 2.0)
    q = np.exp(-((z - m) ** 2) / (2 * s**2)) / np.sqrt(2 * np.pi * s**2)
    second = q * (((z - m) / s**2) ** 2 - 1 / s**2)
    with np.errstate(invalid="ignore", divide="ignore"):
        for factor in (q * -(z - m) / s**2, q * (a * z - m), second):
            yield np.isnan(np.log(factor)).any(), True


def _log_has_no_integral(rng: np.random.Generator) -> Iterator[Pair]:
    """The integral of a logarithm of densities, or of it times a slope of another, grows without bound."""
    s, m, b = rng.uniform(0.6, 1.2), rng.normal(), rng.normal()

    def over(reach: float, power: int) -> float:
        z = np.linspace(-reach, reach, 20_001)
        log_q = -((z - m) ** 2) / (2 * s**2) - np.log(s * np.sqrt(2 * np.pi))
        return float(np.sum(log_q * (z - b) ** power) * (z[1] - z[0]))

    yield abs(over(400, 0)) > 4 * abs(over(200, 0)) > 16 * abs(over(100, 0)), True
    yield abs(over(4000, 1)) > 4 * abs(over(2000, 1)) > 8 * abs(over(1000, 1)), True


def _no_such_time(rng: np.random.Generator) -> Iterator[Pair]:
    """At times 0 and -1 the product of the alphas is empty: 1 - \bar\alpha is 0, and is divided by."""
    alpha = rng.uniform(0.2, 0.95, size=5)
    for t in (0, -1):
        bar = np.prod(alpha[: max(t, 0)])
        with np.errstate(divide="ignore"):
            yield np.isinf(np.float64(1.0) / (1 - bar)), True


def _pole(rng: np.random.Generator) -> Iterator[Pair]:
    """The mean of 1/(z - mu)^2 is infinite: it grows like one over what is left out about mu."""
    s = rng.uniform(0.5, 1.5)

    def beyond(gap: float) -> float:
        z = np.geomspace(gap, 10 * s, 20_001)
        f = np.exp(-(z**2) / (2 * s**2)) / z**2
        return float(np.sum((f[1:] + f[:-1]) / 2 * np.diff(z)))

    yield beyond(1e-4) > 5 * beyond(1e-3) > 25 * beyond(1e-2), True


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
    Reason("x_0 given x_0 has density 1", "ddpm/bound-decomposition:r001 ddpm/bound-decomposition:r002", "shift an index", given_itself, r"x_\{<1>0>:T\}\|x_0"),
    Reason("orthogonal to the conditional mean", "ddpm/conditional-mean:r002 ddpm/conditional-mean:r003 ddpm/conditional-mean:r004", "add a log", _mean_zero_of_a_log, r"\(m\(x_t\)-<>\\log>f"),
    Reason("tr(F_2) is constant in W_p", "simsiam/predictor-flow:r004 simsiam/predictor-flow:r005", "flip a sign, drop a factor 1/2, swap a fraction, drop a term", trace_in_derivative, r"(<\+>->\\frac\{1\}\{2\}|<\\frac\{1\}\{2\}>>|<1\}\{2>2\}\{1>\}|<\+\\frac\{1\}\{2\})\\operatorname\{tr\}\(F_2\)"),
    Reason("a density has no slope in what it does not contain", "score/conditional-score:r006 score/marginal-score:r009", "shift an index", _slope_in_another, r"\\nabla_\{x_<t>\{t-1\}>"),
)
WITHOUT_VALUE_PROOFS = (
    Reason("the logarithm of a negative number", "gan/density-ratio:r003 gan/density-ratio:r004 gan/density-ratio:r008 gan/density-ratio:r009 gan/generator-optimum:r001 gan/generator-optimum:r002 gan/optimal-discriminator:r001", "drop a term", _log_of_minus, r"<1>>-D"),
    Reason("the logarithm of a negative number", "gan/generator-optimum:r009", "swap a fraction", _log_of_minus, r"1-\\frac\{<1\}\{2>2\}\{1>\}"),
    Reason("the logarithm of a difference of densities", "gan/generator-optimum:r006", "add a log", _log_of_a_difference, r"<>\\log>p_G\(x\)\\left"),
    Reason("a variance below 0", "ddpm/forward-closed-form:r002 ddpm/forward-closed-form:r014 ddpm/forward-closed-form:r015", "drop a term", negative_variance, r"<1>>-\\bar"),
    Reason("the logarithm of a product that is negative somewhere", "score/denoising:r004 score/marginal-score:r004 score/tweedie:r002 score/tweedie:r003 score/tweedie:r004 vae/bonnet-price:r005 vae/bonnet-price:r006", "add a log", _log_of_a_slope, r"<>\\log>(q\(x\)q\(y\|x\)s|q\(x_0\)q\(x_t\|x_0\)\\nabla|p\(x\)p\(y\|x\)\\frac|p\(y\|x\)\\frac|p\(x\|y\)\(ax-y|f\(z\)\\operatorname)"),
    Reason("the integral of a logarithm diverges", "ddpm/forward-closed-form:r013 ddpm/forward-closed-form:r014 score/denoising:r002 score/denoising:r003 score/marginal-score:r001 score/marginal-score:r005 vae/reparameterisation:r008", "add a log", _log_has_no_integral, r"\\int<>\\log>(q\(x_t\|x_\{t-1\}\)q\(|q\(x\)q\(y\|x\)dx|q\(x_0\)q\(x_t\|x_0\)dx|q\(x_0\|x_t\)\\nabla|q\(z\)f\(z\)dz)"),
    Reason("a time that the chain has not", "ddpm/simple-objective:r003", "shift an index", _no_such_time, r"\\sum_\{t=1\}\^\{T\}\\lambda_<t>\{t-1\}>"),
    Reason("a time that the chain has not", "ddpm/simple-objective:r011", "drop a term", _no_such_time, r"SNR\}\(<t>>-1\)"),
    Reason("the mean of a pole", "vae/gauss-kl-1d:r006", "swap a fraction", _pole, r"\{<\(z-\\mu_1\)"),
)
