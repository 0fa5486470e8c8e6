"""Keeps the reader's work as it is done: one thread writes to the database, nobody waits for it.

What cannot be written stays in memory and is tried again with the next edit; that is said once. A damaged database is
set aside under another name, and all of this session is written to a fresh one.
"""

from __future__ import annotations

import logging
import queue
import sqlite3
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.core.arrangement import read as read_arrangement
from app.core.arrangement import written as written_arrangement
from app.core.document import Place
from app.core.record import (
    FAULTS,
    Item,
    Kept,
    Masks,
    document_of,
    kind_of,
    packed,
    read,
    read_masks,
    read_view,
    written,
    written_view,
)
from app.core.store import Changed, NewerStore, PlaneKey, PlaneRow, Row, Store, ViewRow
from app.errors import UserError
from inference.words import say

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from app.core.arrangement import Arrangement
    from app.core.document import Overlay
    from app.core.view import View
    from app.dicom.model import Series, Study, StudyIndex

log = logging.getLogger(__name__)

WHAT = say("What you measure is not being kept")
NOW = say("Work goes on. Export a report before you quit.")


@dataclass(frozen=True)
class StudyKey:
    """Whose study: patients are never mixed, whatever UIDs their files share."""

    patient_id: str
    study_uid: str


@dataclass(frozen=True)
class ViewKey:
    """Which stack's view, and the image that was left on screen."""

    study: StudyKey
    place: Place


@dataclass
class _Batch:
    """What waits to be written: the newest state of each thing. ``items``: ``None`` for what was deleted."""

    items: dict[str, tuple[StudyKey, Item] | None] = field(default_factory=dict)
    views: dict[tuple[StudyKey, str, int], tuple[ViewKey, View]] = field(default_factory=dict)
    arrangements: dict[StudyKey, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Nothing waits."""
        return not (self.items or self.views or self.arrangements)

    def add(self, other: _Batch) -> None:
        """Takes in what came later."""
        self.items.update(other.items)
        self.views.update(other.views)
        self.arrangements.update(other.arrangements)


@dataclass
class _Recall:
    index: StudyIndex
    answer: Kept = field(default_factory=Kept)
    done: threading.Event = field(default_factory=threading.Event)


class Keeper:
    """The one thread that touches the database. Its methods return at once, but for ``recall``, ``flush`` and
    ``close``."""

    def __init__(self, file: Path, trouble: Callable[[UserError], None]) -> None:
        """``trouble`` is called on the keeper's thread, once for each kind of failure."""
        self._file = file
        self._trouble = trouble
        self._inbox: queue.SimpleQueue[_Batch | _Recall | threading.Event | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._store: Store | None = None
        self._waiting = _Batch()
        self._all = _Batch()
        self._masks: dict[str, Overlay] = {}
        """Overlays as the file has them, so that of a change only its planes are written."""
        self._told: set[str] = set()
        self._failing = False
        self._closed = False

    # -- on the window's thread ------------------------------------------------------------------------------------

    @property
    def is_failing(self) -> bool:
        """Something that was put could not be written so far."""
        return self._failing

    def put(self, items: dict[str, tuple[StudyKey, Item] | None]) -> None:
        """Writes items by their id; ``None`` deletes."""
        if items:
            self._send(_Batch(dict(items)))

    def put_view(self, key: ViewKey, view: View) -> None:
        """Writes how a stack is shown."""
        place = key.place
        self._send(_Batch({}, {(key.study, place.series_uid, place.stack): (key, view)}))

    def put_arrangement(self, study: Study, arrangement: Arrangement) -> None:
        """Writes how the views of a study are arranged."""
        key = StudyKey(study.patient.id, study.uid)
        self._send(_Batch(arrangements={key: written_arrangement(arrangement, study)}))

    def recall(self, index: StudyIndex, timeout_s: float = 10.0) -> Kept:
        """What was kept about the studies of ``index``. Waits for the database: not for the window's thread."""
        asked = _Recall(index)
        self._send(asked)
        return asked.answer if asked.done.wait(timeout_s) else Kept()

    def flush(self, timeout_s: float = 10.0) -> bool:
        """Waits until all that was put before has been tried. False where that takes too long."""
        done = threading.Event()
        self._send(done)
        return done.wait(timeout_s)

    def close(self) -> None:
        """Writes what waits and ends the thread. Nothing may be put afterwards."""
        if self._closed:
            return
        self._closed = True
        if self._thread is not None:
            self._inbox.put(None)
            self._thread.join()

    def _send(self, message: _Batch | _Recall | threading.Event) -> None:
        if self._closed:
            if isinstance(message, _Recall):
                message.done.set()
            elif isinstance(message, threading.Event):
                message.set()
            return
        if self._thread is None:
            # Every transaction is whole, so a program that ends in haste needs not wait for this thread.
            self._thread = threading.Thread(target=self._run, name="scoutview-keeper", daemon=True)
            self._thread.start()
        self._inbox.put(message)

    # -- on its own thread -----------------------------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            message = self._inbox.get()
            if isinstance(message, _Batch):
                self._waiting.add(message)
                self._all.add(message)
                if self._inbox.empty():
                    self._write()
                continue
            if not self._waiting.is_empty:
                self._write()
            if isinstance(message, _Recall):
                try:
                    message.answer = self._read(message.index)
                finally:
                    message.done.set()
            elif message is not None:
                message.set()
            else:
                if self._store is not None:
                    self._store.close()
                return

    def _opened(self) -> Store | None:
        if self._store is None:
            try:
                self._store = Store(self._file)
            except NewerStore:
                self._tell(
                    "newer",
                    say("the file with measurements was written by a newer version"),
                    say("Update it. {now}", now=NOW),
                )
            except (sqlite3.OperationalError, OSError) as fault:
                self._tell("open", _reason(fault), NOW)
            except sqlite3.DatabaseError:
                self._store = self._set_aside()
        return self._store

    def _set_aside(self) -> Store | None:
        """Gives a damaged database another name and begins a fresh one with all that this session knows."""
        if self._store is not None:
            self._store.close()
            self._store = None
        self._masks.clear()
        number = 1
        while (aside := self._file.with_name(f"{self._file.stem}-damaged-{number}{self._file.suffix}")).exists():
            number += 1
        try:
            self._file.rename(aside)
            for end in ("-wal", "-shm"):
                log_file = self._file.with_name(self._file.name + end)
                if log_file.exists():
                    log_file.rename(aside.with_name(aside.name + end))
            fresh = Store(self._file)
        except (sqlite3.Error, OSError, NewerStore) as fault:
            self._tell("open", _reason(fault), NOW)
            return None
        self._tell(
            "damaged",
            say("the file with measurements of earlier sessions is damaged"),
            say(
                "It was set aside as {name}, and a new one was begun. Nothing of this session is lost.", name=aside.name
            ),
            what=say("Earlier measurements cannot be read"),
        )
        self._waiting.add(self._all)
        return fresh

    def _write(self) -> None:
        store = self._opened()
        if store is None:
            self._failing = True
            return
        # A damaged file shows when it is written at the latest: then once more, to a fresh one.
        for _ in range(2):
            try:
                store.write(self._changed(store))
            except sqlite3.OperationalError as fault:
                self._failing = True
                self._tell("write", _reason(fault), NOW)
                return
            except sqlite3.DatabaseError:
                fresh = self._set_aside()
                if fresh is None:
                    self._failing = True
                    return
                self._store = store = fresh
            else:
                self._remember(self._waiting)
                self._waiting = _Batch()
                self._failing = False
                return
        self._failing = True

    def _remember(self, written_: _Batch) -> None:
        for identifier, entry in written_.items.items():
            if entry is None:
                self._masks.pop(identifier, None)
            elif isinstance(entry[1], Masks):
                self._masks[identifier] = entry[1].overlay

    def _changed(self, store: Store) -> Changed:
        rows, gone = [], []
        planes: list[PlaneRow] = []
        planes_gone: list[PlaneKey] = []
        for identifier, entry in self._waiting.items.items():
            if entry is None:
                gone.append(identifier)
                continue
            study, item = entry
            place = item.place
            rows.append(
                Row(
                    identifier,
                    _study(store, study),
                    _series(store, place.series_uid, place.stack),
                    store.hash("instance", place.sop_instance_uid),
                    place.frame,
                    kind_of(item),
                    written(item),
                )
            )
            if isinstance(item, Masks):
                more, less = _planes(store, item, self._masks.get(identifier))
                planes += more
                planes_gone += less
        views = [
            ViewRow(
                _study(store, key.study),
                _series(store, key.place.series_uid, key.place.stack),
                key.place.stack,
                store.hash("instance", key.place.sop_instance_uid),
                key.place.frame,
                written_view(view),
            )
            for key, view in self._waiting.views.values()
        ]
        arrangements = [(_study(store, key), body) for key, body in self._waiting.arrangements.items()]
        return Changed(rows, views, gone, planes, planes_gone, arrangements)

    def _read(self, index: StudyIndex) -> Kept:
        store = self._opened()
        if store is None:
            return Kept()
        items: list[Item] = []
        views: dict[tuple[str, int], View] = {}
        arrangements: dict[tuple[str, str], Arrangement] = {}
        try:
            for study in index.studies:
                found = _of_study(store, study)
                items += found[0]
                views |= found[1]
                key = StudyKey(study.patient.id, study.uid)
                arranged = _arrangement(store, study)
                if arranged is not None:
                    arrangements[key.patient_id, key.study_uid] = arranged
                # A fresh file after damage gets these as well.
                self._all.items.update({item.id: (key, item) for item in found[0]})
                self._masks.update({item.id: item.overlay for item in found[0] if isinstance(item, Masks)})
        except sqlite3.OperationalError as fault:
            self._tell("read", _reason(fault), NOW)
        except sqlite3.DatabaseError:
            self._store = self._set_aside()
            self._write()
        return Kept(document_of(items), views, arrangements)

    def _tell(self, kind: str, why: str, now: str, *, what: str = WHAT) -> None:
        log.warning("keeping: %s", kind)
        if kind not in self._told:
            self._told.add(kind)
            self._trouble(UserError(what, why, now))


def _study(store: Store, key: StudyKey) -> str:
    return store.hash("study", key.patient_id, key.study_uid)


def _arrangement(store: Store, study: Study) -> Arrangement | None:
    body = store.arrangement(_study(store, StudyKey(study.patient.id, study.uid)))
    try:
        return None if body is None else read_arrangement(body, study)
    except FAULTS:
        log.warning("keeping: an arrangement cannot be read")
        return None


def _series(store: Store, uid: str, stack: int) -> str:
    return store.hash("series", uid, str(stack))


def _planes(store: Store, masks: Masks, before: Overlay | None) -> tuple[list[PlaneRow], list[PlaneKey]]:
    """Planes to write and to delete, where the file has the overlay as ``before``."""
    overlay = masks.overlay
    rows: list[PlaneRow] = []
    gone: list[PlaneKey] = []
    for number, (index, place) in enumerate(zip(overlay.indices, masks.places, strict=True)):
        own, edit = (
            PlaneKey(overlay.id, store.hash("instance", place.sop_instance_uid), place.frame, edited)
            for edited in (False, True)
        )
        if before is None or before.label_map is not overlay.label_map:
            rows.append(PlaneRow(own, packed(overlay.label_map[number])))
        now, then = overlay.edits.get(index), None if before is None else before.edits.get(index)
        if now is None and then is not None:
            gone.append(edit)
        elif now is not None and now is not then:
            rows.append(PlaneRow(edit, packed(now)))
    return rows, gone


def _of_study(store: Store, study: Study) -> tuple[list[Item], dict[tuple[str, int], View]]:
    """What was kept about one study, where its images are among those that are open."""
    key = _study(store, StudyKey(study.patient.id, study.uid))
    rows, view_rows = store.rows(key), store.views(key)
    if not rows and not view_rows:
        return [], {}
    stacks = {_series(store, series.uid, series.stack): series for series in study.series}
    instances = _instances(store, study)
    items: list[Item] = []
    for row in rows:
        place = _place(instances, row.instance, row.frame)
        try:
            if row.kind == "masks":
                series = stacks.get(row.series)
                if series is not None:
                    items.append(read_masks(row.id, row.body, _packed_planes(store, row.id, series), series))
            elif place is not None:
                items.append(read(row.kind, row.id, row.body, place))
        except FAULTS:
            log.warning("keeping: a record of kind %s cannot be read", row.kind)
    views = {}
    for view_row in view_rows:
        series = stacks.get(view_row.series)
        place = _place(instances, view_row.instance, view_row.frame)
        at = None if series is None or place is None else place.index_in(series)
        if series is not None and at is not None:
            try:
                views[series.key] = read_view(view_row.body, at)
            except FAULTS:
                log.warning("keeping: a view cannot be read")
    return items, views


def _packed_planes(store: Store, item: str, series: Series) -> dict[int, tuple[bytes, bytes | None]]:
    """By sorted frame of ``series``, the model's plane and the reader's; frames that are not open stay in the file."""
    numbers = [store.hash("instance", instance.sop_instance_uid) for instance in series.instances]
    frames = {(numbers[key.instance], key.frame): index for index, key in enumerate(series.frames)}
    own: dict[int, bytes] = {}
    edited: dict[int, bytes] = {}
    for row in store.planes(item):
        index = frames.get((row.key.instance, row.key.frame))
        if index is not None:
            (edited if row.key.edited else own)[index] = row.data
    return {index: (data, edited.get(index)) for index, data in own.items()}


def _instances(store: Store, study: Study) -> dict[str, list[tuple[Series, int]]]:
    """Hash of each SOP instance → the stacks that show its frames, and its number in them."""
    found: dict[str, list[tuple[Series, int]]] = {}
    for series in study.series:
        for number, instance in enumerate(series.instances):
            found.setdefault(store.hash("instance", instance.sop_instance_uid), []).append((series, number))
    return found


def _place(instances: dict[str, list[tuple[Series, int]]], instance: str, frame: int) -> Place | None:
    for series, number in instances.get(instance, ()):
        for index, key in enumerate(series.frames):
            if key.instance == number and key.frame == frame:
                return Place.of(series, index)
    return None


def _reason(fault: Exception) -> str:
    """Why the file cannot be used, in words that name no path."""
    text = str(fault).lower()
    if "full" in text:
        return say("the disk is full")
    if "readonly" in text or "read-only" in text or isinstance(fault, PermissionError):
        return say("the folder for measurements cannot be written")
    if "locked" in text or "busy" in text:
        return say("another program holds the file with measurements")
    return say("the file with measurements cannot be opened or written")
