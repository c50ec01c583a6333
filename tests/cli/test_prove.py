"""`derivcheck prove` and `derivcheck laws`: statuses, the table, what is not proved."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from derivcheck.cli import app
from derivcheck.laws import Example, Law
from derivcheck.source.front_matter import value_of
from derivcheck.terms.term import Call
from tests.support.engines import prover_is
from tests.test_pipeline import FALSE, TRUE, page

RUNNER = CliRunner()


def written(folder: Path, name: str, claims: tuple[str, ...], title: str | None = None) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    text = page(claims)
    if title is not None:
        theory = text.split("---\n")[1]
        text = text.replace(theory, f"id: {title}\ntheory:\n" + "".join(f"  {line}\n" for line in theory.splitlines()), 1)
    path.write_text(text, encoding="utf-8")
    return path


def test_all_proved_is_status_0(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prover_is("certify", tmp_path, monkeypatch)
    monkeypatch.chdir(tmp_path)
    written(tmp_path, "proofs/vae/elbo.md", TRUE[:2], "elbo")
    written(tmp_path, "proofs/other.md", TRUE[2:3])
    result = RUNNER.invoke(app, ["prove"])
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert re.fullmatch(r"proof +relations +proved +exact only +laws +seconds", lines[0])
    assert re.fullmatch(r"proofs/other.md +1 +1 +· +2 +[\d.]+", lines[1])
    assert re.fullmatch(r"elbo +2 +2 +· +2 +[\d.]+", lines[2])
    assert lines[-1] == "2 files: 3 of 3 relations proved, by 2 laws"
    named = RUNNER.invoke(app, ["prove", "--laws"]).stdout
    assert "arithmetic, first_law" in named


def test_what_is_not_proved_is_named_and_is_status_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prover_is("certify_equations", tmp_path, monkeypatch)
    path = written(tmp_path, "a.md", (TRUE[1], TRUE[2], *FALSE[1:]))
    result = RUNNER.invoke(app, ["prove", str(path)])
    assert result.exit_code == 1
    assert re.search(rf"^{re.escape(str(path))}:\d+:\d+: CORRECT  KL", result.stdout, re.MULTILINE)
    assert "no proof found; it holds on random worlds" in result.stdout
    assert re.search(rf"^{re.escape(str(path))}:\d+:\d+: UNDECIDED  ", result.stdout, re.MULTILINE)
    assert "contradict each other on 1 relation" in result.stdout
    data = json.loads(RUNNER.invoke(app, ["prove", str(path), "--format", "json"]).stdout)
    assert (data["relations"], data["proved"], data["disagreements"]) == (3, 1, 1)
    (file,) = data["files"]
    assert (file["id"], file["exact"], file["laws"]) == (str(path), 1, {"arithmetic": 1, "first_law": 1})
    assert [r["verdict"] for r in file["unproved"]] == ["correct", "undecided"]


@pytest.mark.parametrize("arguments", [["prove"], ["prove", "gone.md"], ["prove", "empty"], ["prove", ".", "--format", "html"], ["laws", "nonsense"]])
def test_wrong_usage_is_status_2(arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    result = RUNNER.invoke(app, arguments)
    assert result.exit_code == 2
    assert result.stderr


def test_laws_are_listed_and_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    law = Law(
        statement=r"\log(ab) = \log a + \log b", source="any textbook", on=(Call,), rewrite=lambda *_: None, condition="a, b > 0",
        holds=(Example(r"\log(a b)", {"parameters": ["a > 0", "b > 0"]}, r"\log a + \log b"),),
        refuses=(Example(r"\log(c d)", {"parameters": [r"c \in \mathbb{R}"]}),),
    )  # fmt: skip
    monkeypatch.setattr("derivcheck.laws.all_laws", lambda: {"log_mul": law})
    assert RUNNER.invoke(app, ["laws"]).stdout == (
        "log_mul   [any textbook]\n    \\log(ab) = \\log a + \\log b\n    if a, b > 0\n1 law\n"
    )
    shown = RUNNER.invoke(app, ["laws", "log_mul"]).stdout
    for said in ("rewrites: Call", r"holds: \log(a b)   →   \log a + \log b", "    parameters: a > 0", r"refuses: \log(c d)"):
        assert said in shown


@pytest.mark.parametrize(
    ("text", "value"),
    [("id: elbo", "elbo"), ("title: a\nid:  'x: y'  # name", "x: y"), ("ids: a", None), ("  id: inner", None), ("id:\n", None), (None, None)],
)
def test_a_value_of_the_front_matter(text: str | None, value: str | None) -> None:
    assert value_of(text, "id") == value
