r"""Theory files: what is read, what is refused, and what the refusal says."""

from __future__ import annotations

from pathlib import Path

import pytest

from derivcheck.theories.errors import UnreadableTheory
from derivcheck.theories.file import front_matter_theory, load_theory, pack_names, theory_from_text
from derivcheck.theories.load import parse

PACKS = ("ddpm", "gan", "gaussian", "score", "simsiam", "vae")


def faults(text: str) -> str:
    with pytest.raises(UnreadableTheory) as caught:
        parse(text, where="t.yaml")
    return str(caught.value)


def test_packs_are_valid() -> None:
    assert pack_names() == PACKS
    for name in PACKS:
        assert load_theory(name).layers


@pytest.mark.parametrize(
    "path", sorted(Path("tests/homework").glob("*.theory.yaml")), ids=lambda p: p.name[:3]
)
def test_homework_theories_are_valid(path: Path) -> None:
    assert load_theory(path).layers


def test_unknown_key_suggests() -> None:
    said = faults("densitys: ['p(x,z)']\n")
    assert "t.yaml:1: unknown key `densitys`" in said
    assert "did you mean `densities`?" in said


def test_unknown_key_in_scope_has_its_line() -> None:
    said = faults("scopes:\n  - for: {questions: ['1']}\n    definition: ['a = b']\n")
    assert "t.yaml:3: unknown key `definition`" in said
    assert "did you mean `definitions`?" in said


def test_synonym_is_suggested() -> None:
    assert "did you mean `chains`?" in faults("markov: ['q(x_{0:T})']")


def test_double_quotes_are_explained() -> None:
    assert "single quotes" in faults('definitions: ["\\tilde a = b"]')
    assert "single quotes" in faults('definitions: ["\\sqrt a"]')


def test_bad_range() -> None:
    assert "is not a range" in faults("conventions: {t: T}")


def test_unknown_convention() -> None:
    assert "did you mean `const`?" in faults("conventions: {constt: free of x}")


def test_aliases_and_depth_are_bounded() -> None:
    assert "aliases" in faults("a: &a [x]\nb: *a\n")
    assert "too deep" in faults("[" * 60 + "]" * 60)
    assert "at most" in faults("x: " + "a" * 1_100_000)


def test_duplicate_key() -> None:
    assert "stands twice" in faults("densities: ['p(x)']\ndensities: ['q(x)']\n")


def test_not_a_mapping() -> None:
    assert "mapping" in faults("- p(x)")


def test_open_bracket() -> None:
    assert "brackets do not close" in faults("densities: ['p(x,z = p(x|z)']")


def test_no_such_pack() -> None:
    with pytest.raises(UnreadableTheory, match="did you mean `vae`"):
        load_theory("vea")
    assert "no pack `vea`" in str(_caught("packs: [vea]"))


def _caught(text: str) -> UnreadableTheory:
    with pytest.raises(UnreadableTheory) as caught:
        theory_from_text(text, where="t.yaml")
    return caught.value


def test_missing_binary_and_wrong_encoding(tmp_path: Path) -> None:
    with pytest.raises(UnreadableTheory, match="neither a file nor a pack"):
        load_theory(tmp_path / "none.yaml")
    bad = tmp_path / "bad.yaml"
    bad.write_bytes(b"\xff\xfe\x00x")
    with pytest.raises(UnreadableTheory, match="UTF-8"):
        load_theory(bad)
    bad.write_bytes(b"densities: [\x00]")
    with pytest.raises(UnreadableTheory):
        load_theory(bad)


def test_forms_of_entries() -> None:
    theory = theory_from_text(
        "densities: p(x,z) = p(x|z) p(z)\n"
        "variables: 'x, z \\in \\mathbb{R}^d'\n"
        "moments: ['\\Sigma = covariance of q(z|x)']\n"
        "aliases: {'\\tilde\\alpha': '\\bar\\alpha'}\n"
        "conventions: {const: 'free of \\theta, x_0', K: 1..3}\n",
        where="t.yaml",
    )
    found = {(d.kind, d.latex) for d in theory.in_force("1", 1, "")}
    assert ("variables", r"z \in \mathbb{R}^d") in found
    assert ("moments", r"\Sigma") in found
    assert ("aliases", r"\tilde\alpha = \bar\alpha") in found
    assert ("const", r"\theta, x_0") in found
    assert ("index", "K") in found


FRONT = """id: elbo
title: The bound
theory:
  packs: [vae]
  variables: [x, z]
tags: [vae]
"""


def test_the_theory_of_a_front_matter_stands_beside_the_page_s_own_keys():
    made = front_matter_theory(FRONT, where="front matter of a.md")
    assert made is not None
    assert made.packs == ("vae",)
    assert any(d.kind == "variables" for layer in made.layers for d in layer.declarations)


@pytest.mark.parametrize("text", ["theory: vae\n", "theory: [vae, ddpm]  # both\n", "id: a\ntheory:\n  - vae\n  - ddpm\n"])
def test_a_front_matter_may_name_packs(text):
    made = front_matter_theory(text, where="front matter of a.md")
    assert made is not None
    assert "vae" in made.packs


def test_a_front_matter_s_fault_names_its_line():
    with pytest.raises(UnreadableTheory, match=r"front matter of a.md:5.*variabels"):
        front_matter_theory(FRONT.replace("  packs: [vae]\n  variables", "  variabels"), where="front matter of a.md")


def test_a_page_s_keys_alone_declare_nothing():
    assert front_matter_theory("layout: post\ntags: [a]\n", where="x") is None
