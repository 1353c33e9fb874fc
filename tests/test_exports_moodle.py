"""Moodle XML: read by a stranger where one reads it, and held to the rules of Moodle's own import and marking elsewhere."""
from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase

import pytest
from exporting import SIGNS, chapters, demo, golden, kept, nasty, plain, unit, with_questions
from lxml import etree
from moodle_xml_parser import parser as moodle_xml_parser

from almost_allies.exports import core, moodle_xml
from almost_allies.quiz.bank import Choice

# Moodle refuses other fractions: question_bank::fraction_options_full() of its source, in per cent.
ALLOWED = {100, 90, 83.33333, 80, 75, 70, 66.66667, 60, 50, 40, 33.33333, 30, 25, 20, 16.66667, 14.28571, 12.5, 11.11111, 10, 5, 0}
GRADING = {"ABSOLUTE_POSITION", "ALL_OR_NOTHING", "RELATIVE_TO_CORRECT", "RELATIVE_NEXT_EXCLUDE_LAST", "RELATIVE_NEXT_INCLUDE_LAST",
           "RELATIVE_ONE_PREVIOUS_AND_NEXT", "RELATIVE_ALL_PREVIOUS_AND_NEXT", "LONGEST_ORDERED_SUBSET", "LONGEST_CONTIGUOUS_SUBSET"}


def questions(unit, folder) -> dict[str, etree._Element]:
    (name,) = moodle_xml.write(unit, folder)
    root = etree.parse(folder / name).getroot()
    found = [node for node in root if node.get("type") != "category"]
    assert len({node.findtext("idnumber") for node in found}) == len(found)
    return {node.findtext("idnumber"): node for node in found}


def faults(node) -> list[str]:
    """What Moodle would refuse or misread in a question."""
    kind, said = node.get("type"), []
    answers = node.findall("answer")
    fractions = [float(answer.get("fraction")) for answer in answers]
    for path in ("name/text", "questiontext/text", "generalfeedback/text", "defaultgrade", "penalty", "idnumber"):
        if not node.findtext(path):
            said.append(f"no {path}")
    if len(node.findtext("idnumber")) > 100:
        said.append("idnumber of more than 100 characters")
    if kind != "ordering" and any(abs(value) not in ALLOWED for value in fractions):
        said.append(f"fractions {fractions}")
    if kind == "multichoice":
        best = sum(value for value in fractions if value > 0)
        if abs(best - 100) > 0.01 or (node.findtext("single") == "true") != (fractions.count(100) == 1 and min(fractions) == 0):
            said.append(f"fractions {fractions} for single {node.findtext('single')}")
    elif kind == "truefalse":
        if {answer.findtext("text") for answer in answers} != {"true", "false"} or sorted(fractions) != [0, 100]:
            said.append("true and false")
    elif kind == "numerical":
        for answer in answers:
            text = answer.findtext("text")
            if text != "*" and (float(text) is None or float(answer.findtext("tolerance")) < 0):
                said.append(f"number {text}")
    elif kind == "shortanswer":
        if node.findtext("usecase") != "0" or [answer.findtext("text") for answer in answers].index("*") != len(answers) - 1:
            said.append("usecase or the answer for everything else")
    elif kind == "ordering":
        given = {tag: node.findtext(tag) for tag in ("layouttype", "selecttype", "showgrading", "numberingstyle")}
        if node.findtext("gradingtype") not in GRADING or given != {
                "layouttype": "VERTICAL", "selecttype": "ALL", "showgrading": "SHOW", "numberingstyle": "none"}:
            said.append(f"settings {given}")
    elif kind == "matching":
        if len(node.findall("subquestion")) < 3 or sum(bool(sub.findtext("text")) for sub in node.findall("subquestion")) < 2:
            said.append("a matching needs two questions and three answers")
    else:
        said.append(f"unknown type {kind}")
    return said


def marked(node, question, response) -> float:
    """The share of the points that Moodle gives, by its rules for each type."""
    kind, answers = node.get("type"), node.findall("answer")
    worth = [float(answer.get("fraction")) / 100 for answer in answers]
    if kind == "multichoice":
        ticked = {choice.text for choice in question.choices if choice.id in ([response] if isinstance(response, str) else response)}
        return min(1, max(0, sum(value for answer, value in zip(answers, worth, strict=True) if plain(answer.findtext("text")) in ticked)))
    if kind == "truefalse":
        return next(value for answer, value in zip(answers, worth, strict=True) if answer.findtext("text") == str(response).lower())
    if kind == "numerical":
        value = float(str(response).strip().replace(",", "."))
        return next(share for answer, share in zip(answers, worth, strict=True) if answer.findtext("text") == "*"
                    or abs(value - float(answer.findtext("text"))) <= float(answer.findtext("tolerance")) + 1e-8)
    if kind == "shortanswer":   # the first pattern that fits, without case
        patterns = [answer.findtext("text").casefold().replace("[", "[[]").replace(r"\*", "[*]") for answer in answers]
        return next(share for pattern, share in zip(patterns, worth, strict=True) if fnmatchcase(response.casefold().strip(), pattern))
    if kind == "ordering":
        assert node.findtext("gradingtype") == "ABSOLUTE_POSITION"
        given = [next(item.text for item in question.items if item.id == id) for id in response]
        return sum(plain(answer.findtext("text")) == text for answer, text in zip(answers, given, strict=True)) / len(answers)
    options = {option.id: option.text for option in question.options}
    asked = {plain(sub.findtext("text")): plain(sub.findtext("answer/text")) for sub in node.findall("subquestion")
             if sub.findtext("text")}
    return sum(asked[pair.left] == options.get(response.get(pair.id)) for pair in question.pairs) / len(asked)


@pytest.mark.parametrize("unit", chapters(), ids=lambda unit: unit.name)
def test_every_question_is_there_by_moodles_rules(unit, tmp_path):
    expected = {name: q for quiz in unit.quizzes for name, q in kept(quiz, moodle_xml.carry).items()}
    found = questions(unit, tmp_path)
    assert list(found) == list(expected)
    assert {name: faults(node) for name, node in found.items() if faults(node)} == {}
    for name, question in expected.items():
        node = found[name]
        assert float(node.findtext("defaultgrade")) == question.points
        assert plain(node.findtext("questiontext/text")).startswith(question.prompt)
        assert question.explanation in plain(node.findtext("generalfeedback/text"))
        assert [plain(hint.findtext("text")) for hint in node.findall("hint")] == ([question.hint] if question.hint else [])


def test_golden_answers_score_the_same(tmp_path):
    found, different = questions(unit(demo()), tmp_path), []
    for question, response, share in golden("single", "multi", "truefalse", "order", "match", "short", "numeric"):
        try:
            score = marked(found[f"demo-{question.id}"], question, response)
        except ValueError:   # not a number to Moodle
            score = 0
        if score != pytest.approx(share, abs=1e-4):
            different.append(response)
    # Moodle compares accents, spaces and signs around a word, and wants a number alone.
    assert set(different) == {"11.7 %", "11,7%", "11.7 per cent", "11.7 percent", "11.7 pct", "~11.7", "11.7.", "1.17e1",
                              "Kaliningrad  oblast", "Kaliningrad-Oblast", "калининград.", "Kalíningrad", "“Kaliningrad”",
                              "Kaliningrad\u200b"}


def test_a_stranger_reads_the_choices_of_the_course(tmp_path):
    course = chapters()[-1]
    (name,) = moodle_xml.write(course, tmp_path)
    read = moodle_xml_parser.parse_file(str(tmp_path / name))["multichoice"]
    expected = [q for _, q in course.questions() if q.choices]
    assert len(read) == len(expected) > 80
    for found, question in zip(read, expected, strict=True):
        assert plain(found.text_pre_parse).startswith(question.prompt)
        right = {plain(option.answer) for option in found.options if option.score_fraction > 0}
        assert right == {choice.text for choice in question.choices if choice.correct}
        assert {plain(option.answer) for option in found.options} == {choice.text for choice in question.choices}


def test_every_sign_comes_through(tmp_path):
    found = questions(unit(nasty()), tmp_path)
    for name, question in kept(nasty(), moodle_xml.carry).items():
        texts = [plain(node.text) for node in found[name].iter("text") if node.text]
        raw = [node.text for node in found[name].iter("text") if node.text]
        for part in (*question.choices, *question.items, *question.options):
            assert part.text in texts
        for pair in question.pairs:
            assert pair.left in texts and pair.right in texts
        for feedback in (choice.feedback for choice in question.choices):
            assert feedback in texts
        for accepted in question.accept:
            assert accepted.replace("*", r"\*") in raw   # typed text is compared as it is; only a star has a meaning
        assert any(text.startswith(question.prompt) for text in texts) and any(text.startswith(question.explanation) for text in texts)
    assert SIGNS in next(iter(found.values())).findtext("name/text")   # a name is no HTML


def test_a_share_that_moodle_has_no_grade_for_is_left_out_and_said(tmp_path):
    choices = tuple(Choice(f"c{n}", f"Choice {n}", "Feedback", n < 11) for n in range(12))
    question = replace(demo().bank.questions[1], choices=choices)
    quiz = with_questions(question, demo().bank.questions[0])
    assert "eleventh" in moodle_xml.carry(question).left_out
    assert list(questions(unit(quiz), tmp_path)) == ["demo-new-neighbour"]
    assert moodle_xml.write(unit(with_questions(question)), tmp_path) == []


def test_a_category_keeps_a_slash_in_its_name():
    quiz = replace(demo(), bank=replace(demo().bank, title="Check yourself: Before/after"))
    assert core.Quiz.topic.fget(quiz) == "Before/after"
    assert moodle_xml.category_path(quiz) == "$course$/top/Almost Allies/Before//after"
