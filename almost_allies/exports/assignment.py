"""An assignment for nbgrader: the chapter's notebook as a source version, with solutions that the release version has not.

Where an exercise of the chapter leads to numbers, ``data/assignments.yml`` says under which names pupils store them, and nbgrader compares.
What an exercise means, and the writing task, are marked by hand.
"""
from __future__ import annotations

import re
from copy import deepcopy
from functools import cache
from pathlib import Path

import yaml

from almost_allies.exports import kit
from almost_allies.exports.chapter import Chapter, chapter_of, is_solution, plain, source
from almost_allies.exports.core import LICENCE, Outcome, Unit, write_zip
from almost_allies.quiz.bank import PROJECT, Question

TITLE = "Assignment for nbgrader"
USE = "class"
CHAPTERS_ONLY = True
LIMITS = (
    "Exercises that lead to numbers are marked by the program, their meaning and the writing task by hand.",
    "The quiz of the chapter is in the notebook for practice and is not graded: its answers are in the files that the notebook reads.",
)
SPECIFICATION = PROJECT / "data/assignments.yml"
TEST_POINTS, CODE_POINTS, WORDS_POINTS, WRITING_POINTS = 2, 2, 2, 6
README = """# {title}: assignment for nbgrader

From the course *Almost Allies? Why Russia never joined NATO*.

1. Unpack this archive in the folder of your course, the one with `nbgrader_config.py`. It adds `source/{name}`.
2. `python -m pip install -r source/{name}/requirements.txt`, where pupils work and where you grade.
3. `nbgrader generate_assignment {name}` makes the release version without solutions and without the hidden tests.
4. After collecting, `nbgrader autograde {name}` marks the numbers. Mark the written answers in the formgrader.

{points} points: {auto} by the program, {manual} by hand. {kinds}

The solutions are also in the published book, folded. What is graded here is for practice or for a class that you trust.

{licence}. Code under the BSD 3-Clause licence.
"""


def carry(question: Question) -> Outcome:
    return Outcome("not graded", ("Asked at the end of the notebook, for practice.",))


@cache
def specification() -> dict[str, dict]:
    """``data/assignments.yml`` by the label of the exercise. Raises ValueError, in one line, for an entry that lacks a part."""
    entries = yaml.safe_load(SPECIFICATION.read_text("utf-8"))
    for label, entry in entries.items():
        for key in ("ask", "solve", "answers"):
            if not entry.get(key):
                raise ValueError(f"data/assignments.yml: {label}: {key!r} is missing")
        for name in entry["answers"]:
            if f"`{name}`" not in entry["ask"]:
                raise ValueError(f"data/assignments.yml: {label}: the answer {name!r} is not named in 'ask'")
    return entries


# ------------------------------------------------------------------ cells

def _cell(kind: str, name: str, text: str, **grading: object) -> dict:
    """A cell with nbgrader's metadata: ``grade``, ``solution``, ``locked`` and, if it is graded, ``points``."""
    data = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3, "grade_id": name} | grading
    cell = {"cell_type": kind, "id": name[-64:].lstrip("-"), "metadata": {"nbgrader": data}, "source": text.splitlines(keepends=True)}
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})


def _solved(text: str) -> str:
    return f"### BEGIN SOLUTION\n{text.rstrip()}\n### END SOLUTION"


def _test(entry: dict) -> str:
    """Visible: each name holds what was asked for. Hidden: the numbers."""
    tolerance = entry.get("tolerance", 0)
    seen, hidden = [], []
    for name, value in entry["answers"].items():
        if isinstance(value, list):
            seen.append(f"assert len([float(x) for x in {name}]) > 0, \"{name} must be a list of numbers\"")
            hidden += [f"assert len({name}) == {len(value)}, \"{name}: not the right number of entries\"",
                       f"assert all(abs(a - b) <= {tolerance + 1e-9} for a, b in zip({name}, {value})), \"{name} is not right\""]
        else:
            seen.append(f"assert float({name}) == float({name}), \"{name} must be a number\"")
            hidden.append(f"assert abs({name} - {value}) <= {tolerance + 1e-9}, \"{name} is not right\"")
    return "\n".join(["# Are the names there, with numbers in them? Whether they are right is looked at later.", *seen,
                      "### BEGIN HIDDEN TESTS", *hidden, "### END HIDDEN TESTS"])


LABEL = re.compile(r"^\(([^()\s]+)\)=\s*$", re.MULTILINE)


def _sections(cell: dict) -> list[tuple[str, dict]]:
    """A Markdown cell with its last label; in two if another section follows the writing task, so that the answer stands under the task."""
    text = source(cell)
    labels = list(LABEL.finditer(text))
    for task, after in zip(labels, labels[1:], strict=False):
        if task[1].endswith("-writing"):
            first, second = text[:after.start()].rstrip(), text[after.start():]
            return [(task[1], cell | {"source": first}), (labels[-1][1], cell | {"source": second, "id": f"{cell['id']}-rest"})]
    return [(labels[-1][1] if labels else "", cell)]


def _model_answer(solution: str) -> str:
    """The comment that closes a solution, as a sentence; what a pupil might write."""
    comments = re.findall(r"^# ?(.*)$", solution, re.MULTILINE)
    return " ".join(comments) or "See the chapter."


def _exercise(label: str, solution: str) -> list[dict]:
    """The cells of an exercise: what to hand in, code, test (if there are numbers) and words."""
    entry = specification().get(label)
    asked = (
        f"{entry['ask']} Then answer the questions in words."
        if entry
        else "Compute in the first cell, and answer the questions in words in the second."
    )
    task = _cell("markdown", f"{label}-task", f"**To hand in.** {asked}", locked=True)
    words = _cell("markdown", f"{label}-words", _solved(_model_answer(solution)), grade=True, solution=True, points=WORDS_POINTS)
    if not entry:
        return [task, _cell("code", label, _solved(solution), grade=True, solution=True, points=CODE_POINTS), words]
    return [task, _cell("code", label, _solved(f"{solution.rstrip()}\n\n{entry['solve'].rstrip()}"), solution=True),
            _cell("code", f"{label}-test", _test(entry), grade=True, locked=True, points=TEST_POINTS), words]


def assignment(chapter: Chapter) -> dict:
    """The source notebook, without outputs. Raises ValueError, in one line, for an exercise or task that cannot be found."""
    notebook = deepcopy(chapter.notebook)
    cells, label = [], ""
    for cell in notebook["cells"]:
        if is_solution(cell):
            if not label:
                raise ValueError(f"{chapter.path}.ipynb: a solution stands under no exercise, expected a (label)= before it")
            cells += _exercise(label, source(cell))
        elif cell["cell_type"] == "code":
            cells.append(cell | {"outputs": [], "execution_count": None, "metadata": {}})
            label = ""
        else:
            for label, section in _sections(cell):
                cells.append(section)
                if label.endswith("-writing"):
                    cells.append(
                        _cell(
                            "markdown",
                            f"{label}-answer",
                            _solved("Marked by the table above: nothing, one or two points a row."),
                            grade=True,
                            solution=True,
                            points=WRITING_POINTS,
                        )
                    )
    notebook["cells"] = cells
    return notebook


def points(notebook: dict) -> tuple[int, int]:
    """Points that nbgrader gives by itself, and by hand."""
    graded = [data for cell in notebook["cells"] if (data := cell["metadata"].get("nbgrader", {})).get("grade")]
    return sum(d["points"] for d in graded if not d["solution"]), sum(d["points"] for d in graded if d["solution"])


def write(unit: Unit, folder: Path) -> list[str]:
    chapter = chapter_of(unit)
    if chapter is None:
        return []
    notebook = assignment(chapter)
    auto, manual = points(notebook)
    tests = [cell["metadata"]["nbgrader"]["grade_id"] for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("locked")
             and cell["cell_type"] == "code"]
    kinds = (
        f"Marked by the program: {', '.join(f'`{name}`' for name in tests)}."
        if tests
        else "No exercise of this chapter has a single number for an answer."
    )
    readme = README.format(
        title=plain(chapter.title), name=chapter.name, points=auto + manual, auto=auto, manual=manual, kinds=kinds, licence=LICENCE
    )
    place = f"source/{chapter.name}"
    name = unit.file("-assignment.zip")
    write_zip(folder / name, [(f"{place}/README.md", readme.encode()), (f"{place}/{chapter.name}.ipynb", kit.notebook_text(notebook)),
                              *((f"{place}/{path}", content) for path, content in kit.files(chapter))])
    return [name]
