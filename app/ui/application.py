"""Starts the window and runs it."""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app import settings as options
from app.dicom import workers
from app.settings import Settings
from app.ui import icons, language, message, theme
from app.ui.allocator import keep_what_is_freed
from app.ui.garbage import keep_what_is_loaded
from app.ui.jobs import Lane
from app.ui.language import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from types import TracebackType

    from app.ui.window import Window


def application(settings: Settings) -> QApplication:
    """The one QApplication, dressed; made where there is none."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        QApplication.setApplicationName("Scoutview")
        QApplication.setDesktopFileName("scoutview")
        # Qt would split the painting of one picture over threads and wait for them all: while a model has the cores,
        # that wait is longer than the painting.
        os.environ.setdefault("QT_NO_GUI_THREADPOOL", "1")
        app = QApplication(sys.argv[:1])
    # The window's thread asks for the interpreter's lock after every wait; workers that compute in Python must hand it
    # over sooner than after the usual 5 ms.
    sys.setswitchinterval(0.001)
    keep_what_is_freed()
    language.use(app, settings.get(options.LANGUAGE))
    theme.apply(app, settings.get(options.TEXT_SIZE), settings.get(options.THEME))
    app.setWindowIcon(icons.application_icon())
    return app


def run_window(paths: Sequence[Path], *, demo: bool = False) -> int:
    """Opens the window on ``paths`` (on the demo with ``demo``) and returns the exit code when it is closed."""
    from app.ui.window import Window

    settings = Settings()
    app = application(settings)
    previous = sys.excepthook
    try:
        while True:
            window = Window(settings)
            sys.excepthook = _tell(window)
            window.show()
            # After the first paint: the window is there before anything is read.
            QTimer.singleShot(0, partial(begin, window, paths, demo=demo))
            code = app.exec()
            if window.reopens is None:
                return code
            paths, demo = window.reopens, False
            language.use(app, settings.get(options.LANGUAGE))
            window.deleteLater()
    finally:
        sys.excepthook = previous


def begin(window: Window, paths: Sequence[Path], *, demo: bool = False) -> None:
    """What a window does right after its first paint: gets ready to decode, and opens what it was started with."""
    keep_what_is_loaded()
    # Not sooner: starting processes would hold up the first picture of the window.
    window.dispatcher.start(Lane.PIXELS, tr("Starting decoders"), lambda _: workers.warm())
    if demo:
        window.open_demo(paths)
    elif paths:
        window.open(paths)


def _tell(window: Window) -> Callable[[type[BaseException], BaseException, TracebackType | None], None]:
    """An exception that no slot caught reaches the user once, and the program goes on."""

    seen: set[tuple[type, str]] = set()

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, KeyboardInterrupt):
            window.close()
        elif isinstance(error, Exception):
            where = (type(error), message.details_of(error))
            # A fault in what is drawn comes with every repaint: one dialog says it all.
            if where not in seen:
                seen.add(where)
                message.error(window, tr("The last step"), error)
        else:
            sys.__excepthook__(kind, error, trace)

    return hook
