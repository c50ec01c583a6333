"""What is submitted: arrays and folders are judged by the same statistics; hostile ones get a clear message."""

from __future__ import annotations

import io
import json
import os
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file
from safetensors.torch import save_file as save_torch

from derivcheck.claims.load import claims_from_text, load_claims
from derivcheck.claims.model import Claim
from derivcheck.claims.npz import NotReadable
from derivcheck.claims.report import of_submission
from derivcheck.claims.submission import read_submission
from derivcheck.models._checkpoint import CONFIG, TENSORS
from derivcheck.models._run import models, run

CPU = torch.device("cpu")
KL = load_claims("kl_weight")


def only(name: str, identity: str) -> Any:
    file = load_claims(name)
    return file.model_copy(update={"claims": [c for c in file.claims if c.id == identity]})


def judge(file: Any, reduction: str | None = None, **paths: Path) -> tuple[str, str]:
    (claim,) = of_submission([file], CPU, paths, reduction).claims  # type: ignore[arg-type]
    return claim.verdict, claim.reason


def ring(sd: float = 0.2, modes: int = 8, seed: int = 0) -> np.ndarray[Any, Any]:
    """Draws of the law of eight Gaussians, or of some of its modes."""
    from derivcheck.datasets._dataset import law_of

    law, random = law_of("eight_gaussians"), np.random.default_rng(seed)
    return law.means.numpy()[random.integers(modes, size=4000)] + sd * random.normal(size=(4000, 2))


SAMPLES = "samples-not-a-subset"


# --- arrays --------------------------------------------------------------------------------------


def test_samples_are_judged_by_the_measure(tmp_path: Path) -> None:
    sd = float(load_sd())
    good, lost, wide = tmp_path / "good.npz", tmp_path / "lost.npz", tmp_path / "wide.npz"
    np.savez(good, samples=ring(sd))
    np.savez(lost, samples=ring(sd, modes=5))
    np.savez(wide, samples=ring(1.5 * sd))
    assert judge(only("diffusion", SAMPLES), a=good)[0] == "holds"
    assert judge(only("diffusion", SAMPLES), a=lost)[0] == "contradicted"
    assert judge(only("diffusion", "samples-not-too-wide"), a=good)[0] == "holds"
    assert judge(only("diffusion", "samples-not-too-wide"), a=wide)[0] == "contradicted"
    assert judge(only("diffusion", "samples-match-distribution"), a=good)[0] == "holds"
    assert judge(only("diffusion", "samples-match-distribution"), a=lost)[0] == "contradicted"


def load_sd() -> float:
    from derivcheck.datasets._dataset import law_of

    return float(law_of("eight_gaussians").covs[0, 0, 0]) ** 0.5


def test_few_rows_establish_nothing(tmp_path: Path) -> None:
    for n in (1, 2, 12):  # the right law, of which so few rows happen to look narrow, wide or lost
        np.savez(tmp_path / f"{n}.npz", samples=ring(load_sd())[:n])
        for claim in (SAMPLES, "samples-not-too-wide", "samples-not-too-narrow"):
            word, why = judge(only("diffusion", claim), a=tmp_path / f"{n}.npz")
            assert word != "contradicted" or claim == SAMPLES, (n, claim, why)
        word, why = judge(only("diffusion", "samples-not-too-narrow"), a=tmp_path / f"{n}.npz")
        assert word == "not established", n
        assert "submit more rows" in why or "within the margin" in why


def test_safetensors_say_the_same(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    save_file({"samples": ring(load_sd(), modes=5)}, path)
    assert judge(only("diffusion", SAMPLES), a=path)[0] == "contradicted"


def test_a_submission_cannot_bring_its_own_truth(tmp_path: Path) -> None:
    """`reference…` is the data set's, whatever the file says."""
    lost = ring(load_sd(), modes=5)
    np.savez(tmp_path / "x.npz", samples=lost, reference=lost, reference_modes=lost[:1])
    assert judge(only("diffusion", SAMPLES), a=tmp_path / "x.npz")[0] == "contradicted"
    assert judge(only("diffusion", "samples-match-distribution"), a=tmp_path / "x.npz")[0] == "contradicted"


def test_a_comparison_wants_both_sides_and_the_convention(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    labels = np.repeat(np.arange(10), 30)
    apart = np.stack([np.cos(labels), np.sin(labels)], 1) * 5 + 0.1 * random.normal(size=(300, 2))
    np.savez(tmp_path / "a.npz", embedding=apart, labels=labels)
    np.savez(tmp_path / "b.npz", embedding=random.normal(size=(300, 2)), labels=labels)
    a, b = tmp_path / "a.npz", tmp_path / "b.npz"
    claim = only("kl_weight", "distinct-separation")
    assert judge(claim, a=a, b=b)[0] == "asked"
    assert "--convention sum, or mean" in judge(claim, a=a, b=b)[1]
    assert judge(claim, "sum", a=a, b=b)[0] == "holds"
    assert judge(claim, "sum", a=b, b=a)[0] == "contradicted"
    word, why = judge(claim, "mean", a=a, b=b)
    assert word == "not established"
    assert "the weight is another" in why
    assert judge(claim, "sum", a=a) == ("not established", "it compares with b: --submission b=FILE|DIR")
    np.savez(a, embedding=apart, labels=labels, convention=np.array("mean"))
    assert judge(claim, "sum", a=a, b=b)[0] == "not established", "the file's own word counts first"


def test_a_metric_of_a_model_cannot_be_had_from_arrays(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", samples=ring())
    word, why = judge(only("diffusion", "posterior-mean-is-learned"), a=tmp_path / "x.npz")
    assert word == "not established"
    assert "submit the folder of `derivcheck train -o`" in why


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({}, "'samples'"),
        ({"samples": np.full((10, 2), np.nan)}, "not a finite number"),
        ({"samples": np.full((10, 2), np.inf)}, "not a finite number"),
        ({"samples": np.zeros((10, 3))}, "has the shape"),
        ({"samples": np.zeros(10)}, "has the shape"),
        ({"samples": np.zeros((0, 2))}, "has the shape"),
        ({"samples": np.array("two")}, "has the shape"),
        ({"samples": np.full((10, 2), "two")}, "not a finite number"),
    ],
)
def test_arrays_that_do_not_fit_are_named(tmp_path: Path, arrays: dict[str, Any], said: str) -> None:
    np.savez(tmp_path / "x.npz", **arrays)
    word, why = judge(only("diffusion", SAMPLES), a=tmp_path / "x.npz")
    assert word == "not established"
    assert said in why


@pytest.mark.parametrize("suffix", [".png", ".JPG", ".pdf"])
def test_a_picture_is_for_a_human(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"x{suffix}").write_bytes(b"\x89PNG")
    word, why = judge(only("diffusion", SAMPLES), a=tmp_path / f"x{suffix}")
    assert word == "for a human"
    assert "submit its arrays" in why


# --- hostile files -------------------------------------------------------------------------------


def refused(path: Path) -> str:
    with pytest.raises(NotReadable) as found:
        read_submission(path, CPU)
    return str(found.value)


class Bomb:
    """What would run if a file were unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.mark),)


def test_nothing_is_unpickled(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    np.savez(tmp_path / "x.npz", samples=np.array([Bomb(mark)], dtype=object), allow_pickle=True)
    assert "pickled objects, which are never opened" in refused(tmp_path / "x.npz")
    torch.save({"samples": torch.zeros(2)}, tmp_path / "x.pt")
    assert "are pickled" in refused(tmp_path / "x.pt")
    assert not mark.exists()


def archive(path: Path, content: bytes, name: str = "samples.npy", method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as file:
        file.writestr(name, content)
    return path


def header(shape: str, descr: str = "<f8", extra: str = "") -> bytes:
    text = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}{extra}\n".encode()
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file, file.open("samples.npy", "w", force_zip64=True) as member:
        for _ in range(300):
            member.write(bytes(1 << 20))
    assert path.stat().st_size < 1 << 20
    assert "unpacks to more than 256 MiB" in refused(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (header("(1000000000000, 1000000)") + bytes(16), "which is not what it holds"),
        (header("(-1, -2)") + bytes(16), "which is not what it holds"),
        (header("(3,)") + bytes(16), "which is not what it holds"),
        (header("(2,)", "|O") + bytes(16), "pickled objects"),
        (header("(1,)", "<c16") + bytes(16), "not real numbers"),
        (header("(2,)", extra=" " * 20_000) + bytes(16), "no .npz file of arrays"),
        (b"\x93NUMPY\x09\x00" + bytes(64), "header of version (9, 0)"),
        (b"\x93NUMPY\x03\x00" + bytes(64), "header of version (3, 0)"),
        (b"garbage", "no .npz file of arrays"),
        (b"", "no .npz file of arrays"),
    ],
)
def test_a_header_that_lies_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    assert said in refused(archive(tmp_path / "x.npz", content))


def test_other_archives_are_refused(tmp_path: Path) -> None:
    assert "is no array" in refused(archive(tmp_path / "x.npz", b"x", "../../etc/passwd"))
    (tmp_path / "y.npz").write_bytes(b"PK not a zip")
    assert "no .npz file" in refused(tmp_path / "y.npz")
    np.savez(tmp_path / "z.npz", **{f"a{i}": np.zeros(1) for i in range(65)})
    assert "65 arrays; at most 64" in refused(tmp_path / "z.npz")
    whole = io.BytesIO()
    np.savez(whole, samples=np.zeros((100, 2)))
    (tmp_path / "w.npz").write_bytes(whole.getvalue()[:-40])
    assert "no .npz file" in refused(tmp_path / "w.npz")
    damaged = bytearray(whole.getvalue())
    damaged[200] ^= 255
    (tmp_path / "v.npz").write_bytes(damaged)
    assert "no .npz file" in refused(tmp_path / "v.npz")


@pytest.mark.parametrize(
    "content", [b"", b"\xff" * 8 + b"{}", (10**12).to_bytes(8, "little") + b"{}", (2).to_bytes(8, "little") + b"[]",
                (70).to_bytes(8, "little") + b'{"a":{"dtype":"F64","shape":[1000000000],"data_offsets":[0,8]}}        '],
)  # fmt: skip
def test_damaged_safetensors_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.safetensors").write_bytes(content)
    assert "no file of safetensors" in refused(tmp_path / "x.safetensors")


def test_other_kinds_and_sizes_are_refused(tmp_path: Path) -> None:
    assert "no such file or folder" in refused(tmp_path / "nothing.npz")
    (tmp_path / "x.csv").write_text("1,2", encoding="utf-8")
    assert "not .npz, .safetensors or a folder" in refused(tmp_path / "x.csv")
    with (tmp_path / "x.npz").open("wb") as file:
        file.truncate((256 << 20) + 1)
    assert "more than 256 MiB" in refused(tmp_path / "x.npz")
    assert "has no config.json" in refused(tmp_path)


# --- folders -------------------------------------------------------------------------------------

FEATURES = """\
title: T
claims:
  - id: no-collapse
    statement: words
    source: line 1
    model: simsiam
    statistic: trace_of_features
    relation: a >= 0.1
    margin: 0.01
    control: {why: collapse, settings: {a: {changes: {stop_gradient: false}}}}
"""


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    """A folder of a short run."""
    config = replace(models()["simsiam"].config(), epochs=3, batch=64)  # type: ignore[call-arg]
    run("simsiam", config, CPU, tmp_path / "run")
    return tmp_path / "run"


def change(folder: Path, **settings: Any) -> Path:
    said = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    said["config"].update(settings)
    (folder / CONFIG).write_text(json.dumps(said), encoding="utf-8")
    return folder


def test_a_folder_is_evaluated_anew(trained: Path) -> None:
    file = claims_from_text(FEATURES, where="x")
    (trained / "metrics.json").write_text('{"metrics": {"trace_of_features": 0}}', encoding="utf-8")
    assert judge(file, a=trained)[0] == "holds"


def test_a_folder_of_other_settings_or_another_model_is_not_judged(trained: Path) -> None:
    asked = FEATURES.replace("    statistic", "    settings: {a: {changes: {predictor: false}}}\n    statistic", 1)
    word, why = judge(claims_from_text(asked, where="x"), a=trained)
    assert (word, "was trained with predictor = True, the claim says False" in why) == ("not established", True)
    word, why = judge(only("diffusion", SAMPLES), a=trained)
    assert (word, "is of the model simsiam, the claim of score" in why) == ("not established", True)
    change(trained, slip="missing half")
    word, why = judge(claims_from_text(FEATURES, where="x"), a=trained)
    assert (word, "slip = missing half" in why) == ("not established", True)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"batch": 10**9}, "batch = 1000000000; from 0 to"),
        ({"d": 10**6}, "d = 1000000; from 0 to"),
        ({"epochs": 10**12}, "epochs = 1000000000000; from 0 to"),
        ({"batch": "many"}, "not 'many'"),
        ({"batch": True}, "batch"),
        ({"rate": float("inf")}, "rate = inf is no value"),
        ({"slip": "made up"}, "no slip 'made up'"),
        ({"colour": 1}, "no setting colour"),
        ({"epochs": 4}, "trained for 3 of 4 epochs"),
        ({"k": 5}, ""),
    ],
)
def test_a_hostile_configuration_is_refused(trained: Path, settings: dict[str, Any], said: str) -> None:
    assert said in refused(change(trained, **settings))


def test_hostile_tensors_are_refused(trained: Path) -> None:
    from derivcheck.models._checkpoint import load

    checkpoint = load(trained)
    history = {"history": json.dumps([dict(h) for h in checkpoint.history])}
    state = {k: v.clone() for k, v in checkpoint.state.items()}
    state["W"][0, 0] = torch.nan
    save_torch(state, trained / TENSORS, metadata=history)
    assert "not a finite number" in refused(trained)
    save_torch({"W": checkpoint.state["W"]}, trained / TENSORS, metadata=history)
    assert "not of the model that its configuration names" in refused(trained)
    for bad in ("[1, 2, 3]", "3", '[{"J": "x"}, {}, {}]'):
        save_torch(dict(checkpoint.state), trained / TENSORS, metadata={"history": bad})
        assert refused(trained)


def test_a_path_of_another_machine_is_not_opened(tmp_path: Path) -> None:
    config = replace(models()["simsiam_mlp"].config(), epochs=1)
    run("simsiam_mlp", config, CPU, tmp_path / "run")
    assert "names a file of the machine" in refused(change(tmp_path / "run", data="mnist", path="/etc"))


def test_claims_about_weights_are_all_of_one_convention() -> None:
    claims: list[Claim] = KL.claims
    assert {c.convention.reduction for c in claims if c.convention} == {"sum"}
    assert all(c.convention for c in claims)
