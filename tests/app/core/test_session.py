"""What the verbs of a session change, whom they tell, and what undo brings back."""

from dataclasses import replace

import numpy as np
import pytest

from app.core import session as sessions
from app.core.document import FindingStatus, Measurement, MeasurementKind, Place
from app.core.layers import Layer
from app.core.session import Change, Session
from app.dicom.model import Patient, StudyIndex
from inference.types import Code, Label, Measure, ModelRef, Result
from tests.app.core import made_series

MODEL = ModelRef("cxr-lungs", "1.0.0", "a" * 64)
LUNG = Label(1, "Right lung", Code("3341006", "Right lung"), (0, 200, 255))


def distance(series, index: int = 0) -> Measurement:
    return Measurement(sessions.new_id(), MeasurementKind.DISTANCE, Place.of(series, index), ((0, 0), (3, 4)))


def result(series) -> Result:
    label_map = np.zeros((1, series.rows, series.columns), np.uint8)
    label_map[0, 2, 3] = 1
    measures = {"Right lung: Area": Measure(12.5, "cm2"), "Heart: Area": Measure(1, "cm2")}
    return Result("r1", MODEL, "cpu", {}, label_map, (LUNG,), {"normal": 0.25}, {}, measures, ("View unknown.",))


@pytest.fixture
def heard() -> list[Change]:
    return []


@pytest.fixture
def session(heard: list[Change]) -> Session:
    session = Session()
    session.subscribe(heard.append)
    return session


def test_opening_the_same_study_again_adds_what_is_new_and_doubles_nothing(session, heard) -> None:
    first, second = made_series.series("1.1", number=2), made_series.series("1.2", number=1)
    session.open(StudyIndex((made_series.study(first),)))
    session.activate(first)
    again = made_series.series("1.1", number=2)
    session.open(StudyIndex((made_series.study(again, second),)))
    assert [s.uid for s in session.index.series()] == ["1.2", "1.1"]
    assert session.active is again
    assert heard == [Change.STUDIES, Change.ACTIVE_SERIES, Change.STUDIES]


def test_patients_who_share_a_study_uid_stay_apart(session) -> None:
    one = made_series.study(made_series.series("1.1"))
    other = replace(made_series.study(made_series.series("1.1")), patient=Patient("OTHER"))
    session.open(StudyIndex((one,)))
    session.open(StudyIndex((other,)))
    assert [study.patient.id for study in session.index.studies] == ["PHANTOM", "OTHER"]
    session.activate(other.series[0])
    assert session.active_study() is other


def test_undo_and_redo_walk_the_documents(session, heard) -> None:
    series = made_series.series()
    one, two = distance(series), distance(series)
    session.commit("Add distance", session.document.with_measurement(one))
    session.commit("Add distance 2", session.document.with_measurement(two))
    session.undo()
    assert session.document.measurements == (one,)
    assert (session.undo_name, session.redo_name) == ("Add distance", "Add distance 2")
    session.redo()
    assert session.document.measurements == (one, two)
    session.undo()
    session.commit("Remove", session.document.without_measurement(one.id))
    assert session.redo_name == ""
    assert session.document.measurements == ()
    assert heard[-1] & Change.MEASUREMENTS
    for _ in range(10):
        session.undo()
    assert session.document.measurements == ()
    assert session.undo_name == ""


def test_a_model_proposes_and_the_reader_judges(session) -> None:
    series = made_series.series()
    overlay = session.accept(result(series), series, (1,))
    assert overlay is not None
    assert overlay.plane(0) is None
    plane = overlay.plane(1)
    assert plane is not None
    assert plane[2, 3] == 1
    lung, score = session.document.findings
    assert lung.status is FindingStatus.PROPOSED
    assert lung.measures == (("Area", Measure(12.5, "cm2")),)
    assert lung.place == Place.of(series, 1)
    assert (score.kind, score.score, score.origin) == ("normal", 0.25, MODEL)
    session.judge(lung.id, FindingStatus.ACCEPTED)
    assert session.document.findings[0].status is FindingStatus.ACCEPTED
    session.undo()
    assert session.document.findings[0].status is FindingStatus.PROPOSED
    with pytest.raises(KeyError):
        session.judge("nobody", FindingStatus.ACCEPTED)


def test_running_a_model_again_replaces_its_answer(session) -> None:
    series = made_series.series()
    session.accept(result(series), series, (1,))
    session.accept(result(series), series, (1,))
    session.accept(result(series), series, (2,))
    assert [overlay.indices for overlay in session.document.overlays] == [(1,), (2,)]
    assert sum(finding.kind == "Right lung" for finding in session.document.findings) == 2


def test_unsubscribing_ends_the_calls(heard) -> None:
    session = Session()
    unsubscribe = session.subscribe(heard.append)
    unsubscribe()
    unsubscribe()
    session.undo()
    session.close_all()
    assert heard == []


def test_style_is_told_once_and_never_undone(session, heard) -> None:
    style = sessions.OverlayStyle(visible=False)
    session.set_style(style)
    session.set_style(style)
    assert heard == [Change.OVERLAY_STYLE]
    assert session.undo_name == ""


def test_layers_lie_on_their_stack_until_it_is_read_again(session, heard) -> None:
    first = made_series.series("1.1")
    session.open(StudyIndex((made_series.study(first),)))
    layer = Layer("o", "SEG", first.key, (first.rows, first.columns), ())
    session.lay(layer, first)
    session.lay(layer, first)
    assert session.layers_on(first) == (layer,)
    # Another patient's series may carry the same UIDs.
    assert session.layers_on(made_series.series("1.1")) == ()
    session.lift("another", first.key)
    heard.clear()
    session.open(StudyIndex((made_series.study(made_series.series("1.1")),)))
    assert heard == [Change.STUDIES | Change.LAYERS]
    assert session.laid_on(first) == ()


def test_scores_become_findings_by_their_clinical_names_with_their_range(session) -> None:
    series = made_series.series("1.1")
    session.open(StudyIndex((made_series.study(series),)))
    viral = Label(3, "viral", Code("75570004", "Viral pneumonia"), (1, 2, 3))
    answer = Result("r1", MODEL, "cpu", {}, None, (viral,), {"viral": 0.75}, {"viral": (0.5, 0.9)})
    assert session.accept(answer, series, (0,)) is None
    (finding,) = session.document.findings
    assert (finding.kind, finding.score, finding.interval) == ("Viral pneumonia", 0.75, (0.5, 0.9))
    assert finding.code == viral.code


def test_a_second_run_replaces_scores_of_the_same_image_alone(session) -> None:
    series = made_series.series("1.1", number=2)
    session.open(StudyIndex((made_series.study(series),)))

    def run(index: int, score: float, model: ModelRef = MODEL) -> None:
        session.accept(Result("r", model, "cpu", {}, None, (), {"viral": score}), series, (index,))

    other = replace(MODEL, id="other")
    run(0, 0.1)
    run(1, 0.2)
    run(0, 0.3, other)
    run(0, 0.4)
    assert sorted((f.score, f.origin.id) for f in session.document.findings) == [
        (0.2, "cxr-lungs"),
        (0.3, "other"),
        (0.4, "cxr-lungs"),
    ]
