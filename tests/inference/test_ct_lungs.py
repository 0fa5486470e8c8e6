"""Lungs in CT through the engine: known volumes, sides from geometry, withheld measures, refusals."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inference import engine, networks
from inference.bundle import Bundle, load_bundle
from inference.tasks import ct_lungs
from inference.types import Attributes, Cancelled, Refused, Result
from tests.inference import made_chests
from tests.inference.made_chests import CHEST, LUNG_HU, affine, ball_ml, chest, request, write_bundle

LUNGS = ("Right lung", "Left lung")


@pytest.fixture
def exact(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bundle:
    monkeypatch.setitem(networks._WHERE, "AiredSides", made_chests.__name__)
    return load_bundle(write_bundle(tmp_path / "exact"))


def volumes(result: Result) -> dict[str, float]:
    return {name: result.measures[f"{name}: volume"].value for name in (*LUNGS, "Lungs")}


def test_known_volumes_and_densities(exact: Bundle) -> None:
    result = engine.run(request(chest()), exact)
    found = volumes(result)
    for name in LUNGS:
        assert found[name] == pytest.approx(ball_ml(name), rel=0.04)
        assert result.measures[f"{name}: mean density"].value == pytest.approx(LUNG_HU, abs=40)
        assert result.measures[f"{name}: below −950 HU"].value == 0
        assert result.measures[f"{name}: denser than −500 HU"].value < 6
    assert found["Lungs"] == pytest.approx(sum(found[name] for name in LUNGS))
    assert result.notes == ()
    assert {measure.unit for measure in result.measures.values()} == {"ml", "HU", "%"}


def test_spacing_counts_not_voxels(exact: Bundle) -> None:
    step = (3.0, 1.5, 1.1)
    result = engine.run(request(chest((40, 200, 340), step), affine(step)), exact)
    for name in LUNGS:
        assert volumes(result)[name] == pytest.approx(ball_ml(name), rel=0.04)


@pytest.mark.parametrize(
    ("axes", "flipped"),
    [((0, 1, 2), ()), ((0, 1, 2), (0,)), ((0, 1, 2), (1, 2)), ((1, 0, 2), (2,)), ((2, 0, 1), (0,)), ((0, 2, 1), ())],
    ids=["axial", "feet first", "turned by 180°", "coronal", "sagittal", "turned by 90°"],
)
def test_sides_are_the_patients_however_the_volume_is_stored(
    exact: Bundle, axes: tuple[int, int, int], flipped: tuple[int, ...]
) -> None:
    """The affine says where an axis points; the label map comes back on the stored axes."""
    voxels, place = np.transpose(chest(), axes), affine()
    turned = place.copy()
    turned[:3, :3] = place[:3, list(axes)]
    for axis in flipped:
        voxels = np.flip(voxels, axis)
        turned[:3, 3] += turned[:3, axis] * (voxels.shape[axis] - 1)
        turned[:3, axis] *= -1
    result = engine.run(request(np.ascontiguousarray(voxels), turned), exact)
    for name in LUNGS:
        assert volumes(result)[name] == pytest.approx(ball_ml(name), rel=0.04)
    assert result.label_map is not None
    assert result.label_map.shape == voxels.shape
    inside = voxels == LUNG_HU
    assert (result.label_map[inside] > 0).mean() > 0.95
    assert (result.label_map[~inside] > 0).mean() < 0.01
    # x grows to the left: the right lung lies at smaller x
    x = [(turned @ [*np.argwhere(result.label_map == label.value).mean(axis=0), 1])[0] for label in result.labels]
    assert x[0] < x[1]


def test_a_prone_header_exchanges_the_sides(exact: Bundle) -> None:
    """The same voxels under a header turned by 180° about the long axis: what was right is left."""
    prone = affine()
    prone[:2] *= -1
    result = engine.run(request(chest(), prone), exact)
    assert volumes(result)["Left lung"] == pytest.approx(ball_ml("Right lung"), rel=0.04)
    assert volumes(result)["Right lung"] == pytest.approx(ball_ml("Left lung"), rel=0.04)


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (slice(0, 15), "beyond the upper end"),
        (slice(15, None), "beyond the lower end"),
        (slice(10, 20), "both ends"),
        (slice(15, 16), "a single slice"),
    ],
)
def test_the_volume_of_a_cut_lung_is_withheld(exact: Bundle, part: slice, words: str) -> None:
    result = engine.run(request(chest()[part]), exact)
    assert not [name for name in result.measures if "volume" in name]
    assert "Lungs: mean density" in result.measures
    assert any("No lung volume" in note and words in note for note in result.notes)


@pytest.mark.parametrize("padded", [False, True], ids=["border", "padding"])
def test_the_volume_of_a_lung_outside_the_field_of_view_is_withheld(exact: Bundle, padded: bool) -> None:
    voxels = chest()
    if padded:
        voxels[:, :, :25] = -2000
    else:
        voxels = np.ascontiguousarray(voxels[:, :, 25:])
    result = engine.run(request(voxels), exact)
    assert any("field of view cuts the lung" in note for note in result.notes)
    assert "Lungs: volume" not in result.measures


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        (replace(CHEST, kernel="LUNG"), "the kernel LUNG is sharp"),
        (replace(CHEST, kernel=""), "the kernel is unknown"),
        (replace(CHEST, slice_thickness_mm=5.0), "5 mm thick"),
        (replace(CHEST, slice_thickness_mm=None), "thickness is unknown"),
    ],
)
def test_the_emphysema_index_warns(exact: Bundle, attributes: Attributes, words: str) -> None:
    notes = engine.run(request(chest(), attributes=attributes), exact).notes
    assert any("emphysema index" in note and words in note for note in notes)


def test_emphysema_and_denser_lung_are_counted(exact: Bundle) -> None:
    voxels = chest()
    lung = np.argwhere(voxels == LUNG_HU)
    # bullae and consolidation small enough to be enclosed: the network sees no lung there, the lung encloses them
    bulla, solid = np.array([14, 37, 30]), np.array([14, 37, 64])
    for centre, value in ((bulla, -990), (solid, 30)):
        near = lung[((lung - centre) ** 2).sum(axis=1) <= 3**2]
        voxels[tuple(near.T)] = value
    result = engine.run(request(voxels), exact)
    bubble_ml = 4 / 3 * np.pi * 12**3 / 1000
    assert result.measures["Right lung: below −950 HU"].value == pytest.approx(
        100 * bubble_ml / ball_ml("Right lung"), rel=0.1
    )
    left, right = (result.measures[f"{side} lung: denser than −500 HU"].value for side in ("Left", "Right"))
    assert left - right == pytest.approx(100 * bubble_ml / ball_ml("Left lung"), rel=0.15)


def test_no_lung_is_refused_unless_the_reader_insists(exact: Bundle) -> None:
    empty = np.random.default_rng(0).normal(40, 10, (10, 75, 95)).astype(np.float32)
    with pytest.raises(Refused, match="no lung was found") as refusal:
        engine.run(request(empty), exact)
    assert refusal.value.overridable
    result = engine.run(request(empty, insist=True), exact)
    assert result.measures == {}
    assert {"No right lung was found.", "No left lung was found."} <= set(result.notes)


def test_a_silent_header_needs_lung_of_the_density_of_lung(exact: Bundle) -> None:
    silent = replace(CHEST, body_part="")
    assert "Body part unknown" in engine.run(request(chest(), attributes=silent), exact).notes[0]
    voxels = chest()
    shown = voxels == LUNG_HU
    found = np.where(shown, np.uint8(1), np.uint8(0))
    with pytest.raises(Refused, match="does not look like lung"):
        ct_lungs._require_lung(found, np.where(shown, -1000, voxels), True, False)


def test_planes_too_thin_to_be_axial_are_refused(exact: Bundle) -> None:
    """Twelve coronal slices: axial planes through them would be 48 mm deep."""
    step = affine()
    coronal = np.ascontiguousarray(np.transpose(chest()[:, 30:36], (1, 0, 2)))
    place = step.copy()
    place[:3, :3] = step[:3, [1, 0, 2]]
    with pytest.raises(Refused, match="axial planes"):
        engine.run(request(np.repeat(coronal, 2, axis=1), place), exact)


def test_oblique_slices_carry_a_note(exact: Bundle) -> None:
    tilt = np.eye(4)
    angle = np.radians(30)
    tilt[1:3, 1:3] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    assert any("oblique" in note for note in engine.run(request(chest(), tilt @ affine()), exact).notes)


def test_cancel_stops_the_network_and_progress_never_falls(exact: Bundle) -> None:
    heard: list[float] = []
    engine.run(request(chest()), exact, heard.append)
    assert heard == sorted(heard)
    assert heard[-1] == 1

    def stop(fraction: float) -> None:
        if fraction > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        engine.run(request(chest()), exact, stop)


def test_nan_and_padding_are_air(exact: Bundle) -> None:
    voxels = chest().astype(np.float32)
    voxels[voxels == -1000] = np.nan
    result = engine.run(request(voxels), exact)
    assert volumes(result)["Right lung"] == pytest.approx(ball_ml("Right lung"), rel=0.04)
