"""The bootstrap's command line. Standard library only."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

import bootstrap_checks
import bootstrap_env
import bootstrap_qt
from bootstrap_shell import SetupError, clean_environment, say


def parser() -> argparse.ArgumentParser:
    """Return the parser of the bootstrap's arguments."""
    top = argparse.ArgumentParser(
        prog="bootstrap.py",
        description="Set Scoutview up in .venv and run it. The first run installs everything; later ones are quick.",
    )
    top.add_argument("--fresh", action="store_true", help="make the virtual environment anew, even if there is one")
    commands = top.add_subparsers(dest="command", required=True, metavar="demo | test | run | setup")
    demo = commands.add_parser("demo", help="set up, then open the demo; without a display it writes files instead")
    demo.add_argument("rest", nargs=argparse.REMAINDER, help="handed to `scoutview demo`")
    test = commands.add_parser("test", help="set up, then run lint, types, import contracts and tests")
    test.add_argument("rest", nargs=argparse.REMAINDER, help="handed to pytest")
    start = commands.add_parser("run", help="set up, then run `scoutview` with the arguments that follow")
    start.add_argument("rest", nargs=argparse.REMAINDER, help="handed to `scoutview`")
    commands.add_parser("setup", help="only set up")
    return top


def main(arguments: list[str]) -> int:
    """Do what the arguments ask and return the exit code."""
    options = parser().parse_args(arguments)
    rest = [word for index, word in enumerate(getattr(options, "rest", [])) if (index, word) != (0, "--")]
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
