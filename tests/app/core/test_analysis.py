"""What a model is handed of a series: one image, or the whole stack (app/core/analysis.py)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.core import analysis
from app.dicom.load import load
from inference.contract_ct import CtContract
from inference.types import Refused
from tests import phantoms, phantoms_4d
from tests.app.report.answers import open_series
from tests.app.ui.models import bundle

CT = CtContract(("CT", "MR"), (), 64, min_size=16, min_slices=2)


def test_a_model_of_volumes_gets_the_whole_stack_in_hounsfield_units(tmp_path: Path) -> None:
    _, series = open_series(*phantoms.ct(tmp_path))
    model = replace(bundle(), contract=CT)
    assert analysis.refusal(model, series) is None
    order = analysis.order_volume(model, series, load(series))
    assert order.indices == tuple(range(len(series.frames)))
    assert order.request.volume.unit == "HU"
    np.testing.assert_array_equal(order.request.volume.voxels, phantoms.ct_values() - 1024.0)
    np.testing.assert_allclose(order.request.volume.affine, series.affine)


def test_several_phases_are_no_volume(tmp_path: Path) -> None:
    _, series = open_series(*phantoms_4d.series(tmp_path))
    model = replace(bundle(), contract=CT)
    refused = analysis.refusal(model, series)
    assert refused is not None
    assert "several" in str(refused)
    with pytest.raises(Refused, match="several"):
        analysis.order_volume(model, series, load(series))


def test_slices_without_a_common_grid_fit_only_models_that_need_none(tmp_path: Path) -> None:
    paths = phantoms.ct(tmp_path)
    _, series = open_series(*paths[:1], *paths[2:])
    loose = replace(series, affine=None)
    assert "evenly spaced" in str(analysis.refusal(replace(bundle(), contract=CT), loose))
    assert analysis.refusal(replace(bundle(), contract=replace(CT, needs_grid=False)), loose) is None
