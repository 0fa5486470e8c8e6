"""``scoutview info`` (app/cli/info.py)."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.cli.info import slices
from tests import phantoms, phantoms_4d
from tests.app.cli_tools import Command
from tests.app.report.answers import open_series
from tests.made_objects import stored

SERIES_KEYS = {
    "uid", "stack", "number", "modality", "description", "rows", "columns", "slices", "frames", "spacing_mm",
    "transfer_syntaxes", "files", "warnings",
}  # fmt: skip


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(capsys)


def test_a_ct_series_in_json(command: Command, tmp_path: Path) -> None:
    paths = phantoms.ct(tmp_path, window=None)
    (tmp_path / "notes.txt").write_text("no image")
    told = command("info", tmp_path, "--json")
    assert (told.code, told.err) == (0, "")
    (study,) = told.json["studies"]
    (series,) = study.pop("series")
    assert study == {
        "uid": phantoms.uid("study", "PHANTOM"),
        "date": "20240131",
        "description": "Phantom study",
        "patient": {"id": "PHANTOM", "name": "Phantom, Test"},
        "objects": [],
    }
    assert series == {
        "uid": phantoms.uid("series", "ct", "PHANTOM"),
        "stack": 0,
        "number": 1,
        "modality": "CT",
        "description": "Phantom series",
        "rows": 23,
        "columns": 38,
        "slices": 3,
        "frames": 3,
        "spacing_mm": [pytest.approx(2.5), 0.7, 0.4],
        "transfer_syntaxes": ["1.2.840.10008.1.2.1"],
        "files": len(paths),
        "warnings": [],
    }
    assert told.json["skipped"] == [{"file": str(tmp_path / "notes.txt"), "reason": "not a DICOM file"}]


def test_unknown_spacing_is_null(command: Command, tmp_path: Path) -> None:
    phantoms.radiograph(tmp_path / "detector.dcm")
    phantoms.radiograph(tmp_path / "none.dcm", imager_pixel_spacing=None)
    phantoms.cine(tmp_path / "cine.dcm")
    told = command("info", tmp_path, "--json").json
    by_modality = {s["modality"]: s for study in told["studies"] for s in study["series"]}
    assert by_modality["DX"]["spacing_mm"] is None
    assert by_modality["US"]["spacing_mm"] == [None, pytest.approx(0.3), pytest.approx(0.3)]
    assert (by_modality["US"]["slices"], by_modality["US"]["frames"]) == (1, 6)


def test_each_stack_is_an_entry(command: Command, tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "a", series="mixed")
    phantoms.ct(tmp_path / "b", series="mixed", orientation=phantoms.CORONAL, InstanceNumber=lambda k: k + 50,
                SOPInstanceUID=lambda k: phantoms.uid("b", k))  # fmt: skip
    told = command("info", tmp_path, "--json").json
    entries = [s for study in told["studies"] for s in study["series"]]
    assert [(s["stack"], s["slices"]) for s in entries] == [(0, 3), (1, 3)]
    assert all(set(s) == SERIES_KEYS for s in entries)


def test_phases_at_one_place_are_one_slice(tmp_path: Path) -> None:
    phantoms.enhanced_ct(tmp_path / "a.dcm", order=(0, 1, 2))
    _, series = open_series(tmp_path / "a.dcm")
    assert slices(series) == 3


def test_a_fourth_axis_is_told(command: Command, tmp_path: Path) -> None:
    phantoms_4d.series(tmp_path, 2, missing=[(1, 2)], EchoTime=lambda p, k: str(20 + 60 * p))
    (series,) = command("info", tmp_path, "--json").json["studies"][0]["series"]
    assert (series["slices"], series["frames"], series["spacing_mm"]) == (3, 5, pytest.approx([2.5, 0.7, 0.4]))
    assert series["fourth_axis"] == {"name": "echo", "points": 2, "values": ["TE 20 ms", "TE 80 ms"], "missing": 1}
    assert series["warnings"] == ["1 image is missing of 3 slices × 2 echoes: slice 3 has 1 of 2."]
    assert "5 frames (3 × 2 echoes)" in command("info", tmp_path).out


def test_nothing_readable_still_lists_why_in_json(command: Command, tmp_path: Path) -> None:
    made = phantoms.hostile(tmp_path)
    told = command("info", tmp_path, "--json")
    assert told.code == 3
    assert told.json["studies"] == []
    assert {entry["file"] for entry in told.json["skipped"]} >= {str(made["empty"]), str(made["text"])}
    assert all(entry["reason"] for entry in told.json["skipped"])


def test_good_files_open_beside_bad_ones(command: Command, tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "good")
    phantoms.hostile(tmp_path / "bad")
    told = command("info", tmp_path)
    assert told.code == 0
    assert "CT Phantom series" in told.out
    assert "skipped" in told.err


def test_warnings_are_shown(command: Command, tmp_path: Path) -> None:
    phantoms.ct(tmp_path, shape=(6, 23, 38), gaps=(3,))
    (series,) = command("info", tmp_path, "--json").json["studies"][0]["series"]
    assert series["spacing_mm"] == [None, 0.7, 0.4]
    (warning,) = series["warnings"]
    assert f"! {warning}" in command("info", tmp_path).out


def test_control_characters_of_a_file_never_reach_the_terminal(command: Command, tmp_path: Path) -> None:
    phantoms.radiograph(tmp_path / "a.dcm", StudyDescription="\x1b[2Jgone", SpecificCharacterSet="ISO_IR 192")
    ran = command("info", tmp_path)
    assert ran.code == 0
    assert "\x1b" not in ran.out
    assert "gone" in ran.out


def test_objects_are_listed_with_what_they_are_attached_to(command: Command, tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct")
    _, series = open_series(tmp_path / "ct")
    sop_class = "1.2.840.10008.5.1.4.1.1.481.3"
    on = stored(tmp_path / "on", sop_class, "RTSTRUCT", StructureSetLabel="A",
                FrameOfReferenceUID=series.frame_of_reference_uid)  # fmt: skip
    off = stored(tmp_path / "off", sop_class, "RTSTRUCT", StructureSetLabel="B", FrameOfReferenceUID="1.2.3")
    told = command("info", tmp_path, "--json")
    assert told.json["skipped"] == []
    (study,) = told.json["studies"]
    why = "No open images share its frame of reference."
    assert [(o["label"], o["file"], o["attached_to"], o["why_not"]) for o in study["objects"]] == [
        ("A", str(on), [series.uid], ""),
        ("B", str(off), [], why),
    ]
    assert {(o["kind"], o["modality"]) for o in study["objects"]} == {("rtstruct", "RTSTRUCT")}
    text = command("info", tmp_path).out
    assert "RTSTRUCT A: on series 1" in text
    assert why in text
    # Alone it is still named, and nothing can be drawn.
    assert command("info", off, "--json").json["studies"][0]["objects"][0]["attached_to"] == []
    refused = command("render", off, "--out", tmp_path / "x.png")
    assert refused.code == 3
    assert "structure set" in refused.err
