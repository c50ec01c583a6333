"""A small document and the report on it."""

from __future__ import annotations

import pytest

from derivcheck.source import Document
from derivcheck.verdicts.result import Report, Suggestion
from tests.reports.making import TEXT, WITNESS, relation_at, report_on


@pytest.fixture
def checked() -> tuple[Report, Document]:
    """The small document with every kind of verdict."""
    relations = [
        relation_at(TEXT, ">", 0, 1, lhs="p", rel=">", rhs="0", kind="assumption", verdict="not_checkable"),
        relation_at(TEXT, ">", 1, 2, lhs="q(z|x)", rel=">", rhs="0", verdict="undecided", evidence="none",
                    reason="`q` has no meaning here"),
        relation_at(TEXT, "=", 0, 3, lhs=r"\log p(x)", rhs=r"\log p(x) + 0", reading=r"\log p(x) = \log p(x) + 0"),
        relation_at(TEXT, "=", 1, 4, lhs=r"\log p(x) + 0", rhs=r"\log p(x) + \log 1", seconds=0.25),
        relation_at(TEXT, r"\leq", 0, 5, lhs=r"\log p(x) + \log 1", rel="<=", rhs=r"\log p(x) - 1",
                    verdict="incorrect", absolute="incorrect", witness=WITNESS, reason="the sides differ on 16 worlds",
                    suggestion=Suggestion(rhs=r"\log p(x) + 1", kind="sign", fragment="+ 1")),
        relation_at(TEXT, "=", 3, 6, question="2", lhs=r"\bar\alpha_t", rhs=r"\prod_{s=1}^t \alpha_s",
                    kind="definition", verdict="not_checkable"),
        relation_at(TEXT, r"\sqrt", 0, 7, question="2", lhs=r"\prod_{s=1}^t \alpha_s", rhs=r"\sqrt{\bar\alpha_t} x_0",
                    implicit=True, verdict="incorrect", witness=WITNESS, reads_as=r"\bar\alpha_t", strict_verdict="undecided"),
    ]  # fmt: skip
    return report_on(TEXT, relations)
