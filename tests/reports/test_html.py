"""The HTML page: everything is there, in order, and nothing of a stranger's text takes effect."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derivcheck.reports import PLAIN, format_named
from derivcheck.source import Document, read_document
from derivcheck.verdicts.result import (
    CertificateStep,
    DocumentRecord,
    RelationResult,
    Report,
    Suggestion,
    TheoryPart,
    TheoryRecord,
)
from tests.reports.making import WITNESS, relation_at, report_on

VOID = {"meta", "br", "hr", "link", "img", "input", "wbr", "mspace"}
FORBIDDEN = {
    "script",
    "iframe",
    "object",
    "embed",
    "form",
    "img",
    "link",
    "base",
    "svg",
    "video",
    "audio",
}
FETCHING = {"src", "srcset", "action", "formaction", "data", "poster", "background", "ping"}


class Audit(HTMLParser):
    """Reads a page as a browser does: notes its tags, its text, and what could act or fetch."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.text: list[str] = []
        self.tags: list[str] = []
        self.feed(page)
        self.close()
        if self.open:
            self.faults.append(f"left open: {self.open}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag in FORBIDDEN:
            self.faults.append(f"<{tag}>")
        for name, value in attrs:
            if name.startswith("on") or name in FETCHING:
                self.faults.append(f"{name}={value!r} in <{tag}>")
            if name == "style" and ("url(" in (value or "") or "expression" in (value or "")):
                self.faults.append(f"style {value!r}")
            if name == "href":
                self.links.append(value or "")
            if name == "id":
                self.ids.append(value or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open[-1] != tag:
            self.faults.append(f"</{tag}> closes {self.open[-3:]}")
        else:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.text.append(data)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())


def page_of(report: Report, document: Document) -> str:
    return format_named("html").write(report, document, PLAIN)


def test_the_page_shows_the_document_in_order_with_every_verdict(
    checked: tuple[Report, Document],
) -> None:
    audit = Audit(page_of(*checked))
    assert audit.faults == []
    assert len(audit.ids) == len(set(audit.ids))
    assert {r.id for r in checked[0].relations} <= set(audit.ids)
    order = [
        "homework.md",
        "First error",
        "Question 1",
        "Homework",
        "Problem 1",
        "We start",
        "Problem 2",
    ]
    places = [audit.words.index(word) for word in order]
    assert places == sorted(places)
    assert all(link.removeprefix("#") in audit.ids for link in audit.links if link.startswith("#"))


def test_a_verdict_is_a_mark_and_a_word(checked: tuple[Report, Document]) -> None:
    words = Audit(page_of(*checked)).words
    for said in ("✗ incorrect", "? undecided", "✓ correct", "– not checkable"):
        assert said in words
    for said in (
        "did you mean",
        "(sign)",
        "the sides differ on 16 worlds",
        "world 3 of tables",
        "1.5",
        "sign supplied: =",
    ):
        assert said in words


def test_the_page_needs_no_network_and_no_script(checked: tuple[Report, Document]) -> None:
    page = page_of(*checked)
    assert "default-src 'none'" in page
    assert "http" not in page.replace("http-equiv", "")
    assert "@import" not in page


def test_each_row_of_a_display_stands_beside_its_own_verdicts(
    checked: tuple[Report, Document],
) -> None:
    page = page_of(*checked)
    display = page[page.index('id="r003"') - 2000 : page.index('id="r005"')]
    assert display.count('class="row"') >= 3
    assert (
        page.count('id="sign-r003"')
        == page.count('id="sign-r004"')
        == page.count('id="sign-r005"')
        == 1
    )


def test_relations_that_share_a_paragraph_carry_numbers(checked: tuple[Report, Document]) -> None:
    page = page_of(*checked)
    assert '<mtext class="nr">1</mtext>' in page
    assert '<span class="nr">2</span>' in page


def test_a_relation_whose_place_is_unknown_is_shown_all_the_same() -> None:
    report, document = report_on("$$a = b$$", [relation_at("$$a = b$$", "=", 0, 1, line=99)])
    assert "Relations without a place" in Audit(page_of(report, document)).words


def test_a_proof_is_shown_law_by_law(checked: tuple[Report, Document]) -> None:
    report, document = checked
    steps = [
        CertificateStep(law="kl_nonneg", statement=r"\mathrm{KL} \geq 0", source="a book, (2.1)", before="x_1", after="y_2"),
        CertificateStep(law="arithmetic", before=None, after="0"),
    ]
    relations = [r.model_copy(update={"certificate": steps} if r.id == "r003" else {}) for r in report.relations]
    page = page_of(report.model_copy(update={"relations": relations}), document)
    audit = Audit(page)
    assert audit.faults == []
    assert page.count('<ol class="proof">') == 1
    order = ["The proof, law by law", "kl_nonneg", "arithmetic", "(has no LaTeX)", "The laws", "a book, (2.1)"]
    places = [audit.words.index(word) for word in order]
    assert places == sorted(places)
    assert 'class="latex"' not in page


def test_a_contradiction_of_the_engines_is_called_our_defect(checked: tuple[Report, Document]) -> None:
    report, document = checked
    assert "a defect of derivcheck" not in Audit(page_of(report, document)).words
    relations = [r.model_copy(update={"disagreement": r.id == "r004"}) for r in report.relations]
    made = Report.of(report.document, relations)
    assert made.summary.disagreements == 1
    page = page_of(made, document)
    assert "contradict each other on 1 relation" in Audit(page).words
    assert page.count('class="note correct defect"') == 1


def test_without_the_document_there_is_no_page(checked: tuple[Report, Document]) -> None:
    with pytest.raises(ValueError, match="needs the document"):
        format_named("html").write(checked[0], None, PLAIN)


EVIL = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
PROSE = [
    EVIL,
    "[click](javascript:alert(1))",
    "[click](JaVaScRiPt&colon;alert(1))",
    "[click](data:text/html;base64,PHNjcmlwdD4=)",
    "![picture](http://evil.example/x.png)",
    "<a href='javascript:alert(1)'>x</a>",
    "<javascript:alert(1)>",
    "`<script>`",
    "| a | <script>x</script> |\n|---|---|\n| 1 | 2 |",
    '[a](http://x "$x$ onmouseover=alert(1)")',
    '[a](http://x/$"onclick="$)',
    "\ue0000\ue001 private \ue0001\ue001",
    "# <script>alert(1)</script> $<script>$",
    "```\n<script>alert(1)</script>\n```",
    "    <script>indented()</script>",
    "</main></body><script>x</script>",
    "<!-- comment --> <![CDATA[ x ]]> <?php ?>",
    "\u202eright to left \x00 nul \x1b[2J",
]
MATH = [
    r"<script>alert(1)</script>",
    r"\text{<script>alert(1)</script>}",
    r"\href{javascript:alert(1)}{x} = 1",
    r"\url{javascript:alert(1)}",
    r"\class{x\" onclick=\"alert(1)}{y}",
    r"\color{red;background:url(http://x)} a",
    r"\textcolor{\"><script>}{a}",
    r"\label{\"><script>} a = b",
    r"\tag{<img src=x onerror=alert(1)>} a",
    r"\begin{align}\label{x} a &= \text{</math><script>alert(1)</script>}\end{align}",
    r"\def\x{<script>}\x",
    r"\input{/etc/passwd}",
    r"\text{__import__('os').system('true')}",
    r"\unicode{x3c}script",
    r"a \ue000 0 \ue001",
    "\ue0000\ue001 = \ue0001\ue001",
    "{" * 10_000 + "}" * 10_000,
    "{" * 10_000,
    r"\sqrt" * 9_000,
    r"\left(" * 3_000,
    r"x_{" * 3_000,
    r"\begin{matrix}" * 500,
    "x" * 200_000,
    r"\def\a{\a\a}\a",
    "\x00\x07\u202e a",
    r"}{ \end{split} \begin{split} & \\ {",
]


def hostile_page(text: str, **more: object) -> Audit:
    relation = relation_at("$$a = b$$\n\n" + text, "=", 0, 1, **more)
    return Audit(page_of(*report_on("$$a = b$$\n\n" + text, [relation])))


@pytest.mark.parametrize("prose", PROSE)
def test_prose_takes_no_effect(prose: str) -> None:
    audit = hostile_page(f"before\n\n{prose} and $x$ after")
    assert audit.faults == []
    assert not [
        link for link in audit.links if link.lower().startswith(("javascript", "data", "vbscript"))
    ]


@pytest.mark.parametrize("latex", MATH, ids=range(len(MATH)))
def test_mathematics_takes_no_effect(latex: str) -> None:
    for wrapped in (f"$$ {latex} $$", f"so ${latex}$ holds"):
        assert hostile_page(wrapped).faults == []


@pytest.mark.parametrize("evil", [EVIL, r"\text{</math><script>}", "`<script>` and `"])
def test_a_report_takes_no_effect(evil: str) -> None:
    suggestion = Suggestion(rhs=evil, kind=evil, fragment=evil)
    witness = WITNESS.model_copy(update={"world_kind": evil, "parameters": {evil: [1.0]}})
    relation = RelationResult(
        id="r001", line=1, column=5, question=evil, lhs=evil, rel="=", rhs=evil, kind="step", verdict="incorrect",
        strict_verdict="undecided", reads_as=evil, absolute="correct", holds_at=evil, evidence="exact", reading=evil,
        reason=evil, witness=witness, suggestion=suggestion, disagreement=True,
        certificate=[CertificateStep(law=evil, statement=evil, source=evil, before=evil, after=None, ranges=[evil])],
    )  # fmt: skip
    report, document = report_on("$$a = b$$", [relation], name=f"{evil}.md")
    theory = TheoryRecord(
        files=[evil], problems=[evil],
        parts=[TheoryPart(latex=evil, kind=evil, origin="declared", where=evil, scope=evil)],
    )  # fmt: skip
    audit = Audit(page_of(report.model_copy(update={"theory": theory}), document))
    assert audit.faults == []
    assert "script" not in audit.tags


@given(st.text(alphabet="<>&\"'$\\`[]()!#|*_{}=\n ab\ue000\ue0010", max_size=80))
def test_no_text_breaks_the_page(text: str) -> None:
    report, document = report_on(text, [])
    assert Audit(page_of(report, document)).faults == []


@pytest.mark.parametrize("name", ["000_d2a8ea6a68b39b8d", "001_d96df92672df54df", "002_6c28d7dc1eb2fb89",
                                  "003_41986d511ba79145", "004_02957e5dd51b27a4"])  # fmt: skip
def test_homework_is_shown_as_mathematics(name: str, homework: str) -> None:
    """All mathematics of the five documents is rendered; none falls back to LaTeX."""
    from pathlib import Path

    text = Path(homework, f"{name}.md").read_text(encoding="utf-8")
    report, document = report_on(text, [])
    page = page_of(report, document)
    assert Audit(page).faults == []
    assert 'class="latex"' not in page


def test_tex_prose_reads_as_prose() -> None:
    text = r"""\documentclass{article}\begin{document}
We \emph{show} \textbf{it}: a_1 * b_2 <script>alert(1)</script>.
\begin{itemize}\item first $x$ \item second\end{itemize}
\end{document}"""
    document = read_document("a.tex", text=text)
    report = Report.of(DocumentRecord(name="a.tex", format="tex"), [])
    page = page_of(report, document)
    assert Audit(page).faults == []
    assert "<em>show</em> <strong>it</strong>: a_1 * b_2 &lt;script&gt;" in page
    assert page.count("<li>") == 2
    assert "itemize" not in page
