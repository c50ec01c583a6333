"""`derivcheck sample-model` and `derivcheck figures`: what a checkpoint of `derivcheck train` gives."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from derivcheck.cli.door import app, stop
from derivcheck.cli.train import Device

if TYPE_CHECKING:
    from derivcheck.models._run import Reopened

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Where `derivcheck train -o DIR` wrote.")]


@app.command("sample-model")
def sample_model(
    folder: Folder,
    *,
    n: Annotated[int, typer.Option("-n", min=1, max=1_000_000, help="How many.")] = 64,
    seed: Annotated[int, typer.Option(help="Of the draws.")] = 0,
    device: Device = None,
    output: Annotated[
        Path | None, typer.Option("-o", metavar="FILE.npz", help="Default: samples.npz in DIR.")
    ] = None,
) -> None:
    """Draw from a trained model: the array `samples`, one draw a row."""
    import numpy as np

    opened = _opened(folder, device)
    path = output or folder / "samples.npz"
    drawn = opened.sample(n, seed)
    np.savez_compressed(path, samples=drawn)
    print(f"{path}: samples {' × '.join(map(str, drawn.shape))} of {opened.name}, epoch {opened.epochs}")


@app.command()
def figures(
    folder: Folder,
    *,
    device: Device = None,
    output: Annotated[
        Path | None, typer.Option("-o", metavar="DIR", help="Default: figures in DIR.")
    ] = None,
) -> None:
    """Draw the figures of a trained model again."""
    from derivcheck.reports.figures.trained._draw import draw_all

    opened = _opened(folder, device)
    for path in draw_all(opened.arrays(), output or folder / "figures"):
        print(path)


def _opened(folder: Path, device: str | None) -> Reopened:
    from derivcheck.datasets._dataset import CannotLoad
    from derivcheck.models._checkpoint import NoCheckpoint
    from derivcheck.models._run import NoDevice, device_named, reopened

    try:
        return reopened(folder, device_named(device))
    except NoDevice as error:
        stop(f"--device {device}", str(error), "leave --device out")
    except NoCheckpoint as error:
        stop(str(folder), str(error), "train first: derivcheck train NAME -o DIR")
    except CannotLoad as error:
        stop(str(folder), str(error), "the data it was trained on is not here")
