"""A chapter in a real JupyterLab: it runs from top to bottom, its quiz is live, and Python reads the score."""
from __future__ import annotations

import nbformat
from conftest import ROOT
from jupyter_lab import lab_server, run_all, value
from playwright.sync_api import expect


def test_a_chapter_runs_and_its_quiz_tells_python_the_score(browser, tmp_path):
    (tmp_path / "course").mkdir()
    chapter = nbformat.read(ROOT / "chapters/3-expansion-waves/borders.ipynb", as_version=4)
    for cell in chapter.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    nbformat.write(chapter, tmp_path / "course/borders.ipynb")
    with lab_server(tmp_path / "course", tmp_path / "home") as address:
        context = browser.new_context(viewport={"width": 1280, "height": 1000})
        page = context.new_page()
        run_all(page, address.format(path="borders.ipynb"))
        assert value(page, "[q.answered, q.score]") == [0, 0]
        form = page.locator(".aa-quiz form").nth(2)   # question 3 is true or false
        expect(form).to_be_visible(timeout=60_000)
        form.get_by_role("radio", name="True", exact=True).check()
        form.get_by_role("button", name="Check").click()
        expect(form.get_by_role("status")).to_contain_text("Right")
        assert value(page, "[q.answered, q.score]") == [1, 1]
        context.close()
