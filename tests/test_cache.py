"""Results of earlier runs.

Guards: a result that is not the one that a fresh run gives, what a clock has cut short that stays for ever, a
cache that is damaged or cannot be written and becomes an error, a cache that grows without bounds.
"""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from derivcheck import cache as room
from derivcheck import workers
from derivcheck.cache import Cache, key_of, place
from derivcheck.pipeline import check_document, prepare
from derivcheck.verdicts.chains import Placed
from derivcheck.verdicts.options import Options
from derivcheck.verdicts.result import RelationResult, Report
from derivcheck.workers import Judged, Staff
from tests.test_pipeline import FALSE, TRUE, page, without_times

CLAIMS = (TRUE[1], TRUE[4], FALSE[1])
RELATIONS = prepare("test.md", [], page(CLAIMS)).relations


def result(p: Placed, **more: object) -> RelationResult:
    given: dict[str, object] = {
        "id": p.raw.id, "line": p.raw.line, "column": p.raw.column, "question": p.raw.question, "lhs": "a", "rel": "=", "rhs": "b",
        "kind": "step", "verdict": "correct", "strict_verdict": "correct",
    }  # fmt: skip
    return RelationResult.model_validate(given | more)


def judged(*fleeting: int) -> Judged:
    results = tuple(result(p) for p in RELATIONS)
    problems = {p.raw.question: (f"problem {p.raw.question}",) for p in RELATIONS}
    return Judged(results, problems, frozenset(results[i].id for i in fleeting))


def silent(why: str) -> None:
    pytest.fail(why)


def checked(text: str, cache: Cache | None) -> Report:
    return check_document("test.md", text=text, cache=cache)[0]


def test_a_second_run_starts_no_process_and_says_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Cache(tmp_path, silent)
    fresh = checked(page(CLAIMS), cache)
    monkeypatch.setattr(workers, "Child", lambda _: pytest.fail("a process was started"))
    monkeypatch.setattr("derivcheck.provers.Child", lambda _: pytest.fail("a prover was started"))
    again = checked(page(CLAIMS), Cache(tmp_path, silent))
    assert without_times(again) == without_times(fresh)
    assert [r.seconds for r in again.relations] == [r.seconds for r in fresh.relations]


def test_only_what_was_cut_short_is_judged_again(tmp_path: Path) -> None:
    cache = Cache(tmp_path, silent)
    cache.keep("k", judged(1))
    kept = cache.kept("k", RELATIONS)
    assert [r.id for r in kept.results] == [RELATIONS[0].raw.id, RELATIONS[2].raw.id]
    assert set(kept.problems) == {RELATIONS[0].raw.question, RELATIONS[2].raw.question}
    rest = Judged((result(RELATIONS[1]),), {RELATIONS[1].raw.question: ()})
    assert [r.id for r in kept.joined(rest, RELATIONS).results] == [p.raw.id for p in RELATIONS]


def test_timeouts_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    made = {"late": {"seconds": 9.0}, "said": {"reason": "no world: timeout", "verdict": "undecided"}, "quick": {"seconds": 0.1}}
    for name, more in made.items():
        with Staff(Options()) as staff:
            desk = workers._Desk(staff.options, staff.provers)
            desk.take(RELATIONS[0], result(RELATIONS[0], **more), None)
            assert bool(desk.judged(RELATIONS[:1]).fleeting) == (name != "quick")


def test_the_key_holds_what_a_result_depends_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theory = tmp_path / "t.yaml"
    theory.write_text("variables: [x]")
    document = prepare("a.md", [], "$$a = b$$").document
    keys = [key_of(document, [str(theory)], Options())]
    assert key_of(document, [str(theory)], Options(jobs=5, strict=True)) == keys[0], "neither changes a result"
    changes = (Options(seed=1), Options(worlds=3), Options(timeout=3.0), Options(prove=False), Options(proof_budget=1.0))
    keys += [key_of(document, [str(theory)], changed) for changed in changes]
    keys.append(key_of(prepare("a.md", [], "$$a = c$$").document, [str(theory)], Options()))
    keys.append(key_of(prepare("b.md", [], "$$a = b$$").document, [str(theory)], Options()))
    keys.append(key_of(document, [], Options()))
    theory.write_text("variables: [y]")
    keys.append(key_of(document, [str(theory)], Options()))
    monkeypatch.setattr(room, "source", lambda: "another state of the code")
    keys.append(key_of(document, [str(theory)], Options()))
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("fault", ["no database", "no folder", "no rows", "no json", "another table"])
def test_a_damaged_cache_costs_nothing_but_time(fault: str, tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    notes: list[str] = []
    Cache(folder, silent).keep("k", judged())
    file = folder / "results.sqlite"
    match fault:
        case "no database":
            file.write_bytes(b"\x00rubbish" * 1000)
        case "no folder":
            folder = tmp_path / "file"
            folder.write_text("in the way")
        case _:
            with sqlite3.connect(file) as table:
                if fault == "another table":
                    table.executescript("DROP TABLE questions; CREATE TABLE questions (a)")
                else:
                    table.execute("UPDATE questions SET content = ?", (b"x" if fault == "no rows" else b"x\x9cK\xaa\x05\x00\x01\xbe\x00\xbc",))
            table.close()
    cache = Cache(folder, notes.append)
    assert cache.kept("k", RELATIONS).results == ()
    cache.keep("k", judged())
    assert len(notes) == 1
    assert "is not used" in notes[0]


def test_a_file_of_other_relations_is_no_hit(tmp_path: Path) -> None:
    cache = Cache(tmp_path, silent)
    cache.keep("k", judged())
    assert cache.kept("k", RELATIONS[:1]).results == (result(RELATIONS[0]),)
    assert cache.kept("other", RELATIONS).results == ()


def test_the_oldest_go(tmp_path: Path) -> None:
    cache = Cache(tmp_path, silent)
    for key in "abcdef":
        cache.keep(key, judged())
    small = Cache(tmp_path, silent, largest=700)
    small.keep("g", judged())
    with sqlite3.connect(tmp_path / "results.sqlite") as table:
        (size,) = table.execute("SELECT SUM(LENGTH(content)) FROM questions").fetchone()
    table.close()
    assert 0 < size <= 700
    assert len(small.kept("g", RELATIONS).results) > 0
    assert small.kept("a", RELATIONS).results == ()


def test_several_may_write_at_once(tmp_path: Path) -> None:
    notes: list[str] = []
    threads = [threading.Thread(target=lambda k=k: Cache(tmp_path, notes.append).keep(k, judged())) for k in "abcdefgh"]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert notes == []
    assert all(len(Cache(tmp_path, silent).kept(k, RELATIONS).results) == len(RELATIONS) for k in "abcdefgh")


def test_it_lies_where_the_desktop_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert place() == tmp_path / "derivcheck"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert place() == tmp_path / ".cache" / "derivcheck"
