"""The results sheet of a quiz and the teacher's page that checks it: in a real Chromium, and against Python."""
from __future__ import annotations

import io
import json
import re
import unicodedata
from datetime import date
from pathlib import Path

import pypdf
import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import ROOT, reload, serve
from exporting import run_node
from playwright.sync_api import Page, expect
from test_quiz_browser import POLICY, RIGHT, WRONG, check_all, fill, open_page, write_site  # noqa: F401  (open_page is a fixture)

from almost_allies.quiz import quiz
from almost_allies.quiz.results import HERE as QUIZ
from almost_allies.quiz.results import STYLE, check_value, page_scripts, verify

TESTS = Path(__file__).parent
VECTORS = json.loads((TESTS / "golden/results_vectors.json").read_text("utf-8"))
FORM = re.search(r"<form class=\"aa-verify\".*?</form>", (ROOT / "teach/verify.md").read_text("utf-8"), re.DOTALL)[0]


@pytest.fixture(scope="module")
def demo():
    return quiz("demo", root=TESTS / "quizzes")


@pytest.fixture
def folder(tmp_path, demo) -> Path:
    """A folder with a quiz page and the teacher's page, both under a policy as strict as the book's."""
    page = write_site(tmp_path / "site", demo, policy=POLICY)
    text = page.read_text("utf-8")
    for name, script in page_scripts().items():
        (page.parent / name).write_text(script, "utf-8")
    (page.parent / "results.css").write_text(STYLE, "utf-8")
    text = text.replace("</head>", '<link rel="stylesheet" href="results.css"></head>')
    page.write_text(text.replace("</head>", '<script defer src="results.js"></script></head>'), "utf-8")
    body = text.index("<main>")
    (page.parent / "verify.html").write_text(
        text[:body].replace("quiz.js", "verify.js") + f"<main><h1>Verify</h1>{FORM}</main></body></html>", "utf-8")
    return page.parent


@pytest.fixture(params=["file", "http"])
def address(request, folder):
    if request.param == "file":
        yield folder.as_uri() + "/"
    else:
        server = serve(folder)
        yield server.url
        server.shutdown()


def sheet_text(tab: Page) -> str:
    return tab.locator("textarea").input_value()


# ------------------------------------------------------------------ the check value

@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["why"])
def test_check_values_are_golden(vector):
    assert check_value(**vector["sheet"]) == vector["check"]


def test_the_page_computes_the_same_values():
    script = (QUIZ / "check.js").read_text("utf-8") + "\ndone(data.map(checkValue));"
    assert run_node(script, [vector["sheet"] for vector in VECTORS]) == [vector["check"] for vector in VECTORS]


def test_every_field_and_every_sign_counts():
    sheet = {"quiz": "borders", "name": "Ольга Ёж", "date": "2026-11-23", "points": "1 0.5 - 2", "total": "3.5 of 5"}
    right = check_value(**sheet)
    changed = {
        check_value(**sheet | change)
        for change in (
            {"quiz": "border"},
            {"name": "Ольга Еж"},
            {"name": "Ольга"},
            {"date": "2026-11-24"},
            {"points": "1 0.5 0 2"},
            {"points": "1 0.5 - 2 1"},
            {"points": "1 - 0.5 2"},
            {"total": "4.5 of 5"},
            {"total": "3.5 of 6"},
        )
    }
    assert right not in changed and len(changed) == 9
    same = [
        {"name": "  ольга   ёж "},
        {"name": "Ольга Е\u0308ж"},
        {"points": "1  0,5 – 2"},
        {"points": "1; 0,5; −; 2"},
        {"total": "3,5 of 5 points"},
        {"quiz": "Borders"},
    ]
    assert {check_value(**sheet | change) for change in same} == {right}


def test_verify_reads_a_sheet_and_says_which_line_is_missing():
    sheet = "Quiz: borders\nName: Olga: the second\nDate: 2026-11-23\nPoints: 1 0.5\nTotal: 1.5 of 2\n"
    value = check_value("borders", "Olga: the second", "2026-11-23", "1 0.5", "1.5 of 2")
    assert verify(f"{sheet}Check: {value}") and verify(
        f"{sheet}check: {value.lower().replace('-', '').replace('0', 'o').replace('1', 'l')}"
    )
    assert not verify(f"{sheet}Check: {value}".replace("0.5", "0.6"))
    with pytest.raises(ValueError, match=r'^results sheet: no line "Check: \.\.\.", expected Quiz, Name, Date, Points, Total, Check$'):
        verify(sheet)


# ------------------------------------------------------------------ the sheet

def test_a_pupil_gets_a_sheet_that_the_teacher_can_check(open_page, address, demo):  # noqa: F811
    tab = open_page(address + "index.html")
    fill(tab, demo, RIGHT | {"share": WRONG["share"], "neighbours": ["poland"]})
    check_all(tab)
    tab.get_by_role("button", name="My results", exact=True).click()
    dialog = tab.get_by_role("dialog")
    expect(dialog).to_contain_text("write your name first")
    dialog.get_by_label("Name").fill("Ольга <b>Ёж</b>")
    lines = dict(line.split(": ", 1) for line in sheet_text(tab).splitlines()[1:])
    assert lines | {"Check": ""} == {
        "Quiz": "demo",
        "Name": "Ольга <b>Ёж</b>",
        "Date": date.today().isoformat(),
        "Points": "1 0.67 1 0 1 2 1",
        "Total": lines["Total"],
        "Check": "",
    }
    assert float(lines["Total"].split()[0]) == pytest.approx(6.67) and lines["Total"].endswith(f"of {demo.max_score:g}")
    assert verify(sheet_text(tab)) and tab.locator(".aa-sheet dd").last.inner_text() == lines["Check"]
    rows = [row.locator("td").all_inner_texts() for row in dialog.locator("tbody tr").all()]
    assert [row[1] for row in rows] == [q["prompt"] for q in demo.spec["questions"]]
    assert [row[2:] for row in rows] == [[got, q["points"]] for got, q in zip(lines["Points"].split(), demo.spec["questions"], strict=True)]

    text = sheet_text(tab)
    tab.goto(address + "verify.html")
    tab.get_by_label("The sheet as text").fill(text)
    tab.get_by_role("button", name="Check").click()
    expect(tab.get_by_role("status")).to_contain_text("It fits")
    tab.get_by_label("Total").fill("9.67 of 9.5")
    expect(tab.get_by_role("status")).to_be_empty()
    tab.get_by_role("button", name="Check").click()
    expect(tab.get_by_role("status")).to_contain_text("does not fit")


def test_name_and_points_are_kept_and_a_changed_answer_changes_the_sheet(open_page, folder, demo):  # noqa: F811
    tab = open_page((folder / "index.html").as_uri())
    fill(tab, demo, {"new-neighbour": "finland"})
    check_all(tab)
    tab.get_by_role("button", name="My results", exact=True).click()
    tab.get_by_role("dialog").get_by_label("Name").fill("Jan")
    first = sheet_text(tab)
    assert "Points: 1 - - - - - -" in first
    reload(tab)
    tab.get_by_role("button", name="My results", exact=True).click()
    assert tab.get_by_role("dialog").get_by_label("Name").input_value() == "Jan" and sheet_text(tab) == first
    tab.get_by_role("dialog").get_by_role("button", name="Close").click()
    tab.get_by_role("button", name="Start again").click()
    tab.get_by_role("button", name="My results", exact=True).click()
    assert "Points: - - - - - - -" in sheet_text(tab) and verify(sheet_text(tab))


def test_keyboard_alone_opens_fills_and_closes_the_sheet(open_page, folder):  # noqa: F811
    tab = open_page((folder / "index.html").as_uri())
    button = tab.get_by_role("button", name="My results", exact=True)
    button.focus()
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("dialog")).to_be_visible()
    expect(tab.get_by_role("dialog").get_by_label("Name")).to_be_focused()
    tab.keyboard.type("Ana")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    expect(tab.locator("dialog textarea")).to_be_visible()
    tab.keyboard.press("Escape")
    expect(tab.get_by_role("dialog")).to_be_hidden()
    expect(button).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_sheet_and_teachers_page_are_accessible(browser, site_url, scheme):
    """In the book itself, in both of its modes, on a phone."""
    context = browser.new_context(color_scheme=scheme, viewport={"width": 360, "height": 800})
    tab = context.new_page()
    tab.goto(site_url + "chapters/3-expansion-waves/borders.html")
    tab.get_by_role("button", name="My results", exact=True).click()
    assert tab.evaluate("document.querySelector('dialog').scrollWidth <= document.querySelector('dialog').clientWidth")
    assert [violation["id"] for violation in axe(tab, "dialog").response["violations"]] == []
    tab.goto(site_url + "teach/verify.html")
    assert [violation["id"] for violation in axe(tab, "main").response["violations"]] == []
    for control in tab.locator(".aa-verify :is(input, textarea, button)").all():
        assert control.bounding_box()["height"] >= 44
    assert tab.evaluate("document.documentElement.scrollWidth <= 360")
    context.close()


def axe(tab: Page, part: str):
    return Axe().run(tab, context=part)


def test_print_shows_the_sheet_alone(open_page, folder):  # noqa: F811
    tab = open_page((folder / "index.html").as_uri())
    tab.emulate_media(media="print")
    expect(tab.get_by_text("Which accession added most").first).to_be_visible()
    tab.emulate_media(media="screen")
    tab.get_by_role("button", name="My results", exact=True).click()
    tab.emulate_media(media="print")
    expect(tab.locator("main")).to_be_hidden()
    expect(tab.get_by_role("dialog")).to_be_visible()
    expect(tab.get_by_role("button", name="Print")).to_be_hidden()


def test_a_short_form_is_named_and_focused(open_page, folder):  # noqa: F811
    tab = open_page((folder / "verify.html").as_uri())
    tab.get_by_label("Quiz").fill("borders")
    tab.get_by_role("button", name="Check").click()
    expect(tab.get_by_role("status")).to_have_text("Fill in: name, date, points, total, check.")
    expect(tab.get_by_label("Name")).to_be_focused()


# ------------------------------------------------------------------ in the book

def test_only_pages_with_a_quiz_load_the_sheet(site):
    pages = {path.relative_to(site).as_posix(): path.read_text("utf-8") for path in site.rglob("*.html") if "_downloads" not in path.parts}
    for name, text in pages.items():
        assert ("_static/results.js" in text) == ('data-widget="quiz"' in text), name
        assert ("_static/verify.js" in text) == (name == "teach/verify.html"), name
    assert "_static/results.js" in pages["chapters/3-expansion-waves/borders.html"]


def test_the_book_itself_makes_prints_and_checks_a_sheet(browser, site_url):
    context, faults = browser.new_context(), []
    tab = context.new_page()
    tab.set_default_timeout(5_000)
    tab.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.goto(site_url + "chapters/5-judging-the-question/what-would-it-have-taken.html")
    buttons = tab.get_by_role("button", name="My results", exact=True)
    assert buttons.count() == 2   # the chapter's quiz and the final one, each with its own sheet
    buttons.first.click()
    tab.get_by_role("dialog").get_by_label("Name").fill("Zoë")
    text = sheet_text(tab.get_by_role("dialog"))
    assert verify(text) and "Quiz: final" in text
    printed = pypdf.PdfReader(io.BytesIO(tab.pdf(format="A4")))
    words = re.sub(r"\s", "", " ".join(page.extract_text() for page in printed.pages))
    questions = [q["prompt"] for q in quiz("final").spec["questions"]]
    assert len(questions) > 20 and len(printed.pages) >= 2
    assert [prompt for prompt in questions if re.sub(r"\s", "", prompt) not in unicodedata.normalize("NFKC", words)] == []
    assert text.rpartition(" ")[2] in words and "Summary" not in words
    tab.keyboard.press("Escape")
    tab.goto(site_url + "teach/verify.html")
    tab.get_by_label("The sheet as text").fill(text)
    tab.get_by_role("button", name="Check", exact=True).click()
    expect(tab.locator("[data-verify] [role=status]")).to_contain_text("It fits")
    assert faults == []
    context.close()


def test_the_scripts_are_small_and_free_of_inline_parts():
    for name, script in page_scripts().items():
        assert len(script.encode()) <= 6_000, name
        assert not re.search(r"innerHTML|insertAdjacentHTML|document\.write|eval\(|\.style\b|https?:", script), name
