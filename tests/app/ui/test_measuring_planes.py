"""Measurements on planes in the real window: listed, found again, reported, and back after a restart."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PySide6.QtCore import Qt

from app.core.document import Measurement, MeasurementKind, Place, points_to_lps
from app.core.measure import measure
from app.core.planes import PlaneName
from app.core.sampling import Slab
from app.settings import Settings
from app.ui.measurement_rows import VALUES, WHERE
from app.ui.window import Window
from tests import phantoms
from tests.app.ui.conftest import _forget_work


@pytest.fixture
def quiet(qtbot) -> Callable[[Window], None]:
    """Waits until files and planes are done."""

    def wait(window: Window) -> None:
        qtbot.waitUntil(
            lambda: not window.dispatcher.jobs and not window.arranging.reformatting.is_busy, timeout=60_000
        )

    return wait


@pytest.fixture
def shown(window: Window, quiet, tmp_path: Path) -> Window:
    """The planes of a CT, turned, in slabs."""
    phantoms.ct(tmp_path / "images", shape=(24, 40, 44), spacing=(2.0, 1.0, 1.0))
    window.open([tmp_path / "images"])
    quiet(window)
    window.arranging.toggle_planes()
    quiet(window)
    window.arranging.reformatting.turn(PlaneName.AXIAL, 0.4)
    window.arranging.reformatting.set_slab(Slab(4.0))
    window.arranging.reformatting._released()
    quiet(window)
    return window


def measured(window: Window, name: PlaneName = PlaneName.CORONAL) -> tuple[Measurement, tuple[str, ...]]:
    """A region in the middle of a plane, and what it says there."""
    cell = next(cell for cell in window.views.cells if cell.plane is name)
    window.views.activate(window.views.cells.index(cell))
    view = cell.viewport
    series, index = view.series, view.index
    middle = series.rows / 2, series.columns / 2
    points = ((middle[0] - 4.0, middle[1] - 6.0), (middle[0] + 4.0, middle[1] + 6.0))
    place = Place.of(series, index)
    lps = points_to_lps(series, index, points)
    region = Measurement("m", MeasurementKind.RECTANGLE, place, points, lps, "lesion")
    window.session.commit("Add", window.session.document.with_measurement(region))
    return region, measure(region, series, index, view.pixels).lines


def listed(window: Window) -> tuple[str, tuple[str, ...]]:
    item = window.measurements.list.item(0)
    return item.data(WHERE), tuple(item.data(VALUES))


def test_a_measurement_on_a_plane_is_listed_with_its_plane_and_values(shown: Window, quiet) -> None:
    region, said = measured(shown)
    where, values = listed(shown)
    assert where == "Coronal (turned) plane, MIP 4 mm"
    assert values == said
    shown.arranging.close_planes()
    quiet(shown)
    # Its plane is no longer on screen: it is cut for the list.
    shown.measurements.refresh()
    quiet(shown)
    assert listed(shown) == (where, said)
    assert shown.viewport.series is shown.session.active
    frame = shown.viewport.index
    assert shown.session.document.measurements_on(shown.viewport.series, frame) == ()
    assert not shown.shelf.find(region.place).pixels.stored.shape[0] > 1, "the volume is not kept for it"


def test_a_click_in_the_list_brings_the_plane_back(shown: Window, quiet) -> None:
    region, said = measured(shown)
    for leave in (shown.arranging.reformatting.straighten, shown.arranging.close_planes):
        leave()
        quiet(shown)
        shown.jump(region.place)
        quiet(shown)
        cell = shown.views.active_cell
        assert cell.plane is PlaneName.CORONAL
        view = cell.viewport
        assert region.place.is_same(Place.of(view.series, view.index))
        assert shown.session.document.measurements_on(view.series, view.index) == (region,)
        assert measure(region, view.series, view.index, view.pixels).lines == said
        cross = shown.arranging.reformatting.cross
        np.testing.assert_allclose(cross.point, np.mean(region.points_lps, axis=0), atol=1.1)
        assert cross.slab == Slab(4.0)


def test_it_is_back_after_a_restart(shown: Window, quiet, qtbot, tmp_path: Path) -> None:
    region, said = measured(shown)
    shown.close()
    again = Window(Settings())
    qtbot.addWidget(again, before_close_func=_forget_work)
    again.show()
    again.open([tmp_path / "images"])
    quiet(again)
    assert again.session.document.measurements == (region,)
    again.arranging.single_view()
    again.jump(region.place)
    quiet(again)
    view = again.views.active
    assert measure(region, view.series, view.index, view.pixels).lines == said
    again.dispatcher.close()


def test_the_report_tells_it_and_shows_its_plane(shown: Window, quiet, tmp_path: Path) -> None:
    _, said = measured(shown)
    series = shown.session.active
    shown.exporter.start(tmp_path / "out", ("pdf", "png"), series, shown.loader.pixels(series))
    quiet(shown)
    report = pypdfium2.PdfDocument(tmp_path / "out" / "report.pdf")
    text = " ".join(" ".join(page.get_textpage().get_text_range() for page in report).split())
    assert "Rectangle: lesion" in text
    assert "Coronal (turned) plane, MIP 4 mm" in text
    assert " ".join(said[0].split()) in text
    kinds = [pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]
    pictures = [item for page in report for item in page.get_objects(filter=kinds)]
    assert len(pictures) == 1, "the plane, and no image that nothing is drawn on"
    report.close()
    assert (tmp_path / "out" / "picture.png").exists()


def test_a_plane_is_not_calibrated_by_hand(shown: Window, ear) -> None:
    region, _ = measured(shown)
    line = Measurement("c", MeasurementKind.DISTANCE, region.place, region.points)
    shown.measuring.ask_length(line)
    assert ear.heard[-1].what == "Planes need no calibration"
    assert shown.measuring.dialog is None


def test_models_and_lists_take_the_image_nearest_to_a_plane(shown: Window, quiet) -> None:
    measured(shown, PlaneName.AXIAL)
    cross = shown.arranging.reformatting.cross
    series = shown.session.active
    heights = series.positions @ np.array([0.0, 0.0, 1.0])
    assert shown.views.frame == int(np.abs(heights - cross.point[2]).argmin())
    shown.arranging.go_to_image(3)
    quiet(shown)
    np.testing.assert_allclose(shown.arranging.reformatting.cross.point[2], heights[3])
    assert shown.views.frame == 3
    shown.viewport.setFocus(Qt.FocusReason.OtherFocusReason)
