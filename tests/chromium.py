"""Find a Chromium for the browser tests, or install one; fail in one clear line if there is none to be had.

    python tests/chromium.py
"""
from __future__ import annotations

import os
import shutil
import subprocess
import sys

from almost_allies.printing import ARGUMENTS, NAMES  # noqa: F401  (tests launch with the same arguments)
from almost_allies.printing import find_chromium as find


def install() -> str:
    """Install a Chromium: by apt-get as root, else Playwright's own. Raises RuntimeError with every reason."""
    reasons = []
    attempts = [[[sys.executable, "-m", "playwright", "install", "chromium"]]]
    if shutil.which("apt-get") and getattr(os, "geteuid", lambda: 1)() == 0:
        attempts.insert(0, [["apt-get", "update", "-qq"],
                            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-dejavu-core"]])
    for commands in attempts:
        for command in commands:
            done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
            if done.returncode:
                said = [line.strip() for line in (done.stderr or done.stdout).splitlines() if line.strip()]
                telling = next((line for line in said if "error" in line.lower()), said[-1] if said else "it said nothing")
                reasons.append(f"{' '.join(command)}: {telling}")
                break
        if path := find():
            return path
    raise RuntimeError(f"no Chromium for the browser tests: none found ({', '.join(NAMES)}) and none could be installed: "
                       + "; ".join(reasons))


if __name__ == "__main__":
    try:
        print(f"Browser tests use {find() or install()}")
    except RuntimeError as error:
        sys.exit(str(error))
