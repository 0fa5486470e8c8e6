"""However the patient lay and however the slices were cut: letters, marked corner and planes agree with the cosines."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.core.view import Edges, View, orientation_edges
from app.ui.viewport.corners import frame_lines
from inference import geometry
from tests import phantoms
from tests.app.cli_tools import Command
from tests.app.dicom.helpers import one_series

R, L, A, P = (-1, 0, 0), (1, 0, 0), (0, -1, 0), (0, 1, 0)

POSITIONS = {
    # Patient Position: (direction of rows' pixels, direction down the columns), letters left, right, top, bottom, words
    "HFS": ((*L, *P), ("R", "L", "A", "P"), "Head first, supine"),
    "HFP": ((*R, *A), ("L", "R", "P", "A"), "Head first, prone"),
    "HFDR": ((*P, *R), ("A", "P", "L", "R"), "Head first, decubitus right"),
    "HFDL": ((*A, *L), ("P", "A", "R", "L"), "Head first, decubitus left"),
    "FFS": ((*R, *P), ("L", "R", "A", "P"), "Feet first, supine"),
    "FFP": ((*L, *A), ("R", "L", "P", "A"), "Feet first, prone"),
    "FFDR": ((*A, *R), ("P", "A", "L", "R"), "Feet first, decubitus right"),
    "FFDL": ((*P, *L), ("A", "P", "R", "L"), "Feet first, decubitus left"),
}


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(capsys)


def rendered(command: Command, folder: Path, *words: object) -> np.ndarray:
    out = folder.parent / "x.png"
    # 2976 HU at the corner is white; everything else, at most 573 HU, is not.
    ran = command("render", folder, "--out", out, "--window", "4000/-24", *words)
    assert ran.code == 0, ran.err
    return np.asarray(Image.open(out))


def brightest(image: np.ndarray) -> tuple[int, int]:
    row, column = np.unravel_index(int(image.argmax()), image.shape)
    return int(row), int(column)


@pytest.mark.parametrize("position", POSITIONS)
def test_letters_corner_and_planes_agree(command: Command, tmp_path: Path, position: str) -> None:
    orientation, letters, words = POSITIONS[position]
    folder = tmp_path / "ct"
    phantoms.ct(folder, orientation=orientation, PatientPosition=position)
    series = one_series(folder)
    assert words in [line.text for line in frame_lines(series, 0)]
    left, right, top, bottom = letters
    assert orientation_edges(series, 0, View()) == Edges(left, right, top, bottom)
    # Native: as stored, the corner top left of the first slice along the normal.
    assert brightest(rendered(command, folder, "--index", 0)) == (0, 0)
    # Axial: anterior at the top, the patient's right on the left; slices count from the feet.
    towards_head = position.startswith("HF")
    axial = rendered(command, folder, "--plane", "axial", "--index", 0 if towards_head else 2)
    sides = {left, top}
    expected = (0 if "A" in sides else axial.shape[0] - 1, 0 if "R" in sides else axial.shape[1] - 1)
    assert brightest(axial) == expected
    # Coronal: head at the top; the slice that holds the corner counts from the front.
    rows_run_sagittally = top in "AP"
    extent = 23 if rows_run_sagittally else 38
    coronal = rendered(command, folder, "--plane", "coronal", "--index", 0 if "A" in sides else extent - 1)
    assert brightest(coronal) == (2 if towards_head else 0, 0 if "R" in sides else coronal.shape[1] - 1)


def test_an_oblique_stack_has_several_letters_the_nearest_first(tmp_path: Path) -> None:
    phantoms.ct(tmp_path, orientation=phantoms.OBLIQUE)
    series = one_series(tmp_path)
    # Columns run towards 0.8 left, 0.6 posterior; rows towards 0.8 head, 0.48 posterior, 0.36 right.
    assert orientation_edges(series, 0, View()) == Edges("RA", "LP", "FAL", "HPR")
    assert series.affine is not None
    np.testing.assert_allclose(geometry.apply(series.affine, np.zeros(3)), [-10, -20, 30], atol=1e-6)


@pytest.mark.parametrize(
    ("view", "edges"),
    [
        (View(), ("R", "L", "H", "F")),
        (View(flip_horizontal=True), ("L", "R", "H", "F")),
        (View(flip_vertical=True), ("R", "L", "F", "H")),
        (View(rotation=1), ("F", "H", "R", "L")),
        (View(rotation=2), ("L", "R", "F", "H")),
        (View(rotation=3), ("H", "F", "L", "R")),
        (View(flip_horizontal=True, rotation=1), ("F", "H", "L", "R")),
    ],
)
def test_letters_of_a_projection_come_from_patient_orientation_and_turn_with_it(
    tmp_path: Path, view: View, edges: tuple[str, str, str, str]
) -> None:
    series = one_series(*phantoms.radiograph(tmp_path / "dx.dcm"))
    assert series.orientation is None
    assert orientation_edges(series, 0, view) == Edges(*edges)


@pytest.mark.parametrize(
    ("stated", "edges"),
    [
        (["A", "F"], ("P", "A", "H", "F")),
        (["AR", "FL"], ("PL", "AR", "HR", "FL")),
        (["l", "f"], ("R", "L", "H", "F")),
        (["L"], ("", "", "", "")),
        (None, ("", "", "", "")),
    ],
)
def test_a_projection_says_no_more_than_its_file(
    tmp_path: Path, stated: list[str] | None, edges: tuple[str, str, str, str]
) -> None:
    series = one_series(*phantoms.radiograph(tmp_path / "dx.dcm", PatientOrientation=stated))
    assert orientation_edges(series, 0, View()) == Edges(*edges)


def test_each_plane_of_a_localiser_has_its_own_letters(tmp_path: Path) -> None:
    planes = [phantoms.AXIAL, phantoms.CORONAL, phantoms.SAGITTAL]
    phantoms.ct(
        tmp_path, shape=(3, 16, 17), SeriesDescription="3-plane loc", ImageOrientationPatient=lambda k: list(planes[k])
    )
    series = one_series(tmp_path)
    found = [orientation_edges(series, index, View()) for index in range(3)]
    assert found == [Edges("R", "L", "A", "P"), Edges("R", "L", "H", "F"), Edges("A", "P", "H", "F")]


def test_an_unknown_position_is_shown_as_it_is(tmp_path: Path) -> None:
    phantoms.ct(tmp_path, PatientPosition="SITTING")
    assert "SITTING" in [line.text for line in frame_lines(one_series(tmp_path), 0)]
