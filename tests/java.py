"""Find a Java for the checkers that are written in it, or install one; fail in one clear line if there is none to be had.

    python tests/java.py
"""
from __future__ import annotations

import os
import shutil
import subprocess
import sys


def find() -> str | None:
    return shutil.which("java")


def install() -> str:
    """Install Debian's Java as root. Raises RuntimeError with the reason."""
    if not shutil.which("apt-get") or getattr(os, "geteuid", lambda: 1)() != 0:
        raise RuntimeError("no Java for the checkers of HTML and EPUB: install one (`java` on the PATH), or run as root on Debian")
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "default-jre-headless"]):
        done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
        if done.returncode:
            said = (done.stderr or done.stdout).strip().splitlines() or ["it said nothing"]
            raise RuntimeError(f"no Java for the checkers of HTML and EPUB, and {' '.join(command)} failed: {said[0]}")
    return find() or sys.exit("no Java for the checkers of HTML and EPUB: installed, yet not on the PATH")


if __name__ == "__main__":
    try:
        print(f"Checkers use {find() or install()}")
    except RuntimeError as error:
        sys.exit(str(error))
