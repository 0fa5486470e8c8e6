"""What every report of ``training.evaluate`` shares: how an interval reads, and whether it is of a model's weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inference.bundle import BundleError

if TYPE_CHECKING:
    from pathlib import Path

    from inference.bundle import Bundle

Report = dict[str, Any]


def interval_text(entry: dict[str, float] | None, digits: int) -> str:
    """A mean and its interval, as ``0.95 [0.94, 0.96]``; a dash where there is none."""
    if entry is None:
        return "–"
    return f"{entry['mean']:.{digits}f} [{entry['low']:.{digits}f}, {entry['high']:.{digits}f}]"


def measured(report: Report, path: Path, bundle: Bundle) -> Report:
    """``report``, as read from ``path``. Raises ``BundleError`` where it is of other weights than the bundle's."""
    if report["model"]["sha256"] != bundle.sha256:
        raise BundleError(f"{path} was measured on other weights than those of {bundle.root}; measure again")
    return report
