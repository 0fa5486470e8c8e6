"""The virtual environment: made, filled with pinned packages, and recognised the next time. Standard library only."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import bootstrap_qt
from bootstrap_shell import SetupError, heading, run, say

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[1]
STATE = "scoutview-setup.json"
LOG = "scoutview-pip.log"
GIB = 1024**3
SPACE_NEEDED = 3 * GIB

# Installed before the rest: torch so that no other package's wish for "any torch" is met by a larger build,
# and hatchling so that the project itself is built with the pinned version of it.
FIRST = ("torch", "hatchling")


@dataclass(frozen=True)
class State:
    """What a virtual environment was made for. Kept inside it; `complete` is false while the set-up runs."""

    python: str
    root: str
    pins: str
    complete: bool = True


def fingerprint(root: Path) -> str:
    """Return a hash of the files that decide what is installed."""
    digest = hashlib.sha256()
    for name in ("pyproject.toml", "packaging/constraints.txt"):
        digest.update((root / name).read_bytes() + b"\0")
    return digest.hexdigest()


def wanted_state(root: Path) -> State:
    """Return the state that a set-up with this Python, in this folder, ends in."""
    return State(python="{}.{}".format(*sys.version_info[:2]), root=str(root), pins=fingerprint(root))


def read_state(venv: Path) -> State | None:
    """Return what the environment says of itself, None where it says nothing that can be read."""
    try:
        return State(**json.loads((venv / STATE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def write_state(venv: Path, state: State) -> None:
    """Write the state so that it is there whole or not at all."""
    half = venv / (STATE + ".new")
    half.write_text(json.dumps(asdict(state), indent=1), encoding="utf-8")
    half.replace(venv / STATE)


def script(venv: Path, name: str, system: str = os.name) -> Path:
    """Return where a command of the environment lies, its Python among them."""
    return venv / "Scripts" / f"{name}.exe" if system == "nt" else venv / "bin" / name


def plan(wanted: State, found: State | None, works: bool) -> str:
    """Decide what to do with the environment: "keep" it, "update" its packages, or "rebuild" it from nothing.

    `found` is what it says of itself, `works` whether its Python is there. One that says nothing and works was made by
    hand and is only updated. One that a set-up left half done may hold half a package, so it is not trusted.
    """
    if not works:
        return "rebuild"
    if found is None:
        return "update"
    if not found.complete or (found.python, found.root) != (wanted.python, wanted.root):
        return "rebuild"
    return "keep" if found.pins == wanted.pins else "update"


def pinned(constraints: str, name: str) -> str:
    """Return the requirement that the constraints hold for a package, such as "torch==2.0.1"."""
    for line in constraints.splitlines():
        if re.match(rf"{re.escape(name)}\s*==", line, re.IGNORECASE):
            return line.split("#")[0].strip()
    raise SetupError(f"packaging/constraints.txt has no line for {name}. Restore the file from the repository.")


# What pip's log says, and what that means. The first that matches is told.
CAUSES = (
    (
        r"No space left on device|Errno 28|not enough space on the disk",
        "The disk is full. Free some space (about {space} GB are needed) and run the same command again.",
    ),
    (
        r"Permission denied|Errno 13|Read-only file system",
        "A folder could not be written. Run this as the owner of the folder, in a place that is yours.",
    ),
    (
        r"NewConnectionError|NameResolutionError|Failed to establish a new connection|Network is unreachable|"
        r"Temporary failure in name resolution|ConnectTimeoutError|Read timed out|ProxyError|Connection refused|"
        r"Connection reset|Max retries exceeded",
        "The package index could not be reached. Check the network, and the proxy if there is one, and run the same "
        "command again: what was downloaded is kept.",
    ),
    (
        r"No matching distribution found for (?P<what>\S+)",
        "There is no build of {what} for this Python and system. Python 3.11, 64 bit, is the one that is tested.",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|SSLError",
        "The package index could not be trusted: its certificate does not verify. A company proxy may need its own "
        "certificate in pip's configuration.",
    ),
    (
        r"MemoryError|Cannot allocate memory|Killed",
        "Memory ran out. Close other programs and try again.",
    ),
)


def explain(log: str) -> str:
    """Return what a failed pip's log means, in words, or where to read it."""
    for pattern, meaning in CAUSES:
        match = re.search(pattern, log)
        if match:
            return meaning.format(space=SPACE_NEEDED // GIB, **match.groupdict())
    return "Its messages above say why."


def check_place(venv: Path, free: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free) -> None:
    """Raise `SetupError` where the environment could not be made: no rights, no room, or something else in the way."""
    if (venv.exists() or venv.is_symlink()) and not venv.is_dir():
        raise SetupError(f"{venv} is in the way: it is no folder. Move it, and run this again.")
    ours = any((venv / name).exists() for name in ("pyvenv.cfg", STATE))
    if venv.is_dir() and not ours and any(venv.iterdir()):
        raise SetupError(f"{venv} is in the way: it is no virtual environment. Move it, and run this again.")
    if not os.access(venv if venv.exists() else venv.parent, os.W_OK):
        raise SetupError(f"{venv.parent} cannot be written. Copy the repository to a folder of your own.")
    room = free(venv.parent)
    if room < SPACE_NEEDED:
        raise SetupError(
            f"The disk has {room / GIB:.1f} GB left at {venv.parent}, and about {SPACE_NEEDED // GIB} GB are needed. "
            "Free some space, and run this again."
        )


def ensure_venv_module() -> None:
    """See that this Python can make virtual environments; some distributions ship that part apart."""
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        package = "python{}.{}-venv".format(*sys.version_info[:2])
    else:
        return
    text = f"{sys.executable} cannot make virtual environments: the module venv or ensurepip is missing."
    if not bootstrap_qt.is_debian(bootstrap_qt.system_release()):
        raise SetupError(f"{text}\nInstall the package of your distribution that brings it, and run this again.")
    if not bootstrap_qt.is_root():
        raise SetupError(f"{text}\nInstall it with:\n\n  {bootstrap_qt.apt_line([package])}\n")
    bootstrap_qt.apt_install([package])


def empty(folder: Path) -> None:
    """Make the folder, or delete what is in it. The folder itself stays: it may be a link to a larger disk."""
    folder.mkdir(exist_ok=True)
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def make(venv: Path, state: State) -> None:
    """Make an empty environment, marked as half done, in place of what was there."""
    ensure_venv_module()
    say(f"Making a virtual environment in {venv}")
    empty(venv)
    # Marked before anything is in it, so that an interruption from here on is seen the next time.
    write_state(venv, state)
    code = run([sys.executable, "-m", "venv", str(venv)])
    if code:
        raise SetupError(f"The virtual environment could not be made: `python -m venv` ended with {code}; see above.")


def install(root: Path, venv: Path) -> None:
    """Install the pinned packages and the project itself, editable, into the environment."""
    pins = root / "packaging" / "constraints.txt"
    text = pins.read_text(encoding="utf-8")
    log = venv / LOG
    pip = [str(script(venv, "python")), "-m", "pip", "--disable-pip-version-check", "--no-input", "--log", str(log)]
    steps = (
        ["install", "-c", str(pins), *(pinned(text, name) for name in FIRST)],
        ["install", "-c", str(pins), "--no-build-isolation", "-e", f"{root}[dev]"],
    )
    for step in steps:
        log.unlink(missing_ok=True)
        code = run([*pip, *step], cwd=root)
        if code:
            said = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
            raise SetupError(f"Installing packages failed (pip ended with {code}). {explain(said)}")
    log.unlink(missing_ok=True)


def ensure(root: Path = ROOT, fresh: bool = False) -> Path:
    """Return the environment's folder, ready to use: made, updated or left alone as `plan` says."""
    venv = root / ".venv"
    wanted = wanted_state(root)
    found = read_state(venv)
    step = "rebuild" if fresh else plan(wanted, found, works=script(venv, "python").exists())
    if step == "keep":
        return venv
    heading("Setting up")
    try:
        check_place(venv)
        half = State(wanted.python, wanted.root, wanted.pins, complete=False)
        if step == "rebuild":
            make(venv, half)
        elif found is not None:
            write_state(venv, half)
        install(root, venv)
        write_state(venv, wanted)
    except OSError as error:
        raise SetupError(f"The set-up could not write {error.filename or venv}: {error.strerror or error}.") from error
    return venv
