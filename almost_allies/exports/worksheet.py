"""Worksheet and answer key for paper: HTML, PDF and DOCX from one list of questions, so that all have the same numbers."""
from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from almost_allies.exports.chapter import load_chapter
from almost_allies.exports.core import BOOK, LICENCE, Outcome, Quiz, Unit, bounds, explanation, explanation_html, text_html, write_zip
from almost_allies.printing import pdf
from almost_allies.quiz.bank import PROJECT, Question
from almost_allies.quiz.page import how, number_text
from almost_allies.quiz.scoring import shown

if TYPE_CHECKING:   # python-docx is loaded only when a document is made
    from docx.document import Document
    from docx.text.paragraph import Paragraph

TITLE = "Worksheet and key"
USE = "class"
LIMITS = (
    "Hints and feedback are in the key. Choices stand in the order in which the page shows them.",
    "The PDF pages are as wide as A4 and as high as Letter, and print on both without scaling.",
)
STYLE = Path(__file__).with_name("worksheet.css")
KINDS = {"single": "tick one", "multi": "tick all that apply", "truefalse": "tick true or false", "numeric": "a number on a line",
         "short": "words on a line", "order": "letters in order", "match": "a letter for each"}
HOW = {"multi": "Tick all that apply.", "order": "Write the letters in the right order.", "match": "Write a letter for each number."}
TRUE_FALSE = ("True", "False")
COUNTING = (
    "How to count: one choice, true or false, a number, a word: all or nothing. Several choices: right ones less wrong ones, divided by "
    "the number of right ones, never below zero. Order: share of items in the right place. Matching: share of right pairs."
)


def carry(question: Question) -> Outcome:
    return Outcome(KINDS[question.type])


# ------------------------------------------------------------------ what is on the sheet and in the key

@dataclass(frozen=True)
class Task:
    """A question as paper has it."""
    number: int
    points: str
    prompt: str
    how: str
    letters: tuple[str, ...]   # texts behind A, B, C ...; () where nothing is chosen
    numbered: tuple[str, ...]  # left sides of a matching
    blanks: int                # places for letters; 0 where boxes are ticked or words are written
    answer: str
    brief: str                 # the answer in letters and numbers where the texts are in sight
    notes: tuple[tuple[str, str], ...]   # (which answer, what to say to it)
    hint: str


def letter(index: int) -> str:
    return chr(ord("A") + index)


def points(value: float) -> str:
    return f"{value:g} point{'s' * (value != 1)}"


def task(quiz: Quiz, number: int, q: Question) -> Task:
    """A question with its answer in the letters under which the sheet shows it."""
    mixed = shown(quiz.bank.quiz, q)
    place = {part.id: letter(i) for i, part in enumerate(mixed)}
    letters = tuple(getattr(part, "text", "") for part in mixed)
    numbered: tuple[str, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    blanks, brief = 0, ""
    if q.feedback:
        mistakes = ((_mistake(m.answer), m.feedback) for m in q.mistakes)
        notes = (("right", q.feedback.correct), *mistakes, ("not right", q.feedback.incorrect))
    if q.type in ("single", "multi"):
        answer = "; ".join(f"{place[c.id]}: {c.text}" for c in mixed if c.correct)
        notes = tuple((place[c.id], c.feedback) for c in mixed)
    elif q.type == "truefalse":
        letters, answer = TRUE_FALSE, str(q.answer)
    elif q.type == "numeric":
        _, low, high = bounds(q)
        assert isinstance(q.answer, (int, float))
        answer = f"{number_text(q.answer)} {q.unit}".strip() + (f" (counts as right: {low} to {high})" if q.tolerance else "")
    elif q.type == "short":
        answer = " or ".join(q.accept)
    elif q.type == "order":
        blanks = len(q.items)
        brief = ", ".join(place[i.id] for i in q.items)
        answer = f"{brief}: {'; '.join(i.text for i in q.items)}"
    else:
        numbered, blanks = tuple(pair.left for pair in q.pairs), len(q.pairs)
        brief = ", ".join(f"{n} {place[pair.option]}" for n, pair in enumerate(q.pairs, 1))
        answer = "; ".join(f"{n} {place[pair.option]}: {pair.left}, {pair.right}" for n, pair in enumerate(q.pairs, 1))
    return Task(number, points(q.points), q.prompt, HOW.get(q.type, how(q)), letters, numbered, blanks, answer, brief or answer,
                notes, q.hint)


def _mistake(answer: float | str) -> str:
    return answer if isinstance(answer, str) else number_text(answer)


def tasks(quiz: Quiz) -> Iterator[tuple[Question, Task]]:
    """Numbered from 1 in each quiz, in the order of the bank: sheet and key say "question 4" of the same thing."""
    for number, question in enumerate(quiz.bank.questions, 1):
        yield question, task(quiz, number, question)


def _reading(quiz: Quiz) -> tuple[str, str, str]:
    """The chapter's question, and where to read it: words and address ("" if the book has none)."""
    path = quiz.bank.chapter
    if not (PROJECT / f"{path}.ipynb").is_file():
        return "", "", ""
    chapter = load_chapter(path)
    words = f"“{chapter.title}”, in the part “{chapter.part}” of {BOOK}"
    return chapter.question, words, f"{quiz.site}{path}.html" if quiz.site else ""


def _total(unit: Unit) -> str:
    return points(sum(quiz.bank.max_score for quiz in unit.quizzes))


# ------------------------------------------------------------------ HTML

def _page(title: str, body: str) -> str:
    return (f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">\n'
            f"<title>{text_html(title)}</title>\n<style>\n{STYLE.read_text('utf-8')}</style>\n</head>\n<body>\n{body}\n"
            f"<footer>{text_html(LICENCE)}</footer>\n</body>\n</html>\n")


def _read_html(quiz: Quiz) -> str:
    question, words, address = _reading(quiz)
    if not question:
        return ""
    link = f'<br><a href="{escape(address)}">{text_html(address)}</a>' if address else ""
    return f'<p class="question">{text_html(question)}</p>\n<p class="read">To read: {text_html(words)}.{link}</p>\n'


def _heads(unit: Unit, quiz: Quiz) -> str:
    """The heading of a quiz where a sheet holds several."""
    several = f"<h2>{text_html(quiz.topic)}</h2>\n" if len(unit.quizzes) > 1 else ""
    return several + _read_html(quiz)


def _task_html(one: Task) -> str:
    blank = '<span class="blank"></span>'
    parts = [f'<p class="prompt">{text_html(one.prompt)} <span class="points">({one.points})</span></p>']
    if one.how:
        parts.append(f'<p class="how">{text_html(one.how)}</p>')
    if one.numbered:
        parts.append('<ol class="pairs">' + "".join(f"<li>{blank} {text_html(text)}</li>" for text in one.numbered) + "</ol>")
    if one.letters:
        box = "" if one.blanks else '<span class="box"></span> '
        kind, of = ("ul", ' class="letters unlettered"') if one.letters == TRUE_FALSE else ("ol", ' class="letters" type="A"')
        parts.append(f"<{kind}{of}>" + "".join(f"<li>{box}{text_html(text)}</li>" for text in one.letters) + f"</{kind}>")
        if one.blanks and not one.numbered:
            parts.append(f'<p class="order">In order: {blank * one.blanks}</p>')
    else:
        parts.append('<p class="line">Answer: <span></span></p>')
    return "<li>\n" + "\n".join(parts) + "\n</li>"


def sheet_html(unit: Unit) -> str:
    body = [
        f"<h1>Worksheet: {text_html(unit.title)}</h1>",
        '<p class="name"><span>Name</span><span>Class</span><span>Date</span></p>',
        f'<p class="total">Points: <span></span> of {_total(unit)}</p>',
    ]
    for quiz in unit.quizzes:
        body += [_heads(unit, quiz), '<ol class="tasks">', *(_task_html(one) for _, one in tasks(quiz)), "</ol>"]
    return _page(f"Worksheet: {unit.title}", "\n".join(body))


def _answer_html(quiz: Quiz, question: Question, one: Task) -> str:
    notes = "".join(f"<li><b>{text_html(which)}:</b> {text_html(text)}</li>" for which, text in one.notes)
    hint = f'<p class="hint">A hint to give: {text_html(one.hint)}</p>' if one.hint else ""
    return (
        f'<li>\n<p class="prompt">{text_html(one.prompt)} <span class="points">({one.points})</span></p>\n'
        f'<p class="answer">{text_html(one.answer)}</p>\n{explanation_html(quiz, question)}\n<ul class="notes">{notes}</ul>{hint}\n</li>'
    )


def key_html(unit: Unit) -> str:
    body = [f"<h1>Answer key: {text_html(unit.title)}</h1>", f"<p>{_total(unit)} in all. {text_html(COUNTING)}</p>"]
    for quiz in unit.quizzes:
        body += [
            _heads(unit, quiz),
            '<ol class="tasks key">',
            *(_answer_html(quiz, question, one) for question, one in tasks(quiz)),
            "</ol>",
        ]
    return _page(f"Answer key: {unit.title}", "\n".join(body))


# ------------------------------------------------------------------ DOCX

def _document(title: str) -> Document:
    import docx
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt

    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(20)
    section.top_margin = section.bottom_margin = Mm(18)
    for name, size in (("Normal", 11), ("Heading 1", 18), ("Heading 2", 14), ("Heading 3", 11.5)):
        style = document.styles[name]
        style.font.name, style.font.size, style.font.color.rgb = "Arial", Pt(size), docx.shared.RGBColor(0, 0, 0)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for key in list(fonts.keys()):
            if key.endswith("Theme"):
                del fonts.attrib[key]
        fonts.set(qn("w:cs"), "Arial")
    document.styles["Normal"].paragraph_format.space_after = Pt(4)
    document.styles.element.find(".//" + qn("w:lang")).set(qn("w:val"), "en-GB")
    properties = document.core_properties
    properties.title, properties.author, properties.comments, properties.language = title, "The Almost Allies authors", LICENCE, "en-GB"
    for date in ("created", "modified"):
        for element in properties._element.findall(f"{{http://purl.org/dc/terms/}}{date}"):
            properties._element.remove(element)
    return document


def _save(document: Document, path: Path) -> None:
    """The document as a zip without the time of the run."""
    made = io.BytesIO()
    document.save(made)
    with zipfile.ZipFile(made) as archive:
        write_zip(path, [(name, archive.read(name)) for name in archive.namelist()])


def _docx_line(document: Document, text: str, indent: float = 0, style: str | None = None, keep: bool = False) -> Paragraph:
    from docx.shared import Mm

    paragraph = document.add_paragraph(text, style)
    paragraph.paragraph_format.left_indent, paragraph.paragraph_format.keep_with_next = Mm(indent), keep
    return paragraph


def _docx_heads(document: Document, unit: Unit, quiz: Quiz) -> None:
    if len(unit.quizzes) > 1:
        document.add_heading(quiz.topic, 2)
    question, words, address = _reading(quiz)
    if question:
        document.add_paragraph().add_run(question).bold = True
        document.add_paragraph(f"To read: {words}.{f' {address}' if address else ''}")


def _docx_prompt(document: Document, one: Task) -> None:
    document.add_heading(f"{one.number}. {one.prompt} ({one.points})", 3)


def sheet_docx(unit: Unit) -> Document:
    title = f"Worksheet: {unit.title}"
    document = _document(title)
    document.add_heading(title, 1)
    document.add_paragraph(f"Name {'_' * 30}   Class {'_' * 8}   Date {'_' * 12}")
    document.add_paragraph(f"Points: ______ of {_total(unit)}")
    for quiz in unit.quizzes:
        _docx_heads(document, unit, quiz)
        for _, one in tasks(quiz):
            _docx_prompt(document, one)
            if one.how:
                _docx_line(document, one.how, 6, keep=True).runs[0].italic = True
            for n, text in enumerate(one.numbered, 1):
                _docx_line(document, f"{n}  ____  {text}", 6, keep=True)
            for i, text in enumerate(one.letters):
                box = "" if one.blanks else "☐ "
                mark = "" if one.letters == TRUE_FALSE else f"{letter(i)}  "
                _docx_line(document, f"{mark}{box}{text}", 12 if one.numbered else 6, keep=i + 1 < len(one.letters))
            if one.blanks and not one.numbered:
                _docx_line(document, f"In order: {'  '.join(['____'] * one.blanks)}", 6)
            if not one.letters:
                _docx_line(document, f"Answer: {'_' * 40}", 6)
    document.add_paragraph(LICENCE)
    return document


def key_docx(unit: Unit) -> Document:
    title = f"Answer key: {unit.title}"
    document = _document(title)
    document.add_heading(title, 1)
    document.add_paragraph(f"{_total(unit)} in all. {COUNTING}")
    for quiz in unit.quizzes:
        _docx_heads(document, unit, quiz)
        for question, one in tasks(quiz):
            _docx_prompt(document, one)
            _docx_line(document, one.answer, 6, keep=True).runs[0].bold = True
            for text, links in explanation(quiz, question):
                _docx_line(document, text + "; ".join(f"{label} ({address})" if address else label for label, address in links), 6)
            for which, text in one.notes:
                _docx_line(document, f"{which}: {text}", 6, "List Bullet")
            if one.hint:
                _docx_line(document, f"A hint to give: {one.hint}", 6)
    document.add_paragraph(LICENCE)
    return document


# ------------------------------------------------------------------ files

def write(unit: Unit, folder: Path) -> list[str]:
    names = []
    for ending, html, document in (("-worksheet", sheet_html(unit), sheet_docx(unit)), ("-worksheet-key", key_html(unit), key_docx(unit))):
        names += [unit.file(f"{ending}.{kind}") for kind in ("html", "pdf", "docx")]
        (folder / names[-3]).write_text(html, "utf-8", newline="\n")
        (folder / names[-2]).write_bytes(pdf(html))
        _save(document, folder / names[-1])
    return names
