"""The demonstration's files: the model runs on the chest radiograph, and its report is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app import demo_data
from app.cli.analyze import run_order
from app.cli.frames import require_frame, series_voi
from app.cli.models import chosen_model
from app.cli.opening import open_index
from app.cli.terminal import Progress
from app.core import analysis
from app.core.session import Session
from app.dicom.load import SeriesPixels
from app.errors import UsageError, UserError
from app.report.export import ExportRequest, export
from app.report.picture import Style

if TYPE_CHECKING:
    from pathlib import Path

FORMATS = ("pdf", "seg")


def report(folder: Path) -> tuple[Path, ...]:
    """Runs the demonstration's model and writes ``report.pdf`` and ``seg.dcm`` into ``folder``; returns their paths.

    Raises ``UserError`` where the model is not installed, ``NothingReadable`` where the images are not.
    """
    try:
        bundle = chosen_model(demo_data.MODEL)
    except UsageError as error:
        raise UserError(
            "cannot run the demonstration", f"the model {demo_data.MODEL} is missing", "Install it."
        ) from error
    found = open_index(demo_data.paths()[0])
    series = found.series()[0]
    pixels = SeriesPixels(series)
    require_frame(pixels, 0)
    result = run_order(analysis.order(bundle, series, 0, pixels.stored[0]))
    session = Session()
    session.open(found)
    session.accept(result, series, (0,))
    request = ExportRequest(folder, FORMATS, Style(series_voi(series)), (0,), (result,))
    with Progress("Writing") as progress:
        return export(session.document, found.study_of(series), series, pixels, request, progress)
