"""The bootstrap's command line. Standard library only."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

import bootstrap_checks
import bootstrap_env
import bootstrap_qt
from bootstrap_shell import SetupError, accept_any_console, clean_environment, say

COMMANDS = {
    "demo": "open the demo; without a display it writes pictures and reports into a folder instead",
    "test": "run lint, types, import contracts and tests; what follows goes to pytest",
    "run": "run `scoutview` with what follows",
    "setup": "do no more than set up",
}


def parser() -> argparse.ArgumentParser:
    """Return the parser of the bootstrap's arguments."""
    top = argparse.ArgumentParser(
        prog="bootstrap.py",
        description="Set Scoutview up in .venv and run it. The first run installs everything; later ones are quick.",
        epilog="\n".join(["commands:", *(f"  {name:<7}{what}" for name, what in COMMANDS.items())]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--fresh", action="store_true", help="make the virtual environment anew, even if there is one")
    top.add_argument("command", choices=COMMANDS, metavar="command", help="one of: " + ", ".join(COMMANDS))
    top.add_argument("rest", nargs=argparse.REMAINDER, metavar="…", help="handed on to what the command runs")
    return top


def main(arguments: list[str]) -> int:
    """Do what the arguments ask and return the exit code."""
    accept_any_console()
    asked = parser()
    options = asked.parse_args(arguments)
    rest = options.rest[1:] if options.rest[:1] == ["--"] else options.rest
    if options.command == "setup" and rest:
        asked.error("setup takes nothing more; --fresh comes before the command")
    try:
        bootstrap_qt.ensure_libraries()
        venv = bootstrap_env.ensure(fresh=options.fresh)
        if options.command == "setup":
            say(f"Ready. The program is {bootstrap_env.script(venv, 'scoutview')}")
            return 0
        if options.command == "test":
            todo = bootstrap_checks.checks(venv, rest, bootstrap_checks.worker_count())
            return bootstrap_checks.run_all(bootstrap_env.ROOT, todo)
        words = ["demo", *rest] if options.command == "demo" else rest
        # The terminal stays the user's: where they are, and what they type.
        program = str(bootstrap_env.script(venv, "scoutview"))
        return subprocess.run([program, *words], env=clean_environment(os.environ), check=False).returncode
    except SetupError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted. The same command goes on from a clean start.", file=sys.stderr)
        return 130
