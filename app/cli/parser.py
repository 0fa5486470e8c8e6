"""What the command line says, checked before anything runs."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import NoReturn

from app.errors import UsageError

Arguments = argparse.Namespace
COMMANDS = ("info", "render", "analyze", "models", "demo")

_DESCRIPTION = "A desktop DICOM viewer with AI models built in. Research use only. Not for diagnosis."
_COMMAND_HELP = """\
without a window:
  scoutview info PATH [--json]               studies, series and warnings under PATH
  scoutview render PATH --out X.png          one image as the viewer shows it
  scoutview analyze PATH --model ID --out DIR   run a model, write SEG, PDF, ...
  scoutview models [--json]                  the models that are installed
  scoutview demo [--out DIR]                 public images, a model and a report

`scoutview COMMAND --help` tells more. A file that is named like a command opens as ./NAME.
Exit codes: 0 done, 1 internal error, 2 usage, 3 nothing readable, 4 the model refused every input,
5 output not writable, 130 cancelled.
"""


class _Parser(argparse.ArgumentParser):
    """Says its complaints as ``UsageError``: one line, like every other error."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(self.prog.removeprefix("scoutview "), message, f"See {self.prog} --help.")


def parse(argv: list[str]) -> Arguments:
    """Arguments → names and values; ``command`` is one of ``COMMANDS`` or ``"open"``. Raises ``UsageError``.

    ``--help`` and ``--version`` print and raise ``SystemExit(0)``.
    """
    # The first word that is no option decides. argparse cannot have both commands and paths in the same place.
    first = next((word for word in argv if not word.startswith("-")), "")
    if first in COMMANDS:
        position = argv.index(first)
        command = _command_parser(first)
        arguments = command.parse_args([*argv[:position], *argv[position + 1 :]])
    else:
        arguments = _open_parser().parse_args(argv)
        first = "open"
    arguments.command = first
    return arguments


def _open_parser() -> _Parser:
    parser = _Parser(
        "scoutview",
        description=f"{_DESCRIPTION} Opens the window.",
        epilog=_COMMAND_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("paths", metavar="PATH", nargs="*", type=Path, help="folders and files to open")
    parser.add_argument("--version", action=_Version)
    _common(parser)
    return parser


class _Version(argparse.Action):
    """Looked up only when asked for: reading package metadata takes longer than all the rest of parsing."""

    def __init__(self, option_strings: list[str], dest: str, **_: object) -> None:
        super().__init__(option_strings, dest, nargs=0, default=argparse.SUPPRESS, help="say the version and end")

    def __call__(self, parser: argparse.ArgumentParser, *_: object, **__: object) -> NoReturn:
        from app.report.version import version

        print(f"scoutview {version()}")
        parser.exit()


def _common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--debug", action="store_true", help="show a traceback with an error")


def _command_parser(name: str) -> _Parser:
    description, build = {
        "info": ("Lists studies and series under a path, and what could not be read.", _info),
        "render": ("Writes one image as PNG, exactly as the viewer shows it.", _render),
        "analyze": ("Runs a model on every series that fits it. Research use only. Not for diagnosis.", _analyze),
        "models": ("Lists the models that are installed.", _models),
        "demo": ("Opens public sample images with a model's answer.", _demo),
    }[name]
    parser = _Parser(f"scoutview {name}", description=description, allow_abbrev=False)
    build(parser)
    _common(parser)
    return parser


def _info(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH", type=Path, help="a folder or a file")
    parser.add_argument("--json", action="store_true", help="print JSON")


def _render(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH", type=Path, help="a folder or a file")
    parser.add_argument("--out", metavar="X.png", type=Path, required=True, help="the picture to write")
    parser.add_argument("--series", metavar="UID", help="the series (default: the first)")
    parser.add_argument(
        "--stack", metavar="N", type=_count_from_0, default=0, help="the stack in it, from 0 (default 0)"
    )
    parser.add_argument(
        "--index", metavar="K", type=_count_from_0, help="the image in sorted order, from 0 (default: the first)"
    )
    parser.add_argument("--frame", metavar="N", type=_count_from_1, help="the frame of a multi-frame object, from 1")
    parser.add_argument(
        "--plane", choices=("axial", "coronal", "sagittal"), help="a plane of the volume (default index: the middle)"
    )
    parser.add_argument(
        "--point",
        metavar="N",
        type=_count_from_0,
        help="with --plane: the phase, time point, echo or b-value of a 4-D stack, from 0 (default: the first)",
    )
    parser.add_argument(
        "--window",
        metavar="W/C|NAME",
        help="width/centre such as 1500/-600, a preset (lung, bone, ...), auto, dicom, or dicom:n for the file's n-th, "
        "from 1 (default: the file's own, else auto)",
    )
    parser.add_argument(
        "--size",
        metavar="native|WxH",
        type=_size,
        help="one pixel per image pixel (default), or fitted into W×H on black",
    )
    parser.add_argument(
        "--overlay", metavar="FILE", type=Path, help="a DICOM SEG or RT Structure Set to draw over the image"
    )
    parser.add_argument(
        "--presentation",
        metavar="STATE",
        type=Path,
        help="a grayscale presentation state to show the image with: window, inversion, shutter, turns and flips",
    )
    parser.add_argument(
        "--graphics",
        action="store_true",
        help="draw the image's overlay planes and what --presentation draws (default: the pixels alone)",
    )


def _analyze(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH", type=Path, help="a folder or a file")
    parser.add_argument("--model", metavar="ID", required=True, help="one of `scoutview models`")
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="the folder for results")
    parser.add_argument("--series", metavar="UID", help="run on this series only")
    parser.add_argument("--device", type=_device, default="auto", help="auto, cpu, cuda or cuda:n (default auto)")
    parser.add_argument(
        "--formats",
        metavar="seg,pdf,...",
        help="what to write beside result.json (default: seg,rtstruct,nifti,pdf,png,json)",
    )


def _models(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON")


def _demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--out",
        metavar="DIR",
        type=Path,
        help="where picture, PDF and SEG go when there is no display (default: a new folder scoutview-demo here)",
    )


def _count_from_0(text: str) -> int:
    return _at_least(text, 0)


def _count_from_1(text: str) -> int:
    return _at_least(text, 1)


def _at_least(text: str, lowest: int) -> int:
    if not re.fullmatch(r"\d{1,9}", text) or int(text) < lowest:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {lowest}")
    return int(text)


MAX_SIDE = 16384


def _size(text: str) -> tuple[int, int] | None:
    """``"native"`` → ``None``, ``"800x600"`` → (width, height)."""
    if text == "native":
        return None
    match = re.fullmatch(r"(\d{1,5})[x×](\d{1,5})", text, re.IGNORECASE)
    if match is None or not all(1 <= int(side) <= MAX_SIDE for side in match.groups()):
        raise argparse.ArgumentTypeError(f"{text!r} is neither native nor WxH such as 800x600, at most {MAX_SIDE} each")
    return int(match[1]), int(match[2])


def _device(text: str) -> str:
    if not re.fullmatch(r"auto|cpu|cuda(:\d{1,3})?", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not auto, cpu, cuda or cuda:n")
    return text
