"""Where a report's coordinates lie on the open images."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from app.core.presenting import Drawing
from app.dicom.annotations import Graphic, Text
from inference import geometry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.dicom.annotations import Pair
    from app.dicom.model import Series
    from app.dicom.structured_report import Points3D, ReportMark

_CLOSED = frozenset({"POLYGON", "ELLIPSE", "ELLIPSOID"})
_NEAR_MM = 0.5
"""How far from a lone image a point may lie to be on it."""


def drawings_of(marks: Iterable[ReportMark], series: Series, index: int) -> tuple[Drawing, ...]:
    """What ``marks`` draw on sorted frame ``index``, in pixels of the image."""
    key = series.frames[index]
    uid = series.instances[key.instance].sop_instance_uid
    found = []
    for mark in marks:
        graphic: Graphic | None = None
        if mark.graphic is not None and mark.reference is not None:
            on = mark.reference.sop_instance_uid == uid
            on = on and (not mark.reference.frames or key.frame + 1 in mark.reference.frames)
            graphic = mark.graphic if on else None
        elif mark.points is not None:
            graphic = on_frame(mark.points, series, index)
        if graphic is not None:
            texts = (_label(mark.label, graphic),) if mark.label else ()
            found.append(Drawing(None, (graphic,), texts))
    return tuple(found)


def _label(text: str, graphic: Graphic) -> Text:
    """Beside the rightmost point."""
    anchor = max(graphic.points, key=lambda point: point[1])
    return Text(text, None, True, "LEFT", anchor, True, False)


def on_frame(points: Points3D, series: Series, index: int) -> Graphic | None:
    """SCOORD3D on a frame: ``None`` where it lies in another frame of reference or off the frame's plane."""
    if series.positions is None or series.orientation is None or series.pixel_spacing is None:
        return None
    if points.frame_of_reference_uid != series.frame_of_reference_uid or not series.frame_of_reference_uid:
        return None
    plane = geometry.affine_from_dicom(
        series.positions[index],
        series.orientation,
        np.asarray(series.pixel_spacing),
        np.cross(series.orientation[:3], series.orientation[3:]),
    )
    back = np.asarray(np.linalg.inv(plane), dtype=np.float64)
    mapped = geometry.apply(back, np.asarray(points.points, dtype=np.float64))
    # The first coordinate is the distance from the plane in mm: the step between planes was one millimetre.
    reach = (series.spacing_mm[0] or 2 * _NEAR_MM) / 2 + 1e-6
    if np.abs(mapped[:, 0]).max() > reach:
        return None
    line: tuple[Pair, ...] = tuple((float(row), float(column)) for _, row, column in mapped)
    if points.shape in ("POINT", "MULTIPOINT") and len(line) == 1:
        return Graphic("POINT", line, in_image=True)
    if points.shape == "ELLIPSE" and len(line) == 4:
        return Graphic("ELLIPSE", line, in_image=True)
    graphic = Graphic("POLYLINE", line, in_image=True)
    if points.shape in _CLOSED and line[0] != line[-1]:
        graphic = replace(graphic, points=(*line, line[0]))
    return graphic
