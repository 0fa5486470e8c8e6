"""The program's entry: opens the window, or does the same jobs without one.

Everything heavy is imported where it is needed, so that ``scoutview --help`` and a mistyped option answer at once.
"""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

CANCELLED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the program on ``argv`` (by default the process's own) and returns its exit code. Raises no ``Exception``.

    An error is one line on stderr; ``--debug`` puts its traceback before it.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        with warnings.catch_warnings():
            # Libraries' warnings quote the values that they doubt, and those may be a patient's.
            if "--debug" not in words:
                warnings.simplefilter("ignore")
            code = _dispatch(words)
            sys.stdout.flush()
            return code
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except KeyboardInterrupt:
        return _fail("cancelled", CANCELLED, words)
    except BrokenPipeError:
        # Whoever read our output has seen enough. Python would complain once more when it closes stdout.
        _forget_stdout()
        return 0
    except UserError as error:
        return _fail(str(error), error.exit_code, words)
    except MemoryError:
        return _fail("not enough memory. Close other programs, or open fewer images.", 1, words)
    except Exception as error:  # noqa: BLE001  the last line of defence: whatever it is, the user gets one clear line
        from inference.types import Cancelled, Refused

        if isinstance(error, Cancelled):
            return _fail("cancelled", CANCELLED, words)
        if isinstance(error, Refused):
            return _fail(str(error), 4, words)
        # The message may quote a file's values: the place and the kind are enough for a report.
        return _fail(f"internal error: {type(error).__name__} in {_place(error)}. Run again with --debug.", 1, words)


def _dispatch(words: list[str]) -> int:
    # Spawned worker processes of a frozen program start here too, and must go no further.
    if getattr(sys, "frozen", False):
        import multiprocessing

        multiprocessing.freeze_support()
    from app import cli

    arguments = cli.parse(words)
    if arguments.command == "open":
        _require_display()
        from app.ui.garbage import wait_with_collecting

        wait_with_collecting()
        from app.ui.application import run_window

        return run_window(arguments.paths)
    if arguments.command == "demo":
        return _demo(arguments.out)
    return cli.run(arguments)


def _demo(out: Path | None) -> int:
    from app import demo_data

    if has_display():
        from app.ui.application import run_window

        return run_window(demo_data.paths(), demo=True)
    from app.cli.demo import report
    from app.report import atomic

    folder = demo_data.fresh_folder() if out is None else out
    atomic.require_folder(folder)
    written = report(folder)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    # The offscreen platform warns that it has no window manager; that is what it is for.
    os.environ.setdefault("QT_LOGGING_RULES", "default.warning=false")
    from app.ui.demo import capture_demo

    written = (*capture_demo(folder), *written)
    print(f"Demo without a display: {folder.resolve()}")
    for path in written:
        print(f"  {path.name}")
    return 0


def has_display() -> bool:
    """Whether a window would be seen: on Linux a display server must be named, and Qt not be told to draw nowhere."""
    platform = os.environ.get("QT_QPA_PLATFORM", "").split(":")[0]
    if platform in ("offscreen", "minimal"):
        return False
    if platform or not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _require_display() -> None:
    # Qt ends the process where it finds no display, so it must not be asked. Offscreen is a display to tests.
    if not has_display() and not os.environ.get("QT_QPA_PLATFORM"):
        raise UserError(
            "cannot open a window",
            "there is no display (DISPLAY and WAYLAND_DISPLAY are not set)",
            "Use scoutview info, render, analyze or demo, which need none.",
        )


def _fail(line: str, code: int, words: list[str]) -> int:
    if "--debug" in words:
        traceback.print_exc()
    text = " ".join(line.split()).removeprefix("scoutview: ")
    if text[1:2].islower():
        text = text[0].lower() + text[1:]
    from app.cli.terminal import note

    with contextlib.suppress(OSError):
        note(f"scoutview: {text}")
    return code


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "an unknown place"


def _forget_stdout() -> None:
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


if __name__ == "__main__":
    sys.exit(main())
