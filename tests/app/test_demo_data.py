"""The demonstration (app/demo_data.py, app/cli/demo.py)."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app import demo_data, paths
from app.cli import demo
from app.dicom.index import index
from app.dicom.scan import scan
from app.errors import NothingReadable, OutputError, UserError
from tests.app.cli_tools import made_model
from tests.app.report.answers import verify

ROOT = Path(__file__).resolve().parents[2]


def test_it_shows_a_radiograph_ct_mr_and_an_ultrasound_cine() -> None:
    found = index(scan(demo_data.paths()))
    assert found.skipped == ()
    modalities = [series.modality for series in found.series()]
    assert set(modalities) == {"CR", "CT", "MR", "US"}
    assert max(len(series.frames) for series in found.series()) == 120
    assert demo_data.paths()[0].name == demo_data.CHEST


def test_without_its_images_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(demo_data, "find_spec", lambda name: None)
    with pytest.raises(NothingReadable, match="pip install pydicom-data"):
        demo_data.paths()


def test_its_folder_is_new_every_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert demo_data.fresh_folder() == tmp_path / "scoutview-demo"
    (tmp_path / "scoutview-demo").mkdir()
    assert demo_data.fresh_folder() == tmp_path / "scoutview-demo-2"
    monkeypatch.setattr(Path, "exists", lambda self: True)
    with pytest.raises(OutputError):
        demo_data.fresh_folder()


def test_without_its_model_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made_model(tmp_path / "models", monkeypatch)
    with pytest.raises(UserError, match="cxr-lungs"):
        demo.report(tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_without_a_display_it_leaves_picture_report_and_segmentation_in_a_folder_that_it_names(tmp_path: Path) -> None:
    if not (paths.models_dir() / demo_data.MODEL / "configs" / "metadata.json").is_file():
        pytest.skip("the model cxr-lungs is not in assets/models")
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {key: value for key, value in os.environ.items() if key not in hidden} | {"PYTHONPATH": str(ROOT)}
    ran = subprocess.run(
        [sys.executable, "-m", "app", "demo"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    folder = tmp_path / "scoutview-demo"
    assert str(folder) in ran.stdout
    assert ran.stderr == ""
    assert {"window.png", "report.pdf", "seg.dcm"} <= {path.name for path in folder.iterdir()}
    verify(folder / "seg.dcm")
