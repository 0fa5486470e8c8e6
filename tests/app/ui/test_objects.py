"""Objects of a study in the window: read in the background, listed, shown and hidden (app/ui/attaching.py)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from app.report.rtstruct import rtstruct_bytes
from app.report.seg import seg_bytes
from app.ui.dispatch import Job
from app.ui.window import Window
from tests import phantoms
from tests.app.report.answers import LABELS, open_series, overlay
from tests.made_objects import dose, item, stored

Settle = Callable[[Window], None]


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A CT with a segmentation, a structure set and a dose on it, and a structure set of other images."""
    phantoms.ct(tmp_path / "images")
    _, series = open_series(tmp_path / "images")
    folder = tmp_path / "objects"
    folder.mkdir()
    (folder / "seg.dcm").write_bytes(seg_bytes(overlay(series), series))
    (folder / "rs.dcm").write_bytes(rtstruct_bytes(overlay(series), series))
    assert series.positions is not None
    values = np.full((3, 10, 10), 1000, np.uint16)
    dose(folder / "dose.dcm", values, np.arange(3) * 2.5, frame_of_reference=series.frame_of_reference_uid,
         origin=series.positions[0], spacing=(1.0, 1.0), DoseComment="Boost")  # fmt: skip
    named = item(ReferencedSOPInstanceUID="1.2.3")
    stored(folder / "stray.dcm", "1.2.840.10008.5.1.4.1.1.481.3", "RTSTRUCT", ReferencedImageSequence=[named])
    return tmp_path


def _open(window: Window, settle: Settle, *paths: Path) -> None:
    for path in paths:
        window.open([path])
        settle(window)


def _kinds(window: Window) -> dict[str, bool]:
    """What the panel lists on the series, and whether it is shown."""
    return {card.stored.kind.id: card.eye.isChecked() for card in window.objects_panel.cards}


@pytest.mark.parametrize("order", [("objects", "images"), ("images", "objects"), (".",)], ids=str)
def test_whichever_is_opened_first_they_are_laid_over_the_images(
    window: Window, settle: Settle, study: Path, order: tuple[str, ...]
) -> None:
    _open(window, settle, *(study / name for name in order))
    series = window.session.active
    assert series is not None
    assert _kinds(window) == {"seg": True, "rtstruct": True, "rtdose": False}
    assert sorted(layer.title.split()[0] for layer in window.session.layers_on(series)) == ["RTSTRUCT", "SEG"]
    assert window.session.washes_on(series) == ()
    assert window.actions_["toggle_overlays"].isEnabled()
    (other,) = window.objects_panel.others
    assert other.why.text() == "The images it refers to are not open."


def test_objects_alone_say_what_is_missing(window: Window, settle: Settle, study: Path) -> None:
    _open(window, settle, study / "objects" / "seg.dcm")
    assert window.session.active is None
    assert window.session.attachments[0].why_not == "The images it refers to are not open."
    assert window.area.empty.face == "trouble"


def test_each_object_can_be_hidden_and_brought_back(window: Window, settle: Settle, study: Path) -> None:
    _open(window, settle, study)
    series = window.session.active
    assert series is not None
    card = next(card for card in window.objects_panel.cards if card.stored.kind.id == "seg")
    card.eye.click()
    assert [layer.title.split()[0] for layer in window.session.layers_on(series)] == ["RTSTRUCT"]
    # It stays away, also when something else is opened.
    _open(window, settle, study / "objects" / "stray.dcm")
    card = next(card for card in window.objects_panel.cards if card.stored.kind.id == "seg")
    assert not card.eye.isChecked()
    card.eye.click()
    settle(window)
    assert len(window.session.layers_on(series)) == 2


def test_reading_that_is_cancelled_stays_cancelled_until_asked_for(window: Window, settle: Settle, study: Path) -> None:
    def cancel(job: Job) -> None:
        job.cancel()

    window.attaching.started.connect(cancel)
    _open(window, settle, study)
    series = window.session.active
    assert series is not None
    assert window.session.laid_on(series) == ()
    window.attaching.started.disconnect(cancel)
    assert _kinds(window) == {"seg": False, "rtstruct": False, "rtdose": False}
    for card in window.objects_panel.cards:
        card.eye.click()
    settle(window)
    assert len(window.session.laid_on(series)) == 3


def test_parts_are_hidden_one_by_one_and_gone_to(window: Window, settle: Settle, study: Path) -> None:
    _open(window, settle, study)
    card = next(card for card in window.objects_panel.cards if card.stored.kind.id == "seg")
    assert [row.part.name for row in card.rows] == [label.name for label in LABELS]
    card.rows[0].visible.click()
    assert window.session.style.hidden_labels == {(card.stored.uid, 1)}
    card.rows[0].visible.click()
    assert window.session.style.hidden_labels == frozenset()
    # The overlay's second image is empty: the parts are on the first and the third.
    window.viewport.set_index(1)
    card.rows[1].go.click()
    assert window.viewport.index in (0, 2)


def test_a_dose_comes_when_it_is_asked_for(window: Window, settle: Settle, study: Path) -> None:
    _open(window, settle, study)
    series = window.session.active
    assert series is not None
    card = next(card for card in window.objects_panel.cards if card.stored.kind.id == "rtdose")
    card.eye.click()
    settle(window)
    (wash,) = window.session.washes_on(series)
    assert (wash.high, wash.unit) == (1.0, "Gy")
    assert card.threshold is not None
    card.threshold.slider.setValue(card.threshold.slider.maximum() // 2)
    assert window.session.style.threshold_of(wash) == pytest.approx(0.5)
    assert card.threshold.value.text() == "0.50 Gy"


def test_one_that_cannot_be_read_says_why_and_the_rest_is_there(window: Window, settle: Settle, study: Path) -> None:
    path = study / "objects" / "seg.dcm"
    data = path.read_bytes()
    path.write_bytes(data[: len(data) - 200])
    _open(window, settle, study)
    card = next(card for card in window.objects_panel.cards if card.stored.kind.id == "seg")
    assert not card.eye.isChecked()
    assert card._fault.text()
    series = window.session.active
    assert series is not None
    assert [layer.title.split()[0] for layer in window.session.layers_on(series)] == ["RTSTRUCT"]


def test_closing_forgets_layers(window: Window, settle: Settle, study: Path) -> None:
    _open(window, settle, study)
    series = window.session.active
    assert series is not None
    window.close_studies()
    assert window.session.laid_on(series) == ()
    assert window.objects_panel.cards == []
    _open(window, settle, study)
    assert window.session.active is not None
    assert len(window.session.layers_on(window.session.active)) == 2


def test_slices_across_a_dose_are_fetched_in_the_background(window: Window, settle: Settle, tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct", orientation=phantoms.CORONAL)
    _, series = open_series(tmp_path / "ct")
    values = np.full((30, 30, 30), 1000, np.uint16)
    dose(tmp_path / "dose.dcm", values, np.arange(30) * 2.0, frame_of_reference=series.frame_of_reference_uid,
         origin=(-20.0, -50.0, 0.0), spacing=(2.0, 2.0))  # fmt: skip
    _open(window, settle, tmp_path)
    (card,) = window.objects_panel.cards
    card.eye.click()
    settle(window)
    assert window.session.active is not None
    (wash,) = window.session.washes_on(window.session.active)
    assert not wash.is_quick
    assert wash.is_ready(window.viewport.index)
    assert not wash.is_ready(2)
    # The job may be quicker than the next line: that it was one is what ``settle`` waits for.
    window.viewport.set_index(2)
    settle(window)
    assert wash.is_ready(2)
    assert wash.value_at(2, 11, 19) == pytest.approx(1.0)
