"""Every law by its examples, against the exact engine; and that dropping its condition breaks it.

Guards: a wrong law, an idle condition, a law without source or examples.
"""

from __future__ import annotations

from importlib.util import find_spec
from pkgutil import iter_modules

import pytest

import derivcheck.laws
from derivcheck.laws import Context, Example, Law, all_laws
from derivcheck.terms.signature import Signature
from tests.laws.examining import fault_of_form, fault_of_holding, fault_of_refusing

LAWS = all_laws()
ROOMS = [m.name for m in iter_modules(derivcheck.laws.__path__) if m.ispkg]
HOLDS = [pytest.param(law, e, id=f"{name}-{i}") for name, law in LAWS.items() for i, e in enumerate(law.holds)]
REFUSES = [pytest.param(law, e, id=f"{name}-{i}") for name, law in LAWS.items() for i, e in enumerate(law.refuses)]

needs_engine = pytest.mark.skipif(find_spec("derivcheck.interpreters.symbolic.engine") is None, reason="there is no engine yet")


def context(signature: Signature, granting: bool) -> Context:
    from derivcheck.interpreters.symbolic.engine import Engine

    return Engine(signature, granting=granting)


@pytest.mark.skipif(not ROOMS, reason="there are no laws yet")
def test_every_room_has_laws() -> None:
    assert LAWS
    for room in ROOMS:
        assert [m for m in iter_modules([f"{p}/{room}" for p in derivcheck.laws.__path__]) if not m.name.startswith("_")], room


@pytest.mark.parametrize("name", LAWS)
def test_a_law_is_whole(name: str) -> None:
    assert fault_of_form(name, LAWS[name]) is None


@needs_engine
@pytest.mark.parametrize(("law", "example"), HOLDS)
def test_what_a_law_makes_of_its_examples_holds_on_worlds(law: Law, example: Example) -> None:
    assert fault_of_holding(law, example, context) is None


@needs_engine
@pytest.mark.parametrize(("law", "example"), REFUSES)
def test_dropping_the_condition_breaks_the_law(law: Law, example: Example) -> None:
    assert fault_of_refusing(law, example, context) is None
