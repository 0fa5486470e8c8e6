"""Each warning has its input, stands in ``info --json``, and is on screen, in its tooltip and in the browser."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.cli.info import record
from app.core.session import Session
from app.dicom import calibration, dimensions, index, stacks, suv
from app.dicom.load import SeriesPixels
from app.dicom.scan import scan
from app.ui import language
from app.ui.browser_rows import series_lines
from app.ui.viewport import Viewport
from app.ui.viewport.corners import TextLevel
from inference.words import Said
from tests.warnings_seen import CASES, Case

MODULES = (calibration, dimensions, index, stacks, suv)
"""Where the sentences are written."""


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folders = {}
    for case in CASES:
        folders[case.name] = tmp_path_factory.mktemp(case.name)
        case.make(folders[case.name])
    return folders


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_warning_is_in_the_json_and_on_the_image(case: Case, given: dict[str, Path], qtbot: QtBot) -> None:
    found = index.index(scan([given[case.name]]))
    told = [entry for study in record(found)["studies"] for entry in study["series"]]
    (series,) = found.series()
    assert [entry["warnings"] for entry in told] == [list(series.warnings)]
    (warning,) = [sentence for sentence in series.warnings if case.words in sentence]
    assert warning[0].isupper() or warning[0].isdigit() or warning.startswith("cine.dcm")
    assert warning.endswith(".")
    assert isinstance(warning, Said), "an f-string or + around a sentence lost its template; see inference.words"
    session = Session()
    session.open(found)
    view = Viewport(session)
    qtbot.addWidget(view)
    view.resize(900, 700)
    view.display(series, SeriesPixels(series))
    for level in TextLevel:
        view.set_text_level(level)
        view.snapshot()
        furniture = view._picture.furniture
        what = view._shown()
        assert what is not None
        assert warning in view._picture.warnings(what)
        assert furniture.warning_rect.isValid()
        for block in furniture.blocks:
            apart = not block.intersects(furniture.warning_rect.adjusted(1, 1, -1, -1))
            assert apart or block == furniture.warning_rect
    assert series_lines(series)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_warning_has_no_english_word_in_chinese(case: Case, given: dict[str, Path], qapp: QApplication) -> None:
    (series,) = index.index(scan([given[case.name]])).series()
    (warning,) = [sentence for sentence in series.warnings if case.words in sentence]
    language.use(qapp, "zh_CN")
    try:
        chinese = language.shown(warning)
    finally:
        language.use(qapp, language.ENGLISH)
    assert chinese.endswith("\u3002")
    # Names of files, and units.
    others = re.sub(r"[\w-]+\.dcm|\bcounts\b", "", chinese)
    assert not re.findall(r"\b[a-z]{3,}\b", others), chinese


def _sentences(module: object) -> list[str]:
    """The warnings that a module can write, as patterns: strings that are sentences, docstrings aside."""
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))  # type: ignore[attr-defined]
    plain = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say_n":
            # One form or the other: the input has one number.
            forms = [argument for argument in node.args[:2] if isinstance(argument, ast.Constant)]
            plain |= {id(form) for form in forms}
            found.append("|".join(_pattern(str(form.value)) for form in forms))
    for node in ast.walk(tree):
        if id(node) not in plain and isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.append(_pattern(node.value))
    return [text for text in found if text.endswith(r"\.") and (" " in text or r"\ " in text)]


def _pattern(template: str) -> str:
    """What matches a template with anything in its placeholders."""
    return re.sub(r"\\\{\w+[^}]*\}|%n", ".*", re.escape(template))


def test_every_sentence_that_can_be_written_has_its_input(given: dict[str, Path]) -> None:
    opened = [series for folder in given.values() for series in index.index(scan([folder])).series()]
    said = {warning for series in opened for warning in series.warnings}
    patterns = [pattern for module in MODULES for pattern in _sentences(module)]
    assert len(patterns) >= 15
    unheard = [pattern for pattern in patterns if not any(re.search(pattern, warning) for warning in said)]
    assert unheard == []
