"""Small parts that several panels share, so that labels, buttons and rules look the same everywhere."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QLabel, QProgressBar, QPushButton, QSizePolicy, QToolButton

from app.ui import icons, theme
from app.ui.language import shown


def label(text: str = "", role: str = "", *, wrap: bool = False, selectable: bool = False) -> QLabel:
    """Plain text in one of the theme's roles: title, heading, section, quiet, small, warning, error, success.

    A sentence of the program is said in the window's language.
    """
    made = QLabel(shown(text))
    made.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        made.setProperty("role", role)
    if wrap:
        made.setWordWrap(True)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        made.setSizePolicy(policy)
    if selectable:
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made


def button(text: str, icon: str = "", *, primary: bool = False, quiet: bool = False, link: bool = False) -> QPushButton:
    """A push button; at most one on a view is ``primary``."""
    # The style leaves too little room between icon and text; it has no setting for it.
    text = shown(text)
    made = QPushButton(f" {text}" if icon else text)
    made.setAccessibleName(text)
    for name, wanted in (("primary", primary), ("quiet", quiet), ("link", link)):
        if wanted:
            made.setProperty(name, True)
    if link:
        made.setCursor(Qt.CursorShape.PointingHandCursor)
    if icon:
        colour = theme.ON_ACCENT if primary else theme.ACCENT if link else theme.TEXT
        made.setIcon(icons.icon(icon, colour))
        made.setIconSize(QSize(16, 16))
    # Enter presses the default button of a dialog, not whichever button was made first.
    made.setAutoDefault(False)
    return made


def icon_button(icon: str, name: str, *, checkable: bool = False, colour: str = "") -> QToolButton:
    """A small button that shows only an icon; ``name`` is its tool tip and what a screen reader says."""
    made = QToolButton()
    made.setIcon(icons.icon(icon, colour or theme.TEXT_QUIET))
    made.setIconSize(QSize(16, 16))
    made.setToolTip(name)
    made.setAccessibleName(name)
    made.setCheckable(checkable)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return made


def rule() -> QFrame:
    """A thin horizontal line."""
    made = QFrame()
    made.setObjectName("rule")
    return made


def elided(text: str, limit: int = 60) -> str:
    """``text`` cut in its middle to ``limit`` characters, for menus."""
    if len(text) <= limit:
        return text
    keep = (limit - 1) // 2
    return f"{text[:keep]}…{text[-keep:]}"


class ProgressBar(QProgressBar):
    """Is painted with the window's next frame.

    Qt's own paints at once when its value changes, and with it all else in the window that waits for paint: an image
    that is about to be replaced, say.
    """

    def setValue(self, value: int) -> None:
        """The new value, without waiting for paint."""
        self.setUpdatesEnabled(False)
        super().setValue(value)
        self.setUpdatesEnabled(True)
