"""What models do, one task a file: from a checked request to a result. Importing this package imports none of them.

To add one: a file with ``answer(request, bundle, device, tick) -> Result``, and a line in ``_WHERE``. The engine has
checked the contract before, and adds the notes on what the header does not say behind.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from inference.bundle import Bundle
    from inference.types import Request, Result, Tick

_WHERE = {
    "chest-classification": "inference.tasks.classes",
    "ct-lung-segmentation": "inference.tasks.ct_lungs",
    "ct-enhancement": "inference.tasks.ct_enhance",
    "lung-segmentation": "inference.tasks.lung_fields",
}


class Task(Protocol):
    """A module of this package."""

    def answer(self, request: Request, bundle: Bundle, device: str, tick: Tick) -> Result:
        """Runs ``bundle`` on a request that fits it, on ``device`` (``cpu`` or ``cuda:n``).

        ``tick`` is told fractions from 0 to 1 and may raise ``Cancelled``. Raises ``Refused`` where the result itself
        shows that the input is not what it seemed.
        """


def names() -> tuple[str, ...]:
    """The tasks that a bundle's manifest may name."""
    return tuple(sorted(_WHERE))


def task(name: str) -> Task:
    """The module of a task. Raises ``ValueError`` for an unknown one."""
    if name not in _WHERE:
        raise ValueError(f"unknown task {name!r}; known: {', '.join(names())}")
    return cast("Task", import_module(_WHERE[name]))
