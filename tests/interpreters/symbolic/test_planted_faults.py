"""A fault planted in one engine is caught by the other. Guards: engines that share a mistake, a confirmation that confirms nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from derivcheck.interpreters.exact import divergences, gradients, integrals, quadrature
from derivcheck.interpreters.exact.bench import Bench
from derivcheck.interpreters.exact.values import Value
from derivcheck.interpreters.symbolic import engine
from derivcheck.interpreters.symbolic.prove import prove
from derivcheck.laws import Context, all_laws
from derivcheck.laws._structure import product_of
from derivcheck.terms.substitute import rebuild
from derivcheck.terms.term import (
    Add,
    Call,
    Density,
    Derivative,
    Divide,
    Expectation,
    Integral,
    Multiply,
    Negate,
    Number,
    Term,
)
from tests.interpreters.symbolic.table import AB, CHAIN, FG, GAN, JOINT, SEQ, XZ, Theory
from tests.support.proving import asked, wrapped
from tests.support.worlds import relation, signature

TWO = Number(Fraction(2))
Rewrite = Callable[[Term, Context], Term | None]


def _exchanged(t: Term, a: str, b: str) -> Term:
    made = rebuild(t, lambda c: _exchanged(c, a, b))
    return Density({a: b, b: a}.get(made.name, made.name), made.event, made.given, made.index) if isinstance(made, Density) else made


def _of(name: str, change: Callable[[Term, Term, Context], Term | None]) -> Rewrite:
    """The law with what it makes changed."""
    right = all_laws()[name].rewrite

    def wrong(t: Term, context: Context) -> Term | None:
        made = right(t, context)
        return None if made is None else change(t, made, context)

    return wrong


def _density_away(t: Term, context: Context) -> Term | None:
    """Integrates a density out although its variable stands elsewhere."""
    assert isinstance(t, Integral)
    body = product_of(t.body, context)
    for f, e in body.scalars:
        if isinstance(f, Density) and e == 1 and len(t.over) == 1 and f.event == t.over:
            return Multiply(tuple(b for b, _ in body.scalars if b != f)) if len(body.scalars) > 2 else next(b for b, _ in body.scalars if b != f)
    return None


def _shifted_range(t: Term, made: Term, context: Context) -> Term:
    return rebuild(made, lambda c: Add((c, Number(Fraction(1)))) if c == getattr(made, "lower", None) else c)


def _log_of_sum(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Call)
    if t.function == "log" and isinstance(t.arguments[0], Add):
        return Add(tuple(Call("log", (x,)) for x in t.arguments[0].terms))
    return all_laws()["log_mul"].rewrite(t, context)


def _into_log(t: Term, context: Context) -> Term | None:
    """The mean of a logarithm as the logarithm of the mean."""
    assert isinstance(t, Expectation)
    if isinstance(t.body, Call) and t.body.function == "log":
        return Call("log", (Expectation(t.body.arguments[0], t.over, t.law),))
    return all_laws()["expectation_eq_integral"].rewrite(t, context)


Planted = tuple[str, Rewrite, Theory, str]
# the law, what it does wrongly, and a false relation that it then proves
LAWS: list[Planted] = [
    ("chain_rule", _of("chain_rule", lambda _t, made, _c: _exchanged(made, "p", "q")), XZ, r"p(z|x) = \frac{q(x|z) q(z)}{q(x)}"),
    ("chain_rule", _of("chain_rule", lambda _t, made, _c: made.numerator if isinstance(made, Divide) else made), CHAIN, r"q(x_{t-1}|x_t,x_0) = q(x_t|x_{t-1}) q(x_{t-1}|x_0)"),
    ("kl_eq_expectation_log_ratio", _of("kl_eq_expectation_log_ratio", lambda _t, made, _c: Negate(made)), FG, r"KL(f \| g) = \int f(x) \log \frac{g(x)}{f(x)} dx"),
    ("entropy_eq_expectation", _of("entropy_eq_expectation", lambda _t, made, _c: Negate(made)), FG, r"H(f) = \int f(x) \log f(x) dx"),
    ("log_mul", _of("log_mul", lambda _t, made, _c: Add((*made.terms[:-1], Negate(made.terms[-1]))) if isinstance(made, Add) else made), AB, r"\log \frac{a}{b} = \log a + \log b"),
    ("log_mul", _log_of_sum, AB, r"\log(a + b) = \log a + \log b"),
    ("exp_log", _of("exp_log", lambda _t, made, _c: Add((made, Number(Fraction(1))))), AB, r"\exp(\log a) = a + 1"),
    ("integral_of_density", _density_away, FG, r"\int f(x) \log g(x) dx = \log g(x)"),
    ("expectation_eq_integral", _into_log, FG, r"\mathbb{E}_{f}[\log g(x)] = \log \mathbb{E}_{f}[g(x)]"),
    ("fold_canonical", _of("fold_canonical", _shifted_range), SEQ, r"\sum_{k=2}^{K} \beta_{k-1} == \sum_{i=2}^{K-1} \beta_i"),
    ("fold_peel", _of("fold_peel", lambda _t, made, _c: made.factors[1] if isinstance(made, Multiply) else made), SEQ, r"\prod_{s=1}^{t} \beta_s == \beta_t"),
    ("sum_merge", _of("sum_merge", lambda _t, made, _c: Multiply((TWO, made))), SEQ, r"\sum_{t=1}^{T-1} \beta_t - \sum_{t=2}^{T} \beta_t == 2 \beta_1 - 2 \beta_T"),
    ("maximiser_of_logs", _of("maximiser_of_logs", lambda _t, made, _c: Add((Number(Fraction(1)), Negate(made)))), GAN, r"D^*(x) = \frac{q(x)}{p(x) + q(x)}"),
    ("linear", _of("linear", lambda _t, made, _c: Multiply((TWO, made))), {**JOINT, "parameters": ["a"]}, r"\mathbb{E}_{q(z|x)}[a \log p(x,z)] = 2 a \mathbb{E}_{q(z|x)}[\log p(x,z)]"),
]


@pytest.mark.parametrize(("name", "wrong", "theory", "latex"), [pytest.param(*p, id=f"{p[0]}: {p[3]}") for p in LAWS])
def test_worlds_catch_a_wrong_law(name, wrong, theory, latex, monkeypatch):
    s = signature(theory)
    left, sign, right = relation(latex, s)
    assert prove(left, sign, right, s) is None
    laws = {**all_laws(), name: replace(all_laws()[name], rewrite=wrong)}
    monkeypatch.setattr(engine, "laws_on", lambda kind: tuple((n, law) for n, law in laws.items() if kind in law.on and law.sign == "="))
    proved = prove(left, sign, right, s, work=3_000)
    probe = engine.Engine(s, work=3_000)
    try:
        probe.normal(left)
        probe.normal(right)
    except (engine.TooMuchWork, engine.Unfit, RecursionError):
        pass
    steps = [x for x in (proved.steps if proved else probe.steps) if x.law == name]
    assert steps, "the fault was never used"
    bench = Bench(s, 0, 8)
    by_step = any(asked(wrapped(x.before, x), x.sign, wrapped(x.after, x), bench).result == "fails" for x in steps[:10])
    by_relation = proved is not None and asked(left, sign, right, bench).result == "fails"
    assert by_step or by_relation, f"unnoticed: {steps[0]}"


def test_most_wrong_laws_prove_their_false_relation():
    """Otherwise the test above shows little."""
    found = 0
    original = engine.laws_on
    try:
        for name, wrong, theory, latex in LAWS:
            s = signature(theory)
            laws = {**all_laws(), name: replace(all_laws()[name], rewrite=wrong)}
            engine.laws_on = lambda kind, laws=laws: tuple((n, law) for n, law in laws.items() if kind in law.on and law.sign == "=")
            left, sign, right = relation(latex, s)
            found += prove(left, sign, right, s, work=3_000) is not None
    finally:
        engine.laws_on = original
    assert found >= 8


NORMAL: Theory = {"variables": ["x", "z"], "densities": ["p(x)", "p(z)", "q(z|x)"], "families": [r"q(z|x) = \mathcal{N}(z; x, 1)", r"p(z) = \mathcal{N}(z; 0, 1)"]}


def _heavier(weights: Callable[..., Value]) -> Callable[..., Value]:
    def wrong(*arguments: Any) -> Value:
        w = weights(*arguments)
        return replace(w, data=w.data * 1.1)

    return wrong


def _nodes(change: Callable[[Any, Any], tuple[Any, Any]]) -> Callable[[Any], None]:
    def plant(monkeypatch: Any) -> None:
        right = quadrature.nodes_of
        monkeypatch.setattr(quadrature, "nodes_of", lambda *a, **k: change(*right(*a, **k)))

    return plant


def _swapped_divergence(monkeypatch: Any) -> None:
    right = divergences.divergence
    monkeypatch.setattr(divergences, "divergence", lambda t, world, env: right(type(t)(t.kind, t.q, t.p) if t.q is not None else t, world, env))


EXACT: list[tuple[str, Callable[[Any], None], Theory, str]] = [
    ("weights of a finite axis", lambda m: m.setattr(integrals, "axis_weights", _heavier(integrals.axis_weights)), XZ, r"\int p(x,z) dz = p(x)"),
    ("weights of the quadrature", _nodes(lambda nodes, weights: (nodes, weights * 1.1)), NORMAL, r"\mathbb{E}_{q(z|x)}[\log p(x)] = \log p(x)"),
    ("nodes of the quadrature", _nodes(lambda nodes, weights: (nodes * 1.2, weights)), NORMAL, r"\mathbb{E}_{q(z|x)}\left[\frac{p(z)}{q(z|x)}\right] = 1"),
    ("a divergence turned round", _swapped_divergence, FG, r"KL(f \| g) = \int f(x) \log \frac{f(x)}{g(x)} dx"),
]


@pytest.mark.parametrize(("what", "plant", "theory", "latex"), [pytest.param(*p, id=p[0]) for p in EXACT])
def test_proofs_catch_wrong_worlds(what, plant, theory, latex, monkeypatch):
    s = signature(theory)
    left, sign, right = relation(latex, s)
    assert prove(left, sign, right, s) is not None
    assert asked(left, sign, right, Bench(s, 0, 8)).result == "holds"
    plant(monkeypatch)
    assert asked(left, sign, right, Bench(s, 0, 8)).result != "holds"
    assert prove(left, sign, right, s) is not None


needs_calculus = pytest.mark.skipif(not engine.laws_on(Derivative), reason="there is no law of derivatives")


@needs_calculus
def test_proofs_catch_a_wrong_derivative(monkeypatch):
    from derivcheck.interpreters.exact import calculus

    s = signature({"parameters": ["c", "d"]})
    left, sign, right = relation(r"\frac{\partial}{\partial c} (c^2 d) = 2 c d", s)
    assert prove(left, sign, right, s) is not None
    assert asked(left, sign, right, Bench(s, 0, 8)).result == "holds"
    right_rule = gradients.gradients
    monkeypatch.setattr(calculus, "gradients", lambda *a, **k: tuple(None if g is None else 2 * g for g in right_rule(*a, **k)))
    assert asked(left, sign, right, Bench(s, 0, 8)).result == "fails"


@needs_calculus
def test_worlds_catch_a_wrong_rule_of_derivatives(monkeypatch):
    s = signature({"parameters": ["c", "d"]})
    left, _, _ = relation(r"\frac{\partial}{\partial c} (c^2 d) = 2 c d", s)
    wrong = {n: replace(law, rewrite=_of(n, lambda _t, made, _c: Negate(made))) if Derivative in law.on else law for n, law in all_laws().items()}
    monkeypatch.setattr(engine, "laws_on", lambda kind: tuple((n, law) for n, law in wrong.items() if kind in law.on and law.sign == "="))
    e = engine.Engine(s)
    e.normal(left)
    assert any(asked(x.before, x.sign, x.after, Bench(s, 0, 8)).result == "fails" for x in e.steps)


