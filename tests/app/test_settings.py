"""Settings: every option once, defaults that always hold, a file that is written whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app import settings as options
from app.settings import OPTIONS, Settings


def test_without_a_file_every_option_has_its_default() -> None:
    settings = Settings()
    assert [settings.get(option) for option in OPTIONS] == [option.default for option in OPTIONS]


def test_every_option_is_declared_once_with_help_and_a_valid_default() -> None:
    names = [option.name for option in OPTIONS]
    assert len(set(names)) == len(names)
    for option in OPTIONS:
        assert option.help.endswith(".")
        assert option.check(option.default)


def test_the_environment_names_the_folder(scoutview_home: Path) -> None:
    assert Settings().file == scoutview_home / "settings.json"


def test_without_the_environment_it_is_the_users_own_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SCOUTVIEW_HOME")
    assert "scoutview" in str(options.home()).lower()


def test_what_is_saved_comes_back() -> None:
    settings = Settings()
    settings.set(options.DEVICE, "cpu")
    settings.set(options.OVERLAY_OPACITY, 0.6)
    settings.set(options.EXPORT_FORMATS, ["png"])
    settings.save()
    again = Settings()
    assert again.get(options.DEVICE) == "cpu"
    assert again.get(options.OVERLAY_OPACITY) == 0.6
    assert again.get(options.EXPORT_FORMATS) == ["png"]


@pytest.mark.parametrize("content", ["", "{", "[1, 2]", '"text"', "\x00\xff"])
def test_a_damaged_file_gives_the_defaults(scoutview_home: Path, content: str) -> None:
    (scoutview_home / "settings.json").write_text(content, encoding="latin-1")
    assert Settings().get(options.TEXT_SIZE) == 13


@pytest.mark.parametrize(
    ("option", "value"),
    [
        (options.TEXT_SIZE, 4000),
        (options.TEXT_SIZE, True),
        (options.CACHE_MEGABYTES, "much"),
        (options.OVERLAY_OPACITY, 1.5),
        (options.DEVICE, 7),
        (options.RECENT, ["a", 1]),
    ],
)
def test_a_value_that_is_not_allowed_is_neither_read_nor_set(
    scoutview_home: Path, option: options.Option, value: object
) -> None:
    (scoutview_home / "settings.json").write_text(json.dumps({option.name: value}), encoding="utf-8")
    settings = Settings()
    assert settings.get(option) == option.default
    with pytest.raises(ValueError, match=option.name):
        settings.set(option, value)


def test_entries_of_other_versions_are_kept(scoutview_home: Path) -> None:
    file = scoutview_home / "settings.json"
    file.write_text(json.dumps({"from_the_future": 1}), encoding="utf-8")
    settings = Settings()
    settings.set(options.DEVICE, "cpu")
    settings.save()
    assert json.loads(file.read_text(encoding="utf-8")) == {"device": "cpu", "from_the_future": 1}


def test_a_default_cannot_be_changed_through_what_get_returns() -> None:
    Settings().get(options.EXPORT_FORMATS).append("nifti")  # type: ignore[attr-defined]
    assert Settings().get(options.EXPORT_FORMATS) == ["pdf", "seg"]


def test_recent_paths_are_unique_newest_first_and_few(tmp_path: Path) -> None:
    settings = Settings()
    folders = [tmp_path / str(number) for number in range(14)]
    for folder in folders:
        folder.mkdir()
        settings.remember(folder)
    settings.remember(folders[10])
    expected = [folders[10], *reversed(folders[4:10]), folders[13], folders[12], folders[11]]
    assert set(settings.get(options.RECENT)) == {str(folder) for folder in expected}
    assert settings.get(options.RECENT)[0] == str(folders[10])
    assert len(settings.get(options.RECENT)) == options.RECENT_LIMIT


def test_dialogs_begin_in_the_folder_of_a_file(tmp_path: Path) -> None:
    settings = Settings()
    file = tmp_path / "image.dcm"
    file.touch()
    settings.remember(file)
    assert settings.get(options.LAST_FOLDER) == str(tmp_path)


def test_a_save_that_fails_leaves_the_old_file_and_no_part(
    scoutview_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings()
    settings.set(options.DEVICE, "cpu")
    settings.save()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(json, "dump", full)
    settings.set(options.DEVICE, "cuda")
    with pytest.raises(OSError, match="No space"):
        settings.save()
    assert [path.name for path in scoutview_home.iterdir()] == ["settings.json"]
    monkeypatch.undo()
    monkeypatch.setenv("SCOUTVIEW_HOME", str(scoutview_home))
    assert Settings().get(options.DEVICE) == "cpu"
