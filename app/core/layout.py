"""How views are arranged: a grid of up to three by three cells, another on a second screen, and what each cell shows.
View state, never undone."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.core.planes import PlaneName

MOST = 3
"""Rows and columns of the largest grid."""
APART = MOST * MOST
"""The number of the first cell on a second screen: after all that a grid can have, so that cells keep their numbers."""


@dataclass(frozen=True)
class Content:
    """What a cell shows: a stack by its key (series UID, stack), as acquired or cut along one of the body's planes."""

    series: tuple[str, int]
    plane: PlaneName | None = None


@dataclass(frozen=True)
class Layout:
    """``cells``: row by row, ``None`` for an empty one; those beyond the grid are hidden and come back with it; from
    ``APART`` on those of the second screen. ``active``: the cell that tools and models act on, on either screen.
    ``held``: the cell of the grid that was active last. ``maximised``: that one has the whole area. ``apart``: rows and
    columns of the grid on a second screen, (0, 0) where there is none."""

    rows: int = 1
    columns: int = 1
    cells: tuple[Content | None, ...] = field(default=(None,))
    active: int = 0
    maximised: bool = False
    apart: tuple[int, int] = (0, 0)
    held: int = 0

    def __post_init__(self) -> None:
        if not (1 <= self.rows <= MOST and 1 <= self.columns <= MOST):
            raise ValueError(f"a layout has 1 to {MOST} rows and columns; got {self.rows} × {self.columns}")
        if self.apart != (0, 0) and not all(1 <= lines <= MOST for lines in self.apart):
            raise ValueError(f"a layout has 1 to {MOST} rows and columns; got {self.apart[0]} × {self.apart[1]} apart")
        least = APART + self.apart[0] * self.apart[1] if self.has_apart else self.count
        if len(self.cells) < least:
            missing = (None,) * (least - len(self.cells))
            object.__setattr__(self, "cells", (*self.cells, *missing))
        if self.active not in self.numbers:
            raise ValueError(f"cell {self.active} is not among {self.numbers}")
        if self.active < APART:
            object.__setattr__(self, "held", self.active)
        if not 0 <= self.held < self.count:
            raise ValueError(f"cell {self.held} is not among {self.count}")

    @property
    def count(self) -> int:
        """Cells of the grid."""
        return self.rows * self.columns

    @property
    def has_apart(self) -> bool:
        """Whether there are cells on a second screen."""
        return self.apart != (0, 0)

    @property
    def is_apart(self) -> bool:
        """Whether the reader is at the second screen."""
        return self.active >= APART

    @property
    def numbers_apart(self) -> tuple[int, ...]:
        """The cells of the second screen."""
        return tuple(range(APART, APART + self.apart[0] * self.apart[1]))

    @property
    def numbers(self) -> tuple[int, ...]:
        """The cells of the grid and of the second screen, whether one is maximised or not."""
        return (*range(self.count), *self.numbers_apart)

    @property
    def shown(self) -> tuple[Content | None, ...]:
        """What the cells of the grid show, row by row."""
        return self.cells[: self.count]

    @property
    def visible(self) -> tuple[int, ...]:
        """The cells on screen: all of the grid, or the one that is maximised; and those of the second screen."""
        return (*((self.held,) if self.maximised else range(self.count)), *self.numbers_apart)

    @property
    def name(self) -> str:
        """``"2 × 3"``: rows × columns."""
        return f"{self.rows} × {self.columns}"


def sized(layout: Layout, rows: int, columns: int) -> Layout:
    """Another grid. What its active cell shows stays on screen; cells that no longer fit wait until they do."""
    count = rows * columns
    cells = list(layout.cells)
    held = layout.held
    if held >= count:
        # The last place is the nearest to where it was; what was there waits where the active one comes from.
        cells[held], cells[count - 1] = cells[count - 1], cells[held]
        held = count - 1
    active = layout.active if layout.is_apart else held
    return Layout(rows, columns, tuple(cells), active, apart=layout.apart, held=held)


def set_apart(layout: Layout, rows: int, columns: int) -> Layout:
    """Another grid on the second screen; 0 × 0 for none. Cells that no longer fit wait until they do."""
    count = rows * columns
    cells = list(layout.cells)
    active = layout.active
    if layout.is_apart and active - APART >= count:
        last = APART + count - 1 if count else layout.held
        if count:
            cells[active], cells[last] = cells[last], cells[active]
        active = last
    return replace(layout, cells=tuple(cells), active=active, apart=(rows, columns))


def put(layout: Layout, cell: int, content: Content | None) -> Layout:
    """Shows ``content`` in ``cell``."""
    cells = list(layout.cells)
    cells[cell] = content
    return replace(layout, cells=tuple(cells))


def activated(layout: Layout, cell: int) -> Layout:
    """Makes ``cell`` the active one; a maximised layout shows it instead."""
    return replace(layout, active=cell)


def stepped(layout: Layout, steps: int) -> Layout:
    """The active cell goes on by ``steps``, round both grids, to the next one that shows something."""
    full = [cell for cell in layout.numbers if layout.cells[cell] is not None] or [layout.active]
    # An active cell that is empty stands between the last and the first.
    before = -1 if steps > 0 else 0
    place = full.index(layout.active) if layout.active in full else before
    return activated(layout, full[(place + steps) % len(full)])


def maximised(layout: Layout, on: bool) -> Layout:
    """The active cell of the grid alone, or the grid again."""
    return replace(layout, maximised=on and layout.count > 1)


def without(layout: Layout, keep: frozenset[tuple[str, int]]) -> Layout:
    """Cells whose series is not among ``keep`` become empty: their study was closed."""
    cells = tuple(content if content is None or content.series in keep else None for content in layout.cells)
    return replace(layout, cells=cells)
