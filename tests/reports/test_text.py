"""The report for a terminal."""

from __future__ import annotations

import re

from derivcheck.reports import PLAIN, Surface, format_named
from derivcheck.source import Document
from derivcheck.verdicts.result import CertificateStep, Report
from tests.reports.making import relation_at, report_on

CLICKABLE = re.compile(
    r"^homework\.md:\d+:\d+: (CORRECT|INCORRECT|UNDECIDED|NOT_CHECKABLE)  \S", re.MULTILINE
)

EXPECTED = r"""First error of each question
homework.md:7:75: INCORRECT  \log p(x) + \log 1 ≤ \log p(x) - 1
    the sides differ on 16 worlds
    left 1.5, right 0.5 at entry [0] on world 3 of tables, seed 0
    did you mean + 1? (sign)
homework.md:13:3: INCORRECT  \prod_{s=1}^t \alpha_s = \sqrt{\bar\alpha_t} x_0
    read as \bar\alpha_t
    literally: undecided
    left 1.5, right 0.5 at entry [0] on world 3 of tables, seed 0

Question 1: 1 incorrect, 1 undecided, 2 correct, 1 not checkable
homework.md:5:38: NOT_CHECKABLE  p > 0
homework.md:5:55: UNDECIDED  q(z|x) > 0
    `q` has no meaning here
homework.md:7:30: CORRECT  \log p(x) = \log p(x) + 0
homework.md:7:50: CORRECT  \log p(x) + 0 = \log p(x) + \log 1
    line 7: its first error, above

Question 2: 1 incorrect, 1 not checkable
homework.md:11:26: NOT_CHECKABLE  \bar\alpha_t = \prod_{s=1}^t \alpha_s
    line 13: its first error, above

note: line 3 contradicts the theory
homework.md: 7 relations: 2 incorrect, 1 undecided, 2 correct, 2 not checkable
"""


def test_the_whole_text(checked: tuple[Report, Document]) -> None:
    report, document = checked
    assert format_named("text").write(report, document, PLAIN) == EXPECTED


def test_one_clickable_line_a_relation(checked: tuple[Report, Document]) -> None:
    report, document = checked
    text = format_named("text").write(report, document, PLAIN)
    assert len(CLICKABLE.findall(text)) == len(report.relations)


def test_a_terminal_gets_colours_and_short_lines(checked: tuple[Report, Document]) -> None:
    report, document = checked
    text = format_named("text").write(report, document, Surface(colour=True, width=60))
    assert "\x1b[1;31mINCORRECT\x1b[0m" in text
    assert "…" in text


def test_escape_sequences_of_a_document_do_not_reach_the_terminal() -> None:
    text = "$$a = b$$"
    hostile = "\x1b[2J\x07\u202eevil\nnext"
    relation = relation_at(text, "=", 0, 1, rhs=hostile, reason=hostile, question=hostile)
    report, document = report_on(text, [relation], name="evil\x1b.md")
    written = format_named("text").write(report, document, PLAIN)
    assert not set(written) & set("\x1b\x07\u202e")
    assert "⟨U+202E⟩" in written


def test_a_notebook_names_its_cell() -> None:
    report, document = report_on("$$a = b$$", [relation_at("$$a = b$$", "=", 0, 1, cell=3)])
    assert "homework.md[cell 3]:1:5: CORRECT" in format_named("text").write(report, document, PLAIN)


def test_a_proof_is_one_short_line_and_a_contradiction_is_said() -> None:
    text = "$$a = b$$"
    steps = [CertificateStep(law=law, before="a", after="b") for law in ("kl_self", "arithmetic", "kl_self")]
    relation = relation_at(text, "=", 0, 1, evidence="proved", certificate=steps)
    report, document = report_on(text, [relation])
    written = format_named("text").write(report, document, PLAIN)
    assert "\n    proved by: kl_self, arithmetic\n" in written
    assert written.endswith("1 relations: 1 correct; 1 proved\n")
    report, document = report_on(text, [relation_at(text, "=", 0, 1, verdict="undecided", disagreement=True)])
    assert "its engines contradict each other on 1 relation" in format_named("text").write(report, document, PLAIN)
