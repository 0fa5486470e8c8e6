"""A second window with views of the same session, for another screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import QLabel, QStatusBar, QWidget

from app import settings as options
from app.core.linking import patient_of
from app.ui.ai_panel import RESEARCH_USE
from app.ui.cells import CellGrid
from app.ui.file_window import DropMark, FileWindow
from app.ui.language import shown, tr
from app.ui.screens import Screens, next_screen
from app.ui.window_place import from_text, to_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from app.settings import Settings
    from app.ui.arranging import Arranging
    from app.ui.views import Views


class SecondWindow(FileWindow):
    """A grid of views and the line about research use. All commands of the main window have their keys here too."""

    closed = Signal()

    def __init__(self, main: QWidget) -> None:
        # No child of the main window: desktops would keep it above that, and off their task bars.
        super().__init__()
        self.setObjectName("secondWindow")
        self.setAccessibleName(tr("Views on another screen"))
        self.grid = CellGrid()
        self.grid.setMinimumSize(240, 180)
        self.setCentralWidget(self.grid)
        mark = DropMark(self.grid)
        self.filesHover.connect(lambda hover: mark.show_over_parent(shown=hover))
        foot = QStatusBar()
        foot.setSizeGripEnabled(False)
        research = QLabel(shown(RESEARCH_USE))
        research.setObjectName("researchUse")
        foot.addPermanentWidget(research)
        self.setStatusBar(foot)
        self.addActions(main.actions())
        self.screens = Screens(self)

    def toggle_full_screen(self) -> None:
        """The whole screen, and back."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Its views go with it; what is open stays so."""
        event.accept()
        self.closed.emit()


class SecondScreen(QObject):
    """Opens and closes the second window, and keeps its place for the next time."""

    changed = Signal()
    """It is there, or no more."""
    filesDropped = Signal(list)
    """``Path``s: what is opened now belongs into its views."""

    def __init__(self, main: QWidget, views: Views, arranging: Arranging, settings: Settings) -> None:
        super().__init__(main)
        self._main, self._views, self._arranging, self._settings = main, views, arranging, settings
        self.window: SecondWindow | None = None
        self._closing = False
        arranging.gridApart.connect(self.set_grid)
        views.maximise_apart.connect(self._maximise)
        views.shown.connect(self._tell_title)

    @property
    def is_open(self) -> bool:
        """Whether there is a second window."""
        return self.window is not None

    @property
    def is_active(self) -> bool:
        """Whether the reader is at it."""
        return self.window is not None and self.window.isActiveWindow()

    def verbs(self) -> dict[str, Callable[[], object]]:
        """What its command does."""
        return {"second_window": self.toggle}

    # -- opening and closing ---------------------------------------------------------------------------------------

    def toggle(self) -> None:
        """Opens it with a series that is not on screen yet, or closes it."""
        if self.window is not None:
            self.window.close()
            return
        self.open()
        self._fill()
        self._views.activate(self._views.layout_.numbers_apart[0])
        self._views.focus()

    def open(self) -> None:
        """Opens it where it was, or on another screen than the main window's."""
        rows, columns = map(int, self._settings.get(options.SECOND_LAYOUT).split("x"))
        window = self.window = SecondWindow(self._main)
        window.closed.connect(self._closed)
        window.filesDropped.connect(self._dropped)
        self._place(window)
        self._views.show_apart(window.grid, rows, columns)
        self._tell_title()
        window.show()
        self.changed.emit()

    def bring_back(self) -> None:
        """Opens it where it was open when the program was left."""
        if self._settings.get(options.SECOND_OPEN):
            self.open()

    def leave(self) -> None:
        """The program closes: it goes too, and is back at the next start."""
        was_open = self.is_open
        if self.window is not None:
            self.window.close()
        self._settings.set(options.SECOND_OPEN, was_open)

    def _place(self, window: SecondWindow) -> None:
        kept = self._settings.get(options.SECOND_GEOMETRY)
        if kept and window.restoreGeometry(from_text(kept)):
            window.screens.keep_in_sight()
            return
        other = next_screen(self._main)
        if other is not None:
            window.setGeometry(other.availableGeometry())
            window.setWindowState(Qt.WindowState.WindowMaximized)
        else:
            room = QGuiApplication.primaryScreen().availableGeometry()
            window.resize(room.width() // 2, room.height() * 2 // 3)

    def _closed(self) -> None:
        window, self.window = self.window, None
        if window is None:
            return
        self._settings.set(options.SECOND_GEOMETRY, to_text(window.saveGeometry()))
        self._settings.set(options.SECOND_OPEN, False)
        # The views are the main window's again before this one goes.
        self._views.close_apart()
        window.deleteLater()
        self.changed.emit()

    # -- what it shows ---------------------------------------------------------------------------------------------

    def set_grid(self, rows: int, columns: int) -> None:
        """Another grid of views in it, found again the next time."""
        if self.window is not None:
            self._settings.set(options.SECOND_LAYOUT, f"{rows}x{columns}")
            self._views.show_apart(self.window.grid, rows, columns)
            self._arranging.load_next()

    def _fill(self) -> None:
        """The next series of the study that is nowhere on screen, or else the active one."""
        number = self._views.layout_.numbers_apart[0]
        if self._views.cells[number].series is not None:
            return
        series = self._arranging.series_to_add()
        if series is not None:
            self._arranging.show(series, number)

    def _dropped(self, paths: list[Path]) -> None:
        numbers = self._views.layout_.numbers_apart
        if self._views.layout_.active not in numbers:
            self._views.activate(numbers[0])
        self.filesDropped.emit(paths)

    def _maximise(self) -> None:
        if self.window is not None:
            self.window.toggle_full_screen()

    def _tell_title(self) -> None:
        if self.window is None:
            return
        series = [self._views.cells[number].series for number in self._views.layout_.numbers_apart]
        names = dict.fromkeys(name or ident for ident, name in (patient_of(one) for one in series if one is not None))
        self.window.setWindowTitle(" – ".join((*filter(None, names), tr("Scoutview, second window"))))
