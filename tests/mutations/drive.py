"""One folder through the program's own path: scan → index → info → pixels → window → picture → text → thumbnail.

What counts as a failure: an exception that is not one of the program's own errors, a warning, JSON that is not strict,
a file that is neither opened nor listed, a failed frame without a reason.
"""

from __future__ import annotations

import contextlib
import io
import json
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from app.cli import frames as cli_frames
from app.cli import info
from app.core.document import Measurement, MeasurementKind, Place
from app.core.measure import measure, probe
from app.core.objects import DRAWN, layer_of
from app.core.render import Renderer
from app.core.view import Canvas, View, orientation_edges
from app.core.wash import Wash
from app.dicom import parse
from app.dicom.annotations import annotations_of, layers_of
from app.dicom.attributes import attributes
from app.dicom.documents import pdf_of
from app.dicom.index import index as index_of
from app.dicom.load import FrameState, SeriesPixels, Status, load, read_frame
from app.dicom.model import Series, Skipped, StudyIndex
from app.dicom.objects import ObjectKind, StoredObject
from app.dicom.overlay_planes import overlay_planes
from app.dicom.pixels import auto_window, default_voi
from app.dicom.presentation import presentation_state
from app.dicom.scan import scan
from app.dicom.segmentation import read_seg
from app.dicom.structured_report import report_of
from app.dicom.structures import read_structures
from app.dicom.value_grid import read_values
from app.dicom.volume import presentation_image, volume
from app.errors import UserError
from app.report import picture, wording
from app.ui import thumbnails
from app.ui.viewport.corners import CornerText, Now
from inference.types import no_tick

_FRAMES = 3
_NATIVE_PIXELS = 2**22
_VOLUME_PIXELS = 2**21


@dataclass
class Outcome:
    """``kind``: ``"opened"``, ``"listed"`` (with ``reasons``) or ``"failed"`` (with ``fault``). ``failed_frames``: the
    reasons of frames that could not be decoded.
    """

    kind: str = ""
    reasons: list[str] = field(default_factory=list)
    failed_frames: list[str] = field(default_factory=list)
    fault: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


_FROM_FILE: dict[ObjectKind, Callable[[Path], object]] = {
    ObjectKind.SEG: read_seg,
    ObjectKind.RTSTRUCT: read_structures,
    ObjectKind.RTDOSE: read_values,
    ObjectKind.PARAMETRIC_MAP: read_values,
}


class Unaccounted(Exception):
    """Something was left out in silence, or said wrongly."""


def drive(folder: Path, suspect: Path) -> Outcome:
    """Opens ``folder`` and uses whatever opens. ``suspect``: the file in it that is broken."""
    outcome = Outcome()
    try:
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
        ):
            _open(folder, suspect, outcome)
    except Exception:  # noqa: BLE001  whatever it is, it is what is being looked for
        outcome.kind, outcome.fault = "failed", traceback.format_exc(limit=-8)
    return outcome


def _open(folder: Path, suspect: Path, outcome: Outcome) -> None:
    found = index_of(scan([folder]))
    _account(found, folder, suspect)
    text = json.dumps(info.record(found), allow_nan=False, ensure_ascii=False)
    text.encode("utf-8")
    own = [s for s in found.skipped if s.file == suspect or suspect in s.file.parents]
    outcome.reasons = [skipped.reason for skipped in own]
    outcome.kind = "listed" if own and not _opened(found, suspect) else "opened"
    with contextlib.suppress(UserError):
        info.info(folder, as_json=False)
    for series in found.series():
        _use(series, outcome)
    for stored in found.objects():
        if stored.path == suspect:
            _use_object(stored, found, outcome)


def _opened(found: StudyIndex, suspect: Path) -> bool:
    if any(stored.path == suspect for stored in found.objects()):
        return True
    return any(instance.path == suspect for series in found.series() for instance in series.instances)


def _account(found: StudyIndex, folder: Path, suspect: Path) -> None:
    """Every file is opened or listed, and every reason says something."""
    told = {instance.path for series in found.series() for instance in series.instances}
    told |= {stored.path for stored in found.objects()}
    told |= {skipped.file for skipped in found.skipped} | {parent for s in found.skipped for parent in s.file.parents}
    unpacked = any(not instance.path.is_relative_to(folder) for s in found.series() for instance in s.instances)
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path in told or path.name.startswith("DICOMDIR"):
            continue
        if path != suspect or not unpacked:
            raise Unaccounted(f"neither opened nor listed: {path.relative_to(folder)}")
    empty: list[Skipped] = [
        skipped for skipped in found.skipped if not skipped.reason.strip() or str(folder) in skipped.reason
    ]
    if empty or not (found.studies or found.skipped or found.objects()):
        raise Unaccounted(f"no reason, or one that names a folder: {empty}")


def _use_object(stored: StoredObject, found: StudyIndex, outcome: Outcome) -> None:
    """What is no image, read as a whole and drawn on whatever it may belong to."""
    for line in (stored.label, stored.description):
        line.encode("utf-8")
    try:
        dataset = parse.read_object(stored.path)
        if stored.kind in _FROM_FILE:
            _FROM_FILE[stored.kind](stored.path)
        elif stored.kind is ObjectKind.PRESENTATION_STATE:
            presentation_state(dataset), layers_of(dataset), annotations_of(dataset)
        elif stored.kind in (ObjectKind.REPORT, ObjectKind.KEY_OBJECTS):
            report_of(dataset)
        elif stored.kind is ObjectKind.DOCUMENT:
            pdf_of(dataset, stored.path)
        for series in found.series() if stored.kind in DRAWN else ():
            layer = layer_of(stored, series, no_tick)
            if isinstance(layer, Wash):
                layer.plane(0)
            else:
                layer.masks(0)
    except UserError as error:
        outcome.reasons.append(error.why)


def _use(series: Series, outcome: Outcome) -> None:
    """Everything that the window and the command line do with a stack."""
    for line in (series.description, *series.warnings):
        line.encode("utf-8")
    with contextlib.suppress(UserError):
        thumbnails.make(series, lambda fraction: None)  # type: ignore[arg-type]
    try:
        pixels = SeriesPixels(series)
    except UserError as error:
        outcome.reasons.append(str(error))
        return
    count = len(series.frames)
    chosen = sorted({0, count // 2, count - 1})[:_FRAMES]
    if count <= _FRAMES:
        load(series, pixels=pixels)
    else:
        for number in chosen:
            _read(pixels, number)
    outcome.failed_frames += [
        pixels.state(number).reason for number in chosen if pixels.state(number).status is Status.FAILED
    ]
    if not all(reason.strip() for reason in outcome.failed_frames):
        raise Unaccounted("a frame failed without a reason")
    voi = None if series.is_colour else default_voi(series, pixels)
    cli_frames.series_voi(series)
    renderer, text = Renderer(series, pixels), CornerText(series)
    for number in chosen:
        if pixels.is_loaded(number):
            _show(series, pixels, number, renderer, voi)
        text.at(Now(View(index=number, voi=voi), Canvas.of(series, 300, 200)))
        orientation_edges(series, number, View(index=number, voi=voi))
        attributes(series, number)
        wording.compression(series, number)
        wording.ideographic_name(series.instance_of(number).header)
    wording.spacing_remark(series)
    if pixels.is_complete and pixels.stored.size <= _VOLUME_PIXELS:
        with contextlib.suppress(UserError):
            volume(series, pixels)


def _read(pixels: SeriesPixels, number: int) -> None:
    try:
        pixels.stored[number] = read_frame(pixels.series, number)
        pixels.mark(number, FrameState(Status.LOADED))
    except UserError as error:
        pixels.mark(number, FrameState(Status.FAILED, error.why or error.what))


def _show(series: Series, pixels: SeriesPixels, number: int, renderer: Renderer, voi: Any) -> None:
    for width, height in ((200, 160), (700, 16)):
        image = renderer.image(View(index=number, voi=voi), width, height)
        if image is None or image.shape[:2] != (height, width):
            raise Unaccounted("a loaded frame was not drawn")
    overlay_planes(series, number)
    auto_window(pixels, number)
    probe(series, number, pixels, 0.0, 0.0)
    corners = ((-1.0, -1.0), (series.rows / 2, series.columns / 2))
    for kind in (MeasurementKind.DISTANCE, MeasurementKind.ELLIPSE):
        measure(Measurement("m", kind, Place.of(series, number), corners), series, number, pixels)
    if series.rows * series.columns <= _NATIVE_PIXELS:
        picture.frame(number, pixels, picture.Style(voi))
        values = presentation_image(series, pixels, number).voxels
        if not np.isfinite(values).all():
            raise Unaccounted("presentation values that are no numbers")


def tally(outcomes: list[Outcome]) -> Counter[str]:
    """How many opened, opened in part, were listed, or failed."""
    return Counter("opened, frames missing" if o.kind == "opened" and o.failed_frames else o.kind for o in outcomes)
