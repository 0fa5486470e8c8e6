"""The well-known colour palettes of PS3.6 annex B, as pydicom carries them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

HOT_IRON, PET, HOT_METAL_BLUE, PET_20_STEP = (f"1.2.840.10008.1.5.{number}" for number in (1, 2, 3, 4))
"""Palette Color Lookup Table UIDs (PS3.6 B.1)."""

_FILES = MappingProxyType(
    {HOT_IRON: "hotiron", PET: "pet", HOT_METAL_BLUE: "hotmetalblue", PET_20_STEP: "pet20step"},
)


@lru_cache(maxsize=len(_FILES))
def palette(uid: str) -> npt.NDArray[np.uint8]:
    """The palette of that UID: uint8, (256, 3) red, green, blue, read-only. Raises ``KeyError`` for another UID."""
    from pydicom import dcmread
    from pydicom.data import get_palette_files

    name = _FILES[uid]
    (file,) = (Path(found) for found in get_palette_files(f"{name}.dcm"))
    dataset = dcmread(file)
    if str(dataset.PaletteColorLookupTableUID) != uid:
        raise ValueError(f"{file.name} holds another palette than {uid}")
    channels = [
        np.frombuffer(dataset[f"{colour}PaletteColorLookupTableData"].value, np.uint8)
        for colour in ("Red", "Green", "Blue")
    ]
    table = np.stack(channels, axis=1)
    table.flags.writeable = False
    return table
