"""Jobs pause while the window is at work, and never for long."""

from __future__ import annotations

import threading
import time

import pytest
from PySide6.QtWidgets import QApplication

from app.ui import turn
from app.ui.dispatch import window_first
from app.ui.jobs import Message, Reporter
from app.ui.turn import WINDOW, Turn


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses that a test can see the end of."""
    monkeypatch.setattr(turn, "LONGEST_S", 30.0)


class Job(threading.Thread):
    """Ticks until it is told to stop; ``steps``: how often it did."""

    def __init__(self, tick) -> None:
        super().__init__(daemon=True)
        self.tick, self.steps, self.enough = tick, 0, threading.Event()
        self.start()

    def run(self) -> None:
        while not self.enough.is_set():
            self.tick()
            self.steps += 1

    def ends(self) -> None:
        self.enough.set()
        self.join(20)
        assert not self.is_alive()


def _stands(job: Job) -> bool:
    """Whether it makes no step, looked at for long enough to make thousands."""
    before = job.steps
    time.sleep(0.1)
    return job.steps == before


def _until(what) -> None:
    end = time.monotonic() + 20
    while not what():
        assert time.monotonic() < end
        time.sleep(0.002)


def test_a_job_stands_while_the_window_is_at_work_and_goes_on_after_it(patient: None) -> None:
    window = Turn()
    job = Job(window.give_way)
    _until(lambda: job.steps > 10)
    assert window.begin()
    # It may have been between two pauses, or in the middle of a step.
    _until(lambda: _stands(job))
    before = job.steps
    window.end()
    _until(lambda: job.steps > before)
    job.ends()


def test_a_turn_begins_once() -> None:
    window = Turn()
    assert window.begin()
    assert not window.begin()
    window.end()
    assert window.begin()


def test_no_job_starves_beside_a_window_that_never_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn, "LONGEST_S", 0.001)
    window = Turn()
    window.begin()
    job = Job(window.give_way)
    _until(lambda: job.steps > 100)
    job.ends()


def test_a_job_runs_between_two_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn, "AT_LEAST_S", 1000.0)
    monkeypatch.setattr(turn, "LONGEST_S", 0.001)
    window = Turn()
    window.begin()
    window.give_way()
    monkeypatch.setattr(turn, "LONGEST_S", 1000.0)
    window.give_way()


def test_the_window_comes_to_rest_by_itself(qapp, patient: None) -> None:
    said: list[Message] = []
    report = Reporter("a", said.append)
    job = Job(lambda: report(0.5))
    try:
        window_first()
        _until(lambda: _stands(job))
        before = job.steps
        QApplication.processEvents()
        QApplication.processEvents()
        _until(lambda: job.steps > before)
    finally:
        WINDOW.end()
        job.ends()


def test_a_session_that_changes_is_work_of_the_window(qapp, window, patient: None, settle) -> None:
    settle(window)
    _until(lambda: QApplication.processEvents() or not _begun())
    window.session.set_style(type(window.session.style)(opacity=0.123))
    assert _begun()
    _until(lambda: QApplication.processEvents() or not _begun())


def _begun() -> bool:
    return not WINDOW._over.is_set()
