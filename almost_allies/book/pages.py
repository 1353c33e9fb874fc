"""What each page carries: its description, the scripts of the widgets it holds, and nothing else."""
from __future__ import annotations

import json
import re
import textwrap
from functools import cache
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective, SphinxRole

from almost_allies import data, explore
from almost_allies.book.repository import mistake_form
from almost_allies.data import REVERSING
from almost_allies.explore.base import BIBLIOGRAPHY
from almost_allies.quiz import results
from almost_allies.quiz import widget as quiz
from almost_allies.quiz.bank import PROJECT, bank_names
from almost_allies.widgets import page_script

WIDGETS = ("quiz", *explore.CORES)   # by the name that the HTML gives in data-widget; the script is NAME.js
WIDGET_STYLE = "widgets.css"         # of all of them: each further request delays the first sight of a page on a slow network
# What docutils and pandas write and a checker of accessibility rejects: scrolling regions out of a keyboard's reach,
# empty headers, roles out of place.
REPLACEMENTS = (
    ('<div class="highlight"><pre>', '<div class="highlight"><pre tabindex="0">'),
    ('<div class="output text_html"><div>', '<div class="output text_html"><div class="table-scroll" tabindex="0">'),
    ('<th class="head"><p></p></th>', "<td></td>"),
    ('<summary aria-label="Toggle hidden content">', "<summary>"),
)


QUIZZES = PROJECT / "data/quizzes"
CELL_LIMIT = 2_000_000   # bytes of one cell with its outputs; the largest of the course has a sixth of that


class Explorer(SphinxDirective):
    """``{explorer} timeline``: an explorer in a Markdown page, as its call would give it in a chapter."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        if name not in explore.__all__ or not callable(getattr(explore, name)):
            raise self.error(f"explorer: {name!r} is unknown, expected one of {', '.join(explore.CORES)}")
        for path in (BIBLIOGRAPHY, *data.ROOT.glob("*.csv")):
            self.env.note_dependency(str(path))
        return [nodes.raw("", getattr(explore, name)().html(), format="html")]


class View(SphinxRole):
    """``{view}`the map of 1991 <chapters/3-expansion-waves/ten-rounds#year=1991>``: a page as an address shows it.

    For the moments that explorers, quizzes and lists make of an address, of which Sphinx knows nothing.
    """

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        match = re.fullmatch(r"(.+?)\s*<([^<>#]+)(#[^<>]+)>", self.text, re.S)
        if not match or match[2] not in self.env.found_docs:
            told = self.inliner.reporter.error(f"view: {self.text!r}, expected words <page#address>, a page of the book", line=self.lineno)
            return [self.inliner.problematic(self.rawtext, self.rawtext, told)], [told]
        root = "../" * self.env.docname.count("/")
        return [nodes.reference("", match[1], refuri=f"{root}{match[2]}.html{match[3]}", internal=True)], []


def notebook_facts(app: Sphinx, docname: str, source: list[str]) -> None:
    """Keep a notebook's own metadata (description) for its page, and refuse what no chapter of ours holds.

    Raises ExtensionError, in one line, for a cell above `CELL_LIMIT` bytes or a character that turns the reading order round.
    """
    path = Path(app.env.doc2path(docname))
    if path.suffix != ".ipynb":
        return
    notebook = json.loads(path.read_text("utf-8"))
    for number, cell in enumerate(notebook["cells"], start=1):
        text = json.dumps(cell, ensure_ascii=False)
        if len(text.encode()) > CELL_LIMIT:
            raise ExtensionError(f"{docname}.ipynb: cell {number} holds {len(text.encode()):,} bytes, expected at most {CELL_LIMIT:,}")
        if turned := REVERSING.search(text):
            raise ExtensionError(f"{docname}.ipynb: cell {number} holds the hidden character U+{ord(turned[0]):04X}, "
                                 "which turns the reading order round; expected none")
    app.env.metadata[docname].update(notebook["metadata"].get("almost_allies", {}))


def dress_tables(app: Sphinx, doctree: nodes.document) -> None:
    """pandas tables for readers: no row numbers, no empty corner header, words to the left and numbers to the right."""
    for raw in doctree.findall(nodes.raw):
        if 'class="dataframe"' in raw.astext():
            raw.children = [nodes.Text(dressed(raw.astext()))]


def dressed(html: str) -> str:
    """One pandas table (HTML as a notebook stores it) as ``dress_tables`` describes it; index columns that say something stay."""
    html = re.sub(r"<style scoped>.*?</style>", "", html, flags=re.S)
    frame = ElementTree.fromstring(html)
    rows = frame.findall(".//tr")
    body = [row for row in frame.findall(".//tbody/tr")]
    for cell in frame.iter():
        for presentation in ("style", "border", "halign", "valign"):
            cell.attrib.pop(presentation, None)
    if [row[0].text for row in body] == [str(i) for i in range(len(body))] and all(row[0].tag == "th" for row in body):
        for row in rows:
            row.remove(row[0])
    number = re.compile(r"-?[\d,]+(\.\d+)?(e[+-]?\d+)?|NaN|NaT|")
    for column in range(len(rows[0]) if rows else 0):
        cells = [row[column] for row in body if len(row) > column and row[column].tag == "td"]
        if cells and any(cell.text for cell in cells) and all(number.fullmatch((cell.text or "").strip()) for cell in cells):
            for cell in (*cells, rows[0][column]):
                cell.set("class", "number")
    for head in frame.findall(".//thead//th"):
        if (head.text or "").strip():
            head.set("scope", "col")
        else:
            head.tag = "td"  # a screen reader would announce an empty header as nothing
    for head in frame.findall(".//tbody//th"):
        head.set("scope", "row")
    return ElementTree.tostring(frame, encoding="unicode", short_empty_elements=False)


def name_solutions(app: Sphinx, doctree: nodes.document) -> None:
    """A folded solution says so; myst-nb would say 'Show code cell content'."""
    for cell in doctree.findall(nodes.container):
        if "tag_solution" in cell["classes"]:
            cell["prompt_show"], cell["prompt_hide"] = "Show a solution", "Hide the solution"


def add_page_parts(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: nodes.document | None) -> None:
    """Put the widget assets that this page needs, and its description, into the template's context."""
    body = context.get("body", "")
    for plain, reachable in REPLACEMENTS:
        body = body.replace(plain, reachable)
    body = re.sub(r'<p class="(collapsed|expanded) admonition-title">(.*?)</p>', r'<span class="\1">\2</span>', body, flags=re.S)
    context["body"] = re.sub(r'<table class="docutils.*?</table>', r'<div class="table-wide" tabindex="0">\g<0></div>', body, flags=re.S)
    used = [name for name in WIDGETS if f'data-widget="{name}"' in body]
    scripts = [script for name in used for script in ([f"{name}.js", "results.js"] if name == "quiz" else [f"{name}.js"])]
    if "data-verify" in body:
        scripts.append("verify.js")
    context["widget_scripts"] = [f"_static/{name}" for name in scripts]
    context["widget_styles"] = [f"_static/{WIDGET_STYLE}"] if scripts else []
    for asset in context["widget_styles"] + context["widget_scripts"]:
        path = Path(app.outdir, asset)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(widget_assets()[path.name], "utf-8", newline="\n")
    context["description"] = description(app.env.metadata.get(pagename, {}), doctree)
    context["is_chapter"] = pagename.startswith("chapters/")
    context["quizzes"] = json.dumps(quiz_lengths())
    if context["is_chapter"]:
        title = re.sub(r"<[^>]+>", "", context["title"])
        context["citations"] = citations(title, pagename, context.get("pageurl") or "")
        context["mistake_form"] = mistake_form(pagename, title)


def description(metadata: dict, doctree: nodes.document | None) -> str:
    """What search engines and shared links say of a page: its own words for it, else its first paragraph, cut at a word."""
    first = doctree.next_node(nodes.paragraph) if doctree else None
    return metadata.get("description") or (textwrap.shorten(first.astext(), 155, placeholder=" …") if first else "")


@cache
def quiz_lengths() -> dict[str, int]:
    """Number of questions by quiz, for the marks in the contents. The banks are checked when their chapters run."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    texts = {name: (QUIZZES / f"{name}.yml").read_text("utf-8") for name in bank_names() if name != "final"}  # it shares its page
    return {name: len(yaml.load(text, loader)["questions"]) for name, text in texts.items()}


BOOK = "Almost Allies? Why Russia never joined NATO"
AUTHORS = "The Almost Allies authors"
YEAR = 2026


def citations(title: str, pagename: str, address: str) -> dict[str, str]:
    """How to cite a chapter: APA, Chicago and BibTeX, with its address if the book has one."""
    key = "almost-allies-" + pagename.rpartition("/")[2]
    title = unescape(title)
    return {
        "APA": f"{AUTHORS}. ({YEAR}). {title}. In {BOOK}. {address}".strip(),
        "Chicago": f"{AUTHORS}. “{title}.” In {BOOK}. {YEAR}. {address}".strip(),
        "BibTeX": f"@incollection{{{key},\n  author = {{{{{AUTHORS}}}}},\n  title = {{{title}}},\n  booktitle = {{{BOOK}}},\n"
                  f"  year = {{{YEAR}}}" + (f",\n  url = {{{address}}}" if address else "") + "\n}",
    }


@cache
def widget_assets() -> dict[str, str]:
    """Page scripts and style sheets of all widgets: text by file name."""
    styles = (quiz.STYLE.read_text("utf-8"), results.STYLE, explore.page_style())
    return {"quiz.js": page_script(quiz.CORE), **results.page_scripts(), **explore.page_scripts(), WIDGET_STYLE: "\n".join(styles)}


def refresh_widget_assets(app: Sphinx) -> None:
    """A later build rewrites only changed pages, but each widget asset in the site must be of today."""
    for name, text in widget_assets().items():
        path = Path(app.outdir, "_static", name)
        if path.exists():
            path.write_text(text, "utf-8", newline="\n")


def drop_unused_assets(app: Sphinx, exception: Exception | None) -> None:
    """Remove what extensions copy for a theme that this book does not use."""
    if exception or app.builder.format != "html":
        return
    static = Path(app.outdir, "_static")
    for pattern in ("mystnb*.css", "basic.css", "pygments.css", "file.png", "plus.png", "minus.png"):
        for path in static.glob(pattern):
            path.unlink()


def setup(app: Sphinx) -> None:
    app.add_directive("explorer", Explorer)
    app.add_role("view", View())
    app.connect("source-read", notebook_facts)
    app.connect("doctree-read", dress_tables)
    app.connect("doctree-read", name_solutions)
    app.connect("html-page-context", add_page_parts)
    app.connect("builder-inited", refresh_widget_assets)
    app.connect("build-finished", drop_unused_assets)
