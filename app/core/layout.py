"""How views are arranged: a grid of up to three by three cells, and what each cell shows. View state, never undone."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.core.planes import PlaneName

MOST = 3
"""Rows and columns of the largest grid."""


@dataclass(frozen=True)
class Content:
    """What a cell shows: a stack by its key (series UID, stack), as acquired or cut along one of the body's planes."""

    series: tuple[str, int]
    plane: PlaneName | None = None


@dataclass(frozen=True)
class Layout:
    """``cells``: row by row, ``None`` for an empty one; those beyond the grid are hidden and come back with it.
    ``active``: the cell that tools and models act on. ``maximised``: the active cell has the whole area."""

    rows: int = 1
    columns: int = 1
    cells: tuple[Content | None, ...] = field(default=(None,))
    active: int = 0
    maximised: bool = False

    def __post_init__(self) -> None:
        if not (1 <= self.rows <= MOST and 1 <= self.columns <= MOST):
            raise ValueError(f"a layout has 1 to {MOST} rows and columns; got {self.rows} × {self.columns}")
        if len(self.cells) < self.count:
            missing = (None,) * (self.count - len(self.cells))
            object.__setattr__(self, "cells", (*self.cells, *missing))
        if not 0 <= self.active < self.count:
            raise ValueError(f"cell {self.active} is not among {self.count}")

    @property
    def count(self) -> int:
        """Cells of the grid."""
        return self.rows * self.columns

    @property
    def shown(self) -> tuple[Content | None, ...]:
        """What the cells of the grid show, row by row."""
        return self.cells[: self.count]

    @property
    def visible(self) -> tuple[int, ...]:
        """The cells on screen: all of the grid, or the one that is maximised."""
        return (self.active,) if self.maximised else tuple(range(self.count))

    @property
    def name(self) -> str:
        """``"2 × 3"``: rows × columns."""
        return f"{self.rows} × {self.columns}"


def sized(layout: Layout, rows: int, columns: int) -> Layout:
    """Another grid. What the active cell shows stays on screen; cells that no longer fit wait until they do."""
    count = rows * columns
    cells = list(layout.cells)
    active = layout.active
    if active >= count:
        # The last place is the nearest to where it was; what was there waits where the active one comes from.
        cells[active], cells[count - 1] = cells[count - 1], cells[active]
        active = count - 1
    return Layout(rows, columns, tuple(cells), active)


def put(layout: Layout, cell: int, content: Content | None) -> Layout:
    """Shows ``content`` in ``cell``."""
    cells = list(layout.cells)
    cells[cell] = content
    return replace(layout, cells=tuple(cells))


def activated(layout: Layout, cell: int) -> Layout:
    """Makes ``cell`` the active one; a maximised layout shows it instead."""
    return replace(layout, active=cell)


def stepped(layout: Layout, steps: int) -> Layout:
    """The active cell goes on by ``steps``, round the grid, to the next one that shows something."""
    full = [cell for cell, content in enumerate(layout.shown) if content is not None] or [layout.active]
    # An active cell that is empty stands between the last and the first.
    before = -1 if steps > 0 else 0
    place = full.index(layout.active) if layout.active in full else before
    return activated(layout, full[(place + steps) % len(full)])


def maximised(layout: Layout, on: bool) -> Layout:
    """The active cell alone, or the grid again."""
    return replace(layout, maximised=on and layout.count > 1)


def without(layout: Layout, keep: frozenset[tuple[str, int]]) -> Layout:
    """Cells whose series is not among ``keep`` become empty: their study was closed."""
    cells = tuple(content if content is None or content.series in keep else None for content in layout.cells)
    return replace(layout, cells=cells)
