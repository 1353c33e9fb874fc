"""A chapter as the paper and class formats need it: what it asks, what it teaches, its charts and its cells."""
from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from almost_allies.exports.core import Unit
from almost_allies.quiz.bank import PROJECT
from almost_allies.stored_chart import MIME

CHART_FIELDS = ("name", "title", "subtitle", "alt", "note", "source")


@dataclass(frozen=True)
class Chart:
    """A stored chart; ``picture`` is its SVG with title and source, as Jupyter shows it."""
    name: str
    title: str
    subtitle: str
    alt: str
    note: str     # what the chart cannot show; "" if it says nothing about that
    source: str
    picture: str


@dataclass(frozen=True)
class Chapter:
    path: str                    # chapters/3-expansion-waves/borders, as in _toc.yml
    title: str
    part: str                    # caption of its part in _toc.yml
    question: str                # the guiding question
    objectives: tuple[str, ...]
    charts: tuple[Chart, ...]
    notebook: dict

    @property
    def name(self) -> str:
        return Path(self.path).name


def chapter_of(unit: Unit) -> Chapter | None:
    """The chapter of a unit; None for the course, the final quiz and a quiz that belongs to no notebook."""
    return load_chapter(unit.quizzes[0].bank.chapter) if unit.is_chapter else None


@lru_cache(maxsize=32)
def load_chapter(path: str, root: Path = PROJECT) -> Chapter:
    """Read a chapter's notebook. Raises ValueError, in one line, if it lacks its title or its question."""
    notebook = json.loads((root / f"{path}.ipynb").read_text("utf-8"))
    opening = source(notebook["cells"][0])
    title = re.search(r"^# (.+)$", opening, re.MULTILINE)
    question = re.search(r":class: question\n(.+?)\n:::", opening, re.DOTALL)
    if not title or not question:
        raise ValueError(f"{path}.ipynb: the first cell has no {'question' if title else 'title'}, "
                         "expected a heading and a question admonition")
    goals = re.search(r"\*\*In this chapter you will\*\*\n\n(.+?)(?=\n\n)", opening, re.DOTALL)
    outputs = [output.get("data", {}) for cell in notebook["cells"] for output in cell.get("outputs", [])]
    charts = [data for data in outputs if MIME in data]
    return Chapter(
        path, plain(title[1]), _part(path, root), plain(question[1]),
        tuple(plain(goal).rstrip(";.") for goal in re.findall(r"^- (.+?)$", goals[1], re.MULTILINE)) if goals else (),
        tuple(Chart(**{key: data[MIME][key] for key in CHART_FIELDS}, picture="".join(data["image/svg+xml"])) for data in charts),
        notebook)


def _part(path: str, root: Path) -> str:
    contents = yaml.safe_load((root / "_toc.yml").read_text("utf-8"))
    return next((part["caption"] for part in contents["parts"] for chapter in part["chapters"] if chapter["file"] == path), "")


def source(cell: dict) -> str:
    return "".join(cell["source"])


def is_solution(cell: dict) -> bool:
    return "solution" in cell["metadata"].get("tags", [])


def plain(text: str) -> str:
    """A line of a chapter's Markdown as plain text: words of roles and links kept, citations dropped."""
    text = re.sub(r"\s*\{cite\}`[^`]*`", "", text)
    text = re.sub(r"\{term\}`([^`<]*?)\s*(?:<[^`]*>)?`", r"\1", text)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return " ".join(re.sub(r"[*`]", "", text).split())
