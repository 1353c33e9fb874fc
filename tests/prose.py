"""Reading chapters as text: sections, paragraphs, citations."""
from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import nbformat

from almost_allies.notebooks import chapters

CHAPTERS = {path.stem: path for path in chapters()}


@cache
def markdown(chapter: str) -> str:
    """All Markdown of a chapter, cells joined by blank lines."""
    notebook = nbformat.read(CHAPTERS[chapter], as_version=4)
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def cited(text: str) -> list[str]:
    """Citation keys in ``text``, in order, with repetitions."""
    return [key.strip() for keys in re.findall(r"\{cite(?::\w+)?\}`([^`]+)`", text) for key in keys.split(",")]


def plain(text: str) -> str:
    """Prose as a reader sees it: roles and links reduced to their words, citations and labels dropped."""
    text = re.sub(r"\s*\{cite(?::\w+)?\}`[^`]+`", "", text)
    text = re.sub(r"\{[\w:-]+\}`([^`<]+?)(?:\s*<[^>`]*>)?`", r"\1", text)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"^\([\w-]+\)=$|^:{3,}.*$|^:class:.*$", "", text, flags=re.M)
    return re.sub(r"[*_`]{1,3}", "", text)


def repository_file(name: str) -> Path:
    """Path of a file at the root of the repository."""
    return Path(__file__).resolve().parent.parent / name
