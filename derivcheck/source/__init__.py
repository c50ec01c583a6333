"""Files, lines and errors: where every sign of a derivation stands.

Main definitions: `read_document`, `Document`, `Block`.
Why: everything later speaks of LaTeX after macros were expanded, yet a reader wants the line and
column of the file. So every character of a block remembers its place (`Mapped`).
"""

from derivcheck.source.document import Block, Document
from derivcheck.source.faults import Fault, Place, SourceError, UnreadableFile
from derivcheck.source.mapped import Mapped
from derivcheck.source.read import read_document

__all__ = [
    "Block",
    "Document",
    "Fault",
    "Mapped",
    "Place",
    "SourceError",
    "UnreadableFile",
    "read_document",
]
