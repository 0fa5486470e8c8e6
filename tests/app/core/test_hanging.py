"""Hanging protocols: what goes where, with good, missing, misspelt and Chinese descriptions; and their files."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset

from app.core.hanging import CURRENT, PRIOR, Hung, ViewWish, Wish, best, from_views, hang, is_sure, prior_of
from app.core.hanging_file import parse, read, read_all, save, written
from app.core.planes import PlaneName
from app.core.series_facts import facts_of, mentions, plain
from app.dicom.model import Series, Study
from app.errors import UserError
from app.paths import assets_dir
from tests import phantoms
from tests.app.core import made_series

SHIPPED, FAULTS = read_all(assets_dir() / "hanging")
BY_NAME = {protocol.name.split(":")[0]: protocol for protocol in SHIPPED}


def series(
    uid: str, modality: str, description: str = "", *, orientation=None, slices: int = 1, **attributes
) -> Series:
    header = Dataset()
    header.PatientID, header.PatientName = "P1", "One^Patient"
    for keyword, value in attributes.items():
        setattr(header, keyword, value)
    cosines = np.array(orientation) if orientation is not None else None
    made = made_series.series(uid, slices=slices, orientation=cosines, header=header)
    return replace(made, modality=modality, description=description)


def study(*stacks: Series, uid: str = "1.2", date: str = "20240101", description: str = "") -> Study:
    return replace(made_series.study(*stacks, uid=uid), date=date, description=description)


def names(hanging) -> list[str]:
    return ["" if hung is None else hung.series.uid for hung in hanging.views]


def test_the_shipped_protocols_are_well_formed() -> None:
    assert FAULTS == ()
    assert set(BY_NAME) == {
        "Mammography",
        "Chest radiograph",
        "Prior beside current",
        "PET and CT",
        "CT",
        "MR",
    }


# -- what goes where ---------------------------------------------------------------------------------------------------


def mammography(**how) -> list[Series]:
    return [
        series(f"{side}{view}", "MG", **how.get("words", lambda s, v: {})(side, view))
        for view in ("MLO", "CC")
        for side in ("L", "R")
    ]


STATED = {"words": lambda side, view: {"ViewPosition": view, "ImageLaterality": side}}
DESCRIBED = {"words": lambda side, view: {"description": f"{side} {view}"}}
RUN_TOGETHER = {"words": lambda side, view: {"description": f"{side}{view}"}}
CHINESE = {
    "words": lambda side, view: {
        "description": {"L": "左", "R": "右"}[side] + "乳" + {"CC": "头尾位", "MLO": "内外斜位"}[view]
    }
}
MISSPELT = {
    "words": lambda side, view: {
        "description": {"L": "Left", "R": "Rigth"}[side] + {"CC": " craniocaudel", "MLO": " mediolaterel"}[view]
    }
}


@pytest.mark.parametrize("how", [STATED, DESCRIBED, RUN_TOGETHER, CHINESE, MISSPELT])
def test_a_mammography_hangs_four_up_however_it_is_described(how) -> None:
    hanging = best(SHIPPED, study(*mammography(**how)))
    assert hanging.protocol is BY_NAME["Mammography"]
    assert names(hanging) == ["RCC", "LCC", "RMLO", "LMLO"]


def test_without_any_description_all_four_are_shown_all_the_same() -> None:
    hanging = best(SHIPPED, study(*mammography()))
    assert sorted(names(hanging)) == ["LCC", "LMLO", "RCC", "RMLO"]


def test_a_single_view_of_the_left_breast_never_hangs_on_the_right() -> None:
    hanging = hang(BY_NAME["Mammography"], study(series("a", "MG", ViewPosition="CC", ImageLaterality="L")))
    assert names(hanging) == ["", "a", "", ""]


@pytest.mark.parametrize("lateral", ["LL", "RL", "LATERAL", "LLD"])
def test_chest_pa_and_lateral(lateral: str) -> None:
    side = series("lat", "DX", ViewPosition=lateral, BodyPartExamined="CHEST")
    front = series("pa", "CR", ViewPosition="PA", BodyPartExamined="CHEST")
    assert names(best(SHIPPED, study(side, front))) == ["pa", "lat"]


def test_chest_films_that_only_words_describe() -> None:
    films = (series("lat", "CR", "Thorax seitlich"), series("pa", "CR", "Thorax p.a. pa"))
    assert names(best(SHIPPED, study(*films))) == ["pa", "lat"]
    films = (series("lat", "DX", "胸部侧位"), series("pa", "DX", "胸部正位"))
    assert names(best(SHIPPED, study(*films))) == ["pa", "lat"]


def test_a_hand_does_not_hang_as_a_chest() -> None:
    films = (series("1", "CR", ViewPosition="PA", BodyPartExamined="HAND"), series("2", "CR", BodyPartExamined="HAND"))
    assert best(SHIPPED, study(*films)) is None


def test_ct_shows_three_planes_of_its_largest_volume() -> None:
    scout = series("scout", "CT", slices=2, orientation=phantoms.CORONAL)
    thick = series("thick", "CT", slices=30, orientation=phantoms.AXIAL)
    thin = series("thin", "CT", slices=200, orientation=phantoms.AXIAL)
    hanging = best(SHIPPED, study(scout, thick, thin))
    assert names(hanging) == ["thin"] * 3
    assert [hung.plane for hung in hanging.views] == list(PlaneName)
    assert best(SHIPPED, study(scout)) is None, "two images are no volume"


def test_mr_sequences_by_description_and_by_their_times() -> None:
    def mr(uid: str, description: str = "", **more) -> Series:
        return series(uid, "MR", description, slices=20, orientation=phantoms.AXIAL, **more)

    described = study(
        mr("d", "ep2d_DWI"), mr("f", "t2_FLAIR tra"), mr("2", "T2W TSE"), mr("g", "T1 post Gd"), mr("1", "t1w")
    )
    assert names(best(SHIPPED, described)) == ["1", "2", "f", "d"]
    timed = study(
        mr("d", DiffusionBValue=1000.0),
        mr("f", RepetitionTime="9000", EchoTime="110", InversionTime="2500"),
        mr("2", RepetitionTime="4000", EchoTime="95"),
        mr("1", RepetitionTime="500", EchoTime="10"),
    )
    assert names(best(SHIPPED, timed)) == ["1", "2", "f", "d"]


def test_the_prior_hangs_beside_the_current_study_with_the_series_most_like_it() -> None:
    now = study(series("now", "CT", "Chest axial", slices=100, orientation=phantoms.AXIAL), date="20240301")
    before = study(
        series("cor", "CT", "Chest coronal", slices=90, orientation=phantoms.CORONAL),
        series("ax", "CT", "Chest axiall", slices=50, orientation=phantoms.AXIAL),
        uid="1.3",
        date="20230301",
    )
    hanging = hang(BY_NAME["Prior beside current"], now, before)
    assert names(hanging) == ["now", "ax"]
    assert hang(BY_NAME["Prior beside current"], now) is None


def test_the_prior_is_the_latest_earlier_study_of_the_same_patient() -> None:
    now = study(series("n", "CT"), date="20240301", uid="1")
    old = study(series("o", "CT"), date="20220101", uid="2")
    older = study(series("p", "CT"), date="20200101", uid="3")
    film = study(series("q", "CR"), date="20230101", uid="4")
    other = study(series("r", "CT", PatientID="P2"), date="20231231", uid="5")
    later = study(series("s", "CT"), date="20250101", uid="6")
    assert prior_of(now, (later, other, film, older, old, now)) is old
    assert prior_of(older, (old, older, now)) is None
    nameless = study(series("t", "CT", PatientID="", PatientName=""), date="20240301")
    assert prior_of(nameless, (study(series("u", "CT", PatientID="", PatientName=""), date="2020"), nameless)) is None


# -- without a question ------------------------------------------------------------------------------------------------


def sure(current: Study, prior: Study | None = None) -> bool:
    return is_sure(best(SHIPPED, current, prior), current, prior)


def test_only_what_is_known_in_every_view_hangs_without_a_question() -> None:
    assert sure(study(*mammography(**STATED)))
    assert not sure(study(*mammography(**STATED)[:3])), "a view stays empty"
    assert not sure(study(*mammography())), "nothing says which is which"
    front = series("pa", "CR", ViewPosition="PA", BodyPartExamined="CHEST")
    assert sure(study(front, series("lat", "DX", ViewPosition="LL", BodyPartExamined="CHEST")))
    assert not sure(study(front, series("other", "DX", BodyPartExamined="CHEST"))), "it may be anything"


def test_planes_never_take_the_place_of_the_images_without_a_question() -> None:
    volume = study(series("thin", "CT", slices=200, orientation=phantoms.AXIAL))
    assert best(SHIPPED, volume) is not None
    assert not sure(volume)


def test_a_prior_hangs_without_a_question_where_it_shows_the_same() -> None:
    now = study(series("now", "MR", "T1", slices=20, orientation=phantoms.AXIAL), date="20240301")
    same = study(series("ax", "MR", "T1", slices=20, orientation=phantoms.AXIAL), uid="1.3", date="20230301")
    other = study(series("sag", "MR", "T1", slices=20, orientation=phantoms.SAGITTAL), uid="1.3", date="20230301")
    protocol = BY_NAME["Prior beside current"]
    assert is_sure(hang(protocol, now, same), now, same)
    assert not is_sure(hang(protocol, now, other), now, other)


# -- words -------------------------------------------------------------------------------------------------------------


def test_words_are_found_misspelt_abbreviated_and_in_other_languages() -> None:
    assert mentions(plain("Sagital T2"), "sagittal")
    assert mentions(plain("Crânio"), "cranio")
    assert not mentions(plain("chess"), "head")
    assert facts_of(series("1", "CT", "Schädel nativ")).body_part == "head"
    assert facts_of(series("1", "MR", "冠状 T2WI 增强")) == replace(
        facts_of(series("2", "MR")), text="冠状 t2wi 增强", orientation="coronal", sequence="t2", contrast=True
    )
    assert facts_of(series("1", "MR", "T1W_SE3D")).sequence == "t1"


def test_the_images_own_orientation_counts_more_than_its_name() -> None:
    assert facts_of(series("1", "MR", "sag", slices=5, orientation=phantoms.CORONAL)).orientation == "coronal"


# -- files -------------------------------------------------------------------------------------------------------------


def test_what_is_saved_comes_back_as_it_was(tmp_path: Path) -> None:
    for protocol in SHIPPED:
        assert parse(written(protocol)) == protocol
        assert read(save(protocol, tmp_path / "hanging")) == protocol
    found, faults = read_all(tmp_path / "hanging", tmp_path / "none")
    assert set(found) == set(SHIPPED)
    assert faults == ()


def test_the_layout_on_screen_can_be_saved_and_hangs_the_next_study_alike(tmp_path: Path) -> None:
    one, two = series("1", "MR", 'T1 "sag" Kopf\\1', slices=20), series("2", "MR", "T2 tra", slices=20)
    old = study(series("0", "MR", "T1 sag", slices=9), uid="0", date="2020")
    now = study(one, two)
    protocol = from_views("Mein Layout: 头", 1, 3, (Hung(two), Hung(one), Hung(old.series[0])), (now, old))
    assert [view.study for view in protocol.views] == [CURRENT, CURRENT, PRIOR]
    back = read(save(protocol, tmp_path))
    assert back == protocol
    later = study(series("7", "MR", "t1 sagittal"), series("8", "MR", "t2"), date="20250101", uid="9")
    assert names(hang(back, later, now))[:2] == ["8", "7"]
    planes = from_views("p", 1, 1, (Hung(one, PlaneName.CORONAL),), (now,))
    assert planes.views[0].plane is PlaneName.CORONAL


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = ", "no TOML"),
        ("rows = 1", "needs a name"),
        ('name = "a"\nrows = 4\n[[view]]', "rows must be 1 to 3"),
        ('name = "a"', "at least one"),
        ('name = "a"\n[[view]]\n[[view]]', "2 views, and 1 × 1"),
        ('name = "a"\n[[view]]\nmodalty = "CT"', "view 1 has the unknown entry 'modalty'"),
        ('name = "a"\ncolour = 1\n[[view]]', "the file has the unknown entry 'colour'"),
        ('name = "a"\nwhen = 3\n[[view]]', "when must be a table"),
        ('name = "a"\n[[view]]\nplane = "diagonal"', "plane must be one of axial, coronal, sagittal"),
        ('name = "a"\n[[view]]\nlike = 1', "a view before it"),
        ('name = "a"\n[[view]]\nstudy = "old"', "study must be"),
        ('name = "a"\n[[view]]\nmodality = 3', "modality must be text"),
        ('name = "a"\n[[view]]\ncontrast = "yes"', "contrast must be true or false"),
        ('name = "a"\n[[view]]\noptional = 1', "optional must be true or false"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse(text)


def test_a_malformed_file_is_named_and_the_others_are_used(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("name = 3", encoding="utf-8")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "huge.toml").write_text("#" * 200_000, encoding="utf-8")
    save(SHIPPED[0], tmp_path)
    found, faults = read_all(tmp_path)
    assert found == (SHIPPED[0],)
    assert [fault.what.split()[3] for fault in faults] == ["bad.toml", "binary.toml", "huge.toml"]


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(UserError, match="cannot be saved"):
        save(SHIPPED[0], tmp_path / "file")


def test_wishes_are_compared_whole() -> None:
    assert ViewWish(Wish(("CT",))) == ViewWish(Wish(("CT",)))
