"""H5P: a question set as a package of content alone; the site brings the libraries."""
from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from almost_allies.exports import core
from almost_allies.exports.core import Outcome, Quiz, Unit, text_html
from almost_allies.quiz.bank import Choice, Question
from almost_allies.quiz.scoring import shown

TITLE = "H5P"
LIMITS = (
    "The package holds the questions alone: it opens where the site has the H5P content type Question Set 1.20 with Multiple Choice 1.16, "
    "True/False 1.8, Fill in the Blanks 1.14 and Drag the Words 1.10, or later ones of the same series.",
    "H5P counts its own points: one for each right choice, blank or word; the points of the book are not in the file.",
    "Fill in the blanks: case is ignored; spellings without accents and hyphens are listed beside the others.",
    "A blank shows its hint; the other types have no place for one.",
)
LIBRARIES = {"single": "H5P.MultiChoice 1.16", "multi": "H5P.MultiChoice 1.16", "truefalse": "H5P.TrueFalse 1.8",
             "numeric": "H5P.Blanks 1.14", "short": "H5P.Blanks 1.14", "order": "H5P.DragText 1.10", "match": "H5P.DragText 1.10"}
QUESTION_SET = "H5P.QuestionSet 1.20"
MOST_NUMBERS = 25
PLACES = "Drag the items to their places."
PAIRS = "Drag one to each."


def carry(question: Question) -> Outcome:
    library = LIBRARIES[question.type]
    changes = []
    if question.type == "numeric":
        count = len(accepted_numbers(question))
        if count > MOST_NUMBERS:
            return Outcome(library, left_out=f"H5P compares texts, and {count} numbers would be right.")
        values = "1 number" if count == 1 else f"{count} numbers"
        changes.append(f"The number became a blank that accepts {values} as text, with point or comma.")
    if question.type == "order":
        changes.append("Ordering became dragging the items to numbered places.")
    if question.type == "match":
        changes.append("Matching became dragging the answers to the left sides.")
    if question.mistakes:
        changes.append(f"Feedback on {len(question.mistakes)} likely mistake{'s' * (len(question.mistakes) > 1)} left out.")
    return Outcome(library, tuple(changes))


def accepted_numbers(question: Question) -> list[Decimal]:
    """Every number within the tolerance, to as many decimals as the answer or the tolerance has."""
    answer, tolerance = core.number(question.number), core.number(question.tolerance)
    step = Decimal(1).scaleb(min(int(answer.as_tuple().exponent), int(tolerance.as_tuple().exponent), 0))
    count = int(tolerance / step)
    return [answer + step * n for n in sorted(range(-count, count + 1), key=abs)]


def write(unit: Unit, folder: Path) -> list[str]:
    quizzes = core.carried(unit, carry)
    if not quizzes:
        return []
    questions = [_question(quiz, question) for quiz, kept in quizzes for question in kept]
    used = [QUESTION_SET, *sorted({question["library"] for question in questions})]
    about = {
        "title": unit.title, "language": "en", "mainLibrary": QUESTION_SET.split()[0], "embedTypes": ["iframe"], "license": "CC BY",
        "licenseVersion": "4.0", "defaultLanguage": quizzes[0][0].bank.lang,
        "authors": [{"name": "The Almost Allies authors", "role": "Author"}],
        "preloadedDependencies": [_dependency(library) for library in used],
    }
    content = {
        "introPage": {"showIntroPage": False, "startButtonText": "Start", "introduction": ""},
        "progressType": "textual", "passPercentage": 50, "disableBackwardsNavigation": False, "randomQuestions": False,
        "questions": questions,
        "endGame": {"showResultPage": True, "showSolutionButton": True, "showRetryButton": True, "message": "Your result:",
                    "overallFeedback": [{"from": 0, "to": 100, "feedback": "@score of @total"}]},
        "override": {"checkButton": True},
    }
    name = unit.file(".h5p")
    core.write_zip(folder / name, [("h5p.json", _json(about)), ("content/content.json", _json(content))])
    return [name]


def _json(data: dict) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _dependency(library: str) -> dict:
    name, version = library.split()
    major, minor = version.split(".")
    return {"machineName": name, "majorVersion": int(major), "minorVersion": int(minor)}


def _question(quiz: Quiz, question: Question) -> dict:
    return {
        "library": LIBRARIES[question.type],
        "params": BODIES[question.type](quiz, question),
        "subContentId": str(uuid5(NAMESPACE_URL, f"almost-allies/{quiz.bank.quiz}/{question.id}")),
        "metadata": {"contentType": LIBRARIES[question.type].split()[0].removeprefix("H5P."), "license": "CC BY", "licenseVersion": "4.0",
                     "title": core.title(quiz, question)},
    }


def _plain(*texts: str) -> str:
    """Text for a field that is shown as HTML and may hold no tags."""
    return text_html(" ".join(filter(None, texts)))


def _marked(text: str) -> str:
    """Text inside or beside the asterisks of a blank: the signs that mean something there become entities, which are read later."""
    return "".join(f"&#{ord(sign)};" if sign in "*:/\\" else sign for sign in text_html(text))


def _overall(quiz: Quiz, question: Question) -> list[dict]:
    """Feedback on the whole answer: for anything less than everything, and for everything."""
    explained = core.explanation_text(quiz, question)
    if not question.feedback:
        return [{"from": 0, "to": 100, "feedback": _plain(explained)}]
    return [{"from": 0, "to": 99, "feedback": _plain(question.feedback.incorrect, explained)},
            {"from": 100, "to": 100, "feedback": _plain(question.feedback.correct, explained)}]


def _choices(quiz: Quiz, question: Question) -> dict:
    def answer(choice: Choice) -> dict:
        feedback = {"tip": "", "chosenFeedback": f"<div>{text_html(choice.feedback)}</div>", "notChosenFeedback": ""}
        return {"text": f"<div>{text_html(choice.text)}</div>", "correct": choice.correct, "tipsAndFeedback": feedback}

    return {
        "question": core.prompt_html(question), "answers": [answer(choice) for choice in shown(quiz.bank.quiz, question)],
        "overallFeedback": _overall(quiz, question),
        "behaviour": {"enableRetry": True, "enableSolutionsButton": True, "enableCheckButton": True, "type": "auto", "singlePoint": False,
                      "randomAnswers": True, "showSolutionsRequiresInput": True, "confirmCheckDialog": False, "confirmRetryDialog": False,
                      "autoCheck": False, "passPercentage": 100, "showScorePoints": True},
    }


def _true_false(quiz: Quiz, question: Question) -> dict:
    explained = core.explanation_text(quiz, question)
    return {
        "question": core.prompt_html(question), "correct": str(question.answer).lower(),
        "behaviour": {"enableRetry": True, "enableSolutionsButton": True, "enableCheckButton": True, "confirmCheckDialog": False,
                      "confirmRetryDialog": False, "autoCheck": False, "feedbackOnCorrect": _plain(question.feedback.correct, explained),
                      "feedbackOnWrong": _plain(question.feedback.incorrect, explained)},
        "l10n": {"trueText": "True", "falseText": "False"},
    }


def _blank(quiz: Quiz, question: Question) -> dict:
    if question.type == "numeric":
        written = [f"{value:f}" for value in accepted_numbers(question)]
        short = [text.rstrip("0").rstrip(".") if "." in text else text for text in written]
        points = dict.fromkeys([*short, *written])
        answers = list(dict.fromkeys([*points, *(text.replace(".", ",") for text in points)]))
    else:
        answers = core.spellings(question)
    tip = f":{_marked(question.hint)}" if question.hint else ""
    return {
        "text": core.prompt_html(question), "questions": [f"<p>*{'/'.join(map(_marked, answers))}{tip}*</p>"],
        "overallFeedback": _overall(quiz, question),
        "behaviour": {"enableRetry": True, "enableSolutionsButton": True, "enableCheckButton": True, "autoCheck": False,
                      "caseSensitive": False, "showSolutionsRequiresInput": True, "separateLines": False, "confirmCheckDialog": False,
                      "confirmRetryDialog": False, "acceptSpellingErrors": False},
    }


def _drag(quiz: Quiz, question: Question) -> dict:
    if question.type == "order":
        lines = [f"{place}. *{_marked(item.text)}*" for place, item in enumerate(question.items, 1)]
    else:
        lines = [f"{_marked(pair.left)}: *{_marked(pair.right)}*" for pair in question.pairs]
    return {
        "taskDescription": core.prompt_html(question, PLACES if question.type == "order" else PAIRS), "textField": "\n".join(lines),
        "distractors": "\n".join(f"*{_marked(item.text)}*" for item in question.distractors),
        "overallFeedback": _overall(quiz, question),
        "behaviour": {"enableRetry": True, "enableSolutionsButton": True, "enableCheckButton": True, "instantFeedback": False},
    }


BODIES = {"single": _choices, "multi": _choices, "truefalse": _true_false, "numeric": _blank, "short": _blank, "order": _drag,
          "match": _drag}
