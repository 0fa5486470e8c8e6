"""``python -m tests.screenshots OUT [NAME…]``: the window with each warning, as OUT/<name>.png, to be looked at."""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from app.settings import Settings
from app.ui.application import application
from app.ui.window import Window
from tests.warnings_seen import CASES

PATIENCE_S = 60.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("names", nargs="*", metavar="NAME", help="cases of tests.warnings_seen; all by default")
    parser.add_argument("--size", default="1280x800", help="of the window, WxH")
    arguments = parser.parse_args()
    width, height = (int(side) for side in arguments.size.split("x"))
    arguments.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        os.environ["SCOUTVIEW_HOME"] = home
        app = application(Settings())
        for case in CASES:
            if arguments.names and case.name not in arguments.names:
                continue
            folder = Path(home) / case.name
            case.make(folder)
            window = Window(Settings())
            window.resize(width, height)
            window.show()
            window.open([folder])
            patience = time.monotonic() + PATIENCE_S
            while window.dispatcher.jobs and time.monotonic() < patience:
                app.processEvents()
                time.sleep(0.01)
            app.processEvents()
            window.grab().save(str(arguments.out / f"{case.name}.png"))
            window.close()
            window.deleteLater()


if __name__ == "__main__":
    main()
