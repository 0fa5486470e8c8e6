"""``python -m tests.mutations [--count N] [--seed S] [--jobs J]``: break files, open them, and say what failed.

``--file NAME --only NUMBER`` repeats one case, with its traceback; ``--keep FOLDER`` writes the broken file there.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from tests.mutations import cases, pool

_SECONDS = 90.0
_REASONS = 40


def main(arguments: list[str]) -> int:
    """Returns 0 where nothing failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutations", description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--start", type=int, default=0, metavar="NUMBER", help="leave out the cases before this one")
    parser.add_argument("--public", action="store_true", help="leave out the shared studies")
    parser.add_argument("--file", metavar="NAME", help="with --only: the file of one case")
    parser.add_argument("--only", type=int, metavar="NUMBER", help="the number of one case")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="with --only: write the broken file there")
    options = parser.parse_args(arguments)
    if options.only is not None:
        return _one({"file": options.file, "number": options.only, "seed": options.seed}, options.keep)
    wanted = cases.drawn(options.count, options.seed, public_only=options.public)[options.start :]
    began = time.monotonic()
    answers = []
    for number, (case, answer) in enumerate(pool.run(wanted, options.jobs, _SECONDS), 1):
        answers.append((case, answer))
        if answer["kind"] == "failed":
            again = f"--seed {case['seed']} --file '{case['file']}' --only {case['number']}"
            _say(f"FAILED {case['file']} ({answer.get('changes', '?')}): python -m tests.mutations {again}")
            _say(answer["fault"])
        if number % 500 == 0:
            _say(f"{number} of {len(wanted)} after {time.monotonic() - began:.0f} s")
    _summary(answers)
    return int(any(answer["kind"] == "failed" for _, answer in answers))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _one(case: dict[str, Any], keep: Path | None) -> int:
    from tests.mutations import worker

    original = cases.originals()[case["file"]]
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        worker.lay_out(original, worker.broken(original, case)[0], keep)
    outcome = worker.run(original, case)
    fault = outcome.pop("fault")
    _say(f"{outcome}\n{fault}")
    return int(outcome["kind"] == "failed")


def _summary(answers: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    kinds: Counter[str] = Counter()
    by_change: defaultdict[str, Counter[str]] = defaultdict(Counter)
    reasons: Counter[str] = Counter()
    for _, answer in answers:
        kind = answer["kind"]
        if kind == "opened" and answer["failed_frames"]:
            kind = "opened in part"
        kinds[kind] += 1
        for change in set(answer.get("changes", "?").split("+")):
            by_change[change][kind] += 1
        reasons.update(_general(reason) for reason in {*answer["reasons"], *answer["failed_frames"]})
    _say(f"\n{len(answers)} files: " + ", ".join(f"{count} {kind}" for kind, count in kinds.most_common()))
    for change, counts in sorted(by_change.items()):
        _say(f"  {change:20} " + ", ".join(f"{count} {kind}" for kind, count in counts.most_common()))
    _say("reasons:")
    for reason, count in reasons.most_common(_REASONS):
        _say(f"  {count:6}  {reason}")


def _general(reason: str) -> str:
    """A reason without its numbers, so that the same ones count together."""
    words = " ".join("N" if any(c.isdigit() for c in word) else word for word in reason.split())
    return words[:110]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
