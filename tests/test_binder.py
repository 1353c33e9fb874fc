"""Binder: repo2docker picks what we mean, and every chapter runs in JupyterLab in the environment that it would install."""
from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import uv
from conftest import ROOT, project_files
from jupyter_lab import check_chapter, end_kernels, lab_server
from packaging.specifiers import SpecifierSet
from repo2docker.app import Repo2Docker
from repo2docker.buildpacks.python import PythonBuildPack

from almost_allies.notebooks import chapters


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Path:
    """A copy of the project as Binder clones it."""
    folder = tmp_path_factory.mktemp("binder") / "project"
    for name in project_files():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    return folder


def test_repo2docker_installs_the_small_lock_and_nothing_else(checkout, monkeypatch):
    monkeypatch.chdir(checkout)
    app = Repo2Docker()
    pack = next(pack for pack in (kind(base_image=app.base_image) for kind in app.buildpacks) if pack.detect())
    assert type(pack) is PythonBuildPack
    pack.platform = "linux/amd64"
    wanted = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["project"]["requires-python"]
    assert pack.python_version in SpecifierSet(wanted) and pack.runtime[0] == "python"
    installs = [script for _, script in (*pack.get_preassemble_scripts(), *pack.get_assemble_scripts()) if "pip install" in script]
    assert [script.split("pip install")[1].split() for script in installs] == [["--no-cache-dir", "-r", '"binder/requirements.txt"']]
    assert pack.render()   # a Dockerfile; it needs a frozen base environment for this Python


def test_lock_names_exact_versions_that_the_tests_have_too():
    small, tested = ((ROOT / name).read_text("utf-8").splitlines() for name in ("binder/requirements.txt", "requirements-dev.txt"))
    assert small[-1] == "-e ." and all("==" in line for line in small[:-1])
    pinned = [{line.partition(" ;")[0] for line in lines} for lines in (small, tested)]   # on which machines may differ, versions not
    assert not pinned[0] - pinned[1]
    building = {"jupyter-book", "sphinx", "pytest", "playwright", "frictionless"}
    assert not building & {line.split("==")[0] for line in small}


@pytest.fixture(scope="module")
def lab(checkout, tmp_path_factory):
    """Address of a JupyterLab in a new environment with Binder's lock, over the copy."""
    home = tmp_path_factory.mktemp("home")
    python = home / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    for command in (["venv", "-q", "--python", sys.executable, str(home / "venv")],
                    ["pip", "install", "-q", "--python", str(python), "-r", "binder/requirements.txt"]):
        done = subprocess.run([uv.find_uv_bin(), *command], cwd=checkout, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    with lab_server(checkout, home / "jupyter", python=str(python)) as address:
        yield address


@pytest.mark.parametrize("path", chapters(), ids=lambda path: path.stem)
def test_a_chapter_runs_in_jupyterlab_with_live_widgets(path, lab, browser):
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    check_chapter(page, lab.format(path=path.relative_to(ROOT).as_posix()), path)
    context.close()
    end_kernels(lab)
