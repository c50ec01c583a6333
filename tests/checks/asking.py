"""Questions asked without a document: LaTeX and a theory file's text in, values and outcomes out."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import torch

from derivcheck.checks.ask import answer
from derivcheck.checks.evidence import Outcome, Question
from derivcheck.interpreters.exact.bench import Bench
from derivcheck.interpreters.exact.setting import Kind, Setting
from derivcheck.interpreters.exact.values import CannotEvaluate, Value
from derivcheck.notation import read
from derivcheck.notation.signature import signature_of
from derivcheck.pipeline import prepare
from derivcheck.terms.signature import Signature
from derivcheck.terms.term import Sign, Term
from derivcheck.theories.file import theory_from_text
from derivcheck.verdicts.options import Options
from derivcheck.verdicts.result import RelationResult
from derivcheck.worker import judged

SIGNS: dict[str, Sign] = {
    r"\leq": "<=", r"\geq": ">=", r"\neq": "!=", r"\propto": "propto", r"\approx": "approx",
    r"\sim": "sim", r"\iff": "iff", r"\implies": "implies", r"\to": "to", "=": "=", "<": "<", ">": ">",
}  # fmt: skip


@cache
def signature(theory: str) -> Signature:
    """A theory file's text as terms; every declaration must read."""
    torch.set_num_threads(1)
    made = signature_of(theory_from_text(theory, where="test").in_force("1", 1, ""))
    assert made.problems == ()
    return made


def bench(theory: str, *, seed: int = 0, worlds: int = 16) -> Bench:
    """Worlds of their own under a theory."""
    return Bench(signature(theory), seed, worlds)


@cache
def shared(theory: str) -> Bench:
    """The worlds of a theory that several questions share."""
    return bench(theory)


def term(latex: str, theory: str) -> Term:
    """The literal reading of one side."""
    return read(latex, signature(theory))


def values(theory: str, *sides: str, kind: Kind = "tables", group: int = 0, **more: Any) -> tuple[Value, ...]:
    """The values of several sides on the same worlds."""
    b = shared(theory)
    s = b.setting(kind, group)
    s = Setting(kind, more.pop("worlds", s.worlds), b.seed, group, **more)
    return tuple(b.values(s, tuple(term(x, theory) for x in sides)))


def plain(v: Value, *axes: str) -> torch.Tensor:
    """A value's numbers with its named axes in the order wanted (all axes must be named)."""
    assert set(axes) == set(v.axes), (axes, v.axes)
    order = [1 + v.axes.index(a) for a in axes]
    tail = range(1 + len(v.axes), v.data.dim())
    return v.data.detach().permute(0, *order, *tail)


def split(latex: str) -> tuple[str, Sign, str]:
    """`A = B` as its two sides and its sign: at the first sign outside brackets, an implication before others."""
    for word in (r"\implies", r"\iff"):
        if word in latex:
            left, right = latex.split(word)
            return left, SIGNS[word], right
    depth = 0
    for m in re.finditer(r"\\[A-Za-z]+|\\.|.", latex, re.DOTALL):
        word = m.group()
        if word in SIGNS and not depth:
            return latex[: m.start()], SIGNS[word], latex[m.end() :]
        depth += (word in "([{") - (word in ")]}")
    message = f"no sign in {latex}"
    raise ValueError(message)


def asked(latex: str, theory: str, *, stationary: tuple[str, ...] = (), fresh: bool = False) -> Outcome:
    """The outcome of the check of one relation."""
    left, sign, right = split(latex)
    b = bench(theory) if fresh else shared(theory)
    q = Question(term(left, theory), sign, term(right, theory), b)
    try:
        return answer(q, frozenset(stationary))
    except CannotEvaluate as why:  # as the judge does
        return Outcome("undecided", str(why))
    finally:
        b.forget()


def result(latex: str, theory: str, **more: Any) -> str:
    """`holds`, `fails` or `undecided`."""
    return asked(latex, theory, **more).result


def document(text: str, theory: str = "", options: Options | None = None) -> list[RelationResult]:
    """The verdicts on a document's relations, judged in this process."""
    torch.set_num_threads(1)
    page = f"---\n{theory.strip()}\n---\n\n{text}" if theory else text
    prepared = prepare("test.md", [], page)
    found = judged(list(prepared.relations), options or Options())
    return [r for kind, r in found if kind == "result" and isinstance(r, RelationResult)]


def claim(latex: str, theory: str = "", before: str = "We claim that") -> RelationResult:
    """The verdict on one displayed relation."""
    (found,) = document(f"{before}\n\n$$ {latex} $$\n", theory)
    return found
