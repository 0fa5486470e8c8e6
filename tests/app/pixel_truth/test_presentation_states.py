"""``render --presentation`` against the plain pipeline: what a state holds replaces what the image says, step by step.

The files are written with pydicom, one attribute after the other; nothing of the program's has a part in them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import Dataset

from tests import oracle, phantoms
from tests.app.pixel_truth.made import Render, grey_file, ramp, read
from tests.presentation_phantoms import image_item, item, state, table_item, window_item

RESCALE = {"RescaleSlope": "1", "RescaleIntercept": "-1024", "RescaleType": "HU"}
GAMMA = [round(65535 * (i / 255) ** 2) for i in range(256)]


def image(path: Path, **attributes: Any) -> Path:
    """12-bit pixels of all values, with a rescale, a window, an inversion and a shutter of their own."""
    own: dict[str, Any] = {
        "RescaleSlope": "2",
        "RescaleIntercept": "-500",
        "WindowCenter": "1000",
        "WindowWidth": "300",
        "PresentationLUTShape": "INVERSE",
        "PixelPaddingValue": 77,
        "ShutterShape": "RECTANGULAR",
        "ShutterUpperHorizontalEdge": "10",
        "ShutterLowerHorizontalEdge": "20",
        "ShutterLeftVerticalEdge": "10",
        "ShutterRightVerticalEdge": "20",
    }
    return grey_file(path, ramp(0, 4095, "u2"), bits=12, **{**own, **attributes})


STATES: dict[str, dict[str, Any]] = {
    "nothing but identities": {},
    "rescale and window": {**RESCALE, "SoftcopyVOILUTSequence": [window_item(40, 400)]},
    "window without rescale": {"SoftcopyVOILUTSequence": [window_item(2000, 1500)]},
    "rescale alone": {"RescaleSlope": "0.5", "RescaleIntercept": "7", "RescaleType": "US"},
    "exact window": {**RESCALE, "SoftcopyVOILUTSequence": [window_item(40.5, 3.25, function="LINEAR_EXACT")]},
    "sigmoid": {**RESCALE, "SoftcopyVOILUTSequence": [window_item(100, 800, function="SIGMOID")]},
    "inverse": {**RESCALE, "SoftcopyVOILUTSequence": [window_item(40, 400)], "PresentationLUTShape": "INVERSE"},
    "presentation table": {
        "SoftcopyVOILUTSequence": [window_item(2000, 3000)],
        "PresentationLUTShape": None,
        "PresentationLUTSequence": [table_item(GAMMA)],
    },
    "voi table": {
        "SoftcopyVOILUTSequence": [item(VOILUTSequence=[table_item([4095 - i for i in range(4096)], 0, 12)])]
    },
    "modality table": {
        "ModalityLUTSequence": [table_item([round(4095 * (i / 4095) ** 0.5) for i in range(4096)], 0, 12)],
        "SoftcopyVOILUTSequence": [window_item(2500, 1000)],
    },
    "modality table alone": {"ModalityLUTSequence": [table_item([i // 2 for i in range(4096)], 0, 12)]},
    "shutter": {
        **RESCALE,
        "SoftcopyVOILUTSequence": [window_item(40, 2000)],
        "ShutterShape": "RECTANGULAR",
        "ShutterUpperHorizontalEdge": "5",
        "ShutterLowerHorizontalEdge": "50",
        "ShutterLeftVerticalEdge": "3",
        "ShutterRightVerticalEdge": "60",
        "ShutterPresentationValue": 20000,
    },
    "everything": {
        **RESCALE,
        "SoftcopyVOILUTSequence": [window_item(300, 2000)],
        "PresentationLUTShape": "INVERSE",
        "ImageRotation": 270,
        "ImageHorizontalFlip": "Y",
    },
}


@pytest.mark.parametrize("name", STATES)
@pytest.mark.parametrize("photometric", ["MONOCHROME2", "MONOCHROME1"])
def test_a_state_replaces_what_the_image_says(render: Render, tmp_path: Path, name: str, photometric: str) -> None:
    path = image(tmp_path / "a.dcm", PhotometricInterpretation=photometric)
    made = state(tmp_path / "s" / "state.dcm", [path], **STATES[name])
    expected = oracle.presented(read(path), read(made))
    assert len(np.unique(expected)) > 2
    np.testing.assert_array_equal(render(path, "--presentation", made), expected)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("flip", ["N", "Y"])
def test_turns_then_flips(render: Render, tmp_path: Path, rotation: int, flip: str) -> None:
    (path,) = phantoms.ct(tmp_path / "ct", shape=(1, 23, 38))
    made = state(tmp_path / "s.dcm", [path], ImageRotation=rotation, ImageHorizontalFlip=flip,
                 SoftcopyVOILUTSequence=[window_item(100, 400)])  # fmt: skip
    shown = render(path, "--presentation", made)
    np.testing.assert_array_equal(shown, oracle.presented(read(path), read(made)))
    # The marked corner, which no other pixel equals, says it without any arithmetic.
    plain = {0: (0, 0), 90: (0, -1), 180: (-1, -1), 270: (-1, 0)}[rotation]
    corner = (plain[0], {0: -1, -1: 0}[plain[1]]) if flip == "Y" else plain
    assert shown[corner] == 255


def test_each_image_and_frame_has_its_own_window(render: Render, tmp_path: Path) -> None:
    (path,) = phantoms.enhanced_ct(tmp_path / "e.dcm")
    dataset = read(path)
    made = state(
        tmp_path / "s.dcm",
        [path],
        SoftcopyVOILUTSequence=[
            window_item(100, 300, image_item(dataset, 2)),
            window_item(200, 150, image_item(dataset, 1, 3)),
        ],
    )
    pictures = [render(path, "--frame", frame, "--presentation", made) for frame in (1, 2, 3)]
    for frame, shown in enumerate(pictures):
        np.testing.assert_array_equal(shown, oracle.presented(dataset, read(made), frame))


def test_a_window_of_the_readers_takes_the_place_of_the_states(render: Render, tmp_path: Path) -> None:
    path = image(tmp_path / "a.dcm")
    made = state(tmp_path / "s.dcm", [path], **RESCALE, SoftcopyVOILUTSequence=[window_item(40, 400)])
    other = state(tmp_path / "o.dcm", [path], **RESCALE, SoftcopyVOILUTSequence=[window_item(500, 100)])
    expected = oracle.presented(read(path), read(other))
    np.testing.assert_array_equal(render(path, "--presentation", made, "--window", "100/500"), expected)


def test_a_state_by_highdicom(render: Render, tmp_path: Path) -> None:
    from highdicom import ModalityLUTTransformation
    from highdicom.pr import GrayscaleSoftcopyPresentationState, SoftcopyVOILUTTransformation
    from highdicom.sr.coding import CodedConcept

    path = image(tmp_path / "a.dcm")
    source: Dataset = read(path)
    made = GrayscaleSoftcopyPresentationState(
        referenced_images=[source],
        series_instance_uid=phantoms.uid("highdicom series"),
        series_number=9,
        sop_instance_uid=phantoms.uid("highdicom state"),
        instance_number=1,
        manufacturer="m",
        manufacturer_model_name="m",
        software_versions="1",
        device_serial_number="1",
        content_label="HIGHDICOM",
        modality_lut_transformation=ModalityLUTTransformation(
            rescale_intercept=-1000.0, rescale_slope=1.0, rescale_type="HU"
        ),
        voi_lut_transformations=[SoftcopyVOILUTTransformation(window_center=400.0, window_width=900.0)],
        concept_name=CodedConcept("111023", "DCM", "External image reference"),
    )
    made.save_as(tmp_path / "s.dcm")
    expected = oracle.presented(source, read(tmp_path / "s.dcm"))
    # highdicom writes square pixels whatever the image has.
    shown = render(path, "--presentation", tmp_path / "s.dcm", told="it shows pixels 1 times as high as wide")
    np.testing.assert_array_equal(shown, expected)
