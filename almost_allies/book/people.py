"""The page of people: made from the table ``people``, with the places in the chapters that name each of them.

``reference/people.md`` holds the line ``<!-- people -->``, which is replaced here.
"""
from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import pandas as pd
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from almost_allies import data
from almost_allies.notebooks import ROOT, chapters

PAGE = "reference/people"
MARK = "<!-- people -->"
NOT_NAMED = "No chapter names this person; the [timeline](timeline.md) has the events."
LABEL = re.compile(r"^\(([\w-]+)\)=$", flags=re.M)
# What a reader does not see as words: citation keys, the target of a role or a link, ids of labels.
UNSEEN = (
    (re.compile(r"\s*\{cite(?::\w+)?\}`[^`]*`"), ""),
    (re.compile(r"\{[\w:-]+\}`([^`<]*?)\s*(?:<[^>`]*>)?`"), r"\1"),
    (re.compile(r"\[([^\]]*)\]\([^)]*\)"), r"\1"),
)


@dataclass(frozen=True)
class Section:
    """A part of a chapter's prose: the label before its heading (empty before the first label) and its words."""

    label: str
    text: str


@dataclass(frozen=True)
class Chapter:
    """A chapter as prose: its document name for Sphinx, its title, its sections in order."""

    docname: str
    title: str
    sections: tuple[Section, ...]


def prose(markdown: str) -> str:
    """The words of a text in MyST Markdown, on one line so that a name is found across a line break."""
    for pattern, words in UNSEEN:
        markdown = pattern.sub(words, markdown)
    return re.sub(r"\s+", " ", re.sub(r"[*_]{1,3}", "", markdown))


def read_chapter(path: Path) -> Chapter:
    """A chapter notebook's Markdown cells, cut at their labels; code and outputs are no prose."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    text = "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    pieces = LABEL.split(text)  # text before the first label, then label and text in turn
    sections = [Section("", prose(pieces[0]))]
    sections += [Section(label, prose(part)) for label, part in zip(pieces[1::2], pieces[2::2], strict=True)]
    title = re.search(r"^# (.+)$", text, flags=re.M)
    if not title:
        raise ValueError(f"{path.name}: no title, expected a line that begins with '# '")
    return Chapter(path.relative_to(ROOT).with_suffix("").as_posix(), title[1].strip(), tuple(sections))


@cache
def _read_at(path: Path, stamp: int) -> Chapter:
    """``read_chapter``, once for each state of the file: ``stamp`` is its time of change."""
    return read_chapter(path)


def read_chapters() -> list[Chapter]:
    """The chapters of the book in its own order; a notebook that ``_toc.yml`` does not list has no page to link to."""
    contents = re.findall(r"file: (chapters/\S+)", (ROOT / "_toc.yml").read_text("utf-8"))
    paths = [ROOT / f"{name}.ipynb" for name in contents]
    return [_read_at(path, path.stat().st_mtime_ns) for path in paths]


def places(match: str, among: list[Chapter]) -> list[tuple[Chapter, Section]]:
    """For each chapter whose prose the regular expression finds: the chapter and the first section that it finds."""
    pattern, word = re.compile(match), _longest_word(match)
    first = ((chapter, next((s for s in chapter.sections if word in s.text and pattern.search(s.text)), None)) for chapter in among)
    return [(chapter, section) for chapter, section in first if section]


def _longest_word(match: str) -> str:
    r"""Letters that every match holds, a quick first test: 'Afanas' of ``\bAfanas\w+sky\b``; none of a choice or an option."""
    if re.search(r"[|?*({\[]", match):
        return ""
    return max(re.findall(r"[^\W\d_]+", re.sub(r"\\.\+?", " ", match)), key=len, default="")


def plain_letters(text: str) -> str:
    """Lower case without diacritics, for sorting and for the search: 'Wałęsa' gives 'walesa'."""
    bare = text.translate(str.maketrans("łŁøØ", "lLoO"))
    return unicodedata.normalize("NFKD", bare).encode("ascii", "ignore").decode().lower()


def search_words(person: Any) -> list[str]:
    """What a reader may type to find the person: family name, whole name, both in plain letters, variants; none twice."""
    family = person.sort_name.partition(",")[0]
    words = [family, person.name, plain_letters(family), plain_letters(person.name), *variants(person)]
    return list({word.lower(): word for word in reversed(words)}.values())[::-1]


def variants(person: Any) -> list[str]:
    """Other spellings of the name, as the table has them."""
    return [] if pd.isna(person.variants) else person.variants.split(";")


def link(chapter: Chapter, section: Section) -> str:
    """A reference to the section, or to the chapter if its opening comes before any label."""
    return f"{{ref}}`{chapter.title} <{section.label}>`" if section.label else f"{{doc}}`{chapter.title} </{chapter.docname}>`"


def entry(person: Any, among: list[Chapter]) -> str:
    """One person's part of the page, as MyST Markdown; ``person`` is a row of the table."""
    named = places(person.match, among)
    also = f"Also written {', '.join(variants(person))}." if variants(person) else ""
    where = "Named in " + ", ".join(link(*place) for place in named) + "." if named else NOT_NAMED
    cited = "{cite}`" + person.sources.replace(";", ",") + "`"
    return "\n\n".join([
        f"```{{index}} {', '.join(search_words(person))}\n:name: person-{person.person_id}\n```",
        f"### {person.name}",
        f"*{person.office}.* {person.role} {cited}",
        f"{also} {where}".strip(),
    ])


def people_page(among: list[Chapter]) -> str:
    """The whole list in order of family name, under a heading for each initial letter, with links to the letters before it."""
    table = data.load("people")
    table = table.assign(order=table["sort_name"].map(plain_letters)).sort_values("order")
    letters, parts = [], []
    for letter, rows in groupby(table.itertuples(index=False), key=lambda row: row.order[0]):
        letters.append(f"{{ref}}`{letter.upper()} <people-{letter}>`")
        parts += [f"(people-{letter})=\n## {letter.upper()}", *(entry(row, among) for row in rows)]
    return "\n\n".join([" · ".join(letters), *parts])


def fill_page(app: Sphinx, docname: str, source: list[str]) -> None:
    if docname == PAGE:
        for path in (ROOT / "_toc.yml", data.ROOT / "datapackage.json", data.ROOT / data.describe("people")["path"], *chapters()):
            app.env.note_dependency(str(path))
        source[0] = source[0].replace(MARK, people_page(read_chapters()))


def write_every_page(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """All pages are written in each build: Sphinx's search forgets the index entries of a page that is not."""
    return sorted(env.found_docs)


def setup(app: Sphinx) -> None:
    app.connect("env-updated", write_every_page)
    app.connect("source-read", fill_page)
