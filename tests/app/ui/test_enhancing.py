"""What a model made opens beside its source, is marked, and is one key away from it in the same place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.core import analysis
from app.core.enhanced import Made, made_by_model
from app.dicom.voi import Window as Grey
from app.ui.window import Window
from inference.bundle import Bundle
from inference.contract_ct import CtContract
from inference.types import Measure, Result
from tests import phantoms
from tests.app.ui import models


@pytest.fixture
def model() -> Bundle:
    contract = CtContract(("CT",), (), 512, min_size=16, needs_grid=False)
    return replace(models.bundle("ct-enhance"), task="ct-enhancement", labels=(), contract=contract)


@pytest.fixture
def made(window: Window, settle, tmp_path: Path, model: Bundle, monkeypatch: pytest.MonkeyPatch) -> Window:
    """A window with a CT on screen after a run that took 8 HU off each voxel."""

    def run(order: analysis.Order, tick) -> Result:
        values = np.asarray(order.request.volume.voxels, np.float32) - 8
        return Result(
            order.request.id, model.ref, "cpu", {"network": 0.1}, measures={"RMS change": Measure(8.0, "HU")},
            enhanced=values,
        )  # fmt: skip

    monkeypatch.setattr(analysis.Order, "run", run)
    settle(window)
    window.analyses._keep((model,))
    phantoms.ct(tmp_path / "ct", shape=(5, 32, 40))
    window.open([tmp_path / "ct"])
    settle(window)
    window.viewport.set_index(1)
    window.viewport.set_voi(Grey(-900, 300))
    window.run_model(model)
    settle(window)
    return window


def kind(window: Window) -> Made | None:
    assert window.session.active is not None
    return made_by_model(window.session.active)


def values(window: Window) -> np.ndarray:
    pixels = window.viewport.pixels
    assert pixels is not None
    return pixels.pipeline(window.viewport.index).modality(pixels.stored[window.viewport.index])


def marks(window: Window) -> list[str]:
    shown = window.viewport.seen()
    assert shown is not None
    return [mark.title for mark in window.viewport.picture.marks(shown) if mark.drawn_by_model]


def test_the_new_series_stands_beside_its_source_in_the_same_place_and_is_marked(made: Window) -> None:
    assert kind(made) is Made.ENHANCED
    assert [series.description for series in made.session.index.series()][1].startswith("AI-enhanced")
    assert made.viewport.index == 1
    voi = made.viewport.voi
    assert isinstance(voi, Grey)
    assert (voi.center, voi.width) == (-900, 300)
    assert marks(made) == ["AI-enhanced"]
    assert made.viewport.text_level is not None
    made.viewport.toggle_text()
    made.viewport.toggle_text()
    assert marks(made) == ["AI-enhanced"]


def test_one_key_goes_to_the_original_and_back(made: Window, settle) -> None:
    enhanced = values(made).copy()
    made.actions_["toggle_enhanced"].trigger()
    settle(made)
    assert kind(made) is None
    assert marks(made) == []
    assert made.viewport.index == 1
    np.testing.assert_allclose(values(made) - enhanced, 8)
    made.actions_["toggle_enhanced"].trigger()
    settle(made)
    assert kind(made) is Made.ENHANCED
    np.testing.assert_array_equal(values(made), enhanced)


def test_the_difference_is_made_once_and_leads_back(made: Window, settle) -> None:
    for _ in range(2):
        made.actions_["toggle_difference"].trigger()
        settle(made)
        assert kind(made) is Made.DIFFERENCE
        assert made.viewport.index == 1
        np.testing.assert_allclose(values(made), -8)
        assert marks(made) == ["Difference: AI-enhanced − original"]
        made.actions_["toggle_difference"].trigger()
        settle(made)
        assert kind(made) is Made.ENHANCED
    assert len(made.session.index.series()) == 3


def test_strength_blends_and_replaces_the_series_and_its_difference(made: Window, settle) -> None:
    made.actions_["toggle_difference"].trigger()
    settle(made)
    made.actions_["toggle_difference"].trigger()
    settle(made)
    made.enhancing.set_strength(25)
    settle(made)
    assert kind(made) is Made.ENHANCED
    assert [made_by_model(series) for series in made.session.index.series()] == [None, Made.ENHANCED]
    quarter = values(made).copy()
    made.actions_["toggle_enhanced"].trigger()
    settle(made)
    np.testing.assert_allclose(values(made) - quarter, 2)
    made.actions_["toggle_difference"].trigger()
    settle(made)
    np.testing.assert_allclose(values(made), -2)


def test_the_card_offers_what_there_is(made: Window, settle) -> None:
    card = made.enhancing and made.ai_panel._enhancement
    assert card is not None
    assert not card.isHidden()
    assert card.original.text() == "Show original"
    card.original.click()
    settle(made)
    assert card.original.text() == "Show AI-enhanced"
    assert not made.actions_.why_not("toggle_enhanced")
    folder = Path(made.session.index.series()[1].instances[0].path).parent
    assert folder.is_dir()
    made.close_studies()
    settle(made)
    assert card.isHidden()
    assert made.actions_.why_not("toggle_enhanced")
    assert not folder.exists()


def test_no_enhanced_series_says_so(window: Window, settle, tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct")
    window.open([tmp_path / "ct"])
    settle(window)
    told: list[str] = []
    window.enhancing.told.connect(told.append)
    window.enhancing.toggle()
    window.enhancing.toggle_difference()
    assert "run the model" in told[0]
    assert "needs both" in told[1]
