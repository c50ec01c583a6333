r"""Which declarations are in force where: scopes, strengths, conflicts."""

from __future__ import annotations

from derivcheck.terms.signature import Origin
from derivcheck.theories.file import chosen_packs, packs_for, theory_from_text
from derivcheck.theories.latex import canonical, equation
from derivcheck.theories.theory import Declaration, Layer, Theory, Where, question_path, within

TEXT = "first words\nwhere the middle begins\nsomething\nwhere it ends\nlast\n"


def latex(theory: Theory, question: str, line: int = 1, kind: str = "densities") -> list[str]:
    return [d.latex for d in theory.in_force(question, line, TEXT) if d.kind == kind]


def test_questions() -> None:
    assert question_path("Problem 3.2 (b)") == ("3", "2", "b")
    assert within("4.1", "4")
    assert within("1.c", "Question 1(c)")
    assert not within("14", "1")
    assert not within("4", "4.1")


def test_inner_scope_beats_outer() -> None:
    theory = theory_from_text(
        "densities: ['f(x)']\nscopes:\n  - for: {questions: ['4']}\n    densities: ['f(x,y)']\n",
        where="t",
    )
    assert latex(theory, "3") == ["f(x)"]
    assert latex(theory, "4.1") == ["f(x,y)"]


def test_more_precise_question_beats_less() -> None:
    theory = theory_from_text(
        "scopes:\n  - for: {questions: ['4']}\n    densities: ['f(x)']\n"
        "  - for: {questions: ['4.1']}\n    densities: ['f(y)']\n",
        where="t",
    )
    assert latex(theory, "4.1") == ["f(y)"]
    assert latex(theory, "4.2") == ["f(x)"]


def test_stretch_of_the_document() -> None:
    theory = theory_from_text(
        "scopes:\n  - for: {after: 'the middle', until: 'it ends'}\n    densities: ['f(x)']\n",
        where="t",
    )
    assert [line for line in range(1, 6) if latex(theory, "", line)] == [2, 3]


def test_words_that_do_not_occur() -> None:
    theory = theory_from_text(
        "scopes:\n  - for: {after: 'nowhere'}\n    densities: ['f(x)']\n", where="t"
    )
    assert latex(theory, "") == []


def test_declared_beats_pack() -> None:
    theory = theory_from_text("packs: [gan]\nfunctions: ['D(x) > 0']\n", where="t")
    theory = Theory(theory.layers, questions_text=(("1", "$D(x)$"),))
    assert latex(theory, "1", kind="functions") == ["D(x) > 0"]


def inferred(
    kind: str, text: str, *, binding: bool = False, relation: str | None = None
) -> Declaration:
    return Declaration(kind, text, Origin("inferred", "line 7", 7, text), (), binding, relation)  # type: ignore[arg-type]


def joined(declared: str, *more: Declaration) -> Theory:
    layer = Layer("inferred", 20, (Where(exactly="1"),), more)
    return theory_from_text(declared, where="t").joined(Theory((layer,)))


def test_contradiction_is_recorded_and_loses() -> None:
    weaker = inferred("families", r"p(z) = \mathcal{N}(z; 1, 1)", relation="r1")
    theory = joined(r"families: ['p(z) = \mathcal{N}(z; 0, 1)']", weaker)
    at = theory.at("1", 1, "")
    assert [d.origin.kind for d in at.declarations] == ["declared"]
    assert [c.weaker for c in at.conflicts] == [weaker]


def test_binding_of_an_instance_stands_beside_the_pattern() -> None:
    theory = joined(
        r"moments: [{mean: '\mu_{x_t}', of: 'q(x_t|x_0)'}]",
        inferred("definitions", r"\mu_{x_3} = a", binding=True),
        inferred("definitions", r"\mu_{x_t} = b"),
    )
    assert [d.latex for d in theory.in_force("1", 1, "")] == [r"\mu_{x_t}", r"\mu_{x_3} = a"]


def test_circular_inference_is_dropped() -> None:
    theory = joined(
        r"definitions: ['\alpha_t = 1 - \beta_t']",
        inferred("definitions", r"\beta_t = 1 - \alpha_t"),
    )
    assert [d.latex for d in theory.in_force("1", 1, "")] == [r"\alpha_t = 1 - \beta_t"]


def test_two_names_are_equated_the_way_that_is_free() -> None:
    theory = joined(
        r"moments: [{variance: '\tilde\beta_t', of: 'q(x|y)'}]",
        inferred("definitions", r"\tilde\beta_t = \sigma_t^2", binding=True, relation="r1"),
        Declaration(
            "definitions",
            r"\sigma_t^2 = \tilde\beta_t",
            Origin("inferred", "line 7"),
            ("swapped",),
            True,
            "r1",
        ),
    )
    kept = [d.latex for d in theory.in_force("1", 1, "")]
    assert kept == [r"\tilde\beta_t", r"\sigma_t^2 = \tilde\beta_t"]


def test_an_alias_is_not_inferred_as_something_of_its_own() -> None:
    theory = joined(
        r"aliases: ['\tilde\alpha = \bar\alpha']", inferred("sequences", r"\tilde\alpha_t > 0")
    )
    assert [d.kind for d in theory.in_force("1", 1, "")] == ["aliases"]


def test_canonical_spelling() -> None:
    assert canonical(r"q_{\phi}(\mathbf{z} \mid \mathbf{x})") == r"q_\phi(z|x)"
    assert canonical(r"\bar{\alpha_t}") == canonical(r"\bar\alpha_{t}") == r"\bar{\alpha}_t"
    assert equation(r"f(x=1) = b = c") == ("f(x=1)", "b = c")


def test_packs_follow_what_the_text_uses() -> None:
    assert chosen_packs(r"$q(\mathbf{x}_t \mid \mathbf{x}_{t-1})$") == ("ddpm",)
    assert chosen_packs(r"$p_\theta(x|z)$ and $q_\phi(z|x)$") == ("vae",)
    assert chosen_packs(r"we minimise $\|A x - b\|$") == ()


def test_a_pack_leaves_other_meanings_alone() -> None:
    other = r"$q(x_t|x_0) = \mathcal{N}(x_t; \sqrt{\alpha_t} x_0, (1-\alpha_t) I)$"
    assert chosen_packs(other) == ()


def test_pack_holds_in_its_question_only() -> None:
    theory = packs_for("2", r"$q(x_t|x_{t-1})$, $\alpha_t$")
    assert theory.in_force("2", 1, "")
    assert not theory.in_force("3", 1, "")
