"""What makes the fourth axis: which attribute, in which order, with which words, and what is said of what lacks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dicom.fourth_axis import MISSING, FourthAxis
from app.dicom.load import load
from app.dicom.model import Series
from inference import geometry
from inference.volume import Calibration
from tests import phantoms, phantoms_4d
from tests.app.dicom.helpers import all_series, one_series


def axis_of(series: Series) -> FourthAxis:
    assert series.axis is not None
    return series.axis


def assert_known_answer(series: Series, points: int = 4) -> None:
    """Every frame lies where the phantom put it."""
    stored, axis = load(series).stored, axis_of(series)
    assert axis.table.shape == (3, points)
    for k in range(3):
        for point in range(points):
            index = axis.at(k, point)
            assert index == k * points + point
            assert stored[index, 0, 0] == phantoms_4d.value(point, k)
            assert series.slice_index(index) == k


def clock(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 3600:02d}{whole // 60 % 60:02d}{whole % 60:02d}"


@pytest.mark.parametrize(
    ("attributes", "name", "label"),
    [
        ({"TriggerTime": lambda p, k: str(52 * p)}, "phase", "phase 3/4, 104 ms"),
        # What differs a little between slices, as triggers do, is still one axis.
        ({"TriggerTime": lambda p, k: str(52 * p + k)}, "phase", "phase 3/4, 105 ms"),
        ({"TriggerTime": lambda p, k: str(4000 * p)}, "time", "time 3/4, 8.0 s"),
        ({"EchoTime": lambda p, k: str(20 + 30 * p)}, "echo", "echo 3/4, TE 80 ms"),
        ({"EchoNumbers": lambda p, k: p + 1}, "echo", "echo 3/4"),
        ({"DiffusionBValue": lambda p, k: 500.0 * p}, "b-value", "b-value 3/4, b = 1000 s/mm²"),
        ({"InversionTime": lambda p, k: str(100 + 150 * p)}, "inversion time", "inversion time 3/4, TI 400 ms"),
        ({"FlipAngle": lambda p, k: str(5 + 5 * p)}, "flip angle", "flip angle 3/4, 15°"),
        ({"TemporalPositionIdentifier": lambda p, k: p + 1}, "time", "time 3/4"),
        (
            {"TemporalPositionIdentifier": lambda p, k: p + 1, "AcquisitionTime": lambda p, k: clock(36000 + 6 * p)},
            "time",
            "time 3/4, 12.0 s",
        ),
        ({"FrameReferenceTime": lambda p, k: str(5000 + 5000 * p)}, "time", "time 3/4, 15.0 s"),
        ({"AcquisitionTime": lambda p, k: clock(36000 + 6.25 * p)}, "time", "time 3/4, 12.0 s"),
        ({"AcquisitionNumber": lambda p, k: p + 1}, "acquisition", "acquisition 3/4"),
        ({"NominalPercentageOfCardiacPhase": lambda p, k: 25.0 * p}, "phase", "phase 3/4, 50 %"),
    ],
)
def test_the_attribute_that_tells_images_apart_names_the_axis(
    tmp_path: Path, attributes: dict[str, Any], name: str, label: str
) -> None:
    phantoms_4d.series(tmp_path, **attributes)
    series = one_series(tmp_path)
    axis = axis_of(series)
    assert axis.name == name
    assert axis.label(1 * 4 + 2) == label
    assert_known_answer(series)
    assert series.warnings == ()
    assert series.affine is None
    assert axis.affine is not None
    assert series.spacing_mm == pytest.approx((2.5, 0.7, 0.4))
    assert series.positions is not None
    for k in range(3):
        np.testing.assert_allclose(geometry.apply(axis.affine, np.array([k, 0, 0])), series.positions[4 * k], atol=1e-6)


def test_a_scan_may_pass_midnight(tmp_path: Path) -> None:
    late = 24 * 3600 - 9
    phantoms_4d.series(
        tmp_path,
        AcquisitionDate=lambda p, k: "20240131" if late + 6 * p < 86400 else "20240201",
        AcquisitionTime=lambda p, k: clock((late + 6 * p) % 86400),
    )
    series = one_series(tmp_path)
    assert_known_answer(series)
    assert axis_of(series).label(3) == "time 4/4, 18.0 s"


def test_what_was_varied_comes_before_clocks(tmp_path: Path) -> None:
    # Two echoes of two time points; every image has a Content Time of its own.
    phantoms_4d.series(
        tmp_path,
        EchoTime=lambda p, k: str(20 + 30 * (p // 2)),
        TemporalPositionIdentifier=lambda p, k: p % 2 + 1,
        ContentDate="20240131",
        ContentTime=lambda p, k: clock(36000 + 60 * (p % 2) + 7 * (p // 2) + k),
    )
    series = one_series(tmp_path)
    assert axis_of(series).name == "echo and time"
    assert axis_of(series).label(2) == "echo and time 3/4, TE 50 ms, 7.0 s"
    assert_known_answer(series)


def test_a_single_place_is_an_axis_too(tmp_path: Path) -> None:
    phantoms_4d.series(tmp_path, 5, shape=(1, 23, 38), TemporalPositionIdentifier=lambda p, k: p + 1)
    series = one_series(tmp_path)
    assert axis_of(series).table.tolist() == [[0, 1, 2, 3, 4]]
    assert load(series).stored[:, 0, 0].tolist() == [1000, 1100, 1200, 1300, 1400]


@pytest.mark.parametrize("spread", [0, 1])
def test_what_lacks_leaves_its_place_empty_and_is_named(tmp_path: Path, spread: int) -> None:
    phantoms_4d.series(
        tmp_path, missing=[(1, 0), (3, 2), (0, 2)], TriggerTime=lambda p, k: str(50 * p + spread * 2 * k)
    )
    series = one_series(tmp_path)
    axis = axis_of(series)
    assert (axis.table != MISSING).tolist() == [
        [True, False, True, True],
        [True, True, True, True],
        [False, True, True, False],
    ]
    assert axis.missing == 3
    (warning,) = series.warnings
    assert warning == "3 images are missing of 3 slices × 4 phases: slice 1 has 3, slice 3 has 2 of 4."
    stored = load(series).stored
    for k, point in np.argwhere(axis.table != MISSING):
        assert stored[axis.table[k, point], 0, 0] == phantoms_4d.value(point, k)
    assert axis.place(axis.nearest(0, 1))[1] in (0, 2)
    assert axis.place(axis.along(0, 1)) == (0, 2)
    assert axis.label(axis.at(2, 2) or 0).startswith("phase 3/4")


def test_images_that_nothing_tells_apart_go_by_instance_number(tmp_path: Path) -> None:
    phantoms_4d.series(tmp_path, number=lambda p, k: p * 10 + k)
    series = one_series(tmp_path)
    assert_known_answer(series)
    assert axis_of(series).name == "image"
    assert "nothing in the files tells them apart" in series.warnings[0]


def test_directions_of_one_b_value_go_by_instance_number(tmp_path: Path) -> None:
    phantoms_4d.series(tmp_path, DiffusionBValue=lambda p, k: 0.0 if p == 0 else 1000.0, number=lambda p, k: p * 10 + k)
    series = one_series(tmp_path)
    assert_known_answer(series)
    assert axis_of(series).label(2) == "image 3/4, b = 1000 s/mm²"
    assert "only their b-value is known" in series.warnings[0]


def test_gaps_and_tilt_of_the_slices_are_still_said(tmp_path: Path) -> None:
    phantoms_4d.series(
        tmp_path, shape=(6, 23, 38), missing=[(0, 3), (1, 3)], points=2, EchoTime=lambda p, k: str(10 * p + 10)
    )
    series = one_series(tmp_path)
    assert axis_of(series).table.shape == (5, 2)
    assert axis_of(series).affine is None
    assert "Slices are missing: 5.00 mm" in series.warnings[0]
    assert series.spacing_mm[0] is None


# -- nuclear medicine --------------------------------------------------------------------------------------------------


def test_detectors_of_one_planar_image_are_an_axis_with_their_views(tmp_path: Path) -> None:
    phantoms_4d.nuclear(
        tmp_path / "nm.dcm", vectors={"EnergyWindow": [1, 1], "Detector": [1, 2]}, detectors=["Anterior", "Posterior"]
    )
    series = one_series(tmp_path)
    axis = axis_of(series)
    assert [axis.label(index) for index in range(2)] == ["detector 1/2, Anterior", "detector 2/2, Posterior"]
    assert (series.pixel_spacing, series.affine, series.warnings) == ((4.0, 3.0), None, ())


def test_angles_by_energy_windows_are_views_by_windows(tmp_path: Path) -> None:
    phantoms_4d.nuclear(
        tmp_path / "nm.dcm",
        vectors={"EnergyWindow": [1, 1, 1, 2, 2, 2], "Detector": [1] * 6, "AngularView": [1, 2, 3, 1, 2, 3]},
        windows=["Tc-99m", "Scatter"],
    )
    series = one_series(tmp_path)
    axis = axis_of(series)
    assert load(series).stored[axis.table, 0, 0].tolist() == [[500, 503], [501, 504], [502, 505]]
    assert axis.label(1) == "energy window 2/2, Scatter"


@pytest.mark.parametrize("spacing", [5.0, -5.0])
def test_a_reconstruction_is_a_volume_stacked_along_its_sign(tmp_path: Path, spacing: float) -> None:
    phantoms_4d.nuclear(
        tmp_path / "nm.dcm", vectors={"Slice": [1, 2, 3, 4]}, spacing=spacing, orientation=phantoms.OBLIQUE
    )
    series = one_series(tmp_path)
    assert series.axis is None
    assert series.affine is not None
    assert series.spacing_mm == pytest.approx((5.0, 4.0, 3.0))
    cosines = np.array(phantoms.OBLIQUE)
    normal = np.cross(cosines[:3], cosines[3:])
    stored = load(series).stored
    for index in range(4):
        frame = int(stored[index, 0, 0]) - 500
        expected = np.array([-10, -20, 30]) + frame * spacing * normal
        np.testing.assert_allclose(geometry.apply(series.affine, np.array([index, 0, 0])), expected, atol=1e-6)


def test_a_gated_reconstruction_is_slices_by_time_slots(tmp_path: Path) -> None:
    phantoms_4d.nuclear(
        tmp_path / "nm.dcm",
        vectors={"Slice": [1, 2, 3, 1, 2, 3], "RRInterval": [1] * 6, "TimeSlot": [1, 1, 1, 2, 2, 2]},
        spacing=5.0,
    )
    series = one_series(tmp_path)
    axis = axis_of(series)
    assert (axis.name, axis.is_time, axis.affine is not None) == ("phase", True, True)
    assert load(series).stored[axis.table, 0, 0].tolist() == [[500, 503], [501, 504], [502, 505]]


def test_a_dynamic_planar_acquisition_scrolls_in_time(tmp_path: Path) -> None:
    phantoms_4d.nuclear(
        tmp_path / "nm.dcm", vectors={"Detector": [1] * 4, "Phase": [1, 1, 2, 2], "TimeSlice": [1, 2, 1, 2]}
    )
    series = one_series(tmp_path)
    assert series.axis is None
    assert load(series).stored[:, 0, 0].tolist() == [500, 501, 502, 503]


# -- the table ---------------------------------------------------------------------------------------------------------


@st.composite
def axes(draw: st.DrawFn) -> FourthAxis:
    there = draw(
        st.integers(1, 6).flatmap(
            lambda points: st.lists(
                st.lists(st.booleans(), min_size=points, max_size=points).filter(any), min_size=1, max_size=6
            )
        )
    )
    mask = np.array(there)
    table = np.full(mask.shape, MISSING, np.int64)
    table[mask] = np.arange(mask.sum())
    return FourthAxis("phase", table, ("",) * int(mask.sum()))


@given(axes(), st.integers(-3, 9), st.integers(-3, 9), st.integers(-12, 12))
def test_walking_never_leaves_the_table_nor_the_slice(axis: FourthAxis, slice_: int, point: int, steps: int) -> None:
    index = axis.nearest(slice_, point)
    at, nearest = axis.place(index)
    assert axis.table[at, nearest] == index
    assert at == min(max(slice_, 0), axis.slices - 1)
    there = [p for p in range(axis.points) if axis.table[at, p] != MISSING]
    assert abs(nearest - point) == min(abs(p - point) for p in there)
    for around in (False, True):
        moved = axis.place(axis.along(index, steps, around=around))
        assert moved[0] == at
        wanted = there.index(nearest) + steps
        assert moved[1] == there[wanted % len(there) if around else min(max(wanted, 0), len(there) - 1)]


def test_a_table_that_does_not_hold_each_frame_once_is_refused() -> None:
    with pytest.raises(ValueError, match="each frame once"):
        FourthAxis("phase", np.array([[0, 0]]), ("", ""))


def test_split_and_axis_go_together(tmp_path: Path) -> None:
    # Two matrices are two stacks, each with its own axis.
    phantoms_4d.series(tmp_path / "a", EchoTime=lambda p, k: str(p + 1))
    phantoms_4d.series(
        tmp_path / "b",
        shape=(2, 9, 9),
        EchoTime=lambda p, k: str(p + 1),
        SOPInstanceUID=lambda p, k: phantoms.uid("b", p, k),
    )
    assert [series.axis.table.shape for series in all_series(tmp_path) if series.axis] == [(3, 4), (2, 4)]


# -- other multi-frame objects -----------------------------------------------------------------------------------------


def test_an_enhanced_pet_is_slices_by_time_each_frame_with_its_slope(tmp_path: Path) -> None:
    order = [4, 0, 2, 5, 1, 3]
    phantoms_4d.enhanced_pet(tmp_path / "pet.dcm", order=order)
    series = one_series(tmp_path)
    axis, pixels = axis_of(series), load(series)
    assert (axis.name, axis.table.tolist()) == ("time", [[0, 1], [2, 3], [4, 5]])
    assert [axis.label(index) for index in range(2)] == ["time 1/2, 0.0 s", "time 2/2, 30.0 s"]
    assert series.spacing_mm == pytest.approx((2.5, 0.7, 0.4))
    for k in range(3):
        for point in range(2):
            index = axis.nearest(k, point)
            slope = 2 + point * 3 + k
            assert pixels.modality(index)[0, 0] == phantoms_4d.value(point, k) * slope
    # Enhanced PET says its unit elsewhere: no SUV is claimed.
    assert series.unit != "SUVbw"


@pytest.mark.parametrize(
    ("beam", "spacing", "calibration", "words"),
    [
        (None, (0.2, 0.2), Calibration.DETECTOR, ""),
        (0.15, (0.15, 0.15), Calibration.PATIENT, "centre of the beam"),
    ],
)
def test_an_enhanced_xa_is_a_cine_of_a_projection(
    tmp_path: Path, beam: float | None, spacing: tuple[float, float], calibration: Calibration, words: str
) -> None:
    phantoms_4d.enhanced_xa(tmp_path / "xa.dcm", beam_mm=beam)
    series = one_series(tmp_path)
    assert (series.axis, series.affine, series.positions, series.is_projection) == (None, None, None, True)
    assert load(series).stored[:, 0, 0].tolist() == [500, 501, 502, 503]
    assert series.pixel_spacing == pytest.approx(spacing)
    assert series.calibration is calibration
    assert series.frame_time_ms == pytest.approx(1000 / 15)
    assert words in " ".join(series.warnings)
    assert bool(words) == bool(series.warnings)
