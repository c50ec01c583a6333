"""Every step of every certificate holds by itself on exact worlds. Guards: two wrong steps that cancel, a law used where it does not hold."""

from __future__ import annotations

from collections import Counter

import pytest

from derivcheck.interpreters.exact.bench import Bench
from derivcheck.laws import all_laws
from tests.support.proving import asked, proofs, related, wrapped

SAMPLE = 5  # a fifth of the steps by default


def faults(document, every: int) -> tuple[list[str], Counter[str]]:
    """The steps of a document's certificates that fail on a world, and how many hold or are not decided."""
    laws, seen, found, said = all_laws(), set(), [], Counter()
    benches: dict[int, Bench] = {}
    for r in related(document):
        certificate = r.prove()
        for step in certificate.steps if certificate is not None else ():
            key = (step.law, step.before, step.after)
            if step.law not in laws or step.law == "definition" or key in seen:
                continue
            seen.add(key)
            if len(seen) % every:
                continue
            bench = benches.setdefault(id(r.signature), Bench(r.signature, 0, 8))
            result = asked(wrapped(step.before, step), step.sign, wrapped(step.after, step), bench, 20.0).result
            said[result] += 1
            if result == "fails":
                found.append(f"{r.document} {r.id} {step.law}: {step.before} {step.sign} {step.after}")
    return found, said


def test_a_sample_of_the_steps_holds():
    said: Counter[str] = Counter()
    for document in proofs():
        found, counted = faults(document, SAMPLE)
        assert found == []
        said += counted
    assert said["holds"] > 5 * said["undecided"]


@pytest.mark.slow
def test_every_step_holds():
    said: Counter[str] = Counter()
    for document in proofs():
        found, counted = faults(document, 1)
        assert found == []
        said += counted
    print(dict(said))
    assert said["holds"] > 10 * said["undecided"]
