"""The studies that the loading benchmarks read: made once, kept in the temporary folder, the same on every machine."""

from __future__ import annotations

import os
import shutil
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import JPEG2000Lossless, JPEGLosslessSV1, JPEGLSLossless

from tests import phantoms

FOLDER = Path(tempfile.gettempdir()) / f"scoutview-benchmarks-{os.getuid() if hasattr(os, 'getuid') else 'user'}"
SLICES, SIDE = 400, 512
HEADERS = 5000
ENCODINGS = {"JPEG Lossless": JPEGLosslessSV1, "JPEG-LS": JPEGLSLossless, "JPEG 2000": JPEG2000Lossless}


def uncompressed(slices: int = SLICES) -> Path:
    """An uncompressed CT of ``slices`` × 512²: smooth bodies under noise of 20 HU, as a CT of the chest has."""
    return _made(f"ct-{slices}", lambda folder: _write_ct(folder, slices))


def compressed(name: str, slices: int = SLICES) -> Path:
    """The same, losslessly compressed; ``name`` of ``ENCODINGS``."""
    source = uncompressed(slices)

    def write(folder: Path) -> None:
        files = sorted(source.iterdir())
        with ProcessPoolExecutor() as pool:
            list(pool.map(_encode, files, [folder / file.name for file in files], [name] * len(files)))

    return _made(f"ct-{slices}-{name.replace(' ', '-').lower()}", write)


def headers(count: int = HEADERS) -> Path:
    """``count`` files whose headers are as long as a scanner's, with hardly any pixels."""
    return _made(f"headers-{count}", lambda folder: _write_headers(folder, count))


def _made(name: str, write: object) -> Path:
    folder = FOLDER / name
    if not folder.is_dir():
        part = FOLDER / f"{name}.part"
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        write(part)  # type: ignore[operator]
        part.rename(folder)
    return folder


def _write_ct(folder: Path, slices: int) -> None:
    random = np.random.default_rng(0)
    row, column = np.ogrid[:SIDE, :SIDE]
    body = 1000 + 600 * np.sin(row / 40) * np.cos(column / 50)
    voxels = np.empty((slices, SIDE, SIDE), np.int16)
    for k in range(slices):
        voxels[k] = body * (1 + 0.1 * np.sin(k / 30)) + random.normal(0, 20, (SIDE, SIDE)).astype(np.float32)
    phantoms.ct(folder, voxels=voxels, spacing=(1.0, 0.7, 0.7), **_scanner())


def _write_headers(folder: Path, count: int) -> None:
    voxels = np.zeros((count, 8, 8), np.int16)
    phantoms.ct(folder, voxels=voxels, spacing=(1.0, 0.7, 0.7), **_scanner())


def _scanner() -> dict[str, object]:
    """Attributes that a CT scanner writes beside those that a viewer asks for: a hundred elements in all."""
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "RPID16", "RADLEX", "CT chest"
    reference = Dataset()
    reference.ReferencedSOPClassUID, reference.ReferencedSOPInstanceUID = "1.2.840.10008.3.1.2.3.1", phantoms.uid("r")
    texts = {
        "InstitutionName": "Hospital of Measurement",
        "InstitutionAddress": "Yard 1",
        "StationName": "CT1",
        "PerformingPhysicianName": "Nobody^Ever",
        "OperatorsName": "Nobody^Else",
        "ManufacturerModelName": "Model",
        "ProtocolName": "Chest routine",
        "SoftwareVersions": "1.2.3",
        "DeviceSerialNumber": "4711",
        "BodyPartExamined": "CHEST",
        "PatientPosition": "HFS",
        "ConvolutionKernel": "STANDARD",
        "FilterType": "BODY FILTER",
        "RequestedProcedureDescription": "CT of the chest",
        "PerformedProcedureStepDescription": "CT of the chest",
        "PerformedProcedureStepID": "1",
        "ImageComments": "",
        "PositionReferenceIndicator": "SN",
        "RotationDirection": "CW",
        "SpecificCharacterSet": "ISO_IR 100",
    }
    dates = ("SeriesDate", "AcquisitionDate", "InstanceCreationDate", "PerformedProcedureStepStartDate")
    times = ("SeriesTime", "AcquisitionTime", "InstanceCreationTime", "PerformedProcedureStepStartTime")
    numbers = {
        "DataCollectionDiameter": "500",
        "ReconstructionDiameter": "360",
        "DistanceSourceToDetector": "949.0",
        "DistanceSourceToPatient": "541.0",
        "GantryDetectorTilt": "0",
        "TableHeight": "150.5",
        "ExposureTime": "500",
        "XRayTubeCurrent": "250",
        "Exposure": "12",
        "FocalSpots": "0.7",
        "GeneratorPower": "30000",
        "AcquisitionNumber": "1",
        "SliceLocation": lambda k: f"{k:.1f}",
        "TemporalPositionIndex": None,
        "SmallestImagePixelValue": None,
        "SingleCollimationWidth": 0.625,
        "TotalCollimationWidth": 40.0,
        "SpiralPitchFactor": 0.98,
        "CTDIvol": 7.5,
    }
    sequences = {
        "ReferencedStudySequence": Sequence([reference]),
        "ProcedureCodeSequence": Sequence([code]),
        "RequestAttributesSequence": Sequence([code]),
    }
    return texts | dict.fromkeys(dates, "20240131") | dict.fromkeys(times, "120000.000") | numbers | sequences


def _encode(source: Path, target: Path, name: str) -> None:
    import imagecodecs

    dataset = pydicom.dcmread(source)
    pixels = dataset.pixel_array.view(np.uint16)
    if name == "JPEG Lossless":
        data = imagecodecs.jpeg8_encode(pixels, lossless=True, predictor=1, bitspersample=16)
    elif name == "JPEG-LS":
        data = imagecodecs.jpegls_encode(pixels)
    else:
        data = imagecodecs.jpeg2k_encode(pixels, level=0, codecformat="j2k", reversible=True)
    dataset.PixelData = encapsulate([data])
    dataset["PixelData"].is_undefined_length = True
    dataset["PixelData"].VR = "OB"
    dataset.file_meta.TransferSyntaxUID = ENCODINGS[name]
    dataset.save_as(target)
