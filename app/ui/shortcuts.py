"""Which command has which keys: the defaults, and what the reader chose instead. No widgets here.

Keys are in Qt's portable notation (``Ctrl+K``, ``Del``), one combination each; ``native`` writes them as the platform
does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QKeySequence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from app.ui.commands import Command


def native(key: str) -> str:
    """A key as the platform writes it."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


def portable(key: str) -> str:
    """One spelling for each combination; an empty string for what is none."""
    sequence = QKeySequence(key)
    # What Qt cannot read becomes a sequence of the unknown key, which has no text.
    return sequence.toString(QKeySequence.SequenceFormat.PortableText) if sequence.count() == 1 else ""


class Shortcuts:
    """``chosen``: command → keys that take the place of its own; an empty list takes them away."""

    def __init__(self, commands: Iterable[Command], chosen: Mapping[str, Sequence[str]] | None = None) -> None:
        self._defaults = {command.name: tuple(map(portable, command.keys)) for command in commands}
        self._chosen: dict[str, tuple[str, ...]] = {}
        for name, keys in (chosen or {}).items():
            if name in self._defaults:
                self.set(name, keys)

    def __contains__(self, name: str) -> bool:
        return name in self._defaults

    def keys(self, name: str) -> tuple[str, ...]:
        """The keys that ``name`` has now, the one that menus show first."""
        return self._chosen.get(name, self._defaults[name])

    def default(self, name: str) -> tuple[str, ...]:
        """The keys that it has unless the reader chose others."""
        return self._defaults[name]

    def is_changed(self, name: str) -> bool:
        """Whether the reader chose other keys than the program."""
        return name in self._chosen

    def set(self, name: str, keys: Sequence[str]) -> None:
        """Other keys for ``name``. What is no key is left out; the default's own keys are no choice."""
        kept = tuple(dict.fromkeys(text for key in keys if (text := portable(key))))
        if kept == self._defaults[name]:
            self._chosen.pop(name, None)
        else:
            self._chosen[name] = kept

    def reset(self, name: str) -> None:
        """The default again."""
        self._chosen.pop(name, None)

    def reset_all(self) -> None:
        """All defaults again."""
        self._chosen.clear()

    def owners(self, key: str) -> tuple[str, ...]:
        """The commands that have ``key``."""
        wanted = portable(key)
        return tuple(name for name in self._defaults if wanted and wanted in self.keys(name))

    def conflicts(self) -> dict[str, tuple[str, ...]]:
        """Keys that several commands have, with those commands. A key of the image counts against one of the window
        too: the one would hide the other."""
        every = {key for name in self._defaults for key in self.keys(name)}
        found = {key: self.owners(key) for key in sorted(every)}
        return {key: names for key, names in found.items() if len(names) > 1}

    def changed(self) -> dict[str, list[str]]:
        """What differs from the defaults, for the settings."""
        return {name: list(keys) for name, keys in sorted(self._chosen.items())}

    def copy(self) -> Shortcuts:
        """Another one to try changes on."""
        made = Shortcuts((), None)
        made._defaults, made._chosen = dict(self._defaults), dict(self._chosen)
        return made

    def text(self, name: str) -> str:
        """All keys of ``name`` as the platform writes them, for tool tips and lists."""
        return ", ".join(native(key) for key in self.keys(name))
