"""The keeper: what is put is there after a restart and after a crash; damage, full disks and strangers' files."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.document import Finding, FindingStatus, HandCalibration, Measurement, MeasurementKind, Place
from app.core.keeper import Keeper, StudyKey, ViewKey
from app.core.store import MIGRATIONS, Store
from app.core.view import View
from app.dicom.model import Patient, StudyIndex
from app.dicom.voi import Window
from app.errors import UserError
from tests.app.core import made_series

SERIES = made_series.series("1.2.826.55.1", study_uid="1.2.826.55")
STUDY = made_series.study(SERIES, uid="1.2.826.55")
INDEX = StudyIndex((STUDY,))
KEY = StudyKey(STUDY.patient.id, STUDY.uid)


def distance(identifier: str, index: int = 0, column: float = 4.0) -> Measurement:
    return Measurement(identifier, MeasurementKind.DISTANCE, Place.of(SERIES, index), ((0, 0), (3, column)))


class Kept:
    """A database file and the keepers of one test."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.heard: list[UserError] = []
        self.open: list[Keeper] = []

    def keeper(self) -> Keeper:
        keeper = Keeper(self.file, self.heard.append)
        self.open.append(keeper)
        return keeper

    def measurements(self) -> tuple[Measurement, ...]:
        keeper = self.keeper()
        found = keeper.recall(INDEX).document.measurements
        keeper.close()
        return found


@pytest.fixture
def kept(tmp_path: Path):
    kept = Kept(tmp_path / "readings.sqlite3")
    yield kept
    for keeper in kept.open:
        keeper.close()


def test_what_was_put_is_there_after_a_restart(kept: Kept) -> None:
    place = Place.of(SERIES, 1)
    by_hand = HandCalibration("c", place, ((0, 0), (0, 9)), 5.0, (0.5, 0.25), whole_stack=True)
    finding = Finding("f", "Nodule", place, status=FindingStatus.ACCEPTED)
    view = View(2, Window(40, 80), invert=True, rotation=1, zoom=2.0, centre=(3.0, 4.0))
    keeper = kept.keeper()
    keeper.put({"m": (KEY, distance("m")), "n": (KEY, distance("n", 2))})
    keeper.put({"c": (KEY, by_hand), "f": (KEY, finding), "m": (KEY, distance("m", column=7.5)), "n": None})
    keeper.put_view(ViewKey(KEY, Place.of(SERIES, 2)), view)
    keeper.close()
    again = kept.keeper()
    found = again.recall(INDEX)
    assert found.document.measurements == (distance("m", column=7.5),)
    assert found.document.calibrations == (by_hand,)
    assert found.document.findings == (finding,)
    assert found.views == {SERIES.key: view}
    assert kept.heard == []


def test_another_patient_with_the_same_uids_sees_nothing(kept: Kept) -> None:
    keeper = kept.keeper()
    keeper.put({"m": (KEY, distance("m"))})
    stranger = StudyIndex((replace(STUDY, patient=Patient("SOMEBODY ELSE")),))
    assert keeper.recall(stranger).document.measurements == ()
    assert len(keeper.recall(INDEX).document.measurements) == 1


def test_an_image_that_is_not_open_keeps_its_measurements_for_later(kept: Kept) -> None:
    keeper = kept.keeper()
    keeper.put({"m": (KEY, distance("m", 2))})
    part = replace(SERIES, instances=SERIES.instances[:2], frames=SERIES.frames[:2], positions=SERIES.positions[:2])
    assert keeper.recall(StudyIndex((replace(STUDY, series=(part,)),))).document.measurements == ()
    assert keeper.recall(INDEX).document.measurements == (distance("m", 2),)


def test_the_file_names_nobody(kept: Kept) -> None:
    keeper = kept.keeper()
    known = replace(STUDY, patient=Patient("ID-4711", "Doe^Jane", "19700101"))
    key = StudyKey(known.patient.id, known.uid)
    keeper.put({"m": (key, distance("m"))})
    keeper.put_view(ViewKey(key, Place.of(SERIES, 0)), View())
    assert keeper.flush()
    every = b"".join(file.read_bytes() for file in kept.file.parent.iterdir())
    for secret in (b"4711", b"Jane", b"1970", b"1.2.826", SERIES.instances[0].sop_instance_uid.encode()):
        assert secret not in every
    assert all("4711" not in file.name and "1.2" not in file.name for file in kept.file.parent.iterdir())


def test_a_damaged_file_is_set_aside_with_a_word_and_the_session_goes_on(kept: Kept) -> None:
    kept.file.write_bytes(b"\x93not a database" * 500)
    keeper = kept.keeper()
    keeper.put({"m": (KEY, distance("m"))})
    assert keeper.flush()
    assert not keeper.is_failing
    (aside,) = kept.file.parent.glob("*damaged*")
    assert aside.read_bytes().startswith(b"\x93not a database")
    assert len(kept.heard) == 1
    assert aside.name in kept.heard[0].what_now
    keeper.close()
    assert kept.measurements() == (distance("m"),)


def test_damage_in_the_middle_of_a_session_costs_nothing_of_it(kept: Kept) -> None:
    first = kept.keeper()
    first.put({"old": (KEY, distance("old"))})
    first.close()
    keeper = kept.keeper()
    assert keeper.recall(INDEX).document.measurements == (distance("old"),)
    keeper.put({"m": (KEY, distance("m"))})
    assert keeper.flush()
    store = keeper._store
    assert store is not None
    store._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store._db.execute("PRAGMA cache_size = 0")
    damage(kept.file)
    keeper.put({"n": (KEY, distance("n", 1))})
    assert keeper.flush()
    keeper.close()
    assert len(list(kept.file.parent.glob("*damaged*.sqlite3"))) == 1
    assert [fault.what for fault in kept.heard] == ["Earlier measurements cannot be read"]
    assert {m.id for m in kept.measurements()} == {"old", "m", "n"}


def damage(file: Path) -> None:
    """Everything behind the header's first hundred bytes turned to noise."""
    with file.open("r+b") as stream:
        size = file.stat().st_size
        stream.seek(100)
        stream.write(b"\xa5" * (size - 100))


def test_a_full_disk_is_said_once_and_nothing_is_lost_once_there_is_room(kept: Kept) -> None:
    keeper = kept.keeper()
    keeper.put({"m": (KEY, distance("m"))})
    assert keeper.flush()
    store = keeper._store
    assert store is not None
    (pages,) = store._db.execute("PRAGMA page_count").fetchone()
    store._db.execute(f"PRAGMA max_page_count = {pages}")
    long = replace(distance("n"), name="x" * 60_000)
    keeper.put({"n": (KEY, long)})
    assert keeper.flush()
    keeper.put({"o": (KEY, distance("o"))})
    assert keeper.flush()
    assert keeper.is_failing
    assert [fault.why for fault in kept.heard] == ["the disk is full"]
    store._db.execute("PRAGMA max_page_count = 100000")
    keeper.put({"p": (KEY, distance("p"))})
    assert keeper.flush()
    assert not keeper.is_failing
    keeper.close()
    assert {m.id for m in kept.measurements()} == {"m", "n", "o", "p"}


def test_a_folder_that_cannot_be_used_is_said_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    kept = Kept(tmp_path / "file" / "readings.sqlite3")
    keeper = kept.keeper()
    for number in range(3):
        keeper.put({str(number): (KEY, distance(str(number)))})
        assert keeper.flush()
    assert keeper.is_failing
    assert len(kept.heard) == 1
    assert keeper.recall(INDEX).document.measurements == ()
    keeper.close()
    assert "Export a report" in kept.heard[0].what_now
    assert str(tmp_path) not in str(kept.heard[0])


def test_a_newer_file_is_left_alone(kept: Kept) -> None:
    Store(kept.file, (*MIGRATIONS, ("CREATE TABLE future (x)",))).close()
    before = kept.file.read_bytes()
    keeper = kept.keeper()
    keeper.put({"m": (KEY, distance("m"))})
    assert keeper.flush()
    keeper.close()
    assert "newer version" in kept.heard[0].why
    assert kept.file.read_bytes() == before


def test_a_record_from_elsewhere_is_passed_over(kept: Kept) -> None:
    keeper = kept.keeper()
    keeper.put({"m": (KEY, distance("m")), "n": (KEY, distance("n"))})
    assert keeper.flush()
    store = keeper._store
    assert store is not None
    store._db.execute("UPDATE item SET body = '{\"kind\": \"SPHERE\"}' WHERE id = 'm'")
    assert [m.id for m in keeper.recall(INDEX).document.measurements] == ["n"]
    assert len(store.rows(store.hash("study", KEY.patient_id, KEY.study_uid))) == 2, "it stays for who understands it"


def test_two_programs_may_keep_at_the_same_time(kept: Kept) -> None:
    one, other = kept.keeper(), kept.keeper()
    for number in range(5):
        one.put({f"a{number}": (KEY, distance(f"a{number}"))})
        other.put({f"b{number}": (KEY, distance(f"b{number}"))})
    assert one.flush()
    assert other.flush()
    assert len(one.recall(INDEX).document.measurements) == 10
    assert kept.heard == []


def test_after_closing_nothing_waits(kept: Kept) -> None:
    keeper = kept.keeper()
    keeper.close()
    keeper.close()
    keeper.put({"m": (KEY, distance("m"))})
    assert keeper.flush()
    assert keeper.recall(INDEX).document.measurements == ()
    assert not kept.file.exists()


_WRITER = """
import sys
from pathlib import Path
from tests.app.core import test_keeper as t
keeper = t.Keeper(Path(sys.argv[1]), lambda fault: sys.exit(str(fault)))
for number in range(100000):
    name = f"m{number}"
    keeper.put({name: (t.KEY, t.distance(name))})
    if number % 3 == 0:
        keeper.flush()
        print(number, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_killed_in_the_middle_of_writing_all_that_was_committed_is_there(kept: Kept) -> None:
    root = str(Path(__file__).parents[3])
    environment = {**os.environ, "PYTHONPATH": root}
    command = [sys.executable, "-c", _WRITER, str(kept.file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root, env=environment) as child:
        assert child.stdout is not None
        last = -1
        for line in child.stdout:
            last = int(line)
            if last >= 30:
                os.kill(child.pid, signal.SIGKILL)
                break
        rest = child.stdout.read().split()
        last = max([last, *map(int, rest)])
    assert child.returncode == -signal.SIGKILL
    found = {m.id for m in kept.measurements()}
    assert {f"m{number}" for number in range(last + 1)} <= found
    assert kept.heard == []
