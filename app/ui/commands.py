"""Every command of the window once: its words, its icon, its keys, and when it can be used. `actions.py` makes
QActions of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

from app.ui.language import shown
from app.ui.viewport import Tool
from inference.words import say


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
    STUDY = say("No study is open.")
    SERIES = say("No image is open.")
    STACK = say("This series has a single image.")
    GREY = say("Colour images have no window.")
    POINTS = say("This series has no phases, time points, echoes or b-values.")


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
        """The text in the window's language, without mnemonic and ellipsis."""
        return plain(shown(self.text))

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
    # Chinese writes the mnemonic behind the words.
    text = re.sub(r"\(&\w\)", "", text)
    return text.split("\t")[0].replace("&&", "\0").replace("&", "").replace("\0", "&").rstrip("…")


_VIEW, _ITSELF = Where.VIEW, Where.VIEWPORT_ITSELF

COMMANDS = (
    Command("open_folder", say("Open &folder…"), "folder-open", "Ctrl+O", help=say("Open a folder of images")),
    Command("open_files", say("Open f&iles…"), "files", "Ctrl+Shift+O", help=say("Open image files")),
    Command("open_demo", say("Open the &demo"), "play-circle"),
    Command(
        "export",
        say("&Export…"),
        "export",
        "Ctrl+E",
        help=say("Export report, segmentation or pictures"),
        needs=Needs.SERIES,
    ),
    Command("close_studies", say("&Close studies"), "x-circle", "Ctrl+W", needs=Needs.STUDY),
    Command("skipped", say("S&kipped files…"), "file-x"),
    Command("quit", say("&Quit"), "sign-out", "Ctrl+Q"),
    Command("settings", say("&Settings…"), "sliders-horizontal", "Ctrl+,"),
    Command("undo", say("&Undo"), "arrow-u-up-left", "Ctrl+Z"),
    Command("redo", say("&Redo"), "arrow-u-up-right", "Ctrl+Y"),
    Command("clear_measurements", say("&Clear measurements of this study"), "trash"),
    Command("clear_calibration", say("Remove cali&bration by hand"), "x"),
    Command("fit", say("&Fit to window"), "arrows-out", "F", _VIEW),
    Command("one_to_one", say("One image pixel to one &screen pixel"), "one-to-one", "N", _VIEW),
    Command("zoom_in", say("Zoom &in"), "magnifying-glass-plus", "+", _VIEW),
    Command("zoom_out", say("Zoom &out"), "magnifying-glass-minus", "-", _VIEW),
    Command("invert", say("&Invert greys"), "circle-half", "I", _ITSELF),
    Command("flip_horizontal", say("Flip &horizontally"), "flip-horizontal", "H", _ITSELF),
    Command("flip_vertical", say("Flip &vertically"), "flip-vertical", "V", _ITSELF),
    Command(
        "rotate_right", say("Rotate &right"), "arrow-clockwise", "]", _VIEW, help=say("Rotate by 90° to the right")
    ),
    Command(
        "rotate_left", say("Rotate &left"), "arrow-counter-clockwise", "[", _VIEW, help=say("Rotate by 90° to the left")
    ),
    Command("reset", say("&Reset view"), "arrows-counter-clockwise", "R", _ITSELF),
    Command(
        "auto_window",
        say("&Automatic window"),
        "magic-wand",
        "0",
        _ITSELF,
        help=say("Window from this image's values"),
        needs=Needs.GREY,
    ),
    Command(
        "magnifier",
        say("&Magnifier"),
        "magnifying-glass",
        "M",
        _ITSELF,
        help=say("Enlarge what lies under the pointer, while the key is held; from a menu, until Esc"),
    ),
    Command("toggle_text", say("&Text on the image"), "text-t", "T", _ITSELF),
    Command("toggle_cine", say("Pla&y or stop cine"), "play", "C", _ITSELF, needs=Needs.STACK),
    Command("previous_series", say("&Previous series"), "caret-up", "PgUp", _VIEW),
    Command("next_series", say("&Next series"), "caret-down", "PgDown", _VIEW),
    Command("next_key_image", say("Next &key image"), "star", "K", _VIEW, needs=Needs.NOTHING),
    Command("previous_key_image", say("Previous ke&y image"), "star", "Shift+K", _VIEW, needs=Needs.NOTHING),
    Command("full_screen", say("F&ull screen"), "corners-out", "F11", checkable=True),
    Command(
        "next_screen", say("Move to the ne&xt screen"), "", "Ctrl+F11", help=say("Move the window to the next screen")
    ),
    Command(
        "second_window",
        say("Se&cond window"),
        "",
        "Ctrl+Shift+F11",
        checkable=True,
        help=say("Views on another screen, moving together with these"),
    ),
    Command("toggle_overlays", say("Show &overlays"), "eye", "Space", _ITSELF, checkable=True, needs=Needs.NOTHING),
    Command(
        "toggle_graphics",
        say("Show overlay planes and a&nnotations"),
        "scribble",
        "G",
        _ITSELF,
        checkable=True,
    ),
    *(
        Command(
            f"grid_{rows}x{columns}",
            say("{rows} × {columns} views", rows=rows, columns=columns),
            "",
            key,
            checkable=True,
        )
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
    Command(
        "planes",
        say("&Planes through the volume"),
        "",
        "Ctrl+M",
        checkable=True,
        help=say("Axial, coronal and sagittal"),
    ),
    Command("link_scroll", say("Scroll &together"), "", "Ctrl+L", checkable=True),
    Command("link_zoom", say("&Zoom and pan together"), checkable=True),
    Command("link_window", say("Same &window"), checkable=True),
    Command(
        "link_series",
        say("&One window for a series"),
        checkable=True,
        help=say("Views of one series, and its planes, share their window"),
    ),
    Command("reference_lines", say("&Reference lines"), checkable=True),
    Command("link_pointer", say("P&ointer in all views"), checkable=True),
    Command("save_layout", say("&Save the layout…")),
    Command("single_view", say("Single &view"), needs=Needs.SERIES, help=say("The series alone, as it was acquired")),
    Command(
        "hang_best",
        say("&Hang by the protocol that fits"),
        needs=Needs.SERIES,
        help=say("Arrange the study by its protocol"),
    ),
    Command(
        "copy_view",
        say("&Copy picture"),
        "copy",
        "Ctrl+C",
        _VIEW,
        help=say("Copy the view, without the patient's name"),
    ),
    Command(
        "export_pictures",
        say("Export p&ictures…"),
        "image",
        "Ctrl+Shift+E",
        help=say("Write pictures, or a moving one"),
        needs=Needs.SERIES,
    ),
    Command(
        "region_window",
        say("Window from &region"),
        key="Shift+W",
        where=_VIEW,
        help=say("Fit the window to the region"),
        needs=Needs.GREY,
    ),
    Command(
        "full_range",
        say("Full range"),
        key="Shift+0",
        where=_VIEW,
        help=say("Window from the smallest to the largest value"),
        needs=Needs.GREY,
    ),
    Command("edit_presets", say("&Edit window presets…")),
    Command(
        "next_palette",
        say("Next colours"),
        key="Shift+C",
        where=_VIEW,
        help=say("Show greys in the next colours"),
        needs=Needs.GREY,
    ),
    Command(
        "true_size",
        say("True si&ze"),
        "ruler",
        "Shift+N",
        _VIEW,
        help=say("A millimetre as a millimetre of the screen"),
    ),
    Command("measure_monitor", say("&Measure this monitor…"), help=say("Say how large the pixels of this monitor are")),
    Command("toggle_interpolation", say("S&mooth or flat pixels"), key="Shift+I", where=_VIEW),
    Command("test_pattern", say("Monitor &test pattern")),
    Command("toggle_sweep", say("Cine to an&d fro"), key="Shift+S", where=_VIEW, needs=Needs.STACK),
    Command(
        "time_curve",
        say("Time–intensity c&urve"),
        key="Shift+T",
        where=_VIEW,
        help=say("Follow a region through time"),
        needs=Needs.STACK,
    ),
    Command(
        "run_model",
        say("&Run model"),
        "sparkle",
        "Ctrl+Return",
        help=say("Run the first model that fits this series"),
        needs=Needs.SERIES,
    ),
    Command(
        "brush_larger",
        say("Larger &brush"),
        "",
        "Alt+Up",
        _VIEW,
        help=say("A larger brush for masks (Alt + wheel)"),
    ),
    Command(
        "brush_smaller",
        say("S&maller brush"),
        "",
        "Alt+Down",
        _VIEW,
        help=say("A smaller brush for masks (Alt + wheel)"),
    ),
    Command(
        "toggle_enhanced",
        say("Original &or AI-enhanced"),
        key="F2",
        help=say("The original, or what a model made of it"),
    ),
    Command("toggle_difference", say("AI &difference"), key="Shift+F2", help=say("What a model changed in the images")),
    Command("previous_image", say("&Previous image"), "caret-up", "Up", _ITSELF, needs=Needs.STACK),
    Command("next_image", say("&Next image"), "caret-down", "Down", _ITSELF, needs=Needs.STACK),
    Command("ten_back", say("Ten images &back"), "caret-up", "Shift+Up", _ITSELF, needs=Needs.STACK),
    Command("ten_on", say("Ten images &on"), "caret-down", "Shift+Down", _ITSELF, needs=Needs.STACK),
    Command("first_image", say("&First image"), "caret-up", "Home", _ITSELF, needs=Needs.STACK),
    Command("last_image", say("&Last image"), "caret-down", "End", _ITSELF, needs=Needs.STACK),
    Command(
        "previous_point",
        say("Previous p&hase"),
        "",
        ",",
        _ITSELF,
        help=say("Previous phase, time point, echo or b-value"),
        needs=Needs.POINTS,
    ),
    Command(
        "next_point",
        say("Next ph&ase"),
        "",
        ".",
        _ITSELF,
        help=say("Next phase, time point, echo or b-value"),
        needs=Needs.POINTS,
    ),
    Command("previous_view", say("Previous &view"), "caret-double-left", "Left", _ITSELF),
    Command("next_view", say("Next v&iew"), "caret-double-right", "Right", _ITSELF),
    *(
        Command(f"preset_{n}", say("Window preset {n}", n=n), "", str(n), _ITSELF, needs=Needs.NOTHING)
        for n in range(1, 10)
    ),
    Command(
        "delete_selected",
        say("&Delete the selected measurement"),
        "trash",
        "Del",
        _ITSELF,
        help=say("Delete the selected measurement; while a polygon is drawn, its last corner"),
        also=("Backspace",),
    ),
    Command("finish_drawing", say("Close the pol&ygon"), "", "Return", _ITSELF, also=("Enter",)),
    Command("escape", say("&Leave what is being drawn, then the tool"), "", "Esc", _ITSELF),
    Command("palette", say("&Find a command…"), "magnifying-glass", "Ctrl+K", also=("Ctrl+Shift+P",)),
    Command("about", say("&About Scoutview"), "info"),
    Command("shortcuts", say("&Keyboard and mouse"), "keyboard", "F1"),
)

TOOLS = {
    Tool.WINDOW: Command(
        "tool_window",
        say("&Window"),
        "circle-half-tilt",
        "W",
        _VIEW,
        True,
        say("Window: drag for brightness and contrast"),
    ),
    Tool.PAN: Command("tool_pan", say("&Pan"), "hand", "P", _VIEW, True),
    Tool.ZOOM: Command("tool_zoom", say("&Zoom"), "magnifying-glass", "Z", _VIEW, True),
    Tool.SCROLL: Command(
        "tool_scroll", say("&Scroll"), "arrows-down-up", "S", _VIEW, True, say("Scroll through the images")
    ),
    Tool.PROBE: Command("tool_probe", say("Prob&e"), "crosshair-simple", "X", _VIEW, True, say("Probe values")),
    Tool.DISTANCE: Command("tool_distance", say("&Distance"), "ruler", "D", _ITSELF, True, say("Measure a distance")),
    Tool.ANGLE: Command("tool_angle", say("&Angle"), "angle", "A", _ITSELF, True, say("Measure an angle")),
    Tool.BIDIRECTIONAL: Command(
        "tool_bidirectional",
        say("&Bidirectional"),
        "bidirectional",
        "L",
        _VIEW,
        True,
        say("Measure the longest diameter and the one across it (RECIST)"),
    ),
    Tool.RECTANGLE: Command(
        "tool_rectangle", say("&Rectangle"), "rectangle", "B", _VIEW, True, say("Measure a rectangle: mean, SD, area")
    ),
    Tool.ELLIPSE: Command(
        "tool_ellipse", say("E&llipse"), "ellipse", "E", _VIEW, True, say("Measure an ellipse: mean, SD, area")
    ),
    Tool.FREEHAND: Command(
        "tool_freehand", say("&Freehand region"), "freehand", "O", _VIEW, True, say("Measure a region drawn by hand")
    ),
    Tool.POLYGON: Command(
        "tool_polygon",
        say("Pol&ygon"),
        "polygon",
        "U",
        _VIEW,
        True,
        say("Measure a polygon, corner by corner"),
    ),
    Tool.COBB: Command(
        "tool_cobb", say("&Cobb angle"), "cobb", "Y", _VIEW, True, say("Measure the angle between two lines (Cobb)")
    ),
    Tool.POINT: Command(
        "tool_point", say("P&oint value"), "point", "Q", _VIEW, True, say("Mark a point and its value")
    ),
    Tool.ARROW: Command(
        "tool_arrow",
        say("Arro&w"),
        "arrow",
        "Shift+A",
        _VIEW,
        True,
        say("Point with an arrow: drag from what is meant"),
    ),
    Tool.TEXT: Command("tool_text", say("Te&xt"), "note", "J", _VIEW, True, say("Write on the image")),
    Tool.CALIBRATE: Command(
        "tool_calibrate",
        say("Cali&brate by hand…"),
        "calibrate",
        "Shift+D",
        _VIEW,
        True,
        say("Calibrate by hand: draw a line of known length"),
    ),
    Tool.BRUSH: Command(
        "tool_brush",
        say("Paint a &mask"),
        "paint-brush",
        "Shift+B",
        _VIEW,
        True,
        say("Paint the mask of a model: Shift erases, Alt + wheel sizes the brush"),
    ),
    Tool.ERASER: Command(
        "tool_eraser",
        say("Erase from a mas&k"),
        "eraser",
        "Shift+E",
        _VIEW,
        True,
        say("Erase from the mask of a model: Shift paints, Alt + wheel sizes the brush"),
    ),
}
