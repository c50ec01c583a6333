"""Bytes to text: encodings, line ends, and characters that must not steer a terminal."""

from __future__ import annotations

import re

from derivcheck.source.faults import Fault, Place, UnreadableFile

MAX_BYTES = 20_000_000
_MAGIC = {
    b"%PDF": "a PDF; convert it to Markdown or LaTeX first",
    b"\x89PNG": "a PNG image; derivcheck reads text",
    b"\xff\xd8\xff": "a JPEG image; derivcheck reads text",
    b"PK\x03\x04": "a ZIP archive (or .docx); export it as Markdown or LaTeX",
    b"\x1f\x8b": "a gzip archive; unpack it first",
    b"\x7fELF": "a program; derivcheck reads text",
}
_BOMS = (  # UTF-32 first: its mark begins like that of UTF-16
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
# Invisible characters: zero widths and BOMs are harmless noise, directions can disguise a formula.
_DIRECTIONS = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c"
_CONTROLS = "".join(map(chr, (*range(9), 11, 12, *range(14, 32), *range(127, 160))))
_UNSEEN = re.compile(f"[{_DIRECTIONS}{_CONTROLS}\u200b\u200c\u200d\u2060\ufeff\u2028\u2029]")
_TOLD = re.compile(f"[{_DIRECTIONS}\x00]")
_BINARY_SHARE = 0.10
_WIDE_SHARE = 0.4


def decode(data: bytes, name: str) -> tuple[str, list[Fault]]:
    """The text of a file and what was odd about it.

    Raises:
        UnreadableFile: too large, or not text.
    """
    if len(data) > MAX_BYTES:
        found = f"the file has {len(data):,} bytes, more than {MAX_BYTES:,}"
        raise UnreadableFile(name, found, "split it into smaller documents")
    for magic, what in _MAGIC.items():
        if data.startswith(magic):
            raise UnreadableFile(name, f"this is {what.split(';')[0]}", what.split("; ")[1])
    text, problems = _text_of(data, name)
    cleaned, more = clean(text, name)
    return cleaned, problems + more


def _text_of(data: bytes, name: str) -> tuple[str, list[Fault]]:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            try:
                return data.decode(encoding), []
            except UnicodeDecodeError:
                break
    sample = data[:4096]
    for encoding, zeros, letters in (("utf-16-le", 1, 0), ("utf-16-be", 0, 1)):
        if _looks_wide(sample[zeros::2], sample[letters::2]):
            return data.decode(encoding, "replace"), [
                _note(name, "UTF-16 without a byte order mark")
            ]
    if _controls(sample) > _BINARY_SHARE * len(sample):
        raise UnreadableFile(
            name, "this is binary data, not text", "give a .md, .tex or .ipynb file in UTF-8"
        )
    try:
        return data.decode("utf-8"), []
    except UnicodeDecodeError:
        return data.decode("latin-1"), [_note(name, "not UTF-8; read as Latin-1")]


def _looks_wide(zeros: bytes, letters: bytes) -> bool:
    """Whether every second byte is mostly zero and the others are text: UTF-16."""
    mostly_zero = len(zeros) > 1 and zeros.count(0) > _WIDE_SHARE * len(zeros)
    return mostly_zero and _controls(letters) <= _BINARY_SHARE * len(letters)


def _controls(sample: bytes) -> int:
    return sum(byte < 9 or 13 < byte < 32 for byte in sample)


def _note(name: str, found: str) -> Fault:
    return Fault("encoding", Place(name, 1, 1), found, "UTF-8", "save the file as UTF-8")


def clean(text: str, name: str, cell: int | None = None) -> tuple[str, list[Fault]]:
    """Line ends as newlines, invisible characters as spaces (so that columns stay)."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    told = _TOLD.search(text)
    problems: list[Fault] = []
    if told is not None:
        line = text.count("\n", 0, told.start()) + 1
        column = told.start() - text.rfind("\n", 0, told.start())
        problems.append(
            Fault(
                "invisible-character",
                Place(name, line, column, cell),
                f"U+{ord(told.group()):04X} can disguise what a formula says; read as a space",
                "visible text",
                "delete the character",
            )
        )
    return _UNSEEN.sub(" ", text), problems
