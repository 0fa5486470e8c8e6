"""The program's own version, as outputs state it."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import metadata
from pathlib import Path


@cache
def version() -> str:
    """Version of the installed distribution, or of the checkout that runs without having been installed."""
    try:
        return metadata.version("scoutview")
    except metadata.PackageNotFoundError:
        project = Path(__file__).resolve().parents[2] / "pyproject.toml"
        if project.is_file():
            return str(tomllib.loads(project.read_text("utf-8"))["project"]["version"])
        return "unknown"
