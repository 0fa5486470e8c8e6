"""Every control of the window and of its dialogs has a name that is read out, and can be reached by Tab."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QScrollBar,
    QTabBar,
    QTextEdit,
    QWidget,
)

from app.core.document import Measurement, MeasurementKind, Place
from app.dicom.model import Skipped
from app.dicom.objects import ObjectKind
from app.ui import text_dialog
from app.ui.palette import Palette
from app.ui.settings_dialog import SettingsDialog
from app.ui.viewport import Viewport
from app.ui.window import Window
from tests import phantoms, phantoms_4d
from tests.report_phantoms import document, image_content, number, pdf_data, report

_CONTROLS = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QTabBar,
    QTextEdit,
    Viewport,
)


def controls(root: QWidget) -> list[QWidget]:
    """What a reader works with; not the parts that Qt makes of a control, such as the field within a spin box."""
    found = []
    for widget in root.findChildren(QWidget):
        inner = widget.objectName().startswith("qt_") or isinstance(widget, QScrollBar)
        parent = widget.parentWidget()
        while parent is not None and parent is not root:
            inner = inner or isinstance(parent, QAbstractSpinBox | QComboBox | QLineEdit | QTabBar)
            # The list of a combo box, and the headers of a table.
            inner = inner or parent.inherits("QHeaderView") or parent.inherits("QKeySequenceEdit")
            parent = parent.parentWidget()
        header = widget.inherits("QHeaderView") or widget.inherits("QTableCornerButton")
        if isinstance(widget, _CONTROLS) and not inner and not header and widget.isVisibleTo(root):
            found.append(widget)
    return found


def described(widget: QWidget) -> str:
    return f"{type(widget).__name__} {widget.objectName()} in {type(widget.parentWidget()).__name__}"


def name_of(widget: QWidget) -> str:
    if isinstance(widget, QTabBar):
        return " ".join(widget.tabText(place) for place in range(widget.count()))
    shown = widget.text() if isinstance(widget, QAbstractButton) else ""
    # Not asked of QAccessible: its interfaces are Qt's own, and do not survive Python's collecting them.
    return widget.accessibleName() or shown


def walked(root: QWidget) -> list[QWidget]:
    """What has the focus after each press of Tab, until it comes round.

    Not read from ``nextInFocusChain``: PySide takes what that returns for a child of the widget that was asked, so a
    walk along it makes a ring that owns itself, and Python then frees objects that Qt still paints.
    """
    for _ in range(100):
        # A dialog that was just opened is not active after the first asking.
        root.activateWindow()
        QApplication.processEvents()
        if root.isActiveWindow():
            break
    assert root.isActiveWindow()
    seen: list[QWidget] = []
    while len(seen) < 500:
        QTest.keyClick(QApplication.focusWidget() or root, Qt.Key.Key_Tab)
        here = QApplication.focusWidget()
        if here is None or here in seen:
            break
        seen.append(here)
    return seen


def faults(root: QWidget) -> list[str]:
    found = [f"no name: {described(widget)}" for widget in controls(root) if not name_of(widget).strip()]
    reached = walked(root)
    for widget in controls(root):
        if widget.isEnabled() and not any(widget is here or widget.isAncestorOf(here) for here in reached):
            found.append(f"not by Tab: {described(widget)} {name_of(widget)!r}")
    return found


def test_the_empty_window(window: Window) -> None:
    assert faults(window) == []


@pytest.mark.parametrize("page", range(4))
def test_the_window_with_an_image(window: Window, settle, ct_folder: Path, page: int) -> None:
    window.open([ct_folder])
    settle(window)
    window.tabs.setCurrentIndex(page)
    assert faults(window) == []


def test_the_second_window(window: Window, settle, ct_folder: Path) -> None:
    window.open([ct_folder])
    settle(window)
    window.actions_["second_window"].trigger()
    settle(window)
    window.actions_["grid_1x2"].trigger()
    second = window.second.window
    assert second is not None
    assert len([one for one in controls(second) if isinstance(one, Viewport)]) == 2
    assert faults(second) == []
    second.close()


def test_the_palette(window: Window) -> None:
    window.find_command()
    assert faults(window.findChild(Palette)) == []


@pytest.mark.parametrize("page", ["General", "Shortcuts", "Mouse", "Tool bar"])
def test_the_settings(window: Window, page: str) -> None:
    window.change_settings(page)
    assert faults(window.findChild(SettingsDialog)) == []


@pytest.mark.parametrize("command", ["shortcuts", "about"])
def test_texts(window: Window, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    found: list[list[str]] = []

    def look(dialog: QDialog) -> int:
        dialog.show()
        found.append(faults(dialog))
        dialog.deleteLater()
        return 0

    monkeypatch.setattr(QDialog, "exec", look)
    window.actions_[command].trigger()
    assert found == [[]]


def test_the_export_dialog(window: Window, settle, ct_folder: Path) -> None:
    window.open([ct_folder])
    settle(window)
    window.actions_["export"].trigger()
    dialog = next(d for d in window.findChildren(QDialog) if d.isVisible())
    assert faults(dialog) == []
    dialog.reject()


@pytest.mark.parametrize("command", ["export_pictures", "edit_presets", "measure_monitor"])
def test_other_dialogs(window: Window, settle, ct_folder: Path, command: str) -> None:
    window.open([ct_folder])
    settle(window)
    window.actions_[command].trigger()
    dialog = next(d for d in window.findChildren(QDialog) if d.isVisible())
    assert faults(dialog) == []
    dialog.reject()


def test_the_list_of_skipped_files(window: Window) -> None:
    dialog = text_dialog.skipped_files(window, [Skipped(Path("a.dcm"), "no image")])
    dialog.show()
    assert faults(dialog) == []
    # the kind of which there is none is not spoken of
    assert [one.text() for one in dialog.findChildren(QLabel)] == ["1 DICOM file could not be opened."]
    dialog.reject()


def test_views_with_planes_and_with_a_cine(window: Window, settle, tmp_path: Path) -> None:
    window.open(phantoms_4d.series(tmp_path / "mr", TriggerTime=lambda p, k: 50.0 * p))
    settle(window)
    window.actions_["grid_1x2"].trigger()
    window.viewport.toggle_cine()
    assert window.care.cine_bar.isVisible()
    assert faults(window) == []
    window.viewport.toggle_cine()


def test_planes(window: Window, settle, ct_folder: Path) -> None:
    window.open([ct_folder])
    settle(window)
    window.actions_["planes"].trigger()
    settle(window)
    assert window.arranging.bar.isVisible()
    assert faults(window) == []


def test_measurements_and_calibration(window: Window, settle, ct_folder: Path) -> None:
    window.open([ct_folder])
    settle(window)
    series = window.session.active
    assert series is not None
    place = Place.of(series, window.viewport.index)
    line = Measurement("m1", MeasurementKind.DISTANCE, place, ((2.0, 2.0), (2.0, 12.0)))
    window.session.commit("Add", window.session.document.with_measurement(line))
    window.tabs.setCurrentWidget(window.measurements)
    assert faults(window) == []
    window.viewport.calibrationDrawn.emit(line)
    dialog = window.measuring.dialog
    assert dialog is not None
    assert faults(dialog) == []
    dialog.reject()


@pytest.mark.parametrize("kind", [ObjectKind.REPORT, ObjectKind.DOCUMENT])
def test_reports_and_documents(window: Window, settle, tmp_path: Path, kind: ObjectKind) -> None:
    paths = phantoms.ct(tmp_path / "ct")
    report(tmp_path / "sr.dcm", number("Long axis", "7", "mm", image_content(paths[0])), images=paths)
    document(tmp_path / "doc.dcm", pdf_data())
    window.open([tmp_path])
    settle(window)
    window.open_object(next(one for one in window.session.index.objects() if one.kind is kind))
    settle(window)
    (dialog,) = window.objects.dialogs.values()
    assert faults(dialog) == []
    dialog.close()
