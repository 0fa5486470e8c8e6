"""The keeper: what is put is there after a restart and after a crash; damage, full disks and strangers' files."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.core.document import Finding, FindingStatus, HandCalibration, Measurement, MeasurementKind, Overlay, Place
from app.core.keeper import Keeper, StudyKey, ViewKey
from app.core.record import Masks
from app.core.store import MIGRATIONS, Store
from app.core.view import View
from app.dicom.model import Patient, StudyIndex
from app.dicom.voi import Window
from app.errors import UserError
from inference.types import Code, Label, ModelRef
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


# -- masks -------------------------------------------------------------------------------------------------------------

LABELS = (
    Label(1, "Right lung", Code("1", "right"), (255, 0, 0)),
    Label(2, "Left lung", Code("2", "left"), (0, 0, 255)),
)


def masks(identifier: str = "o", fill: int = 1, edits: dict[int, np.ndarray] | None = None) -> Masks:
    label_map = np.zeros((3, SERIES.rows, SERIES.columns), np.uint8)
    for k in range(3):
        label_map[k, 4 : 8 + k, 5:20] = fill
    model = ModelRef("lungs", "1.0", "cd" * 32)
    return Masks.of(Overlay(identifier, SERIES.key, (0, 1, 2), label_map, LABELS, model, edits or {}), SERIES)


def drawn(value: int) -> np.ndarray:
    plane = np.zeros((SERIES.rows, SERIES.columns), np.uint8)
    plane[value : value + 2, 3:9] = 2
    return plane


def same(one: Overlay, other: Overlay) -> bool:
    about = (one.id, one.series_key, one.indices, one.labels, one.model, sorted(one.edits))
    if about != (other.id, other.series_key, other.indices, other.labels, other.model, sorted(other.edits)):
        return False
    return np.array_equal(one.label_map, other.label_map) and np.array_equal(one.whole(), other.whole())


def planes_written(keeper: Keeper) -> list[tuple[int, bool]]:
    """(frame's number in its file, edited) of every row of planes that the next writes touch."""
    touched: list[tuple[int, bool]] = []
    store = keeper._store
    assert store is not None
    original = store.write

    def write(changed):
        touched.extend((len(row.data), row.key.edited) for row in changed.planes)
        touched.extend((0, key.edited) for key in changed.planes_gone)
        original(changed)

    store.write = write
    return touched


def test_masks_and_verdicts_are_there_after_a_restart(kept: Kept) -> None:
    keeper = kept.keeper()
    made = masks(edits={1: drawn(3)})
    verdict = Finding("f", "Right lung", made.place, status=FindingStatus.REJECTED, overlay_id="o", label_value=1)
    keeper.put({"o": (KEY, made), "f": (KEY, verdict)})
    keeper.close()
    again = kept.keeper()
    found = again.recall(INDEX).document
    (overlay,) = found.overlays
    assert same(overlay, made.overlay)
    assert found.findings == (verdict,)
    assert found.overlays[0].model == made.overlay.model
    assert kept.heard == []


def test_a_stroke_writes_its_plane_and_undo_takes_it_out(kept: Kept) -> None:
    keeper = kept.keeper()
    made = masks()
    keeper.put({"o": (KEY, made)})
    assert keeper.flush()
    touched = planes_written(keeper)
    first = Masks.of(replace(made.overlay, edits={1: drawn(3)}), SERIES)
    keeper.put({"o": (KEY, first)})
    assert keeper.flush()
    assert [edited for _, edited in touched] == [True], "one plane, and not the volume"
    second = Masks.of(replace(made.overlay, edits={**first.overlay.edits, 2: drawn(5)}), SERIES)
    keeper.put({"o": (KEY, second)})
    keeper.put({"o": (KEY, first)})
    assert keeper.flush()
    (overlay,) = kept.keeper().recall(INDEX).document.overlays
    assert same(overlay, first.overlay)
    keeper.put({"o": (KEY, made)})
    assert keeper.flush()
    (overlay,) = kept.keeper().recall(INDEX).document.overlays
    assert same(overlay, made.overlay)
    keeper.put({"o": None})
    keeper.close()
    assert kept.keeper().recall(INDEX).document.overlays == ()


def test_after_a_restart_a_stroke_leaves_the_models_planes_alone(kept: Kept) -> None:
    first = kept.keeper()
    first.put({"o": (KEY, masks())})
    first.close()
    keeper = kept.keeper()
    (overlay,) = keeper.recall(INDEX).document.overlays
    touched = planes_written(keeper)
    changed = Masks.of(replace(overlay, edits={0: drawn(1)}), SERIES)
    keeper.put({"o": (KEY, changed)})
    assert keeper.flush()
    assert [edited for _, edited in touched] == [True]
    assert same(kept.keeper().recall(INDEX).document.overlays[0], changed.overlay)


def test_images_that_are_not_open_keep_their_planes(kept: Kept) -> None:
    keeper = kept.keeper()
    made = masks()
    keeper.put({"o": (KEY, made)})
    keeper.close()
    part = replace(SERIES, instances=SERIES.instances[1:], frames=SERIES.frames[:2], positions=SERIES.positions[1:])
    keeper = kept.keeper()
    (overlay,) = keeper.recall(StudyIndex((replace(STUDY, series=(part,)),))).document.overlays
    assert overlay.indices == (0, 1)
    np.testing.assert_array_equal(overlay.label_map, made.overlay.label_map[1:])
    keeper.put({"o": (KEY, Masks.of(replace(overlay, edits={0: drawn(4)}), part))})
    keeper.close()
    (overlay,) = kept.keeper().recall(INDEX).document.overlays
    assert overlay.indices == (0, 1, 2)
    np.testing.assert_array_equal(overlay.label_map, made.overlay.label_map)
    assert set(overlay.edits) == {1}, "the second image of the whole stack"


def test_a_damaged_plane_costs_its_masks_alone(kept: Kept) -> None:
    keeper = kept.keeper()
    keeper.put({"o": (KEY, masks()), "p": (KEY, masks("p", 2)), "m": (KEY, distance("m"))})
    assert keeper.flush()
    assert keeper._store is not None
    keeper._store._db.execute("UPDATE plane SET data = x'00ff' WHERE item = 'o'")
    found = keeper.recall(INDEX).document
    assert [overlay.id for overlay in found.overlays] == ["p"]
    assert [m.id for m in found.measurements] == ["m"]


def test_damage_in_the_middle_of_a_session_costs_no_mask(kept: Kept) -> None:
    keeper = kept.keeper()
    made = masks(edits={0: drawn(2)})
    keeper.put({"o": (KEY, made)})
    assert keeper.flush()
    keeper._set_aside()
    keeper.put({"m": (KEY, distance("m"))})
    keeper.close()
    found = kept.keeper().recall(INDEX).document
    assert same(found.overlays[0], made.overlay)
    assert [m.id for m in found.measurements] == ["m"]


_PAINTER = """
import sys
from dataclasses import replace
from pathlib import Path
from tests.app.core import test_keeper as t
keeper = t.Keeper(Path(sys.argv[1]), lambda fault: sys.exit(str(fault)))
overlay = t.masks().overlay
for number in range(100000):
    overlay = replace(overlay, edits={number % 3: t.drawn(number % 20)})
    keeper.put({"o": (t.KEY, t.Masks.of(overlay, t.SERIES))})
    if number % 3 == 0:
        keeper.flush()
        print(number, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_killed_in_the_middle_of_strokes_the_masks_are_those_of_one_of_them(kept: Kept) -> None:
    root = str(Path(__file__).parents[3])
    command = [sys.executable, "-c", _PAINTER, str(kept.file)]
    environment = {**os.environ, "PYTHONPATH": root}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root, env=environment) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if int(line) >= 30:
                os.kill(child.pid, signal.SIGKILL)
                break
        child.stdout.read()
    (overlay,) = kept.keeper().recall(INDEX).document.overlays
    np.testing.assert_array_equal(overlay.label_map, masks().overlay.label_map)
    (index,) = overlay.edits
    assert any(np.array_equal(overlay.edits[index], drawn(value)) for value in range(20))
    assert kept.heard == []


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
