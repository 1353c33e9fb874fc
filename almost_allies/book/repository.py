"""Where the project lives, from its own address and never from an invented one."""
from __future__ import annotations

import os
import re
import subprocess
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[2]


@cache
def repository() -> str:
    """``https://github.com/owner/name`` from GITHUB_REPOSITORY or else the git remote; empty if there is neither."""
    name = os.environ.get("GITHUB_REPOSITORY", "")
    if not name:
        found = subprocess.run(["git", "-C", str(ROOT), "remote", "get-url", "origin"], capture_output=True, text=True)
        match = re.fullmatch(r"(?:https://(?:[^@/]*@)?|git@|ssh://git@)github\.com[/:]([\w.-]+/[\w.-]+?)(?:\.git)?/?", found.stdout.strip())
        name = match[1] if match else ""
    return f"https://github.com/{name}" if name else ""


def mistake_form(page: str, title: str) -> str:
    """Address of the form for mistakes, filled with the page; empty without a repository."""
    values = {"template": "mistake.yml", "title": f"Mistake in {title}", "page": page}
    return f"{repository()}/issues/new?{urlencode(values)}" if repository() else ""
