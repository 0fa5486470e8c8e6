"""The catalogues of the window's sentences: ``python packaging/translations.py`` after a sentence was added or changed.

Collects what ``tr``, ``tr_n``, ``say``, ``say_n`` and ``joined`` say in ``app`` and ``inference``, and the names that
shipped files give to things that a reader sees. Brings ``assets/translations/*.ts`` up to date (new sentences are
unfinished until somebody translates them, those that are no longer said go). It reads the sources and imports none of
them, so it needs no display.

``python packaging/translations.py --compile OUT`` writes them to a folder as Qt loads them, for a frozen program, which
cannot compile them itself.
"""

from __future__ import annotations

import ast
import itertools
import json
import string
import subprocess
import sys
import tempfile
import tomllib
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "assets" / "translations"
CONTEXT = "scoutview"
SOURCES = ("app", "inference")
ENGLISH_ONLY = ("app/cli",)
"""The command line speaks English: scripts read it."""
SINGLE, COUNTING, JOINING = ("tr", "say"), ("tr_n", "say_n"), ("joined",)
LANGUAGES = ("zh_CN",)


class Wrong(Exception):
    """A call that cannot be extracted, or a translation that cannot be used; says where and what to do."""


@dataclass(frozen=True, order=True)
class Sentence:
    """What a catalogue knows a sentence by. ``counting``: it has plural forms."""

    source: str
    note: str = ""
    counting: bool = field(default=False, compare=False)


# -- what the program says ---------------------------------------------------------------------------------------------


def said(root: Path = ROOT) -> tuple[Sentence, ...]:
    """Every sentence of the program once, in order. Raises `Wrong` for a call whose sentence is not a literal."""
    found: dict[Sentence, None] = {}
    for package in SOURCES:
        for path in sorted((root / package).rglob("*.py")):
            called = path.relative_to(root).as_posix()
            if not called.startswith(ENGLISH_ONLY):
                found.update(dict.fromkeys(of_file(path, called)))
    for name in sorted(shipped_names(root)):
        found[Sentence(name)] = None
    return tuple(sorted(found))


@cache
def calls_of(path: Path) -> tuple[ast.Call, ...]:
    """Every call in a source file."""
    return tuple(node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))


def of_file(path: Path, called: str) -> Iterator[Sentence]:
    """The sentences of one source file."""
    for node in calls_of(path):
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name in SINGLE:
            if not (len(node.args) == 1 and _is_passing_on(node.args[0])):
                yield Sentence(_literal(node, 0, called), _note(node, called))
        elif name in COUNTING:
            if not _is_passing_on(node.args[0]):
                yield Sentence(_literal(node, 1, called), _note(node, called), counting=True)
        elif name in JOINING:
            separator = _literal(node, 0, called)
            if separator.strip():
                yield Sentence(separator, _note(node, called))


def _is_passing_on(argument: ast.expr) -> bool:
    # The functions themselves call each other with the parameter that they were given.
    return isinstance(argument, ast.Name) and argument.id in ("template", "one")


def _literal(call: ast.Call, place: int, called: str) -> str:
    argument = call.args[place] if place < len(call.args) else None
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return argument.value
    raise Wrong(
        f"{called}:{call.lineno}: the sentence must be a literal, with {{placeholders}} for what varies; "
        f'write tr("Open {{name}}", name=name), not an f-string'
    )


def _note(call: ast.Call, called: str) -> str:
    for keyword in call.keywords:
        if keyword.arg == "note":
            if isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str):
                return keyword.value.value
            if isinstance(keyword.value, ast.Name):
                return ""
            raise Wrong(f"{called}:{call.lineno}: the note must be a literal")
    return ""


def shipped_names(root: Path = ROOT) -> set[str]:
    """Names in shipped files that the window shows: hanging protocols, models, what they find and measure."""
    names = set()
    for path in (root / "assets" / "hanging").glob("*.toml"):
        names.add(tomllib.loads(path.read_text(encoding="utf-8"))["name"])
    for path in (root / "assets" / "models").glob("*/configs/metadata.json"):
        manifest = json.loads(path.read_text(encoding="utf-8"))
        own = manifest["scoutview"]
        names.update((own["title"], manifest["description"]))
        names.update(entry["name"] for entry in own.get("labels", ()))
    return names


# -- catalogues --------------------------------------------------------------------------------------------------------


def file_of(language: str, folder: Path = FOLDER) -> Path:
    """The catalogue of ``language``."""
    return folder / f"scoutview_{language}.ts"


def read(path: Path) -> dict[Sentence, str]:
    """Sentence → translation, empty where it is unfinished."""
    if not path.is_file():
        return {}
    known = {}
    for message in ET.parse(path).getroot().iter("message"):
        counting = message.get("numerus") == "yes"
        translation = message.find("translation")
        text = ""
        if translation is not None and translation.get("type") != "unfinished":
            form = translation.find("numerusform") if counting else translation
            text = (form.text or "") if form is not None else ""
        known[Sentence(message.findtext("source", ""), message.findtext("comment", ""), counting)] = text
    return known


def written(language: str, known: dict[Sentence, str]) -> str:
    """The catalogue as text. No places in the source: they would change with every line above them."""
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        "<!DOCTYPE TS>",
        f'<TS version="2.1" language="{language}" sourcelanguage="en">',
        "<context>",
        f"    <name>{CONTEXT}</name>",
    ]
    for sentence in sorted(known):
        text = escape(known[sentence])
        unfinished = "" if text else ' type="unfinished"'
        if sentence.counting:
            text = f"<numerusform>{text}</numerusform>"
        lines.append('    <message numerus="yes">' if sentence.counting else "    <message>")
        lines.append(f"        <source>{escape(sentence.source)}</source>")
        if sentence.note:
            lines.append(f"        <comment>{escape(sentence.note)}</comment>")
        lines += [f"        <translation{unfinished}>{text}</translation>", "    </message>"]
    return "\n".join([*lines, "</context>", "</TS>", ""])


def brought_up_to_date(known: dict[Sentence, str], now: tuple[Sentence, ...]) -> dict[Sentence, str]:
    """What is said now, with the translations that are known."""
    return {sentence: known.get(sentence, "") for sentence in now}


def faults(known: dict[Sentence, str]) -> list[str]:
    """Translations that cannot be used: placeholders that differ from the source's, mnemonics left out or added."""
    found = []
    for sentence, text in known.items():
        if not text:
            continue
        if sorted(_placeholders(sentence.source)) != sorted(_placeholders(text)):
            found.append(f"{sentence.source!r} → {text!r}: the {{placeholders}} differ")
        if sentence.counting and ("%n" in sentence.source) != ("%n" in text):
            found.append(f"{sentence.source!r} → {text!r}: %n is missing, or too much")
        if _has_mnemonic(sentence.source) != _has_mnemonic(text):
            found.append(f"{sentence.source!r} → {text!r}: write the mnemonic as 文件(&F), and only where there is one")
    return found


def _placeholders(text: str) -> list[str]:
    # Braces stand for themselves where there are no values, such as in "{no units}" of a file.
    try:
        return [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
    except ValueError:
        return []


def _has_mnemonic(text: str) -> bool:
    text = text.replace("&&", "")
    return any(first == "&" and then.isalnum() for first, then in itertools.pairwise(text))


def compiled(catalogue: Path) -> bytes:
    """The catalogue as Qt loads it. Raises ``CalledProcessError`` where lrelease refuses it."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.qm"
        subprocess.run(
            [str(_lrelease()), "-silent", "-nounfinished", str(catalogue), "-qm", str(out)],
            check=True,
            capture_output=True,
        )
        return out.read_bytes()


def _lrelease() -> Path:
    import PySide6

    folder = Path(PySide6.__file__).resolve().parent
    for name in ("lrelease", "lrelease.exe", "Qt/libexec/lrelease"):
        if (folder / name).is_file():
            return folder / name
    raise FileNotFoundError(f"Qt's lrelease is not in {folder}; install PySide6-Essentials")


def main() -> int:
    """Brings every catalogue up to date, and says what remains to be translated; or compiles them."""
    if sys.argv[1:2] == ["--compile"] and len(sys.argv) == 3:
        for language in LANGUAGES:
            catalogue = file_of(language)
            (Path(sys.argv[2]) / catalogue.with_suffix(".qm").name).write_bytes(compiled(catalogue))
        return 0
    try:
        now = said()
    except Wrong as error:
        print(error, file=sys.stderr)
        return 1
    wrong = 0
    for language in LANGUAGES:
        path = file_of(language)
        known = brought_up_to_date(read(path), now)
        path.write_text(written(language, known), encoding="utf-8", newline="\n")
        open_ones = [sentence.source for sentence, text in known.items() if not text]
        print(f"{path.name}: {len(known)} sentences, {len(open_ones)} to translate")
        for source in open_ones:
            print(f"  {source}")
        for fault in faults(known):
            wrong = 1
            print(fault, file=sys.stderr)
    return wrong


if __name__ == "__main__":
    sys.exit(main())
