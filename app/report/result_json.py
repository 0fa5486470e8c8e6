"""A model's answer as JSON, for scripts."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from inference.types import Result


def result_bytes(result: Result, *, series_uid: str, sop_instance_uid: str | None, outputs: Sequence[str]) -> bytes:
    """``result.json``. ``sop_instance_uid``: of the one image that the answer is about, ``None`` for a volume.
    ``outputs``: names of the files written beside it. Scores are not rounded; a number that is not finite is null."""
    record: dict[str, Any] = {
        "model": {"id": result.model.id, "version": result.model.version, "sha256": result.model.sha256},
        "series_uid": series_uid,
        "sop_instance_uid": sop_instance_uid,
        "device": result.device,
        "timings_s": _numbers(result.timings_s),
        "scores": _numbers(result.scores),
        "intervals": {name: [_number(low), _number(high)] for name, (low, high) in result.intervals.items()},
        "measures": {name: {"value": _number(m.value), "unit": m.unit} for name, m in result.measures.items()},
        "outputs": list(outputs),
    }
    return (json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _numbers(values: Mapping[str, float]) -> dict[str, float | None]:
    return {name: _number(value) for name, value in values.items()}


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
