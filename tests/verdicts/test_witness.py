r"""Witnesses: small worlds that anyone can replay, and `explain` with every sub-term on them.

Guards: a witness that names another world than the one it was found on, seeds that are not in the report, a
difference below the error bound, an explanation whose values are not those of the witness.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

import derivcheck
from derivcheck.pipeline import explain
from derivcheck.verdicts.options import Options
from derivcheck.verdicts.result import RelationResult
from tests.checks.asking import claim, document
from tests.checks.test_questions import ONE_NOISE

THEORY = r"""
variables: [y, z, 'x_t \in \mathbb{R}^d']
densities:
  - 'p(y,z)'
  - 'r(z|y)'
  - 'p_\theta(y)'
  - 'q(x_{0:T}) = q(x_0) \prod_{t=1}^{T} q(x_t|x_{t-1})'
sequences: ['\beta_t \in (0,1)']
functions: ['g(y) \in \mathbb{R}', 'D(y) \in (0,1)']
parameters: ['a \in \mathbb{R}', 'b > 0', 'v \in \mathbb{R}^{n}']
matrices: ['A \in \mathbb{R}^{n \times n}']
definitions: ['\alpha_t = 1 - \beta_t', '\bar\alpha_t = \prod_{s=1}^t \alpha_s']
families: ['q(x_t|x_{t-1}) = \mathcal{N}(x_t; \sqrt{\alpha_t} x_{t-1}, \beta_t I)']
conventions: {t: 2..T-1, const: 'free of \theta'}
"""
WRONG = [
    r"\log p(y) = E_{r(z|y)}[\log p(y,z)]",  # tables
    r"(a + b)^2 = a^2 + b^2",  # numbers
    r"v v^T A = A v v^T",
    r"A A^T = A^T A",  # matrices
    r"KL(r(z|y)\|p(z|y)) \leq 0",  # a bound
    r"KL(p(y)\|p_\theta(y)) = E_{p(y)}[\log p_\theta(y)] + const",  # a constant: redrawn
    r"p(z|y) \propto p(y|z)",  # proportional
    r"q(x_t|x_0) = \mathcal{N}(x_t; \sqrt{\alpha_t} x_0, (1-\bar\alpha_t) I)",  # linear
    r"E_{q(x_t|x_0)}[\|x_t\|^2] = \bar\alpha_t\|x_0\|^2 + (1-\bar\alpha_t)",  # an expectation
    r"\nabla_{x_t} \log q(x_t|x_0) = -\frac{x_t - \sqrt{\bar\alpha_t}x_0}{\sqrt{1-\bar\alpha_t}}",  # a derivative
    r"E_{p(y)}[g(y)] = E_{p(z)}[g(y)]",  # a function
    r"q(x_t|x_0) = q(x_t)",
    r"\arg\max_D E_{p(y)}[\log D(y)] = \arg\max_D E_{p(y)}[\log D(y) + \log(1-D(y))]",  # an optimum at an end
    r"E_{p(y,z)}[\log\log p(y,z)] = \log E_{p(y,z)}[\log p(y,z)]",  # light tables
]
PAGE = "".join(f"## Problem {i}\n\nWe claim that\n\n$$ {latex} $$\n\n" for i, latex in enumerate(WRONG, 1))
TEXT = f"---\n{THEORY.strip()}\n---\n\n{PAGE}"
REPLAY = """
import json, sys, derivcheck
out = []
for name, kind, seed, world in json.load(sys.stdin):
    out.append(derivcheck.replay(sys.argv[1], name, seed=seed, world=world, kind=kind))
print(json.dumps(out))
"""


@pytest.fixture(scope="module")
def results() -> list[RelationResult]:
    return document(PAGE, THEORY)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("witness") / "wrong.md"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_a_fresh_process_gives_the_witness_values(results: list[RelationResult], page: Path) -> None:
    bad = [r for r in results if r.verdict == "incorrect"]
    assert len(bad) == len(WRONG)
    asked = [(r.id, r.witness.world_kind, r.witness.seed, r.witness.world) for r in bad if r.witness]
    assert len(asked) == len(bad), "every incorrect relation has a witness"
    done = subprocess.run(
        [sys.executable, "-c", REPLAY, str(page)], input=json.dumps(asked), capture_output=True, text=True, check=True, timeout=120
    )
    for r, (left, right) in zip(bad, json.loads(done.stdout), strict=True):
        assert r.witness is not None
        for found, wanted in ((left, r.witness.lhs_value), (right, r.witness.rhs_value)):
            assert isinstance(wanted, float | int)
            assert math.isclose(found, wanted, rel_tol=1e-9, abs_tol=1e-9), (r.rhs, found, wanted)


def test_a_witness_differs_by_far_more_than_its_bound(results: list[RelationResult]) -> None:
    for r in results:
        if r.witness is not None:
            assert r.witness.difference > 10 * r.witness.bound > 0
            assert isinstance(r.witness.lhs_value, float | int)
            assert isinstance(r.witness.rhs_value, float | int)
            assert math.isclose(abs(r.witness.lhs_value - r.witness.rhs_value), r.witness.difference, rel_tol=1e-6)


def test_a_witness_is_small(results: list[RelationResult]) -> None:
    """Halves and quarters where they separate the sides; the difference can be seen."""
    numbers = next(r for r in results if r.lhs.startswith("(a + b)"))
    assert numbers.witness is not None
    assert "simple" in numbers.witness.world_kind
    a, b = (numbers.witness.parameters[n] for n in ("a", "b"))
    assert isinstance(a, float | int)
    assert isinstance(b, float | int)
    assert (4 * a) % 1 == 0
    assert numbers.witness.lhs_value == pytest.approx((a + b) ** 2)
    assert numbers.witness.rhs_value == pytest.approx(a**2 + b**2)
    tables = next(r for r in results if r.lhs.startswith(r"\log p(y)"))
    assert tables.witness is not None
    assert set(tables.witness.parameters) >= {"p(y, z)", "r(z|y)"}
    assert "a" not in tables.witness.parameters, "only what the relation contains"


def test_explain_shows_every_subterm_on_the_witness(results: list[RelationResult], page: Path) -> None:
    chosen = results[0]
    line = TEXT.splitlines().index(f"$$ {WRONG[0]} $$") + 1
    made = explain(str(page), line=line)
    assert made.relation.id == chosen.id
    assert made.relation.witness == chosen.witness
    assert made.theory
    assert made.trials
    assert made.trials[0].outcome == "differ"
    assert made.snippet is not None
    assert chosen.id in made.snippet
    assert chosen.witness is not None
    assert made.lhs_values[0].depth == made.rhs_values[0].depth == 0
    assert len(made.rhs_values) > 3

    def flat(v: object) -> list[float]:
        return [y for x in v for y in flat(x)] if isinstance(v, list) else [float(v)]  # type: ignore[arg-type]

    left, right = flat(made.lhs_values[0].value), flat(made.rhs_values[0].value)
    assert any(math.isclose(x, chosen.witness.lhs_value, rel_tol=1e-9) for x in left)  # type: ignore[arg-type]
    assert any(math.isclose(x, chosen.witness.rhs_value, rel_tol=1e-9) for x in right)  # type: ignore[arg-type]


def test_explain_of_a_place_without_a_relation(page: Path) -> None:
    with pytest.raises(LookupError, match="line 1"):
        explain(str(page), line=1)


def test_the_snippet_runs(results: list[RelationResult], page: Path) -> None:
    line = TEXT.splitlines().index(f"$$ {WRONG[1]} $$") + 1
    made = explain(str(page), line=line)
    assert made.snippet is not None
    done = subprocess.run([sys.executable, "-c", made.snippet], capture_output=True, text=True, check=True, timeout=120)
    printed = [float(row.split()[1]) for row in done.stdout.splitlines()]
    witness = made.relation.witness
    assert witness is not None
    assert printed == pytest.approx([witness.lhs_value, witness.rhs_value])


def test_the_same_seed_gives_the_same_witness_and_another_one_another(results: list[RelationResult]) -> None:
    short = "".join(f"## Problem {i}\n\nWe claim that\n\n$$ {x} $$\n\n" for i, x in enumerate(WRONG[:2], 1))
    again = document(short, THEORY)
    other = document(short, THEORY, Options(seed=1))
    assert [r.witness for r in again] == [r.witness for r in results[:2]]
    assert [r.verdict for r in other] == [r.verdict for r in again]
    assert other[0].witness is not None
    assert other[0].witness.seed == 1
    assert other[0].witness.parameters != again[0].witness.parameters  # type: ignore[union-attr]


def test_points_that_no_path_ties_are_found_again(tmp_path: Path) -> None:
    path = tmp_path / "apart.md"
    latex = r"\nabla_{x_t} \log q(x_{t-1}|x_0) = -\frac{\epsilon}{\sqrt{1-\bar\alpha_t}}"
    path.write_text(f"---\n{ONE_NOISE.strip()}\n---\n\nWe claim that\n\n$$ {latex} $$\n", encoding="utf-8")
    (found,) = document(f"We claim that\n\n$$ {latex} $$\n", ONE_NOISE)
    seen = found.witness
    assert seen is not None
    assert any(name.startswith(r"\epsilon") for name in seen.parameters)
    again = derivcheck.replay(path, found.id, seed=seen.seed, world=seen.world, kind=seen.world_kind)
    assert again == pytest.approx((seen.lhs_value, seen.rhs_value))


def test_a_simple_world_on_few_nodes_is_no_witness_of_what_more_nodes_showed() -> None:
    r"""On four nodes `\log f` has a value where f is negative between and beyond them."""
    theory = "variables: ['z \\in \\mathbb{R}']\nparameters: ['m \\in \\mathbb{R}', 's > 0']\nfunctions: ['f(z) \\in \\mathbb{R}']\n"
    theory += "densities: ['q(z)']\nfamilies: ['q(z) = \\mathcal{N}(z; m, s^2)']\n"
    found = claim(r"\mathbb{E}_{q(z)}[f(z)(z - m)] = s^2 \mathbb{E}_{q(z)}[\nabla_z \log f(z)]", theory)
    assert found.witness is not None
    assert "finer" in found.witness.world_kind
