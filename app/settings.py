"""Every option once: its type, its default and what it is for. Stored as JSON in the user's configuration folder.

The environment variable ``SCOUTVIEW_HOME`` names another folder, which tests and portable copies use. Settings hold
paths of folders and the look of the window, never anything read from an image.
"""

from __future__ import annotations

import copy
import json
import os
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import platformdirs

from inference.words import say

_T = TypeVar("_T")


@dataclass(frozen=True)
class Option(Generic[_T]):
    """One option. ``check`` says whether a stored value may be used; where it may not, the default stands.

    ``limits``: smallest and largest value of a number.
    """

    name: str
    default: _T
    help: str
    check: Callable[[Any], bool]
    limits: tuple[float, float] | None = None


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_table(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(key, str) for key in value)


def _is_densities(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(key, str) and isinstance(dpi, int | float) and not isinstance(dpi, bool) and dpi > 0
        for key, dpi in value.items()
    )


def _is_names(value: object) -> bool:
    return isinstance(value, dict) and all(_is_text(name) and _is_text(chosen) for name, chosen in value.items())


def _is_grid(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch("[1-3]x[1-3]", value) is not None


def _is_switches(value: object) -> bool:
    return isinstance(value, dict) and all(_is_text(name) and isinstance(on, bool) for name, on in value.items())


def _is_keys(value: object) -> bool:
    return isinstance(value, dict) and all(_is_text(name) and _is_texts(keys) for name, keys in value.items())


def _fraction(name: str, default: float, help: str) -> Option[float]:
    def check(value: object) -> bool:
        return isinstance(value, int | float) and not isinstance(value, bool) and 0.0 <= value <= 1.0

    return Option(name, default, help, check, (0.0, 1.0))


def _integer(name: str, default: int, low: int, high: int, help: str) -> Option[int]:
    def check(value: object) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high

    return Option(name, default, help, check, (low, high))


CACHE_MEGABYTES = _integer(
    "cache_megabytes",
    2048,
    256,
    65536,
    say("How much memory images of series that were shown before may keep. The series left longest ago goes first."),
)
DEVICE = Option(
    "device",
    "auto",
    say("Where models run: auto (a CUDA device where there is one, else the processor), cpu, cuda or cuda:n."),
    _is_text,
)
OVERLAY_OPACITY = _fraction("overlay_opacity", 0.35, say("How strongly overlays cover the image, from 0 to 1."))
LANGUAGE = Option(
    "language",
    "system",
    say("The language of the window: system for that of the desktop, en for English, zh_CN for Simplified Chinese."),
    ("system", "en", "zh_CN").__contains__,
)
TEXT_SIZE = _integer("text_size", 13, 10, 24, say("Height of the text in the window, in pixels."))
KEEP = Option(
    "keep",
    True,
    say(
        "Keep measurements, accepted findings, calibrations by hand and the view of each series for the "
        "next time that the study is opened. What was kept before stays until it is deleted."
    ),
    lambda value: isinstance(value, bool),
)
THEME = Option(
    "theme",
    "dark",
    say("How the window looks: dark, light, or system for what the desktop prefers. Images stay on black."),
    ("dark", "light", "system").__contains__,
)
HANGING = Option(
    "hanging",
    "automatic",
    say("Arranges a study as it opens where a protocol of several views surely fits it: automatic, ask or off."),
    lambda value: value in ("automatic", "ask", "off"),
)
LAST_FOLDER = Option("last_folder", "", "Folder that the open dialogs begin in.", _is_text)
RECENT: Option[Sequence[str]] = Option("recent", [], "Folders and files opened lately, the newest first.", _is_texts)
EXPORT_FOLDER = Option("export_folder", "", "Folder that exports were last written to.", _is_text)
EXPORT_FORMATS: Option[Sequence[str]] = Option(
    "export_formats", ["pdf", "seg"], "Formats that the export dialog proposes.", _is_texts
)
PRESETS: Option[dict[str, Any]] = Option(
    "presets", {}, "Window presets that the reader changed: modality, then name, width and centre of each.", _is_table
)
MONITORS: Option[dict[str, Any]] = Option(
    "monitors", {}, "Pixels an inch of monitors that the reader measured, by their make and model.", _is_densities
)
WINDOW_GEOMETRY = Option("window_geometry", "", "Size and place of the window, as Qt wrote it (base64).", _is_text)
WINDOW_STATE = Option("window_state", "", "Arrangement of the panels, as Qt wrote it (base64).", _is_text)
LAYOUT = Option("layout", "1x1", "Rows and columns of the grid of views.", _is_grid)
SECOND_OPEN = Option("second_open", False, "Whether the second window was open.", lambda value: isinstance(value, bool))
SECOND_LAYOUT = Option("second_layout", "1x1", "Rows and columns of the views of the second window.", _is_grid)
SECOND_GEOMETRY = Option(
    "second_geometry", "", "Size and place of the second window, as Qt wrote it (base64).", _is_text
)
TOGETHER: Option[Mapping[str, bool]] = Option(
    "together", {}, "What views do together (scroll, zoom, window, lines, pointer), by name.", _is_switches
)
RIGHT_TAB = Option("right_tab", "", "Which tab of the right panel was in front.", _is_text)
MOUSE: Option[Mapping[str, str]] = Option(
    "mouse", {}, "What buttons and wheel do on an image, where it is not the usual.", _is_names
)
SHORTCUTS: Option[Mapping[str, Sequence[str]]] = Option(
    "shortcuts", {}, "Keys that the reader gave to commands: command to keys, empty for none.", _is_keys
)
TOOL_BAR: Option[Sequence[str]] = Option(
    "tool_bar", [], "Commands on the tool bar from left to right, | for a gap; empty for the usual ones.", _is_texts
)

OPTIONS: tuple[Option[Any], ...] = (
    CACHE_MEGABYTES,
    DEVICE,
    LANGUAGE,
    OVERLAY_OPACITY,
    TEXT_SIZE,
    KEEP,
    THEME,
    HANGING,
    LAST_FOLDER,
    RECENT,
    EXPORT_FOLDER,
    EXPORT_FORMATS,
    PRESETS,
    MONITORS,
    WINDOW_GEOMETRY,
    WINDOW_STATE,
    LAYOUT,
    SECOND_OPEN,
    SECOND_LAYOUT,
    SECOND_GEOMETRY,
    TOGETHER,
    RIGHT_TAB,
    SHORTCUTS,
    MOUSE,
    TOOL_BAR,
)
RECENT_LIMIT = 10


def home() -> Path:
    """Return the folder that settings are kept in: ``SCOUTVIEW_HOME``, or the user's configuration folder."""
    named = os.environ.get("SCOUTVIEW_HOME")
    return Path(named) if named else Path(platformdirs.user_config_dir("scoutview", appauthor=False))


class Settings:
    """Values of the options, read once and written on ``save``.

    A file that is missing, damaged or not readable gives the defaults: settings never keep the program from starting.
    Entries that this version does not know are kept for the one that does.
    """

    def __init__(self, file: Path | None = None) -> None:
        self.file = file or home() / "settings.json"
        self._stored: dict[str, Any] = _read(self.file)

    def get(self, option: Option[_T]) -> _T:
        """The stored value, or the default where there is none that is valid."""
        value = self._stored.get(option.name)
        if value is None or not option.check(value):
            value = option.default
        return copy.deepcopy(value)

    def set(self, option: Option[_T], value: _T) -> None:
        """Keeps ``value`` until ``save`` writes it. Raises ``ValueError`` for one that the option does not allow."""
        if not option.check(value):
            raise ValueError(f"{option.name} cannot be {value!r}: {option.help}")
        self._stored[option.name] = copy.deepcopy(value)

    def remember(self, path: Path) -> None:
        """Puts ``path`` at the top of what was opened lately, and makes its folder the one that dialogs begin in."""
        text = str(path)
        others = [other for other in self.get(RECENT) if other != text]
        self.set(RECENT, [text, *others][:RECENT_LIMIT])
        self.set(LAST_FOLDER, str(path if path.is_dir() else path.parent))

    def save(self) -> None:
        """Writes the file whole or not at all. Raises ``OSError`` where the folder cannot be written."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.file.parent, prefix=self.file.name, suffix=".part")
        part = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                json.dump(self._stored, stream, indent=2, sort_keys=True)
            part.replace(self.file)
        except OSError:
            part.unlink(missing_ok=True)
            raise


def _read(file: Path) -> dict[str, Any]:
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return dict(stored) if isinstance(stored, Mapping) else {}
