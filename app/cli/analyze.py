"""``scoutview analyze``: a model on every series that fits it, and its results as files."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from app.cli.frames import require_frame, series_voi
from app.cli.models import chosen_model
from app.cli.opening import note_skipped, open_index, require_series
from app.cli.terminal import Progress, note, say
from app.core import analysis
from app.core.heat import heat_wash
from app.core.session import Session
from app.dicom.load import SeriesPixels, load
from app.errors import EveryInputRefused, NothingReadable, UnreadableFile, UsageError, UserError
from app.report import atomic
from app.report.export import FORMATS, ExportRequest, export, impossible, parse_formats
from app.report.laid import Laid
from app.report.picture import Style
from inference.bundle import BundleError
from inference.types import Refused

if TYPE_CHECKING:
    from pathlib import Path

    from app.cli.parser import Arguments
    from app.dicom.model import Series, StudyIndex
    from inference.bundle import Bundle
    from inference.types import Result


@dataclass
class _Tally:
    """What became of the inputs. ``refused`` and ``unreadable`` hold the last reason for each series."""

    ran: int = 0
    refused: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)


def analyze(arguments: Arguments) -> int:
    """Runs the model on all that fits under the path; prints each result folder on stdout, each refusal on stderr.

    Raises ``EveryInputRefused`` or ``NothingReadable`` where nothing ran, ``UsageError``, ``OutputError``.
    """
    bundle = chosen_model(arguments.model)
    formats = parse_formats(arguments.formats) if arguments.formats is not None else tuple(FORMATS)
    formats = tuple(dict.fromkeys((*formats, "json")))
    found = open_index(arguments.path)
    stacks = require_series(found, arguments.path)
    if arguments.series is not None:
        stacks = tuple(series for series in stacks if series.uid == arguments.series)
        if not stacks:
            raise UsageError(
                f"--series {arguments.series}", "no such series under the path", "`scoutview info` lists them."
            )
    # Before minutes of computing, not after.
    atomic.require_folder(arguments.out)
    note_skipped(found)
    tally = _Tally()
    for series in stacks:
        _analyze_series(bundle, found, series, arguments, formats, tally)
    if tally.ran:
        return 0
    if tally.refused:
        reason = tally.refused[0] if len(tally.refused) == 1 else f"all {len(tally.refused)} series were refused"
        raise EveryInputRefused(f"{bundle.id} did not run on {arguments.path}", reason, "See the model's card.")
    why = tally.unreadable[0] if len(tally.unreadable) == 1 else f"none of {len(tally.unreadable)} images can be read"
    raise NothingReadable(f"{bundle.id} did not run on {arguments.path}", why, "`scoutview info` lists the files.")


def _analyze_series(
    bundle: Bundle,
    found: StudyIndex,
    series: Series,
    arguments: Arguments,
    formats: tuple[str, ...],
    tally: _Tally,
) -> None:
    """One stack, whole or image by image. What is refused or unreadable is noted and does not stop the rest."""
    style: Style | None = None
    reasons: dict[str, None] = {}
    whole = bundle.contract.takes == "volume"
    for index in range(1 if whole else len(series.frames)):
        refusal = analysis.refusal(bundle, series, index)
        if refusal is not None:
            reasons.setdefault(str(refusal))
            continue
        style = style or Style(series_voi(series))
        # New for each image: the ones before need not stay in memory.
        pixels = SeriesPixels(series)
        try:
            if whole:
                with Progress("Loading") as progress:
                    load(series, pixels=pixels, tick=progress)
                order = analysis.order_volume(bundle, series, pixels, device=arguments.device)
            else:
                require_frame(pixels, index)
                order = analysis.order(bundle, series, index, pixels.stored[index], device=arguments.device)
            result = run_order(order)
        except UnreadableFile as error:
            tally.unreadable.append(error.why)
            note(f"unreadable: {error}")
            continue
        except Refused as refused:
            reasons.setdefault(str(refused))
            continue
        folder = _folder(arguments.out, series, order.indices, whole=whole) / bundle.id
        seen = replace(style, laid=_looked(result, series, order.indices))
        _write(found, series, pixels, order.indices, result, ExportRequest(folder, formats, seen, (), (result,)))
        tally.ran += 1
    for reason in reasons:
        tally.refused.append(reason)
        stack = f" stack {series.stack}" if series.stack else ""
        note(f"refused: series {series.uid}{stack} ({series.modality or 'no modality'}): {bundle.id} {reason}")


def _looked(result: Result, series: Series, indices: tuple[int, ...]) -> Laid:
    """The first of the heat maps, for pictures: where the model looked as a whole."""
    washes = [heat_wash(heat, result.model, series, indices) for heat in result.maps[:1]]
    return Laid(washes=tuple((wash, wash.threshold) for wash in washes))


def run_order(order: analysis.Order) -> Result:
    """Runs an order with progress on the terminal. Raises ``Refused``; a fault of device or model as ``UserError``."""
    from inference.engine import DeviceError

    try:
        with Progress(order.bundle.id) as progress:
            return order.run(progress)
    except DeviceError as error:
        raise UsageError(f"--device {order.request.device}", str(error)) from error
    except BundleError as error:
        raise UserError(f"model {order.bundle.id}", str(error), "Install it again.") from error


def _write(
    found: StudyIndex,
    series: Series,
    pixels: SeriesPixels,
    indices: tuple[int, ...],
    result: Result,
    request: ExportRequest,
) -> None:
    session = Session()
    session.open(found)
    session.accept(result, series, indices)
    document = session.document
    for sentence in impossible(document, series, request):
        note(sentence)
    with Progress("Writing") as progress:
        export(document, found.study_of(series), series, pixels, request, progress)
    for sentence in result.notes:
        note(f"{result.model.id}: {sentence}")
    say(str(request.folder))


def _folder(out: Path, series: Series, indices: tuple[int, ...], *, whole: bool) -> Path:
    """DIR/<series> for a volume, DIR/<series>/<sop instance> for one image, and the frame of a multi-frame object."""
    if whole:
        return out / (f"{_safe(series.uid)}-stack{series.stack}" if series.stack else _safe(series.uid))
    instance = series.instance_of(indices[0])
    folder = out / _safe(series.uid) / _safe(instance.sop_instance_uid)
    if instance.number_of_frames > 1:
        folder = folder / f"frame-{series.frames[indices[0]].frame + 1}"
    return folder


def _safe(uid: str) -> str:
    """A UID as a folder's name. A hostile file may put anything there; digits and dots pass unchanged."""
    name = re.sub(r"[^0-9A-Za-z.-]", "_", uid)[:128].strip(".")
    return name or "unnamed"
