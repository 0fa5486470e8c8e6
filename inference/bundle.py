"""A model on disk, verified before anything of it is loaded.

The folder follows the MONAI Bundle layout (docs.monai.io/en/stable/mb_specification.html)::

    configs/metadata.json      the specification's fields, and ours under "scoutview"
    models/model.safetensors   weights: numbers only, no code (no pickle)
    docs/README.md             the model card
    LICENSE

Nothing here imports torch: listing models must not cost a second.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from inference import networks, tasks
from inference.contract_ct import CtContract
from inference.contract_radiograph import RadiographContract
from inference.types import Code, Label, ModelRef
from inference.words import known, say

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from inference.contract import Contract

SECTION = "scoutview"
SCHEMA = 1
MAX_METADATA_BYTES = 2_000_000
MAX_WEIGHTS_BYTES = 2_000_000_000


class BundleError(Exception):
    """A model folder that cannot be trusted or read. ``str(error)`` names the file, the fault and the remedy."""


@dataclass(frozen=True)
class TrainingSet:
    """Data that a model saw, as its licence asks to be named."""

    name: str
    licence: str
    citation: str


@dataclass(frozen=True)
class Bundle:
    """A verified model. ``arguments`` go to ``networks.build``; ``metrics`` are what the card measured, by name."""

    root: Path
    id: str
    version: str
    title: str
    task: str
    description: str
    sha256: str
    labels: tuple[Label, ...]
    contract: Contract
    network: str
    arguments: Mapping[str, Any]
    flip: bool
    """Average the network's answer with that for the mirrored image."""
    metrics: Mapping[str, Any]
    limits: tuple[str, ...]
    intended_use: str
    training_data: tuple[TrainingSet, ...]
    licence: str
    peak_memory_mb: int

    @property
    def ref(self) -> ModelRef:
        return ModelRef(self.id, self.version, self.sha256)

    @property
    def weights_path(self) -> Path:
        return self.root / "models" / "model.safetensors"

    @property
    def card_path(self) -> Path:
        """The model card, Markdown."""
        return self.root / "docs" / "README.md"

    def read_weights(self) -> bytes:
        """The weight file's bytes, hashed again: what is loaded is what was verified, whatever happened in between.

        Raises ``BundleError`` when the file is gone or no longer matches.
        """
        try:
            content = self.weights_path.read_bytes()
        except OSError as error:
            raise BundleError(
                say(
                    "{path}: cannot read the weights: {fault}",
                    path=self.weights_path,
                    fault=error.strerror,
                )
            ) from error
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise BundleError(
                say(
                    "{path}: the weights changed since the model was listed; reinstall it",
                    path=self.weights_path,
                )
            )
        return content


@dataclass(frozen=True)
class BrokenBundle:
    """A folder among the models that is none, and why. Shown, so that a failed download does not vanish silently."""

    root: Path
    reason: str


def list_bundles(root: Path) -> tuple[Bundle | BrokenBundle, ...]:
    """Every folder in ``root`` with a folder ``configs`` or ``models``, by name. A missing ``root`` holds none."""
    if not root.is_dir():
        return ()
    found: list[Bundle | BrokenBundle] = []
    for folder in sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith(".")):
        if not (folder / "configs").is_dir() and not (folder / "models").is_dir():
            continue
        try:
            found.append(load_bundle(folder))
        except BundleError as error:
            found.append(BrokenBundle(folder, str(error)))
    return tuple(found)


def load_bundle(root: Path) -> Bundle:
    """Read and verify a model folder: schema, presence of the card and the licence, SHA-256 of the weights.

    Raises ``BundleError``. The weights are hashed, not loaded.
    """
    path = root / "configs" / "metadata.json"
    metadata = _Fields(_read_json(path), str(path))
    own = metadata.fields(SECTION)
    if own.integer("schema") != SCHEMA:
        raise BundleError(f"{path}: {SECTION}.schema must be {SCHEMA}; a newer model needs a newer program")
    bundle = _bundle(root, metadata, own)
    for needed in (bundle.card_path, root / "LICENSE"):
        if not needed.is_file():
            raise BundleError(f"{needed} is missing: a model is shown with its card and licence or not at all")
    _verify_weights(bundle)
    return bundle


def _bundle(root: Path, metadata: _Fields, own: _Fields) -> Bundle:
    identifier = own.text("id")
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,63}", identifier):
        raise BundleError(f"{own.where}.id must be lower-case letters, digits and dashes; got {identifier!r}")
    sha256 = own.text("sha256")
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise BundleError(f"{own.where}.sha256 must be 64 lower-case hexadecimal digits")
    task = own.text("task")
    if task not in tasks.names():
        raise BundleError(f"{own.where}.task {task!r} is not known here; known: {', '.join(tasks.names())}")
    network = own.fields("network")
    if network.text("name") not in networks.names():
        raise BundleError(
            f"{network.where}.name {network.text('name')!r} is not known; known: {', '.join(networks.names())}"
        )
    labels = tuple(_label(entry) for entry in own.list_of_fields("labels"))
    if len({label.value for label in labels}) != len(labels):
        raise BundleError(f"{own.where}.labels use a value twice")
    return Bundle(
        root=root,
        id=identifier,
        version=metadata.text("version"),
        title=known(own.text("title")),
        task=task,
        description=known(metadata.text("description")),
        sha256=sha256,
        labels=labels,
        contract=_contract(own.fields("contract")),
        network=network.text("name"),
        arguments=MappingProxyType(network.fields("arguments").value),
        flip=own.boolean("flip"),
        metrics=MappingProxyType(metadata.fields("eval_metrics").value),
        limits=own.texts("limits"),
        intended_use=metadata.text("intended_use"),
        training_data=tuple(
            TrainingSet(entry.text("name"), entry.text("licence"), entry.text("citation"))
            for entry in own.list_of_fields("training_data")
        ),
        licence=own.text("licence"),
        peak_memory_mb=own.integer("peak_memory_mb"),
    )


def _label(entry: _Fields) -> Label:
    value = entry.integer("value")
    if not 1 <= value <= 255:
        raise BundleError(f"{entry.where}.value must be 1–255; got {value}")
    colour = entry.integers("colour")
    if len(colour) != 3 or not all(0 <= part <= 255 for part in colour):
        raise BundleError(f"{entry.where}.colour must be three numbers 0–255")
    code = Code(entry.text("code"), entry.text("meaning"))
    return Label(value, known(entry.text("name")), code, (colour[0], colour[1], colour[2]))


def _contract(entry: _Fields) -> Contract:
    size = entry.integer("size")
    if not 16 <= size <= 4096:
        raise BundleError(f"{entry.where}.size must be 16–4096 pixels; got {size}")
    kind = entry.text("kind") if "kind" in entry.value else "radiograph"
    if kind == "radiograph":
        return RadiographContract(
            modalities=entry.texts("modalities"),
            body_parts=entry.texts("body_parts"),
            views=entry.texts("views"),
            unit=entry.text("unit"),
            size=size,
            min_size=entry.integer("min_size"),
            max_aspect=entry.number("max_aspect"),
            max_age_years=entry.number("max_age_years") if "max_age_years" in entry.value else None,
        )
    if kind == "ct":
        return CtContract(
            modalities=entry.texts("modalities"),
            body_parts=entry.texts("body_parts"),
            size=size,
            min_size=entry.integer("min_size"),
            min_slices=entry.integer("min_slices"),
            max_thickness_mm=entry.number("max_thickness_mm"),
            needs_grid=entry.boolean("needs_grid"),
        )
    raise BundleError(f"{entry.where}.kind {kind!r} is not known here; known: ct, radiograph")


def _verify_weights(bundle: Bundle) -> None:
    path = bundle.weights_path
    try:
        if path.stat().st_size > MAX_WEIGHTS_BYTES:
            raise BundleError(
                say(
                    "{path} is larger than {size:.0f} GB: not a model of this program",
                    path=path,
                    size=MAX_WEIGHTS_BYTES / 1e9,
                )
            )
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise BundleError(
            say("{path}: cannot read the weights: {fault}; reinstall the model", path=path, fault=error.strerror)
        ) from error
    if digest != bundle.sha256:
        raise BundleError(
            say(
                "{path}: SHA-256 is {found}…, the manifest says {said}…; reinstall the model",
                path=path,
                found=digest[:12],
                said=bundle.sha256[:12],
            )
        )


def _read_json(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > MAX_METADATA_BYTES:
            raise BundleError(f"{path} is larger than {MAX_METADATA_BYTES // 1_000_000} MB: not a manifest")
        value = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BundleError(f"{path}: cannot read the manifest: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise BundleError(f"{path} is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise BundleError(f"{path} must hold a JSON object")
    return value


class _Fields:
    """A JSON object whose entries are taken out with their type checked; ``where`` names it in errors."""

    def __init__(self, value: dict[str, Any], where: str) -> None:
        self.value, self.where = value, where

    def _take(self, key: str, kind: type | tuple[type, ...], name: str) -> Any:
        if key not in self.value:
            raise BundleError(f"{self.where}: {key} is missing")
        value = self.value[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise BundleError(f"{self.where}: {key} must be {name}")
        return value

    def text(self, key: str) -> str:
        return str(self._take(key, str, "a text"))

    def integer(self, key: str) -> int:
        return int(self._take(key, int, "a whole number"))

    def number(self, key: str) -> float:
        return float(self._take(key, (int, float), "a number"))

    def boolean(self, key: str) -> bool:
        return bool(self._take(key, bool, "true or false"))

    def fields(self, key: str) -> _Fields:
        return _Fields(self._take(key, dict, "an object"), f"{self.where}: {key}")

    def list_of_fields(self, key: str) -> list[_Fields]:
        entries = self._take(key, list, "a list of objects")
        if not all(isinstance(entry, dict) for entry in entries):
            raise BundleError(f"{self.where}: {key} must be a list of objects")
        return [_Fields(entry, f"{self.where}: {key}[{index}]") for index, entry in enumerate(entries)]

    def texts(self, key: str) -> tuple[str, ...]:
        entries = self._take(key, list, "a list of texts")
        if not all(isinstance(entry, str) for entry in entries):
            raise BundleError(f"{self.where}: {key} must be a list of texts")
        return tuple(entries)

    def integers(self, key: str) -> tuple[int, ...]:
        entries = self._take(key, list, "a list of whole numbers")
        if not all(isinstance(entry, int) and not isinstance(entry, bool) for entry in entries):
            raise BundleError(f"{self.where}: {key} must be a list of whole numbers")
        return tuple(entries)
