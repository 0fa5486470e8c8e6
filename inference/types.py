"""What goes into a model run and what comes out: frozen, picklable, safe to hand to another thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from inference.volume import Volume


class Cancelled(Exception):
    """The user no longer wants the answer. A normal ending, never an error box."""


class Refused(Exception):
    """The input breaks the model's contract. ``str(error)`` is the reason, in words a reader understands.

    ``overridable``: the reader may know better (a wrong header, an unusual view) and ask again with ``Request.insist``.
    """

    def __init__(self, reason: str, *, overridable: bool = False) -> None:
        super().__init__(reason)
        self.overridable = overridable


Tick = Callable[[float], None]
"""``tick(fraction)`` reports progress in 0–1 and raises ``Cancelled`` when the job is no longer wanted."""


def no_tick(fraction: float) -> None:
    """The ``Tick`` of a caller that neither shows progress nor cancels."""


@dataclass(frozen=True)
class Attributes:
    """What the file's header says that a model's input contract asks about. Empty strings are silent attributes."""

    modality: str = ""
    body_part: str = ""
    """Body Part Examined (0018,0015), upper case."""
    view_position: str = ""
    """View Position (0018,5101): PA, AP, LL, RL, ..."""
    patient_orientation: tuple[str, str] = ("", "")
    """Patient Orientation (0020,0020): letters of the row direction (increasing column), then of the column
    direction."""
    patient_age_years: float | None = None
    photometric: str = ""
    series_description: str = ""
    kernel: str = ""
    slice_thickness_mm: float | None = None
    is_colour: bool = False
    number_of_frames: int = 1


@dataclass(frozen=True)
class Code:
    """A coded concept (PS3.16): SNOMED CT unless ``scheme`` says otherwise."""

    value: str
    meaning: str
    scheme: str = "SCT"


@dataclass(frozen=True)
class Label:
    """One class of a label map. ``colour``: 8-bit sRGB."""

    value: int
    name: str
    code: Code
    colour: tuple[int, int, int]


@dataclass(frozen=True)
class ModelRef:
    """Which model spoke: identifier, version and SHA-256 of its weights (64 hex digits)."""

    id: str
    version: str
    sha256: str

    def __str__(self) -> str:
        return f"{self.id} {self.version} @{self.sha256[:12]}"


@dataclass(frozen=True)
class Measure:
    """A number with its unit (UCUM-like: ``cm2``, ``ml``, ``HU``, ``%``, ``px``)."""

    value: float
    unit: str


@dataclass(frozen=True, eq=False)
class HeatMap:
    """Where a model looked, or what moved its score: not proof of anything.

    ``values``: float32 0–1, shape of the request's volume (slices, rows, columns). ``meaning``: what a bright place
    says, as the legend tells it.
    """

    name: str
    values: npt.NDArray[np.float32]
    meaning: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", _read_only(self.values))


def _read_only(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    view = values.view()
    view.flags.writeable = False
    return view


@dataclass(frozen=True, eq=False)
class Request:
    """A frozen order for one run. ``id`` is unique in the program's life; a stale answer is dropped by it.

    ``device``: ``auto``, ``cpu``, ``cuda`` or ``cuda:n``. ``insist``: run although the contract refuses for a reason
    that the reader may override (never for wrong modality or unit).
    """

    id: str
    volume: Volume
    attributes: Attributes
    device: str = "auto"
    insist: bool = False


@dataclass(frozen=True, eq=False)
class Result:
    """The answer to ``Request`` ``request_id``.

    ``label_map``: uint8, shape of the request's volume (slices, rows, columns), 0 is background, other values are
    those of ``labels``; ``None`` for a model without masks. ``scores``: class probabilities, unrounded.
    ``intervals``: (low, high) of a score. ``measures``: name → value with unit; a measure of one label is named
    ``"<label name>: <what>"``. ``maps``: where the model looked. ``enhanced``: the image as the model would have it,
    float32, shape and unit of the request's volume; ``None`` for a model that makes no image. ``notes``: sentences
    the reader must see (view unknown, CPU instead of GPU, ...).
    ``timings_s``: seconds by stage.
    """

    request_id: str
    model: ModelRef
    device: str
    timings_s: Mapping[str, float]
    label_map: npt.NDArray[np.uint8] | None = None
    labels: tuple[Label, ...] = ()
    scores: Mapping[str, float] = field(default_factory=dict)
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    measures: Mapping[str, Measure] = field(default_factory=dict)
    maps: tuple[HeatMap, ...] = ()
    enhanced: npt.NDArray[np.float32] | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.label_map is not None:
            object.__setattr__(self, "label_map", _read_only(self.label_map))
        if self.enhanced is not None:
            object.__setattr__(self, "enhanced", _read_only(self.enhanced))
