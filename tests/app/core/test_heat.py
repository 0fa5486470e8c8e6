"""Heat maps over the frames that they were made from."""

from __future__ import annotations

import numpy as np

from app.core.heat import LEAST, heat_wash
from app.core.session import Session
from app.dicom.model import StudyIndex
from inference.types import HeatMap, ModelRef
from tests.app.core import made_series

MODEL = ModelRef("cxr-pneumonia", "1.0.0", "a" * 64)


def test_values_lie_on_their_frame_and_on_no_other() -> None:
    series = made_series.series("1.1", number=2)
    values = np.linspace(0, 1, series.rows * series.columns, dtype=np.float32).reshape(1, series.rows, series.columns)
    wash = heat_wash(HeatMap("Attention", values, "Where it looked."), MODEL, series, (1,))
    assert wash.plane(0) is None
    np.testing.assert_array_equal(wash.plane(1), values[0])
    assert wash.shades(0, wash.threshold) is None
    shades = wash.shades(1, wash.threshold)
    assert shades is not None
    assert ((shades == 0) == (values[0] < LEAST)).all()
    assert shades.max() == 255
    assert wash.value_at(1, series.rows - 1, series.columns - 1) == 1
    assert wash.value_at(0, 0, 0) is None
    assert wash.notes == ("Where it looked.",)
    assert wash.over(series).plane(1) is None


def test_a_session_lays_and_lifts_it_like_any_other_wash() -> None:
    session, series = Session(), made_series.series("1.1")
    session.open(StudyIndex((made_series.study(series),)))
    wash = heat_wash(
        HeatMap("Attention", np.ones((1, series.rows, series.columns), np.float32), ""), MODEL, series, (0,)
    )
    session.lay(wash, series)
    assert session.washes_on(series) == (wash,)
    session.lift(wash.uid, series.key)
    assert not session.washes_on(series)


def test_colours_grow_lighter_with_the_value() -> None:
    series = made_series.series("1.1")
    wash = heat_wash(
        HeatMap("Attention", np.ones((1, series.rows, series.columns), np.float32), ""), MODEL, series, (0,)
    )
    light = [0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in (wash.colour_of(s) for s in np.linspace(0, 1, 9))]
    assert light == sorted(light)
