"""Where the project lives, from its own address and never from an invented one."""
from __future__ import annotations

import os
import re
import subprocess
from functools import cache
from pathlib import Path
from urllib.parse import quote, urlencode

ROOT = Path(__file__).resolve().parents[2]
BRANCH = "main"
COLAB_BRANCH = "colab"   # the copies of the chapters that `python -m almost_allies.publish` writes


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


def archive() -> str:
    """Address of the whole project as one file that pip can install; empty without a repository."""
    return f"{repository()}/archive/refs/heads/{BRANCH}.zip" if repository() else ""


def edit_link(path: str) -> str:
    """Address at which a file of the project (its path) can be edited in the browser; empty without a repository."""
    return f"{repository()}/edit/{BRANCH}/{quote(path)}" if repository() else ""


def launch_links(path: str) -> dict[str, str]:
    """Addresses at which a chapter (path of its notebook) can be run, by name of the service; empty without a repository."""
    if not repository():
        return {}
    name = repository().removeprefix("https://github.com/")
    return {
        "Binder": f"https://mybinder.org/v2/gh/{name}/{BRANCH}?{urlencode({'urlpath': f'lab/tree/{path}'}, safe='/')}",
        "Colab": f"https://colab.research.google.com/github/{name}/blob/{COLAB_BRANCH}/{quote(path)}",
    }


def hub_path(path: str) -> str:
    """What a link of nbgitpuller has after the address of any JupyterHub; empty without a repository.

    The hub pulls the project into the reader's home, keeps what they changed, and opens the notebook at ``path`` in JupyterLab.
    """
    if not repository():
        return ""
    folder = repository().rpartition("/")[2]
    values = {"repo": repository(), "branch": BRANCH, "urlpath": f"lab/tree/{folder}/{path}"}
    return f"hub/user-redirect/git-pull?{urlencode(values)}"
