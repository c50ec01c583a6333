"""Small theories in LaTeX, and relations under them as terms."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import torch
import yaml

from derivcheck.notation import read
from derivcheck.notation.signature import signature_of
from derivcheck.terms.signature import Signature
from derivcheck.terms.term import Sign, Term
from derivcheck.theories.file import theory_from_text

SIGNS: dict[str, Sign] = {r"\le": "<=", r"\ge": ">=", r"\propto": "propto", "<": "<", ">": ">", "=": "="}


@cache
def _signature(theory: str) -> Signature:
    torch.set_num_threads(1)
    return signature_of(theory_from_text(theory, where="table").in_force("", 1, ""))


def signature(theory: Mapping[str, Any]) -> Signature:
    """The signature of a theory, as a theory file would give it."""
    return _signature(yaml.safe_dump(dict(theory), allow_unicode=True, width=10_000))


def relation(latex: str, s: Signature) -> tuple[Term, Sign, Term]:
    r"""`a = b` as terms; the sign stands between spaces."""
    for spelled, sign in SIGNS.items():
        left, found, right = latex.partition(f" {spelled} ")
        if found and left.count("{") == left.count("}"):
            if "==" in latex:
                break
            return read(left, s), sign, read(right, s)
    left, found, right = latex.partition(" == ")
    assert found, latex
    return read(left, s), "=", read(right, s)
