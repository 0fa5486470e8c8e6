"""Composes what a viewport shows: picture, overlays, measurements, text. Keeps what did not change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage

from app.core import presenting
from app.core import view as views
from app.core.document import Place
from app.core.enhanced import mark_of
from app.core.mpr import Reformatted
from app.core.plane_objects import Objects
from app.core.render import Renderer
from app.core.scale import calibration_remark, is_uniform
from app.core.view import Canvas
from app.dicom.overlay_planes import has_planes
from app.report.picture import layer_colour
from app.ui import language
from app.ui.language import tr
from app.ui.viewport import style
from app.ui.viewport.annotator import Scene
from app.ui.viewport.corners import CornerText, Now, TextLevel, anonymous, sentence
from app.ui.viewport.drawings import DrawingPainter
from app.ui.viewport.furniture import Furniture, Mark, ScaleBar, scale_bar
from app.ui.viewport.halo import HaloText
from app.ui.viewport.layers import LayerPainter, legend
from app.ui.viewport.mapping import Mapping
from app.ui.viewport.marks import MeasurementPainter
from app.ui.viewport.overlay import OverlayLayer, shown
from app.ui.viewport.palette_legend import paint_palette_legend
from app.ui.viewport.planes import PlaneLayer
from app.ui.viewport.wash import WashPainter
from inference.volume import Calibration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPainter

    from app.core.document import HandCalibration, Overlay
    from app.core.presenting import Drawing
    from app.core.session import Session
    from app.core.view import View
    from app.dicom.load import SeriesPixels
    from app.dicom.model import Series
    from app.dicom.overlay_planes import OverlayPlane
    from app.ui.viewport.annotator import Annotator
    from app.ui.viewport.layer import ViewLayer
    from app.ui.viewport.planes import Coloured
    from app.ui.viewport.slice_bar import SliceBar

PlanesOf = Callable[["Series", int], "tuple[OverlayPlane, ...]"]
"""The overlay planes of a sorted frame, as far as they have been read."""

MarksOf = Callable[["Series", int], "tuple[Drawing, ...]"]
"""What open reports point at on a sorted frame."""


class ObjectsOf(Protocol):
    """Who answers what lies over a frame."""

    def __call__(self, series: Series, pixels: SeriesPixels, index: int, *, wait: bool = False) -> Objects:
        """``wait``: all of it, however long it takes; otherwise what is there."""


_DIMMED = QColor(0, 0, 0, 140)


@dataclass(frozen=True, eq=False)
class Shown:
    """One series in a viewport of ``width`` × ``height`` device pixels."""

    series: Series
    pixels: SeriesPixels
    view: View
    width: int
    height: int
    ratio: float
    canvas: Canvas = field(init=False)
    mapping: Mapping = field(init=False)

    def __post_init__(self) -> None:
        canvas = Canvas.of(self.series, self.width, self.height, self.view)
        object.__setattr__(self, "canvas", canvas)
        object.__setattr__(self, "mapping", Mapping.of(self.view, canvas, self.ratio))

    @property
    def scene(self) -> Scene:
        """The same, for the annotator."""
        return Scene(self.series, self.view.index, self.mapping)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in logical pixels."""
        return self.width / self.ratio, self.height / self.ratio


class Picture:
    """Paints ``Shown`` with any painter whose origin is the viewport's top left corner, in logical pixels."""

    def __init__(self, session: Session) -> None:
        self._session = session
        text = self._text = HaloText()
        self.furniture = Furniture(text)
        self.measurements = MeasurementPainter(text)
        self.overlays = OverlayLayer()
        self.layers = LayerPainter()
        self.washes = WashPainter(text)
        self.planes = PlaneLayer()
        self.objects_of: ObjectsOf = partial(_of_session, session)
        """Overlays, washes and layers of a frame."""
        self.waits = False
        """Whether what takes long is waited for: a picture that is drawn once must not lack it."""
        self.planes_of: PlanesOf = _no_planes
        self.marks_of: MarksOf = _no_planes
        self.states_offered = 0
        self.key_images: dict[int, str] = {}
        self.identity = True
        """Whether the corners say who and which study this is; series descriptions may, and go with it."""
        self.draft: Overlay | None = None
        """An overlay as a stroke has it that is not over, in the place of the one with its id."""
        self.annotated = True
        """Whether measurements and graphics are drawn."""
        self.drawn = DrawingPainter(text)
        self.cautions: tuple[str, ...] = ()
        """Warnings that are not of the series itself."""
        self._renderer: Renderer | None = None
        self._corner_text: CornerText | None = None
        self._image: QImage | None = None
        self._memory: object = None
        self._key: object = None
        self._coloured: tuple[object, tuple[Coloured, ...]] = (None, ())
        self._drawings: tuple[object, tuple[Drawing, ...]] = (None, ())

    def open(self, series: Series | None, pixels: SeriesPixels | None) -> None:
        """Another series, or none."""
        self._image = self._memory = self._key = None
        self._coloured, self._drawings = (None, ()), (None, ())
        self._renderer = self._corner_text = None
        self.measurements.forget()
        if series is not None and pixels is not None:
            self._renderer = Renderer(series, pixels)
            self._corner_text = CornerText(series)

    def follow(self, other: Picture) -> None:
        """Asks where ``other`` asks: for overlays, overlay planes, marks of reports, key images."""
        self.objects_of = other.objects_of
        self.planes_of, self.marks_of = other.planes_of, other.marks_of
        self.states_offered, self.key_images = other.states_offered, other.key_images

    def objects(self, what: Shown) -> Objects:
        """What lies over the frame."""
        found = self.objects_of(what.series, what.pixels, what.view.index, wait=self.waits)
        draft = self.draft
        if draft is None:
            return found
        overlays = tuple(draft if overlay.id == draft.id else overlay for overlay in found.overlays)
        return replace(found, overlays=overlays)

    def forget_frame(self) -> None:
        """The pixels of the frame are new."""
        self._key = None
        self.measurements.forget()

    # -- layers ----------------------------------------------------------------------------------------------------

    def paint(
        self,
        painter: QPainter,
        what: Shown,
        level: TextLevel,
        annotator: Annotator,
        *,
        extras: Sequence[ViewLayer] = (),
        probe: str = "",
        playing_ms: float | None = None,
        bars: Sequence[tuple[SliceBar, int]] = (),
    ) -> None:
        """Everything, from black upwards. ``extras``: between the image and the text. ``bars``: each with its
        position; none in exported pictures."""
        ready = self._paint_image(painter, what)
        session, series, index = self._session, what.series, what.view.index
        objects = self.objects(what) if ready else Objects()
        if ready and session.style.graphics and self.annotated:
            self._paint_graphics(painter, what)
        if ready:
            for patch in self.overlays.patches(
                objects.overlays, index, session.style, what.mapping.device, (what.width, what.height), what.ratio
            ):
                painter.drawImage(patch.position(what.ratio), patch.image)
            self.washes.paint(
                painter,
                objects.washes,
                index,
                session.style,
                what.mapping.device,
                (what.width, what.height),
                what.ratio,
            )
            self.layers.paint(
                painter,
                objects.layers,
                index,
                session.style,
                what.mapping.device,
                (what.width, what.height),
                what.ratio,
            )
        for layer in extras:
            layer.paint(painter, what)
        self.furniture.begin()
        self._paint_text(painter, what, level, probe, playing_ms)
        for layer in extras:
            self.furniture.blocks.extend(layer.paint_legend(painter, what, self.furniture.blocks))
        if ready:
            legends = self.washes.paint_legend(painter, objects.washes, session.style, what.size)
            self.furniture.blocks.extend(legends)
            if self.annotated:
                legend = paint_palette_legend(painter, self._text, series, what.view, what.size)
                self.furniture.blocks.extend(legend)
        if ready and self.annotated:
            width, height = what.size
            bounds = QRectF(0, 0, width, height).adjusted(6, 6, -style.EDGE_RIGHT, -6)
            fonts = style.text_height(round(width), round(height))
            document, blocks = session.document, self.furniture.blocks
            self.measurements.paint(painter, what.scene, annotator, document, what.pixels, bounds, blocks, fonts)
        for bar, position in bars:
            bar.paint(painter, *what.size, position)

    def _paint_graphics(self, painter: QPainter, what: Shown) -> None:
        """Overlay planes, and what the presentation state draws."""
        series, index, state = what.series, what.view.index, what.view.presentation
        size = (what.width, what.height)
        for patch in self.planes.patches(self._planes(what), what.mapping.device, size, what.ratio):
            painter.drawImage(patch.position(what.ratio), patch.image)
        if state is not None and self._drawings[0] != (state, index):
            self._drawings = (state, index), presenting.drawings(state, series, index)
        drawings = self._drawings[1] if state is not None else ()
        marks = self.marks_of(series, index)
        if drawings or marks:
            fonts = style.text_height(round(what.size[0]), round(what.size[1]))
            tall, wide = what.canvas.aspect
            self.drawn.paint(painter, (*drawings, *marks), tall / wide, what.mapping, fonts)

    def _planes(self, what: Shown) -> tuple[Coloured, ...]:
        """The planes that show, found anew where the frame, its planes or the state changed."""
        own, state = self.planes_of(what.series, what.view.index), what.view.presentation
        key = (what.view.index, own, state)
        if self._coloured[0] != key:
            found = presenting.shown_planes(state, what.series, what.view.index, own)
            self._coloured = key, tuple((plane, layer_colour(layer)) for plane, layer in found)
        return self._coloured[1]

    def _paint_image(self, painter: QPainter, what: Shown) -> bool:
        """The windowed picture. False where the frame has not arrived or failed."""
        width, height = what.size
        whole = QRectF(0, 0, width, height)
        image = self._rendered(what)
        # The image covers every pixel, so black is laid down only where there is none.
        if self._image is None:
            painter.fillRect(whole, style.CANVAS)
        else:
            painter.drawImage(QPointF(0, 0), self._image)
        if image is not None:
            return True
        state = what.pixels.state(what.view.index)
        if self._image is not None and not isinstance(what.pixels, Reformatted):
            painter.fillRect(whole, style.CANVAS if state.reason else _DIMMED)
        return False

    def _rendered(self, what: Shown) -> QImage | None:
        """The picture at device pixels, made anew only where something that it depends on changed."""
        key = (what.view, what.width, what.height, what.ratio)
        if key == self._key:
            return self._image
        if self._renderer is None:
            return None
        memory = self._renderer.image(what.view, what.width, what.height)
        if memory is None:
            # A picture of another size would be drawn in a wrong place.
            if self._image is not None and (self._image.width(), self._image.height()) != (what.width, what.height):
                self._image = None
            return None
        form = QImage.Format.Format_Grayscale8 if memory.ndim == 2 else QImage.Format.Format_RGB888
        # QImage shows the array's own memory: the array must live as long, and is never written again.
        image = QImage(memory.data, what.width, what.height, memory.strides[0], form)
        image.setDevicePixelRatio(what.ratio)
        self._image, self._memory, self._key = image, memory, key
        return image

    def _paint_text(
        self, painter: QPainter, what: Shown, level: TextLevel, probe: str, playing_ms: float | None
    ) -> None:
        series, view = what.series, what.view
        if self._corner_text is None:
            return
        width, height = what.size
        # The bar of a fourth axis lies along the bottom edge: text stands above it.
        below = style.EDGE_BOTTOM if series.axis is not None and series.axis.slices > 1 else 0
        room = width, max(height - below, 1.0)
        graphics = _graphics_text(series, view, shown=self._session.style.graphics)
        key_image = self.key_images.get(view.index, "")
        now = Now(view, what.canvas, probe, playing_ms, graphics, self.states_offered, key_image)
        corners = self._corner_text.at(now)
        if not self.identity:
            corners = anonymous(corners, series)
        edges = None
        if level > TextLevel.NONE:
            bar = self._scale_bar(what)
            if bar is not None:
                self.furniture.paint_scale(painter, what.size, bar)
            edges = views.orientation_edges(series, view.index, view)
            self.furniture.paint_letters(painter, room, edges, scale=bar is not None)
        self.furniture.paint_corners(
            painter, room, corners, level, warnings=self.warnings(what), marks=self.marks(what), edges=edges
        )
        state = what.pixels.state(view.index)
        if state.reason:
            self.furniture.paint_message(painter, what.size, tr("This image cannot be shown"), sentence(state.reason))
        elif not what.pixels.is_loaded(view.index) and not isinstance(what.pixels, Reformatted):
            self.furniture.paint_message(painter, what.size, tr("Loading…"))

    def _by_hand(self, what: Shown) -> HandCalibration | None:
        return self._session.document.calibration_of(Place.of(what.series, what.view.index))

    def _scale_bar(self, what: Shown) -> ScaleBar | None:
        by_hand, room = self._by_hand(what), what.size[1] * 0.28
        if by_hand is None or not is_uniform(what.series, what.view.index):
            return scale_bar(_pixels_per_unit(what, what.series.pixel_spacing), what.series.calibration, room)
        bar = scale_bar(_pixels_per_unit(what, by_hand.spacing), Calibration.PATIENT, room)
        return None if bar is None else replace(bar, text=tr("{text}, by hand", text=bar.text))

    def warnings(self, what: Shown) -> tuple[str, ...]:
        """Sentences that stay on screen: how the picture is flipped, the reader's calibration, then the series' own."""
        view = what.view
        flips = {
            (True, False): tr("Flipped left–right"),
            (False, True): tr("Flipped top–bottom"),
            (True, True): tr("Flipped both ways"),
        }
        horizontal, vertical = view.flip_horizontal, view.flip_vertical
        if view.rotation % 2:
            horizontal, vertical = vertical, horizontal
        flipped = flips.get((horizontal, vertical))
        state = presenting.applied(view.presentation, what.series, view.index)
        notes = (
            ()
            if state is None
            else tuple(tr("Presentation {label}: {remark}.", label=state.label, remark=note) for note in state.notes)
        )
        by_hand = self._by_hand(what)
        own = (calibration_remark(by_hand),) if by_hand is not None else ()
        said = own + what.series.warnings
        return self.cautions + ((flipped,) if flipped else ()) + notes + tuple(map(language.shown, said))

    def marks(self, what: Shown) -> tuple[Mark, ...]:
        """Which models' overlays and which objects' layers are on screen, and with which labels."""
        found, at = self._session.style, what.view.index
        objects = self.objects(what) if what.pixels.is_loaded(at) else Objects()
        overlays = shown(objects.overlays, at, found)
        models = [
            Mark(overlay.model, self.overlays.legend(overlay, at, found), by_hand=bool(overlay.by_hand))
            for overlay in overlays
        ]
        layers = objects.layers if found.visible else ()
        legends = [(layer, legend(layer, at, found)) for layer in layers]
        made = mark_of(what.series)
        if made:
            # First, and whatever is hidden: a reader must know that a model drew these pixels.
            models.insert(0, Mark(None, (), language.shown(made), drawn_by_model=True))
        return (*models, *(Mark(None, parts, language.shown(layer.title)) for layer, parts in legends if parts))


def _graphics_text(series: Series, view: View, *, shown: bool) -> str:
    """Whether the frame has overlay planes or annotations, and whether they show."""
    state = presenting.applied(view.presentation, series, view.index)
    what = tr("Overlay planes") if has_planes(series, view.index) else ""
    if state is not None:
        what = tr("Annotations") if state.annotations or state.overlay_layers else ""
    return what if shown or not what else tr("{what} hidden", what=what)


def _of_session(session: Session, series: Series, pixels: SeriesPixels, index: int, *, wait: bool = False) -> Objects:
    return Objects(session.document.overlays_on(series), session.layers_on(series), session.washes_on(series))


def _no_planes(series: Series, index: int) -> tuple[()]:
    return ()


def _pixels_per_unit(what: Shown, spacing: tuple[float, float] | None) -> float:
    """Logical pixels a millimetre from top to bottom, as the scale bar lies, or an image pixel where there is no
    spacing."""
    zoom = views.zoom_of(what.view, what.canvas) / what.ratio
    axis = what.view.rotation % 2
    return zoom * what.canvas.aspect[axis] / spacing[axis] if spacing else zoom
