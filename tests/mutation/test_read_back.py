"""The reading of every relation of the homework, written as LaTeX, reads back as the same term."""

from __future__ import annotations

import pytest

from derivcheck.notation import read, write
from derivcheck.notation.signature import signature_of
from derivcheck.pipeline import prepare
from derivcheck.verdicts.sides import read_relation
from tests.support.gold import documents, theory_of


@pytest.mark.parametrize("declared", [True, False], ids=["theory", "inferred"])
@pytest.mark.parametrize("document", documents(), ids=lambda d: d.stem[:3])
def test_readings_read_back(document, declared):
    found = prepare(str(document), [str(theory_of(document))] if declared else [])
    count, wrong = 0, []
    for placed in found.relations:
        signature = signature_of(placed.declarations)
        reading = read_relation(placed.raw, signature).charitable
        if reading is None:
            continue
        for side in (reading.left, reading.right):
            count += 1
            written = write(side.term)
            try:
                back = read(written, signature)
            except Exception as why:  # noqa: BLE001 - reported with the text
                wrong.append(f"{placed.raw.id}: {written}: {why}")
                continue
            if back != side.term:
                wrong.append(f"{placed.raw.id}: {written}\n  {side.term}\n  {back}")
    assert count > 10
    assert not wrong, f"{len(wrong)} of {count}:\n" + "\n".join(wrong[:10])
