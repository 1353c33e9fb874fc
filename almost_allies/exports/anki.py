"""Anki: a deck for each quiz. A second import updates the cards and doubles none."""
from __future__ import annotations

import sqlite3
from hashlib import sha256
from itertools import count
from pathlib import Path

import genanki

from almost_allies.exports import core
from almost_allies.exports.core import Outcome, Quiz, Unit, html, prompt_html, text_html
from almost_allies.quiz.bank import Question
from almost_allies.quiz.page import number_text
from almost_allies.quiz.scoring import shown

TITLE = "Anki"
LIMITS = (
    "A card asks and shows the answer; whether you knew it you say yourself, so there are no points.",
    "A newer file updates the cards that are there and keeps what you have learnt.",
)
DO = {"order": "Say the right order.", "match": "Match each.", "short": "Answer in a word or two."}
STYLE = """.card { font: 20px/1.4 sans-serif; text-align: left; max-width: 40em; margin: auto; }
ol.letters { list-style: upper-alpha; }
.answer { font-weight: bold; }
.hint { color: #777; }"""
# Fixed for good: they say to Anki that a later file is the same deck and the same kind of note.
MODEL = genanki.Model(
    1_949_199_704, "Almost Allies",
    fields=[{"name": name} for name in ("Question", "Answer", "Explanation", "Hint")],
    templates=[{"name": "Card", "qfmt": '{{Question}}{{#Hint}}<p class="hint">{{hint:Hint}}</p>{{/Hint}}',
                "afmt": "{{Question}}<hr id=answer>{{Answer}}{{Explanation}}"}],
    css=STYLE)


def carry(question: Question) -> Outcome:
    return Outcome("card")


def write(unit: Unit, folder: Path) -> list[str]:
    database = sqlite3.connect(":memory:")
    cursor = database.cursor()
    genanki.Package([]).write_to_db(cursor, 0, count())
    for quiz in unit.quizzes:
        deck = genanki.Deck(_fixed(quiz.bank.quiz, 10**9), f"Almost Allies::{quiz.topic}", core.LICENCE)
        for place, question in enumerate(quiz.bank.questions):
            deck.add_note(genanki.Note(
                MODEL, [_front(quiz, question), _back(quiz, question), core.explanation_html(quiz, question), text_html(question.hint)],
                guid=genanki.guid_for("almost-allies", quiz.bank.quiz, question.id), due=place,
                tags=["almost-allies", quiz.bank.quiz, f"difficulty-{question.difficulty}"]))
        # Anki updates a note only from a later one, so the notes are as old as the bank. Their ids are times too, before any real note's.
        deck.write_to_db(cursor, quiz.changed, count(10**12 + _fixed(quiz.bank.quiz, 10**8) * 1000))
    database.commit()
    name = unit.file(".apkg")
    core.write_zip(folder / name, [("collection.anki2", database.serialize()), ("media", "{}")])
    database.close()
    return [name]


def _fixed(name: str, size: int) -> int:
    """A number between ``size`` and twice that, always the same for a name."""
    return size + int(sha256(name.encode()).hexdigest(), 16) % size


def _list(tag: str, rows: list[str]) -> str:
    return f"<{tag}>" + "".join(f"<li>{row}</li>" for row in rows) + f"</{tag.split()[0]}>"


def _front(quiz: Quiz, question: Question) -> str:
    text = prompt_html(question, DO.get(question.type))
    parts = [text_html(part.text) for part in shown(quiz.bank.quiz, question)]
    if question.type == "truefalse":
        return text + html("True or false?")
    if question.type == "match":
        text += _list("ul", [text_html(pair.left) for pair in question.pairs])
    return text + (_list('ol class="letters"', parts) if parts else "")


def _back(quiz: Quiz, question: Question) -> str:
    parts = shown(quiz.bank.quiz, question)
    letters = {part.id: chr(ord("A") + place) for place, part in enumerate(parts)}
    if question.choices:
        right = "; ".join(f"{letters[choice.id]}: {text_html(choice.text)}" for choice in parts if choice.correct)
        return _answer(right) + _list('ol class="letters"', [text_html(choice.feedback) for choice in parts])
    if question.type == "order":
        return _list('ol class="answer"', [f"{letters[item.id]}: {text_html(item.text)}" for item in question.items])
    if question.type == "match":
        return _list('ul class="answer"', [f"{text_html(pair.left)}: {text_html(pair.right)}" for pair in question.pairs])
    if question.type == "truefalse":
        return _answer("True" if question.answer else "False") + html(question.feedback.correct)
    if question.type == "numeric":
        return _answer(text_html(f"{number_text(question.number)} {question.unit}".strip())) + html(question.feedback.correct)
    return _answer(text_html(" or ".join(question.accept))) + html(question.feedback.correct)


def _answer(text: str) -> str:
    return f'<p class="answer">{text}</p>'
