from __future__ import annotations

import pkgutil
import subprocess
import sys
from pathlib import Path

import inference

ROOT = Path(inference.__file__).parents[1]


def test_importing_inference_does_not_load_torch() -> None:
    """Everything but the networks themselves, in a fresh interpreter: the window must open before torch does."""
    names = [module.name for module in pkgutil.walk_packages(inference.__path__, "inference.")]
    wanted = [name for name in names if not name.startswith("inference.networks.")]
    assert "inference.engine" in wanted
    code = f"import sys, {', '.join(wanted)}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
