r"""What is inferred from documents in several notations, and what is left open."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from derivcheck.source import read_document
from derivcheck.syntax.relations import relations_of
from derivcheck.theories.infer import infer, theory_for


@dataclass
class Read:
    """Declarations in force at the last line of a text."""

    kinds: dict[str, list[str]]
    assumptions: set[str]


def read(text: str, line: int | None = None, *, packs: bool = False) -> Read:
    document = read_document("d.md", text=text)
    relations = relations_of(document)
    theory = theory_for(document, relations) if packs else infer(document, relations)
    question = document.blocks[-1].question
    at = line or text.count("\n") + 1
    kinds: dict[str, list[str]] = {}
    declarations = theory.in_force(question, at, text)
    for d in declarations:
        kinds.setdefault(d.kind, []).append(d.latex)
    return Read(kinds, {d.relation for d in declarations if d.relation})


def test_one_joint_for_all_uses_of_a_name() -> None:
    found = read(r"$$\ln p(x) = \int q(z|x) \ln \frac{p(x,z)}{p(z|x)} dz$$")
    assert found.kinds["densities"] == ["p(x, z)", "q(z|x)"]


def test_other_letters_and_a_prior_under_its_own_name() -> None:
    found = read(r"$$\log r(v) \ge \int \pi(u|v) \log \frac{r(v|u) h(u)}{\pi(u|v)} du$$")
    assert "h(u)" in found.kinds["densities"]
    assert "r(v, u) = r(v|u) h(u)" in found.kinds["densities"]
    assert r"\pi(u|v)" in found.kinds["densities"]


def test_chains() -> None:
    forward = read(r"$$q(x_{t-1}|x_t, x_0) = q(x_t|x_{t-1}) \frac{q(x_{t-1}|x_0)}{q(x_t|x_0)}$$")
    assert forward.kinds["densities"] == [r"q(x_{1:T}|x_0) = \prod_{t=1}^{T} q(x_t|x_{t-1})"]
    backward = read(
        r"$$\log p_\theta(x_{0:T}) = \log p_\theta(x_T) + \sum_t \log p_\theta(x_{t-1}|x_t)$$"
    )
    assert backward.kinds["densities"][0].startswith(r"p_\theta(x_{0:T}) = p_\theta(x_T)")


def test_two_times_without_a_step_are_no_chain() -> None:
    found = read(r"$$q(x_t|x_0) = \mathcal{N}(x_t; \sqrt{\alpha_t} x_0, (1-\alpha_t) I)$$")
    assert found.kinds["densities"] == ["q(x_t|x_0)"]
    assert len(found.kinds["families"]) == 1
    assert found.assumptions


def test_let_defines_from_its_line_on() -> None:
    text = "Some words.\n\nLet $a = b + c$.\n\n$$a = c + b$$\n"
    assert read(text).kinds["definitions"] == ["a = b + c"]
    assert "definitions" not in read(text, 1).kinds


def test_where_defines_for_the_whole_question() -> None:
    text = "$$y = x + k$$\n\nwhere $k = 2 m$.\n"
    assert "k = 2 m" in read(text, 1).kinds["definitions"]


@pytest.mark.parametrize("words", ["If", "Suppose", "Assume that", "otherwise"])
def test_suppositions_define_nothing(words: str) -> None:
    assert "definitions" not in read(f"$b + a + f = c$. {words} $a = b$ then so.\n").kinds


def test_the_elbo_by_its_name_in_the_prose() -> None:
    found = read(
        r"$$KL(q_\phi(z|x) \| p(z|x)) = \log p(x) - \mathcal{L}(\phi)$$"
        "\n\nusing $p(x,z)$, where $\\mathcal{L}(\\phi)$ is the ELBO.\n"
    )
    assert found.kinds["definitions"] == [
        r"\mathcal{L}(\phi) = \mathbb{E}_{q_\phi(z|x)}[\log p(x,z) - \log q_\phi(z|x)]"
    ]


def test_optimum_of_a_displayed_objective() -> None:
    found = read(
        r"$$\arg\max_D E_{x\sim p}[\log D(x)] + E_{x\sim q}[\log(1-D(x))]$$"
        "\n\n$$D^*(x) = 1$$\n\n$$p = q$$"
    )
    assert found.kinds.get("functions") == [r"D(x) \in (0,1)"]


def test_a_new_name_for_a_part() -> None:
    found = read(r"$$\frac{d}{dt} v = -[A B + C] v$$" "\n\nhence\n\n" r"$$\frac{d}{dt} v = -M v$$")
    assert "M = A B + C".replace(" ", "") in [
        d.replace(" ", "") for d in found.kinds["definitions"]
    ]


def test_matrices_are_not_scalars() -> None:
    found = read(r"$$(AB)^T = B^T A^T$$" "\n\n" r"$$\nabla_x (x^T A x) = (A + A^T) x$$")
    assert set(found.kinds["matrices"]) == {
        r"A \in \mathbb{R}^{d \times d}",
        r"B \in \mathbb{R}^{d \times d}",
    }
    assert r"x \in \mathbb{R}^d" in found.kinds["parameters"]


def test_what_follows_from_given_families_is_judged() -> None:
    found = read(
        r"We have $p(x|z) = \mathcal{N}(x; Wz, \sigma^2 I)$ and $p(z) = \mathcal{N}(z; 0, I)$."
        "\n\n"
        r"$$p(x) = \mathcal{N}(x; 0, WW^T + \sigma^2 I)$$"
    )
    assert len(found.kinds["families"]) == 2


def test_pack_is_taken_and_judges_the_display() -> None:
    found = read(
        r"$$q(x_t|x_{t-1}) = \mathcal{N}(x_t; \sqrt{1-\beta_t} x_{t-1}, \beta_t I)$$", packs=True
    )
    assert not found.assumptions


def test_same_letters_with_and_without_a_parameter_are_a_doubt() -> None:
    text = r"$$\log p(x) = \log p_\theta(x) + p(z|x) - p_\theta(x|z) - p_\theta(z)$$"
    assert "densities" not in read(text).kinds
