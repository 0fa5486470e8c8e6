"""The database: all or none of a write, its versions, what is in its file."""

import sqlite3
import stat
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.store import MIGRATIONS, Changed, NewerStore, PlaneKey, PlaneRow, Row, Store, ViewRow


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "readings.sqlite3"


def row(identifier: str, body: str = "{}") -> Row:
    return Row(identifier, "s", "t", "i", 2, "measurement", body)


def test_rows_come_back_in_the_order_in_which_they_were_made(file: Path) -> None:
    store = Store(file)
    store.write(Changed([row("b"), row("a"), row("c")], [], []))
    store.write(Changed([row("a", "edited")], [ViewRow("s", "t", 0, "i", 1, "v")], ["c", "unknown"]))
    store.close()
    again = Store(file)
    assert list(again.rows("s")) == [row("b"), row("a", "edited")]
    assert list(again.views("s")) == [ViewRow("s", "t", 0, "i", 1, "v")]
    again.write(Changed([], [replace(again.views("s")[0], body="w")], []))
    assert [view.body for view in again.views("s")] == ["w"]
    assert list(again.rows("other")) == []
    again.close()


def test_a_write_that_fails_leaves_nothing_behind(file: Path) -> None:
    store = Store(file)
    store.write(Changed([row("a")], [], []))
    broken = replace(row("b"), body=None)
    with pytest.raises(sqlite3.Error):
        store.write(Changed([row("c"), broken], [], ["a"]))
    assert list(store.rows("s")) == [row("a")]
    store.write(Changed([row("d")], [], []))
    store.close()


def test_hashes_stay_in_one_database_and_differ_in_another(file: Path, tmp_path: Path) -> None:
    one, other = Store(file), Store(tmp_path / "other.sqlite3")
    assert one.hash("study", "1.2.3") != other.hash("study", "1.2.3")
    assert one.hash("a", "b") != one.hash("ab") != one.hash("a\0b", "")
    kept = one.hash("study", "1.2.3")
    one.close()
    again = Store(file)
    assert again.hash("study", "1.2.3") == kept
    again.close()
    other.close()


def test_an_older_schema_is_brought_up_to_date_with_its_rows(file: Path) -> None:
    store = Store(file)
    store.write(Changed([row("a")], [], []))
    store.close()
    newer = (*MIGRATIONS, ("ALTER TABLE item ADD COLUMN colour TEXT NOT NULL DEFAULT 'yellow'",))
    store = Store(file, newer)
    assert list(store.rows("s")) == [row("a")]
    store.close()
    with sqlite3.connect(file) as plain:
        assert plain.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS) + 1,)
        assert plain.execute("SELECT colour FROM item").fetchall() == [("yellow",)]
    plain.close()
    before = file.read_bytes()
    with pytest.raises(NewerStore):
        Store(file)
    assert file.read_bytes() == before


def test_a_migration_that_fails_changes_nothing(file: Path) -> None:
    Store(file).close()
    with pytest.raises(sqlite3.OperationalError):
        Store(file, (*MIGRATIONS, ("CREATE TABLE more (x)", "nonsense")))
    store = Store(file)
    store.write(Changed([row("a")], [], []))
    store.close()
    with sqlite3.connect(file) as plain:
        assert plain.execute("SELECT name FROM sqlite_master WHERE name = 'more'").fetchall() == []
    plain.close()


def test_what_is_no_database_is_said_to_be_damaged(file: Path) -> None:
    file.parent.mkdir()
    file.write_bytes(b"this was never a database, but it is long enough to be looked at" * 40)
    with pytest.raises(sqlite3.DatabaseError) as fault:
        Store(file)
    assert not isinstance(fault.value, sqlite3.OperationalError)


@pytest.mark.skipif(sys.platform == "win32", reason="rights are of another kind there")
def test_the_file_is_the_readers_alone(file: Path) -> None:
    store = Store(file)
    store.write(Changed([row("a")], [], []))
    for one in file.parent.iterdir():
        assert stat.S_IMODE(one.stat().st_mode) & 0o077 == 0, one.name
    store.close()


def test_what_is_deleted_is_gone_from_the_file(file: Path) -> None:
    store = Store(file)
    store.write(Changed([row("a", "a secret in a note")], [], []))
    store.write(Changed([], [], ["a"]))
    store.close()
    assert b"a secret" not in file.read_bytes()


def test_planes_are_written_with_their_item_and_go_with_it(file: Path) -> None:
    store = Store(file)
    own, other, edit = (PlaneKey("a", "i", 0, False), PlaneKey("a", "i", 1, False), PlaneKey("a", "i", 1, True))
    stranger = PlaneRow(PlaneKey("b", "i", 1, False), b"theirs")
    store.write(Changed([row("a")], planes=[PlaneRow(key, b"made") for key in (own, other)] + [stranger]))
    store.write(Changed(planes=[PlaneRow(edit, b"drawn"), PlaneRow(own, b"made again")]))
    assert {row.key: row.data for row in store.planes("a")} == {own: b"made again", other: b"made", edit: b"drawn"}
    store.write(Changed(planes_gone=[edit]))
    assert {row.key for row in store.planes("a")} == {own, other}
    store.write(Changed(gone=["a"]))
    assert list(store.planes("a")) == []
    assert list(store.planes("b")) == [stranger]
    store.close()


def test_a_file_of_the_first_version_gets_room_for_planes(file: Path) -> None:
    store = Store(file, MIGRATIONS[:1])
    store._db.execute("INSERT INTO item VALUES ('a', 's', 't', 'i', 2, 'measurement', '{}')")
    store.close()
    store = Store(file)
    assert list(store.rows("s")) == [row("a")]
    store.write(Changed(planes=[PlaneRow(PlaneKey("a", "i", 0, False), b"x")]))
    assert len(store.planes("a")) == 1
    store.close()
