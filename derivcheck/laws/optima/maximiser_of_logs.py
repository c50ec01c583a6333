r"""The function that maximises a mean of log D and log(1 - D): the optimal discriminator."""

from __future__ import annotations

from fractions import Fraction

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._structure import Product, add, product_of, summands
from derivcheck.terms.instance import instance
from derivcheck.terms.term import Add, Call, Divide, Integral, Negate, Number, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Call)
    declared = next((o for o in context.signature.optima if o.name == t.function and o.optimum.kind in ("max", "argmax")), None)
    if declared is None or len(t.arguments) != 1:
        return None
    weights = _weights(context.normal(declared.optimum.body), declared.unknown, context)
    if weights is None:
        return None
    (above, below), variable = weights
    if not context.met(context.positive(above) and context.positive(below)):
        return None
    found = Divide(above, Add((above, below)))
    return instance(found, {variable: t.arguments[0]}) if variable != t.arguments[0] else found


def _weights(objective: Term, unknown: str, context: Context) -> tuple[tuple[Term, Term], Term] | None:
    """a and b of an objective that is the integral of a log D + b log(1 - D) and terms without D, and the variable."""
    above: list[Term] = []
    below: list[Term] = []
    variable: Term | None = None
    for s in summands(objective):
        if unknown not in s.names:
            continue
        found = _weight(s, unknown, context)
        if found is None or (variable is not None and variable != found[2]):
            if context.met(False):
                continue
            return None
        of_d, weight, variable = found
        (above if of_d else below).append(weight)
    if variable is None or not above or not below:
        return None
    return (add(above), add(below)), variable


def _weight(s: Term, unknown: str, context: Context) -> tuple[bool, Term, Term] | None:
    """Of one integral: whether it is of log D rather than log(1 - D), the weight, and the variable."""
    outer = product_of(s, context)
    integrals = [b for b, e in outer.scalars if isinstance(b, Integral) and e == 1]
    if len(integrals) != 1 or len(integrals[0].over) != 1 or outer.letters:
        return None
    x = integrals[0].over[0]
    inner = product_of(integrals[0].body, context)
    d = Call(unknown, (x,))
    ours = Call("log", (d,)), Call("log", (context.normal(Add((Number(Fraction(1)), Negate(d)))),))
    logs = [b for b, e in inner.scalars if b in ours and e == 1]
    rest = Product((*(p for p in outer.scalars if p[0] != integrals[0]), *(p for p in inner.scalars if p[0] not in ours))).term
    if len(logs) != 1 or unknown in rest.names:
        return None
    return logs[0] == ours[0], rest, x


_GAN = {
    "variables": ["x"],
    "densities": ["p(x)", "q(x)"],
    "functions": [r"D(x) \in (0,1)"],
    "optima": [r"D^* = \arg\max_D \mathbb{E}_{x \sim p}[\log D(x)] + \mathbb{E}_{x \sim q}[\log(1 - D(x))]"],
}

LAW = Law(
    statement=r"\arg\max_{D} \int a(x) \log D(x) + b(x) \log(1 - D(x)) \, dx = \frac{a}{a + b}",
    condition=r"a, b > 0, \text{ and no other term depends on } D",
    source="Goodfellow et al. (2014), Generative Adversarial Nets, proposition 1",
    on=(Call,),
    rewrite=_rewrite,
    holds=(
        Example(r"D^*(x)", _GAN, r"\frac{p(x)}{p(x) + q(x)}"),
        Example(
            r"D^*(x)",
            {**_GAN, "optima": [r"D^* = \arg\max_D 2 \mathbb{E}_{x \sim p}[\log D(x)] + \mathbb{E}_{x \sim q}[\log(1 - D(x))]"]},
            r"\frac{2 p(x)}{2 p(x) + q(x)}",
        ),
    ),
    refuses=(
        Example(
            r"D^*(x)",
            {**_GAN, "optima": [r"D^* = \arg\max_D \mathbb{E}_{x \sim p}[\log D(x)] + \mathbb{E}_{x \sim q}[\log(1 - D(x))] - \mathbb{E}_{x \sim q}[D(x)]"]},
        ),
    ),
)
