"""All trained models as one HTML page: what each reaches against known truth, and its figures.

Self-contained: no script, no network; the pictures are in the file.
Main definition: `write_training`.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

from derivcheck.reports.page.conversion import Conversion
from derivcheck.reports.page.mathml import Renderer

if TYPE_CHECKING:
    from derivcheck.models._report import TrainingReport


def write_training(
    reports: Sequence[TrainingReport], figures: Mapping[str, Sequence[Path]], *, quick: bool, seconds: float
) -> str:
    """The page. figures: the PNG files of each model, by its name; seconds: of the whole."""
    environment = Environment(
        loader=PackageLoader("derivcheck.reports.page"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    pictures = {model: [(p.stem.replace("_", " "), _data(p)) for p in paths] for model, paths in figures.items()}
    with Conversion() as conversion:
        renderer = Renderer(conversion)
        formulas = {r.model: {k: renderer.render(v, display=True) for k, v in r.losses.items()} for r in reports}
        template = environment.get_template("training.html.j2")
        return template.render(reports=reports, pictures=pictures, formulas=formulas, quick=quick, seconds=seconds)


def _data(path: Path) -> str:
    return f"data:image/png;base64,{base64.b64encode(path.read_bytes()).decode('ascii')}"
