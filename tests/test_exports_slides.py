"""Slides opened from a file in a real Chromium: keys, notes, nothing from elsewhere, nothing off the slide."""
from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from exporting import chapters, nasty, plain
from playwright.sync_api import expect

from almost_allies.exports import slides
from almost_allies.exports.__main__ import main
from almost_allies.exports.chapter import Chapter, Chart, chapter_of
from almost_allies.stored_chart import plot_of

CHAPTERS = [one for one in chapters() if one.is_chapter]


@pytest.fixture
def show(browser, tmp_path):
    """Opens a deck as a file in a folder of its own; the test fails if it logs an error or asks for anything else."""
    contexts, faults = [], []

    def open_(text: str):
        path = tmp_path / "deck.html"
        path.write_text(text, "utf-8")
        context = browser.new_context(viewport={"width": 1120, "height": 700}, offline=True)
        contexts.append(context)
        tab = context.new_page()
        tab.set_default_timeout(8_000)
        tab.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
        tab.on("pageerror", lambda error: faults.append(str(error)))
        context.on(
            "request", lambda request: None if request.url.startswith((path.as_uri(), "data:", "about:")) else faults.append(request.url)
        )
        tab.goto(path.as_uri())
        tab.wait_for_function("Reveal.isReady()")
        return tab

    yield open_
    for context in contexts:
        context.close()
    assert faults == []


def current(tab) -> str:
    return tab.evaluate("Reveal.getCurrentSlide().id")


def test_keys_go_through_charts_then_questions_with_answers_last(show):
    unit = next(one for one in CHAPTERS if one.name == "borders")
    chapter, (quiz,) = chapter_of(unit), unit.quizzes
    tab, seen = show(slides.deck(unit, chapter)), []
    for _ in range(100):
        if current(tab) not in seen:
            seen.append(current(tab))
        if current(tab).startswith("question-"):
            answer = tab.locator(f"#{current(tab)} .answer")
            expect(answer).to_have_css("opacity", "0")
            tab.keyboard.press("Space")
            expect(answer).to_have_css("opacity", "1")
        tab.keyboard.press("ArrowRight")
        if current(tab) == seen[-1]:
            break
    assert seen == [
        "start",
        *(f"chart-{chart.name}" for chart in chapter.charts),
        *(f"question-{q.id}" for q in quiz.bank.questions),
        "end",
    ]
    assert len(chapter.charts) >= 3
    tab.wait_for_url("**#/end")   # the address follows a moment later


def test_the_speaker_sees_notes_in_a_window_of_their_own(show):
    unit = next(one for one in CHAPTERS if one.name == "borders")
    chapter = chapter_of(unit)
    tab = show(slides.deck(unit, chapter))
    with tab.context.expect_page() as popup:
        tab.keyboard.press("s")
    notes = popup.value.locator(".speaker-controls-notes .value")
    for goal in chapter.objectives:
        expect(notes).to_contain_text(goal)
    tab.keyboard.press("ArrowRight")
    expect(notes).to_contain_text("What the chart cannot show")
    expect(notes).to_contain_text(chapter.charts[0].note)
    tab.evaluate("Reveal.slide", 1 + len(chapter.charts))
    expect(notes).to_contain_text(unit.quizzes[0].bank.questions[0].explanation)


@pytest.mark.parametrize("unit", CHAPTERS, ids=lambda unit: unit.name)
def test_nothing_runs_off_a_slide(show, unit):
    tab = show(slides.deck(unit, chapter_of(unit)))
    sizes = tab.evaluate("""[...document.querySelectorAll('.slides > section')].map(slide => {
        slide.style.display = 'block';
        return [slide.id, slide.scrollWidth, slide.scrollHeight];
    })""")
    assert len(sizes) == 2 + len(chapter_of(unit).charts) + len(unit.quizzes[0].bank.questions)
    assert [size for size in sizes if size[1] > 1120 or size[2] > 700] == []


@pytest.mark.parametrize("unit", CHAPTERS, ids=lambda unit: unit.name)
def test_a_deck_holds_its_charts_questions_and_answers(unit):
    chapter, text = chapter_of(unit), slides.deck(unit, chapter_of(unit))
    seen = plain(re.sub(r"<script>.*?</script>|<style>.*?</style>", "", text, flags=re.S))
    for chart in chapter.charts:
        assert all(part in seen for part in (chart.title, chart.subtitle, chart.note, f"Source: {chart.source}."))
        assert plot_of(chart.picture).split(">", 1)[1] in text
    for _, q in unit.questions():
        assert all(part in seen for part in (q.prompt, q.explanation, *(c.text for c in q.choices), *(c.feedback for c in q.choices)))
    assert "Permission is hereby granted, free of charge" in text   # reveal.js's licence
    assert not re.search(r"""(?:src|href)=["'](?!https?:|#)[^"']+["']""", seen)


def test_every_sign_reaches_the_slides(show):
    quiz = nasty()
    unit = next(one for one in CHAPTERS if one.name == "borders")
    chart = Chart(
        "x",
        "A title that says & finds <b> { } =",
        "sub ~ #",
        'alt " & <b>',
        "note </aside><script>x</script>",
        "source",
        chapter_of(unit).charts[0].picture,
    )
    tab = show(
        slides.deck(
            type(unit)("demo", quiz.topic, (quiz,)), Chapter("chapters/demo", "Ёж & <b>", "", "Why & <b>?", ("goal > 1",), (chart,), {})
        )
    )
    seen = " ".join(tab.evaluate("document.querySelector('.slides').textContent").split())
    for question in quiz.bank.questions:
        texts = [question.prompt, question.explanation, *(part.text for part in question.choices + question.items + question.options)]
        assert [text for text in texts if text not in seen] == []
    assert all(text in seen for text in (chart.title, chart.note, "Ёж & <b>", "goal > 1"))


def test_slides_are_accessible(show):
    unit = next(one for one in CHAPTERS if one.name == "ten-rounds")
    tab = show(slides.deck(unit, chapter_of(unit)))
    for _ in range(4):
        assert [violation["id"] for violation in Axe().run(tab).response["violations"]] == []
        tab.keyboard.press("ArrowRight")


def test_a_unit_that_is_no_chapter_has_no_slides(tmp_path, capsys):
    assert main(["--chapter", "final", "--chapter", "course", "--format", "slides", "-o", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err == "slides: made for chapters only, and final, course is none\n"
    assert main(["--chapter", "final", "--chapter", "borders", "--format", "slides", "-o", str(tmp_path / "out")]) == 0
    assert [path.name for path in (tmp_path / "out").rglob("*slides*")] == ["almost-allies-borders-slides.html"]
