"""Pictures of a view as files: PNG, JPEG or TIFF, one or a whole series of them. No identity in names or metadata."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inference.types import no_tick

if TYPE_CHECKING:
    from PIL import Image

    from inference.types import Tick

STILLS = {"png": "PNG", "jpeg": "JPEG", "tiff": "TIFF"}
"""Identifier → name for people."""

SUFFIXES = {"png": ".png", "jpeg": ".jpg", "tiff": ".tif", "gif": ".gif", "mp4": ".mp4"}

_OPTIONS: dict[str, dict[str, Any]] = {
    "png": {"compress_level": 4},
    # Full colour resolution: thin coloured lines smear otherwise.
    "jpeg": {"quality": 95, "subsampling": 0},
    "tiff": {"compression": "tiff_lzw"},
}


def still_bytes(picture: Image.Image, kind: str) -> bytes:
    """A picture, "L" or "RGB", as a file of a ``kind`` of ``STILLS``. PNG and TIFF keep every pixel. Raises
    ``KeyError`` for another kind."""
    stream = BytesIO()
    picture.save(stream, STILLS[kind], **_OPTIONS[kind])
    return stream.getvalue()


def numbered(folder: Path, count: int, kind: str, stem: str = "image") -> tuple[Path, ...]:
    """File names that sort as the frames do: ``image-001.png``, …"""
    digits = max(3, len(str(count)))
    return tuple(folder / f"{stem}-{number:0{digits}d}{SUFFIXES[kind]}" for number in range(1, count + 1))


class Files(Mapping[Path, bytes]):
    """Files whose content is made when it is asked for, for ``atomic.write_all``: a series never lies in memory whole.

    ``make``: frame → its picture. Ticks before each.
    """

    def __init__(
        self, paths: tuple[Path, ...], kind: str, make: Callable[[int], Image.Image], tick: Tick = no_tick
    ) -> None:
        self._numbers = {path: number for number, path in enumerate(paths)}
        self._kind, self._make, self._tick = kind, make, tick

    def __getitem__(self, path: Path) -> bytes:
        number = self._numbers[path]
        self._tick(number / len(self._numbers))
        return still_bytes(self._make(number), self._kind)

    def __iter__(self) -> Iterator[Path]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)
