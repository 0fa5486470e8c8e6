"""``python -m tests.benchmarks [NAME …] [--json F]``: measure speed as ratios against a named alternative in one run.

Each ``bench_<name>.py`` beside this file has ``run(report) -> dict``: it calls ``report(line)`` with what a person
reads and returns the numbers. Nothing here asserts a time: machines differ, and they are shared.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import sys
from pathlib import Path

HERE = Path(__file__).parent
NAMES = sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))


def machine() -> dict[str, object]:
    """What the figures were measured on."""
    return {
        "python": platform.python_version(),
        "system": platform.system(),
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "load_before": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    }


def main(arguments: list[str]) -> int:
    """Runs the benchmarks named in ``arguments``, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one or more of: {', '.join(NAMES)}")
    parser.add_argument("--json", type=Path, metavar="F", help="also write the numbers to this file")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in NAMES]
    if unknown:
        parser.error(f"no benchmark named {', '.join(unknown)}; there are: {', '.join(NAMES)}")
    numbers: dict[str, object] = {"machine": machine()}
    sys.stdout.write(f"machine: {numbers['machine']}\n")
    for name in options.names or NAMES:
        sys.stdout.write(f"\n{name}\n")
        module = importlib.import_module(f"tests.benchmarks.bench_{name}")
        numbers[name] = module.run(lambda line: sys.stdout.write(f"  {line}\n"))
    if options.json is not None:
        options.json.write_text(json.dumps(numbers, indent=2), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
