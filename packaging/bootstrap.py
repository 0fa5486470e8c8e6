"""Set Scoutview up and run it, with nothing but a Python: `python3 packaging/bootstrap.py demo | test | run | setup`.

This file holds nothing that an old Python cannot read, so that any of them can say what is needed.
"""

import shutil
import sys

NEEDED = (3, 11)
NEWER = ["python3.{}".format(minor) for minor in range(14, NEEDED[1] - 1, -1)]


def too_old(version, which=None):
    """Return what to say to a Python of this version, or None where it will do.

    `which` finds a command on the path; a newer Python found there is named in the answer.
    """
    if tuple(version[:2]) >= NEEDED:
        return None
    message = "Scoutview needs Python {}.{} or newer, and this is Python {}.{}.".format(*(NEEDED + tuple(version[:2])))
    # Python 2 has no such function.
    which = which or getattr(shutil, "which", lambda name: None)
    found = [name for name in NEWER if which(name)]
    if found:
        return message + "\nA newer one is installed here. Run: {} packaging/bootstrap.py".format(found[0])
    return message + "\nInstall a newer one, from your system's packages or from python.org, and run this with it."


def main():
    """Check the Python that runs this, then hand over to `bootstrap_commands`. Return the exit code."""
    message = too_old(sys.version_info)
    if message:
        sys.stderr.write(message + "\n")
        return 1
    import bootstrap_commands

    return bootstrap_commands.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
