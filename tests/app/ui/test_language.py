"""The window in Simplified Chinese: what is translated, what is left alone, and the way there and back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QTabWidget,
    QWidget,
)

from app import settings as options
from app.core.document import POINTS_OF, Measurement, MeasurementKind, Place
from app.core.measure import measure
from app.dicom.model import Skipped
from app.errors import UserError
from app.paths import cache_dir
from app.settings import Settings
from app.ui import language, message, text_dialog
from app.ui.actions import COMMANDS, plain
from app.ui.application import application
from app.ui.language import shown, tr, tr_n
from app.ui.settings_dialog import SettingsDialog
from app.ui.window import Window
from inference.contract import body_part_said
from inference.words import joined, known, say, say_n
from tests.app.ui.conftest import Ear, Settle

CHINESE = "zh_CN"


@pytest.fixture
def chinese(qapp: QApplication) -> None:
    assert language.use(qapp, CHINESE) == CHINESE


# -- sentences ---------------------------------------------------------------------------------------------------------


def test_sentences_are_translated_with_their_values(chinese: None) -> None:
    assert tr("Series {number}", number=3) == "序列 3"
    assert shown(say("Lengths are calibrated by {how}.", how=say("an object of known size"))) == (
        "长度依据已知大小的物体校准。"
    )


def test_numbers_keep_the_format_of_the_sentence(chinese: None) -> None:
    assert tr("Gantry tilt of {tilt:.1f}°: slices are shifted against each other.", tilt=18.527).startswith(
        "机架倾斜 18.5°"
    )


def test_plurals(chinese: None, qapp: QApplication) -> None:
    assert [tr_n("%n image", "%n images", n) for n in (1, 2)] == ["1 幅图像", "2 幅图像"]
    language.use(qapp, "en")
    assert [tr_n("%n image", "%n images", n) for n in (1, 2)] == ["1 image", "2 images"]
    assert shown(say_n("%n series", "%n series", 1)) == "1 series"


def test_notes_tell_the_same_word_apart(chinese: None) -> None:
    assert tr("Window", note="tab") == "窗宽窗位"
    assert tr("Window") != tr("Window", note="tab")


def test_joined_parts_and_their_separators_are_translated(chinese: None) -> None:
    assert shown(joined(", ", (say("Left"), "CHEST"))) == "左、CHEST"


def test_a_refusal_names_parts_of_the_body_in_the_readers_language(chinese: None) -> None:
    parts = joined(" or ", map(body_part_said, ("CHEST", "ABDOMEN")))
    said = say(
        "expects the {wanted}; the header says {body_part}", wanted=parts, body_part=body_part_said("Extremity ")
    )
    assert said == "expects the chest or abdomen; the header says extremity"
    assert all(words in shown(said) for words in ("胸部或腹部", "四肢"))
    assert shown(body_part_said("LFOREARM")) == "lforearm", "what is no term is said as it stands"


def test_texts_of_files_are_never_touched(chinese: None) -> None:
    assert shown("Left") == "Left"
    assert tr("Go to {name}", name="Left") == "转到 Left"


def test_what_the_catalogue_lacks_stays_english(chinese: None) -> None:
    assert shown(known("A model of somebody else's")) == "A model of somebody else's"
    assert shown(say_n("%n odd thing of {x}", "%n odd things of {x}", 1, x="y")) == "1 odd thing of y"


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        (["zh-Hans-CN", "en-US"], CHINESE),
        (["zh-CN"], CHINESE),
        (["zh_SG"], CHINESE),
        (["en-GB", "zh-CN"], "en"),
        (["fr-FR", "zh-CN"], CHINESE),
        (["zh-TW"], "en"),
        (["C"], "en"),
        ([], "en"),
    ],
)
def test_the_desktops_first_language_that_there_is(tags: list[str], code: str) -> None:
    assert language.first_of(tags) == code


def test_every_choice_of_the_settings_is_a_language() -> None:
    for code in (language.SYSTEM, *language.LANGUAGES):
        assert options.LANGUAGE.check(code)
    assert not options.LANGUAGE.check("tlh")


def test_a_catalogue_is_compiled_once_and_again_when_its_text_changes(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    run = language.subprocess.run
    monkeypatch.setattr(language.subprocess, "run", lambda *given, **how: made.append(1) or run(*given, **how))
    assets = tmp_path / "assets" / "translations"
    assets.mkdir(parents=True)
    text = (language.assets_dir() / "translations" / "scoutview_zh_CN.ts").read_text(encoding="utf-8")
    (assets / "scoutview_zh_CN.ts").write_text(text, encoding="utf-8")
    monkeypatch.setattr(language, "assets_dir", lambda: tmp_path / "assets")
    for _ in range(2):
        language.use(qapp, CHINESE)
        assert tr("Abdomen") == "腹窗"
    assert len(made) == 1
    (assets / "scoutview_zh_CN.ts").write_text(text.replace("腹窗", "腹部窗"), encoding="utf-8")
    language.use(qapp, CHINESE)
    assert tr("Abdomen") == "腹部窗"
    assert len(made) == 2
    assert len(list(cache_dir().glob("*.qm"))) == 1


def test_a_frozen_program_carries_compiled_catalogues(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    language.use(qapp, CHINESE)
    (compiled,) = cache_dir().glob("*.qm")
    folder = tmp_path / "assets" / "translations"
    folder.mkdir(parents=True)
    compiled.rename(folder / "scoutview_zh_CN.qm")
    monkeypatch.setattr(language, "assets_dir", lambda: tmp_path / "assets")
    language.use(qapp, CHINESE)
    assert tr("Abdomen") == "腹窗"


def test_without_a_compiler_the_window_stays_english_and_says_so(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    monkeypatch.setattr(language, "_lrelease", lambda: tmp_path / "none")
    language.use(qapp, CHINESE)
    assert tr("Abdomen") == "Abdomen"
    assert "stays English" in caplog.text


# -- mnemonics ---------------------------------------------------------------------------------------------------------


def test_mnemonics_stand_behind_and_are_no_part_of_a_title(chinese: None) -> None:
    assert plain("打开文件夹(&F)…") == "打开文件夹"
    for command in COMMANDS:
        assert "&" not in command.plain
        assert "(" not in command.plain


# -- the journey -------------------------------------------------------------------------------------------------------


def _menus(window: Window) -> list[str]:
    return [action.text() for action in window.menuBar().actions()]


def _speak(window: Window, code: str) -> None:
    """Chooses a language as a reader does."""
    window.actions_["settings"].trigger()
    dialog = window.findChild(SettingsDialog)
    dialog.language.setCurrentIndex(dialog.language.findData(code))
    dialog.save.click()


def _again(window: Window, qtbot) -> Window:
    """The window that follows one that closed to be made anew, as ``app.ui.application`` makes it."""
    assert window.reopens is not None
    settings = Settings()
    application(settings)
    next_one = Window(settings)
    qtbot.addWidget(next_one)
    with qtbot.waitExposed(next_one):
        next_one.show()
    next_one.open(window.reopens)
    return next_one


def test_switch_to_chinese_and_back(window: Window, ear: Ear, ct_folder: Path, settle: Settle, qtbot) -> None:
    window.open([ct_folder])
    settle(window)
    place = Place.of(window.session.active, 0)
    measured = Measurement("m", MeasurementKind.DISTANCE, place, ((10.0, 10.0), (10.0, 30.0)))
    window.session.commit("Add distance", window.session.document.with_measurement(measured))
    ear.answer = "Change now"
    _speak(window, CHINESE)
    assert "简体中文" in ear.heard[-1].what
    assert not window.isVisible()

    chinese = _again(window, qtbot)
    settle(chinese)
    assert _menus(chinese)[:3] == ["文件(&F)", "编辑(&E)", "视图(&V)"]
    assert chinese.session.active is not None
    assert chinese.measurements.list.item(0).text() == "距离"
    assert chinese.actions_["invert"].toolTip() == "反色 (I)"
    assert "层厚" in " ".join(line.text for line in _corners(chinese))
    message.error(chinese, tr("Opening files"), UserError(say("Cannot read the image"), say("the disk is full")))
    assert [shown(part) for part in (ear.heard[-1].what, ear.heard[-1].why)] == ["无法读取图像", "磁盘已满"]

    ear.answer = "立即切换"
    _speak(chinese, "en")
    english = _again(chinese, qtbot)
    settle(english)
    assert _menus(english)[:3] == ["&File", "&Edit", "&View"]
    assert english.measurements.list.item(0).text() == "Distance"
    for one in (window, chinese, english):
        one.dispatcher.close()


def test_later_means_the_next_start(window: Window, ear: Ear) -> None:
    _speak(window, CHINESE)
    assert window.isVisible()
    assert window.reopens is None
    assert Settings().get(options.LANGUAGE) == CHINESE


def test_the_same_language_asks_nothing(window: Window, ear: Ear) -> None:
    _speak(window, "en")
    assert not ear.heard


def _corners(window: Window) -> list[object]:
    from app.ui.viewport.corners import CornerText, Now

    view = window.viewport
    corners = CornerText(view.series).at(Now(view.view, view._shown().canvas))
    return [*corners.top_left, *corners.top_right, *corners.bottom_left, *corners.bottom_right]


# -- what is left in English -------------------------------------------------------------------------------------------

NAMES = re.compile(
    r"Scoutview|DICOM|RECIST|Cobb|SUV|Hounsfield|CR|CT|DX|MG|MR|NM|PT|PET|RF|XA|AI|PDF|SEG|RT|NIfTI|PNG|JPEG|TIFF|JSON|ZIP|CSV|GIF|MP4|AV1|"
    r"CUDA|HU|ID|UID|PHANTOM|[A-Z][a-z]*(?=\+)|Ctrl|Shift|Alt|Esc|Del|Home|End|Page|Down|Up|PgUp|PgDown|PgDn|Enter|"
    r"Inter|Droid Sans Fallback|Phosphor|MIT|Apache|SIL Open Font License|English|Inferno|Viridis|"
    r"MIP|MinIP|px|mm|cm|MB|GB|[A-Za-z]|/\S*"
)
"""What reads the same in every language."""


def _texts(top: QWidget) -> Iterator[str]:
    for widget in (top, *top.findChildren(QWidget)):
        yield from (widget.windowTitle(), widget.toolTip(), widget.accessibleName(), widget.accessibleDescription())
        if isinstance(widget, QLabel | QAbstractButton):
            yield widget.text()
        if isinstance(widget, QLineEdit):
            yield widget.placeholderText()
        if isinstance(widget, QComboBox):
            yield from (widget.itemText(at) for at in range(widget.count()))
        if isinstance(widget, QTabWidget):
            yield from (widget.tabText(at) for at in range(widget.count()))
    for action in top.findChildren(QAction):
        yield from (action.text(), action.toolTip())


def _on_the_image(window: Window) -> Iterator[str]:
    """What is painted: corners, warnings, what measurements of every kind say."""
    view = window.viewport
    yield from (line.text for line in _corners(window))
    yield from view._picture.warnings(view._shown())
    place = Place.of(view.series, view.index)
    for kind in MeasurementKind:
        corners = tuple((10.0 + 9 * (n % 2), 10.0 + 7 * n) for n in range(POINTS_OF.get(kind, 4)))
        drawn = Measurement(kind.name, kind, place, corners)
        window.session.commit(say("Move"), window.session.document.with_measurement(drawn))
        yield from map(shown, measure(drawn, view.series, view.index, view.pixels).lines)
        yield window.actions_["undo"].text()
    model = window.measurements.list.model()
    for row in range(model.rowCount()):
        yield str(model.index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole))


def _english(texts: Iterator[str], files: str) -> set[str]:
    """Texts with a Latin word that is no name and not of the file."""
    found = set()
    for text in texts:
        words = re.findall(r"[A-Za-z]{2,}", NAMES.sub(lambda match: "" if len(match[0]) > 1 else match[0], text))
        if any(word not in files for word in words):
            found.add(text)
    return found


def test_no_english_is_left_on_the_window(qtbot, ear: Ear, no_models: Path, ct_folder: Path, settle: Settle) -> None:
    settings = Settings()
    settings.set(options.LANGUAGE, CHINESE)
    settings.save()
    application(settings)
    window = Window(settings)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    window.open([ct_folder])
    settle(window)
    dialogs = [text_dialog.shortcuts(window, window.actions_.key_groups()), text_dialog.about(window, "1.0")]
    dialogs.append(text_dialog.skipped_files(window, (Skipped(Path("a"), say("empty file"), is_dicom=False),)))
    window.actions_["settings"].trigger()
    window.actions_["edit_presets"].trigger()
    window.actions_["palette"].trigger()
    window.export()
    window.actions_["export_pictures"].trigger()
    dialogs += window.findChildren(QDialog)
    files = " ".join(str(path) for path in ct_folder.rglob("*")) + str(settings.file)
    files += " ".join(str(value) for value in window.session.active.instances[0].header.values())
    left = _english(_texts(window), files) | _english(_on_the_image(window), files)
    for dialog in dialogs:
        left |= _english(_texts(dialog), files)
        dialog.reject()
    assert not left, f"English in the Chinese window: {sorted(left)}. See assets/translations/README.md."
    window._saved = window.session.document
    window.dispatcher.close()
