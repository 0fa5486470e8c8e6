"""Several screens: the window goes to the next one, comes back to where it was, and is never out of sight."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRect

from app.ui.screens import carried, is_in_sight

ONE, TWO = QRect(0, 0, 1920, 1080), QRect(1920, -200, 1280, 1024)


def test_a_window_keeps_its_size_and_share_of_the_way() -> None:
    assert carried(QRect(0, 0, 800, 600), ONE, TWO) == QRect(1920, -200, 800, 600)
    assert carried(QRect(1120, 480, 800, 600), ONE, TWO) == QRect(2400, 224, 800, 600)
    assert carried(QRect(560, 240, 800, 600), ONE, TWO) == QRect(2160, 12, 800, 600)


places = st.builds(
    QRect, st.integers(-500, 2500), st.integers(-500, 1500), st.integers(200, 2600), st.integers(200, 1600)
)


@given(places)
def test_whatever_its_place_it_fits_the_other_screen(window: QRect) -> None:
    there = carried(window, ONE, TWO)
    assert TWO.contains(there)
    assert is_in_sight(there, [TWO])


@pytest.mark.parametrize(
    ("window", "seen"),
    [
        (QRect(100, 100, 800, 600), True),
        (QRect(1850, 100, 800, 600), False),  # 70 pixels of its upper edge
        (QRect(1800, 100, 800, 600), True),
        (QRect(100, -580, 800, 600), False),  # its lower edge shows; nobody can take hold of that
        (QRect(100, 1060, 800, 600), False),
        (QRect(3000, 100, 800, 600), False),
    ],
)
def test_a_window_is_in_sight_where_its_upper_edge_can_be_taken_hold_of(window: QRect, seen: bool) -> None:
    assert is_in_sight(window, [ONE]) is seen


_MOVE = """
import sys
from app.settings import Settings
from app.ui.application import application
from app.ui.window import Window
settings = Settings()
app = application(settings)
def opened():
    window = Window(Settings())
    window.show()
    app.processEvents()
    return window
def place(window):
    return [window.x(), window.y(), window.width(), window.height()]
window = opened()
first = place(window)
if "move" in sys.argv:
    # Not at the very top: Qt keeps room there for a title bar.
    window.move(300, 120)
    app.processEvents()
    window.actions_["next_screen"].trigger()
    app.processEvents()
there = place(window)
why = window.actions_.why_not("next_screen")
window.close()
again = opened()
print("!", first, there, place(again), repr(why), sep="|")
again.close()
"""


def _run(folder: Path, home: Path, screens: list[QRect], *arguments: str) -> list[str]:
    described = [
        {
            "name": f"screen{n}",
            "x": s.x(),
            "y": s.y(),
            "width": s.width(),
            "height": s.height(),
            "logicalDpi": 96,
            "logicalBaseDpi": 96,
            "dpr": 1,
        }
        for n, s in enumerate(screens)
    ]
    file = folder / "screens.json"
    file.write_text(json.dumps({"screens": described}))
    environment = os.environ | {"QT_QPA_PLATFORM": f"offscreen:configfile={file}", "SCOUTVIEW_HOME": str(home)}
    told = subprocess.run(
        [sys.executable, "-c", _MOVE, *arguments], env=environment, capture_output=True, text=True, timeout=120
    )
    assert told.returncode == 0, told.stderr
    return next(line for line in told.stdout.splitlines() if line.startswith("!")).split("|")[1:]


def test_the_window_comes_back_to_its_screen_and_to_another_when_that_is_gone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    first, moved, again, why = map(eval, _run(tmp_path, home, [ONE, TWO], "move"))
    assert ONE.contains(QRect(*first))
    assert TWO.contains(QRect(*moved))
    # The offscreen platform forgets the two pixels of its frame.
    assert again == pytest.approx(moved, abs=2)
    assert why == ""
    first, _, _, why = map(eval, _run(tmp_path, home, [ONE]))
    assert ONE.contains(QRect(*first))
    assert why == "There is one screen only."
