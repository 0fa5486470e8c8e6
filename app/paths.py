"""Where the program's own files lie, in a checkout and in an installed package alike."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

READINGS = "readings.sqlite3"
_PACKAGE = Path(__file__).resolve().parent


def assets_dir() -> Path:
    """Return the folder with icons, colour tables and model bundles.

    A wheel carries it inside the package, as `app/_assets`; in a checkout it is `assets`, beside `app`.
    """
    packed = _PACKAGE / "_assets"
    return packed if packed.is_dir() else _PACKAGE.parent / "assets"


def models_dir() -> Path:
    """Return the folder with the bundled models, one folder each."""
    return assets_dir() / "models"


def data_dir() -> Path:
    """Return the folder for what the program keeps of the reader's work: ``SCOUTVIEW_HOME``, or the user's data folder.

    It need not exist yet.
    """
    named = os.environ.get("SCOUTVIEW_HOME")
    return Path(named) if named else Path(platformdirs.user_data_dir("scoutview", appauthor=False))


def cache_dir() -> Path:
    """Return the folder for what can be made again: in ``SCOUTVIEW_HOME``, or the user's cache folder.

    It need not exist yet.
    """
    named = os.environ.get("SCOUTVIEW_HOME")
    return Path(named) / "cache" if named else Path(platformdirs.user_cache_dir("scoutview", appauthor=False))


def readings_file() -> Path:
    """Return the database of measurements, accepted findings and views."""
    return data_dir() / READINGS
