"""Slides of a chapter: its charts and questions as one HTML file that needs no network, shown by reveal.js.

reveal.js comes from the PyPI package sphinx-revealjs (extra ``teach``) and is written into each file, with its licence: what a teacher
downloads is one file, and it works from a memory stick.
"""
from __future__ import annotations

import re
from functools import cache
from html import escape
from importlib.util import find_spec
from pathlib import Path

from almost_allies.exports.chapter import Chapter, Chart, chapter_of
from almost_allies.exports.core import BOOK, LICENCE, Outcome, Quiz, Unit, explanation_html, text_html
from almost_allies.exports.worksheet import KINDS, TRUE_FALSE, Task, tasks
from almost_allies.quiz.bank import Question
from almost_allies.stored_chart import plot_of

TITLE = "Slides"
USE = "class"
CHAPTERS_ONLY = True
LIMITS = (
    "Open the file in a browser. Arrow keys or space go on, S opens the speaker's notes, Esc shows all slides, F fills the screen.",
    "A question comes first, its answer with the next key. Explanations, and what a chart cannot show, are in the notes.",
)
STYLE = Path(__file__).with_name("slides.css")
START = (
    'Reveal.initialize({ hash: true, transition: "none", backgroundTransition: "none", slideNumber: "c/t", center: false, width: 1120, '
    "height: 700, margin: 0.03, plugins: [RevealNotes] });"
)
POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; frame-src 'self' file:"


def carry(question: Question) -> Outcome:
    return Outcome(KINDS[question.type])


@cache
def reveal(name: str) -> str:
    """A file of reveal.js. Raises FileNotFoundError, in one line, if it is not installed."""
    package = find_spec("sphinx_revealjs")
    path = package and package.origin and Path(package.origin).parent / "_static/revealjs" / name
    if not path or not path.is_file():
        raise FileNotFoundError(
            2, f"is missing, which brings reveal.js ({name}) for the slides; pip install -e .[teach]", "sphinx-revealjs"
        )
    return path.read_text("utf-8")


def _script(text: str) -> str:
    """JavaScript as it may stand in a page: no string or pattern in it ends or comments out the element."""
    return "<script>" + re.sub(r"<(?=/?script|!--)", r"\\x3c", text, flags=re.IGNORECASE) + "</script>"


def _slide(name: str, body: str, notes: str) -> str:
    return f'<section id="{escape(name)}">\n{body}\n<aside class="notes">{notes}</aside>\n</section>'


def _paragraphs(*texts: str) -> str:
    return "".join(f"<p>{text_html(text)}</p>" for text in texts if text)


def _opening(chapter: Chapter, address: str) -> str:
    link = f'<p><a href="{escape(address)}">{text_html(address)}</a></p>' if address else ""
    goals = "".join(f"<li>{text_html(goal)}</li>" for goal in chapter.objectives)
    notes = f"<p>In this chapter pupils will</p><ul>{goals}</ul>" if goals else ""
    return _slide("start", f'<h1>{text_html(chapter.title)}</h1>\n<p class="question">{text_html(chapter.question)}</p>\n'
                           f'<p class="book">{text_html(BOOK)}</p>{link}', notes)


def _chart(chart: Chart) -> str:
    picture = plot_of(chart.picture).replace('class="plot"', f'class="plot" role="img" aria-label="{escape(chart.alt)}"', 1)
    subtitle = f'<p class="subtitle">{text_html(chart.subtitle)}</p>\n' if chart.subtitle else ""
    cannot = f"<p><b>What the chart cannot show:</b> {text_html(chart.note)}</p>" if chart.note else ""
    return _slide(
        f"chart-{chart.name}",
        f'<h2>{text_html(chart.title)}</h2>\n{subtitle}{picture}\n<p class="source">Source: {text_html(chart.source)}.</p>',
        _paragraphs(chart.alt) + cannot,
    )


def _question(quiz: Quiz, question: Question, one: Task) -> str:
    parts = [f'<p class="number">Question {one.number}</p>', f"<h2>{text_html(one.prompt)}</h2>"]
    if one.how:
        parts.append(f'<p class="how">{text_html(one.how)}</p>')
    if one.numbered:
        parts.append("<div class=\"both\"><ol>" + "".join(f"<li>{text_html(text)}</li>" for text in one.numbered) + "</ol>")
    if one.letters:
        kind, of = ("ul", ' class="letters"') if one.letters == TRUE_FALSE else ("ol", ' class="letters" type="A"')
        parts.append(
            f"<{kind}{of}>"
            + "".join(f"<li>{text_html(text)}</li>" for text in one.letters)
            + f"</{kind}>"
            + ("</div>" if one.numbered else "")
        )
    parts.append(f'<p class="answer fragment">{text_html(one.brief)}</p>')
    said = "".join(f"<li><b>{text_html(which)}:</b> {text_html(text)}</li>" for which, text in one.notes)
    hint = _paragraphs(f"A hint to give: {one.hint}" if one.hint else "")
    return _slide(f"question-{question.id}", "\n".join(parts),
                  f"<p><b>{text_html(one.answer)}</b></p>{explanation_html(quiz, question)}<ul>{said}</ul>{hint}")


def deck(unit: Unit, chapter: Chapter) -> str:
    """The whole file. The chapter's charts in its order, then the questions of its quiz."""
    quiz = unit.quizzes[0]
    address = f"{quiz.site}{chapter.path}.html" if quiz.site else ""
    slides = [_opening(chapter, address), *map(_chart, chapter.charts), *(_question(quiz, question, one) for question, one in tasks(quiz)),
              _slide("end", f"<h2>{text_html(chapter.question)}</h2>\n<p>{text_html(LICENCE)}</p>",
                     "<p>Has an answer changed since the first slide? What changed it?</p>")]
    return "\n".join([
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n<meta name="viewport" content="width=device-width">',
        f"<title>Slides: {text_html(unit.title)}</title>\n<!--\nreveal.js is used under this licence:\n{reveal('LICENSE').strip()}\n-->",
        f"<style>\n{reveal('dist/reset.css')}\n{reveal('dist/reveal.css')}\n{STYLE.read_text('utf-8')}</style>\n</head>\n<body>",
        '<div class="reveal"><div class="slides">', *slides, "</div></div>",
        _script(reveal("dist/reveal.js")), _script(reveal("plugin/notes/notes.js")), _script(START), "</body>\n</html>\n"])


def write(unit: Unit, folder: Path) -> list[str]:
    chapter = chapter_of(unit)
    if chapter is None:
        return []
    name = unit.file("-slides.html")
    (folder / name).write_text(deck(unit, chapter), "utf-8", newline="\n")
    return [name]
