"""What a compressed frame says about itself in its first markers, read before any decoder sees it.

A hostile stream that claims 65,535 × 65,535 pixels must be refused before a decoder allocates them.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

_NOT_FRAMES = {0xC4, 0xC8, 0xCC}
_NO_LENGTH = {0x01, *range(0xD0, 0xD9)}


@dataclass(frozen=True)
class StreamInfo:
    """``precision``: bits a sample. ``signed``: JPEG 2000 alone. ``adobe_transform``: of APP14, ``None`` where
    absent.
    """

    rows: int
    columns: int
    components: int
    precision: int
    signed: bool = False
    adobe_transform: int | None = None
    jfif: bool = False
    component_ids: tuple[int, ...] = ()


def jpeg(data: bytes) -> StreamInfo | None:
    """The frame header of a JPEG or JPEG-LS stream (ITU-T T.81 B.2.2, T.87 C.2.2), or ``None`` where there is none."""
    adobe: int | None = None
    jfif = False
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker in _NO_LENGTH:
            at += 2
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        body = data[at + 4 : at + 2 + length]
        if marker == 0xEE and body[:5] == b"Adobe" and len(body) >= 12:
            adobe = body[11]
        elif marker == 0xE0 and body[:4] == b"JFIF":
            jfif = True
        elif (0xC0 <= marker <= 0xCF and marker not in _NOT_FRAMES) or marker == 0xF7:
            if len(body) < 6:
                return None
            precision, rows, columns, components = struct.unpack_from(">BHHB", body)
            return StreamInfo(rows, columns, components, precision, False, adobe, jfif, tuple(body[6::3]))
        elif marker in (0xD9, 0xDA):
            return None
        at += 2 + length
    return None


def jpeg2000(data: bytes) -> StreamInfo | None:
    """The SIZ marker of a JPEG 2000 codestream, raw or within a JP2 file (ITU-T T.800 A.5.1), or ``None``."""
    at = data.find(b"\xff\x4f\xff\x51", 0, 4096)
    if at < 0 or len(data) < at + 45:
        return None
    x1, y1, x0, y0 = struct.unpack_from(">4I", data, at + 8)
    (components,) = struct.unpack_from(">H", data, at + 40)
    depth = data[at + 42]
    return StreamInfo(y1 - y0, x1 - x0, components, (depth & 0x7F) + 1, bool(depth & 0x80))
