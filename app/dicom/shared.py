"""Memory that the program shares with a codec process.

It has no name in any file system, so nothing is left behind however either side ends: on Linux it is a memory file,
on other POSIX systems a temporary file that is unlinked from the start, both handed to the child as an open
descriptor; on Windows a mapping of the paging file, which goes with its last handle. None of them is bound by the size
of ``/dev/shm``, 64 MB in many containers. Imports nothing of the program, so that a codec process starts fast.
"""

from __future__ import annotations

import mmap
import os
import secrets
import sys
import tempfile
from dataclasses import dataclass

_PAGE = 2**16
"""Sizes are whole numbers of this: pages and Windows' granularity alike."""


@dataclass(frozen=True)
class Place:
    """Bytes ``offset`` to ``offset + length`` of a memory of ``size`` bytes: a descriptor, or a name on Windows."""

    handle: int | str
    size: int
    offset: int
    length: int


class Memory:
    """The program's side: grows as it is asked to, gone when it is closed."""

    def __init__(self) -> None:
        self.size = 0
        self._map: mmap.mmap | None = None
        self._name = ""
        self._descriptor = -1
        if sys.platform != "win32":
            self._descriptor = _anonymous_file()

    @property
    def descriptors(self) -> tuple[int, ...]:
        """What a child process must inherit."""
        return (self._descriptor,) if self._descriptor >= 0 else ()

    def hold(self, size: int) -> None:
        """Make room for ``size`` bytes; what was there is lost. 0 gives the memory back. Raises ``OSError``."""
        size = (size + _PAGE - 1) // _PAGE * _PAGE
        if size == self.size:
            return
        self._unmap()
        if sys.platform == "win32":
            self._name = f"scoutview-{secrets.token_hex(16)}"
            self._map = mmap.mmap(-1, size, tagname=self._name) if size else None
        else:
            os.ftruncate(self._descriptor, 0)
            os.ftruncate(self._descriptor, size)
            self._map = mmap.mmap(self._descriptor, size) if size else None
        self.size = size

    def place(self, offset: int, length: int) -> Place:
        """Where a child finds these bytes."""
        return Place(self._name or self._descriptor, self.size, offset, length)

    def view(self, place: Place) -> memoryview:
        """The bytes of ``place``; release it before the memory changes."""
        assert self._map is not None
        return memoryview(self._map)[place.offset : place.offset + place.length]

    def close(self) -> None:
        """Give everything back."""
        self._unmap()
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _unmap(self) -> None:
        self.size = 0
        if self._map is not None:
            self._map.close()
            self._map = None


class Borrowed:
    """The child's side: looks at whatever memory an order names."""

    def __init__(self) -> None:
        self._map: mmap.mmap | None = None
        self._seen: tuple[int | str, int] | None = None

    def view(self, place: Place) -> memoryview:
        """The bytes of ``place``, to be written; release it before the next one. Raises ``OSError``."""
        if self._seen != (place.handle, place.size):
            if self._map is not None:
                self._map.close()
            self._seen = None
            if isinstance(place.handle, str):
                self._map = mmap.mmap(-1, place.size, tagname=place.handle)  # type: ignore[call-arg,unused-ignore]
            else:
                self._map = mmap.mmap(place.handle, place.size)
            self._seen = (place.handle, place.size)
        assert self._map is not None
        return memoryview(self._map)[place.offset : place.offset + place.length]


def _anonymous_file() -> int:
    if hasattr(os, "memfd_create"):
        try:
            return os.memfd_create("scoutview")
        except OSError:
            pass
    with tempfile.TemporaryFile(prefix="scoutview-") as file:
        return os.dup(file.fileno())
