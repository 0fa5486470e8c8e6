"""Known-answer studies, written to a folder: small, synthetic, and wrong on purpose where a test asks for it.

Every writer returns the paths that it wrote. Pixels are functions of their index, so that a test can say what it must
see at any voxel without reading the file that it checks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pydicom import Dataset
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    ComputedRadiographyImageStorage,
    CTImageStorage,
    DigitalXRayImageStorageForPresentation,
    EnhancedCTImageStorage,
    ExplicitVRLittleEndian,
    JPEGLSLossless,
    RLELossless,
    SecondaryCaptureImageStorage,
    UltrasoundMultiFrameImageStorage,
)

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
CORONAL = (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)
SAGITTAL = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
OBLIQUE = (0.8, 0.6, 0.0, -0.36, 0.48, 0.8)
"""Image orientations (PS3.3 C.7.6.2.1.1): cosines of the row direction, then of the column direction."""

CT_SHAPE = (3, 23, 38)
"""(slices, rows, columns) of ``ct`` unless asked otherwise: no two extents are equal."""
CORNER = 3000
"""Stored value that marks voxel (0, 0, 0) of ``ct``."""


def uid(*parts: object) -> str:
    """A valid UID that depends on ``parts`` alone."""
    digest = hashlib.sha256(repr(parts).encode()).digest()
    return f"2.25.{int.from_bytes(digest[:15], 'big')}"


def ct_values(shape: tuple[int, int, int] = CT_SHAPE) -> npt.NDArray[np.int16]:
    """Stored values of ``ct``, shape (slices, rows, columns): ``100·k + 10·row + column``, with the corner marked."""
    k, row, column = np.indices(shape)
    values = (100 * k + 10 * row + column).astype(np.int16)
    values[0, 0, 0] = CORNER
    return values


def ct(
    folder: Path,
    *,
    shape: tuple[int, int, int] = CT_SHAPE,
    voxels: npt.NDArray[np.int16] | None = None,
    orientation: Sequence[float] = AXIAL,
    spacing: tuple[float, float, float] = (2.5, 0.7, 0.4),
    origin: Sequence[float] = (-10.0, -20.0, 30.0),
    reverse: bool = False,
    shuffle: bool = True,
    gaps: Sequence[int] = (),
    tilt_degrees: float = 0.0,
    slope: float = 1.0,
    intercept: float = -1024.0,
    window: tuple[float, float] | None = (40.0, 400.0),
    transfer_syntax: str = ExplicitVRLittleEndian,
    series: str = "ct",
    patient_id: str = "PHANTOM",
    **attributes: Any,
) -> list[Path]:
    """An asymmetric CT volume with one marked corner; the paths in order of increasing k (file names are shuffled).

    ``spacing``: mm between slices, rows, columns. ``reverse``: Instance Numbers run against the positions. ``gaps``:
    slices that are left out. ``tilt_degrees``: gantry tilt, which shears the stack along its columns. ``window``:
    (centre, width). ``transfer_syntax``: native, JPEG-LS lossless or RLE. Other keywords are attributes of every
    image; ``None`` removes one, a callable is called with k.
    """
    folder.mkdir(parents=True, exist_ok=True)
    values = ct_values(shape) if voxels is None else np.asarray(voxels, dtype=np.int16)
    cosines = np.asarray(orientation, dtype=np.float64)
    step = np.cross(cosines[:3], cosines[3:]) * spacing[0]
    step = step + cosines[3:] * spacing[0] * np.tan(np.radians(tilt_degrees))
    count = len(values)
    paths = []
    for k in range(count):
        if k in gaps:
            continue
        number = count - k if reverse else k + 1
        dataset = _image(CTImageStorage, "CT", values[k], series, number, patient_id)
        dataset.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
        dataset.FrameOfReferenceUID = uid(series, "frame of reference")
        dataset.ImageOrientationPatient = [_ds(c) for c in cosines]
        dataset.ImagePositionPatient = [_ds(p) for p in np.asarray(origin) + k * step]
        dataset.PixelSpacing = [_ds(spacing[1]), _ds(spacing[2])]
        dataset.SliceThickness = _ds(spacing[0])
        dataset.RescaleSlope, dataset.RescaleIntercept = _ds(slope), _ds(intercept)
        dataset.RescaleType = "HU"
        dataset.KVP = "120"
        if window is not None:
            dataset.WindowCenter, dataset.WindowWidth = _ds(window[0]), _ds(window[1])
        _set(dataset, attributes, k)
        # Names that sort against the positions, so that no test passes by the order of a folder.
        name = f"{(k * 7919 + 13) % 9973:05d}" if shuffle else f"{k:05d}"
        paths.append(_save(dataset, folder / f"{name}.dcm", transfer_syntax))
    return paths


def enhanced_ct(
    path: Path,
    *,
    shape: tuple[int, int, int] = CT_SHAPE,
    orientation: Sequence[float] = AXIAL,
    spacing: tuple[float, float, float] = (2.5, 0.7, 0.4),
    origin: Sequence[float] = (-10.0, -20.0, 30.0),
    order: Sequence[int] | None = None,
    transfer_syntax: str = ExplicitVRLittleEndian,
    **attributes: Any,
) -> list[Path]:
    """The volume of ``ct`` as one multi-frame object; frame f holds slice ``order[f]``, with its own rescale intercept.

    Frame f of slice k has Rescale Intercept −1024 − k, so that a reader that takes one for all is caught.
    """
    values = ct_values(shape)
    slices = list(range(shape[0])) if order is None else list(order)
    dataset = _image(EnhancedCTImageStorage, "CT", values[0], "enhanced", 1, "PHANTOM")
    dataset.NumberOfFrames = len(slices)
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]
    dataset.FrameOfReferenceUID = uid("enhanced", "frame of reference")
    cosines = np.asarray(orientation, dtype=np.float64)
    step = np.cross(cosines[:3], cosines[3:]) * spacing[0]
    shared = Dataset()
    measures = Dataset()
    measures.PixelSpacing = [_ds(spacing[1]), _ds(spacing[2])]
    measures.SliceThickness = _ds(spacing[0])
    plane = Dataset()
    plane.ImageOrientationPatient = [_ds(c) for c in cosines]
    shared.PixelMeasuresSequence, shared.PlaneOrientationSequence = [measures], [plane]
    dataset.SharedFunctionalGroupsSequence = [shared]
    frames = []
    for k in slices:
        frame, position, transform, voi = Dataset(), Dataset(), Dataset(), Dataset()
        position.ImagePositionPatient = [_ds(p) for p in np.asarray(origin) + k * step]
        transform.RescaleSlope, transform.RescaleIntercept, transform.RescaleType = "1", _ds(-1024.0 - k), "HU"
        voi.WindowCenter, voi.WindowWidth = _ds(40.0 + k), "400"
        frame.PlanePositionSequence, frame.PixelValueTransformationSequence = [position], [transform]
        frame.FrameVOILUTSequence = [voi]
        frames.append(frame)
    dataset.PerFrameFunctionalGroupsSequence = frames
    dataset.PixelData = np.ascontiguousarray(values[slices]).tobytes()
    _set(dataset, attributes, 0)
    return [_save(dataset, path, transfer_syntax)]


def radiograph_values(shape: tuple[int, int] = (120, 96), bits: int = 12) -> npt.NDArray[np.uint16]:
    """Stored values of ``radiograph``, shape (rows, columns): a ramp along the columns, and two dark ellipses
    ("lungs").
    """
    rows, columns = shape
    row, column = np.indices(shape)
    top = 2**bits - 1
    values = 0.55 * top + 0.3 * top * column / max(columns - 1, 1)
    for centre in (0.3, 0.7):
        inside = ((column / columns - centre) / 0.14) ** 2 + ((row / rows - 0.45) / 0.3) ** 2 < 1
        values = np.where(inside, values * 0.35, values)
    return values.astype(np.uint16)


def radiograph(
    path: Path,
    *,
    photometric: str = "MONOCHROME2",
    shape: tuple[int, int] = (120, 96),
    bits: int = 12,
    pixels: npt.NDArray[np.uint16] | None = None,
    modality: str = "DX",
    pixel_spacing: tuple[float, float] | None = None,
    imager_pixel_spacing: tuple[float, float] | None = (0.2, 0.15),
    window: tuple[float, float] | None = None,
    transfer_syntax: str = ExplicitVRLittleEndian,
    patient_id: str = "PHANTOM",
    **attributes: Any,
) -> list[Path]:
    """A frontal chest-like radiograph. MONOCHROME1 stores the same picture inverted, so that both look alike on
    screen.
    """
    values = radiograph_values(shape, bits) if pixels is None else np.asarray(pixels, dtype=np.uint16)
    if photometric == "MONOCHROME1":
        values = (2**bits - 1 - values).astype(np.uint16)
    sop_class = ComputedRadiographyImageStorage if modality == "CR" else DigitalXRayImageStorageForPresentation
    dataset = _image(sop_class, modality, values, str(path), 1, patient_id)
    dataset.PhotometricInterpretation = photometric
    dataset.BitsStored, dataset.HighBit = bits, bits - 1
    dataset.ImageType = ["ORIGINAL", "PRIMARY", ""]
    dataset.BodyPartExamined, dataset.ViewPosition = "CHEST", "PA"
    dataset.PatientOrientation = ["L", "F"]
    dataset.PresentationLUTShape = "INVERSE" if photometric == "MONOCHROME1" else "IDENTITY"
    if pixel_spacing is not None:
        dataset.PixelSpacing = [_ds(s) for s in pixel_spacing]
    if imager_pixel_spacing is not None:
        dataset.ImagerPixelSpacing = [_ds(s) for s in imager_pixel_spacing]
    if window is not None:
        dataset.WindowCenter, dataset.WindowWidth = _ds(window[0]), _ds(window[1])
    _set(dataset, attributes, 0)
    return [_save(dataset, path, transfer_syntax)]


def cine_values(frames: int = 6, shape: tuple[int, int] = (40, 52)) -> npt.NDArray[np.uint8]:
    """RGB values of ``cine``, shape (frames, rows, columns, 3): a bar that moves by one column a frame."""
    values = np.zeros((frames, *shape, 3), np.uint8)
    row, column = np.indices(shape)
    values[..., 0], values[..., 1] = row * 3, column * 4
    for frame in range(frames):
        values[frame, :, frame] = (255, 200, 10 * frame)
    return values


def cine(
    path: Path,
    *,
    frames: int = 6,
    shape: tuple[int, int] = (40, 52),
    planar: int = 0,
    frame_time_ms: float = 40.0,
    region_mm: float | None = 0.3,
    regions: int = 1,
    transfer_syntax: str = ExplicitVRLittleEndian,
    **attributes: Any,
) -> list[Path]:
    """An RGB ultrasound cine. ``region_mm``: calibrated pixel size of ``regions`` regions, ``None`` for no
    calibration.
    """
    values = cine_values(frames, shape)
    dataset = _image(UltrasoundMultiFrameImageStorage, "US", values[0, ..., 0], str(path), 1, "PHANTOM")
    dataset.NumberOfFrames, dataset.FrameTime = frames, _ds(frame_time_ms)
    dataset.FrameIncrementPointer = 0x00181063
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation, dataset.PlanarConfiguration = 3, "RGB", planar
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 8, 8, 7, 0
    if region_mm is not None:
        dataset.SequenceOfUltrasoundRegions = []
        for number in range(regions):
            region = Dataset()
            region.RegionSpatialFormat, region.RegionDataType, region.RegionFlags = 1, 1, 0
            region.RegionLocationMinX0, region.RegionLocationMinY0 = 0, 0
            region.RegionLocationMaxX1, region.RegionLocationMaxY1 = shape[1] - 1, shape[0] - 1
            region.PhysicalUnitsXDirection = region.PhysicalUnitsYDirection = 3
            region.PhysicalDeltaX = region.PhysicalDeltaY = region_mm / 10 * (number + 1)
            dataset.SequenceOfUltrasoundRegions.append(region)
    dataset.PixelData = (values if planar == 0 else np.moveaxis(values, -1, 1)).tobytes()
    _set(dataset, attributes, 0)
    return [_save(dataset, path, transfer_syntax)]


def us_region(
    box: tuple[int, int, int, int],
    units: tuple[int, int] = (3, 3),
    deltas: tuple[float, float] = (0.03, 0.03),
    kind: int = 1,
    *,
    low_priority: bool = False,
) -> Dataset:
    """An ultrasound region (PS3.3 C.8.5.5). ``box``: left, top, right, bottom, all inside. ``units``: along x and y (3:
    cm, 4: s, 7: cm/s). ``kind``: 1 2-D, 2 M-mode, 3 spectral."""
    region = Dataset()
    region.RegionSpatialFormat, region.RegionDataType, region.RegionFlags = kind, 1, int(low_priority)
    region.RegionLocationMinX0, region.RegionLocationMinY0 = box[:2]
    region.RegionLocationMaxX1, region.RegionLocationMaxY1 = box[2:]
    region.PhysicalUnitsXDirection, region.PhysicalUnitsYDirection = units
    region.PhysicalDeltaX, region.PhysicalDeltaY = deltas
    return region


def palette_table() -> npt.NDArray[np.uint8]:
    """The colours of ``palette``, shape (256, 3): red rises, green falls, blue is constant."""
    index = np.arange(256)
    return np.stack([index, 255 - index, np.full(256, 60)], axis=1).astype(np.uint8)


def palette(path: Path, *, shape: tuple[int, int] = (30, 41), bits: int = 16, **attributes: Any) -> list[Path]:
    """A PALETTE COLOR image whose stored value at (row, column) is ``(5·row + column) mod 256``; tables of 8 or 16
    bits.
    """
    row, column = np.indices(shape)
    dataset = _image(
        SecondaryCaptureImageStorage, "OT", ((5 * row + column) % 256).astype(np.uint8), str(path), 1, "PHANTOM"
    )
    dataset.PhotometricInterpretation = "PALETTE COLOR"
    for channel, name in enumerate(("Red", "Green", "Blue")):
        table = palette_table()[:, channel]
        data = table.tobytes() if bits == 8 else (table.astype("<u2") * 257).tobytes()
        setattr(dataset, f"{name}PaletteColorLookupTableDescriptor", [256, 0, bits])
        setattr(dataset, f"{name}PaletteColorLookupTableData", data)
    _set(dataset, attributes, 0)
    return [_save(dataset, path, ExplicitVRLittleEndian)]


def hostile(folder: Path) -> dict[str, Path]:
    """Files that must be skipped with a reason, by what is wrong with them."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = ct(folder / ".whole", shape=(1, 23, 38))[0].read_bytes()
    header_end = whole.index(b"\xe0\x7f\x10\x00")
    rows_at = whole.index(b"\x28\x00\x10\x00US")
    rows_element = whole[rows_at : rows_at + 10]
    frames = b"\x28\x00\x08\x00IS\x0a\x002147483648"
    contents = {
        "empty": b"",
        "text": b"This is no image.\n" * 40,
        "truncated pixels": whole[:-200],
        "truncated header": whole[: header_end - 40],
        "preamble only": whole[:132],
        "huge length": whole[:header_end] + b"\x09\x00\x10\x10OB\x00\x00\xf0\xff\xff\xff" + b"\0" * 16,
        "absurd size": whole.replace(rows_element, rows_element[:8] + b"\xff\xff"),
        "absurd frames": whole[:rows_at] + frames + whole[rows_at:],
        "deeply nested": whole[:header_end] + _nested(3000),
    }
    paths = {}
    for name, content in contents.items():
        paths[name] = folder / name.replace(" ", "-")
        paths[name].write_bytes(content)
    for file in (folder / ".whole").iterdir():
        file.unlink()
    (folder / ".whole").rmdir()
    return paths


def _ds(value: float) -> str:
    """A decimal string: at most 16 characters (PS3.5 6.2)."""
    return f"{value:.10g}"


def _nested(depth: int) -> bytes:
    """Sequences within sequences, all of undefined length, none of them closed."""
    return b"\x40\x00\x75\x02SQ\x00\x00\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff" * depth


def _image(
    sop_class: str, modality: str, pixels: npt.NDArray[Any], series: str, number: int, patient: str
) -> FileDataset:
    """An image with identity, matrix and native pixels; ``pixels`` of shape (rows, columns) sets the bit depth."""
    meta = FileMetaDataset()
    instance_uid = uid(series, number, sop_class)
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = sop_class, instance_uid
    dataset = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SOPClassUID, dataset.SOPInstanceUID = sop_class, instance_uid
    dataset.StudyDate, dataset.StudyTime, dataset.ContentDate, dataset.ContentTime = "20240131", "120000", "", ""
    dataset.AccessionNumber, dataset.ReferringPhysicianName, dataset.Manufacturer = "A1", "", "Phantom"
    dataset.Modality, dataset.StudyDescription, dataset.SeriesDescription = modality, "Phantom study", "Phantom series"
    dataset.PatientName, dataset.PatientID = "Phantom^Test", patient
    dataset.PatientBirthDate, dataset.PatientSex, dataset.PatientAge = "19700101", "O", "054Y"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = uid("study", patient), uid("series", series, patient)
    dataset.StudyID, dataset.SeriesNumber, dataset.InstanceNumber = "1", "1", str(number)
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = pixels.dtype.itemsize * 8
    dataset.HighBit = dataset.BitsStored - 1
    dataset.PixelRepresentation = int(pixels.dtype.kind == "i")
    dataset.PixelData = np.ascontiguousarray(pixels).tobytes()
    return dataset


def _set(dataset: Dataset, attributes: dict[str, Any], k: int) -> None:
    for keyword, value in attributes.items():
        actual = value(k) if callable(value) else value
        if actual is None:
            if keyword in dataset:
                delattr(dataset, keyword)
        else:
            setattr(dataset, keyword, actual)


def _save(dataset: FileDataset, path: Path, transfer_syntax: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset.file_meta.TransferSyntaxUID = transfer_syntax
    if transfer_syntax in (JPEGLSLossless, RLELossless):
        _compress(dataset, transfer_syntax)
    elif len(dataset.PixelData) % 2:
        dataset.PixelData += b"\0"
    native_words = transfer_syntax == ExplicitVRLittleEndian and dataset.BitsAllocated > 8
    dataset["PixelData"].VR = "OW" if native_words else "OB"
    dataset.save_as(path, enforce_file_format=True)
    return path


def _compress(dataset: FileDataset, transfer_syntax: str) -> None:
    """Native pixels to encapsulated ones: one fragment a frame."""
    if transfer_syntax == RLELossless:
        dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        dataset.compress(RLELossless, generate_instance_uid=False)
        return
    import imagecodecs

    frames = int(getattr(dataset, "NumberOfFrames", 1))
    dtype = np.dtype(f"<u{dataset.BitsAllocated // 8}")
    shape = (frames, dataset.Rows, dataset.Columns, *([3] if dataset.SamplesPerPixel == 3 else []))
    pixels = np.frombuffer(dataset.PixelData, dtype)[: int(np.prod(shape))].reshape(shape)
    dataset.PixelData = encapsulate([imagecodecs.jpegls_encode(frame) for frame in pixels])
    dataset["PixelData"].is_undefined_length = True
