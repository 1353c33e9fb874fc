"""The quiz as a live widget in a real JupyterLab: the page and Python see the same answers."""
from __future__ import annotations

from jupyter_lab import lab_server, run_all, value, write_notebook
from playwright.sync_api import expect
from test_quiz_page import DEMO


def test_answers_travel_both_ways(browser, tmp_path):
    (tmp_path / "course").mkdir()
    write_notebook(tmp_path / "course/quiz.ipynb",
                   f"from almost_allies.quiz import quiz\nq = quiz('demo', root={str(DEMO)!r})\nq")
    with lab_server(tmp_path / "course", tmp_path / "home") as address:
        context = browser.new_context(viewport={"width": 1280, "height": 1000})
        page = context.new_page()
        errors = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        run_all(page, address.format(path="quiz.ipynb"))

        live = page.locator(".aa-quiz")
        expect(live.locator("form")).to_have_count(7, timeout=60_000)
        first = live.locator("form").nth(0)
        first.get_by_label("Poland in 1999").check()
        page.keyboard.press("ArrowUp")   # an arrow key moves the choice, not JupyterLab's cell
        expect(first.get_by_label("The Baltic states in 2004")).to_be_checked()
        first.get_by_label("Finland in 2023").check()
        first.get_by_role("button", name="Check").click()
        expect(first.get_by_role("status")).to_contain_text("Right 1 of 1 point")
        share = live.locator("form").nth(3)
        share.get_by_label("Your answer").fill("5,9 %")
        share.get_by_role("button", name="Check").click()
        expect(share.get_by_role("status")).to_contain_text("before Finland joined")

        assert value(page, "[q.score, q.answered, q.max_score, q.responses]") == [
            1.0, 2, 9.5, {"new-neighbour": "finland", "share": "5,9 %"}]
        # And from Python to the page
        value(page, "q.set_trait('responses', {'sea-borders': False, 'share': 11.7})")
        expect(live.locator(".aa-sum p")).to_have_text("2.5 of 9.5 points, 2 of 7 answered")
        expect(share.get_by_role("status")).to_contain_text("Right 1.5 of 1.5 points")
        expect(live.locator("form").nth(2).get_by_label("False")).to_be_checked()
        expect(first.get_by_role("status")).to_be_empty()
        page.screenshot(path=str(tmp_path / "lab.png"))
        assert errors == []
        context.close()
