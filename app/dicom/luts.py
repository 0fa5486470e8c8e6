"""Lookup tables as files write them: words or packed bytes, of either byte order (PS3.3 C.11.1.1.1, C.7.6.3.1.5)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.pixels.processing import apply_color_lut

from app.dicom import header
from app.dicom.voi import Lut

_LINEAR, _INDIRECT = 1, 2
_MAX_ENTRIES, _MAX_INDIRECT = 65_536, 16


def lut_of(dataset: Dataset, *, signed: bool, prefix: str = "LUT", explanation: str = "LUTExplanation") -> Lut | None:
    """The table described by ``<prefix>Descriptor`` and ``<prefix>Data``; ``None`` where it is malformed.

    ``signed``: whether the first value mapped is signed, as the input of the table is (PS3.3 C.11.1.1.1).
    """
    descriptor = header.words(dataset, f"{prefix}Descriptor")
    data = header.raw_bytes(dataset, f"{prefix}Data")
    if len(descriptor) != 3 or not data[0]:
        return None
    count, first, bits = int(descriptor[0]) or 65536, int(descriptor[1]), int(descriptor[2])
    if signed and first >= 0x8000:
        first -= 0x10000
    table = _entries(data[0], data[1], count)
    bits = bits if 1 <= bits <= 16 else max(int(table.max()).bit_length(), 8)
    return Lut(table, first, bits, header.text(dataset, explanation) if explanation else "")


def _entries(data: bytes, is_little_endian: bool, count: int) -> npt.NDArray[np.uint16]:
    words = np.frombuffer(data[: len(data) // 2 * 2], "<u2" if is_little_endian else ">u2")
    if len(words) >= count:
        return words[:count].astype(np.uint16)
    # Two 8-bit entries a word, the low byte first, whatever the byte order of the word.
    packed = words.astype("<u2").view(np.uint8)
    return packed[:count].astype(np.uint16)


def voi_luts(dataset: Dataset, *, signed: bool) -> tuple[Lut, ...]:
    """All VOI LUTs of an image (PS3.3 C.11.2.1.1)."""
    tables = (lut_of(item, signed=signed) for item in header.items(dataset, "VOILUTSequence"))
    return tuple(table for table in tables if table is not None)


def modality_lut(dataset: Dataset, *, signed: bool) -> Lut | None:
    """The Modality LUT of an image (PS3.3 C.11.1)."""
    items = header.items(dataset, "ModalityLUTSequence")
    return lut_of(items[0], signed=signed, explanation="LUTExplanation") if items else None


def palette(dataset: Dataset, bits_allocated: int, *, signed: bool = False) -> npt.NDArray[np.uint8] | None:
    """8-bit RGB by stored value, shape (2^bits_allocated, 3), of a PALETTE COLOR image; ``None`` where malformed.

    ``signed``: stored values are, so that the first row is that of −2^(bits_allocated − 1) (PS3.3 C.7.6.3.1.5).
    """
    if bits_allocated not in (8, 16):
        return None
    index = np.arange(2**bits_allocated) - (2 ** (bits_allocated - 1) if signed else 0)
    if header.has(dataset, "RedPaletteColorLookupTableData"):
        channels = []
        for colour in ("Red", "Green", "Blue"):
            table = lut_of(dataset, signed=signed, prefix=f"{colour}PaletteColorLookupTable", explanation="")
            if table is None:
                return None
            channels.append(table.entries(index))
        return _to_8_bits(np.stack(channels, axis=-1))
    # On a data set of its own: pydicom converts what it reads where it lies, and the header stays as the file has it.
    tables = Dataset({tag: dataset.get_item(tag) for tag in tuple(dataset.keys()) if tag >> 16 == 0x0028})
    tables.file_meta = getattr(dataset, "file_meta", FileMetaDataset())
    tables.set_original_encoding(*dataset.original_encoding)
    if any(_expands_too_far(tables, colour) for colour in ("Red", "Green", "Blue")):
        return None
    try:
        return _to_8_bits(apply_color_lut(index[None], tables)[0])
    except header.PARSE_ERRORS:
        return None


def _expands_too_far(tables: Dataset, colour: str) -> bool:
    """Whether the segments of a table stand for more entries than a table has: three words may claim 65,535, and a few
    thousand of them gigabytes (PS3.3 C.7.9.2).
    """
    descriptor = header.words(tables, f"{colour}PaletteColorLookupTableDescriptor")
    data, is_little_endian = header.raw_bytes(tables, f"Segmented{colour}PaletteColorLookupTableData")
    bits = descriptor[2] if len(descriptor) == 3 else 16
    size = 1 if bits <= 8 else 2
    kind = "u1" if size == 1 else "<u2" if is_little_endian else ">u2"
    words = np.frombuffer(data[: len(data) // size * size], kind)
    at, entries, indirect = 0, 0, 0
    while at + 1 < len(words) and entries <= _MAX_ENTRIES and indirect <= _MAX_INDIRECT:
        opcode, count = int(words[at]), int(words[at + 1])
        if opcode == _INDIRECT:
            # It repeats direct segments, which are counted.
            indirect, at = indirect + 1, at + 2 + 4 // size
            continue
        entries += count
        at += 3 if opcode == _LINEAR else 2 + count
    return entries > _MAX_ENTRIES or indirect > _MAX_INDIRECT


def _to_8_bits(table: npt.NDArray[np.generic]) -> npt.NDArray[np.uint8]:
    values = table.astype(np.uint32)
    # Tables that say 16 bits and hold 8 are common; scaling those would turn the picture black.
    return (values >> 8 if values.max() > 255 else values).astype(np.uint8)
