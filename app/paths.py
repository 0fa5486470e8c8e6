"""Where the program's own files lie, in a checkout and in an installed package alike."""

from __future__ import annotations

from pathlib import Path

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
