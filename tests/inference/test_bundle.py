from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from inference.bundle import MAX_METADATA_BYTES, BrokenBundle, Bundle, BundleError, list_bundles, load_bundle
from tests.inference.made_models import TINY, read_manifest, write_bundle, write_manifest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_bundle(tmp_path / "made")


def test_everything_in_the_manifest_arrives(folder: Path) -> None:
    bundle = load_bundle(folder)
    assert (bundle.id, bundle.version, bundle.task, bundle.network) == (
        "made",
        "0.0.1",
        "lung-segmentation",
        "ResidualUNet",
    )
    assert dict(bundle.arguments) == TINY
    assert [
        (label.value, label.name, label.code.value, label.code.scheme, label.colour) for label in bundle.labels
    ] == [
        (1, "Right lung", "3341006", "SCT", (1, 2, 3)),
        (2, "Left lung", "44029006", "SCT", (4, 5, 6)),
    ]
    assert bundle.contract.views == ("PA", "AP")
    assert bundle.contract.size == 128
    assert str(bundle.ref) == f"made 0.0.1 @{bundle.sha256[:12]}"
    assert bundle.card_path.read_text(encoding="utf-8") == "# Made\n"


def test_one_changed_byte_of_the_weights_is_refused(folder: Path) -> None:
    path = folder / "models" / "model.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(BundleError, match="SHA-256"):
        load_bundle(folder)


def test_weights_that_change_after_listing_are_refused(folder: Path) -> None:
    bundle = load_bundle(folder)
    assert bundle.read_weights() == bundle.weights_path.read_bytes()
    bundle.weights_path.write_bytes(b"something else")
    with pytest.raises(BundleError, match="changed since"):
        bundle.read_weights()
    bundle.weights_path.unlink()
    with pytest.raises(BundleError, match="cannot read"):
        bundle.read_weights()


@pytest.mark.parametrize("part", ["configs/metadata.json", "models/model.safetensors", "docs/README.md", "LICENSE"])
def test_an_incomplete_folder_names_what_is_missing(folder: Path, part: str) -> None:
    (folder / part).unlink()
    with pytest.raises(BundleError, match=Path(part).name):
        load_bundle(folder)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "1", "[" * 100_000, '{"a": "\udc80"}'])
def test_a_manifest_that_is_no_object_is_refused(folder: Path, text: str) -> None:
    (folder / "configs" / "metadata.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(BundleError, match="JSON"):
        load_bundle(folder)


def test_a_huge_manifest_is_not_read(folder: Path) -> None:
    (folder / "configs" / "metadata.json").write_bytes(b" " * (MAX_METADATA_BYTES + 1))
    with pytest.raises(BundleError, match="larger"):
        load_bundle(folder)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("version",), 3, "version must be a text"),
        (("scoutview",), [], "scoutview must be an object"),
        (("scoutview", "schema"), 2, "schema must be 1"),
        (("scoutview", "id"), "../escape", "lower-case"),
        (("scoutview", "id"), "", "lower-case"),
        (("scoutview", "sha256"), "abc", "hexadecimal"),
        (("scoutview", "task"), "anything", "not known here"),
        (("scoutview", "flip"), 1, "true or false"),
        (("scoutview", "peak_memory_mb"), True, "whole number"),
        (("scoutview", "network", "name"), "os.system", "not known; known: AttentionClassifier, "),
        (("scoutview", "network", "arguments"), "x", "must be an object"),
        (("scoutview", "labels"), {}, "list of objects"),
        (("scoutview", "labels"), ["x"], "list of objects"),
        (("scoutview", "labels", 0, "value"), 0, "1–255"),
        (("scoutview", "labels", 0, "value"), 2, "twice"),
        (("scoutview", "labels", 0, "colour"), [0, 0, 256], "0–255"),
        (("scoutview", "labels", 0, "colour"), [0, 0, 0.5], "whole numbers"),
        (("scoutview", "contract", "modalities"), ["CR", 1], "list of texts"),
        (("scoutview", "contract", "size"), 10**9, "16–4096"),
        (("scoutview", "contract", "max_aspect"), "2", "must be a number"),
        (("scoutview", "training_data", 0, "licence"), None, "must be a text"),
    ],
)
def test_a_wrong_entry_is_named(folder: Path, path: tuple[str | int, ...], value: object, words: str) -> None:
    entries = read_manifest(folder)
    place: Any = entries
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    write_manifest(folder, entries)
    with pytest.raises(BundleError, match=words):
        load_bundle(folder)


def test_every_entry_is_needed(folder: Path) -> None:
    entries = read_manifest(folder)
    for key in entries["scoutview"]:
        without = {**entries, "scoutview": {name: entry for name, entry in entries["scoutview"].items() if name != key}}
        write_manifest(folder, without)
        with pytest.raises(BundleError, match=f"{key} is missing"):
            load_bundle(folder)


def test_listing_shows_whole_and_broken_models_and_passes_over_other_folders(tmp_path: Path) -> None:
    write_bundle(tmp_path / "b-whole")
    (write_bundle(tmp_path / "a-broken") / "LICENSE").unlink()
    (tmp_path / "notes").mkdir()
    (tmp_path / ".hidden" / "configs").mkdir(parents=True)
    (tmp_path / "file.txt").write_text("x", encoding="utf-8")
    broken, whole = list_bundles(tmp_path)
    assert isinstance(broken, BrokenBundle)
    assert "LICENSE" in broken.reason
    assert isinstance(whole, Bundle)
    assert list_bundles(tmp_path / "absent") == ()
