"""Where a window stands and how its docks lie, as text for the settings."""

from __future__ import annotations

import base64

from PySide6.QtCore import QByteArray


def to_text(data: QByteArray) -> str:
    """What Qt's ``saveGeometry`` and ``saveState`` give, as ASCII."""
    return base64.b64encode(bytes(data.data())).decode("ascii")


def from_text(text: str) -> QByteArray:
    """The way back; empty where ``text`` is not what ``to_text`` wrote."""
    try:
        return QByteArray(base64.b64decode(text, validate=True))
    except ValueError:
        return QByteArray()
