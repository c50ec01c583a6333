"""Repairs of one side: brackets, aliases, capitals; faults that say where and why."""

from __future__ import annotations

import time

import pytest

from derivcheck.notation import (
    NotMathematics,
    NotYetReadable,
    ShapesDiffer,
    Unreadable,
    read,
    readings,
    shape_of,
)
from derivcheck.syntax.brackets import bracket_repairs
from derivcheck.terms.signature import Signature, SymbolDeclaration


@pytest.mark.parametrize(
    ("broken", "meant"),
    [
        ("KL(q(z|x))||p(z|x)|", "KL(q(z|x)||p(z|x))"),
        ("KL(q(z|x))|p(z|x))", "KL(q(z|x)||p(z|x))"),
        ("KL(q(z)||p(z) - KL(p(z)||q(z)", "KL(q(z)||p(z)) - KL(p(z)||q(z))"),
        (r"\left[a + b]", "a+b"),
        ("[tr(A) - tr(B]", "tr(A) - tr(B)"),
        (r"|| a - f(x, 1)) ||^2", r"||a - f(x,1)||^2"),
        (r"E_q[\log p(x)", r"E_q[\log p(x)]"),
    ],
)
def test_bracket_repair(broken: str, meant: str) -> None:
    """The smallest edit that reads, and it is the only one of its size."""
    found = list(readings(broken, Signature()))
    assert [reading.repair for reading in found] == ["bracket"]
    assert found[0].term == read(meant)
    assert found[0].latex is not None


def test_well_formed_text_is_not_repaired() -> None:
    """The literal reading is the only one."""
    assert [r.repair for r in readings("a(b+c)", Signature())] == [""]
    assert bracket_repairs("(a") == (("(a)", 1),)


def test_aliases_and_capitals() -> None:
    """A declared alias, a capital for the declared small letter, and both."""
    theory = Signature(
        symbols={"x": SymbolDeclaration("x", "variable")},
        aliases={r"\tilde{\alpha}": r"\bar{\alpha}"},
    )
    found = {r.repair: r.term for r in readings(r"\tilde\alpha_t D(X)", theory)}
    assert found["alias+case"] == read(r"\bar\alpha_t D(x)", theory)
    assert set(found) == {"", "alias", "case", "alias+case"}


def test_faults_say_where_and_what() -> None:
    """Span, fact, way out."""
    with pytest.raises(NotYetReadable) as fault:
        read(r"x + \foo y")
    assert fault.value.span == (4, 8)
    assert r"\foo" in fault.value.found
    assert fault.value.hint
    with pytest.raises(NotYetReadable) as fault:
        read(r"α + \foo")
    assert fault.value.span == (4, 8)
    with pytest.raises(NotMathematics):
        read("x + ")


HOSTILE = [
    "{" * 10_000 + "}" * 10_000,
    "(" * 5_000,
    r"\log " * 3_000 + "x",
    r"\int " * 3_000 + "x",
    r"\bar" * 3_000 + "x",
    r"a\otimes " * 2_000 + "b",
    "a/" * 3_000 + "b",
    "n" + "!" * 5_000,
    r"\nabla_x " * 2_000 + "f",
    "d" * 10_000,
    "1" * 5_000,
    "x+" * 500_000,
    "a\x00b",
    "a\u202eb",
    r"\text{__import__('os')}",
    "<script>",
    r"\input{/etc/passwd}",
    ")" * 200 + "(" * 200,
    r"\begin{pmatrix}" + r"\\".join("&".join(["1"] * 200) for _ in range(200)) + r"\end{pmatrix}",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_refused_quickly(text: str) -> None:
    """A clear fault within two seconds, no recursion without end."""
    start = time.perf_counter()
    with pytest.raises(Unreadable):
        list(readings(text, Signature()))
    assert time.perf_counter() - start < 2


SHAPED = Signature(
    symbols={
        "W": SymbolDeclaration("W", "parameter", ("n_2", "n_1")),
        "A": SymbolDeclaration("A", "parameter", ("n_2", "n_2")),
        "X": SymbolDeclaration("X", "parameter", ("n_1", "n_1")),
        "v": SymbolDeclaration("v", "variable", ("n_2",)),
        "c": SymbolDeclaration("c", "parameter"),
    }
)


@pytest.mark.parametrize(
    ("latex", "shape"),
    [
        ("AWX", ("n_2", "n_1")),
        ("v^T A v", ()),
        ("vv^T", ("n_2", "n_2")),
        ("A v^T v", ("n_2", "n_2")),
        ("v^2", ()),
        ("vec(W)", ("n_1·n_2",)),
        (r"(X \otimes I_{n_2}) vec(W)", ("n_1·n_2",)),
        ("A + I", ("n_2", "n_2")),
        (r"\nabla_v (v^T A v)", ("n_2",)),
        ("cI", None),
        ("y", None),
    ],
)
def test_shape(latex: str, shape: tuple[str, ...] | None) -> None:
    """Shapes with named dimensions."""
    assert shape_of(read(latex, SHAPED), SHAPED) == shape


@pytest.mark.parametrize("latex", ["WW", "v + c", "A + W", "tr(W)", "c/v"])
def test_shapes_that_do_not_fit(latex: str) -> None:
    """A term without a type."""
    with pytest.raises(ShapesDiffer):
        shape_of(read(latex, SHAPED), SHAPED)
