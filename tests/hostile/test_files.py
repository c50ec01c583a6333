"""Files that are no documents: a clear message and status 2, or nothing to check and status 3; never a traceback."""

from __future__ import annotations

import json

import pytest

from tests.hostile.documents import KNOWN
from tests.hostile.test_documents import check, document


def message(run) -> str:
    assert "Traceback" not in run.err
    return " ".join(run.err.split())


@pytest.mark.parametrize("name", ["empty.md", "empty.tex"])
def test_an_empty_file_has_nothing_to_check(tmp_path, name):
    run = check(tmp_path, *document(tmp_path, "", name))
    assert run.status == 3


def test_an_empty_notebook_is_no_notebook(tmp_path):
    run = check(tmp_path, *document(tmp_path, "", "empty.ipynb"))
    assert run.status == 2
    assert "empty.ipynb" in message(run)


def test_a_binary_file(tmp_path):
    run = check(tmp_path, *document(tmp_path, bytes(range(256)) * 400, "picture.md"))
    assert run.status in (2, 3)
    assert message(run)


def test_a_file_that_is_not_there(tmp_path):
    arguments = document(tmp_path, KNOWN)
    (tmp_path / "doc.md").unlink()
    run = check(tmp_path, *arguments)
    assert run.status == 2
    assert "doc.md" in message(run)


def test_a_link_to_a_file_that_vanished_does_not_cost_the_others(tmp_path):
    arguments = document(tmp_path, KNOWN)
    (tmp_path / "gone.md").symlink_to(tmp_path / "nowhere.md")
    run = check(tmp_path, str(tmp_path / "gone.md"), *arguments)
    assert run.status == 2
    assert "gone.md" in message(run)


def test_a_folder(tmp_path):
    (tmp_path / "empty").mkdir()
    run = check(tmp_path, str(tmp_path / "empty"))
    assert run.status == 2
    assert "empty" in message(run)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32", "latin-1", "cp1252"])
def test_other_encodings_are_read_or_refused(tmp_path, encoding):
    run = check(tmp_path, *document(tmp_path, f"Für jedes a gilt: {KNOWN}".encode(encoding)))
    message(run)
    if run.status == 1:
        assert [v for found in run.verdicts.values() for v in found] == ["correct", "incorrect"]
    else:
        assert run.status in (2, 3)
        assert message(run)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"cells": ' * 50_000,
        "{}",
        '{"cells": 3}',
        '{"cells": [{"cell_type": "markdown", "source": {"a": 1}}]}',
        '{"cells": [null, 1, "a", {"cell_type": "markdown"}]}',
        "\x00",
    ],
)
def test_a_broken_notebook(tmp_path, text):
    run = check(tmp_path, *document(tmp_path, text, "broken.ipynb"))
    assert run.status in (2, 3)
    assert message(run)


def test_a_notebook_of_broken_cells_keeps_the_good_ones(tmp_path):
    cells = [
        {"cell_type": "markdown", "source": ["$$ u = \\frac{1}{ $$\n"]},
        {"cell_type": "code", "source": ["import os; os.system('touch /tmp/derivcheck-canary')"]},
        {"cell_type": "markdown", "source": ["# Problem 3\n", *KNOWN.splitlines(keepends=True)]},
    ]
    run = check(tmp_path, *document(tmp_path, json.dumps({"cells": cells, "nbformat": 4}), "book.ipynb"))
    assert run.verdicts["3"] == ["correct", "incorrect"]


def test_standard_input_of_bytes(tmp_path):
    run = check(tmp_path, "-", "--format", "json", stdin=b"\xff\xfe\x00\x01" * 1_000)
    assert run.status in (2, 3)
    message(run)


@pytest.mark.parametrize(
    "theory",
    [
        "parameters: !!python/object/apply:os.system ['touch /tmp/derivcheck-canary']",
        "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n",
        "[" * 10_000,
        "parameters: ['\\frac{1}{']",
        "\x00",
        "parameters: 3.5\nscopes: 7\n",
    ],
)
def test_a_hostile_theory_file(tmp_path, theory):
    arguments = document(tmp_path, KNOWN)
    (tmp_path / "theory.yaml").write_text(theory)
    run = check(tmp_path, *arguments)
    assert "Traceback" not in run.err
    assert run.status in (0, 1, 2)
