"""The files that are broken: every public one of this machine, and a few made here for kinds that are not published."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import data_store
import pydicom
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

MAX_BYTES = 2**21
"""Larger files have the same structure and take longer."""
_PER_FOLDER = 6
_OBJECTS = ("seg.dcm", "rtstruct.dcm")


@dataclass(frozen=True)
class Original:
    """A file to be broken. ``name``: how it is asked for again. ``path``: ``None`` where it is made. ``beside``: files
    of the same series or medium that lie beside it, by their path in the folder.
    """

    name: str
    path: Path | None
    beside: tuple[tuple[str, Path], ...] = ()
    own_name: str = ""

    def read(self) -> bytes:
        """Its bytes, unbroken."""
        return self.path.read_bytes() if self.path is not None else _MADE[self.name]()


def public() -> list[Original]:
    """pydicom's own files and those of pydicom-data, which every development machine has; and what is made here."""
    own = Path(pydicom.__file__).parent / "data"
    roots = {"pydicom": own, "data_store": Path(data_store.__file__).parent / "data"}
    found = [Original(name, None) for name in _MADE]
    for root_name, root in roots.items():
        for path in sorted(root.rglob("*")):
            known = path.suffix == ".dcm" or "dicomdirtests" in path.parts
            if not path.is_file() or not known or path.suffix == ".txt" or path.stat().st_size > MAX_BYTES:
                continue
            if "TINY_ALPHA" in path.parts and path.name not in ("DICOMDIR", "IM000000"):
                continue
            found.append(_with_companions(f"{root_name}/{path.relative_to(root).as_posix()}", path))
    return found


def shared(root: Path) -> list[Original]:
    """The first few files of each folder of the shared studies, and their segmentations and structure sets."""
    found = []
    for folder in sorted({path.parent for path in root.rglob("*") if path.is_file()}):
        files = sorted(path for path in folder.iterdir() if path.is_file() and path.suffix in ("", ".dcm"))
        kept = [path for path in files if path.stat().st_size <= MAX_BYTES][:_PER_FOLDER]
        kept += [path for path in files if path.name in _OBJECTS and path not in kept]
        found += [_with_companions(f"shared/{path.relative_to(root).as_posix()}", path) for path in kept]
    return found


def _with_companions(name: str, path: Path) -> Original:
    if path.name.startswith("DICOMDIR"):
        others = [p for p in sorted(path.parent.rglob("*")) if p.is_file() and not p.name.startswith("DICOMDIR")]
        beside = tuple((p.relative_to(path.parent).as_posix(), p) for p in others if p.suffix != ".txt")
        return Original(name, path, beside, "DICOMDIR")
    images = path.parent.parent / "image"
    if path.parent.name == "mask" and images.is_dir():
        return Original(name, path, tuple((p.name, p) for p in sorted(images.iterdir())[:2]))
    if path.name in _OBJECTS and "rider" in path.parts[-3]:
        slices = [p for p in sorted(path.parent.parent.rglob("*.dcm")) if p.name not in _OBJECTS]
        return Original(name, path, tuple((p.name, p) for p in slices[100:102]))
    if "test_files" in path.parts[-2:] or path.parent.name == "data":
        return Original(name, path)
    files = sorted(p for p in path.parent.iterdir() if p.is_file() and p != path and p.suffix == path.suffix)
    return Original(name, path, tuple((p.name, p) for p in files[:2]))


def _zip() -> bytes:
    """An archive of two folders: an image, a compressed image, a structured report, a text and an inner archive."""
    files = Path(pydicom.__file__).parent / "data" / "test_files"
    out, inner = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(inner, "w") as nested:
        nested.writestr(zipfile.ZipInfo("nested.dcm"), (files / "MR_small.dcm").read_bytes())
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("MR_small.dcm", "MR_small_RLE.dcm", "reportsi.dcm"):
            archive.writestr(_entry(f"study/{name}"), (files / name).read_bytes())
        archive.writestr(_entry("README"), b"No image.\n")
        archive.writestr(_entry("inner.zip"), inner.getvalue())
    return out.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def _saved(dataset: Dataset, sop_class: str) -> bytes:
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID = sop_class
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID = "1.2.826.0.1.3680043.8.498.1"
    dataset.PatientID, dataset.PatientName = "PHANTOM", "Phantom^Test"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = "1.2.826.0.1.3680043.8.498.2", "1.2.826.0.1.3680043.8.498.3"
    out = io.BytesIO()
    dataset.save_as(out, enforce_file_format=True)
    return out.getvalue()


def _reference() -> Dataset:
    image, series = Dataset(), Dataset()
    image.ReferencedSOPClassUID, image.ReferencedSOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", "1.2.3.4"
    series.ReferencedImageSequence, series.SeriesInstanceUID = [image], "1.2.3"
    return series


def _presentation_state() -> bytes:
    """A softcopy presentation state with a window, a zoomed area, a text and a polyline (PS3.3 A.33.1)."""
    state, area, voi, layer, notes = Dataset(), Dataset(), Dataset(), Dataset(), Dataset()
    text, line = Dataset(), Dataset()
    state.Modality, state.PresentationLUTShape, state.ReferencedSeriesSequence = "PR", "INVERSE", [_reference()]
    area.DisplayedAreaTopLeftHandCorner, area.DisplayedAreaBottomRightHandCorner = [1, 1], [64, 64]
    area.PresentationSizeMode, area.PresentationPixelAspectRatio = "SCALE TO FIT", [1, 1]
    state.DisplayedAreaSelectionSequence = [area]
    voi.WindowCenter, voi.WindowWidth = "40", "400"
    state.SoftcopyVOILUTSequence = [voi]
    layer.GraphicLayer, layer.GraphicLayerOrder = "NOTES", 1
    state.GraphicLayerSequence = [layer]
    text.UnformattedTextValue, text.AnchorPoint, text.AnchorPointVisibility = "note", [10.0, 12.0], "Y"
    text.AnchorPointAnnotationUnits = "PIXEL"
    line.GraphicAnnotationUnits, line.GraphicDimensions, line.NumberOfGraphicPoints = "PIXEL", 2, 3
    line.GraphicData, line.GraphicType, line.GraphicFilled = [1.0, 1.0, 9.0, 1.0, 9.0, 9.0], "POLYLINE", "N"
    notes.GraphicLayer, notes.TextObjectSequence, notes.GraphicObjectSequence = "NOTES", [text], [line]
    state.GraphicAnnotationSequence = [notes]
    state.ImageRotation, state.ImageHorizontalFlip = 90, "Y"
    return _saved(state, "1.2.840.10008.5.1.4.1.1.11.1")


def _key_objects() -> bytes:
    """A key object selection that points at one image (PS3.3 A.35.4)."""
    document, code, item, image = Dataset(), Dataset(), Dataset(), Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "113000", "DCM", "Of Interest"
    image.ReferencedSOPClassUID, image.ReferencedSOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", "1.2.3.4"
    item.RelationshipType, item.ValueType, item.ReferencedSOPSequence = "CONTAINS", "IMAGE", [image]
    document.Modality, document.ValueType, document.ConceptNameCodeSequence = "KO", "CONTAINER", [code]
    document.ContinuityOfContent, document.ContentSequence = "SEPARATE", [item]
    return _saved(document, "1.2.840.10008.5.1.4.1.1.88.59")


def _document() -> bytes:
    """An encapsulated PDF of one empty page (PS3.3 A.45.1)."""
    dataset = Dataset()
    dataset.Modality, dataset.DocumentTitle, dataset.MIMETypeOfEncapsulatedDocument = "DOC", "Report", "application/pdf"
    page = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    page += b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    dataset.EncapsulatedDocument = page + b"\0" * (len(page) % 2)
    return _saved(dataset, "1.2.840.10008.5.1.4.1.1.104.1")


_MADE = {
    "made/study.zip": cache(_zip),
    "made/presentation-state.dcm": cache(_presentation_state),
    "made/key-objects.dcm": cache(_key_objects),
    "made/document.dcm": cache(_document),
}


def weighted(originals: list[Original]) -> Iterator[tuple[Original, float]]:
    """Each original with how often it is drawn: small ones most, series and directories more than loose images."""
    for original in originals:
        size = len(original.read()) if original.path is None else original.path.stat().st_size
        weight = 3.0 if size < 2**16 else 2.0 if size < 2**19 else 1.0 if size <= MAX_BYTES else 0.3
        if "charset_files" in original.name or "palettes" in original.name or "rtplan" in original.name:
            weight = 0.4
        if original.path is None or original.own_name == "DICOMDIR":
            weight *= 3
        yield original, weight
