"""Encapsulated pixel data: where each frame's compressed bytes lie in the file (PS3.5 A.4).

Only item headers are read, never the fragments, so a large cine is indexed in milliseconds.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, BinaryIO

from app.dicom import header

if TYPE_CHECKING:
    from pydicom import Dataset

Span = tuple[int, int]
"""(offset in the file, length in bytes) of one fragment's value."""

_ITEM = 0xFFFEE000
_DELIMITER = 0xFFFEE0DD
_MAX_FRAGMENTS = 4_000_000
_BLOCK = 32
_HEADER = struct.Struct("<HHI").unpack_from


def frame_spans(
    file: BinaryIO, offset: int, size: int, frames: int, dataset: Dataset | None = None
) -> tuple[tuple[Span, ...], ...]:
    """The fragments of each frame that lies completely within the file; at most ``frames`` of them.

    ``offset``: of the first item (the Basic Offset Table), ``size``: of the file. Frame boundaries come from the
    Extended Offset Table or the Basic Offset Table where they fit, then from one fragment a frame, then from where a
    JPEG, JPEG-LS or JPEG 2000 codestream starts.
    """
    table, fragments = _items(file, offset, size)
    if not fragments:
        return ()
    if frames == 1:
        return (tuple(fragments),)
    if len(fragments) == frames:
        return tuple((span,) for span in fragments)
    first = fragments[0][0] - 8
    for starts in (_extended_table(dataset), table):
        grouped = _by_table(fragments, [first + start for start in starts], frames)
        if grouped:
            return grouped
    if len(fragments) < frames:
        return tuple((span,) for span in fragments)
    return _by_markers(file, fragments)[:frames]


def read(file: BinaryIO, spans: tuple[Span, ...]) -> bytes:
    """The compressed bytes of one frame."""
    parts = []
    for offset, length in spans:
        file.seek(offset)
        parts.append(file.read(length))
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _items(file: BinaryIO, offset: int, size: int) -> tuple[tuple[int, ...], list[Span]]:
    """The Basic Offset Table, and the fragments that lie completely within the file."""
    table: tuple[int, ...] = ()
    fragments: list[Span] = []
    at, is_first = offset, True
    # Most often the table is empty: one read brings its header and that of the first fragment.
    file.seek(offset)
    block, start = file.read(_BLOCK), offset
    while at + 8 <= size and len(fragments) < _MAX_FRAGMENTS:
        if not start <= at <= start + len(block) - 8:
            file.seek(at)
            block, start = file.read(_BLOCK), at
        group, element, length = _HEADER(block, at - start)
        if group << 16 | element != _ITEM or at + 8 + length > size:
            break
        if is_first:
            file.seek(at + 8)
            data = file.read(length // 4 * 4)
            table = struct.unpack(f"<{len(data) // 4}I", data)
            is_first = False
        else:
            fragments.append((at + 8, length))
        at += 8 + length
    return table, fragments


def _extended_table(dataset: Dataset | None) -> tuple[int, ...]:
    if dataset is None or "ExtendedOffsetTable" not in dataset:
        return ()
    try:
        data = dataset["ExtendedOffsetTable"].value
        return struct.unpack(f"<{len(data) // 8}Q", data)
    except header.PARSE_ERRORS:
        return ()


def _by_table(fragments: list[Span], starts: list[int], frames: int) -> tuple[tuple[Span, ...], ...]:
    """Fragments grouped by the offsets of their frames; empty where the table does not fit the file."""
    if not starts or len(starts) > frames:
        return ()
    known = {span[0] - 8: i for i, span in enumerate(fragments)}
    if any(start not in known for start in starts if start <= fragments[-1][0]):
        return ()
    cuts = [known[start] for start in starts if start in known]
    if cuts != sorted(set(cuts)) or cuts[0] != 0:
        return ()
    return tuple(tuple(fragments[a:b]) for a, b in zip(cuts, [*cuts[1:], len(fragments)], strict=True))


def _by_markers(file: BinaryIO, fragments: list[Span]) -> tuple[tuple[Span, ...], ...]:
    """Fragments grouped by those that begin a codestream: FFD8 (JPEG, JPEG-LS), FF4F FF51 (JPEG 2000) or a JP2 box."""
    groups: list[list[Span]] = []
    for offset, length in fragments:
        file.seek(offset)
        start = file.read(min(length, 12))
        begins = start[:3] == b"\xff\xd8\xff" or start[:4] == b"\xff\x4f\xff\x51" or start[4:8] == b"jP  "
        if begins or not groups:
            groups.append([])
        groups[-1].append((offset, length))
    return tuple(tuple(group) for group in groups)
