"""Files of claims to a report: trained over seeds, or judged of what somebody submits.

Main definitions: `over_seeds`, `of_submission`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from time import monotonic

import torch

import derivcheck
from derivcheck.claims.judge import judged, result_of
from derivcheck.claims.model import Claim, ClaimFile
from derivcheck.claims.result import ClaimResult, ClaimsReport
from derivcheck.claims.runs import Progress, Runs, planned
from derivcheck.claims.submission import ForAHuman, Submission, read_submission
from derivcheck.claims.submitted import SideName, judged_submission
from derivcheck.claims.verdict import Ruling


def over_seeds(
    files: Sequence[ClaimFile], device: torch.device, seeds: int | None = None, *, quick: bool = False,
    progress: Progress | None = None,
) -> ClaimsReport:  # fmt: skip
    """Every claim over its seeds (or over so many), claims sharing their runs.

    Raises:
        UnknownStatistic: neither measure nor metric.
        CannotLoad: data is not there.
    """
    start, claims = monotonic(), [(c, c.seeds if seeds is None else seeds) for f in files for c in f.claims]
    jobs = planned(claims, quick=quick)
    runs = Runs(device, progress, sum(j.config.epochs for j in jobs))
    results = [judged(claim, runs, n, quick=quick) for claim, n in claims]
    return _report(files, device, start, results).model_copy(update={"quick": quick, "runs": len(runs)})


def of_submission(
    files: Sequence[ClaimFile], device: torch.device, paths: Mapping[SideName, Path], reduction: str | None = None
) -> ClaimsReport:
    """Every claim of what is submitted as its sides.

    Raises:
        NotReadable: a submission is missing, damaged, pickled or too large.
        UnknownStatistic: neither measure nor metric.
        CannotLoad: the data of a reference, or of a model in a folder, is not there.
    """
    start, claims = monotonic(), [c for f in files for c in f.claims]
    try:
        submitted: dict[SideName, Submission] = {side: read_submission(path, device) for side, path in paths.items()}
        results = [judged_submission(claim, submitted, reduction) for claim in claims]
    except ForAHuman as picture:
        results = _for_a_human(claims, str(picture))
    named = {str(side): str(path) for side, path in paths.items()}
    return _report(files, device, start, results).model_copy(update={"submission": named})


def _for_a_human(claims: Iterable[Claim], why: str) -> list[ClaimResult]:
    return [result_of(claim, Ruling("for a human", why)) for claim in claims]


def _report(
    files: Sequence[ClaimFile], device: torch.device, start: float, results: list[ClaimResult]
) -> ClaimsReport:
    return ClaimsReport(
        title="; ".join(f.title for f in files), version=derivcheck.__version__, torch=torch.__version__,
        device=str(device), seconds=round(monotonic() - start, 2), claims=results,
    )  # fmt: skip
