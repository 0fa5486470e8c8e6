"""What a header says about its frames' bytes, as decoders need it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from app.dicom import header
from app.dicom.codecs import FrameSpec
from app.dicom.syntaxes import EXPLICIT_BIG

if TYPE_CHECKING:
    from pydicom import Dataset

    from app.dicom.model import Instance


_BIT_POSITIONS = frozenset(group << 16 | 0x0102 for group in range(0x6000, 0x6020, 2))


def spec_of(instance: Instance) -> FrameSpec:
    """The ``FrameSpec`` of an instance's frames."""
    dataset, pixels = instance.header, instance.pixels
    bits = {"float": 32, "double": 64}.get(pixels.kind) or header.integer(dataset, "BitsAllocated") or 16
    stored = header.integer(dataset, "BitsStored") or bits
    stored = stored if 1 <= stored <= bits else bits
    high = header.integer(dataset, "HighBit")
    high = high if high is not None and stored - 1 <= high < bits else stored - 1
    rows, columns = header.integer(dataset, "Rows") or 0, header.integer(dataset, "Columns") or 0
    samples = header.integer(dataset, "SamplesPerPixel") or 1
    photometric = header.code(dataset, "PhotometricInterpretation").upper()
    whole = rows * columns * samples * bits // 8 * instance.number_of_frames
    # Some writers say 4:2:2 of native pixels and store all samples; the length tells.
    sub = photometric == "YBR_FULL_422" and samples == 3 and bits == 8
    sub = sub and pixels.length is not None and pixels.length < whole
    spec = FrameSpec(
        transfer_syntax_uid=instance.transfer_syntax_uid,
        rows=rows,
        columns=columns,
        samples=samples,
        bits_allocated=bits,
        bits_stored=stored,
        high_bit=high,
        signed=header.integer(dataset, "PixelRepresentation") == 1,
        photometric=photometric,
        planar=header.integer(dataset, "PlanarConfiguration") or 0,
        kind=pixels.kind,
        subsampled=sub,
        swapped=instance.transfer_syntax_uid == EXPLICIT_BIG and bits == 8 and pixels.vr == "OW",
    )
    return replace(spec, has_overlays=True) if embedded_overlays(dataset, spec) else spec


def embedded_overlays(dataset: Dataset, spec: FrameSpec) -> dict[int, int]:
    """The bit of the pixel cells that holds an overlay, by its group (60xx); empty where there are none.

    Such an overlay has no Overlay Data, and a bit that no pixel value uses (PS3.5 8.1.2; retired).
    """
    if spec.kind != "int" or spec.samples != 1 or spec.bits_allocated < 8:
        return {}
    found: dict[int, int] = {}
    if not header.holds_any(dataset, _BIT_POSITIONS):
        return found
    for group in range(0x6000, 0x6020, 2):
        if header.has(dataset, group << 16 | 0x3000):
            continue
        bit = header.integer(dataset, group << 16 | 0x0102)
        if bit is None:
            continue
        is_free = 0 <= bit <= spec.high_bit - spec.bits_stored or spec.high_bit < bit < spec.bits_allocated
        if is_free and header.integer(dataset, group << 16 | 0x0100) in (None, spec.bits_allocated):
            found[group] = bit
    return found
