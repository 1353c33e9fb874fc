"""H5P: packages that a stranger's validator accepts, and texts that H5P's own marks leave alone."""
from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from html import unescape
from pathlib import Path

import pytest
from exporting import chapters, demo, golden, kept, nasty, plain, run_node, unit, unzip, with_questions

from almost_allies.exports import h5p
from almost_allies.quiz.scoring import score

SCRIPT = """
const { H5PConfig } = require("@lumieducation/h5p-server");
const PackageValidator = require("@lumieducation/h5p-server/build/src/PackageValidator").default;
const check = async folder => {
  try { await new PackageValidator(new H5PConfig()).validateExtractedPackage(folder, true, false); return "valid"; }
  catch (error) { return error.message; }
};
Promise.all(data.map(check)).then(done);
"""


def read(unit, folder: Path) -> tuple[dict, dict]:
    (name,) = h5p.write(unit, folder)
    package = unzip(folder / name, folder / "package")
    return tuple(json.loads((package / path).read_text("utf-8")) for path in ("h5p.json", "content/content.json"))


def solution(marked: str) -> tuple[list[str], str]:
    """Accepted texts and hint of what stands between two asterisks, read as H5P does: parted first, entities afterwards."""
    answers, _, tip = marked.partition(":")
    return [unescape(answer).strip() for answer in answers.split("/")], unescape(tip)


def gaps(text: str) -> list[tuple[str, str]]:
    """Lines of a drag text as (text outside, text inside the asterisks)."""
    rows = [line.split("*") for line in text.split("\n") if line]
    assert all(len(row) == 3 and row[2] == "" for row in rows)
    return [(unescape(row[0]), unescape(row[1])) for row in rows]


def test_a_stranger_accepts_every_package(tmp_path):
    folders = []
    for one in chapters():
        (name,) = h5p.write(one, tmp_path)
        folders.append(str(unzip(tmp_path / name, tmp_path / one.name)))
    assert run_node(SCRIPT, folders) == ["valid"] * 20
    broken = Path(folders[0], "h5p.json")
    broken.write_text(json.dumps(json.loads(broken.read_text("utf-8")) | {"mainLibrary": 3}), "utf-8")
    assert run_node(SCRIPT, folders[:1]) != ["valid"]


@pytest.mark.parametrize("unit", chapters(), ids=lambda unit: unit.name)
def test_every_question_is_there_with_its_right_answer(unit, tmp_path):
    expected = [q for quiz in unit.quizzes for q in kept(quiz, h5p.carry).values()]
    about, content = read(unit, tmp_path)
    assert len(content["questions"]) == len(expected)
    needed = {f"{row['machineName']} {row['majorVersion']}.{row['minorVersion']}" for row in about["preloadedDependencies"]}
    assert needed == {h5p.QUESTION_SET, *(node["library"] for node in content["questions"])}
    assert len({node["subContentId"] for node in content["questions"]}) == len(expected)
    for node, question in zip(content["questions"], expected, strict=True):
        params = node["params"]
        prompt = params.get("question") or params.get("text") or params["taskDescription"]
        assert plain(prompt).startswith(question.prompt)
        assert question.explanation in unescape(json.dumps(params, ensure_ascii=False).replace('\\"', '"'))
        if question.choices:
            assert {(plain(a["text"]), a["correct"], plain(a["tipsAndFeedback"]["chosenFeedback"])) for a in params["answers"]} == {
                (c.text, c.correct, c.feedback) for c in question.choices}
        elif question.type == "truefalse":
            assert params["correct"] == str(question.answer).lower()
        elif question.type in ("numeric", "short"):
            accepted, tip = solution(params["questions"][0].removeprefix("<p>*").removesuffix("*</p>"))
            assert tip == question.hint
            assert all(score(question, text) == 1 for text in accepted)   # the book takes all that H5P takes
            assert question.type == "numeric" or set(question.accept) <= set(accepted)
        elif question.type == "order":
            assert gaps(params["textField"]) == [(f"{place}. ", item.text) for place, item in enumerate(question.items, 1)]
        else:
            assert gaps(params["textField"]) == [(f"{pair.left}: ", pair.right) for pair in question.pairs]
            assert [text for _, text in gaps(params["distractors"])] == [item.text for item in question.distractors]


def test_golden_typed_answers_score_the_same(tmp_path):
    _, content = read(unit(demo()), tmp_path)
    blanks = {q.id: solution(node["params"]["questions"][0].removeprefix("<p>*").removesuffix("*</p>"))[0]
              for node, q in zip(content["questions"], kept(demo(), h5p.carry).values(), strict=True) if "questions" in node["params"]}
    different = {response for question, response, share in golden("numeric", "short")
                 if (str(response).strip().casefold() in [text.casefold() for text in blanks[question.id]]) != bool(share)}
    assert different == {"11.7 %", "11,7%", "11.7 per cent", "11.7 percent", "11.7 pct", "~11.7", "+11.7", "11.7.", "11.70", "１１.７",
                         "Kaliningrad  oblast", "Kaliningrad-Oblast", "калининград.", "Kalíningrad", "“Kaliningrad”", "Kaliningrad\u200b"}


def test_every_sign_comes_through(tmp_path):
    _, content = read(unit(nasty()), tmp_path)
    for node, question in zip(content["questions"], kept(nasty(), h5p.carry).values(), strict=True):
        params = node["params"]
        if question.choices:
            assert {plain(answer["text"]) for answer in params["answers"]} == {choice.text for choice in question.choices}
        if question.type == "short":
            accepted, tip = solution(params["questions"][0].removeprefix("<p>*").removesuffix("*</p>"))
            assert set(question.accept) <= set(accepted) and tip == question.hint
        if question.type == "order":
            assert [text for _, text in gaps(params["textField"])] == [item.text for item in question.items]
        if question.type == "match":
            assert gaps(params["textField"]) == [(f"{pair.left}: ", pair.right) for pair in question.pairs]
        for row in params.get("overallFeedback", []):
            assert "<" not in row["feedback"] and question.explanation in unescape(row["feedback"])


def test_numbers_become_texts_or_are_left_out():
    share = next(q for q in demo().bank.questions if q.id == "share")
    assert sorted(h5p.accepted_numbers(share)) == [Decimal("11.6"), Decimal("11.7"), Decimal("11.8")]
    assert sorted(h5p.accepted_numbers(replace(share, answer=40.0, tolerance=0.6)))[0] == Decimal("39.4")
    assert h5p.accepted_numbers(replace(share, answer=57, tolerance=0)) == [57]
    wide = replace(share, answer=103067, tolerance=100)
    assert "201 numbers" in h5p.carry(wide).left_out and h5p.write(unit(with_questions(wide)), Path("nowhere")) == []
