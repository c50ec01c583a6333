"""Files of claims: what they must say, and what is wrong with those that do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from derivcheck.claims.load import (
    UnreadableClaims,
    claims_from_text,
    configuration,
    file_names,
    file_text,
    load_claims,
)
from derivcheck.measures._measure import Measure
from derivcheck.registry import declared

WHOLE = """\
title: A
claims:
  - id: spread
    statement: words
    source: line 1
    model: vae
    settings: {a: {changes: {weight: 0}}, b: {changes: {weight: 30}}}
    convention: {reduction: sum, words: summed}
    statistic: kl
    relation: a > b - 0.5
    margin: 0.1
    control:
      why: the same twice
      settings: {b: {changes: {weight: 0}, seed_offset: 10}}
"""


def test_a_whole_file_is_read() -> None:
    (claim,) = claims_from_text(WHOLE, where="x").claims
    stated = claim.stated
    assert (stated.sign, stated.compares, stated.bound, stated.margin) == (">", True, -0.5, 0.1)
    assert claim.seeds == 4
    config = configuration(claim, claim.control.settings["b"], 3)
    assert (config.seed, getattr(config, "weight")) == (13, 0.0)  # noqa: B009 - of the VAE's own
    assert configuration(claim, claim.side("a"), 0, quick=True).epochs == 15


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("statement:", "statment:", "x:4: unknown key `statment`\n    did you mean `statement`?"),
        ("why:", "because:", "x:13: unknown key `because`"),
        ("{weight: 30}}}", "{weight: 30}, seed_ofset: 1}}", "x:7: unknown key `seed_ofset`\n    did you mean `seed_offset`?"),
        ("{changes: {weight: 0}}, b", "{changes: {wieght: 0}}, b", "no setting wieght; did you mean weight?"),
        ("{changes: {weight: 0}}, b", "{changes: {weight: heavy}}, b", "weight is a number"),
        ("{changes: {weight: 0}}, b", "{changes: {seed: 1}}, b", "sets the seed"),
        ("model: vae", "model: vea", "x:6: no reference model `vea`\n    did you mean `vae`?"),
        ("a > b - 0.5", "b > a", "`b > a` is no relation; write `a < b`"),
        ("a > b - 0.5", "a > 1e", "`1e` is no number"),
        ("a > b - 0.5", "a = b", "is no relation"),
        ("a > b - 0.5", "a > 3", "has no b, but `settings` has"),
        ("margin: 0.1", "margin: -1", "x:11"),
        ("margin: 0.1", "margin: .nan", "x:11"),
        ("    margin: 0.1\n", "", "`margin`: Field required"),
        ("    convention: {reduction: sum, words: summed}\n", "", "sets weight, which means nothing without a `convention`"),
        ("reduction: sum", "reduction: total", "'sum' or 'mean'"),
        ("    control:\n      why: the same twice\n      settings: {b: {changes: {weight: 0}, seed_offset: 10}}\n", "", "`control`: Field required"),
        ("      settings: {b: {changes: {weight: 0}, seed_offset: 10}}\n", "", "changes nothing"),
        ("    statistic: kl", "    reference: digts\n    statistic: kl", "no data set `digts`"),
        ("    statistic: kl", "    given: {statistic: kl, relation: a > b, margin: 0}\n    statistic: kl", "`given` is of side a alone"),
        ("id: spread", "id: Spread it", "x:3"),
        ("title: A\n", "title: A\ntitle: B\n", "`title` stands twice"),
        ("title: A\n", "title: &x A\nother: *x\n", "aliases"),
        ("title: A", "title: [A", "is not YAML"),
        ("title: A", "!!python/object/apply:os.system [ls]", "is not YAML"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_line_and_way_out(old: str, new: str, said: str) -> None:
    assert old in WHOLE
    with pytest.raises(UnreadableClaims) as found:
        claims_from_text(WHOLE.replace(old, new, 1), where="x")
    assert said in str(found.value)


def test_an_id_stands_once() -> None:
    with pytest.raises(UnreadableClaims, match="`spread` stands twice"):
        claims_from_text(WHOLE + WHOLE.partition("claims:\n")[2], where="x")


@pytest.mark.parametrize("text", ["", "claims", "- a", "title: A\nclaims: []\n"])
def test_a_file_without_claims_is_refused(text: str) -> None:
    with pytest.raises(UnreadableClaims):
        claims_from_text(text, where="x")


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableClaims, match="did you mean `kl_weight`"):
        load_claims("kl_wieght")
    with pytest.raises(UnreadableClaims, match="cannot be read"):
        load_claims(str(tmp_path))
    (tmp_path / "x.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UnreadableClaims, match="not UTF-8"):
        load_claims(str(tmp_path / "x.yaml"))
    (tmp_path / "x.yaml").write_text("a" * 1_000_001, encoding="utf-8")
    with pytest.raises(UnreadableClaims, match="more than 1000000 bytes"):
        load_claims(str(tmp_path / "x.yaml"))


@pytest.mark.parametrize("name", file_names())
def test_a_built_in_file_is_whole(name: str) -> None:
    measures: dict[str, Measure] = dict(declared("derivcheck.measures", "MEASURE"))
    for claim in claims_from_text(file_text(name), where=name).claims:
        assert claim.reading, "what is measured for the words is said"
        assert claim.seeds >= 4
        if claim.statistic in measures:
            assert set(claim.arrays) <= set(measures[claim.statistic].needs)
            wanted = any(n.startswith("reference") for n in (*measures[claim.statistic].needs, *map(str, claim.arrays.values())))
            assert wanted == (claim.reference is not None)
        else:
            assert not claim.arrays


def test_the_document_says_the_words() -> None:
    """Each claim quotes a document, and its line is one of it."""
    folder = Path(__file__).parents[1] / "homework"
    for name in file_names():
        for claim in load_claims(name).claims:
            document = (folder / claim.source.split(",")[0]).read_text(encoding="utf-8")
            if "line " in claim.source:
                line = int(claim.source.partition("line ")[2].removeprefix("s ").split()[0])
                assert 0 < line <= document.count("\n")
