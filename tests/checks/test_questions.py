r"""The question that each sign asks, with relations that hold, fail, or cannot be told.

Guards, group by group, are named at each table: a wrong rule there turns one of its rows.
"""

from __future__ import annotations

import pytest

from tests.checks.asking import asked, result

BOUND = "variables: [x, z]\ndensities: ['p(x,z)', 'q(z|x)']\n"
THETA = r"""
variables: [x, z]
densities: ['p_\theta(x,z)', 'q(z|x)', 'p(x)']
conventions: {const: 'free of \theta'}
"""
PLAIN = THETA.replace("conventions: {const: 'free of \\theta'}\n", "")
DIFFUSION = r"""
variables: ['x_t \in \mathbb{R}^d']
sequences: ['\beta_t \in (0,1)']
definitions: ['\alpha_t = 1 - \beta_t', '\bar\alpha_t = \prod_{s=1}^t \alpha_s']
densities: ['q(x_{0:T}) = q(x_0) \prod_{t=1}^{T} q(x_t|x_{t-1})']
families: ['q(x_t|x_{t-1}) = \mathcal{N}(x_t; \sqrt{\alpha_t} x_{t-1}, \beta_t I)']
conventions: {t: 2..T-1, propto: 'in x_{t-1}'}
"""
SAMPLES = r"""
variables: [x, z]
densities: ['p(x,z)', 'q(z|x)']
laws: ['z_k \sim q(z|x)']
conventions: {K: 1..3}
"""
GAN = r"""
variables: [x]
densities: ['f_0(x)', 'f_1(x)']
functions: ['D(x) \in (0,1)']
definitions: ['\mu(x) = \frac{1}{2}(f_0(x) + f_1(x))']
optima: ['D^* = \arg\max_D E_{x \sim f_1}[\log D(x)] + E_{x \sim f_0}[\log(1 - D(x))]']
"""
NUMBERS = r"""
parameters: ['a \in \mathbb{R}', 'b \in \mathbb{R}', 'c > 0', 'u \in (0,1)', 'v \in \mathbb{R}^n']
matrices: ['S \in \mathbb{S}_{++}^n']
"""
NORMAL = r"""
variables: ['x \in \mathbb{R}']
parameters: ['m \in \mathbb{R}', 's > 0']
families: ['p(x) = \mathcal{N}(x; m, s^2)']
"""
FLOW = r"""
parameters: ['w \in \mathbb{R}^m', 'a \in (0,1)']
matrices: ['Q \in \mathbb{S}_{++}^m']
time_dependent: [w]
definitions: ['\ell = a \lambda_{min}(Q)']
flows: ['\dot w = -Q w']
"""
PULL = r"\frac{1}{2}\left(\frac{\alpha_t}{\beta_t} + \frac{1}{1-\bar\alpha_{t-1}}\right)\|x_{t-1}\|^2"
PUSH = r"\left(\frac{\sqrt{\alpha_t}}{\beta_t}x_t + \frac{\sqrt{\bar\alpha_{t-1}}}{1-\bar\alpha_{t-1}}x_0\right)^T x_{t-1}"

EQUALITIES = [
    (BOUND, r"\log p(x) = E_{q(z|x)}[\log p(x,z) - \log q(z|x)] + KL(q(z|x)\|p(z|x))", "holds"),
    (BOUND, r"\log p(x) = E_{q(z|x)}[\log p(x,z) - \log q(z|x)] - KL(q(z|x)\|p(z|x))", "fails"),
    (BOUND, r"\log p(x) = E_{q(z|x)}[\log p(x,z) - \log q(z|x)] + KL(p(z|x)\|q(z|x))", "fails"),
    (BOUND, r"\log p(x) = E_{q(z|x)}[\log p(x,z) - \log q(z|x)]", "fails"),
    (BOUND, r"E_q[\log p(x)] = \log p(x)", "holds"),
    (BOUND, r"\int p(x,z) dz = 1", "fails"),
    (NUMBERS, r"(a+b)^2 = a^2 + 2ab + b^2", "holds"),
    (NUMBERS, r"(a+b)^2 = a^2 + b^2", "fails"),
    (NUMBERS, r"(a+b)^3 \neq a^3 + b^3", "holds"),
    (NUMBERS, r"(a+b)^2 \neq a^2 + 2ab + b^2", "undecided"),
    (NUMBERS, r"a + 10^{-3} = a", "fails"),
    (NUMBERS, r"\sqrt{a^2} = |a|", "holds"),
    (NUMBERS, r"\sqrt{a^2} = a", "fails"),
]

BOUNDS = [
    (BOUND, r"KL(q(z|x)\|p(z|x)) \geq 0", "holds"),
    (BOUND, r"KL(q(z|x)\|p(z|x)) \leq 0", "fails"),
    (BOUND, r"E_{q(z|x)}[\log p(x,z) - \log q(z|x)] \leq \log p(x)", "holds"),
    (BOUND, r"E_{q(z|x)}[\log p(x,z) - \log q(z|x)] \geq \log p(x)", "fails"),
    (BOUND, r"\log E_{q(z|x)}[p(x|z)] \geq E_{q(z|x)}[\log p(x|z)]", "holds"),
    (BOUND, r"E_{q(z|x)}[p(x|z)^2] \geq (E_{q(z|x)}[p(x|z)])^2", "holds"),
    (BOUND, r"E_{q(z|x)}[p(x|z)^2] \leq (E_{q(z|x)}[p(x|z)])^2", "fails"),
    (BOUND, r"p(x) \leq 1", "fails"),
    (BOUND, r"\log p(x,z) \leq \log p(x)", "fails"),  # densities, no probabilities
    (NUMBERS, r"a^2 + b^2 \geq 2ab", "holds"),
    (NUMBERS, r"u^2 < u", "holds"),
    (NUMBERS, r"u^2 > u", "fails"),
    (NUMBERS, r"a < a + 1", "holds"),
    (NUMBERS, r"a < b", "fails"),
    (NUMBERS, r"v^T S v > 0", "undecided"),  # v = 0
    (NUMBERS, r"v^T S v \geq 0", "holds"),
    (NUMBERS, r"v^T S v < 0", "fails"),
    (NUMBERS, r"e^a \geq 1 + a", "holds"),
    (NUMBERS, r"e^a \geq 1 + a + \frac{a^2}{2}", "fails"),
    (NUMBERS, r"\log c \leq c - 1", "holds"),
    (NUMBERS, r"\log c \geq c - 1", "fails"),
    (GAN, r"JSD(f_0\|f_1) \leq \log 2", "holds"),
    # a bound that quadrature cannot tell is not told: E|x - m| = 0.7979 s, which 41 nodes take for 0.7897 s
    (NORMAL, r"E_{p(x)}[|x-m|] \leq 0.79 s", "undecided"),
    (NORMAL, r"E_{p(x)}[|x-m|] \leq 0.5 s", "fails"),
    (NORMAL, r"E_{p(x)}[e^x] \geq e^m", "holds"),
    (NORMAL, r"E_{p(x)}[e^x] \leq e^m", "fails"),
]

CONSTANTS = [
    # what must not contain θ may contain the rest
    (THETA, r"KL(p(x)\|p_\theta(x)) = -E_{p(x)}[\log p_\theta(x)] + const", "holds"),
    (THETA, r"KL(p(x)\|p_\theta(x)) = E_{p(x)}[\log p_\theta(x)] + const", "fails"),
    (THETA, r"KL(p(x)\|p_\theta(x)) = const", "fails"),
    (THETA, r"KL(p(x)\|p_\theta(x)) = -2E_{p(x)}[\log p_\theta(x)] + const", "fails"),
    # an exponent, and arguments that say what it may contain
    (DIFFUSION, rf"q(x_{{t-1}}|x_t,x_0) = \exp(-{PULL} + {PUSH} + C(x_t,x_0))", "holds"),
    (DIFFUSION, rf"q(x_{{t-1}}|x_t,x_0) = \exp(-{PULL} - {PUSH} + C(x_t,x_0))", "fails"),
    (DIFFUSION, rf"q(x_{{t-1}}|x_t,x_0) = \exp(-{PULL} + {PUSH} + C(x_t))", "fails"),
    # ∝ in x_{t-1}
    (DIFFUSION, r"q(x_{t-1}|x_t,x_0) \propto q(x_t|x_{t-1}) q(x_{t-1}|x_0)", "holds"),
    (DIFFUSION, rf"q(x_{{t-1}}|x_t,x_0) \propto \exp(-{PULL} + {PUSH})", "holds"),
    (DIFFUSION, rf"q(x_{{t-1}}|x_t,x_0) \propto \exp(-2\cdot{PULL} + {PUSH})", "fails"),
    (DIFFUSION, r"q(x_{t-1}|x_t,x_0) \propto q(x_t|x_{t-1})", "fails"),
    (DIFFUSION, r"q(x_{t-1}|x_t,x_0) \propto q(x_t|x_0)", "fails"),
    (BOUND, r"p(z|x) \propto p(x,z)", "holds"),
    (BOUND, r"p(z|x) \propto p(x|z)", "fails"),
    # nothing that the constant must not contain: any relation would hold
    (NUMBERS, r"a = 3 + const", "undecided"),
    (THETA, r"E_{p(x)}[\log p(x)] = 3 + const", "undecided"),
]

SAMPLE_AVERAGES = [
    (SAMPLES, r"p(x) \approx \frac{1}{K}\sum_{k=1}^K \frac{p(x,z_k)}{q(z_k|x)}", "holds"),
    (SAMPLES, r"p(x) \approx \frac{1}{K}\sum_{k=1}^K p(x,z_k)", "fails"),
    (SAMPLES, r"p(x) \approx \sum_{k=1}^K \frac{p(x,z_k)}{q(z_k|x)}", "fails"),
    (SAMPLES, r"\log p(x) \approx \log \frac{1}{K}\sum_{k=1}^K \frac{p(x,z_k)}{q(z_k|x)}", "holds"),  # biased, consistent
    (SAMPLES, r"\log p(x) \approx \frac{1}{K}\sum_{k=1}^K \log\frac{p(x,z_k)}{q(z_k|x)}", "fails"),  # Jensen
    (SAMPLES, r"E_{q(z|x)}[\log p(x|z)] \approx \frac{1}{K}\sum_{k=1}^K \log p(x|z_k)", "holds"),
    (SAMPLES, r"p(x) \approx \frac{1}{K}\sum_{k=2}^K \frac{p(x,z_k)}{q(z_k|x)}", "fails"),
    (SAMPLES, r"p(x) \approx p(x,z)", "undecided"),
]

TRAJECTORIES = [
    (FLOW, r"w(t) \to 0", "holds"),
    (FLOW, r"\|w(t)\| \leq e^{-\ell t}\|w(0)\|", "holds"),
    (FLOW, r"\|w(t)\| \leq e^{-2 \lambda_{min}(Q) t}\|w(0)\|", "fails"),
    (FLOW, r"\|w(t)\| \geq \|w(0)\|", "fails"),
    (FLOW, r"w(t) = w(0)", "fails"),
]

OPTIMA = [
    (GAN, r"D^*(x) = \frac{f_1(x)}{f_0(x) + f_1(x)}", "holds"),
    (GAN, r"D^*(x) = \frac{f_0(x)}{f_0(x) + f_1(x)}", "fails"),
    (GAN, r"D^*(x) = \frac{1}{2}", "fails"),
    (GAN, r"E_{x \sim f_1}[\log D^*(x)] + E_{x \sim f_0}[\log(1-D^*(x))] = 2JSD(f_0\|f_1) - 2\log 2", "holds"),
    (GAN, r"E_{x \sim f_1}[\log D^*(x)] + E_{x \sim f_0}[\log(1-D^*(x))] = 2JSD(f_0\|f_1) - \log 2", "fails"),
    (GAN, r"\max_D E_{x \sim f_1}[\log D(x)] + E_{x \sim f_0}[\log(1-D(x))] = 2JSD(f_0\|f_1) - \log 4", "holds"),
    (GAN, r"JSD(f_0\|f_1) = \log 2 + \frac{1}{2}(E_{x \sim f_1}[\log D^*(x)] + E_{x \sim f_0}[\log(1-D^*(x))])", "holds"),
]

TABLES = {
    "equalities": EQUALITIES, "bounds": BOUNDS, "constants": CONSTANTS, "sample averages": SAMPLE_AVERAGES,
    "trajectories": TRAJECTORIES, "optima": OPTIMA,
}  # fmt: skip
ROWS = [(group, *row) for group, rows in TABLES.items() for row in rows]


@pytest.mark.parametrize(("group", "theory", "latex", "verdict"), ROWS, ids=[f"{r[0]}: {r[2]}" for r in ROWS])
def test_questions(group: str, theory: str, latex: str, verdict: str) -> None:
    found = asked(latex, theory)
    assert found.result == verdict, found.reason
    if verdict == "fails":
        assert found.counterexample is not None
        assert found.counterexample.difference > found.counterexample.bound
    if verdict == "undecided":
        assert found.reason


CONDITION = r"\frac{f_1(x)}{D(x)} = \frac{f_0(x)}{1-D(x)}"


def test_an_equation_that_determines_an_optimum_is_judged_there_only() -> None:
    """Behind ∂/∂D … = 0 it holds at D*; by itself it is a false identity."""
    at = asked(CONDITION, GAN, stationary=("D",))
    assert (at.result, at.holds_at) == ("holds", "D = D^{*}")
    assert result(CONDITION, GAN) == "fails"
    wrong = CONDITION.replace("f_0", "f_1", 1)
    assert result(wrong, GAN, stationary=("D",)) == "fails"


@pytest.mark.parametrize("latex", [
    r"JSD(f_0\|f_1) = \log 2 + \frac{1}{2}(E_{x \sim f_1}[\log D(x)] + E_{x \sim f_0}[\log(1-D(x))])",
    r"E_{x \sim f_1}[D(x)] = E_{x \sim f_1}[\frac{f_1(x)}{f_0(x)+f_1(x)}]",
    r"D(x) f_1(x) = f_0(x)",
])  # fmt: skip
def test_a_value_that_is_merely_reached_at_the_optimum_determines_nothing(latex: str) -> None:
    """Judged at a solution, any true value of the optimum would excuse a D without its star."""
    assert result(latex, GAN, stationary=("D",)) == "fails"


def test_a_derivative_set_to_zero_is_a_condition() -> None:
    latex = r"\frac{\partial}{\partial D} \int f_1(x)\log D(x) + f_0(x)\log(1-D(x)) dx = 0"
    assert asked(latex, GAN).holds_at == "D = D^{*}"
    assert result(latex.replace("+", "-"), GAN) == "fails"


def test_a_minimiser_or_a_value_as_the_theory_says() -> None:
    """Objectives that differ by what is free of the variable have one minimiser and two values."""
    latex = r"\max_D E_{x \sim f_1}[\log D(x)] + E_{x \sim f_0}[\log(1-D(x))] = \max_D E_{x \sim f_1}[\log D(x)] + E_{x \sim f_0}[\log(1-D(x))] + 1"
    arg = latex.replace(r"\max_D", r"\arg\max_D")
    assert result(latex, GAN) == "fails"
    assert result(arg, GAN) == "holds"
    assert result(latex, GAN + "conventions: {minima: minimisers}\n") == "holds"
    assert result(arg.replace("+ 1", "+ E_{x \\sim f_1}[\\log D(x)]"), GAN) == "fails"


LOGS = r"E_{x \sim f_1}[\log D(x)] + E_{x \sim f_0}[\log(1-D(x))]"
RATIO = r"\frac{f_1(x)}{f_0(x)+f_1(x)}"


@pytest.mark.parametrize(("left", "right"), [
    (LOGS, LOGS.replace("(1-D(x))", "(1+D(x))")),
    (LOGS, LOGS.replace("+ E", "- E")),
    (LOGS.replace(r"\log(1-D(x))", "1-D(x)"), LOGS),
    (r"E_{x \sim f_1}[\log D(x)]", LOGS),
])  # fmt: skip
def test_a_problem_whose_optimum_is_at_an_end_has_another_solution(left: str, right: str) -> None:
    """Where one side is optimal, the other side's objective is worth less than elsewhere: that is the witness."""
    found = asked(rf"\arg\max_D {left} = \arg\max_D {right}", GAN)
    assert found.result == "fails"
    seen = found.counterexample
    assert seen is not None
    assert float(seen.right - seen.left) > 100 * seen.bound > 0


@pytest.mark.parametrize("latex", [
    # one solution, at which the right side has a slope: a kink
    rf"\arg\min_D \int f_1(x)(D(x) - {RATIO})^2 dx = \arg\min_D \int f_0(x)|D(x) - {RATIO}| dx",
    # one objective is a monotone function of the other
    rf"\arg\max_D {LOGS} = \arg\min_D \frac{{1}}{{{LOGS}}}",
    # local optima only: nobody knows which is the largest
    r"\arg\min_D E_{x \sim f_1}[\cos(20 D(x)) - D(x)] = \arg\min_D E_{x \sim f_1}[-D(x)]",
    # both at an end
    r"\arg\max_D E_{x \sim f_1}[\log D(x)] = \arg\max_D E_{x \sim f_1}[D(x)]",
])  # fmt: skip
def test_a_problem_without_a_stationary_point_may_have_the_same_solution(latex: str) -> None:
    assert result(latex, GAN) != "fails"


def test_nothing_bounds_a_real_unknown_so_that_a_problem_may_have_no_solution() -> None:
    """On the unit sphere, which the words around may say, these two have one solution."""
    assert result(r"\arg\min_v \|v - w\|^2 = \arg\max_v w^T v", NUMBERS.replace("parameters: [", r"parameters: ['w \in \mathbb{R}^n', ")) != "fails"


def test_an_implication_is_judged_where_its_left_side_holds() -> None:
    good = r"\frac{f_1(x)}{D(x)} - \frac{f_0(x)}{1-D(x)} = 0 \implies D(x) = \frac{f_1(x)}{f_0(x)+f_1(x)}"
    assert result(good, GAN) == "holds"
    assert result(good.replace(r"\frac{f_1(x)}{f_0(x)+f_1(x)}", r"\frac{f_0(x)}{f_0(x)+f_1(x)}"), GAN) != "holds"


def test_the_same_text_on_both_sides_is_trivial() -> None:
    found = asked(r"KL(q(z|x)\|p(z|x)) = KL(q(z|x)\|p(z|x))", BOUND)
    assert found.result == "holds"
    assert found.trivial


def test_a_tight_bound_serves_no_strict_sign() -> None:
    assert result(r"a^2 + b^2 > 2ab", NUMBERS) != "holds"
    assert result(r"KL(q(z|x)\|p(z|x)) > -1", BOUND) == "holds"


def test_a_constant_needs_something_that_it_must_not_contain() -> None:
    found = asked(r"E_{p(x)}[\log p(x)] = 3 + const", PLAIN)
    assert found.result == "undecided"
    assert "constant" in found.reason


DOMAIN = r"parameters: ['a \in \mathbb{R}', 'c > 0']"


def test_worlds_outside_a_domain_are_drawn_again() -> None:
    """log of a: half the worlds have no value; the others decide."""
    found = asked(r"\log a^2 = 2\log a", DOMAIN)
    assert found.result == "holds"
    assert found.worlds >= 5
    assert result(r"\log a = a", DOMAIN) == "fails"


def test_a_log_of_logs_is_tried_where_every_density_exceeds_one() -> None:
    latex = r"E_{p(x,z)}[\log\log p(x,z) - \log\log q(z|x)] = E_{p(x,z)}[\log\frac{\log p(x,z)}{\log q(z|x)}]"
    found = asked(latex, BOUND)
    assert (found.result, found.worlds) == ("holds", 18)
    assert result(latex.replace("- ", "+ "), BOUND) == "fails"


@pytest.mark.parametrize("latex", [r"\log(-c) = \log(-c) + 1", r"\sqrt{-c^2} = 3", r"\log(-c) \leq 0"])
def test_a_domain_without_worlds_decides_nothing(latex: str) -> None:
    found = asked(latex, DOMAIN)
    assert found.result == "undecided"
    assert found.reason


def test_a_sampling_statement_is_checked_against_the_declared_law_only() -> None:
    theory = DIFFUSION
    assert result(r"x_t \sim \mathcal{N}(\sqrt{\alpha_t}x_{t-1}, \beta_t I)", theory) == "holds"
    assert result(r"x_t \sim \mathcal{N}(\sqrt{\alpha_t}x_{t-1}, 2\beta_t I)", theory) == "undecided"


ONE_NOISE = r"""
variables: ['x_t \in \mathbb{R}^d', '\epsilon \in \mathbb{R}^d']
sequences: ['\alpha_t \in (0,1)']
definitions: ['\bar\alpha_t = \prod_{s=1}^{t} \alpha_s', 'h_t = \epsilon^T x_t']
densities: ['q(x_{1:T}|x_0) = \prod_{t=1}^{T} q(x_t|x_{t-1})']
families: ['q(x_t|x_{t-1}) = \mathcal{N}(x_t; \sqrt{\alpha_t} x_{t-1}, (1-\alpha_t) I)']
laws: ['\epsilon \sim \mathcal{N}(0, I)']
paths: ['x_t = \sqrt{\bar\alpha_t} x_0 + \sqrt{1-\bar\alpha_t} \epsilon']
conventions: {t: 2..T-1}
"""


@pytest.mark.parametrize(("latex", "verdict"), [
    (r"\nabla_{x_t} \log q(x_t|x_0) = -\frac{\epsilon}{\sqrt{1-\bar\alpha_t}}", "holds"),
    # zero on the left, whatever the law of the two is
    (r"\nabla_{x_t} \log q(x_{t-1}|x_0) = -\frac{\epsilon}{\sqrt{1-\bar\alpha_t}}", "fails"),
    (r"\nabla_{x_{t-1}} \log q(x_t|x_0) = -\frac{\epsilon}{\sqrt{1-\bar\alpha_t}}", "fails"),
    # one letter for the noise of another step, a sampler: what their joint law is, is not said
    (r"x_t = \sqrt{\alpha_t} x_{t-1} + \sqrt{1-\alpha_t} \epsilon", "undecided"),
    (r"x_{t-1} = x_t + \alpha_t \nabla_{x_t} \log q(x_t|x_0) + \epsilon", "undecided"),
    # the noise as a function of the path's end
    (r"\nabla_{x_t} (\epsilon^T \epsilon + 0 x_{t-1}^T x_0) = 2 \frac{\epsilon}{\sqrt{1-\bar\alpha_t}}", "undecided"),
    (r"\nabla_{x_t} (h_{t-1} - h_{t-1}) = \epsilon", "undecided"),
])  # fmt: skip
def test_two_times_of_a_path_with_one_noise(latex: str, verdict: str) -> None:
    """Refuted only where neither side moves with x at the two times."""
    found = asked(latex, ONE_NOISE)
    assert found.result == verdict, found.reason
