"""The worker process: relations in on stdin, results out on stdout, one after the other.

Why a process of its own: a document is data from a stranger; whatever it makes the mathematics do can be
killed from outside. It judges on exact worlds alone: what it read goes along with each result, as pickled
terms that the parent hands to a prover unopened.
"""

from __future__ import annotations

import gc
import os
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Literal

from derivcheck.child import confined, next_message, post

if TYPE_CHECKING:
    from collections.abc import Iterator

    from derivcheck.verdicts.chains import Placed
    from derivcheck.verdicts.options import Options
    from derivcheck.verdicts.result import RelationResult

Said = tuple[Literal["problem"], str] | tuple[Literal["result"], "RelationResult"]

GARBAGE = (20_000, 20, 20)  # new objects between two searches for garbage, of each generation


def main() -> None:
    """Judge what stands on stdin."""
    gc.disable()  # what is imported stays
    inlet, out = confined()
    for library in ("derivcheck.notation.signature", "derivcheck.verdicts.judge", "derivcheck.verdicts.proof"):
        import_module(library)  # takes a second, in which the parent reads the document
    gc.freeze()  # the libraries are not looked through for garbage
    gc.set_threshold(*GARBAGE)
    gc.enable()
    with suppress(BrokenPipeError):  # nobody is left to hear it
        while (share := next_message(inlet)) is not None:  # of one document after the other
            options, relations = share
            for message in judged_as_read(relations, options):
                post(out, message)
    os._exit(0)  # nothing to clean up; leaving torch's threads to the interpreter takes long


def judged(relations: list[Placed], options: Options) -> Iterator[Said]:
    """Results in order, with the problems of each theory when it is first used in a question."""
    for said, _ in judged_as_read(relations, options):
        yield said


def judged_as_read(relations: list[Placed], options: Options) -> Iterator[tuple[Said, bytes | None]]:
    """Results and problems, each result with the terms that it speaks of if it was read whole."""
    import torch

    from derivcheck.notation.signature import signature_of
    from derivcheck.verdicts.judge import Judge
    from derivcheck.verdicts.proof import as_read

    torch.set_num_threads(1)
    judge = Judge(options)
    seen: set[tuple[str, str]] = set()
    for p in relations:
        signature = signature_of(p.declarations)
        for problem in signature.problems:
            if (p.raw.question, problem) not in seen:
                seen.add((p.raw.question, problem))
                yield ("problem", problem), None
        result = judge.judge(p.raw, signature, head_sign=p.head_sign, inferred=bool(p.inferred), family=p.family)
        yield ("result", result), as_read(judge.reading)


if __name__ == "__main__":
    main()
