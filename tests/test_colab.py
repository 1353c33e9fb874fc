"""The copies of the chapters for Colab: the first cell installs the course from the archive where it is missing, and only there."""
from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
import uv
from conftest import ROOT, project_files, serve
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from almost_allies import publish
from almost_allies.book import repository
from almost_allies.notebooks import chapters, normalise


@pytest.fixture
def published(tmp_path, monkeypatch):
    """The copies, for a repository on GitHub."""
    monkeypatch.setenv("GITHUB_REPOSITORY", "ann/almost-allies")
    repository.repository.cache_clear()
    assert publish.main([str(tmp_path)]) == 0
    yield tmp_path
    repository.repository.cache_clear()


def test_copies_are_the_chapters_with_one_more_cell_that_names_the_archive(published):
    copies = sorted(published.rglob("*.ipynb"))
    assert [path.relative_to(published) for path in copies] == [path.relative_to(ROOT) for path in chapters()]
    for path in copies:
        copy, stored = (nbformat.read(file, as_version=4) for file in (path, ROOT / path.relative_to(published)))
        assert "%pip install -q almost-allies@https://github.com/ann/almost-allies/archive/refs/heads/main.zip" in copy.cells[0].source
        assert copy.cells[1:] == stored.cells
        nbformat.validate(copy)
        assert "setup" not in [cell.id for cell in stored.cells], "the stored chapters hold no address"


def test_without_an_address_no_copy_is_written(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(publish, "archive", lambda: "")
    assert publish.main([str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith("publish: no address of the project") and not list(tmp_path.iterdir())


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """Address of the project's archive on loopback, with one folder in it as GitHub's has."""
    folder = tmp_path_factory.mktemp("archive")
    with zipfile.ZipFile(folder / "main.zip", "w", zipfile.ZIP_DEFLATED) as file:
        for name in project_files():
            file.write(ROOT / name, f"almost-allies-main/{name}")
    server = serve(folder)
    yield f"{server.url}main.zip"
    server.shutdown()


@pytest.fixture(scope="module")
def bare(tmp_path_factory) -> Path:
    """A Python with Binder's packages and pip but without the course, as Colab has most of them."""
    home = tmp_path_factory.mktemp("bare")
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    packages = [line for line in (ROOT / "binder/requirements.txt").read_text("utf-8").splitlines() if line != "-e ."]
    (home / "packages.txt").write_text("\n".join(packages), "utf-8")
    for command in (["venv", "-q", "--allow-existing", "--seed", "--python", sys.executable, str(home)],
                    ["pip", "install", "-q", "--python", str(python), "setuptools>=77", "-r", str(home / "packages.txt")]):
        subprocess.run([uv.find_uv_bin(), *command], check=True, capture_output=True)
    return python


def run(notebook: nbformat.NotebookNode, python: Path, folder: Path) -> None:
    """Run all cells with a kernel of that Python, away from the checkout, with pip kept from the network."""
    from jupyter_client.manager import AsyncKernelManager

    manager = AsyncKernelManager(kernel_name="python3")
    manager.kernel_spec.argv = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    environment = {key: text for key, text in os.environ.items() if key != "PYTHONPATH"}
    environment |= {"PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}",
                    "PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0"}   # 0: pip reads "no isolation: false" as "do not isolate"
    NotebookClient(notebook, km=manager, timeout=300, resources={"metadata": {"path": str(folder)}}).execute(env=environment)


def test_in_a_bare_python_the_first_cell_brings_the_course_and_the_chapter_runs(archive, bare, tmp_path):
    stored = nbformat.read(ROOT / "chapters/3-expansion-waves/borders.ipynb", as_version=4)
    with pytest.raises(CellExecutionError, match="No module named 'almost_allies'"):
        run(nbformat.from_dict(stored), bare, tmp_path)
    stored = nbformat.read(ROOT / "chapters/3-expansion-waves/borders.ipynb", as_version=4)
    copy = publish.with_setup(stored, f"almost-allies@{archive}")
    run(copy, bare, tmp_path)
    outputs = [cell.outputs for cell in normalise(copy).cells[1:] if cell.cell_type == "code"]
    assert [len(found) for found in outputs] == [len(cell.outputs) for cell in stored.cells if cell.cell_type == "code"]

    # Where the course is installed the cell says nothing and asks nobody: its address leads nowhere.
    again = publish.with_setup(stored, "almost-allies@http://127.0.0.1:1/nowhere.zip")
    run(again, bare, tmp_path)
    assert again.cells[0].outputs == []
