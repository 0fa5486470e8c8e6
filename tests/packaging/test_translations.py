"""Every sentence that a reader sees goes through the catalogue, and the catalogue has all of them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import translations
from translations import Sentence

ROOT = Path(__file__).resolve().parents[2]
HOW = "See assets/translations/README.md."
BRING = f"Run: python packaging/translations.py, translate what it names in the .ts, run it again. {HOW}"


@pytest.fixture(scope="module")
def said() -> tuple[Sentence, ...]:
    return translations.said()


@pytest.fixture(scope="module", params=translations.LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_catalogue_has_each_sentence_and_no_other(language: str, said: tuple[Sentence, ...]) -> None:
    known = set(translations.read(translations.file_of(language)))
    missing = [sentence.source for sentence in said if sentence not in known]
    gone = [sentence.source for sentence in known if sentence not in said]
    assert not missing, f"not in scoutview_{language}.ts: {missing}. {BRING}"
    assert not gone, f"in scoutview_{language}.ts, but no longer said: {gone}. {BRING}"


def test_everything_is_translated(language: str) -> None:
    known = translations.read(translations.file_of(language))
    unfinished = [sentence.source for sentence, text in known.items() if not text]
    assert not unfinished, f"without translation in scoutview_{language}.ts: {unfinished}. {BRING}"


def test_translations_keep_placeholders_counts_and_mnemonics(language: str) -> None:
    assert translations.faults(translations.read(translations.file_of(language))) == []


def test_the_file_is_as_the_script_writes_it(language: str) -> None:
    path = translations.file_of(language)
    assert translations.written(language, translations.read(path)) == path.read_text(encoding="utf-8"), BRING


def test_qt_takes_the_catalogue(language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["translations.py", "--compile", str(tmp_path)])
    assert translations.main() == 0
    assert (tmp_path / f"scoutview_{language}.qm").stat().st_size > 10_000


# -- the extraction ----------------------------------------------------------------------------------------------------


def _of(tmp_path: Path, source: str) -> list[Sentence]:
    path = tmp_path / "x.py"
    path.write_text(source, encoding="utf-8")
    return list(translations.of_file(path, "app/x.py"))


def test_calls_are_found_with_their_notes_and_plurals(tmp_path: Path) -> None:
    source = 'tr("Open {name}", name=n); say_n("%n file", "%n files", k); say("Left", note="side"); joined(", ", parts)'
    assert _of(tmp_path, source) == [
        Sentence("Open {name}"),
        Sentence("%n files", "", True),
        Sentence("Left", "side"),
        Sentence(", "),
    ]


def test_what_is_no_literal_is_refused_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(translations.Wrong, match=r"app/x\.py:2: the sentence must be a literal"):
        _of(tmp_path, 'a = 1\ntr(f"Open {a}")')


def test_faults_are_found() -> None:
    wrong = {
        Sentence("Open {name}"): "打开",
        Sentence("%n files", "", True): "文件",
        Sentence("&File"): "文件",
        Sentence("Copy"): "复制(&C)",
        Sentence("Fine {a}"): "好 {a}",
        Sentence("Save && close"): "保存并关闭",
    }
    assert len(translations.faults(wrong)) == 4


def test_a_catalogue_is_read_as_it_was_written(tmp_path: Path) -> None:
    known = {
        Sentence("a < b & c", "", False): "甲 < 乙 & 丙",
        Sentence("%n x", "n", True): "%n 个",
        Sentence("new"): "",
    }
    path = translations.file_of("zh_CN", tmp_path)
    path.write_text(translations.written("zh_CN", known), encoding="utf-8")
    assert translations.read(path) == known
    assert translations.brought_up_to_date(known, (Sentence("new"), Sentence("newer"))) == {
        Sentence("new"): "",
        Sentence("newer"): "",
    }


# -- nothing goes round it ---------------------------------------------------------------------------------------------

SINKS = {
    *("setText", "setWindowTitle", "setToolTip", "setStatusTip", "setWhatsThis", "setPlaceholderText", "setTitle"),
    *("setAccessibleName", "setAccessibleDescription", "setSpecialValueText", "setPrefix", "setIconText"),
    *("QLabel", "QPushButton", "QCheckBox", "QAction", "QMenu", "QDockWidget", "QGroupBox", "QListWidgetItem"),
    *("addMenu", "addAction", "addItem", "addTab", "addRow", "setHorizontalHeaderLabels", "drawText", "set_title"),
    *("label", "button", "icon_button", "note", "Spoken", "confirm", "information", "getExistingDirectory"),
    *("getOpenFileNames", "getSaveFileName", "getText", "paint_message", "start"),
}
"""Calls that put words before the reader."""
FAULTS = {
    *("UserError", "NothingReadable", "UnreadableFile", "EveryInputRefused", "OutputError", "Refused", "Skipped"),
    *("Command", "message.error", "allow"),
}
PLAIN = re.compile(r"[^A-Za-z]*(sha256|px|mm|cm|MB|GB|HU|Scoutview|Esc|W|L|AI|RGB|s|ms|%|/s)?[^A-Za-z]*")
"""Units and names that read the same everywhere."""
KEYWORDS = {"role", "icon", "key", "name", "where", "also", "colour", "shown"}
NAMES_FIRST = {"icon_button": 1, "Command": 1, "start": 1, "set_title": 1, "allow": 1, "getText": 1}
"""Calls whose first arguments are names in the program."""
ONE_ONLY = {"label", "Command", "button", "getSaveFileName"}
"""Calls of which only the first of these arguments is shown."""


def _unmarked(path: Path) -> Iterator[str]:
    """Literals that reach the reader without ``tr`` or ``say``, with their place."""
    called = path.relative_to(ROOT).as_posix()
    for node in translations.calls_of(path):
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name not in (SINKS if called.startswith("app/ui") else set()) | FAULTS:
            continue
        first = NAMES_FIRST.get(name, 0)
        arguments = node.args[first : first + 1] if name in ONE_ONLY else node.args[first:]
        arguments = arguments + [keyword.value for keyword in node.keywords if keyword.arg not in KEYWORDS]
        for argument in arguments:
            for text, line in _literals(argument):
                if not PLAIN.fullmatch(text):
                    yield f'{called}:{line}: "{text}"'


def _literals(node: ast.expr) -> Iterator[tuple[str, int]]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        # A single word in small letters is an identifier.
        if " " in node.value.strip() or node.value[:1].isupper() or "&" in node.value:
            yield node.value, node.lineno
    elif isinstance(node, ast.JoinedStr):
        fixed = "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
        if len(re.findall("[A-Za-z]", fixed)) > 1:
            yield fixed, node.lineno
    elif isinstance(node, ast.IfExp):
        yield from _literals(node.body)
        yield from _literals(node.orelse)
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from _literals(value)
    elif isinstance(node, ast.BinOp):
        yield from _literals(node.left)
        yield from _literals(node.right)


def test_nothing_is_shown_past_the_catalogue() -> None:
    found = [
        one
        for package in ("app", "inference")
        for path in sorted((ROOT / package).rglob("*.py"))
        if not path.relative_to(ROOT).as_posix().startswith(("app/cli", "app/main.py", "app/demo_data.py"))
        for one in _unmarked(path)
    ]
    told = "\n".join(found)
    assert not found, (
        f"the reader sees these, but they cannot be translated:\n{told}\n"
        f'Write tr("…") in app/ui, say("…") below it (inference.words); placeholders, not f-strings. {HOW}'
    )


def test_a_literal_in_a_label_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "app" / "ui"
    folder.mkdir(parents=True)
    path = folder / "x.py"
    path.write_text('a = label("Open it"); b.setText(f"{n} files" if n else tr("None")); c.setObjectName("Big one")')
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    assert list(_unmarked(path)) == ['app/ui/x.py:1: "Open it"', 'app/ui/x.py:1: " files"']
