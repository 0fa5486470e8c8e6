"""One file's header: is it DICOM, what does it claim, does the file hold what it claims.

Reads the head of the file only, in growing pieces, so that a hostile length never makes the program allocate what the
file does not hold (PS3.10 7.1, PS3.5 7.1).
"""

from __future__ import annotations

import stat
import struct
import zlib
from dataclasses import dataclass
from io import BytesIO, FileIO
from itertools import count
from typing import TYPE_CHECKING, BinaryIO

from pydicom.dataset import FileMetaDataset
from pydicom.filereader import read_dataset
from pydicom.uid import UID

from app.dicom import encapsulated, header, lazy, luts, objects
from app.dicom.model import Instance, PixelElement, Skipped
from app.dicom.syntaxes import (
    DEFLATED,
    ENCAPSULATED_UNCOMPRESSED,
    EXPLICIT_BIG,
    EXPLICIT_LITTLE,
    IMPLICIT_LITTLE,
    NATIVE,
)
from app.errors import UnreadableFile
from inference.types import Tick, no_tick
from inference.words import lowered, said_by, say

if TYPE_CHECKING:
    from pathlib import Path

    from pydicom import Dataset

    from app.dicom.objects import StoredObject

DICOMDIR_CLASS = "1.2.840.10008.1.3.10"
ARCHIVE = say("a ZIP archive")
"""The reason of a file that ``archive`` can look into."""

MAX_HEADER = 128 * 2**20
MAX_FRAME_BYTES = 2**30
MAX_FRAMES = 100_000
MAX_READS = 2_000_000
_READS_A_TICK = 256
MAX_ELEMENTS = 100_000
"""Elements of the data set itself, without those of its sequences."""
MAX_OBJECT = 512 * 2**20
MAX_OBJECT_READS = 10_000_000
_FIRST_READ, _QUICK_LIMIT = 16 * 2**10, 2**19
# What the short way takes is parsed later, without a meter: it must be too short to take long.
_HEAD_SIZES = (32 * 2**10, 2**20, 16 * 2**20, MAX_HEADER)
_PIXEL_TAGS = {0x7FE00010: "int", 0x7FE00008: "float", 0x7FE00009: "double"}

_UNPARSED = say("corrupt: the data set cannot be parsed")

_OTHER_COLOURS = frozenset({"HSV", "ARGB", "CMYK", "YBR_PARTIAL_420", "YBR_PARTIAL_422"})
"""Colour spaces that are retired, or belong to video (PS3.3 C.7.6.3.1.2)."""


@dataclass(frozen=True, eq=False)
class _Head:
    """A parsed header. ``pixels`` is ``None`` where the data set ends without pixel data; ``complete`` where all was
    read that a header is made of.
    """

    dataset: Dataset
    transfer_syntax: str
    pixels: PixelElement | None
    complete: bool


class _Unusable(Exception):
    """``str`` is the reason for the reader; ``is_dicom`` is false for files of another kind."""

    def __init__(self, reason: str, *, is_dicom: bool = True) -> None:
        super().__init__(reason)
        self.is_dicom = is_dicom


class _TooMany(ValueError):
    """A data set of more elements than any has: reading on, or again with more of the file, only takes longer."""


class _Metered(BytesIO):
    """Bytes that run out of patience: zeros parse as millions of empty elements, which takes minutes and means
    nothing.
    """

    def __init__(self, data: bytes, reads: int | None = None, tick: Tick = no_tick) -> None:
        super().__init__(data)
        self._reads = self._left = MAX_READS if reads is None else reads
        self._tick = tick

    def read(self, size: int | None = -1, /) -> bytes:
        self._left -= 1
        if self._left < 0:
            raise _TooMany
        if self._left % _READS_A_TICK == 0:
            self._tick(1 - self._left / self._reads)
        return super().read(size)


def looks_like_dicom(head: bytes) -> bool:
    """Whether the first bytes of a file are DICOM's, with or without preamble (PS3.10 7.1)."""
    if len(head) >= 132 and head[128:132] == b"DICM":
        return True
    if head[:4] == b"DICM":
        return False
    if len(head) < 16:
        return False
    group, element = struct.unpack("<HH", head[:4])
    if (group, element >> 8) not in {(2, 0), (8, 0), (4, 0x11), (4, 0x12)}:
        group, element = struct.unpack(">HH", head[:4])
        return group == 0x0008 and element <= 0x0100 and head[4:6].isalpha() and head[4:6].isupper()
    if head[4:6].isalpha() and head[4:6].isupper():
        return True
    length = int(struct.unpack("<I", head[4:8])[0])
    return length < 0x400


def read_instance(path: Path, tick: Tick = no_tick) -> Instance | StoredObject | Skipped:
    """The image or the object in ``path``, or why it is skipped. Never raises for what a file holds.

    ``tick`` is called while a long header is read; what it raises passes through.
    """
    try:
        return _read(path, tick)
    except _Unusable as unusable:
        return Skipped(path, said_by(unusable), unusable.is_dicom)
    except PermissionError:
        return Skipped(path, say("no permission to read this file"), is_dicom=False)
    except RecursionError:
        return Skipped(path, say("corrupt: sequences are nested too deeply"))
    except _TooMany:
        return Skipped(path, say("corrupt: it has more elements than any image needs"))
    except MemoryError:
        return Skipped(path, say("corrupt: an element claims more memory than there is"))
    except OSError as error:
        if error.errno is None:
            # pydicom's own, about what the bytes say; the system always gives a number.
            return Skipped(path, _UNPARSED)
        return Skipped(
            path, say("cannot be read ({fault})", fault=error.strerror or say("input/output error")), is_dicom=False
        )
    except header.PARSE_ERRORS:
        return Skipped(path, _UNPARSED)


def read_dataset_alone(path: Path) -> Dataset | None:
    """The data set of an object without pixels (a DICOMDIR), or ``None`` where it cannot be read."""
    try:
        with path.open("rb", buffering=0) as file:
            return _read_head(file, file.seek(0, 2)).dataset
    except _Unusable:
        return None
    except header.PARSE_ERRORS:
        return None


def object_beside(instance: Instance) -> StoredObject | None:
    """An image that is an object too (a parametric map), as that; ``None`` for plain images."""
    if objects.kind_of(instance.header) is None:
        return None
    try:
        return objects.stored_object(instance.path, instance.header)
    except header.PARSE_ERRORS:
        return None  # Damaged somewhere in its references: it is still shown as an image.


def read_pixels(path: Path, tick: Tick = no_tick) -> Instance:
    """An object that holds pixels but is no plain image (a segmentation, a dose), so that its frames can be read.

    Raises ``UnreadableFile`` with the reason, ``Cancelled`` from ``tick``.
    """
    try:
        with path.open("rb", buffering=0) as file:
            size = file.seek(0, 2)
            return _checked(path, file, size, _read_head(file, size, tick))
    except _Unusable as error:
        raise UnreadableFile(
            say("Cannot read {path}", path=path), said_by(error), say("Ask for the file again.")
        ) from error
    except OSError as error:
        # Without a number it is pydicom's own, about what the bytes say.
        why = lowered(error.strerror or say("input/output error")) if error.errno is not None else _UNPARSED
        raise UnreadableFile(say("Cannot read {path}", path=path), why, say("Check the path.")) from error
    except header.PARSE_ERRORS as error:
        why = say("corrupt: the data set cannot be parsed")
        raise UnreadableFile(say("Cannot read {path}", path=path), why, say("Ask for the file again.")) from error


def read_object(path: Path, tick: Tick = no_tick) -> Dataset:
    """The whole data set of an object, without pixel data: its contours, its content, its document.

    For kinds of ``objects.KINDS`` when they are shown; call it in a job. Bounded in memory and time. Raises
    ``UnreadableFile`` with the reason, ``Cancelled`` from ``tick``.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_OBJECT + 1)
        if len(data) > MAX_OBJECT:
            raise _Unusable(say("it is larger than {size} MB", size=MAX_OBJECT // 2**20))
        if not looks_like_dicom(data):
            raise _Unusable(say("it is not a DICOM file"))
        return _parse(data, whole=True, ends=False, reads=MAX_OBJECT_READS, tick=tick).dataset
    except OSError as error:
        # Without a number it is pydicom's own, about what the bytes say.
        why = lowered(error.strerror or say("input/output error")) if error.errno is not None else _UNPARSED
        raise UnreadableFile(say("Cannot read {path}", path=path), why, say("Check the path.")) from error
    except _Unusable as error:
        raise UnreadableFile(
            say("Cannot read {path}", path=path), said_by(error), say("Ask for the file again.")
        ) from error
    except header.PARSE_ERRORS as error:
        why = say("corrupt: the data set cannot be parsed")
        raise UnreadableFile(say("Cannot read {path}", path=path), why, say("Ask for the file again.")) from error


def _read(path: Path, tick: Tick) -> Instance | StoredObject:
    try:
        status = path.stat()
    except FileNotFoundError:
        raise _Unusable(
            say("a link to nothing") if path.is_symlink() else say("it is no longer there"), is_dicom=False
        ) from None
    if not stat.S_ISREG(status.st_mode):
        why = say("this folder cannot be read") if stat.S_ISDIR(status.st_mode) else say("not a regular file")
        raise _Unusable(why, is_dicom=False)
    with FileIO(path) as file:
        size = status.st_size
        head = _quick_head(file) or _read_head(file, size, tick)
        kind = objects.kind_of(head.dataset)
        if kind is not None and kind not in objects.IMAGES:
            return objects.stored_object(path, head.dataset)
        return _checked(path, file, size, head)


def _quick_head(file: BinaryIO) -> _Head | None:
    """The head by the short way, or ``None`` where pydicom must judge."""
    data = file.read(_FIRST_READ)
    while True:
        try:
            found = lazy.read(data, objects.HEAVY)
        except lazy.Unusual:
            return None
        except lazy.MoreNeeded as more:
            wanted = max(more.until + _FIRST_READ, 2 * len(data))
            if wanted > _QUICK_LIMIT or not (further := file.read(wanted - len(data))):
                return None
            data += further
        else:
            pixels = PixelElement(found.offset, found.length, found.kind, found.vr)
            return _Head(found.dataset, found.transfer_syntax, pixels, complete=False)


def _read_head(file: BinaryIO, size: int, tick: Tick = no_tick) -> _Head:
    if size == 0:
        raise _Unusable(say("empty file"), is_dicom=False)
    data = b""
    for limit in _HEAD_SIZES:
        file.seek(len(data))
        data += file.read(min(limit, size) - len(data))
        if data[:4] == b"PK\3\4":
            raise _Unusable(ARCHIVE, is_dicom=False)
        if not looks_like_dicom(data):
            raise _Unusable(say("not a DICOM file"), is_dicom=False)
        whole = len(data) >= size
        try:
            head = _parse(data, whole=whole, tick=tick)
        except header.PARSE_ERRORS as error:
            if whole or isinstance(error, _TooMany):
                raise
            continue
        if head.pixels is not None or head.complete:
            return head
        # Objects without pixels may carry megabytes (waveforms): their kind is known from the first piece.
        kind = "" if objects.kind_of(head.dataset) else _kind(head.dataset)
        if kind and "Image" not in kind and "Map" not in kind and not header.has(head.dataset, "Rows"):
            return head
    raise _Unusable(say("corrupt: no pixel data within the first {size} MB", size=MAX_HEADER // 2**20))


def _parse(data: bytes, *, whole: bool, ends: bool = True, reads: int | None = None, tick: Tick = no_tick) -> _Head:
    """``ends``: the header ends where the content of an object begins."""
    start, meta = _meta(data)
    transfer_syntax = header.code(meta, "TransferSyntaxUID")
    body = _Metered(data, reads, tick)
    if transfer_syntax == DEFLATED:
        body, whole = _Metered(inflate(data[start:], MAX_HEADER), reads, tick), True
        start = 0
    elif not transfer_syntax:
        transfer_syntax = _guess(data[start : start + 6])
    body.seek(start)
    little = transfer_syntax != EXPLICIT_BIG
    found: list[PixelElement] = []
    ended: list[int] = []
    elements = count()

    def at_end(tag: int, vr: str | None, length: int) -> bool:
        if next(elements) > MAX_ELEMENTS:
            raise _TooMany
        if ends and int(tag) in objects.HEAVY:
            ended.append(int(tag))
            return True
        kind = _PIXEL_TAGS.get(int(tag))
        if kind is None:
            return False
        found.append(PixelElement(body.tell(), None if length == 0xFFFFFFFF else length, kind, vr or "OW"))
        return True

    dataset = read_dataset(body, transfer_syntax == IMPLICIT_LITTLE, little, stop_when=at_end)
    dataset.file_meta = meta
    return _Head(dataset, transfer_syntax, found[0] if found else None, whole or bool(ended))


def _meta(data: bytes) -> tuple[int, FileMetaDataset]:
    """Where the data set starts, and the File Meta Information (group 0002, always explicit little endian)."""
    start = 132 if data[128:132] == b"DICM" else 0
    end = start
    while data[end : end + 2] == b"\x02\x00" and end + 8 <= len(data):
        long_form = data[end + 4 : end + 6] in (b"OB", b"OW", b"UN", b"SQ", b"UT")
        layout, at = ("<I", 8) if long_form else ("<H", 6)
        (length,) = struct.unpack_from(layout, data, end + at)
        end += at + struct.calcsize(layout) + length
    meta = FileMetaDataset()
    if start < end <= len(data):
        meta = FileMetaDataset(read_dataset(BytesIO(data[start:end]), False, True))
    return end, meta


def _guess(first: bytes) -> str:
    """Transfer syntax of a data set without File Meta Information, from its first element."""
    if len(first) == 6 and first[4:6].isalpha() and first[4:6].isupper():
        return EXPLICIT_BIG if first[0] == 0 else EXPLICIT_LITTLE
    return IMPLICIT_LITTLE


def inflate_dataset(data: bytes, limit: int) -> bytes:
    """The inflated data set of a whole deflated file, at most ``limit`` bytes of it."""
    start, _ = _meta(data)
    try:
        return inflate(data[start:], limit)
    except _Unusable as unusable:
        raise UnreadableFile(say("Cannot read the image"), said_by(unusable)) from unusable


def inflate(data: bytes, limit: int) -> bytes:
    """Inflate at most ``limit`` bytes of a raw deflate stream (PS3.5 A.5); what follows a break in the stream is
    missing.
    """
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        return inflater.decompress(data, limit)
    except zlib.error as error:
        raise _Unusable(say("corrupt: the deflated data set cannot be inflated")) from error


def _kind(dataset: Dataset) -> str:
    """The name of the object's SOP class, without "Storage"; ``""`` where unknown."""
    uid = objects.sop_class(dataset)
    name = UID(uid).name if uid else ""
    return "" if name == uid else name.removesuffix(" Storage")


def _checked(path: Path, file: BinaryIO, size: int, head: _Head) -> Instance:
    """``head`` as an instance, once the file is seen to hold the pixels that it claims."""
    dataset = head.dataset
    sop_class = objects.sop_class(dataset)
    rows, columns = header.integer(dataset, "Rows"), header.integer(dataset, "Columns")
    if head.pixels is None or not rows or not columns:
        raise _Unusable(_why_no_image(dataset, sop_class, head, bool(rows and columns)))
    samples = header.integer(dataset, "SamplesPerPixel") or 1
    allocated = {"float": 32, "double": 64}.get(head.pixels.kind) or header.integer(dataset, "BitsAllocated") or 0
    if samples not in (1, 3):
        raise _Unusable(say("{samples} samples per pixel are not supported", samples=samples))
    if allocated not in (1, 8, 16, 32, 64):
        raise _Unusable(say("{allocated} bits allocated per sample are not supported", allocated=allocated))
    _check_colour(dataset, head.transfer_syntax, samples, allocated)
    if rows * columns * samples * max(allocated, 8) // 8 > MAX_FRAME_BYTES:
        raise _Unusable(say("an image of {rows} × {columns} pixels is too large", rows=rows, columns=columns))
    declared = header.integer(dataset, "NumberOfFrames") or 1
    if not 1 <= declared <= MAX_FRAMES:
        raise _Unusable(say("corrupt: it claims {declared} frames", declared=declared))
    bits = rows * columns * samples * allocated
    if header.code(dataset, "PhotometricInterpretation") == "YBR_FULL_422" and samples == 3:
        bits = rows * columns * 2 * allocated
    frames = _frames_held(file, size, head, bits, declared)
    if frames < 1:
        raise _Unusable(say("truncated: the file ends before its pixel data does"))
    notes = (
        (
            say(
                "{name} is truncated: {frames} of {declared} frames can be read.",
                name=path.name,
                frames=frames,
                declared=declared,
            ),
        )
        if frames < declared
        else ()
    )
    return Instance(
        path=path,
        sop_instance_uid=header.code(dataset, "SOPInstanceUID"),
        sop_class_uid=sop_class,
        transfer_syntax_uid=head.transfer_syntax,
        number_of_frames=frames,
        header=dataset,
        pixels=head.pixels,
        notes=notes,
    )


def _check_colour(dataset: Dataset, transfer_syntax: str, samples: int, allocated: int) -> None:
    """Refuse colours that would be shown as if they were others: a wrong colour looks like a right one."""
    photometric = header.code(dataset, "PhotometricInterpretation").upper()
    # Compressed streams say themselves what they hold.
    if samples == 3 and transfer_syntax in NATIVE and photometric in _OTHER_COLOURS:
        raise _Unusable(say("its colours are stored as {photometric}, which is not supported", photometric=photometric))
    if samples == 1 and photometric == "PALETTE COLOR":
        tables = ("RedPaletteColorLookupTableData", "SegmentedRedPaletteColorLookupTableData")
        if not any(header.has(dataset, table) for table in tables):
            raise _Unusable(say("incomplete: it has no palette for its colours"))
        if allocated not in (8, 16):
            raise _Unusable(say("a palette for {allocated} bits is not supported", allocated=allocated))
        if luts.palette(dataset, allocated) is None:
            raise _Unusable(say("corrupt: the palette of its colours cannot be read"))


_REAL_WORLD_CLASS = "1.2.840.10008.5.1.4.1.1.67"
"""Real World Value Mapping Storage (PS3.3 A.46)."""


def _why_no_image(dataset: Dataset, sop_class: str, head: _Head, has_size: bool) -> str:
    kind = _kind(dataset)
    if sop_class == DICOMDIR_CLASS:
        return say("a DICOMDIR, a directory of other files")
    if sop_class == _REAL_WORLD_CLASS:
        return say("not an image ({kind}): real-world values of other images, which are not used", kind=kind)
    if "Image" in kind or has_size:
        if has_size and head.complete:
            return say("truncated or incomplete: it has no pixel data")
        return say("incomplete: the image has no size (Rows, Columns)")
    if kind:
        return say("not an image ({kind})", kind=kind)
    if not len(dataset):
        return say("truncated or corrupt: the data set is empty")
    return say("not an image: it names no known kind of object")


def _frames_held(file: BinaryIO, size: int, head: _Head, bits_per_frame: int, declared: int) -> int:
    """How many of the ``declared`` frames lie completely within the file."""
    pixels = head.pixels
    assert pixels is not None
    if head.transfer_syntax == DEFLATED:
        return declared  # Known only after inflating; the loader marks frames that are missing.
    if (
        pixels.length is not None
        and head.transfer_syntax not in NATIVE
        and head.transfer_syntax != ENCAPSULATED_UNCOMPRESSED
    ):
        raise _Unusable(say("corrupt: compressed pixel data without its frames' boundaries"))
    if pixels.length is None:
        spans = encapsulated.frame_spans(file, pixels.offset, size, declared, head.dataset)
        return len(spans)
    available = min(pixels.length, size - pixels.offset) * 8
    return min(declared, available // bits_per_frame)
