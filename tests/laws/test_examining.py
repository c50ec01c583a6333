"""That the examination of laws finds faults: each planted one here is caught, and right laws pass."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

from derivcheck.laws import Context, Example, Law
from derivcheck.terms.signature import Signature
from derivcheck.terms.term import Add, Call, Divergence, Expectation, Multiply, Number, Term
from tests.laws.examining import fault_of_form, fault_of_holding, fault_of_refusing

NUMBERS = {"parameters": ("a > 0", "b > 0", r"c \in \mathbb{R}")}
LAWS = {"variables": ("x", "z"), "densities": ("p(x,z)", "q(z|x)")}


@dataclass
class Asked:
    """What a law may ask, answered by the theory's declarations alone."""

    signature: Signature
    granting: bool

    def met(self, condition: bool) -> bool:
        return self.granting or condition

    def normal(self, t: Term) -> Term:
        return t

    def inside(self, binder: Term) -> AbstractContextManager[None]:
        return nullcontext()

    def shape(self, t: Term) -> tuple[str, ...] | None:
        return ()

    def depends(self, t: Term, on: Term) -> bool:
        return on in (t, *t.children)

    def positive(self, t: Term) -> bool:
        names = [self.signature.symbols.get(n) for n in t.names]
        return all(d is not None and d.domain == "positive" for d in names)


def log_of_product(t: Term, context: Context) -> Term | None:
    if not isinstance(t, Call) or t.function != "log" or not isinstance(t.arguments[0], Multiply):
        return None
    factors = t.arguments[0].factors
    if not context.met(all(context.positive(f) for f in factors)):
        return None
    return Add(tuple(Call("log", (f,)) for f in factors))


def log_of_product_doubled(t: Term, context: Context) -> Term | None:
    made = log_of_product(t, context)
    return None if made is None else Multiply((Number(2), made))  # type: ignore[arg-type]


RIGHT = Law(
    statement=r"\log(a b) = \log a + \log b",
    condition="$a$ and $b$ are positive",
    source="any textbook",
    on=(Call,),
    rewrite=log_of_product,
    holds=(Example(r"\log(a b)", NUMBERS, r"\log a + \log b"), Example(r"\log(a (a + b))", NUMBERS)),
    refuses=(Example(r"\log(u v)", {"parameters": ("u < 0", "v < 0")}),),  # on the right there are no logarithms
)


def kl_turned(t: Term, context: Context) -> Term | None:
    if not isinstance(t, Divergence) or t.q is None or not context.met(t.p == t.q):
        return None
    return Divergence("KL", t.q, t.p)


def outside(t: Term, context: Context) -> Term | None:
    """E[f g] = f E[g], where f does not depend on what the expectation binds."""
    if not isinstance(t, Expectation) or not isinstance(t.body, Multiply):
        return None
    first, *rest = t.body.factors
    if not context.met(not first.names & {"z"}):
        return None
    body = rest[0] if len(rest) == 1 else Multiply(tuple(rest))
    return Multiply((first, replace_body(t, body)))


def replace_body(t: Expectation, body: Term) -> Expectation:
    return Expectation(body, t.over, t.law, t.given)


OUTSIDE = Law(
    statement=r"\mathbb{E}_z[f g] = f\,\mathbb{E}_z[g]",
    condition="$f$ does not depend on $z$",
    source="any textbook",
    on=(Expectation,),
    rewrite=outside,
    holds=(
        Example(r"\mathbb{E}_{z \sim q(z|x)}[p(x) \log p(x,z)]", LAWS),
        Example(r"\mathbb{E}_{z \sim q(z|x)}[p(x) \log q(z|x)]", LAWS),
    ),
    refuses=(Example(r"\mathbb{E}_{z \sim q(z|x)}[p(x,z) \log p(x,z)]", LAWS),),
)


def test_right_laws_pass() -> None:
    for law in (RIGHT, OUTSIDE):
        assert [fault_of_holding(law, e, Asked) for e in law.holds] == [None] * 2
        assert [fault_of_refusing(law, e, Asked) for e in law.refuses] == [None] * len(law.refuses)
    assert fault_of_form("outside", OUTSIDE) is None


def test_a_wrong_law_is_caught() -> None:
    wrong = replace(RIGHT, rewrite=log_of_product_doubled)
    said = fault_of_holding(wrong, RIGHT.holds[0], Asked)
    assert said is not None
    assert "fails" in said


def test_an_example_that_says_something_else_is_caught() -> None:
    said = fault_of_holding(RIGHT, replace(RIGHT.holds[0], right=r"\log a - \log b"), Asked)
    assert said is not None
    assert "not `" in said


def test_a_law_that_does_nothing_is_caught() -> None:
    assert fault_of_holding(replace(RIGHT, rewrite=lambda *_: None), RIGHT.holds[0], Asked) == "the law says nothing"
    assert fault_of_holding(replace(RIGHT, rewrite=lambda t, _: t), RIGHT.holds[0], Asked) == "the law changes nothing"
    assert fault_of_holding(RIGHT, Example(r"a + b", NUMBERS), Asked) == "the law says nothing"
    assert fault_of_holding(RIGHT, Example(r"c - 2 \log(a b)", NUMBERS), Asked) is None, "an example may hold the law's term in it"


def test_a_condition_that_does_not_refuse_is_caught() -> None:
    example = Example(r"\mathbb{E}_{z \sim q(z|x)}[p(x,z) \log p(x,z)]", LAWS)
    blind = replace(OUTSIDE, rewrite=lambda t, c: outside(t, Asked(c.signature, True)))
    assert "does not refuse" in str(fault_of_refusing(blind, example, Asked))


def test_an_idle_condition_is_caught() -> None:
    """What the condition refuses is true all the same."""
    example = Example(r"\mathbb{E}_{z \sim q(z|x)}[p(x) \log p(x,z)]", LAWS)
    strict = replace(OUTSIDE, rewrite=lambda t, c: outside(t, c) if c.met(False) else None)
    assert "do not refute" in str(fault_of_refusing(strict, example, Asked))


def test_a_refusal_for_another_reason_is_caught() -> None:
    assert "something else" in str(fault_of_refusing(OUTSIDE, Example(r"\log a", NUMBERS), Asked))


def test_a_condition_that_is_granted_breaks_the_law() -> None:
    turned = replace(RIGHT, on=(Divergence,), rewrite=kl_turned)
    assert fault_of_refusing(turned, Example(r"KL(q(z|x)\|p(z|x))", LAWS), Asked) is None


def test_what_a_law_lacks_is_named() -> None:
    bare = replace(RIGHT, statement=" ", source="", holds=RIGHT.holds[:1], refuses=())
    said = str(fault_of_form("Bare", bare))
    for word in ("small letters", "a statement", "a source", "two examples", "without its condition"):
        assert word in said
