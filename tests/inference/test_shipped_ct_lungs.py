"""``ct-lungs`` as it ships, on real CT through the viewer's own loader: its card's claims in small."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.dicom.attributes import attributes
from app.dicom.volume import volume
from inference import engine
from inference.bundle import Bundle, load_bundle
from inference.types import Refused, Request, Result
from tests.app.dicom.helpers import opened

MODEL = Path(__file__).resolve().parents[2] / "assets" / "models" / "ct-lungs"


@pytest.fixture(scope="module")
def lungs() -> Bundle:
    return load_bundle(MODEL)


def request(*paths: Path, body_part: str | None = None) -> Request:
    series, pixels = opened(*paths)
    said = attributes(series, 0)
    if body_part is not None:
        said = replace(said, body_part=body_part)
    return Request("r", volume(series, pixels), said, device="cpu")


def run(bundle: Bundle, *paths: Path, body_part: str | None = None) -> Result:
    return engine.run(request(*paths, body_part=body_part), bundle)


def slice_of(shared_data: Path, name: str) -> Path:
    return shared_data / "ct" / "tcga-luad" / f"TCGA-{name}.dcm"


def test_lung_bases_of_an_abdomen(lungs: Bundle, shared_data: Path) -> None:
    """Both lungs in the upper slices, none in the lower ones with their bowel gas, and no volume."""
    result = run(lungs, shared_data / "ct" / "crlm-ct-1004")
    assert result.label_map is not None
    areas = (result.label_map > 0).sum(axis=(1, 2)) * 0.796875**2 / 100
    assert areas[-1] > 200
    assert areas[:18].max() < 1
    assert not [name for name in result.measures if "volume" in name]
    assert any("beyond the upper end" in note for note in result.notes)
    assert any("5 mm thick" in note for note in result.notes)
    assert -900 < result.measures["Lungs: mean density"].value < -600


@pytest.mark.parametrize("name", ["34-5231_1", "34-5231_2", "50-5942_0", "50-5942_2", "50-6595_1", "50-5044_0"])
def test_sides_are_the_patients_supine_prone_and_on_the_side(lungs: Bundle, shared_data: Path, name: str) -> None:
    asked = request(slice_of(shared_data, name))
    result = engine.run(asked, lungs)
    assert result.label_map is not None
    assert asked.volume.affine is not None
    x = {}
    for label in result.labels:
        middle = np.argwhere(result.label_map == label.value).mean(axis=0)
        x[label.name] = float((asked.volume.affine @ [*middle, 1])[0])
    assert x["Right lung"] < x["Left lung"] - 60
    assert any("single slice" in note for note in result.notes)


@pytest.mark.parametrize("name", ["17-Z062_0", "50-8460_2", "92-7340_1", "51-6867_1"])
def test_pelvis_and_bowel_hold_no_lung(lungs: Bundle, shared_data: Path, name: str) -> None:
    with pytest.raises(Refused, match="no lung was found") as refusal:
        run(lungs, slice_of(shared_data, name))
    assert refusal.value.overridable


def test_a_head_is_refused_by_its_header_and_by_its_looks(lungs: Bundle, shared_data: Path) -> None:
    folder = shared_data / "ct" / "head-gantry-tilt"
    with pytest.raises(Refused, match="says head"):
        run(lungs, folder)
    with pytest.raises(Refused, match="evenly spaced"):
        run(lungs, folder, body_part="")
    with pytest.raises(Refused, match=r"no lung|does not look like lung"):
        run(lungs, sorted(folder.glob("*.dcm"))[14], body_part="")


def test_a_tumour_in_the_lung_is_lung(lungs: Bundle, shared_data: Path) -> None:
    result = run(lungs, slice_of(shared_data, "17-Z019_0"))
    assert result.label_map is not None
    assert result.label_map[0, 325:345, 130:150].all()
