from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.training import made_chests
from training.data import (
    IGNORE,
    IMAGE_LEFT,
    IMAGE_RIGHT,
    DataError,
    chest_folder,
    folds,
    is_tuning,
    load,
    read_image,
    read_rows,
    split_sides,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return made_chests.write(tmp_path / "cxr")


def test_rows_say_what_the_csv_says(folder: Path) -> None:
    rows = read_rows(folder)
    assert len(rows) == 24 + 2 + 6
    assert Counter(row.split for row in rows) == {"train": 20, "val": 6, "adult": 6}
    assert sum(row.mask is None for row in rows) == 2
    first, adult = rows[0], rows[-1]
    assert (first.name, first.label, first.patient, first.certain, first.adult) == (
        "images/c0.png",
        "viral",
        "p0",
        False,
        False,
    )
    assert (adult.patient, adult.view, adult.certain, adult.adult) == ("adult-2", "PA", True, True)


def test_the_parent_folder_and_a_folder_of_adults_alone_will_do(folder: Path) -> None:
    assert chest_folder(folder.parent) == folder
    (folder / "index.csv").unlink()
    assert {row.split for row in read_rows(folder)} == {"adult"}


def test_what_is_missing_is_named(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(DataError, match=r"no index\.csv or adult\.csv"):
        read_rows(tmp_path / "nowhere")
    (folder / "lungs" / "c0.png").unlink()
    assert read_rows(folder)[0].mask is None
    (folder / "images" / "c1.png").write_bytes(b"no image")
    with pytest.raises(DataError, match=r"c1\.png"):
        load(read_rows(folder)[1:2], 32)
    (folder / "index.csv").write_text("image,label\n", encoding="utf-8")
    with pytest.raises(DataError, match="no column patient"):
        read_rows(folder)


def test_targets_tell_left_from_right_and_keep_what_is_ignored(folder: Path) -> None:
    rows = [row for row in read_rows(folder) if row.mask is not None]
    arrays = load(rows, 48)
    assert arrays.images.shape == arrays.targets.shape == (30, 48, 48)
    assert (arrays.images.min(), arrays.images.max()) == (0, 255)
    for index, row in enumerate(rows):
        columns = {side: np.nonzero(arrays.targets[index] == side)[1].mean() for side in (IMAGE_LEFT, IMAGE_RIGHT)}
        assert columns[IMAGE_LEFT] < 24 < columns[IMAGE_RIGHT]
        share = np.isin(arrays.targets[index], (IMAGE_LEFT, IMAGE_RIGHT)).mean()
        assert share == pytest.approx((read_image(row.mask) == 255).mean(), abs=0.01)
        assert (arrays.targets[index] == IGNORE).any() == row.adult
    part = arrays.subset([3, 1])
    assert [row.name for row in part.rows] == [rows[3].name, rows[1].name]
    np.testing.assert_array_equal(part.images, arrays.images[[3, 1]])


def test_sides_of_one_two_three_and_no_parts() -> None:
    lung = np.zeros((20, 40), bool)
    assert not split_sides(lung).any()
    lung[5:15, 4:12] = lung[5:15, 24:34] = lung[16:18, 25:27] = True
    sides = split_sides(lung)
    np.testing.assert_array_equal(sides == IMAGE_LEFT, lung & (np.arange(40) < 20))
    np.testing.assert_array_equal(sides == IMAGE_RIGHT, lung & (np.arange(40) >= 20))
    touching = np.zeros((20, 40), bool)
    touching[5:15, 4:34] = True
    sides = split_sides(touching)
    assert (sides[5:15, 4:19] == IMAGE_LEFT).all()
    assert (sides[5:15, 19:34] == IMAGE_RIGHT).all()


def test_no_patient_is_in_two_parts(folder: Path) -> None:
    names = [f"p{index}" for index in range(57)]
    of = folds([*names, *names], 5)
    assert set(of) == set(names)
    assert sorted(Counter(of.values()).values()) == [11, 11, 11, 12, 12]
    assert folds(reversed(names), 5) == of
    tuning = [row for row in read_rows(folder) if is_tuning(row)]
    assert all(row.split == "train" for row in tuning)


def test_a_16_bit_or_colour_picture_is_read_as_grey(tmp_path: Path) -> None:
    Image.fromarray(np.full((4, 5, 3), (200, 200, 200), np.uint8)).save(tmp_path / "c.png")
    assert read_image(tmp_path / "c.png").tolist() == [[200] * 5] * 4


def test_the_shared_set_reads_as_its_page_says(shared_data: Path) -> None:
    rows = read_rows(shared_data)
    masked = [row for row in rows if row.mask is not None and not row.adult]
    assert (sum(not row.adult for row in rows), len(masked), sum(row.certain for row in masked)) == (5543, 4480, 1478)
    adults = [row for row in rows if row.adult]
    assert (len(adults), len({row.patient for row in adults})) == (55, 33)
    train = {row.patient for row in rows if row.split == "train"}
    assert not train & {row.patient for row in rows if row.split == "val"}
    share = sum(is_tuning(row) for row in rows) / sum(row.split == "train" for row in rows)
    assert 0.07 < share < 0.13
