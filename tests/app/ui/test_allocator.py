"""What was freed is there for the next block."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

from app.ui import allocator

_ROUNDS = """
import resource, sys
from app.ui import allocator
if sys.argv[1] == "kept":
    allocator.keep_what_is_freed()
for _ in range(3):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    blocks = [b"x" * (30 * 2**20) for _ in range(3)]
    del blocks
    faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
print(faults)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="asks glibc's allocator")
def test_blocks_of_a_networks_size_are_not_fetched_from_the_system_again() -> None:
    faults = {
        how: int(
            subprocess.run([sys.executable, "-c", _ROUNDS, how], check=True, capture_output=True, text=True).stdout
        )
        for how in ("kept", "given back")
    }
    # 90 MB are 23,000 pages; where the system uses huge ones, 45.
    assert faults["kept"] < 20
    assert faults["kept"] < faults["given back"]


def test_other_systems_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allocator.sys, "platform", "win32")
    monkeypatch.setattr(allocator.ctypes, "CDLL", None)
    allocator.keep_what_is_freed()


def test_a_c_library_without_the_call_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allocator.sys, "platform", "linux")
    monkeypatch.setattr(allocator.ctypes, "CDLL", lambda _: object())
    allocator.keep_what_is_freed()
