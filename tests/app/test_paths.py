"""Assets are found beside the code in a checkout, and inside the package where a wheel was installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import paths


def test_a_checkout_has_its_assets_beside_the_code() -> None:
    assert (paths.assets_dir() / "README.md").is_file()


def test_an_installed_package_carries_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site-packages" / "app"
    (package / "_assets").mkdir(parents=True)
    monkeypatch.setattr(paths, "_PACKAGE", package)
    assert paths.assets_dir() == package / "_assets"
    assert paths.models_dir() == package / "_assets" / "models"
