"""Explorers as live widgets in a real JupyterLab: the page and Python move each other."""

from __future__ import annotations

from jupyter_lab import lab_server, run_all, value, write_notebook
from playwright.sync_api import expect

CELLS = {
    "b": "border_share(2004)",
    "m": "year_map(1989)",
    "e": "evidence_scale()",
    "t": "timeline(1989, 1991)",
    "p": "stance()",
    "s": "sort_cards('statement_cards')",
}


def test_explorers_and_python_move_each_other(browser, tmp_path):
    (tmp_path / "course").mkdir()
    write_notebook(
        tmp_path / "course/explorers.ipynb",
        "from almost_allies.explore import *",
        *(f"{name} = {call}; {name}" for name, call in CELLS.items()),
    )
    with lab_server(tmp_path / "course", tmp_path / "home") as address:
        context = browser.new_context(viewport={"width": 1280, "height": 1000})
        page = context.new_page()
        errors = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        run_all(page, address.format(path="explorers.ipynb"))
        views = page.locator(".aa-explorer")
        expect(views).to_have_count(len(CELLS), timeout=60_000)
        border, alliances, scale, events, place, cards = (views.nth(i) for i in range(len(CELLS)))

        # from the page to Python; a key belongs to the control, not to JupyterLab's cell
        border.get_by_role("slider").focus()
        page.keyboard.press("ArrowLeft")
        expect(border.get_by_role("status")).to_contain_text("in 2003: 400 of 22,407 km")
        border.get_by_role("checkbox", name="Ukraine").focus()
        page.keyboard.press("Space")
        alliances.get_by_role("button", name="Next change").click()
        scale.get_by_role("combobox", name="Status").select_option("2")
        events.get_by_role("searchbox").focus()
        page.keyboard.type("baker dx")
        page.keyboard.press("Backspace")
        page.keyboard.press("Backspace")
        place.get_by_role("radio", name="Both alike").focus()
        page.keyboard.press("Space")
        page.keyboard.press("ArrowDown")
        cards.get_by_role("radio", name="assurance").first.check()
        assert value(page, "[b.year, b.neighbours, round(b.share, 1), m.year, len(m.members), e.ratings]") == [
            None,
            ["NOR", "POL", "UKR"],
            10.5,
            1990,
            22,
            {"molotov-strikes-a-sentence": {"status": 2}},
        ]
        assert value(page, "[t.words, len(t.events) > 0, p.before, int(s.choices.choice.count())]") == [
            "baker ",
            True,
            {"who": 3},
            1,
        ]

        # from Python to the page
        value(page, "[b.set_trait('year', 2023), m.set_trait('year', 1999), t.set_trait('words', 'havel')] and 0")
        expect(border.get_by_role("status")).to_contain_text("2,626 of 22,407 km, 6 neighbours ticked")
        expect(alliances.get_by_role("status")).to_contain_text("1999: NATO 19")
        told = value(page, "[repr(b), repr(m), repr(t)]")
        for view, words in zip((border, alliances, events), told, strict=True):
            expect(view.get_by_role("status")).to_have_text(words)
        assert errors == []
        context.close()
