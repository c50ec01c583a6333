r"""d/dt along declared flows, with the t that stands in a term.

Guards: an explicit t that is held (d/dt(tC) = -2ηtC accepted), second derivatives that lose the velocity's own motion
(\ddot C = 0 accepted), rounding of large parts that cancel taken for a difference, t as an index taken for the time,
trajectories of velocities that change with the time.
"""

from __future__ import annotations

import pytest

from tests.checks.asking import result

FLOW = r"""
matrices: ['C \in \mathbb{R}^{n\times n}', 'D \in \mathbb{R}^{n\times n}', 'G \in \mathbb{R}^{n\times n}']
parameters: ['\eta > 0', 'w \in \mathbb{R}^n', 'a > 0', 'v \in \mathbb{R}^n']
time_dependent: [C, D, a, w]
flows: ['\dot C = -2\eta C', '\dot a = -\eta t a', '\dot w = C w']
definitions: ['g(t) = e^{2\eta t}', 'h = t^2']
"""
INDEX = r"""
sequences: ['\beta_t \in (0,1)']
parameters: ['w \in \mathbb{R}^n']
time_dependent: [w]
flows: ['\dot w = -w']
"""

CASES = [
    (r"\frac{d}{dt}(tC)=C-2\eta tC", "holds"),
    (r"\frac{d}{dt}(tC)=-2\eta tC", "fails"),
    (r"\frac{d}{dt}(e^{2\eta t}C)=0", "holds"),
    (r"\frac{d}{dt}(e^{2\eta t}C)=-2\eta e^{2\eta t}C", "fails"),
    (r"\frac{d}{dt}e^{2\eta t}=2\eta e^{2\eta t}", "holds"),
    (r"\frac{d}{dt}e^{2\eta t}=0", "fails"),
    (r"\frac{d}{dt}(g(t)C)=0", "holds"),
    (r"\frac{d}{dt}(hC)=2tC-2\eta hC", "holds"),
    (r"\frac{d}{dt}(hC)=-2\eta hC", "fails"),
    (r"\frac{d}{dt}\frac{C}{t} = -\frac{C}{t^2}-\frac{2\eta C}{t}", "holds"),
    (r"\frac{d}{dt}\|e^{2\eta t}Cv\|^2 = 0", "holds"),
    (r"\frac{d}{dt}\|e^{2\eta t}Cv\|^2 = -4\eta\|e^{2\eta t}Cv\|^2", "fails"),
    (r"\frac{d}{dt}(C(t)t)=C(t)-2\eta tC(t)", "holds"),
    (r"\frac{d}{dt} a^2 = -2\eta t a^2", "holds"),
    (r"\frac{d}{dt}(CG) = \dot C G", "holds"),
    (r"\frac{d}{dt}(C^\top C)^{1/2} = -2\eta (C^\top C)^{1/2}", "holds"),
    # twice
    (r"\ddot C = 4\eta^2 C", "holds"),
    (r"\ddot C = 0", "fails"),
    (r"\frac{d}{dt}\dot C = 0", "fails"),
    (r"\ddot a = -\eta a + \eta^2t^2 a", "holds"),
    (r"\ddot a = \eta^2t^2 a", "fails"),
    (r"\ddot w = -2\eta C w + C^2 w", "holds"),
    (r"\ddot w = C^2 w", "fails"),
    # a partial derivative by the time
    (r"\frac{\partial}{\partial t}e^{2\eta t} = 2\eta e^{2\eta t}", "holds"),
    (r"\frac{\partial}{\partial t}\mathrm{tr}(tC) = \mathrm{tr}(C)", "undecided"),
    # what is not known to stand still
    (r"\frac{d}{dt}(f(t)C)=-2\eta f(t)C", "undecided"),
    (r"\frac{d}{dt}(CD) = \dot C D", "undecided"),
    # trajectories: only of velocities that nothing else changes
    (r"C(t) = C(0)e^{-2\eta t}", "holds"),
    (r"C(t) = C(0)e^{-\eta t}", "fails"),
    (r"a(t) = a(0)e^{-\eta t^2/2}", "undecided"),
    (r"a(t) = a(0)e^{-\eta t}", "undecided"),
    (r"w(t) = w(0)", "undecided"),
]


@pytest.mark.parametrize(("latex", "want"), CASES)
def test_time_derivatives_contain_all_that_moves(latex: str, want: str) -> None:
    assert result(latex, FLOW) == want


@pytest.mark.parametrize("latex", [
    r"\frac{d}{dt}(t\beta_t w) = \beta_t w-t\beta_t w",
    r"\frac{d}{dt}(\beta_t w) = -\beta_t w",
    r"\frac{d}{dt}\beta_t = 0",
    r"\frac{\partial}{\partial t}\beta_t = 0",
])  # fmt: skip
def test_an_index_is_not_the_time(latex: str) -> None:
    assert result(latex, INDEX) == "undecided"
