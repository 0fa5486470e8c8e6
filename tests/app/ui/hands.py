"""A reader's hands on the real window: menus by their words, keys, and the mouse on the image."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QListWidgetItem, QMenu

from app.dicom.model import Series
from app.ui.cells import Cell, mime_of
from app.ui.viewport import Viewport
from app.ui.viewport.corners import Corners
from app.ui.window import Window
from tests.app.ui.viewport.reading import Reading

PLAIN = Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier


def words(action: QAction) -> str:
    """What a menu's entry reads, without mnemonic, key and ellipsis."""
    return action.text().split("\t")[0].replace("&&", "\0").replace("&", "").replace("\0", "&").rstrip("…").strip()


def entry(window: Window, *path: str) -> QAction:
    """The entry of the menu bar that these words lead to, each the beginning of one."""
    actions = window.menuBar().actions()
    for number, step in enumerate(path):
        found = [action for action in actions if words(action).startswith(step)]
        assert found, f"{step!r} is not among {[words(action) for action in actions]}"
        if number < len(path) - 1:
            # QAction.menu() makes the menu a child of a passing wrapper, which takes it along when it goes.
            menu = QMenu.menuInAction(found[0])
            assert isinstance(menu, QMenu)
            menu.aboutToShow.emit()
            actions = menu.actions()
    return found[0]


def choose(window: Window, *path: str) -> None:
    """Chooses an entry of the menu bar; one that is greyed cannot be."""
    action = entry(window, *path)
    assert action.isEnabled(), f"{' > '.join(path)} is greyed"
    action.trigger()


def press(viewport: Viewport, key: Qt.Key, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
    """A key while the image has the focus."""
    window = viewport.window()
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window), "shortcuts act in the active window alone"
    viewport.setFocus()
    QTest.keyClick(viewport, key, modifiers)


def on(window: Window, viewport: Viewport) -> Reading:
    """The mouse on the image of one view."""
    assert viewport.series is not None
    assert viewport.pixels is not None
    return Reading(window.session, viewport, viewport.series, viewport.pixels)


def stroke(window: Window, viewport: Viewport, *points: tuple[float, float]) -> None:
    """Left button down on the first image point, up on the last, and half-way points between."""
    hands = on(window, viewport)
    stops = [hands.at(*points[0])]
    for point in points[1:]:
        stops += [(stops[-1] + hands.at(*point)) / 2, hands.at(*point)]
    hands.drag(*stops)


def drop(window: Window, series: Series, cell: Cell) -> None:
    """Drags a series from the list into a view."""
    at = QPointF(cell.mapTo(window.views, QPoint(40, 40)))
    # The event does not own what is dragged.
    data = mime_of(series)
    window.views.dropEvent(QDropEvent(at, Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, PLAIN))


def cell_of(window: Window, series: Series) -> Cell:
    """The view on screen that shows ``series``."""
    (cell,) = (cell for cell in window.views.visible if cell.series is series)
    return cell


def row_named(window: Window, name: str) -> QListWidgetItem:
    """The row of the list of measurements with this name."""
    rows = [window.measurements.list.item(number) for number in range(window.measurements.list.count())]
    (found,) = (row for row in rows if row.text() == name)
    return found


def click_row(window: Window, name: str) -> None:
    """A click on that row."""
    listed, item = window.measurements.list, row_named(window, name)
    window.tabs.setCurrentWidget(window.measurements)
    listed.scrollToItem(item)
    QTest.mouseClick(listed.viewport(), Qt.MouseButton.LeftButton, PLAIN, listed.visualItemRect(item).center())


def corners_on(viewport: Viewport) -> Corners:
    """The corner text that is painted on a view."""
    painted: list[Corners] = []
    furniture = viewport.picture.furniture
    original = furniture.paint_corners

    def record(painter, size, corners, *arguments, **keywords):
        painted.append(corners)
        return original(painter, size, corners, *arguments, **keywords)

    furniture.paint_corners = record
    try:
        viewport.grab()
    finally:
        furniture.paint_corners = original
    return painted[-1]


def lines_of(viewport: Viewport) -> str:
    """All corner text of a view, for a look at what it says."""
    corners = corners_on(viewport)
    every = (*corners.top_left, *corners.top_right, *corners.bottom_left, *corners.bottom_right)
    return "\n".join(line.text for line in every)
