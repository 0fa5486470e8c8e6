"""``scoutview models``: what can be run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.cli.terminal import note, say, say_json
from app.errors import UsageError, UserError
from app.paths import models_dir
from inference.bundle import BrokenBundle, Bundle, list_bundles

if TYPE_CHECKING:
    from pathlib import Path


def models(*, as_json: bool, root: Path | None = None) -> int:
    """Prints the models that are installed, with version, digest and purpose; broken ones with the reason."""
    found = list_bundles(root or models_dir())
    if as_json:
        say_json(
            {
                "models": [_record(bundle) for bundle in found if isinstance(bundle, Bundle)],
                "broken": [{"folder": str(b.root), "reason": b.reason} for b in found if isinstance(b, BrokenBundle)],
            }
        )
        return 0
    for bundle in found:
        if isinstance(bundle, BrokenBundle):
            note(f"not usable: {bundle.reason}")
            continue
        say(f"{bundle.id} {bundle.version}  {bundle.title}")
        say(f"  {bundle.description}")
        say(f"  sha256 {bundle.sha256}")
        say(f"  card {bundle.card_path}")
    if not found:
        note("no model is installed")
    return 0


def _record(bundle: Bundle) -> dict[str, Any]:
    return {
        "id": bundle.id,
        "version": bundle.version,
        "sha256": bundle.sha256,
        "title": bundle.title,
        "task": bundle.task,
        "description": bundle.description,
        "labels": [label.name for label in bundle.labels],
        "licence": bundle.licence,
        "intended_use": bundle.intended_use,
        "limits": list(bundle.limits),
        "card": str(bundle.card_path),
    }


def chosen_model(identifier: str, root: Path | None = None) -> Bundle:
    """The model with this id. Raises ``UsageError`` naming those that exist, ``UserError`` for one that is broken."""
    folder = root or models_dir()
    found = list_bundles(folder)
    for bundle in found:
        if isinstance(bundle, Bundle) and bundle.id == identifier:
            return bundle
    for bundle in found:
        if isinstance(bundle, BrokenBundle) and bundle.root.name == identifier:
            raise UserError(f"model {identifier}", bundle.reason, "Install it again.")
    names = ", ".join(bundle.id for bundle in found if isinstance(bundle, Bundle)) or "none is installed"
    raise UsageError(f"--model {identifier}", "no such model", f"Models: {names}.")
