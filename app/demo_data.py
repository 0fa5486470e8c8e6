"""The studies that the demonstration shows: public images from the package pydicom-data."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from app.errors import NothingReadable, OutputError

CHEST = "RG1_UNCR.dcm"
"""An adult chest radiograph with metastases, MONOCHROME1, without usable spacing: the model runs on it."""

FILES = (
    CHEST,
    "693_UNCR.dcm",  # CT of the head, one slice
    "MR-SIEMENS-DICOM-WithOverlays.dcm",  # MR of the abdomen, contrast-enhanced
    "MR2_UNCR.dcm",  # MR of the shoulder, 1024²
    "color3d_jpeg_baseline.dcm",  # echocardiogram, 120 frames, JPEG
)

MODEL = "cxr-lungs"


def paths() -> tuple[Path, ...]:
    """The demonstration's files, the radiograph first. Raises ``NothingReadable`` where the package is missing."""
    # Asked for by name: importing the package imports its downloader too.
    package = find_spec("data_store")
    folders = [Path(place) / "data" for place in (package.submodule_search_locations or ())] if package else []
    found = tuple(folder / name for name in FILES for folder in folders if (folder / name).is_file())
    if not found or found[0].name != CHEST:
        raise NothingReadable(
            "cannot open the demonstration", "its images are not installed", "Run: pip install pydicom-data"
        )
    return found


def fresh_folder() -> Path:
    """``scoutview-demo`` in the current folder, or ``scoutview-demo-2``, ...: one that does not exist yet."""
    for number in range(1, 1000):
        folder = Path.cwd() / ("scoutview-demo" if number == 1 else f"scoutview-demo-{number}")
        if not folder.exists():
            return folder
    raise OutputError(
        f"cannot write {Path.cwd() / 'scoutview-demo'}", "there are a thousand of them already", "Name one with --out."
    )
