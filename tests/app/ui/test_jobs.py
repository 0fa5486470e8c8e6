"""Background work: what it says arrives on the window's thread, once, and never after nobody wants it."""

from __future__ import annotations

import os
import sys
import threading

import pytest
from PySide6.QtCore import QThread

from app.ui import jobs
from app.ui.dispatch import Dispatcher
from app.ui.jobs import Event, Lane, Message, Reporter, perform
from inference.types import Cancelled


class Clock:
    """A clock that goes only when told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr(jobs.time, "monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


# -- the worker's side -------------------------------------------------------------------------------------------------


def test_progress_is_told_at_most_ten_times_a_second(clock: Clock) -> None:
    said: list[Message] = []
    report = Reporter("a", said.append)
    for step in range(1000):
        clock.now = 100.0 + step / 1000
        report(step / 1000)
    assert [message.event for message in said] == [Event.PROGRESSED] * 10
    assert said[0].value == 0.0


@pytest.mark.parametrize(("fraction", "told"), [(-0.5, 0.0), (0.25, 0.25), (7.0, 1.0)])
def test_progress_stays_within_zero_and_one(fraction: float, told: float) -> None:
    said: list[Message] = []
    Reporter("a", said.append)(fraction)
    assert [message.value for message in said] == [told]


def test_deliveries_are_gathered_and_none_is_lost(clock: Clock) -> None:
    said: list[Message] = []

    def work(report: Reporter) -> str:
        for item in range(250):
            clock.now = 100.0 + item / 1000
            report.deliver(item)
        return "done"

    perform(work, Reporter("a", said.append), said.append)
    parcels = [message.value for message in said if message.event is Event.DELIVERED]
    assert parcels[0] == (0,)
    assert [item for parcel in parcels for item in parcel] == list(range(250))
    assert len(parcels) <= 4
    assert said[-1].event is Event.SUCCEEDED


def test_a_cancelled_job_does_not_begin() -> None:
    said: list[Message] = []
    report = Reporter("a", said.append)
    report.cancel()
    perform(lambda _: pytest.fail("it ran"), report, said.append)
    assert [message.event for message in said] == [Event.CANCELLED]


def test_the_next_tick_of_a_cancelled_job_raises() -> None:
    report = Reporter("a", lambda _: None)
    report.cancel()
    with pytest.raises(Cancelled):
        report(0.5)


# -- the window's side -------------------------------------------------------------------------------------------------


def test_a_hundred_answers_reach_a_lambda(qtbot, dispatcher: Dispatcher) -> None:
    answers: list[int] = []
    for number in range(100):
        job = dispatcher.start(Lane.FILES, "count", lambda _, number=number: number)
        job.succeeded.connect(lambda answer: answers.append(answer))
    qtbot.waitUntil(lambda: not dispatcher.jobs)
    assert answers == list(range(100))


def test_all_signals_come_on_the_windows_thread(qtbot, qapp, dispatcher: Dispatcher) -> None:
    where: dict[str, QThread] = {}
    release = threading.Event()

    def work(report: Reporter) -> int:
        assert threading.current_thread() is not threading.main_thread()
        report(0.5)
        report.deliver("part")
        release.wait(10)
        return 1

    job = dispatcher.start(Lane.PIXELS, "work", work)
    job.progressed.connect(lambda _: where.setdefault("progressed", QThread.currentThread()))
    job.delivered.connect(lambda _: where.setdefault("delivered", QThread.currentThread()))
    job.succeeded.connect(lambda _: where.setdefault("succeeded", QThread.currentThread()))
    job.ended.connect(lambda: where.setdefault("ended", QThread.currentThread()))
    release.set()
    qtbot.waitUntil(lambda: not dispatcher.jobs)
    assert list(where) == ["progressed", "delivered", "succeeded", "ended"]
    assert all(thread is qapp.thread() for thread in where.values())


def test_a_failure_brings_its_exception_and_ends(qtbot, dispatcher: Dispatcher) -> None:
    told: list[object] = []
    fault = ValueError("broken")

    def work(_: Reporter) -> None:
        raise fault

    job = dispatcher.start(Lane.FILES, "work", work)
    job.succeeded.connect(lambda _: told.append("succeeded"))
    job.failed.connect(told.append)
    job.ended.connect(lambda: told.append("ended"))
    qtbot.waitUntil(lambda: not dispatcher.jobs)
    assert told == [fault, "ended"]


def test_cancelling_is_a_normal_ending(qtbot, dispatcher: Dispatcher) -> None:
    told: list[str] = []
    running = threading.Event()

    def work(report: Reporter) -> None:
        running.set()
        while True:
            report(0.1)
            running.wait(0.001)

    job = dispatcher.start(Lane.INFERENCE, "work", work)
    job.succeeded.connect(lambda _: told.append("succeeded"))
    job.failed.connect(lambda _: told.append("failed"))
    job.ended.connect(lambda: told.append("ended"))
    assert running.wait(10)
    job.cancel()
    qtbot.waitUntil(lambda: not dispatcher.jobs)
    assert told == ["ended"]


def test_an_answer_that_is_no_longer_wanted_is_dropped(qtbot, dispatcher: Dispatcher) -> None:
    told: list[str] = []
    cancelled, begun = threading.Event(), threading.Event()

    def deaf(_: Reporter) -> str:
        begun.set()
        cancelled.wait(10)
        return "stale"

    job = dispatcher.start(Lane.INFERENCE, "work", deaf)
    job.succeeded.connect(told.append)
    job.ended.connect(lambda: told.append("ended"))
    assert begun.wait(10)
    job.cancel()
    cancelled.set()
    qtbot.waitUntil(lambda: not dispatcher.jobs)
    assert told == ["ended"]


def test_models_run_one_after_the_other_on_one_thread(qtbot, dispatcher: Dispatcher) -> None:
    threads: set[int] = set()
    inside, most = 0, 0

    def work(report: Reporter) -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        threads.add(threading.get_ident())
        report(0.5)
        inside -= 1

    for _ in range(20):
        dispatcher.start(Lane.INFERENCE, "model", work)
    qtbot.waitUntil(lambda: not dispatcher.jobs)
    assert (len(threads), most) == (1, 1)


@pytest.mark.skipif(sys.platform != "linux", reason="threads have priorities of their own on Linux alone")
def test_workers_give_way_to_the_window(qtbot, dispatcher: Dispatcher) -> None:
    nice: list[int] = []
    job = dispatcher.start(Lane.INFERENCE, "work", lambda _: os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
    job.succeeded.connect(nice.append)
    qtbot.waitUntil(lambda: not dispatcher.jobs)
    assert nice[0] > os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def test_closing_cancels_and_waits(qtbot) -> None:
    dispatcher = Dispatcher()
    told: list[str] = []
    begun = threading.Event()
    ended = threading.Event()

    def work(report: Reporter) -> None:
        begun.set()
        try:
            while True:
                report(0.5)
        finally:
            ended.set()

    job = dispatcher.start(Lane.INFERENCE, "work", work)
    waiting = dispatcher.start(Lane.INFERENCE, "next", lambda _: told.append("ran"))
    job.failed.connect(lambda _: told.append("failed"))
    waiting.succeeded.connect(lambda _: told.append("succeeded"))
    assert begun.wait(10)
    dispatcher.close()
    assert ended.is_set()
    assert told == []
    assert dispatcher.jobs == ()
    assert not any(thread.name.startswith("scoutview") for thread in threading.enumerate())
    with pytest.raises(RuntimeError, match="closed"):
        dispatcher.start(Lane.FILES, "late", lambda _: None)


def test_a_job_that_ends_while_closing_is_told_so(qtbot) -> None:
    dispatcher, known, begun = Dispatcher(), [], threading.Event()

    def work(report: Reporter) -> None:
        begun.set()
        while True:
            report(0.5)

    job = dispatcher.start(Lane.PLANES, "Work", work)
    job.ended.connect(lambda: known.append(dispatcher.is_closed))
    assert begun.wait(5)
    assert not dispatcher.is_closed
    dispatcher.close()
    # Whoever keeps a next wish must not start it now.
    assert known == [True]
