"""PNG files: a frame as it is, or annotated with a legend and the research-use line below."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from app import RESEARCH_USE
from app.core.enhanced import mark_of
from app.report import fonts, picture, wording
from inference.types import no_tick

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from app.core.document import Document
    from app.dicom.load import SeriesPixels
    from app.dicom.model import Series
    from inference.types import Label, Tick


def png_bytes(image: npt.NDArray[np.uint8] | Image.Image) -> bytes:
    """Grey (rows, columns) or RGB (rows, columns, 3) as a PNG file, one pixel each, nothing added."""
    shown = image if isinstance(image, Image.Image) else Image.fromarray(image)
    stream = BytesIO()
    shown.save(stream, "PNG", compress_level=4)
    return stream.getvalue()


def annotated_png(
    series: Series,
    index: int,
    pixels: SeriesPixels,
    document: Document,
    style: picture.Style,
    tick: Tick = no_tick,
) -> bytes:
    """The annotated frame; below it a strip with the labels' colours, the objects and models that they come from, and
    the research-use line where AI is shown. Holds no patient data beyond what is in the pixels."""
    tick(0.0)
    shown = picture.annotated(series, index, pixels, document, style)
    overlays = [overlay for overlay in document.overlays_on(series) if overlay.plane(index) is not None]
    sentences = [f"{title}." for title in style.laid.on(index)]
    if mark_of(series):
        sentences.insert(0, f"{mark_of(series)}. {RESEARCH_USE}")
    if overlays:
        models = ", ".join(dict.fromkeys(wording.maker(overlay) for overlay in overlays))
        sentences.append(f"AI: {models}. {RESEARCH_USE}")
    if sentences:
        shown = _with_strip(shown, picture.visible_labels(document, series, (index,), style), " ".join(sentences))
    return png_bytes(shown)


def _with_strip(shown: Image.Image, labels: tuple[Label, ...], text: str) -> Image.Image:
    size = max(13, round(max(shown.size) / 62))
    line, gap = round(size * 1.6), size
    wrapped = _wrapped(text, size, shown.width - 2 * gap)
    rows = (1 if labels else 0) + len(wrapped)
    out = Image.new("RGB", (shown.width, shown.height + rows * line + gap), (18, 18, 20))
    out.paste(shown, (0, 0))
    pen = ImageDraw.Draw(out)
    y = shown.height + gap // 2
    if labels:
        x = float(gap)
        for label in labels:
            pen.rectangle((x, y + line // 2 - size // 2, x + size, y + line // 2 + size // 2), fill=label.colour)
            fonts.draw(pen, (x + size * 1.5, y + line // 2), label.name, size, (235, 235, 235), bold=True)
            x += size * 3 + fonts.width(label.name, size, bold=True)
        y += line
    for row in wrapped:
        fonts.draw(pen, (gap, y + line // 2), row, size, (190, 190, 190))
        y += line
    return out


def _wrapped(text: str, size: int, width: float) -> list[str]:
    rows = [""]
    for word in text.split():
        longer = f"{rows[-1]} {word}".strip()
        if rows[-1] and fonts.width(longer, size) > width:
            rows.append(word)
        else:
            rows[-1] = longer
    return rows
