"""Windows written as text."""

import pytest

from app.core.presets import CT_PRESETS, parse_window, presets_for
from app.errors import UsageError


@pytest.mark.parametrize(
    ("text", "width", "center"),
    [
        ("1500/-600", 1500, -600),
        (" 80 / 40 ", 80, 40),
        ("1e3/0.5", 1000, 0.5),
        ("lung", 1500, -600),
        ("Bone", 2000, 350),
    ],
)
def test_width_slash_centre_or_a_name(text: str, width: float, center: float) -> None:
    window = parse_window(text)
    assert (window.width, window.center) == (width, center)


@pytest.mark.parametrize("text", ["", "lungs", "0/40", "0.5/40", "nan/1", "40", "1/2/3", "-5/1"])
def test_anything_else_is_a_usage_error_with_a_remedy(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_window(text)
    assert caught.value.what_now


def test_hounsfield_windows_only_for_hounsfield_values() -> None:
    assert presets_for("HU") == CT_PRESETS
    assert presets_for("") == ()
    assert len({preset.id for preset in CT_PRESETS}) == len(CT_PRESETS)
