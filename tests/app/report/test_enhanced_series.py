"""A series that a model made: its values, its place, what it says of itself, and that the standard's checker agrees."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.core.document import Document
from app.core.enhanced import Made, family_of, made_by_model, mark_of, sources_of
from app.dicom.index import index
from app.dicom.load import load
from app.dicom.model import Series
from app.dicom.scan import scan
from app.dicom.volume import volume
from app.report.enhanced_series import STEPS, Derivation, enhanced_files, storage_step
from app.report.export import ExportRequest, export, impossible
from app.report.picture import Style
from app.report.png import annotated_png
from inference.types import Measure, ModelRef, Result
from tests import phantoms
from tests.app.dicom.helpers import opened
from tests.app.report.answers import open_series, verify

MODEL = ModelRef("ct-enhance", "1.0.0", "ab" * 32)
WHOLE = Derivation(Made.ENHANCED, MODEL, 1.0, 4.0)


def make(series: Series, values: np.ndarray, folder: Path, derivation: Derivation = WHOLE) -> Series:
    folder.mkdir()
    for name, content in enhanced_files(series, values, derivation):
        (folder / name).write_bytes(content)
    (made,) = index(scan([folder])).series()
    return made


@pytest.mark.parametrize("orientation", [phantoms.AXIAL, phantoms.OBLIQUE], ids=["axial", "oblique"])
def test_values_and_places_are_exact(tmp_path: Path, orientation: tuple[float, ...]) -> None:
    phantoms.ct(tmp_path / "ct", orientation=orientation, reverse=True)
    series, pixels = opened(tmp_path / "ct")
    values = volume(series, pixels).voxels + np.float32(0.125)
    made = make(series, values, tmp_path / "made")
    again = volume(made, load(made))
    np.testing.assert_array_equal(again.voxels, values)
    assert again.unit == "HU"
    assert series.affine is not None
    assert made.affine is not None
    np.testing.assert_allclose(made.affine, series.affine, atol=1e-6)
    assert made.frame_of_reference_uid == series.frame_of_reference_uid
    for file in (tmp_path / "made").iterdir():
        verify(file, "CTImage")


def test_it_says_what_it_is_and_what_it_was_made_of(tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct", Manufacturer="MAKER", KVP="120", ConvolutionKernel="B30f")
    series, pixels = opened(tmp_path / "ct")
    made = make(series, volume(series, pixels).voxels, tmp_path / "made", Derivation(Made.ENHANCED, MODEL, 0.6, 4.0))
    assert made_by_model(series) is None
    assert made_by_model(made) is Made.ENHANCED
    assert mark_of(made) == "AI-enhanced"
    assert made.description == "AI-enhanced 60 %: " + series.description
    assert made.study_uid == series.study_uid
    assert made.uid != series.uid
    assert len({one.sop_instance_uid for one in (*made.instances, *series.instances)}) == 2 * len(series.frames)
    for number, instance in enumerate(made.instances):
        header = instance.header
        assert list(header.ImageType) == ["DERIVED", "PRIMARY", "AXIAL", "AI_ENHANCED"]
        assert "Research use only" in header.DerivationDescription
        assert "60 %" in header.DerivationDescription
        (source,) = header.SourceImageSequence
        assert source.ReferencedSOPInstanceUID == series.instance_of(number).sop_instance_uid
        acquired, processed = header.ContributingEquipmentSequence
        assert acquired.Manufacturer == "MAKER"
        assert MODEL.sha256 in processed.ContributionDescription
        assert header.ConvolutionKernel == "B30f"
        assert header.Manufacturer == "Scoutview"
    assert sources_of(made) == {series.instance_of(0).sop_instance_uid}


def test_a_difference_is_no_image_in_hu(tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct")
    series, _ = opened(tmp_path / "ct")
    values = np.random.default_rng(0).normal(0, 10, (3, 23, 38)).astype(np.float32)
    made = make(series, values, tmp_path / "made", Derivation(Made.DIFFERENCE, MODEL, 1.0, 10.0, made_of="1.2.3"))
    assert made.unit != "HU"
    assert made_by_model(made) is Made.DIFFERENCE
    np.testing.assert_allclose(volume(made, load(made)).voxels, values, atol=0.0626)
    for file in (tmp_path / "made").iterdir():
        verify(file, "CTImage")


def test_padding_stays_padding(tmp_path: Path) -> None:
    stored = np.full((3, 23, 38), 1024, np.int16)
    stored[:, :4] = -2000
    phantoms.ct(tmp_path / "ct", voxels=stored, PixelPaddingValue=-2000)
    series, pixels = opened(tmp_path / "ct")
    made = make(series, volume(series, pixels).voxels, tmp_path / "made")
    again = load(made)
    mask = again.pipeline(0).padding_mask(again.stored[0])
    assert mask is not None
    np.testing.assert_array_equal(mask, stored[0] == -2000)


@pytest.mark.parametrize(("highest", "step"), [(3000.0, 0.125), (5000.0, 0.25), (30000.0, 1.0)])
def test_the_finest_step_that_fits_is_taken(highest: float, step: float) -> None:
    values = np.zeros((2, 4, 4), np.float32)
    values[1, 2, 3] = highest
    assert storage_step(values) == step
    assert step in STEPS


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct")
    series, _ = opened(tmp_path / "ct")
    with pytest.raises(ValueError, match="do not fit"):
        next(enhanced_files(series, np.zeros((2, 23, 38), np.float32), WHOLE))
    phantoms.radiograph(tmp_path / "a.dcm")
    _, film = open_series(tmp_path / "a.dcm")
    with pytest.raises(ValueError, match="do not lie in the patient"):
        next(enhanced_files(film, np.zeros((1, film.rows, film.columns), np.float32), WHOLE))


def test_families_are_found_among_other_series(tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct")
    phantoms.ct(tmp_path / "other", series="other")
    series, pixels = opened(tmp_path / "ct")
    other, _ = opened(tmp_path / "other")
    made = make(series, volume(series, pixels).voxels, tmp_path / "made")
    newer = make(series, volume(series, pixels).voxels, tmp_path / "newer")
    change = make(series, np.zeros((3, 23, 38), np.float32), tmp_path / "d", Derivation(Made.DIFFERENCE, None, 1, 1))
    everything = (other, series, made, newer, change)
    for member in (series, newer, change):
        family = family_of(member, everything)
        assert (family.original, family.enhanced, family.difference) == (series, newer, change)
    assert family_of(made, everything).enhanced is made
    assert family_of(other, everything).enhanced is None
    assert family_of(made, (made,)).original is None


def test_export_writes_the_series_of_an_answer_and_copies_one_that_was_made(tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct")
    study, series = open_series(tmp_path / "ct")
    pixels = load(series)
    values = np.asarray(volume(series, pixels).voxels, np.float32)
    answer = Result("r", MODEL, "cpu", {}, measures={"RMS change": Measure(4.0, "HU")}, enhanced=values)
    request = ExportRequest(
        tmp_path / "out", ("dicom", "json"), Style(pixels.pipeline(0).default_window()), (), (answer,)
    )
    assert impossible(Document(), series, request) == ()
    paths = export(Document(), study, series, pixels, request)
    assert [path.name for path in paths] == ["000001.dcm", "000002.dcm", "000003.dcm", "result.json"]
    assert '"outputs": [\n    "dicom"\n  ]' in (tmp_path / "out" / "result.json").read_text("utf-8")
    made_study, made = open_series(tmp_path / "out" / "dicom")
    np.testing.assert_array_equal(volume(made, load(made)).voxels, values)
    request = ExportRequest(tmp_path / "copy", ("dicom",), Style(None))
    export(Document(), made_study, made, load(made), request)
    copied = sorted((tmp_path / "copy" / "dicom").iterdir())
    assert {path.read_bytes() for path in copied} == {one.path.read_bytes() for one in made.instances}


def test_nothing_was_made_and_the_format_says_so(tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct")
    _, series = open_series(tmp_path / "ct")
    (note,) = impossible(Document(), series, ExportRequest(tmp_path, ("dicom",), Style(None)))
    assert note == "AI-enhanced DICOM series left out: no model has made one."


def test_pictures_of_it_carry_the_mark(tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct", shape=(1, 300, 400))
    series, pixels = opened(tmp_path / "ct")
    made = make(series, volume(series, pixels).voxels, tmp_path / "made")
    style = Style(pixels.pipeline(0).default_window())
    plain = annotated_png(series, 0, pixels, Document(), style)
    marked = annotated_png(made, 0, load(made), Document(), style)
    # a strip below, where the words stand
    assert Image.open(BytesIO(marked)).height > Image.open(BytesIO(plain)).height
