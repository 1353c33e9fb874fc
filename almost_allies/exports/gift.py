"""GIFT: Moodle's plain text format, read by other platforms too."""
from __future__ import annotations

import re
from pathlib import Path

from almost_allies.exports import core
from almost_allies.exports.core import Outcome, Quiz, Unit, html, text_html
from almost_allies.exports.moodle_xml import NO_FRACTION, category_path, fraction
from almost_allies.quiz.bank import Question
from almost_allies.quiz.scoring import shown

TITLE = "GIFT"
LIMITS = (
    "GIFT has no place for points (each question counts 1 until you change it) or for hints.",
    "Short answers: Moodle ignores case; spellings without accents and hyphens are listed beside the others. Numbers: without the unit.",
)
TYPES = {"single": "multiple choice", "multi": "multiple choice with weights", "truefalse": "true/false", "numeric": "numerical",
         "short": "short answer", "order": "matching", "match": "matching"}
PLACES = "Choose the place of each: 1 comes first."


def carry(question: Question) -> Outcome:
    changes = []
    if question.type == "multi" and fraction(question) is None:
        return Outcome(TYPES["multi"], left_out=NO_FRACTION)
    if question.type == "short" and any("->" in text for text in (*question.accept, *(mistake.text for mistake in question.mistakes))):
        return Outcome(TYPES["short"], left_out="GIFT takes an arrow (->) in a typed answer for a matching.")
    if question.type == "order":
        changes.append("Ordering became matching: each item with its place.")
    if question.type in ("order", "match"):
        changes.append("GIFT has no feedback for a right or a wrong matching; both stand before the explanation.")
    return Outcome(TYPES[question.type], tuple(changes))


def write(unit: Unit, folder: Path) -> list[str]:
    quizzes = core.carried(unit, carry)
    if not quizzes:
        return []
    blocks = [f"// {core.LICENCE}"]
    for quiz, questions in quizzes:
        blocks.append(f"$CATEGORY: {category_path(quiz)}")
        blocks += [_question(quiz, question) for question in questions]
    name = unit.file("-gift.txt")
    (folder / name).write_text("\n\n".join(blocks) + "\n", "utf-8", newline="\n")
    return [name]


def gift(text: str) -> str:
    """Text with the signs escaped that mean something in GIFT."""
    return re.sub(r"[\\~=#{}:]", lambda sign: "\\" + sign[0], text)


def _html(text: str) -> str:
    """A text of the bank as an answer; a per cent sign at its start would open a weight."""
    return re.sub("^%", "&#37;", text_html(text))


def _line(mark: str, answer: str, feedback: str = "") -> str:
    return f"\t{mark}{gift(answer)}" + (f"#{gift(text_html(feedback))}" if feedback else "")


def _question(quiz: Quiz, question: Question) -> str:
    explanation = core.explanation_html(quiz, question)
    if question.type in ("order", "match"):
        explanation = html(f"If right: {question.feedback.correct}", f"If not: {question.feedback.incorrect}") + explanation
    prompt = core.prompt_html(question, PLACES if question.type == "order" else None)
    head = [f"// [id:{core.ident(quiz, question)}] [tag:difficulty {question.difficulty}]",
            f"::{gift(core.title(quiz, question))}::[html]{gift(prompt)}" + "{" + ("#" if question.type == "numeric" else "")]
    return "\n".join([*head, *BODIES[question.type](quiz, question), f"\t####{gift(explanation)}", "}"])


def _single(quiz: Quiz, question: Question) -> list[str]:
    return [_line("=" if choice.correct else "~", _html(choice.text), choice.feedback) for choice in shown(quiz.bank.quiz, question)]


def _multi(quiz: Quiz, question: Question) -> list[str]:
    worth = fraction(question)
    return [_line(f"~%{'' if choice.correct else '-'}{worth}%", text_html(choice.text), choice.feedback)
            for choice in shown(quiz.bank.quiz, question)]


def _true_false(quiz: Quiz, question: Question) -> list[str]:
    wrong, right = (gift(text_html(text)) for text in (question.feedback.incorrect, question.feedback.correct))
    return [f"\t{str(question.answer).upper()}#{wrong}#{right}"]


def _numeric(quiz: Quiz, question: Question) -> list[str]:
    def answer(weight: int, value: float, feedback: str) -> str:
        return f"\t=%{weight}%{core.number(value):f}:{core.number(question.tolerance):f}#{gift(text_html(feedback))}"

    return [answer(100, question.number, question.feedback.correct),
            *(answer(0, mistake.number, mistake.feedback) for mistake in question.mistakes),
            f"\t~#{gift(text_html(question.feedback.incorrect))}"]


def _short(quiz: Quiz, question: Question) -> list[str]:
    rows = [("=%100%", text, question.feedback.correct) for text in core.spellings(question)]
    rows += [("=%0%", mistake.text, mistake.feedback) for mistake in question.mistakes]
    lines = [_line(mark, text.replace("*", r"\*"), feedback) for mark, text, feedback in rows]   # a star alone stands for any text
    return [*lines, _line("=%0%", "*", question.feedback.incorrect)]


def _order(quiz: Quiz, question: Question) -> list[str]:
    places = {item.id: place for place, item in enumerate(question.items, 1)}
    return [f"{_line('=', text_html(item.text))} -> {places[item.id]}" for item in shown(quiz.bank.quiz, question)]


def _match(quiz: Quiz, question: Question) -> list[str]:
    rows = [(pair.left, pair.right) for pair in question.pairs] + [("", item.text) for item in question.distractors]
    return [f"{_line('=', text_html(left))} -> {gift(text_html(right))}" for left, right in rows]


BODIES = {"single": _single, "multi": _multi, "truefalse": _true_false, "numeric": _numeric, "short": _short, "order": _order,
          "match": _match}
