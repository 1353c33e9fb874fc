"""Student pack: a chapter's page, its tables and its notebook without solutions, in one folder that needs no network."""
from __future__ import annotations

import posixpath
from pathlib import Path

from lxml import html

from almost_allies.exports import kit
from almost_allies.exports.chapter import Chapter, chapter_of
from almost_allies.exports.core import LICENCE, Outcome, Unit, write_zip
from almost_allies.quiz.bank import PROJECT, Question

TITLE = "Student pack"
USE = "class"
CHAPTERS_ONLY = True
LIMITS = (
    "The page opens from the folder without a network. Links to the book's other pages lead to the published book, if it has an address.",
    "Solutions of the exercises are in neither page nor notebook. The quiz is in both, and its answers can be found in their source.",
)
SITE = PROJECT / "_build/html"
README = """# {title}

From the course *Almost Allies? Why Russia never joined NATO*.

**{question}**

## Read

Open `page/index.html` in a browser. It needs no network. What you answer stays in your browser.

## Run

`{name}.ipynb` is the chapter as a notebook, without the solutions of its exercises. Open it with JupyterLab or another program for
notebooks. It needs Python 3.11 or later and the libraries in `requirements.txt`:

    python -m pip install -r requirements.txt jupyterlab
    jupyter lab {name}.ipynb

Leave the notebook beside the folders `almost_allies` and `data`, which it reads.

## Data

Units, meaning and limits of every column are in `data/datapackage.json`.

{data}

## Licence

{licence}. Code under the BSD 3-Clause licence. Tables: as listed above.
"""


def carry(question: Question) -> Outcome:
    return Outcome("as in the page and the notebook")


def page_files(chapter: Chapter, site: Path, address: str) -> list[tuple[str, bytes]]:
    """The built page and what it loads, below ``page/``; ``address`` is that of the published book, "" if there is none.

    Raises FileNotFoundError, in one line, if the chapter was not built.
    """
    built = site / f"{chapter.path}.html"
    if not built.is_file():
        raise FileNotFoundError(2, "no built page of the chapter; make the book first: make book", f"_build/html/{chapter.path}.html")
    tree = html.document_fromstring(built.read_text("utf-8"))
    for gone in tree.xpath(
        "//*[contains(concat(' ', @class, ' '), ' tag_solution ')] | //body/header | //nav | //a[@class='skip'] | //p[@data-newer]"
        " | //head/script | //head/link[@rel='next' or @rel='prev' or @rel='alternate' or @rel='canonical']"
        " | //p[@class='page-links'] | //comment()"
    ):
        gone.drop_tree()
    needed = set()
    for element, attribute, link, _ in list(tree.iterlinks()):
        target, _, place = link.partition("#")
        if not target or ":" in target.split("/")[0]:
            continue
        path = posixpath.normpath(posixpath.join(posixpath.dirname(chapter.path), target))
        if path.startswith(("_static/", "_downloads/")) and (site / path).is_file():
            needed.add(path)
            element.set(attribute, path)
        elif path == f"{chapter.path}.html":
            element.set(attribute, f"#{place}")
        elif address:
            element.set(attribute, f"{address}{path}{'#' * bool(place)}{place}")
        else:
            element.drop_tag()
    text = html.tostring(tree, doctype="<!DOCTYPE html>", encoding="unicode")
    return [("page/index.html", text.encode()), *((f"page/{path}", (site / path).read_bytes()) for path in sorted(needed))]


def write(unit: Unit, folder: Path) -> list[str]:
    chapter = chapter_of(unit)
    if chapter is None:
        return []
    readme = README.format(title=chapter.title, question=chapter.question, name=chapter.name, data=kit.data_list(chapter), licence=LICENCE)
    entries = [("README.md", readme.encode()), *page_files(chapter, SITE, unit.quizzes[0].site),
               (f"{chapter.name}.ipynb", kit.notebook_text(kit.without_solutions(chapter))), *kit.files(chapter)]
    name = unit.file("-student-pack.zip")
    write_zip(folder / name, [(f"almost-allies-{chapter.name}/{path}", content) for path, content in entries])
    return [name]
