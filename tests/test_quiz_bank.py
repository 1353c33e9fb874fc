"""Question banks: the course's own are sound, and a bad one fails with file, question and reason in one line."""
from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from almost_allies.quiz.bank import PROJECT, SCHEMA, BankError, bank_names, check_bank, load_bank

DEMO = Path(__file__).parent / "quizzes"
BANK = "data/quizzes/demo.yml"


@pytest.fixture
def project(tmp_path) -> Path:
    """A copy of the demo project: a bank, its chapter and a bibliography."""
    return Path(shutil.copytree(DEMO, tmp_path / "project"))


def errors_after(project: Path, old: str, new: str) -> list[str]:
    """What is wrong with the demo bank once ``old`` reads ``new``."""
    path = project / BANK
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return check_bank(path, root=project)[1]


def test_the_courses_banks_are_sound():
    names = bank_names()
    assert names
    assert [error for name in names for error in check_bank(PROJECT / f"data/quizzes/{name}.yml")[1]] == []


def test_the_courses_banks_use_every_type_and_several_each():
    banks = [load_bank(name) for name in bank_names()]
    for bank in banks:
        assert len(bank.questions) >= 8, bank.quiz
        assert len({question.type for question in bank.questions}) >= 4, bank.quiz
    used = {question.type for bank in banks for question in bank.questions}
    assert used == {"single", "multi", "truefalse", "numeric", "short", "order", "match"}


def test_schema_is_a_valid_schema():
    jsonschema.Draft202012Validator.check_schema(json.loads(SCHEMA.read_text("utf-8")))


def test_the_demo_bank_loads():
    bank = load_bank("demo", root=DEMO)
    assert [question.type for question in bank.questions] == [
        "single", "multi", "truefalse", "numeric", "short", "order", "match"]
    assert bank.max_score == 9.5
    assert bank.questions[0].explanation.endswith("than those of all earlier members taken together.")
    assert bank.questions[2].points == 1
    match = bank.questions[6]
    assert [pair.option for pair in match.pairs] == ["poland", "estonia", "poland"]
    assert [option.text for option in match.options] == ["1999", "2004", "1991"]


SHARE = 'question 4 "share"'


@pytest.mark.parametrize("old, new, error", [
    # What makes a question impossible to ask
    (", correct: true, feedback: One accession", ", feedback: One accession",
     'question 1 "new-neighbour": no choice is marked correct'),
    ("text: Poland in 1999, feedback", "text: Poland in 1999, correct: true, feedback",
     'question 1 "new-neighbour": 2 choices are marked correct, a single question has one'),
    ("- {id: romania, text: Romania, feedback: It borders Ukraine and Moldova.}\n"
     "      - {id: slovakia, text: Slovakia, feedback: It borders Ukraine.}",
     "", 'question 2 "neighbours": every choice is marked correct'),
    (", feedback: Norway's border is about 190 km long.", "",
     'question 1 "new-neighbour": choice "norway": "feedback" is missing'),
    ("feedback: It borders Ukraine.", "feedback: ' '", 'question 2 "neighbours": choice "slovakia": "feedback" is empty'),
    ("id: neighbours", "id: new-neighbour", 'question 2 "new-neighbour": the id is used by an earlier question'),
    ("id: poland, text: Poland in 1999", "id: baltic, text: Poland in 1999",
     'question 1 "new-neighbour": choice id "baltic" is used twice'),
    ("text: Poland in 1999", "text: Norway in 1949", 'question 1 "new-neighbour": choice text "Norway in 1949" is used twice'),
    ("id: never, text", "id: estonia, text", 'question 7 "years": pair id "estonia" is used twice'),
    ('id: never, text: "1991"', 'id: never, text: "1999"', 'question 7 "years": distractor "1999" is offered twice'),
    ("left: Hungary <HU>", "left: Poland", 'question 7 "years": pair text "Poland" is used twice'),
    ("text: Founding Act", "text: Partnership for Peace",
     'question 6 "first-to-last": item text "Partnership for Peace" is used twice'),
    ("answer: 5.9", "answer: 11.8", f"{SHARE}: mistake 11.8 is within the tolerance of the answer"),
    ("Kaliningrad Oblast,", "KALININGRAD,",
     'question 5 "region": accepted answer "kaliningrad" is given twice (case, accents and spaces do not count)'),
    ("answer: Königsberg", "answer: kaliningrad", 'question 5 "region": mistake "kaliningrad" is also an accepted answer'),
    # What points outside the bank
    ("anchor: demo-names", "anchor: demo-name",
     'question 5 "region": no label "demo-name" in chapters/demo; did you mean "demo-names"?'),
    ("sources: [paper]", "sources: [papers]", f'{SHARE}: no source "papers" in references.bib; did you mean "paper"?'),
    ("chapter: chapters/demo", "chapter: chapters/gone", "there is no chapter chapters/gone.ipynb"),
    ("quiz: demo", "quiz: other", 'quiz "other" must have the name of its file, "demo"'),
    # Form
    ("tolerance: 0.1", "tolerance: -0.1", f'{SHARE}: "tolerance" must be 0 or more, found -0.1'),
    ("points: 1.5", "points: 0", f'{SHARE}: "points" must be more than 0, found 0'),
    ("points: 1.5", "points: -2", f'{SHARE}: "points" must be more than 0, found -2'),
    ("answer: 11.7", "answer: .inf", f'{SHARE}: "answer" must be a number, found ".inf"'),
    ("answer: 11.7", "answer: 1e999", f'{SHARE}: "answer" must be a number, found "1e999"'),
    ("type: numeric", "type: number",
     f'{SHARE}: "type" must be one of single, multi, truefalse, numeric, short, order, match, found "number"'),
    ("unit: per cent", "units: per cent", f'{SHARE}: unknown key "units"; did you mean "unit"?'),
    ("unit: per cent", "accept: [a]", f'{SHARE}: "accept" does not belong to a question of type "numeric"'),
    ("feedback: This is the share before Finland joined.", "feedback: The share, before Finland",
     f'{SHARE}: mistake 1: unknown key "before Finland"; text with a comma needs quotes'),
    ("id: share", "id: Share 2023", 'question 4 "Share 2023": "id" must be like ^[a-z0-9]+(-[a-z0-9]+)*$, found "Share 2023"'),
    ("id: share", "id: 2023", 'question 4: "id" must be text, found 2023 (put it in quotes)'),
    ("accept: [Kaliningrad,", "accept: [1946,",
     'question 5 "region": accepted answer 1 must be text, found 1946 (put it in quotes)'),
    ("answer: false", "answer: no", 'question 3 "sea-borders": "answer" must be true or false, found "no"'),
    ("    anchor: demo-names\n", "", 'question 5 "region": "anchor" is missing'),
    ("lang: en\n", "", '"lang" is missing'),
    # Text that is not what it seems
    ("objective: Name the exclave", 'objective: "Name \\u202e the exclave"',
     'question 5 "region": bidirectional control character U+202E in its text'),
    ("feedback: It borders Ukraine.", 'feedback: "It \\u2066 borders"',
     'question 2 "neighbours": bidirectional control character U+2066 in its text'),
    ("borders & <names>", "borders \\u200f", "bidirectional control character U+200F in its title"),
    ("objective: Name the exclave", 'objective: "Name \\x07"', 'question 5 "region": control character U+0007 in its text'),
    # YAML
    ("lang: en", "lang: *en", "line 4: YAML anchors and aliases are not allowed"),
    ("lang: en", "lang: &en en", "line 4: YAML anchors and aliases are not allowed"),
    ("lang: en", "lang: !!python/object/apply:os.system [id]", "line 4: YAML tags are not allowed"),
    ("lang: en", "lang: !!str en", "line 4: YAML tags are not allowed"),
    ("lang: en", "lang: " + "[" * 2000, "line 4: nested deeper than 8 levels"),
    ("lang: en", "lang: en\nlang: de", 'line 5: key "lang" is written twice'),
    ("lang: en", "lang: en\n1: de", "line 5: a key must be text"),
    ("lang: en", "lang: [en", "line 5: did not find expected ',' or ']'"),
    ("lang: en", "lang: e\0n", "line 4: character U+0000 is not allowed"),
])
def test_a_bad_bank_fails_in_one_line(project, old, new, error):
    found = errors_after(project, old, new)
    if "did not find expected" in error:   # the words of the YAML library differ between its versions
        assert len(found) == 1 and found[0].startswith("data/quizzes/demo.yml: line 5: ") and "\n" not in found[0]
    else:
        assert found == [f"{BANK}: {error}"]


def test_an_error_in_one_question_hides_none_in_another(project):
    errors_after(project, "tolerance: 0.1", "tolerance: -0.1")
    errors_after(project, "anchor: demo-names", "anchor: nowhere")
    assert [error.split(": ", 2)[1] for error in errors_after(project, ", correct: true, feedback: One", ", feedback: One")] == [
        'question 4 "share"', 'question 1 "new-neighbour"', 'question 5 "region"']
    with pytest.raises(BankError) as caught:
        load_bank("demo", root=project)
    assert len(caught.value.errors) == 3 == len(str(caught.value).splitlines())


@pytest.mark.parametrize("content, error", [
    (b"", "a bank must be a block of keys, found null"),
    (b"- a\n- b\n", 'a bank must be a block of keys, found ["a", "b"]'),
    (b"quiz: \xff", "not UTF-8 text (byte 6)"),
    (b"a: b\n---\nc: d\n", "line 2: but found another document"),
    (b"#" * 300_000, "300,000 bytes, more than the 256,000 a bank may have"),
])
def test_a_file_that_is_no_bank(project, content, error):
    (project / BANK).write_bytes(content)
    assert check_bank(project / BANK, root=project)[1] == [f"{BANK}: {error}"]


def test_an_alias_bomb_is_refused_at_once(project):
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 40))
    (project / BANK).write_text(bomb)
    assert check_bank(project / BANK, root=project)[1] == [f"{BANK}: line 1: YAML anchors and aliases are not allowed"]


def test_a_missing_file_or_bibliography(project):
    (project / "references.bib").unlink()
    assert check_bank(project / BANK, root=project)[1] == [f"{BANK}: references.bib is missing"]
    (project / BANK).unlink()
    assert check_bank(project / BANK, root=project)[1] == [f"{BANK}: cannot be read (No such file or directory)"]


def test_labels_are_read_from_a_notebook(project):
    cells = [{"cell_type": "markdown", "source": ["(demo-borders)=\n", "## Borders"]},
             {"cell_type": "code", "source": ["(demo-names)=\n"]}]
    (project / "chapters/demo.ipynb").write_text(json.dumps({"cells": cells}))
    assert check_bank(project / BANK, root=project)[1] == [
        f'{BANK}: question {n} "{name}": no label "{label}" in chapters/demo; did you mean "demo-borders"?'
        for n, name, label in [(5, "region", "demo-names"), (6, "first-to-last", "demo-order"), (7, "years", "demo-order")]]
    (project / "chapters/demo.ipynb").write_text("no notebook")
    assert check_bank(project / BANK, root=project)[1] == [f"{BANK}: chapters/demo.ipynb is not a notebook"]


def test_an_unknown_name_is_met_with_a_near_one():
    with pytest.raises(BankError, match=r'^data/quizzes: no quiz "demmo"; did you mean "demo"\?$'):
        load_bank("demmo", root=DEMO)
    with pytest.raises(BankError, match=r'^data/quizzes: no quiz "xyz"; there are demo$'):
        load_bank("xyz", root=DEMO)


def test_command_line(project):
    def run(path):
        return subprocess.run([sys.executable, "-m", "almost_allies.quiz.bank", str(path)], capture_output=True, text=True)

    (project / BANK).write_text("quiz: demo\n")
    done = run(project / BANK)
    assert done.returncode == 1 and done.stderr == ""
    assert '"questions" is missing' in done.stdout
    good = run(PROJECT / "data/quizzes" / f"{bank_names()[0]}.yml")
    assert (good.returncode, good.stderr) == (0, ""), good.stdout
    assert "OK" in good.stdout
