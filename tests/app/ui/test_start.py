"""Starting: quickly, without what only jobs need, and the demo without a display."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.errors import UserError
from app.paths import models_dir
from app.ui import message
from app.ui.window import Window
from tests.conftest import ROOT

OPEN_A_WINDOW = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from app.ui import application
from pathlib import Path

def end():
    window = QApplication.topLevelWidgets()
    main = next(w for w in window if w.metaObject().className() == "Window")
    if main.dispatcher.jobs or not main.area.shows_image:
        QTimer.singleShot(20, end)
        return
    main.close()

QTimer.singleShot(0, end)
code = application.run_window([Path(sys.argv[1])])
print("torch" in sys.modules, code)
"""


def test_opening_a_window_on_a_study_does_not_load_torch(ct_folder: Path, scoutview_home: Path) -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", OPEN_A_WINDOW, str(ct_folder)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.split() == ["False", "0"], done.stderr
    assert (scoutview_home / "settings.json").is_file()


def test_a_fault_in_a_slot_reaches_the_user_and_the_program_goes_on(window: Window, ear) -> None:
    from app.ui.application import _tell

    try:
        raise ValueError("inside a slot")
    except ValueError as error:
        _tell(window)(ValueError, error, error.__traceback__)
    assert "failed" in ear.heard[0].what
    assert "ValueError" in ear.heard[0].details


def test_a_fault_that_comes_with_every_repaint_is_told_once(window: Window, ear) -> None:
    from app.ui.application import _tell

    tell = _tell(window)
    for _ in range(3):
        try:
            raise ValueError("while painting")
        except ValueError as error:
            tell(ValueError, error, error.__traceback__)
    assert len(ear.heard) == 1


def test_the_demo_without_its_model_says_so(qapp, dressed, no_models: Path, tmp_path: Path) -> None:
    from app.ui.demo import capture_demo

    with pytest.raises(UserError, match="not installed"):
        capture_demo(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert message._speaker is message._show_box


def test_the_demo_in_a_window_tells_that_its_model_is_missing(window: Window, settle, qtbot, ear) -> None:
    window.actions_["open_demo"].trigger()
    settle(window)
    qtbot.waitUntil(lambda: bool(ear.heard))
    assert "not installed" in ear.heard[0].what
    assert window.area.shows_image
    assert len(window.session.index.series()) == 5


def test_the_demo_is_captured_without_a_display(qapp, dressed, tmp_path: Path) -> None:
    if not (models_dir() / "cxr-lungs").is_dir():
        pytest.skip(f"the model cxr-lungs is not in {models_dir()}")
    from PySide6.QtGui import QImage

    from app.ui.demo import SIZE, capture_demo

    (picture,) = capture_demo(tmp_path)
    assert picture == tmp_path / "window.png"
    image = QImage(str(picture))
    assert (image.width(), image.height()) >= SIZE
