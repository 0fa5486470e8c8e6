"""The AI panel: what fits comes first, the others say why; answers are shown, judged and taken back."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLabel, QTextBrowser, QWidget

from app.core import analysis
from app.core.document import FindingStatus
from app.paths import models_dir
from app.ui import text_dialog
from app.ui.model_row import BrokenModelRow
from app.ui.window import Window
from inference.bundle import BrokenBundle, Bundle
from inference.types import Refused, Result
from tests import phantoms
from tests.app.ui import models


class Engine:
    """Stands in for the network: waits until it is let go, then answers or fails."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.orders: list[analysis.Order] = []
        self.threads: list[str] = []
        self.go = threading.Event()
        self.fault: Exception | None = None
        self.notes: tuple[str, ...] = ()
        monkeypatch.setattr(analysis.Order, "run", lambda order, tick: self.run(order, tick))

    def run(self, order: analysis.Order, tick) -> Result:
        self.orders.append(order)
        self.threads.append(threading.current_thread().name)
        tick(0.5)
        while not self.go.wait(0.005):
            tick(0.5)
        if self.fault is not None:
            raise self.fault
        return models.answer(order.bundle, order.series, order.request.id, self.notes)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    engine = Engine(monkeypatch)
    engine.go.set()
    return engine


@pytest.fixture
def lungs() -> Bundle:
    return models.bundle("lungs")


@pytest.fixture
def film(window: Window, settle, radiograph: Path, lungs: Bundle) -> Window:
    """The window with a radiograph on screen and two models, one of which fits."""
    settle(window)
    window.analyses._keep((models.bundle("ct-model", "CT"), lungs))
    window.open([radiograph])
    settle(window)
    return window


@pytest.fixture
def answered(film: Window, settle, engine: Engine, lungs: Bundle) -> Window:
    """The same after a run."""
    engine.notes = ("View unknown.",)
    film.run_model(lungs)
    settle(film)
    return film


def shown_rows(window: Window) -> tuple[list[str], list[str]]:
    """Identifiers of the models that are offered, and of those that do not fit."""
    panel = window.ai_panel

    def ids(layout) -> list[str]:
        widgets = [layout.itemAt(i).widget() for i in range(layout.count())]
        return [widget.bundle.id for widget in widgets if not isinstance(widget, BrokenModelRow)]

    return ids(panel._models), ids(panel._others)


def test_no_models_are_said_to_be_missing(window: Window, settle) -> None:
    settle(window)
    assert "No models are installed" in window.ai_panel._hint.text()


def test_models_that_fit_stand_apart_from_those_that_do_not(film: Window) -> None:
    assert shown_rows(film) == (["lungs"], ["ct-model"])
    row = film.ai_panel.rows["ct-model"]
    assert not row.run_button.isVisibleTo(film)
    assert "DX" in row._reason.text()
    assert film.ai_panel.rows["lungs"].run_button.isVisibleTo(film)


def test_another_series_changes_what_fits(film: Window, settle, ct_folder: Path) -> None:
    film.open([ct_folder])
    settle(film)
    assert film.session.active.modality == "CT"
    assert "lungs" in shown_rows(film)[1]
    assert "radiograph" in film.ai_panel.rows["lungs"]._reason.text()


def test_a_model_that_cannot_be_used_is_shown_with_the_reason(film: Window, lungs: Bundle) -> None:
    film.analyses._keep((lungs, BrokenBundle(Path("models/half"), "models/half: the weights are missing")))
    (row,) = film.ai_panel.findChildren(BrokenModelRow)
    texts = [part.text() for part in row.findChildren(QLabel)]
    assert any("half cannot be used" in text for text in texts)
    assert any("weights are missing" in text for text in texts)


def test_run_goes_to_the_inference_thread_and_its_answer_to_the_document(
    film: Window, settle, engine: Engine, lungs: Bundle
) -> None:
    film.ai_panel.rows["lungs"].run_button.click()
    settle(film)
    (order,) = engine.orders
    assert engine.threads[0].startswith("scoutview-inference")
    assert order.request.volume.shape == (1, film.session.active.rows, film.session.active.columns)
    (overlay,) = film.session.document.overlays
    assert overlay.indices == (0,)
    findings = film.session.document.findings
    assert [finding.kind for finding in findings] == ["Right lung", "Left lung"]
    assert {finding.status for finding in findings} == {FindingStatus.PROPOSED}


def test_while_it_runs_there_is_progress_and_cancel(film: Window, qtbot, settle, engine: Engine, lungs: Bundle) -> None:
    engine.go.clear()
    row = film.ai_panel.rows["lungs"]
    row.run_button.click()
    qtbot.waitUntil(lambda: row.progress.value() == 500)
    assert row.progress.isVisibleTo(film)
    assert not row.run_button.isVisibleTo(film)
    row.cancel_button.click()
    settle(film)
    assert film.session.document.overlays == ()
    assert row.run_button.isVisibleTo(film)
    assert not row.progress.isVisibleTo(film)


def test_a_second_run_replaces_the_first(film: Window, qtbot, settle, engine: Engine, lungs: Bundle) -> None:
    engine.go.clear()
    film.run_model(lungs)
    qtbot.waitUntil(lambda: len(engine.orders) == 1)
    film.run_model(lungs)
    engine.go.set()
    settle(film)
    assert len(film.session.document.overlays) == 1
    assert "AI: lungs" in film.actions_["undo"].text()
    film.session.undo()
    assert film.session.document.overlays == ()


def test_an_answer_for_studies_that_were_closed_is_dropped(
    film: Window, qtbot, settle, engine: Engine, lungs: Bundle
) -> None:
    engine.go.clear()
    film.run_model(lungs)
    qtbot.waitUntil(lambda: len(engine.orders) == 1)
    film.close_studies()
    engine.go.set()
    settle(film)
    assert film.session.document.overlays == ()


def test_an_answer_stays_with_its_series_when_another_one_is_shown(
    film: Window, qtbot, settle, engine: Engine, lungs: Bundle, ct_folder: Path
) -> None:
    film_series = film.session.active
    engine.go.clear()
    film.run_model(lungs)
    film.open([ct_folder])
    qtbot.waitUntil(lambda: film.session.active is not film_series)
    engine.go.set()
    settle(film)
    (overlay,) = film.session.document.overlays
    assert overlay.series_key == film_series.key
    assert film.ai_panel.cards == []
    film.show_series(next(s for s in film.session.index.series() if s.key == film_series.key))
    assert len(film.ai_panel.cards) == 1


def test_a_refusal_stays_beside_the_model_without_a_dialog(
    film: Window, settle, ear, engine: Engine, lungs: Bundle
) -> None:
    engine.fault = Refused("the image is blank", overridable=True)
    film.run_model(lungs)
    settle(film)
    row = film.ai_panel.rows["lungs"]
    assert row._reason.text() == "The image is blank."
    assert row.insist_button.isVisibleTo(film)
    assert ear.heard == []
    engine.fault = None
    row.insist_button.click()
    settle(film)
    assert engine.orders[-1].request.insist
    assert len(film.session.document.overlays) == 1


def test_a_failure_is_told(film: Window, settle, ear, engine: Engine, lungs: Bundle) -> None:
    engine.fault = MemoryError()
    film.run_model(lungs)
    settle(film)
    assert "memory" in ear.heard[0].what
    assert film.ai_panel.rows["lungs"].run_button.isVisibleTo(film)


def test_the_device_is_chosen_kept_and_shown(film: Window, settle, engine: Engine, lungs: Bundle) -> None:
    panel = film.ai_panel
    panel.device.setCurrentIndex(panel.device.findData("cpu"))
    film.run_model(lungs)
    settle(film)
    assert engine.orders[0].request.device == "cpu"
    texts = [part.text() for part in panel.cards[0].findChildren(QLabel)]
    assert "Ran on the processor in 0.1 s" in texts


def test_measures_of_the_whole_are_shown_once(film: Window, settle, engine: Engine, lungs: Bundle) -> None:
    film.run_model(lungs)
    settle(film)
    texts = [part.text() for part in film.ai_panel.cards[0].findChildren(QLabel)]
    assert texts[texts.index("Lungs: area") + 1] == "222 cm²"
    assert texts.count("123 cm²") == texts.count("222 cm²") == 1


def test_the_command_runs_the_first_model_that_fits(film: Window, settle, engine: Engine) -> None:
    film.actions_["run_model"].trigger()
    settle(film)
    assert [order.bundle.id for order in engine.orders] == ["lungs"]


def test_the_command_says_when_none_fits(film: Window, settle, engine: Engine, ct_folder: Path) -> None:
    film.analyses._keep((models.bundle("lungs"),))
    film.open([ct_folder])
    settle(film)
    film.actions_["run_model"].trigger()
    assert engine.orders == []
    assert "No model fits" in film.status.noted


# -- results -----------------------------------------------------------------------------------------------------------


def test_a_result_names_measures_model_and_notes(answered: Window) -> None:
    (card,) = answered.ai_panel.cards
    texts = [part.text() for part in card.findChildren(QLabel)]
    assert "123 cm²" in texts
    assert "98.7 cm²" in texts
    assert texts.count("123 cm²") == 1
    assert "View unknown." in texts
    assert any("lungs 1.2.0" in text and "abababababab" in text for text in texts)
    assert answered.ai_panel._research.isVisibleTo(answered)


def test_a_card_is_kept_while_the_reader_looks_at_another_series(answered: Window, settle, ct_folder: Path) -> None:
    film = answered.session.active
    answered.open([ct_folder])
    settle(answered)
    ct = answered.session.active
    answered.show_series(film)
    (card,) = answered.ai_panel.cards
    answered.show_series(ct)
    assert answered.ai_panel.cards == []
    assert not card.isVisibleTo(answered)
    answered.show_series(film)
    assert answered.ai_panel.cards == [card]
    settle(answered)
    assert card.isVisibleTo(answered)
    QTest.mouseClick(card.rows[0].accept, Qt.MouseButton.LeftButton)
    assert answered.session.document.findings[0].status is FindingStatus.ACCEPTED
    (judged,) = answered.ai_panel.cards
    assert judged is not card, "what is said anew is a new card"


def test_no_click_reaches_a_card_whose_answer_is_gone(answered: Window, settle) -> None:
    (card,) = answered.ai_panel.cards
    answered.session.undo()
    # The panel has not come to it yet, and the pointer was over the button.
    middle = card.rows[0].accept.mapTo(answered, card.rows[0].accept.rect().center())
    assert answered.childAt(middle) is not card.rows[0].accept
    settle(answered)
    assert answered.ai_panel.cards == []


def test_no_part_of_the_window_is_a_window_of_its_own_for_a_moment(
    qapp, window: Window, settle, radiograph: Path, engine: Engine, lungs: Bundle
) -> None:
    class Watch(QObject):
        def __init__(self) -> None:
            super().__init__()
            self.seen: list[QWidget] = []

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
                self.seen.append(watched)
            return False

    watch = Watch()
    qapp.installEventFilter(watch)
    try:
        second = Window(window.settings)
        window.analyses._keep((lungs,))
        window.open([radiograph])
        settle(window)
        window.run_model(lungs)
        settle(window)
        assert len(window.ai_panel.cards[0].rows) == 2
        second.dispatcher.close()
    finally:
        qapp.removeEventFilter(watch)
    assert watch.seen == []


def test_labels_hide_and_show(answered: Window) -> None:
    row = answered.ai_panel.cards[0].rows[1]
    row.visible.click()
    (overlay,) = answered.session.document.overlays
    assert answered.session.style.hidden_labels == {(overlay.id, 2)}
    row.visible.click()
    assert answered.session.style.hidden_labels == frozenset()


def test_opacity_follows_the_slider_and_the_session(answered: Window) -> None:
    answered.ai_panel.opacity.setValue(70)
    assert answered.session.style.opacity == pytest.approx(0.7)
    assert answered.ai_panel._opacity_text.text() == "70 %"


def test_space_on_the_image_switches_overlays(answered: Window) -> None:
    answered.viewport.setFocus()
    QTest.keyClick(answered.viewport, Qt.Key.Key_Space)
    assert not answered.session.style.visible
    assert not answered.actions_["toggle_overlays"].isChecked()
    assert not answered.ai_panel.opacity.isEnabled()
    answered.actions_["toggle_overlays"].trigger()
    assert answered.session.style.visible
    assert answered.actions_["toggle_overlays"].isChecked()


def test_findings_are_accepted_rejected_and_reopened(answered: Window) -> None:
    def status() -> list[FindingStatus]:
        return [finding.status for finding in answered.session.document.findings]

    answered.ai_panel.cards[0].rows[0].accept.click()
    answered.ai_panel.cards[0].rows[1].reject.click()
    assert status() == [FindingStatus.ACCEPTED, FindingStatus.REJECTED]
    assert answered.ai_panel.cards[0].rows[0].accept.isChecked()
    answered.ai_panel.cards[0].rows[0].accept.click()
    assert status() == [FindingStatus.PROPOSED, FindingStatus.REJECTED]
    answered.session.undo()
    assert status() == [FindingStatus.ACCEPTED, FindingStatus.REJECTED]


def test_removing_a_result_can_be_undone(answered: Window) -> None:
    answered.ai_panel.cards[0].removed.emit(answered.session.document.overlays[0].id)
    assert answered.session.document.overlays == ()
    assert answered.session.document.findings == ()
    assert answered.ai_panel.cards == []
    answered.session.undo()
    assert len(answered.ai_panel.cards) == 1


def test_whole_answers_are_kept_for_reports_while_they_are_shown(answered: Window) -> None:
    series = answered.session.active
    (result,) = answered.analyses.results(series)
    assert result.timings_s == {"network": 0.1}
    answered.session.undo()
    assert answered.analyses.results(series) == ()


def test_a_card_has_no_blank_rows(qtbot, dressed: None) -> None:
    table = "| | |\n|---|---|\n| model | lungs 1.0 |\n| licence | Apache-2.0 |"
    card = f"# Lungs\n\nWords.\n\n{table}\n\n## Input\n\nMore words."
    dialog = text_dialog.model_card(None, "Lungs", card)
    qtbot.addWidget(dialog)
    shown = dialog.findChild(QTextBrowser).toPlainText().splitlines()
    assert [line for line in shown if line.strip()] == [
        "Lungs", "Words.", "model", "lungs 1.0", "licence", "Apache-2.0", "Input", "More words."
    ]  # fmt: skip
    assert shown[2:6] == ["model", "lungs 1.0", "licence", "Apache-2.0"], "no blank row before them"


def test_the_model_card_opens(film: Window, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    model = models.bundle("carded", root=tmp_path)
    model.card_path.parent.mkdir(parents=True)
    model.card_path.write_text("# Card\n\nTrained on **much**.", encoding="utf-8")
    shown: list[str] = []
    monkeypatch.setattr(QDialog, "exec", lambda dialog: shown.append(dialog.findChild(QTextBrowser).toPlainText()) or 0)
    film.show_model_card(model)
    assert "Trained on much." in shown[0]


def test_a_missing_card_is_told(film: Window, ear, tmp_path: Path) -> None:
    film.show_model_card(models.bundle("carded", root=tmp_path))
    assert "card" in ear.heard[0].what


def test_a_result_says_which_image_it_is_about_and_goes_there(
    film: Window, settle, engine: Engine, tmp_path: Path
) -> None:
    film.analyses._keep((models.bundle("any", "CT"),))
    phantoms.ct(tmp_path / "stack", shape=(5, 64, 64))
    film.open([tmp_path / "stack"])
    settle(film)
    film.viewport.set_index(3)
    series = film.session.active
    film.session.accept(models.answer(models.bundle("any"), series), series, (3,))
    film.viewport.set_index(0)
    (card,) = film.ai_panel.cards
    card.jump.emit(card.rows[0].finding)
    assert film.viewport.index == 3


# -- with the bundled model --------------------------------------------------------------------------------------------


def test_the_bundled_model_marks_both_lungs_of_the_demo_radiograph(
    window: Window, qtbot, settle, monkeypatch: pytest.MonkeyPatch, pydicom_data: Path
) -> None:
    if not (models_dir() / "cxr-lungs").is_dir():
        pytest.skip(f"the model cxr-lungs is not in {models_dir()}")
    monkeypatch.setattr("app.ui.analysing.models_dir", models_dir)
    window.analyses.list_models()
    window.open([pydicom_data / "RG1_UNCR.dcm"])
    settle(window)
    window.ai_panel.rows["cxr-lungs"].run_button.click()
    qtbot.waitUntil(lambda: not window.dispatcher.jobs, timeout=120_000)
    (overlay,) = window.session.document.overlays
    area = (overlay.label_map > 0).mean()
    assert 0.1 < area < 0.6
    (card,) = window.ai_panel.cards
    assert [row.finding.kind for row in card.rows] == ["Right lung", "Left lung"]
    # The radiograph has no usable spacing: pixels, never cm².
    texts = [part.text() for part in card.findChildren(QLabel)]
    assert any(text.endswith(" px²") for text in texts)
    assert not any("cm²" in text for text in texts)
