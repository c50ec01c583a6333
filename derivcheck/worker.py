"""The worker process: relations in on stdin, results out on stdout, one after the other.

Why a process of its own: a document is data from a stranger; whatever it makes the mathematics do can be
killed from outside. Its memory is limited here.
"""

from __future__ import annotations

import gc
import os
import pickle
import resource
import sys
from contextlib import suppress
from importlib import import_module
from threading import Thread
from time import sleep
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator

    from derivcheck.verdicts.chains import Placed
    from derivcheck.verdicts.options import Options
    from derivcheck.verdicts.result import RelationResult

MEMORY = 4 << 30  # bytes of data
GARBAGE = (5_000, 20, 20)  # new objects between two searches for garbage, of each generation
PARENT_WATCH = 0.5  # seconds between two looks at the parent


def main() -> None:
    """Judge what stands on stdin."""
    Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not come between the results
    limit = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY if limit == resource.RLIM_INFINITY else min(MEMORY, limit), limit))
    sys.setrecursionlimit(6000)
    for library in ("derivcheck.notation.signature", "derivcheck.verdicts.judge"):
        import_module(library)  # takes a second, in which the parent reads the document
    gc.freeze()  # the libraries are not looked through for garbage
    gc.set_threshold(*GARBAGE)
    options, relations = pickle.load(sys.stdin.buffer)  # noqa: S301 - from our own parent
    with suppress(BrokenPipeError):  # nobody is left to hear it
        for kind, payload in judged(relations, options):
            _send(out, (kind, payload))
        out.close()
    os._exit(0)  # nothing to clean up; leaving torch's threads to the interpreter takes long


def _end_with_parent(parent: int) -> None:
    """Whatever ends the parent, a kill included, this process does not stay behind."""
    while os.getppid() == parent:
        sleep(PARENT_WATCH)
    os._exit(1)


def judged(relations: list[Placed], options: Options) -> Iterator[tuple[str, RelationResult | str]]:
    """Results in order, with the problems of each theory when it is first used."""
    import torch

    from derivcheck.notation.signature import signature_of
    from derivcheck.verdicts.judge import Judge

    torch.set_num_threads(1)
    judge = Judge(options)
    seen: set[str] = set()
    for p in relations:
        signature = signature_of(p.declarations)
        for problem in signature.problems:
            if problem not in seen:
                seen.add(problem)
                yield "problem", problem
        yield "result", judge.judge(p.raw, signature, head_sign=p.head_sign, inferred=bool(p.inferred))


def _send(out: BinaryIO, message: Any) -> None:
    data = pickle.dumps(message)
    out.write(len(data).to_bytes(8, "big") + data)
    out.flush()


if __name__ == "__main__":
    main()
