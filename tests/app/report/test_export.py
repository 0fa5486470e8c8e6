"""From a document to files, all or none (app/report/export.py)."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import numpy as np
import pytest

from app.core.document import Document, FindingStatus
from app.dicom.load import load
from app.dicom.voi import Window
from app.errors import OutputError, UsageError
from app.report.export import FORMATS, ExportRequest, export, impossible, parse_formats
from app.report.picture import Style
from inference.types import Cancelled
from tests import phantoms
from tests.app.report.answers import MODEL, answered, label_map, laid, open_series, overlay

STYLE = Style(Window(2000, 4000))
ALL = tuple(FORMATS)


@pytest.fixture
def answer(tmp_path: Path):
    phantoms.radiograph(tmp_path / "a.dcm")
    return answered(tmp_path / "a.dcm")


def request(folder: Path, formats: tuple[str, ...] = ALL, results: tuple = ()) -> ExportRequest:
    return ExportRequest(folder, formats, STYLE, (), results)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def test_every_format_makes_its_file_and_no_name_holds_the_patient(answer, tmp_path: Path) -> None:
    document, study, series, pixels, result = answer
    seen: list[float] = []
    paths = export(document, study, series, pixels, request(tmp_path / "out", results=(result,)), seen.append)
    expected = {"seg.dcm", "labels.nii.gz", "report.pdf", "picture.png", "result.json"}
    assert {path.name for path in paths} == names(tmp_path / "out") == expected
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0.0, 1.0)


def test_result_json_holds_the_answer_unrounded(answer, tmp_path: Path) -> None:
    document, study, series, pixels, result = answer
    export(document, study, series, pixels, request(tmp_path / "out", results=(result,)))
    assert json.loads((tmp_path / "out" / "result.json").read_text("utf-8")) == {
        "model": {"id": MODEL.id, "version": MODEL.version, "sha256": MODEL.sha256},
        "series_uid": series.uid,
        "sop_instance_uid": series.instances[0].sop_instance_uid,
        "device": "cpu",
        "timings_s": {"network": 0.25, "postprocess": 0.05},
        "scores": {"nodule": 1 / 3},
        "intervals": {"nodule": [0.25, 0.5]},
        "measures": {
            "Right lung: area": {"value": 231.5, "unit": "cm2"},
            "Left lung: area": {"value": 198.25, "unit": "cm2"},
            "Lungs: area": {"value": 429.75, "unit": "cm2"},
        },
        "outputs": ["seg.dcm", "labels.nii.gz", "report.pdf", "picture.png"],
    }


def test_a_volume_has_no_single_image(tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct")
    study, series = open_series(tmp_path / "ct")
    from tests.app.report.answers import result as made_result

    document = Document().with_overlay(overlay(series))
    chosen = request(tmp_path / "out", ("json",), (made_result(series, 3),))
    export(document, study, series, load(series), chosen)
    assert json.loads((tmp_path / "out" / "result.json").read_text("utf-8"))["sop_instance_uid"] is None


def test_formats_that_cannot_be_filled_are_noted_and_left_out(tmp_path: Path) -> None:
    phantoms.radiograph(tmp_path / "a.dcm")
    study, series = open_series(tmp_path / "a.dcm")
    wanted = request(tmp_path / "out")
    notes = impossible(Document(), series, wanted)
    assert [note.split(" left out")[0] for note in notes] == [
        FORMATS[name] for name in ("seg", "rtstruct", "nifti", "dicom", "json")
    ]
    paths = export(Document(), study, series, load(series), wanted)
    assert {path.name for path in paths} == {"report.pdf", "picture.png"}


def test_two_overlays_make_two_segmentations(tmp_path: Path) -> None:
    from dataclasses import replace

    phantoms.ct(tmp_path / "ct")
    study, series = open_series(tmp_path / "ct")
    document = Document().with_overlay(overlay(series)).with_overlay(replace(overlay(series), id="second"))
    paths = export(document, study, series, load(series), request(tmp_path / "out", ("seg", "nifti")))
    assert [path.name for path in paths] == ["seg.dcm", "seg-2.dcm", "labels.nii.gz", "labels-2.nii.gz"]


def test_masks_that_the_reader_rejected_stay_out(tmp_path: Path) -> None:
    phantoms.radiograph(tmp_path / "a.dcm")
    rejected = {"Left lung": FindingStatus.REJECTED}
    document, study, series, pixels, result = answered(tmp_path / "a.dcm", rejected)
    export(document, study, series, pixels, request(tmp_path / "out", results=(result,)))
    ((mask, label),) = laid(tmp_path / "out" / "seg.dcm", series).masks(0)
    assert label.name == "Right lung"
    np.testing.assert_array_equal(mask, label_map(series, 1)[0] == 1)
    rejected["Right lung"] = FindingStatus.REJECTED
    document, study, series, pixels, result = answered(tmp_path / "a.dcm", rejected)
    assert len(impossible(document, series, request(tmp_path, ("seg", "nifti")))) == 2
    paths = export(document, study, series, pixels, request(tmp_path / "two", ("seg", "pdf", "png")))
    assert {path.name for path in paths} == {"report.pdf", "picture.png"}


@pytest.mark.parametrize("stop_after", [1, 3, 5])
def test_cancelling_leaves_nothing(answer, tmp_path: Path, stop_after: int) -> None:
    document, study, series, pixels, result = answer
    calls = 0

    def tick(fraction: float) -> None:
        nonlocal calls
        calls += 1
        if calls == stop_after:
            raise Cancelled

    with pytest.raises(Cancelled):
        export(document, study, series, pixels, request(tmp_path / "out", results=(result,)), tick)
    assert not (tmp_path / "out").exists()


def test_a_full_disk_leaves_the_folder_as_it_was(answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document, study, series, pixels, result = answer
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "report.pdf").write_bytes(b"the one from before")
    flushed = 0

    def fsync(descriptor: int) -> None:
        nonlocal flushed
        flushed += 1
        if flushed == 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OutputError, match="the disk is full"):
        export(document, study, series, pixels, request(folder, results=(result,)))
    assert names(folder) == {"report.pdf"}
    assert (folder / "report.pdf").read_bytes() == b"the one from before"


def test_formats_are_read_in_any_case_and_once() -> None:
    assert parse_formats(" SEG,pdf,,seg ") == ("seg", "pdf")
    for text in ("seg,html", "", ","):
        with pytest.raises(UsageError, match="seg, rtstruct, nifti, dicom, pdf, png, json"):
            parse_formats(text)
