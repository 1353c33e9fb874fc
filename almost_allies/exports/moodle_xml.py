"""Moodle XML: every type has its like, with hints, points and feedback."""
from __future__ import annotations

from pathlib import Path

from lxml import etree

from almost_allies.exports import core
from almost_allies.exports.core import Outcome, Quiz, Unit, html, text_html
from almost_allies.exports.xml import add, document
from almost_allies.quiz.bank import Question
from almost_allies.quiz.page import TRUE_FALSE
from almost_allies.quiz.scoring import shown

TITLE = "Moodle XML"
LIMITS = (
    "Short answers: Moodle ignores case; spellings without accents and hyphens are listed beside the others. Numbers: without the unit.",
    "Ordering questions need Moodle 4.4, or the ordering plugin in older ones.",
)
TYPES = {"single": "multichoice", "multi": "multichoice", "truefalse": "truefalse", "numeric": "numerical", "short": "shortanswer",
         "order": "ordering", "match": "matching"}
# 100/n in Moodle's own list of fractions: an import with another number is refused. There is none for 11.
FRACTIONS = {1: "100", 2: "50", 3: "33.33333", 4: "25", 5: "20", 6: "16.66667", 7: "14.28571", 8: "12.5", 9: "11.11111", 10: "10"}
NO_FRACTION = "Moodle has no grade of one eleventh for a choice."


def fraction(question: Question) -> str | None:
    """What one right choice is worth in per cent; a wrong one costs the same. None if Moodle has no such grade."""
    return FRACTIONS.get(sum(choice.correct for choice in question.choices))


def carry(question: Question) -> Outcome:
    if question.type == "multi" and fraction(question) is None:
        return Outcome(TYPES["multi"], left_out=NO_FRACTION)
    return Outcome(TYPES[question.type])


def write(unit: Unit, folder: Path) -> list[str]:
    quizzes = core.carried(unit, carry)
    if not quizzes:
        return []
    root = etree.Element("quiz")
    for quiz, questions in quizzes:
        category = add(root, "question", type="category")
        add(add(category, "category"), "text", category_path(quiz))
        add(add(category, "info", format="html"), "text", html(core.LICENCE))
        for question in questions:
            _question(root, quiz, question)
    name = unit.file("-moodle.xml")
    (folder / name).write_bytes(document(root))
    return [name]


def category_path(quiz: Quiz) -> str:
    """Place in the question bank; a slash inside a name is doubled."""
    return "$course$/top/Almost Allies/" + quiz.topic.replace("/", "//")


def _formatted(parent: etree._Element, tag: str, content: str, **attributes: str) -> etree._Element:
    element = add(parent, tag, format="html", **attributes)
    add(element, "text", content)
    return element


def _answer(parent: etree._Element, worth: str, text: str, feedback: str, format: str = "plain_text") -> etree._Element:
    answer = add(parent, "answer", fraction=worth, format=format)
    add(answer, "text", text)
    _formatted(answer, "feedback", html(feedback))
    return answer


def _question(root: etree._Element, quiz: Quiz, question: Question) -> None:
    node = add(root, "question", type=TYPES[question.type])
    add(add(node, "name"), "text", core.title(quiz, question))
    _formatted(node, "questiontext", core.prompt_html(question))
    _formatted(node, "generalfeedback", core.explanation_html(quiz, question))
    add(node, "defaultgrade", f"{question.points:g}")
    add(node, "penalty", "1" if question.type == "truefalse" else "0.3333333")
    add(node, "hidden", "0")
    add(node, "idnumber", core.ident(quiz, question))
    BODIES[question.type](node, quiz, question)
    if question.hint:
        _formatted(node, "hint", html(question.hint))
    tags = add(node, "tags")
    for tag in ("Almost Allies", quiz.topic, f"difficulty {question.difficulty}"):
        add(add(tags, "tag"), "text", tag)


def _combined_feedback(node: etree._Element, question: Question) -> None:
    feedback = question.feedback
    _formatted(node, "correctfeedback", html(feedback.correct) if feedback else "")
    _formatted(node, "partiallycorrectfeedback", html(feedback.incorrect) if feedback else "")
    _formatted(node, "incorrectfeedback", html(feedback.incorrect) if feedback else "")
    if question.type != "single":
        add(node, "shownumcorrect")


def _choices(node: etree._Element, quiz: Quiz, question: Question) -> None:
    add(node, "single", str(question.type == "single").lower())
    add(node, "shuffleanswers", "true")
    add(node, "answernumbering", "ABCD")
    add(node, "showstandardinstruction", "0")
    _combined_feedback(node, question)
    right = fraction(question) or ""   # those without are left out before
    for choice in shown(quiz.bank.quiz, question):
        wrong = "0" if question.type == "single" else f"-{right}"
        _answer(node, right if choice.correct else wrong, html(choice.text), choice.feedback, "html")


def _true_false(node: etree._Element, quiz: Quiz, question: Question) -> None:
    for id, _ in TRUE_FALSE:
        right = (id == "true") == question.answer
        feedback = question.feedback.correct if right else question.feedback.incorrect
        _answer(node, "100" if right else "0", id, feedback, "moodle_auto_format")


def _numeric(node: etree._Element, quiz: Quiz, question: Question) -> None:
    tolerance = f"{core.number(question.tolerance):f}"
    rows = [("100", f"{core.number(question.number):f}", tolerance, question.feedback.correct)]
    rows += [("0", f"{core.number(mistake.number):f}", tolerance, mistake.feedback) for mistake in question.mistakes]
    for worth, value, within, feedback in [*rows, ("0", "*", "0", question.feedback.incorrect)]:
        add(_answer(node, worth, value, feedback, "moodle_auto_format"), "tolerance", within)
    add(node, "unitgradingtype", "0")
    add(node, "unitpenalty", "0.1")
    add(node, "showunits", "3")
    add(node, "unitsleft", "0")


def _short(node: etree._Element, quiz: Quiz, question: Question) -> None:
    add(node, "usecase", "0")
    rows = [("100", text, question.feedback.correct) for text in core.spellings(question)]
    rows += [("0", mistake.text, mistake.feedback) for mistake in question.mistakes]
    for worth, text, feedback in rows:
        _answer(node, worth, text.replace("*", r"\*"), feedback)   # a star alone stands for any text
    _answer(node, "0", "*", question.feedback.incorrect)


def _order(node: etree._Element, quiz: Quiz, question: Question) -> None:
    # ABSOLUTE_POSITION is the share in the right place, as in the book. RELATIVE_TO_CORRECT would give points for being near.
    for tag, value in (("layouttype", "VERTICAL"), ("selecttype", "ALL"), ("selectcount", "0"), ("gradingtype", "ABSOLUTE_POSITION"),
                       ("showgrading", "SHOW"), ("numberingstyle", "none")):
        add(node, tag, value)
    _combined_feedback(node, question)
    for item in question.items:
        _formatted(node, "answer", html(item.text), fraction="1.0000000")


def _match(node: etree._Element, quiz: Quiz, question: Question) -> None:
    add(node, "shuffleanswers", "true")
    _combined_feedback(node, question)
    rows = [(html(pair.left), pair.right) for pair in question.pairs] + [("", item.text) for item in question.distractors]
    for left, right in rows:
        subquestion = _formatted(node, "subquestion", left)
        add(add(subquestion, "answer"), "text", text_html(right))   # Moodle shows it as HTML


BODIES = {"single": _choices, "multi": _choices, "truefalse": _true_false, "numeric": _numeric, "short": _short, "order": _order,
          "match": _match}
