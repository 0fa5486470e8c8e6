"""How a file is broken: one to four changes, drawn from a seeded generator, most of them where they hurt."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from random import Random

from pydicom.datadict import tag_for_keyword

from tests.mutations.structure import UNDEFINED, Element, Structure, structure_of

Change = Callable[[bytearray, Structure, Random], None]

_HEADER_SHARE = 0.65
_LENGTHS = (0, 1, 2, 3, 7, 8, 0x7F, 0xFF, 0xFFFE, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, UNDEFINED)
_VRS = [
    "AE",
    "AS",
    "AT",
    "CS",
    "DA",
    "DS",
    "DT",
    "FD",
    "FL",
    "IS",
    "LO",
    "LT",
    "OB",
    "OD",
    "OF",
    "OL",
    "OV",
    "OW",
    "PN",
    "SH",
    "SL",
    "SQ",
    "SS",
    "ST",
    "SV",
    "TM",
    "UC",
    "UI",
    "UL",
    "UN",
    "UR",
    "US",
    "UT",
    "UV",
    "ZZ",
]

_COUNTS = (0, 1, 2, 3, 4, 7, 8, 9, 12, 15, 16, 17, 24, 32, 33, 64, 255, 256, 1000, 4096, 32767, 32768, 65534, 65535)
_NUMBERS = (
    "", "0", "-0", "1", "-1", "0.5", "1e-320", "1e-30", "1e-5", "1e5", "1e15", "1e30", "1e154", "1e300",
    "1.7976931348623157e308", "-1e308", "1e309", "nan", "inf", "-inf", "NaN", "abc", "1,5", " 2 ", "0x10", "1_000",
    "\u00b2", "2147483647", "-2147483648", "2147483648", "4294967296", "99999999999999999999", "1e", "--1", "+7",
    "\u0661",
)  # fmt: skip
_TEXTS = (
    b"", b" ", b"\0", b"\\", b"\\\\\\", b"^", b"^^^^", b"=", b"a=b=c=d=e", b"\x1b$B", b"\x1b$B\x21", b"\x1b(J\x5c",
    b"\xff\xfe", b"\xed\xa0\x80", b"\xc3", b"\xf4\x90\x80\x80", b"line\nline", b"\r\x07\x1b[2J",
    "\u202egnirts".encode(), b"x" * 70_000, b"../../etc/passwd", b"00000000", b"\xb2\xb9\xb3\xb20101", b"12\xb2\xb3",
    b"0\xb2\xb9Y", b"99999999", b"20240230", b"240000", b"256060.9", b"999Y", b"-01Y", b"1e5", b"NaN",
)  # fmt: skip
_CODES = (
    "MONOCHROME1", "MONOCHROME2", "PALETTE COLOR", "RGB", "YBR_FULL", "YBR_FULL_422", "YBR_PARTIAL_422", "YBR_ICT",
    "YBR_RCT", "HSV", "ARGB", "CMYK", "SIGMOID", "LINEAR_EXACT", "LINEAR", "IDENTITY", "INVERSE", "CT", "MR", "PT",
    "US", "DX", "MG", "XA", "GML", "BQML", "CNTS", "CM2ML", "ADMIN", "START", "NONE", "BINARY", "FRACTIONAL",
    "LABELMAP", "RECTANGULAR\\CIRCULAR", "POLYGONAL", "LOCALIZER", "DERIVED\\SECONDARY\\LOCALIZER", "GEOMETRY",
    "FIDUCIAL", "01", "ISO_IR 100", "ISO_IR 192", "GB18030", "ISO 2022 IR 87", "ISO 2022 IR 6\\ISO 2022 IR 87",
    "\\ISO 2022 IR 149", "ISO_IR 999", "",
)  # fmt: skip
_CLASSES = (
    "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.5.1.4.1.1.128",
    "1.2.840.10008.5.1.4.1.1.7", "1.2.840.10008.5.1.4.1.1.2.1", "1.2.840.10008.5.1.4.1.1.4.1",
    "1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7", "1.2.840.10008.5.1.4.1.1.481.2",
    "1.2.840.10008.5.1.4.1.1.481.3", "1.2.840.10008.5.1.4.1.1.11.1", "1.2.840.10008.1.3.10",
    "1.2.840.10008.5.1.4.1.1.88.11", "1.2.840.10008.5.1.4.1.1.88.59", "1.2.840.10008.5.1.4.1.1.104.1",
    "1.2.840.10008.5.1.4.1.1.30", "1.2.3", "", "not a uid",
)  # fmt: skip
_SYNTAXES = (
    "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99",
    "1.2.840.10008.1.2.1.98", "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.8.1", *(f"1.2.840.10008.1.2.4.{n}" for n in
    (50, 51, 57, 70, 80, 81, 90, 91, 92, 93, 100, 102, 104, 107, 110, 201, 202, 203)), "1.2.3", "",
)  # fmt: skip

_US = (
    "Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "SamplesPerPixel",
    "PlanarConfiguration", "PixelPaddingValue", "PixelPaddingRangeLimit", "SmallestImagePixelValue",
    "LargestImagePixelValue", "ReferencedSegmentNumber", "SegmentNumber", "MaximumFractionalValue",
    "PhysicalUnitsXDirection", "RegionSpatialFormat", "TemporalPositionIndex", "ShutterPresentationValue",
    "RecommendedDisplayFrameRate", "DimensionIndexValues",
)  # fmt: skip
_DS = (
    "PixelSpacing", "ImagerPixelSpacing", "ImagePositionPatient", "ImageOrientationPatient", "RescaleSlope",
    "RescaleIntercept", "WindowCenter", "WindowWidth", "SliceThickness", "SpacingBetweenSlices", "FrameTime",
    "FrameTimeVector", "EchoTime", "TriggerTime", "FlipAngle", "EstimatedRadiographicMagnificationFactor",
    "LossyImageCompressionRatio", "PatientWeight", "PatientSize", "RadionuclideTotalDose", "RadionuclideHalfLife",
    "FrameReferenceTime", "DecayFactor", "SliceLocation", "DoseGridScaling", "GridFrameOffsetVector", "ContourData",
    "CineRate", "PixelAspectRatio", "PresentationPixelSpacing",
)  # fmt: skip
_IS = (
    "NumberOfFrames", "InstanceNumber", "SeriesNumber", "AcquisitionNumber", "ReferencedFrameNumber", "EchoNumbers",
    "NumberOfContourPoints", "ROINumber", "ReferencedROINumber", "ROIDisplayColor", "TemporalPositionIdentifier",
    "ShutterLeftVerticalEdge", "ShutterRightVerticalEdge", "ShutterUpperHorizontalEdge",
    "ShutterLowerHorizontalEdge", "CenterOfCircularShutter", "RadiusOfCircularShutter",
    "VerticesOfThePolygonalShutter",
)  # fmt: skip
_CS = (
    "PhotometricInterpretation", "VOILUTFunction", "PresentationLUTShape", "Modality", "Units", "SUVType",
    "DecayCorrection", "CorrectedImage", "ImageType", "ShutterShape", "SpecificCharacterSet",
    "PixelSpacingCalibrationType", "SegmentationType", "LossyImageCompression", "PatientOrientation", "RescaleType",
    "ContourGeometricType", "ValueType", "GraphicType", "LossyImageCompressionMethod",
)  # fmt: skip
_OTHER = {
    "PatientName": "PN", "PatientID": "LO", "PatientBirthDate": "DA", "PatientAge": "AS", "PatientSex": "CS",
    "StudyDate": "DA", "StudyTime": "TM", "SeriesTime": "TM", "AcquisitionTime": "TM", "AcquisitionDateTime": "DT",
    "SeriesDescription": "LO", "WindowCenterWidthExplanation": "LO", "RadiopharmaceuticalStartTime": "TM",
    "TimezoneOffsetFromUTC": "SH", "ReferencedFileID": "CS", "UnformattedTextValue": "ST", "TextValue": "UT",
    "StudyDescription": "LO", "Laterality": "CS", "BodyPartExamined": "CS",
}  # fmt: skip
_FLOATS = (
    "PhysicalDeltaX",
    "PhysicalDeltaY",
    "GraphicData",
    "AnchorPoint",
    "DiffusionBValue",
    "EffectiveEchoTime",
    "RealWorldValueSlope",
)
_DESCRIPTORS = ("LUTDescriptor", *(f"{c}PaletteColorLookupTableDescriptor" for c in ("Red", "Green", "Blue")))
_TABLES = (
    "LUTData",
    *(f"{c}PaletteColorLookupTableData" for c in ("Red", "Green", "Blue")),
    "SegmentedRedPaletteColorLookupTableData",
)
_OVERLAY = (0x60000010, 0x60000011, 0x60000015, 0x60000050, 0x60000051, 0x60000100, 0x60000102)
_MULTIPLICITY = {"PixelSpacing": 2, "ImagerPixelSpacing": 2, "ImagePositionPatient": 3, "ImageOrientationPatient": 6}


def mutated(original: bytes, rng: Random) -> tuple[bytes, str]:
    """``original`` after one to four changes, and their names. The same generator state gives the same bytes."""
    data, names = bytearray(original), []
    structure = structure_of(original)
    if structure.deflated and rng.random() < 0.7:
        # Under the deflate stream, where there is something to hit.
        try:
            inner = zlib.decompress(original[structure.start :], -zlib.MAX_WBITS)
        except zlib.error:
            inner = b""
        plain = bytearray(inner)
        names.append(_once(plain, structure_of(inner), rng))
        squeeze = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
        return original[: structure.start] + squeeze.compress(bytes(plain)) + squeeze.flush(), f"deflated {names[0]}"
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 4))):
        names.append(_once(data, structure_of(bytes(data)), rng))
    return bytes(data), "+".join(names)


def _once(data: bytearray, structure: Structure, rng: Random) -> str:
    changes: list[tuple[Change, float]] = [
        (flip_bits, 2), (random_run, 1.5), (truncate, 1), (insert, 1), (delete, 1), (repeat, 0.5), (zeros, 0.5),
    ]  # fmt: skip
    if structure.elements:
        changes += [
            (length_field, 3), (swap_tags, 1.5), (swap_vr, 1.5), (duplicate, 1), (drop, 1), (nest, 0.7),
            (extreme_value, 8), (hostile_attribute, 6), (transfer_syntax, 0.7),
        ]  # fmt: skip
    if structure.fragments:
        changes += [(fragment_length, 2), (offset_table, 1.5), (codestream, 4), (fragment_count, 1)]
    if data[:4] == b"PK\3\4":
        changes += [(archive_record, 8)]
    change = rng.choices([c for c, _ in changes], [w for _, w in changes])[0]
    change(data, structure, rng)
    return change.__name__


def _anywhere(data: bytearray, structure: Structure, rng: Random) -> int:
    """A byte of the header, mostly, or of the pixel data."""
    border = min(structure.pixels_at, len(data))
    if border and (rng.random() < _HEADER_SHARE or border == len(data)):
        return rng.randrange(border)
    return rng.randrange(border, len(data)) if border < len(data) else 0


# -- any bytes ---------------------------------------------------------------------------------------------------------


def flip_bits(data: bytearray, structure: Structure, rng: Random) -> None:
    for _ in range(rng.choice((1, 2, 8, 50)) if data else 0):
        data[_anywhere(data, structure, rng)] ^= 1 << rng.randrange(8)


def random_run(data: bytearray, structure: Structure, rng: Random) -> None:
    at = _anywhere(data, structure, rng)
    count = min(rng.choice((1, 2, 4, 16, 200)), len(data) - at)
    data[at : at + count] = rng.randbytes(count)


def zeros(data: bytearray, structure: Structure, rng: Random) -> None:
    at = _anywhere(data, structure, rng)
    count = min(rng.choice((2, 8, 64, 5000)), len(data) - at)
    data[at : at + count] = rng.choice((b"\0", b"\xff")) * count


def truncate(data: bytearray, structure: Structure, rng: Random) -> None:
    del data[rng.choice((_anywhere(data, structure, rng), max(len(data) - rng.randrange(1, 40), 0))) :]


def insert(data: bytearray, structure: Structure, rng: Random) -> None:
    at = _anywhere(data, structure, rng)
    data[at:at] = rng.randbytes(rng.choice((1, 2, 7, 8, 300)))


def delete(data: bytearray, structure: Structure, rng: Random) -> None:
    at = _anywhere(data, structure, rng)
    del data[at : at + rng.choice((1, 2, 8, 64, 1000))]


def repeat(data: bytearray, structure: Structure, rng: Random) -> None:
    at = _anywhere(data, structure, rng)
    piece = bytes(data[at : at + rng.choice((2, 8, 100, 2000))])
    data[at:at] = piece * rng.choice((1, 2, 20))


# -- elements ----------------------------------------------------------------------------------------------------------


def _order(structure: Structure) -> str:
    return ">" if structure.big else "<"


def length_field(data: bytearray, structure: Structure, rng: Random) -> None:
    element = rng.choice(structure.elements)
    length = rng.choice(
        (*_LENGTHS, element.length + rng.choice((-2, -1, 1, 2)), rng.randrange(2**16), rng.randrange(2**32))
    )
    _put_length(data, structure, element, length)


def _put_length(data: bytearray, structure: Structure, element: Element, length: int) -> None:
    layout = "H" if element.length_size == 2 else "I"
    length %= 2 ** (8 * element.length_size)
    data[element.length_at : element.value_at] = struct.pack(f"{_order(structure)}{layout}", length)


def swap_tags(data: bytearray, structure: Structure, rng: Random) -> None:
    one, other = rng.choice(structure.elements), rng.choice(structure.elements)
    data[one.at : one.at + 4], data[other.at : other.at + 4] = (
        data[other.at : other.at + 4],
        data[one.at : one.at + 4],
    )


def swap_vr(data: bytearray, structure: Structure, rng: Random) -> None:
    element = rng.choice(structure.elements)
    if not structure.implicit and element.vr:
        data[element.at + 4 : element.at + 6] = rng.choice(_VRS).encode()


def duplicate(data: bytearray, structure: Structure, rng: Random) -> None:
    element = rng.choice(structure.elements)
    piece = bytes(data[element.at : element.end])
    at = rng.choice((element.end, rng.choice(structure.elements).at))
    data[at:at] = piece if len(piece) < 100_000 else piece[:100_000]


def drop(data: bytearray, structure: Structure, rng: Random) -> None:
    element = rng.choice(structure.elements)
    del data[element.at : element.end]


def nest(data: bytearray, structure: Structure, rng: Random) -> None:
    """Sequences within sequences, of defined or undefined length, at the border of two elements."""
    element = rng.choice([e for e in structure.elements if e.depth == 0] or structure.elements)
    tag = struct.pack(f"{_order(structure)}HH", 0x0040, 0x0275)
    form = b"" if structure.implicit else b"SQ\0\0"
    item = struct.pack(f"{_order(structure)}HH", 0xFFFE, 0xE000)
    endless = struct.pack(f"{_order(structure)}I", UNDEFINED)
    depth = rng.choice((1, 3, 30, 300, 2000))
    data[element.at : element.at] = (tag + form + endless + item + endless) * depth


def transfer_syntax(data: bytearray, structure: Structure, rng: Random) -> None:
    for element in structure.elements:
        if element.tag == 0x00020010:
            _replace(data, structure, element, _even(rng.choice(_SYNTAXES).encode(), b"\0"))
            return


def _replace(data: bytearray, structure: Structure, element: Element, value: bytes) -> None:
    """Another value of the right length; sequences around it keep their old lengths, which breaks those."""
    if element.length == UNDEFINED:
        return
    data[element.value_at : element.end] = value
    _put_length(data, structure, element, len(value))


def _even(value: bytes, padding: bytes = b" ") -> bytes:
    return value + padding * (len(value) % 2)


_KEYWORDS = (*_US, *_DS, *_IS, *_CS, *_OTHER, *_FLOATS, *_DESCRIPTORS, *_TABLES, "SOPClassUID")
_BY_TAG: dict[int, str] = {int(tag_for_keyword(keyword) or 0): keyword for keyword in _KEYWORDS}


def _value(keyword: str, structure: Structure, rng: Random) -> tuple[str, bytes]:
    """A VR and a value at the edge of what the attribute may hold, or beyond."""
    order = _order(structure)
    if keyword in _US:
        count = rng.choice((1, 1, 1, 1, 0, 2, 3))
        return "US", struct.pack(f"{order}{count}H", *(rng.choice(_COUNTS) for _ in range(count)))
    if keyword in _DESCRIPTORS:
        entries = (
            rng.choice((0, 1, 255, 256, 65535)),
            rng.choice((0, 1, 32768, 65535)),
            rng.choice((0, 1, 8, 12, 16, 17, 255)),
        )
        return rng.choice(("US", "SS")), struct.pack(f"{order}3H", *entries)[: rng.choice((6, 6, 6, 4, 2))]
    if keyword in _TABLES:
        return rng.choice(("OW", "US", "OB")), rng.randbytes(2 * rng.choice((0, 1, 2, 128, 256, 4096)))
    if keyword in _FLOATS:
        numbers = (0.0, -0.0, 1e308, -1e308, 5e-324, float("nan"), float("inf"), 1.0, 2**31)
        count = rng.choice((1, 2, 6))
        return "FD", struct.pack(f"{order}{count}d", *(rng.choice(numbers) for _ in range(count)))
    if keyword == "SOPClassUID":
        return "UI", _even(rng.choice(_CLASSES).encode(), b"\0")
    if keyword in _CS:
        return "CS", _even(rng.choice(_CODES).encode())
    if keyword in _OTHER:
        return _OTHER[keyword], _even(rng.choice(_TEXTS))[:65534]
    count = _MULTIPLICITY.get(keyword, 1) if rng.random() < 0.8 else rng.choice((0, 1, 2, 3, 7, 500))
    values = "\\".join(rng.choice(_NUMBERS) for _ in range(count))
    return "DS" if keyword in _DS else "IS", _even(
        values.encode("utf-8" if rng.random() < 0.5 else "latin-1", "replace")
    )[:65534]


def extreme_value(data: bytearray, structure: Structure, rng: Random) -> None:
    """An attribute that the file has gets a value that no file should have."""
    known = [element for element in structure.elements if element.tag in _BY_TAG or element.tag in _OVERLAY]
    if not known:
        return
    element = rng.choice(known)
    keyword = _BY_TAG.get(element.tag, "Rows")
    vr, value = _value(keyword, structure, rng)
    if not structure.implicit and vr != "FD" and element.length_size == 2 and rng.random() < 0.1:
        data[element.at + 4 : element.at + 6] = vr.encode()
    _replace(data, structure, element, value)


def hostile_attribute(data: bytearray, structure: Structure, rng: Random) -> None:
    """An attribute that the file lacks (or has once already) appears where its tag belongs."""
    keyword = rng.choice(_KEYWORDS)
    tag = int(tag_for_keyword(keyword) or 0)
    if rng.random() < 0.1:
        tag, keyword = rng.choice((*_OVERLAY, 0x60003000)), "Rows"
    vr, value = _value(keyword, structure, rng)
    top = [element for element in structure.elements if element.depth == 0 and element.tag > 0x0002FFFF]
    behind = next((element for element in top if element.tag >= tag), None)
    at = behind.at if behind is not None else (top[-1].end if top else len(data))
    if behind is not None and behind.tag == tag and behind.length != UNDEFINED and rng.random() < 0.7:
        del data[at : behind.end]
    order = _order(structure)
    head = struct.pack(f"{order}HH", tag >> 16, tag & 0xFFFF)
    if structure.implicit:
        head += struct.pack(f"{order}I", len(value))
    elif vr in ("OW", "OB", "UT"):
        head += vr.encode() + b"\0\0" + struct.pack(f"{order}I", len(value))
    else:
        head += vr.encode() + struct.pack(f"{order}H", len(value))
    data[at:at] = head + value


# -- encapsulated pixel data -------------------------------------------------------------------------------------------


def fragment_length(data: bytearray, structure: Structure, rng: Random) -> None:
    fragment = rng.choice(structure.fragments)
    _put_length(
        data,
        structure,
        fragment,
        rng.choice((*_LENGTHS, fragment.length - 1, fragment.length + 1, fragment.length + 8)),
    )


def offset_table(data: bytearray, structure: Structure, rng: Random) -> None:
    table = structure.fragments[0]
    count = rng.choice((0, 1, 2, len(structure.fragments) - 1, len(structure.fragments), 500))
    entries = [rng.choice((0, 8, 1, 0xFFFFFFFF, 0x7FFFFFFF, rng.randrange(1 << 20))) for _ in range(count)]
    if rng.random() < 0.5:
        entries = sorted(entries)
    _replace(data, structure, table, struct.pack(f"<{count}I", *entries))


def codestream(data: bytearray, structure: Structure, rng: Random) -> None:
    """A few bytes of a compressed frame, mostly of its markers."""
    fragment = rng.choice(structure.fragments[1:] or structure.fragments)
    if not fragment.length or fragment.length == UNDEFINED:
        return
    for _ in range(rng.choice((1, 1, 2, 5, 30))):
        reach = min(fragment.length, 160) if rng.random() < 0.7 else fragment.length
        at = min(fragment.value_at + rng.randrange(reach), len(data) - 1)
        data[at] = rng.choice((0, 1, 0xFF, 0x80, rng.randrange(256)))


def fragment_count(data: bytearray, structure: Structure, rng: Random) -> None:
    """Fragments are lost, doubled or emptied."""
    fragment = rng.choice(structure.fragments)
    piece = bytes(data[fragment.at : fragment.end])
    choice = rng.randrange(4)
    if choice == 0:
        del data[fragment.at : fragment.end]
    elif choice == 1:
        data[fragment.at : fragment.at] = piece[:50_000] * rng.choice((1, 3))
    elif choice == 2:
        _replace(data, structure, fragment, b"")
    else:
        data[fragment.at : fragment.at] = b"\xfe\xff\x00\xe0\x00\x00\x00\x00" * rng.choice((1, 100, 20_000))


# -- archives ----------------------------------------------------------------------------------------------------------


def archive_record(data: bytearray, structure: Structure, rng: Random) -> None:
    """Bytes of a ZIP record: local header, central directory, or end."""
    marks = [
        at
        for at in range(len(data) - 4)
        if data[at : at + 2] == b"PK" and data[at + 2 : at + 4] in (b"\3\4", b"\1\2", b"\5\6")
    ]
    for _ in range(rng.choice((1, 2, 4)) if marks else 0):
        at = min(rng.choice(marks) + 4 + rng.randrange(50), len(data) - 1)
        data[at] = rng.choice((0, 1, 0xFF, rng.randrange(256)))
