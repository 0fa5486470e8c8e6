"""The panels beside the image: studies on the left; AI, measurements and window on the right."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QMainWindow, QTabWidget, QWidget

from app.ui.language import tr
from app.ui.widgets import icon_button, label

RIGHT_WIDTH = 328
LEFT_WIDTH = 272


class _Sized(QTabWidget):
    """Tabs that ask for a fixed width, so that results do not widen the panel."""

    def sizeHint(self) -> QSize:
        return QSize(RIGHT_WIDTH, 600)

    def minimumSizeHint(self) -> QSize:
        return QSize(260, 120)


def left_dock(window: QMainWindow, browser: QWidget) -> QDockWidget:
    """The studies, with a heading of our own."""
    dock = QDockWidget(tr("Studies"), window)
    dock.setObjectName("studies")
    title = QWidget()
    title.setObjectName("dockTitle")
    title.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    line = QHBoxLayout(title)
    line.setContentsMargins(12, 6, 6, 6)
    line.addWidget(label(tr("Studies"), "heading"), 1)
    close = icon_button("caret-double-left", tr("Hide the studies (View > Panels brings them back)"))
    close.clicked.connect(dock.hide)
    line.addWidget(close)
    dock.setTitleBarWidget(title)
    dock.setWidget(browser)
    dock.setAllowedAreas(Qt.DockWidgetArea.LeftDockWidgetArea)
    dock.setFeatures(QDockWidget.DockWidgetFeature.DockWidgetClosable)
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
    return dock


def right_dock(window: QMainWindow, pages: tuple[tuple[str, QWidget], ...]) -> tuple[QDockWidget, QTabWidget]:
    """Tabs: (name, page). The tabs themselves are the heading."""
    dock = QDockWidget(tr("Tools and results"), window)
    dock.setObjectName("results")
    tabs = _Sized()
    tabs.setDocumentMode(True)
    # The row of tabs has one ground, up to the corner.
    tabs.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    tabs.setAccessibleName(tr("Tools and results"))
    for name, page in pages:
        tabs.addTab(page, name)
    hide = icon_button("caret-double-right", tr("Hide this panel (View > Panels brings it back)"))
    hide.clicked.connect(dock.hide)
    corner = QWidget()
    corner_line = QHBoxLayout(corner)
    corner_line.setContentsMargins(0, 0, 6, 0)
    corner_line.addWidget(hide)
    tabs.setCornerWidget(corner)
    # An empty title bar: two headings above each other would say nothing more.
    dock.setTitleBarWidget(QWidget())
    dock.setWidget(tabs)
    dock.setAllowedAreas(Qt.DockWidgetArea.RightDockWidgetArea)
    dock.setFeatures(QDockWidget.DockWidgetFeature.DockWidgetClosable)
    window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
    return dock, tabs
