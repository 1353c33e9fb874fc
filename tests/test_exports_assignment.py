"""Assignments: nbgrader itself makes the release version, and grades it solved, unsolved and wrong."""
from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import sys
import zipfile
from pathlib import Path

import matplotlib
import nbformat
import pytest
from exporting import chapters
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.nbgraderformat import read as read_graded
from nbgrader.preprocessors import ClearHiddenTests, ClearSolutions
from traitlets.config import Config

from almost_allies.exports import assignment, kit
from almost_allies.exports.chapter import chapter_of, is_solution, source

CHAPTERS = {one.name: one for one in chapters() if one.is_chapter}
GRADED = "borders"


class Course:
    """A temporary course, with assignments unpacked from the export."""

    def __init__(self, root: Path):
        self.root = root
        config = Config()
        config.CourseDirectory.root, config.CourseDirectory.course_id = str(root), "test"
        config.Exchange.root = str(root / "exchange")
        config.ExecutePreprocessor.timeout = 120
        self.api = NbGraderAPI(config=config)

    def add(self, name: str) -> None:
        (archive,) = assignment.write(CHAPTERS[name], self.root)
        with zipfile.ZipFile(self.root / archive) as file:
            file.extractall(self.root)

    def release(self, name: str) -> nbformat.NotebookNode:
        result = self.api.generate_assignment(name)
        assert result["success"], result["error"] or result["log"]
        return read_graded(self.root / f"release/{name}/{name}.ipynb", as_version=4)

    def hand_in(self, student: str, name: str, changes: dict[str, str]) -> None:
        """The release version with the source of some cells written by a student, by grade id."""
        folder = self.root / f"submitted/{student}/{name}"
        shutil.copytree(self.root / f"release/{name}", folder)
        notebook = nbformat.read(folder / f"{name}.ipynb", 4)
        for cell in notebook.cells:
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
            cell.source = changes.get(grade_id, cell.source)
        nbformat.write(notebook, folder / f"{name}.ipynb")

    def scores(self, student: str, name: str) -> dict[str, float]:
        result = self.api.autograde(name, student)
        assert result["success"], result["error"] or result["log"]
        with Gradebook(f"sqlite:///{self.root / 'gradebook.db'}") as book:
            notebook = book.find_submission_notebook(name, name, student)
            return {grade.name: grade.auto_score for grade in notebook.grades}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")   # nbgrader calls alembic by its name
        yield Course(tmp_path_factory.mktemp("course"))


def ids(notebook) -> dict[str, dict]:
    return {cell["metadata"]["nbgrader"]["grade_id"]: cell for cell in notebook["cells"] if "nbgrader" in cell["metadata"]}


def solution_lines(name: str) -> list[str]:
    cells = chapter_of(CHAPTERS[name]).notebook["cells"]
    return [line for cell in cells if is_solution(cell) for line in source(cell).splitlines()
            if len(line) > 30 and sum(line in source(other) for other in cells) == 1]


@pytest.mark.parametrize("name", CHAPTERS)
def test_every_chapter_makes_a_valid_assignment_without_solutions(name):
    text = kit.notebook_text(assignment.assignment(chapter_of(CHAPTERS[name]))).decode()
    notebook = nbformat.reads(text, 4)
    nbformat.validate(notebook)
    graded = ids(notebook)
    assert len(graded) == sum("nbgrader" in cell["metadata"] for cell in notebook.cells)   # no id twice
    assert len({cell["id"] for cell in notebook.cells}) == len(notebook.cells)
    writing = [key for key in graded if key.endswith("-writing-answer")]
    words = [key for key in graded if key.endswith("-words")]
    assert len(writing) == 1 and len(words) == 2
    for key in writing + words:
        data = graded[key]["metadata"]["nbgrader"]
        assert data["grade"] and data["solution"] and data["points"] > 0 and graded[key]["cell_type"] == "markdown"
    released, resources = ClearSolutions().preprocess(nbformat.reads(text, 4), {})
    released, _ = ClearHiddenTests().preprocess(released, resources)
    text = "\n".join(cell.source for cell in released.cells)
    assert solution_lines(name) and [line for line in solution_lines(name) if line in text] == []
    assert not re.search(r"BEGIN (SOLUTION|HIDDEN)|is not right", text)
    assert sum("raise NotImplementedError()" in cell.source for cell in released.cells) == 2
    assert not any(cell.get("outputs") for cell in released.cells)


@pytest.mark.parametrize("name", CHAPTERS)
def test_the_chapter_s_own_solutions_pass_the_tests_and_a_wrong_number_fails(name):
    """Every cell run in order, tests with what is hidden; then each answer changed."""
    matplotlib.use("Agg")
    names, labels = {"display": lambda *shown: None}, assignment.specification()
    checked = 0
    for cell in assignment.assignment(chapter_of(CHAPTERS[name]))["cells"]:
        if cell["cell_type"] != "code":
            continue
        with contextlib.redirect_stdout(io.StringIO()):
            exec(source(cell), names)
        data = cell["metadata"].get("nbgrader", {})
        if data.get("grade_id", "").endswith("-test"):
            for answer, value in labels[data["grade_id"].removesuffix("-test")]["answers"].items():
                wrong = [*value[:-1], value[-1] + 30] if isinstance(value, list) else value + 30
                with pytest.raises(AssertionError, match=f"{answer} is not right"):
                    exec(source(cell), names | {answer: wrong})
                with pytest.raises(NameError):
                    exec(source(cell), {key: kept for key, kept in names.items() if key != answer})
                checked += 1
    assert checked or name == "what-would-it-have-taken" or not [label for label in labels if label.startswith(name)]


def test_every_specified_exercise_exists():
    text = "\n".join(source(cell) for one in CHAPTERS.values() for cell in chapter_of(one).notebook["cells"])
    missing = [label for label in assignment.specification() if f"({label})=" not in text]
    assert missing == [] and len(assignment.specification()) >= 30


def test_nbgrader_releases_every_assignment(course):
    for name in CHAPTERS:
        course.add(name)
        text = "\n".join(cell.source for cell in course.release(name).cells)
        assert [line for line in solution_lines(name) if line in text] == []
        assert "### BEGIN" not in text and "is not right" not in text
        assert (course.root / f"release/{name}/data/datapackage.json").is_file()


def test_nbgrader_gives_points_for_right_answers_alone(course):
    course.add(GRADED)
    course.release(GRADED)
    solved = {key: re.sub(r"### (BEGIN|END) SOLUTION\n?", "", source(cell)) for key, cell in
              ids(assignment.assignment(chapter_of(CHAPTERS[GRADED]))).items() if cell["metadata"]["nbgrader"]["solution"]}
    wrong = dict(solved)
    wrong["borders-exercise-what-if"] += "\nkm_to_moscow = 1"
    for student, changes in (("right", solved), ("wrong", wrong), ("nothing", {})):
        course.hand_in(student, GRADED, changes)
    tests = {"borders-exercise-kaliningrad-test", "borders-exercise-what-if-test"}
    right = course.scores("right", GRADED)
    assert {key: score for key, score in right.items() if key in tests} == dict.fromkeys(tests, 2)
    assert {key for key, score in right.items() if score is None} >= {"borders-writing-answer", "borders-exercise-what-if-words"}  # by hand
    assert {key: score for key, score in course.scores("wrong", GRADED).items() if key in tests} == {
        "borders-exercise-kaliningrad-test": 2, "borders-exercise-what-if-test": 0}
    assert {key: score for key, score in course.scores("nothing", GRADED).items() if key in tests} == dict.fromkeys(tests, 0)


def test_the_release_runs_but_for_what_pupils_must_write(course):
    from nbclient import NotebookClient

    course.add(GRADED)
    notebook = course.release(GRADED)
    NotebookClient(
        notebook, timeout=120, allow_errors=True, resources={"metadata": {"path": str(course.root / f"release/{GRADED}")}}
    ).execute()
    errors = [(cell.metadata.get("nbgrader", {}).get("grade_id", "chapter"), output.ename) for cell in notebook.cells
              for output in cell.get("outputs", []) if output.output_type == "error"]
    assert errors == [("borders-exercise-kaliningrad", "NotImplementedError"), ("borders-exercise-kaliningrad-test", "NameError"),
                      ("borders-exercise-what-if", "NotImplementedError"), ("borders-exercise-what-if-test", "NameError")]


def test_points_are_told_in_the_readme_and_the_archive_is_stable(tmp_path):
    first, second = tmp_path / "1", tmp_path / "2"
    for folder in (first, second):
        folder.mkdir()
        (name,) = assignment.write(CHAPTERS[GRADED], folder)
    assert (first / name).read_bytes() == (second / name).read_bytes()
    with zipfile.ZipFile(first / name) as archive:
        readme = archive.read("source/borders/README.md").decode()
    auto, manual = assignment.points(assignment.assignment(chapter_of(CHAPTERS[GRADED])))
    assert f"{auto + manual} points: {auto} by the program, {manual} by hand" in readme and (auto, manual) == (4, 10)


def test_a_missing_part_of_the_specification_is_named(monkeypatch, tmp_path):
    path = tmp_path / "assignments.yml"
    for text, message in (("x-exercise: {ask: 'Store `a`.', solve: 'a = 1'}", "data/assignments.yml: x-exercise: 'answers' is missing"),
                          ("x-exercise: {ask: 'Store b.', solve: 'a = 1', answers: {a: 1}}",
                           "data/assignments.yml: x-exercise: the answer 'a' is not named in 'ask'")):
        path.write_text(text)
        monkeypatch.setattr(assignment, "SPECIFICATION", path)
        assignment.specification.cache_clear()
        try:
            with pytest.raises(ValueError, match=re.escape(message)):
                assignment.specification()
        finally:
            assignment.specification.cache_clear()
