r"""Every kind of slip proposes, for each of its own examples, what was meant."""

from __future__ import annotations

import pytest

from derivcheck.notation import read, write
from derivcheck.notation.signature import signature_of
from derivcheck.terms.signature import Signature
from derivcheck.theories.file import theory_from_text
from derivcheck.verdicts.candidates import Slips, tidy
from derivcheck.verdicts.differences import differences
from derivcheck.verdicts.edits import all_edits
from derivcheck.verdicts.edits._edit import Edit, Example, Surroundings, places

CASES = [(edit, example) for edit in all_edits() for example in edit.examples]


def surroundings(example: Example) -> Surroundings:
    """The example as a relation with its theory."""
    signature = Signature()
    if example.theory:
        theory = theory_from_text(example.theory, where="an example")
        signature = signature_of(theory.in_force("", 1, example.written))
    return Surroundings(read(example.left, signature), read(example.written, signature), signature)


@pytest.mark.parametrize(
    ("edit", "example"), CASES, ids=lambda x: x.written if isinstance(x, Example) else x.what
)
def test_an_edit_proposes_what_its_examples_meant(edit: Edit, example: Example) -> None:
    around = surroundings(example)
    meant = read(example.meant, around.signature)
    own = {write(tidy(c.term)) for c in Slips(around) if c.changes[0].edit.what == edit.what}
    every = {write(tidy(c.term)) for c in Slips(around)}
    assert write(meant) in every
    assert own


@pytest.mark.parametrize("edit", all_edits(), ids=lambda e: e.what)
def test_an_edit_has_examples_and_says_what_it_is(edit: Edit) -> None:
    assert edit.examples
    assert edit.what
    assert edit.cost > 0


def test_the_order_of_candidates_is_by_size_and_always_the_same() -> None:
    around = surroundings(Example(r"\frac{1}{2} \log p(x|z) - a_t b_{t-1}", ""))
    first, again = list(Slips(around)), list(Slips(around))
    assert [c.term for c in first] == [c.term for c in again]
    assert [c.cost for c in first] == sorted(c.cost for c in first)


def test_no_candidate_is_the_left_side_or_the_right_side_itself() -> None:
    around = Surroundings(read("b"), read("a"), Signature())
    assert not {read("a"), read("b")} & {c.term for c in Slips(around)}


def test_places_follow_the_children() -> None:
    term = read(
        r"\sum_{t=1}^{T} \mathbb{E}_{q(z|x)}[\log p(x_t|z)] + \begin{pmatrix} a & b \\ c & d \end{pmatrix}"
    )
    for place in places(term, Surroundings(term, term, Signature())):
        node = term
        for i in place.path:
            node = node.children[i]
        assert node == place.node


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("a + b_1 c", "a + b_2 c", [("b_{1}", "b_{2}")]),
        ("a + b + c", "a + c", [("b", None)]),
        ("a b c", "a c", [(r"a \, b \, c", r"a \, c")]),
        (r"\log(a + b)", r"\log(a - b)", [("b", "-b")]),
        ("f^T f W", "f f^T W", [(r"f^{\top} \, f", r"f \, f^{\top}")]),
    ],
)
def test_differences_are_small(
    old: str, new: str, said: list[tuple[str | None, str | None]]
) -> None:
    found = differences(read(old), read(new))
    assert [(a and write(a), b and write(b)) for a, b in found] == said
