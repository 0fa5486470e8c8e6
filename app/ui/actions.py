"""The registry: every command of the window once, with its words, icon, keys and when it can be used.

Menus, tool bar, context menu, command palette, tool tips, help and the editor of shortcuts all come from here. Keys of
a viewport (``VIEW``) act while it has the focus, so that lists and fields keep theirs; the viewport handles most itself
(``app.ui.viewport.keys``), the rest are shortcuts that belong to it. Keys of the window act everywhere.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence, QShortcut

from app.ui import icons
from app.ui.shortcuts import Shortcuts, native
from app.ui.viewport import Tool, Viewport
from app.ui.viewport.bindings import TITLES, Bindings
from app.ui.viewport.keys import KeyTable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from PySide6.QtWidgets import QWidget


class Where(Enum):
    """Where a key acts."""

    WINDOW = auto()
    VIEW = auto()
    """In the viewport, through a shortcut that belongs to it."""
    VIEWPORT_ITSELF = auto()
    """In the viewport, which handles it without the action."""


class Needs(Enum):
    """What must be there for a command to be of use. The value is what the reader is told where it is not."""

    NOTHING = ""
    STUDY = "No study is open."
    SERIES = "No image is open."
    STACK = "This series has a single image."
    GREY = "Colour images have no window."
    POINTS = "This series has no phases, time points, echoes or b-values."


@dataclass(frozen=True)
class Command:
    """``text``: for menus, with its mnemonic. ``help``: one sentence for tool tip and palette where the text is not
    enough. ``key``: its default in Qt's portable notation, ``also``: further ones. ``needs``: an image for what acts on
    one, unless it says otherwise. What a single fact cannot say is told with ``Actions.allow``."""

    name: str
    text: str
    icon: str = ""
    key: str = ""
    where: Where = Where.WINDOW
    checkable: bool = False
    help: str = ""
    needs: Needs | None = None
    also: tuple[str, ...] = ()

    @property
    def plain(self) -> str:
        """The text without mnemonic and ellipsis."""
        return plain(self.text)

    @property
    def keys(self) -> tuple[str, ...]:
        """All default keys."""
        return (self.key, *self.also) if self.key else ()

    @property
    def requires(self) -> Needs:
        """What must be there."""
        if self.needs is not None:
            return self.needs
        return Needs.NOTHING if self.where is Where.WINDOW else Needs.SERIES


def plain(text: str) -> str:
    """The text of a menu entry without its key, mnemonic and ellipsis."""
    return text.split("\t")[0].replace("&&", "\0").replace("&", "").replace("\0", "&").rstrip("…")


_VIEW, _ITSELF = Where.VIEW, Where.VIEWPORT_ITSELF

COMMANDS = (
    Command("open_folder", "Open &folder…", "folder-open", "Ctrl+O", help="Open a folder of images"),
    Command("open_files", "Open f&iles…", "files", "Ctrl+Shift+O", help="Open image files"),
    Command("open_demo", "Open the &demo", "play-circle"),
    Command(
        "export", "&Export…", "export", "Ctrl+E", help="Export report, segmentation or pictures", needs=Needs.SERIES
    ),
    Command("close_studies", "&Close studies", "x-circle", "Ctrl+W", needs=Needs.STUDY),
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
    Command(
        "auto_window",
        "&Automatic window",
        "magic-wand",
        "0",
        _ITSELF,
        help="Window from this image's values",
        needs=Needs.GREY,
    ),
    Command("toggle_text", "&Text on the image", "text-t", "T", _ITSELF),
    Command("toggle_cine", "Pla&y or stop cine", "play", "C", _ITSELF, needs=Needs.STACK),
    Command("previous_series", "&Previous series", "caret-up", "PgUp", _VIEW),
    Command("next_series", "&Next series", "caret-down", "PgDown", _VIEW),
    Command("next_key_image", "Next &key image", "star", "K", _VIEW, needs=Needs.NOTHING),
    Command("previous_key_image", "Previous ke&y image", "star", "Shift+K", _VIEW, needs=Needs.NOTHING),
    Command("full_screen", "F&ull screen", "corners-out", "F11", checkable=True),
    Command("toggle_overlays", "Show &overlays", "eye", "Space", _ITSELF, checkable=True, needs=Needs.NOTHING),
    Command(
        "toggle_graphics",
        "Show overlay planes and a&nnotations",
        "scribble",
        "G",
        _ITSELF,
        checkable=True,
    ),
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
    Command(
        "export_pictures",
        "Export p&ictures…",
        "image",
        "Ctrl+Shift+E",
        help="Write pictures, or a moving one",
        needs=Needs.SERIES,
    ),
    Command(
        "region_window",
        "Window from &region",
        key="Shift+W",
        where=_VIEW,
        help="Fit the window to the region",
        needs=Needs.GREY,
    ),
    Command(
        "full_range",
        "Full range",
        key="Shift+0",
        where=_VIEW,
        help="Window from the smallest to the largest value",
        needs=Needs.GREY,
    ),
    Command("edit_presets", "&Edit window presets…"),
    Command(
        "next_palette",
        "Next colours",
        key="Shift+C",
        where=_VIEW,
        help="Show greys in the next colours",
        needs=Needs.GREY,
    ),
    Command("true_size", "True si&ze", "ruler", "Shift+N", _VIEW, help="A millimetre as a millimetre of the screen"),
    Command("measure_monitor", "&Measure this monitor…", help="Say how large the pixels of this monitor are"),
    Command("toggle_interpolation", "S&mooth or flat pixels", key="Shift+I", where=_VIEW),
    Command("test_pattern", "Monitor &test pattern"),
    Command("toggle_sweep", "Cine to an&d fro", key="Shift+S", where=_VIEW, needs=Needs.STACK),
    Command(
        "time_curve",
        "Time–intensity c&urve",
        key="Shift+T",
        where=_VIEW,
        help="Follow a region through time",
        needs=Needs.STACK,
    ),
    Command(
        "run_model",
        "&Run model",
        "sparkle",
        "Ctrl+Return",
        help="Run the first model that fits this series",
        needs=Needs.SERIES,
    ),
    Command("previous_image", "&Previous image", "caret-up", "Up", _ITSELF, needs=Needs.STACK),
    Command("next_image", "&Next image", "caret-down", "Down", _ITSELF, needs=Needs.STACK),
    Command("ten_back", "Ten images &back", "caret-up", "Shift+Up", _ITSELF, needs=Needs.STACK),
    Command("ten_on", "Ten images &on", "caret-down", "Shift+Down", _ITSELF, needs=Needs.STACK),
    Command("first_image", "&First image", "caret-up", "Home", _ITSELF, needs=Needs.STACK),
    Command("last_image", "&Last image", "caret-down", "End", _ITSELF, needs=Needs.STACK),
    Command(
        "previous_point",
        "Previous p&hase",
        "",
        ",",
        _ITSELF,
        help="Previous phase, time point, echo or b-value",
        needs=Needs.POINTS,
    ),
    Command(
        "next_point",
        "Next ph&ase",
        "",
        ".",
        _ITSELF,
        help="Next phase, time point, echo or b-value",
        needs=Needs.POINTS,
    ),
    Command("previous_view", "Previous &view", "caret-double-left", "Left", _ITSELF),
    Command("next_view", "Next v&iew", "caret-double-right", "Right", _ITSELF),
    *(Command(f"preset_{n}", f"Window preset {n}", "", str(n), _ITSELF, needs=Needs.NOTHING) for n in range(1, 10)),
    Command(
        "delete_selected",
        "&Delete the selected measurement",
        "trash",
        "Del",
        _ITSELF,
        help="Delete the selected measurement; while a polygon is drawn, its last corner",
        also=("Backspace",),
    ),
    Command("finish_drawing", "Close the pol&ygon", "", "Return", _ITSELF, also=("Enter",)),
    Command("escape", "&Leave what is being drawn, then the tool", "", "Esc", _ITSELF),
    Command("palette", "&Find a command…", "magnifying-glass", "Ctrl+K", also=("Ctrl+Shift+P",)),
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


class Actions(QObject):
    """All commands as QActions, by name. ``chosen``: keys that the reader gave to commands. ``bindings``: of the
    mouse."""

    def __init__(
        self,
        parent: QWidget,
        chosen: Mapping[str, Sequence[str]] | None = None,
        bindings: Bindings = Bindings(),  # noqa: B008 - frozen
    ) -> None:
        super().__init__(parent)
        self._commands = {command.name: command for command in (*COMMANDS, *TOOLS.values())}
        self._actions: dict[str, QAction] = {}
        self._reasons: dict[str, str] = {}
        self._titles: dict[str, str] = {}
        self._views: list[weakref.ref[QWidget]] = []
        self.bindings = bindings
        self.shortcuts = Shortcuts(self._commands.values(), chosen)
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
        action.setObjectName(command.name)
        if command.icon:
            action.setIcon(icons.icon(command.icon))
        action.setIconText(command.plain)
        action.setStatusTip("")
        action.setCheckable(command.checkable)
        self._actions[command.name] = action
        self._titles[command.name] = command.text
        self._dress(command.name)
        return action

    def _dress(self, name: str) -> None:
        """Key, text and tool tip of an action as they must be now."""
        command, action = self._commands[name], self._actions[name]
        text, keys = self._titles[name], self.shortcuts.keys(name)
        if command.where is Where.WINDOW:
            action.setShortcuts([QKeySequence(key) for key in keys])
        elif keys:
            # Shown in the menu, but not taken from lists and fields: the key belongs to the viewport.
            text = f"{text}\t{native(keys[0])}"
        action.setText(text)
        tip = command.help or plain(self._titles[name])
        told = self.shortcuts.text(name)
        tip = f"{tip} ({told})" if told else tip
        reason = self._reasons.get(name, "")
        action.setToolTip(f"{tip}\n{reason}" if reason else tip)

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def __contains__(self, name: object) -> bool:
        return name in self._actions

    def __iter__(self) -> Iterator[Command]:
        return iter(self._commands.values())

    def connect_all(self, *groups: Mapping[str, Callable[[], object]]) -> None:
        """Gives each command its verb. Raises ``KeyError`` for a command without one, or a verb without command."""
        verbs = {name: verb for group in groups for name, verb in group.items()}
        missing = {command.name for command in COMMANDS} ^ set(verbs)
        if missing:
            raise KeyError(f"commands and verbs do not match: {sorted(missing)}")
        for name, verb in verbs.items():
            self._actions[name].triggered.connect(lambda _=False, verb=verb: verb())

    # -- when a command can be used --------------------------------------------------------------------------------

    def meet(self, facts: Collection[Needs]) -> None:
        """Turns commands on whose needs are among ``facts``, and the others off. Those that need nothing stay."""
        for name, command in self._commands.items():
            if command.requires is not Needs.NOTHING:
                self.allow(name, "" if command.requires in facts else command.requires.value)

    def allow(self, name: str, why_not: str = "") -> None:
        """Turns ``name`` on, or off for a reason that tool tip and palette give."""
        self._reasons[name] = why_not
        self._actions[name].setEnabled(not why_not)
        self._dress(name)

    def why_not(self, name: str) -> str:
        """Why ``name`` cannot be used now; empty where it can."""
        if self._actions[name].isEnabled():
            return ""
        return self._reasons.get(name) or "There is nothing that it could act on now."

    def set_title(self, name: str, text: str) -> None:
        """Other words for a command, such as what would be undone. Its key stays beside it."""
        self._titles[name] = text
        self._actions[name].setIconText(plain(text))
        self._dress(name)

    # -- keys ------------------------------------------------------------------------------------------------------

    def give_keys_to(self, viewport: QWidget) -> None:
        """Makes the shortcuts that act while ``viewport`` has the focus, now and when keys change."""
        self._views = [view for view in self._views if view() is not None]
        self._views.append(weakref.ref(viewport))
        self._bind(viewport)

    def _bind(self, viewport: QWidget) -> None:
        if isinstance(viewport, Viewport):
            viewport.bindings = self.bindings
            viewport.keys = KeyTable({name: self.shortcuts.keys(name) for name in self._commands})
        for old in viewport.findChildren(QShortcut, _VIEW_KEY, Qt.FindChildOption.FindDirectChildrenOnly):
            old.setEnabled(False)
            old.deleteLater()
        for command in self._commands.values():
            for key in self.shortcuts.keys(command.name) if command.where is Where.VIEW else ():
                shortcut = QShortcut(QKeySequence(key), viewport)
                shortcut.setObjectName(_VIEW_KEY)
                shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
                shortcut.activated.connect(self._actions[command.name].trigger)

    def rebind(self, chosen: Mapping[str, Sequence[str]], bindings: Bindings) -> None:
        """Other keys and buttons, at once and everywhere: menus, tool tips, viewports."""
        self.bindings = bindings
        self.shortcuts = Shortcuts(self._commands.values(), chosen)
        for name in self._actions:
            self._dress(name)
        for view in self._views:
            alive = view()
            if alive is not None and shiboken6.isValid(alive):
                self._bind(alive)

    def for_tool(self, tool: Tool) -> QAction:
        """The action that chooses ``tool``."""
        return self._actions[TOOLS[tool].name]

    def key_groups(self) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
        """All keys for the help: (group, ((keys, what they do), …))."""

        def listed(commands: Sequence[Command]) -> tuple[tuple[str, str], ...]:
            return tuple(
                (self.shortcuts.text(c.name), c.help or c.plain) for c in commands if self.shortcuts.keys(c.name)
            )

        bound = tuple((title, getattr(self.bindings, name).value) for name, title in TITLES.items())
        window = [c for c in COMMANDS if c.where is Where.WINDOW]
        view = [c for c in COMMANDS if c.where is not Where.WINDOW]
        return (
            ("Tools", listed(tuple(TOOLS.values()))),
            ("View", (*listed(view), ("M", "Magnifier, while it is held"))),
            ("Mouse", (*bound, *_ALWAYS)),
            ("Program", listed(window)),
        )


_ALWAYS = (
    ("Right click", "Menu"),
    ("Pinch", "Zoom"),
    ("Double click", "Hide or show the panels; on a measurement, name it"),
)
_VIEW_KEY = "commandKey"
