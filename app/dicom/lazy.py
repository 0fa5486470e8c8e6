"""Headers whose values are looked up where they lie; pydicom parses one in full only when more than that is asked.

Scanning a folder needs some forty values of each file. Finding where the elements lie takes a tenth of the time that
parsing them takes, and it says the same, for it goes only the plain way: little endian, every length within the bytes
at hand, every VR known (PS3.5 7.1, A.1, A.2). At the first thing that is any other it gives up, and pydicom judges.
"""

from __future__ import annotations

import re
import struct
from functools import lru_cache
from io import BytesIO
from typing import Any, NamedTuple

from pydicom import Dataset
from pydicom.charset import python_encoding
from pydicom.datadict import dictionary_VR
from pydicom.dataset import FileMetaDataset
from pydicom.filereader import read_dataset

from app.dicom.syntaxes import DEFLATED, EXPLICIT_BIG, IMPLICIT_LITTLE

_EXPLICIT = struct.Struct("<I2sH").unpack_from
_IMPLICIT = struct.Struct("<II").unpack_from
_LONG = struct.Struct("<I").unpack_from

# A tag read as one little-endian number has its halves swapped, and is used as it comes.
_ITEM, _ITEM_END, _SEQUENCE_END = 0xE000FFFE, 0xE00DFFFE, 0xE0DDFFFE
_DELIMITERS = frozenset((_ITEM, _ITEM_END, _SEQUENCE_END))
_PIXELS = {0x00107FE0: "int", 0x00087FE0: "float", 0x00097FE0: "double"}
_CHARACTER_SET = 0x00050008
_TRANSFER_SYNTAX = 0x00100002
_UNDEFINED = 0xFFFFFFFF

_SHORT_NAMES = "AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US"
_SHORT_VRS = {name.encode(): name for name in _SHORT_NAMES.split(" ")}
_LONG_VRS = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
_META_LONG_VRS = frozenset(b"OB OW UN UT".split())
_DEEPEST = 12

_PLAIN_SETS = {"", "ISO_IR 6", "ISO 2022 IR 6", "ISO 2022 IR 100", "GB18030", "GBK"}
_PLAIN_SETS |= {f"ISO_IR {number}" for number in (100, 101, 109, 110, 126, 127, 138, 144, 148, 192)}
"""Character sets in which printable ASCII is itself (PS3.3 C.12.1.1.2); Japanese ones change two of its letters."""
_NOT_PLAIN = re.compile(rb"[^\x20-\x5b\x5d-\x7e\0]").search


class Unusual(Exception):
    """Not for this reader: pydicom must judge."""


class MoreNeeded(Exception):
    """The header goes on behind the bytes at hand, at least to ``until``."""

    def __init__(self, until: int) -> None:
        super().__init__(until)
        self.until = until


class Value(NamedTuple):
    """One element as it lies in the file. ``VR``: ``None`` where implicit. ``value``: ``None`` where empty."""

    VR: str | None
    value: bytes | None
    is_little_endian: bool = True


class _Found(NamedTuple):
    """``data``: the file up to its pixel data. ``places``: where each element starts, by its swapped tag.
    ``plain_text``: ASCII bytes are ASCII letters.
    """

    data: bytes
    meta_start: int
    start: int
    implicit: bool
    places: dict[int, int]
    plain_text: bool


class LazyDataset(Dataset):
    """A data set that knows where its elements lie, and becomes pydicom's own the first time that anything else is
    wanted of it: exactly what ``read_dataset`` makes of the same bytes.
    """

    _found: _Found | None

    def __init__(self, found: _Found) -> None:
        # Not the base class's: what it sets arrives when pydicom parses.
        self.__dict__["_found"] = found

    def __getattr__(self, name: str) -> Any:
        if self.__dict__.get("_found") is not None:
            self._parse()
            return getattr(self, name)
        return super().__getattr__(name)

    def _parse(self) -> None:
        found = self.__dict__["_found"]
        if found is None:
            return
        body = BytesIO(found.data)
        body.seek(found.start)
        parsed = read_dataset(body, found.implicit, True)
        meta = BytesIO(found.data[found.meta_start : found.start])
        parsed.file_meta = FileMetaDataset(read_dataset(meta, False, True))
        # Threads that come here together each make the same; the first one's stays, and so does what was set before.
        for name, value in parsed.__dict__.items():
            self.__dict__.setdefault(name, value)
        self.__dict__["_found"] = None

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Copies and pickles are pydicom's own."""
        self._parse()
        return _plain, ({name: value for name, value in self.__dict__.items() if name != "_found"},)

    @property
    def is_parsed(self) -> bool:
        """Whether pydicom has parsed it; then ``peek`` must not be asked."""
        return self.__dict__["_found"] is None

    def peek(self, tag: int) -> Value | None:
        """The element's bytes, ``None`` where absent. Raises ``Unusual`` for what only pydicom can read: sequences,
        and everything once it has parsed.
        """
        found = self._found
        if found is None:
            raise Unusual
        at = found.places.get(_swapped(tag))
        if at is None:
            return None
        if found.implicit:
            length: int = _IMPLICIT(found.data, at)[1]
            if length == _UNDEFINED or (length == 0 and _is_sequence(tag)):
                raise Unusual
            return Value(None, found.data[at + 8 : at + 8 + length] or None)
        _, vr, length = _EXPLICIT(found.data, at)
        name = _SHORT_VRS.get(vr)
        if name is not None:
            return Value(name, found.data[at + 8 : at + 8 + length] or None)
        if vr == b"SQ":
            raise Unusual
        (length,) = _LONG(found.data, at + 8)
        return Value(vr.decode("ascii"), found.data[at + 12 : at + 12 + length] or None)

    def holds_any(self, tags: frozenset[int]) -> bool:
        """Whether it has any of these elements. Raises ``Unusual`` once pydicom has parsed."""
        found = self._found
        if found is None:
            raise Unusual
        return not found.places.keys().isdisjoint(_all_swapped(tags))

    def ascii_text(self, tag: int) -> str | None:
        """The text of an element of one value (LO, SH), where no character set can make it mean anything else."""
        found = self._found
        if found is None or not found.plain_text:
            return None
        try:
            element = self.peek(tag)
        except Unusual:
            return None
        if element is None or element.value is None:
            return ""
        if (element.VR or _dictionary_vr(tag)) not in ("LO", "SH") or _NOT_PLAIN(element.value):
            return None
        return element.value.decode("ascii").strip("\0 \t\r\n")


def _plain(state: dict[str, Any]) -> Dataset:
    dataset = Dataset()
    dataset.__dict__.update(state)
    return dataset


class Head(NamedTuple):
    """What ``read`` found. The pixel data's value starts at ``offset``; ``length`` is ``None`` where undefined."""

    dataset: LazyDataset
    transfer_syntax: str
    offset: int
    length: int | None
    kind: str
    vr: str


def read(data: bytes, others: frozenset[int] = frozenset()) -> Head:
    """The header at the start of a file, up to its pixel data. ``others``: tags that only pydicom's reader may meet.

    Raises ``MoreNeeded`` where ``data`` ends before that, ``Unusual`` for anything out of the ordinary.
    """
    if data[128:132] != b"DICM":
        raise Unusual
    start, meta = _meta(data)
    syntax = _uid(data, meta, _TRANSFER_SYNTAX)
    if not syntax or syntax in (DEFLATED, EXPLICIT_BIG):
        raise Unusual
    implicit = syntax == IMPLICIT_LITTLE
    index: dict[int, int] = {}
    walk = _implicit if implicit else _explicit
    try:
        end = walk(data, start, index)
        tag = _LONG(data, end)[0]
        vr = "OW" if implicit else data[end + 4 : end + 6].decode("ascii")
        offset = end + (8 if implicit else 12)
        length = _LONG(data, offset - 4)[0]
    except struct.error as error:
        raise MoreNeeded(len(data) + 1) from error
    if not index.keys().isdisjoint(_all_swapped(others)):
        raise Unusual
    plain_text = _characters(data, index, implicit) <= _PLAIN_SETS
    dataset = LazyDataset(_Found(data[:end], 132, start, implicit, index, plain_text))
    return Head(dataset, syntax, offset, None if length == _UNDEFINED else length, _PIXELS[tag], vr)


def _meta(data: bytes) -> tuple[int, dict[int, int]]:
    """Where the data set starts, and the places of the File Meta Information (PS3.10 7.1)."""
    at, index = 132, {}
    try:
        while data[at : at + 2] == b"\x02\x00":
            tag, vr, length = _EXPLICIT(data, at)
            index[tag] = at
            if vr in _META_LONG_VRS:
                (length,) = _LONG(data, at + 8)
                at += 4
            elif vr not in _SHORT_VRS:
                raise Unusual
            if length == _UNDEFINED:
                raise Unusual
            at += 8 + length
    except struct.error as error:
        raise MoreNeeded(len(data) + 1) from error
    if at + 8 > len(data):
        raise MoreNeeded(at + 8)
    return at, index


def _uid(data: bytes, index: dict[int, int], tag: int) -> str:
    at = index.get(tag)
    if at is None:
        return ""
    _, vr, length = _EXPLICIT(data, at)
    value = data[at + 8 : at + 8 + length].rstrip(b"\0 ")
    if vr != b"UI" or not all(byte in b"0123456789." for byte in value):
        raise Unusual
    return value.decode("ascii")


def _explicit(data: bytes, at: int, index: dict[int, int]) -> int:
    """Where the pixel data's element starts; fills ``index`` with what lies before it."""
    short, long, unpack, size = _SHORT_VRS, _LONG_VRS, _EXPLICIT, len(data)
    while True:
        tag, vr, length = unpack(data, at)
        if vr in short:
            index[tag] = at
            at += 8 + length
        elif vr in long:
            (length,) = _LONG(data, at + 8)
            if tag in _PIXELS:
                break
            index[tag] = at
            if length != _UNDEFINED:
                at += 12 + length
            elif vr == b"SQ":
                at = _skip_sequence(data, at + 12, implicit=False, depth=0)
            else:
                raise Unusual
        else:
            raise Unusual
        if at > size:
            raise MoreNeeded(at)
    if not _PIXELS.keys().isdisjoint(index):
        raise Unusual
    return at


def _implicit(data: bytes, at: int, index: dict[int, int]) -> int:
    size = len(data)
    if data[at + 4 : at + 6].isalpha():
        # pydicom tells explicit from implicit by these two bytes, whatever the transfer syntax says.
        raise Unusual
    while True:
        tag, length = _IMPLICIT(data, at)
        if tag in _PIXELS:
            return at
        if tag in _DELIMITERS:
            raise Unusual
        index[tag] = at
        if length != _UNDEFINED:
            at += 8 + length
        elif _is_sequence(_swapped(tag)):
            at = _skip_sequence(data, at + 8, implicit=True, depth=0)
        else:
            raise Unusual
        if at > size:
            raise MoreNeeded(at)


def _swapped(tag: int) -> int:
    return tag >> 16 | (tag & 0xFFFF) << 16


@lru_cache(16)
def _all_swapped(tags: frozenset[int]) -> frozenset[int]:
    return frozenset(map(_swapped, tags))


def _dictionary_vr(tag: int) -> str:
    try:
        return dictionary_VR(tag)
    except KeyError:
        return ""


def _is_sequence(tag: int) -> bool:
    return _dictionary_vr(tag) == "SQ"


def _skip_sequence(data: bytes, at: int, *, implicit: bool, depth: int) -> int:
    """The end of a sequence of undefined length whose first item starts at ``at`` (PS3.5 7.5)."""
    if depth > _DEEPEST:
        raise Unusual
    while True:
        tag, length = _IMPLICIT(data, at)
        at += 8
        if tag == _SEQUENCE_END:
            return at
        if tag != _ITEM:
            raise Unusual
        if length != _UNDEFINED and at + length > len(data):
            raise MoreNeeded(at + length)
        end = None if length == _UNDEFINED else at + length
        at = _skip_item(data, at, end, implicit=implicit, depth=depth)


def _skip_item(data: bytes, at: int, end: int | None, *, implicit: bool, depth: int) -> int:
    """Element by element, as pydicom reads them, so that both find the same end."""
    while at != end:
        vr = b""
        tag, length = _IMPLICIT(data, at)
        if tag == _ITEM_END and end is None:
            return at + 8
        if tag in _DELIMITERS or tag == _CHARACTER_SET:
            raise Unusual
        if implicit:
            at += 8
        else:
            vr = data[at + 4 : at + 6]
            if vr in _SHORT_VRS:
                length = length >> 16
                at += 8
            elif vr in _LONG_VRS:
                (length,) = _LONG(data, at + 8)
                at += 12
            else:
                raise Unusual
        if length != _UNDEFINED:
            at += length
        elif vr == b"SQ" or (implicit and _is_sequence(_swapped(tag))):
            at = _skip_sequence(data, at, implicit=implicit, depth=depth + 1)
        else:
            raise Unusual
        if at > len(data):
            raise MoreNeeded(at)
        if end is not None and at > end:
            raise Unusual
    return at


def _characters(data: bytes, index: dict[int, int], implicit: bool) -> set[str]:
    """Terms of the Specific Character Set. pydicom looks at them while it parses, and must judge those it does not
    know.
    """
    at = index.get(_CHARACTER_SET)
    if at is None:
        return set()
    if implicit:
        length = _IMPLICIT(data, at)[1]
    else:
        _, vr, length = _EXPLICIT(data, at)
        if vr != b"CS":
            raise Unusual
    terms = {term.strip(" ") for term in data[at + 8 : at + 8 + length].decode("latin-1").rstrip("\0 ").split("\\")}
    if not terms <= python_encoding.keys():
        raise Unusual
    return terms
