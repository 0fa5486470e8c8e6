"""Hanging protocols as files: TOML that a person reads and writes. What is wrong in one is said with its file."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from app.core.hanging import CURRENT, PRIOR, Protocol, ViewWish, Wish
from app.core.layout import MOST
from app.core.planes import PlaneName
from app.errors import UserError
from inference.words import known, say

if TYPE_CHECKING:
    from pathlib import Path

_LISTS = tuple(one.name for one in fields(Wish) if one.name != "contrast")
_WISH = (*_LISTS, "contrast")
_VIEW = (*_WISH, "study", "plane", "like", "optional")
_TOP = ("name", "rows", "columns", "when", "view")
_MAXIMUM_BYTES = 100_000


class _Wrong(ValueError):
    """What is wrong in a file, without its name."""


def parse(text: str) -> Protocol:
    """A protocol from TOML. Raises ``ValueError`` with what is wrong and where."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _Wrong(f"it is no TOML: {error}") from error
    _known(content, _TOP, "the file")
    name = content.get("name")
    if not isinstance(name, str) or not name.strip():
        raise _Wrong('it needs a name, such as name = "Chest: PA and lateral"')
    rows, columns = (_count(content, side) for side in ("rows", "columns"))
    views = content.get("view", [])
    if not isinstance(views, list) or not views or not all(isinstance(view, dict) for view in views):
        raise _Wrong("it needs at least one [[view]]")
    if len(views) > rows * columns:
        raise _Wrong(f"it has {len(views)} views, and {rows} × {columns} cells for them")
    when = content.get("when", {})
    if not isinstance(when, dict):
        raise _Wrong("when must be a table: write [when]")
    _known(when, _WISH, "[when]")
    wishes = tuple(_view(view, number) for number, view in enumerate(views, 1))
    return Protocol(known(name.strip()), rows, columns, _wish(when, "[when]"), wishes)


def _known(table: dict[str, Any], names: tuple[str, ...], where: str) -> None:
    for key in table:
        if key not in names:
            raise _Wrong(f"{where} has the unknown entry {key!r}; there are: {', '.join(names)}")


def _count(content: dict[str, Any], side: str) -> int:
    value = content.get(side, 1)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST:
        raise _Wrong(f"{side} must be 1 to {MOST}; it is {value!r}")
    return value


def _view(table: dict[str, Any], number: int) -> ViewWish:
    where = f"view {number}"
    _known(table, _VIEW, where)
    study = table.get("study", CURRENT)
    if study not in (CURRENT, PRIOR):
        raise _Wrong(f'{where}: study must be "{CURRENT}" or "{PRIOR}"; it is {study!r}')
    plane = table.get("plane")
    names = {one.value: one for one in PlaneName}
    if plane is not None and plane not in names:
        raise _Wrong(f"{where}: plane must be one of {', '.join(names)}; it is {plane!r}")
    like = table.get("like")
    if like is not None and (not isinstance(like, int) or isinstance(like, bool) or not 1 <= like < number):
        raise _Wrong(f"{where}: like must be the number of a view before it; it is {like!r}")
    optional = table.get("optional", False)
    if not isinstance(optional, bool):
        raise _Wrong(f"{where}: optional must be true or false; it is {optional!r}")
    return ViewWish(_wish(table, where), study, names[plane] if plane is not None else None, like, optional)


def _wish(table: dict[str, Any], where: str) -> Wish:
    found: dict[str, tuple[str, ...]] = {}
    for key in _LISTS:
        value = table.get(key, [])
        value = [value] if isinstance(value, str) else value
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise _Wrong(f'{where}: {key} must be text or a list of texts, such as ["CR", "DX"]; it is {value!r}')
        found[key] = tuple(value)
    contrast = table.get("contrast")
    if contrast is not None and not isinstance(contrast, bool):
        raise _Wrong(f"{where}: contrast must be true or false; it is {contrast!r}")
    return Wish(**found, contrast=contrast)


def written(protocol: Protocol) -> str:
    """The protocol as TOML that ``parse`` reads back."""
    lines = [f"name = {_text(protocol.name)}", f"rows = {protocol.rows}", f"columns = {protocol.columns}"]
    when = _entries(protocol.when)
    if when:
        lines += ["", "[when]", *when]
    for view in protocol.views:
        lines += ["", "[[view]]", *_entries(view.wish)]
        if view.study != CURRENT:
            lines.append(f"study = {_text(view.study)}")
        if view.plane is not None:
            lines.append(f"plane = {_text(view.plane.value)}")
        if view.like is not None:
            lines.append(f"like = {view.like}")
        if view.optional:
            lines.append("optional = true")
    return "\n".join(lines) + "\n"


def _entries(wish: Wish) -> list[str]:
    lines = []
    for key in _LISTS:
        values = getattr(wish, key)
        if values:
            lines.append(f"{key} = [{', '.join(_text(value) for value in values)}]")
    if wish.contrast is not None:
        lines.append(f"contrast = {'true' if wish.contrast else 'false'}")
    return lines


def _text(value: str) -> str:
    # JSON's strings are TOML's basic strings, but for DEL, which TOML wants escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def read(file: Path) -> Protocol:
    """The protocol of a file. Raises ``UserError`` that names it."""
    try:
        if file.stat().st_size > _MAXIMUM_BYTES:
            raise _Wrong("it is too large for a hanging protocol")
        return parse(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        remedy = say("Correct the file, or remove it.")
        raise UserError(
            say("The hanging protocol {name} cannot be used", name=file.name), why or say("it cannot be read"), remedy
        ) from error


def read_all(*folders: Path) -> tuple[tuple[Protocol, ...], tuple[UserError, ...]]:
    """The protocols of all ``*.toml`` in the folders, those of the first folder first, by file name; and what is wrong
    with the others. A folder that does not exist holds none."""
    protocols, faults = [], []
    for folder in folders:
        for file in sorted(folder.glob("*.toml")):
            try:
                protocols.append(read(file))
            except UserError as fault:
                faults.append(fault)
    return tuple(protocols), tuple(faults)


def save(protocol: Protocol, folder: Path) -> Path:
    """Writes the protocol into ``folder``, which is made; one of the same name is replaced. Raises ``UserError``."""
    stem = re.sub(r"[^\w-]+", "-", protocol.name.casefold()).strip("-") or "layout"
    file = folder / f"{stem[:60]}.toml"
    part = file.with_suffix(".part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part.write_text(written(protocol), encoding="utf-8")
        part.replace(file)
    except OSError as error:
        raise UserError(
            say("The layout cannot be saved as {name}", name=file.name),
            error.strerror or say("the folder cannot be written"),
            say("Choose another settings folder, or free some space."),
        ) from error
    return file
