"""The window against small pictures of itself that were looked at: each theme, language and kind of layout.

The pictures are a quarter of the window's size, so that another version of Qt or of a font does not matter, but a panel
that moved, a colour that changed or a picture that is missing does. ``SCOUTVIEW_RENEW_REFERENCES=1`` writes them anew:
look at them before they are kept.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from app.ui import language, theme
from app.ui.docks import LEFT_WIDTH, RIGHT_WIDTH
from app.ui.window import Window
from tests import phantoms
from tests.app.ui.test_structure import dressed_window

KEPT = Path(__file__).parent / "references"
WINDOW, SMALL = (1280, 800), (320, 200)
LAYOUTS = ("grid_1x1", "grid_2x2", "planes")
MOST_APART = 2.0
"""Mean difference in greys of 255 that fonts and painting may make."""
MOST_BLOCK = 30.0
"""The same for the worst block of 20 × 20: a part of the window that looks different."""


def body(folder: Path) -> Path:
    """Twelve slices of a body with two dark lungs and a bright spine: something to recognise on any plane."""
    k, row, column = np.mgrid[:12, :96, :120]
    y, x = (row - 48) / 44, (column - 60) / 56
    voxels = np.where(x**2 + y**2 < 1, 1060, 24)
    for side in (-0.42, 0.42):
        inside = ((x - side) / 0.3) ** 2 + ((y + 0.05) / (0.35 + 0.03 * k)) ** 2 < 1
        voxels[inside] = 180
    voxels[x**2 + (y - 0.6) ** 2 < 0.02] = 1500
    phantoms.ct(folder, voxels=voxels.astype(np.int16), spacing=(5.0, 3.0, 3.0), origin=(-180.0, -144.0, 0.0))
    return folder


def seen(window: Window) -> np.ndarray:
    """The window as a small picture, shape (rows, columns, 3), uint8."""
    QApplication.processEvents()
    image = window.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    whole = Image.fromarray(rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3))
    return np.asarray(whole.resize(SMALL, Image.Resampling.BOX))


@pytest.mark.parametrize("code", [language.ENGLISH, "zh_CN"])
@pytest.mark.parametrize("name", ["dark", "light"])
def test_the_window_looks_as_it_did(qtbot, ear, no_models, dressed, settle, tmp_path, name: str, code: str) -> None:
    window = dressed_window(name, code)
    qtbot.addWidget(window)
    window.resize(*WINDOW)
    with qtbot.waitExposed(window):
        window.show()
    window.resizeDocks([window.left, window.right], [LEFT_WIDTH, RIGHT_WIDTH], Qt.Orientation.Horizontal)
    window.open([body(tmp_path / "body")])
    settle(window)
    wrong = []
    for layout in LAYOUTS:
        window.actions_[layout].trigger()
        settle(window)
        found, path = seen(window), KEPT / f"{layout}-{name}-{code}.png"
        if os.environ.get("SCOUTVIEW_RENEW_REFERENCES"):
            KEPT.mkdir(exist_ok=True)
            Image.fromarray(found).quantize(64).save(path, optimize=True)
        kept = np.asarray(Image.open(path).convert("RGB"))
        apart = np.abs(found.astype(np.float64) - kept).mean(axis=2)
        blocks = apart.reshape(10, 20, 16, 20).mean(axis=(1, 3))
        if apart.mean() > MOST_APART or blocks.max() > MOST_BLOCK:
            worst = tuple(int(4 * 20 * at) for at in np.unravel_index(blocks.argmax(), blocks.shape)[::-1])
            wrong.append(f"{path.name}: {apart.mean():.1f} apart, {blocks.max():.0f} at {worst}")
    window.dispatcher.close()
    theme.apply(QApplication.instance(), 13, "dark")
    assert wrong == []
