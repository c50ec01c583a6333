r"""From a document's relation to its verdict: kinds, literal and charitable readings, chains, optima.

Guards: a repair that is chosen because it holds, a strict verdict that follows the charitable one, a new name or
a supposition that is called incorrect, an error that is blamed on the rows behind it, an optimum that excuses
relations of another question.
"""

from __future__ import annotations

import pytest

from derivcheck.verdicts.result import RelationResult
from tests.checks.asking import claim, document

THEORY = r"""
variables: [x, z]
densities: ['p(x,z)', 'q(z|x)']
functions: ['D(x) \in (0,1)']
parameters: ['a \in \mathbb{R}', 'b > 0', 'c > 0']
aliases: ['\tilde{b} = b']
"""
GAN = r"""
variables: [x]
densities: ['f_0(x)', 'f_1(x)']
functions: ['D(x) \in (0,1)']
optima: ['D^* = \arg\max_D E_{x \sim f_1}[\log D(x)] + E_{x \sim f_0}[\log(1 - D(x))]']
"""


def said(latex: str, before: str = "We claim that", theory: str = THEORY) -> tuple[str, str, str]:
    r = claim(latex, theory, before)
    return r.kind, r.verdict, r.strict_verdict


def verdicts(found: list[RelationResult]) -> list[str]:
    return [r.verdict for r in found]


# --- literal and charitable ----------------------------------------------------------------------


@pytest.mark.parametrize(("latex", "verdict", "strict", "reads_as"), [
    # a lost bracket: the repaired text is judged, the literal one cannot be read
    (r"KL(q(z|x)||p(z|x) = E_{q(z|x)}[\log q(z|x) - \log p(z|x)]", "correct", "undecided", r"KL(q(z|x)||p(z|x)) ="),
    (r"KL(q(z|x)||p(z|x) = E_{q(z|x)}[\log p(z|x) - \log q(z|x)]", "incorrect", "undecided", r"KL(q(z|x)||p(z|x)) ="),
    # a declared alias
    (r"\tilde{b} a = a b", "correct", "undecided", "b"),
    (r"\tilde{b} a = 2 a b", "incorrect", "undecided", "b"),
    # a capital for the same small letter
    (r"X + a = a + x", "correct", "undecided", "x + a"),
    # argmax against max in one relation
    (r"\arg\max_D E_{p(x)}[\log D(x) + \log(1-D(x))] = \max_D E_{p(x)}[\log D(x) + \log(1-D(x)) + 1]", "correct", None, "argmax"),
    # nothing to repair: the text means what it says
    (r"KL(q(z|x)||p(z|x)) = E_{q(z|x)}[\log q(z|x) - \log p(z|x)]", "correct", "correct", None),
    (r"KL(q(z|x)||p(z|x)) = E_{q(z|x)}[\log p(z|x) - \log q(z|x)]", "incorrect", "incorrect", None),
])  # fmt: skip
def test_repairs(latex: str, verdict: str, strict: str | None, reads_as: str | None) -> None:
    r = claim(latex, THEORY)
    assert r.verdict == verdict
    assert strict is None or r.strict_verdict == strict
    assert (r.reads_as is None) if reads_as is None else (reads_as in (r.reads_as or ""))


def test_a_lost_sign_is_a_repair_of_the_row() -> None:
    found = document(r"""$$\begin{aligned}
\log p(x) &= E_{q(z|x)}[\log p(x)] \\
& E_{q(z|x)}[\log p(x,z) - \log p(z|x)]
\end{aligned}$$""", THEORY)
    assert found[1].implicit
    assert (found[1].verdict, found[1].strict_verdict) == ("correct", "undecided")
    assert found[1].reads_as is not None


def test_no_repair_is_chosen_because_it_holds() -> None:
    """`E[log q - log p(z|x)` closes behind either term; one of the two is true: that decides nothing."""
    r = claim(r"KL(q(z|x)||p(z|x)) = E_{q(z|x)}[\log q(z|x) - \log p(z|x)", THEORY)
    assert r.verdict in ("undecided", "incorrect")


def test_a_wrong_accent_that_nobody_declared_is_no_repair() -> None:
    r = claim(r"\hat{b} a = a b", THEORY)
    assert r.verdict != "correct"
    assert r.reads_as is None


def test_a_law_behind_an_equals_sign_is_a_sampling_statement() -> None:
    r = claim(r"z = q(z|x)", THEORY)
    assert r.verdict in ("undecided", "not_checkable")
    assert r.strict_verdict != "correct"
    assert r.reads_as is not None


@pytest.mark.parametrize("latex", [r"a + = b", r"\frac{a}{", r"p(x|z|| = (p(x)", r"a = \undefinedcommand{b}{c} d \over"])
def test_what_is_not_read_whole_is_not_judged(latex: str) -> None:
    for r in document(f"We claim that\n\n$$ {latex} $$\n", THEORY):
        assert r.verdict in ("undecided", "not_checkable")
        assert r.reading is None
        assert r.reason


TYPED = r"""
sequences: ['c_t \in (0,1)']
definitions: ['m_t(y_t) = c_t y_t']
"""


@pytest.mark.parametrize(("latex", "typed"), [
    (r"KL(q(z|x)\|p(x)) = KL(q(z|x)\|p(z))", False),
    (r"KL(q(z|x)\|p(z|x)) = KL(q(z|x)\|p(z))", True),
    (r"2 y_t = m_t(y_{t-1})", False),
    (r"2 y_t = m_{t-1}(y_{t-1})", True),
])  # fmt: skip
def test_what_has_no_type_has_no_reading(latex: str, typed: bool) -> None:
    r = claim(latex, THEORY.replace("[x, z]", "[x, z, y_t]") + TYPED)
    assert (r.verdict, r.reading is not None) == (("incorrect", True) if typed else ("undecided", False))


# --- what is never incorrect ---------------------------------------------------------------------


@pytest.mark.parametrize(("before", "latex"), [
    ("Let", r"u = a + b"),
    ("Define", r"h(x) = D(x)^2"),
    ("Suppose that", r"a + b = 2a"),
    ("Assume", r"p(x,z) = p(x) p(z)"),
    ("Otherwise", r"D(x) = 1"),
    ("For", r"t = 1"),
    ("We claim that", r"x \in \mathcal{X}"),
    ("We claim that", r"u := a + b"),
    ("We claim that", r"u = a + b"),
    ("We claim that", r"p(x) + u = p(x)"),
    ("We claim that", r"p(x) + u = p(x) + v"),
    ("We claim that", r"\Gamma_3 = b I"),
])  # fmt: skip
def test_names_and_suppositions_are_never_incorrect(before: str, latex: str) -> None:
    kind, verdict, strict = said(latex, before)
    assert verdict in ("not_checkable", "undecided", "correct"), kind
    assert strict != "incorrect"


@pytest.mark.parametrize(("latex", "verdict"), [
    (r"\log p(x) = 2", "incorrect"),  # log p(x) is no name
    (r"E_{q(z|x)}[\log p(x)] = 2b", "incorrect"),
    (r"b^2 = a", "not_checkable"),  # a is free: this may say what it is
    (r"p(x) = a + b", "incorrect"),
    (r"u + v = v + u", "correct"),  # universally quantified
    (r"(u + v)^2 = u^2 + v^2", "incorrect"),
])  # fmt: skip
def test_what_has_a_meaning_is_judged_although_it_looks_like_a_definition(latex: str, verdict: str) -> None:
    assert said(latex)[1] == verdict


def test_nothing_proves_itself() -> None:
    """Without a theory the first display gives q its family: an assumption, right or wrong."""
    found = document(r"""We use
$$ q(x_t|x_{t-1}) = \mathcal{N}(x_t; \sqrt{\alpha_t} x_{t-1}, (1-\alpha_t) I) $$
with $\bar\alpha_t = \prod_{s=1}^t \alpha_s$. We claim that
$$ q(x_t|x_0) = \mathcal{N}(x_t; \sqrt{\alpha_t} x_0, (1-\bar\alpha_t) I) $$
""")
    assert (found[0].kind, found[0].verdict) == ("assumption", "not_checkable")
    assert found[-1].verdict != "correct"


def test_a_declared_theory_is_stronger_than_a_display() -> None:
    theory = r"""
variables: ['x_t \in \mathbb{R}^d']
sequences: ['\alpha_t \in (0,1)']
densities: ['q(x_{1:T}|x_0) = \prod_{t=1}^{T} q(x_t|x_{t-1})']
families: ['q(x_t|x_{t-1}) = \mathcal{N}(x_t; \sqrt{\alpha_t} x_{t-1}, (1-\alpha_t) I)']
conventions: {t: 2..T-1}
"""
    good = r"q(x_t|x_{t-1}) = \mathcal{N}(x_t; \sqrt{\alpha_t} x_{t-1}, (1-\alpha_t) I)"
    assert said(good, theory=theory)[1] == "correct"
    assert said(good.replace(r"\sqrt{\alpha_t}", r"\alpha_t"), theory=theory)[1] == "incorrect"


# --- chains --------------------------------------------------------------------------------------

CHAIN = r"""## Problem 1
$$\begin{aligned}
\log p(x) &= E_{q(z|x)}[\log p(x)] \\
&= E_{q(z|x)}[\log p(x,z)] \\
&= E_{q(z|x)}[\log p(x,z) + 0] \\
&= E_{q(z|x)}[\log p(x,z) - \log p(z|x)] \\
&\geq E_{q(z|x)}[\log p(x,z) - \log q(z|x)]
\end{aligned}$$
"""


def test_every_row_is_judged_against_the_row_before_and_against_the_head() -> None:
    found = document(CHAIN, THEORY)
    assert verdicts(found) == ["correct", "incorrect", "correct", "incorrect", "correct"]
    assert [r.absolute for r in found] == ["correct", "incorrect", "incorrect", "correct", "correct"]


def test_one_bad_row_costs_no_other() -> None:
    broken = CHAIN.replace(r"[\log p(x,z) + 0]", r"[\log p(x,z \frac{+ 0]")
    found = document(broken, THEORY)
    assert len(found) == 5
    assert found[0].verdict == "correct"
    assert found[1].verdict == "incorrect"
    assert found[2].verdict == "undecided"
    assert found[4].verdict == "correct"


# --- optima --------------------------------------------------------------------------------------

STATIONARY = r"""## Problem 1
Setting the derivative to zero
$$\frac{\partial}{\partial D} \int f_1(x)\log D(x) + f_0(x)\log(1-D(x)) dx = 0$$
gives
$$\frac{f_1(x)}{D(x)} = \frac{f_0(x)}{1-D(x)}$$
and so
$$D^*(x) = \frac{f_1(x)}{f_0(x)+f_1(x)}$$
## Problem 2
We claim that
$$\frac{f_1(x)}{D(x)} = \frac{f_0(x)}{1-D(x)}$$
"""


def test_a_stationarity_condition_holds_at_the_optimum_and_in_its_question_only() -> None:
    found = document(STATIONARY, GAN)
    assert verdicts(found) == ["correct", "correct", "correct", "incorrect"]
    assert [r.holds_at for r in found] == ["D = D^{*}", "D = D^{*}", None, None]


def test_a_wrong_condition_is_no_condition() -> None:
    wrong = STATIONARY.replace("+ f_0(x)", "- f_0(x)")
    assert verdicts(document(wrong, GAN))[0] in ("incorrect", "undecided")  # "setting … to zero" is a condition
    assert verdicts(document(wrong.replace("Setting the derivative to zero", "We have"), GAN))[0] == "incorrect"


NORMAL = r"""
variables: ['x \in \mathbb{R}']
parameters: ['m \in \mathbb{R}', 's > 0']
families: ['p(x) = \mathcal{N}(x; m, s^2)', 'r(x) = \mathcal{N}(x; 0, 1)']
densities: ['p(x)', 'r(x)']
"""


@pytest.mark.parametrize(("latex", "verdict"), [
    (r"\mathbb{E}_{r(x)}[\nabla_x \log p(x)] = 0", "incorrect"),  # x is bound: the equation determines no x
    (r"\nabla_x \log p(x) = 0", "undecided"),  # the mode
    (r"\mathbb{E}_{p(x)}[(x - m)^2] = s", "incorrect"),  # the family says what s is
    (r"\mathbb{E}_{p(x)}[(x - m)^2] = s^2", "correct"),
    (r"\mathbb{E}_{r(x)}[x^2] = s", "not_checkable"),  # nothing else does
])  # fmt: skip
def test_what_an_equation_may_still_determine(latex: str, verdict: str) -> None:
    assert claim(latex, NORMAL).verdict == verdict


# --- the record ----------------------------------------------------------------------------------


def test_the_record_of_a_verdict() -> None:
    good, bad, _, _, bound = document(CHAIN, THEORY)
    assert (good.evidence, bad.evidence, bound.evidence) == ("exact", "exact", "exact")
    assert good.witness is None
    assert bad.witness is not None
    assert bad.witness.lhs_value != bad.witness.rhs_value
    assert all(r.reading and r.reason for r in (good, bad, bound))
    undecided = claim(r"\hat{b} a = a b", THEORY)
    assert undecided.evidence == "none"
    assert undecided.witness is None


def test_a_trivial_identity_says_so() -> None:
    r = claim(r"\log p(x) = \log p(x)", THEORY)
    assert r.verdict == "correct"
    assert "same expression" in (r.reason or "")
