"""The main window: puts the parts together and passes what the user asks for to those who do it."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QAction, QCloseEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QFileDialog, QMainWindow, QMenu

from app import settings as options
from app.core import analysis
from app.core.preset_book import presets_of
from app.core.session import Change, OverlayStyle, Session
from app.dicom.presentation import why_not_shown
from app.errors import UserError
from app.paths import readings_file
from app.report.version import version
from app.ui import icons, language, message, text_dialog, theme
from app.ui.actions import Actions
from app.ui.ai_panel import AiPanel
from app.ui.analysing import Analyses
from app.ui.arranging import Arranging
from app.ui.attaching import Attaching
from app.ui.browser import Browser
from app.ui.care import Care
from app.ui.commands import Needs
from app.ui.dispatch import Dispatcher, window_first
from app.ui.docks import LEFT_WIDTH, RIGHT_WIDTH, left_dock, right_dock
from app.ui.enhancement_card import EnhancementCard
from app.ui.enhancing import Enhancing
from app.ui.exporting import Exporter, is_saved
from app.ui.file_window import FileWindow
from app.ui.image_area import ImageArea
from app.ui.keeping import Keeping
from app.ui.key_images import KeyImages
from app.ui.language import shown, tr, tr_n
from app.ui.loading import Loader
from app.ui.mask_editing import MaskEditing
from app.ui.measurements_panel import MeasurementsPanel
from app.ui.measuring import Measuring
from app.ui.object_opening import READABLE, ObjectOpener
from app.ui.object_reading import ObjectReader
from app.ui.objects_panel import ObjectsPanel
from app.ui.opening import Opener, nothing_to_show
from app.ui.palette import Palette, entries
from app.ui.plane_reading import PlaneReader
from app.ui.plane_shelf import PlaneShelf
from app.ui.presentations import Presentations
from app.ui.screens import Screens
from app.ui.second_window import SecondScreen
from app.ui.settings_dialog import SettingsDialog
from app.ui.status import StatusBar
from app.ui.thumbnails import Thumbnails
from app.ui.toolbar import DEFAULT_BAR, ToolBar, fill_menus, menu_part, more_tools_part
from app.ui.view_menu import view_menu
from app.ui.viewport.bindings import Bindings
from app.ui.viewport.keys import VERBS
from app.ui.views import Views
from app.ui.volumes import Volumes
from app.ui.widgets import elided
from app.ui.window_panel import WindowPanel
from app.ui.window_place import from_text, to_text
from inference.types import Refused
from inference.words import joined, lowered, say, say_n

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.core.document import Document, Place
    from app.dicom.model import Series, Skipped, StudyIndex
    from app.dicom.objects import StoredObject
    from app.settings import Settings
    from app.ui.dispatch import Job
    from app.ui.viewport import Viewport
    from inference.bundle import Bundle

log = logging.getLogger(__name__)


_TABS = ("AI", "Measurements", "Objects", "Window")
"""The tabs of the right panel, as the settings name them in any language."""


class Window(FileWindow):
    """One window, one session. It holds no patient state: it reads from the session what it shows."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.settings = settings
        self.session = Session()
        self.session.subscribe(lambda _: window_first())
        self.session.style = OverlayStyle(opacity=settings.get(options.OVERLAY_OPACITY))
        self.dispatcher = Dispatcher(self)
        self.loader = Loader(self.dispatcher, settings.get(options.CACHE_MEGABYTES) * 2**20, self)
        self.analyses = Analyses(self.session, self.dispatcher, self)
        self.attaching = Attaching(self.session, self.dispatcher, self)
        self.thumbnails = Thumbnails(self.dispatcher, self)
        self.planes = PlaneReader(self.dispatcher, self)
        self.views = Views(self.session)
        # What acts on "the image" acts on the view that the reader is at.
        self.current = cast("Viewport", self.views.current)
        self.keeping = Keeping(self.session, self.current, readings_file(), on=settings.get(options.KEEP), parent=self)
        self.opener = Opener(self.session, self.dispatcher, self.keeping.recall, self)
        self.exporter = Exporter(self.session, self.dispatcher, self.analyses, self.current, settings, self)
        self.object_reader = ObjectReader(self.dispatcher, self)
        self.presentations = Presentations(self.session, self.current, self.object_reader, self)
        self.key_images = KeyImages(self.session, self.object_reader, self)
        self.objects = ObjectOpener(self.session, self.dispatcher, self.object_reader, self)
        self.arranging = Arranging(self.session, self.views, self.loader, self.dispatcher, settings, self)
        self._saved: Document | None = None
        self._last_skipped: tuple[Skipped, ...] = ()
        self._asked_for: list[Path] = []
        self.reopens: tuple[Path, ...] | None = None
        """After closing: what the next window opens, where this one closed to be made anew."""
        self._before_maximised: tuple[bool, bool] | None = None

        self.setWindowTitle("Scoutview")
        self.setDockOptions(QMainWindow.DockOption.AnimatedDocks)
        self.area = ImageArea(self.views, self.arranging.bar)
        self.setCentralWidget(self.area)
        self.browser = Browser(self.session, self.thumbnails)
        self.ai_panel = AiPanel(self.session, self.analyses, settings.get(options.DEVICE))
        self.enhancing = Enhancing(self.session, self.dispatcher, self.loader, self.current, self.analyses.home, self)
        self.ai_panel.place_enhancement(EnhancementCard(self.session, self.enhancing))
        self.objects_panel = ObjectsPanel(self.session, self.attaching)
        self.shelf = PlaneShelf(self.session, self.loader, self.dispatcher, self)
        self.measuring = Measuring(self.session, self.current, self.loader, self, shelf=self.shelf)
        self.volumes = Volumes(self.session, self.dispatcher, self)
        self.measurements = MeasurementsPanel(self.session, self.measuring.values, self.volumes.listed)
        self.volumes.changed.connect(self.measurements.refresh)
        self.shelf.changed.connect(self.measurements.refresh)
        self.measuring.follow(self.measurements)
        self.window_panel = WindowPanel()
        self.window_panel.follow(self.current)
        self.left = left_dock(self, self.browser)
        self.right, self.tabs = right_dock(
            self,
            (
                ("AI", self.ai_panel),
                (tr("Measurements"), self.measurements),
                (tr("Objects"), self.objects_panel),
                (tr("Window", note="tab"), self.window_panel),
            ),
        )
        self.status = StatusBar()
        self.setStatusBar(self.status)
        self.actions_ = Actions(self, settings.get(options.SHORTCUTS), Bindings.of(settings.get(options.MOUSE)))
        self.care = Care(self.session, self.views, self.dispatcher, settings, self)
        self.masks = MaskEditing(self.session, self.views, self)
        self.presets = QMenu(self)
        self._no_presets = QAction(tr("There are no presets for this series"), self)
        self._no_presets.setEnabled(False)
        self.panels = QMenu(self)
        for dock in (self.left, self.right):
            self.panels.addAction(dock.toggleViewAction())
        self.screens = Screens(self)
        self.second = SecondScreen(self, self.views, self.arranging, settings)
        parts = (
            menu_part("presets", tr("Presets"), "swatches", tr("Window presets"), self.presets),
            menu_part(
                "presentations",
                tr("Presentation"),
                "presentation",
                tr("Presentation states of this series"),
                self.presentations.menu,
            ),
            more_tools_part(self.actions_),
        )
        self.tool_bar = ToolBar(self.actions_, parts, settings.get(options.TOOL_BAR) or DEFAULT_BAR, self)
        self.addToolBar(self.tool_bar)
        self.recent = fill_menus(
            self.menuBar(),
            self.actions_,
            self.presets,
            self.presentations.menu,
            self.panels,
            self.arranging.menus,
            self.care.palettes,
        )
        self._connect()
        self._restore()
        self.area.empty.welcome(settings.get(options.RECENT))
        self._changed(~Change(0))
        self.analyses.list_models()

    def sizeHint(self) -> QSize:
        """What fits a laptop's screen."""
        return QSize(1280, 800)

    # -- wiring ----------------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        view = self.current
        self.actions_.connect_all(
            {
                "open_folder": self.choose_folder,
                "open_files": self.choose_files,
                "open_demo": self.open_demo,
                "export": self.export,
                "close_studies": self.close_studies,
                "skipped": self.show_skipped,
                "quit": self.close,
                "settings": self.change_settings,
                "undo": self.session.undo,
                "redo": self.session.redo,
                "clear_measurements": self.measuring.clear_study,
                "clear_calibration": self.measuring.clear_calibration,
                "fit": view.fit,
                "one_to_one": view.one_to_one,
                "zoom_in": lambda: view.zoom_by(1.25),
                "zoom_out": lambda: view.zoom_by(0.8),
                "rotate_right": lambda: view.rotate(1),
                "rotate_left": lambda: view.rotate(-1),
                "previous_series": lambda: self.step_series(-1),
                "next_series": lambda: self.step_series(1),
                "previous_key_image": lambda: self.step_key_image(-1),
                "next_key_image": lambda: self.step_key_image(1),
                "full_screen": self.toggle_full_screen,
                "next_screen": self.go_to_next_screen,
                **self.second.verbs(),
                "run_model": self.run_first_model,
                "toggle_enhanced": self.enhancing.toggle,
                "toggle_difference": self.enhancing.toggle_difference,
                **self.care.verbs(),
                **self.masks.verbs(),
                "about": lambda: text_dialog.about(self, version()).exec(),
                "shortcuts": lambda: text_dialog.shortcuts(self, self.actions_.key_groups()).exec(),
                "palette": self.find_command,
            },
            # What the viewport does by itself it does for the menu and the palette too.
            {name: partial(self._act, verb.act) for name, verb in VERBS.items() if not name.startswith("tool_")},
            self.arranging.verbs,
        )
        self.views.prepare_each(self.actions_.give_keys_to)
        self.arranging.connect_actions(self.actions_)
        self.screens.changed.connect(self._allow_next_screen)
        self._allow_next_screen()
        for dropped_on in (self, self.second):
            dropped_on.filesDropped.connect(self.open)
        self.filesHover.connect(self.area.set_dropping)
        self.second.changed.connect(lambda: self.actions_["second_window"].setChecked(self.second.is_open))
        self._explain()
        self.care.told.connect(self.status.note)
        self.masks.told.connect(self.status.note)
        self.masks.changed.connect(lambda: self.ai_panel.mark_edited(self.masks.target))
        self.ai_panel.edit.connect(self.masks.edit)
        self.care.presetsChanged.connect(lambda: self._arrange_view_actions(self.session.active))
        self.care.presetsChanged.connect(self.window_panel.refresh)
        self.actions_.tools.triggered.connect(lambda action: view.set_tool(action.data()))
        view.toolChanged.connect(lambda tool: self.actions_.for_tool(tool).setChecked(True))
        self.actions_.for_tool(view.tool()).setChecked(True)
        view.indexChanged.connect(lambda _: self.ai_panel.set_index(self.views.frame))
        view.indexChanged.connect(self._arrange_clearing)
        view.probed.connect(lambda text: self.status.probe.setText(shown(text)))
        view.playingChanged.connect(
            lambda playing: self.actions_["toggle_cine"].setIcon(icons.icon("pause" if playing else "play"))
        )
        self.views.prepare_each(lambda one: one.take_planes_from(self.planes.planes))
        self.views.prepare_each(lambda one: one.take_marks_from(self.objects.drawings))
        self.presentations.failed.connect(lambda fault: message.error(self, tr("Reading a presentation state"), fault))
        self.presentations.offered.connect(self._offer_presentations)
        self.key_images.changed.connect(self._mark_key_images)
        self.objects.followed.connect(self._follow)
        self.objects.marksChanged.connect(self.views.redraw)
        self.objects.failed.connect(
            lambda stored, fault: message.error(self, tr("Opening {title}", title=stored.kind.title), fault)
        )
        self.browser.objectChosen.connect(self.open_object)
        self.planes.ready.connect(self.views.redraw)
        view.contextMenuRequested.connect(self._context_menu)
        self.views.maximise.connect(self.toggle_panels)
        self.views.activated.connect(self._turned_to)
        self.tool_bar.arrangeRequested.connect(lambda: self.change_settings("Tool bar"))
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._system_theme_changed)
        self.session.subscribe(self._changed)
        self.browser.chosen.connect(self.show_series)
        empty = self.area.empty
        empty.open_folder.connect(self.choose_folder)
        empty.open_files.connect(self.choose_files)
        empty.open_demo.connect(self.open_demo)
        empty.open_recent.connect(lambda path: self.open([path]))
        empty.cancel.connect(self.opener.cancel)
        empty.show_skipped.connect(self.show_skipped)
        self.opener.started.connect(self._reading)
        self.opener.recalled.connect(self.keeping.bring_back)
        self.opener.opened.connect(self._opened)
        self.opener.recalled.connect(self.arranging.remember)
        self.opener.opened.connect(self.arranging.opened)
        self.arranging.told.connect(self.status.note)
        self.arranging.arranged.connect(self.keeping.note_arrangement)
        self.keeping.trouble.connect(lambda fault: message.error(self, tr("Keeping measurements"), fault))
        self.opener.failed.connect(lambda fault: message.error(self, tr("Opening files"), fault))
        self.opener.ended.connect(self._read)
        self.loader.started.connect(self.status.watch)
        self.loader.framesLoaded.connect(self._frames_loaded)
        self.loader.finished.connect(lambda _: self.measurements.refresh())
        self.loader.failed.connect(lambda _, fault: message.error(self, tr("Loading images"), fault))
        self.ai_panel.run.connect(lambda bundle, insist: self.run_model(bundle, insist=insist))
        self.ai_panel.cancel.connect(self.analyses.cancel)
        self.ai_panel.explain.connect(self.show_model_card)
        self.ai_panel.device_chosen.connect(lambda device: self.settings.set(options.DEVICE, device))
        self.ai_panel.jump.connect(self.jump)
        self.measurements.jump.connect(self.jump)
        self.objects_panel.jump.connect(self.arranging.go_to_image)
        view.indexChanged.connect(self.attaching.set_index)
        self.attaching.started.connect(self.status.watch)
        self.analyses.failed.connect(self._model_failed)
        self.analyses.made.connect(self.enhancing.take)
        self.enhancing.wanted.connect(self.show_series)
        self.enhancing.started.connect(self.status.watch)
        self.enhancing.told.connect(self.status.note)
        self.enhancing.changed.connect(self._arrange_enhanced)
        self.enhancing.failed.connect(lambda fault: message.error(self, tr("Making a series"), fault))
        self.analyses.finished.connect(lambda bundle, _: self.status.note(tr("{title}: done", title=bundle.title)))
        self.exporter.written.connect(self._exported)
        self.recent.aboutToShow.connect(self._fill_recent)

    def _explain(self) -> None:
        """Buttons that do what a command does have its tool tip, with the key that it has now."""
        empty, explain = self.area.empty, self.actions_.explain
        explain("open_folder", empty.folder, empty.other)
        explain("open_files", empty.files)
        explain("toggle_overlays", self.ai_panel.overlays_shown, self.objects_panel.shown)
        self.views.prepare_each(lambda one: explain("toggle_cine", self.care.cine_bar_of(one).stop))
        self.actions_.rebound.connect(self._tell_preset_keys)
        self._tell_preset_keys()

    def _tell_preset_keys(self) -> None:
        names = ("auto_window", *(f"preset_{number}" for number in range(1, 10)))
        self.window_panel.tell_keys(usual=not any(map(self.actions_.shortcuts.is_changed, names)))

    def _allow_next_screen(self) -> None:
        self.actions_.allow("next_screen", "" if self.screens.several else tr("There is one screen only."))

    def _act(self, act: Callable[[Viewport], object]) -> None:
        act(self.viewport)

    def find_command(self) -> None:
        """Opens the palette."""
        Palette(self.actions_, self.menuBar(), self).open()

    def _changed(self, change: Change) -> None:
        if change & Change.STUDIES:
            self._arrange_studies()
        # A study that is opened again replaces its series, the active one too.
        if change & Change.ACTIVE_SERIES or self.session.active is not self.views.active_cell.series:
            self._show_active()
        if change & Change.STUDIES:
            self.key_images.refresh()
            self.objects.refresh()
        if change & (Change.STUDIES | Change.ACTIVE_SERIES):
            self.presentations.refresh()
            self._mark_key_images()
        if change & (Change.MEASUREMENTS | Change.ACTIVE_SERIES):
            self._arrange_clearing()
        if change & Change.HISTORY:
            undone, redone = lowered(self.session.undo_name), lowered(self.session.redo_name)
            self.actions_.set_title("undo", tr("&Undo {what}", what=undone) if undone else tr("&Undo"))
            self.actions_.set_title("redo", tr("&Redo {what}", what=redone) if redone else tr("&Redo"))
            self.actions_.allow("undo", "" if undone else tr("There is nothing to undo."))
            self.actions_.allow("redo", "" if redone else tr("There is nothing to redo."))
        if change & (Change.OVERLAY_STYLE | Change.OVERLAYS | Change.ACTIVE_SERIES | Change.LAYERS):
            active = self.session.active
            self.actions_["toggle_overlays"].setChecked(self.session.style.visible)
            self.actions_["toggle_graphics"].setChecked(self.session.style.graphics)
            some = active is not None and bool(
                self.session.document.overlays_on(active) or self.session.laid_on(active)
            )
            self.actions_.allow("toggle_overlays", "" if some else tr("Nothing lies over this series."))

    def _arrange_clearing(self) -> None:
        measured, calibrated = self.measuring.has_measurements(), bool(self.measuring.calibration())
        self.actions_.allow("clear_measurements", "" if measured else tr("This study has no measurements."))
        self.actions_.allow("clear_calibration", "" if calibrated else tr("This series is not calibrated by hand."))

    def _arrange_enhanced(self) -> None:
        family = self.enhancing.family()
        both = family.original is not None and family.enhanced is not None
        why = "" if both else tr("No AI-enhanced series of this one is open together with its original.")
        self.actions_.allow("toggle_enhanced", why)
        self.actions_.allow("toggle_difference", why)

    def _arrange_studies(self) -> None:
        self._meet_needs()
        self._allow_skipped(some=bool(self.session.index.skipped))

    def _allow_skipped(self, *, some: bool) -> None:
        self.actions_.allow("skipped", "" if some else tr("No file was skipped."))

    def _meet_needs(self) -> None:
        """Turns on the commands that what is open can serve."""
        series = self.session.active
        facts = {
            Needs.STUDY: bool(self.session.index.studies),
            Needs.SERIES: series is not None,
            Needs.STACK: series is not None and len(series.frames) > 1,
            Needs.GREY: series is not None and not series.is_colour,
            Needs.POINTS: series is not None and series.axis is not None,
        }
        self.actions_.meet([need for need, met in facts.items() if met])

    # -- opening ---------------------------------------------------------------------------------------------------

    def open(self, paths: Sequence[Path]) -> None:
        """Reads ``paths`` and shows what is in them."""
        self.opener.open(paths)
        self._asked_for += [path.absolute() for path in paths if path.absolute() not in self._asked_for]
        for path in paths:
            if path.exists():
                self.settings.remember(path.absolute())
        self._save_settings()

    def open_demo(self, paths: Sequence[Path] = ()) -> None:
        """Opens the demo and runs the lung model on the radiograph. ``paths``: its files, the radiograph first."""
        from app import demo_data
        from app.ui.demo import Tour

        try:
            tour = Tour(self, paths or demo_data.paths())
        except UserError as fault:
            message.error(self, tr("Opening the demo"), fault)
            return
        tour.gaveUp.connect(lambda fault: message.error(self, tr("The demo"), fault))
        for end in (tour.finished, tour.failed, tour.gaveUp):
            end.connect(tour.deleteLater)
        tour.start()

    def choose_folder(self) -> None:
        """Asks for a folder."""
        chosen = QFileDialog.getExistingDirectory(self, tr("Open folder"), self.settings.get(options.LAST_FOLDER))
        if chosen:
            self.open([Path(chosen)])

    def choose_files(self) -> None:
        """Asks for files; DICOM files may have any name, so none is filtered away."""
        chosen, _ = QFileDialog.getOpenFileNames(self, tr("Open files"), self.settings.get(options.LAST_FOLDER))
        if chosen:
            self.open([Path(name) for name in chosen])

    def _reading(self, job: Job) -> None:
        self.status.watch(job)
        if self.session.active is None:
            self.area.empty.reading(job.title)
            self.area.show_empty()
            job.progressed.connect(lambda fraction: self._show_reading(job, fraction))

    def _show_reading(self, job: Job, fraction: float) -> None:
        if not self.area.shows_image:
            self.area.empty.reading(job.title, fraction)

    def _read(self) -> None:
        """Reading ended; where it brought nothing, the empty state goes back to what it was."""
        if not self.opener.is_busy and self.area.empty.face == "reading":
            self.area.empty.welcome(self.settings.get(options.RECENT))

    def _opened(self, found: StudyIndex) -> None:
        series = found.series()
        stored = found.objects()
        readable = [one for one in stored if one.kind in READABLE]
        if not series and (not stored or self.session.active is None) and not readable:
            self._nothing_found(found)
            return
        parts: list[str] = []
        if series:
            parts.append(say_n("%n study", "%n studies", len(found.studies)))
            parts.append(say_n("%n series", "%n series", len(series)))
        if stored:
            parts.append(say_n("%n object", "%n objects", len(stored)))
        if found.skipped:
            parts.append(say_n("%n file skipped", "%n files skipped", len(found.skipped)))
        self.status.note(joined(", ", parts), tr("Show list") if found.skipped else "", self.show_skipped)
        self._allow_skipped(some=bool(self.session.index.skipped))
        if series:
            self.show_series(series[0])
        elif readable:
            self.objects.open(readable[0])

    def _nothing_found(self, found: StudyIndex) -> None:
        """There is nothing to show in what was opened: say so where the images would be, or in a dialog above one."""
        self._last_skipped = found.skipped
        count, fault = len(found.skipped), nothing_to_show(found)
        if self.session.active is None:
            self.area.empty.trouble(fault, skipped=count > 1)
            self.area.show_empty()
        else:
            message.error(self, tr("Opening files"), fault)
        self._allow_skipped(some=count > 0)

    def show_skipped(self) -> None:
        """Lists the files that were not opened."""
        text_dialog.skipped_files(self, (*self.session.index.skipped, *self._last_skipped)).exec()

    def close_studies(self) -> None:
        """Closes everything that is open."""
        if self._may_lose(tr("Close the studies?"), tr("Close studies")):
            self.opener.cancel()
            self.loader.clear()
            self.analyses.clear()
            self.thumbnails.clear()
            self.planes.clear()
            self.object_reader.clear()
            self._last_skipped = ()
            self._asked_for.clear()
            self.area.empty.welcome(self.settings.get(options.RECENT))
            self.session.close_all()

    def _may_lose(self, question: str, yes: str) -> bool:
        if (self.keeping.flush() and self.keeping.is_safe) or is_saved(self.session.document, self._saved):
            return True
        why = tr("Measurements and verdicts on findings that were not exported are lost.")
        return message.confirm(self, question, why, yes)

    def _fill_recent(self) -> None:
        self.recent.clear()
        for text in self.settings.get(options.RECENT):
            action = self.recent.addAction(elided(text).replace("&", "&&"))
            action.triggered.connect(lambda _=False, path=Path(text): self.open([path]))
        if self.recent.isEmpty():
            self.recent.addAction(tr("Nothing opened yet")).setEnabled(False)

    @property
    def viewport(self) -> Viewport:
        """The view that the reader is at."""
        return self.views.active

    # -- the active series -----------------------------------------------------------------------------------------

    def show_series(self, series: Series) -> None:
        """Puts ``series`` on screen."""
        if not self.arranging.may_show(series, self.views.layout_.active):
            return
        self.arranging.leave_planes()
        if series is self.session.active and self.views.active_cell.series is not series:
            self._show_active()
        self.session.activate(series)
        if self.area.shows_image:
            self.viewport.setFocus()

    def _turned_to(self) -> None:
        """The reader is at another view."""
        series = self.views.active_cell.series
        if series is not None:
            self.session.activate(series)

    def step_series(self, steps: int) -> None:
        """The series before or after the one on screen, in the browser's order."""
        every = self.session.index.series()
        active = self.session.active
        place = next((i for i, series in enumerate(every) if series is active), -1)
        if 0 <= place + steps < len(every):
            self.show_series(every[place + steps])

    # -- what is no image ------------------------------------------------------------------------------------------

    def open_object(self, stored: StoredObject) -> None:
        """Opens a report or a document; shows the images of a presentation state as it wants them."""
        if stored.kind in READABLE:
            self.objects.open(stored)
            return
        attached = next((one for one in self.session.attachments if one.object is stored), None)
        why = why_not_shown(stored.sop_class_uid)
        if why or attached is None or not attached.series:
            why = why or (attached.why_not if attached else say("it is not open"))
            self.status.note(tr("{name}: {why}", name=stored.label, why=why))
            return
        if self.session.active not in attached.series:
            self.show_series(attached.series[0])
        self.presentations.choose(stored)

    def _follow(self, series: Series, index: int, state_uid: str) -> None:
        """A link of a report: its image, with the presentation state that it names, where that is open."""
        self._turn_to(series)
        self.viewport.set_index(index)
        for stored in self.presentations.states():
            if state_uid and stored.sop_instance_uid == state_uid and not why_not_shown(stored.sop_class_uid):
                self.presentations.choose(stored)

    def _offer_presentations(self, count: int) -> None:
        # Most series have none: the bar has no room for what does nothing.
        self.tool_bar.show_part("presentations", shown=count > 0)

    def _mark_key_images(self) -> None:
        series = self.viewport.series
        chosen = self.key_images.of(series) if series is not None else {}
        self.viewport.set_key_images(chosen)
        self.browser.mark_key_images(lambda one: bool(self.key_images.of(one)))
        for name in ("next_key_image", "previous_key_image"):
            self.actions_.allow(name, "" if chosen else tr("No image of this series is a key image."))

    def step_key_image(self, steps: int) -> None:
        """The next or previous key image of the series on screen, going round."""
        series = self.viewport.series
        index = None if series is None else self.key_images.after(series, self.viewport.index, steps)
        if index is not None:
            self.viewport.set_index(index)

    def _show_active(self) -> None:
        series = self.session.active
        self._arrange_view_actions(series)
        self.setWindowTitle(self._title())
        if series is None:
            self.loader.leave()
            self.arranging.clear()
            self.area.show_empty()
            return
        if self.views.active_cell.series is series:
            # It is on screen already: the reader turned to it, or planes of it are shown.
            self.arranging.load_next()
            return
        try:
            pixels = self.loader.prepare(series)
        except UserError as fault:
            self.loader.leave()
            self.views.clear_cell(self.views.layout_.active)
            self.area.empty.trouble(fault)
            self.area.show_empty()
            return
        self.views.show_in(self.views.layout_.active, series, pixels)
        self.area.show_image()
        self.loader.load(series, self.viewport.index)

    def _title(self) -> str:
        study = self.session.active_study()
        if study is None:
            return "Scoutview"
        parts = (study.patient.name or study.patient.id, study.description, "Scoutview")
        return " – ".join(part for part in parts if part)

    def _arrange_view_actions(self, series: Series | None) -> None:
        self._meet_needs()
        offered = presets_of(series) if series is not None else ()
        self.presets.clear()
        for number, preset in enumerate(offered, 1):
            text = f"{shown(preset.name)}   {preset.window.width:g} / {preset.window.center:g}"
            name = f"preset_{number}"
            if name in self.actions_:
                self.actions_.set_title(name, text)
                self.actions_.allow(name)
                self.presets.addAction(self.actions_[name])
            else:
                action = self.presets.addAction(text)
                action.triggered.connect(lambda _=False, n=number: self.viewport.set_preset(n))
        for number in range(len(offered) + 1, 10):
            self.actions_.set_title(f"preset_{number}", tr("Window preset {number}", number=number))
            self.actions_.allow(f"preset_{number}", tr("There is no such preset for this series."))
        if self.presets.isEmpty():
            self.presets.addAction(self._no_presets)
        self.presets.addSeparator()
        self.presets.addAction(self.actions_["edit_presets"])

    def _frames_loaded(self, series: Series, indices: tuple[int, ...]) -> None:
        for cell in self.views.showing(series):
            for index in indices:
                if cell.plane is None:
                    cell.viewport.frame_loaded(index)
        if series is self.viewport.series:
            for index in indices:
                self.window_panel.frame_loaded(index)

    def jump(self, place: Place) -> None:
        """Shows the image that ``place`` names, or the plane."""
        if place.plane is not None:
            self.arranging.go_to_plane(place)
            return
        for series in self.session.index.series():
            index = place.index_in(series)
            if index is not None:
                self._turn_to(series)
                self.viewport.set_index(index)
                return

    def _turn_to(self, series: Series) -> None:
        """Goes to the view that shows ``series`` already, so that a comparison stays as it is; else shows it here."""
        showing = [cell for cell in self.views.visible if cell.series is series and cell.plane is None]
        if not showing:
            self.show_series(series)
        elif self.views.active_cell not in showing:
            self.views.activate(self.views.cells.index(showing[0]))
            self.viewport.setFocus()

    # -- AI --------------------------------------------------------------------------------------------------------

    def run_first_model(self) -> None:
        """Runs the first model that fits what is on screen; says so where none does."""
        series = self.session.active
        if series is None:
            return
        for bundle in self.analyses.usable():
            if analysis.refusal(bundle, series, self.views.frame) is None:
                self.run_model(bundle)
                return
        self.tabs.setCurrentWidget(self.ai_panel)
        self.status.note(tr("No model fits this series; the AI panel says why."))

    def run_model(self, bundle: Bundle, *, insist: bool = False) -> None:
        """Runs ``bundle`` on the image on screen."""
        series = self.session.active
        if series is None:
            return
        index = self.views.frame
        pixels = self.loader.pixels(series)
        device = self.settings.get(options.DEVICE)
        job = self.analyses.run(bundle, series, index, pixels, device=device, insist=insist)
        self.status.watch(job)
        self.right.show()
        self.tabs.setCurrentWidget(self.ai_panel)

    def _model_failed(self, bundle: Bundle, fault: Exception) -> None:
        # A refusal is an answer: the panel shows it beside the model.
        if not isinstance(fault, Refused):
            message.error(self, tr("Running {title}", title=bundle.title), fault)

    def show_model_card(self, bundle: Bundle) -> None:
        """The model's card, as text."""
        try:
            card = bundle.card_path.read_text(encoding="utf-8")
        except OSError as error:
            why = error.strerror or tr("it cannot be read")
            message.error(
                self, tr("Reading the card"), UserError(tr("The card of {title} is missing", title=bundle.title), why)
            )
            return
        text_dialog.model_card(self, bundle.title, card).exec()

    # -- export ----------------------------------------------------------------------------------------------------

    def export(self) -> None:
        """Asks what to export of the active series."""
        series = self.session.active
        pixels = self.loader.pixels(series) if series is not None else None
        if series is not None and pixels is not None:
            self.exporter.ask(self, series, pixels)

    def _exported(self, files: tuple[Path, ...], document: Document) -> None:
        self._saved = document
        self.status.note(tr_n("%n file written", "%n files written", len(files)))

    # -- the window itself -----------------------------------------------------------------------------------------

    def change_settings(self, page: str = "General") -> None:
        """Lets the reader change the options, beginning with the page of that name."""
        commands = entries(self.actions_, self.menuBar())
        dialog = SettingsDialog(self.settings, self.actions_, commands, self.tool_bar, self)
        dialog.show_page(page)
        dialog.saved.connect(self._apply_settings)
        dialog.finished.connect(dialog.deleteLater)
        dialog.finished.connect(self._offer_language)
        dialog.open()

    def _offer_language(self) -> None:
        """Every word of a window is written when it is made: another language needs another window."""
        wanted = language.resolved(self.settings.get(options.LANGUAGE))
        if wanted == language.current():
            return
        if message.confirm(
            self,
            tr("Show the window in {language}?", language=language.LANGUAGES[wanted]),
            tr("It is made anew, and what is open is opened again. Otherwise it changes with the next start."),
            tr("Change now"),
        ):
            self.reopens = tuple(self._asked_for)
            if not self.close():
                self.reopens = None

    def _apply_settings(self) -> None:
        app = QApplication.instance()
        if isinstance(app, QApplication):
            theme.apply(app, self.settings.get(options.TEXT_SIZE), self.settings.get(options.THEME))
        self.actions_.rebind(self.settings.get(options.SHORTCUTS), Bindings.of(self.settings.get(options.MOUSE)))
        self.tool_bar.arrange(self.settings.get(options.TOOL_BAR) or DEFAULT_BAR)
        self.loader.limit_bytes = self.settings.get(options.CACHE_MEGABYTES) * 2**20
        self.session.set_style(replace(self.session.style, opacity=self.settings.get(options.OVERLAY_OPACITY)))
        self.keeping.switch(on=self.settings.get(options.KEEP))
        self._save_settings()

    def _system_theme_changed(self) -> None:
        app = QApplication.instance()
        if self.settings.get(options.THEME) != "system" or theme.chosen("system") is theme.colours():
            return
        if isinstance(app, QApplication):
            theme.apply(app, self.settings.get(options.TEXT_SIZE), "system")

    def _save_settings(self) -> None:
        try:
            self.settings.save()
        except OSError as error:
            log.warning("the settings could not be written: %s", error.strerror)

    def _context_menu(self, position: QPoint) -> None:
        submenus = [self.presets, self.care.palettes]
        if self.presentations.menu.isEnabled():
            submenus.append(self.presentations.menu)
        menu = view_menu(self.viewport, position, self.actions_, (*submenus, self.arranging.fuse_menu), self)
        menu.popup(self.viewport.mapToGlobal(position))

    def toggle_panels(self) -> None:
        """Hides the panels, so that the image has the window to itself; brings back those that were there."""
        docks = (self.left, self.right)
        if self._before_maximised is None:
            self._before_maximised = (self.left.isVisible(), self.right.isVisible())
            shown = (False, False)
        else:
            shown, self._before_maximised = self._before_maximised, None
        for dock, visible in zip(docks, shown, strict=True):
            dock.setVisible(visible)

    def toggle_full_screen(self) -> None:
        """The whole screen, and back."""
        if self.second.window is not None and self.second.is_active:
            self.second.window.toggle_full_screen()
            self.actions_["full_screen"].setChecked(self.isFullScreen())
            return
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)
        self.actions_["full_screen"].setChecked(self.isFullScreen())

    def go_to_next_screen(self) -> None:
        """Moves the window that the reader is at."""
        second = self.second.window
        (second.screens if second is not None and self.second.is_active else self.screens).go_on()

    def _restore(self) -> None:
        geometry, state = (self.settings.get(option) for option in (options.WINDOW_GEOMETRY, options.WINDOW_STATE))
        for place in range(self.tabs.count()):
            if _TABS[place] == self.settings.get(options.RIGHT_TAB):
                self.tabs.setCurrentIndex(place)
        # Panels first: a small window has no room for those that were hidden.
        if not (state and self.restoreState(from_text(state))):
            self.resizeDocks([self.left, self.right], [LEFT_WIDTH, RIGHT_WIDTH], Qt.Orientation.Horizontal)
        if not (geometry and self.restoreGeometry(from_text(geometry))):
            room = QGuiApplication.primaryScreen().availableSize()
            self.resize(min(room.width(), 1440), min(room.height(), 900))
        self.screens.keep_in_sight()
        self.actions_["full_screen"].setChecked(self.isFullScreen())
        self.arranging.bring_back(self.settings.get(options.LAYOUT), self.settings.get(options.TOGETHER))
        self.second.bring_back()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Cancels what runs, waits for it, and keeps the window's place for the next start."""
        if not self._may_lose(tr("Quit Scoutview?"), tr("Quit")):
            event.ignore()
            return
        self.settings.set(options.WINDOW_GEOMETRY, to_text(self.saveGeometry()))
        self.settings.set(options.WINDOW_STATE, to_text(self.saveState()))
        self.second.leave()
        grid, together = self.arranging.as_kept()
        self.settings.set(options.LAYOUT, grid)
        self.settings.set(options.TOGETHER, together)
        self.settings.set(options.RIGHT_TAB, _TABS[self.tabs.currentIndex()])
        self.settings.set(options.OVERLAY_OPACITY, self.session.style.opacity)
        self._save_settings()
        self.hide()
        self.dispatcher.close()
        self.keeping.close()
        self.analyses.home.clear()
        event.accept()
