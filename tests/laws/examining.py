"""A law examined by its examples: rewriting on the one hand, exact worlds on the other.

The two share no formula, so that a wrong law and a wrong quadrature each show.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import yaml

from derivcheck.checks.ask import answer
from derivcheck.checks.evidence import Question
from derivcheck.interpreters.exact.values import CannotEvaluate
from derivcheck.laws import Context, Example, Law
from derivcheck.notation import Unreadable, read, write
from derivcheck.terms.signature import Signature
from derivcheck.terms.substitute import replace_at
from derivcheck.terms.term import Sign, Term
from tests.checks.asking import bench, signature

SEEDS = (0, 1, 2)
MakeContext = Callable[[Signature, bool], Context]
"""A signature, and whether every condition is granted, to what a law may ask."""


def theory_text(theory: Mapping[str, Sequence[str]]) -> str:
    """An example's theory as the file that a user could have written."""
    plain = {key: list(entries) if isinstance(entries, tuple) else entries for key, entries in theory.items()}
    return yaml.safe_dump(plain, allow_unicode=True, sort_keys=False)


def on_worlds(left: Term, sign: Sign, right: Term, theory: str) -> list[str]:
    """What the exact engine says of a relation on worlds of several seeds."""
    said: list[str] = []
    for seed in SEEDS:
        try:
            found = answer(Question(left, sign, right, bench(theory, seed=seed)))
            said.append(found.result if found.result != "undecided" else f"undecided: {found.reason}")
        except CannotEvaluate as why:
            said.append(f"undecided: {why}")
    return said


def loses_its_value(left: Term, right: Term, theory: str) -> bool:
    """Whether the right side has no value where the left one has: the logarithm of what may be negative."""
    worlds = bench(theory)
    for kind in worlds.kinds(left, right):
        setting = worlds.setting(kind, 0)
        try:
            a, b = (v.data for v in worlds.values(setting, (left, right)))
        except CannotEvaluate:
            continue
        if bool(a.isfinite().all()) and not bool(b.isfinite().all()):
            return True
    return False


def rewritten(law: Law, t: Term, context: Context) -> Term | None:
    """A term after one use of a law: on the whole, else on the first part, outermost first, of which it speaks."""
    if isinstance(t, law.on):
        found = law.rewrite(t, context)
        if found is not None:
            return found
    if law.sign != "=":  # a part that grows may make the whole shrink
        return None
    with context.inside(t):
        for i, part in enumerate(t.children):
            found = rewritten(law, part, context)
            if found is not None:
                return replace_at(t, (i,), found)
    return None


def fault_of_holding(law: Law, example: Example, context: MakeContext) -> str | None:
    """Why an example of what a law holds for is none, or None."""
    theory = theory_text(example.theory)
    left = _read(example.left, theory)
    here = context(signature(theory), False)
    result = rewritten(law, left, here)
    if result is None:
        return "the law says nothing"
    if result == left:
        return "the law changes nothing"
    said = on_worlds(left, law.sign, result, theory)
    if said != ["holds"] * len(SEEDS):
        return f"it becomes `{write(result)}`, and on worlds: {said}"
    if example.right is None:
        return None
    right = _read(example.right, theory)
    said = on_worlds(right, "=", result, theory)
    if said == ["holds"] * len(SEEDS) or here.normal(result) == here.normal(right):
        return None
    return f"it becomes `{write(result)}`, not `{example.right}`: {said}"


def fault_of_refusing(law: Law, example: Example, context: MakeContext) -> str | None:
    """Why an example of what a law refuses is none, or None."""
    theory = theory_text(example.theory)
    left = _read(example.left, theory)
    result = rewritten(law, left, context(signature(theory), False))
    if result is not None:
        return f"the law does not refuse it: `{write(result)}`"
    granted = rewritten(law, left, context(signature(theory), True))
    if granted is None:
        return "the law says nothing even if its condition is granted: something else refuses it"
    said = on_worlds(left, law.sign, granted, theory)
    if ("fails" in said and "holds" not in said) or loses_its_value(left, granted, theory):
        return None
    return f"without the condition it becomes `{write(granted)}`, and the worlds do not refute that: {said}"


def fault_of_form(name: str, law: Law) -> str | None:
    """What a law lacks before it is tried."""
    lacking = [
        (not name.isidentifier() or name != name.lower(), "a name in small letters"),
        (not law.statement.strip(), "a statement"),
        (not law.source.strip(), "a source"),
        (not law.on, "a kind of term"),
        (len(law.holds) < 2, "two examples that hold"),
        (bool(law.condition) and not law.refuses, "an example without its condition"),
        (bool(law.refuses) and not law.condition, "the condition that its refusals fail"),
    ]
    said = [what for is_lacking, what in lacking if is_lacking]
    return f"it lacks {', '.join(said)}" if said else None


def _read(latex: str, theory: str) -> Term:
    try:
        return read(latex, signature(theory))
    except Unreadable as why:
        message = f"`{latex}` is not read: {why}"
        raise AssertionError(message) from why
