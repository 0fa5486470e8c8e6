"""SUV of enhanced PET from its functional groups, against numbers worked out by hand (PS3.3 A.56.3, C.8.22)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom import Dataset

from app.core.measure import probe
from app.dicom.suv import ENHANCED_PET
from tests import phantoms
from tests.app.dicom.helpers import opened
from tests.app.dicom.test_real_world import mapping

HALF_LIFE, DOSE, GRAMS, UPTAKE_S = 6586.2, 370e6, 74_000.0, 3600.0
SLOPE = 2.5


def enhanced_pet(
    folder: Path,
    unit: str = "Bq/ml",
    *,
    ratio: float | tuple[float, ...] = 1.0,
    **attributes: Any,
) -> Path:
    """Three slices in one object: rescaled values times ``ratio`` (of each frame) are in ``unit``. 370 MBq an hour
    before the time to which decay is corrected; ``None`` removes an attribute, of the injection too."""
    (path,) = phantoms.enhanced_ct(folder / "pet.dcm")
    dataset = pydicom.dcmread(path)
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = ENHANCED_PET
    dataset.Modality = "PT"
    dataset.PatientWeight = "74"
    dataset.AttenuationCorrected = dataset.DecayCorrected = "YES"
    dataset.DecayCorrectionDateTime = "20240131003000"
    injection = Dataset()
    injection.RadiopharmaceuticalStartDateTime = "20240130233000"
    injection.RadionuclideTotalDose, injection.RadionuclideHalfLife = str(DOSE), str(HALF_LIFE)
    dataset.RadiopharmaceuticalInformationSequence = [injection]
    ratios = ratio if isinstance(ratio, tuple) else (ratio,) * 3
    for group, one in zip(dataset.PerFrameFunctionalGroupsSequence, ratios, strict=True):
        transform = group.PixelValueTransformationSequence[0]
        transform.RescaleSlope, transform.RescaleIntercept, transform.RescaleType = str(SLOPE), "0", "US"
        del group.FrameVOILUTSequence
        group.RealWorldValueMappingSequence = [mapping(SLOPE * one, 0.0, unit=(unit, ""), label="")] if unit else []
    for keyword, value in attributes.items():
        holder = injection if keyword in injection else dataset
        if value is None:
            delattr(holder, keyword)
        else:
            setattr(holder, keyword, value)
    dataset.save_as(path)
    return path


def suv_of(stored: Any) -> Any:
    return stored * SLOPE * GRAMS / (DOSE * 0.5 ** (UPTAKE_S / HALF_LIFE))


@pytest.mark.parametrize(("unit", "ratio", "scale"), [("Bq/ml", 1.0, 1.0), ("Bq/ml", 4.0, 4.0), ("kBq/ml", 1.0, 1e3)])
def test_activity_becomes_suv(tmp_path: Path, unit: str, ratio: float, scale: float) -> None:
    series, pixels = opened(enhanced_pet(tmp_path, unit, ratio=ratio))
    assert (series.unit, series.warnings) == ("SUVbw", ())
    for k in range(3):
        np.testing.assert_allclose(pixels.modality(k), suv_of(phantoms.ct_values()[k]) * scale, rtol=1e-5)
    # The activity stays beside it.
    assert probe(series, 0, pixels, 2, 5).endswith(f"{unit} (real world)")


def test_an_injection_before_midnight_counts_across_it(tmp_path: Path) -> None:
    path = enhanced_pet(tmp_path, RadiopharmaceuticalStartDateTime="20240131003000+0100", TimezoneOffsetFromUTC="+0000")
    _, pixels = opened(path)
    np.testing.assert_allclose(pixels.modality(1), suv_of(phantoms.ct_values()[1]), rtol=1e-5)


def test_suv_of_the_file_is_taken_as_it_is(tmp_path: Path) -> None:
    series, pixels = opened(enhanced_pet(tmp_path, "g/ml{SUVlbm}", ratio=0.5, PatientWeight=None))
    assert (series.unit, series.warnings) == ("SUVlbm", ())
    np.testing.assert_allclose(pixels.modality(2), phantoms.ct_values()[2] * SLOPE * 0.5, rtol=1e-6)
    assert pixels.pipeline(2).real_world == ()


@pytest.mark.parametrize(
    ("attributes", "why"),
    [
        ({"PatientWeight": None}, "the patient's weight is missing"),
        ({"AttenuationCorrected": "NO"}, "not corrected for attenuation"),
        ({"DecayCorrected": None}, "not corrected for decay"),
        ({"DecayCorrectionDateTime": None}, "the time of its decay correction is missing"),
        ({"RadiopharmaceuticalStartDateTime": None}, "the time of the injection is missing"),
        ({"RadiopharmaceuticalStartDateTime": "20240131100000"}, "does not fit"),
        ({"RadionuclideTotalDose": "370"}, "a dose of 370 Bq"),
        ({"RadionuclideHalfLife": None}, "half-life is missing"),
        ({"RadiopharmaceuticalInformationSequence": []}, "the injection is missing"),
    ],
)
def test_what_is_missing_keeps_the_activity_and_is_named(tmp_path: Path, attributes: dict[str, Any], why: str) -> None:
    series, pixels = opened(enhanced_pet(tmp_path, **attributes))
    assert series.unit == "Bq/ml"
    (warning,) = series.warnings
    assert why in warning
    assert warning.endswith("values are in Bq/ml.")
    np.testing.assert_allclose(pixels.modality(1), phantoms.ct_values()[1] * SLOPE, rtol=1e-6)


def test_frames_of_different_scale_have_no_suv(tmp_path: Path) -> None:
    series, _ = opened(enhanced_pet(tmp_path, ratio=(1.0, 2.0, 1.0)))
    assert series.unit == ""
    assert "not that of its rescale" in series.warnings[0]


def test_without_a_mapping_there_is_no_unit(tmp_path: Path) -> None:
    series, _ = opened(enhanced_pet(tmp_path, ""))
    assert series.unit == ""
    assert "does not say the unit" in series.warnings[0]


def test_other_maps_keep_their_unit_in_silence(tmp_path: Path) -> None:
    series, _ = opened(enhanced_pet(tmp_path, "ml/min/g"))
    assert (series.unit, series.warnings) == ("ml/min/g", ())
