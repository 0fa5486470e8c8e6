"""The reader's presets: which apply, what the editor may make of them, what survives the settings."""

from dataclasses import replace

import pytest

from app.core import preset_book
from app.core.preset_book import BUILT_IN, PresetBook, from_stored, group_of, made
from app.core.presets import CT_PRESETS
from app.dicom.voi import WindowFunction
from tests.app.core.made_series import series

MINE = made("My lung", 1400, -500)


def test_presets_only_where_values_mean_the_same_everywhere() -> None:
    ct = series()
    assert PresetBook({}).of(ct) == CT_PRESETS
    assert group_of(replace(ct, unit="")) == ""
    assert group_of(replace(ct, modality="PT", unit="SUVbw")) == "PT"
    assert group_of(replace(ct, modality="PT", unit="Bq/ml")) == ""
    assert group_of(replace(ct, modality="MR", unit="")) == "MR"
    assert group_of(replace(ct, modality="US", unit="", samples_per_pixel=3, photometric="RGB")) == ""
    assert PresetBook({}).of(replace(ct, modality="MR", unit="")) == ()


def test_suv_windows_begin_at_nothing() -> None:
    for preset in BUILT_IN["PT"]:
        assert preset.window.center == preset.window.width / 2
        assert preset.window.function is WindowFunction.LINEAR_EXACT


def test_added_renamed_removed_and_in_another_order() -> None:
    book = PresetBook({}).with_group("CT", [MINE, *CT_PRESETS[1:], CT_PRESETS[0]])
    assert [preset.name for preset in book.of(series())][:2] == ["My lung", "Mediastinum"]
    assert book.of(series())[-1].name == "Lung"
    assert PresetBook({}).with_group("MR", [MINE]).of(replace(series(), modality="MR", unit="")) == (MINE,)
    back = book.with_group("CT", CT_PRESETS)
    assert back.changed == {}


def test_settings_keep_them_and_give_them_back() -> None:
    book = PresetBook({}).with_group("CT", [MINE, CT_PRESETS[4]]).with_group("PT", [])
    again = from_stored(book.stored())
    assert again == book
    assert again.of(series())[1] is CT_PRESETS[4]
    assert again.of_group("PT") == ()


@pytest.mark.parametrize("damaged", [None, [], {"CT": 3}, {"CT": [["x"], [1, 2], None, ["y", "a", 3], ["z", -1, 3]]}])
def test_a_damaged_list_is_left_out(damaged: object) -> None:
    assert from_stored(damaged).of_group("PT") == BUILT_IN["PT"]


@pytest.mark.parametrize(("name", "width"), [("  ", 10), ("a", 0), ("a", -3), ("a", float("nan")), ("a", float("inf"))])
def test_a_preset_needs_a_name_and_a_width(name: str, width: float) -> None:
    with pytest.raises(ValueError, match=r"needs a name|above 0"):
        made(name, width, 0)


def test_the_book_in_use_is_asked() -> None:
    before = preset_book.book()
    try:
        preset_book.use(PresetBook({"CT": (MINE,)}))
        assert preset_book.presets_of(series()) == (MINE,)
    finally:
        preset_book.use(before)
