"""From a command's name to the file that carries it out, imported only then."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.cli.parser import Arguments


def run(arguments: Arguments) -> int:
    """Carries out ``info``, ``render``, ``analyze`` or ``models``. Returns 0; raises ``UserError`` and its kin."""
    if arguments.command == "info":
        from app.cli.info import info

        return info(arguments.path, as_json=arguments.json)
    if arguments.command == "render":
        from app.cli.render import render

        return render(arguments)
    if arguments.command == "analyze":
        from app.cli.analyze import analyze

        return analyze(arguments)
    if arguments.command == "models":
        from app.cli.models import models

        return models(as_json=arguments.json)
    raise ValueError(arguments.command)
