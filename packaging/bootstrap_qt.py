"""The system libraries that Qt needs on Linux: which are missing, and how they get there. Standard library only."""

from __future__ import annotations

import ctypes
import os
import platform
import shlex
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bootstrap_shell import SetupError, run, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence


@dataclass(frozen=True)
class Library:
    """A shared library, the Debian package that brings it, and whether Qt needs it even where no window opens."""

    soname: str
    debian: str
    headless: bool = False


# What the Qt libraries and the platform plugins "offscreen" and "xcb" are linked against and a wheel does not bring.
LIBRARIES = (
    Library("libEGL.so.1", "libegl1", headless=True),
    Library("libGL.so.1", "libgl1", headless=True),
    Library("libxkbcommon.so.0", "libxkbcommon0", headless=True),
    Library("libdbus-1.so.3", "libdbus-1-3", headless=True),
    Library("libfontconfig.so.1", "libfontconfig1", headless=True),
    Library("libglib-2.0.so.0", "libglib2.0-0", headless=True),
    Library("libX11.so.6", "libx11-6", headless=True),
    Library("libX11-xcb.so.1", "libx11-xcb1"),
    Library("libxcb-cursor.so.0", "libxcb-cursor0"),
    Library("libxcb-icccm.so.4", "libxcb-icccm4"),
    Library("libxcb-image.so.0", "libxcb-image0"),
    Library("libxcb-keysyms.so.1", "libxcb-keysyms1"),
    Library("libxcb-randr.so.0", "libxcb-randr0"),
    Library("libxcb-render-util.so.0", "libxcb-render-util0"),
    Library("libxcb-shape.so.0", "libxcb-shape0"),
    Library("libxcb-sync.so.1", "libxcb-sync1"),
    Library("libxcb-util.so.1", "libxcb-util1"),
    Library("libxcb-xfixes.so.0", "libxcb-xfixes0"),
    Library("libxcb-xkb.so.1", "libxcb-xkb1"),
    Library("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
)


def loads(soname: str) -> bool:
    """Tell whether the system's loader finds a library."""
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def missing(found: Callable[[str], bool] = loads) -> list[Library]:
    """Return the libraries that `found` does not find."""
    return [library for library in LIBRARIES if not found(library.soname)]


def is_debian(release: Mapping[str, str]) -> bool:
    """Tell from the fields of os-release whether this is Debian, Ubuntu or one of their descendants."""
    family = {release.get("ID", ""), *release.get("ID_LIKE", "").split()}
    return not family.isdisjoint({"debian", "ubuntu"})


def system_release() -> Mapping[str, str]:
    """Return the fields of os-release, none where there is no such file."""
    try:
        return platform.freedesktop_os_release()
    except OSError:
        return {}


def apt_commands(packages: Iterable[str]) -> list[list[str]]:
    """Return the commands that install Debian packages."""
    return [
        ["apt-get", "update"],
        ["apt-get", "install", "-y", "--no-install-recommends", *packages],
    ]


def apt_line(packages: Iterable[str]) -> str:
    """Return the one line that a user types to install Debian packages."""
    return " && ".join(shlex.join(["sudo", *command]) for command in apt_commands(packages))


def apt_install(packages: Sequence[str]) -> None:
    """Install Debian packages as root. What failed shows in what is still missing afterwards."""
    say("Installing from the system's packages: " + " ".join(packages))
    # The index may be out of reach while the packages are in a cache, so the second command is tried in any case.
    for command in apt_commands(packages):
        run(command, DEBIAN_FRONTEND="noninteractive")


def advice(libraries: Sequence[Library], release: Mapping[str, str]) -> str:
    """Say which libraries are missing and what installs them on this distribution."""
    names = ", ".join(library.soname for library in libraries)
    lacking = f"Qt needs system libraries that are missing: {names}."
    if is_debian(release):
        return f"{lacking}\nInstall them with:\n\n  {apt_line(packages(libraries))}\n"
    system = release.get("PRETTY_NAME") or release.get("NAME") or "your distribution"
    return f"{lacking}\nInstall the packages of {system} that bring them, and run this again."


def packages(libraries: Iterable[Library]) -> list[str]:
    """Return the Debian packages that bring these libraries."""
    return [library.debian for library in libraries]


def is_root() -> bool:
    """Tell whether this process may install system packages."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def has_display() -> bool:
    """Tell whether a window could open here."""
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def ensure_libraries(
    find: Callable[[], list[Library]] = missing,
    release: Callable[[], Mapping[str, str]] = system_release,
    root: Callable[[], bool] = is_root,
    install: Callable[[Sequence[str]], None] = apt_install,
) -> bool:
    """See that Qt's system libraries are there: install them where that is allowed, else say how.

    Returns whether all are there. Libraries that only a window on a screen needs are advised about; without the others
    Qt cannot be imported at all, and a `SetupError` says so.
    """
    if not sys.platform.startswith("linux"):
        return True
    absent = find()
    if absent and root() and is_debian(release()):
        install(packages(absent))
        absent = find()
    if not absent:
        return True
    text = advice(absent, release())
    if any(library.headless for library in absent):
        raise SetupError(text)
    if has_display():
        say(f"{text}\nUntil then everything but the window works.")
    return False
