"""Undo and redo: a list of immutable documents that share their structure."""

from __future__ import annotations

from app.core.document import Document


class History:
    """The document now, what came before and what was undone. Without limit."""

    def __init__(self, document: Document | None = None) -> None:
        self._done: list[tuple[str, Document]] = [("", document or Document())]
        self._undone: list[tuple[str, Document]] = []

    @property
    def document(self) -> Document:
        """The document now."""
        return self._done[-1][1]

    @property
    def undo_name(self) -> str:
        """What ``undo`` would take back ("Add distance"), empty where there is nothing."""
        return self._done[-1][0] if len(self._done) > 1 else ""

    @property
    def redo_name(self) -> str:
        """What ``redo`` would bring back, empty where there is nothing."""
        return self._undone[-1][0] if self._undone else ""

    def commit(self, name: str, document: Document) -> None:
        """Makes ``document`` the present one; what was undone is gone."""
        self._done.append((name, document))
        self._undone.clear()

    def knows(self) -> frozenset[str]:
        """Ids of everything that the document holds now, held, or would hold again."""
        states = [document for _, document in (*self._done, *self._undone)]
        return frozenset(identifier for document in states for identifier in document.ids())

    def found(self, more: Document) -> None:
        """Adds ``more`` to the present and to every other state: it was there before them, and undo leaves it."""
        self._done = [(name, document.with_all_of(more)) for name, document in self._done]
        self._undone = [(name, document.with_all_of(more)) for name, document in self._undone]

    def undo(self) -> bool:
        """One step back; false where there is none."""
        if len(self._done) == 1:
            return False
        self._undone.append(self._done.pop())
        return True

    def redo(self) -> bool:
        """One step forward again; false where there is none."""
        if not self._undone:
            return False
        self._done.append(self._undone.pop())
        return True
