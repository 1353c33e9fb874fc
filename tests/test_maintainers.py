"""What those who take the course over will need is there and works: licences, a template for a chapter, checks at a commit."""
from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import prose
import pytest
import test_chapters
import yaml
from conftest import ROOT

from almost_allies import notebooks
from almost_allies.quiz.bank import check_bank

TEMPLATE, BANK = ROOT / "templates/new-chapter.ipynb", ROOT / "templates/new-chapter.yml"
(LOCAL,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
HOOKS = {hook["id"]: hook for hook in LOCAL["hooks"]}


def test_licences_are_there_in_full():
    code, text = ((ROOT / name).read_text("utf-8") for name in ("LICENSE", "LICENSE-text"))
    assert code.startswith("BSD 3-Clause License\n\nCopyright (c) ") and re.findall(r"^(\d)\. ", code, flags=re.M) == ["1", "2", "3"]
    assert text.startswith("Creative Commons Attribution 4.0 International\n")
    assert re.findall(r"^Section (\d) –", text, flags=re.M) == list("12345678")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["license"] == "BSD-3-Clause"


def test_files_that_these_pages_name_are_there():
    for page in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "CODE_OF_CONDUCT.md"):
        text = (ROOT / page).read_text("utf-8")
        named = re.findall(r"\]\((?!https?:|#)([^)#]+)\)", text)
        named += re.findall(r"`((?!_build)(?:[\w.-]+/)+[\w.-]+\.\w+|[\w-]+\.(?:md|toml|yml|cff))`", text)
        missing = [name for name in named if not (ROOT / name).exists() and not list((ROOT / ".github/workflows").glob(name))]
        assert not missing, f"{page}: {missing}"


# ------------------------------------------------------------------ the template of a chapter

@pytest.fixture
def template(monkeypatch) -> str:
    monkeypatch.setitem(prose.CHAPTERS, "new-chapter", TEMPLATE)
    return "new-chapter"


@pytest.mark.parametrize("check", [
    test_chapters.test_parts_come_in_the_fixed_order, test_chapters.test_headings_have_lasting_addresses,
    test_chapters.test_source_lab_has_one_document_and_three_questions, test_chapters.test_summary_is_five_sentences,
    test_chapters.test_positions_are_given_the_same_room], ids=lambda check: check.__name__)
def test_the_template_has_the_form_of_a_chapter(check, template):
    check(template)


def test_the_template_runs_and_has_two_solutions(tmp_path):
    path = tmp_path / "new-chapter.ipynb"
    shutil.copy(TEMPLATE, path)
    notebook = nbformat.read(path, as_version=4)
    quiz = [cell for cell in notebook.cells if 'quiz("new-chapter")' in cell.source]
    quiz[0].source = 'q = quiz("borders")\nq'   # the template's own bank is not among the course's
    assert sum("solution" in cell.metadata.get("tags", []) for cell in notebook.cells) == 2
    nbformat.write(notebook, path)
    assert notebooks.run(path)
    outputs = [output for cell in nbformat.read(path, as_version=4).cells for output in cell.get("outputs", [])]
    assert any("image/svg+xml" in output.get("data", {}) for output in outputs)
    assert not [output for output in outputs if output.get("name") == "stderr"]


def test_the_templates_quiz_is_valid_and_asks_about_the_templates_sections():
    data, errors = check_bank(BANK, links=False)
    assert errors == []
    text = "\n".join(cell.source for cell in nbformat.read(TEMPLATE, as_version=4).cells if cell.cell_type == "markdown")
    entries = (ROOT / "references.bib").read_text("utf-8")
    for question in data["questions"]:
        assert f"({question['anchor']})=" in text
        assert all(f"{{{key}," in entries for key in question["sources"])


# ------------------------------------------------------------------ checks at a commit

def hook(name: str, folder: Path, file: str) -> subprocess.CompletedProcess[str]:
    """Run a hook's own command on one file, as pre-commit would."""
    python, *entry = HOOKS[name]["entry"].split()
    assert python == "python" and HOOKS[name]["language"] == "system", "a hook must need no network"
    return subprocess.run([sys.executable, *entry, str(folder / file)], cwd=ROOT, capture_output=True, text=True)


def test_there_is_a_hook_for_code_notebooks_spelling_and_yaml():
    assert set(HOOKS) == {"ruff", "notebooks", "codespell", "yaml"}


@pytest.mark.parametrize(("name", "file", "good", "bad"), [
    ("ruff", "a.py", "x = 1\n", "import os\nx = 1\n"),
    ("codespell", "a.md", "Their alliance received it.\n", "Their alliance rec" "ieved it.\n"),
    ("yaml", "a.yml", "a: 1\nb: 2\n", "a: 1\na: 2\n"),
])
def test_a_hook_passes_what_is_good_and_stops_what_is_not(name, file, good, bad, tmp_path):
    (tmp_path / file).write_text(good, "utf-8")
    assert hook(name, tmp_path, file).returncode == 0
    (tmp_path / file).write_text(bad, "utf-8")
    assert hook(name, tmp_path, file).returncode != 0


def test_the_notebook_hook_puts_a_chapter_into_normal_form_and_says_so_once(tmp_path):
    path = tmp_path / "a.ipynb"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1", execution_count=7, id="a")], metadata={"x": 1})
    nbformat.write(notebook, path)
    first, again = hook("notebooks", tmp_path, path.name), hook("notebooks", tmp_path, path.name)
    assert (first.returncode, again.returncode) == (1, 0)
    assert first.stdout == f"{path}: was not in normal form, and is now\n" and again.stdout == ""
    clean = nbformat.read(path, as_version=4)
    assert clean.cells[0].execution_count == 1 and "x" not in clean.metadata


def test_every_file_of_the_course_passes_its_hooks():
    files = subprocess.run(["git", "-C", str(ROOT), "ls-files"], capture_output=True, text=True, check=True).stdout.split("\n")
    for name, wanted in (("yaml", [file for file in files if file.endswith((".yml", ".yaml"))]), ("codespell", ["."])):
        command = [sys.executable, *HOOKS[name]["entry"].split()[1:], *wanted]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout[-2000:]
