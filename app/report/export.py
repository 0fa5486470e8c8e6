"""From the reader's document to files, all or none. Takes frozen data only, so it may run on any thread."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from app.core.document import FindingStatus
from app.core.enhanced import Made, made_by_model
from app.core.plane_images import plane_image, plane_images, volume_of
from app.errors import UnreadableFile, UsageError
from app.report import atomic, converted, enhanced_series, laid, rtstruct
from app.report.nifti import nifti_bytes
from app.report.png import annotated_png
from app.report.result_json import result_bytes
from app.report.seg import seg_bytes
from inference.types import no_tick
from inference.words import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from app.core.document import Document, Overlay, Place
    from app.dicom.load import SeriesPixels
    from app.dicom.model import Series, Study
    from app.report.pdf import Content
    from app.report.picture import Style
    from inference.types import Label, Result, Tick

FORMATS = {
    "seg": say("DICOM Segmentation"),
    "rtstruct": say("RT Structure Set"),
    "nifti": say("NIfTI label map"),
    "dicom": say("AI-enhanced DICOM series"),
    "pdf": say("PDF report"),
    "png": say("annotated picture (PNG)"),
    "json": say("the model's answer (JSON)"),
}
"""Identifier → name for people. The order is that of the export dialog."""


@dataclass(frozen=True)
class ExportRequest:
    """``folder``: made where it is missing; files of the same names are replaced. ``formats``: keys of ``FORMATS``.
    ``key_images``: sorted frame indices to print besides those that hold marks. ``results``: the answers behind the
    overlays, for JSON and for the report's notes and times."""

    folder: Path
    formats: tuple[str, ...]
    style: Style
    key_images: tuple[int, ...] = ()
    results: tuple[Result, ...] = ()
    plane: Place | None = None
    """The plane that is on screen, where one is: the picture is then of it."""


def parse_formats(text: str) -> tuple[str, ...]:
    """``"seg,pdf"`` → identifiers, each once. Raises ``UsageError`` for an unknown one, naming those that exist."""
    wanted = tuple(dict.fromkeys(part.strip().lower() for part in text.split(",") if part.strip()))
    unknown = [name for name in wanted if name not in FORMATS]
    if unknown or not wanted:
        fault = say("there is no format {names}", names=", ".join(unknown)) if unknown else say("no format is named")
        raise UsageError(f"--formats {text}", fault, say("The formats are {names}.", names=", ".join(FORMATS)))
    return wanted


def reasons_against(document: Document, series: Series, request: ExportRequest) -> dict[str, str]:
    """Why this document cannot fill some of the wanted formats, each in words without capital and full stop."""
    against: dict[str, str] = {}
    masks = any(_labels_left(document, overlay) for overlay in document.overlays_on(series))
    if not masks and not request.style.laid.layers:
        against = dict.fromkeys(("seg", "rtstruct", "nifti"), say("there is no mask to write"))
    elif rtstruct.why_not(series):
        against["rtstruct"] = rtstruct.why_not(series)
    if why := _no_series(series, request):
        against["dicom"] = why
    if not request.results:
        against["json"] = say("no model has run")
    return {name: why for name, why in against.items() if name in request.formats}


def impossible(document: Document, series: Series, request: ExportRequest) -> tuple[str, ...]:
    """A sentence for each wanted format that this document cannot fill; ``export`` leaves those out."""
    against = reasons_against(document, series, request)
    return tuple(say("{format} left out: {why}.", format=FORMATS[name], why=why) for name, why in against.items())


def export(
    document: Document,
    study: Study,
    series: Series,
    pixels: SeriesPixels,
    request: ExportRequest,
    tick: Tick = no_tick,
) -> tuple[Path, ...]:
    """Writes the wanted files about ``series`` and returns their paths; ``result.json`` is the last.

    Segments and structures of the study's own objects are written too, as they lie over the images (``style.laid``).
    File names hold no patient data. Nothing is written before everything is made, so a cancelled or failed export
    leaves the folder as it was. Masks that the reader rejected are left out. Every frame that is printed must be
    loaded in ``pixels``. Raises ``OutputError``, ``Cancelled``.
    """
    document = without_rejected(document)
    makers = _makers(document, study, series, pixels, request)
    files: dict[Path, bytes] = {}
    for name, make in makers.items():
        files[request.folder / name] = make(_part(tick, len(files), len(makers)))
    if "json" in request.formats:
        outputs = list(dict.fromkeys(name.split("/")[0] for name in makers))
        files.update(_records(document, series, request, outputs))
    tick(1.0)
    atomic.write_all(files)
    return tuple(files)


def _no_series(series: Series, request: ExportRequest) -> str:
    """Why there is no series made by a model to write; empty where there is one."""
    if made_by_model(series) is not None:
        return ""
    if not any(result.enhanced is not None for result in request.results):
        return say("no model has made one")
    return enhanced_series.why_not(series)


def without_rejected(document: Document) -> Document:
    """The document as it may leave the program: masks that the reader rejected are gone from its overlays, and those
    that the reader changed are as changed.

    An overlay of which nothing is left goes too. Findings stay; what was rejected says so there.
    """
    kept = []
    for overlay in document.overlays:
        labels = _labels_left(document, overlay)
        if not labels:
            continue
        masks = overlay.whole()
        gone = [label.value for label in overlay.labels if label not in labels]
        if gone:
            masks = np.where(np.isin(masks, gone), np.uint8(0), masks)
        kept.append(replace(overlay, label_map=masks, labels=labels, edits={}))
    return replace(document, overlays=tuple(kept))


def _labels_left(document: Document, overlay: Overlay) -> tuple[Label, ...]:
    """The labels that the reader did not reject."""
    findings = (f for f in document.findings if f.overlay_id == overlay.id)
    rejected = {f.label_value for f in findings if f.status is FindingStatus.REJECTED}
    return tuple(label for label in overlay.labels if label.value not in rejected)


def _part(tick: Tick, done: int, count: int) -> Tick:
    """Progress of one of ``count`` steps as progress of the whole."""
    return lambda fraction: tick((done + fraction) / count)


def _makers(
    document: Document, study: Study, series: Series, pixels: SeriesPixels, request: ExportRequest
) -> dict[str, Callable[[Tick], bytes]]:
    """File name → what makes its content."""
    # Not at the top: what lays out pages takes a tenth of a second to import, which the window would wait for.
    from app.report.pdf import Content, key_images

    overlays = document.overlays_on(series)
    makers: dict[str, Callable[[Tick], bytes]] = {}
    for kind in request.formats:
        if kind == "seg":
            for name, overlay in _named("seg", ".dcm", overlays):
                makers[name] = partial(seg_bytes, overlay, series)
        elif kind == "rtstruct" and not rtstruct.why_not(series):
            for name, overlay in _named("rtstruct", ".dcm", overlays):
                makers[name] = partial(rtstruct.rtstruct_bytes, overlay, series)
        elif kind == "nifti":
            for name, overlay in _named("labels", ".nii.gz", overlays):
                makers[name] = partial(nifti_bytes, overlay, series)
        elif kind == "pdf":
            chosen = key_images(document, series, request.key_images)
            content = Content(document, study, series, pixels, request.style, chosen, request.results)
            makers["report.pdf"] = partial(_report, content)
        elif kind == "png" and request.plane is not None:
            makers["picture.png"] = partial(_plane_picture, request.plane, document, series, pixels, request.style)
        elif kind == "png":
            index = _picture_index(document, series, request)
            makers["picture.png"] = partial(annotated_png, series, index, pixels, document, request.style)
        elif kind == "dicom" and not _no_series(series, request):
            makers |= _series_makers(series, request)
    return makers | _converters(series, request)


def _report(content: Content, tick: Tick) -> bytes:
    from app.report.pdf import pdf_bytes

    cut = plane_images(content.document, content.series, content.pixels, lambda _: tick(0.0))
    return pdf_bytes(replace(content, planes=cut), tick)


def _plane_picture(
    place: Place, document: Document, series: Series, pixels: SeriesPixels, style: Style, tick: Tick
) -> bytes:
    image = plane_image(volume_of(place, series, pixels, tick), place, tick)
    shown, look = laid.on_plane(image, document, style, tick)
    return annotated_png(image.series, image.index, image.pixels, shown, look, tick)


def _series_makers(series: Series, request: ExportRequest) -> dict[str, Callable[[Tick], bytes]]:
    """The files of ``series`` as they are where a model made it, else those of what models made of it now."""
    makers: dict[str, Callable[[Tick], bytes]] = {}
    if made_by_model(series) is not None:
        for number, instance in enumerate(series.instances, 1):
            makers[f"dicom/{number:06d}.dcm"] = partial(_copied, instance.path)
        return makers
    answers = [result for result in request.results if result.enhanced is not None]
    for number, result in enumerate(answers, 1):
        values = result.enhanced
        assert values is not None
        change = result.measures.get("RMS change")
        derivation = enhanced_series.Derivation(
            Made.ENHANCED, result.model, 1.0, change.value if change is not None else 0.0
        )
        files = enhanced_series.enhanced_files(series, values, derivation)
        folder = "dicom" if number == 1 else f"dicom-{number}"
        for index in range(len(series.frames)):
            makers[f"{folder}/{index + 1:06d}.dcm"] = partial(_next, files)
    return makers


def _next(files: Iterator[tuple[str, bytes]], tick: Tick) -> bytes:
    tick(1.0)
    return next(files)[1]


def _copied(path: Path, tick: Tick) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(
            say("Cannot copy {file}", file=path.name), error.strerror or say("it cannot be read")
        ) from error
    tick(1.0)
    return content


def _converters(series: Series, request: ExportRequest) -> dict[str, Callable[[Tick], bytes]]:
    """The same for the study's own objects that are laid over the images, without the parts that the reader hid."""
    kinds = [kind for kind in request.formats if kind in converted.WRITERS]
    if not kinds:
        return {}
    overlays = [
        overlay
        for layer in request.style.laid.layers
        for overlay in converted.overlays_of(
            layer, series, frozenset(value for uid, value in request.style.hidden_labels if uid == layer.uid)
        )
    ]
    makers: dict[str, Callable[[Tick], bytes]] = {}
    for kind in kinds:
        if kind == "rtstruct" and rtstruct.why_not(series):
            continue
        stem, suffix, write = converted.WRITERS[kind]
        for name, overlay in _named(stem, suffix, overlays):
            makers[name] = partial(write, overlay, series)
    return makers


def _named(stem: str, suffix: str, overlays: Sequence[Overlay]) -> list[tuple[str, Overlay]]:
    """``seg.dcm``, ``seg-2.dcm``, ...: one file an overlay."""
    return [(f"{stem}{'' if n == 1 else f'-{n}'}{suffix}", overlay) for n, overlay in enumerate(overlays, 1)]


def _picture_index(document: Document, series: Series, request: ExportRequest) -> int:
    if request.key_images:
        return request.key_images[0]
    from app.report.pdf import key_images, largest_plane

    overlays = document.overlays_on(series)
    return largest_plane(overlays[0]) if overlays else (*key_images(document, series), len(series.frames) // 2)[0]


def _records(document: Document, series: Series, request: ExportRequest, outputs: list[str]) -> dict[Path, bytes]:
    records = {}
    for number, result in enumerate(request.results, 1):
        covered = next((o.indices for o in document.overlays_on(series) if o.model == result.model), ())
        if not covered:
            places = [f.place.index_in(series) for f in document.findings if f.origin == result.model]
            covered = tuple(index for index in places if index is not None)
        single = len(set(covered)) == 1
        uid = series.instance_of(covered[0]).sop_instance_uid if single else None
        name = f"result{'' if number == 1 else f'-{number}'}.json"
        records[request.folder / name] = result_bytes(
            result, series_uid=series.uid, sop_instance_uid=uid, outputs=outputs
        )
    return records
