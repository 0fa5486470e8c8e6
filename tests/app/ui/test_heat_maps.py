"""A model of classes in the window: scores with their range, heat maps to choose, the card behind them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.core import analysis
from app.core.heat import HeatWash
from app.ui.window import Window
from inference.bundle import Bundle
from inference.types import Code, HeatMap, Label, ModelRef, Result
from tests.app.ui import models

CLASSES = (
    Label(1, "normal", Code("17621005", "Normal"), (86, 180, 233)),
    Label(2, "bacterial", Code("53084003", "Bacterial pneumonia"), (230, 159, 0)),
)


def said(order: analysis.Order) -> Result:
    """Two scores, and a map that is bright on the image's left half."""
    series = order.series
    values = np.zeros((1, series.rows, series.columns), np.float32)
    values[..., : series.columns // 2] = 1
    return Result(
        request_id=order.request.id,
        model=ModelRef(order.bundle.id, order.bundle.version, order.bundle.sha256),
        device="cpu",
        timings_s={"network": 0.1},
        labels=CLASSES,
        scores={"normal": 0.07, "bacterial": 0.93},
        intervals={"normal": (0.04, 0.12), "bacterial": (0.88, 0.96)},
        maps=(
            HeatMap("Attention", values, "Bright: it looked here."),
            HeatMap("Grad-CAM, bacterial", values[..., ::-1].copy(), "Bright: this raised the score."),
        ),
    )


@pytest.fixture
def classes(monkeypatch: pytest.MonkeyPatch) -> Bundle:
    monkeypatch.setattr(analysis.Order, "run", lambda order, tick: said(order))
    return models.bundle("classes")


def ask(window: Window, settle, radiograph: Path, classes: Bundle) -> None:
    """Opens the radiograph and lets the model answer."""
    settle(window)
    window.analyses._keep((classes,))
    window.open([radiograph])
    settle(window)
    window.run_model(classes)
    settle(window)


@pytest.fixture
def answered(window: Window, settle, radiograph: Path, classes: Bundle) -> Window:
    ask(window, settle, radiograph, classes)
    return window


def test_a_long_name_of_a_map_takes_no_room_from_the_findings(
    qtbot, window: Window, settle, radiograph: Path, classes: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    def long(order: analysis.Order) -> Result:
        found = said(order)
        return replace(found, maps=(replace(found.maps[0], name="Grad-CAM, pneumonia of the left lower lobe"),))

    monkeypatch.setattr(analysis.Order, "run", lambda order, tick: long(order))
    ask(window, settle, radiograph, classes)
    (card,) = window.ai_panel.cards

    def laid_out() -> None:
        assert [row.height() for row in card.rows] == [row.heightForWidth(row.width()) for row in card.rows]

    qtbot.waitUntil(laid_out, timeout=20_000)


def laid(window: Window) -> list[HeatWash]:
    return [wash for wash in window.session.washes_on(window.session.active) if isinstance(wash, HeatWash)]


def texts(window: Window) -> list[str]:
    from PySide6.QtWidgets import QLabel

    return [one.text() for one in window.ai_panel.cards[0].findChildren(QLabel)]


def test_scores_stand_with_their_range_under_clinical_names(answered: Window) -> None:
    (card,) = answered.ai_panel.cards
    assert [row.finding.kind for row in card.rows] == ["Normal", "Bacterial pneumonia"]
    assert "93 % (88–96 %)" in texts(answered)
    assert "7 % (4–12 %)" in texts(answered)


def test_no_map_covers_the_image_until_one_is_chosen(answered: Window, settle) -> None:
    heat = answered.ai_panel.cards[0].heat
    assert heat.isVisibleTo(answered)
    assert [heat.box.itemText(i) for i in range(heat.box.count())] == [
        "No heat map",
        "Attention",
        "Grad-CAM, bacterial",
    ]
    assert not laid(answered)
    before = answered.viewport.grab().toImage()
    heat.box.setCurrentIndex(1)
    settle(answered)
    assert [wash.quantity for wash in laid(answered)] == ["Attention"]
    assert "Bright: it looked here." in texts(answered)
    assert answered.viewport.grab().toImage() != before
    heat.box.setCurrentIndex(2)
    settle(answered)
    assert [wash.quantity for wash in laid(answered)] == ["Grad-CAM, bacterial"]
    heat.box.setCurrentIndex(0)
    settle(answered)
    assert not laid(answered)
    assert answered.viewport.grab().toImage() == before


def test_choosing_a_map_shows_overlays_that_were_hidden(answered: Window, settle) -> None:
    answered.ai_panel.overlays_shown.click()
    assert not answered.session.style.visible
    answered.ai_panel.cards[0].heat.box.setCurrentIndex(1)
    settle(answered)
    assert answered.session.style.visible


def test_the_map_goes_with_its_answer_and_undo_brings_only_the_answer_back(answered: Window, settle) -> None:
    answered.ai_panel.cards[0].heat.box.setCurrentIndex(1)
    settle(answered)
    answered.ai_panel.cards[0]._remove()
    settle(answered)
    assert not answered.session.document.findings
    assert not laid(answered)
    answered.session.undo()
    settle(answered)
    assert len(answered.session.document.findings) == 2
    heat = answered.ai_panel.cards[0].heat
    assert heat.box.currentIndex() == 0


def test_a_new_run_takes_the_old_map_away(answered: Window, settle, classes: Bundle) -> None:
    answered.ai_panel.cards[0].heat.box.setCurrentIndex(1)
    settle(answered)
    old = laid(answered)[0].values
    answered.run_model(classes)
    settle(answered)
    assert len(answered.session.document.findings) == 2
    assert all(wash.values is not old for wash in laid(answered))


def test_explain_asks_for_the_model_s_card(answered: Window) -> None:
    wanted: list[object] = []
    answered.ai_panel.explain.disconnect()
    answered.ai_panel.explain.connect(wanted.append)
    answered.ai_panel.cards[0].explained.emit("classes")
    assert [bundle.id for bundle in wanted] == ["classes"]
