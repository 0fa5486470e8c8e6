"""The language of the window: which there are, which is in force, and how a sentence reads in it.

Widgets write ``tr("Open {name}", name=…)`` and ``tr_n("%n file", "%n files", n)``. Sentences made below the window are
`Said` (``inference.words``) and pass through ``shown``. Catalogues are Qt's, ``scoutview_<code>.ts`` in
``assets/translations``; what has no translation stays English.

Qt loads a compiled form. A frozen program carries it in place of the text; everywhere else Qt's lrelease, which comes
with PySide6, makes it at the first start in that language and whenever the text has changed. So no compiled file lies
in the repository, where it would be in conflict with every other change.
"""

from __future__ import annotations

import hashlib
import logging
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import PySide6
from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator

from app.paths import assets_dir, cache_dir
from inference.words import PARTS, Said, filled, say, say_n

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtWidgets import QApplication

log = logging.getLogger(__name__)

CONTEXT = "scoutview"
"""The one context of the catalogue; notes tell apart what is the same in English only."""
ENGLISH = "en"
LANGUAGES = {ENGLISH: "English", "zh_CN": "简体中文"}
"""Each by its code, in its own words: a reader finds it whatever language the window has."""
SYSTEM = "system"

_PATIENCE_S = 20.0
_catalogue: QTranslator | None = None
_installed: list[QTranslator] = []


def system_language() -> str:
    """The code of the first language of the desktop that the window can speak."""
    return first_of(QLocale.system().uiLanguages())


def first_of(tags: Iterable[str]) -> str:
    """The code of the first of the languages ``tags`` (BCP 47) that the window can speak; English where it is none."""
    for tag in tags:
        parts = tag.replace("_", "-").split("-")
        if parts[0] in (ENGLISH, "C"):
            return ENGLISH
        if parts[0] == "zh" and (len(parts) == 1 or {"CN", "SG", "Hans"} & set(parts)):
            return "zh_CN"
    return ENGLISH


def resolved(chosen: str) -> str:
    """The code that a choice in the settings means."""
    return chosen if chosen in LANGUAGES else system_language()


def current() -> str:
    """The code of the language in force."""
    return ENGLISH if _catalogue is None else "zh_CN"


def use(app: QApplication, chosen: str) -> str:
    """Makes the window speak ``chosen`` (a code, or ``system``) from now on, and returns its code.

    Qt's own dialogs follow. What is on screen already keeps its words until it is made anew.
    """
    global _catalogue
    code = resolved(chosen)
    for old in _installed:
        app.removeTranslator(old)
    _installed.clear()
    _catalogue = None
    QLocale.setDefault(QLocale(code))
    if code == ENGLISH:
        return code
    qts = QTranslator(app)
    if qts.load(f"qtbase_{code}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        app.installTranslator(qts)
        _installed.append(qts)
    ours = QTranslator(app)
    if ours.load(str(_compiled(code))):
        app.installTranslator(ours)
        _installed.append(ours)
        _catalogue = ours
    return code


def _compiled(code: str) -> Path:
    """The catalogue as Qt loads it; a path with nothing there where it could not be made."""
    text = assets_dir() / "translations" / f"scoutview_{code}.ts"
    carried = text.with_suffix(".qm")
    if not text.is_file():
        return carried
    digest = hashlib.sha256(text.read_bytes()).hexdigest()[:16]
    kept = cache_dir() / f"{text.stem}-{digest}.qm"
    if kept.is_file():
        return kept
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        for old in kept.parent.glob(f"{text.stem}-*.qm"):
            old.unlink(missing_ok=True)
        # Another start may be at it at the same time: each writes its own file, and whole.
        with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
            part = Path(folder) / kept.name
            command = [str(_lrelease()), "-silent", "-nounfinished", str(text), "-qm", str(part)]
            subprocess.run(command, check=True, capture_output=True, timeout=_PATIENCE_S)
            part.replace(kept)
    except (OSError, subprocess.SubprocessError) as fault:
        log.warning("the catalogue of %s cannot be compiled, the window stays English: %s", code, type(fault).__name__)
    return kept


def _lrelease() -> Path:
    folder = Path(PySide6.__file__).resolve().parent
    places = (folder / "lrelease", folder / "lrelease.exe", folder / "Qt" / "libexec" / "lrelease")
    return next((place for place in places if place.is_file()), places[0])


def tr(template: str, /, *, note: str = "", **values: object) -> str:
    """A sentence of the window in its language. The template is a literal, with placeholders as in ``str.format``."""
    return shown(say(template, note=note, **values))


def tr_n(one: str, many: str, n: int, /, *, note: str = "", **values: object) -> str:
    """A sentence that counts ``n``; see ``inference.words.say_n``."""
    return shown(say_n(one, many, n, note=note, **values))


def shown(text: str) -> str:
    """``text`` in the language of the window, where it is a sentence of the program; anything else as it stands.

    Names, descriptions and whatever else comes from a file are no sentences of the program, so they are never touched.
    """
    if not isinstance(text, Said) or _catalogue is None:
        return str(text)
    parts = text.values.get(PARTS)
    if parts is not None:
        return (_translation(text) or text.template).join(shown(part) for part in parts)
    found = _translation(text)
    values = {name: shown(value) if isinstance(value, str) else value for name, value in text.values.items()}
    if not found:
        if text.number is not None or not values:
            return str(text)
        found = text.template
    if text.number is not None:
        found = found.replace("%n", str(text.number))
    return filled(found, values)


def _translation(text: Said) -> str:
    """What the catalogue has for the template, or empty."""
    assert _catalogue is not None
    # The stubs want text where Qt takes None: no translation for a note is no reason to go without one.
    for note in dict.fromkeys((text.note, "")):
        found = _catalogue.translate(CONTEXT, text.template, note, -1 if text.number is None else text.number)
        if found:
            return str(found)
    return ""
