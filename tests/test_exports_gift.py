"""GIFT, read by gift-pegjs."""
from __future__ import annotations

import re
from dataclasses import replace

import pytest
from exporting import chapters, demo, golden, kept, nasty, plain, run_node, unit, with_questions

from almost_allies.exports import gift

SCRIPT = 'done(require("gift-pegjs").parse(data))'
KINDS = {"single": "MC", "multi": "MC", "truefalse": "TF", "numeric": "Numerical", "short": "Short", "order": "Matching",
         "match": "Matching"}


def read(unit, folder) -> dict[str, dict]:
    """The questions of a unit by their ids, as the parser finds them."""
    (name,) = gift.write(unit, folder)
    found = [question for question in run_node(SCRIPT, (folder / name).read_text("utf-8")) if question["type"] != "Category"]
    assert len({question["id"] for question in found}) == len(found)
    return {question["id"]: question for question in found}


def right_side(pair) -> str:
    """The parser leaves its own codes for escaped signs in the right side of a matching."""
    return plain(re.sub("&&([0-9]{3});", lambda code: chr(int(code[1])), pair["subanswer"]))


def marked(found, question, response) -> float:
    """The share of the points that Moodle gives for a question imported from GIFT."""
    if question.type in ("single", "multi"):
        ticked = {choice.text for choice in question.choices if choice.id in ([response] if isinstance(response, str) else response)}
        worth = {plain(choice["text"]["text"]): choice["weight"] if choice["weight"] is not None else 100 * choice["isCorrect"]
                 for choice in found["choices"]}
        return max(0, sum(worth[text] for text in ticked)) / 100
    if question.type == "truefalse":
        return float(found["isTrue"] is (str(response).lower() == "true"))
    if question.type == "numeric":
        for choice in found["choices"]:
            number = choice["text"]
            if "number" in number and abs(float(str(response).replace(",", ".")) - number["number"]) <= number["range"] + 1e-8:
                return choice["weight"] / 100
        return 0
    if question.type == "short":
        worth = {choice["text"]["text"].casefold(): choice["weight"] / 100 for choice in found["choices"]}
        return worth.get(response.strip().casefold(), worth["*"])
    pairs = {plain(pair["subquestion"]["text"]): right_side(pair) for pair in found["matchPairs"] if pair["subquestion"]["text"]}
    if question.type == "order":
        items = {item.id: item.text for item in question.items}
        return sum(pairs[items[id]] == str(place) for place, id in enumerate(response, 1)) / len(pairs)
    options = {option.id: option.text for option in question.options}
    return sum(pairs[pair.left] == options.get(response.get(pair.id)) for pair in question.pairs) / len(pairs)


@pytest.mark.parametrize("unit", chapters(), ids=lambda unit: unit.name)
def test_every_question_is_read_with_its_right_answer(unit, tmp_path):
    expected = {name: q for quiz in unit.quizzes for name, q in kept(quiz, gift.carry).items()}
    found = read(unit, tmp_path)
    assert list(found) == list(expected)
    for name, question in expected.items():
        text = found[name]
        assert text["type"] == KINDS[question.type]
        assert plain(text["stem"]["text"]).startswith(question.prompt)
        assert question.explanation in plain(text["globalFeedback"]["text"])
        right = {
            "single": lambda q: q.choices and next(c.id for c in q.choices if c.correct), "truefalse": lambda q: str(q.answer),
            "multi": lambda q: [c.id for c in q.choices if c.correct], "numeric": lambda q: q.answer, "short": lambda q: q.accept[-1],
            "order": lambda q: [item.id for item in q.items], "match": lambda q: {pair.id: pair.option for pair in q.pairs},
        }[question.type](question)
        assert marked(text, question, right) == pytest.approx(1, abs=1e-4)


def test_golden_answers_score_the_same(tmp_path):
    found, different = read(unit(demo()), tmp_path), []
    for question, response, share in golden(*KINDS):
        try:
            score = marked(found[f"demo-{question.id}"], question, response)
        except ValueError:
            score = 0
        if score != pytest.approx(share, abs=1e-4):
            different.append(response)
    assert set(different) == {"11.7 %", "11,7%", "11.7 per cent", "11.7 percent", "11.7 pct", "~11.7", "11.7.", "1.17e1",
                              "Kaliningrad  oblast", "Kaliningrad-Oblast", "калининград.", "Kalíningrad", "“Kaliningrad”",
                              "Kaliningrad\u200b"}


def test_feedback_stands_with_its_answer(tmp_path):
    found = read(unit(demo()), tmp_path)
    assert found["demo-sea-borders"]["trueFeedback"]["text"] == "The table counts land only."      # said to a wrong answer
    assert found["demo-sea-borders"]["falseFeedback"]["text"] == "The sea is counted apart."
    said = {choice["text"].get("number", choice["text"].get("text")): choice["feedback"]["text"]
            for choice in found["demo-share"]["choices"]}
    assert said == {11.7: "Part divided by whole.", 5.9: "This is the share before Finland joined.",
                    0.117: "This is the share as a fraction, but the question asks for per cent.",
                    "*": "Divide the members’ borders by the whole border."}


def test_every_sign_comes_through(tmp_path):
    found = read(unit(nasty()), tmp_path)
    for name, question in kept(nasty(), gift.carry).items():
        text = found[name]
        assert plain(text["stem"]["text"]).startswith(question.prompt)
        assert question.explanation in plain(text["globalFeedback"]["text"])
        if question.choices:
            assert {plain(c["text"]["text"]) for c in text["choices"]} == {choice.text for choice in question.choices}
            assert {plain(c["feedback"]["text"]) for c in text["choices"]} == {choice.feedback for choice in question.choices}
        if question.type == "short":
            typed = {c["text"]["text"] for c in text["choices"]}
            assert {accepted.replace("*", r"\*") for accepted in question.accept} <= typed
        if question.type == "order":
            assert [right_side(pair) for pair in sorted(text["matchPairs"], key=right_side)] == ["1", "2", "3", "4"]
            assert {plain(pair["subquestion"]["text"]) for pair in text["matchPairs"]} == {item.text for item in question.items}
        if question.type == "match":
            assert {right_side(pair) for pair in text["matchPairs"]} == {option.text for option in question.options}
            assert {plain(pair["subquestion"]["text"]) for pair in text["matchPairs"]} == {"", *(pair.left for pair in question.pairs)}


def test_a_typed_answer_with_an_arrow_is_left_out_and_said(tmp_path):
    """GIFT would take the question for a matching, and has no other way to write the arrow."""
    region = next(question for question in demo().bank.questions if question.type == "short")
    quiz = with_questions(replace(region, accept=("East -> West",)), demo().bank.questions[0])
    assert "arrow" in gift.carry(quiz.bank.questions[0]).left_out
    assert list(read(unit(quiz), tmp_path)) == ["demo-new-neighbour"]


def test_what_gift_lacks_is_said():
    outcomes = {question.type: gift.carry(question) for question in demo().bank.questions}
    assert outcomes["order"].kind == "changed" and "matching" in outcomes["order"].changes[0]
    assert any("points" in limit and "hints" in limit for limit in gift.LIMITS)
