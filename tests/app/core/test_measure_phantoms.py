"""Measurements against bodies of known size and fields of known value: anisotropic, oblique and tilted stacks, and the
planes that are cut through them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.core.document import Measurement, MeasurementKind, Place, points_to_lps
from app.core.linking import PlanePlace, place_of
from app.core.measure import measure, probe
from app.core.mpr import Planes, body_planes, orientation_of, plane_stack, planes, source
from app.core.planes import PlaneName
from app.dicom.index import index
from app.dicom.load import SeriesPixels, load
from app.dicom.model import Series
from app.dicom.scan import scan
from tests import phantoms

FIELD = np.array([9.0, -7.0, 4.0])
"""HU a millimetre along x, y and z."""
RADIUS = 12.0
KINDS = MeasurementKind


@dataclass(frozen=True)
class Lies:
    """How a stack lies: what a test computes positions from, apart from the program."""

    orientation: tuple[float, ...]
    spacing: tuple[float, float, float]
    tilt: float
    shape: tuple[int, int, int] = (24, 70, 96)

    def lps(self, k: float | np.ndarray, row: float | np.ndarray, column: float | np.ndarray) -> np.ndarray:
        """LPS mm of a voxel (PS3.3 C.7.6.2.1.1), the stack sheared along its columns by the gantry's tilt."""
        right, down = np.array(self.orientation[:3]), np.array(self.orientation[3:])
        step = self.spacing[0] * (np.cross(right, down) + down * np.tan(np.radians(self.tilt)))
        parts = ((k, step), (row, self.spacing[1] * down), (column, self.spacing[2] * right))
        return np.array([-10.0, -20.0, 30.0]) + sum(np.asarray(n)[..., np.newaxis] * way for n, way in parts)

    def grid(self) -> np.ndarray:
        """LPS mm of every voxel, shape (*shape, 3)."""
        return self.lps(*np.indices(self.shape).astype(np.float64))

    @property
    def middle(self) -> np.ndarray:
        return self.lps(*((n - 1) / 2 for n in self.shape))


STACKS = {
    "anisotropic": Lies(phantoms.AXIAL, (2.5, 0.7, 0.5), 0.0),
    "oblique": Lies(phantoms.OBLIQUE, (2.5, 0.7, 0.5), 0.0),
    "tilted": Lies(phantoms.AXIAL, (2.5, 0.7, 0.5), 18.5),
    "oblique and tilted": Lies(phantoms.OBLIQUE, (2.5, 0.7, 0.5), -12.0),
}


@dataclass(frozen=True, eq=False, repr=False)
class Opened:
    """A stack with a field, and one with a ball, as the program reads them."""

    lies: Lies
    field: tuple[Series, SeriesPixels]
    ball: tuple[Series, SeriesPixels]


@pytest.fixture(scope="module", params=STACKS.values(), ids=STACKS)
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Opened:
    lies: Lies = request.param
    folder = tmp_path_factory.mktemp("stack")
    where = lies.grid()
    ball = np.linalg.norm(where - lies.middle, axis=-1) < RADIUS
    found = []
    for name, values in (("field", np.rint(where @ FIELD)), ("ball", np.where(ball, 1000, 0))):
        paths = phantoms.ct(
            folder / name,
            voxels=values.astype(np.int16),
            orientation=lies.orientation,
            spacing=lies.spacing,
            tilt_degrees=lies.tilt,
            intercept=0,
            series=name,
        )
        (series,) = index(scan(paths)).series()
        found.append((series, load(series)))
    return Opened(lies, *found)


def drawn(series: Series, at: int, kind: MeasurementKind, *points: tuple[float, float]) -> Measurement:
    return Measurement("m", kind, Place.of(series, at), points, points_to_lps(series, at, points))


def angle_of(one: np.ndarray, two: np.ndarray) -> float:
    return float(np.degrees(np.arccos(one @ two / np.linalg.norm(one) / np.linalg.norm(two))))


def area_of(corners: np.ndarray) -> float:
    """Area in mm² of a flat polygon of LPS points: half the length of the sum of cross products."""
    return float(np.linalg.norm(np.cross(corners, np.roll(corners, -1, axis=0)).sum(axis=0)) / 2)


def check_lengths(series: Series, at: int, lps: Callable[[float, float], np.ndarray], points) -> None:
    """Every length, angle and area of figures through ``points`` is that of the same points in the patient."""
    a, b, c, d = points
    where = [lps(*point) for point in points]

    def said(kind: MeasurementKind, *given: tuple[float, float]) -> dict[str, float]:
        measured = measure(drawn(series, at, kind, *given), series, at, SeriesPixels(series))
        return {name: one.value for name, one in measured.values.items()}

    long, short = np.linalg.norm(where[1] - where[0]), np.linalg.norm(where[3] - where[2])
    assert said(KINDS.DISTANCE, a, b)["Length"] == pytest.approx(long, rel=1e-6)
    assert said(KINDS.ANGLE, a, b, c)["Angle"] == pytest.approx(
        angle_of(where[0] - where[1], where[2] - where[1]), abs=1e-4
    )
    axes = said(KINDS.BIDIRECTIONAL, a, b, c, d)
    assert axes == pytest.approx({"Long axis": max(long, short), "Short axis": min(long, short)}, rel=1e-6)
    corners = np.array([lps(a[0], a[1]), lps(a[0], b[1]), lps(b[0], b[1]), lps(b[0], a[1])])
    box = area_of(corners)
    assert said(KINDS.RECTANGLE, a, b)["Area"] == pytest.approx(box, rel=1e-6, abs=1e-9)
    assert said(KINDS.ELLIPSE, a, b)["Area"] == pytest.approx(box * np.pi / 4, rel=1e-6, abs=1e-9)
    assert said(KINDS.POLYGON, a, b, c)["Area"] == pytest.approx(area_of(np.array(where[:3])), rel=1e-5, abs=1e-6)
    kept = drawn(series, at, KINDS.POLYGON, a, b, c).points_lps
    np.testing.assert_allclose(kept, where[:3], atol=1e-6)


_POINT = st.tuples(st.floats(0, 69), st.floats(0, 95))


def test_lengths_angles_and_areas_are_those_in_the_patient(opened: Opened) -> None:
    @settings(max_examples=25)
    @given(at=st.integers(0, 23), points=st.lists(_POINT, min_size=4, max_size=4))
    def anywhere(at: int, points: list[tuple[float, float]]) -> None:
        gaps = [np.hypot(p[0] - q[0], p[1] - q[1]) for n, p in enumerate(points) for q in points[:n]]
        assume(min(gaps) > 0.5)
        check_lengths(opened.field[0], at, lambda row, column: opened.lies.lps(at, row, column), points)

    anywhere()


def cuts(series: Series, pixels: SeriesPixels) -> dict[str, Planes]:
    """Planes of the body, and one that is turned about two axes."""
    origin = source(series, pixels)
    found = {name.name.lower(): body_planes(origin, name) for name in PlaneName}
    advance, down, right = orientation_of(origin.stack_grid, PlaneName.CORONAL)
    cos, sin = np.cos(0.5), np.sin(0.5)
    advance, right = cos * advance + sin * right, cos * right - sin * advance
    advance, down = cos * advance + sin * down, cos * down - sin * advance
    return found | {"turned": planes(origin, plane_stack(origin.stack_grid, advance, down, right), "Turned")}


def filled(cut: Planes, at: int) -> PlanePlace:
    """Where plane ``at`` lies, with its pixels in place."""
    if not cut.pixels.is_fine(at):
        cut.pixels.put(at, cut.pixels.cut(at))
    place = place_of(cut.series, at)
    assert place is not None
    return place


def nearest(cut: Planes, point: np.ndarray) -> int:
    """The plane that lies nearest to an LPS point."""
    distances = [abs(place_of(cut.series, at).distance(point)) for at in range(len(cut.series.frames))]
    return int(np.argmin(distances))


@pytest.mark.parametrize("name", ["axial", "coronal", "sagittal", "turned"])
def test_a_plane_measures_what_lies_in_the_patient(opened: Opened, name: str) -> None:
    cut = cuts(*opened.field)[name]
    at = nearest(cut, opened.lies.middle)
    place = filled(cut, at)
    middle = place.image(opened.lies.middle)
    points = [(middle[0] + r, middle[1] + c) for r, c in ((-8.0, -6.5), (7.25, 9.0), (6.0, -8.0), (-5.5, 3.0))]
    check_lengths(cut.series, at, place.point, points)
    # And what is at those points is what is there in the patient: a field of known value.
    for row, column in points:
        text = probe(cut.series, at, cut.pixels, row, column).split("   ")[1]
        value = float(text.removesuffix(" HU").replace("\u2212", "-"))
        assert value == pytest.approx(place.point(np.floor(row + 0.5), np.floor(column + 0.5)) @ FIELD, abs=1.01)


@pytest.mark.parametrize("name", ["axial", "coronal", "sagittal", "turned"])
def test_a_ball_is_as_large_in_every_plane(opened: Opened, name: str) -> None:
    cut = cuts(*opened.ball)[name]
    at = nearest(cut, opened.lies.middle)
    place = filled(cut, at)
    off = place.distance(opened.lies.middle)
    radius = np.sqrt(RADIUS**2 - off**2)
    middle = place.image(opened.lies.middle)
    reach = tuple(1.6 * RADIUS / step for step in place.spacing)
    box = (
        tuple(m - r for m, r in zip(middle, reach, strict=True)),
        tuple(m + r for m, r in zip(middle, reach, strict=True)),
    )
    measured = measure(drawn(cut.series, at, KINDS.RECTANGLE, *box), cut.series, at, cut.pixels)
    # A thousandth of the mean is the share of the box that the ball fills.
    pixel = place.spacing[0] * place.spacing[1]
    area = measured.values["Mean"].value / 1000 * measured.values["Pixels"].value * pixel
    assert area == pytest.approx(np.pi * radius**2, rel=0.04)
    inside = cut.pixels.modality(at) > 500
    for axis, step in enumerate(place.spacing):
        across = np.flatnonzero(inside.any(axis=1 - axis))
        diameter = (across[-1] - across[0] + 1) * step
        assert diameter == pytest.approx(2 * radius, abs=max(opened.lies.spacing) + step)


SHAPES = {
    KINDS.RECTANGLE: ((20.3, 30.2), (44.8, 61.9)),
    KINDS.ELLIPSE: ((18.2, 22.4), (51.3, 70.7)),
    KINDS.POLYGON: ((15.2, 20.1), (22.7, 66.3), (50.4, 58.8), (41.1, 19.6)),
    KINDS.FREEHAND: ((12.1, 40.2), (30.5, 70.3), (55.2, 50.6), (40.4, 44.7), (48.3, 20.9)),
}


def winding(points: np.ndarray, row: float, column: float) -> bool:
    """Whether a point is inside, by the angles under which it sees the sides."""
    ways = points - np.array([row, column])
    after = np.roll(ways, -1, axis=0)
    turns = np.arctan2(ways[:, 0] * after[:, 1] - ways[:, 1] * after[:, 0], (ways * after).sum(axis=1))
    return bool(abs(turns.sum()) > np.pi)


def plainly(kind: MeasurementKind, points: tuple, shape: tuple[int, int]) -> np.ndarray:
    """Pixels whose centre is inside, one by one."""
    (r0, c0), (r1, c1) = points[0], points[1]
    mask = np.zeros(shape, bool)
    for row in range(shape[0]):
        for column in range(shape[1]):
            if kind is KINDS.RECTANGLE:
                mask[row, column] = r0 <= row <= r1 and c0 <= column <= c1
            elif kind is KINDS.ELLIPSE:
                y, x = (row - (r0 + r1) / 2) / ((r1 - r0) / 2), (column - (c0 + c1) / 2) / ((c1 - c0) / 2)
                mask[row, column] = y * y + x * x <= 1
            else:
                mask[row, column] = winding(np.array(points), row, column)
    return mask


@pytest.mark.parametrize("kind", SHAPES, ids=lambda kind: kind.value)
def test_statistics_are_numpys_on_the_same_mask(opened: Opened, kind: MeasurementKind) -> None:
    series, pixels = opened.field
    at = 11
    said = measure(drawn(series, at, kind, *SHAPES[kind]), series, at, pixels).values
    mask = plainly(kind, SHAPES[kind], (series.rows, series.columns))
    inside = np.rint(opened.lies.grid() @ FIELD)[at][mask]
    values = {name: said[name].value for name in ("Mean", "SD", "Min", "Max", "Pixels")}
    expected = {"Mean": inside.mean(), "SD": inside.std(ddof=1), "Min": inside.min(), "Max": inside.max()}
    assert values == pytest.approx({**expected, "Pixels": mask.sum()}, rel=1e-9)


def test_statistics_on_a_turned_plane_are_numpys_on_its_pixels(opened: Opened) -> None:
    cut = cuts(*opened.field)["turned"]
    at = nearest(cut, opened.lies.middle)
    place = filled(cut, at)
    row, column = place.image(opened.lies.middle)
    points = ((row - 6.2, column - 9.1), (row + 6.2, column + 9.1))
    said = measure(drawn(cut.series, at, KINDS.ELLIPSE, *points), cut.series, at, cut.pixels).values
    mask = plainly(KINDS.ELLIPSE, points, (cut.series.rows, cut.series.columns))
    inside = cut.pixels.modality(at)[mask].astype(np.float64)
    assert said["Mean"].value == pytest.approx(inside.mean())
    assert said["SD"].value == pytest.approx(inside.std(ddof=1))
    assert said["Pixels"].value == mask.sum()
    # The middle of a field that rises evenly is its mean.
    rows, columns = np.nonzero(mask)
    assert inside.mean() == pytest.approx(place.point(rows.mean(), columns.mean()) @ FIELD, abs=0.6)


def test_each_frames_own_rescale_is_in_its_statistics(tmp_path: Path) -> None:
    # Frame f of the enhanced phantom has intercept −1024 − k.
    (series,) = index(scan(phantoms.enhanced_ct(tmp_path / "e.dcm"))).series()
    pixels = load(series)
    for k in range(3):
        box = drawn(series, k, KINDS.RECTANGLE, (2, 3), (9, 20))
        inside = phantoms.ct_values()[k, 2:10, 3:21] - 1024.0 - k
        assert measure(box, series, k, pixels).values["Mean"].value == pytest.approx(inside.mean())
