"""Every command of the window once: its words, icon, key and tool tip. Menus, tool bar and help come from here.

Keys of a viewport (``VIEW``) act while it has the focus, so that lists and fields keep theirs; the viewport handles
most itself (``app.ui.viewport.keys``), the rest are shortcuts that belong to it. Keys of the window act everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence, QShortcut

from app.ui import icons
from app.ui.viewport import Tool

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget


class Where(Enum):
    """Where a key acts."""

    WINDOW = auto()
    VIEW = auto()
    """In the viewport, through a shortcut that belongs to it."""
    VIEWPORT_ITSELF = auto()
    """In the viewport, which handles it without the action."""


@dataclass(frozen=True)
class Command:
    """``text``: for menus, with its mnemonic. ``short``: one word for the tool bar where the icon is not enough."""

    name: str
    text: str
    icon: str = ""
    key: str = ""
    where: Where = Where.WINDOW
    checkable: bool = False
    help: str = ""

    @property
    def plain(self) -> str:
        """The text without mnemonic and ellipsis."""
        return self.text.replace("&&", "\0").replace("&", "").replace("\0", "&").rstrip("…")

    @property
    def tool_tip(self) -> str:
        """What it does, and its key."""
        text = self.help or self.plain
        return f"{text} ({native(self.key)})" if self.key else text


def native(key: str) -> str:
    """A key as the platform writes it."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


_VIEW, _ITSELF = Where.VIEW, Where.VIEWPORT_ITSELF

COMMANDS = (
    Command("open_folder", "Open &folder…", "folder-open", "Ctrl+O", help="Open a folder of images"),
    Command("open_files", "Open f&iles…", "files", "Ctrl+Shift+O", help="Open image files"),
    Command("open_demo", "Open the &demo", "play-circle"),
    Command("export", "&Export…", "export", "Ctrl+E", help="Export report, segmentation or pictures"),
    Command("close_studies", "&Close studies", "x-circle", "Ctrl+W"),
    Command("skipped", "S&kipped files…", "file-x"),
    Command("quit", "&Quit", "sign-out", "Ctrl+Q"),
    Command("settings", "&Settings…", "sliders-horizontal", "Ctrl+,"),
    Command("undo", "&Undo", "arrow-u-up-left", "Ctrl+Z"),
    Command("redo", "&Redo", "arrow-u-up-right", "Ctrl+Y"),
    Command("clear_measurements", "&Clear measurements of this study", "trash"),
    Command("clear_calibration", "Remove cali&bration by hand", "x"),
    Command("fit", "&Fit to window", "arrows-out", "F", _VIEW),
    Command("one_to_one", "One image pixel to one &screen pixel", "one-to-one", "N", _VIEW),
    Command("zoom_in", "Zoom &in", "magnifying-glass-plus", "+", _VIEW),
    Command("zoom_out", "Zoom &out", "magnifying-glass-minus", "-", _VIEW),
    Command("invert", "&Invert greys", "circle-half", "I", _ITSELF),
    Command("flip_horizontal", "Flip &horizontally", "flip-horizontal", "H", _ITSELF),
    Command("flip_vertical", "Flip &vertically", "flip-vertical", "V", _ITSELF),
    Command("rotate_right", "Rotate &right", "arrow-clockwise", "]", _VIEW, help="Rotate by 90° to the right"),
    Command("rotate_left", "Rotate &left", "arrow-counter-clockwise", "[", _VIEW, help="Rotate by 90° to the left"),
    Command("reset", "&Reset view", "arrows-counter-clockwise", "R", _ITSELF),
    Command("auto_window", "&Automatic window", "magic-wand", "0", _ITSELF, help="Window from this image's values"),
    Command("toggle_text", "&Text on the image", "text-t", "T", _ITSELF),
    Command("toggle_cine", "Pla&y or stop cine", "play", "C", _ITSELF),
    Command("previous_series", "&Previous series", "caret-up", "PgUp", _VIEW),
    Command("next_series", "&Next series", "caret-down", "PgDown", _VIEW),
    Command("next_key_image", "Next &key image", "star", "K", _VIEW),
    Command("previous_key_image", "Previous ke&y image", "star", "Shift+K", _VIEW),
    Command("full_screen", "F&ull screen", "corners-out", "F11", checkable=True),
    Command("toggle_overlays", "Show &overlays", "eye", "Space", _ITSELF, checkable=True),
    Command(
        "toggle_graphics",
        "Show overlay planes and a&nnotations",
        "scribble",
        "G",
        _ITSELF,
        checkable=True,
    ),
    Command("run_model", "&Run model", "sparkle", "Ctrl+Return", help="Run the first model that fits this series"),
    *(
        Command(f"grid_{rows}x{columns}", f"{rows} × {columns} views", "", key, checkable=True)
        for rows, columns, key in (
            (1, 1, "Ctrl+1"),
            (1, 2, "Ctrl+2"),
            (1, 3, "Ctrl+3"),
            (2, 1, ""),
            (2, 2, "Ctrl+4"),
            (2, 3, "Ctrl+6"),
            (3, 1, ""),
            (3, 2, ""),
            (3, 3, "Ctrl+9"),
        )
    ),
    Command("planes", "&Planes through the volume", "", "Ctrl+M", checkable=True, help="Axial, coronal and sagittal"),
    Command("link_scroll", "Scroll &together", "", "Ctrl+L", checkable=True),
    Command("link_zoom", "&Zoom and pan together", checkable=True),
    Command("link_window", "Same &window", checkable=True),
    Command("reference_lines", "&Reference lines", checkable=True),
    Command("link_pointer", "P&ointer in all views", checkable=True),
    Command("save_layout", "&Save the layout…"),
    Command("copy_view", "&Copy picture", "copy", "Ctrl+C", _VIEW, help="Copy the view, without the patient's name"),
    Command("export_pictures", "Export p&ictures…", "image", "Ctrl+Shift+E", help="Write pictures, or a moving one"),
    Command("region_window", "Window from &region", key="Shift+W", where=_VIEW, help="Fit the window to the region"),
    Command(
        "full_range", "Full range", key="Shift+0", where=_VIEW, help="Window from the smallest to the largest value"
    ),
    Command("edit_presets", "&Edit window presets…"),
    Command("next_palette", "Next colours", key="Shift+C", where=_VIEW, help="Show greys in the next colours"),
    Command("true_size", "True si&ze", "ruler", "Shift+N", _VIEW, help="A millimetre as a millimetre of the screen"),
    Command("measure_monitor", "&Measure this monitor…", help="Say how large the pixels of this monitor are"),
    Command("toggle_interpolation", "S&mooth or flat pixels", key="Shift+I", where=_VIEW),
    Command("test_pattern", "Monitor &test pattern"),
    Command("toggle_sweep", "Cine to an&d fro", key="Shift+S", where=_VIEW),
    Command("time_curve", "Time–intensity c&urve", key="Shift+T", where=_VIEW, help="Follow a region through time"),
    Command("about", "&About Scoutview", "info"),
    Command("shortcuts", "&Keyboard and mouse", "keyboard", "F1"),
)

TOOLS = {
    Tool.WINDOW: Command(
        "tool_window", "&Window", "circle-half-tilt", "W", _VIEW, True, "Window: drag for brightness and contrast"
    ),
    Tool.PAN: Command("tool_pan", "&Pan", "hand", "P", _VIEW, True),
    Tool.ZOOM: Command("tool_zoom", "&Zoom", "magnifying-glass", "Z", _VIEW, True),
    Tool.SCROLL: Command("tool_scroll", "&Scroll", "arrows-down-up", "S", _VIEW, True, "Scroll through the images"),
    Tool.PROBE: Command("tool_probe", "Prob&e", "crosshair-simple", "X", _VIEW, True, "Probe values"),
    Tool.DISTANCE: Command("tool_distance", "&Distance", "ruler", "D", _ITSELF, True, "Measure a distance"),
    Tool.ANGLE: Command("tool_angle", "&Angle", "angle", "A", _ITSELF, True, "Measure an angle"),
    Tool.BIDIRECTIONAL: Command(
        "tool_bidirectional",
        "&Bidirectional",
        "bidirectional",
        "L",
        _VIEW,
        True,
        "Measure the longest diameter and the one across it (RECIST)",
    ),
    Tool.RECTANGLE: Command(
        "tool_rectangle", "&Rectangle", "rectangle", "B", _VIEW, True, "Measure a rectangle: mean, SD, area"
    ),
    Tool.ELLIPSE: Command(
        "tool_ellipse", "E&llipse", "ellipse", "E", _VIEW, True, "Measure an ellipse: mean, SD, area"
    ),
    Tool.FREEHAND: Command(
        "tool_freehand", "&Freehand region", "freehand", "O", _VIEW, True, "Measure a region drawn by hand"
    ),
    Tool.POLYGON: Command(
        "tool_polygon",
        "Pol&ygon",
        "polygon",
        "U",
        _VIEW,
        True,
        "Measure a polygon, corner by corner",
    ),
    Tool.COBB: Command(
        "tool_cobb", "&Cobb angle", "cobb", "Y", _VIEW, True, "Measure the angle between two lines (Cobb)"
    ),
    Tool.POINT: Command("tool_point", "P&oint value", "point", "Q", _VIEW, True, "Mark a point and its value"),
    Tool.ARROW: Command(
        "tool_arrow", "Arro&w", "arrow", "M", _VIEW, True, "Point with an arrow: drag from what is meant"
    ),
    Tool.TEXT: Command("tool_text", "Te&xt", "note", "J", _VIEW, True, "Write on the image"),
    Tool.CALIBRATE: Command(
        "tool_calibrate",
        "Cali&brate by hand…",
        "calibrate",
        "Shift+D",
        _VIEW,
        True,
        "Calibrate by hand: draw a line of known length",
    ),
}

MOUSE = (
    ("Left drag", "The active tool"),
    ("Middle drag", "Pan"),
    ("Right drag", "Zoom"),
    ("Right click", "Menu"),
    ("Wheel", "Scroll through the images"),
    ("Shift + wheel", "Through phases, time points, echoes or b-values"),
    ("Ctrl + wheel", "Zoom"),
    ("Double click", "Hide or show the panels; on a measurement, name it"),
)
OTHER_KEYS = (
    ("↑  ↓", "Previous, next image"),
    ("Shift + ↑  ↓", "Ten images back, on"),
    (",  .", "Previous, next phase, time point, echo or b-value"),
    ("Home  End", "First, last image"),
    ("1 – 9", "Window presets"),
    ("M", "Magnifier, while it is held"),
    ("Delete", "Delete the selected measurement; while a polygon is drawn, its last corner"),
    ("Enter", "Close a polygon"),
    ("Esc", "Leave what is being drawn, then the tool"),
)


class Actions(QObject):
    """All commands as QActions, by name."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._actions: dict[str, QAction] = {}
        self.tools = QActionGroup(self)
        for command in COMMANDS:
            self._add(command)
        for tool, command in TOOLS.items():
            action = self._add(command)
            action.setData(tool)
            self.tools.addAction(action)
        for action in self._actions.values():
            parent.addAction(action)

    def _add(self, command: Command) -> QAction:
        action = QAction(command.text, self)
        if command.icon:
            action.setIcon(icons.icon(command.icon))
        if command.key and command.where is Where.WINDOW:
            action.setShortcut(QKeySequence(command.key))
        elif command.key:
            # Shown in the menu, but not taken from lists and fields: the key belongs to the viewport.
            action.setText(f"{command.text}\t{native(command.key)}")
        action.setIconText(command.plain)
        action.setToolTip(command.tool_tip)
        action.setStatusTip("")
        action.setCheckable(command.checkable)
        self._actions[command.name] = action
        return action

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def connect_all(self, *groups: dict[str, Callable[[], object]]) -> None:
        """Gives each command its verb. Raises ``KeyError`` for a command without one, or a verb without command."""
        verbs = {name: verb for group in groups for name, verb in group.items()}
        missing = {command.name for command in COMMANDS} ^ set(verbs)
        if missing:
            raise KeyError(f"commands and verbs do not match: {sorted(missing)}")
        for name, verb in verbs.items():
            self._actions[name].triggered.connect(lambda _=False, verb=verb: verb())

    def give_keys_to(self, viewport: QWidget) -> None:
        """Makes the shortcuts that act while ``viewport`` has the focus."""
        for command in (*COMMANDS, *TOOLS.values()):
            if command.where is Where.VIEW:
                shortcut = QShortcut(QKeySequence(command.key), viewport)
                shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
                shortcut.activated.connect(self._actions[command.name].trigger)

    def for_tool(self, tool: Tool) -> QAction:
        """The action that chooses ``tool``."""
        return self._actions[TOOLS[tool].name]


def key_groups() -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """All keys for the help: (group, ((keys, what they do), …))."""
    window = tuple((native(c.key), c.plain) for c in COMMANDS if c.key and c.where is Where.WINDOW)
    view = tuple((native(c.key), c.plain) for c in COMMANDS if c.key and c.where is not Where.WINDOW)
    tools = tuple((native(c.key), c.plain) for c in TOOLS.values())
    return (("Tools", tools), ("View", (*OTHER_KEYS, *view)), ("Mouse", MOUSE), ("Program", window))
