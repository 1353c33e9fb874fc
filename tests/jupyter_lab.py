"""A real JupyterLab for the tests: start it on loopback, open a notebook, run it, read values from its kernel."""
from __future__ import annotations

import functools
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

import nbformat
from playwright.sync_api import Page, expect

from almost_allies.quiz.bank import load_bank
from almost_allies.stored_chart import MIME

# What a cell leaves that fails or warns: JupyterLab shows an error under one of two names.
FAILED = '[data-mime-type="application/vnd.jupyter.error"], [data-mime-type="application/vnd.jupyter.stderr"]'


@contextmanager
def lab_server(folder: Path, home: Path, timeout: float = 60, python: str = sys.executable) -> Iterator[str]:
    """A JupyterLab over ``folder``, as a context; gives its address with ``{path}`` for a notebook's path.

    ``home`` holds its settings and state, so that neither the user's own nor an earlier run's come in. ``python`` belongs to the
    environment to be tested.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    folders = {f"JUPYTER_{name}_DIR": str(home / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    folders |= {"JUPYTERLAB_SETTINGS_DIR": str(home / "settings"), "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces")}
    surroundings = {key: text for key, text in os.environ.items() if python == sys.executable or key != "PYTHONPATH"}
    log = home / "server.log"
    notices = home / "settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings"
    notices.parent.mkdir(parents=True)
    notices.write_text('{"fetchNews": "false"}')   # else a box asks about it, over the notebook
    with log.open("wb") as output:
        server = subprocess.Popen(
            [python, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}", "--ServerApp.ip=127.0.0.1",
             "--ServerApp.port_retries=0", f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={folder}",
             "--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"],   # no other host
            stdout=output, stderr=output, env={**surroundings, **folders})
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
            yield f"http://127.0.0.1:{port}/lab/tree/{{path}}?token={token}&reset"   # reset: else the notebooks opened before come back
        finally:
            server.terminate()   # it ends its kernels too
            server.wait(20)


def end_kernels(address: str) -> None:
    """End all kernels of the server that ``lab_server`` gave this address for."""
    server, token = re.match(r"(.*)/lab/tree/.*[?&]token=(\w+)", address).groups()
    ask = functools.partial(urllib.request.Request, headers={"Authorization": f"token {token}"})
    with urllib.request.urlopen(ask(f"{server}/api/kernels")) as answer:
        for kernel in json.load(answer):
            urllib.request.urlopen(ask(f"{server}/api/kernels/{kernel['id']}", method="DELETE")).close()


def write_notebook(path: Path, *cells: str) -> None:
    """A notebook of these code cells, without outputs."""
    path.write_text(json.dumps({
        "nbformat": 4, "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "cells": [{"cell_type": "code", "id": f"cell-{n}", "metadata": {}, "execution_count": None, "outputs": [],
                   "source": source} for n, source in enumerate(cells)],
    }), "utf-8")


def run_all(page: Page, address: str, timeout: float = 300_000) -> None:
    """Open a notebook's address, drop the stored outputs, run all cells, and wait until the last has run."""
    page.goto(address)
    notebook = page.locator(".jp-NotebookPanel:visible")
    expect(notebook.locator(".jp-Toolbar-kernelName")).to_have_text(re.compile("Python"), timeout=timeout)
    expect(notebook.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]")).to_be_visible(timeout=timeout)
    prompts = notebook.locator(".jp-CodeCell .jp-InputPrompt")
    while any(re.search(r"\d", text) for text in prompts.all_text_contents()):
        page.get_by_role("menuitem", name="Edit", exact=True).click()
        page.get_by_role("menuitem", name="Clear Outputs of All Cells", exact=True).click()
        page.wait_for_timeout(200)
    deadline = time.monotonic() + timeout / 1000
    while not all(re.fullmatch(r"\[\d+\]:", text.strip()) for text in prompts.all_text_contents()):
        if time.monotonic() > deadline:
            raise TimeoutError("a cell of the notebook has not run")
        failed = notebook.locator(FAILED).all_text_contents()
        assert not failed, failed[0]
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


def check_chapter(page: Page, address: str, stored: Path) -> None:
    """Run a chapter at ``address`` as a learner would: no cell fails, its charts appear, its quiz is live and Python reads the score.

    ``stored`` is the chapter's notebook in the project: it says how many charts there are.
    """
    run_all(page, address)
    notebook = page.locator(".jp-NotebookPanel:visible")
    assert notebook.locator(FAILED).all_text_contents() == []
    charts = sum(MIME in output.get("data", {}) for cell in nbformat.read(stored, as_version=4).cells for output in cell.get("outputs", []))
    pictures = notebook.locator(".jp-RenderedSVG img, .jp-RenderedSVG svg")
    expect(pictures).to_have_count(charts, timeout=30_000)
    assert all(pictures.evaluate_all("all => all.map(picture => picture.getBoundingClientRect().width > 200)"))

    quiz = notebook.locator(".aa-quiz").last   # the last chapter has the final quiz too, before its own
    questions = load_bank(stored.stem).questions
    number = next(i for i, question in enumerate(questions) if question.type == "single")
    right = next(choice.text for choice in questions[number].choices if choice.correct)
    expect(quiz.locator("form")).to_have_count(len(questions), timeout=60_000)
    assert value(page, "[q.answered, q.score]") == [0, 0]
    form = quiz.locator("form").nth(number)
    form.get_by_role("radio", name=right, exact=True).check()
    form.get_by_role("button", name="Check", exact=True).click()
    expect(form.get_by_role("status")).to_contain_text("Right")
    assert value(page, "[q.answered, q.score]") == [1, questions[number].points]
    assert "Error displaying widget" not in notebook.inner_text()
