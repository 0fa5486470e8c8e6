"""SUV against numbers worked out by hand, and a reason wherever it cannot be had."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import Dataset

from app.dicom.model import Instance
from app.dicom.pixels import default_voi
from app.dicom.suv import date_time, pet_values
from app.dicom.voi import Window, WindowFunction
from tests import phantoms
from tests.app.dicom.helpers import all_series, one_series, opened

HALF_LIFE = 6586.2
DOSE = 370e6
GRAMS = 74_000.0


def injection(**attributes: Any) -> Dataset:
    """370 MBq of fluorine-18 at 10:50; ``None`` leaves an attribute out."""
    item = Dataset()
    item.RadiopharmaceuticalStartTime = "105000.00"
    item.RadionuclideTotalDose, item.RadionuclideHalfLife = "370000000", "6586.2"
    for keyword, value in attributes.items():
        if value is None:
            delattr(item, keyword)
        else:
            setattr(item, keyword, value)
    return item


def pet(folder: Path, item: Dataset | None = None, **attributes: Any) -> list[Path]:
    """Bq/ml, each slice with its own slope; the scan starts at 12:00, and each bed position a little later."""
    defaults: dict[str, Any] = {
        "Modality": "PT",
        "Units": "BQML",
        "RescaleType": None,
        "RescaleSlope": lambda k: str(1.5 + k),
        "RescaleIntercept": "0",
        "CorrectedImage": ["NORM", "DTIM", "ATTN", "SCAT", "DECY"],
        "DecayCorrection": "START",
        "PatientWeight": "74",
        "SeriesDate": "20240131",
        "SeriesTime": "120000.000000",
        "AcquisitionDate": "20240131",
        "AcquisitionTime": lambda k: f"12{2 * k:02d}00",
        "RadiopharmaceuticalInformationSequence": [item or injection()],
    }
    return phantoms.ct(folder, window=None, **{**defaults, **attributes})


def expected(uptake_s: float, slopes: tuple[float, ...] = (1.5, 2.5, 3.5)) -> np.ndarray[Any, np.dtype[np.float64]]:
    decayed = DOSE * 0.5 ** (uptake_s / HALF_LIFE)
    return phantoms.ct_values() * np.array(slopes)[:, None, None] * GRAMS / decayed


def assert_suv(folder: Path, values: np.ndarray[Any, np.dtype[np.float64]]) -> None:
    series, pixels = opened(folder)
    assert (series.unit, series.warnings) == ("SUVbw", ())
    for k in range(3):
        np.testing.assert_allclose(pixels.modality(k), values[k], rtol=1e-6)
        assert pixels.pipeline(k).unit == "SUVbw"


def reason(folder: Path) -> str:
    """The warning of a stack that keeps the file's own values."""
    series, pixels = opened(folder)
    assert series.unit != "SUVbw"
    for k, slope in enumerate((1.5, 2.5, 3.5)):
        np.testing.assert_allclose(pixels.modality(k), phantoms.ct_values()[k] * slope, rtol=1e-6)
    (warning,) = series.warnings
    return warning


def test_one_half_life_of_uptake_doubles_the_suv(tmp_path: Path) -> None:
    # 370 MBq in 74 kg: 5,000 Bq/g at the injection, 2,500 Bq/g one half-life later.
    item = injection(RadionuclideHalfLife="4200")
    pet(tmp_path, item, RescaleSlope="2500")
    _, pixels = opened(tmp_path)
    np.testing.assert_allclose(pixels.modality(1), phantoms.ct_values()[1], rtol=1e-6)


def test_decay_counts_from_the_injection_to_the_start_of_the_scan(tmp_path: Path) -> None:
    pet(tmp_path)
    assert_suv(tmp_path, expected(70 * 60))


def test_a_correction_to_the_administration_needs_no_time(tmp_path: Path) -> None:
    pet(tmp_path, injection(RadiopharmaceuticalStartTime=None), DecayCorrection="ADMIN", SeriesTime=None)
    assert_suv(tmp_path, expected(0))


@pytest.mark.parametrize("dated", [False, True])
def test_an_injection_before_midnight(tmp_path: Path, dated: bool) -> None:
    when = {"RadiopharmaceuticalStartTime": "233000"}
    if dated:
        when["RadiopharmaceuticalStartDateTime"] = "20240130233000.000000"
    pet(tmp_path, injection(**when), SeriesTime="003000", AcquisitionTime="003000")
    assert_suv(tmp_path, expected(3600))


def test_a_date_and_time_with_its_zone_is_set_to_the_clock_of_the_file(tmp_path: Path) -> None:
    item = injection(RadiopharmaceuticalStartDateTime="20240131095000.00+0000", RadiopharmaceuticalStartTime=None)
    pet(tmp_path, item, TimezoneOffsetFromUTC="+0100")
    assert_suv(tmp_path, expected(70 * 60))


def test_an_impossible_date_leaves_the_time_and_says_so(tmp_path: Path) -> None:
    pet(tmp_path, injection(RadiopharmaceuticalStartDateTime="19000101105000"))
    series, pixels = opened(tmp_path)
    assert series.unit == "SUVbw"
    assert "date of the injection" in series.warnings[0]
    np.testing.assert_allclose(pixels.modality(2), expected(70 * 60)[2], rtol=1e-6)


def test_a_series_that_was_made_later_is_led_back_by_the_frames_own_times(tmp_path: Path) -> None:
    # Beds of 120 s: the average count rate lies just before their middle.
    decay = np.log(2) * 120 / HALF_LIFE
    average = np.log(decay / (1 - np.exp(-decay))) / decay * 120
    assert 59.8 < average < 60
    pet(
        tmp_path,
        SeriesTime="180000",
        ActualFrameDuration="120000",
        FrameReferenceTime=lambda k: f"{(120 * k + average) * 1000:.3f}",
    )
    assert_suv(tmp_path, expected(70 * 60))


def test_ge_says_privately_when_the_scan_started(tmp_path: Path) -> None:
    for path in pet(tmp_path, SeriesTime="180000", AcquisitionTime="121000"):
        dataset = pydicom.dcmread(path)
        dataset.private_block(0x0009, "GEMS_PETD_01", create=True).add_new(0x0D, "DT", "20240131120000.00")
        dataset.save_as(path)
    assert_suv(tmp_path, expected(70 * 60))


def test_without_those_the_earliest_bed_position_started_the_scan(tmp_path: Path) -> None:
    pet(tmp_path, SeriesTime="180000")
    assert_suv(tmp_path, expected(70 * 60))


def test_stacks_of_one_series_share_the_start_of_the_scan(tmp_path: Path) -> None:
    orientations = [phantoms.AXIAL, phantoms.AXIAL, phantoms.CORONAL]
    pet(
        tmp_path,
        SeriesTime="180000",
        RescaleSlope="1",
        ImageOrientationPatient=lambda k: [f"{c:g}" for c in orientations[k]],
    )
    stacks = all_series(tmp_path)
    factors = {factor for series in stacks for factor in series.value_factors}
    assert len(stacks) == 2
    (factor,) = factors
    assert factor == pytest.approx(GRAMS / (DOSE * 0.5 ** (4200 / HALF_LIFE)))


@pytest.mark.parametrize(
    ("attributes", "why"),
    [
        ({"CorrectedImage": ["DECY"]}, "not corrected for attenuation"),
        ({"CorrectedImage": ["ATTN"]}, "not corrected for decay"),
        ({"CorrectedImage": None}, "not corrected for attenuation"),
        ({"DecayCorrection": "NONE"}, "decay correction is NONE"),
        ({"DecayCorrection": None}, "the time of its decay correction is missing"),
        ({"PatientWeight": None}, "the patient's weight is missing"),
        ({"PatientWeight": "0"}, "the patient's weight is missing"),
        ({"PatientWeight": "nan"}, "the patient's weight is missing"),
        ({"RadiopharmaceuticalInformationSequence": None}, "the injection is missing"),
        ({"RadiopharmaceuticalInformationSequence": [injection(), injection()]}, "several injections"),
        ({"SeriesTime": None, "AcquisitionTime": None}, "the time of the scan is missing"),
        ({"Units": "CNTS"}, "counts need a factor"),
        ({"Units": "PROPCNTS"}, "only proportional"),
        ({"Units": None}, "does not say the unit"),
    ],
)
def test_a_missing_condition_keeps_the_files_values_and_is_named(
    tmp_path: Path, attributes: dict[str, Any], why: str
) -> None:
    pet(tmp_path, **attributes)
    warning = reason(tmp_path)
    assert warning.startswith("SUV is not computed: ")
    assert why in warning


@pytest.mark.parametrize(
    ("attributes", "why"),
    [
        ({"RadionuclideTotalDose": None}, "the injected dose is missing"),
        ({"RadionuclideTotalDose": "370"}, "cannot be meant in becquerel"),
        ({"RadionuclideHalfLife": "-1"}, "the half-life is missing"),
        ({"RadiopharmaceuticalStartTime": None}, "the time of the injection is missing"),
        ({"RadiopharmaceuticalStartTime": "120001"}, "does not fit"),
        ({"RadiopharmaceuticalStartTime": "995000"}, "the time of the injection is missing"),
    ],
)
def test_an_injection_that_says_too_little_is_named(tmp_path: Path, attributes: dict[str, Any], why: str) -> None:
    pet(tmp_path, injection(**attributes))
    assert why in reason(tmp_path)


def test_one_image_without_weight_keeps_the_whole_stack_in_its_own_unit(tmp_path: Path) -> None:
    pet(tmp_path, PatientWeight=lambda k: None if k == 1 else "74")
    assert "in Bq/ml" in reason(tmp_path)
    assert one_series(tmp_path).unit == "Bq/ml"


def test_values_without_rescale_have_no_suv(tmp_path: Path) -> None:
    pet(tmp_path, RescaleSlope=None, RescaleIntercept=None)
    series = one_series(tmp_path)
    assert series.unit == "Bq/ml"
    assert "no Rescale Slope" in series.warnings[0]


def test_suv_of_the_file_is_never_scaled_again(tmp_path: Path) -> None:
    for type_, unit in [(None, "SUVbw"), ("BW", "SUVbw"), ("LBM", "SUVlbm"), ("BSA", "SUVbsa")]:
        folder = tmp_path / str(type_)
        pet(folder, Units="GML", SUVType=type_)
        series, pixels = opened(folder)
        assert (series.unit, series.warnings) == (unit, ())
        np.testing.assert_allclose(pixels.modality(2), phantoms.ct_values()[2] * 3.5, rtol=1e-6)


@pytest.mark.parametrize("unit", [("PCNT", "%"), ("MLMING", "MLMING"), ("NONE", "")])
def test_other_quantities_stay_and_need_no_warning(tmp_path: Path, unit: tuple[str, str]) -> None:
    pet(tmp_path, Units=unit[0])
    series = one_series(tmp_path)
    assert (series.unit, series.warnings) == (unit[1], ())


def with_philips(folder: Path, element: int, value: str, *, creator: bool = True, **attributes: Any) -> None:
    for path in pet(folder, Units="CNTS", **attributes):
        dataset = pydicom.dcmread(path)
        if creator:
            dataset.add_new(0x70530010, "LO", "Philips PET Private Group")
        dataset.add_new(0x70531000 | element, "DS", value)
        dataset.save_as(path)


@pytest.mark.parametrize("creator", [True, False])
def test_counts_with_philips_suv_factor(tmp_path: Path, creator: bool) -> None:
    with_philips(tmp_path, 0x00, "0.000123", creator=creator, PatientWeight=None)
    assert_suv(tmp_path, phantoms.ct_values() * np.array([1.5, 2.5, 3.5])[:, None, None] * 0.000123)


def test_counts_with_philips_activity_factor(tmp_path: Path) -> None:
    with_philips(tmp_path, 0x09, "7.25")
    assert_suv(tmp_path, expected(70 * 60) * 7.25)


def test_a_factor_of_zero_is_none(tmp_path: Path) -> None:
    with_philips(tmp_path, 0x00, "0")
    assert "counts need a factor" in reason(tmp_path)


def test_another_makers_group_is_not_philips(tmp_path: Path) -> None:
    for path in pet(tmp_path, Units="CNTS"):
        dataset = pydicom.dcmread(path)
        dataset.private_block(0x7053, "SOMEONE ELSE", create=True).add_new(0x00, "DS", "2")
        dataset.save_as(path)
    assert "counts need a factor" in reason(tmp_path)


@pytest.mark.parametrize("function", list(WindowFunction))
def test_windows_of_the_file_show_the_same_picture(tmp_path: Path, function: WindowFunction) -> None:
    shown = []
    for name, weight in (("suv", "74"), ("native", None)):
        pet(
            tmp_path / name,
            WindowCenter="600",
            WindowWidth="701",
            VOILUTFunction=function.value,
            PatientWeight=weight,
        )
        series, pixels = opened(tmp_path / name)
        voi = default_voi(series, pixels)
        assert isinstance(voi, Window)
        assert (voi.width < 100) is (name == "suv")
        shown.append(pixels.pipeline(1).display(pixels.stored[1], voi))
    assert len(np.unique(shown[1])) > 30
    np.testing.assert_array_equal(*shown)


def test_a_real_pet_in_becquerel_would_agree_with_its_twin_in_suv(tmp_path: Path) -> None:
    # The same activity once as Bq/ml and once as the SUV that the definition gives.
    pet(tmp_path / "a", RescaleSlope="10")
    factor = GRAMS / (DOSE * 0.5 ** (4200 / HALF_LIFE))
    pet(tmp_path / "b", Units="GML", RescaleSlope=f"{10 * factor:.10g}")
    _, a = opened(tmp_path / "a")
    _, b = opened(tmp_path / "b")
    np.testing.assert_allclose(a.modality(0), b.modality(0), rtol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "moment"),
    [
        (("20240131", "", "1200"), datetime(2024, 1, 31, 12)),
        (("2024.01.31", "", "12:00:01.5"), datetime(2024, 1, 31, 12, 0, 1, 500000)),
        (("20240131235960",), datetime(2024, 1, 31, 23, 59, 59)),
        (("20240131120000-0500", "+0000"), datetime(2024, 1, 31, 17)),
        (("20240131120000+0100",), datetime(2024, 1, 31, 12)),
        (("20240131",), None),
        (("20240230", "", "120000"), None),
        (("", "", "120000"), None),
        (("20240131", "", "noon"), None),
    ],
)
def test_dates_and_times(arguments: tuple[str, ...], moment: datetime | None) -> None:
    assert date_time(*arguments) == moment


_NUMBERS = st.sampled_from([b"", b"0", b"-1", b"1e308", b"1e-308", b"inf", b"nan", b"x", b"74", b"370000000", b"1\\2"])
_TIMES = st.sampled_from([b"", b"000000", b"235959.999999", b"99", b"120000", b"1", b"\xff\xfe", b"00010101000000"])
_DATES = st.sampled_from([b"", b"20240131", b"00010101", b"99991231", b"00000000", b"2024"])


@given(data=st.data())
def test_no_header_breaks_it_and_every_factor_is_a_number(data: st.DataObject) -> None:
    def element(dataset: Dataset, keyword: str, values: st.SearchStrategy[bytes]) -> None:
        tag = pydicom.datadict.tag_for_keyword(keyword)
        assert tag is not None
        value = data.draw(values | st.binary(max_size=12))
        raw = pydicom.dataelem.RawDataElement(pydicom.tag.Tag(tag), "LO", len(value), value, 0, False, True)
        dataset[pydicom.tag.Tag(tag)] = raw

    dataset, item = Dataset(), Dataset()
    for keyword in ("RadionuclideTotalDose", "RadionuclideHalfLife"):
        element(item, keyword, _NUMBERS)
    element(item, "RadiopharmaceuticalStartTime", _TIMES)
    element(item, "RadiopharmaceuticalStartDateTime", _DATES)
    dataset.RadiopharmaceuticalInformationSequence = [item]
    dataset.CorrectedImage = ["ATTN", "DECY"]
    for keyword in ("PatientWeight", "FrameReferenceTime", "ActualFrameDuration"):
        element(dataset, keyword, _NUMBERS)
    dataset.RescaleSlope = "2"
    for keyword in ("SeriesTime", "AcquisitionTime"):
        element(dataset, keyword, _TIMES)
    for keyword in ("SeriesDate", "AcquisitionDate", "AcquisitionDateTime"):
        element(dataset, keyword, _DATES)
    element(dataset, "Units", st.sampled_from([b"BQML", b"CNTS", b"GML"]))
    element(dataset, "DecayCorrection", st.sampled_from([b"START", b"ADMIN", b"NONE"]))
    found = pet_values([Instance(Path("x"), "", "", "", 1, dataset)])
    assert np.isfinite(found.factors).all()
    assert min(found.factors) > 0
    assert found.unit == "SUVbw" or found.factors == (1.0,)
