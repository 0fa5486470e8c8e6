"""What every derived DICOM object shares: whose it is, who made it, and how it becomes bytes."""

from __future__ import annotations

import copy
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING

from pydicom import Dataset
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataset import FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, generate_uid

from app.dicom.header import PARSE_ERRORS
from app.report.version import version

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydicom.dataelem import DataElement

MANUFACTURER = "Scoutview"
IMPLEMENTATION_CLASS_UID = UID("2.25.229746523083374205396718364031871520553")

# Type 2 of the Patient and General Study modules: there, even if empty (PS3.3 C.7.1.1, C.7.2.1).
_REQUIRED = (
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "StudyDate",
    "StudyTime",
    "ReferringPhysicianName",
    "StudyID",
    "AccessionNumber",
)
_OPTIONAL = (
    "IssuerOfPatientID",
    "IssuerOfPatientIDQualifiersSequence",
    "TypeOfPatientID",
    "PatientBirthTime",
    "PatientSpeciesDescription",
    "PatientIdentityRemoved",
    "DeidentificationMethod",
    "DeidentificationMethodCodeSequence",
    "LongitudinalTemporalInformationModified",
    "IssuerOfAccessionNumberSequence",
    "StudyDescription",
    "PatientAge",
    "PatientSize",
    "PatientWeight",
    "TimezoneOffsetFromUTC",
)
_SERIES = ("BodyPartExamined",)
_TRIAL = (
    "ClinicalTrialSponsorName",
    "ClinicalTrialProtocolID",
    "ClinicalTrialProtocolName",
    "ClinicalTrialSiteID",
    "ClinicalTrialSiteName",
    "ClinicalTrialSubjectID",
    "ClinicalTrialSubjectReadingID",
    "ClinicalTrialTimePointID",
    "ClinicalTrialTimePointDescription",
)


def new_uid() -> UID:
    """A fresh UID from a UUID (PS3.5 B.2)."""
    return generate_uid(prefix=None)


def _copied(header: Dataset, keyword: str) -> DataElement | None:
    tag = tag_for_keyword(keyword)
    if tag is None or tag not in header:
        return None
    try:
        return copy.deepcopy(header[tag])
    except PARSE_ERRORS:
        return None


def begin(header: Dataset, *, study_uid: str, sop_class_uid: str, modality: str) -> Dataset:
    """A new object of the patient and study of ``header``, made by Scoutview now, in a series of its own.

    What the file states is copied as it is, what it leaves out stays empty. Text is written in UTF-8, so that names
    keep every character whatever the source's character sets (PS3.3 C.12.1.1.2).
    """
    out = Dataset()
    out.SpecificCharacterSet = "ISO_IR 192"
    trial = _TRIAL if header.get("ClinicalTrialSponsorName") else ()
    for keyword in (*_REQUIRED, *_OPTIONAL, *_SERIES, *trial):
        element = _copied(header, keyword)
        if element is not None and (keyword in _REQUIRED or not element.is_empty):
            out[element.tag] = element
        elif keyword in _REQUIRED:
            tag = tag_for_keyword(keyword)
            assert tag is not None
            out.add_new(tag, dictionary_VR(tag), None)
    if out.get("PatientIdentityRemoved") == "YES" and not (
        "DeidentificationMethod" in out or "DeidentificationMethodCodeSequence" in out
    ):
        # How is required beside that (PS3.3 C.7.1.1); many images leave it out.
        out.DeidentificationMethod = "not stated in the source images"
    now = datetime.now()
    out.StudyInstanceUID = study_uid
    out.SOPClassUID = sop_class_uid
    out.SOPInstanceUID = new_uid()
    out.SeriesInstanceUID = new_uid()
    out.Modality = modality
    out.InstanceNumber = 1
    for kind in ("InstanceCreation", "Content", "Series"):
        setattr(out, f"{kind}Date", now.strftime("%Y%m%d"))
        setattr(out, f"{kind}Time", now.strftime("%H%M%S.%f"))
    out.Manufacturer = MANUFACTURER
    out.ManufacturerModelName = MANUFACTURER
    # Enhanced General Equipment wants a serial number; software has its version (PS3.3 C.7.5.2).
    out.DeviceSerialNumber = version()
    out.SoftwareVersions = version()
    return out


def copy_attributes(header: Dataset, out: Dataset, keywords: Iterable[str]) -> None:
    """Takes over what ``header`` states of these; what it leaves out or leaves empty stays out."""
    for keyword in keywords:
        element = _copied(header, keyword)
        if element is not None and not element.is_empty:
            out[element.tag] = element


def code_item(value: str, scheme: str, meaning: str) -> Dataset:
    """One item of a code sequence (PS3.3 8.8)."""
    item = Dataset()
    # A code longer than 16 characters goes into another attribute (PS3.3 8.1).
    if len(value) <= 16:
        item.CodeValue = value
    else:
        item.LongCodeValue = value
    item.CodingSchemeDesignator = scheme
    item.CodeMeaning = meaning[:64]
    return item


def to_bytes(dataset: Dataset) -> bytes:
    """The object as a DICOM file: explicit VR, little endian (PS3.10)."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.ImplementationClassUID = IMPLEMENTATION_CLASS_UID
    meta.ImplementationVersionName = f"SCOUTVIEW_{version()}"[:16]
    dataset.file_meta = meta
    stream = BytesIO()
    dataset.save_as(stream, enforce_file_format=True)
    return stream.getvalue()
