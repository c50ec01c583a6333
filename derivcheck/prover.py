"""The prover process: relations as terms in on stdin, certificates out on stdout.

Main definition: `attempt`. Why a process of its own: SymPy's simplification may run for
minutes without a look at any clock; here the kernel ends it. Why apart from the workers: they stay without
SymPy, and both engines are at work at once.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
from contextlib import suppress
from functools import lru_cache
from importlib import import_module
from time import perf_counter
from typing import TYPE_CHECKING

from derivcheck.child import confined, next_message, post
from derivcheck.verdicts.proof import Answer, Task
from derivcheck.verdicts.result import CertificateStep

if TYPE_CHECKING:
    from derivcheck.interpreters.symbolic.certificate import Certificate
    from derivcheck.terms.term import Term

LONGEST = 1_000_000  # signs of a certificate that is still handed over
READY = "ready"
GARBAGE = (50_000, 20, 20)  # new objects between two searches for garbage, of each generation


def main() -> None:
    """Prove what comes in, until nothing comes any more."""
    gc.disable()  # what is imported stays
    inlet, out = confined()
    _load()
    gc.freeze()  # the libraries are not looked through for garbage
    gc.set_threshold(*GARBAGE)
    gc.enable()
    with suppress(BrokenPipeError):  # nobody is left to hear it
        post(out, READY)
        while (task := next_message(inlet)) is not None:
            # of the processor, not of the clock: a busy machine proves as much as an idle one
            signal.setitimer(signal.ITIMER_PROF, task.seconds)
            answer = attempt(task)
            signal.setitimer(signal.ITIMER_PROF, 0)
            post(out, answer)
    os._exit(0)


def _load() -> None:
    """Import what an attempt needs, so that no relation pays for it."""
    from derivcheck.laws import all_laws

    import_module("derivcheck.interpreters.symbolic.prove")
    import_module("derivcheck.notation.signature")
    all_laws()


def attempt(task: Task) -> Answer:
    """Look for a certificate; a fault of the prover costs the certificate, nothing else."""
    from derivcheck.interpreters.symbolic.prove import prove
    from derivcheck.notation.signature import signature_of

    start = perf_counter()
    steps: tuple[CertificateStep, ...] | None = None
    fault: str | None = None
    try:
        left, sign, right = pickle.loads(task.terms)  # noqa: S301 - from our own worker
        found = prove(left, sign, right, signature_of(task.declarations), holds_at=task.holds_at, work=task.work)
        steps = written(found) if found is not None else None
    except (RecursionError, OverflowError):  # a term too large for it
        pass
    except MemoryError:  # no process to go on with
        os._exit(1)
    except Exception as error:
        if os.environ.get("DERIVCHECK_TRACEBACK"):
            raise
        fault = f"{type(error).__name__}: {error}"
    return Answer(task.id, steps, fault, seconds=perf_counter() - start)


def written(certificate: Certificate) -> tuple[CertificateStep, ...] | None:
    """A certificate as the report shows it, with its laws; None if it is too long to be read by anybody."""
    from derivcheck.laws import all_laws

    laws = all_laws()
    steps: list[CertificateStep] = []
    signs = 0
    for step in certificate.steps:
        law = laws.get(step.law)  # arithmetic, which every proof may use, is no law with a file
        before, after = _latex(step.before), _latex(step.after)
        signs += len(before or "") + len(after or "")
        if signs > LONGEST:
            return None
        steps.append(
            CertificateStep(
                law=step.law, statement=law.statement if law else "", source=law.source if law else "",
                before=before, sign=step.sign, after=after, ranges=[_range(*r) for r in step.ranges],
            )
        )  # fmt: skip
    return tuple(steps)


def _range(index: str, lower: Term, upper: Term) -> str:
    return rf"{index} = {_latex(lower) or '?'}, \dots, {_latex(upper) or '?'}"


@lru_cache(maxsize=10_000)  # the rows of a derivation share their terms
def _latex(t: Term) -> str | None:
    from derivcheck.notation import write

    try:
        return write(t)
    except (NotImplementedError, KeyError, RecursionError):
        return None


if __name__ == "__main__":
    main()
