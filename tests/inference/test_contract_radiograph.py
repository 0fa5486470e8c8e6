from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inference.contract_radiograph import RadiographContract
from inference.types import Attributes, Refused
from inference.volume import Calibration, Volume
from tests.inference.made_models import FRONTAL, chest

CONTRACT = RadiographContract(("CR", "DX"), ("CHEST", "THORAX", "LUNG"), ("PA", "AP"), "presentation", 256)


def volume(image: np.ndarray | None = None, unit: str = "presentation") -> Volume:
    image = chest() if image is None else image
    return Volume(image if image.ndim == 3 else image[np.newaxis], None, None, Calibration.NONE, unit)


@pytest.mark.parametrize(
    "attributes",
    [
        FRONTAL,
        replace(FRONTAL, modality="CR", view_position="AP"),
        replace(FRONTAL, modality=" cr ", body_part="chest"),
        replace(FRONTAL, body_part="THORAX"),
        replace(FRONTAL, body_part="CHEST PA"),
        replace(FRONTAL, view_position="AP SUPINE", patient_orientation=("", "")),
        replace(FRONTAL, view_position="", patient_orientation=("R", "F")),
    ],
)
def test_a_frontal_chest_radiograph_fits_and_nothing_is_silent(attributes: Attributes) -> None:
    CONTRACT.check(volume(), attributes)
    assert CONTRACT.silences(attributes) == ()


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        (replace(FRONTAL, modality="CT"), r"this is CT \(computed tomography\)"),
        (replace(FRONTAL, modality="MR"), "magnetic resonance"),
        (replace(FRONTAL, modality="US"), "ultrasound"),
        (replace(FRONTAL, modality="MG"), "mammography"),
        (replace(FRONTAL, modality="ZZ"), "this is ZZ"),
        (replace(FRONTAL, is_colour=True), "greyscale"),
        (replace(FRONTAL, number_of_frames=9), "9 frames"),
    ],
)
def test_another_kind_of_image_is_refused_for_good(attributes: Attributes, words: str) -> None:
    with pytest.raises(Refused, match=words) as refusal:
        CONTRACT.check(volume(), attributes)
    assert not refusal.value.overridable


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        (replace(FRONTAL, body_part="EXTREMITY"), "the header says extremity"),
        (replace(FRONTAL, body_part="HAND"), "hand"),
        (replace(FRONTAL, body_part="ABDOMEN"), "abdomen"),
        (replace(FRONTAL, view_position="LL"), "left lateral"),
        (replace(FRONTAL, view_position="LATERAL"), "lateral"),
        (replace(FRONTAL, view_position="RLD"), "decubitus"),
        (replace(FRONTAL, view_position="", patient_orientation=("A", "F")), "lateral"),
        (replace(FRONTAL, view_position="", patient_orientation=("P", "FL")), "lateral"),
        (replace(FRONTAL, patient_orientation=("F", "R")), "on its side"),
        (replace(FRONTAL, patient_orientation=("L", "H")), "upside down"),
    ],
)
def test_a_header_that_speaks_against_it_refuses_but_may_be_overridden(attributes: Attributes, words: str) -> None:
    with pytest.raises(Refused, match=words) as refusal:
        CONTRACT.check(volume(), attributes)
    assert refusal.value.overridable


def test_the_silent_header_runs_and_says_what_is_unknown() -> None:
    for modality in ("", "OT", "SC"):
        silent = Attributes(modality=modality)
        CONTRACT.check(volume(), silent)
        assert [note.split(":")[0] for note in CONTRACT.silences(silent)] == [
            "Modality unknown",
            "Body part unknown",
            "View unknown",
        ]
    unnamed_view = Attributes(modality="DX", body_part="CHEST", view_position="OTHER")
    CONTRACT.check(volume(), unnamed_view)
    assert [note.split(":")[0] for note in CONTRACT.silences(unnamed_view)] == ["View unknown"]


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (np.full((200, 200), 0.3), "blank"),
        (np.zeros((200, 200), np.uint16), "blank"),
        (np.full((200, 200), np.nan), "blank"),
        (np.pad(np.ones((5, 5)), 200), "blank"),
        (np.random.default_rng(0).random((200, 20)), "at least 64×64"),
        (np.random.default_rng(0).random((3, 200, 200)), "3 frames or slices"),
        (np.random.default_rng(0).random((500, 200)), "elongated"),
    ],
)
def test_an_image_without_content_or_of_a_wrong_shape_is_refused(image: np.ndarray, words: str) -> None:
    with pytest.raises(Refused, match=words):
        CONTRACT.check(volume(image), FRONTAL)


@pytest.mark.parametrize("unit", ["HU", "", "SUVbw"])
def test_another_unit_is_refused(unit: str) -> None:
    with pytest.raises(Refused, match="expects presentation"):
        CONTRACT.check(volume(unit=unit), FRONTAL)


def test_a_model_for_children_refuses_an_adult_unless_told_otherwise() -> None:
    children = replace(CONTRACT, max_age_years=12.0)
    children.check(volume(), replace(FRONTAL, patient_age_years=4.0))
    with pytest.raises(Refused, match="up to 12 years; the header says 61") as refusal:
        children.check(volume(), replace(FRONTAL, patient_age_years=61.0))
    assert refusal.value.overridable
    assert any("Age unknown" in note for note in children.silences(replace(FRONTAL, patient_age_years=None)))
