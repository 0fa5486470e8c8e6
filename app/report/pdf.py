"""The report as PDF: whose images, what was found, what AI proposed, what was measured, and the pictures.

Only findings that a reader accepted stand under "Findings". What a model proposed and nobody reviewed is printed apart
and marked; what was rejected is left out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    KeepTogether,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
)

from app import RESEARCH_USE
from app.core import presenting, volumes
from app.core.document import Document, Finding, FindingStatus
from app.core.enhanced import mark_of
from app.core.measure import measure
from app.core.plane_images import places_of
from app.core.scale import calibration_remark
from app.core.view import place_text
from app.report import fonts, laid, pdf_style, picture, wording
from app.report.pdf_style import (
    BODY,
    DIGEST,
    HEADING,
    PANEL,
    RIGHT,
    RULE,
    SMALL,
    SOFT,
    TITLE,
    WARN_PANEL,
    WARNING,
    WIDTH,
    text,
)
from app.report.version import version
from inference.types import no_tick

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL import Image

    from app.core.document import Overlay
    from app.core.plane_images import PlaneImage
    from app.core.volumes import PartVolume
    from app.dicom.load import SeriesPixels
    from app.dicom.model import Series, Study
    from app.report.picture import Style
    from inference.types import ModelRef, Result, Tick

MAX_PICTURES = 8
_ROOM_BELOW_HEADING = 35 * mm
# One picture may fill most of a page; of several, two go on each.
_SINGLE_HEIGHT, _PAIRED_HEIGHT = 165 * mm, 102 * mm


@dataclass(frozen=True, eq=False)
class Content:
    """Everything a report is made of. ``key_images``: sorted frame indices, in the order to print them."""

    document: Document
    study: Study
    series: Series
    pixels: SeriesPixels
    style: Style
    key_images: tuple[int, ...]
    results: tuple[Result, ...] = ()
    planes: tuple[PlaneImage, ...] = ()
    """Planes that hold measurements, cut."""


def pdf_bytes(content: Content, tick: Tick = no_tick) -> bytes:
    """The report as a PDF file, A4. Raises ``Cancelled`` from ``tick``."""
    fonts.register()
    parts: list[Flowable] = [text("Imaging report", TITLE), Spacer(1, 4), _identity(content), Spacer(1, 2)]
    parts += _findings(content)
    parts += _proposals(content)
    parts += _measurements(content)
    parts += _volumes(content, tick)
    parts += _remarks(content)
    parts += _models(content)
    parts += _pictures(content, tick)
    stream = BytesIO()
    patient = content.study.patient
    running = (
        " · ".join(part for part in (patient.name, patient.id, wording.date(content.study.date)) if part)
        or "Patient not stated"
    )
    made = f"Scoutview {version()} · printed {datetime.now().astimezone():%Y-%m-%d %H:%M}"
    # Document information travels with the file and shows in search results: it names the program and nobody else.
    page = BaseDocTemplate(
        stream,
        pagesize=pdf_style.PAGE,
        leftMargin=pdf_style.MARGIN,
        rightMargin=pdf_style.MARGIN,
        topMargin=pdf_style.TOP,
        bottomMargin=pdf_style.BOTTOM,
        title="Imaging report",
        author="Scoutview",
        creator=f"Scoutview {version()}",
        producer="Scoutview",
        subject=RESEARCH_USE,
        lang="en",
    )
    frame = Frame(page.leftMargin, page.bottomMargin, page.width, page.height, 0, 0, 0, 0)
    page.addPageTemplates([PageTemplate(frames=[frame])])
    page.build(parts, canvasmaker=pdf_style.numbered(running, made))
    tick(1.0)
    return stream.getvalue()


# -- who and what ------------------------------------------------------------------------------------------------------


def _identity(content: Content) -> Table:
    study, series = content.study, content.series
    patient, header = study.patient, series.instances[0].header
    eastern = wording.ideographic_name(header)
    name = f"{patient.name} ({eastern})" if eastern else patient.name
    count = len(series.frames)
    images = f"{count} image{'s' if count != 1 else ''}, {series.columns} × {series.rows}"
    described = series.description.upper().startswith(series.modality)
    title = (
        series.description if described else " ".join(part for part in (series.modality, series.description) if part)
    )
    left = (
        ("Patient", name),
        ("ID", patient.id),
        ("Birth date", wording.date(patient.birth_date)),
        ("Sex", wording.sex(patient.sex)),
    )
    right = (
        ("Study", " · ".join(part for part in (wording.date(study.date), study.description) if part)),
        ("Institution", study.institution),
        ("Accession", study.accession_number),
        ("Series", f"{'' if series.number is None else f'{series.number}: '}{title} ({images})"),
    )
    rows = [
        [_name(a), _value(b, bold=a == "Patient"), _name(c), _value(d)]
        for (a, b), (c, d) in zip(left, right, strict=True)
    ]
    table = Table(rows, colWidths=[WIDTH * part for part in (0.12, 0.34, 0.13, 0.41)])
    table.setStyle(
        [
            ("BACKGROUND", (0, 0), (-1, -1), PANEL),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("TOPPADDING", (0, 0), (-1, -1), 2.5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
            ("TOPPADDING", (0, 0), (-1, 0), 7),
            ("BOTTOMPADDING", (0, -1), (-1, -1), 7),
            ("LEFTPADDING", (0, 0), (-1, -1), 8),
            ("RIGHTPADDING", (0, 0), (-1, -1), 4),
        ]
    )
    return table


def _name(value: str) -> Paragraph:
    return Paragraph(f'<font color="{SOFT.hexval().replace("0x", "#")}">{value}</font>', BODY)


def _value(value: str, *, bold: bool = False) -> Paragraph:
    return text(value, bold=bold) if value else _name("not stated")


def _heading(value: str) -> list[Flowable]:
    """A heading that takes a new page where there is no room for a few lines below it."""
    return [CondPageBreak(_ROOM_BELOW_HEADING), text(value, HEADING)]


# -- findings ----------------------------------------------------------------------------------------------------------


def _of_series(content: Content, status: FindingStatus) -> list[Finding]:
    key = content.series.key
    return [
        finding
        for finding in content.document.findings
        if finding.status is status and (finding.place.series_uid, finding.place.stack) == key
    ]


def _findings(content: Content) -> list[Flowable]:
    accepted = _of_series(content, FindingStatus.ACCEPTED)
    if not accepted:
        return [*_heading("Findings"), text("No finding was recorded by a reader.")]
    return [*_heading("Findings"), _finding_table(content, accepted, origin="Source")]


def _proposals(content: Content) -> list[Flowable]:
    proposed = _of_series(content, FindingStatus.PROPOSED)
    if not proposed:
        return []
    notes = list(dict.fromkeys(note for finding in proposed for note in finding.notes))
    warning = f"Made by a model; no reader has confirmed them. {RESEARCH_USE}"
    parts: list[Flowable] = [
        *_heading("AI proposals, not reviewed"),
        _panel([text(warning, WARNING), *(text(note, WARNING) for note in notes)]),
        Spacer(1, 4),
        _finding_table(content, proposed, origin="Model"),
    ]
    more = _loose_measures(content)
    return [*parts, Spacer(1, 4), text(f"Also measured: {more}.", SMALL)] if more else parts


def _loose_measures(content: Content) -> str:
    """Measures that belong to no finding: totals over several labels."""
    parts = []
    # A total over masks that a reader has changed since is no longer true.
    changed = {overlay.model for overlay in content.document.overlays_on(content.series) if overlay.by_hand}
    for result in content.results:
        if result.model in changed:
            continue
        prefixes = tuple(f"{label.name}: " for label in result.labels)
        loose = [name for name in result.measures if not name.startswith(prefixes)] if prefixes else []
        parts += [f"{name} {wording.measure(result.measures[name])}" for name in loose]
    return "; ".join(parts)


def _panel(paragraphs: list[Flowable]) -> Table:
    table = Table([[paragraphs]], colWidths=[WIDTH])
    table.setStyle(
        [
            ("BACKGROUND", (0, 0), (-1, -1), WARN_PANEL),
            ("LEFTPADDING", (0, 0), (-1, -1), 8),
            ("TOPPADDING", (0, 0), (-1, -1), 5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 6),
        ]
    )
    return table


def _capital(name: str) -> str:
    return f"{name[:1].upper()}{name[1:]}"


def _finding_table(content: Content, findings: Sequence[Finding], *, origin: str) -> Table:
    rows: list[list[Any]] = [["Finding", "Image", "Measures", "Score", origin]]
    for finding in findings:
        measures = "; ".join(f"{_capital(name)} {wording.measure(value)}" for name, value in finding.measures)
        if finding.interval is not None:
            low, high = finding.interval
            span = f"Range of the model's answers {low:.3f}–{high:.3f}"
            measures = f"{measures}; {span}" if measures else span
        source = "Reader" if finding.origin is None else f"{finding.origin.id} {finding.origin.version}"
        if finding.origin is not None and finding.status is FindingStatus.ACCEPTED:
            source = f"{source}, accepted by a reader"
        if finding.edited:
            source = f"{source}, {wording.EDITED.lower()}"
        score = "" if finding.score is None else f"{finding.score:.3f}"
        rows.append([finding.kind, _where(content, finding), measures, score, source])
    return _table(rows, (0.24, 0.11, 0.3, 0.11, 0.24), numeric=(3,))


def _where(content: Content, finding: Finding) -> str:
    overlay = next((o for o in content.document.overlays if o.id == finding.overlay_id), None)
    if overlay is not None and len(overlay.indices) > 1:
        held = [index for index, plane in overlay.planes() if (plane == finding.label_value).any()]
        if not held:
            return "none"
        between = "–" if content.series.axis is None else " to "
        return between.join(_number(content.series, index) for index in dict.fromkeys((held[0], held[-1])))
    index = finding.place.index_in(content.series)
    return "" if index is None else _number(content.series, index)


def _number(series: Series, index: int) -> str:
    """An image by its number; by slice and point where images share places: nobody counts those through."""
    return str(index + 1) if series.axis is None else place_text(series, index)


def _table(rows: list[list[Any]], shares: tuple[float, ...], *, numeric: tuple[int, ...] = ()) -> Table:
    """A ruled table: the first row is its head, repeated on every page that it runs over."""
    head = [text(str(cell), RIGHT if n in numeric else BODY, bold=True) for n, cell in enumerate(rows[0])]
    body = [
        [text(cell, RIGHT if n in numeric else BODY) if isinstance(cell, str) else cell for n, cell in enumerate(row)]
        for row in rows[1:]
    ]
    table = Table([head, *body], colWidths=[WIDTH * share for share in shares], repeatRows=1)
    table.setStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, 0), 0.9, SOFT),
            ("LINEBELOW", (0, 1), (-1, -1), 0.4, RULE),
            ("TOPPADDING", (0, 0), (-1, -1), 3),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
            ("LEFTPADDING", (0, 0), (-1, -1), 4),
            ("RIGHTPADDING", (0, 0), (-1, -1), 4),
            *(("RIGHTPADDING", (n, 0), (n, -1), 14) for n in numeric),
        ]
    )
    return table


# -- measurements and remarks ------------------------------------------------------------------------------------------


def _measurements(content: Content) -> list[Flowable]:
    rows: list[list[Any]] = [["Measurement", "Image", "Values"]]
    for measurement in content.document.measurements:
        place = measurement.place
        index = place.index_in(content.series)
        plane = next((image for image in content.planes if image.place.is_same(place)), None)
        if plane is not None:
            values = measure(measurement, plane.series, plane.index, plane.pixels).lines
            where = _plane_text(plane)
        elif index is not None:
            by_hand = content.document.calibration_of(place)
            values = measure(measurement, content.series, index, content.pixels, by_hand).lines
            where = _number(content.series, index)
        else:
            continue
        name = f"{measurement.kind.value}: {measurement.name}" if measurement.name else measurement.kind.value
        rows.append([name, where, "; ".join(" ".join(line.split()) for line in values)])
    if len(rows) == 1:
        return []
    return [
        *_heading("Measurements"),
        _table(rows, (0.3, 0.24 if content.planes or content.series.axis is not None else 0.12, 0.46)),
    ]


def _volumes(content: Content, tick: Tick) -> list[Flowable]:
    """Volumes of what lies over the series: a model's labels, and the study's own segments and structures."""
    series, hidden = content.series, content.style.hidden_labels
    status = {(f.overlay_id, f.kind): f.status for f in content.document.findings}
    rows: list[list[Any]] = [["Volume of", "Drawn by", "Largest on image", "Volume"]]

    def add(part: PartVolume, source: str) -> None:
        index = part.place.index_in(series)
        where = "" if index is None else _number(series, index)
        rows.append([part.name, source, where, wording.measure(part.volume)])

    for overlay in content.document.overlays_on(series):
        for part in volumes.of_overlay(overlay, series, lambda _: tick(0.0)):
            accepted = status.get((overlay.id, part.name)) is FindingStatus.ACCEPTED
            verdict = "accepted by a reader" if accepted else "not reviewed"
            if any(label.name == part.name and label.value in overlay.by_hand for label in overlay.labels):
                verdict = f"{verdict}, {wording.EDITED.lower()}"
            add(part, f"AI: {overlay.model.id} {overlay.model.version}, {verdict}")
    for layer in content.style.laid.layers:
        shown = tuple(part for part in layer.parts if (layer.uid, part.value) not in hidden)
        for part in volumes.of_layer(replace(layer, parts=shown), series, lambda _: tick(0.0)):
            add(part, layer.title)
    if len(rows) == 1:
        return []
    return [*_heading("Volumes"), _table(rows, (0.3, 0.36, 0.2, 0.14), numeric=(3,))]


def _remarks(content: Content) -> list[Flowable]:
    series = content.series
    remarks = [wording.compression(series, index) for index in (content.key_images or (0,))[:1]]
    own = content.document.calibrations
    covering = [c for c in own if (c.place.series_uid, c.place.stack) == series.key]
    remarks += [calibration_remark(by_hand) for by_hand in covering]
    # What the file says of lengths is no longer true of a series that the reader has calibrated as a whole.
    remarks += [] if any(by_hand.whole_stack for by_hand in covering) else [wording.spacing_remark(series)]
    remarks += series.warnings
    remarks += [note for result in content.results for note in result.notes]
    state = content.style.presentation
    for index in content.key_images:
        notes = presenting.notes_on(state, series, index)
        remarks += [f"Presentation state {state.label if state else ''}: {said}." for said in notes]
    # What the proposals say already is not said twice.
    said = {note for finding in _of_series(content, FindingStatus.PROPOSED) for note in finding.notes}
    shown = list(dict.fromkeys(remark for remark in remarks if remark and remark not in said))
    if not shown:
        return []
    return [*_heading("Remarks"), *(text(f"•  {remark}") for remark in shown)]


def _models(content: Content) -> list[Flowable]:
    models: dict[ModelRef, Result | None] = {}
    for overlay in content.document.overlays_on(content.series):
        models.setdefault(overlay.model, None)
    for status in (FindingStatus.ACCEPTED, FindingStatus.PROPOSED):
        for finding in _of_series(content, status):
            if finding.origin is not None:
                models.setdefault(finding.origin, None)
    for result in content.results:
        models[result.model] = result
    if not models:
        return []
    rows: list[list[Any]] = [["Model", "Version", "SHA-256 of the weights", "Run on"]]
    for model, ran in models.items():
        device = "" if ran is None else f"{ran.device}, {sum(ran.timings_s.values()):.1f} s"
        rows.append([model.id, model.version, text(model.sha256, DIGEST), device or "not recorded"])
    return [*_heading("AI models"), _table(rows, (0.16, 0.1, 0.58, 0.16))]


# -- pictures ----------------------------------------------------------------------------------------------------------


def _pictures(content: Content, tick: Tick) -> list[Flowable]:
    parts: list[Flowable] = []
    pages = [(content, index, _caption(content, index)) for index in content.key_images]
    pages += [
        (_of_plane(content, plane, tick), plane.index, _plane_caption(content, plane)) for plane in content.planes
    ]
    chosen = pages[:MAX_PICTURES]
    for done, (of, index, caption) in enumerate(chosen):
        tick(done / len(chosen))
        drawn = picture.annotated(of.series, index, of.pixels, of.document, of.style)
        height = min(_SINGLE_HEIGHT if len(chosen) == 1 else _PAIRED_HEIGHT, WIDTH * drawn.height / drawn.width)
        image = _Drawn(drawn, height * drawn.width / drawn.height, height)
        block: list[Flowable] = [text("Key images", HEADING)] if not parts else [Spacer(1, 10)]
        block += [image, Spacer(1, 4), text(caption, SMALL), *_legend(of, index)]
        parts.append(KeepTogether(block))
    left_out = len(pages) - len(chosen)
    if left_out > 0:
        parts.append(text(f"{left_out} more images hold marks and are not printed.", SMALL))
    return parts


def _of_plane(content: Content, plane: PlaneImage, tick: Tick) -> Content:
    """The same report's content on a plane: what lies over the images, as the plane cuts it."""
    document, style = laid.on_plane(plane, content.document, content.style, tick)
    return replace(content, series=plane.series, pixels=plane.pixels, document=document, style=style)


def _plane_text(plane: PlaneImage) -> str:
    return str(plane.place.plane.text) if plane.place.plane is not None else ""


def _plane_caption(content: Content, plane: PlaneImage) -> str:
    style = content.style
    remark = wording.compression(content.series, 0).rstrip(".")
    parts = (_plane_text(plane), wording.window(style.voi), "inverted" if style.invert else "", remark)
    return " · ".join(part for part in parts if part)


class _Drawn(Flowable):
    """A picture in memory, kept without loss. ``width`` and ``height`` in points."""

    def __init__(self, drawn: Image.Image, width: float, height: float) -> None:
        super().__init__()
        self._drawn = drawn
        self.width, self.height = width, height
        self.hAlign = "LEFT"

    def draw(self) -> None:
        """Called by reportlab with the canvas moved to the picture's lower left corner."""
        self.canv.drawImage(ImageReader(self._drawn), 0, 0, self.width, self.height)


def _caption(content: Content, index: int) -> str:
    series = content.series
    instance = series.instance_of(index)
    frame = series.frames[index].frame
    where = f"Image {index + 1} of {len(series.frames)}" if series.axis is None else place_text(series, index)
    if instance.number_of_frames > 1:
        where = f"{where} (frame {frame + 1})"
    invert = "inverted" if content.style.invert else ""
    parts = (
        where,
        mark_of(series),
        wording.window(content.style.voi),
        invert,
        wording.compression(series, index).rstrip("."),
    )
    return " · ".join(part for part in parts if part)


def _legend(content: Content, index: int) -> list[Flowable]:
    overlays = [o for o in content.document.overlays_on(content.series) if o.plane(index) is not None]
    labels = picture.visible_labels(content.document, content.series, (index,), content.style)
    sources = [f"{title}." for title in content.style.laid.on(index)]
    if overlays:
        sources.append(
            f"AI: {', '.join(dict.fromkeys(wording.maker(overlay) for overlay in overlays))}. {RESEARCH_USE}"
        )
    if not labels and not sources:
        return []
    names = []
    for label in labels:
        colour = "#{:02x}{:02x}{:02x}".format(*label.colour)
        # A square drawn as a letter sits on the text's own line, whatever the line's length.
        names.append(f'<font name="{fonts.BOLD}" color="{colour}">■</font> {fonts.markup(label.name)}')
    return [Paragraph("&nbsp;&nbsp;&nbsp;".join([*names, fonts.markup(" ".join(sources))]), SMALL)]


def key_images(document: Document, series: Series, wanted: Sequence[int] = ()) -> tuple[int, ...]:
    """Sorted frame indices worth printing: those asked for, those with a measurement or a reader's finding, and for
    each overlay the frame where it is largest. The middle frame where nothing is marked, on planes neither."""
    chosen: dict[int, None] = dict.fromkeys(index for index in wanted if 0 <= index < len(series.frames))
    places = [m.place for m in document.measurements]
    places += [f.place for f in document.findings if f.status is not FindingStatus.REJECTED and not f.overlay_id]
    for place in places:
        index = place.index_in(series)
        if index is not None:
            chosen.setdefault(index)
    for overlay in document.overlays_on(series):
        chosen.setdefault(largest_plane(overlay))
    on_planes = bool(places_of(document.measurements, series))
    return tuple(chosen) if chosen or on_planes else (len(series.frames) // 2,)


def largest_plane(overlay: Overlay) -> int:
    """Sorted frame index where most pixels are labelled; the first one where none is."""
    sizes = [int(np.count_nonzero(plane)) for _, plane in overlay.planes()]
    return overlay.indices[int(np.argmax(sizes))]
