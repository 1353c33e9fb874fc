"""What must not get through: scripts, hidden characters, bombs. Refused in one line, or shown as text; nothing executes.

Hostile text in questions and cards is tested with their widgets (test_quiz_browser.py, test_explore_pages.py).
"""
from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, serve
from datatools import change, copy_package

from almost_allies import data
from almost_allies.quiz.bank import BankError, load_bank
from almost_allies.stored_chart import MIME

ATTACK = "<script>window.taken = 1</script><img src=x onerror='window.taken = 1'>"
"""Markup that sets ``window.taken`` wherever a page runs it."""


def cell(kind: str, source: str, **more) -> dict:
    return {"cell_type": kind, "id": f"c{abs(hash(source)) % 10**6}", "metadata": {}, "source": source, **more}


def notebook(*cells: dict) -> str:
    return json.dumps({"cells": [cell("markdown", "# A chapter"), *cells], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def output(**data) -> dict:
    return {"output_type": "display_data", "metadata": {}, "data": {key.replace("__", "/"): value for key, value in data.items()}}


def build(folder: Path, text: str) -> subprocess.CompletedProcess:
    """Build a book of one chapter with the course's own settings."""
    (folder / "chapters").mkdir(parents=True)
    for name in ("_config.yml", "references.bib"):
        shutil.copy(ROOT / name, folder / name)
    (folder / "_toc.yml").write_text("format: jb-book\nroot: index\nchapters:\n  - file: chapters/hostile\n", "utf-8")
    (folder / "index.md").write_text("# Book\n", "utf-8")
    (folder / "chapters/hostile.ipynb").write_text(text, "utf-8")
    return subprocess.run([Path(sys.executable).with_name("jupyter-book"), "build", folder, "-q"], capture_output=True, text=True)


def chart(**words) -> dict:
    svg = f'<svg><svg class="plot" viewBox="0 0 9 9" onload="window.taken = 1"><script>window.taken = 1</script>{ATTACK}</svg></svg>'
    bundle = {"name": "attack", "title": "A title", "subtitle": "", "alt": "What it shows", "note": "", "source": "a table",
              "columns": ["a"], "rows": [["b"]], "phone": svg.removeprefix("<svg>").removesuffix("</svg>"), **words}
    return output(**{"image/svg+xml": svg, "text/plain": "What it shows", MIME: bundle})


def test_no_script_of_a_notebook_runs_in_its_page(tmp_path, browser):
    text = notebook(
        cell("markdown", f"Raw {ATTACK}\n\n[click](javascript:window.taken=1)\n\n<a id='bad' href='javascript:window.taken=1'>click</a>"),
        cell("code", "1", execution_count=1, outputs=[output(text__html=ATTACK), output(text__plain=ATTACK),
                                                      output(application__javascript="window.taken = 1")]),
        cell("code", "2", execution_count=2, outputs=[chart(title=f"T {ATTACK}", note=ATTACK, alt=f'"{ATTACK}', source=ATTACK,
                                                            subtitle=ATTACK, columns=[ATTACK], rows=[[ATTACK]])]))
    done = build(tmp_path, text)
    page = tmp_path / "_build/html/chapters/hostile.html"
    assert page.exists(), done.stderr[-800:]
    assert 'http-equiv="Content-Security-Policy"' in page.read_text("utf-8")
    server = serve(tmp_path / "_build/html")
    for address in (server.url + "chapters/hostile.html", page.as_uri()):
        view = browser.new_page()
        view.goto(address, wait_until="load")
        view.locator("#bad").click()
        view.wait_for_timeout(300)
        assert view.evaluate("window.taken") is None
        assert "<script>" in view.locator("figure.chart .chart-title").inner_text()
        assert "<img" in view.locator("figure.chart .chart-note").inner_text()
        view.close()
    server.shutdown()


def test_a_page_without_the_policy_would_run_them(tmp_path, browser):
    page = tmp_path / "page.html"
    page.write_text(f"<!DOCTYPE html><title>t</title>{ATTACK}", "utf-8")
    view = browser.new_page()
    view.goto(page.as_uri())
    assert view.evaluate("window.taken") == 1
    view.close()


@pytest.mark.parametrize(("cells", "said"), [
    ([cell("markdown", "x" * 10_000_000)], r"hostile.ipynb: cell 2 holds 10,000,0\d\d bytes, expected at most 2,000,000"),
    ([cell("markdown", "fine"), cell("markdown", "text \u202e turned")], r"hostile.ipynb: cell 3 holds the hidden character U\+202E"),
], ids=["10 MB in a cell", "reversed text"])
def test_a_notebook_is_refused_in_one_line(tmp_path, cells, said):
    done = build(tmp_path, notebook(*cells))
    lines = [line for line in (done.stdout + done.stderr).splitlines() if "hostile.ipynb: cell" in line]
    assert done.returncode and lines and re.search(said, lines[0]), done.stderr[-500:]


def test_data_with_hidden_characters_are_refused(tmp_path):
    folder = copy_package(data.ROOT, tmp_path)
    change(folder, "russia_land_borders", {"iso3": "FIN"}, "neighbour", "Fin\u202eland")
    said = r'^data/russia_land_borders.csv: line \d+, column "neighbour": found the hidden character U\+202E'
    with pytest.raises(data.DataError, match=said):
        data.load("russia_land_borders", folder)


def test_data_with_a_cell_of_a_megabyte_are_refused(tmp_path):
    folder = copy_package(data.ROOT, tmp_path)
    change(folder, "russia_land_borders", {"iso3": "FIN"}, "neighbour", "F" * 1_000_000)
    said = r"^data/russia_land_borders.csv: line \d+: found 1,000,\d+ characters, expected at most 10,000"
    with pytest.raises(data.DataError, match=said):
        data.load("russia_land_borders", folder)


@pytest.mark.parametrize("content", [
    "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
    "quiz: !!python/object/apply:os.system ['true']\n",
    "[" * 50_000,
    "quiz: x\ntitle: " + "y" * 10_000_000,
    'quiz: x\ntitle: "turned \u202e round"\n',
], ids=["aliases", "tag", "deep", "10 MB", "reversed text"])
def test_a_bank_is_refused_in_lines_that_name_the_file(tmp_path, content):
    path = tmp_path / "hostile.yml"
    path.write_text(content, "utf-8")
    with pytest.raises(BankError) as caught:
        load_bank(path, root=tmp_path, links=False)
    assert all(line.startswith(("hostile.yml:", str(path))) for line in str(caught.value).splitlines())
