"""The command line: statuses, where output goes, and files that cannot be read."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from typer.testing import CliRunner

import derivcheck
from derivcheck.cli import app
from derivcheck.source import read_document
from derivcheck.verdicts.options import Options
from derivcheck.verdicts.result import DocumentRecord, Report
from tests.reports.making import relation_at

TEXT = "$$a = b$$\n"
RUNNER = CliRunner()
VERDICT_OF_WORD = {
    "wrong": "incorrect", "unsure": "undecided", "right": "correct", "definition": "not_checkable",
}  # fmt: skip


@pytest.fixture(autouse=True)
def pipeline(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A pipeline that reads files as the real one does, and takes its verdicts from their words."""
    made = ModuleType("derivcheck.pipeline")

    def check_document(
        path: str, *, theories: list[str], options: Options, progress: Any, cache: Any, staff: Any
    ) -> Any:
        made.calls.append((path, theories, options, cache is not None))  # type: ignore[attr-defined]
        document = read_document(path)
        if "CRASH" in path:
            raise RuntimeError("a defect")
        words = document.blocks[0].text.split() if document.blocks else []
        relations = [
            relation_at(TEXT, "=", 0, i + 1, verdict=VERDICT_OF_WORD[word], question=word)
            for i, word in enumerate(words)
            if word in VERDICT_OF_WORD
        ]
        record = DocumentRecord(name=document.name, format=document.format)
        return Report.of(record, relations, options=options), document

    made.check_document = check_document  # type: ignore[attr-defined]
    made.calls = []  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "derivcheck.pipeline", made)
    monkeypatch.setattr(derivcheck, "pipeline", made, raising=False)
    return made


def written(folder: Path, name: str, words: str) -> str:
    path = folder / name
    path.write_text(words, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("words", "flags", "status"),
    [
        ("right", [], 0),
        ("right unsure definition", [], 0),
        ("right unsure", ["--strict"], 3),
        ("right wrong unsure", [], 1),
        ("right wrong unsure", ["--strict"], 1),
        ("right definition", ["--strict"], 0),
        ("definition", [], 3),
        ("nothing here", [], 3),
    ],
)
def test_the_exit_status_says_what_was_found(
    tmp_path: Path, words: str, flags: list[str], status: int
) -> None:
    result = RUNNER.invoke(app, ["check", written(tmp_path, "a.md", words), *flags])
    assert result.exit_code == status


@pytest.mark.parametrize(
    "arguments",
    [
        ["check"],
        ["check", "a.md", "--format", "pdf"],
        ["check", "a.md", "--jobs", "0"],
        ["check", "a.md", "--worlds", "0"],
        ["check", "a.md", "--timeout", "-1"],
        ["check", "a.md", "--seed", "x"],
        ["check", "a.md", "b.md", "-o", "one.json"],
        ["check", "a.md", "b.md", "--format", "html"],
        ["check", "-", "-"],
        ["explain", "a.md"],
        ["explain", "a.md:x"],
        ["theories", "nonsense"],
        ["nonsense"],
    ],
)
def test_wrong_usage_is_status_2(arguments: list[str]) -> None:
    assert RUNNER.invoke(app, arguments).exit_code == 2


def test_an_unreadable_file_does_not_cost_the_others(tmp_path: Path) -> None:
    binary = tmp_path / "b.md"
    binary.write_bytes(bytes(range(256)) * 20)
    good = written(tmp_path, "good.md", "right")
    empty = tmp_path / "empty"
    empty.mkdir()
    result = RUNNER.invoke(
        app, ["check", str(tmp_path / "gone.md"), str(binary), str(empty), good]
    )
    assert result.exit_code == 2
    assert "good.md:1:5: CORRECT" in result.stdout
    for name, fact in (("gone.md", "no such file"), ("b.md", ""), (str(empty), "folder")):
        assert name in result.stderr
        assert fact in result.stderr


def test_a_complaint_has_place_fact_and_way_out(tmp_path: Path) -> None:
    gone = str(tmp_path / "gone.md")
    lines = RUNNER.invoke(app, ["check", gone]).stderr.splitlines()
    assert lines == [gone, "    there is no such file", "    check the path"]


def test_a_defect_of_ours_is_named_and_costs_one_file(tmp_path: Path) -> None:
    bad, good = written(tmp_path, "CRASH.md", "right"), written(tmp_path, "good.md", "right")
    result = RUNNER.invoke(app, ["check", bad, good])
    assert result.exit_code == 2
    assert "a defect of derivcheck" in result.stderr
    assert "CORRECT" in result.stdout


def test_options_arrive(tmp_path: Path, pipeline: ModuleType) -> None:
    path = written(tmp_path, "a.md", "right")
    RUNNER.invoke(
        app,
        ["check", path, "--theory", "vae", "--theory", "x.yaml", "--seed", "7", "--worlds", "3", "--timeout", "2.5",
         "--jobs", "2", "--strict", "--no-prove", "--proof-budget", "0.5", "--no-cache"],
    )  # fmt: skip
    options = Options(7, 3, 2.5, 2, strict=True, prove=False, proof_budget=0.5)
    assert pipeline.calls == [(path, ["vae", "x.yaml"], options, False)]


def test_a_folder_stands_for_the_documents_in_it(tmp_path: Path, pipeline: ModuleType) -> None:
    for name in ("b/late.md", "b/.hidden/no.md", "a.tex", "notes.txt", "book.ipynb", "z.md"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        written(path.parent, path.name, "{}" if name.endswith("ipynb") else "right")
    RUNNER.invoke(app, ["check", str(tmp_path)])
    assert [str(Path(c[0]).relative_to(tmp_path)) for c in pipeline.calls] == ["a.tex", "b/late.md", "book.ipynb", "z.md"]


def test_files_of_one_name_get_reports_of_their_own(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        written(tmp_path / folder, "same.md", "right")
    out = tmp_path / "out"
    out.mkdir()
    RUNNER.invoke(app, ["check", str(tmp_path / "one"), str(tmp_path / "two"), "-o", str(out), "--format", "json"])
    assert len(list(out.iterdir())) == 2


def test_json_goes_to_stdout_or_a_file(tmp_path: Path) -> None:
    path = written(tmp_path, "a.md", "right wrong")
    printed = RUNNER.invoke(app, ["check", path, "--format", "json"])
    report = json.loads(printed.stdout)
    assert [r["verdict"] for r in report["relations"]] == ["correct", "incorrect"]
    target = tmp_path / "out.json"
    assert RUNNER.invoke(app, ["check", path, "-o", str(target)]).exit_code == 1
    assert json.loads(target.read_text(encoding="utf-8")) == report


def test_several_reports_go_to_a_folder(tmp_path: Path) -> None:
    files = [written(tmp_path, name, "right") for name in ("a.md", "b.md")]
    folder = tmp_path / "out"
    folder.mkdir()
    assert (
        RUNNER.invoke(app, ["check", *files, "--format", "html", "-o", str(folder)]).exit_code == 0
    )
    assert sorted(p.name for p in folder.iterdir()) == ["a.md.html", "b.md.html"]


def test_a_target_that_cannot_be_written_is_status_2(tmp_path: Path) -> None:
    path = written(tmp_path, "a.md", "right")
    result = RUNNER.invoke(
        app, ["check", path, "-o", str(tmp_path / "no" / "such" / "folder.html")]
    )
    assert result.exit_code == 2
    assert "give --output a place" in result.stderr


def test_standard_input() -> None:
    result = RUNNER.invoke(app, ["check", "-"], input="right")
    assert result.exit_code == 0
    assert "<stdin>:1:5: CORRECT" in result.stdout


def test_nothing_to_check_is_said(tmp_path: Path) -> None:
    result = RUNNER.invoke(app, ["check", written(tmp_path, "empty.md", "")])
    assert result.exit_code == 3
    assert "nothing to check: no relation" in result.stderr


def test_theories_are_listed_and_printed() -> None:
    listed = RUNNER.invoke(app, ["theories"])
    assert listed.exit_code == 0
    assert {line.split()[0] for line in listed.stdout.splitlines()} >= {
        "vae",
        "gaussian",
        "ddpm",
        "score",
        "gan",
        "simsiam",
    }
    assert RUNNER.invoke(app, ["theories", "vae"]).stdout.startswith("title:")
    assert "there are" in RUNNER.invoke(app, ["theories", "vea"]).stderr


def test_the_schema_is_printed() -> None:
    assert json.loads(RUNNER.invoke(app, ["schema"]).stdout)["title"] == "Report"
