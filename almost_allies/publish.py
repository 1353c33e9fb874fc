"""Copies of the chapters for places that do not have the course installed: each begins with a cell that installs it.

    python -m almost_allies.publish FOLDER

writes them for Colab, with the address of the project's own archive. The stored chapters hold no address: a fork's
copies get the fork's.
"""
from __future__ import annotations

import copy
import sys
from pathlib import Path

import nbformat

from almost_allies.book.repository import archive
from almost_allies.notebooks import ROOT, chapters, store

SETUP = """\
# Installs the course where it is missing. Where it is installed, this does nothing.
try:
    import almost_allies
except ModuleNotFoundError:
    %pip install -q {requirement}"""


def with_setup(notebook: nbformat.NotebookNode, requirement: str) -> nbformat.NotebookNode:
    """A copy of the notebook that begins with the cell ``SETUP``.

    ``requirement`` is what pip is asked for: a package name, or ``name@address``, without spaces.
    """
    notebook = copy.deepcopy(notebook)
    cell = nbformat.v4.new_code_cell(SETUP.format(requirement=requirement), id="setup", metadata={"tags": ["setup"]})
    notebook.cells.insert(0, cell)
    return notebook


def write_copies(folder: Path, requirement: str) -> list[Path]:
    """Write a copy of every chapter with its setup cell below ``folder``, at the same path as in the project."""
    written = []
    for path in chapters():
        target = folder / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        store(with_setup(nbformat.read(path, as_version=4), requirement), target)
        written.append(target)
    return written


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("usage: python -m almost_allies.publish FOLDER", file=sys.stderr)
        return 2
    if not archive():
        print("publish: no address of the project: GITHUB_REPOSITORY is not set and the git remote is not on GitHub", file=sys.stderr)
        return 1
    written = write_copies(Path(arguments[0]), f"almost-allies@{archive()}")
    print(f"{len(written)} chapters below {arguments[0]}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
