"""``scoutview analyze`` and ``models``: which series run, where results go, what is refused (app/cli/analyze.py)."""

from __future__ import annotations

import json
from pathlib import Path

import highdicom
import numpy as np
import pytest

from app import paths
from inference.bundle import Bundle, list_bundles
from tests import phantoms
from tests.app.cli_tools import Command, chest_file, made_model
from tests.app.report.answers import open_series, verify
from tests.inference import made_models

KEYS = {
    "model", "series_uid", "sop_instance_uid", "device", "timings_s", "scores", "intervals", "measures", "outputs",
}  # fmt: skip
OUTPUTS = {"seg.dcm", "labels.nii.gz", "report.pdf", "picture.png", "result.json"}


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(capsys)


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return made_model(tmp_path / "models", monkeypatch)


def lungs(size: tuple[int, int] = (300, 260)) -> np.ndarray:
    """1 where the radiograph's image-left lung is (the patient's right), 2 for the other."""
    dark = made_models.chest(*size) < 0.5
    left = np.arange(size[1]) < size[1] / 2
    return np.where(dark & left, 1, np.where(dark, 2, 0))


def test_a_radiograph_gets_its_folder_with_everything(command: Command, model: Path, tmp_path: Path) -> None:
    image = chest_file(tmp_path / "a.dcm", pixel_spacing=(0.5, 0.5), imager_pixel_spacing=(0.6, 0.6))
    ran = command("analyze", image, "--model", "made", "--out", tmp_path / "out", "--device", "cpu")
    _, series = open_series(image)
    folder = tmp_path / "out" / series.uid / series.instances[0].sop_instance_uid / "made"
    assert ran.code == 0
    assert ran.out == f"{folder}\n"
    assert {path.name for path in folder.iterdir()} == OUTPUTS
    assert {path for path in (tmp_path / "out").rglob("*") if path.is_file()} == {folder / name for name in OUTPUTS}
    record = json.loads((folder / "result.json").read_text("utf-8"))
    assert set(record) == KEYS
    assert record["series_uid"] == series.uid
    assert record["sop_instance_uid"] == series.instances[0].sop_instance_uid
    assert record["device"].startswith("cpu")
    assert set(record["outputs"]) == OUTPUTS - {"result.json"}
    assert len(record["model"]["sha256"]) == 64
    assert all(set(measure) == {"value", "unit"} for measure in record["measures"].values())
    verify(folder / "seg.dcm")


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_the_mask_is_where_the_lungs_are(command: Command, model: Path, tmp_path: Path, photometric: str) -> None:
    image = tmp_path / "a.dcm"
    pixels = np.round(made_models.chest(300, 260) * 4095).astype(np.uint16)
    phantoms.radiograph(image, pixels=pixels, photometric=photometric, window=(2048.0, 4096.0))
    ran = command("analyze", image, "--model", "made", "--out", tmp_path / "out", "--formats", "seg")
    folder = Path(ran.out.strip())
    assert {path.name for path in folder.iterdir()} == {"seg.dcm", "result.json"}
    seg = highdicom.seg.segread(folder / "seg.dcm")
    _, series = open_series(image)
    found = seg.get_pixels_by_source_instance([series.instances[0].sop_instance_uid], combine_segments=True)[0]
    names = {number: seg.get_segment_description(number).segment_label for number in (1, 2)}
    assert names == {1: "Right lung", 2: "Left lung"}
    # The network works on a smaller grid, so edges may differ.
    assert (found != lungs()).mean() < 0.02
    shown = tmp_path / "x.png"
    assert command("render", image, "--out", shown, "--overlay", folder / "seg.dcm").code == 0


def test_every_image_that_fits_runs_and_the_rest_is_named(command: Command, model: Path, tmp_path: Path) -> None:
    chest_file(tmp_path / "in" / "a.dcm")
    chest_file(tmp_path / "in" / "b.dcm", modality="CR")
    chest_file(tmp_path / "in" / "hand.dcm", BodyPartExamined="HAND")
    phantoms.ct(tmp_path / "in" / "ct")
    ran = command("analyze", tmp_path / "in", "--model", "made", "--out", tmp_path / "out", "--formats", "json")
    assert ran.code == 0
    assert len(ran.out.splitlines()) == len(list((tmp_path / "out").rglob("result.json"))) == 2
    refused = [line for line in ran.err.splitlines() if line.startswith("refused: series ")]
    assert len(refused) == 2
    assert any("(CT)" in line for line in refused)


def test_several_images_of_one_series_each_get_a_folder(command: Command, model: Path, tmp_path: Path) -> None:
    for number in (1, 2):
        chest_file(
            tmp_path / "in" / f"{number}.dcm",
            SeriesInstanceUID="1.2.3",
            SOPInstanceUID=f"1.2.3.{number}",
            InstanceNumber=number,
        )
    ran = command("analyze", tmp_path / "in", "--model", "made", "--out", tmp_path / "out", "--formats", "json")
    assert ran.code == 0
    for number in (1, 2):
        record = json.loads(
            (tmp_path / "out" / "1.2.3" / f"1.2.3.{number}" / "made" / "result.json").read_text("utf-8")
        )
        assert record["sop_instance_uid"] == f"1.2.3.{number}"


def test_a_named_series_runs_alone(command: Command, model: Path, tmp_path: Path) -> None:
    chest_file(tmp_path / "in" / "a.dcm")
    chest_file(tmp_path / "in" / "b.dcm")
    _, series = open_series(tmp_path / "in" / "b.dcm")
    words = ("analyze", tmp_path / "in", "--model", "made", "--out", tmp_path / "out", "--formats", "json")
    ran = command(*words, "--series", series.uid)
    assert [path.name for path in (tmp_path / "out").iterdir()] == [series.uid]
    assert ran.code == 0
    assert command(*words, "--series", "1.2.3").code == 2


def test_all_refused_is_4_with_the_reason_and_nothing_written(command: Command, model: Path, tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct")
    ran = command("analyze", tmp_path / "ct", "--model", "made", "--out", tmp_path / "out")
    assert ran.code == 4
    assert "CT" in ran.line
    assert not (tmp_path / "out").exists()
    chest_file(tmp_path / "hand.dcm", BodyPartExamined="HAND")
    ran = command("analyze", tmp_path / "hand.dcm", "--model", "made", "--out", tmp_path / "out")
    assert ran.code == 4
    assert "hand" in ran.line.lower()


def test_a_blank_image_is_refused(command: Command, model: Path, tmp_path: Path) -> None:
    phantoms.radiograph(tmp_path / "a.dcm", pixels=np.full((300, 260), 700, np.uint16))
    ran = command("analyze", tmp_path / "a.dcm", "--model", "made", "--out", tmp_path / "out")
    assert ran.code == 4


def test_a_truncated_image_is_named_and_the_rest_runs(command: Command, model: Path, tmp_path: Path) -> None:
    chest_file(tmp_path / "in" / "good.dcm", transfer_syntax="1.2.840.10008.1.2.5")
    bad = chest_file(tmp_path / "in" / "bad.dcm", transfer_syntax="1.2.840.10008.1.2.5")
    data = bad.read_bytes()
    bad.write_bytes(data[: len(data) // 2])
    ran = command("analyze", tmp_path / "in", "--model", "made", "--out", tmp_path / "out", "--formats", "json")
    assert ran.code == 0
    assert len(ran.out.splitlines()) == 1
    assert str(bad) in ran.err or "bad.dcm" in ran.err
    ran = command("analyze", bad, "--model", "made", "--out", tmp_path / "out2", "--formats", "json")
    assert ran.code == 3
    assert not (tmp_path / "out2").exists()


def test_an_output_folder_that_cannot_be_written_is_told_before_the_model_runs(
    command: Command, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = chest_file(tmp_path / "a.dcm")
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setattr("app.core.analysis.Order.run", lambda *_: pytest.fail("the model ran"))
    ran = command("analyze", image, "--model", "made", "--out", tmp_path / "file")
    assert ran.code == 5
    assert str(tmp_path / "file") in ran.line


def test_hostile_uids_stay_inside_the_folder(command: Command, model: Path, tmp_path: Path) -> None:
    image = chest_file(tmp_path / "a.dcm", SeriesInstanceUID="../../../escape", SOPInstanceUID="/tmp/..")
    ran = command("analyze", image, "--model", "made", "--out", tmp_path / "deep" / "out", "--formats", "json")
    assert ran.code == 0
    written = Path(ran.out.strip())
    assert written.resolve().is_relative_to((tmp_path / "deep" / "out").resolve())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.dcm", "deep", "models"]


def test_a_device_that_is_not_there_is_a_usage_error(command: Command, model: Path, tmp_path: Path) -> None:
    import torch

    missing = f"cuda:{torch.cuda.device_count()}"
    ran = command(
        "analyze", chest_file(tmp_path / "a.dcm"), "--model", "made", "--out", tmp_path / "o", "--device", missing
    )
    assert ran.code == 2
    assert missing in ran.line
    assert not (tmp_path / "o").exists()


def test_models_are_listed_and_broken_ones_named(command: Command, model: Path, tmp_path: Path) -> None:
    ran = command("models", "--json")
    assert ran.code == 0
    (entry,) = ran.json["models"]
    assert (entry["id"], entry["version"], entry["labels"]) == ("made", "0.0.1", ["Right lung", "Left lung"])
    assert entry["sha256"] in command("models").out
    weights = model / "made" / "models" / "model.safetensors"
    weights.write_bytes(weights.read_bytes() + b"x")
    ran = command("models", "--json")
    assert ran.json["models"] == []
    assert ran.json["broken"][0]["folder"] == str(model / "made")
    ran = command("analyze", tmp_path, "--model", "made", "--out", tmp_path / "out")
    assert ran.code == 1
    assert "made" in ran.line


def bundled() -> Bundle:
    for bundle in list_bundles(paths.models_dir()):
        if isinstance(bundle, Bundle) and bundle.id == "cxr-lungs":
            return bundle
    pytest.skip("the model cxr-lungs is not in assets/models")


def test_the_bundled_model_on_a_public_radiograph(command: Command, tmp_path: Path, pydicom_data: Path) -> None:
    """An adult with metastases, MONOCHROME1, Pixel Spacing 0\\0: both lungs and no square centimetres."""
    bundle = bundled()
    ran = command("analyze", pydicom_data / "RG1_UNCR.dcm", "--model", bundle.id, "--out", tmp_path, "--device", "cpu")
    assert ran.code == 0
    folder = Path(ran.out.strip())
    verify(folder / "seg.dcm")
    record = json.loads((folder / "result.json").read_text("utf-8"))
    assert record["model"] == {"id": bundle.id, "version": bundle.version, "sha256": bundle.sha256}
    assert record["measures"]
    assert all(measure["unit"] != "cm2" for measure in record["measures"].values())
    seg = highdicom.seg.segread(folder / "seg.dcm")
    _, series = open_series(pydicom_data / "RG1_UNCR.dcm")
    found = seg.get_pixels_by_source_instance([series.instances[0].sop_instance_uid], combine_segments=True)[0]
    # In air and over the heart's lower half, by eye: (row, column) in the image.
    for row, column, inside in (
        (700, 430, True),
        (800, 1480, True),
        (1850, 900, False),
        (60, 60, False),
        (900, 920, False),
    ):
        assert bool(found[row, column]) is inside, (row, column)


def test_the_bundled_model_refuses_an_extremity_and_ct(command: Command, tmp_path: Path, pydicom_data: Path) -> None:
    for name in ("RG3_UNCR.dcm", "693_UNCR.dcm"):
        ran = command("analyze", pydicom_data / name, "--model", bundled().id, "--out", tmp_path / "out")
        assert ran.code == 4
        assert not (tmp_path / "out").exists()
