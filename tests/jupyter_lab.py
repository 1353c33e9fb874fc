"""A real JupyterLab for the tests: start it on loopback, open a notebook, run it, read values from its kernel."""
from __future__ import annotations

import json
import os
import re
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, expect


@contextmanager
def lab_server(folder: Path, home: Path, timeout: float = 60) -> Iterator[str]:
    """A JupyterLab over ``folder``, as a context; gives its address with ``{path}`` for a notebook's path.

    ``home`` holds its settings and state, so that neither the user's own nor an earlier run's come in.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    folders = {f"JUPYTER_{name}_DIR": str(home / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    folders |= {"JUPYTERLAB_SETTINGS_DIR": str(home / "settings"), "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces")}
    log = home / "server.log"
    notices = home / "settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings"
    notices.parent.mkdir(parents=True)
    notices.write_text('{"fetchNews": "false"}')   # else a box asks about it, over the notebook
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}", "--ServerApp.ip=127.0.0.1",
             "--ServerApp.port_retries=0", f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={folder}",
             "--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"],   # no other host
            stdout=output, stderr=output, env={**os.environ, **folders})
        try:
            deadline = time.monotonic() + timeout
            while True:
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/api/status?token={token}", timeout=5).close()
                    break
                except (urllib.error.URLError, OSError) as error:
                    if server.poll() is not None or time.monotonic() > deadline:
                        raise RuntimeError(f"JupyterLab did not start: {log.read_text('utf-8')[-2000:]}") from error
                    time.sleep(0.2)
            yield f"http://127.0.0.1:{port}/lab/tree/{{path}}?token={token}"
        finally:
            server.terminate()   # it ends its kernels too
            server.wait(20)


def write_notebook(path: Path, *cells: str) -> None:
    """A notebook of these code cells, without outputs."""
    path.write_text(json.dumps({
        "nbformat": 4, "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "cells": [{"cell_type": "code", "id": f"cell-{n}", "metadata": {}, "execution_count": None, "outputs": [],
                   "source": source} for n, source in enumerate(cells)],
    }), "utf-8")


def run_all(page: Page, address: str, timeout: float = 120_000) -> None:
    """Open a notebook's address, run all its cells, and wait until the last has run."""
    page.goto(address)
    notebook = page.locator(".jp-NotebookPanel:visible")
    expect(notebook.locator(".jp-Toolbar-kernelName")).to_have_text(re.compile("Python 3"), timeout=timeout)
    expect(notebook.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]")).to_be_visible(timeout=timeout)
    prompts = notebook.locator(".jp-CodeCell .jp-InputPrompt")
    deadline = time.monotonic() + timeout / 1000
    while not all(re.fullmatch(r"\[\d+\]:", text.strip()) for text in prompts.all_text_contents()):
        if time.monotonic() > deadline:
            raise TimeoutError("a cell of the notebook has not run")
        # JupyterLab drops the command while it still sets up the notebook: ask until a cell has begun.
        if all(text.strip() in ("", "[ ]:") for text in prompts.all_text_contents()):
            page.get_by_role("menuitem", name="Run", exact=True).click()
            page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        page.wait_for_timeout(500)


def value(page: Page, expression: str, timeout: float = 60_000):
    """The value of a Python expression in the notebook's kernel (it must be JSON): a new last cell is run for it."""
    page.locator(".jp-Notebook-footer").click()
    cell = page.locator(".jp-NotebookPanel:visible .jp-CodeCell").last
    cell.locator(".cm-content").click()
    page.keyboard.insert_text(f"import json; print('VALUE', json.dumps({expression}))")
    page.keyboard.press("Control+Enter")
    output = cell.locator(".jp-OutputArea-output").filter(has_text="VALUE")
    expect(output).to_have_count(1, timeout=timeout)
    return json.loads(output.inner_text().split("VALUE", 1)[1])
