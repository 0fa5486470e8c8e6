"""Model answers with known masks on real or made series, and how to check a SEG from the outside."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from app.core.document import Document, FindingStatus, Overlay
from app.core.layers import Layer
from app.core.objects import layer_of
from app.core.session import Session
from app.dicom.index import index
from app.dicom.load import SeriesPixels, load
from app.dicom.model import Series, Study
from app.dicom.objects import StoredObject
from app.dicom.parse import read_instance
from app.dicom.scan import scan
from inference.types import Code, Label, Measure, ModelRef, Result

MODEL = ModelRef("made-lungs", "1.2.3", "0123456789abcdef" * 4)
LABELS = (
    Label(1, "Right lung", Code("3341006", "Right lung"), (90, 170, 250)),
    Label(5, "Left lung", Code("44029006", "Left lung"), (250, 170, 80)),
)
NOTE = "View unknown: the header does not say."


def open_series(*paths: Path) -> tuple[Study, Series]:
    """The first stack under ``paths``."""
    found = index(scan(paths))
    series = found.series()[0]
    return found.study_of(series), series


def label_map(series: Series, count: int) -> npt.NDArray[np.uint8]:
    """(count, rows, columns): blocks of 1 and 5 without symmetry, others on each image; the second one is empty."""
    masks = np.zeros((count, series.rows, series.columns), np.uint8)
    for number in range(count):
        if number == 1:
            continue
        masks[number, 2 : 5 + number % 7, 3 : series.columns // 2] = 1
        masks[number, series.rows // 2 :, series.columns - 4 - number % 3 :] = 5
    # One pixel in the far corner, where an error of one shows.
    masks[0, -1, -1] = 1
    return masks


def overlay(series: Series, indices: tuple[int, ...] | None = None) -> Overlay:
    """An answer on the frames ``indices`` (all by default)."""
    chosen = tuple(range(len(series.frames))) if indices is None else indices
    return Overlay("overlay", series.key, chosen, label_map(series, len(chosen)), LABELS, MODEL)


def result(series: Series, count: int = 1) -> Result:
    """An answer of a made model for ``count`` images."""
    return Result(
        request_id="request",
        model=MODEL,
        device="cpu",
        timings_s={"network": 0.25, "postprocess": 0.05},
        label_map=label_map(series, count),
        labels=LABELS,
        scores={"nodule": 1 / 3},
        intervals={"nodule": (0.25, 0.5)},
        measures={
            "Right lung: area": Measure(231.5, "cm2"),
            "Left lung: area": Measure(198.25, "cm2"),
            "Lungs: area": Measure(429.75, "cm2"),
        },
        notes=(NOTE,),
    )


def answered(
    path: Path, statuses: dict[str, FindingStatus] | None = None
) -> tuple[Document, Study, Series, SeriesPixels, Result]:
    """A study of one image with the model's answer accepted into the document; ``statuses`` by kind of finding."""
    found = index(scan([path]))
    series = found.series()[0]
    session = Session()
    session.open(found)
    answer = result(series)
    session.accept(answer, series, (0,))
    document = session.document
    findings = tuple(replace(f, status=(statuses or {}).get(f.kind, f.status)) for f in document.findings)
    return replace(document, findings=findings), found.study_of(series), series, load(series), answer


def laid(path: Path, series: Series) -> Layer:
    """A SEG or a structure set on ``series``, as the program draws it."""
    found = read_instance(path)
    assert isinstance(found, StoredObject), found
    layer = layer_of(found, series)
    assert isinstance(layer, Layer)
    return layer


def verify(path: Path, kind: str = "Segmentation") -> None:
    """Fails for every error that dciodvfy finds; skips where it is not installed."""
    if shutil.which("dciodvfy") is None:
        pytest.skip("dciodvfy (dicom3tools) is not installed")
    ran = subprocess.run(["dciodvfy", "-new", str(path)], capture_output=True, text=True, check=False)
    told = (ran.stdout + ran.stderr).splitlines()
    assert any(kind in line for line in told), told
    errors = [line for line in told if line.startswith("Error")]
    assert not errors, "\n".join(errors)
