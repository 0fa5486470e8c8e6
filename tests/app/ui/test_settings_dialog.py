"""The settings dialog: shows what is in force, changes nothing before Save, and then at once."""

from __future__ import annotations

import pytest

from app import settings as options
from app.settings import Settings
from app.ui.settings_dialog import SettingsDialog
from app.ui.window import Window


@pytest.fixture
def dialog(window: Window) -> SettingsDialog:
    window.actions_["settings"].trigger()
    return window.findChild(SettingsDialog)


def test_it_shows_what_is_in_force_within_its_limits(dialog: SettingsDialog) -> None:
    assert dialog.fields["text_size"].value() == 13
    assert dialog.fields["overlay_opacity"].value() == 35
    assert (dialog.fields["text_size"].minimum(), dialog.fields["text_size"].maximum()) == (10, 24)
    for field in dialog.fields.values():
        assert field.accessibleName()
        assert field.accessibleDescription()


def test_saving_takes_effect_at_once_and_is_kept(window: Window, dialog: SettingsDialog, qapp) -> None:
    dialog.fields["text_size"].setValue(17)
    dialog.fields["cache_megabytes"].setValue(512)
    dialog.fields["overlay_opacity"].setValue(60)
    dialog.save.click()
    assert qapp.font().pixelSize() == 17
    assert window.loader.limit_bytes == 512 * 2**20
    assert window.session.style.opacity == pytest.approx(0.6)
    assert Settings().get(options.TEXT_SIZE) == 17


def test_cancelling_changes_nothing(window: Window, dialog: SettingsDialog, qapp) -> None:
    dialog.fields["text_size"].setValue(17)
    dialog.reject()
    assert qapp.font().pixelSize() == 13
    assert window.settings.get(options.TEXT_SIZE) == 13


def test_defaults_come_back(dialog: SettingsDialog) -> None:
    dialog.fields["text_size"].setValue(20)
    dialog._show_defaults()
    assert dialog.fields["text_size"].value() == 13


def test_settings_that_cannot_be_written_do_not_stop_the_window(
    window: Window, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(_: Settings) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Settings, "save", full)
    window.close()
    assert not window.isVisible()
    assert "No space left" in caplog.text
