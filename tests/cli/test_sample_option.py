"""`check --sample` and `explain --sample` at the terminal."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner

from derivcheck.cli import app
from derivcheck.verdicts.result import Report, json_schema

RUNNER = CliRunner()
PAGE = r"""---
variables: [x, z]
densities: ['p(x,z)', 'q(z|x)']
---

## Problem 1

$$ \log p(x) = E_{q(z|x)}[\log p(x,z) - \log q(z|x)] + KL(q(z|x)\|p(z|x)) $$

## Problem 2

$$ \log p(x) = E_{q(z|x)}[\log p(x,z)] + KL(q(z|x)\|p(z|x)) $$

## Problem 3

$$ p(z|x) p(x) = p(x,z) $$
"""


@pytest.fixture
def path(tmp_path: Path) -> str:
    file = tmp_path / "a.md"
    file.write_text(PAGE, encoding="utf-8")
    return str(file)


def report(path: str, *options: str) -> Report:
    result = RUNNER.invoke(app, ["check", path, "--format", "json", "--no-cache", "--no-prove", *options])
    assert result.exit_code == 1, result.stderr
    jsonschema.validate(json.loads(result.stdout), dict(json_schema()))
    return Report.model_validate_json(result.stdout)


def test_the_report_says_what_draws_say(path: str) -> None:
    found = report(path, "--sample")
    assert found.schema_version == "1.2"
    assert found.options.sample
    assert found.summary.sampled == 2
    right, wrong, plain = found.relations
    assert [s.verdict for s in right.sampled] == ["pass"] * 5
    assert [s.verdict for s in wrong.sampled] == ["refuted"]
    assert plain.not_sampled is not None


def test_results_do_not_depend_on_the_number_of_processes(path: str) -> None:
    one, two = (report(path, "--sample", "--jobs", jobs) for jobs in ("1", "2"))
    assert one.without_times() == two.without_times()


def test_without_the_option_nothing_is_said_of_draws(path: str) -> None:
    result = RUNNER.invoke(app, ["check", path, "--format", "json", "--no-cache", "--no-prove"])
    assert "sampl" not in result.stdout.replace("/sample", "")
    assert json.loads(result.stdout)["schema_version"] == "1.1"


def test_text_and_page_show_tier_level_and_interval(path: str) -> None:
    text = RUNNER.invoke(app, ["check", path, "--no-cache", "--no-prove", "--sample"]).stdout
    assert "draws agree on 5 instances: T4, n = " in text
    assert "alpha 1.3e-08, family 1e-06 for 75 claims" in text
    assert "draws refute it on instance 0: T4, n = 4096" in text
    assert "2 confronted with draws" in text
    html = RUNNER.invoke(app, ["check", path, "--no-cache", "--no-prove", "--sample", "--format", "html"]).stdout
    assert "draws agree on 5 instances" in html


def test_explain_shows_every_claim_with_its_assumption(path: str) -> None:
    text = RUNNER.invoke(app, ["explain", f"{path}:8", "--sample"]).stdout
    assert text.count("assumes: every draw lies in") == 5
    assert "power 0.999" in text
    without = RUNNER.invoke(app, ["explain", f"{path}:8"]).stdout
    assert "draws" not in without.lower()
