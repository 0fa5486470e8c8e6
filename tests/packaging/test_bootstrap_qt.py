"""Qt's system libraries: found missing, installed where that is allowed, else asked for in one line."""

from __future__ import annotations

import pytest

import bootstrap_qt
from bootstrap_shell import SetupError

DEBIAN = {"ID": "debian", "PRETTY_NAME": "Debian GNU/Linux 12 (bookworm)"}
MINT = {"ID": "linuxmint", "ID_LIKE": "ubuntu debian", "PRETTY_NAME": "Linux Mint 22"}
FEDORA = {"ID": "fedora", "PRETTY_NAME": "Fedora Linux 42"}
NEEDED_ALWAYS = bootstrap_qt.Library("libEGL.so.1", "libegl1", headless=True)
NEEDED_BY_WINDOWS = bootstrap_qt.Library("libxcb-cursor.so.0", "libxcb-cursor0")

pytestmark = pytest.mark.usefixtures("on_linux")


@pytest.fixture
def on_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap_qt.sys, "platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)


def test_missing_names_exactly_what_is_not_found() -> None:
    absent = bootstrap_qt.missing(found=lambda soname: soname not in {"libEGL.so.1", "libdbus-1.so.3"})
    assert [library.debian for library in absent] == ["libegl1", "libdbus-1-3"]


def test_a_library_that_no_system_has_does_not_load() -> None:
    assert not bootstrap_qt.loads("libscoutview-nowhere.so.9")


def test_sonames_and_packages_are_listed_once() -> None:
    libraries = bootstrap_qt.LIBRARIES
    assert len({library.soname for library in libraries}) == len(libraries)
    assert len({library.debian for library in libraries}) == len(libraries)


@pytest.mark.parametrize("release", [DEBIAN, MINT, {"ID": "ubuntu", "ID_LIKE": "debian"}])
def test_debian_and_its_descendants_get_one_line_to_type(release: dict[str, str]) -> None:
    text = bootstrap_qt.advice([NEEDED_ALWAYS, NEEDED_BY_WINDOWS], release)
    lines = [line.strip() for line in text.splitlines() if "apt-get" in line]
    assert lines == [
        "sudo apt-get update && sudo apt-get install -y --no-install-recommends libegl1 libxcb-cursor0",
    ]


@pytest.mark.parametrize(("release", "name"), [(FEDORA, "Fedora Linux 42"), ({}, "your distribution")])
def test_other_distributions_are_told_the_libraries(release: dict[str, str], name: str) -> None:
    text = bootstrap_qt.advice([NEEDED_ALWAYS], release)
    assert "libEGL.so.1" in text
    assert name in text
    assert "apt-get" not in text


class Machine:
    """A system whose libraries can be installed, and that remembers what was."""

    def __init__(self, *absent: bootstrap_qt.Library, installs: bool = True) -> None:
        self.absent = list(absent)
        self.installs = installs
        self.installed: list[str] = []

    def find(self) -> list[bootstrap_qt.Library]:
        return list(self.absent)

    def install(self, packages: list[str]) -> None:
        self.installed += packages
        if self.installs:
            self.absent = []


def ensure(machine: Machine, release: dict[str, str], root: bool) -> bool:
    return bootstrap_qt.ensure_libraries(
        find=machine.find, release=lambda: release, root=lambda: root, install=machine.install
    )


def test_root_on_debian_gets_what_is_missing_installed() -> None:
    machine = Machine(NEEDED_ALWAYS, NEEDED_BY_WINDOWS)
    assert ensure(machine, DEBIAN, root=True)
    assert machine.installed == ["libegl1", "libxcb-cursor0"]


@pytest.mark.parametrize(("release", "root"), [(DEBIAN, False), (FEDORA, True), (FEDORA, False)])
def test_nothing_is_installed_without_the_right_or_on_other_systems(release: dict[str, str], root: bool) -> None:
    machine = Machine(NEEDED_ALWAYS)
    with pytest.raises(SetupError, match=r"libEGL\.so\.1"):
        ensure(machine, release, root)
    assert machine.installed == []


def test_an_install_that_did_not_help_is_said() -> None:
    with pytest.raises(SetupError, match="sudo apt-get"):
        ensure(Machine(NEEDED_ALWAYS, installs=False), DEBIAN, root=True)


def test_nothing_is_asked_where_nothing_is_missing() -> None:
    machine = Machine()
    assert ensure(machine, DEBIAN, root=True)
    assert machine.installed == []


def test_what_only_a_window_needs_stops_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert not ensure(Machine(NEEDED_BY_WINDOWS), DEBIAN, root=False)
    assert capsys.readouterr().out == "", "without a display nobody misses it"


def test_what_only_a_window_needs_is_said_where_there_is_a_display(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    assert not ensure(Machine(NEEDED_BY_WINDOWS), DEBIAN, root=False)
    assert "libxcb-cursor0" in capsys.readouterr().out


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_other_systems_need_no_libraries(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap_qt.sys, "platform", platform)
    assert ensure(Machine(NEEDED_ALWAYS), DEBIAN, root=True)
