"""True size against a ruler made of numbers."""

from dataclasses import replace

import pytest

from app.core import view as views
from app.core.true_size import dpi_from_bar, true_size, why_no_true_size
from app.core.view import Canvas, View
from inference.volume import Calibration
from tests.app.core.made_series import series


@pytest.mark.parametrize("spacing", [(0.5, 0.25), (0.25, 0.5), (0.3, 0.3)])
@pytest.mark.parametrize("dpi", [96.0, 187.3])
def test_ten_millimetres_of_the_patient_are_ten_on_the_glass(spacing: tuple[float, float], dpi: float) -> None:
    made = series(spacing=spacing)
    view = true_size(View(rotation=1, flip_horizontal=True), made, dpi)
    affine = views.transform(view, Canvas.of(made, 300, 200))
    down, across = 10 / spacing[0], 10 / spacing[1]
    start = views.to_screen(affine, (0, 0))
    for end in ((down, 0), (0, across)):
        x, y = views.to_screen(affine, end)
        length = ((x - start[0]) ** 2 + (y - start[1]) ** 2) ** 0.5
        assert length * 25.4 / dpi == pytest.approx(10)


def test_without_a_size_there_is_no_true_size() -> None:
    made = series(spacing=None, calibration=Calibration.NONE)
    assert "how large" in why_no_true_size(made)
    with pytest.raises(ValueError, match="how large"):
        true_size(View(), made, 96)
    assert not why_no_true_size(replace(series(), calibration=Calibration.DETECTOR))


def test_the_bar_gives_the_density() -> None:
    assert dpi_from_bar(400, 101.6) == pytest.approx(100)
    for pixels, millimetres in ((400, 0), (400, -5), (400, 5000), (400, 1)):
        with pytest.raises(ValueError, match="no screen"):
            dpi_from_bar(pixels, millimetres)
