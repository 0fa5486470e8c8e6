"""Where the elements of an unbroken file lie: just enough of PS3.5 7.1 to hit them, and none of the program's code."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from pydicom.datadict import dictionary_VR

UNDEFINED = 0xFFFFFFFF
PIXELS = (0x7FE00010, 0x7FE00008, 0x7FE00009)
_LONG = (b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV")
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_MAX_ELEMENTS = 20_000


@dataclass(frozen=True)
class Element:
    """An element, item or delimiter. ``at``: of its tag, ``length_at`` and ``length_size``: of its length field,
    ``value_at`` and ``length``: of its value. ``depth``: 0 for the data set's own.
    """

    at: int
    tag: int
    vr: bytes
    length_at: int
    length_size: int
    value_at: int
    length: int
    depth: int

    @property
    def end(self) -> int:
        """Where the next one starts; for undefined lengths where the value starts."""
        return self.value_at + (0 if self.length == UNDEFINED else self.length)


@dataclass(frozen=True)
class Structure:
    """``start``: of the data set, behind the File Meta Information. ``pixels_at``: of the pixel data's tag, or the end.
    ``fragments``: the items of encapsulated pixel data, the offset table first.
    """

    elements: tuple[Element, ...]
    fragments: tuple[Element, ...]
    start: int
    pixels_at: int
    implicit: bool
    big: bool
    deflated: bool


def structure_of(data: bytes) -> Structure:
    """The structure of a file; without elements where it is no DICOM file, or deflated."""
    start = 132 if data[128:132] == b"DICM" else 0
    walk = _Walk(data, implicit=False, big=False)
    syntax = b""
    while data[start : start + 2] == b"\x02\x00" and (element := walk.element(start, 0)) is not None:
        walk.found.append(element)
        if element.tag == 0x00020010:
            syntax = data[element.value_at : element.end].strip(b"\0 ")
        start = element.end
    walk.implicit, walk.big = syntax == b"1.2.840.10008.1.2", syntax == b"1.2.840.10008.1.2.2"
    if not syntax:
        walk.implicit = not data[start + 4 : start + 6].isalpha()
        walk.big = data[start : start + 1] == b"\0"
    deflated = syntax == b"1.2.840.10008.1.2.1.99"
    if not deflated:
        walk.run(start)
    pixels = next((e.at for e in walk.found if e.tag in PIXELS and e.depth == 0), len(data))
    return Structure(tuple(walk.found), tuple(walk.fragments), start, pixels, walk.implicit, walk.big, deflated)


class _Walk:
    def __init__(self, data: bytes, *, implicit: bool, big: bool) -> None:
        self.data, self.implicit, self.big = data, implicit, big
        self.found: list[Element] = []
        self.fragments: list[Element] = []

    def run(self, at: int) -> None:
        ends: list[int] = []
        while len(self.found) < _MAX_ELEMENTS:
            while ends and ends[-1] <= at:
                ends.pop()
            element = self.element(at, len(ends))
            if element is None:
                return
            self.found.append(element)
            if element.tag in PIXELS and element.length == UNDEFINED:
                self._fragments(element.value_at)
                return
            if element.tag in (_ITEM_END, _SEQUENCE_END):
                if ends:
                    ends.pop()
                at = element.value_at
            elif element.tag == _ITEM or element.vr == b"SQ" or element.length == UNDEFINED:
                at = element.value_at
                ends.append(len(self.data) if element.length == UNDEFINED else element.end)
            else:
                at = element.end

    def element(self, at: int, depth: int) -> Element | None:
        data, order = self.data, ">" if self.big else "<"
        if at + 8 > len(data):
            return None
        group, number = struct.unpack_from(f"{order}HH", data, at)
        tag = group << 16 | number
        if group == 0xFFFE:
            vr, length_at, size = b"", at + 4, 4
        elif self.implicit:
            vr, length_at, size = _vr_of(tag), at + 4, 4
        else:
            vr = data[at + 4 : at + 6]
            length_at, size = (at + 8, 4) if vr in _LONG else (at + 6, 2)
        if length_at + size > len(data):
            return None
        (length,) = struct.unpack_from(f"{order}{'I' if size == 4 else 'H'}", data, length_at)
        return Element(at, tag, vr, length_at, size, length_at + size, length, depth)

    def _fragments(self, at: int) -> None:
        implicit, self.implicit = self.implicit, True
        while (element := self.element(at, 0)) is not None and element.tag == _ITEM:
            self.fragments.append(element)
            at = element.end
        self.implicit = implicit


def _vr_of(tag: int) -> bytes:
    try:
        return dictionary_VR(tag)[:2].encode()
    except KeyError:
        return b"UN"
