"""What is no image, in the window: presentation states, key images, reports, documents."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtTest import QTest

from app.dicom.load import load
from app.dicom.objects import ObjectKind, StoredObject
from app.dicom.voi import Window as Voi
from app.report import picture
from app.ui.browser_rows import KEYED, OBJECT, SERIES
from app.ui.pdf_dialog import PdfDialog
from app.ui.report_dialog import ReportDialog
from app.ui.viewport.corners import TextLevel
from app.ui.window import Window
from tests import phantoms
from tests.app.ui.viewport.reading import rgb
from tests.presentation_phantoms import (
    annotation_item,
    area_item,
    graphic_item,
    image_item,
    layer_item,
    state,
    text_item,
    window_item,
)
from tests.report_phantoms import code, content, document, image_content, key_objects, number, pdf_data, report


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A CT of three slices of 23 × 38 and what others said about it."""
    paths = phantoms.ct(tmp_path / "ct")
    headers = [phantoms_header(path) for path in paths]
    marks = annotation_item(
        "MARKS",
        # Column\row, from the corner of the first pixel: along row 10, from column 5 to column 30.
        graphic_item("POLYLINE", [(5.5, 10.5), (30.5, 10.5)]),
        text_item("here", anchor=(5, 3)),
        images=[image_item(headers[1])],
    )
    state(
        tmp_path / "state.dcm",
        paths,
        label="MARKED",
        RescaleSlope="1",
        RescaleIntercept="-1024",
        RescaleType="HU",
        SoftcopyVOILUTSequence=[
            window_item(-800, 300, image_item(headers[1])),
            window_item(-700, 500, image_item(headers[0]), image_item(headers[2])),
        ],
        PresentationLUTShape="INVERSE",
        ImageRotation=90,
        ImageHorizontalFlip="Y",
        GraphicAnnotationSequence=[marks],
        GraphicLayerSequence=[layer_item("MARKS", 1, GraphicLayerRecommendedDisplayRGBValue=[65535, 0, 0])],
    )
    blending = state(tmp_path / "blend.dcm", paths, label="BLENDED")
    change_class(blending, "1.2.840.10008.5.1.4.1.1.11.4")
    key_objects(tmp_path / "ko.dcm", [image_content(paths[0]), image_content(paths[2])], paths)
    region = content(
        "SCOORD", None, image_content(paths[2], relation="SELECTED FROM"),
        relation="INFERRED FROM", GraphicType="POLYLINE", GraphicData=[5.5, 4.5, 30.5, 4.5],
    )  # fmt: skip
    other = phantoms.ct(tmp_path.parent / f"{tmp_path.name}-elsewhere", series="elsewhere")
    report(
        tmp_path / "sr.dcm", number("Long axis", "7", "mm", region), image_content(other[0]),
        content("TEXT", code("c", "A <b>name</b>"), TextValue="5 < 6 & more"), images=paths,
    )  # fmt: skip
    document(tmp_path / "doc.dcm", pdf_data())
    return tmp_path


def phantoms_header(path: Path):
    import pydicom

    return pydicom.dcmread(path, stop_before_pixels=True)


def change_class(path: Path, uid: str) -> None:
    import pydicom

    dataset = pydicom.dcmread(path)
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = uid
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = phantoms.uid("other state")
    dataset.save_as(path)


@pytest.fixture
def opened(window: Window, settle, study: Path) -> Window:
    window.open([study])
    settle(window)
    return window


def found(window: Window, kind: ObjectKind, label: str = "") -> StoredObject:
    return next(one for one in window.session.index.objects() if one.kind is kind and label in (one.label, ""))


def test_a_state_shows_its_window_turns_and_marks(opened: Window, settle) -> None:
    view = opened.viewport
    view.set_index(1)
    assert view.voi == Voi(40.0, 400.0)
    opened.open_object(found(opened, ObjectKind.PRESENTATION_STATE, "MARKED"))
    settle(opened)
    assert view.voi == Voi(-800.0, 300.0)
    # Turned by 90° and then flipped: the same as flipped and turned back.
    assert (view.view.flip_horizontal, view.view.rotation) == (True, 3)
    assert view.view.presentation is not None
    view.set_text_level(TextLevel.NONE)
    shown = rgb(view.snapshot()).astype(int)
    red = np.argwhere((shown[..., 0] > 200) & (shown[..., 1] < 80) & (shown[..., 2] < 80))
    # A line along a row of the image stands upright on screen.
    assert np.bincount(red[:, 1]).max() > 3 * np.bincount(red[:, 0]).max()
    view.toggle_graphics()
    hidden = rgb(view.snapshot()).astype(int)
    assert not ((hidden[..., 0] > 200) & (hidden[..., 1] < 80) & (hidden[..., 2] < 80)).any()


def test_the_picture_is_the_states_pixel_for_pixel(opened: Window, settle) -> None:
    opened.open_object(found(opened, ObjectKind.PRESENTATION_STATE, "MARKED"))
    settle(opened)
    view = opened.viewport
    view.set_text_level(TextLevel.NONE)
    view.toggle_graphics()
    view.set_view(view.view.__class__(zoom=1.0, presentation=view.view.presentation))
    shown = rgb(view.snapshot())
    series, state_ = view.series, view.view.presentation
    assert series is not None
    wanted = picture.frame(view.index, load(series), picture.Style(None, presentation=state_))
    canvas = view.canvas()
    assert canvas is not None
    assert wanted.max() > 200
    # At one to one a row of the image is a row of the screen, somewhere about its middle; columns are finer.
    assert {int(value) for value in np.unique(shown)} >= {int(value) for value in np.unique(wanted)[::40]}


def test_each_image_has_its_window_until_the_reader_chooses_one(opened: Window, settle) -> None:
    view = opened.viewport
    view.set_index(1)
    opened.open_object(found(opened, ObjectKind.PRESENTATION_STATE, "MARKED"))
    settle(opened)
    view.set_index(2)
    assert view.voi == Voi(-700.0, 500.0)
    view.set_index(1)
    assert view.voi == Voi(-800.0, 300.0)
    view.set_voi(Voi(0.0, 100.0))
    view.set_index(2)
    assert view.voi == Voi(0.0, 100.0)


def test_states_are_offered_by_name_and_can_be_left(opened: Window, settle) -> None:
    menu = opened.presentations.menu
    texts = [action.text() for action in menu.actions()]
    assert texts[0] == "None: as the images say"
    assert any("MARKED" in text for text in texts)
    blended = next(action for action in menu.actions() if "BLENDED" in action.text())
    assert "blending presentation state is not supported" in blended.text()
    assert not blended.isEnabled()
    next(action for action in menu.actions() if "MARKED" in action.text()).trigger()
    settle(opened)
    assert [action.isChecked() for action in menu.actions() if "MARKED" in action.text()] == [True]
    menu.actions()[0].trigger()
    assert opened.viewport.view.presentation is None
    assert opened.viewport.voi == Voi(40.0, 400.0)
    assert opened.viewport.view.rotation == 0


def test_a_displayed_area_fills_the_viewport(window: Window, settle, tmp_path: Path) -> None:
    paths = phantoms.ct(tmp_path / "ct", spacing=(2.5, 0.5, 0.5))
    state(tmp_path / "s.dcm", paths, label="AREA", DisplayedAreaSelectionSequence=[area_item((11, 6, 20, 15))])
    state(
        tmp_path / "m.dcm", paths, label="LARGE",
        DisplayedAreaSelectionSequence=[area_item((1, 1, 38, 23), "MAGNIFY", PresentationPixelMagnificationRatio=4.0)],
    )  # fmt: skip
    window.open([tmp_path])
    settle(window)
    window.open_object(found(window, ObjectKind.PRESENTATION_STATE, "AREA"))
    settle(window)
    view = window.viewport
    canvas = view.canvas()
    assert canvas is not None
    assert view.view.zoom == pytest.approx(min(canvas.width, canvas.height) / 10)
    assert view.view.centre == (9.5, 14.5)
    window.open_object(found(window, ObjectKind.PRESENTATION_STATE, "LARGE"))
    settle(window)
    assert view.view.zoom == 4.0


def test_k_goes_from_key_image_to_key_image(opened: Window) -> None:
    view = opened.viewport
    view.set_index(1)
    view.setFocus()
    opened.activateWindow()
    QTest.qWaitForWindowActive(opened)
    seen = []
    for _ in range(3):
        QTest.keyClick(view, Qt.Key.Key_K)
        seen.append(view.index)
    assert seen == [2, 0, 2]
    QTest.keyClick(view, Qt.Key.Key_K, Qt.KeyboardModifier.ShiftModifier)
    assert view.index == 0
    assert view.slice_bar.key_images == (0, 2)
    items = [opened.browser.model.itemFromIndex(index) for index in _rows(opened)]
    assert [item.data(KEYED) for item in items if item.data(SERIES) is not None] == [True]
    assert len([item for item in items if item.data(OBJECT) is not None]) == 5


def _rows(window: Window) -> list:
    model = window.browser.model
    study_ = model.index(0, 0, model.index(0, 0))
    return [model.index(row, 0, study_) for row in range(model.rowCount(study_))]


def test_a_report_reads_and_leads_to_its_images(opened: Window, settle) -> None:
    stored = found(opened, ObjectKind.REPORT)
    opened.open_object(stored)
    settle(opened)
    dialog = opened.objects.dialogs[stored.uid]
    assert isinstance(dialog, ReportDialog)
    text = dialog.text.toPlainText()
    assert "Long axis: 7 mm" in text
    assert "A <b>name</b>: 5 < 6 & more" in text
    assert "image that is not open" in text
    assert "[UCUM mm]" not in text
    dialog.codes.setChecked(True)
    assert "[UCUM mm]" in dialog.text.toPlainText()
    opened.viewport.set_index(0)
    dialog.text.anchorClicked.emit(QUrl("image:0"))
    assert opened.viewport.index == 2
    series = opened.viewport.series
    assert series is not None
    (drawing,) = opened.objects.drawings(series, 2)
    assert drawing.texts[0].text == "Long axis 7 mm"
    dialog.close()
    settle(opened)
    assert opened.objects.drawings(series, 2) == ()


def test_a_document_shows_page_by_page(opened: Window, settle) -> None:
    stored = found(opened, ObjectKind.DOCUMENT)
    opened.open_object(stored)
    settle(opened)
    dialog = opened.objects.dialogs[stored.uid]
    assert isinstance(dialog, PdfDialog)
    settle(opened)
    first = dialog.page.pixmap().toImage()
    dialog.on.click()
    dialog.larger.click()
    settle(opened)
    second = dialog.page.pixmap().toImage()
    assert (dialog.number.value(), dialog.percent.text()) == (2, "125 %")
    assert second.width() == pytest.approx(first.width() * 1.25, abs=2)
    assert not dialog.on.isEnabled()
    dialog.close()
    assert opened.objects.dialogs == {}


def test_a_damaged_document_is_an_error_line(window: Window, settle, tmp_path: Path, ear) -> None:
    document(tmp_path / "doc.dcm", b"%PDF-1.4 nothing")
    phantoms.ct(tmp_path / "ct")
    window.open([tmp_path])
    settle(window)
    window.open_object(found(window, ObjectKind.DOCUMENT))
    settle(window)
    (told,) = ear.heard
    assert "damaged or no PDF" in str(told)
    assert window.objects.dialogs == {}


def test_a_report_alone_opens(window: Window, settle, tmp_path: Path) -> None:
    report(tmp_path / "sr.dcm", content("TEXT", code("c", "Conclusion"), TextValue="Normal."))
    window.open([tmp_path])
    settle(window)
    (dialog,) = window.objects.dialogs.values()
    assert isinstance(dialog, ReportDialog)
    assert "Conclusion: Normal." in dialog.text.toPlainText()
    dialog.close()


def test_images_may_come_after_their_state(window: Window, settle, study: Path) -> None:
    window.open([study / "state.dcm"])
    settle(window)
    window.open([study / "ct"])
    settle(window)
    assert [one.label for one in window.presentations.states()] == ["MARKED"]
