"""Attributes of a header as plain Python values: absent, empty and malformed ones are all "not there".

pydicom converts lazily and raises or warns on odd values; files in the wild are full of them, and its messages quote
patient data. So every read of a header goes through these functions, which never raise and never log.
"""

from __future__ import annotations

import logging
import math
import struct
import warnings
from typing import TYPE_CHECKING, Any

import pydicom
from pydicom import Dataset
from pydicom.datadict import tag_for_keyword
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence
from pydicom.valuerep import PersonName

from app.dicom.faults import DATA_ERRORS
from app.dicom.lazy import LazyDataset, Unusual, Value

if TYPE_CHECKING:
    from collections.abc import Sequence as AnySequence

    from pydicom.dataelem import DataElement, RawDataElement

PARSE_ERRORS: tuple[type[Exception], ...] = (*DATA_ERRORS, BytesLengthException, InvalidDicomError)
"""What pydicom and the codecs raise on bytes that are not what they claim to be."""


def _silence() -> None:
    # Patient data never reaches logs: pydicom's messages quote the values they complain about.
    pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
    logger = logging.getLogger("pydicom")
    logger.addHandler(logging.NullHandler())
    logger.propagate = False
    warnings.filterwarnings("ignore", module=r"pydicom(\..*)?$")


_silence()

LARGEST = 1e25
"""The largest number that an attribute may hold. Some writers put the largest of its type for "unknown"."""
_FINEST_MM, _COARSEST_MM = 1e-7, 1e4
_BINARY = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "FL": "f", "FD": "d", "UV": "Q", "SV": "q", "AT": "H"}
_TAGS: dict[str | int, int] = {}


Key = str | int
"""An attribute's keyword; or its tag, where it has none of its own: overlay groups, private elements."""


def _tag(keyword: Key) -> int:
    if isinstance(keyword, int):
        return keyword
    tag = _TAGS.get(keyword)
    if tag is None:
        found = tag_for_keyword(keyword)
        if found is None:
            raise KeyError(keyword)
        tag = _TAGS[keyword] = found
    return tag


def _element(dataset: Dataset, keyword: Key) -> DataElement | RawDataElement | Value | None:
    tag = _TAGS.get(keyword) or _tag(keyword)
    if type(dataset) is LazyDataset:
        try:
            return dataset.peek(tag)
        except Unusual:
            pass
    if tag not in dataset:
        return None
    try:
        return dataset.get_item(tag)
    except PARSE_ERRORS:
        return None


def has(dataset: Dataset, keyword: Key) -> bool:
    """Whether the attribute is there with any value."""
    element = _element(dataset, keyword)
    return element is not None and element.value not in (None, b"", "")


def holds_any(dataset: Dataset, tags: frozenset[int]) -> bool:
    """Whether any of the elements is there, empty or not."""
    if type(dataset) is LazyDataset:
        try:
            return dataset.holds_any(tags)
        except Unusual:
            pass
    return not tags.isdisjoint(dataset.keys())


def code(dataset: Dataset, keyword: Key) -> str:
    """A code string, UID, date, time or other value without character set (CS, UI, DA, TM, ...); first value or
    ``""``.
    """
    element = _element(dataset, keyword)
    if element is None or not isinstance(element.value, bytes):
        values = _codes(element)
        return values[0] if values else ""
    return element.value.decode("latin-1").strip("\0 \t\r\n").partition("\\")[0].strip("\0 \t")


def codes(dataset: Dataset, keyword: Key) -> tuple[str, ...]:
    """All values of a code string, blanks stripped; empty where absent."""
    return _codes(_element(dataset, keyword))


def _codes(element: DataElement | RawDataElement | Value | None) -> tuple[str, ...]:
    if element is None or element.value is None or isinstance(element.value, Sequence):
        return ()
    value = element.value
    if isinstance(value, bytes):
        joined = value.decode("latin-1").strip("\0 \t\r\n")
        return tuple(part.strip("\0 \t") for part in joined.split("\\")) if joined else ()
    if isinstance(value, MultiValue | list | tuple):
        return tuple(str(part).strip() for part in value)
    return (str(value).strip(),) if str(value).strip() else ()


def text(dataset: Dataset, keyword: Key) -> str:
    """Free text in the file's character set, several values joined by ``\\``; ``""`` where absent."""
    if _element(dataset, keyword) is None:
        return ""
    plain = dataset.ascii_text(_tag(keyword)) if type(dataset) is LazyDataset else None
    if plain is not None:
        return plain
    try:
        value = dataset[_tag(keyword)].value
    except PARSE_ERRORS:
        return code(dataset, keyword)
    if value is None or isinstance(value, Sequence):
        return ""
    if isinstance(value, MultiValue | list | tuple):
        return "\\".join(str(part).strip() for part in value)
    return str(value).strip("\0 \t\r\n")


def person_name(dataset: Dataset, keyword: Key) -> str:
    """The alphabetic group of a person name for reading, ``"Family, Given Middle"``; ideographic where that is all.

    # PS3.5 6.2.1.2
    """
    if _element(dataset, keyword) is None:
        return ""
    try:
        value = dataset[_tag(keyword)].value
        name = value if isinstance(value, PersonName) else PersonName(str(value or ""))
        groups = [str(name.alphabetic), str(name.ideographic), str(name.phonetic)]
    except PARSE_ERRORS:
        groups = code(dataset, keyword).split("=")
    group = next((group for group in groups if group.strip(" ^")), "")
    parts = [part.strip() for part in group.split("^")] + [""] * 5
    family, given, middle, prefix, suffix = parts[:5]
    first = " ".join(part for part in (prefix, given, middle) if part)
    last = " ".join(part for part in (family, suffix) if part)
    return ", ".join(part for part in (last, first) if part)


def numbers(dataset: Dataset, keyword: Key, *, limit: float = LARGEST) -> tuple[float, ...]:
    """All values of a numeric attribute (DS, IS or binary); ``()`` where absent or where any value is not a finite
    number, or beyond ``limit``: no quantity is so large, and arithmetic with it overflows.
    """
    element = _element(dataset, keyword)
    if element is None or element.value is None:
        return ()
    try:
        values = _numbers(element, keyword)
    except PARSE_ERRORS:
        return ()
    return values if all(math.isfinite(value) and abs(value) <= limit for value in values) else ()


def _numbers(element: DataElement | RawDataElement | Value, keyword: Key) -> tuple[float, ...]:
    value: Any = element.value
    if isinstance(value, bytes):
        vr = element.VR
        if vr is None or vr == "UN":
            vr = _dictionary_vr(_tag(keyword))
        letter = _BINARY.get(str(vr)[:2])
        if letter is not None:
            order = "<" if getattr(element, "is_little_endian", True) else ">"
            if letter == "H" and len(value) == 2:
                return (float(int.from_bytes(value, "little" if order == "<" else "big")),)
            size = struct.calcsize(f"={letter}")
            return tuple(
                float(n)
                for n in struct.unpack(f"{order}{len(value) // size}{letter}", value[: len(value) // size * size])
            )
        parts = value.decode("latin-1").strip("\0 \t\r\n").split("\\")
        return tuple(map(float, parts)) if parts != [""] else ()
    if isinstance(value, MultiValue | list | tuple):
        return tuple(float(part) for part in value)
    return (float(value),) if value not in (None, "") else ()


def _dictionary_vr(tag: int) -> str:
    try:
        return pydicom.datadict.dictionary_VR(tag)
    except KeyError:
        # Private numbers of implicit files: those that Scoutview reads are decimal strings.
        return "DS"


def private_tag(dataset: Dataset, group: int, creator: str, element: int) -> int | None:
    """The tag of a private attribute, by its creator's name and its last two hexadecimal digits; ``None`` where the
    creator has reserved no block.

    # PS3.5 7.8.1
    """
    for block in range(0x10, 0x100):
        if code(dataset, group << 16 | block).lower() == creator.lower():
            return group << 16 | block << 8 | element
    return None


def number(dataset: Dataset, keyword: Key, *, limit: float = LARGEST) -> float | None:
    """The first value of a numeric attribute, or ``None``."""
    values = numbers(dataset, keyword, limit=limit)
    return values[0] if values else None


def integer(dataset: Dataset, keyword: Key) -> int | None:
    """The first value of an integer attribute, or ``None`` where absent or not whole."""
    value = number(dataset, keyword)
    return int(value) if value is not None and value == int(value) else None


def items(dataset: Dataset, keyword: Key) -> AnySequence[Dataset]:
    """The items of a sequence; empty where absent or malformed."""
    if _element(dataset, keyword) is None:
        return ()
    try:
        value = dataset[_tag(keyword)].value
        return [item for item in value if isinstance(item, Dataset)] if value is not None else ()
    except PARSE_ERRORS:
        return ()


def positive_pair(dataset: Dataset, keyword: Key) -> tuple[float, float] | None:
    """A spacing (between rows, between columns); ``None`` where absent, zero, negative, not finite, or no size that a
    pixel can have.
    """
    values = numbers(dataset, keyword)
    if len(values) != 2 or not all(_FINEST_MM <= value <= _COARSEST_MM for value in values):
        return None
    return values[0], values[1]


def raw_bytes(dataset: Dataset, keyword: Key) -> tuple[bytes, bool]:
    """The bytes of a table (OB, OW or US), and whether its words are little endian; ``(b"", True)`` where absent."""
    element = _element(dataset, keyword)
    value = None if element is None else element.value
    if value is None:
        return b"", True
    if isinstance(value, bytes):
        little = getattr(element, "is_little_endian", None)
        return value, _is_little_endian(dataset) if little is None else bool(little)
    try:
        numbers_ = [value] if isinstance(value, int) else list(value)
        return b"".join(struct.pack("<H", int(number_) & 0xFFFF) for number_ in numbers_), True
    except PARSE_ERRORS:
        return b"", True


def vr(dataset: Dataset, keyword: Key) -> str:
    """The value representation as the file has it; ``""`` where absent or implicit."""
    element = _element(dataset, keyword)
    return str(element.VR or "") if element is not None else ""


def words(dataset: Dataset, keyword: Key) -> tuple[int, ...]:
    """All values of a lookup table descriptor as unsigned 16-bit words, whatever sign its VR gives them."""
    data, is_little_endian = raw_bytes(dataset, keyword)
    return struct.unpack(f"{'<' if is_little_endian else '>'}{len(data) // 2}H", data[: len(data) // 2 * 2])


def _is_little_endian(dataset: Dataset) -> bool:
    try:
        return dataset.original_encoding[1] is not False
    except PARSE_ERRORS:
        return True
