"""The models that ship, on real images: their cards' claims in small."""

from __future__ import annotations

import csv
from dataclasses import replace
from functools import cache
from pathlib import Path

import data_store
import numpy as np
import pydicom
import pytest
from PIL import Image

from inference import engine
from inference.bundle import Bundle, list_bundles, load_bundle
from inference.types import Attributes, Refused, Request, Result
from inference.volume import Calibration, Volume
from tests.inference.made_models import FRONTAL

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "assets" / "models"
FILES = Path(data_store.__file__).parent / "data"


@pytest.fixture(scope="module")
def lungs() -> Bundle:
    return load_bundle(MODELS / "cxr-lungs")


def run(bundle: Bundle, image: np.ndarray, attributes: Attributes = FRONTAL) -> Result:
    volume = Volume(image[np.newaxis].astype(np.float32), None, None, Calibration.NONE, "presentation")
    return engine.run(Request("r", volume, attributes, device="cpu"), bundle)


@cache
def radiograph(name: str) -> np.ndarray:
    """A CR of pydicom-data, bright = dense, 0–1."""
    dataset = pydicom.dcmread(next(FILES.rglob(name)))
    pixels = dataset.pixel_array.astype(np.float32)
    if dataset.PhotometricInterpretation == "MONOCHROME1":
        pixels = pixels.max() - pixels
    return pixels / pixels.max()


def dice(result: Result, mask: np.ndarray) -> float:
    assert result.label_map is not None
    found, counted = result.label_map[0] > 0, (mask < 64) | (mask > 191)
    wanted = (mask > 191) & counted
    found = found & counted
    return 2 * int((found & wanted).sum()) / int(found.sum() + wanted.sum())


def test_every_model_that_ships_is_whole_small_and_has_a_card() -> None:
    bundles = list_bundles(MODELS)
    assert "cxr-lungs" in [bundle.id for bundle in bundles if isinstance(bundle, Bundle)]
    for bundle in bundles:
        assert isinstance(bundle, Bundle), bundle
        assert bundle.id == bundle.root.name
        assert bundle.metrics
        card = bundle.card_path.read_text(encoding="utf-8")
        assert bundle.sha256 in card
        assert "Research use only. Not for diagnosis." in card
        assert all(data.licence in card and data.citation in card for data in bundle.training_data)
        for line in card.split("](")[1:]:
            linked = line.split(")")[0]
            assert linked.startswith("http") or (bundle.card_path.parent / linked).is_file(), linked


def test_both_lungs_of_an_adult_and_nothing_else(lungs: Bundle) -> None:
    """The sides, sizes and places of the lungs on a radiograph with metastases, whose header names everything."""
    image = radiograph("RG1_UNCR.dcm")
    result = run(lungs, image)
    assert result.label_map is not None
    assert result.label_map.shape == (1, 1955, 1841)
    assert result.notes == ()
    shares = {label.name: (result.label_map[0] == label.value).mean() for label in result.labels}
    assert 0.10 < shares["Left lung"] < 0.30
    assert 0.10 < shares["Right lung"] < 0.30
    rows, columns = np.nonzero(result.label_map[0])
    assert rows.min() > 0.02 * 1955
    assert rows.max() < 0.95 * 1955
    centres = {label.name: np.nonzero(result.label_map[0] == label.value)[1].mean() for label in result.labels}
    # Patient Orientation L\F: the patient's right is on the left of the image
    assert centres["Right lung"] < 0.45 * 1841 < 0.55 * 1841 < centres["Left lung"]
    del columns


@pytest.mark.parametrize("scale", [0.15, 2.0])
def test_the_size_of_the_image_hardly_matters(lungs: Bundle, scale: float) -> None:
    image = radiograph("RG1_UNCR.dcm")
    whole = run(lungs, image)
    edge = (round(image.shape[1] * scale * 0.5), round(image.shape[0] * scale * 0.5))
    other = run(lungs, np.asarray(Image.fromarray(image).resize(edge, Image.Resampling.BOX)))
    for name, measure in whole.measures.items():
        if measure.unit == "%":
            assert other.measures[name].value == pytest.approx(measure.value, rel=0.02)


def test_an_extremity_is_refused_by_its_header_and_by_its_looks(lungs: Bundle) -> None:
    image = radiograph("RG3_UNCR.dcm")
    with pytest.raises(Refused, match="extremity"):
        run(lungs, image, replace(FRONTAL, body_part="EXTREMITY"))
    with pytest.raises(Refused, match="does not look like one"):
        run(lungs, image, Attributes(modality="CR"))


@pytest.mark.parametrize("name", ["693_UNCR.dcm", "MR2_UNCR.dcm", "JPEG2000_UNC.dcm"])
def test_other_pictures_with_silent_headers_are_refused(lungs: Bundle, name: str) -> None:
    with pytest.raises(Refused):
        run(lungs, radiograph(name), Attributes())


def test_a_silent_header_on_a_chest_runs_with_notes(lungs: Bundle) -> None:
    result = run(lungs, radiograph("RG1_UNCR.dcm"), Attributes())
    assert any("View unknown" in note for note in result.notes)
    assert [label.name for label in result.labels] == ["Lung (image left)", "Lung (image right)"]


def test_children_that_no_training_saw(lungs: Bundle, shared_data: Path) -> None:
    with (shared_data / "cxr" / "index.csv").open(newline="", encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if row["split"] == "val" and row["mask_size_confirmed"] == "1"]
    scores = []
    for row in rows[::6]:
        with (
            Image.open(shared_data / "cxr" / row["image"]) as image,
            Image.open(shared_data / "cxr" / row["lung_mask"]) as mask,
        ):
            result = run(lungs, np.asarray(image.convert("L")) / 255)
            scores.append(dice(result, np.asarray(mask.convert("L"))))
    assert len(scores) >= 20
    assert np.mean(scores) > 0.95
    assert min(scores) > 0.85
