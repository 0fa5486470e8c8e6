"""A window to test with, and an ear for what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from app.settings import Settings
from app.ui import language, message
from app.ui.application import application
from app.ui.dispatch import Dispatcher
from app.ui.message import Spoken
from app.ui.window import Window
from tests import phantoms


@dataclass
class Ear:
    """What was said, and what is answered: the button named ``answer`` where a message has it, else the last one."""

    heard: list[Spoken] = field(default_factory=list)
    answer: str = ""

    def __call__(self, parent: object, spoken: Spoken) -> str:
        self.heard.append(spoken)
        return self.answer if self.answer in spoken.buttons else spoken.buttons[-1]


@pytest.fixture
def ear() -> Iterator[Ear]:
    """Hears every message instead of showing it."""
    ear = Ear()
    message.use(ear)
    yield ear
    message.use(None)


@pytest.fixture
def dispatcher(qtbot) -> Iterator[Dispatcher]:
    """Background threads that end with the test."""
    dispatcher = Dispatcher()
    yield dispatcher
    dispatcher.close()


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """English, whatever the desktop speaks; and English again after a test that chose otherwise."""
    monkeypatch.setattr(language, "system_language", lambda: language.ENGLISH)
    yield
    app = QApplication.instance()
    if isinstance(app, QApplication) and language.current() != language.ENGLISH:
        language.use(app, language.ENGLISH)


@pytest.fixture
def dressed(qapp) -> Iterator[None]:
    """The program's look, taken off again so that tests of single widgets do not depend on their order."""
    before = qapp.style().objectName(), qapp.palette(), qapp.font()
    application(Settings())
    yield
    qapp.setStyleSheet("")
    qapp.setStyle(before[0])
    qapp.setPalette(before[1])
    qapp.setFont(before[2])


@pytest.fixture
def window(qtbot, ear: Ear, no_models: Path, dressed: None) -> Iterator[Window]:
    """The window, shown and without models; closed with the test whatever it did."""
    settings = Settings()
    window = Window(settings)
    qtbot.addWidget(window, before_close_func=_forget_work)
    with qtbot.waitExposed(window):
        window.show()
    yield window
    window.dispatcher.close()


def _forget_work(window: Window) -> None:
    # Closing asks before measurements are lost; here nobody minds.
    window._saved = window.session.document


@pytest.fixture
def no_models(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of models, so that tests start fast and alike with and without bundled ones."""
    folder = tmp_path_factory.mktemp("models")
    monkeypatch.setattr("app.ui.analysing.models_dir", lambda: folder)
    return folder


@pytest.fixture
def ct_folder(tmp_path: Path) -> Path:
    """A CT phantom of three slices."""
    folder = tmp_path / "ct"
    phantoms.ct(folder)
    return folder


@pytest.fixture
def radiograph(tmp_path: Path) -> Path:
    """A chest radiograph phantom."""
    return phantoms.radiograph(tmp_path / "cr" / "film.dcm")[0]


Settle = Callable[[Window], None]


@pytest.fixture
def settle(qtbot) -> Settle:
    """Waits until a window has nothing left to do in the background, and has laid out what came of it."""

    def wait(window: Window) -> None:
        qtbot.waitUntil(lambda: not window.dispatcher.jobs, timeout=60_000)
        # What a job's end posted (layout, a timer of no delay, another job) is only done in the turns after it.
        for _ in range(3):
            QApplication.processEvents()
        qtbot.waitUntil(lambda: not window.dispatcher.jobs, timeout=60_000)

    return wait
