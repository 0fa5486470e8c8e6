"""Volumes against boxes of known edges, on anisotropic, oblique and tilted grids; none where slices are uneven."""

from dataclasses import replace

import numpy as np
import pytest

from app.core import volumes
from app.core.document import Overlay, Place
from app.core.layers import Layer, Outline, Region
from inference import geometry
from inference.types import Code, Label, ModelRef
from tests.app.core import made_series

PARTS = tuple(Label(value, name, Code(str(value), name), (255, 0, 0)) for value, name in ((1, "Box"), (2, "None")))
OBLIQUE = np.array([0.8, 0.6, 0.0, 0.0, 0.0, -1.0])


def stack(shear: float = 0.0):
    """Five slices 2 mm apart, pixels of 0.5 × 0.25 mm, tilted by ``shear`` mm along the rows from slice to slice."""
    series = made_series.series(slices=5, rows=23, columns=38, orientation=OBLIQUE)
    step = 2.0 * np.cross(OBLIQUE[:3], OBLIQUE[3:]) + shear * OBLIQUE[3:]
    return replace(series, affine=geometry.affine_from_dicom(np.zeros(3), OBLIQUE, np.array([0.5, 0.25]), step))


def box(part: int = 1, rows: slice = slice(4, 14), columns: slice = slice(8, 28)) -> np.ndarray:
    cover = np.zeros((23, 38), np.uint8)
    cover[rows, columns] = 255
    return cover


@pytest.mark.parametrize("shear", [0.0, 0.7])
def test_a_box_has_the_volume_of_its_edges(shear: float) -> None:
    series = stack(shear)
    regions = {index: (Region.of(1, box()),) for index in (1, 2, 3)}
    regions[2] = (Region.of(1, box(rows=slice(4, 15))),)
    (found,) = volumes.of_layer(Layer("u", "SEG", series.key, (23, 38), PARTS, regions), series)
    # 10 + 11 + 10 rows of 0.5 mm, 20 columns of 0.25 mm, slices 2 mm apart whatever the tilt; mm³ to ml.
    assert (found.name, found.volume.unit) == ("Box", "ml")
    assert found.volume.value == pytest.approx(31 * 0.5 * 20 * 0.25 * 2.0 / 1000)
    assert found.place == Place.of(series, 2)


def test_overlapping_pieces_and_contours_count_once() -> None:
    series = stack()
    halves = (Region.of(1, box(rows=slice(4, 10))), Region.of(1, box(rows=slice(8, 14))))
    (found,) = volumes.of_layer(Layer("u", "SEG", series.key, (23, 38), PARTS, {0: halves}), series)
    assert found.volume.value == pytest.approx(10 * 20 * 0.25 / 1000)
    square = Outline(1, np.array([(3.5, 7.5), (3.5, 27.5), (13.5, 27.5), (13.5, 7.5)]))
    (drawn,) = volumes.of_layer(Layer("u", "RT", series.key, (23, 38), PARTS, outlines={0: (square,)}), series)
    assert drawn.volume.value == pytest.approx(found.volume.value)


def test_labels_of_a_model_count_on_every_slice() -> None:
    series = stack()
    label_map = np.zeros((5, 23, 38), np.uint8)
    label_map[1:4, 4:14, 8:28] = 1
    overlay = Overlay("o", series.key, (0, 1, 2, 3, 4), label_map, PARTS, ModelRef("m", "1", "ab" * 32))
    (found,) = volumes.of_overlay(overlay, series)
    assert found.volume.value == pytest.approx(3 * 10 * 20 * 0.25 / 1000)


def test_uneven_or_single_slices_have_no_volume() -> None:
    series = stack()
    layer = Layer("u", "SEG", series.key, (23, 38), PARTS, {0: (Region.of(1, box()),)})
    assert volumes.of_layer(layer, replace(series, affine=None)) == ()
    single = replace(series, frames=series.frames[:1])
    assert volumes.of_layer(layer, single) == ()
