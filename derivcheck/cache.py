"""What earlier runs found: whole questions of documents, by content.

Main definitions: `Cache`, `key_of`, `place`. A key holds everything that a result depends on: the document,
the theory files, the options, the versions, and derivcheck's own source, so that who works on derivcheck never
sees a stale result. What a clock has cut short is never kept. A cache that is damaged or cannot be written
costs nothing but time.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import zlib
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import cache
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, final

import derivcheck
from derivcheck.verdicts.result import Record, RelationResult, versions
from derivcheck.workers import Judged

if TYPE_CHECKING:
    from derivcheck.source import Document
    from derivcheck.verdicts.chains import Placed
    from derivcheck.verdicts.options import Options

LARGEST = 64 << 20  # bytes of results; beyond it the oldest go
PATIENCE = 5.0  # seconds for another process to finish its writing
TABLE = """CREATE TABLE IF NOT EXISTS questions (
    document TEXT NOT NULL, question TEXT NOT NULL, content BLOB NOT NULL, used REAL NOT NULL,
    PRIMARY KEY (document, question)
)"""


class Kept(Record):
    """One question as it lies in the cache."""

    problems: list[str]
    relations: list[RelationResult]


def place() -> Path:
    """Where the cache lies unless told otherwise: `$XDG_CACHE_HOME/derivcheck`."""
    home = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(home) if home else Path.home() / ".cache") / "derivcheck"


@final
class Cache:
    """The results of earlier runs in a folder.

    say: told once why the cache is not used, if it cannot be.
    """

    def __init__(self, folder: Path, say: Callable[[str], None], largest: int = LARGEST) -> None:
        """Opens nothing yet."""
        self.file = folder / "results.sqlite"
        self.largest = largest
        self._say = say
        self._usable = True

    def knows(self, key: str) -> bool:
        """Whether any question of a document is here."""
        found: list[object] = []
        self._with(lambda table: found.extend(table.execute("SELECT 1 FROM questions WHERE document = ? LIMIT 1", (key,))))
        return bool(found)

    def kept(self, key: str, relations: Sequence[Placed]) -> Judged:
        """The questions of a document that are here whole."""
        wanted: dict[str, list[str]] = {}
        for p in relations:
            wanted.setdefault(p.raw.question, []).append(p.raw.id)
        found: dict[str, Kept] = {}

        def look(table: sqlite3.Connection) -> None:
            for question, content in table.execute("SELECT question, content FROM questions WHERE document = ?", (key,)):
                one = Kept.model_validate_json(zlib.decompress(content))
                if [r.id for r in one.relations] == wanted.get(question):
                    found[question] = one
            table.execute("UPDATE questions SET used = ? WHERE document = ?", (time(), key))

        self._with(look)
        results = tuple(r for one in found.values() for r in one.relations)
        return Judged(results, {question: tuple(one.problems) for question, one in found.items()})

    def keep(self, key: str, judged: Judged) -> None:
        """Put every question here that no clock has cut short."""
        questions: dict[str, list[RelationResult]] = {}
        for r in judged.results:
            questions.setdefault(r.question, []).append(r)
        lasting = {q: found for q, found in questions.items() if judged.fleeting.isdisjoint(r.id for r in found)}

        def put(table: sqlite3.Connection) -> None:
            for question, found in lasting.items():
                one = Kept(problems=list(judged.problems.get(question, ())), relations=found)
                content = zlib.compress(one.model_dump_json().encode(), 1)
                table.execute("INSERT OR REPLACE INTO questions VALUES (?, ?, ?, ?)", (key, question, content, time()))
            self._forget_the_oldest(table)

        if lasting:
            self._with(put)

    def _forget_the_oldest(self, table: sqlite3.Connection) -> None:
        total = 0
        for row, size in table.execute("SELECT rowid, LENGTH(content) FROM questions ORDER BY used DESC").fetchall():
            total += size
            if total > self.largest:
                table.execute("DELETE FROM questions WHERE rowid = ?", (row,))

    def _with(self, work: Callable[[sqlite3.Connection], None]) -> None:
        """Do it, or say why not and leave the cache alone from now on."""
        if not self._usable:
            return
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.file, timeout=PATIENCE)) as table, table:  # the inner one commits
                table.execute(TABLE)
                work(table)
        except (sqlite3.Error, OSError, ValueError, zlib.error) as error:
            self._usable = False
            self._say(f"the cache {self.file} is not used: {error}")


def key_of(document: Document, theories: Sequence[str], options: Options) -> str:
    """The key of a document checked under these theories and options: equal for what gives equal results."""
    pages = dict.fromkeys((b.cell, b.page.text) for b in document.blocks)
    files = [(name, _content(name)) for name in theories]
    chosen = (options.seed, options.worlds, options.timeout, options.prove, options.proof_budget, options.sample)
    known = (document.name, document.format, document.front_matter, list(pages), files, chosen, versions(), source())
    return hashlib.sha256(repr(known).encode("utf-8", "surrogatepass")).hexdigest()


def _content(name: str) -> bytes:
    """A theory file's bytes; none for a pack, which is part of derivcheck's source."""
    try:
        return Path(name).read_bytes()
    except OSError:
        return b""


@cache
def source() -> str:
    """derivcheck's own source, its packs and grammar included, as one number."""
    root = Path(derivcheck.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(p for p in root.rglob("*") if p.is_file() and "__pycache__" not in p.parts):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root)} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()
