"""Objects of one kind as files of another: what lies on each pixel stays, who drew it is not made up."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk

from app.core.document import Document
from app.core.layers import Layer, Region
from app.dicom.load import SeriesPixels
from app.dicom.model import Series
from app.report import converted, rtstruct, seg
from app.report.export import ExportRequest, export, impossible
from app.report.laid import Laid
from app.report.picture import Style
from inference.types import Code, Label
from tests import phantoms
from tests.app.report.answers import laid, open_series, overlay, verify

WAYS = {"seg": "rtstruct", "rtstruct": "seg"}
FIRST = {"seg": seg.seg_bytes, "rtstruct": rtstruct.rtstruct_bytes}


def parts(*layers: Layer) -> dict[tuple[str, int], np.ndarray]:
    """Name of a part and a frame that it lies on → its mask."""
    return {
        (part.name, index): mask
        for layer in layers
        for index in layer.frames
        for mask, part in layer.masks(index)
        if mask.any()
    }


def same(first: dict[tuple[str, int], np.ndarray], second: dict[tuple[str, int], np.ndarray]) -> None:
    assert first.keys() == second.keys()
    for name, mask in first.items():
        np.testing.assert_array_equal(mask, second[name], err_msg=str(name))


def written(layer: Layer, series: Series, folder: Path, *formats: str) -> list[Path]:
    study, _ = open_series(series.instances[0].path.parent)
    request = ExportRequest(folder, formats, Style(None, laid=Laid((layer,))))
    return list(export(Document(), study, series, SeriesPixels(series), request))


@pytest.mark.parametrize("orientation", [phantoms.AXIAL, phantoms.OBLIQUE])
@pytest.mark.parametrize("kind", WAYS)
def test_the_other_kind_holds_the_same_pixels(tmp_path: Path, kind: str, orientation: tuple[float, ...]) -> None:
    phantoms.ct(tmp_path / "ct", orientation=orientation)
    _, series = open_series(tmp_path / "ct")
    (tmp_path / "given.dcm").write_bytes(FIRST[kind](overlay(series), series))
    given = laid(tmp_path / "given.dcm", series)
    (other,) = written(given, series, tmp_path / "out", WAYS[kind])
    verify(other, {"seg": "Segmentation", "rtstruct": "RTStructureSet"}[WAYS[kind]])
    same(parts(laid(other, series)), parts(given))
    text = str(pydicom.dcmread(other)).lower()
    assert "converted" in text
    # No model had a part in it.
    assert "ai made" not in text
    assert "sha256" not in text


def test_nifti_holds_the_same_voxels_in_place(tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct", orientation=phantoms.OBLIQUE)
    _, series = open_series(tmp_path / "ct")
    (tmp_path / "rs.dcm").write_bytes(rtstruct.rtstruct_bytes(overlay(series), series))
    given = laid(tmp_path / "rs.dcm", series)
    (path,) = written(given, series, tmp_path / "out", "nifti")
    image = sitk.ReadImage(str(path))
    voxels = sitk.GetArrayFromImage(image)
    for number, part in enumerate(given.parts, 1):
        expected = np.zeros(voxels.shape, bool)
        for (name, index), mask in parts(given).items():
            if name == part.name:
                expected[index] = mask
        assert expected.any()
        np.testing.assert_array_equal(voxels == number, expected)
    assert series.affine is not None
    np.testing.assert_allclose(
        image.TransformIndexToPhysicalPoint((3, 2, 1)), (series.affine @ (1, 2, 3, 1))[:3], atol=1e-3
    )


def test_parts_that_overlap_lose_no_pixel(tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct")
    _, series = open_series(tmp_path / "ct")
    shape = (series.rows, series.columns)
    masks = [np.zeros(shape, np.uint8) for _ in range(3)]
    masks[0][2:12, 2:12], masks[1][8:18, 8:18], masks[2][14:20, 20:30] = 255, 255, 255
    labels = tuple(Label(n, name, Code("", "", ""), (9, 9, 9)) for n, name in ((7, "a"), (300, "b"), (9, "c")))
    regions = {1: tuple(r for n, m in zip((7, 300, 9), masks, strict=True) if (r := Region.of(n, m)) is not None)}
    layer = Layer("uid", "SEG  ·  Overlaps", series.key, shape, labels, regions)
    maps = converted.overlays_of(layer, series)
    assert [[label.name for label in one.labels] for one in maps] == [["a", "c"], ["b"]]
    files = written(layer, series, tmp_path / "out", "seg", "rtstruct")
    assert [file.name for file in files] == [
        "object-seg.dcm", "object-seg-2.dcm", "object-rtstruct.dcm", "object-rtstruct-2.dcm"
    ]  # fmt: skip
    for pair in (files[:2], files[2:]):
        same(parts(*(laid(file, series) for file in pair)), parts(layer))
    # What the reader hid stays behind.
    assert [label.name for one in converted.overlays_of(layer, series, frozenset({7})) for label in one.labels] == [
        "b", "c"
    ]  # fmt: skip


def test_without_an_object_or_a_mask_there_is_nothing_to_write(tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct")
    _, series = open_series(tmp_path / "ct")
    assert impossible(Document(), series, ExportRequest(tmp_path, ("seg",), Style(None)))


def test_riders_objects_become_each_other(shared_data: Path, tmp_path: Path) -> None:
    root = next((path for path in (shared_data / "ct").glob("*") if "rider" in path.name.lower()), None)
    if root is None:
        pytest.skip("no RIDER")
    from app.core.attachments import attachments
    from app.core.objects import AT_ONCE, layer_of
    from app.dicom.index import index
    from app.dicom.scan import scan

    tried = set()
    for attachment in attachments(index(scan([root]))):
        stored = attachment.object
        if stored.kind not in AT_ONCE or stored.kind in tried or not attachment.series:
            continue
        tried.add(stored.kind)
        series = attachment.series[0]
        given = layer_of(stored, series)
        assert isinstance(given, Layer)
        files = written(given, series, tmp_path / stored.kind.id, WAYS[stored.kind.id])
        same(parts(*(laid(file, series) for file in files)), parts(given))
    assert len(tried) == 2
