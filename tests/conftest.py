"""What every test stands on: no display, no traces in the user's folders, no threads left behind."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

# Before anything can import Qt, which reads it once.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

ROOT = Path(__file__).resolve().parents[1]

# A shared machine makes deadlines flaky, and a random seed makes a red run hard to repeat.
# `pytest --hypothesis-profile=explore` looks for new examples.
hypothesis.settings.register_profile("repeatable", deadline=None, derandomize=True)
hypothesis.settings.register_profile("explore", deadline=None, max_examples=1000, print_blob=True)
hypothesis.settings.load_profile("repeatable")

THREAD_GRACE_S = 3.0


@pytest.fixture(scope="session", autouse=True)
def home_of_wide_fixtures(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep fixtures of a wider scope than one test out of the user's folders too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SCOUTVIEW_HOME", str(tmp_path_factory.mktemp("wide-home")))
        yield


@pytest.fixture(autouse=True)
def scoutview_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point the program's settings and data at an empty folder of this test's own, and return it."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("SCOUTVIEW_HOME", str(home))
    return home


@pytest.fixture(autouse=True)
def no_thread_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a thread running which would keep the program from ending.

    A thread that a fixture of a wider scope started is that fixture's to stop, and is not counted.
    """
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + THREAD_GRACE_S
    left = _new_threads(before)
    while left and time.monotonic() < deadline:
        left[0].join(0.05)
        left = _new_threads(before)
    if left:
        names = ", ".join(sorted(thread.name for thread in left))
        pytest.fail(f"{request.node.name} left threads running: {names}")


def _new_threads(before: set[threading.Thread]) -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t not in before and t.is_alive() and not t.daemon]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with real studies and training sets, or a skip that says where it was looked for.

    `SCOUTVIEW_DATA` names it; without that, it is `shared/data` beside the repository.
    """
    named = os.environ.get("SCOUTVIEW_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no data at {folder}: set SCOUTVIEW_DATA to the folder with cxr/, ct/, pet-ct/, …")
    return folder


@pytest.fixture(scope="session")
def pydicom_data() -> Path:
    """The folder with the images of the package pydicom-data, which the demo shows too."""
    import data_store

    return Path(data_store.__file__).parent / "data"
