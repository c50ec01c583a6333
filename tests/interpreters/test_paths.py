r"""Variables that are computed from others by a declared path, inside binders and derivatives of those others.

Guards: a free x_t that moves with a bound x_{t-1} (∫ q(x_t|x_{t-1}) q(x_{t-1}|x_0) dx_{t-1} refuted), a noise that does
not move with the posterior of x_0, two steps of a chain that are not composed, a derivative by x_0 that holds the x_t
computed from it (∂x_t/∂x_0 = 0 accepted), one noise taken for the chain's joint law, nodes where the integrand is not.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from derivcheck.interpreters.exact.values import CannotEvaluate
from derivcheck.terms.term import Symbol
from tests.checks.asking import bench, result, term

CHAIN = r"""
variables: ['x_t \in \mathbb{R}^d', '\epsilon_t \in \mathbb{R}^d']
sequences: ['\beta_t \in (0,1)']
definitions: ['\alpha_t = 1-\beta_t', '\bar\alpha_t = \prod_{s=1}^t \alpha_s']
densities: ['q(x_{1:T}|x_0) = \prod_{t=1}^{T} q(x_t|x_{t-1})']
families: ['q(x_t|x_{t-1}) = \mathcal{N}(x_t; \sqrt{1-\beta_t} x_{t-1}, \beta_t I)']
laws: ['\epsilon_t \sim \mathcal{N}(0, I)']
paths: ['x_t = \sqrt{1-\beta_t} x_{t-1} + \sqrt{\beta_t} \epsilon_t']
conventions: {t: 2..T-1}
"""
NO_PATH = "\n".join(line for line in CHAIN.splitlines() if not line.startswith(("laws", "paths")))
START = r"""
variables: ['x_t \in \mathbb{R}^d', '\epsilon \in \mathbb{R}^d']
sequences: ['\beta_t \in (0,1)']
definitions: ['\alpha_t = 1-\beta_t', '\bar\alpha_t = \prod_{s=1}^t \alpha_s']
densities: ['q(x_{0:T}) = q(x_0) \prod_{t=1}^{T} q(x_t|x_{t-1})']
families: ['q(x_0) = \mathcal{N}(x_0; 0, I)', 'q(x_t|x_{t-1}) = \mathcal{N}(x_t; \sqrt{1-\beta_t} x_{t-1}, \beta_t I)']
laws: ['\epsilon \sim \mathcal{N}(0, I)']
paths: ['x_t = \sqrt{\bar\alpha_t} x_0 + \sqrt{1-\bar\alpha_t} \epsilon']
conventions: {t: 2..T-1}
"""
MODEL = r"""
variables: ['x \in \mathbb{R}^n', 'y \in \mathbb{R}^m', '\epsilon \in \mathbb{R}^m']
matrices: ['A \in \mathbb{R}^{m\times n}', '\Sigma \in \mathbb{S}_{++}^{n}']
parameters: ['s > 0']
densities: ['p(x,y) = p(x)p(y|x)']
families: ['p(x) = \mathcal{N}(x; 0, \Sigma)', 'p(y|x) = \mathcal{N}(y; Ax, s^2 I)']
laws: ['\epsilon \sim \mathcal{N}(0, I)']
paths: ['y = Ax + s\epsilon']
"""
NOISE = START.replace("densities: [", "densities: ['h(\\epsilon)', ").replace("families: [", "families: ['h(\\epsilon) = \\mathcal{N}(\\epsilon; 0, I)', ")
NOISE = "\n".join(line for line in NOISE.splitlines() if not line.startswith("laws"))
NORMAL = r"""
variables: ['z \in \mathbb{R}^d', '\epsilon \in \mathbb{R}^d']
parameters: ['\mu \in \mathbb{R}^d', '\sigma > 0']
laws: ['\epsilon \sim \mathcal{N}(0, I)']
families: ['q(z) = \mathcal{N}(z; \mu, \sigma^2 I)']
paths: ['z = \mu + \sigma \epsilon']
"""

HOLD = [
    # a free variable keeps one value inside a binder of what its path comes from
    (CHAIN, r"q(x_t|x_0)=\int q(x_t|x_{t-1})q(x_{t-1}|x_0)dx_{t-1}"),
    (CHAIN, r"E_{q(x_{t-1}|x_0)}[q(x_t|x_{t-1})]=q(x_t|x_0)"),
    (CHAIN, r"\int q(x_t|x_0) q(x_{t+1}|x_t) dx_t = q(x_{t+1}|x_0)"),
    (CHAIN, r"E_{q(x_{t-1}|x_t,x_0)}[\nabla_{x_t}\log q(x_t|x_{t-1})] = \nabla_{x_t}\log q(x_t|x_0)"),
    (START, r"\int q(x_t|x_0)q(x_0) dx_0 = q(x_t)"),
    (START, r"E_{q(x_0|x_t)}[\nabla_{x_t}\log q(x_t|x_0)] = \nabla_{x_t}\log q(x_t)"),
    (MODEL, r"p(y) = \int p(y|x)p(x)dx"),
    (MODEL, r"\nabla_y\log p(y) = E_{p(x|y)}[\nabla_y\log p(y|x)]"),
    # and the noise moves with the posterior
    (START, r"E_{q(x_0|x_t)}[\epsilon] = -\sqrt{1-\bar\alpha_t}\nabla_{x_t}\log q(x_t)"),
    (MODEL, r"E_{p(x|y)}[\epsilon] = \frac{1}{s}(y-A E_{p(x|y)}[x])"),
    # where the noise is averaged, the path's end moves
    (START, r"E_{\epsilon}[x_t] = \sqrt{\bar\alpha_t}x_0"),
    (START, r"E_{x_0,\epsilon}[\|x_t\|^2] = d"),
    (CHAIN, r"E_{\epsilon_t}[x_t] = \sqrt{\alpha_t} x_{t-1}"),
    (NOISE, r"E_{h(\epsilon)}[\|x_t\|^2] = \bar\alpha_t \|x_0\|^2 + d(1-\bar\alpha_t)"),
    # two steps
    (CHAIN, r"x_t = \sqrt{\alpha_t\alpha_{t-1}} x_{t-2} + \sqrt{\alpha_t\beta_{t-1}}\epsilon_{t-1}+\sqrt{\beta_t}\epsilon_t"),
    (CHAIN, r"E_{\epsilon_{t-1}}[x_t] = \sqrt{\alpha_t\alpha_{t-1}} x_{t-2}+\sqrt{\beta_t}\epsilon_t"),
    # derivatives along the path, and of densities at their arguments
    (CHAIN, r"\frac{\partial x_t}{\partial x_{t-1}} = \sqrt{\alpha_t} I"),
    (CHAIN, r"\frac{\partial x_t}{\partial \epsilon_t} = \sqrt{\beta_t} I"),
    (CHAIN, r"\nabla_{x_{t-1}} \|x_t\|^2 = 2\sqrt{\alpha_t}x_t"),
    (CHAIN, r"\nabla_{x_{t-1}} \|x_t-\sqrt{\alpha_t}x_{t-1}\|^2 = -2\sqrt{\alpha_t}(x_t - \sqrt{\alpha_t}x_{t-1})"),
    (CHAIN, r"\nabla_{x_{t-1}} \log q(x_t|x_{t-1}) = \frac{\sqrt{\alpha_t}}{\beta_t}(x_t - \sqrt{\alpha_t}x_{t-1})"),
    (START, r"\frac{\partial x_t}{\partial x_0} = \sqrt{\bar\alpha_t} I"),
    (MODEL, r"\frac{\partial y}{\partial x} = A"),
    (MODEL, r"\nabla_x \|y\|^2 = 2A^\top y"),
    (NORMAL, r"\frac{\partial z}{\partial \mu} = I"),
    (NORMAL, r"\nabla_\mu \|z\|^2 = 2z"),
    (NORMAL, r"\nabla_\mu \log q(z) = \frac{z-\mu}{\sigma^2}"),
    (NORMAL, r"\nabla_\mu E_{\epsilon}[\|z\|^2] = 2\mu"),
    # nested integrals: the nodes of one do not move the other's variables
    (NO_PATH, r"\int\int q(x_t|x_{t-1})q(x_{t-1}|x_0) dx_{t-1}dx_t = 1"),
    (NO_PATH, r"\int\int q(x_t|x_{t-1})q(x_{t-1}|x_0) dx_tdx_{t-1} = 1"),
    (NO_PATH, r"\int q(x_{t-1}|x_0)\int q(x_t|x_{t-1}) dx_{t}dx_{t-1}  = 1"),
    (CHAIN, r"\int\int q(x_t|x_{t-1})q(x_{t-1}|x_0) dx_{t-1}dx_t = 1"),
]  # fmt: skip
FAIL = [
    (CHAIN, r"E_{q(x_{t-1}|x_0)}[q(x_t|x_{t-1})]=q(x_t|x_{t-1})"),
    (CHAIN, r"\int q(x_{t-1}|x_t,x_0) q(x_t|x_0) dx_t = q(x_{t-1}|x_t)"),
    (CHAIN, r"x_t = \sqrt{\alpha_t\alpha_{t-1}} x_{t-2} + \sqrt{\beta_{t-1}}\epsilon_{t-1}+\sqrt{\beta_t}\epsilon_t"),
    (CHAIN, r"E_{\epsilon_{t-1},\epsilon_t}[x_t] = \sqrt{\alpha_t} x_{t-2}"),
    (CHAIN, r"\frac{\partial x_t}{\partial x_{t-1}} = 0"),
    (CHAIN, r"\frac{\partial x_t}{\partial \epsilon_t} = 0"),
    (CHAIN, r"\nabla_{x_{t-1}} \|x_t\|^2 = 2x_t"),
    (START, r"\frac{\partial x_t}{\partial x_0} = 0"),
    (START, r"\nabla_{x_0}\|x_t\|^2 = 0"),
    (START, r"E_{q(x_0|x_t)}[x_t] = 0"),
    (MODEL, r"\nabla_y\log p(y) = E_{p(x)}[\nabla_y\log p(y|x)]"),
    (MODEL, r"E_{p(x|y)}[\epsilon] = 0"),
    (START, r"\sqrt{\bar\alpha_t} x_0 = x_t + (1-\bar\alpha_t)\nabla_{x_{t-1}} \log q(x_t|x_0)"),  # a density's argument
    (NORMAL, r"\frac{\partial z}{\partial \mu} = 0"),
    (NORMAL, r"\nabla_\mu \|z\|^2 = 0"),
    (NORMAL, r"\nabla_\mu E_{\epsilon}[\|z\|^2] = 0"),
    (NO_PATH, r"\int\int q(x_t|x_{t-1})q(x_{t-1}|x_0) dx_{t-1}dx_t = 2"),
]  # fmt: skip
UNTOLD = [
    # x_t is held and is averaged with its noise; what is meant cannot be told
    (START, r"N(x_t;E_\epsilon[x_t],(1-\bar\alpha_t)I) = q(x_t|x_0)"),
    (CHAIN, r"E_{\epsilon_{t-1}}[x_t] = x_t"),
    (NOISE, r"E_{\epsilon}[\|x_t\|^2] = \|x_t\|^2"),  # also where the noise is the one variable of a density
    (NOISE, r"E_{h(\epsilon)}[\|x_t\|^2] = \|x_t\|^2"),
    (START, r"E[\|x_t\|^2] = \|x_t\|^2"),  # nothing is averaged over
    (NORMAL, r"E[\|z\|^2] = \|z\|^2"),
    # averaged without its noise, or its noise without what else it comes from
    (START, r"E_{x_0}[x_t] = 0"),
    (START, r"E_{q(x_t)}[\epsilon] = 0"),
    (CHAIN, r"E_{q(x_t|x_{0})}[\epsilon_t] = \frac{\sqrt{\bar\alpha_t}x_0-\sqrt{\alpha_t}x_{t-1}}{\sqrt{\beta_t}}"),
    (CHAIN, r"E[x_t] = \sqrt{\alpha_t}E[x_{t-1}]"),
    # one noise at two times is not the chain
    (START, r"E_{x_0,\epsilon}[x_t^\top x_{t-1}] = 0"),
    # derivatives of what the variable is computed from, or by a noise beside its path's end
    (CHAIN, r"\frac{\partial \epsilon_t}{\partial x_{t}} = 0"),
    (CHAIN, r"\nabla_{\epsilon_t} \|x_t-\epsilon_t\|^2 = 2(\epsilon_t-x_t)"),
    (CHAIN, r"\nabla_{x_0} q(x_t|x_{t-1}) = 0"),
    (START, r"\nabla_{x_{t-1}} \|x_0\|^2 = 0"),
    (START, r"\nabla_{x_t} \log q(\epsilon) = 0"),
]  # fmt: skip


@pytest.mark.parametrize("salt", [(), (("s", 1),)])
def test_what_an_end_is_worth_along_its_path_is_not_remembered_elsewhere(salt: tuple[tuple[str, int], ...]) -> None:
    b = bench(MODEL)
    y = term(r"A^\top y", MODEL)
    world, env = b.prepare(replace(b.setting("linear", 0), salt=salt), (y, Symbol("x")))
    here = env.with_values({k: world.value(Symbol(k), env) for k in ("x", r"\epsilon")})
    before = world.value(y, env).data
    with world.along_paths(frozenset({"y"})):
        along = world.value(y, here).data
        assert not along.equal(before)
    with pytest.raises(CannotEvaluate):  # as it does where nothing is remembered
        world.value(y, here)


def test_a_value_is_looked_up_under_the_law_that_binds_the_end() -> None:
    b = bench(START)
    noise = term(r"\epsilon", START)
    world, env = b.prepare(b.setting("linear", 0), (noise,))
    bound = env.with_values({"x@2": world.value(term("x_2", START), env), "x@0": world.value(term("x_0", START), env)})
    names = frozenset({"x", r"\epsilon"})
    assert world.on_paths(names, bound) != world.on_paths(names, bound.with_law(term("q(x_2|x_0)", START)))
    assert world.on_paths(frozenset({r"\beta"}), bound) == ()


@pytest.mark.parametrize(("theory", "latex"), HOLD)
def test_true_relations_about_paths_hold(theory: str, latex: str) -> None:
    assert result(latex, theory) == "holds"


@pytest.mark.parametrize(("theory", "latex"), FAIL)
def test_false_relations_about_paths_fail(theory: str, latex: str) -> None:
    assert result(latex, theory) == "fails"


@pytest.mark.parametrize(("theory", "latex"), UNTOLD)
def test_what_cannot_be_told_is_not_judged(theory: str, latex: str) -> None:
    assert result(latex, theory) == "undecided"
