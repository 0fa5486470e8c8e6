"""Contours of structure sets on images (app/core/contouring.py, app/dicom/structures.py)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from app.core.contouring import contours_on
from app.dicom.model import Series
from app.dicom.structures import read_structures
from app.errors import UnreadableFile
from inference import geometry
from tests import phantoms
from tests.app.report.answers import laid, open_series
from tests.made_objects import contour, references, structure_set

ORIENTATIONS = {"axial": phantoms.AXIAL, "sagittal": phantoms.SAGITTAL, "oblique": phantoms.OBLIQUE}


@pytest.fixture(params=ORIENTATIONS)
def series(request: pytest.FixtureRequest, tmp_path: Path) -> Series:
    phantoms.ct(tmp_path / "ct", shape=(7, 23, 38), orientation=ORIENTATIONS[request.param])
    return open_series(tmp_path / "ct")[1]


def _mm(series: Series, points: Sequence[tuple[float, float, float]]) -> npt.NDArray[np.float64]:
    """(k, row, column) → LPS mm."""
    assert series.affine is not None
    return geometry.apply(series.affine, np.array(points, dtype=np.float64))


def _square(k: float, rows: tuple[float, float], columns: tuple[float, float]) -> list[tuple[float, float, float]]:
    (r0, r1), (c0, c1) = rows, columns
    return [(k, r0, c0), (k, r0, c1), (k, r1, c1), (k, r1, c0)]


def test_several_contours_a_slice_and_holes_by_exclusive_or(series: Series, tmp_path: Path) -> None:
    drawn = [
        contour(_mm(series, _square(2, (2.5, 12.5), (3.5, 20.5)))),
        contour(_mm(series, _square(2, (4.5, 8.5), (6.5, 9.5)))),
        contour(_mm(series, _square(2, (15.5, 18.5), (30.5, 36.5)))),
        contour(_mm(series, _square(3, (0.5, 1.5), (0.5, 2.5)))),
    ]
    layer = laid(structure_set(tmp_path / "rs", series, {"Ring": drawn}), series)
    expected = np.zeros((23, 38), bool)
    expected[3:13, 4:21] = True
    expected[5:9, 7:10] = False
    expected[16:19, 31:37] = True
    ((mask, part),) = layer.masks(2)
    np.testing.assert_array_equal(mask, expected)
    assert (part.name, part.colour) == ("Ring", (10, 20, 30))
    assert layer.masks(3)[0][0].sum() == 2
    assert layer.frames == (2, 3)
    assert layer.notes == ()


def test_contours_go_to_the_nearest_slice_within_half_the_way(series: Series, tmp_path: Path) -> None:
    at = {"near": 2.4, "beyond": 6.45, "outside": 6.6}
    drawn = {name: [contour(_mm(series, _square(k, (2.5, 5.5), (3.5, 9.5))))] for name, k in at.items()}
    layer = laid(structure_set(tmp_path / "rs", series, drawn), series)
    assert [part.name for _, part in layer.masks(2)] == ["near"]
    assert [part.name for _, part in layer.masks(6)] == ["beyond"]
    assert layer.frames == (2, 6)
    assert layer.notes == ("1 contours lie between or beyond the images that are open.",)


def test_points_and_lines_stay_what_they_are(series: Series, tmp_path: Path) -> None:
    line = [(1, 2.0, 3.0), (1, 10.25, 30.0), (1, 20.0, 4.0)]
    through = [(0, 1.0, 1.0), (1, 2.0, 2.0), (1, 3.0, 3.0), (2, 4.0, 4.0)]
    drawn = {
        "point": [contour(_mm(series, [(4, 7.0, 8.5)]), "POINT")],
        "line": [contour(_mm(series, line), "OPEN_PLANAR")],
        "needle": [contour(_mm(series, through), "OPEN_NONPLANAR")],
    }
    layer = laid(structure_set(tmp_path / "rs", series, drawn), series)
    (point,) = layer.outlines[4]
    np.testing.assert_allclose(point.points, [(7.0, 8.5)], atol=1e-6)
    by_part = {outline.part: outline for outline in layer.outlines[1]}
    np.testing.assert_allclose(by_part[2].points, [p[1:] for p in line], atol=1e-6)
    np.testing.assert_allclose(by_part[3].points, [(2.0, 2.0), (3.0, 3.0)], atol=1e-6)
    assert not any(outline.is_closed for here in layer.outlines.values() for outline in here)
    assert layer.masks(1) == []


def test_contours_in_another_plane_are_shown_where_the_images_cut_them(series: Series, tmp_path: Path) -> None:
    """A block of k 1–5, rows 4–11, columns 10–29, drawn as contours on planes of constant row."""
    planes = [
        contour(_mm(series, [(0.5, r, 9.5), (5.5, r, 9.5), (5.5, r, 29.5), (0.5, r, 29.5)])) for r in range(4, 12)
    ]
    layer = laid(structure_set(tmp_path / "rs", series, {"Block": planes}), series)
    found = np.zeros((7, 23, 38), bool)
    for index in layer.frames:
        ((found[index], _),) = layer.masks(index)
    expected = np.zeros_like(found)
    expected[1:6, 4:12, 10:30] = True
    np.testing.assert_array_equal(found, expected)
    assert "8 contours lie in another plane" in layer.notes[0]


def test_another_frame_of_reference_is_refused_unless_drawn_on_these_images(series: Series, tmp_path: Path) -> None:
    points = _mm(series, _square(2, (2.5, 5.5), (3.5, 9.5)))
    foreign = {"FrameOfReferenceUID": "1.2.3"}
    for images, expected in ((None, ()), (references(series, [2]), (2,))):
        path = structure_set(tmp_path / "rs", series, {"A": [contour(points, images=images)]}, **foreign)
        structures = read_structures(path)
        assert structures.structures[0].frame_of_reference_uid == series.frame_of_reference_uid
        layer = laid(path, replace(series, frame_of_reference_uid="1.2.3.4"))
        assert layer.frames == expected
        assert bool(layer.notes) is (expected == ())


def test_damaged_contours_are_counted_and_the_rest_is_read(series: Series, tmp_path: Path) -> None:
    good = contour(_mm(series, _square(2, (2.5, 5.5), (3.5, 9.5))))
    bad = contour(_mm(series, _square(2, (2.5, 5.5), (3.5, 9.5))))
    bad.ContourData = bad.ContourData[:-1]
    layer = laid(structure_set(tmp_path / "rs", series, {"A": [good, bad]}), series)
    assert layer.masks(2)[0][0].sum() == 18
    assert layer.notes == ("1 of its contours is damaged and left out.",)


def test_each_contour_is_a_step_that_others_can_go_before(series: Series, tmp_path: Path) -> None:
    points = _mm(series, _square(2, (2.5, 5.5), (3.5, 9.5)))
    path = structure_set(tmp_path / "rs", series, {"A": [contour(points)] * 40})
    steps: list[float] = []
    structures = read_structures(path, steps.append)
    assert len(steps) > 40
    assert steps == sorted(steps)
    steps.clear()
    contours_on(structures, series, "1.2", "A", steps.append)
    assert len(steps) > 40
    assert steps == sorted(steps)


def test_what_is_no_structure_set_is_told(tmp_path: Path) -> None:
    phantoms.radiograph(tmp_path / "a.dcm")
    for path, why in ((tmp_path / "a.dcm", "not an RT Structure Set"), (tmp_path / "none", "no such file")):
        with pytest.raises(UnreadableFile, match=why):
            read_structures(path)


def test_a_real_segmentation_and_structure_set_agree(shared_data: Path) -> None:
    """RIDER: the same two delineations by one group, written as SEG and as RTSTRUCT."""
    folder = shared_data / "ct" / "rider-lung-1129164940"
    _, series = open_series(folder / "ct")
    seg, structures = (laid(folder / kind / f"{kind}.dcm", series) for kind in ("seg", "rtstruct"))
    assert (seg.notes, structures.notes) == ((), ())
    assert [part.name for part in structures.parts] == ["GTVp_test_auto", "GTVp_test_man"]
    both, sizes = np.zeros((2, 2)), np.zeros((2, 2))
    for index in sorted({*seg.frames, *structures.frames}):
        theirs = {part.value: mask for mask, part in seg.masks(index)}
        ours = {part.value: mask for mask, part in structures.masks(index)}
        for s, mask in theirs.items():
            sizes[0, s - 1] += mask.sum()
            for r, other in ours.items():
                both[s - 1, r - 1] += (mask & other).sum()
        for r, other in ours.items():
            sizes[1, r - 1] += other.sum()
    dice = 2 * both / (sizes[0][:, None] + sizes[1][None, :])
    assert (np.diag(dice) > 0.999).all()
    assert dice[0, 1] < 0.95
    assert dice[1, 0] < 0.95
