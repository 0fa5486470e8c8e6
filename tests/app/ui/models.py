"""Models for tests of the window: verified bundles in appearance, and answers as the engine gives them."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

import numpy as np

from app.dicom.model import Series
from inference.bundle import Bundle
from inference.contract_radiograph import RadiographContract
from inference.types import Code, Label, Measure, ModelRef, Result

LABELS = (
    Label(1, "Right lung", Code("3341006", "Right lung"), (86, 180, 233)),
    Label(2, "Left lung", Code("44029006", "Left lung"), (230, 159, 0)),
)


def bundle(identifier: str = "lungs", *modalities: str, root: Path = Path("models")) -> Bundle:
    """A model for radiographs, or for ``modalities``. It has no weights: whoever runs it gives the answer."""
    return Bundle(
        root=root / identifier,
        id=identifier,
        version="1.2.0",
        title=f"Title of {identifier}",
        task="lung-segmentation",
        description="Marks the lung fields.",
        sha256="ab" * 32,
        labels=LABELS,
        contract=RadiographContract(modalities or ("CR", "DX"), ("CHEST",), ("PA", "AP"), "presentation", 64, 16, 4.0),
        network="none",
        arguments=MappingProxyType({}),
        flip=False,
        metrics=MappingProxyType({}),
        limits=(),
        intended_use="",
        training_data=(),
        licence="Apache-2.0",
        peak_memory_mb=1,
    )


def answer(model: Bundle, series: Series, request_id: str = "request", notes: tuple[str, ...] = ()) -> Result:
    """Two lungs: the left and the right third of the image."""
    mask = np.zeros((1, series.rows, series.columns), dtype=np.uint8)
    third = series.columns // 3
    mask[..., :third], mask[..., -third:] = 1, 2
    return Result(
        request_id=request_id,
        model=ModelRef(model.id, model.version, model.sha256),
        device="cpu",
        timings_s={"network": 0.1},
        label_map=mask,
        labels=LABELS,
        measures={
            "Right lung: area": Measure(123.4, "cm2"),
            "Left lung: area": Measure(98.7, "cm2"),
            "Lungs: area": Measure(222.1, "cm2"),
        },
        notes=notes,
    )
